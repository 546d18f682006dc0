"""How far z-points are from a multivariate normal (MVN): effect sizes on held-out points.

None of them grows with n, so clouds can be compared; read each beside the same figure of a
surrogate of the same n (`normality_report`). Where no source is named, the figure is our choice.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import pandas as pd
from scipy import stats

from aelatent._checks import chunks, points
from aelatent.latent.principal import Moments, PrincipalAxes

SPARE = 5  # rows beyond the axes that a fit must have: with fewer the law of D² has no variance
DIRECTIONS = 200  # random directions along which the shape is looked at
_COLUMNS = 32  # directions at a time: 20 MB of float64 at 80,000 held-out points


def heldout_law(m: int, d: int):
    """Give the law of D² of an MVN's point when mean and covariance come from m other points.

    It is ``d (m² - 1) / (m (m - d))`` times F(d, m - d): Hotelling's T² (Anderson, *An Introduction
    to Multivariate Statistical Analysis*, 2003, section 5.2) with the new point's own scatter,
    wider than chi² with d degrees of freedom: mean 270.7 for m = 4750, d = 256.

    Parameters
    ----------
    m, d : int
        Number of points that gave mean and covariance (divisor m - 1), and of components, 1..m - 1.

    Returns
    -------
    scipy.stats frozen distribution
        Its variance is infinite unless m > d + 4.
    """
    whole = all(isinstance(i, (int, np.integer)) and not isinstance(i, bool) for i in (m, d))
    if not (whole and 1 <= d < m):
        raise ValueError(
            f"expected whole numbers with 1 <= d < m; got m={m!r}, d={d!r}. A covariance of d "
            "components needs more than d points: pass more rows."
        )
    m, d = int(m), int(d)
    return stats.f(d, m - d, scale=d * (m * m - 1) / (m * (m - d)))


@dataclass(frozen=True, eq=False)
class HeldOut:
    """One half of a cloud as seen from mean and covariance of the other half.

    Points that helped to fit a covariance lie too near to its center: only held-out ones follow a
    law that can be compared. Axes along which the fitted half does not vary are left out.

    Attributes
    ----------
    m : int
        Number of points that mean and covariance were computed from: half of them, rounded down.
    z : float (k, d_z)
        The k held-out points, in their order.
    y : float64 (k, d)
        Their whitened coordinates, in standard deviations along the principal axes of the others.
    """

    m: int
    z: np.ndarray
    y: np.ndarray

    @classmethod
    def of(cls, z: np.ndarray, seed: int = 0) -> Self:
        """Split `z` in random halves, by `seed` and length only; fit one, whiten the other."""
        z = checked(z)
        m = len(z) // 2
        rows = np.random.default_rng(seed).permutation(len(z))
        # With so few rows even a single component is too much.
        principal = PrincipalAxes.fit(z[np.sort(rows[:m])]) if m > SPARE else None
        least = SPARE + (principal.rank if principal else 1)
        if m < least:
            raise ValueError(
                f"mean and covariance come from half of the z-points, {m} of {len(z)}; expected at "
                f"least {least}, {SPARE} more than the axes along which they vary. Pass more rows, "
                "or fewer components."
            )
        held = z[np.sort(rows[m:])]
        return cls(m, held, principal.whiten(held))

    @cached_property
    def d2(self) -> np.ndarray:
        """Squared Mahalanobis distance D² of the held-out points, float64 (k,)."""
        return np.sum(self.y**2, axis=1)

    @property
    def law(self):
        """Law of `d2` if the points are those of an MVN: `heldout_law`."""
        return heldout_law(self.m, self.y.shape[1])

    @property
    def mean_ratio(self) -> float:
        """Mean of `d2` / mean of its law; about 1 for an MVN and for most other clouds."""
        return float(self.d2.mean() / self.law.mean())

    @property
    def sd_ratio(self) -> float:
        """Standard deviation of `d2` / that of its law; MVN: about 1, heavy tails: above."""
        return float(self.d2.std(ddof=1) / self.law.std())

    @property
    def ks_distance(self) -> float:
        """Kolmogorov distance of `d2` to its law, 0..1: largest gap of the cumulative shares."""
        # All D² share one fit, so there is no table of p-values for this distance.
        below = self.law.cdf(np.sort(self.d2))
        ahead = np.arange(1, len(below) + 1) / len(below) - below
        return float(max(ahead.max(), 1 / len(below) - ahead.min()))

    def qq(self) -> pd.DataFrame:
        """Return a QQ plot's columns ``law`` and ``measured`` of D², k rows, ascending."""
        k = len(self.d2)
        law = self.law.ppf((np.arange(k) + 0.5) / k)
        return pd.DataFrame({"law": law, "measured": np.sort(self.d2)})

    @property
    def mardia(self) -> float:
        """Mardia's kurtosis (1970), mean of D⁴ / d (d + 2): for an MVN a bit more than 1."""
        # Above 1 by the covariance's own scatter: divide by an MVN surrogate's of the same split.
        d = self.y.shape[1]
        return float(np.mean(self.d2**2) / (d * (d + 2)))

    @property
    def squares_correlation(self) -> float:
        """Mean of corr(y_i², y_j²) over pairs of axes i != j; MVN: about 0; one axis: NaN."""
        # Above 0 where all axes are wide or narrow together: 1 / (nu - 1) for a multivariate t.
        square = self.y**2
        square = square[:, np.ptp(square, axis=0) > 0]
        k = square.shape[1]
        if k < 2:
            return float("nan")
        # The variance of a sum of standardized columns is the sum of all their correlations.
        total = np.sum((square - square.mean(axis=0)) / square.std(axis=0), axis=1)
        return float((np.mean(total**2) - k) / (k * (k - 1)))

    def shapes(self, seed: int = 0) -> pd.DataFrame:
        """Skewness and excess kurtosis along components, principal axes and 200 random directions.

        Random projections of nearly any cloud look Gaussian (Diaconis & Freedman 1984): they prove
        little. Columns ``skewness`` and ``excess_kurtosis`` (0 for an MVN, NaN where nothing
        varies); index ``along`` (``"components"``, ``"principal axes"``, ``"random directions"``)
        and ``number`` (components from 0, the others from 1).
        """
        # Uniform in whitened space, so that no wide axis dominates.
        directions = np.random.default_rng(seed).standard_normal((self.y.shape[1], DIRECTIONS))
        directions /= np.linalg.norm(directions, axis=0)
        tables = {
            "components": _shapes(self.z),
            "principal axes": _shapes(self.y),
            "random directions": _shapes(self.y, directions),
        }
        tables["components"].index -= 1
        return pd.concat(tables, names=["along", "number"])


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


