"""Paths that know how z-points spread, and where a line or a plane leaves their core.

The core is what lies within a given squared Mahalanobis distance D². Post VI of the blog's series
on fragmentation compares paths inside it with those to its border.
"""

from typing import Literal

import numpy as np

from aelatent.latent._neighbors import whole
from aelatent.latent._path import Path, latent_vector, mixed, number, one_of
from aelatent.latent._rows import ROUNDING
from aelatent.latent.ellipses import pair_ellipses
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

    The other components stay at their means ("center": correlations with the pair disregarded), or
    take the means that a multivariate normal has given the pair ("conditional"),
    ``m_o + S_op S_pp⁻¹ (x_p - m_p)`` (for instance Bishop 2006, eq. 2.81). Of all latent vectors
    with this pair the conditional one has the smallest D², which is t².

    Parameters
    ----------
    z : float (n_rows, d)
        z-points; an array in memory or memory-mapped.
    i, j : int
        Two components, counted from 0.
    axis : "major" or "minor"
        Of the ellipse.
    others : "center" or "conditional"
        What the other components do.
    reach : float
        How far to either side, above 0, in standard deviations along that axis.
    n : int
        Points on the path, at least 2; an odd number includes the center.

    Returns
    -------
    Path
        `t` is the distance from the center in standard deviations, -reach..reach.

    Raises
    ------
    ValueError
        If an argument is unusable, or as `pair_ellipses`.

    Examples
    --------
    >>> t = np.random.default_rng(0).normal(size=400)
    >>> z = np.stack([t, np.roll(t, 1), 5 * t], axis=1)
    >>> ends = along_ellipse(z, 0, 1, others="conditional", n=2).z
    >>> np.allclose(ends[:, 2], 5 * ends[:, 0], atol=1e-4)
    True
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
        moved += steps @ np.linalg.solve(to_pair[:, pair], to_pair)
    moved[:, pair] = moments.mean[pair] + steps
    made = {"i": pair[0], "j": pair[1], "axis": axis, "others": others, "reach": reach, "n": len(t)}
    return Path(moved.astype(np.float32), t, "sd", "along ellipse", made)


def whitened_slerp(axes: PrincipalAxes, a: np.ndarray, b: np.ndarray, n: int = 8) -> Path:
    """Turn from one latent vector to another about the center of the z-points.

    Spherical interpolation (Shoemake 1985; for latent spaces White 2016, arXiv:1609.04468), but in
    whitened coordinates about the mean z-point: about the origin it would turn round a point off
    the cloud. The whitened direction turns evenly, its length, the root of D², changes evenly. So
    the path keeps the D² of its ends, where a straight one between two z-points dips to about half.

    Straight where there is nothing to turn: between equal directions, from or to the center (to
    0.001 standard deviations), and along axes without variance.

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
        Its ends are `a` and `b`; `t` is the share of the turn, 0..1. ``made["turn"]``: degrees.

    Raises
    ------
    ValueError
        As `linear`; also if the ends lie on opposite sides of the center: then no turn is shortest.

    Examples
    --------
    >>> axes = PrincipalAxes.fit([[3, 0], [-3, 0], [0, 1], [0, -1]])
    >>> whitened_slerp(axes, [3, 0], [0, 1], n=3).z[1].round(2)
    array([2.12, 0.71], dtype=float32)
    """
    a, b = (latent_vector(name, end, len(axes.mean)) for name, end in (("a", a), ("b", b)))
    share = np.linspace(0, 1, whole("n", n, 2))
    z, turn = mixed(a, b, share), 0.0
    y = axes.whiten(np.stack([a, b]))
    lengths = np.linalg.norm(y, axis=1)
    if lengths.min() > _NOWHERE:
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
        A point of the line, and where it goes; of any length, above 0.
    d2 : float
        D² of the surface, above 0: for instance the border of `core_border`.

    Returns
    -------
    tuple of float
        The t, ascending, at which ``at + t * direction`` has that D²: distances in units of z for
        a direction of length 1. NaN, twice, if the line passes by.

    Raises
    ------
    ValueError
        If an argument is unusable, or z-points do not vary along the direction.

    Examples
    --------
    >>> axes = PrincipalAxes.fit([[3, 0], [-3, 0], [0, 1], [0, -1]])
    >>> np.round(reach(axes, [0, 0], [1, 0], d2=1.5), 6)
    array([-3.,  3.])
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

    The *section*, an ellipse: latent vectors that differ from `at` only within the plane and have
    the given D². The core's shadow on the plane is wider, and most z-points, which lie elsewhere in
    the other directions, are seen outside the section.

    Parameters
    ----------
    axes : PrincipalAxes
        Of the z-points.
    plane : Plane
        Of two components or two principal axes.
    at : float (d,)
        A latent vector; gives all that the plane does not.
    d2 : float
        D² of the outline, above 0: for instance the border of `core_border`.
    points : int
        Points on the outline, at least 4, the first one again at the end.

    Returns
    -------
    float64 (points, 2)
        In coordinates of the plane; (0, 2) if the plane passes by.

    Raises
    ------
    ValueError
        If an argument is unusable, or z-points do not vary along some direction in the plane.

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
