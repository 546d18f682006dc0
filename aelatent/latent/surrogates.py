"""Surrogates: clouds without filaments that keep much of what was measured in the z-points.

Whatever a statistic says of z-points and of these alike is no evidence of filaments. Each takes
z, n and seed and returns float32 (n, d); a mixture drawn often is fitted once (`mixture`).
"""

import numpy as np
from scipy.special import ndtr, ndtri
from scipy.stats import rankdata

from aelatent._checks import CHUNK, LARGEST, chunks, points, shape_of_draws
from aelatent.latent.mixture import gaussian_mixture
from aelatent.latent.principal import PrincipalAxes
from aelatent.latent.samplers import column_shuffle, multivariate_normal

EXACT_ROUNDS = 4  # of whitening and restoring radii; then D² is off by 0.2 % on average


def pca_column_shuffle(z: np.ndarray, n: int, seed: int = 0) -> np.ndarray:
    """Take the coordinate along each principal axis from a z-point of its own."""
    # Keeps mean, covariance and the density along every principal axis; whatever else ties the
    # axes together is gone. No coordinate is taken a second time before all were taken once.
    shape_of_draws(z, n)
    principal = PrincipalAxes.fit(z)
    coordinates = column_shuffle(principal.forward(z), n, seed)
    return principal.back(coordinates).astype(np.float32)


def gaussian_copula(z: np.ndarray, n: int, seed: int = 0) -> np.ndarray:
    """Draw from the z-points' Gaussian copula, under the measured density of each component."""
    # Keeps density and range of every component and the correlations of the normal scores (nearly
    # those of the ranks); extremes of one component do not come with extremes of others.
    z, (n, d) = points(z), shape_of_draws(z, n)
    for _ in chunks(z):  # raises where a value is not finite: it has no rank
        pass
    scores = np.empty(z.shape, np.float32)
    sd = np.ones(d)
    for column in range(d):
        score = ndtri(rankdata(z[:, column]) / (len(z) + 1))
        scores[:, column] = score
        sd[column] = score.std(ddof=1) if len(z) > 1 else 0.0
    out = multivariate_normal(scores, n, seed)
    for column in range(d):
        level = ndtr(out[:, column] / (sd[column] or 1))  # of a constant component all are 0
        at, ordered = level * (len(z) - 1), np.sort(z[:, column])
        # Back by the measured quantiles, linear between the z-points.
        out[:, column] = np.interp(at, np.arange(len(z)), ordered)
    return out


def elliptical(z: np.ndarray, n: int, seed: int = 0, *, exact: bool = False) -> np.ndarray:
    """Draw random directions in whitened space, each as far out as a z-point is."""
    # Keeps the law of D², no radius taken a second time before all were taken once; mean and
    # covariance (with divisor len(z)) are those of the z-points in expectation.
    shape_of_draws(z, n)
    principal = PrincipalAxes.fit(z)
    rng = np.random.default_rng(seed)
    radii = np.sqrt(principal.d2(z))[row_order(len(z), n, rng)]
    y = _to_radii(rng.standard_normal((n, principal.rank)), radii)
    # Whitened by its own fit, a draw that is not exact is less heavy-tailed than the z-points are
    # by theirs: its farthest points bend its covariance a second time.
    if exact and n < principal.rank + 2:
        raise ValueError(
            f"an exact draw along {principal.rank} axes needs n of at least {principal.rank + 2}; "
            f"got {n}. Ask for more, or leave out exact."
        )
    for _ in range(EXACT_ROUNDS if exact else 0):
        y = _to_radii(PrincipalAxes.fit(y).whiten(y), radii)
    return principal.unwhiten(y).astype(np.float32)


def _to_radii(y: np.ndarray, radii: np.ndarray) -> np.ndarray:
    return y * (radii / np.linalg.norm(y, axis=1))[:, None]


def smoothed_bootstrap(z: np.ndarray, n: int, seed: int = 0, *, scale: float = 0.1) -> np.ndarray:
    """Take z-points and jitter each by `scale` standard deviations (Silverman & Young 1987)."""
    # (z_i - mean + scale e) / sqrt(1 + scale²) about the mean, e Gaussian with the covariance of
    # the z-points: mean and covariance are kept; what is finer than the jitter is gone.
    z, shape = points(z), shape_of_draws(z, n)
    if not 0 < scale <= LARGEST:  # also false for NaN
        raise ValueError(
            f"scale must be a finite number of standard deviations, above 0; got {scale!r}. "
            "For instance scale=0.1; to take the z-points as they are, index them."
        )
    principal = PrincipalAxes.fit(z)
    rng = np.random.default_rng(seed)
    # Drawing with replacement would put copies of one point sqrt(2 rank) scale apart in whitened
    # space, 2.3 for 256 axes and the default scale; true neighbors are about 16 apart there.
    rows = row_order(len(z), n, rng)
    out = np.empty(shape, np.float32)
    for start in range(0, n, CHUNK):
        part = rows[start : start + CHUNK]
        jitter = principal.unwhiten(rng.standard_normal((len(part), principal.rank)))
        moved = (z[part] - principal.mean) + scale * (jitter - principal.mean)
        out[start : start + CHUNK] = principal.mean + moved / np.sqrt(1 + scale**2)
    return out


#: Name -> surrogate ``(z, n, seed=0)``; the column shuffle must be told from any real cloud.
SURROGATES = {
    "matched Gaussian": multivariate_normal,
    "column shuffle": column_shuffle,
    "PCA-column shuffle": pca_column_shuffle,
    "Gaussian copula": gaussian_copula,
    "elliptical": elliptical,
    "Gaussian mixture": gaussian_mixture,
    "smoothed bootstrap": smoothed_bootstrap,
}


def row_order(n_rows: int, n: int, rng: np.random.Generator) -> np.ndarray:
    """Draw n row numbers, int64 (n,), none a second time before all n_rows were drawn once."""
    return np.concatenate([rng.permutation(n_rows) for _ in range(-(-n // n_rows))])[:n]
