"""Planes of the latent space: two components, or two principal axes, and what lies in them."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from aelatent.latent._rows import chunks, points
from aelatent.latent.principal import PrincipalAxes


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane of the latent space with two orthogonal axes of unit length.

    Make one with `Plane.components` or `Plane.principal`.

    Attributes
    ----------
    name : str
        For instance ``"PC 1, PC 18"`` or ``"components 52, 221"``.
    labels : tuple of str
        What runs along the two axes.
    offset : float64 (d,)
        The point of the latent space whose coordinates in the plane are (0, 0).
    basis : float64 (d, 2)
        The axes, one a column.

    Examples
    --------
    >>> z = np.random.default_rng(0).normal([5, 0, 1], 1, size=(400, 3))
    >>> plane = Plane.components(3, 0, 2)
    >>> plane.name, plane.project(z).shape
    ('components 0, 2', (400, 2))
    >>> np.allclose(plane.project(z), z[:, [0, 2]])
    True
    """

    name: str
    labels: tuple[str, str]
    offset: np.ndarray
    basis: np.ndarray

    @classmethod
    def components(cls, d: int, i: int, j: int) -> Self:
        """Return the plane of components `i` and `j` (from 0) of a space of `d` components.

        Raises
        ------
        ValueError
            If they are not two of 0 to d - 1.
        """
        _two(i, j, 0, d - 1, "components")
        basis = np.zeros((d, 2))
        basis[[i, j], [0, 1]] = 1
        labels = (f"component {i}", f"component {j}")
        return cls(f"components {i}, {j}", labels, np.zeros(d), basis)

    @classmethod
    def principal(cls, axes: PrincipalAxes, i: int, j: int) -> Self:
        """Return the plane of principal axes `i` and `j` (from 1); (0, 0) is the mean z-point.

        Raises
        ------
        ValueError
            If they are not two of 1 to the number of axes.
        """
        _two(i, j, 1, axes.rank, "principal axes")
        basis = np.asarray(axes.axes[[i - 1, j - 1]].T, float)
        return cls(f"PC {i}, PC {j}", (f"PC {i}", f"PC {j}"), np.asarray(axes.mean), basis)

    def project(self, z: np.ndarray) -> np.ndarray:
        """Return the coordinates of z-points in the plane: float64 (n, 2), in units of z.

        Raises
        ------
        ValueError
            If `z` is not a numeric (n, d) array, or holds NaN or infinities.
        """
        z = points(z, len(self.offset))
        return np.concatenate([(part - self.offset) @ self.basis for part in chunks(z)])

    def lift(self, where: np.ndarray, at: np.ndarray) -> np.ndarray:
        """Return the latent vectors that differ from `at` only within the plane.

        Parameters
        ----------
        where : float (m, 2)
            Coordinates in the plane.
        at : float (d,)
            Latent vector that gives all that the plane does not, for instance the mean z-point.

        Returns
        -------
        float32 (m, d)
        """
        where = points(where, 2)
        at = points(np.asarray(at)[None], len(self.offset))[0]
        moved = at + (where - (at - self.offset) @ self.basis) @ self.basis.T
        return moved.astype(np.float32)


def _two(i: int, j: int, low: int, high: int, what: str) -> None:
    whole = all(isinstance(k, (int, np.integer)) and not isinstance(k, bool) for k in (i, j))
    if not (whole and i != j and low <= min(i, j) and max(i, j) <= high):
        raise ValueError(f"expected two different {what} of {low} to {high}; got {i!r} and {j!r}.")


def seed_planes(axes: PrincipalAxes, described: pd.DataFrame) -> dict[str, Plane]:
    """Return the planes of the blog's zooms by the role that they play (Curse II).

    Its component numbers (52 and 221) belong to its own training run; their role there was that of
    two broad components far off the origin. Here the two are taken whose offset times width is
    largest.

    Parameters
    ----------
    axes : PrincipalAxes
        Of the z-points.
    described : pandas.DataFrame
        What `describe_components` gives for them.

    Returns
    -------
    dict of str to Plane
        Principal planes (1, 2), (1, 18) and (8, 35), as far as there are that many axes, then the
        plane of two broad, off-center components.

    Examples
    --------
    >>> from aelatent.latent import describe_components
    >>> z = np.random.default_rng(0).normal([5, 0, -3], [4, 1, 2], size=(4000, 3))
    >>> planes = seed_planes(PrincipalAxes.fit(z), describe_components(z))
    >>> [plane.name for plane in planes.values()]
    ['PC 1, PC 2', 'components 0, 2']
    """
    roles = {
        "two leading axes": (1, 2),
        "a leading and a narrow axis": (1, 18),
        "two narrow axes": (8, 35),
    }
    planes = {
        role: Plane.principal(axes, *pair) for role, pair in roles.items() if max(pair) <= axes.rank
    }
    role = (described["median"].abs() * described["fwhm"]).sort_values(ascending=False).index
    i, j = sorted(int(k) for k in role[:2])
    planes["two broad, off-center components"] = Plane.components(len(described), i, j)
    return planes
