"""From factors to pictures, and to what is where in them."""

import numpy as np
import pandas as pd

from . import extras, face, hair, scene
from .canvas import REGIONS, Canvas
from .factors import Columns, check_factors, whole_number
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
    values = _checked(factors, size)
    pictures = np.empty((len(values), size, size, 3), np.uint8)
    for rows in _chunks(values):
        pictures[rows] = _paint(values[rows], size)[0]
    return pictures


def regions(factors: pd.DataFrame, size: int = 96) -> np.ndarray:
    """Tell what is where in the portraits: masks of face, hair and background.

    Parameters
    ----------
    factors : pandas.DataFrame
        As in `draw`.
    size : int
        As in `draw`.

    Returns
    -------
    numpy.ndarray
        float32, shape (rows, size, size, 3): the share of each pixel, 0..1, that belongs to
        each of `REGIONS` (face with ears, beard and glasses; hair; background). What is missing
        from 1 is neck, clothes and hats. They are the masks that the layers were painted with,
        before lens and noise.

    Raises
    ------
    TypeError, ValueError
        As in `draw`.

    Examples
    --------
    >>> from aelatent.images import portraits
    >>> masks = portraits.regions(portraits.sample_factors(2))
    >>> masks.shape, bool((masks.sum(-1) < 1.001).all())
    ((2, 96, 96, 3), True)
    """
    values = _checked(factors, size)
    shares = np.empty((len(values), size, size, len(REGIONS)), np.float32)
    for rows in _chunks(values):
        shares[rows] = np.moveaxis(_paint(values[rows], size, shares=True)[1], 1, -1)
    return shares


def faceless(factors: pd.DataFrame, size: int = 96) -> np.ndarray:
    """Draw the portraits without head and neck: background, hair, hats and clothes only.

    A control for whatever looks for faces: it should find none here.

    Parameters
    ----------
    factors : pandas.DataFrame
        As in `draw`.
    size : int
        As in `draw`.

    Returns
    -------
    numpy.ndarray
        uint8 RGB, shape (rows, size, size, 3).

    Raises
    ------
    TypeError, ValueError
        As in `draw`.

    Examples
    --------
    >>> from aelatent.images import portraits
    >>> rows = portraits.sample_factors(2)
    >>> bool((portraits.faceless(rows) != portraits.draw(rows)).any())
    True
    """
    values = _checked(factors, size)
    pictures = np.empty((len(values), size, size, 3), np.uint8)
    for rows in _chunks(values):
        pictures[rows] = _paint(values[rows], size, with_face=False)[0]
    return pictures


def _checked(factors, size):
    """Return factors as an array; refuse them, or the size, where they cannot be drawn."""
    values = check_factors(factors)
    whole_number("size", size, _SIZES[0])
    if size > _SIZES[1]:
        raise ValueError(
            f"size must be at most {_SIZES[1]} pixels; got {size}. Enlarge afterwards."
        )
    return values


def _chunks(values):
    return [slice(start, start + _CHUNK) for start in range(0, len(values), _CHUNK)]


def _paint(values, size, with_face=True, shares=False):
    """Paint a few portraits from checked values (n, factors), layer over layer.

    Returns
    -------
    pictures : numpy.ndarray
        uint8 (n, size, size, 3).
    shares : numpy.ndarray or None
        Of the regions, float32 (n, regions, size, size), if asked for.
    """
    f = Columns(values)
    g = pose(f, size)
    skin, color = face.skin_color(f), hair.hair_color(f)
    canvas = Canvas(scene.background(f, g), shares)
    hang = hair.hanging(f, g)
    hair.curtain(canvas, color, hang, front=False)
    scene.body(canvas, skin, f, g, with_neck=with_face)
    hair.curtain(canvas, color, hang, front=True)
    bare = 1 - hair.covers_ears(f)
    if with_face:
        for side in (-1, 1):
            extras.ear(canvas, skin, side, bare, f, g)
        head, point = face.paint_head(canvas, skin, color, f, g)
        extras.glasses(canvas, head, point, f, g)
    hair.cap(canvas, color, f, g)
    if with_face:
        extras.near_ear(canvas, skin, bare, f, g)
    extras.hat(canvas, f, g)
    return develop(canvas.light, f, g), canvas.shares
