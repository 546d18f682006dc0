"""Nearest neighbors, all of them exact: searches that guess miss a fifth in 256 components.

One search serves all that ask for the neighbors of many vectors; `Nearest` asks for those of one.
"""

import numpy as np

from aelatent._checks import (
    check_enough,
    check_finite,
    check_points,
    check_same_space,
    check_whole,
    chunks,
)

_ROWS = 64  # vectors at a time: 64 x 80 neighbors x 256 components in float64 are 10 MB
_SPARE = 16  # near-duplicates of one landmark that the first search allows for
_MANY = 1000  # and the second one, for the landmarks that have more
_EXACTLY = 64  # rows of which `Nearest` computes the distance exactly


def find_nearest(cloud: np.ndarray, vectors: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Return distances and rows, (n, k) each, of the k rows of a cloud nearest to each vector."""
    from sklearn.neighbors import NearestNeighbors  # a second, for those who look for some

    # Both of one floating type: a search through two takes longer.
    kind = cloud.dtype if cloud.dtype in (np.float32, np.float64) else np.float64
    # An index of the cloud in few dimensions; in many none beats comparing with all.
    search = NearestNeighbors(n_jobs=-1).fit(cloud.astype(kind, copy=False))
    return search.kneighbors(vectors.astype(kind, copy=False), k)


def find_others(
    cloud: np.ndarray, k: int, rows: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return distances and rows, (m, k) each, of the k *others* nearest to some rows, or to all."""
    rows = np.arange(len(cloud)) if rows is None else rows
    distances, found = find_nearest(cloud, cloud[rows], k + 1)
    own = found == rows[:, None]
    own[~own.any(axis=1), 0] = True  # beside more than k copies of itself a row may not be found
    return distances[~own].reshape(-1, k), found[~own].reshape(-1, k)


def nearest(vectors: np.ndarray, cloud: np.ndarray, k: int = 1) -> np.ndarray:
    """Return the distance, float64 (n,), of each vector to the k-th nearest row of the cloud."""
    return _between(vectors, cloud, find_nearest(cloud, vectors, k)[1]).max(axis=1)


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
    vectors, codes = check_same_space(vectors=vectors, codes=codes)
    return nearest(vectors, codes, check_whole("k", k, 1, len(codes), "Pass more codes."))


def distinct_neighbors(
    z: np.ndarray, k: int, landmarks: int, near: float, seed: int
) -> tuple[np.ndarray, float]:
    """Measure distances of random landmarks to their k nearest z-points, near-duplicates apart."""
    z = check_finite(z)
    n = len(z)
    check_enough(n, k + 1, f"a look at {k} neighbors", "Pass more rows, or ask for fewer.")
    rows = np.random.default_rng(seed).choice(n, min(landmarks, n), replace=False)
    distances = _to_others(z, rows, min(n - 1, k + _SPARE))
    # A near-duplicate is nearer than `near` times the median distance of a landmark to its nearest
    # z-point that is no exact copy of it.
    closest = np.where(distances > 0, distances, np.inf).min(axis=1)
    closest = closest[np.isfinite(closest)]
    limit = near * np.median(closest) if len(closest) else 0.0
    kept = _beyond(limit, distances, k)
    short = np.isinf(kept[:, -1])
    if short.any():
        more = _to_others(z, rows[short], min(n - 1, k + _MANY))
        kept[short] = _beyond(limit, more, k)
        short = np.isinf(kept[:, -1])
    if short.any():
        raise ValueError(
            f"expected {k} neighbors of each point that are no copies of it; {short.sum()} of "
            f"{len(rows)} points have fewer. Leave repeated rows out: np.unique(z, axis=0)."
        )
    # float64 (landmarks, k), ascending; and the share of the landmarks that had a near-duplicate
    return kept, float(np.mean((distances <= limit).any(axis=1)))


def _to_others(z: np.ndarray, rows: np.ndarray, count: int) -> np.ndarray:
    """Return distances, float64 (rows, count), to the nearest other z-points."""
    return _between(z[rows], z, find_others(z, count, rows)[1])


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


class Nearest:
    """A search for the z-points nearest to a latent vector, one pass over them for each."""

    def __init__(self, z: np.ndarray):
        self._z = check_points(z)  # (n, d), in memory or memory-mapped
        # |z - v|² = |z|² - 2 z.v + |v|²: the first part is computed once, the last is that of all.
        self._squares = np.concatenate([np.sum(part**2, axis=1) for part in chunks(self._z)])

    def find(self, vector: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Return rows and distances, int64 and float64 (k,), of the `k` nearest, nearest first."""
        # In the precision of z, whole numbers apart: fast, and right to a few units of its last
        # digit. The rows that then look nearest are measured in float64.
        fast = vector.astype(np.result_type(self._z, np.float32))
        away = self._squares - 2 * (self._z @ fast)
        few = min(max(_EXACTLY, k), len(away))
        rows = np.sort(np.argpartition(away, few - 1)[:few])
        distances = np.linalg.norm(self._z[rows] - np.asarray(vector, float), axis=1)
        order = np.argsort(distances, kind="stable")[:k]
        return rows[order], distances[order]
