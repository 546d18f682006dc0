"""Samplers of latent vectors that know moments or single components of the z-points.

Each takes z, n and seed and returns float32 (n, d). With those that know more they make up the
ladder of `aelatent.latent.samplers`, which says what posts they follow.
"""

from collections.abc import Callable

import numpy as np
from scipy.special import ndtr, ndtri
from scipy.stats import rankdata

from aelatent._checks import CHUNK, LARGEST, check_points, chunks, shape_of_draws
from aelatent.latent.mixture import COMPONENTS, gaussian_mixture
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
    z = check_points(z)
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
    z = check_points(z)
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
    z = check_points(z)
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


def method_x(z: np.ndarray, n: int, seed: int = 0, *, share: float = 0.95) -> np.ndarray:
    """Draw Gaussian principal coordinates, pairs inside their ellipses; float32 (n, d)."""
    shape_of_draws(z, n)
    if not 0 < share < 1:  # also false for NaN
        raise ValueError(
            f"share must be above 0 and below 1; got {share!r}. For instance 0.95; with nothing "
            "cut off the sampler would be multivariate_normal."
        )
    principal = PrincipalAxes.fit(z)
    pairs, odd = divmod(principal.rank, 2)
    rng = np.random.default_rng(seed)
    # Pairs are (PC 1, PC 2), (PC 3, PC 4) and so on. In widths the squared radius is chi² with 2
    # degrees of freedom, inverted below its quantile s = share, so that no draw is thrown away.
    # Variances shrink by 1 + (1 - s) ln(1 - s) / s, 0.84 for s = 0.95: in 256 components mean D² is
    # 216, where an MVN has 256. All 128 ellipses together hold 0.95 ** 128 = 0.14 % of an MVN.
    angle = 2 * np.pi * rng.random((n, pairs))
    radius = np.sqrt(-2 * np.log1p(-share * rng.random((n, pairs))))
    y = np.empty((n, principal.rank))  # in widths along the principal axes
    y[:, 0 : 2 * pairs : 2] = radius * np.cos(angle)
    y[:, 1 : 2 * pairs : 2] = radius * np.sin(angle)
    if odd:  # cut at both sides c, the variance shrinks by 1 - 2 c f(c) / s, 0.76, f of N(0, 1)
        y[:, -1] = ndtri(0.5 + share * (rng.random(n) - 0.5))
    return principal.unwhiten(y).astype(np.float32)


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
    z, (n, d) = check_points(z), shape_of_draws(z, n)
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
    z, shape = check_points(z), shape_of_draws(z, n)
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


def elliptical_core(z: np.ndarray, n: int, seed: int = 0, *, level: float = 0.5) -> np.ndarray:
    """Draw as `elliptical` does, but from the inner core of the z-points; float32 (n, d)."""
    shape_of_draws(z, n)
    if not 0 < level <= 1:  # also false for NaN
        raise ValueError(
            f"level must be above 0 and at most 1; got {level!r}. For instance 0.5, the inner half."
        )
    principal = PrincipalAxes.fit(z)
    d2 = principal.d2(z)
    # By default half: in the core of 95 % nearly all of a Gaussian lies anyway, wherever the tails
    # of the z-points are heavier than its own.
    inner = np.sqrt(d2[d2 <= np.quantile(d2, level)])
    rng = np.random.default_rng(seed)
    radius = inner[row_order(len(inner), n, rng)]
    y = rng.standard_normal((n, principal.rank))
    y *= (radius / np.linalg.norm(y, axis=1))[:, None]
    # The covariance is that of the z-points times (mean D² of the inner ones) / (mean D² of all).
    return principal.unwhiten(y).astype(np.float32)


# Each with what it keeps. The order is that of the story, not of a chain: column shuffle knows
# densities and no correlations, multivariate normal the reverse. Method X and the core are no
# nearer to the cloud than the rung below them, they stay closer to its center; what is drawn there
# may look better and vary less: read rates of faces beside a measure of variety.
#: Name -> sampler ``(z, n, seed=0)`` of float32 (n, d), in the order of the ladder.
SAMPLERS = {
    "uniform": uniform,  # mean radius about the origin, one interval for all; posts IV, V
    "standard normal": standard_normal,  # number of components; posts IV, V
    "measured ranges": measured_ranges,  # inner 90 % of the range of each component; post VII
    "independent normal": independent_normal,  # mean and width of each component
    "column shuffle": column_shuffle,  # density of each component; our control
    "multivariate normal": multivariate_normal,  # mean, covariance: linear correlations; post VIII
    "method X": method_x,  # principal axes and widths, cut by ellipses in pairs; post X
    # Mean, principal axes, radii of the inner half. Posts of machine-learning.anracom.com (2025)
    # find an MVN inside and other layers around it; to draw from it in this way is our choice.
    "elliptical core": elliptical_core,
    # Mean, covariance, clusters, broad bends of the density: Ghosh et al., *From variational to
    # deterministic autoencoders* (ICLR 2020, arXiv:1903.12436).
    "Gaussian mixture": gaussian_mixture,
    # Mean, covariance, law of D²: Cambanis, Huang & Simons, *On the theory of elliptically
    # contoured distributions* (1981).
    "elliptical": elliptical,
}


def samplers_for(z: np.ndarray) -> dict[str, Callable]:
    """Return the samplers that can be fitted to these z-points, in the order of the ladder.

    Returns
    -------
    dict of str to callable
        `SAMPLERS`, without the Gaussian mixture where there are fewer than 10 (d + 1) z-points.
    """
    rows, d = check_points(z).shape
    few = rows < COMPONENTS * (d + 1)
    return {k: v for k, v in SAMPLERS.items() if not (few and k == "Gaussian mixture")}


def laplace_surrogate(z: np.ndarray, seed: int = 0) -> np.ndarray:
    """Draw as many points as `z` has, at least 2, with independent Laplace components.

    Means and standard deviations are those of `z`. Far from an MVN: excess kurtosis is 3 along each
    component, though soon near 0 along random directions.

    Returns
    -------
    float32 (n, d)
        The draws.
    """
    moments = Moments.of(z)
    scale = np.sqrt(np.diag(moments.covariance) / 2)
    drawn = np.random.default_rng(seed).laplace(moments.mean, scale, (moments.n, len(scale)))
    return drawn.astype(np.float32)
