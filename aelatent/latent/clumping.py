"""How points clump: summary statistics of point patterns, in planes and in many dimensions.

In a plane, r is a distance in the unit of the points. Statistics are taken where the caller's
window says; points outside it still count as neighbors, so that no correction of edges is needed
(a buffer, or "minus sampling": Baddeley, Rubak & Turner, *Spatial Point Patterns*, 2015). Each
function wants finite float arrays and says so otherwise.
"""

from collections.abc import Sequence

import numpy as np
from scipy.spatial import cKDTree
from sklearn.neighbors import NearestNeighbors

from aelatent.latent._rows import chunks
from aelatent.latent._rows import points as _points
from aelatent.latent.normality import checked

KS = (1, 2, 4, 8)  # neighbors looked at, as Banerjee & Abel (2021)
LEAST_EMPTY = 0.1  # share of empty locations below which J is noise


def nearest(points: np.ndarray, r: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Give G(r): the share of points whose nearest other point lies no farther than r.

    Parameters
    ----------
    points : float (n, 2)
        The pattern, n at least 2.
    r : float (m,)
        Distances, ascending, at least 0.
    inside : bool (n,)
        Which points are judged; the others only are neighbors.

    Returns
    -------
    float64 (m,)
        From 0 to 1; ``1 - exp(-density pi r²)`` for a Poisson pattern.

    Raises
    ------
    ValueError
        If an argument is unusable, or no point is inside.

    Examples
    --------
    >>> square = np.array([[0, 0], [0, 1], [1, 0], [1, 1.0]])
    >>> nearest(square, np.array([0.5, 1, 1.5]), np.ones(4, bool))
    array([0., 1., 1.])
    """
    points, r = pattern(points), _radii(r)
    inside = np.asarray(inside)
    if inside.shape != (len(points),) or inside.dtype != bool or not inside.any():
        raise ValueError(
            f"inside must be bool ({len(points)},), True for at least one point; got "
            f"{inside.dtype} {inside.shape}, {np.count_nonzero(inside)} of them true."
        )
    # Of two copies of a point either may come first: the second distance is the same.
    distance = cKDTree(points).query(points[inside], k=[2])[0]
    return _share_within(distance[:, 0], r)


def knn_cdf(
    points: np.ndarray, r: np.ndarray, locations: np.ndarray, k: Sequence[int] = KS
) -> np.ndarray:
    """Give the share of locations with at least k points no farther than r, for each k.

    For k = 1 this is the empty-space function F(r); all k together see clustering of every order
    (Banerjee & Abel, *Nearest neighbour distributions*, MNRAS 500, 5479, 2021).

    Parameters
    ----------
    points : float (n, 2)
        The pattern.
    r : float (m,)
        Distances, ascending, at least 0.
    locations : float (l, 2)
        Places that have nothing to do with the points, for instance uniform in a window.
    k : sequence of int
        Numbers of points, each at least 1.

    Returns
    -------
    float64 (len(k), m)
        From 0 to 1; ``scipy.stats.poisson.sf(k - 1, density pi r²)`` for a Poisson pattern.

    Raises
    ------
    ValueError
        If an argument is unusable.

    Examples
    --------
    >>> knn_cdf(np.zeros((3, 2)), np.array([1, 2.0]), np.array([[1.5, 0]]), k=(3, 4))
    array([[0., 1.],
           [0., 0.]])
    """
    points, r, locations = pattern(points, least=1), _radii(r), pattern(locations, least=1)
    distance = cKDTree(points).query(locations, k=_numbers(k))[0]  # inf where there are fewer
    return np.stack([_share_within(column, r) for column in distance.T])


def j_function(g: np.ndarray, f: np.ndarray) -> np.ndarray:
    """Give J(r) = (1 - G)/(1 - F): 1 for a Poisson pattern, less where points clump.

    After van Lieshout & Baddeley (*A nonparametric measure of spatial interaction in point
    patterns*, Statistica Neerlandica 50, 344, 1996). Where F exceeds 0.9 hardly a location is empty
    and the ratio is noise: there 1 - F counts as 0.1, so that J sinks to 0 with 1 - G.

    Parameters
    ----------
    g, f : float (m,)
        G(r) by `nearest` and F(r) by `knn_cdf` with k = 1, from 0 to 1.

    Returns
    -------
    float64 (m,)
        From 0 to 10.

    Examples
    --------
    >>> j_function(np.array([0.5, 1.0]), np.array([0.5, 1.0]))
    array([1., 0.])
    """
    return (1 - np.asarray(g, float)) / np.maximum(1 - np.asarray(f, float), LEAST_EMPTY)


def pair_counts(a: np.ndarray, b: np.ndarray, r: np.ndarray) -> np.ndarray:
    """Count the ordered pairs of a point of `a` and one of `b` by their distance.

    Parameters
    ----------
    a, b : float (n, 2), (k, 2)
        Two patterns; if they are the same object, no point makes a pair with itself.
    r : float (m,)
        Distances, ascending, at least 0.

    Returns
    -------
    float64 (m,)
        Pairs up to r[0], from there up to r[1], and so on.

    Raises
    ------
    ValueError
        If an argument is unusable.

    Examples
    --------
    >>> x = np.array([[0, 0], [0, 1], [0, 3.0]])
    >>> pair_counts(x, x, np.array([1, 2.5]))
    array([2., 2.])
    """
    tree = cKDTree(pattern(a))
    other = tree if b is a else cKDTree(pattern(b))
    within = tree.count_neighbors(other, _radii(r)).astype(float)
    return np.diff(within, prepend=len(tree.data) if b is a else 0)


def landy_szalay(
    points: np.ndarray, random: np.ndarray, r: np.ndarray, *, rr: np.ndarray | None = None
) -> np.ndarray:
    """Give the two-point correlation xi: by how much pairs outnumber those of a random catalogue.

    ``(DD - 2 DR + RR)/RR`` with the shares of pairs among points, between points and catalogue, and
    within the catalogue (Landy & Szalay, *Bias and variance of angular correlation functions*,
    ApJ 412, 64, 1993). The catalogue must fill the same window as the points, by the law that they
    are compared with, and must share nothing with them.

    Parameters
    ----------
    points : float (n, 2)
        The pattern.
    random : float (k, 2)
        The catalogue.
    r : float (m,)
        Upper ends of the bins of distance, ascending; the first bin begins at 0.
    rr : float (m,), optional
        ``pair_counts(random, random, r)``, where one catalogue serves many patterns.

    Returns
    -------
    float64 (m,)
        0 for a pattern of the catalogue's law; a bin without a pair of the catalogue counts as if
        it had one.

    Raises
    ------
    ValueError
        If an argument is unusable.

    Examples
    --------
    >>> x, y = np.random.default_rng(0).uniform(size=(2, 4000, 2))
    >>> bool((np.abs(landy_szalay(x, y, np.array([0.05, 0.1]))) < 0.05).all())
    True
    """
    rr = pair_counts(random, random, r) if rr is None else np.asarray(rr, float)
    if rr.shape != np.shape(r) or not (np.isfinite(rr).all() and (rr >= 0).all()):
        raise ValueError(
            f"rr must be a count of pairs for each of {np.size(r)} distances; got {rr!s:.60}. "
            "Leave it out, or pass pair_counts(random, random, r)."
        )
    n, k = len(points), len(random)
    dd = pair_counts(points, points, r) / (n * (n - 1))
    dr = pair_counts(points, random, r) / (n * k)
    rr = np.maximum(rr, 1) / (k * (k - 1))
    return (dd - 2 * dr + rr) / rr


def neighbor_distances(y: np.ndarray, rows: np.ndarray, k: Sequence[int] = KS) -> np.ndarray:
    """Give the distances from some points to their k-th nearest other points among all.

    Brute force, which no index beats in hundreds of dimensions.

    Parameters
    ----------
    y : float (n, d)
        All points, float32 or float64.
    rows : int (m,)
        Rows of the points to start from.
    k : sequence of int
        Which neighbors, each from 1 to n - 1.

    Returns
    -------
    float64 (m, len(k))
        In the unit of `y`, to a millionth of the points' distance from the origin.

    Raises
    ------
    ValueError
        If an argument is unusable.

    Examples
    --------
    >>> neighbor_distances(np.array([[0.0], [1], [3], [9]]), np.array([0, 3]), k=(1, 3))
    array([[1., 9.],
           [6., 9.]])
    """
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
