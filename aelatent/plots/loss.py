"""How a training went, and where in the picture its errors are."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from aelatent.plots.strips import as_pixels
from aelatent.plots.style import (
    PATH,
    Z_POINTS,
    axes_or_new,
    check_columns,
    drawn,
    legend_within,
    seen,
)


@drawn
def loss_curve(history: pd.DataFrame, *, title: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw the training and the validation error of each epoch and mark the best epoch.

    Parameters
    ----------
    history : pandas.DataFrame
        A row per epoch with the columns ``epoch``, ``loss`` and ``val_loss``.

    Returns
    -------
    matplotlib.axes.Axes
        Mean squared errors, pixels in 0..1, on a logarithmic axis.
    """
    hint = "Pass run.history of a run that has finished at least one epoch."
    check_columns(history, "epoch", "loss", "val_loss", hint=hint)
    ax = axes_or_new(ax, 3.2, width=7.0)
    epoch, validation = history["epoch"].to_numpy(), history["val_loss"].to_numpy(float)
    ax.plot(epoch, history["loss"], ".--", color=seen(ax, "0.45"), label="training")
    ax.plot(epoch, validation, ".-", color=seen(ax, Z_POINTS), label="validation")
    if np.isfinite(validation).any():
        best = np.nanargmin(np.where(np.isfinite(validation), validation, np.nan))
        label = f"best: {validation[best]:.4f} in epoch {epoch[best]}"
        red = seen(ax, PATH)
        ax.plot(epoch[best], validation[best], "o", color=red, mfc="none", ms=10, label=label)
    ax.set_yscale("log")
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 1.5, 2, 3, 5, 7)))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter("{x:g}")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    ax.set_xlim(epoch.min() - 0.5, epoch.max() + 0.5)
    ax.set(xlabel="epoch", ylabel="mean squared error, pixels in 0..1")
    legend_within(ax)
    ax.set_title(title or "", loc="left", fontsize=10)
    return ax


@drawn
def error_maps(originals: np.ndarray, decoded: np.ndarray, *, title: str = "") -> np.ndarray:
    """Draw the mean picture, and where errors are: absolute, and as shares of what differs."""
    # Both maps in units of the whole picture's own value, so that they share a scale.
    originals, decoded = (as_pixels(images) for images in (originals, decoded))
    error = np.mean((originals - decoded) ** 2, axis=(0, 3))
    spread = originals.var(axis=0).mean(axis=2)
    lost = error / np.where(spread > 0, spread, np.inf)
    averages = error.mean() or 1, error.mean() / (spread.mean() or np.inf) or 1
    figure, axs = plt.subplots(1, 3, figsize=(7, 2.7), layout="constrained")
    axs[0].imshow(originals.mean(axis=0), origin="upper")
    for ax, values, average in zip(axs[1:], (error, lost), averages, strict=True):
        image = ax.imshow(values / average, norm=LogNorm(0.125, 16), cmap="viridis", origin="upper")
    for ax, name in zip(axs, ("mean picture", "error", "share lost"), strict=True):
        ax.set_title(name, fontsize=10)
        ax.set_axis_off()
    bar = figure.colorbar(image, ax=axs[1:], shrink=0.8, ticks=(0.125, 0.5, 1, 2, 4, 8, 16))
    bar.ax.set_yticklabels(["1/8", "1/2", "1", "2", "4", "8", "16"])
    bar.ax.minorticks_off()
    bar.set_label("times the average", fontsize=9)
    figure.suptitle(title, fontsize=10, x=0.01, ha="left")
    return axs
