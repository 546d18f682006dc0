"""A Gaussian mixture fitted to z-points, and draws from it: a density with several centers."""

import warnings
from dataclasses import dataclass

import numpy as np
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from aelatent.latent._rows import shape_of_draws
from aelatent.latent.normality import subsample
from aelatent.latent.principal import PrincipalAxes

COMPONENTS = 10  # as in Ghosh et al. (2020), who draw from an autoencoder's latent space with it
ROWS = 20_000  # rows fitted at most: the time grows with them, about a second a round for these
_ROUNDS = 15
_TOLERANCE = 0.1  # gain of log-likelihood per point and round at which the fit ends, in nats


@dataclass(frozen=True, eq=False)
class Mixture:
    """A Gaussian mixture in the whitened space of a cloud.

    Attributes
    ----------
    axes : PrincipalAxes
        Of all z-points: they lead from the whitened space to the latent space.
    weights : float64 (k,)
        Share of the points in each of the k components, sum 1.
    means : float64 (k, rank)
        Their centers, in standard deviations along the principal axes.
    covariances : float64 (k, rank, rank)
        Their covariances in the same units.
    rounds : int
        Rounds of the fit, at most 15.
    converged : bool
        Whether the last round gained less than 0.1 nats per point.
    """

    axes: PrincipalAxes
    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray
    rounds: int
    converged: bool


def fit_mixture(z: np.ndarray, seed: int = 0) -> Mixture:
    """Fit a mixture of 10 Gaussians with full covariances to at most 20,000 random z-points.

    The fit is scikit-learn's, in whitened space, so that one regularization is fair to wide and
    narrow axes: each covariance is moved toward that of the whole cloud, ``(C + s I) / (1 + s)``.
    s is the number of axes over that of points per component, the more the less the points say of
    C: 0.34 for 7,500 z-points in 256 dimensions. With s = 0.01, a mixture fitted to so many of
    CelebA suits unseen ones less than a single Gaussian does; with 0.2 or 0.4, better. Centers
    shrink by ``sqrt(1 + s)``, so mean and covariance of the whole stay those of the fitted points.
    The start is k-means along the principal axes as they are: in whitened space k-means spends
    clusters on single far points.

    The fit may end after 15 rounds before it has converged. As a null model the mixture is as
    good then: it need not be the likeliest, only smooth and near the z-points.

    Parameters
    ----------
    z : float (n, d)
        z-points; an array in memory or memory-mapped.
    seed : int
        Seed of the subsample and of k-means.

    Returns
    -------
    Mixture
        Fewer than 10 components if the z-points have fewer than 10 different places.

    Raises
    ------
    ValueError
        If `z` is refused as by `PrincipalAxes.fit`, or has fewer than 10 rows for each axis along
        which it varies and 10 more: each component must have more points than axes.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> z = rng.normal(size=(2000, 2)) + rng.choice([-9, 9], size=(2000, 1))
    >>> bool((np.abs(fit_mixture(z).means[:, 0]) > 0.5).all())
    True
    """
    principal = PrincipalAxes.fit(z)
    least = COMPONENTS * (principal.rank + 1)
    if principal.n < least:
        raise ValueError(
            f"a mixture of {COMPONENTS} Gaussians along {principal.rank} axes needs at least "
            f"{least} z-points; got {principal.n}. Pass more rows, or fewer components."
        )
    rng = np.random.default_rng(seed)
    # In single precision a round takes half the time; the shrinkage is far above its rounding.
    y = principal.whiten(subsample(z, ROWS, seed)).astype(np.float32)
    shrinkage = COMPONENTS * principal.rank / len(y)
    state = int(rng.integers(2**31))  # scikit-learn takes no larger one
    with warnings.catch_warnings():
        # Both k-means (too few different places) and the fit (15 rounds) may end early: see above.
        warnings.simplefilter("ignore", ConvergenceWarning)
        clusters = KMeans(COMPONENTS, n_init=1, random_state=state)
        labels = clusters.fit_predict(y * principal.sd[: principal.rank].astype(np.float32))
        model = _start(y, labels, shrinkage).fit(y)
    weights = model.weights_.astype(np.float64)
    return Mixture(
        axes=principal,
        weights=weights / weights.sum(),
        means=model.means_.astype(np.float64) / np.sqrt(1 + shrinkage),
        covariances=model.covariances_.astype(np.float64) / (1 + shrinkage),
        rounds=model.n_iter_,
        converged=model.converged_,
    )


def gaussian_mixture(
    z: np.ndarray, n: int, seed: int = 0, *, model: Mixture | None = None
) -> np.ndarray:
    """Draw from a mixture of 10 Gaussians that is fitted to the z-points.

    Keeps mean and covariance, clusters and broad bends of the density; nothing as thin as a
    filament. The fit takes many seconds in 256 dimensions. To draw often, fit once and pass
    ``functools.partial(gaussian_mixture, model=fit_mixture(z))`` as the surrogate.

    Parameters
    ----------
    z : float (n_rows, d)
        z-points; an array in memory or memory-mapped. With `model` they give d only.
    n : int
        Number of latent vectors, at least 1; may differ from n_rows.
    seed : int
        Seed of the draw, and of the fit if there is no `model`.
    model : Mixture, optional
        What `fit_mixture` gave for these z-points; default: it is fitted now.

    Returns
    -------
    float32 (n, d)

    Raises
    ------
    ValueError
        If an argument is unusable; as `fit_mixture`; if `model` has another d.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> z = rng.normal(size=(2000, 2)) + rng.choice([-9, 9], size=(2000, 1))
    >>> drawn = gaussian_mixture(z, 500, model=fit_mixture(z))
    >>> bool(np.mean(np.abs(drawn[:, 0]) < 4) < 0.02)
    True
    """
    n, d = shape_of_draws(z, n)
    model = fit_mixture(z, seed) if model is None else model
    if len(model.axes.mean) != d:
        raise ValueError(
            f"the mixture has {len(model.axes.mean)} components of the latent space, the z-points "
            f"have {d}; expected a mixture fitted to them. Call fit_mixture with these z-points."
        )
    rng = np.random.default_rng(seed)
    component = rng.choice(len(model.weights), n, p=model.weights)
    y = rng.standard_normal((n, model.axes.rank))
    for k, (mean, covariance) in enumerate(zip(model.means, model.covariances, strict=True)):
        rows = component == k
        y[rows] = mean + y[rows] @ np.linalg.cholesky(covariance).T
    return model.axes.unwhiten(y).astype(np.float32)


def _start(y: np.ndarray, labels: np.ndarray, shrinkage: float) -> GaussianMixture:
    """Return a mixture that begins with the clusters of k-means, empty ones left out."""
    clusters = [y[labels == k] for k in np.unique(labels)]
    floor = shrinkage * np.eye(y.shape[1])
    scatter = [np.cov(c.T, ddof=0).reshape(floor.shape) + floor for c in clusters]
    return GaussianMixture(
        len(clusters),
        reg_covar=shrinkage,
        tol=_TOLERANCE,
        max_iter=_ROUNDS,
        weights_init=np.array([len(c) / len(y) for c in clusters]),
        means_init=np.array([c.mean(axis=0) for c in clusters]),
        precisions_init=np.linalg.inv(scatter).astype(y.dtype),
    )
