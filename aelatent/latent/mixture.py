"""A Gaussian mixture fitted to z-points, and draws from it: a density with several centers."""

import warnings
from dataclasses import dataclass

import numpy as np

from aelatent._checks import check_enough, shape_of_draws, some_rows
from aelatent.latent.principal import PrincipalAxes

COMPONENTS = 10  # as in Ghosh et al. (2020), who draw from an autoencoder's latent space with it
ROWS = 20_000  # rows fitted at most: the time grows with them, about a second a round for these
_ROUNDS = 15
_TOLERANCE = 0.1  # gain of log-likelihood per point and round at which the fit ends, in nats


@dataclass(frozen=True, eq=False)
class Mixture:
    """A Gaussian mixture in the whitened space of a cloud."""

    axes: PrincipalAxes  # of all z-points: from the whitened space to the latent space
    weights: np.ndarray  # float64 (k,), sum 1
    means: np.ndarray  # float64 (k, rank), in standard deviations along the principal axes
    covariances: np.ndarray  # float64 (k, rank, rank), in the same units
    rounds: int  # of the fit, at most 15
    converged: bool  # whether the last round gained less than 0.1 nats per point


def fit_mixture(z: np.ndarray, seed: int = 0) -> Mixture:
    """Fit a mixture of 10 Gaussians, or of as many as places differ, to at most 20,000 z-points."""
    from sklearn.cluster import KMeans  # a second, for those who fit none
    from sklearn.exceptions import ConvergenceWarning

    # Many seconds in 256 dimensions. It may end before it has converged: as a null model it need
    # not be the likeliest, only smooth and near the z-points. The fit is scikit-learn's, in
    # whitened space, so that one regularization is fair to wide and narrow axes: each covariance is
    # moved toward that of the whole cloud, (C + s I) / (1 + s), s the shrinkage below.
    principal = PrincipalAxes.fit(z)
    what = f"a mixture of {COMPONENTS} Gaussians along {principal.rank} axes"
    check_enough(principal.n, COMPONENTS * (principal.rank + 1), what)
    rng = np.random.default_rng(seed)
    # In single precision a round takes half the time; the shrinkage is far above its rounding.
    y = principal.whiten(some_rows(np.asarray(z), ROWS, seed)).astype(np.float32)
    # The more, the less the points say of a covariance: 0.34 for 7,500 in 256 dimensions. With 0.01
    # a mixture fitted to so many of CelebA suits unseen ones less than one Gaussian does; with 0.2
    # or 0.4, better.
    shrinkage = COMPONENTS * principal.rank / len(y)
    state = int(rng.integers(2**31))  # scikit-learn takes no larger one
    with warnings.catch_warnings():
        # Both k-means (too few different places) and the fit (15 rounds) may end early: see above.
        # k-means sees the axes as they are: in whitened space it spends clusters on far points.
        warnings.simplefilter("ignore", ConvergenceWarning)
        clusters = KMeans(COMPONENTS, n_init=1, random_state=state)
        labels = clusters.fit_predict(y * principal.sd[: principal.rank].astype(np.float32))
        model = _start(y, labels, shrinkage).fit(y)
    weights = model.weights_.astype(np.float64)
    weights /= weights.sum()
    # Centers and covariances shrink, so that those of the whole stay those of the fitted points.
    means = model.means_.astype(np.float64) / np.sqrt(1 + shrinkage)
    covariances = model.covariances_.astype(np.float64) / (1 + shrinkage)
    return Mixture(principal, weights, means, covariances, model.n_iter_, model.converged_)


def gaussian_mixture(
    z: np.ndarray, n: int, seed: int = 0, *, model: Mixture | None = None
) -> np.ndarray:
    """Draw from a mixture: `model`, for which z gives d only, or one fitted to the z-points now."""
    n, d = shape_of_draws(z, n)
    model = fit_mixture(z, seed) if model is None else model
    if len(model.axes.mean) != d:
        raise ValueError(
            f"expected a mixture of these z-points, which have {d} components; got one of "
            f"{len(model.axes.mean)}. Call fit_mixture."
        )
    rng = np.random.default_rng(seed)
    component = rng.choice(len(model.weights), n, p=model.weights)
    y = rng.standard_normal((n, model.axes.rank))
    for k, (mean, covariance) in enumerate(zip(model.means, model.covariances, strict=True)):
        rows = component == k
        y[rows] = mean + y[rows] @ np.linalg.cholesky(covariance).T
    return model.axes.unwhiten(y).astype(np.float32)


def _start(y: np.ndarray, labels: np.ndarray, shrinkage: float):
    """Return a mixture that begins with the clusters of k-means, empty ones left out."""
    from sklearn.mixture import GaussianMixture

    clusters = [y[labels == k] for k in np.unique(labels)]
    floor = shrinkage * np.eye(y.shape[1])
    scatter = [np.cov(c.T, ddof=0).reshape(floor.shape) + floor for c in clusters]
    return GaussianMixture(
        len(clusters), reg_covar=shrinkage, tol=_TOLERANCE, max_iter=_ROUNDS,
        weights_init=np.array([len(c) / len(y) for c in clusters]),
        means_init=np.array([c.mean(axis=0) for c in clusters]),
        precisions_init=np.linalg.inv(scatter).astype(y.dtype),
    )  # fmt: skip
