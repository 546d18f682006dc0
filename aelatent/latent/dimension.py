"""Intrinsic dimension of a cloud, from how the distances to a point's nearest neighbors grow.

All estimators read a cloud of many dimensions too low: a Gaussian of 256 dimensions reads some 70
to 95, the less the fewer points there are. So a value says little alone; `dimension_scan` sets it
beside surrogates of equal n.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from tqdm.auto import tqdm

from aelatent.latent._neighbors import Neighbors, neighbors, whole


@dataclass(frozen=True)
class Dimension:
    """An intrinsic dimension and what it rests on.

    Attributes
    ----------
    value, error : float
        Dimension and its standard error. The error takes the landmarks for independent; where
        they have neighbors in common (landmarks x neighbors above n) it is too small.
    n, landmarks : int
        Number of z-points, and of those whose neighbors were looked at.
    near_duplicates : float
        Share of the landmarks, 0..1, that had a near-duplicate, which was left out.
    """

    value: float
    error: float
    n: int
    landmarks: int
    near_duplicates: float


def two_nn(z: np.ndarray, *, landmarks: int = 2000, near: float = 0.1, seed: int = 0) -> Dimension:
    """Estimate the dimension from the ratios of the two nearest neighbors' distances.

    Where the density is constant as far as the second neighbor, log(r2/r1) is exponential with rate
    d, whatever the density (Facco, d'Errico, Rodriguez & Laio, *Sci. Rep.* 7, 12140, 2017). Taken
    here is the maximum likelihood of all m ratios, none discarded, in its unbiased form
    ``(m - 1) / sum(log(r2/r1))``, with standard error ``d / sqrt(m)``.

    Parameters
    ----------
    z : float (n, d)
        z-points, n at least 3; an array in memory or memory-mapped.
    landmarks : int
        Number m of z-points, drawn at random, whose neighbors among all z-points are looked at, at
        least 2; all if there are fewer. Time grows as n times m: seconds at 165,000 x 256.
    near : float
        A neighbor nearer than this share of the median nearest-neighbor distance, 0..1, is a
        near-duplicate of the landmark (the same picture twice) and no neighbor; exact copies never
        are. In d dimensions ``0.69 near^d`` of the true neighbors are as near: at 0.1 a curve
        reads 1.2, a surface 2.06, 3 and more dimensions less than 1 % too much. Pass 0 for these.
        To third points both of a pair still count: 3 % of twins raise the value by some 5 %.
    seed : int
        Seed of the landmarks.

    Returns
    -------
    Dimension
        Value, error, n and landmarks.

    Raises
    ------
    ValueError
        If `z` is refused as by `Moments.of`, has too few rows or rows that are all the same, or if
        another argument is unusable.

    Examples
    --------
    >>> t = np.random.default_rng(0).uniform(size=(4000, 2))
    >>> surface = np.hstack([t, t**2, np.sin(t)])  # 2-d, in 6 components
    >>> round(two_nn(surface).value, 1)
    2.0
    """
    return gride(z, 1, landmarks=landmarks, near=near, seed=seed)


def gride(
    z: np.ndarray, k: int = 2, *, landmarks: int = 2000, near: float = 0.1, seed: int = 0
) -> Dimension:
    """Estimate the dimension from the ratios of the distances to neighbors k and 2 k.

    `two_nn` on a larger scale: the ratio x of the two distances has the density
    ``d (x^d - 1)^(k-1) / (B(k, k) x^((2k-1)d+1))`` (Denti, Doimo, Laio & Mira, *Sci. Rep.* 12,
    20005, 2022). The likelihood has one maximum; the error is from its curvature there.

    Parameters
    ----------
    z : float (n, d)
        z-points, n above 2 k; an array in memory or memory-mapped.
    k : int
        Order of the nearer neighbor, at least 1.
    landmarks, near, seed : int, float, int
        As of `two_nn`.

    Returns
    -------
    Dimension
        Value, error, n and landmarks.

    Raises
    ------
    ValueError
        As `two_nn`; also if `k` is no whole number, at least 1.

    Examples
    --------
    >>> cube = np.random.default_rng(0).uniform(size=(4000, 3))
    >>> round(gride(cube, 4).value, 1)
    3.0
    """
    k = whole("k", k, 1)
    found = neighbors(z, 2 * k, landmarks, near, seed)
    return _dimension(found, _gride, 2 * k)


def levina_bickel(
    z: np.ndarray, k: int = 10, *, landmarks: int = 2000, near: float = 0.1, seed: int = 0
) -> Dimension:
    """Estimate the dimension from the distances to the k nearest neighbors.

    Maximum likelihood at each landmark (Levina & Bickel, *NIPS* 17, 2004), the *inverse* estimates
    averaged over the landmarks (MacKay & Ghahramani, *Comments on "Maximum likelihood estimation of
    intrinsic dimension"*, 2005): ``(m (k - 1) - 1) / sum(log(r_k / r_j))`` over the m landmarks and
    all j < k. The error is the infinitesimal jackknife's over the landmarks. k = 2 is `two_nn`.

    Parameters
    ----------
    z : float (n, d)
        z-points, n above k; an array in memory or memory-mapped.
    k : int
        Number of neighbors, at least 2.
    landmarks, near, seed : int, float, int
        As of `two_nn`.

    Returns
    -------
    Dimension
        Value, error, n and landmarks.

    Raises
    ------
    ValueError
        As `two_nn`; also if `k` is no whole number, at least 2.

    Examples
    --------
    >>> line = np.random.default_rng(0).uniform(size=(4000, 1)) * [1, 2, 3]
    >>> round(levina_bickel(line, 20).value, 1)
    1.0
    """
    k = whole("k", k, 2)
    found = neighbors(z, k, landmarks, near, seed)
    return _dimension(found, _levina_bickel, k)


def dimension_scan(
    z: np.ndarray,
    surrogates: Mapping[str, Callable[[np.ndarray, int, int], np.ndarray]],
    *,
    scales: Sequence[int] = (2, 4, 8, 16, 32, 64),
    landmarks: int = 2000,
    near: float = 0.1,
    seed: int = 0,
    progress: bool = False,
) -> pd.DataFrame:
    """Compare the dimension of the z-points with that of surrogates, from near to far neighbors.

    By `gride` (Denti et al. 2022) and `levina_bickel` (2004).

    Parameters
    ----------
    z : float (n, d)
        z-points, n above the largest scale; an array in memory or memory-mapped.
    surrogates : mapping of str to callable ``(z, n, seed)``
        For instance `SURROGATES`; each is asked for as many latent vectors as there are z-points.
    scales : sequence of int
        Numbers of neighbors, even: `gride` looks at the last and the one half-way, `levina_bickel`
        at all of them. At 2 both are `two_nn`.
    landmarks, near, seed : int, float, int
        As of `two_nn`; the seed is also that of the surrogates.
    progress : bool
        Show a bar over the clouds.

    Returns
    -------
    pandas.DataFrame
        One row per cloud, method and scale: ``cloud`` (``"z-points"``, then the surrogates' names),
        ``method`` (``"GRIDE"``, ``"Levina-Bickel"``), ``scale``, ``n``, ``dimension``, ``error``,
        ``ratio`` (dimension of the z-points / that of this cloud) and ``near_duplicates``.

    Raises
    ------
    ValueError
        As `two_nn`; also if there is no scale, or one is not an even number from 2, or a surrogate
        is named ``"z-points"``.

    Examples
    --------
    >>> from aelatent.latent import SAMPLERS
    >>> t = np.random.default_rng(0).uniform(size=(1000, 1))
    >>> curve = np.hstack([np.cos(6 * t), np.sin(6 * t), t])
    >>> table = dimension_scan(curve, {"shuffled": SAMPLERS["column shuffle"]}, scales=[16])
    >>> table["ratio"].round(1).to_list()  # a curve, against a cloud of 3 dimensions
    [1.0, 1.0, 0.4, 0.4]
    """
    scales = [whole("a scale", scale, 2) for scale in scales]
    if "z-points" in surrogates:
        raise ValueError("no surrogate may be named 'z-points', as the cloud itself; rename it.")
    if not scales or any(scale % 2 for scale in scales):
        raise ValueError(
            f"scales must be even numbers of neighbors, at least one; got {scales}. "
            "For instance (2, 4, 8, 16)."
        )
    draws = {"z-points": lambda z, n, seed: z, **surrogates}
    rows = []
    for cloud, draw in tqdm(draws.items(), desc="dimension", unit="cloud", disable=not progress):
        found = neighbors(draw(z, len(z), seed), max(scales), landmarks, near, seed)
        for method, estimate in {"GRIDE": _gride, "Levina-Bickel": _levina_bickel}.items():
            for scale in scales:
                value, error = estimate(found.distances, scale)
                rows.append((cloud, method, scale, found.n, value, error, found.near_duplicates))
    columns = ["cloud", "method", "scale", "n", "dimension", "error", "near_duplicates"]
    table = pd.DataFrame(rows, columns=columns)
    measured = table["dimension"].to_numpy().reshape(len(draws), -1)
    table.insert(6, "ratio", (measured[0] / measured).ravel())
    return table


def _dimension(found: Neighbors, estimate: Callable, scale: int) -> Dimension:
    value, error = estimate(found.distances, scale)
    return Dimension(value, error, found.n, len(found.distances), found.near_duplicates)


def _gride(distances: np.ndarray, scale: int) -> tuple[float, float]:
    """Return dimension and error from the neighbors scale / 2 and scale."""
    k = scale // 2
    logs = np.log(distances[:, scale - 1] / distances[:, k - 1])
    m, mean = len(logs), _positive(logs.mean(), scale)
    if k == 1:
        value = (m - 1) / (m * mean)
        return float(value), float(value / np.sqrt(m))
    v = logs / mean

    def score(x: float) -> float:  # of the log-likelihood per point, at dimension x / mean
        # v / (1 - exp(-x v)), which is 1 / x where two distances are equal
        grown = np.divide(v, -np.expm1(-x * v), out=np.full(m, 1 / x), where=v > 0)
        return 1 / x + (k - 1) * grown.mean() - (2 * k - 1)

    # 1 / x <= v / (1 - exp(-x v)) < v + 1 / x: the root lies between k / (2 k - 1) and 1
    x = brentq(score, 0.5, 1)
    half = np.minimum(x * v / 2, 300)  # sinh overflows at 710
    bend = np.divide(half, np.sinh(half), out=np.ones(m), where=half > 0)
    information = m * (1 + (k - 1) * np.mean(bend**2))
    return float(x / mean), float(x / mean / np.sqrt(information))


def _levina_bickel(distances: np.ndarray, scale: int) -> tuple[float, float]:
    """Return dimension and error from all neighbors up to scale."""
    inverse = np.log(distances[:, [scale - 1]] / distances[:, : scale - 1]).mean(axis=1)
    m, mean = len(inverse), _positive(inverse.mean(), scale)
    value = (m * (scale - 1) - 1) / (m * (scale - 1) * mean)
    return float(value), float(value * inverse.std(ddof=1) / mean / np.sqrt(m))


def _positive(mean: float, scale: int) -> float:
    if mean == 0:
        raise ValueError(
            f"expected distances that grow with the neighbors; got equal ones to all {scale} "
            "looked at: the points form a lattice. Pass unrounded z-points, or look farther."
        )
    return float(mean)
