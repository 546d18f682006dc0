"""Correlations between components: matrices, strongest pairs, an order (posts III and VIII)."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform
from scipy.stats import rankdata, t as student

from aelatent._checks import (
    ROUNDING,
    check_enough,
    check_finite,
    check_pair,
    check_points,
    check_share,
    check_whole,
    chunks,
)
from aelatent.latent.principal import Moments, PrincipalAxes
from aelatent.latent.samplers import elliptical

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
    sd = np.where(moments.sd > 0, moments.sd, np.nan)
    matrix = np.clip(moments.covariance / np.outer(sd, sd), -1, 1)
    np.fill_diagonal(matrix, np.where(np.isnan(sd), np.nan, 1.0))
    components = pd.RangeIndex(len(sd), name="component")
    return pd.DataFrame(matrix, components, components)


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
    z = check_finite(z)
    ranks = np.empty(z.shape, np.float32)  # exact up to 8 million rows, halves included

    def rank(start: int) -> None:
        columns = slice(start, start + COLUMNS)
        ranks[:, columns] = rankdata(np.ascontiguousarray(z[:, columns].T), axis=1).T

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(rank, range(0, z.shape[1], COLUMNS)):
            pass
    return pearson(ranks)


def strongest_pairs(matrix: pd.DataFrame, count: int = 10, *, apart: bool = False) -> pd.DataFrame:
    """List the most strongly correlated pairs of components, strongest first.

    Parameters
    ----------
    matrix, count : pandas.DataFrame, int
        What `pearson` or `spearman` returns, (d, d); number of pairs, at least 1.
    apart : bool
        Whether to take no component twice: or else one group of components may make all pairs.

    Returns
    -------
    pandas.DataFrame
        Columns ``i`` and ``j`` (components, i before j) and ``correlation``, -1..1, descending by
        magnitude. Undefined correlations are left out.
    """
    matrix = _correlations(matrix)
    check_whole("count", count, 1)
    i, j = np.triu_indices(len(matrix), 1)
    labels = matrix.columns.to_numpy()
    pairs = pd.DataFrame({"i": labels[i], "j": labels[j], "correlation": matrix.to_numpy()[i, j]})
    pairs = pairs.dropna().sort_values("correlation", key=lambda r: -r.abs(), kind="stable")
    if apart:
        taken, free = set(), []
        for pair in zip(pairs["i"], pairs["j"], strict=True):
            free.append(taken.isdisjoint(pair))
            taken.update(pair if free[-1] else ())
        pairs = pairs[np.array(free, bool)]
    return pairs.head(count).reset_index(drop=True)


def seriate(matrix: pd.DataFrame) -> np.ndarray:
    """Order the components so that strongly correlated ones stand together.

    Blocks then lie along the diagonal of ``matrix.loc[order, order]``; but pure noise gets an order
    as well: look at shuffled columns before reading blocks. Average linkage on ``1 - |r|``, leaves
    in the order in which neighbors are closest (Bar-Joseph, Gifford & Jaakkola 2001).

    Parameters
    ----------
    matrix : pandas.DataFrame
        As of `strongest_pairs`.

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
            f"expected correlations: (d, d), symmetric, from -1 to 1; got a table {table.shape} of "
            f"numbers up to {np.nanmax(np.abs(r), initial=0):g}. Pass what pearson(z) returns."
        )
    return table


@dataclass(frozen=True, eq=False)
class Ellipse:
    """Contour of a bivariate normal that holds a stated share of its probability."""

    share: float  # 0..1
    center: np.ndarray  # float64 (2,), the mean of the two components
    radii: np.ndarray  # float64 (2,), half-axes, the larger first, in units of the latent space
    angle: float  # of the major axis with the first component, degrees counterclockwise, -90..90

    def points(self, count: int = 200) -> np.ndarray:
        """Give points on the ellipse, float64 (count, 2), the first one again at the end."""
        turn = np.linspace(0, 2 * np.pi, count)
        circle = np.column_stack([np.cos(turn), np.sin(turn)])
        return (circle * self.radii) @ self._axes + self.center

    def holds(self, pairs: np.ndarray) -> np.ndarray:
        """Tell which pairs, float (n, 2), lie inside or on the ellipse: bool (n,)."""
        axes = self._axes.T / self.radii
        parts = (np.sum(((part - self.center) @ axes) ** 2, axis=1) for part in chunks(pairs))
        return np.concatenate([squares <= 1 for squares in parts])

    @property
    def _axes(self) -> np.ndarray:
        """Rows: unit vectors of the major and the minor axis."""
        cos, sin = np.cos(np.deg2rad(self.angle)), np.sin(np.deg2rad(self.angle))
        return np.array([[cos, sin], [-sin, cos]])


