"""Samplers of latent vectors and null models of the cloud: each draws float32 (n, d) from z-points.

A sampler says what a random face needs, a null model what a cloud without filaments looks like;
some serve as both. `MODELS` lists them all, with what each keeps of the z-points.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from aelatent._checks import (
    CHUNK,
    check_finite,
    check_number,
    check_one_of,
    check_points,
    check_share,
    check_whole,
    chunks,
    shape_of_draws,
)
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
    shape = shape_of_draws(z, n)
    hint = "Leave it out to match the mean radius of the z-points."
    bound = matching_bound(z) if bound is None else check_number("bound", bound, 0, hint=hint)
    return np.random.default_rng(seed).uniform(-bound, bound, shape).astype(np.float32)


def standard_normal(z: np.ndarray, n: int, seed: int = 0) -> np.ndarray:
    """Draw from N(0, I): independent components of mean 0 and width 1; `z` gives d only."""
    return np.random.default_rng(seed).standard_normal(shape_of_draws(z, n)).astype(np.float32)


def measured_ranges(z: np.ndarray, n: int, seed: int = 0, *, share: float = 0.9) -> np.ndarray:
    """Draw each component uniformly from the range in which `share` of its measured values lie."""
    # At 1 from least to largest, which a single far z-point can stretch.
    shape = shape_of_draws(z, n)
    share = check_share("share", share, one=True, hint="For instance 0.9: the inner 90 %.")
    z = check_finite(z)
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
    z = check_finite(z)
    # No value is taken a second time before all of its component were taken once: with as many
    # draws as z-points each column is a permutation.
    rng = np.random.default_rng(seed)
    for column in range(z.shape[1]):
        for start in range(0, n, len(z)):
            part = out[start : start + len(z), column]
            part[:] = z[rng.choice(len(z), len(part), replace=False), column]
    return out


def _axes(z: np.ndarray, n: int) -> PrincipalAxes:
    """Return the principal axes of the z-points, refused unless n vectors can be drawn."""
    check_whole("n", n, 1, hint="For instance n=400.")
    return PrincipalAxes.fit(z)


def normal_along(principal: PrincipalAxes, n: int, seed: int) -> np.ndarray:
    """Draw from the Gaussian of these principal axes; float32 (n, d)."""
    # With a singular covariance the draws stay in the subspace of the z-points.
    y = np.random.default_rng(seed).standard_normal((n, principal.rank))
    return principal.unwhiten(y).astype(np.float32)


def multivariate_normal(z: np.ndarray, n: int, seed: int = 0) -> np.ndarray:
    """Draw from the Gaussian (MVN) with the measured mean and covariance of the z-points."""
    return normal_along(_axes(z, n), n, seed)


def method_x(z: np.ndarray, n: int, seed: int = 0, *, share: float = 0.95) -> np.ndarray:
    """Draw Gaussian principal coordinates, pairs inside their ellipses; float32 (n, d)."""
    share = check_share("share", share, hint="With nothing cut off it is multivariate_normal.")
    principal = _axes(z, n)
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


def pca_column_shuffle(z: np.ndarray, n: int, seed: int = 0) -> np.ndarray:
    """Take the coordinate along each principal axis from a z-point of its own."""
    principal = _axes(z, n)
    return principal.back(column_shuffle(principal.forward(z), n, seed)).astype(np.float32)


def gaussian_copula(z: np.ndarray, n: int, seed: int = 0) -> np.ndarray:
    """Draw from the z-points' Gaussian copula, under the measured density of each component."""
    from scipy.stats import rankdata  # half a second, for those who draw none of these

    # Correlations kept are those of the normal scores only, so that the variance along narrow
    # principal axes may come out several times too large; extremes do not come together.
    d = shape_of_draws(z, n)[1]
    z = check_finite(z)
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


EXACT_ROUNDS = 4  # of whitening and restoring radii; then D² is off by 0.2 % on average


def elliptical(z: np.ndarray, n: int, seed: int = 0, *, exact: bool = False) -> np.ndarray:
    """Draw random directions in whitened space, each as far out as a z-point is."""
    principal = _axes(z, n)
    # Whitened by its own fit, a draw that is not exact is less heavy-tailed than the z-points are
    # by theirs: its farthest points bend its covariance a second time.
    if exact:
        check_whole("n", n, principal.rank + 2, hint="Ask for more, or leave out exact.")
    y, radii = _turned(principal, np.sqrt(principal.d2(z)), n, seed)
    for _ in range(EXACT_ROUNDS if exact else 0):
        y = _to_radii(PrincipalAxes.fit(y).whiten(y), radii)
    return principal.unwhiten(y).astype(np.float32)


def elliptical_core(z: np.ndarray, n: int, seed: int = 0, *, level: float = 0.5) -> np.ndarray:
    """Draw as `elliptical` does, but from the inner core of the z-points; float32 (n, d)."""
    level = check_share("level", level, one=True, hint="For instance 0.5, the inner half.")
    principal = _axes(z, n)
    d2 = principal.d2(z)
    # By default half: in the core of 95 % nearly all of a Gaussian lies anyway.
    inner = np.sqrt(d2[d2 <= np.quantile(d2, level)])
    return principal.unwhiten(_turned(principal, inner, n, seed)[0]).astype(np.float32)


