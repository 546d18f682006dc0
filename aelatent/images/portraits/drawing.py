"""From factors to pictures."""

from types import SimpleNamespace

import numpy as np
import pandas as pd

from . import extras, face, hair, scene
from .factors import NAMES, check_factors, whole_number
from .finish import develop
from .head import pose

_CHUNK = 16  # pictures drawn at once: their fields fit into the processor's cache
_SIZES = 16, 512


def draw(factors: pd.DataFrame, size: int = 96) -> np.ndarray:
    """Draw one portrait per row of `factors`.

    A picture depends on its row and the size only. Across processors it may differ by one gray
    level where a value lies between two.

    Parameters
    ----------
    factors : pandas.DataFrame
        As `sample_factors` returns it, perhaps with changed values; any order of columns.
    size : int
        Side of the pictures in pixels, 16 to 512.

    Returns
    -------
    numpy.ndarray
        uint8 RGB, shape (rows, size, size, 3).

    Raises
    ------
    TypeError
        If `factors` is no DataFrame.
    ValueError
        If a column is missing or unknown, a value is NaN or out of range, or the size is.

    Examples
    --------
    >>> from aelatent.images import portraits
    >>> rows = portraits.sample_factors(2)
    >>> portraits.draw(rows.assign(smile=1.0)).shape
    (2, 96, 96, 3)
    """
    values = check_factors(factors)
    whole_number("size", size, _SIZES[0])
    if size > _SIZES[1]:
        raise ValueError(
            f"size must be at most {_SIZES[1]} pixels; got {size}. Enlarge afterwards."
        )
    pictures = np.empty((len(values), size, size, 3), np.uint8)
    for start in range(0, len(values), _CHUNK):
        rows = values[start : start + _CHUNK]
        pictures[start : start + _CHUNK] = _draw(rows, int(size))
    return pictures


def _draw(values, size):
    """Draw a few pictures from checked values (n, factors), layer over layer."""
    columns = {name: values[:, k, None, None].astype(np.float32) for k, name in enumerate(NAMES)}
    f = SimpleNamespace(**columns)
    f.texture = values[:, NAMES.index("texture"), None, None].astype(np.int64)
    g = pose(f, size)
    skin, color = face.skin_color(f), hair.hair_color(f)
    picture = scene.background(f, g)
    hang = hair.hanging(f, g)
    hair.curtain(picture, color, hang, front=False)
    scene.body(picture, skin, f, g)
    hair.curtain(picture, color, hang, front=True)
    bare = 1 - hair.covers_ears(f)
    for side in (-1, 1):
        extras.ear(picture, skin, side, bare, f, g)
    head, point = face.paint_head(picture, skin, color, f, g)
    extras.glasses(picture, head, point, f, g)
    hair.cap(picture, color, f, g)
    extras.near_ear(picture, skin, bare, f, g)
    return develop(picture, f, g)