def ellipse(pair: Moments, share: float) -> Ellipse:
    """Return the contour of the bivariate normal of two components, given their moments."""
    share = check_share("share", share, hint="For instance 0.9.")
    variance, columns = np.linalg.eigh(pair.covariance)
    if pearson(pair).isna().any(axis=None) or variance[0] <= ROUNDING * variance[1]:
        raise ValueError(
            "expected two components that vary, and not in step; got the covariance "
            f"{pair.covariance.tolist()}. Choose another pair."
        )
    x, y = columns[:, 1]
    angle = 90 - (90 - np.rad2deg(np.arctan2(y, x))) % 180
    # sqrt(q) standard deviations, q = -2 ln(1 - share): chi²'s quantile, 2 degrees of freedom
    radii = np.sqrt(-2 * np.log1p(-share) * variance[::-1])
    return Ellipse(share, pair.mean, radii, float(angle))


def pair_ellipses(
    z: np.ndarray, i: int, j: int, shares: Sequence[float] = (0.5, 0.9, 0.99)
) -> tuple[list[Ellipse], pd.DataFrame]:
    """Return nested ellipses of two components, and the shares of z-points really inside them.

    Where measured and nominal shares differ by more than noise, the pair is not bivariate normal.
    The difference is an effect size: it does not grow with the number of z-points.

    Parameters
    ----------
    i, j, shares : int, int, sequence of float
        Two components, counted from 0; nominal shares, each above 0 and below 1.

    Returns
    -------
    list of Ellipse, pandas.DataFrame
        One ellipse, of the pair's mean and covariance, and one row per share: index ``share``;
        columns ``measured`` (share of the z-points inside), ``difference`` (measured - nominal)
        and ``noise`` (standard deviation of the measured share of a bivariate normal; less than
        binomial, for mean and covariance come from the same points).
    """
    z = check_points(z)
    pair = z[:, check_pair(i, j, 0, z.shape[1] - 1)]
    moments = Moments.of(pair)
    ellipses = [ellipse(moments, share) for share in shares]
    nominal = pd.Index([one.share for one in ellipses], name="share")
    inside = np.array([one.holds(pair).mean() for one in ellipses])
    # The fit fixes the mean of D², so that a share varies less than p (1 - p) / n, the binomial's:
    # (p (1 - p) - q² (1 - p)² / 4) / n, q = -2 ln(1 - p), sd 0.72, 0.64, 0.89 times by default.
    noise = np.sqrt((nominal - (1 - nominal) * np.log1p(-nominal) ** 2) * (1 - nominal) / len(pair))
    table = {"measured": inside, "difference": inside - nominal, "noise": noise}
    return ellipses, pd.DataFrame(table, index=nominal)


def pair_wedges(z: np.ndarray, pairs: pd.DataFrame, draws: int = 19, seed: int = 0) -> pd.DataFrame:
    """Measure whether the scatter across the axis of a pair changes along it.

    The axis is the longer one of the pair's ellipses. Where contours are ellipses the scatter (sd)
    at both ends is the same; a wedge is narrow at one end. The chance level comes from elliptical
    surrogates of the pair, with its mean, covariance and law of D².

    Parameters
    ----------
    pairs, draws : pandas.DataFrame, int
        Columns i and j, as `strongest_pairs` gives them; number of surrogates, at least 2.

    Returns
    -------
    pandas.DataFrame
        `pairs` and the columns ``narrow`` and ``wide``, scatter in the lowest and highest fifth of
        the points along the axis, in units of z, the smaller first; ``ratio``, wide / narrow; and
        ``chance``, the ratio that a further surrogate exceeds with a probability of 0.05.
    """
    z = check_finite(z)
    draws = check_whole("draws", draws, 2)
    check_enough(len(z), 20, "the scatter of fifths", "Pass more rows.")
    rows = []
    for i, j in pairs[["i", "j"]].to_numpy():
        pair = z[:, check_pair(int(i), int(j), 0, z.shape[1] - 1)]
        ellipse(Moments.of(pair), 0.5)  # refuses what has no two axes
        ends = _scatter_at_ends(pair)
        seeds = np.random.SeedSequence((seed, int(i), int(j))).generate_state(draws)
        drawn = [_scatter_at_ends(elliptical(pair, len(pair), int(one))) for one in seeds]
        # Either end of a surrogate is the wider one equally often: the mean log ratio is known.
        logs = np.log([high / low for low, high in drawn])
        chance = np.exp(student.ppf(0.975, draws) * np.sqrt(np.mean(logs**2)))
        rows.append([min(ends), max(ends), max(ends) / min(ends), chance])
    found = pd.DataFrame(rows, pairs.index, ["narrow", "wide", "ratio", "chance"], float)
    return pd.concat([pairs, found], axis=1)


def _scatter_at_ends(pair: np.ndarray) -> tuple[float, float]:
    """Return the sd across the major axis of points (n, 2) in the first and last fifth along it."""
    along, across = PrincipalAxes.fit(pair).forward(pair).T
    low, high = np.quantile(along, [0.2, 0.8])
    least = ROUNDING * across.std()
    return tuple(max(across[part].std(), least) for part in (along <= low, along >= high))
