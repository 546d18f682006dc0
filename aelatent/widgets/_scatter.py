"""Points in a plane, colored by a column of an index, with a legend."""

import html
import warnings
from typing import NamedTuple

import anywidget
import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
import traitlets
from matplotlib.colors import to_hex

from aelatent.widgets._front import STATIC

with warnings.catch_warnings():  # 1.0.1 calls pandas in ways that pandas 3.1 deprecates
    warnings.simplefilter("ignore", DeprecationWarning)
    import jscatter

BUTTONS = ["pan_zoom", "lasso", "lasso_type", "divider", "reset"]
SELECTED = "#111111"  # color of the points selected
CLASSES = 7  # values that get a color of their own: of more, readers confuse the colors
LEVELS = 64  # steps of the color scale of a numeric column
MISSING = "#B8B8B8"  # light gray: values that are missing, or too rare for a color


class Coloring(NamedTuple):
    """What colors points: ``colors[codes[i]]`` is the color of point i."""

    codes: np.ndarray  # int64 (n,), from 0
    colors: list[str]  # #rrggbb, at least two, so that the codes count them
    legend: str  # HTML that tells what the colors mean


def colorable(index: pd.DataFrame) -> list[str]:
    """Return the columns that can color points: all but row and image_id that are not constant."""
    names = [name for name in index.columns if name not in ("row", "image_id")]
    return [name for name in names if len(_without_blanks(index[name]).unique()) > 1]


def one_color(n: int, color: str, name: str) -> Coloring:
    """Return the coloring of `n` points in one color."""
    return Coloring(np.zeros(n, int), [color, color], _patch(color, f"{name} ({n:,})"))


def coloring(column: pd.Series) -> Coloring:
    """Return the coloring by a column: few values as classes, more numbers on a scale."""
    column = _without_blanks(column)
    if column.isna().all():
        raise ValueError(
            f"column {column.name!r} has no values in these {len(column):,} rows. "
            "Choose another column."
        )
    numeric = pd.api.types.is_numeric_dtype(column)
    if numeric and column.nunique() > CLASSES:
        return _scale(column)
    return _classes(column if numeric else column.astype("str").where(column.notna()))


def _without_blanks(column: pd.Series) -> pd.Series:
    """Return the column with NaN for whatever stands for a missing value."""
    if pd.api.types.is_bool_dtype(column):
        return column.astype("str")
    if pd.api.types.is_numeric_dtype(column):
        values = column.astype("float64")
        return values.where(np.isfinite(values))
    column = column.astype("object")
    return column.where(column.notna() & (column != ""))


def _scale(column: pd.Series) -> Coloring:
    low, high = column.min(), column.max()
    step = (column - low) / (high - low) * (LEVELS - 1)
    codes = step.round().fillna(LEVELS).to_numpy().astype(int)
    colors = [to_hex(c) for c in mpl.colormaps["viridis"](np.linspace(0, 1, LEVELS))]
    bar = (
        f'<span style="display:inline-block;width:120px;height:10px;margin:0 6px;'
        f'background:linear-gradient(to right,{",".join(colors[::9])})"></span>'
    )
    text = f"{html.escape(str(column.name))}: {low:.4g} {bar} {high:.4g} "
    missing = int(column.isna().sum())
    return Coloring(codes, [*colors, MISSING], text + _rest(missing, "missing"))


def _classes(column: pd.Series) -> Coloring:
    counts = column.value_counts()
    named = sorted(counts.index[:CLASSES])
    colors = sns.color_palette("colorblind", CLASSES).as_hex()[: len(named)]
    codes = pd.Index(named).get_indexer(column)
    codes[codes < 0] = len(named)  # missing, or rarer than those with a color
    patches = []
    for color, value in zip(colors, named, strict=True):
        text = f"{value:.6g}" if isinstance(value, float) else str(value)
        patches.append(_patch(color, f"{text} ({counts[value]:,})"))
    missing, others = int(column.isna().sum()), int(counts.iloc[CLASSES:].sum())
    patches.append(_rest(others, f"in {len(counts) - CLASSES} rarer values"))
    patches.append(_rest(missing, "missing"))
    legend = f"{html.escape(str(column.name))}: {' '.join(filter(None, patches))}"
    return Coloring(codes, [*colors, MISSING], legend)


def _rest(count: int, what: str) -> str:
    return _patch(MISSING, f"{count:,} {what}") if count else ""


def _patch(color: str, text: str) -> str:
    box = f'<span style="display:inline-block;width:10px;height:10px;background:{color}"></span>'
    return f'<span style="white-space:nowrap;margin-right:8px">{box} {html.escape(text)}</span>'


class Window(anywidget.AnyWidget):
    """The part of the plane that the browser shows, which jupyter-scatter keeps to itself."""

    # It tells it to other plots in the page, those of one channel; this widget listens in and
    # reports 0.15 s after the last move.
    _esm = STATIC / "window.js"
    channel = traitlets.Unicode().tag(sync=True)  # the view_sync of the plot
    # Left, right, bottom and top in units of the axes; empty until the browser says.
    domain = traitlets.List(traitlets.Float()).tag(sync=True)


class Scatter:
    """A scatter plot whose points, colors and axes are sent in one message."""

    def __init__(self, height: int):
        empty = pd.DataFrame({"x": [0.0, 1.0], "y": [0.0, 1.0], "color": [0, 0]})
        self.plot = jscatter.Scatter("x", "y", empty, height=height, color_selected=SELECTED)
        self.widget = self.plot.widget  # its trait "selection" holds positions of points
        self.widget.toolbar_buttons = BUTTONS
        self.widget.view_sync = self.widget.model_id
        self.window = Window(channel=self.widget.model_id)

    def draw(self, where, codes, colors, labels, ranges) -> None:
        """Show other points; the zoom stays."""
        # where: float (n, 2); point i has the color colors[codes[i]], of at least two.
        frame = pd.DataFrame({"x": where[:, 0], "y": where[:, 1], "color": codes})
        x, y = ranges  # what the axes span before any zoom
        # One message: points that arrive while the browser still draws the last ones are lost.
        with self.widget.hold_sync():
            self.plot.axes(labels=list(labels))
            self.plot.data(frame, skip_widget_update=True)
            # This norm keeps the codes whole numbers; the browser takes others for a scale.
            self.plot.color(by="color", map=colors, norm=(0, 1), skip_widget_update=True)
            self.plot.xy("x", "y", x_scale=x, y_scale=y, animate=False)
