"""How points clump: summary statistics of point patterns, in planes and in many dimensions.

Points outside the window still are neighbors: "minus sampling" (Baddeley et al. 2015). Patterns in
a plane are given by their trees, cKDTree of (n, 2), n at least 2; distances r, (m,), ascend.
"""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import Delaunay, QhullError, cKDTree

from aelatent._checks import check_enough
from aelatent.latent.neighbors import find_others
from aelatent.latent.planes import Plane
from aelatent.latent.principal import PrincipalAxes, check_rank

KS = (1, 2, 4, 8)  # neighbors looked at, as Banerjee & Abel (MNRAS 500, 5479, 2021)
# Radius of the disk judged in a plane, standard deviations: 2/3 of a Gaussian's points.
WINDOW = 1.5
LOCATIONS = 4000  # random places in it at which neighbors are counted
STEPS = 6  # distances r: neighboring ones say nearly the same, and dilute a global test
DEGREES = (1, 2, 3)  # edges at a vertex of the spanning tree; the last counts what has more too
QUANTILES = np.linspace(0.02, 0.98, STEPS)
_HIGHER = {f"kNN-CDF {k}": k for k in KS[1:]}
# Statistic -> the curves that it brings, in the order in which they are measured.
PLANE_CURVES = {
    "G": ["G"],
    "F": ["F"],
    "kNN-CDF": list(_HIGHER),
    "Landy-Szalay": ["Landy-Szalay"],
    "spanning tree": ["spanning tree", "branches"],
}
FULL_CURVES = {"nearest neighbor": ["nearest neighbor"], "kNN-CDF": list(_HIGHER)}


