"""Planes of the latent space: two components, or two principal axes, and what lies in them."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from aelatent._checks import (
    check_number,
    check_pair,
    check_points,
    check_vector,
    check_whole,
    chunks,
)
from aelatent.latent.components import dominant_components
from aelatent.latent.neighbors import find_others
from aelatent.latent.principal import Moments, PrincipalAxes

_BROAD = "two broad components, off the origin"  # the role of a plane


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane of the latent space; make one with `Plane.components` or `Plane.principal`.

    Attributes
    ----------
    name, labels : str, tuple of str
        For instance ``"PC 1, PC 18"``; what runs along the two axes.
    offset, basis : float64 (d,), float64 (d, 2)
        The point of the latent space that has coordinates (0, 0); the axes, one a column,
        orthogonal and of unit length.
    """

    name: str
    labels: tuple[str, str]
    offset: np.ndarray
    basis: np.ndarray

    @classmethod
    def components(cls, d: int, i: int, j: int) -> Self:
        """Return the plane of components i and j of d, counted from 0; its (0, 0) is the origin."""
        check_pair(i, j, 0, check_whole("d", d, 2) - 1)
        basis = np.zeros((d, 2))
        basis[[i, j], [0, 1]] = 1
        labels = (f"component {i}", f"component {j}")
        return cls(f"components {i}, {j}", labels, np.zeros(d), basis)

    @classmethod
    def principal(cls, axes: PrincipalAxes, i: int, j: int) -> Self:
        """Return the plane of PC i and PC j, counted from 1; its (0, 0) is the mean z-point."""
        check_pair(i, j, 1, axes.rank, "principal axes")
        basis = axes.axes[[i - 1, j - 1]].T
        return cls(f"PC {i}, PC {j}", (f"PC {i}", f"PC {j}"), axes.mean, basis)

    def project(self, z: np.ndarray) -> np.ndarray:
        """Return the coordinates of z-points in the plane, float64 (n, 2), in units of z."""
        z = check_points(z, len(self.offset))
        return np.concatenate([(part - self.offset) @ self.basis for part in chunks(z)])

    def lift(self, where: np.ndarray, at: np.ndarray) -> np.ndarray:
        """Return the latent vectors, float32 (m, d), at places (m, 2); all else is as of `at`."""
        where = np.concatenate(list(chunks(check_points(where, 2))))
        at = check_vector("at", at, len(self.offset))
        moved = at + (where - (at - self.offset) @ self.basis) @ self.basis.T
        return moved.astype(np.float32)


def seed_planes(axes: PrincipalAxes, described: pd.DataFrame) -> dict[str, Plane]:
    """Return the planes of the posts' zooms by the role that they play (Curse II).

    Its component numbers (52 and 221) belong to its own training run, where they were two broad
    components far off the origin. Here the two are taken whose offset times width is largest.

    Parameters
    ----------
    axes, described : PrincipalAxes, pandas.DataFrame
        Of the z-points; what `describe_components` gives for them, two components at least.

    Returns
    -------
    dict of str to Plane
        Principal planes (1, 2), (1, 18) and (8, 35), as far as there are that many axes, then that
        of two broad components, off the origin.
    """
    roles = {
        "two leading axes": (1, 2),
        "a leading and a later axis": (1, 18),
        "two later axes": (8, 35),
    }
    planes = {role: Plane.principal(axes, *k) for role, k in roles.items() if max(k) <= axes.rank}
    return planes | {_BROAD: _broad_and_off_center(described)}


