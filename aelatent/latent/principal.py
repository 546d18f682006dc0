"""Principal axes of a cloud of z-points: moments that merge, PCA, whitening and D²."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Self

import numpy as np

from aelatent._checks import (
    ROUNDING,
    SMALLEST,
    check_enough,
    check_points,
    check_varies,
    chunks,
)


@dataclass(frozen=True, eq=False)
class Moments:
    """Count, mean and co-moments of z-points; the sum of two parts is that of the whole.

    Merging is stable (Chan, Golub & LeVeque 1979): only deviations from a part's mean are squared.

    Attributes
    ----------
    n, mean, comoment : int, float64 (d,), float64 (d, d)
        Number of z-points; their mean; the sum of the outer products of their deviations from it.
    """

    n: int
    mean: np.ndarray
    comoment: np.ndarray

    @classmethod
    def of(cls, z: np.ndarray) -> Self:
        """Accumulate the moments of `z` in float64, a chunk at a time."""
        return reduce(add, (cls._of_chunk(part) for part in chunks(check_points(z))))

    @classmethod
    def _of_chunk(cls, part: np.ndarray) -> Self:
        mean = part.mean(axis=0)
        deviations = part - mean
        return cls(len(part), mean, deviations.T @ deviations)

    def __add__(self, other: Self) -> Self:
        if not isinstance(other, Moments):
            return NotImplemented
        if self.mean.shape != other.mean.shape:
            raise ValueError(
                f"cannot merge moments of {self.mean.size} and of {other.mean.size} components; "
                "expected parts of one set of z-points. Take both from the same run."
            )
        n = self.n + other.n
        shift = other.mean - self.mean
        moved = np.outer(shift, shift) * (self.n * other.n / n)
        comoment = self.comoment + other.comoment + moved
        return type(self)(n, self.mean + shift * (other.n / n), comoment)

    @property
    def covariance(self) -> np.ndarray:
        """Sample covariance, float64 (d, d), with divisor n - 1."""
        check_enough(self.n, 2, "a covariance", "Pass more rows.")
        return self.comoment / (self.n - 1)

    @property
    def sd(self) -> np.ndarray:
        """Standard deviations, float64 (d,), exactly 0 where they are rounding only."""
        sd = np.sqrt(np.diag(self.covariance))
        return np.where(sd <= ROUNDING * np.abs(self.mean) + SMALLEST, 0, sd)


def symmetric_root(matrix: np.ndarray) -> np.ndarray:
    """Return the symmetric root of a covariance or correlation matrix, of whatever rank."""
    variance, axes = np.linalg.eigh(matrix)
    return axes * np.sqrt(np.maximum(variance, 0)) @ axes.T


@dataclass(frozen=True, eq=False)
class PrincipalAxes:
    """Principal axes of a cloud of z-points, strongest first, with the transforms they give.

    PCA of the sample covariance (Pearson 1901, Hotelling 1933). *Coordinates* along the axes are in
    units of the latent space, *whitened* coordinates in standard deviations of each axis. D², the
    squared Mahalanobis distance, is the squared length of the whitened vector.

    Axes along which the z-points do not vary (a constant component; no more points than
    components) come last with ``sd`` exactly 0: `forward` and `back` keep them, `whiten` leaves
    them out, `unwhiten` puts them at the center, `d2` measures within the `rank` others only.

    Attributes
    ----------
    n, mean, sd : int, float64 (d,), float64 (d,)
        Number of z-points that the axes come from; their mean, where coordinates are 0; their
        standard deviation (divisor n - 1) along each axis, descending.
    axes : float64 (d, d)
        Row i is the unit vector of PC i + 1; its coefficient of largest magnitude is positive.

    Examples
    --------
    >>> z = np.random.default_rng(0).normal(size=(500, 3)) * [5, 2, 1]
    >>> PrincipalAxes.fit(z).explained.round(1)
    array([0.8, 0.1, 0. ])
    """

    n: int
    mean: np.ndarray
    axes: np.ndarray
    sd: np.ndarray

    @classmethod
    def fit(cls, z: np.ndarray) -> Self:
        """Compute all d principal axes of z-points: at least 2, not all the same."""
        return cls.from_moments(Moments.of(z))

    @classmethod
    def from_moments(cls, moments: Moments) -> Self:
        """Compute the principal axes from moments, for instance merged from several parts."""
        variance, columns = np.linalg.eigh(moments.covariance)
        variance, axes = variance[::-1], columns.T[::-1]
        # Below the rounding of the covariance, or of the mean, there is no variance.
        eps = np.finfo(float).eps
        noise = max(moments.n, len(variance)) * eps * max(variance[0], 0.0)
        # The mean of a full chunk of equal numbers may be off by as many roundings as it has rows.
        noise += (ROUNDING * np.abs(moments.mean).max() + SMALLEST) ** 2
        check_varies(moments.n, variance[0] > noise)
        largest = axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)]
        sd = np.sqrt(np.where(variance > noise, variance, 0.0))
        return cls(moments.n, moments.mean, axes * np.sign(largest)[:, None], sd)

    @property
    def rank(self) -> int:
        """Number of axes along which the z-points vary."""
        return int(np.count_nonzero(self.sd))

    @property
    def spread(self) -> float:
        """Rms distance of the z-points from their mean: root of the total variance."""
        return float(np.linalg.norm(self.sd))

    @property
    def explained(self) -> np.ndarray:
        """Share of the total variance along each axis, float64 (d,), descending, sum 1."""
        return self.sd**2 / np.sum(self.sd**2)

    @property
    def participation_ratio(self) -> float:
        """Effective number of axes, from 1 to `rank`, corrected for finite n.

        ``1 / (1/PR - 1/n)``, where ``PR = sum(l)² / sum(l²)`` of the variances l. PR itself reads
        low, of a Gaussian by the factor ``1 + PR/n``: chance makes measured variances differ.
        """
        # PR is at most the rank, so below n: the z-points vary along n - 1 axes at most.
        return float(min(1 / (np.sum(self.explained**2) - 1 / self.n), self.rank))

    def forward(self, z: np.ndarray) -> np.ndarray:
        """Return the coordinates of z-points along all axes, float64 (n, d); 0 at the mean."""
        return np.concatenate(list(self._projected(z, self.axes)))

    def back(self, coordinates: np.ndarray) -> np.ndarray:
        """Return the z-points, float64 (n, d), at coordinates (n, d); the inverse of `forward`."""
        return self._combined(coordinates, self.axes)

    def whiten(self, z: np.ndarray) -> np.ndarray:
        """Return whitened coordinates of z-points, float64 (n, rank), in standard deviations."""
        return np.concatenate(list(self._projected(z, self._scaled_axes(-1))))

    def unwhiten(self, y: np.ndarray) -> np.ndarray:
        """Return the z-points, float64 (n, d), at whitened coordinates y, float (n, rank)."""
        return self._combined(y, self._scaled_axes(1))

    def d2(self, z: np.ndarray) -> np.ndarray:
        """Return D² of z-points (Mahalanobis 1936), float64 (n,), 0 or more, without unit."""
        # Of the n points that an MVN's axes come from, d2 is (n - 1)²/n Beta(d/2, (n - d - 1)/2),
        # of mean d (n - 1)/n; of other points see `heldout_law`. Both are near chi²(d) only for n
        # far above d. A Cholesky factor of the covariance only rotates whitened space and gives the
        # same; without variance: the pseudo-inverse.
        parts = self._projected(z, self._scaled_axes(-1))
        return np.concatenate([np.sum(part**2, axis=1) for part in parts])

    def _projected(self, z: np.ndarray, axes: np.ndarray) -> Iterator[np.ndarray]:
        for part in chunks(check_points(z, len(self.mean))):
            yield (part - self.mean) @ axes.T

    def _combined(self, coordinates: np.ndarray, axes: np.ndarray) -> np.ndarray:
        parts = chunks(check_points(coordinates, len(axes)))
        return np.concatenate([part @ axes + self.mean for part in parts])

    def _scaled_axes(self, power: int) -> np.ndarray:
        """Rows: the axes with variance, times their standard deviation to the `power`."""
        return self.axes[: self.rank] * self.sd[: self.rank, None] ** power


def check_rank(axes: PrincipalAxes, least: int, what: str) -> None:
    """Refuse axes along fewer of which the z-points vary than something needs."""
    if axes.rank < least:
        raise ValueError(
            f"{what} needs at least {least} axes; the {axes.n:,} z-points vary along {axes.rank}. "
            "Pass more rows or components, or ask for fewer axes."
        )
