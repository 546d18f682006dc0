"""The factors of a portrait: their names, ranges and units, how they vary and go together."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from aelatent._checks import check_whole
from aelatent.portraits.head import EYES_ROW, eyes_of, turned

_BEARDED, _BEARDLESS = 0.4, 0.55  # hair_length up to which beards grow, and from which none does
_DRAWS = 64  # uniform draws kept per picture: new factors take free ones, the rest stay as they are


class Factor(NamedTuple):
    """One generating factor: a column of the table of factors."""

    name: str
    low: float
    high: float
    unit: str  # of its range, such as "degrees"
    meaning: str  # what grows with it
    # How it varies: "uniform", "normal" (cut at the range), "whole" (uniform integers), "chance"
    # (0 or 1) or "share" (some at `low`, the others uniform).
    shape: str = "uniform"
    spread: tuple[float, ...] = ()  # mean and deviation; probability of a 1, or not to be `low`


#: All factors in the order of the columns.
FACTORS = (
    Factor("yaw", -35, 35, "degrees", "head turned to the picture's right", "normal", (0, 15)),
    Factor("pitch", -20, 20, "degrees", "head tilted back, face up", "normal", (0, 7)),
    Factor("roll", -36, 36, "degrees", "line of the eyes, clockwise", "normal", (0, 1.5)),
    Factor("shift_x", -0.2, 0.2, "picture widths", "eyes to the right", "normal", (0, 0.01)),
    Factor("shift_y", -0.2, 0.2, "picture heights", "eyes down", "normal", (0, 0.01)),
    Factor("scale", 0.5, 0.96, "picture heights", "crown to chin", "normal", (0.78, 0.025)),
    Factor("skin_tone", 0, 1, "share", "0 pale, 1 dark brown", "normal", (0.2, 0.28)),
    Factor("blush", 0, 1, "share", "redness of cheeks and nose", "normal", (0.35, 0.25)),
    Factor("face_width", 0.85, 1.15, "ratio", "width against a mean head", "normal", (1, 0.06)),
    Factor("jaw", -1, 1, "share", "-1 pointed, 1 square", "normal", (0, 0.45)),
    Factor("nose_size", 0.75, 1.3, "ratio", "against a mean nose", "normal", (1, 0.12)),
    Factor("age", 0, 1, "share", "0 smooth, 1 lined", "normal", (0.3, 0.28)),
    Factor("light_azimuth", -80, 80, "degrees", "light from the right", "normal", (0, 40)),
    Factor("light_elevation", -10, 70, "degrees", "light from above", "normal", (32, 16)),
    Factor("ambient", 0.15, 0.8, "share", "light from all around", "normal", (0.42, 0.15)),
    Factor("smile", -0.4, 1, "share", "corners of the mouth up", "normal", (0.45, 0.45)),
    Factor("mouth_open", 0, 1, "share", "lips apart", "share", (0.5,)),
    Factor("mouth_width", 0.85, 1.2, "ratio", "against a mean mouth", "normal", (1, 0.08)),
    Factor("lip_fullness", 0.7, 1.4, "ratio", "against mean lips", "normal", (1, 0.15)),
    Factor("lip_color", 0, 1, "share", "0 skin, 1 deep red", "normal", (0.4, 0.3)),
    Factor("eye_size", 0.88, 1.15, "ratio", "against a mean eye", "normal", (1, 0.06)),
    Factor("eye_open", 0, 1, "share", "0 closed, 1 wide", "normal", (0.62, 0.18)),
    Factor("gaze", -1, 1, "share", "eyes to the picture's right", "normal", (0, 0.35)),
    Factor("iris", 0, 1, "share", "0 brown, 0.5 green, 1 blue", "normal", (0.3, 0.36)),
    Factor("brow_height", -1, 1, "share", "-1 lowered, 1 raised", "normal", (0, 0.4)),
    Factor("brow_arch", 0, 1, "share", "0 straight, 1 arched", "normal", (0.4, 0.25)),
    Factor("brow_weight", 0, 1, "share", "0 thin, 1 bushy", "normal", (0.5, 0.22)),
    Factor("hair_tone", 0, 1, "share", "0 black, 0.5 brown, 1 blond", "normal", (0.26, 0.36)),
    Factor("hair_red", 0, 1, "share", "0 ash, 1 red", "normal", (0.3, 0.22)),
    Factor("hair_gray", 0, 1, "share", "1 gray or white", "share", (0.15,)),
    Factor("hair_length", 0, 1, "share", "0 cropped, 0.5 to the chin, 1 long"),
    Factor("hair_volume", 0, 1, "share", "0 flat, 1 full", "normal", (0.45, 0.24)),
    Factor("hair_wave", 0, 1, "share", "0 straight, 1 curly", "normal", (0.3, 0.3)),
    Factor("fringe", 0, 1, "share", "0 free forehead, 1 to the brows", "normal", (0.22, 0.35)),
    Factor("parting", -1, 1, "share", "-1 on the left, 1 on the right", "normal", (0, 0.5)),
    Factor("receding", 0, 1, "share", "of short hair: 1 bald", "share", (0.3,)),
    Factor("beard", 0, 1, "share", "0 none, 1 full, on cheeks and chin", "share", (0.22,)),
    Factor("moustache", 0, 1, "share", "0 none, 1 full", "share", (0.25,)),
    Factor("stubble", 0, 1, "share", "0 shaven, 1 unshaven for days", "share", (0.3,)),
    Factor("glasses", 0, 1, "yes or no", "1 wears glasses", "chance", (0.13,)),
    Factor("lens_tint", 0, 1, "share", "of glasses: 0 clear, 1 sunglasses", "share", (0.4,)),
    Factor("lens_shape", 0, 1, "share", "of glasses: 0 round, 1 rectangular"),
    Factor("hat", 0, 1, "yes or no", "1 wears a knitted cap", "chance", (0.05,)),
    Factor("neckline", 0, 1, "share", "0 closed, 1 low", "normal", (0.35, 0.3)),
    Factor("clothes_hue", 0, 360, "degrees", "hue of the clothes"),
    Factor("clothes_level", 0, 1, "share", "0 black, 1 white", "normal", (0.3, 0.45)),
    Factor("background_hue", 0, 360, "degrees", "hue of the background"),
    Factor("background_level", 0, 1, "share", "0 black, 1 white"),
    Factor("background_shapes", 0, 1, "share", "contrast behind, blurred", "normal", (0.4, 0.3)),
    Factor("exposure", -1, 1, "stops", "brightness of the whole picture", "normal", (0.25, 0.35)),
    Factor("warmth", -1, 1, "share", "-1 bluish, 1 yellowish light", "normal", (0.1, 0.4)),
    Factor("blur", 0, 1, "share", "lens: 0 sharp, 1 soft", "share", (0.5,)),
    Factor("noise", 0, 6, "gray levels", "sensor noise, standard deviation", "normal", (2, 1)),
    Factor("texture", 0, 2**24 - 1, "key", "strands, shapes behind, grain of the noise", "whole"),
)

#: Correlations of the normal scores behind the factors, as in real photos (others are 0).
CORRELATIONS = {
    ("skin_tone", "hair_tone"): -0.55,
    ("skin_tone", "iris"): -0.45,
    ("hair_tone", "iris"): 0.4,
    ("smile", "mouth_open"): 0.45,
    ("smile", "eye_open"): -0.2,
    ("smile", "mouth_width"): 0.2,
    ("hair_length", "beard"): -0.5,
    ("hair_length", "moustache"): -0.45,
    ("hair_length", "stubble"): -0.4,
    ("hair_length", "receding"): -0.4,
    ("hair_length", "lip_color"): 0.45,
    ("hair_length", "jaw"): -0.3,
    ("hair_length", "brow_weight"): -0.25,
    ("hair_length", "brow_arch"): 0.2,
    ("hair_length", "hair_volume"): 0.25,
    ("hair_length", "neckline"): 0.25,
    ("beard", "moustache"): 0.65,
    ("beard", "stubble"): 0.35,
    ("beard", "receding"): 0.2,
    ("beard", "lip_color"): -0.3,
    ("beard", "jaw"): 0.25,
    ("beard", "brow_weight"): 0.25,
    ("moustache", "stubble"): 0.3,
    ("moustache", "lip_color"): -0.25,
    ("stubble", "lip_color"): -0.25,
    ("brow_weight", "brow_arch"): -0.2,
    ("age", "glasses"): 0.3,
    ("age", "hair_gray"): 0.55,
    ("age", "receding"): 0.35,
    ("receding", "hair_gray"): 0.3,
    ("yaw", "gaze"): 0.3,
    ("roll", "yaw"): -0.2,
    ("ambient", "background_level"): 0.35,
}

#: Means and standard deviations of the pose of portraits that nobody aligned, in the same units:
#: there ``shift_x`` and ``shift_y`` are the face's, ``scale`` the head's, ``roll`` its lean.
FREE_POSE = {
    "yaw": (0, 16),
    "pitch": (0, 8),
    "roll": (0, 6),
    "shift_x": (0, 0.035),
    "shift_y": (0, 0.035),
    "scale": (0.79, 0.06),
}
_FREE_RANGE = {"roll": (-20, 20), "shift_x": (-0.1, 0.1), "shift_y": (-0.1, 0.1)}

NAMES = tuple(factor.name for factor in FACTORS)


def correlation_matrix() -> pd.DataFrame:
    """Return the correlations of the normal scores behind the factors, by name."""
    matrix = pd.DataFrame(np.eye(len(NAMES)), index=list(NAMES), columns=list(NAMES))
    for (one, other), value in CORRELATIONS.items():
        matrix.loc[one, other] = matrix.loc[other, one] = value
    return matrix


def sample_factors(n: int, seed: int = 0, start: int = 0, *, aligned: bool = True) -> pd.DataFrame:
    """Draw the factors of pictures ``start`` to ``start + n - 1`` of a seed.

    A row depends on the seed and its own number only. ``roll``, ``shift_x`` and
    ``shift_y`` are of the line through the eyes and its middle; ``scale`` is the height of a head
    that faces the viewer with eyes as far apart.

    Parameters
    ----------
    n, seed, start : int
        Number of rows, seed of the draw, and number of the first row; each 0 or more.
    aligned : bool
        Eyes in place, as in CelebA; False lets heads turn, lean, move and shrink, nothing else.

    Returns
    -------
    pandas.DataFrame
        A column per `FACTORS`, float32 or (whole numbers) int32; the index runs from `start`.
    """
    n, seed, start = (
        check_whole(name, value, 0) for name, value in (("n", n), ("seed", seed), ("start", start))
    )
    # Philox counts blocks of four numbers, so that any row can be reached without the ones before.
    generator = np.random.Philox(np.random.SeedSequence(seed))
    generator.advance(start * _DRAWS // 4)
    bits = generator.random_raw(n * _DRAWS).reshape(n, _DRAWS) >> np.uint64(11)
    scores = ndtri((bits[:, : len(FACTORS)] + 0.5) * 2.0**-53)  # independent, normal
    level = ndtr(_mix(scores))  # correlated, uniform in 0..1
    columns = {f.name: quantile(f, level[:, k]) for k, f in enumerate(FACTORS)}
    # Who wears the hair long seldom has a beard.
    bare = np.clip((columns["hair_length"] - _BEARDED) / (_BEARDLESS - _BEARDED), 0, 1)
    for name in ("beard", "moustache", "stubble"):
        columns[name] = columns[name] * (1 - bare)
    if not aligned:
        columns |= _free_pose({name: level[:, NAMES.index(name)] for name in FREE_POSE})
    return pd.DataFrame(columns, index=pd.RangeIndex(start, start + n))


def check_factors(factors: pd.DataFrame) -> np.ndarray:
    """Refuse factors that cannot be drawn; return them in the order of `FACTORS`."""
    if not isinstance(factors, pd.DataFrame):
        raise TypeError(
            f"factors must be a DataFrame as sample_factors makes it; got {type(factors).__name__}."
        )
    names = list(factors.columns)
    if sorted(map(str, names)) != sorted(NAMES):
        missing = [name for name in NAMES if name not in names]
        unknown = [name for name in names if name not in NAMES]
        raise ValueError(
            f"factors must have each column of FACTORS once; missing {missing}, unknown {unknown}, "
            f"got {len(names)} columns. Start from sample_factors and change its columns."
        )
    try:
        values = factors[list(NAMES)].to_numpy(dtype=np.float64)  # (rows, factors)
    except (TypeError, ValueError) as error:
        raise ValueError(f"factors must be numbers; got {error}.") from error
    low, high = np.float32([(factor.low, factor.high) for factor in FACTORS]).T
    whole = np.array([factor.shape in ("whole", "chance") for factor in FACTORS])
    wrong = ~((values >= low) & (values <= high)) | (whole & (values != np.floor(values)))
    if wrong.any():
        k, row = np.argwhere(wrong.T)[0]
        factor, kind = FACTORS[k], "whole numbers" if whole[k] else "numbers"
        raise ValueError(
            f"factor {factor.name!r} must be {kind} from {factor.low:g} to {factor.high:g} "
            f"({factor.unit}); got {values[row, k]!r} in row {row}. Clip it to its range."
        )
    return values


class Columns:
    """Checked factors of some pictures: each is an attribute, float32 (n, 1, 1)."""

    # `values` is what `check_factors` returns. Columns are cut out of it when they are first asked
    # for, since most layers need few of them.
    def __init__(self, values):
        self._values = values
        self.texture = values[:, NAMES.index("texture"), None, None].astype(np.int64)

    def __getattr__(self, name):
        if name not in NAMES:
            raise AttributeError(f"there is no factor {name!r}")
        value = self._values[:, NAMES.index(name), None, None].astype(np.float32)
        setattr(self, name, value)
        return value

    def rows(self, some) -> "Columns":
        """Return the factors of some of the pictures."""
        return Columns(self._values[some])


def _mix(scores):
    """Correlate independent normal scores (n, factors), column by column."""
    # A sum over a fixed order of columns, not a matrix product: products round differently for
    # different numbers of rows.
    root = np.linalg.cholesky(correlation_matrix().to_numpy())
    mixed = np.zeros_like(scores)
    for row, column in zip(*np.nonzero(root), strict=True):
        mixed[:, row] += root[row, column] * scores[:, column]
    return mixed


def _free_pose(level):
    """Return the pose of heads that nobody aligned from levels 0..1, as what their eyes do."""
    known = {factor.name: factor for factor in FACTORS}
    free = {}
    for name, spread in FREE_POSE.items():
        low, high = _FREE_RANGE.get(name, (known[name].low, known[name].high))
        free[name] = quantile(known[name]._replace(low=low, high=high, spread=spread), level[name])
    turn = turned(np.radians(free["yaw"]), np.radians(free["pitch"]))
    right, down, apart, tilt = eyes_of(turn)
    lean = np.radians(free["roll"])
    # A photographer centers the face, not the skull, which stays behind when the head turns.
    x = 2 * free["shift_x"] - 0.42 * turn[0][2] * free["scale"]
    y = 2 * free["shift_y"] + 0.3 * turn[2][1] * free["scale"] - 0.03
    x += free["scale"] * (np.cos(lean) * right - np.sin(lean) * down)
    y += free["scale"] * (np.sin(lean) * right + np.cos(lean) * down)
    pose = {
        "yaw": free["yaw"],
        "pitch": free["pitch"],
        "roll": free["roll"] + np.degrees(tilt),
        "shift_x": x / 2,
        "shift_y": (y - EYES_ROW) / 2,
        "scale": free["scale"] * apart,
    }
    return {name: value.astype(np.float32) for name, value in pose.items()}


def quantile(factor: Factor, level):
    """Return the values below which the shares `level` (n,) of a factor lie."""
    low, high = factor.low, factor.high
    if factor.shape == "chance":
        return (level > 1 - factor.spread[0]).astype(np.int32)
    if factor.shape == "whole":
        return np.minimum(low + level * (high - low + 1), high).astype(np.int32)
    if factor.shape == "normal":
        mean, sd = factor.spread
        cut = ndtr((low - mean) / sd), ndtr((high - mean) / sd)
        value = mean + sd * ndtri(cut[0] + level * (cut[1] - cut[0]))
    elif factor.shape == "share":
        rest = 1 - factor.spread[0]
        value = low + (high - low) * np.maximum((level - rest) / (1 - rest), 0)
    else:
        value = low + level * (high - low)
    return np.clip(value.astype(np.float32), np.float32(low), np.float32(high))
