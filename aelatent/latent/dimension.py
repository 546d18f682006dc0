"""Intrinsic dimension of a cloud, from how the distances to a point's nearest neighbors grow.

Many dimensions read too low, the more so the fewer points there are (a Gaussian's 256 as some 70 to
95): compare with surrogates of equal n.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from aelatent._checks import check_share, check_whole
from aelatent._system import Bar
from aelatent.latent.neighbors import distinct_neighbors


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

    Maximum likelihood from ratios of distances, two ways: GRIDE looks at the neighbors scale and
    scale / 2 (Denti, Doimo, Laio & Mira, *Sci. Rep.* 12, 20005, 2022), Levina & Bickel (*NIPS* 17,
    2004) at all up to scale, their *inverse* estimates averaged (MacKay & Ghahramani 2005). At
    scale 2 both are TWO-NN (Facco, d'Errico, Rodriguez & Laio, *Sci. Rep.* 7, 12140, 2017), no
    ratio discarded. The density must be constant as far as the farthest neighbor.

    Parameters
    ----------
    surrogates : mapping of str to callable ``(z, n, seed)``
        For instance `SURROGATES`; each draws as many latent vectors as there are z-points.
    scales : sequence of int
        Even numbers of neighbors.
    landmarks : int
        Number of random z-points whose neighbors are looked at, at least 2; all if there are
        fewer. Time grows with it, and with n.
    near : float
        A neighbor nearer than this share, 0..1, of the median nearest-neighbor distance is left
        out as a near-duplicate (the same picture twice), an exact copy always. At 0.1 a curve
        reads 1.2, a surface 2.06 (for these pass 0), 3 and more dimensions below 1 % too much.
    progress : bool
        Show a bar over the clouds.

    Returns
    -------
    pandas.DataFrame
        One row per cloud, method and scale: ``cloud`` (``"z-points"``, then the surrogates'
        names), ``method`` (``"GRIDE"``, ``"Levina-Bickel"``), ``scale``, ``n``, ``dimension``,
        ``error`` (standard; too small where landmarks have neighbors in common), ``ratio``
        (dimension of the z-points / that of this cloud), ``near_duplicates`` (share of landmarks).
    """
    scales = [check_whole("a scale", scale, 2) for scale in scales]
    if not scales or any(scale % 2 for scale in scales):
        raise ValueError(f"scales must be even numbers of neighbors, as (2, 4, 8); got {scales}.")
    landmarks = check_whole("landmarks", landmarks, 2)
    near = check_share("near", near, zero=True, hint="Try 0.1.")
    if "z-points" in surrogates:
        raise ValueError("no surrogate may be named 'z-points', as the cloud itself; rename it.")
    draws = {"z-points": lambda z, n, seed: z, **surrogates}
    rows = []
    for cloud, draw in Bar(draws.items(), desc="dimension", unit="cloud", disable=not progress):
        points = draw(z, len(z), seed)
        distances, duplicates = distinct_neighbors(points, max(scales), landmarks, near, seed)
        for method, estimate in {"GRIDE": _gride, "Levina-Bickel": _levina_bickel}.items():
            for scale in scales:
                value, error = estimate(distances[:, :scale])
                rows.append((cloud, method, scale, len(points), value, error, duplicates))
    columns = ["cloud", "method", "scale", "n", "dimension", "error", "near_duplicates"]
    table = pd.DataFrame(rows, columns=columns)
    measured = table["dimension"].to_numpy().reshape(len(draws), -1)
    table.insert(6, "ratio", (measured[0] / measured).ravel())
    return table


def _gride(distances: np.ndarray) -> tuple[float, float]:
    """Return dimension and error from the last neighbor and the one half-way, k and 2 k."""
    k = distances.shape[1] // 2
    logs = np.log(distances[:, -1] / distances[:, k - 1])
    m, mean = len(logs), _positive_mean(logs, 2 * k)
    if k == 1:  # log(r2/r1) is exponential with rate d
        value = (m - 1) / (m * mean)
        return value, value / np.sqrt(m)
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
    return x / mean, x / mean / np.sqrt(information)


def _levina_bickel(distances: np.ndarray) -> tuple[float, float]:
    """Return dimension and error from all k neighbors; the error is the infinitesimal jackknife."""
    k = distances.shape[1]
    inverse = np.log(distances[:, -1:] / distances[:, :-1]).mean(axis=1)
    m, mean = len(inverse), _positive_mean(inverse, k)
    # (m (k - 1) - 1) / sum(log(r_k / r_j)), over the m landmarks and all j < k
    value = (m * (k - 1) - 1) / (m * (k - 1) * mean)
    return value, value * inverse.std(ddof=1) / mean / np.sqrt(m)


def _positive_mean(logs: np.ndarray, scale: int) -> float:
    """Return the mean of logarithms of ratios, refused where all are 0."""
    mean = float(logs.mean())
    if mean == 0:
        raise ValueError(
            f"expected distances that grow with the neighbors; got equal ones to all {scale} "
            "looked at: the points form a lattice. Pass unrounded z-points, or look farther."
        )
    return mean
