"""Scores of latent vectors, from arrays: how well they come back from decoding."""

import numpy as np

from aelatent.latent._rows import chunks, points


def cycle_error(z: np.ndarray, again: np.ndarray) -> np.ndarray:
    """Return how far latent vectors come back from where they were: decoded, and encoded again.

    Where the Decoder draws what the Encoder knows, z comes back; outside it does not.

    Parameters
    ----------
    z : float (n, d)
        Latent vectors.
    again : float (n, d)
        What the Encoder makes of their decoded pictures.

    Returns
    -------
    float64 (n,)
        ``|again - z| / |z|`` (L2 norms), from 0 on; infinite for a vector of length 0 that does not
        come back.

    Raises
    ------
    ValueError
        If the arrays differ in shape, are not 2-D, or hold NaN or infinities.

    Examples
    --------
    >>> cycle_error(np.array([[3.0, 4.0]]), np.array([[3.0, 3.0]]))
    array([0.2])
    """
    z = points(z)
    again = points(again, z.shape[1])
    if len(again) != len(z):
        raise ValueError(f"expected as many vectors again, {len(z)}; got {len(again)}.")
    parts = zip(chunks(z), chunks(again), strict=True)
    pairs = [(np.linalg.norm(b - a, axis=1), np.linalg.norm(a, axis=1)) for a, b in parts]
    off, length = np.hstack(pairs)
    with np.errstate(divide="ignore"):
        return np.divide(off, length, out=np.zeros(len(off)), where=(length > 0) | (off > 0))
