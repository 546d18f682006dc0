"""Pictures and masks of regions from factors, and series: the layers, the lens and the sensor."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
import pandas as pd

from aelatent._checks import check_one_of, check_whole, is_whole
from aelatent.portraits import extras, face, hair, head, scene
from aelatent.portraits.factors import FACTORS, Columns, check_factors, quantile
from aelatent.portraits.fields import ramp, root
from aelatent.portraits.painting import REGIONS, Canvas, grain, keyed, pick
from aelatent.portraits.windows import parts, together

#: Goes up whenever the same factors give another picture, or the same seed other factors.
VERSION = 3

_SHOULDER = 0.25  # bend of the display curve
_WHITE = 255**2 * (1 + _SHOULDER)  # square of the display value that light 1 gets, unbent
_SOFTEST = 0.008  # standard deviation of the softest lens, picture sides
_WIDEST = 0.6  # largest variance of one pass, pixels²
_PARTS = 6  # parts of the pictures drawn together


def draw(factors: pd.DataFrame, size: int = 96) -> np.ndarray:
    """Draw one portrait per row of `factors`; it depends on its row and the size only.

    Parameters
    ----------
    factors : pandas.DataFrame
        As `sample_factors` returns it, perhaps with changed values; any order of columns.
    size : int
        Side of the pictures in pixels, 16 to 512.

    Returns
    -------
    numpy.ndarray
        uint8 RGB, shape (rows, size, size, 3); across processors a gray level may differ by one.
    """
    return draw_all(_check(factors, size), size)


def regions(factors: pd.DataFrame, size: int = 96) -> np.ndarray:
    """Tell what is where in the portraits: masks of face, hair and background.

    Parameters
    ----------
    factors, size : pandas.DataFrame and int
        As in `draw`.

    Returns
    -------
    numpy.ndarray
        float32 (rows, size, size, 3): share 0..1 of each of `REGIONS`, before lens and noise.
    """
    values = _check(factors, size)
    shares = np.empty((len(values), size, size, len(REGIONS)), np.float32)
    for rows, light in _batches(values, size):
        canvas = _paint(light, Columns(values[rows]), shares=True)
        shares[rows] = np.moveaxis(canvas.shares, 1, -1)
    return shares


def _check(factors, size):
    """Return factors as an array; refuse them, or the size, where they cannot be drawn."""
    check_whole("size", size, 16, 512, hint="Enlarge afterwards.")
    return check_factors(factors)


def _batches(values, size):
    """Yield numbers of pictures to draw together, with equally wide heads, and room for them."""
    f = Columns(values)
    g = head.pose(f, size)
    _, _, half_width, _ = head.skull_extent(f, g)
    order = np.argsort((g.unit * half_width).ravel(), kind="stable")
    count = min(_PARTS * together(size), len(order))
    light = np.empty((count, 3, size, size), np.float32)  # for all: new memory takes time
    for start in range(0, len(order), max(count, 1)):
        rows = order[start : start + count]
        yield rows, light[: len(rows)]


def draw_all(values, size, with_face=True):
    """Draw pictures, uint8 (n, size, size, 3), from checked values (n, factors)."""
    pictures = np.empty((len(values), size, size, 3), np.uint8)
    for rows, light in _batches(values, size):
        f = Columns(values[rows])
        _paint(light, f, with_face)
        for part in parts(len(rows), size):
            _develop(light[part], f.rows(part), pictures, rows[part])
    return pictures


def _paint(light, f, with_face=True, shares=False):
    """Paint portraits on light (n, 3, size, size), layer over layer; return the canvas."""
    n, size = len(light), light.shape[-1]
    g = head.pose(f, size)
    some = [(rows, f.rows(rows), pick(g, rows)) for rows in parts(n, size)]
    skin, color = face.skin_color(f), hair.hair_color(f)
    canvas = Canvas(light, shares)
    for rows, its_f, its_g in some:
        scene.background(light[rows], its_f, its_g)
    hang = hair.hanging(f, g)
    hair.curtain(canvas, color, hang, front=False)
    for rows, its_f, its_g in some:
        scene.body(canvas, rows, skin[rows], its_f, its_g, with_neck=with_face)
    hair.curtain(canvas, color, hang, front=True)
    # Hair or a hat hides the ears.
    bare = 1 - ramp(np.maximum((f.hair_length - 0.4) * 8, 0.8 * f.hat))
    if with_face:
        for side in (-1, 1):
            extras.ear(canvas, skin, np.full_like(bare, side), bare, f, g)
        face.paint_heads(canvas, skin, color, f, g)
        extras.glasses(canvas, f, g)
    hair.caps(canvas, color, f, g)
    if with_face:
        extras.near_ear(canvas, skin, bare, f, g)
    extras.hat(canvas, f, g)
    return canvas


def _develop(picture, f, pictures, rows):
    """Turn light (n, 3, size, size), used up, into display values: ``pictures[rows]``, uint8."""
    warmth = np.array([0.16, 0, -0.22], np.float32)[None, :, None, None] * f.warmth[:, None]
    picture *= np.exp2(f.exposure[:, None]) * np.exp(warmth)
    picture.clip(0, 9, out=picture)
    _soften(picture, f)
    bend, planes = np.empty_like(picture[0]), np.empty(picture.shape[1:], np.uint8)
    for light, noise, row in zip(picture, _noise(f, picture.shape[-1]), rows, strict=True):
        np.multiply(light, _SHOULDER / _WHITE, out=bend)
        bend += 1 / _WHITE
        light /= bend  # highlights bend before they are cut at white
        root(light)
        light += noise
        light += 0.5
        light.clip(0, 255, out=light)
        planes[:] = light
        cv2.merge(planes, pictures[row])  # ten times quicker than a transposed copy


def _noise(f, size):
    """Yield each picture's noise, (3, size, size), each from another place of one tile."""
    noise = grain()
    room = noise.shape[-1] - size
    start = (keyed(f.texture.ravel() + 4, 2)[:, :, 0, 0] * room).astype(np.intp)
    for strength, (row, column) in zip(f.noise.ravel(), start, strict=True):
        yield strength * noise[:, row : row + size, column : column + size]


