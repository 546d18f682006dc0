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

from aelatent._checks import (
    ROUNDING,
    check_finite,
    check_number,
    check_points,
    check_vector,
    check_whole,
)
from aelatent.latent.planes import Plane
from aelatent.latent.principal import PrincipalAxes

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
        z = check_finite(z)
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


def reach(
    axes: PrincipalAxes, at: np.ndarray, direction: np.ndarray, d2: float
) -> tuple[float, float]:
    """Return where a line through a latent vector meets the surface of given D².

    Parameters
    ----------
    axes : PrincipalAxes
        Of the z-points.
    at, direction : float (d,)
        A point of the line; where it goes, a direction along which z-points vary.
    d2 : float
        D² of the surface, above 0: for instance the border of `core_border`.

    Returns
    -------
    tuple of float
        The t, ascending, at which ``at + t * direction`` has that D²: distances in units of z if
        the direction has length 1. NaN, twice, if the line passes by.
    """
    d = len(axes.mean)
    at, direction = check_vector("at", at, d), check_vector("direction", direction, d)
    d2 = check_number("d2", d2, above=0)
    start, step = _whitened(axes, at - axes.mean, direction)
    a, b, c = step @ step, start @ step, start @ start - d2
    if a * axes.sd[0] ** 2 <= ROUNDING * (direction @ direction):  # least where they vary most
        raise ValueError(
            "expected a direction along which z-points vary: along this one D² never changes. "
            f"Got {direction!s:.60}; take one within the span of axes.axes[: axes.rank]."
        )
    root = np.sqrt(b * b - a * c) if b * b >= a * c else np.nan
    return float((-b - root) / a), float((-b + root) / a)


def core_section(
    axes: PrincipalAxes, plane: Plane, at: np.ndarray, d2: float, points: int = 181
) -> np.ndarray:
    """Return the outline that the core has in a plane through a latent vector.

    The core's shadow on the plane is wider: most z-points are seen outside of this section.

    Parameters
    ----------
    axes, plane : PrincipalAxes, Plane
        Of the z-points; of two components or two principal axes, along which z-points vary.
    at : float (d,)
        A latent vector; gives all that the plane does not.
    d2, points : float, int
        D² of the outline, above 0; number of points on it, at least 4, the first again at the end.

    Returns
    -------
    float64 (points, 2)
        In coordinates of the plane; (0, 2) if the plane passes by.

    Examples
    --------
    >>> axes = PrincipalAxes.fit([[3, 0], [-3, 0], [0, 1], [0, -1]])
    >>> core_section(axes, Plane.components(2, 0, 1), [0, 0], d2=1.5).max(axis=0).round(2)
    array([3., 1.])
    """
    at = check_vector("at", at, len(axes.mean))
    place = plane.project(at[None])
    d2 = check_number("d2", d2, above=0)
    turn = np.linspace(0, 2 * np.pi, check_whole("points", points, 4))
    start, *steps = _whitened(axes, at - axes.mean, *plane.basis.T)
    steps = np.stack(steps, axis=1)  # (rank, 2): whitened steps of length 1 in the plane
    u, scale, vt = np.linalg.svd(steps, full_matrices=False)
    if len(scale) < 2 or scale[1] * axes.sd[0] <= np.sqrt(ROUNDING):
        raise ValueError(
            f"z-points do not vary along some direction in the plane {plane.name}: there the core "
            "has no end. Choose another plane."
        )
    # D² = |start + steps q|²: least at q0, and from there on |steps (q - q0)|² more.
    nearest = -(start @ u / scale) @ vt
    least = start @ start - (start @ u) @ (start @ u)
    if least > d2:
        return np.empty((0, 2))
    round_it = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    round_it[-1] = round_it[0]
    found = nearest + np.sqrt(d2 - least) * (round_it / scale) @ vt
    return place + found


def _whitened(axes: PrincipalAxes, *steps: np.ndarray) -> np.ndarray:
    """Return steps, float (d,) each, in standard deviations along the axes: (steps, rank)."""
    return axes.whiten(axes.mean + np.stack(steps))


@dataclass(frozen=True, eq=False)
class HeldOutCore:
    """The z-points' core: where D² lies below its held-out quantile.

    Mean and covariance come from one half of the z-points, the border from D² of the other, for
    on the fitted half D² is too small. It holds for D² from these `axes`, not from all z-points.

    Attributes
    ----------
    axes : PrincipalAxes
        Of the fitted half; ``axes.d2(vectors)`` is D².
    level, border : float
        Nominal share of held-out z-points inside, 0..1, and D² at the core's border.
    rows, d2 : int64 (k,) and float64 (k,)
        The held-out half of the z-points, ascending, and its D².
    """

    axes: PrincipalAxes
    level: float
    border: float
    rows: np.ndarray
    d2: np.ndarray

    def holds(self, vectors: np.ndarray) -> np.ndarray:
        """Return which latent vectors lie in the core, bool (n,): D² at most `border`."""
        return self.axes.d2(vectors) <= self.border


def core_border(z: np.ndarray, seed: int = 0, level: float = 0.95) -> HeldOutCore:
    """Find the core of the z-points: fit one half, take the quantile of D² of the other.

    The seed splits the z-points, of which there must be more than 2 d.

    Parameters
    ----------
    level : float
        Share of the held-out z-points in the core, above 0 and below 1.

    Returns
    -------
    HeldOutCore
        The axes of the fitted half, and the border in D².

    Examples
    --------
    >>> core = core_border(np.random.default_rng(0).normal(size=(40_000, 2)))
    >>> core.holds([[0, 2.4], [0, 2.5]])  # the square root of chi²'s quantile is 2.45
    array([ True, False])
    """
    z = check_points(z)
    n, d = z.shape
    if not 0 < level < 1:  # also false for NaN
        raise ValueError(f"level must lie between 0 and 1; got {level!r}. For instance 0.95.")
    if n <= 2 * d:
        raise ValueError(
            f"expected more than {2 * d} z-points, twice the number of components; got {n}. With "
            "fewer, half of them span no volume. Take more, or leading principal coordinates."
        )
    order = np.random.default_rng(seed).permutation(n)
    fitted, held_out = np.sort(order[n // 2 :]), np.sort(order[: n // 2])
    axes = PrincipalAxes.fit(z[fitted])
    d2 = axes.d2(z[held_out])
    return HeldOutCore(axes, float(level), float(np.quantile(d2, level)), held_out, d2)
