"""Samplers of latent vectors that know moments or single components of the z-points.

Each takes z, n and seed and returns float32 (n, d). With those that know more they make up the
ladder of `aelatent.latent.ladder`, which says what posts they follow.
"""

import numpy as np

from aelatent._checks import LARGEST, chunks, points, shape_of_draws
from aelatent.latent.principal import Moments, PrincipalAxes

_COLUMNS = 32  # components sorted at a time: 42 MB of float64 at 165,000 z-points


def matching_bound(z: np.ndarray) -> float:
    """Return the b for which components uniform in [-b, b] have the z-points' mean radius.

    The mean length is ``b sqrt(d/3) (1 - 1/(10 d) + ...)`` (Bailey, Borwein & Crandall, *Box
    integrals*, 2007); the terms left out are 0.1 % of it at d = 8 and a millionth at d = 256.

    Returns
    -------
    float
        In units of the latent space, above 0 unless every z-point is the origin.

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
    """Draw every component uniformly from one common interval [-bound, bound]."""
    if bound is None:  # in units of the latent space
        bound = matching_bound(z)
    elif not 0 < bound <= LARGEST:  # also false for NaN
        raise ValueError(
            f"bound must be a finite number above 0; got {bound!r}. "
            "Leave it out to match the mean radius of the z-points."
        )
    shape = shape_of_draws(z, n)
    return np.random.default_rng(seed).uniform(-bound, bound, shape).astype(np.float32)


def standard_normal(z: np.ndarray, n: int, seed: int = 0) -> np.ndarray:
    """Draw from N(0, I): independent components of mean 0 and width 1; `z` gives d only."""
    return np.random.default_rng(seed).standard_normal(shape_of_draws(z, n)).astype(np.float32)


def measured_ranges(z: np.ndarray, n: int, seed: int = 0, *, share: float = 0.9) -> np.ndarray:
    """Draw each component uniformly from the range in which `share` of its measured values lie."""
    # Right place and width, but all values are equally likely, and components are independent.
    # From the quantile (1 - share) / 2 to (1 + share) / 2; at 1 from least to largest, which a
    # single far z-point can stretch.
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
    """Draw each component from a Gaussian with its measured mean and standard deviation."""
    shape = shape_of_draws(z, n)
    moments = Moments.of(z)
    sd = np.sqrt(np.diag(moments.covariance))
    return np.random.default_rng(seed).normal(moments.mean, sd, shape).astype(np.float32)


def column_shuffle(z: np.ndarray, n: int, seed: int = 0) -> np.ndarray:
    """Take each component from a z-point of its own: measured densities, no correlations."""
    out = np.empty(shape_of_draws(z, n), np.float32)
    z = points(z)
    for _ in chunks(z):  # raises where a value is not finite, drawn or not
        pass
    # No value is taken a second time before all of its component were taken once: with as many
    # draws as z-points each column is a permutation.
    rng = np.random.default_rng(seed)
    for column in range(z.shape[1]):
        for start in range(0, n, len(z)):
            part = out[start : start + len(z), column]
            part[:] = z[rng.choice(len(z), len(part), replace=False), column]
    return out


def multivariate_normal(z: np.ndarray, n: int, seed: int = 0) -> np.ndarray:
    """Draw from the Gaussian (MVN) with the measured mean and covariance of the z-points."""
    shape_of_draws(z, n)
    principal = PrincipalAxes.fit(z)
    # With a singular covariance the draws stay in the subspace of the z-points.
    y = np.random.default_rng(seed).standard_normal((n, principal.rank))
    return principal.unwhiten(y).astype(np.float32)
