"""Correlations between components, drawn as a matrix."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from aelatent._checks import subsample
from aelatent.latent.correlations import pair_ellipses
from aelatent.latent.principal import PrincipalAxes
from aelatent.latent.samplers import SURROGATES
from aelatent.plots.planes import plane
from aelatent.plots.style import axes_or_new, drawn, legend_beside

SHOWN = 4000  # points in a panel


@drawn
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
    short = [[f"{r:.2f}".replace("0.", ".") for r in row] for row in matrix.to_numpy(float)]
    numbers = {"annot": np.array(short), "fmt": "", "annot_kws": {"fontsize": 8}, "cbar": False}
    bar = {"cbar_kws": {"label": "correlation", "shrink": 0.8, "extend": "both"}}
    sns.heatmap(
        matrix, vmin=-limit, vmax=limit, cmap="vlag", square=True, ax=ax, rasterized=True,
        xticklabels=step, yticklabels=step, **(numbers if values else bar),
    )  # fmt: skip
    ax.tick_params(labelsize=8)
    ax.set(xlabel=f"component{ordered}", ylabel=f"component{ordered}")
    ax.set_title(title or f"{rows} components{ordered}", loc="left", fontsize=10)
    return ax


@drawn
def pair_panels(z: np.ndarray, i: int, j: int, *, seed: int = 0) -> np.ndarray:
    """Draw a pair of components beside its shuffle, and turned beside its elliptical surrogate.

    Parameters
    ----------
    i, j : int
        Two components, counted from 0.

    Returns
    -------
    array of matplotlib.axes.Axes (2, 2)
        A new figure. Ellipses hold 50, 90 and 99 % of a bivariate normal. Above: the z-points, and
        each component shuffled; below, along and across the long axis of the ellipses: the
        z-points, and as many of the surrogate, whose contours are ellipses.
    """
    pair = z[:, [i, j]]
    others = [SURROGATES[k](pair, len(z), seed=seed) for k in ("column shuffle", "elliptical")]
    turn = PrincipalAxes.fit(pair).forward
    above = [pair, others[0]], (f"component {i}", f"component {j}"), "each component shuffled"
    below = [turn(pair), turn(others[1])], ("along the axis", "across it"), "elliptical surrogate"
    style = {"figsize": (7, 6), "layout": "constrained", "sharex": "row", "sharey": "row"}
    axs = plt.subplots(2, 2, **style)[1]
    for row, (clouds, labels, name) in zip(axs, (above, below), strict=True):
        curves = {f"{one.share:.0%}": one.points() for one in pair_ellipses(clouds[0], 0, 1)[0]}
        for ax, cloud, title in zip(row, clouds, ("z-points", name), strict=True):
            shown = subsample(cloud, SHOWN, seed)
            title = f"{title}, n = {len(shown):,}"
            center = clouds[0].mean(axis=0)
            plane(
                shown, labels=labels, curves=curves, center=center, origin=None, title=title, ax=ax
            )
            ax.get_legend().remove()
    legend_beside(axs[0, 1], fontsize=8)
    return axs
