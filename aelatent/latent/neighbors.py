"""Distances to nearest neighbors: of z-points without their near-duplicates, and of any vectors."""

from dataclasses import dataclass

import numpy as np
from sklearn.neighbors import NearestNeighbors

from aelatent.latent.core import checked

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
    landmarks = whole("landmarks", landmarks, 2)
    if not 0 <= near < 1:  # also false for NaN
        raise ValueError(f"near must be a share, 0 or more and below 1; got {near!r}. Try 0.1.")
    z = checked(z)
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


def whole(name: str, value: int, least: int) -> int:
    """Return `value`, refused where it is no whole number, at least `least`."""
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < least:
        raise ValueError(f"{name} must be a whole number, at least {least}; got {value!r}.")
    return int(value)
