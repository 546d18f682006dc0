"""A latent space of two components, shown whole: what each place decodes to, and the z-points."""

from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from aelatent._checks import check_each, check_whole
from aelatent.plots import style
from aelatent.plots.planes import draw_spots
from aelatent.plots.strips import as_pixels

ROOM = 3.0  # units of z about the origin that are always shown: where N(0, I) lies
MARGIN = 0.04  # beyond the outermost z-points, in shares of the side


@style.drawn
def decoded_grid(
    decode: Callable,
    z: np.ndarray,
    *,
    columns: int = 15,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Show a whole latent space of two components: what a grid of its places decodes to.

    Parameters
    ----------
    decode : callable
        From latent vectors, float32 (m, 2), to pictures, as `Run.decode`.
    z : float (n, 2)
        The z-points, drawn as blue dots on the pictures. The grid covers them and the origin.
    columns : int
        Pictures in a row, and in a column, at least 2.

    Returns
    -------
    matplotlib.axes.Axes
        A unit is as long on both axes. The middle of each picture is the place that it shows.
    """
    z = style.check_pairs("z", z)
    check_whole("columns", columns, 2, hint="For instance columns=15.")
    low, high = _limits(z)
    steps = [start + (stop - start) * (np.arange(columns) + 0.5) / columns
             for start, stop in zip(low, high, strict=True)]  # fmt: skip
    x, y = np.meshgrid(steps[0], steps[1][::-1])  # row by row from the top, as pictures lie
    pictures = as_pixels(decode(np.column_stack([x.ravel(), y.ravel()]).astype(np.float32)))
    tall, wide = pictures.shape[1:3]
    sheet = pictures.reshape(columns, columns, tall, wide, 3).swapaxes(1, 2)
    ax = style.axes_or_new(ax, 7.0, width=7.0)
    ax.imshow(
        sheet.reshape(columns * tall, columns * wide, 3),
        extent=(low[0], high[0], low[1], high[1]), origin="upper",
    )  # fmt: skip
    ax.plot(
        *z.T, ls="", marker="o", ms=2.6, mew=0.3, mec="white", color=style.Z_POINTS,
        label="z-points", rasterized=True,
    )  # fmt: skip
    _finish(ax, z, title or f"n = {len(z):,}")
    ax.legend(
        loc="lower right", bbox_to_anchor=(1, 1), ncols=3, frameon=False, fontsize=9,
        handletextpad=0.2, borderaxespad=0.2,
    )  # fmt: skip
    return ax


@style.drawn
def factor_panels(z: np.ndarray, factors: pd.DataFrame) -> np.ndarray:
    """Draw z-points of two components, a panel for each factor, colored by the rank of its value.

    Parameters
    ----------
    z, factors : float (n, 2), pandas.DataFrame (n, k)
        The z-points, and a column of numbers for each factor.

    Returns
    -------
    array of matplotlib.axes.Axes (k,)
        Side by side in a new figure, with the limits of `decoded_grid`.
    """
    z = style.check_pairs("z", z)
    check_each("a row of factors", factors, len(z), "z-points")
    figure, axes = plt.subplots(
        1, factors.shape[1], squeeze=False, sharey=True, figsize=(7.0, 3.6), layout="constrained"
    )
    for ax, (name, values) in zip(axes[0], factors.items(), strict=True):
        look = {"s": 4, "lw": 0, "vmin": 0, "vmax": 1, "cmap": style.ramp(ax), "rasterized": True}
        dots = ax.scatter(*z.T, c=values.rank(pct=True), **look)
        _finish(ax, z, f"{name}, n = {len(z):,}".replace("_", " "))
    bar = figure.colorbar(dots, ax=axes[0], shrink=0.7, ticks=[0, 0.5, 1])
    bar.set_label("rank of the value")
    bar.ax.set_yticklabels(["least", "median", "most"])
    return axes[0]


def _limits(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the corners of the square that holds the z-points and the origin's neighborhood."""
    low, high = np.minimum(z.min(axis=0), -ROOM), np.maximum(z.max(axis=0), ROOM)
    half = (0.5 + MARGIN) * (high - low).max()
    return (low + high) / 2 - half, (low + high) / 2 + half


def _finish(ax: Axes, z: np.ndarray, title: str) -> None:
    draw_spots(ax, (0, 0), z.mean(axis=0))
    low, high = _limits(z)
    ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), aspect="equal")
    ax.set(xlabel="component 0 (units of z)", ylabel="component 1 (units of z)")
    ax.set_title(title, loc="left", fontsize=10)