def _turned(principal: PrincipalAxes, measured: np.ndarray, n: int, seed: int):
    """Return n whitened vectors of random direction, (n, rank), and their radii, (n,)."""
    rng = np.random.default_rng(seed)
    radii = measured[row_order(len(measured), n, rng)]
    return _to_radii(rng.standard_normal((n, principal.rank)), radii), radii


def _to_radii(y: np.ndarray, radii: np.ndarray) -> np.ndarray:
    return y * (radii / np.linalg.norm(y, axis=1))[:, None]


def smoothed_bootstrap(z: np.ndarray, n: int, seed: int = 0, *, scale: float = 0.1) -> np.ndarray:
    """Take z-points and jitter each by `scale` standard deviations (Silverman & Young 1987)."""
    # (z_i - mean + scale e) / sqrt(1 + scale²) about the mean, e Gaussian with the covariance of
    # the z-points: mean and covariance are kept; what is finer than the jitter is gone.
    scale = check_number("scale", scale, above=0, hint="For instance scale=0.1.")
    principal, z = _axes(z, n), np.asarray(z)
    rng = np.random.default_rng(seed)
    # Drawing with replacement would put copies of one point sqrt(2 rank) scale apart in whitened
    # space, 2.3 for 256 axes and the default scale; true neighbors are about 16 apart there.
    rows = row_order(len(z), n, rng)
    out = np.empty((n, z.shape[1]), np.float32)
    for start in range(0, n, CHUNK):
        part = rows[start : start + CHUNK]
        jitter = principal.unwhiten(rng.standard_normal((len(part), principal.rank)))
        moved = (z[part] - principal.mean) + scale * (jitter - principal.mean)
        out[start : start + CHUNK] = principal.mean + moved / np.sqrt(1 + scale**2)
    return out


def row_order(n_rows: int, n: int, rng: np.random.Generator) -> np.ndarray:
    """Draw n row numbers, int64 (n,), none a second time before all n_rows were drawn once."""
    return np.concatenate([rng.permutation(n_rows) for _ in range(-(-n // n_rows))])[:n]


@dataclass(frozen=True)
class Model:
    """A way to draw latent vectors, and what it serves as."""

    draw: Callable  # (z, n, seed=0), and settings by name, to float32 (n, d)
    keeps: str  # of the z-points
    rung: int = 0  # its place on the ladder of samplers, from 1; 0: it is none of them
    null: int = 0  # its place among the null models, likewise


# Rungs follow the story, not a chain. Method X and the core are no nearer to the cloud than the
# rung below them, they stay closer to its center; what is drawn there may look better and vary
# less: read rates of faces beside a measure of variety. Posts are machine-learning.anracom.com's.
#: Name -> sampler, null model, or both.
MODELS = {
    # Posts IV and V.
    "uniform": Model(uniform, "mean radius, in one interval for all components", rung=1),
    "standard normal": Model(standard_normal, "number of components", rung=2),
    # Post VII.
    "measured ranges": Model(measured_ranges, "inner 90 % of each component's range", rung=3),
    "independent normal": Model(independent_normal, "mean and width of each component", rung=4),
    # Our control: it must be told from any real cloud.
    "column shuffle": Model(column_shuffle, "density of each component", rung=5, null=2),
    # Post VIII.
    "multivariate normal": Model(multivariate_normal, "mean and covariance", rung=6, null=1),
    # Post X.
    "method X": Model(method_x, "mean, principal axes and widths, cut by ellipses", rung=7),
    # Posts of 2025 find an MVN inside and other layers around it; to draw in this way is ours.
    "elliptical core": Model(elliptical_core, "mean, principal axes, inner half of D²", rung=8),
    # Ghosh et al., *From variational to deterministic autoencoders* (2020, arXiv:1903.12436).
    "Gaussian mixture": Model(gaussian_mixture, "mean, covariance, clusters", rung=9, null=6),
    # Cambanis, Huang & Simons, *On the theory of elliptically contoured distributions* (1981).
    "elliptical": Model(elliptical, "mean, covariance, law of D²", rung=10, null=5),
    "PCA-column shuffle": Model(pca_column_shuffle, "density of each principal axis", null=3),
    "Gaussian copula": Model(gaussian_copula, "densities, correlations of normal scores", null=4),
    "smoothed bootstrap": Model(smoothed_bootstrap, "all that is coarser than a jitter", null=7),
}


def _in_order(place: str) -> dict[str, Callable]:
    named = [(getattr(model, place), name, model.draw) for name, model in MODELS.items()]
    return {name: draw for at, name, draw in sorted(named) if at}


#: Name -> sampler ``(z, n, seed=0)`` of float32 (n, d), in the order of the ladder.
SAMPLERS = _in_order("rung")
#: Name -> null model, called likewise.
SURROGATES = _in_order("null")
#: Earlier names, which stand in files and are typed from habit -> today's.
EARLIER = {"matched Gaussian": "multivariate normal"}


def surrogate_name(name: str) -> str:
    """Return today's name of a null model, refused where there is none of that name."""
    check_one_of("surrogate", name, [*SURROGATES, *EARLIER])
    return EARLIER.get(name, name)


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