def g_function(points: cKDTree, r: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Give G(r): the share of points inside whose nearest other point lies no farther than r."""
    # Of two copies of a point either may come first: the second distance is the same.
    distance = points.query(points.data[inside], k=[2])[0]
    return _share_within(distance[:, 0], r)  # (m,); 1 - exp(-density pi r²) if Poisson


def knn_cdf(points: cKDTree, r: np.ndarray, locations: np.ndarray) -> np.ndarray:
    """Give the share of locations with at least k points no farther than r, for each of KS."""
    # k = 1 is the empty-space function F(r); all k together see clustering of every order.
    # Locations, (l, 2), do not depend on the points. If Poisson: poisson.sf(k - 1, density pi r²).
    distance = points.query(locations, k=KS)[0]  # (l, 4), infinite where there are fewer points
    return np.stack([_share_within(column, r) for column in distance.T])  # (4, m)


def pair_counts(a: cKDTree, b: cKDTree, r: np.ndarray) -> np.ndarray:
    """Count ordered pairs of points of `a` and `b` by distance: to r[0], from there to r[1], ..."""
    within = a.count_neighbors(b, r).astype(float)  # (m,)
    # Of one pattern with itself, no point makes a pair with itself.
    return np.diff(within, prepend=a.n if b is a else 0)


def landy_szalay(points: cKDTree, random: cKDTree, r: np.ndarray, rr: np.ndarray) -> np.ndarray:
    """Give the two-point correlation xi: how far pairs outnumber those of a random catalogue."""
    # Landy & Szalay, ApJ 412, 64, 1993. The catalogue must fill the window of the points, by the
    # law that they are compared with, and share nothing with them; rr are its own pair counts.
    dd = pair_counts(points, points, r) / (points.n * (points.n - 1))
    dr = pair_counts(points, random, r) / (points.n * random.n)
    # A bin without a pair counts as if it had one.
    rr = np.maximum(rr, 1) / (random.n * (random.n - 1))
    return (dd - 2 * dr + rr) / rr


def spanning_tree(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return edge lengths and degrees of the Euclidean minimum spanning tree of points (n, 2)."""
    # A sparse matrix has no edges of length 0, so that copies are strung on such edges first.
    places, first, place_of = np.unique(points, axis=0, return_index=True, return_inverse=True)
    by_place = np.argsort(place_of.ravel(), kind="stable")  # the first copy leads each place
    copies = np.flatnonzero(np.diff(place_of.ravel()[by_place]) == 0)
    edges = [np.column_stack([by_place[copies], by_place[copies + 1]])]
    if len(places) > 1:
        i, j = _neighbor_pairs(places).T
        between = coo_array((np.hypot(*(places[i] - places[j]).T), (i, j)), (len(places),) * 2)
        edges.append(first[np.column_stack(minimum_spanning_tree(between).nonzero())])
    ends = np.concatenate(edges)
    lengths = np.hypot(*(points[ends[:, 0]] - points[ends[:, 1]]).T)
    return np.sort(lengths), np.bincount(ends.ravel(), minlength=len(points))  # (n - 1,), (n,)


def _neighbor_pairs(places: np.ndarray) -> np.ndarray:
    """Return pairs of different places, int (e, 2), that hold a minimum spanning tree's edges."""
    try:
        triangles = Delaunay(places)
    except QhullError:  # on a line, or only two: the tree is the chain along it
        along = places - places[0]
        order = np.argsort(along @ np.linalg.svd(along, full_matrices=False)[2][0])
        return np.column_stack([order[:-1], order[1:]])
    corners = triangles.simplices
    pairs = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
    # Qhull leaves out points within rounding of a corner, and names that corner.
    pairs = np.sort(np.concatenate([pairs, triangles.coplanar[:, [0, 2]]]), axis=1)
    key = np.unique(pairs[:, 0].astype(np.int64) * len(places) + pairs[:, 1])
    return np.column_stack(np.divmod(key, len(places)))


def _share_within(distance: np.ndarray, r: np.ndarray) -> np.ndarray:
    """Return the share of `distance` no greater than each of `r`."""
    return np.searchsorted(np.sort(distance), r, side="right") / len(distance)


class PlanePattern:
    """Clumping in one plane; `at` holds the places of each curve, r in whitened units."""

    def __init__(self, name: str, plane: Plane, z, catalogue, total, scale, curves, seed):
        self.name, self._plane = name, plane
        # Draws are whitened by the data's fit, too: one r means one distance for all of them.
        self._axes = PrincipalAxes.fit(plane.project(z))
        check_rank(self._axes, 2, f"plane {name!r}")
        count = np.count_nonzero(self._whitened(z)[1])
        self._r = _distances(name, len(z), total, count, scale)
        self.at = {curve: DEGREES if curve == "branches" else self._r for curve in curves}
        rng = np.random.default_rng(seed)
        radius, turn = WINDOW * np.sqrt(rng.random(LOCATIONS)), rng.uniform(0, 2 * np.pi, LOCATIONS)
        self._locations = np.column_stack([radius * np.cos(turn), radius * np.sin(turn)])
        y, inside = self._whitened(catalogue)
        self._catalogue = cKDTree(y[inside])
        self._pairs = pair_counts(self._catalogue, self._catalogue, self._r)

    def measure(self, z: np.ndarray) -> np.ndarray:
        """Return the curves of a cloud, those of `at` end to end."""
        y, inside = self._whitened(z)
        wanted, points, found = self.at.keys(), cKDTree(y), {}
        if "G" in wanted:
            found["G"] = g_function(points, self._r, inside)
        if wanted & {"F", *_HIGHER}:
            columns = knn_cdf(points, self._r, self._locations)
            found |= zip(["F", *_HIGHER], columns, strict=True)
        if "Landy-Szalay" in wanted:
            held = cKDTree(y[inside])
            found["Landy-Szalay"] = landy_szalay(held, self._catalogue, self._r, self._pairs)
        if "spanning tree" in wanted:
            lengths, degrees = spanning_tree(y[inside])
            found["spanning tree"] = _share_within(lengths, self._r)
            shares = np.bincount(np.minimum(degrees, DEGREES[-1]), minlength=DEGREES[-1] + 1)
            found["branches"] = shares[1:] / len(degrees)
        return np.concatenate([found[curve] for curve in self.at])

    def _whitened(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return whitened positions in the plane, float64 (n, 2), and which are in the window."""
        y = self._axes.whiten(self._plane.project(z))
        inside = np.hypot(*y.T) <= WINDOW
        if (count := np.count_nonzero(inside)) < 2:
            raise ValueError(
                f"expected at least 2 points within {WINDOW} standard deviations in plane "
                f"{self.name!r}; got {count} of {len(y)}. Pass more, or another surrogate."
            )
        return y, inside


def _distances(name: str, n: int, total: int, inside: int, scale: float) -> np.ndarray:
    """Choose r from a quarter of the mean spacing in the window up to the scale, float64 (6,)."""
    spacing = WINDOW * np.sqrt(np.pi / inside)
    if scale < 2 * spacing:
        least = int(np.ceil(n * (2 * spacing / scale) ** 2))
        more = f", or pass n={least:,}" if least <= total else ""
        raise ValueError(
            f"{n:,} of {total:,} points lie {spacing:.2g} standard deviations apart in plane "
            f"{name!r}; expected a scale of at least twice that, got {scale}. Raise the scale to "
            f"{np.ceil(200 * spacing) / 100:.2f}{more}."
        )
    return np.geomspace(spacing / 4, scale, STEPS)


class FullPattern:
    """Clumping in the whole space; `at` holds the distances of each curve, in whitened units."""

    name = "full space"

    def __init__(self, z, reference, landmarks: int, curves: Sequence[str], seed: int):
        rank = PrincipalAxes.fit(z).rank
        hint = "Pass more rows, a larger n, or planes."
        check_enough(len(z), max(rank + 1, *KS) + 1, f"a test along {rank} axes", hint)
        n = min(landmarks, len(z))
        self._rows = np.random.default_rng(seed).choice(len(z), n, replace=False)
        self._ks = np.array([_HIGHER.get(curve, 1) for curve in curves])
        at = np.quantile(self._distances(reference), QUANTILES, axis=0)
        self.at = dict(zip(curves, at.T, strict=True))

    def measure(self, z: np.ndarray) -> np.ndarray:
        """Return the curves of a cloud, those of `at` end to end."""
        pairs = zip(self._distances(z).T, self.at.values(), strict=True)
        return np.concatenate([_share_within(column, r) for column, r in pairs])

    def _distances(self, z: np.ndarray) -> np.ndarray:
        # Each cloud by its own fit. With the data's fit for all, the data alone would have exactly
        # unit covariance: in 128 dimensions its 4,000 points then lie farther apart than those of
        # its own MVN draws, by two standard deviations of these, although it is a Gaussian itself.
        y = PrincipalAxes.fit(z).whiten(z).astype(np.float32)
        found, _ = find_others(y, self._ks.max(), self._rows)
        return found[:, self._ks - 1].astype(np.float64)  # (landmarks, curves)
