"""Scores of latent vectors and of what is decoded from them, from arrays.

That hair and background suffer before the features of a face is an observation of post VI of the
series on fragmentation; how it is measured, and the other scores, are our choice.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.metrics import pairwise_distances_chunked

from aelatent._checks import (
    check_each,
    check_number,
    check_pictures,
    check_points,
    check_same_space,
    check_whole,
    check_within,
    chunks,
)
from aelatent.latent.neighbors import nearest
from aelatent.latent.principal import Moments, symmetric_root

_ROWS = 64  # pictures at a time: 14 MB of float64 at 96 x 96
_ROUNDED = 1.001  # shares of a pixel are products in float32, and may exceed 1 by rounding
_MEMORY = 128  # MiB of distances at a time
_CLOSE = 0.01  # share of the held-out codes that count as close to a training code


class Memorization(NamedTuple):
    """How near drawn and held-out vectors come to training codes; see `memorization`."""

    drawn: float  # median distance to the nearest training code, in the unit of the codes
    held_out: float  # the same of the held-out codes
    ratio: float  # drawn / held_out; NaN where that is 0 / 0
    closer: float  # share of drawn vectors below the 1 % quantile of the held-out codes' distances


def cycle_error(z: np.ndarray, again: np.ndarray, spread: float) -> np.ndarray:
    """Return how far latent vectors come back from where they were: decoded, and encoded again.

    Where the Decoder draws what the Encoder knows, z comes back; outside it does not. The unit is
    one for all vectors: their own length would measure from an origin that nothing fixes.

    Parameters
    ----------
    again : float (n, d)
        What the Encoder makes of the decoded pictures of `z`.
    spread : float
        That of the z-points, above 0: `PrincipalAxes.spread`, for instance ``run.axes.spread``.

    Returns
    -------
    float64 (n,)
        ``|again - z| / spread`` (L2 norm), 0 or more.
    """
    z = check_points(z)
    again = check_points(again, z.shape[1])
    check_each("a vector again", again, len(z), "vectors")
    check_number("spread", spread, above=0, hint="Take that of the run's axes.")
    parts = zip(chunks(z), chunks(again), strict=True)
    return np.concatenate([np.linalg.norm(b - a, axis=1) for a, b in parts]) / spread


def sharpness(images: np.ndarray) -> np.ndarray:
    """Return the mean change from a pixel to the next in its row, gray levels of 255: (n,)."""
    images = check_pictures("images", images)
    parts = (np.diff(_pixels("images", images[part]), axis=2) for part in _parts(images))
    return np.concatenate([255 * np.abs(change).mean(axis=(1, 2, 3)) for change in parts])


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
        where nothing varies but errors are made), ``se`` (its standard error, over pictures),
        ``area`` (mean share of the picture, 0..1) and ``n`` (pictures that show the region; if
        none, the first four are NaN).

    Examples
    --------
    >>> images, left = np.zeros((2, 8, 8, 3)), np.zeros((2, 8, 8, 1))
    >>> images[1], left[:, :, :4] = 1, 1
    >>> region_errors(images, images / 2 + 0.25, left, ["left"])["unexplained"].to_dict()
    {'left': 0.25, 'all': 0.25}
    """
    images, decoded = check_pictures("images", images), check_pictures("decoded", decoded)
    if decoded.shape != images.shape:
        raise ValueError(
            f"decoded must have the shape of images, {images.shape}; got {decoded.shape}."
        )
    masks, names = np.asanyarray(masks), [*names, "all"]
    if len(set(names)) < len(names):
        raise ValueError(
            f"names must be different ones, none of them 'all'; got {names[:-1]!r}. Rename some."
        )
    wanted = (*images.shape[:3], len(names) - 1)
    if masks.shape != wanted:
        raise ValueError(f"masks must have the shape {wanted}, one per name; got {masks.shape}.")
    first = _pixels("images", images[:1])  # the mean is exact where all pictures are the same
    parts = (_pixels("images", images[part]) for part in _parts(images))
    mean = first[0] + sum((part - first).sum(axis=0) for part in parts) / len(images)  # (h, w, 3)
    sums = []
    for part in _parts(images):
        pixels = _pixels("images", images[part])
        whole = np.ones((*pixels.shape[:3], 1))
        shares = np.concatenate([masks[part], whole], axis=3)  # (rows, h, w, r + 1)
        check_within("masks", shares, _ROUNDED)
        off = np.mean((_pixels("decoded", decoded[part]) - pixels) ** 2, axis=3)
        differ = np.mean((pixels - mean) ** 2, axis=3)
        lost, spread = (np.einsum("nij,nijr->nr", one, shares) for one in (off, differ))
        sums.append((lost, spread, shares.sum(axis=(1, 2)), shares.any(axis=(1, 2))))
    lost, spreads, areas, shows = (np.concatenate(one) for one in zip(*sums, strict=True))
    area, shown = areas.sum(axis=0), shows.sum(axis=0)
    totals = {"error": lost.sum(axis=0), "spread": spreads.sum(axis=0)}
    table = pd.DataFrame(totals, pd.Index(names, name="region"))
    table = table.div(np.where(area > 0, area, np.nan), axis=0)
    table["unexplained"] = share = table["error"] / table["spread"]
    # A ratio of sums over pictures: by what each picture adds beyond the common share.
    with np.errstate(divide="ignore", invalid="ignore"):
        scatter = np.sqrt(np.square(lost - share.to_numpy() * spreads).sum(axis=0))
        table["se"] = scatter / totals["spread"] * np.sqrt(np.divide(shown, shown - 1))
    table["area"] = area / area[-1]
    table["n"] = shown.astype(int)
    return table