def checked(z: np.ndarray) -> np.ndarray:
    """Return `z` as an array, refused as by `Moments.of`; bad rows are named by their place."""
    z = points(z)
    for _ in chunks(z):
        pass
    return z


def subsample(z: np.ndarray, n: int, seed: int) -> np.ndarray:
    """Take n random rows of `z`, none twice, float64; all, shuffled, if there are fewer."""
    z = checked(z)
    rows = np.random.default_rng(seed).choice(len(z), min(n, len(z)), replace=False)
    return np.asarray(z[rows], dtype=np.float64)


def _shapes(x: np.ndarray, directions: np.ndarray | None = None) -> pd.DataFrame:
    """Return skewness and excess kurtosis of the columns of `x`, or of its projections."""
    count = (x if directions is None else directions).shape[1]
    figures = []
    for start in range(0, count, _COLUMNS):
        part = slice(start, start + _COLUMNS)
        values = x[:, part].astype(np.float64) if directions is None else x @ directions[:, part]
        flat = np.ptp(values, axis=0) == 0
        values -= values.mean(axis=0)
        values /= np.where(flat, 1, np.abs(values).max(axis=0))  # powers then cannot overflow
        values[:, flat] = np.nan
        square = values * values
        m2 = square.mean(axis=0)
        skewness = (square * values).mean(axis=0) / m2**1.5
        figures.append(np.stack([skewness, (square * square).mean(axis=0) / m2**2 - 3], axis=1))
    index = pd.RangeIndex(1, count + 1)
    return pd.DataFrame(np.concatenate(figures), index, columns=["skewness", "excess_kurtosis"])
