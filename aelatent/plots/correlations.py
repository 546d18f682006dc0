"""Correlations between components, drawn as a matrix."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from aelatent.plots.style import axes_or_new


def correlation_map(
    matrix: pd.DataFrame,
    *,
    order: Sequence[int] | None = None,
    limit: float | None = None,
    values: bool = False,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a correlation matrix as a heat map, white at 0, on a symmetric scale.

    Parameters
    ----------
    matrix : pandas.DataFrame
        Square, correlations in -1..1.
    order : sequence of int, optional
        Order of rows and columns, as `aelatent.latent.seriate` gives it; default: as it is.
    limit, values : float, bool
        Where the colors end, in 0..1; default: at what 99 % of the correlations between different
        components stay below. Whether each cell bears its number, instead of a color bar.

    Returns
    -------
    matplotlib.axes.Axes
        NaN stays blank.
    """
    rows, columns = matrix.shape
    if rows != columns or rows == 0:
        raise ValueError(f"matrix must be square, with a row at least; got {matrix.shape}.")
    ordered = ""
    if order is not None:
        if sorted(order) != list(range(rows)):
            raise ValueError(f"order must hold each of 0 to {rows - 1} once; got {list(order)!r}.")
        matrix = matrix.iloc[list(order), list(order)]
        ordered = ", ordered"
    if limit is None:
        apart = np.abs(matrix.to_numpy(float)[~np.eye(rows, dtype=bool)])
        apart = apart[~np.isnan(apart)]
        limit = max(float(np.quantile(apart, 0.99)), 0.05) if apart.size else 1.0
    ax = axes_or_new(ax, 4.2, width=5.0)
    step = max(1, -(-rows // 12))
    numbers = {"annot": True, "fmt": ".2f", "annot_kws": {"fontsize": 8}, "cbar": False}
    bar = {"cbar_kws": {"label": "correlation", "shrink": 0.8, "extend": "both"}}
    sns.heatmap(
        matrix, vmin=-limit, vmax=limit, cmap="vlag", square=True, ax=ax, rasterized=True,
        xticklabels=step, yticklabels=step, **(numbers if values else bar),
    )  # fmt: skip
    ax.tick_params(labelsize=8)
    ax.set(xlabel=f"component{ordered}", ylabel=f"component{ordered}")
    ax.set_title(title or f"{rows} components{ordered}", loc="left", fontsize=10)
    return ax