def _parts(images: np.ndarray) -> list[slice]:
    """Return the rows of all pictures, some at a time."""
    return [slice(start, start + _ROWS) for start in range(0, len(images), _ROWS)]


def _pixels(name: str, part: np.ndarray) -> np.ndarray:
    """Return pictures as float64 in 0..1, refused where they leave that range."""
    return part / 255.0 if part.dtype == np.uint8 else check_within(name, part)


def precision_recall(real: np.ndarray, drawn: np.ndarray, k: int = 3) -> tuple[float, float]:
    """Return the share of drawn vectors that look real, and of real ones that are drawn."""
    # A set's region is the union of balls around its vectors, each out to its k-th nearest other
    # one. Precision is the share of drawn vectors in the real ones' region, recall the reverse
    # (Kynkäänniemi et al. 2019, arXiv:1904.06991).
    # Neither says much alone: a Gaussian shrunk x 0.8 has a precision near 1, but hardly any
    # recall. Two samples of one law do not reach 1 (about 0.5 in 256 components, n some thousands),
    # and n, k and d decide how near they come: quote both beside those of two such sets.
    real, drawn = check_same_space(real=real, drawn=drawn)
    k = check_whole("k", k, 1, min(len(real), len(drawn)) - 1, hint="Pass more rows.")
    center = real.mean(axis=0, dtype=np.float64)  # squares are subtracted: the smaller the better
    real, drawn = real - center, drawn - center
    return _covered(drawn, real, k), _covered(real, drawn, k)


