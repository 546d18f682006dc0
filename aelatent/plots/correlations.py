"""Correlations between components, drawn as a matrix."""

from collections.abc import Sequence

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from aelatent.plots.style import axes_or_new


def correlation_map(
    matrix: pd.DataFrame,
    *,
    order: Sequence[int] | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a correlation matrix as a heat map, white at 0, on a scale from -1 to 1.

    Parameters
    ----------
    matrix : pandas.DataFrame
        Square, correlations in -1..1.
    order : sequence of int, optional
        Order of rows and columns, as `aelatent.latent.seriate` gives it; default: as it is.

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
        ordered = ", seriated"
    ax = axes_or_new(ax, 5.4, width=6.2)
    step = max(1, rows // 16)
    sns.heatmap(
        matrix, vmin=-1, vmax=1, cmap="vlag", square=True, ax=ax, rasterized=True,
        cbar_kws={"label": "correlation", "shrink": 0.8}, xticklabels=step, yticklabels=step,
    )  # fmt: skip
    ax.tick_params(labelsize=7)
    ax.set(xlabel=f"component{ordered}", ylabel=f"component{ordered}")
    ax.set_title(title or f"{rows} components{ordered}", loc="left", fontsize=10)
    return ax
