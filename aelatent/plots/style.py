"""What all plots share: the color of each kind of point, the Axes to draw on, and legends."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter

# For readers with a color vision deficiency: blue and yellow are those of Okabe & Ito (2008),
# orange and red are darker than theirs. Yellow is pale on white: give it a dark edge.
Z_POINTS = "#0072B2"  # blue
ORIGIN = "#F0E442"  # yellow
CENTER = "#E08A00"  # orange
PATH = "#B2182B"  # red
SURROGATE = "0.35"  # gray

#: Eight colors that readers with a color vision deficiency tell apart (Okabe & Ito 2008), those
#: that stand out on white first.
OKABE_ITO = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000", "#F0E442",
)  # fmt: skip
MARKERS = "os^Dv<>P"

WIDTH = 7.0  # inches: as wide as the column of the book


def axes_or_new(ax: Axes | None, height: float, width: float = WIDTH) -> Axes:
    """Return `ax`, or the Axes of a new figure of `width` x `height` inches where it is None."""
    if ax is None:
        return plt.subplots(figsize=(width, height), layout="constrained")[1]
    if not isinstance(ax, Axes):
        kind = type(ax).__name__
        raise TypeError(f"ax must be one matplotlib Axes or None; got {kind}. Of several pass one.")
    return ax


def check_pairs(name: str, points: np.ndarray) -> np.ndarray:
    """Return `points` as an array, refused unless they are finite and (n, 2)."""
    points = np.asarray(points)
    pairs = points.dtype.kind in "fiu" and points.ndim == 2 and points.shape[1] == 2
    if not pairs or len(points) == 0 or not np.isfinite(points).all():
        raise ValueError(
            f"{name} must be finite numbers (n, 2), one row per point; got shape {points.shape}: "
            f"{points!s:.40}. Take two columns, for instance z[:, [3, 7]]."
        )
    return points


def check_columns(table: pd.DataFrame, *columns: str, hint: str = "") -> None:
    """Refuse a table without rows, or without one of the columns."""
    missing = ", ".join(column for column in columns if column not in table)
    if missing or table.empty:
        what = f"a table without {missing}" if missing else "a table without rows"
        text = f"expected rows with the columns {', '.join(columns)}; got {what}. {hint}"
        raise ValueError(text.rstrip())


def legend_beside(ax: Axes, **options) -> None:
    """Draw the legend on the right of the Axes, where it hides nothing."""
    ax.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.01, 1), **options)


def set_log_ticks(ax: Axes, ticks: Sequence[float]) -> None:
    """Make x logarithmic, with these ticks and no others."""
    ax.set_xscale("log")
    ax.set_xticks(ticks, [f"{tick:.3g}" for tick in ticks])
    ax.xaxis.set_minor_formatter(NullFormatter())
