"""The core of the z-points: where D² of held-out ones is small; its law, and its edge along lines.

Points that helped to fit a covariance lie too near to its center, so one part of the z-points gives
mean and covariance, and D² of another part is looked at.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy import stats

from aelatent._checks import (
    ROUNDING,
    check_enough,
    check_number,
    check_points,
    check_share,
    check_vector,
    check_whole,
)
from aelatent.latent.paths import LatentPath, in_plane
from aelatent.latent.planes import Plane
from aelatent.latent.principal import PrincipalAxes

SPARE = 5  # rows beyond the axes that a fit must have: with fewer the law of D² has no variance


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
    d = check_whole("d", d, 1)
    m = check_whole("m", m, d + 1, hint=f"A covariance of {d} components needs more points.")
    return stats.f(d, m - d, scale=d * (m * m - 1) / (m * (m - d)))


def halves(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Split n rows at random in n // 2 and the others, both int64 and ascending."""
    rows = np.random.default_rng(seed).permutation(n)
    return np.sort(rows[: n // 2]), np.sort(rows[n // 2 :])


@dataclass(frozen=True, eq=False)
class HeldOutCore:
    """Mean and covariance of some z-points, D² of others, and the core's border among these."""

    axes: PrincipalAxes  # of the fitted points: `axes.d2(vectors)` is the D² that all is about
    level: float  # nominal share of held-out points in the core, 0..1
    border: float  # D² at the core's border
    rows: np.ndarray  # int64 (k,), the held-out z-points
    d2: np.ndarray  # float64 (k,), theirs

    @classmethod
    def of(cls, z: np.ndarray, fitted: np.ndarray, rows: np.ndarray, level: float = 0.95) -> Self:
        """Fit the rows `fitted` of z-points, and take the quantile of D² of other `rows`."""
        axes = PrincipalAxes.fit(z[fitted])
        d2 = axes.d2(z[rows])
        return cls(axes, level, float(np.quantile(d2, level)), rows, d2)

    @property
    def law(self):
        """Law of `d2` if the points are those of an MVN: `heldout_law`."""
        return heldout_law(self.axes.n, self.axes.rank)

    def holds(self, vectors: np.ndarray) -> np.ndarray:
        """Return which latent vectors lie in the core, bool (n,): D² at most `border`."""
        return self.axes.d2(vectors) <= self.border


def held_out_half(z: np.ndarray, seed: int) -> HeldOutCore:
    """Fit n // 2 of n z-points, refused where they are too few for the law of the others' D²."""
    check_enough(len(z), 2 * (SPARE + 1), "the law of D² along a single axis")
    core = HeldOutCore.of(z, *halves(len(z), seed))
    rank = core.axes.rank
    check_enough(len(z), 2 * (SPARE + rank), f"the law of D² along {rank} axes")
    return core


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
        ``axes`` of the fitted half and ``border`` in D²; ``rows`` and ``d2`` of the held-out one;
        ``holds(vectors)`` tells which vectors lie in the core.

    Examples
    --------
    >>> core = core_border(np.random.default_rng(0).normal(size=(40_000, 2)))
    >>> core.holds([[0, 2.4], [0, 2.5]])  # the square root of chi²'s quantile is 2.45
    array([ True, False])
    """
    z = check_points(z)
    level = check_share("level", level, hint="For instance 0.95.")
    # With fewer, half of them span no volume.
    check_enough(len(z), 2 * z.shape[1] + 1, f"the core of {z.shape[1]} components")
    held_out, fitted = halves(len(z), seed)
    return HeldOutCore.of(z, fitted, held_out, level)


def reach(
    axes: PrincipalAxes, at: np.ndarray, direction: np.ndarray, d2: float
) -> tuple[float, float]:
    """Return at which t, ascending, ``at + t * direction`` has a given D²; NaN if at none."""
    d = len(axes.mean)
    at, direction = check_vector("at", at, d), check_vector("direction", direction, d)
    d2 = check_number("d2", d2, above=0)
    start, step = _whitened(axes, at - axes.mean, direction)
    a, b, c = step @ step, start @ step, start @ start - d2
    if a * axes.sd[0] ** 2 <= ROUNDING * (direction @ direction):  # least where they vary most
        got = f"got {direction!s:.60}. Take one within the span of axes.axes[: axes.rank]."
        raise ValueError(f"expected a direction along which z-points vary; {got}")
    root = np.sqrt(b * b - a * c) if b * b >= a * c else np.nan
    return float((-b - root) / a), float((-b + root) / a)


def core_path(
    axes: PrincipalAxes, plane: Plane, at: np.ndarray, d2: float, *, angle: float = 0.0, n: int = 8
) -> LatentPath:
    """Go straight through a latent vector within a plane, from one end of the core to the other.

    Parameters
    ----------
    axes, plane, at, d2 : PrincipalAxes, Plane, float (d,), float
        As of `core_section`; `at` inside of that D².
    angle, n : float, int
        As of `in_plane`.

    Returns
    -------
    LatentPath
        As of `in_plane`; both its ends have that D².
    """
    at = check_vector("at", at, len(axes.mean))
    turned = np.deg2rad(check_number("angle", angle))
    low, high = reach(axes, at, plane.basis @ [np.cos(turned), np.sin(turned)], d2)
    if not low < 0 < high:  # also for NaN
        here = axes.d2(at[None])[0]
        raise ValueError(f"at must lie inside of D² {d2:g}, where the path ends; got {here:g}.")
    placed = {"angle": angle, "length": high - low, "shift": (low + high) / 2}
    return in_plane(plane, at, n=n, **placed)


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
        got = f"got none along some direction in the plane {plane.name}. Choose another."
        raise ValueError(f"expected z-points that vary along all directions of a plane; {got}")
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
