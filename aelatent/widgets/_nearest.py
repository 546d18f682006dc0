"""The z-points nearest to a latent vector, found while a slider moves."""

import numpy as np

from aelatent._checks import chunks, points

SPARE = 64  # rows of which the distance is computed exactly


class Nearest:
    """A search for the z-points nearest to a latent vector, one pass over them for each."""

    def __init__(self, z: np.ndarray):
        self._z = np.asarray(points(z))  # (n, d), in memory or memory-mapped
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
        few = min(max(SPARE, k), len(away))
        rows = np.sort(np.argpartition(away, few - 1)[:few])
        distances = np.linalg.norm(self._z[rows] - vector, axis=1)
        order = np.argsort(distances, kind="stable")[:k]
        return rows[order], distances[order]  # int64 and float64 (k,)
