"""How points clump: summary statistics of point patterns, in planes and in many dimensions.

Points outside the window still are neighbors: "minus sampling" (Baddeley et al. 2015).
"""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import Delaunay, QhullError, cKDTree

from aelatent._checks import check_points as _points
from aelatent._checks import chunks
from aelatent.latent.neighbors import KS, check_numbers, neighbor_distances
from aelatent.latent.planes import Plane
from aelatent.latent.principal import PrincipalAxes

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
    distance = cKDTree(points).query(locations, k=check_numbers(k))[0]  # inf where there are fewer
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


def spanning_tree(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return edge lengths and degrees of the Euclidean minimum spanning tree of points (n, 2)."""
    points = pattern(points)  # (n, 2), n at least 2
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


WINDOW = (
    1.5  # radius of the disk judged in a plane, standard deviations: 2/3 of a Gaussian's points
)
LOCATIONS = 4000  # random places in it at which neighbors are counted
STEPS = 12  # distances r
DEGREES = (1, 2, 3)  # edges at a vertex of the spanning tree; the last counts what has more too
QUANTILES = np.linspace(0.02, 0.98, STEPS)
PLANE_STATISTICS = "G", "F", "J", "kNN-CDF", "Landy-Szalay", "spanning tree"
FULL_STATISTICS = "nearest neighbor", "kNN-CDF"


class PlanePattern:
    """Clumping in one plane; `at` holds the places of each curve, r in whitened units."""

    def __init__(
        self,
        name: str,
        plane: Plane,
        z: np.ndarray,
        catalogue: np.ndarray,
        *,
        total: int,
        scale: float,
        wanted: Sequence[str],
        seed: int,
    ):
        self.name, self._plane, self._wanted = name, plane, wanted
        where = plane.project(z)
        # Draws are whitened by the data's fit, too: one r means one distance for all of them.
        self._axes = PrincipalAxes.fit(where)
        if self._axes.rank < 2:
            raise ValueError(
                f"the z-points of plane {name!r} lie on a line; expected points that vary in both "
                "directions. Choose another plane."
            )
        self._r = _distances(name, len(z), total, np.count_nonzero(self._inside(z)[1]), scale)
        rng = np.random.default_rng(seed)
        radius, turn = WINDOW * np.sqrt(rng.random(LOCATIONS)), rng.uniform(0, 2 * np.pi, LOCATIONS)
        self._locations = np.column_stack([radius * np.cos(turn), radius * np.sin(turn)])
        y, inside = self._inside(catalogue)
        self._catalogue = y[inside]
        self._pairs = pair_counts(self._catalogue, self._catalogue, self._r)
        self.at = {
            statistic: np.array(DEGREES, float) if statistic == "branches" else self._r
            for statistic in self.measure(z)
        }

    def measure(self, z: np.ndarray) -> dict[str, np.ndarray]:
        """Return the curves of the wanted statistics, always in the same order."""
        y, inside = self._inside(z)
        g = nearest(y, self._r, inside)
        f, *higher = knn_cdf(y, self._r, self._locations)
        found = {"G": g, "F": f, "J": j_function(g, f)}
        found = {name: curve for name, curve in found.items() if name in self._wanted}
        if "kNN-CDF" in self._wanted:
            found |= {_ordinal(k): curve for k, curve in zip(KS[1:], higher, strict=True)}
        if "Landy-Szalay" in self._wanted:
            found["Landy-Szalay"] = landy_szalay(
                y[inside], self._catalogue, self._r, rr=self._pairs
            )
        if "spanning tree" in self._wanted:
            lengths, degrees = spanning_tree(y[inside])
            found["spanning tree"] = np.searchsorted(lengths, self._r, "right") / len(lengths)
            shares = np.bincount(np.minimum(degrees, DEGREES[-1]), minlength=DEGREES[-1] + 1)
            found["branches"] = shares[1:] / len(degrees)
        return found

    def _inside(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return whitened positions in the plane, float64 (n, 2), and which are in the window."""
        y = self._axes.whiten(self._plane.project(z))
        return y, np.hypot(*y.T) <= WINDOW


class FullPattern:
    """Clumping in the whole space; `at` holds the distances of each curve, in whitened units."""

    name = "full space"

    def __init__(
        self,
        z: np.ndarray,
        reference: np.ndarray,
        *,
        landmarks: int,
        wanted: Sequence[str],
        seed: int,
    ):
        rank = PrincipalAxes.fit(z).rank
        if len(z) <= max(rank + 1, *KS):
            raise ValueError(
                f"{len(z)} z-points vary along {rank} axes; expected more of them than "
                f"{max(rank + 1, *KS)}. Pass more rows, a larger n, or planes."
            )
        n = min(landmarks, len(z))
        self._rows = np.random.default_rng(seed).choice(len(z), n, replace=False)
        names = {"nearest neighbor": 1, **{_ordinal(k): k for k in KS[1:]}}
        self._ks = {name: k for name, k in names.items() if _family(name) in wanted}
        at = np.quantile(self._distances(reference), QUANTILES, axis=0)
        self.at = dict(zip(self._ks, at.T, strict=True))

    def measure(self, z: np.ndarray) -> dict[str, np.ndarray]:
        """Return the curves of the wanted statistics, always in the same order."""
        within = np.sort(self._distances(z), axis=0)
        return {
            name: np.searchsorted(column, self.at[name], "right") / len(column)
            for name, column in zip(self._ks, within.T, strict=True)
        }

    def _distances(self, z: np.ndarray) -> np.ndarray:
        # Each cloud by its own fit. With the data's fit for all, the data alone would have exactly
        # unit covariance: in 128 dimensions its 4,000 points then lie farther apart than those of
        # matched Gaussians, by two standard deviations of these, although it is a Gaussian itself.
        y = PrincipalAxes.fit(z).whiten(z).astype(np.float32)
        return neighbor_distances(y, self._rows, tuple(self._ks.values()))


def _ordinal(k: int) -> str:
    return f"kNN-CDF {k}"


def _family(name: str) -> str:
    return "kNN-CDF" if name.startswith("kNN-CDF") else name


def _distances(name: str, n: int, total: int, inside: int, scale: float) -> np.ndarray:
    """Choose r from a quarter of the mean spacing in the window up to the scale, float64 (12,)."""
    spacing = WINDOW * np.sqrt(np.pi / max(inside, 1))
    if scale < 2 * spacing:
        least = int(np.ceil(n * (2 * spacing / scale) ** 2))
        more = f", or pass n={least:,}" if least <= total else ""
        raise ValueError(
            f"{n:,} of {total:,} points lie {spacing:.2g} standard deviations apart in plane "
            f"{name!r}; expected a scale of at least twice that, got {scale}. Raise the scale to "
            f"{np.ceil(200 * spacing) / 100:.2f}{more}."
        )
    return np.geomspace(spacing / 4, scale, STEPS)
