"""What is in a portrait: attributes of CelebA (Liu et al. 2015), and where eyes and mouth are."""

from types import SimpleNamespace

import numpy as np
import pandas as pd

from aelatent.portraits.drawing import regions
from aelatent.portraits.factors import NAMES, check_factors
from aelatent.portraits.hair import receding
from aelatent.portraits.head import EYES_ROW


def attributes(factors: pd.DataFrame) -> pd.DataFrame:
    """Derive binary attributes from factors: thresholds, our choice, under CelebA's names.

    Parameters
    ----------
    factors : pandas.DataFrame
        As `sample_factors` returns it.

    Returns
    -------
    pandas.DataFrame
        int8, 0 or 1, a column per attribute in alphabetical order; the index of `factors`.
    """
    values = check_factors(factors)
    f = SimpleNamespace(**{name: values[:, k] for k, name in enumerate(NAMES)})
    gone = receding(f)
    bald = gone > 0.85
    haired = ~bald & (f.hat == 0)
    gray = f.hair_gray > 0.4
    red = f.hair_red > 0.6
    colored = ~bald & ~gray & ~red
    # CelebA's were judged by eye; those that portraits do not show (earrings) are left out.
    table = {
        "5_o_Clock_Shadow": (f.stubble > 0.3) & (f.beard < 0.3),
        "Arched_Eyebrows": f.brow_arch > 0.6,
        "Bags_Under_Eyes": f.age > 0.6,
        "Bald": bald,
        "Bangs": haired & (f.fringe * (1 - gone) > 0.5),
        "Big_Lips": f.lip_fullness > 1.15,
        "Big_Nose": f.nose_size > 1.12,
        "Black_Hair": colored & (f.hair_tone < 0.18),
        "Blond_Hair": colored & (f.hair_tone > 0.65),
        "Blurry": f.blur > 0.7,
        "Brown_Hair": colored & (f.hair_tone >= 0.18) & (f.hair_tone <= 0.65),
        "Bushy_Eyebrows": f.brow_weight > 0.7,
        "Eyeglasses": f.glasses == 1,
        "Gray_Hair": ~bald & gray,
        "Mouth_Slightly_Open": f.mouth_open > 0.15,
        "Mustache": f.moustache > 0.35,
        "Narrow_Eyes": f.eye_open < 0.4,
        "No_Beard": np.maximum(np.maximum(f.beard, f.moustache), f.stubble) < 0.2,
        "Pale_Skin": f.skin_tone < 0.06,
        "Receding_Hairline": haired & (gone > 0.35),
        "Rosy_Cheeks": f.blush > 0.6,
        "Smiling": f.smile > 0.5,
        "Straight_Hair": haired & (f.hair_length > 0.1) & (f.hair_wave < 0.15),
        "Wavy_Hair": haired & (f.hair_length > 0.1) & (f.hair_wave > 0.5),
        "Wearing_Hat": f.hat == 1,
        "Wearing_Lipstick": f.lip_color > 0.6,
        "Young": f.age < 0.45,
    }
    return pd.DataFrame(table, index=factors.index).astype(np.int8)


PARTS = ("eyes", "mouth", "rest of the face", "hair", "background")
#: Boxes about one eye or the mouth, in head units from the middle between the eyes: its middle to
#: the right (on either side) and down, and half its width and height.
_BOXES = ((0.28, 0.0, 0.22, 0.12), (0.0, 0.62, 0.32, 0.18))


def parts(index: pd.DataFrame, size: int) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return masks of eyes, mouth, rest of the face, hair and background, and their names."""
    if not set(NAMES) <= set(index.columns):  # no painted portraits: no masks
        return np.zeros((len(index), size, size, 0), np.float32), ()
    f = index[["shift_x", "shift_y", "scale", "roll"]].to_numpy(np.float32).T[..., None, None]
    grid = (np.arange(size, dtype=np.float32) + 0.5) * 2 / size - 1  # the picture in -1..1
    x, y = (grid - 2 * f[0]) / f[2], (grid[:, None] - 2 * f[1] - EYES_ROW) / f[2]
    lean = np.radians(f[3])
    right, down = np.cos(lean) * x + np.sin(lean) * y, np.cos(lean) * y - np.sin(lean) * x
    face, hair, background = np.moveaxis(regions(index[list(NAMES)], size), -1, 0)
    eyes, mouth = (
        face * ((np.abs(np.abs(right) - across) < wide) & (np.abs(down - below) < tall))
        for across, below, wide, tall in _BOXES
    )
    return np.stack([eyes, mouth, face - eyes - mouth, hair, background], axis=-1), PARTS
