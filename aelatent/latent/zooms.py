"""Squares of a plane that zoom into a cloud: how many points they hold, and how many to expect.

The zooms are those of the post *Curse of high dimensionality* II.
"""

from contextlib import suppress

import numpy as np
from scipy.stats import multivariate_normal

from aelatent._checks import LARGEST, SMALLEST, chunks, points, usable
from aelatent.latent.neighbors import whole
from aelatent.latent.principal import Moments


def expected_count(where: np.ndarray, side: float, center: np.ndarray | None = None) -> float:
    """Return how many points a square would hold if the cloud were a Gaussian.

    The Gaussian has the mean and covariance of the points. At the mean and for a small side a this
    is near N a² / (2 pi s1 s2 sqrt(1 - rho²)), with standard deviations s and correlation rho.

    Parameters
    ----------
    where : float (N, 2)
        Coordinates in the plane, at least 3, not on one line; as `Plane.project` gives them.
    side : float
        Side of the square, parallel to the axes, in units of the coordinates, above 0.
    center : float (2,), optional
        Center of the square; default: the mean.

    Returns
    -------
    float
        0 to N; the count of a real Gaussian cloud scatters about it by some square root.

    Examples
    --------
    >>> cloud = np.random.default_rng(0).normal(size=(170_000, 2)) * [12, 9]
    >>> round(expected_count(cloud, 0.5), -1)  # all that is left in the last zoom
    60.0
    """
    where = points(where, 2)
    moments = Moments.of(where)
    center = _center(where, center)
    half = _positive("side", side) / 2
    law = _gaussian(moments)
    return float(len(where) * law.cdf(center + half, lower_limit=center - half))


def side_for_count(where: np.ndarray, count: int, center: np.ndarray | None = None) -> float:
    """Return the side of the square that holds the given number of points.

    Parameters
    ----------
    where : float (n, 2)
        Coordinates in the plane.
    count : int
        Number of points wanted, 1 to n.
    center : float (2,), optional
        Center of the square; default: the mean.

    Returns
    -------
    float
        Twice the count-th smallest distance along the farther axis (Chebyshev): the last point is
        on the border, which `inside` counts in. More are inside where several are equally far.

    Examples
    --------
    >>> side_for_count([[0, 0], [0, 1], [-3, 1]], 2, center=[0, 0])
    2.0
    """
    where = points(where, 2)
    if whole("count", count, 1) > len(where):
        raise ValueError(
            f"count must be at most the number of points, {len(where)}; got {count}. "
            "Ask for fewer, or draw more points."
        )
    distances = _chebyshev(where, _center(where, center))
    return float(2 * np.partition(distances, count - 1)[count - 1])


def inside(where: np.ndarray, center: np.ndarray, side: float) -> np.ndarray:
    """Return which points lie in a square or on its border.

    Parameters
    ----------
    where, center : float (n, 2) and float (2,)
        Coordinates in the plane of the points and of the square's center.
    side : float
        Side of the square, parallel to the axes, in units of the coordinates, 0 or more.

    Returns
    -------
    bool (n,)
        True inside and on the border.

    Examples
    --------
    >>> inside([[0, 0.5], [0, 0.6], [-0.7, 0]], [0, 0], side=1)
    array([ True, False, False])
    """
    where = points(where, 2)
    if not 0 <= side <= LARGEST:  # also false for NaN
        raise ValueError(f"side must be a finite number, 0 or more; got {side!r}.")
    return _chebyshev(where, _center(where, center)) <= side / 2


def poisson_field(count: int, side: float, seed: int = 0) -> np.ndarray:
    """Draw points uniformly in a square around (0, 0), each without regard to the others.

    What a zoom into any smooth density looks like once the square is small: the eye finds lines and
    voids here as well, where there are none to find.

    Parameters
    ----------
    count, side : int and float
        Number of points, at least 1; side of the square, above 0, in units of the coordinates.

    Returns
    -------
    float64 (count, 2)
        Coordinates, -side / 2 to side / 2.
    """
    half = _positive("side", side) / 2
    shape = (whole("count", count, 1), 2)
    return np.random.default_rng(seed).uniform(-half, half, shape)


def _gaussian(moments: Moments):
    """Return the Gaussian of these moments, refused where its density has no value."""
    if np.diag(moments.covariance).min() > SMALLEST**2:
        with suppress(np.linalg.LinAlgError):
            return multivariate_normal(moments.mean, moments.covariance)
    raise ValueError(
        f"expected points that fill the plane; got {moments.n} on one line, whose density has no "
        "value. Choose two axes along which they vary."
    )


def _chebyshev(where: np.ndarray, center: np.ndarray) -> np.ndarray:
    return np.concatenate([np.abs(part - center).max(axis=1) for part in chunks(where)])


def _center(where: np.ndarray, center: np.ndarray | None) -> np.ndarray:
    center = Moments.of(where).mean if center is None else np.asarray(center, dtype=float)
    if center.shape != (2,) or not usable(center).all():
        raise ValueError(
            f"center must be two finite numbers; got {center} of shape {center.shape}. "
            "For instance (0, 0)."
        )
    return center


def _positive(name: str, value: float) -> float:
    if not 0 < value <= LARGEST:  # also false for NaN
        raise ValueError(f"{name} must be a finite number above 0; got {value!r}.")
    return value
