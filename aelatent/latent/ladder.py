"""The ladder of samplers: random latent vectors that know more and more of the z-points.

Where faces begin to appear on the way up, what was added last was missing. Posts are those of R.
Mönchmeyer's series *Autoencoders and latent space fragmentation* (linux-blog.anracom.com, 2023).
"""

from collections.abc import Callable

import numpy as np

from aelatent._checks import points, shape_of_draws
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
    rows, d = points(z).shape
    few = rows < COMPONENTS * (d + 1)
    return {k: v for k, v in SAMPLERS.items() if not (few and k == "Gaussian mixture")}
