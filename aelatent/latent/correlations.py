"""Correlations between components: matrices, strongest pairs, an order (posts III and VIII)."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform
from scipy.stats import rankdata

from aelatent._checks import ROUNDING, SMALLEST, check_points, check_whole, chunks, usable
from aelatent.latent.principal import Moments

COLUMNS = 32  # ranked at a time by each thread: 42 MB as float64 at 165,000 rows


def pearson(z: np.ndarray | Moments) -> pd.DataFrame:
    """Return Pearson's correlations between all components.

    By chance, independent components show ``1 / sqrt(n - 1)`` (their standard deviation).

    Parameters
    ----------
    z : float (n, d), or Moments
        z-points, or moments, for instance merged ones.

    Returns
    -------
    pandas.DataFrame
        float64 (d, d), -1..1; index and columns ``component``. Row and column of a component that
        does not vary are NaN, diagonal included.
    """
    moments = z if isinstance(z, Moments) else Moments.of(z)
    covariance = moments.covariance
    sd = np.sqrt(np.diag(covariance))
    sd[sd <= ROUNDING * np.abs(moments.mean) + SMALLEST] = np.nan
    matrix = np.clip(covariance / np.outer(sd, sd), -1, 1)
    np.fill_diagonal(matrix, np.where(np.isnan(sd), np.nan, 1.0))
    components = pd.RangeIndex(len(sd), name="component")
    return pd.DataFrame(matrix, index=components, columns=components)


def spearman(z: np.ndarray) -> pd.DataFrame:
    """Return Spearman's rank correlations between all components.

    Outliers weigh no more than other points. For a bivariate normal ``6/pi arcsin(pearson/2)``, at
    most 0.018 off Pearson's (Pearson 1907): larger differences show outliers or bent relations.
    Takes no `Moments`, for ranks do not merge, and keeps all ranks as float32 (n, d).

    Returns
    -------
    pandas.DataFrame
        float64 (d, d), -1..1; index, columns and what is NaN as of `pearson`.
    """
    z = check_points(z)
    ranks = np.empty(z.shape, np.float32)  # exact up to 8 million rows, halves included

    def rank(start: int) -> None:
        columns = slice(start, start + COLUMNS)
        block = np.ascontiguousarray(z[:, columns].T)
        if not usable(block).all():
            for _ in chunks(z):  # raises, and names the first of them
                pass
        ranks[:, columns] = rankdata(block, axis=1).T

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(rank, range(0, z.shape[1], COLUMNS)):
            pass
    return pearson(ranks)


def strongest_pairs(matrix: pd.DataFrame, count: int = 10) -> pd.DataFrame:
    """List the most strongly correlated pairs of components, strongest first.

    Parameters
    ----------
    matrix : pandas.DataFrame
        Correlations, (d, d), as `pearson` and `spearman` return them.
    count : int
        Number of pairs, at least 1; there may be fewer.

    Returns
    -------
    pandas.DataFrame
        Columns ``i`` and ``j`` (components, i before j) and ``correlation``, -1..1, descending by
        magnitude. Undefined correlations are left out.
    """
    matrix = _correlations(matrix)
    if not isinstance(count, (int, np.integer)) or isinstance(count, bool) or count < 1:
        raise ValueError(f"count must be a whole number of pairs, at least 1; got {count!r}.")
    i, j = np.triu_indices(len(matrix), 1)
    labels = matrix.columns.to_numpy()
    pairs = pd.DataFrame({"i": labels[i], "j": labels[j], "correlation": matrix.to_numpy()[i, j]})
    pairs = pairs.dropna().sort_values("correlation", key=lambda r: -r.abs(), kind="stable")
    return pairs.head(count).reset_index(drop=True)


def seriate(matrix: pd.DataFrame) -> np.ndarray:
    """Order the components so that strongly correlated ones stand together.

    Blocks then lie along the diagonal of ``matrix.loc[order, order]``; but pure noise gets an order
    as well: look at shuffled columns before reading blocks. Average linkage on ``1 - |r|``, leaves
    in the order in which neighbors are closest (Bar-Joseph, Gifford & Jaakkola 2001).

    Parameters
    ----------
    matrix : pandas.DataFrame
        Correlations, (d, d), as `pearson` and `spearman` return them.

    Returns
    -------
    int64 (d,)
        The labels of all components; those without correlations come last.
    """
    matrix = _correlations(matrix)
    labels, r = matrix.columns.to_numpy(), matrix.to_numpy()
    varies = ~np.isnan(np.diag(r))
    if varies.sum() < 3:  # nothing to order
        return np.concatenate([labels[varies], labels[~varies]])
    distance = 1 - np.abs(np.nan_to_num(r[np.ix_(varies, varies)]))
    distance = squareform(distance, checks=False)  # of symmetry, to the last bit
    tree = linkage(distance, "average", optimal_ordering=True)
    return np.concatenate([labels[varies][leaves_list(tree)], labels[~varies]])


def _correlations(matrix: pd.DataFrame) -> pd.DataFrame:
    """Return `matrix` as a table of floats, refused unless it holds correlations."""
    table = pd.DataFrame(matrix).astype(float)
    r = table.to_numpy()
    good = not table.empty and table.index.equals(table.columns)
    if not good or not np.allclose(r, r.T, equal_nan=True) or (np.abs(r) > 1 + 1e-9).any():
        raise ValueError(
            "expected correlations: (d, d), symmetric, from -1 to 1; got a table "
            f"{table.shape} of numbers up to {np.abs(np.nan_to_num(r)).max(initial=0):g}. "
            "Pass what pearson(z) or spearman(z) returns."
        )
    return table


@dataclass(frozen=True, eq=False)
class Ellipse:
    """Contour of a bivariate normal that holds a stated share of its probability.

    Attributes
    ----------
    share : float
        Probability inside, between 0 and 1.
    center, radii : float64 (2,)
        Mean of the two components; half-axes, the larger first, in units of the latent space.
    angle : float
        Of the major axis with that of the first component, degrees counterclockwise, -90 to 90.
        ``matplotlib.patches.Ellipse`` takes `center`, ``*(2 * radii)``, `angle`.
    """

    share: float
    center: np.ndarray
    radii: np.ndarray
    angle: float

    def points(self, count: int = 200) -> np.ndarray:
        """Give points on the ellipse, float64 (count, 2), the first one again at the end."""
        turn = np.linspace(0, 2 * np.pi, check_whole("count", count, 2))
        circle = np.column_stack([np.cos(turn), np.sin(turn)])
        return (circle * self.radii) @ self._axes + self.center

    def holds(self, pairs: np.ndarray) -> np.ndarray:
        """Tell which pairs, float (n, 2), lie inside or on the ellipse: bool (n,)."""
        axes = self._axes.T / self.radii
        parts = chunks(check_points(pairs, 2))
        return np.concatenate([np.sum(((p - self.center) @ axes) ** 2, 1) <= 1 for p in parts])

    @property
    def _axes(self) -> np.ndarray:
        """Rows: unit vectors of the major and the minor axis."""
        cos, sin = np.cos(np.deg2rad(self.angle)), np.sin(np.deg2rad(self.angle))
        return np.array([[cos, sin], [-sin, cos]])


def ellipse(mean: np.ndarray, covariance: np.ndarray, share: float = 0.9) -> Ellipse:
    """Return the contour of a bivariate normal inside which a `share` of its probability lies.

    Parameters
    ----------
    mean, covariance : float (2,) and (2, 2)
        Of two components; the covariance symmetric and positive definite.
    share : float
        Probability inside, above 0 and below 1: not the density on the contour.

    Returns
    -------
    Ellipse
        Of that share.
    """
    mean, covariance = np.asarray(mean, float), np.asarray(covariance, float)
    good = mean.shape == (2,) and covariance.shape == (2, 2)
    good = good and np.isfinite(mean).all() and np.isfinite(covariance).all()
    if not (good and np.allclose(covariance, covariance.T, atol=0)):
        raise ValueError(
            "expected the mean (2,) and the symmetric covariance (2, 2) of two components, finite; "
            f"got {mean.tolist()!s:.60} and {covariance.tolist()!s:.90}. Take those of one pair."
        )
    if not 0 < share < 1:  # also false for NaN
        raise ValueError(f"share must lie between 0 and 1; got {share!r}. For instance 0.9.")
    variance, columns = np.linalg.eigh(covariance)
    if variance[0] <= ROUNDING * variance[1]:
        raise ValueError(
            "expected two components that vary, and not in step; got the covariance "
            f"{covariance.tolist()}, whose ellipse is a line. Choose another pair."
        )
    x, y = columns[:, 1]
    angle = 90 - (90 - np.rad2deg(np.arctan2(y, x))) % 180
    # sqrt(q) standard deviations, q = -2 ln(1 - share): chi²'s quantile, 2 degrees of freedom
    radii = np.sqrt(-2 * np.log1p(-share) * variance[::-1])
    return Ellipse(float(share), mean, radii, float(angle))


def pair_ellipses(
    z: np.ndarray, i: int, j: int, shares: Sequence[float] = (0.5, 0.9, 0.99)
) -> tuple[list[Ellipse], pd.DataFrame]:
    """Return nested ellipses of two components, and the shares of z-points really inside them.

    Where measured and nominal shares differ by more than noise, the pair is not bivariate normal.
    The difference is an effect size: it does not grow with the number of z-points.

    Parameters
    ----------
    i, j : int
        Two components, counted from 0; `i` is the first coordinate of the plane.
    shares : sequence of float
        Nominal shares, each above 0 and below 1.

    Returns
    -------
    list of Ellipse, pandas.DataFrame
        One ellipse, of the pair's mean and covariance, and one row per share: index ``share``;
        columns ``measured`` (share of the z-points inside), ``difference`` (measured - nominal)
        and ``noise`` (standard deviation of a measured share by chance).
    """
    z = check_points(z)
    d = z.shape[1]
    if i == j or not {i, j} <= set(range(d)):
        raise ValueError(f"expected two different components from 0 to {d - 1}; got {i!r}, {j!r}.")
    pair = z[:, [i, j]]
    moments = Moments.of(pair)
    if pearson(moments).isna().any(axis=None):
        raise ValueError(f"component {i} or {j} does not vary: no ellipse. Choose another pair.")
    ellipses = [ellipse(moments.mean, moments.covariance, share) for share in shares]
    nominal = pd.Index([one.share for one in ellipses], name="share")
    inside = np.array([one.holds(pair).mean() for one in ellipses])
    # binomial: sqrt(p (1 - p) / n)
    noise = np.sqrt(nominal * (1 - nominal) / len(pair))
    table = {"measured": inside, "difference": inside - nominal, "noise": noise}
    return ellipses, pd.DataFrame(table, index=nominal)
