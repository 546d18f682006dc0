"""Binary attributes of portraits: those of CelebA (Liu et al. 2015) that they can show."""

from types import SimpleNamespace

import numpy as np
import pandas as pd

from aelatent.portraits.factors import NAMES, check_factors
from aelatent.portraits.hair import receding


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
