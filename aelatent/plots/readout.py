"""The numbers of a plot, read back from its Axes."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection, QuadMesh
from matplotlib.container import BarContainer
from matplotlib.text import Annotation
from matplotlib.ticker import FixedLocator

_COLUMNS = ["artist", "label", "index", "x", "y", "value"]


def data_of(ax: Axes) -> pd.DataFrame:
    """Return the numbers of a plot as a table, so that its figure can be made elsewhere.

    Of a ``bar`` x and y are where it ends, in the middle of its width, and value is its length. Of
    a ``cell`` of a heat map they are its middle, and value what its color stands for, as for
    ``points`` with colors. An ``image`` has two rows, opposite corners. All else is drawn through
    the points x, y: ``line``, ``fill`` (the outline), ``text`` (one point, label is the text).

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        One of those that a plot returns, or any other.

    Returns
    -------
    pandas.DataFrame
        Columns artist, label (of the legend; empty without), index (counts the points of one line
        and the like from 0), x, y (float64, in the units of the axes), value (NaN without). Its
        ``attrs`` are title, x and y (what the axes are called), x_scale and y_scale, and x_names
        and y_names, position -> text, where ticks were set one by one.

    Examples
    --------
    >>> from aelatent import plots
    >>> data_of(plots.spectrum([0.6, 0.4]))["artist"].unique().tolist()
    ['line']
    """
    if not isinstance(ax, Axes):
        raise TypeError(f"ax must be one matplotlib Axes; got {type(ax).__name__}. Pass one.")
    ax.viewLim  # noqa: B018 - settles the limits, by which lines across the Axes are measured
    parts = [
        part for read in (_lines, _collections, _patches, _images, _texts) for part in read(ax)
    ]
    tables = [_table(*part) for part in parts] or [_table("", "", [])]
    table = pd.concat(tables, ignore_index=True)
    titles = (ax.get_title(loc) for loc in ("center", "left", "right"))
    table.attrs = {"title": next(filter(None, titles), "")}
    for name, axis in (("x", ax.xaxis), ("y", ax.yaxis)):
        told = {"": axis.get_label_text(), "_scale": axis.get_scale(), "_names": _names(axis)}
        table.attrs |= {f"{name}{key}": value for key, value in told.items()}
    return table


def _names(axis) -> dict[float, str]:
    """Return position -> text of ticks that were set one by one."""
    if not isinstance(axis.get_major_locator(), FixedLocator):
        return {}
    places = axis.get_majorticklocs()
    return dict(zip(places.tolist(), axis.get_major_formatter().format_ticks(places), strict=True))


def _table(artist: str, label: str, points, value=np.nan) -> pd.DataFrame:
    points = np.ma.filled(np.ma.asarray(points, np.float64), np.nan).reshape(-1, 2)  # (n, 2)
    value = np.ma.filled(np.ma.asarray(value, np.float64), np.nan)
    columns = [artist, label, np.arange(len(points)), *points.T, value]
    return pd.DataFrame(dict(zip(_COLUMNS, columns, strict=True)), index=range(len(points)))


def _labels(ax: Axes) -> dict:
    """Return artist -> label of those that belong to bars or error bars, which carry it."""
    found = {}
    for container in ax.containers:
        for part in container:
            for artist in part if isinstance(part, tuple | list) else [part]:
                found[artist] = container.get_label()
    return found


def _label(ax: Axes, artist) -> str:
    label = str(_labels(ax).get(artist, artist.get_label()))
    return "" if label.startswith("_") else label  # matplotlib's own names


def _in_data(ax: Axes, points, transform) -> np.ndarray:
    """Return points in the units of the axes; those of lines across the Axes are not."""
    if transform == ax.transData or len(points) == 0:
        return points
    return ax.transData.inverted().transform(transform.transform(points))


def _lines(ax: Axes) -> Iterator[tuple]:
    for line in ax.lines:
        drawn = line.get_linestyle() not in ("None", "", " ")
        points = _in_data(ax, line.get_xydata(), line.get_transform())
        yield "line" if drawn else "points", _label(ax, line), points


def _collections(ax: Axes) -> Iterator[tuple]:
    for found in ax.collections:
        label, values = _label(ax, found), found.get_array()
        if isinstance(found, PathCollection):
            points = _in_data(ax, found.get_offsets(), found.get_offset_transform())
            yield "points", label, points, np.nan if values is None else values
        elif isinstance(found, QuadMesh):
            corners = found.get_coordinates()  # (rows + 1, columns + 1, 2)
            middles = (corners[:-1, :-1] + corners[1:, 1:]) / 2
            yield "cell", label, middles.reshape(-1, 2), np.ma.ravel(values)
        else:
            kind = "line" if isinstance(found, LineCollection) else "fill"
            for path in found.get_paths():
                yield kind, label, _in_data(ax, path.vertices, found.get_transform())


def _patches(ax: Axes) -> Iterator[tuple]:
    bars = {}  # patch -> whether it is upright
    for container in ax.containers:
        if isinstance(container, BarContainer):
            upright = container.orientation == "vertical"
            bars |= dict.fromkeys(container.patches, upright)
            ends = [_end(bar, upright) for bar in container.patches]
            lengths = [bar.get_height() if upright else bar.get_width() for bar in container]
            label = container.get_label()
            yield "bar", "" if label.startswith("_") else label, ends, lengths
    for patch in ax.patches:
        if patch not in bars:
            path = patch.get_transform().transform_path(patch.get_path())
            for outline in path.to_polygons(closed_only=False):  # curves in steps of a pixel
                yield "fill", _label(ax, patch), ax.transData.inverted().transform(outline)


def _end(bar, upright: bool) -> tuple[float, float]:
    x, y, width, height = bar.get_x(), bar.get_y(), bar.get_width(), bar.get_height()
    return (x + width / 2, y + height) if upright else (x + width, y + height / 2)


def _images(ax: Axes) -> Iterator[tuple]:
    for image in ax.images:
        values, (left, right, bottom, top) = image.get_array(), image.get_extent()
        if values.ndim == 3:  # a picture is none of numbers
            yield "image", _label(ax, image), [(left, bottom), (right, top)]
            continue
        first, last = (bottom, top) if image.origin == "lower" else (top, bottom)
        rows, columns = ((np.arange(n) + 0.5) / n for n in values.shape)
        x, y = np.meshgrid(left + columns * (right - left), first + rows * (last - first))
        yield "cell", _label(ax, image), np.stack([x, y], axis=-1), np.ma.ravel(values)


def _texts(ax: Axes) -> Iterator[tuple]:
    for text in ax.texts:
        points, transform = [text.get_position()], text.get_transform()
        if isinstance(text, Annotation):
            known = text.xycoords == "data"
            points, transform = [text.xy if known else (np.nan, np.nan)], ax.transData
        yield "text", text.get_text(), _in_data(ax, points, transform)
