"""Paths: latent vectors in a row, along a line, a circle or a principal axis (our choice)."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from aelatent._checks import check_number, check_vector, check_whole
from aelatent.latent.planes import Plane
from aelatent.latent.principal import PrincipalAxes


@dataclass(frozen=True, eq=False)
class LatentPath:
    """Latent vectors in a row.

    Attributes
    ----------
    z, t : float32 (n, d), float64 (n,)
        The latent vectors, and where along the path each lies, ascending.
    unit : str
        Of `t`: ``"share"`` (0..1), ``"degrees"``, ``"sd"`` (standard deviations), ``"units of z"``.
    kind, made : str, dict
        For instance ``"circle"``; the arguments that made it, fit for JSON.
    """

    z: np.ndarray
    t: np.ndarray
    unit: str
    kind: str
    made: dict[str, Any]

    def __len__(self) -> int:
        return len(self.z)


def mixed(a: np.ndarray, b: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Go from `a` to `b`, exactly both at the ends: float64 (n, d)."""
    return np.outer(1 - share, a) + np.outer(share, b)


def linear(a: np.ndarray, b: np.ndarray, n: int = 8) -> LatentPath:
    """Go straight from one latent vector to another.

    Parameters
    ----------
    a, b, n : float (d,), float (d,), int
        The ends; points on the path, at least 2, evenly spaced, both ends included.

    Returns
    -------
    LatentPath
        `t` is the share of the way, 0..1.
    """
    a = check_vector("a", a)
    b = check_vector("b", b, len(a))
    share = np.linspace(0, 1, check_whole("n", n, 2))
    z = mixed(a, b, share).astype(np.float32)
    return LatentPath(z, share, "share", "linear", {"n": len(share)})


def origin_to_center(center: np.ndarray, n: int = 6) -> LatentPath:
    """Go straight from the origin of the latent space to the center of the z-points.

    Parameters
    ----------
    center : float (d,)
        A latent vector, for instance ``Moments.of(z).mean``.

    Returns
    -------
    LatentPath
        As of `linear`.
    """
    center = check_vector("center", center)
    return replace(linear(np.zeros_like(center), center, n), kind="origin to center")


def in_plane(
    plane: Plane,
    center: np.ndarray,
    *,
    angle: float = 0.0,
    length: float,
    n: int = 6,
    offset: float = 0.0,
    shift: float = 0.0,
) -> LatentPath:
    """Go straight through the center, or past it, within a plane; all else stays as at the center.

    Parameters
    ----------
    plane, center : Plane, float (d,)
        Of two components or two principal axes; for instance ``Moments.of(z).mean``.
    angle : float
        Direction in degrees, counterclockwise from the first coordinate of the plane.
    length : float
        Of the whole path, above 0, in units of z; in widths multiples of ``"fwhm"`` of
        `describe_components`, or of ``axes.sd`` in a principal plane.
    offset, shift : float
        How far the line passes left of the center, and its middle is moved along it; units of z.

    Returns
    -------
    LatentPath
        `t` is the distance from the middle of the path, in units of z.

    Examples
    --------
    >>> in_plane(Plane.components(3, 0, 1), [5, 0, 9], length=4, n=3, offset=1).z.tolist()
    [[3.0, 1.0, 9.0], [5.0, 1.0, 9.0], [7.0, 1.0, 9.0]]
    """
    placed = {"angle": angle, "length": length, "offset": offset, "shift": shift}
    placed = {name: check_number(name, value) for name, value in placed.items()}
    half = check_number("length", length, above=0) / 2
    turned = np.deg2rad(placed["angle"])
    along = np.array([np.cos(turned), np.sin(turned)])
    left = np.array([-along[1], along[0]])
    middle = placed["offset"] * left + placed["shift"] * along
    both = _coordinates(plane, center) + middle + np.outer([-half, half], along)  # (2, 2)
    return _segment(plane, center, both, n, "in plane", placed)


def between(
    plane: Plane, center: np.ndarray, start: np.ndarray, end: np.ndarray, n: int = 6
) -> LatentPath:
    """Go straight between two places in a plane: `in_plane`, given by its ends.

    Parameters
    ----------
    plane, center, start, end : Plane, float (d,), float (2,), float (2,)
        As of `in_plane`; coordinates in the plane, not the same.

    Returns
    -------
    LatentPath
        As of `in_plane`.
    """
    center = check_vector("center", center, len(plane.offset))
    both = np.stack([check_vector("start", start, 2), check_vector("end", end, 2)])
    check_number("the distance of start and end", np.hypot(*(both[1] - both[0])), above=0)
    made = {"start": both[0].tolist(), "end": both[1].tolist()}
    return _segment(plane, center, both, n, "between", made)


def circle(plane: Plane, center: np.ndarray, radius: float, n: int = 8) -> LatentPath:
    """Go round the center within a plane, counterclockwise.

    Parameters
    ----------
    plane, center, radius : Plane, float (d,), float
        As of `in_plane`; above 0, in units of z.
    n : int
        Points on the circle, at least 2, evenly spaced; the first is not repeated.

    Returns
    -------
    LatentPath
        `t` is the angle with the first coordinate of the plane, degrees, 0 to below 360.
    """
    radius = check_number("radius", radius, above=0)
    t = np.linspace(0, 360, check_whole("n", n, 2), endpoint=False)
    turned = np.deg2rad(t)
    directions = np.stack([np.cos(turned), np.sin(turned)], axis=1)  # (n, 2)
    round_it = _coordinates(plane, center) + radius * directions
    made = {"plane": plane.name, "radius": radius, "n": len(t)}
    return LatentPath(plane.lift(round_it, center), t, "degrees", "circle", made)


def along_axis(axes: PrincipalAxes, k: int, reach: float = 3.0, n: int = 7) -> LatentPath:
    """Go along a principal axis through the center, the other coordinates 0.

    Parameters
    ----------
    axes, k : PrincipalAxes, int
        Of the z-points; number of the axis, from 1 to ``axes.rank``.
    reach : float
        How far to either side, above 0, in standard deviations.
    n : int
        Points on the path, at least 2; an odd number includes the center.

    Returns
    -------
    LatentPath
        `t` is the distance from the center in standard deviations, -reach..reach.
    """
    k = check_whole("k", k, 1, axes.rank)
    step = axes.sd[k - 1], axes.axes[k - 1]
    return through(axes.mean, *step, reach, n, "along axis", {"k": k})


def through(
    at: np.ndarray, sd: float, direction: np.ndarray, reach: float, n: int, kind: str, made: dict
) -> LatentPath:
    """Go straight through a latent vector, from `reach` standard deviations before it to behind."""
    reach = check_number("reach", reach, above=0)
    t = np.linspace(-reach, reach, check_whole("n", n, 2))
    z = at + np.outer(t * sd, direction)  # (n, d)
    return LatentPath(z.astype(np.float32), t, "sd", kind, {**made, "reach": reach, "n": len(t)})


def _coordinates(plane: Plane, center: np.ndarray) -> np.ndarray:
    """Return where in the plane a latent vector lies, float64 (2,)."""
    return plane.project(check_vector("center", center, len(plane.offset))[None])[0]


def _segment(plane: Plane, center, both: np.ndarray, n: int, kind: str, made: dict) -> LatentPath:
    """Go from one end in the plane to the other."""
    share = np.linspace(0, 1, check_whole("n", n, 2))
    t = (share - 0.5) * np.hypot(*(both[1] - both[0]))
    z = plane.lift(mixed(both[0], both[1], share), center)
    return LatentPath(z, t, "units of z", kind, {"plane": plane.name, **made, "n": len(t)})
