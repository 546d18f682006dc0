"""Method X: Gaussians along the principal axes, kept inside confidence ellipses.

After the tenth post of R. Mönchmeyer's series *Autoencoders and latent space fragmentation*
(linux-blog.anracom.com, June 2023), where it is the first method that gives faces. Its idea is to
go where the ellipses have their axes along the coordinate axes, by PCA; to fix the components there
under a Gaussian each, two at a time, inside confidence ellipses; and to transform back. We hold
that idea, not the text of the recipe: which pairs there are, how large the ellipses, and how a
point inside is drawn, are our choices.
"""

import numpy as np
from scipy.special import ndtri

from aelatent.latent._rows import shape_of_draws
from aelatent.latent.principal import PrincipalAxes


def method_x(z: np.ndarray, n: int, seed: int = 0, *, share: float = 0.95) -> np.ndarray:
    """Draw Gaussian principal coordinates, each pair of them inside its confidence ellipse.

    Pairs are (PC 1, PC 2), (PC 3, PC 4) and so on, each drawn from the Gaussian with the measured
    widths under the condition that the point lies in the ellipse holding `share` s of it. No
    draw is thrown away: in widths, the angle is uniform and the squared radius ``-2 ln(1 - u s)``
    with u uniform in [0, 1), which inverts the distribution of chi² with 2 degrees of freedom. A
    last axis without a partner gets a Gaussian cut at both sides so that s of it stays.

    Keeps the mean, and the covariance but for its size: variances along paired axes shrink by
    ``1 + (1 - s) ln(1 - s) / s``, 0.84 for s = 0.95; along a last odd axis by ``1 - 2 c f(c) / s``,
    where f is the density of N(0, 1) and c the cut, 0.76. It is more than a cut of the far tails:
    all 128 ellipses of 256 axes hold ``0.95 ** 128`` = 0.14 % of an MVN. So mean D² is
    0.84 x 256 = 216, where an MVN has 256.

    Parameters
    ----------
    z : float (n_rows, d)
        z-points that are not all the same; an array in memory or memory-mapped.
    n : int
        Number of latent vectors, at least 1.
    seed : int
        Seed of the draw.
    share : float
        Share of a pair's Gaussian inside its ellipse, above 0 and below 1.

    Returns
    -------
    float32 (n, d)
        Axes along which the z-points do not vary are left at the center.

    Raises
    ------
    ValueError
        If an argument is unusable.

    Examples
    --------
    >>> z = np.random.default_rng(0).normal(size=(2000, 2)) * [5, 1]
    >>> d2 = PrincipalAxes.fit(z).d2(method_x(z, 2000))
    >>> round(float(d2.max()), 1)  # chi²'s 95 % quantile is 6.0
    6.0
    """
    shape_of_draws(z, n)
    if not 0 < share < 1:  # also false for NaN
        raise ValueError(
            f"share must be above 0 and below 1; got {share!r}. For instance 0.95; with nothing "
            "cut off the sampler would be multivariate_normal."
        )
    principal = PrincipalAxes.fit(z)
    pairs, odd = divmod(principal.rank, 2)
    rng = np.random.default_rng(seed)
    angle = 2 * np.pi * rng.random((n, pairs))
    radius = np.sqrt(-2 * np.log1p(-share * rng.random((n, pairs))))
    y = np.empty((n, principal.rank))  # in widths along the principal axes
    y[:, 0 : 2 * pairs : 2] = radius * np.cos(angle)
    y[:, 1 : 2 * pairs : 2] = radius * np.sin(angle)
    if odd:
        y[:, -1] = ndtri(0.5 + share * (rng.random(n) - 0.5))
    return principal.unwhiten(y).astype(np.float32)