def path_planes(described: pd.DataFrame, seed: int = 0) -> dict[str, Plane]:
    """Return the planes of the posts' paths by the role that they play (fragmentation VI).

    The first is of two components of the dominant group (151 and 195 of the post's run): here the
    two broad ones far off the origin. Of the nine others, four for paths inside the core, five for
    paths to its border, the post gives only numbers; here *ordinary* ones are paired at random.

    Parameters
    ----------
    described : pandas.DataFrame
        As of `seed_planes`.

    Returns
    -------
    dict of str to Plane
        ``"two broad components, off the origin"``, then ``"ordinary pair 1"`` to
        ``"ordinary pair 9"``, of components that vary, are not in `dominant_components`, and are in
        one pair only; fewer where there are not 18 of them.
    """
    first = _broad_and_off_center(described)
    special = {*dominant_components(described).index, *np.flatnonzero(first.basis.any(axis=1))}
    varying = described.index[described["sd"] > 0]
    ordinary = [int(k) for k in varying if k not in special]
    drawn = np.random.default_rng(seed).permutation(ordinary)
    planes = {_BROAD: first}
    for k, pair in enumerate(drawn[: len(drawn) // 2 * 2].reshape(-1, 2)[:9].tolist(), 1):
        planes[f"ordinary pair {k}"] = Plane.components(len(described), *sorted(pair))
    return planes


def _broad_and_off_center(described: pd.DataFrame) -> Plane:
    """Return the plane of the two components whose offset times width is largest."""
    check_whole("the number of components", len(described), 2, hint="Take a run with more.")
    role = (described["median"].abs() * described["fwhm"]).sort_values(ascending=False).index
    return Plane.components(len(described), *sorted(int(k) for k in role[:2]))


def side_for_count(where: np.ndarray, count: int, center: np.ndarray | None = None) -> float:
    """Return the side of the square that holds the given number of points.

    Parameters
    ----------
    where, count : float (n, 2), int
        Coordinates in the plane, as `Plane.project` gives them; number of points wanted, 1 to n.
    center : float (2,), optional
        Of a square parallel to the axes; default: the mean.

    Returns
    -------
    float
        Twice the count-th smallest distance along the farther axis (Chebyshev): the last point is
        on the border, which `inside` counts in. More are inside where several are equally far.
    """
    where = check_points(where, 2)
    check_whole("count", count, 1, len(where), hint="Ask for fewer, or draw more points.")
    center = Moments.of(where).mean if center is None else check_vector("center", center, 2)
    return float(2 * np.partition(_chebyshev(where, center), count - 1)[count - 1])


def inside(where: np.ndarray, center: np.ndarray, side: float) -> np.ndarray:
    """Return which points lie in a square or on its border.

    Parameters
    ----------
    where, center, side : float (n, 2), float (2,), float
        As of `side_for_count`; in units of the coordinates, 0 or more.

    Returns
    -------
    bool (n,)
        True inside and on the border.
    """
    center = check_vector("center", center, 2)
    return _chebyshev(check_points(where, 2), center) <= check_number("side", side, least=0) / 2


def poisson_field(count: int, side: float, seed: int = 0) -> np.ndarray:
    """Draw points uniformly in a square around (0, 0), each without regard to the others.

    What a zoom into any smooth density looks like once the square is small: the eye finds lines and
    voids here as well, where there are none to find.

    Parameters
    ----------
    count, side : int, float
        Number of points, at least 1; side of the square, above 0, in units of the coordinates.

    Returns
    -------
    float64 (count, 2)
        Coordinates, -side / 2 to side / 2.
    """
    half = check_number("side", side, above=0) / 2
    shape = (check_whole("count", count, 1), 2)
    return np.random.default_rng(seed).uniform(-half, half, shape)


def clark_evans(where: np.ndarray, count: int, center: np.ndarray | None = None) -> float:
    """Return how far apart nearest neighbors are in a square, relative to points thrown evenly.

    The mean distance of a point to its nearest neighbor, divided by that of a Poisson field of the
    same density, ``0.5 / sqrt(density)`` (Clark & Evans, *Ecology* 35, 445, 1954). Points on few
    curves are below 1, points that keep a distance above it.

    Parameters
    ----------
    where, count, center : float (n, 2), int, float (2,)
        As of `side_for_count`, at least 30 points.

    Returns
    -------
    float
        0 to about 2.15, that of a hexagonal grid. Points near the border lend distances only.
    """
    check_whole("count", count, 30, hint="Of fewer points the mean says little.")
    where = np.concatenate(list(chunks(check_points(where, 2))))
    middle = where.mean(axis=0) if center is None else check_vector("center", center, 2)
    side = side_for_count(where, count, middle)
    held = where[inside(where, middle, side)]
    inner = np.flatnonzero(_chebyshev(held, middle) < 0.4 * side)
    if not len(inner):
        raise ValueError("expected points round the center; got none. Choose another center.")
    distance, _ = find_others(held, 1, inner)
    return float(distance.mean() / (0.5 * side / np.sqrt(len(held))))


def _chebyshev(where: np.ndarray, center: np.ndarray) -> np.ndarray:
    return np.concatenate([np.abs(part - center).max(axis=1) for part in chunks(where)])
