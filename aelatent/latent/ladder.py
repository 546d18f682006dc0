"""The ladder of samplers: random latent vectors that know more and more of the z-points.

A rung says what a sampler keeps of the measured cloud; where faces begin to appear on the way up,
what was added last was missing. Post numbers are those of R. Mönchmeyer's series *Autoencoders and
latent space fragmentation* (linux-blog.anracom.com, 2023).

===================  ======================================================  =================
name                 keeps                                                   after
===================  ======================================================  =================
uniform              mean radius about the origin; one interval for all      posts IV, V
standard normal      number of components                                    posts IV, V
measured ranges      inner 90 % of the range of each component               post VII
independent normal   mean and width of each component                        a diagonal MVN
column shuffle       density of each component                               our control
multivariate normal  mean and covariance, so all linear correlations         post VIII
method X             principal axes and widths, cut by ellipses in pairs     post X
elliptical core      mean, principal axes, radii of the inner half           the core of 2025
Gaussian mixture     mean, covariance, clusters, broad bends of the density  Ghosh et al. 2020
elliptical           mean, covariance, law of D²: how far out z-points are   elliptical laws
===================  ======================================================  =================

The order is that of the story, not of a chain: column shuffle knows densities and no correlations,
multivariate normal the reverse. Method X and the core are no nearer to the cloud than the rung
below them, they stay closer to its center; what is drawn there may look better and vary less. Read
rates of faces beside a measure of variety. Which *properties* it takes, one by one and together,
is asked by `aelatent.latent.conditions`.

The core of 2025 is that of later posts by the same author (machine-learning.anracom.com), which
find an MVN inside and other layers around it; to draw from it in this way is our choice.
Ghosh et al., *From variational to deterministic autoencoders* (ICLR 2020, arXiv:1903.12436), draw
from a density fitted to the codes after training, a mixture of 10 Gaussians; the fit takes minutes
on 2 cores in 256 dimensions, and 10 z-points per axis and 10 more. To draw from it often, fit it
once (`aelatent.latent.mixture`). Elliptical laws: Cambanis, Huang & Simons, *On the theory of
elliptically contoured distributions* (1981).
"""

from collections.abc import Callable

import numpy as np

from aelatent.latent._rows import points, shape_of_draws
from aelatent.latent.method_x import method_x
from aelatent.latent.mixture import COMPONENTS, gaussian_mixture
from aelatent.latent.principal import PrincipalAxes
from aelatent.latent.samplers import (
    column_shuffle,
    independent_normal,
    measured_ranges,
    multivariate_normal,
    standard_normal,
    uniform,
)
from aelatent.latent.surrogates import elliptical, row_order


def elliptical_core(z: np.ndarray, n: int, seed: int = 0, *, level: float = 0.5) -> np.ndarray:
    """Draw as `elliptical` does, but from the inner core of the z-points only.

    Radii are those of the z-points whose D² is at most their own quantile `level`, so all draws lie
    in that core. The default is its inner half: in the core of 95 % nearly all of a Gaussian lies
    anyway, wherever the tails of the z-points are heavier than a Gaussian's. Keeps the mean; the
    covariance is that of the z-points times (mean D² of the inner ones) / (mean D² of all).

    Parameters
    ----------
    z : float (n_rows, d)
        z-points that are not all the same; an array in memory or memory-mapped.
    n : int
        Number of latent vectors, at least 1; may differ from n_rows.
    seed : int
        Seed of the draw.
    level : float
        Share of the z-points in the core, above 0 and at most 1; 1 is `elliptical` itself.

    Returns
    -------
    float32 (n, d)

    Raises
    ------
    ValueError
        If an argument is unusable.

    Examples
    --------
    >>> z = np.random.default_rng(0).standard_t(3, size=(500, 4))
    >>> d2 = PrincipalAxes.fit(z).d2
    >>> bool(d2(elliptical_core(z, 500)).max() < np.median(d2(z)) * 1.001)
    True
    """
    shape_of_draws(z, n)
    if not 0 < level <= 1:  # also false for NaN
        raise ValueError(
            f"level must be above 0 and at most 1; got {level!r}. For instance 0.5, the inner half."
        )
    principal = PrincipalAxes.fit(z)
    d2 = principal.d2(z)
    inner = np.sqrt(d2[d2 <= np.quantile(d2, level)])
    rng = np.random.default_rng(seed)
    radius = inner[row_order(len(inner), n, rng)]
    y = rng.standard_normal((n, principal.rank))
    y *= (radius / np.linalg.norm(y, axis=1))[:, None]
    return principal.unwhiten(y).astype(np.float32)


#: Name -> sampler ``(z, n, seed=0)`` of float32 (n, d), in the order of the ladder.
SAMPLERS = {
    "uniform": uniform,
    "standard normal": standard_normal,
    "measured ranges": measured_ranges,
    "independent normal": independent_normal,
    "column shuffle": column_shuffle,
    "multivariate normal": multivariate_normal,
    "method X": method_x,
    "elliptical core": elliptical_core,
    "Gaussian mixture": gaussian_mixture,
    "elliptical": elliptical,
}


def samplers_for(z: np.ndarray) -> dict[str, Callable]:
    """Return the samplers that can be fitted to these z-points, in the order of the ladder.

    Few z-points, many axes: a mixture of ten Gaussians cannot be fitted to them.

    Parameters
    ----------
    z : float (n_rows, d)
        z-points.

    Returns
    -------
    dict
        `SAMPLERS`, without the mixture where there are fewer than 10 (d + 1) rows.

    Raises
    ------
    ValueError
        If `z` is not 2-D, is empty or is not numeric.

    Examples
    --------
    >>> list(samplers_for(np.eye(3)))[-2:]
    ['elliptical core', 'elliptical']
    """
    rows, d = points(z).shape
    few = rows < COMPONENTS * (d + 1)
    return {k: v for k, v in SAMPLERS.items() if not (few and k == "Gaussian mixture")}
