"""Method X: Gaussians along the principal axes, kept inside confidence ellipses.

The idea is post X's of R. Mönchmeyer's series (linux-blog.anracom.com, June 2023); which pairs
there are, how large the ellipses, and how a point inside is drawn, are our choices.
"""

import numpy as np
from scipy.special import ndtri

from aelatent._checks import shape_of_draws
from aelatent.latent.principal import PrincipalAxes


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
