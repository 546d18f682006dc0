"""Scores of latent vectors and of what is decoded from them, from arrays.

That hair and background suffer before the features of a face is an observation of post VI of the
series on fragmentation; how it is measured, and the other scores, are our choice.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from aelatent._checks import chunks, points

_ROWS = 64  # pictures at a time: 14 MB of float64 at 96 x 96
_ROUNDED = 1.001  # shares of a pixel are products in float32, and may exceed 1 by rounding


def cycle_error(z: np.ndarray, again: np.ndarray) -> np.ndarray:
    """Return how far latent vectors come back from where they were: decoded, and encoded again.

    Where the Decoder draws what the Encoder knows, z comes back; outside it does not.

    Parameters
    ----------
    again : float (n, d)
        What the Encoder makes of the decoded pictures of `z`.

    Returns
    -------
    float64 (n,)
        ``|again - z| / |z|`` (L2 norms), 0 or more; infinite if the origin does not come back.

    Examples
    --------
    >>> cycle_error(np.array([[3.0, 4.0]]), np.array([[3.0, 3.0]]))
    array([0.2])
    """
    z = points(z)
    again = points(again, z.shape[1])
    if len(again) != len(z):
        raise ValueError(f"expected as many vectors again, {len(z)}; got {len(again)}.")
    parts = zip(chunks(z), chunks(again), strict=True)
    pairs = [(np.linalg.norm(b - a, axis=1), np.linalg.norm(a, axis=1)) for a, b in parts]
    off, length = np.hstack(pairs)
    with np.errstate(divide="ignore"):
        return np.divide(off, length, out=np.zeros(len(off)), where=(length > 0) | (off > 0))


def picture_steps(images: np.ndarray) -> np.ndarray:
    """Return by how much each picture of a row of pictures differs from the one before.

    Parameters
    ----------
    images : uint8, or float in 0..1, (n, h, w, 3)
        Pictures in order, n at least 1, for instance decoded along a path.

    Returns
    -------
    float64 (n,)
        Root mean square change of the pixels, which count as 0..1; the first is NaN.
    """
    images = _pictures("images", images)
    # Each part begins with the last picture of the part before it.
    parts = (slice(part.start, part.stop + 1) for part in _parts(images))
    changes = (np.diff(_pixels("images", images[part]), axis=0) for part in parts)
    steps = [np.sqrt(np.mean(change**2, axis=(1, 2, 3))) for change in changes]
    return np.concatenate([[np.nan], *steps])


def region_errors(
    images: np.ndarray, decoded: np.ndarray, masks: np.ndarray, names: Sequence[str]
) -> pd.DataFrame:
    """Compare the error of decoded pictures between regions: face, hair, background.

    Regions differ in how much there is to get wrong, so each error also stands in relation to that
    of showing the average of all pictures.

    Parameters
    ----------
    images, decoded : uint8, or float in 0..1, (n, h, w, 3)
        The originals, n at least 1, in memory or memory-mapped, and what the Decoder makes of them.
    masks, names : float (n, h, w, r) and sequence of r str
        Share of each pixel, 0..1, in each region, for instance `portraits.regions`; their names.

    Returns
    -------
    pandas.DataFrame
        Index ``region``: `names`, and last ``"all"`` for the whole pictures. With pixels in 0..1
        and means weighted by the masks, columns ``error`` (mean squared error), ``spread`` (mean
        squared deviation from the mean of `images`), ``unexplained`` (error / spread; infinite
        where nothing varies but errors are made), ``area`` (mean share of the picture, 0..1) and
        ``n`` (pictures that show the region; if none, the first three are NaN).

    Examples
    --------
    >>> images, left = np.zeros((2, 8, 8, 3)), np.zeros((2, 8, 8, 1))
    >>> images[1], left[:, :, :4] = 1, 1
    >>> region_errors(images, images / 2 + 0.25, left, ["left"])["unexplained"].to_dict()
    {'left': 0.25, 'all': 0.25}
    """
    images, decoded = _pictures("images", images), _pictures("decoded", decoded)
    if decoded.shape != images.shape:
        raise ValueError(
            f"decoded must have the shape of images, {images.shape}; got {decoded.shape}. "
            "Pass the same pictures, decoded."
        )
    masks, names = _masks(masks, images.shape[:3], names)
    mean = _mean_picture(images)
    error, spread, area, shown = (np.zeros(len(names)) for _ in range(4))
    for part in _parts(images):
        pixels = _pixels("images", images[part])
        shares = _shares(masks[part])  # (rows, h, w, r + 1)
        off = np.mean((_pixels("decoded", decoded[part]) - pixels) ** 2, axis=3)
        error += np.tensordot(off, shares, 3)
        spread += np.tensordot(np.mean((pixels - mean) ** 2, axis=3), shares, 3)
        area += shares.sum(axis=(0, 1, 2))
        shown += shares.any(axis=(1, 2)).sum(axis=0)
    table = pd.DataFrame({"error": error, "spread": spread}, pd.Index(names, name="region"))
    table = table.div(np.where(area > 0, area, np.nan), axis=0)
    table["unexplained"] = table["error"] / table["spread"]
    table["area"] = area / area[-1]
    table["n"] = shown.astype(int)
    return table


def _pictures(name: str, images: np.ndarray) -> np.ndarray:
    """Return pictures as an array, refused unless (n, h, w, 3), not empty, and uint8 or float."""
    images = np.asanyarray(images)
    if images.ndim != 4 or images.shape[3] != 3 or images.size == 0:
        raise ValueError(
            f"{name} must be an array (n, h, w, 3), n at least 1; got shape {images.shape}. "
            "A single picture p is passed as p[None]."
        )
    if images.dtype != np.uint8 and images.dtype.kind != "f":
        raise ValueError(
            f"{name} must be uint8, or float in 0..1; got {images.dtype}. Convert with astype."
        )
    return images


def _parts(images: np.ndarray) -> list[slice]:
    """Return the rows of all pictures, some at a time."""
    return [slice(start, start + _ROWS) for start in range(0, len(images), _ROWS)]


def _pixels(name: str, part: np.ndarray) -> np.ndarray:
    """Return pictures as float64 in 0..1, refused where they leave that range."""
    return part / 255.0 if part.dtype == np.uint8 else _within(name, part, 1)


def _within(name: str, part: np.ndarray, most: float) -> np.ndarray:
    """Return `part` as float64, refused unless it lies in 0..1, or up to `most` by rounding."""
    part = np.asarray(part, dtype=np.float64)
    low, high = part.min(), part.max()
    if not (low >= 0 and high <= most):  # also for NaN
        raise ValueError(
            f"{name} must lie in 0..1; got values from {low:g} to {high:g}. "
            "Scale or clip them before."
        )
    return part


def _mean_picture(images: np.ndarray) -> np.ndarray:
    """Return the mean picture, float64 (h, w, 3); exact where all pictures are the same."""
    first = _pixels("images", images[:1])
    parts = (_pixels("images", images[part]) for part in _parts(images))
    return first[0] + sum((part - first).sum(axis=0) for part in parts) / len(images)


def _masks(masks, shape: tuple[int, ...], names: Sequence[str]) -> tuple[np.ndarray, list[str]]:
    """Return masks and the names of all rows of the table, refused unless they fit."""
    masks, names = np.asanyarray(masks), [*names, "all"]
    if len(set(names)) < len(names):
        raise ValueError(
            f"names must be different ones, and none of them 'all'; got {names[:-1]!r}. "
            "For instance ('face', 'hair', 'background')."
        )
    if masks.shape != (*shape, len(names) - 1):
        raise ValueError(
            f"masks must have the shape {(*shape, len(names) - 1)}, one mask of each picture for "
            f"each of the names; got {masks.shape}. Pass the masks of the same pictures."
        )
    return masks, names


def _shares(part: np.ndarray) -> np.ndarray:
    """Return masks as float64, with one more that is 1 everywhere."""
    return np.concatenate([_within("masks", part, _ROUNDED), np.ones((*part.shape[:3], 1))], axis=3)
