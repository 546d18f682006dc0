"""Correlations between components: matrices, strongest pairs, an order that shows blocks, ellipses.

An `Ellipse` is stated by its *share*: the part of a bivariate normal's probability that lies
inside. Two other ways to state one are common, and easily mixed up with it:

- by *density*: on the ellipse of share p the density is ``1 - p`` of its peak (`Ellipse.density`),
  so the contour at half of the peak density holds half of the points, that at a tenth 90 %;
- by *sigma*: the ellipse at k standard deviations holds ``1 - exp(-k²/2)``: 39 % at k = 1, 86 % at
  2 and 99 % at 3, not the 68, 95 and 99.7 % of a single component.

None of them is the confidence region of the *mean*, which is smaller by about ``sqrt(n)``.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform
from scipy.stats import rankdata

from aelatent.latent._rows import CHUNK, chunks, points
from aelatent.latent.principal import Moments

COLUMNS = 32  # ranked at a time by each thread: 42 MB as float64 at 165,000 rows
SHARES = (0.5, 0.9, 0.99)


def pearson(z: np.ndarray | Moments) -> pd.DataFrame:
    """Return Pearson's correlations between all components.

    A component that does not vary has no correlations: its row and its column, diagonal included,
    are NaN. Independent components show correlations of ``1 / sqrt(n - 1)`` by chance (standard
    deviation), which is large where there are few z-points.

    Parameters
    ----------
    z : float (n, d), or Moments
        z-points, n at least 2, in memory or memory-mapped; or their moments, for instance merged
        from several parts.

    Returns
    -------
    pandas.DataFrame
        float64 (d, d), -1..1, symmetric; index and columns ``component``, counted from 0.

    Raises
    ------
    ValueError
        If `z` is refused as by `Moments.of`, or has only one row.

    Examples
    --------
    >>> t = np.arange(5.0)
    >>> pearson(np.column_stack([t, 3 - t])).to_numpy()
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    moments = z if isinstance(z, Moments) else Moments.of(z)
    covariance = moments.covariance
    sd = np.sqrt(np.diag(covariance))
    # The mean of a chunk of equal numbers is rounded; its deviations from them are no variance.
    sd[sd <= CHUNK * np.finfo(float).eps * np.abs(moments.mean)] = np.nan
    matrix = np.clip(covariance / np.outer(sd, sd), -1, 1)
    np.fill_diagonal(matrix, np.where(np.isnan(sd), np.nan, 1.0))
    components = pd.RangeIndex(len(sd), name="component")
    return pd.DataFrame(matrix, index=components, columns=components)


