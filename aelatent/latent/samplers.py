"""Samplers of latent vectors that know moments or single components of the z-points.

Each takes the z-points first, the number of latent vectors and a seed, and returns float32 (n, d).
With those that know more they make up the ladder of `aelatent.latent.ladder`,
which says what posts they follow.
"""

import numpy as np

from aelatent.latent._rows import LARGEST, chunks, points, shape_of_draws
from aelatent.latent.principal import Moments, PrincipalAxes

_COLUMNS = 32  # components sorted at a time: 42 MB of float64 at 165,000 z-points


def matching_bound(z: np.ndarray) -> float:
    """Return the b for which components uniform in [-b, b] have the z-points' mean radius.

    The mean length of a vector of d such components is ``b sqrt(d/3) (1 - 1/(10 d) + ...)``
    (Bailey, Borwein & Crandall, *Box integrals*, 2007). The terms left out are 0.1 % of it at
    8 components and a millionth at 256.

    Parameters
    ----------
    z : float (n, d)
        z-points; an array in memory or memory-mapped.

    Returns
    -------
    float
        In units of the latent space, above 0 unless every z-point is the origin.

    Raises
    ------
    ValueError
        If `z` is not 2-D, is empty, is not numeric, or holds NaN or infinities.

    Examples
    --------
    >>> z = np.random.default_rng(0).normal(size=(2000, 256))
    >>> round(matching_bound(z), 1)  # the square root of 3
    1.7
    """
    z = points(z)
    d = z.shape[1]
    radius = np.concatenate([np.linalg.norm(part, axis=1) for part in chunks(z)]).mean()
    return float(radius / (np.sqrt(d / 3) * (1 - 1 / (10 * d))))


def uniform(z: np.ndarray, n: int, seed: int = 0, *, bound: float | None = None) -> np.ndarray:
    """Draw every component uniformly from one common interval [-b, b].

    Parameters
    ----------
    z : float (n_rows, d)
        z-points; they give d and, without `bound`, the mean radius.
    n : int
        Number of latent vectors, at least 1.
    seed : int
        Seed of the draw.
    bound : float, optional
        b, in units of the latent space, above 0; default: `matching_bound` of `z`.

    Returns
    -------
    float32 (n, d)
        The draws.

    Raises
    ------
    ValueError
        If an argument is unusable.

    Examples
    --------
    >>> uniform(np.eye(4), 3, bound=1.5).shape
    (3, 4)
    """
    if bound is None:
        bound = matching_bound(z)
    elif not 0 < bound <= LARGEST:  # also false for NaN
        raise ValueError(
            f"bound must be a finite number above 0; got {bound!r}. "
            "Leave it out to match the mean radius of the z-points."
        )
    shape = shape_of_draws(z, n)
    return np.random.default_rng(seed).uniform(-bound, bound, shape).astype(np.float32)


def standard_normal(z: np.ndarray, n: int, seed: int = 0) -> np.ndarray:
    """Draw from N(0, I): independent components of mean 0 and width 1; `z` gives d only.

    Parameters, result and errors as `uniform`.

    Examples
    --------
    >>> standard_normal(np.eye(4), 3).dtype
    dtype('float32')
    """
    return np.random.default_rng(seed).standard_normal(shape_of_draws(z, n)).astype(np.float32)


