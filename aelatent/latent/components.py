"""Components one by one: number densities, the figures that describe them, the dominant ones."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Self

import numpy as np
import pandas as pd
from scipy.signal import peak_widths
from scipy.special import ndtr
from scipy.stats import median_abs_deviation

from aelatent._checks import check_enough, check_finite, check_number, check_points, chunks, usable

MOST_COUNTS = 2**22  # of all components together: 32 MB as int64
COLUMNS, ROWS = 32, 512  # transposed at a time: tiles of 64 kB, which stay in the cache
FIGURES = (
    "mean median mode sd fwhm half_width skewness excess_kurtosis outside_3_sigma gaussian_distance"
).split()
REACH = 5000  # bins to either side of the median in which a density's peak is looked for


@dataclass(frozen=True, eq=False)
class Densities:
    """Number density of z-points along every component, on bins that all components share.

    Bin i holds ``edges[i] <= value < edges[i + 1]``. Edges are multiples of `width` whatever the
    values: bins of different clouds agree, and the sum of two parts is that of the whole.

    Attributes
    ----------
    n, width, first : int, float, int
        Number of z-points; of a bin, in units of z; the first bin begins at ``first * width``.
    counts : int64 (d, bins)
        Number of z-points per component and bin; each row adds up to `n`.
    """

    n: int
    width: float
    first: int
    counts: np.ndarray

    @classmethod
    def of(cls, z: np.ndarray, width: float = 0.25) -> Self:
        """Count the z-points in bins of `width`, above 0, in units of z, chunk by chunk."""
        width = check_number("width", width, above=0)
        return reduce(add, (cls._of_chunk(part, width) for part in chunks(check_points(z))))

    @classmethod
    def _of_chunk(cls, part: np.ndarray, width: float) -> Self:
        d = part.shape[1]
        _check_bins(float(part.min()) / width, float(part.max()) / width, d, width)
        place = np.floor(part / width)
        # The quotient is rounded: a value beside an edge may have got to the edge's other side.
        place -= part < place * width
        place += part >= (place + 1) * width
        first = int(place.min())
        bins = int(place.max()) - first + 1
        place -= first
        flat = place.astype(np.intp) + np.arange(d) * bins
        counts = np.bincount(flat.ravel(), minlength=d * bins)
        return cls(len(part), width, first, counts.reshape(d, bins))

    def __add__(self, other: Self) -> Self:
        if not isinstance(other, Densities):
            return NotImplemented
        d, bins = self.counts.shape
        if (d, self.width) != (len(other.counts), other.width):
            raise ValueError(
                f"cannot merge {d} components in bins of {self.width:g} and {len(other.counts)} in "
                f"bins of {other.width:g}; expected parts of one cloud. Count both alike."
            )
        first = min(self.first, other.first)
        end = max(self.first + bins, other.first + other.counts.shape[1])
        _check_bins(first, end, d, self.width)
        counts = np.zeros((d, end - first), dtype=np.int64)
        for part in (self, other):
            begin = part.first - first
            counts[:, begin : begin + part.counts.shape[1]] += part.counts
        return type(self)(self.n + other.n, self.width, first, counts)

    @property
    def edges(self) -> np.ndarray:
        """Edges of the bins, float64 (bins + 1,), ascending."""
        return (self.first + np.arange(self.counts.shape[1] + 1)) * self.width

    @property
    def density(self) -> np.ndarray:
        """Share of the z-points per unit of the latent space, float64 (d, bins); integral 1."""
        return self.counts / (self.n * self.width)


def describe_components(z: np.ndarray) -> pd.DataFrame:
    """Describe the distribution of z-points along each component.

    Mode and width are read from counts in the component's own bins, for coarse ones would widen
    narrow components (Scott 1979); the mode is no surer than a bin or two.

    Returns
    -------
    pandas.DataFrame
        Index ``component``; in units of z: ``mean``, ``median``, ``mode``, ``sd``; ``fwhm``, full
        width at half maximum (Gaussian: 2.355 sd, read about 2 % low from 10,000 values; of peaked
        densities high, Laplace from 20,000: 5.5 %; 0 where most values are the same),
        ``half_width``, half of it; ``skewness``, ``excess_kurtosis``
        (Gaussian: 0, constant: NaN); ``outside_3_sigma``, share of values over 3 sd off the mean
        (Gaussian: 0.0027); ``gaussian_distance``, Kolmogorov distance, 0..1, to the Gaussian of
        that mean and sd, an effect size (a sample of one: about ``0.6/sqrt(n)``).
    """
    z = check_points(z)
    check_enough(len(z), 2, "a width", "Pass more rows.")

    def describe(start: int) -> list[list[float]]:
        part = z[:, start : start + COLUMNS]
        columns = np.empty(part.shape[::-1], dtype=z.dtype)
        for row in range(0, len(z), ROWS):
            columns[:, row : row + ROWS] = part[row : row + ROWS].T
        columns.sort(axis=1)
        if not usable(columns[:, [0, -1]]).all():  # NaN and infinities are sorted to the ends
            check_finite(z)  # raises, and names the first of them
        return [_describe(column.astype(np.float64)) for column in columns]

    # A median does not merge from blocks of rows: here the parts are blocks of whole columns.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        blocks = pool.map(describe, range(0, z.shape[1], COLUMNS))
        rows = [row for block in blocks for row in block]
    return pd.DataFrame(rows, columns=FIGURES).rename_axis("component")


def dominant_components(
    described: pd.DataFrame, offset: float = 0.25, width: float = 1.5
) -> pd.DataFrame:
    """List the components whose density is far off the origin, or wide, most striking first.

    *Off the origin* is a median farther than ``offset * W`` from the origin, *wide* an FWHM above
    ``width * W``, W being the median FWHM of the components that vary, if this also exceeds the
    median of all by 3 robust standard deviations: only exceptions are listed. Our choice.

    Parameters
    ----------
    described, offset, width : pandas.DataFrame, float, float
        What `describe_components` gives; thresholds, above 0, in ordinary widths W.

    Returns
    -------
    pandas.DataFrame
        Index ``component``; ``center`` (median) and ``width`` (FWHM) in units of z; ``why``:
        ``"off the origin"``, ``"wide"`` or both, with a comma. May have no rows.

    Examples
    --------
    >>> z = np.random.default_rng(0).normal([5, 0, 0, 0, 0], [3, 1, 1, 4, 1], size=(100_000, 5))
    >>> dominant_components(describe_components(z))["why"].to_dict()
    {0: 'off the origin, wide', 3: 'wide'}
    """
    if not (isinstance(described, pd.DataFrame) and {"median", "fwhm"} <= set(described)):
        raise TypeError(f"expected what describe_components(z) gives; got {type(described)}.")
    offset = check_number("offset", offset, above=0)
    width = check_number("width", width, above=0)
    varies = described["fwhm"] > 0
    if not varies.any():
        hint = "Check the run: its encoder maps nearly every picture to one point."
        raise ValueError(f"expected components that vary; got {len(described)} of width 0. {hint}")
    found = pd.DataFrame({"center": described["median"], "width": described["fwhm"]})
    away, broad = found["center"].abs(), found["width"]
    ordinary = broad[varies].median()
    away = away / max(offset * ordinary, _outlying(away[varies]))
    broad = broad / max(width * ordinary, _outlying(broad[varies]))
    off = np.where(broad > 1, "off the origin, wide", "off the origin")
    found["why"] = np.where(away > 1, off, "wide")
    # The larger ratio to a threshold counts.
    strike = np.maximum(away, broad).sort_values(ascending=False, kind="stable")
    return found.loc[strike.index[strike > 1]]


def _describe(x: np.ndarray) -> list[float]:
    """Return the FIGURES of one component, given its values in ascending order, float64 (n,)."""
    n = len(x)
    median = (x[(n - 1) // 2] + x[n // 2]) / 2
    if x[0] == x[-1]:
        return [median] * 3 + [0.0] * 3 + [np.nan, np.nan, 0.0, np.nan]
    mean = x.mean()
    deviation = x - mean
    scale = max(-deviation[0], deviation[-1])
    unit = deviation / scale  # its powers neither overflow nor vanish
    square = unit * unit
    m2, m3, m4 = square.mean(), (square * unit).mean(), (square * square).mean()
    sd = scale * np.sqrt(m2 * n / (n - 1))
    mode, fwhm = _peak(x, median, sd)
    outside = np.count_nonzero(np.abs(deviation) > 3 * sd) / n
    ahead = np.arange(1, n + 1) / n - ndtr(deviation / sd)
    distance = max(ahead.max(), 1 / n - ahead.min())  # at the end and the start of each step
    shape = m3 / m2**1.5, m4 / m2**2 - 3, outside, distance
    return [mean, median, mode, sd, fwhm, fwhm / 2, *shape]


def _peak(x: np.ndarray, median: float, sd: float) -> tuple[float, float]:
    """Return mode and FWHM of ascending values `x` from counts in bins around their median."""
    n = len(x)
    shortest_half = np.min(x[n // 2 :] - x[: n - n // 2])
    # Scott's width; s is at most the shortest interval that holds half of the values / 1.349.
    h = 3.49 * n ** (-1 / 3) * float(min(sd, shortest_half / 1.349))
    if h == 0:  # more than half of the values are one and the same
        return median, 0.0
    reach = int(min(float(max(median - x[0], x[-1] - median)) / h, REACH)) + 1
    edges = (np.arange(-reach, reach + 2) - 0.5) * h
    counts = np.pad(np.diff(np.searchsorted(x - median, edges)), 1)  # empty bins at both ends
    peak = int(counts.argmax())
    width = float(peak_widths(counts, [peak], rel_height=0.5)[0][0])  # walks down on either side
    before, top, after = counts[peak - 1 : peak + 2]
    # The vertex of the parabola through the highest bin and its neighbors.
    shift = (after - before) / (2 * (2 * top - before - after))  # the first top: before < top
    return median + (peak - 1 - reach + shift) * h, width * h


def _outlying(values: pd.Series) -> float:
    """Return the value 3 robust standard deviations above the median."""
    return np.median(values) + 3 * median_abs_deviation(values, scale="normal")


def _check_bins(low: float, high: float, d: int, width: float) -> None:
    """Refuse bins from `low` to `high` (in bins) where their counts would fill the memory."""
    most = MOST_COUNTS // d
    if not (high - low <= most and max(-low, high) <= 2**40):
        raise ValueError(
            f"values from {low * width:.6g} to {high * width:.6g} need too many bins of width "
            f"{width:g}; expected at most {most} bins. Take a larger width, or look for outliers."
        )