def spearman(z: np.ndarray) -> pd.DataFrame:
    """Return Spearman's rank correlations between all components.

    They ask for a monotonic relation of any shape, and outliers weigh no more than other points.
    For a bivariate normal ``spearman = 6/pi arcsin(pearson/2)``, at most 0.018 off Pearson's
    (Pearson 1907); larger differences show outliers or bent relations. Ties share their mean rank.

    Parameters, result and errors as `pearson`, but no `Moments`: ranks do not merge. All columns
    are ranked, block by block, and kept as float32 (n, d).

    Examples
    --------
    >>> t = np.arange(5.0)
    >>> spearman(np.column_stack([t, np.exp(t)])).loc[0, 1]
    1.0
    """
    z = points(z)
    ranks = np.empty(z.shape, np.float32)  # exact up to 8 million rows, halves included

    def rank(start: int) -> None:
        columns = slice(start, start + COLUMNS)
        block = np.ascontiguousarray(z[:, columns].T)
        if not np.isfinite(block).all():
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
        Number of pairs, at least 1. There are fewer rows where there are fewer pairs.

    Returns
    -------
    pandas.DataFrame
        Columns ``i`` and ``j`` (components, i before j) and ``correlation``, -1..1, descending by
        magnitude, equals in the order of the components. Undefined correlations are left out.

    Raises
    ------
    ValueError
        If `matrix` is no correlation matrix, or `count` no whole number above 0.

    Examples
    --------
    >>> matrix = pd.DataFrame([[1, 0.2, -0.7], [0.2, 1, 0.1], [-0.7, 0.1, 1]])
    >>> strongest_pairs(matrix, 2)["correlation"].to_list()
    [-0.7, 0.2]
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

    Average linkage on the distance ``1 - |r|``, the leaves of the tree in the order in which
    neighbors are closest (Bar-Joseph, Gifford & Jaakkola 2001). Blocks of correlated components
    then lie along the diagonal of ``matrix.loc[order, order]``. Clustering finds an order for pure
    noise as well: look at the same picture of shuffled columns before reading blocks.

    Takes a matrix as `strongest_pairs` does, and refuses the same. Returns the labels of all
    components, (d,); those without correlations come last.

    Examples
    --------
    >>> matrix = pd.DataFrame([[1, 0, 0.9], [0, 1, 0], [0.9, 0, 1]])
    >>> abs(np.diff(np.argsort(seriate(matrix))[[0, 2]])).item()  # 0 and 2 are neighbors
    1
    """
    matrix = _correlations(matrix)
    labels, r = matrix.columns.to_numpy(), matrix.to_numpy()
    varies = ~np.isnan(np.diag(r))
    if varies.sum() < 3:  # nothing to order
        return np.concatenate([labels[varies], labels[~varies]])
    distance = squareform(1 - np.abs(r[np.ix_(varies, varies)]), checks=False)
    tree = linkage(distance, "average", optimal_ordering=True)
    return np.concatenate([labels[varies][leaves_list(tree)], labels[~varies]])


@dataclass(frozen=True, eq=False)
class Ellipse:
    """Contour of a bivariate normal that holds a stated share of its probability.

    Attributes
    ----------
    share : float
        Share of the probability inside, between 0 and 1.
    center : float64 (2,)
        Mean of the two components.
    radii : float64 (2,)
        Half-axes, the larger first, in units of the latent space: ``sqrt(q)`` standard deviations
        along the axes, q being the `share` quantile of chi² with 2 degrees of freedom.
    angle : float
        Direction of the major axis against the first component's, in degrees counterclockwise,
        -90 < angle <= 90. ``matplotlib.patches.Ellipse`` takes `center`, ``*2 * radii``, `angle`.
    """

    share: float
    center: np.ndarray
    radii: np.ndarray
    angle: float

    @property
    def density(self) -> float:
        """Density on the ellipse as a fraction of the peak density, ``1 - share``."""
        return 1 - self.share

    def points(self, count: int = 200) -> np.ndarray:
        """Give points on the ellipse, float64 (count, 2), from the major axis round and back."""
        turn = np.linspace(0, 2 * np.pi, count)
        circle = np.column_stack([np.cos(turn), np.sin(turn)])
        return (circle * self.radii) @ self._axes + self.center

    def holds(self, pairs: np.ndarray) -> np.ndarray:
        """Tell which `pairs`, float (n, 2), lie inside or on the ellipse: bool (n,).

        Raises ValueError if `pairs` has another shape, is empty, or holds NaN or infinities.
        """
        axes = self._axes.T / self.radii
        parts = chunks(points(pairs, 2))
        return np.concatenate([np.sum(((p - self.center) @ axes) ** 2, 1) <= 1 for p in parts])

    @property
    def _axes(self) -> np.ndarray:
        """Rows: unit vectors of the major and the minor axis."""
        cos, sin = np.cos(np.deg2rad(self.angle)), np.sin(np.deg2rad(self.angle))
        return np.array([[cos, sin], [-sin, cos]])


def ellipse(mean: np.ndarray, covariance: np.ndarray, share: float = 0.9) -> Ellipse:
    """Return the contour of a bivariate normal inside which a `share` of its probability lies.

    The squared Mahalanobis distance of two normal components follows chi² with 2 degrees of
    freedom, whose quantile is ``-2 ln(1 - share)``.

    Parameters
    ----------
    mean, covariance : float (2,) and (2, 2)
        Of two components; the covariance symmetric and positive definite.
    share : float
        Share of the probability inside, above 0 and below 1: not the density on the contour.

    Returns
    -------
    Ellipse

    Raises
    ------
    ValueError
        If a shape is another, a number not finite, `share` not between 0 and 1, or the covariance
        that of a line (one component constant, or a correlation of 1).

    Examples
    --------
    >>> ellipse([0, 0], [[1, 0], [0, 4]], share=0.9).radii.round(2)
    array([4.29, 2.15])
    """
    mean, covariance = np.asarray(mean, float), np.asarray(covariance, float)
    if mean.shape != (2,) or covariance.shape != (2, 2):
        raise ValueError(
            "expected the mean (2,) and the covariance (2, 2) of two components; got "
            f"{mean.shape} and {covariance.shape}. Take those of components i and j only."
        )
    if not 0 < share < 1:  # also false for NaN
        raise ValueError(f"share must lie between 0 and 1; got {share!r}. For instance 0.9.")
    finite = np.isfinite(mean).all() and np.isfinite(covariance).all()
    if not (finite and np.allclose(covariance, covariance.T, atol=0)):
        raise ValueError(
            "expected finite numbers, and a symmetric covariance; got mean "
            f"{mean.tolist()} and covariance {covariance.tolist()}."
        )
    variance, columns = np.linalg.eigh(covariance)
    if variance[0] <= 8 * np.finfo(float).eps * variance[1]:
        raise ValueError(
            "expected two components that vary, and not in step; got the covariance "
            f"{covariance.tolist()}, whose ellipse is a line. Choose another pair."
        )
    x, y = columns[:, 1]
    angle = 90 - (90 - np.rad2deg(np.arctan2(y, x))) % 180
    radii = np.sqrt(-2 * np.log1p(-share) * variance[::-1])
    return Ellipse(float(share), mean, radii, float(angle))


def pair_ellipses(
    z: np.ndarray, i: int, j: int, shares: Sequence[float] = SHARES
) -> tuple[list[Ellipse], pd.DataFrame]:
    """Return nested ellipses of two components, and the shares of z-points really inside them.

    Ellipses are those of the bivariate normal with the pair's measured mean and covariance; where
    measured and nominal shares differ, the pair is not bivariate normal. The differences are
    effect sizes: they do not grow with the number of z-points.

    Parameters
    ----------
    z : float (n, d)
        z-points, n at least 2; an array in memory or memory-mapped.
    i, j : int
        Two components, counted from 0.
    shares : sequence of float
        Nominal shares, each above 0 and below 1.

    Returns
    -------
    ellipses : list of Ellipse
        One per share, in the order given.
    measured : pandas.DataFrame
        Index ``share``; ``measured``, the share of the z-points inside; ``difference``, measured
        minus nominal; ``noise``, the standard deviation ``sqrt(share (1 - share) / n)`` that
        chance gives the difference.

    Raises
    ------
    ValueError
        If there are no such components, they are the same, or as `pearson` and `ellipse`.

    Examples
    --------
    >>> z = np.random.default_rng(0).normal(size=(10_000, 2))
    >>> pair_ellipses(z, 0, 1)[1]["measured"].round(2).to_list()
    [0.5, 0.9, 0.99]
    """
    z = points(z)
    d = z.shape[1]
    if i == j or not {i, j} <= set(range(d)):
        raise ValueError(f"expected two different components from 0 to {d - 1}; got {i!r}, {j!r}.")
    pair = z[:, [i, j]]
    moments = Moments.of(pair)
    if pearson(moments).isna().any(axis=None):
        raise ValueError(f"component {i} or {j} does not vary: no ellipse. Choose another pair.")
    ellipses = [ellipse(moments.mean, moments.covariance, share) for share in shares]
    nominal = np.array([one.share for one in ellipses])
    inside = np.array([one.holds(pair).mean() for one in ellipses])
    noise = np.sqrt(nominal * (1 - nominal) / len(pair))
    table = {"measured": inside, "difference": inside - nominal, "noise": noise}
    return ellipses, pd.DataFrame(table, index=pd.Index(nominal, name="share"))


def _correlations(matrix: pd.DataFrame) -> pd.DataFrame:
    """Return `matrix` as a float64 table, refused unless it holds correlations."""
    table = pd.DataFrame(matrix)
    advice = "Pass what pearson(z) or spearman(z) returns."
    if table.shape[0] != table.shape[1] or table.empty or not table.index.equals(table.columns):
        raise ValueError(
            f"expected correlations (d, d), rows and columns alike; got {table.shape}. {advice}"
        )
    r = table.to_numpy(float)
    undefined = np.isnan(np.diag(r))
    if not np.array_equal(np.isnan(r), undefined | undefined[:, None]):
        raise ValueError(f"expected NaN in whole rows and columns only. {advice}")
    if np.nanmax(np.abs(r), initial=0) > 1 + 1e-9 or not np.allclose(r, r.T, equal_nan=True):
        raise ValueError(f"expected a symmetric matrix of numbers from -1 to 1. {advice}")
    return pd.DataFrame(r, index=table.index, columns=table.columns)
