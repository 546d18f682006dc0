"""The z-points nearest to a latent vector, found while a slider moves."""

import numpy as np

from aelatent.latent._rows import chunks, points

SPARE = 64  # rows of which the distance is computed exactly


class Nearest:
    """A search for the nearest z-points, one pass over them for each latent vector.

    ``|z - v|² = |z|² - 2 z.v + |v|²``: the first part is computed once, the last is the same for
    all. The second is taken in the precision of `z`, which is fast and right to a few units of its
    last digit; the distances of the `SPARE` rows that then look nearest are computed in float64.

    Parameters
    ----------
    z : float (n, d)
        z-points; an array in memory or memory-mapped.

    Raises
    ------
    ValueError
        If `z` is not 2-D, is empty, is not numeric, or holds NaN or infinities.

    Examples
    --------
    >>> rows, distances = Nearest(np.eye(3)).find([0, 0.9, 0.2], 2)
    >>> rows, distances.round(2)
    (array([1, 2]), array([0.22, 1.2 ]))
    """

    def __init__(self, z: np.ndarray):
        self._z = np.asarray(points(z))
        self._squares = np.concatenate([np.sum(part**2, axis=1) for part in chunks(self._z)])

    def find(self, vector: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Find the `k` z-points nearest to `vector`, float (d,), or all where there are fewer.

        Returns
        -------
        rows, distances : int64 and float64 (k,)
            Nearest first, plain distances in units of the latent space.
        """
        vector = np.asarray(vector, dtype=float)
        # Whole numbers need more than their own precision; float32 stays float32.
        fast = vector.astype(np.result_type(self._z, np.float32))
        away = self._squares - 2 * (self._z @ fast)
        few = min(max(SPARE, k), len(away))
        rows = np.sort(np.argpartition(away, few - 1)[:few])
        distances = np.linalg.norm(self._z[rows] - vector, axis=1)
        order = np.argsort(distances, kind="stable")[:k]
        return rows[order], distances[order]