def measured_ranges(z: np.ndarray, n: int, seed: int = 0, *, share: float = 0.9) -> np.ndarray:
    """Draw each component uniformly from the range in which `share` of its measured values lie.

    The range runs from the quantile ``(1 - share) / 2`` to ``(1 + share) / 2`` of the component.
    It has the right place and width, but all values in it are equally likely, and the components
    know nothing of each other.

    Parameters
    ----------
    z : float (n_rows, d)
        z-points; an array in memory or memory-mapped.
    n : int
        Number of latent vectors, at least 1.
    seed : int
        Seed of the draw.
    share : float
        Share of the measured values of each component, above 0; 1 is from least to largest, which
        a single far z-point can stretch.

    Returns
    -------
    float32 (n, d)
        The draws.

    Raises
    ------
    ValueError
        If an argument is unusable.

    Examples
    --------
    >>> z = np.linspace([0, -20], [10, 20], 1001)
    >>> drawn = measured_ranges(z, 4000)
    >>> drawn.min(axis=0).round(1), drawn.max(axis=0).round(1)
    (array([  0.5, -18. ], dtype=float32), array([ 9.5, 18. ], dtype=float32))
    """
    shape = shape_of_draws(z, n)
    if not 0 < share <= 1:  # also false for NaN
        raise ValueError(
            f"share must be above 0 and at most 1; got {share!r}. For instance 0.9, from the 5 % "
            "to the 95 % quantile of each component."
        )
    z = points(z)
    for _ in chunks(z):  # raises where a value is not finite: it has no rank
        pass
    low, high = np.empty((2, shape[1]))
    for start in range(0, shape[1], _COLUMNS):
        part = slice(start, start + _COLUMNS)
        columns = np.asarray(z[:, part], dtype=np.float64)
        low[part], high[part] = np.quantile(columns, [(1 - share) / 2, (1 + share) / 2], axis=0)
    return np.random.default_rng(seed).uniform(low, high, shape).astype(np.float32)


def independent_normal(z: np.ndarray, n: int, seed: int = 0) -> np.ndarray:
    """Draw each component from a Gaussian with its measured mean and standard deviation.

    Parameters
    ----------
    z : float (n_rows, d)
        z-points, n_rows at least 2; an array in memory or memory-mapped.
    n : int
        Number of latent vectors, at least 1.
    seed : int
        Seed of the draw.

    Returns
    -------
    float32 (n, d)
        The draws.

    Raises
    ------
    ValueError
        If an argument is unusable, or there is only one z-point.

    Examples
    --------
    >>> z = np.random.default_rng(1).normal([5, -3], [1, 2], size=(4000, 2))
    >>> independent_normal(z, 4000).mean(axis=0).round()
    array([ 5., -3.], dtype=float32)
    """
    shape = shape_of_draws(z, n)
    moments = Moments.of(z)
    sd = np.sqrt(np.diag(moments.covariance))
    return np.random.default_rng(seed).normal(moments.mean, sd, shape).astype(np.float32)


def column_shuffle(z: np.ndarray, n: int, seed: int = 0) -> np.ndarray:
    """Take each component from a z-point of its own: measured densities, no correlations.

    Within a component no value is taken a second time before all were taken once; with n = n_rows
    each column of the result is a permutation of that of `z`.

    Parameters
    ----------
    z : float (n_rows, d)
        z-points; an array in memory or memory-mapped.
    n : int
        Number of latent vectors, at least 1.
    seed : int
        Seed of the draw.

    Returns
    -------
    float32 (n, d)
        The draws.

    Raises
    ------
    ValueError
        If an argument is unusable.

    Examples
    --------
    >>> z = np.arange(6).reshape(3, 2)
    >>> np.sort(column_shuffle(z, 3), axis=0).astype(int).tolist()
    [[0, 1], [2, 3], [4, 5]]
    """
    out = np.empty(shape_of_draws(z, n), np.float32)
    z = points(z)
    for _ in chunks(z):  # raises where a value is not finite, drawn or not
        pass
    rng = np.random.default_rng(seed)
    for column in range(z.shape[1]):
        for start in range(0, n, len(z)):
            part = out[start : start + len(z), column]
            part[:] = z[rng.choice(len(z), len(part), replace=False), column]
    return out


def multivariate_normal(z: np.ndarray, n: int, seed: int = 0) -> np.ndarray:
    """Draw from the Gaussian (MVN) with the measured mean and covariance of the z-points.

    With no more z-points than components, or where they do not vary, the covariance is singular:
    the draws then stay in the subspace of the z-points.

    Parameters, result and errors as `uniform`; the z-points must not be all the same.

    Examples
    --------
    >>> t = np.linspace(0, 1, 50)[:, None]
    >>> line = multivariate_normal(np.hstack([t, 2 * t]), 5)
    >>> np.allclose(line[:, 1], 2 * line[:, 0])
    True
    """
    shape_of_draws(z, n)
    principal = PrincipalAxes.fit(z)
    y = np.random.default_rng(seed).standard_normal((n, principal.rank))
    return principal.unwhiten(y).astype(np.float32)