def _soften(picture, f):
    """Blur the pictures that a soft lens took, in place."""
    some = np.flatnonzero(f.blur.ravel() > 0)
    if not some.size:
        return
    # Passes of a kernel (b, 1 - 2b, b), whose variance is 2b, along rows and columns; as many as
    # the softest lens needs, so that none depends on the pictures beside it.
    softest = _SOFTEST * picture.shape[-1]
    passes = int(np.ceil(softest**2 / _WIDEST))
    share = (softest * f.blur[some, None]) ** 2 / (2 * passes)
    part = picture[some]
    for _ in range(passes):
        _blur(part, share)
        _blur(part.swapaxes(2, 3), share)
    picture[some] = part


def _blur(part, share):
    """Blur along the third axis, in place; what lies beyond the border is as the border."""
    near = np.empty_like(part)
    np.add(part[:, :, 2:], part[:, :, :-2], out=near[:, :, 1:-1])
    np.add(part[:, :, 0], part[:, :, 1], out=near[:, :, 0])
    np.add(part[:, :, -1], part[:, :, -2], out=near[:, :, -1])
    near *= share
    part *= 1 - 2 * share
    part += near


class Series(NamedTuple):
    """A series of portraits: a row of factors each, and its picture, uint8 (n, size, size, 3)."""

    factors: pd.DataFrame
    images: np.ndarray


def typical() -> pd.DataFrame:
    """Return the factors of one typical portrait, one row: the median of each factor."""
    middle = np.array([0.5])
    return pd.DataFrame({factor.name: quantile(factor, middle) for factor in FACTORS})


def sweep(
    factor: str, values: int | Sequence[float] = 9, rest: pd.DataFrame | None = None, size: int = 96
) -> Series:
    """Draw a series in which one factor runs and the others rest.

    Parameters
    ----------
    factor : str
        Name of one of `FACTORS`.
    values : int or sequence of float
        Its values, in its unit, or how many, evenly over its range (whole numbers: each once).
    rest : pandas.DataFrame, optional
        One row of factors that all portraits share; default: `typical`.
    size : int
        As in `draw`.

    Returns
    -------
    Series
        Its factors and images.
    """
    known = {one.name: one for one in FACTORS}
    check_one_of("factor", factor, known)
    rest = typical() if rest is None else rest
    check_factors(rest)
    if len(rest) != 1:
        raise ValueError(
            f"rest must be one row of factors; got {len(rest)}. Take one with factors.iloc[[i]]."
        )
    chosen = _values(known[factor], values)
    rows = rest.iloc[np.zeros(len(chosen), int)].reset_index(drop=True)
    rows[factor] = chosen
    return Series(rows, draw(rows, size))


def _values(factor, values):
    """Return the values of one factor as an array of its type."""
    if is_whole(values):
        check_whole("values", values, 1, hint="Or give the values themselves, a list.")
        values = np.linspace(factor.low, factor.high, values)
        if factor.shape in ("whole", "chance"):
            values = np.unique(np.round(values))
    chosen = np.asarray(values)
    if chosen.ndim != 1 or not chosen.size or chosen.dtype.kind not in "if":
        raise ValueError(f"values must be a count, or a list of numbers; got {values!r}.")
    return chosen.astype(np.float64 if factor.shape == "whole" else np.float32)
