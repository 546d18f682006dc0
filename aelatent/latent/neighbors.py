"""Distances to nearest neighbors: of z-points without their near-duplicates, and of any vectors."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.neighbors import NearestNeighbors

from aelatent._checks import check_finite, check_points, check_same_space, check_whole, chunks

# Searches are by brute force, which no index beats in hundreds of dimensions.
_SPARE = 16  # near-duplicates of one landmark that the first search allows for
_MANY = 1000  # and the second one, for the landmarks that have more
_ROWS = 64  # vectors at a time: 64 x 80 neighbors x 256 components in float64 are 10 MB


@dataclass(frozen=True, eq=False)
class Neighbors:
    """Distances from landmarks to their nearest neighbors."""

    distances: np.ndarray  # float64 (landmarks, k), ascending
    n: int  # of all z-points
    near_duplicates: float  # share of landmarks that had one


def neighbors(z: np.ndarray, k: int, landmarks: int, near: float, seed: int) -> Neighbors:
    """Find the k nearest neighbors of random landmarks among all z-points, near-duplicates out."""
    landmarks = check_whole("landmarks", landmarks, 2)
    if not 0 <= near < 1:  # also false for NaN
        raise ValueError(f"near must be a share, 0 or more and below 1; got {near!r}. Try 0.1.")
    z = check_finite(z)
    n = len(z)
    if n <= k:
        raise ValueError(
            f"expected more than {k} z-points, for {k} neighbors each; got {n}. "
            "Pass more rows, or ask for fewer neighbors."
        )
    z = z if z.dtype in (np.float32, np.float64) else z.astype(np.float64)
    rows = np.random.default_rng(seed).choice(n, min(landmarks, n), replace=False)
    search = NearestNeighbors(algorithm="brute").fit(z)
    distances = _distances(search, z, rows, min(n, k + 1 + _SPARE))
    # A near-duplicate is nearer than `near` times the median distance of a landmark to its nearest
    # z-point that is no exact copy of it.
    nearest = np.where(distances > 0, distances, np.inf).min(axis=1)
    nearest = nearest[np.isfinite(nearest)]
    limit = near * np.median(nearest) if len(nearest) else 0.0
    kept = _beyond(limit, distances, k)
    short = np.isinf(kept[:, -1])
    if short.any():
        more = _distances(search, z, rows[short], min(n, k + 1 + _MANY))
        kept[short] = _beyond(limit, more, k)
    short = np.isinf(kept[:, -1])
    if short.any():
        raise ValueError(
            f"expected {k} neighbors of each point that are no copies of it; {short.sum()} of "
            f"{len(rows)} points have fewer. Leave repeated rows out: np.unique(z, axis=0)."
        )
    return Neighbors(kept, n, float(np.mean((distances <= limit).any(axis=1))))


def nearest(vectors: np.ndarray, cloud: np.ndarray, k: int = 1) -> np.ndarray:
    """Return the distance, float64 (n,), of each vector to the k-th nearest row of the cloud."""
    if cloud.dtype not in (np.float32, np.float64):
        cloud = cloud.astype(np.float64)
    search = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(cloud)
    # Of one type both: a search through two takes longer.
    found = search.kneighbors(vectors.astype(cloud.dtype, copy=False), return_distance=False)
    return _between(vectors, cloud, found).max(axis=1)


def _distances(search: NearestNeighbors, z: np.ndarray, rows: np.ndarray, count: int):
    """Return distances, float64 (rows, count), to the nearest z-points; infinite to itself."""
    found = search.kneighbors(z[rows], count, return_distance=False)
    return np.where(found == rows[:, None], np.inf, _between(z[rows], z, found))


def _between(vectors: np.ndarray, cloud: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Return distances, float64 (n, k), of the vectors to the rows of the cloud found for each."""
    distances = np.empty(found.shape)
    for start in range(0, len(vectors), _ROWS):
        part = slice(start, start + _ROWS)
        # The search subtracts squares, which leaves few digits to near-duplicates.
        steps = cloud[found[part]].astype(np.float64) - vectors[part, None]
        distances[part] = np.sqrt(np.einsum("ijk,ijk->ij", steps, steps))
    return distances


def _beyond(limit: float, distances: np.ndarray, k: int) -> np.ndarray:
    """Return the k least of each row's distances above the limit, ascending; infinite if none."""
    return np.sort(np.where(distances > limit, distances, np.inf), axis=1)[:, :k]


_EXACTLY = 64  # rows of which the distance is computed exactly


class Nearest:
    """A search for the z-points nearest to a latent vector, one pass over them for each."""

    def __init__(self, z: np.ndarray):
        self._z = np.asarray(check_points(z))  # (n, d), in memory or memory-mapped
        # |z - v|² = |z|² - 2 z.v + |v|²: the first part is computed once, the last is that of all.
        self._squares = np.concatenate([np.sum(part**2, axis=1) for part in chunks(self._z)])

    def find(self, vector: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Return rows and distances of the `k` z-points nearest to `vector`, nearest first."""
        vector = np.asarray(vector, dtype=float)
        # Whole numbers need more than their own precision; float32 stays float32.
        fast = vector.astype(np.result_type(self._z, np.float32))
        # In the precision of z: fast, and right to a few units of its last digit. The SPARE rows
        # that then look nearest are measured in float64.
        away = self._squares - 2 * (self._z @ fast)
        few = min(max(_EXACTLY, k), len(away))
        rows = np.sort(np.argpartition(away, few - 1)[:few])
        distances = np.linalg.norm(self._z[rows] - vector, axis=1)
        order = np.argsort(distances, kind="stable")[:k]
        return rows[order], distances[order]  # int64 and float64 (k,)


KS = (1, 2, 4, 8)  # neighbors looked at, as Banerjee & Abel (MNRAS 500, 5479, 2021)


def neighbor_distances(y: np.ndarray, rows: np.ndarray, k: Sequence[int] = KS) -> np.ndarray:
    """Give the distances from some points to their k-th nearest others, float64 (m, len(k))."""
    y, ks = check_finite(y), check_numbers(k)
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


def check_numbers(k: Sequence[int]) -> list[int]:
    """Return numbers of neighbors as a list, refused unless whole and at least 1."""
    ks = list(k)
    whole = all(isinstance(i, (int, np.integer)) and not isinstance(i, bool) for i in ks)
    if not (ks and whole and min(ks) >= 1):
        raise ValueError(
            f"k must hold whole numbers of at least 1; got {k!r}. For instance (1, 2)."
        )
    return ks


def nearest_distance(vectors: np.ndarray, codes: np.ndarray, k: int = 1) -> np.ndarray:
    """Return the Euclidean distance of each vector to the nearest code, or to the k-th nearest.

    Where the vectors are among the codes, the nearest is the vector itself: pass k = 2.

    Parameters
    ----------
    vectors, codes : float (n, d), (m, d)
        From where and to what, m at least k.
    k : int
        Which neighbor, at least 1.

    Returns
    -------
    float64 (n,)
        In the unit of the codes; 2,000 among 165,000 of 256 components take 10 s on 2 cores.
    """
    k = check_whole("k", k, 1)
    vectors, codes = check_same_space(vectors=vectors, codes=codes)
    if len(codes) < k:
        raise ValueError(
            f"codes must have at least k={k} rows; got {len(codes)}. Pass more, or a smaller k."
        )
    return nearest(vectors, codes, k)


def exact_neighbors(reference, count, of=None):
    """Return exact neighbors (distances, rows) of rows of `reference`, or of other points."""
    search = NearestNeighbors(n_jobs=-1).fit(reference)
    return search.kneighbors(of, n_neighbors=count)
