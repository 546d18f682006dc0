"""Ellipses that hold a share of the points of a pair of components.

The level of an `Ellipse` is its *share*: the part of a bivariate normal's probability inside it.
Do not mix it up with the level of a *density* contour (on the ellipse of share p the density is
``1 - p`` of its peak: the contour at a tenth of the peak holds 90 %), nor with a number of
*sigmas* (k of them hold ``1 - exp(-k²/2)``: 39 % at 1, 86 % at 2, 99 % at 3), nor with the
confidence region of the *mean*, which is smaller by about ``sqrt(n)``. Posts III and VIII of the
blog's series on fragmentation draw such ellipses.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from aelatent.latent._neighbors import whole
from aelatent.latent._rows import ROUNDING, chunks, points
from aelatent.latent.correlations import pearson
from aelatent.latent.principal import Moments


@dataclass(frozen=True, eq=False)
class Ellipse:
    """Contour of a bivariate normal that holds a stated share of its probability.

    Attributes
    ----------
    share : float
        Share of the probability inside, between 0 and 1.
    center : float64 (2,)
        Mean of the two components.
    radii : float64 (2,)
        Half-axes, the larger first, in units of the latent space.
    angle : float
        Of the major axis with that of the first component, degrees counterclockwise, above -90
        and at most 90. ``matplotlib.patches.Ellipse`` takes `center`, ``*(2 * radii)``, `angle`.

    Examples
    --------
    >>> found = ellipse([1, 0], [[4, 0], [0, 1]], share=0.5)
    >>> found.angle, found.holds([[1, 0], [4, 0]])
    (0.0, array([ True, False]))
    """

    share: float
    center: np.ndarray
    radii: np.ndarray
    angle: float

    def points(self, count: int = 200) -> np.ndarray:
        """Give points on the ellipse.

        Parameters
        ----------
        count : int
            Number of points, at least 2, the first one again at the end.

        Returns
        -------
        float64 (count, 2)
            From the major axis round and back.

        Raises
        ------
        ValueError
            If `count` is no whole number, at least 2.
        """
        turn = np.linspace(0, 2 * np.pi, whole("count", count, 2))
        circle = np.column_stack([np.cos(turn), np.sin(turn)])
        return (circle * self.radii) @ self._axes + self.center

    def holds(self, pairs: np.ndarray) -> np.ndarray:
        """Tell which pairs lie inside or on the ellipse.

        Parameters
        ----------
        pairs : float (n, 2)
            Values of the two components.

        Returns
        -------
        bool (n,)
            True inside and on the border.

        Raises
        ------
        ValueError
            If `pairs` has another shape, is empty, or holds NaN or infinities.
        """
        axes = self._axes.T / self.radii
        parts = chunks(points(pairs, 2))
        return np.concatenate([np.sum(((p - self.center) @ axes) ** 2, 1) <= 1 for p in parts])

    @property
    def _axes(self) -> np.ndarray:
        """Rows: unit vectors of the major and the minor axis."""
        cos, sin = np.cos(np.deg2rad(self.angle)), np.sin(np.deg2rad(self.angle))
        return np.array([[cos, sin], [-sin, cos]])


def ellipse(mean: np.ndarray, covariance: np.ndarray, share: float = 0.9) -> Ellipse:
    """Return the contour of a bivariate normal inside which a `share` of its probability lies.

    Its half-axes are ``sqrt(q)`` standard deviations long, q being the `share` quantile of chi²
    with 2 degrees of freedom, ``-2 ln(1 - share)``.

    Parameters
    ----------
    mean, covariance : float (2,) and (2, 2)
        Of two components; the covariance symmetric and positive definite.
    share : float
        Share of the probability inside, above 0 and below 1: not the density on the contour.

    Returns
    -------
    Ellipse
        Of that share.

    Raises
    ------
    ValueError
        If an argument is another, or the covariance that of a line (one component constant, or a
        correlation of 1).

    Examples
    --------
    >>> ellipse([0, 0], [[1, 0], [0, 4]], share=0.9).radii.round(2)
    array([4.29, 2.15])
    """
    mean, covariance = np.asarray(mean, float), np.asarray(covariance, float)
    good = mean.shape == (2,) and covariance.shape == (2, 2)
    good = good and np.isfinite(mean).all() and np.isfinite(covariance).all()
    if not (good and np.allclose(covariance, covariance.T, atol=0)):
        raise ValueError(
            "expected the mean (2,) and the symmetric covariance (2, 2) of two components, finite; "
            f"got {mean.tolist()!s:.60} and {covariance.tolist()!s:.90}. Take those of one pair."
        )
    if not 0 < share < 1:  # also false for NaN
        raise ValueError(f"share must lie between 0 and 1; got {share!r}. For instance 0.9.")
    variance, columns = np.linalg.eigh(covariance)
    if variance[0] <= ROUNDING * variance[1]:
        raise ValueError(
            "expected two components that vary, and not in step; got the covariance "
            f"{covariance.tolist()}, whose ellipse is a line. Choose another pair."
        )
    x, y = columns[:, 1]
    angle = 90 - (90 - np.rad2deg(np.arctan2(y, x))) % 180
    radii = np.sqrt(-2 * np.log1p(-share) * variance[::-1])
    return Ellipse(float(share), mean, radii, float(angle))


def pair_ellipses(
    z: np.ndarray, i: int, j: int, shares: Sequence[float] = (0.5, 0.9, 0.99)
) -> tuple[list[Ellipse], pd.DataFrame]:
    """Return nested ellipses of two components, and the shares of z-points really inside them.

    Ellipses are those of the bivariate normal with the pair's measured mean and covariance. Where
    measured and nominal shares differ by more than noise, the pair is not bivariate normal; the
    difference is an effect size, it does not grow with the number of z-points.

    Parameters
    ----------
    z : float (n, d)
        z-points, n at least 2; an array in memory or memory-mapped.
    i, j : int
        Two components, counted from 0; `i` is the first coordinate of the plane.
    shares : sequence of float
        Nominal shares, each above 0 and below 1.

    Returns
    -------
    list of Ellipse, pandas.DataFrame
        One ellipse and one row per share, in the order given. Index ``share`` (nominal); columns
        ``measured`` (share of the z-points inside), ``difference`` (measured - nominal) and
        ``noise`` (binomial standard deviation of a measured share, ``sqrt(p (1 - p) / n)``).

    Raises
    ------
    ValueError
        As `pearson` and `ellipse`; also if `i` and `j` are not two components of `z`.

    Examples
    --------
    >>> z = np.random.default_rng(0).normal(size=(10_000, 2))
    >>> pair_ellipses(z, 0, 1)[1]["measured"].round(2).to_list()
    [0.5, 0.9, 0.99]
    """
    z = points(z)
    d = z.shape[1]
    if i == j or not {i, j} <= set(range(d)):
        raise ValueError(f"expected two different components from 0 to {d - 1}; got {i!r}, {j!r}.")
    pair = z[:, [i, j]]
    moments = Moments.of(pair)
    if pearson(moments).isna().any(axis=None):
        raise ValueError(f"component {i} or {j} does not vary: no ellipse. Choose another pair.")
    ellipses = [ellipse(moments.mean, moments.covariance, share) for share in shares]
    nominal = pd.Index([one.share for one in ellipses], name="share")
    inside = np.array([one.holds(pair).mean() for one in ellipses])
    noise = np.sqrt(nominal * (1 - nominal) / len(pair))
    table = {"measured": inside, "difference": inside - nominal, "noise": noise}
    return ellipses, pd.DataFrame(table, index=nominal)
