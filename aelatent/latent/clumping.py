"""How points clump: summary statistics of point patterns, in planes and in many dimensions.

Points outside the window still are neighbors: "minus sampling" (Baddeley et al. 2015).
"""

from collections.abc import Sequence

import numpy as np
from scipy.spatial import cKDTree
from sklearn.neighbors import NearestNeighbors

from aelatent._checks import chunks
from aelatent._checks import points as _points
from aelatent.latent.core import checked

KS = (1, 2, 4, 8)  # neighbors looked at, as Banerjee & Abel (MNRAS 500, 5479, 2021)
LEAST_EMPTY = 0.1  # share of empty locations below which J is noise


def nearest(points: np.ndarray, r: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Give G(r): the share of points inside whose nearest other point lies no farther than r."""
    points, r = pattern(points), _radii(r)  # (n, 2), (m,) ascending
    inside = np.asarray(inside)
    if inside.shape != (len(points),) or inside.dtype != bool or not inside.any():
        raise ValueError(
            f"inside must be bool ({len(points)},), True for at least one point; got "
            f"{inside.dtype} {inside.shape}, {np.count_nonzero(inside)} of them true."
        )
    # Of two copies of a point either may come first: the second distance is the same.
    distance = cKDTree(points).query(points[inside], k=[2])[0]
    return _share_within(distance[:, 0], r)  # (m,); 1 - exp(-density pi r²) if Poisson


def knn_cdf(
    points: np.ndarray, r: np.ndarray, locations: np.ndarray, k: Sequence[int] = KS
) -> np.ndarray:
    """Give the share of locations with at least k points no farther than r, for each k."""
    # k = 1 is the empty-space function F(r); all k together see clustering of every order.
    # Locations, (l, 2), do not depend on the points. If Poisson: poisson.sf(k - 1, density pi r²).
    points, r, locations = pattern(points, least=1), _radii(r), pattern(locations, least=1)
    distance = cKDTree(points).query(locations, k=_numbers(k))[0]  # inf where there are fewer
    return np.stack([_share_within(column, r) for column in distance.T])  # (len(k), m)


def j_function(g: np.ndarray, f: np.ndarray) -> np.ndarray:
    """Give J(r) = (1 - G)/(1 - F): 1 for a Poisson pattern, less where points clump."""
    # van Lieshout & Baddeley, Statistica Neerlandica 50, 344, 1996. Where F exceeds 0.9 hardly a
    # location is empty: there 1 - F counts as 0.1, so that J, from 0 to 10, sinks to 0 with 1 - G.
    return (1 - np.asarray(g, float)) / np.maximum(1 - np.asarray(f, float), LEAST_EMPTY)


def pair_counts(a: np.ndarray, b: np.ndarray, r: np.ndarray) -> np.ndarray:
    """Count ordered pairs of points of `a` and `b` by distance: to r[0], from there to r[1], ..."""
    tree = cKDTree(pattern(a))
    other = tree if b is a else cKDTree(pattern(b))
    within = tree.count_neighbors(other, _radii(r)).astype(float)  # (m,)
    # Of one pattern with itself, no point makes a pair with itself.
    return np.diff(within, prepend=len(tree.data) if b is a else 0)


def landy_szalay(
    points: np.ndarray, random: np.ndarray, r: np.ndarray, *, rr: np.ndarray | None = None
) -> np.ndarray:
    """Give the two-point correlation xi: how far pairs outnumber those of a random catalogue."""
    # Landy & Szalay, ApJ 412, 64, 1993. The catalogue must fill the window of the points, by the
    # law that they are compared with, and share nothing with them. For many patterns pass its rr.
    rr = pair_counts(random, random, r) if rr is None else np.asarray(rr, float)
    if rr.shape != np.shape(r) or not (np.isfinite(rr).all() and (rr >= 0).all()):
        raise ValueError(
            f"rr must be a count of pairs for each of {np.size(r)} distances; got {rr!s:.60}. "
            "Leave it out, or pass pair_counts(random, random, r)."
        )
    n, k = len(points), len(random)
    dd = pair_counts(points, points, r) / (n * (n - 1))
    dr = pair_counts(points, random, r) / (n * k)
    rr = np.maximum(rr, 1) / (k * (k - 1))  # a bin without a pair counts as if it had one
    return (dd - 2 * dr + rr) / rr


def neighbor_distances(y: np.ndarray, rows: np.ndarray, k: Sequence[int] = KS) -> np.ndarray:
    """Give the distances from some points to their k-th nearest others, float64 (m, len(k))."""
    y, ks = checked(y), _numbers(k)
    if max(ks) >= len(y):
        raise ValueError(
            f"the {max(ks)}-th other point needs more than {max(ks)} points; got {len(y)}. "
            "Pass more rows."
        )
    rows = np.asarray(rows)
    whole = rows.ndim == 1 and rows.dtype.kind in "iu" and rows.size > 0
    if not (whole and rows.min() >= 0 and rows.max() < len(y)):
        raise ValueError(
            f"rows must be row numbers (m,) from 0 to {len(y) - 1}; got {rows!s:.60}. "
            "For instance np.arange(len(y))."
        )
    # Brute force, which no index beats in hundreds of dimensions; errors are up to a
    # millionth of the points' distance from the origin.
    search = NearestNeighbors(n_neighbors=max(ks) + 1, algorithm="brute").fit(y)
    # Of two copies of a point either may come first: the further distances are the same.
    return search.kneighbors(y[rows])[0][:, ks].astype(np.float64)


def _share_within(distance: np.ndarray, r: np.ndarray) -> np.ndarray:
    """Return the share of `distance` no greater than each of `r`."""
    return np.searchsorted(np.sort(distance), r, side="right") / len(distance)


def pattern(points: np.ndarray, least: int = 2) -> np.ndarray:
    """Return points of a plane as float64 (n, 2), refused unless finite and at least `least`."""
    points = np.concatenate(list(chunks(_points(points, 2))))
    if len(points) < least:
        raise ValueError(f"expected at least {least} points; got {len(points)}. Pass more of them.")
    return points


def _radii(r: np.ndarray) -> np.ndarray:
    """Return distances as float64 (m,), refused unless finite, at least 0 and ascending."""
    r = np.asarray(r, float)
    if r.ndim != 1 or not r.size or not np.isfinite(r).all() or r[0] < 0 or (np.diff(r) <= 0).any():
        raise ValueError(
            f"r must be finite distances (m,), at least 0 and ascending; got {r!r}. "
            "For instance np.geomspace(0.01, 0.1, 12)."
        )
    return r


def _numbers(k: Sequence[int]) -> list[int]:
    """Return numbers of neighbors as a list, refused unless whole and at least 1."""
    ks = list(k)
    whole = all(isinstance(i, (int, np.integer)) and not isinstance(i, bool) for i in ks)
    if not (ks and whole and min(ks) >= 1):
        raise ValueError(
            f"k must hold whole numbers of at least 1; got {k!r}. For instance (1, 2)."
        )
    return ks
