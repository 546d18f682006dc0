"""Paths that know how z-points spread, and where a line or a plane leaves their core.

The core is what lies within a given squared Mahalanobis distance D² (post VI on fragmentation).
"""

from typing import Literal

import numpy as np

from aelatent._checks import ROUNDING
from aelatent.latent._path import Path, latent_vector, mixed, number, one_of
from aelatent.latent.ellipses import pair_ellipses
from aelatent.latent.neighbors import whole
from aelatent.latent.planes import Plane
from aelatent.latent.principal import Moments, PrincipalAxes

_NOWHERE = 1e-3  # sd, radians: float32 gives latent vectors a whitened direction no finer than this


def along_ellipse(
    z: np.ndarray,
    i: int,
    j: int,
    *,
    axis: Literal["major", "minor"] = "major",
    others: Literal["center", "conditional"] = "center",
    reach: float = 2.0,
    n: int = 7,
) -> Path:
    """Go along an axis of the ellipse of two components, with or without their correlations.

    Parameters
    ----------
    i, j : int
        Two components, counted from 0.
    axis : "major" or "minor"
        Of the ellipse.
    others : "center" or "conditional"
        The other components stay at their means, or take those that a multivariate normal has
        given the pair (Bishop 2006, eq. 2.81): the smallest D² possible with this pair, t².
    reach, n : float, int
        How far to either side, above 0, in standard deviations along that axis; points on the
        path, at least 2, an odd number includes the center.

    Returns
    -------
    Path
        `t` is the distance from the center in standard deviations, -reach..reach.
    """
    one_of("axis", axis, ("major", "minor"))
    one_of("others", others, ("center", "conditional"))
    reach = number("reach", reach, above=0)
    # The contour at one standard deviation: it holds 1 - exp(-1/2) of a bivariate normal.
    pair = [whole("i", i, 0), whole("j", j, 0)]
    contour = pair_ellipses(z, *pair, shares=[-np.expm1(-0.5)])[0][0]
    moments = Moments.of(z)
    turned = np.deg2rad(contour.angle + (0 if axis == "major" else 90))
    sd = contour.radii[0 if axis == "major" else 1]
    t = np.linspace(-reach, reach, whole("n", n, 2))
    steps = np.outer(t * sd, [np.cos(turned), np.sin(turned)])  # (n, 2)
    moved = np.tile(moments.mean, (len(t), 1))
    if others == "conditional":
        to_pair = moments.covariance[pair]  # (2, d)
        # m_o + S_op S_pp⁻¹ (x_p - m_p)
        moved += steps @ np.linalg.solve(to_pair[:, pair], to_pair)
    moved[:, pair] = moments.mean[pair] + steps
    made = {"i": pair[0], "j": pair[1], "axis": axis, "others": others, "reach": reach, "n": len(t)}
    return Path(moved.astype(np.float32), t, "sd", "along ellipse", made)


def whitened_slerp(axes: PrincipalAxes, a: np.ndarray, b: np.ndarray, n: int = 8) -> Path:
    """Turn from one latent vector to another about the center of the z-points.

    Spherical interpolation (Shoemake 1985; White 2016, arXiv:1609.04468) in whitened coordinates
    about the mean z-point: about the origin it would turn round a point off the cloud. The path
    keeps the D² of its ends; a straight one between two z-points dips to about half. It is straight
    between equal directions, from or to the center, and along axes without variance. Opposite ends
    are refused: no turn between them is the shortest.

    Parameters
    ----------
    axes : PrincipalAxes
        Of the z-points.
    a, b : float (d,)
        The ends, in units of the latent space.
    n : int
        Points on the path, at least 2, both ends included.

    Returns
    -------
    Path
        `t` is the share of the turn, 0..1; ``made["turn"]`` the whole turn in degrees.
    """
    a, b = (latent_vector(name, end, len(axes.mean)) for name, end in (("a", a), ("b", b)))
    share = np.linspace(0, 1, whole("n", n, 2))
    z, turn = mixed(a, b, share), 0.0
    y = axes.whiten(np.stack([a, b]))
    lengths = np.linalg.norm(y, axis=1)
    if lengths.min() > _NOWHERE:
        # The whitened direction turns evenly, its length, the root of D², changes evenly.
        directions, turn = _turned(y[0] / lengths[0], y[1] / lengths[1], share)
        bent = directions * mixed(*lengths[:, None], share)  # (n, rank)
        z[1:-1] += axes.unwhiten(bent - mixed(*y, share))[1:-1] - axes.mean
    made = {"turn": float(np.rad2deg(turn)), "n": len(share)}
    return Path(z.astype(np.float32), share, "share", "whitened slerp", made)


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
    at, direction = latent_vector("at", at, d), latent_vector("direction", direction, d)
    d2 = number("d2", d2, above=0)
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
    at = latent_vector("at", at, len(axes.mean))
    place = plane.project(at[None])
    d2 = number("d2", d2, above=0)
    turn = np.linspace(0, 2 * np.pi, whole("points", points, 4))
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


def _turned(a: np.ndarray, b: np.ndarray, share: np.ndarray) -> tuple[np.ndarray, float]:
    """Turn unit vector `a` into `b`; return the directions (n, d) and the whole turn in radians."""
    across = b - (a @ b) * a
    sine = np.linalg.norm(across)
    if sine < _NOWHERE and a @ b < 0:
        raise ValueError(
            "expected ends on different sides of the center, not opposite; got directions "
            f"{180 - np.rad2deg(sine):.2f} degrees apart, between which no turn is the shortest. "
            "Use linear, or go through a third latent vector."
        )
    if sine > 0:
        across /= sine
    turn = np.arctan2(sine, a @ b)
    return np.outer(np.cos(share * turn), a) + np.outer(np.sin(share * turn), across), turn
