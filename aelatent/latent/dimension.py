"""Intrinsic dimension of a cloud, from how the distances to a point's nearest neighbors grow.

Many dimensions read too low, the more so the fewer points there are (a Gaussian's 256 as some 70 to
95): compare with surrogates of equal n.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from tqdm.auto import tqdm

from aelatent._checks import check_whole
from aelatent.latent.neighbors import Neighbors, neighbors


@dataclass(frozen=True)
class Dimension:
    """An intrinsic dimension and what it rests on."""

    value: float
    error: float  # standard; too small where landmarks x neighbors exceed n, for some are in common
    n: int  # of z-points
    landmarks: int  # z-points whose neighbors were looked at; all if there are fewer than asked for
    near_duplicates: float  # share of the landmarks that had one; it was left out


def two_nn(z: np.ndarray, *, landmarks: int = 2000, near: float = 0.1, seed: int = 0) -> Dimension:
    """Estimate the dimension from the ratios of the two nearest neighbors' distances.

    Unbiased maximum likelihood, no ratio discarded. The density must be constant as far as the
    second neighbor (Facco, d'Errico, Rodriguez & Laio, *Sci. Rep.* 7, 12140, 2017).

    Parameters
    ----------
    landmarks : int
        Number of random z-points whose neighbors are looked at; time grows with it, and with n.
    near : float
        A neighbor nearer than this share, 0..1, of the median nearest-neighbor distance is left
        out as a near-duplicate (the same picture twice), an exact copy always. At 0.1 a curve
        reads 1.2, a surface 2.06 (for these pass 0), 3 and more dimensions below 1 % too much.

    Returns
    -------
    Dimension
        `value` and its standard `error`, too small if landmarks have neighbors in common; `n`,
        `landmarks`, and `near_duplicates`, the share of landmarks, 0..1, that had one.
    """
    return gride(z, 1, landmarks=landmarks, near=near, seed=seed)


def gride(
    z: np.ndarray, k: int = 2, *, landmarks: int = 2000, near: float = 0.1, seed: int = 0
) -> Dimension:
    """Estimate the dimension from the ratios of the distances to neighbors k and 2 k.

    `two_nn` on a larger scale (Denti, Doimo, Laio & Mira, *Sci. Rep.* 12, 20005, 2022).

    Parameters
    ----------
    k, landmarks, near : int, int, float
        As of `two_nn`; k is the order of the nearer neighbor, at least 1.

    Returns
    -------
    Dimension
        As of `two_nn`; the error is from the curvature of the likelihood.
    """
    k = check_whole("k", k, 1)
    found = neighbors(z, 2 * k, landmarks, near, seed)
    return _dimension(found, _gride, 2 * k)


def levina_bickel(
    z: np.ndarray, k: int = 10, *, landmarks: int = 2000, near: float = 0.1, seed: int = 0
) -> Dimension:
    """Estimate the dimension from the distances to the k nearest neighbors.

    Maximum likelihood at each landmark (Levina & Bickel, *NIPS* 17, 2004), the *inverse* estimates
    averaged (MacKay & Ghahramani 2005).

    Parameters
    ----------
    k, landmarks, near : int, int, float
        As of `two_nn`; k is the number of neighbors, at least 2 (then this is `two_nn`).

    Returns
    -------
    Dimension
        As of `two_nn`; the error is the infinitesimal jackknife's over the landmarks.
    """
    k = check_whole("k", k, 2)
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

    Parameters
    ----------
    surrogates : mapping of str to callable ``(z, n, seed)``
        For instance `SURROGATES`; each draws as many latent vectors as there are z-points.
    scales : sequence of int
        Even numbers of neighbors: `gride` (Denti et al. 2022) looks at the last and the one
        half-way, `levina_bickel` (2004) at all of them. At 2 both are `two_nn`.
    landmarks, near, progress : int, float, bool
        As of `two_nn`; whether to show a bar over the clouds.

    Returns
    -------
    pandas.DataFrame
        One row per cloud, method and scale: ``cloud`` (``"z-points"``, then the surrogates'
        names), ``method`` (``"GRIDE"``, ``"Levina-Bickel"``), ``scale``, ``n``, ``dimension``,
        ``error``, ``ratio`` (dimension of the z-points / that of this cloud), ``near_duplicates``.
    """
    scales = [check_whole("a scale", scale, 2) for scale in scales]
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
    if k == 1:  # two_nn: log(r2/r1) is exponential with rate d
        value = (m - 1) / (m * mean)
        return float(value), float(value / np.sqrt(m))
    # x = r_2k/r_k has the density d (x^d - 1)^(k-1) / (B(k, k) x^((2k-1)d+1)): one maximum.
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
    # (m (k - 1) - 1) / sum(log(r_k / r_j)), over the m landmarks and all j < k
    value = (m * (scale - 1) - 1) / (m * (scale - 1) * mean)
    return float(value), float(value * inverse.std(ddof=1) / mean / np.sqrt(m))


def _positive(mean: float, scale: int) -> float:
    if mean == 0:
        raise ValueError(
            f"expected distances that grow with the neighbors; got equal ones to all {scale} "
            "looked at: the points form a lattice. Pass unrounded z-points, or look farther."
        )
    return float(mean)
