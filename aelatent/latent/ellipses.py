"""Ellipses that hold a share of a pair's points, as in posts III and VIII on fragmentation.

The share is of probability: no density (``1 - share`` of its peak on the contour), no number of
sigmas (k hold ``1 - exp(-k²/2)``, 39 % at 1), no confidence of a mean (``sqrt(n)`` smaller).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from aelatent._checks import ROUNDING, chunks, points
from aelatent.latent.correlations import pearson
from aelatent.latent.neighbors import whole
from aelatent.latent.principal import Moments


@dataclass(frozen=True, eq=False)
class Ellipse:
    """Contour of a bivariate normal that holds a stated share of its probability.

    Attributes
    ----------
    share : float
        Probability inside, between 0 and 1.
    center, radii : float64 (2,)
        Mean of the two components; half-axes, the larger first, in units of the latent space.
    angle : float
        Of the major axis with that of the first component, degrees counterclockwise, -90 to 90.
        ``matplotlib.patches.Ellipse`` takes `center`, ``*(2 * radii)``, `angle`.
    """

    share: float
    center: np.ndarray
    radii: np.ndarray
    angle: float

    def points(self, count: int = 200) -> np.ndarray:
        """Give points on the ellipse, float64 (count, 2), the first one again at the end."""
        turn = np.linspace(0, 2 * np.pi, whole("count", count, 2))
        circle = np.column_stack([np.cos(turn), np.sin(turn)])
        return (circle * self.radii) @ self._axes + self.center

    def holds(self, pairs: np.ndarray) -> np.ndarray:
        """Tell which pairs, float (n, 2), lie inside or on the ellipse: bool (n,)."""
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

    Parameters
    ----------
    mean, covariance : float (2,) and (2, 2)
        Of two components; the covariance symmetric and positive definite.
    share : float
        Probability inside, above 0 and below 1: not the density on the contour.

    Returns
    -------
    Ellipse
        Of that share.
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
    # sqrt(q) standard deviations, q = -2 ln(1 - share): chi²'s quantile, 2 degrees of freedom
    radii = np.sqrt(-2 * np.log1p(-share) * variance[::-1])
    return Ellipse(float(share), mean, radii, float(angle))


def pair_ellipses(
    z: np.ndarray, i: int, j: int, shares: Sequence[float] = (0.5, 0.9, 0.99)
) -> tuple[list[Ellipse], pd.DataFrame]:
    """Return nested ellipses of two components, and the shares of z-points really inside them.

    Where measured and nominal shares differ by more than noise, the pair is not bivariate normal.
    The difference is an effect size: it does not grow with the number of z-points.

    Parameters
    ----------
    i, j : int
        Two components, counted from 0; `i` is the first coordinate of the plane.
    shares : sequence of float
        Nominal shares, each above 0 and below 1.

    Returns
    -------
    list of Ellipse, pandas.DataFrame
        One ellipse, of the pair's mean and covariance, and one row per share: index ``share``;
        columns ``measured`` (share of the z-points inside), ``difference`` (measured - nominal)
        and ``noise`` (standard deviation of a measured share by chance).
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
    # binomial: sqrt(p (1 - p) / n)
    noise = np.sqrt(nominal * (1 - nominal) / len(pair))
    table = {"measured": inside, "difference": inside - nominal, "noise": noise}
    return ellipses, pd.DataFrame(table, index=nominal)
