"""How a training went."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from aelatent.plots.style import PATH, Z_POINTS, axes_or_new, check_columns


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
    ax.plot(epoch, history["loss"], ".--", color="0.45", label="training")
    ax.plot(epoch, validation, ".-", color=Z_POINTS, label="validation")
    if np.isfinite(validation).any():
        best = np.nanargmin(np.where(np.isfinite(validation), validation, np.nan))
        label = f"best: {validation[best]:.4f} in epoch {epoch[best]}"
        ax.plot(epoch[best], validation[best], "o", color=PATH, mfc="none", ms=10, label=label)
    ax.set_yscale("log")
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 1.5, 2, 3, 5, 7)))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter("{x:g}")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    ax.set_xlim(epoch.min() - 0.5, epoch.max() + 0.5)
    ax.set(xlabel="epoch", ylabel="mean squared error, pixels in 0..1")
    ax.legend(frameon=False)
    ax.set_title(title or "", loc="left", fontsize=10)
    return ax