def memorization(drawn: np.ndarray, held_out: np.ndarray, training: np.ndarray) -> Memorization:
    """Compare how near drawn vectors and held-out codes are to the nearest training code.

    Where drawn vectors are like the codes of unseen pictures, the ratio of the medians is 1 and
    0.01 of them are closer than the held-out codes' 1 % quantile; a sampler that repeats training
    codes has a lower ratio and more that are closer. A lower ratio alone shows no repeating:
    vectors nearer to the center are nearer to every code.

    Parameters
    ----------
    drawn, held_out, training : float (n, d), (m, d), (l, d)
        Drawn vectors, codes of pictures not trained on, and of those trained on. With m below 99
        the quantile is the least distance of `held_out`, and the share to expect 1 / (m + 1).

    Returns
    -------
    Memorization
        Medians ``drawn`` and ``held_out`` in the unit of the codes, their ``ratio`` (NaN if 0 / 0),
        and ``closer``, the share of drawn vectors, 0..1.
    """
    drawn, held_out, training = check_same_space(drawn=drawn, held_out=held_out, training=training)
    near, usual = nearest(drawn, training), nearest(held_out, training)
    limit = np.quantile(usual, _CLOSE, method="weibull")  # its expected share: 1 % at small m, too
    medians = np.median(near), np.median(usual)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.divide(*medians)
    return Memorization(*map(float, (*medians, ratio, np.mean(near < limit))))


def resampled(values: np.ndarray, reduce: Callable, resamples: int, seed: int) -> np.ndarray:
    """Return what is made of columns (n, k), common rows drawn anew: float (resamples, k)."""
    # Their standard deviation is the standard error (Efron 1979), of differences between columns
    # a paired one.
    rows = np.random.default_rng(seed).integers(len(values), size=(resamples, len(values)))
    return np.array([reduce(values[row], axis=0) for row in rows])


def _covered(vectors: np.ndarray, others: np.ndarray, k: int) -> float:
    """Return the share of vectors within the k-th neighbor's distance of some other."""
    limit = nearest(others, others, k + 1) ** 2  # the nearest is the vector itself
    # Squared distances are differences of squares, exact to their rounding only.
    most = max(np.einsum("ij,ij->i", x, x).max() for x in (vectors, others))
    limit += 4 * vectors.shape[1] * np.finfo(float).eps * most
    parts = pairwise_distances_chunked(
        vectors, others, reduce_func=lambda d2, _: (d2 <= limit).any(axis=1),
        metric="euclidean", squared=True, working_memory=_MEMORY,
    )  # fmt: skip
    return float(np.mean(np.concatenate(list(parts))))


def frechet_error(a: np.ndarray, b: np.ndarray, groups: int = 10) -> float:
    """Return the standard error of `frechet_distance` that comes from the rows of b alone."""
    # A jackknife over groups of rows: its bias, that falls as 1 / n, is nearly that of all rows.
    parts = np.array_split(np.arange(len(b)), groups)
    left = [frechet_distance(a, np.delete(b, part, axis=0)) for part in parts]
    return float(np.sqrt(groups - 1) * np.std(left))


def frechet_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Return the squared Fréchet distance of the Gaussians fitted to two sets of features.

    Estimated covariances make it too large, the more so the fewer the rows: compare values of one n
    only, beside the distance of two halves, of n rows each, of the real pictures' features. Take
    features that had no part in making the pictures, such as a second autoencoder's z-points: on
    the space drawn in, a sampler that keeps mean and covariance is at distance 0 by construction.

    With means m and covariances S it is ``|m_a - m_b|² + tr(S_a + S_b - 2 (S_a S_b)^(1/2))``
    (Dowson & Landau 1982; to judge pictures, Heusel et al., arXiv:1706.08500).

    Parameters
    ----------
    a, b : float (n, d), (m, d)
        Features, n and m at least 2.

    Returns
    -------
    float
        0 or more, in the squared unit of the features.
    """
    a = check_points(a)
    first, second = Moments.of(a), Moments.of(check_points(b, a.shape[1]))
    shift = first.mean - second.mean
    root_a, root_b = (symmetric_root(moments.covariance) for moments in (first, second))
    # The root's trace is the sum of the singular values of root_a root_b, whose squares are the
    # eigenvalues of root_a S_b root_a: no root is taken of eigenvalues that are but rounding.
    common = np.linalg.norm(root_a @ root_b, "nuc")
    spread = np.trace(first.covariance) + np.trace(second.covariance)
    return max(float(shift @ shift + spread - 2 * common), 0.0)
