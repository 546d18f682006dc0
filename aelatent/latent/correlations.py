"""Correlations between components: matrices, strongest pairs, an order (posts III and VIII)."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform
from scipy.stats import rankdata

from aelatent._checks import ROUNDING, SMALLEST, chunks, points, usable
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
    z = points(z)
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
