"""What a path is, and how what makes one is checked."""

from dataclasses import dataclass
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
    z, t : float32 (n, d) and float64 (n,)
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
    a, b : float (d,)
        The ends, in units of the latent space.
    n : int
        Points on the path, at least 2, evenly spaced, both ends included.

    Returns
    -------
    LatentPath
        `t` is the share of the way, 0..1.
    """
    a = check_vector("a", a)
    b = check_vector("b", b, len(a))
    share = np.linspace(0, 1, check_whole("n", n, 2))
    return LatentPath(
        mixed(a, b, share).astype(np.float32), share, "share", "linear", {"n": len(share)}
    )


def origin_to_center(center: np.ndarray, n: int = 6) -> LatentPath:
    """Go straight from the origin of the latent space to the center of the z-points.

    Parameters
    ----------
    center : float (d,)
        A latent vector, for instance ``Moments.of(z).mean``.
    n : int
        Points on the path, as in `linear`.

    Returns
    -------
    LatentPath
        `t` is the share of the way, 0..1.
    """
    center = check_vector("center", center)
    straight = linear(np.zeros_like(center), center, n)
    return LatentPath(straight.z, straight.t, straight.unit, "origin to center", straight.made)


def ends(
    plane: Plane,
    center: np.ndarray,
    angle: float,
    length: float,
    offset: float = 0.0,
    shift: float = 0.0,
) -> np.ndarray:
    """Return the ends of a line in a plane that is placed about the center; `line_of` inverts it.

    Parameters
    ----------
    plane, center : Plane, float (d,)
        As of `in_plane`.
    angle, length, offset, shift : float
        As of `in_plane`: degrees, and units of z.

    Returns
    -------
    float64 (2, 2)
        Start and end, one a row, in coordinates of the plane.
    """
    turned = np.deg2rad(check_number("angle", angle))
    along = np.array([np.cos(turned), np.sin(turned)])
    left = np.array([-along[1], along[0]])
    middle = check_number("offset", offset) * left + check_number("shift", shift) * along
    half = check_number("length", length, above=0) / 2
    return _in_plane(plane, center) + middle + np.outer([-half, half], along)


def line_of(center: np.ndarray, start: np.ndarray, end: np.ndarray) -> dict[str, float]:
    """Return how a line in a plane is placed about the center: what `in_plane` takes.

    Parameters
    ----------
    center, start, end : float (2,)
        Coordinates in the plane, the ends not the same; lengths are in their units.

    Returns
    -------
    dict of str to float
        ``angle`` (degrees, above -180, at most 180), ``length``, ``offset`` and ``shift``.
    """
    center, start, end = (
        check_vector(name, place, 2)
        for name, place in (("center", center), ("start", start), ("end", end))
    )
    step, middle = end - start, (start + end) / 2 - center
    length = np.hypot(*step)
    if length == 0:
        raise ValueError(
            f"expected two different ends of a line; got {start.tolist()} twice. Move one of them."
        )
    along = step / length
    angle = float(np.rad2deg(np.arctan2(along[1], along[0])))
    return {
        "angle": 180.0 if angle == -180 else angle,
        "length": float(length),
        "offset": float(along[0] * middle[1] - along[1] * middle[0]),
        "shift": float(along @ middle),
    }


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
    plane : Plane
        Of two components or two principal axes.
    center : float (d,)
        A latent vector, for instance ``Moments.of(z).mean``.
    angle : float
        Direction in degrees, counterclockwise from the first coordinate of the plane.
    length : float
        Of the whole path, above 0, in units of z; in widths multiples of ``"fwhm"`` of
        `describe_components`, or of ``axes.sd`` in a principal plane.
    n : int
        Points on the path, as in `linear`.
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
    both = ends(plane, center, angle, length, offset, shift)
    placed = {"angle": angle, "length": length, "offset": offset, "shift": shift}
    made = {"plane": plane.name, **{name: float(value) for name, value in placed.items()}}
    return _segment(plane, center, both, n, "in plane", made)


def between(
    plane: Plane, center: np.ndarray, start: np.ndarray, end: np.ndarray, n: int = 6
) -> LatentPath:
    """Go straight between two places in a plane: `in_plane`, given by its ends.

    Parameters
    ----------
    plane, center : Plane, float (d,)
        As of `in_plane`.
    start, end : float (2,)
        Coordinates in the plane, not the same.
    n : int
        Points on the path, as in `linear`.

    Returns
    -------
    LatentPath
        `t` is the distance from the middle of the path, in units of z.
    """
    line_of(_in_plane(plane, center), start, end)  # raises where there is no line
    both = np.array([start, end], dtype=float)
    made = {"plane": plane.name, "start": both[0].tolist(), "end": both[1].tolist()}
    return _segment(plane, center, both, n, "between", made)


def circle(plane: Plane, center: np.ndarray, radius: float, n: int = 8) -> LatentPath:
    """Go round the center within a plane, counterclockwise.

    Parameters
    ----------
    plane, center : Plane, float (d,)
        As of `in_plane`.
    radius : float
        Above 0, in units of z.
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
    round_it = _in_plane(plane, center) + radius * np.stack([np.cos(turned), np.sin(turned)], 1)
    made = {"plane": plane.name, "radius": radius, "n": len(t)}
    return LatentPath(plane.lift(round_it, center), t, "degrees", "circle", made)


def along_axis(axes: PrincipalAxes, k: int, reach: float = 3.0, n: int = 7) -> LatentPath:
    """Go along a principal axis through the center, the other coordinates 0.

    Parameters
    ----------
    axes : PrincipalAxes
        Of the z-points.
    k : int
        Number of the axis, from 1 to ``axes.rank``.
    reach : float
        How far to either side, above 0, in standard deviations.
    n : int
        Points on the path, at least 2; an odd number includes the center.

    Returns
    -------
    LatentPath
        `t` is the distance from the center in standard deviations, -reach..reach.
    """
    if check_whole("k", k, 1) > axes.rank:
        raise ValueError(f"expected a principal axis of 1 to {axes.rank}; got {k!r}.")
    reach = check_number("reach", reach, above=0)
    t = np.linspace(-reach, reach, check_whole("n", n, 2))
    z = axes.mean + np.outer(t * axes.sd[k - 1], axes.axes[k - 1])
    made = {"k": int(k), "reach": reach, "n": len(t)}
    return LatentPath(z.astype(np.float32), t, "sd", "along axis", made)


def _in_plane(plane: Plane, center: np.ndarray) -> np.ndarray:
    """Return the coordinates in the plane, float64 (2,), of a latent vector."""
    return plane.project(check_vector("center", center, len(plane.offset))[None])[0]


def _segment(plane: Plane, center, both: np.ndarray, n: int, kind: str, made: dict) -> LatentPath:
    """Go from one end in the plane to the other."""
    share = np.linspace(0, 1, check_whole("n", n, 2))
    t = (share - 0.5) * np.hypot(*(both[1] - both[0]))
    z = plane.lift(mixed(both[0], both[1], share), center)
    return LatentPath(z, t, "units of z", kind, {**made, "n": len(t)})
