"""Planes of the latent space: two components, or two principal axes, and what lies in them."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from aelatent._checks import chunks, points
from aelatent.latent.components import dominant_components
from aelatent.latent.neighbors import whole
from aelatent.latent.principal import PrincipalAxes


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane of the latent space with two orthogonal axes of unit length.

    Make one with `Plane.components` or `Plane.principal`.

    Attributes
    ----------
    name, labels : str and tuple of str
        For instance ``"PC 1, PC 18"``; what runs along the two axes.
    offset, basis : float64 (d,) and float64 (d, 2)
        The point of the latent space that has coordinates (0, 0); the axes, one a column.

    Examples
    --------
    >>> Plane.components(3, 0, 2).project(np.array([[5.0, 6, 7]]))
    array([[5., 7.]])
    """

    name: str
    labels: tuple[str, str]
    offset: np.ndarray
    basis: np.ndarray

    @classmethod
    def components(cls, d: int, i: int, j: int) -> Self:
        """Return the plane of components i and j of d, counted from 0; its (0, 0) is the origin."""
        _two(i, j, 0, whole("d", d, 2) - 1, "components")
        basis = np.zeros((d, 2))
        basis[[i, j], [0, 1]] = 1
        labels = (f"component {i}", f"component {j}")
        return cls(f"components {i}, {j}", labels, np.zeros(d), basis)

    @classmethod
    def principal(cls, axes: PrincipalAxes, i: int, j: int) -> Self:
        """Return the plane of PC i and PC j, counted from 1; its (0, 0) is the mean z-point."""
        _two(i, j, 1, axes.rank, "principal axes")
        basis = np.asarray(axes.axes[[i - 1, j - 1]].T, float)
        return cls(f"PC {i}, PC {j}", (f"PC {i}", f"PC {j}"), np.asarray(axes.mean), basis)

    def project(self, z: np.ndarray) -> np.ndarray:
        """Return the coordinates of z-points in the plane, float64 (n, 2), in units of z."""
        z = points(z, len(self.offset))
        return np.concatenate([(part - self.offset) @ self.basis for part in chunks(z)])

    def lift(self, where: np.ndarray, at: np.ndarray) -> np.ndarray:
        """Return the latent vectors, float32 (m, d), that differ from `at` only within the plane.

        Parameters
        ----------
        where, at : float (m, 2) and float (d,)
            Coordinates in the plane; latent vector that gives all else, for instance the mean.
        """
        where = np.concatenate(list(chunks(points(where, 2))))
        at = next(chunks(points(np.asarray(at)[None], len(self.offset))))[0]
        moved = at + (where - (at - self.offset) @ self.basis) @ self.basis.T
        return moved.astype(np.float32)


def _two(i: int, j: int, low: int, high: int, what: str) -> None:
    whole = all(isinstance(k, (int, np.integer)) and not isinstance(k, bool) for k in (i, j))
    if not (whole and i != j and low <= min(i, j) and max(i, j) <= high):
        raise ValueError(f"expected two different {what} of {low} to {high}; got {i!r} and {j!r}.")


def seed_planes(axes: PrincipalAxes, described: pd.DataFrame) -> dict[str, Plane]:
    """Return the planes of the blog's zooms by the role that they play (Curse II).

    Its component numbers (52 and 221) belong to its own training run, where they were two broad
    components far off the origin. Here the two are taken whose offset times width is largest.

    Parameters
    ----------
    axes, described : PrincipalAxes and pandas.DataFrame
        Of the z-points; what `describe_components` gives for them, two components at least.

    Returns
    -------
    dict of str to Plane
        Principal planes (1, 2), (1, 18) and (8, 35), as far as there are that many axes, then that
        of two broad, off-center components.

    Examples
    --------
    >>> from aelatent.latent import describe_components
    >>> z = np.random.default_rng(0).normal([5, 0, -3], [4, 1, 2], size=(4000, 3))
    >>> list(seed_planes(PrincipalAxes.fit(z), describe_components(z)))
    ['two leading axes', 'two broad, off-center components']
    """
    roles = {
        "two leading axes": (1, 2),
        "a leading and a narrow axis": (1, 18),
        "two narrow axes": (8, 35),
    }
    planes = {
        role: Plane.principal(axes, *pair) for role, pair in roles.items() if max(pair) <= axes.rank
    }
    planes["two broad, off-center components"] = _broad_and_off_center(described)
    return planes


def path_planes(described: pd.DataFrame, seed: int = 0) -> dict[str, Plane]:
    """Return the planes of the blog's paths by the role that they play (fragmentation VI).

    The first is of two components of the dominant group (151 and 195 of the post's run): here the
    two broad ones far off the origin. Of the nine others, four for paths inside the core, five for
    paths to its border, the post gives only numbers; here *ordinary* ones are paired at random.

    Parameters
    ----------
    described : pandas.DataFrame
        What `describe_components` gives for the z-points, two components at least.

    Returns
    -------
    dict of str to Plane
        ``"two broad, off-center components"``, then ``"ordinary pair 1"`` to ``"ordinary pair 9"``,
        of components that vary, are not in `dominant_components`, and are in one pair only; fewer
        where there are not 18 of them.
    """
    first = _broad_and_off_center(described)
    special = {*dominant_components(described).index, *np.flatnonzero(first.basis.any(axis=1))}
    varying = described.index[described["sd"] > 0]
    ordinary = [int(k) for k in varying if k not in special]
    drawn = np.random.default_rng(seed).permutation(ordinary)
    planes = {"two broad, off-center components": first}
    for k, pair in enumerate(drawn[: len(drawn) // 2 * 2].reshape(-1, 2)[:9].tolist(), 1):
        planes[f"ordinary pair {k}"] = Plane.components(len(described), *sorted(pair))
    return planes


def _broad_and_off_center(described: pd.DataFrame) -> Plane:
    """Return the plane of the two components whose offset times width is largest."""
    if len(described) < 2:
        raise ValueError(
            f"a plane needs at least 2 components; got {len(described)}. Pass the table of a run "
            "with more of them."
        )
    role = (described["median"].abs() * described["fwhm"]).sort_values(ascending=False).index
    return Plane.components(len(described), *sorted(int(k) for k in role[:2]))
