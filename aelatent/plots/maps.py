"""Maps that t-SNE draws of z-points, a surrogate beside them, and line-ups among surrogates.

Distances on a map have no unit, and gaps in it are no evidence of gaps in the latent space: look
at `map_panels` first. Line-ups: Buja et al., *Phil. Trans. R. Soc. A* 367, 4361, 2009.
"""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from aelatent._checks import check_whole
from aelatent.latent.map_quality import void_probability
from aelatent.plots import style
from aelatent.plots.planes import draw_path

WIDE = 5  # panels of a line-up in a row
MISSING = "0.58"  # points without a value
PAGE = 7.0  # inches: the page's column
INK = 21_000  # square typographic points that all markers of a map cover together


@style.drawn
def map_scatter(
    coordinates: np.ndarray,
    *,
    color: Sequence | None = None,
    color_label: str | None = None,
    path: np.ndarray | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a t-SNE map, its points colored by what is known of their pictures.

    Parameters
    ----------
    coordinates : float (n, 2)
        Places on the map; they have no unit.
    color : n values, optional
        Of a column of the store's index. Numbers run from dark to bright (viridis); texts, truth
        values, categories and whole numbers of at most 8 different values get a color each. Points
        without a value are gray. Default: all blue.
    color_label : str, optional
        What the values are, with their unit; default: the column's name, where it has one.
    path : float (k, 2), optional
        Places along a path, red and numbered from 1; numbers that would overlap are left out.

    Returns
    -------
    matplotlib.axes.Axes
        A unit is as long on both axes.
    """
    coordinates = style.check_pairs("coordinates", coordinates)
    path = None if path is None else style.check_pairs("path", path)
    values = None if color is None else _check_values(color, len(coordinates))
    kinds = None if values is None else _find_kinds(values)
    label = color_label or (values.name if values is not None else None)
    ax = style.axes_or_new(ax, 6.0, width=6.8)
    if values is None:
        _draw_cloud(ax, coordinates, color=style.seen(ax, style.Z_POINTS))
    elif kinds is None:
        _color_by_number(ax, coordinates, values.to_numpy(float, na_value=np.nan), label)
    else:
        _color_by_kind(ax, coordinates, values, kinds, label)
    ax.set_aspect("equal", adjustable="datalim")
    if path is not None:
        draw_path(ax, path, avoid=[])
    _label_axes(ax)
    ax.set_title(title or f"n = {len(coordinates):,}", loc="left", fontsize=10)
    return ax


@style.drawn
def map_panels(
    maps: Mapping[str, np.ndarray],
    *,
    columns: int = 2,
    ranks: Mapping[str, Sequence] | None = None,
    voids: bool = False,
    axes: Sequence[Axes] | None = None,
) -> np.ndarray:
    """Draw maps side by side, each on a scale of its own, for a map has no unit.

    What a surrogate's map shows as well was made by the map, not found in the z-points. Maps side
    by side must come from the same settings; n should be the same.

    Parameters
    ----------
    maps : mapping of str to float (n, 2)
        Title -> places. Those of z-points, with the word in the title, are blue, others gray.
    columns : int
        Panels in a row.
    ranks : mapping of str to n numbers, optional
        Title -> ranks of a quantity, 0..1, that color the points from dark to bright (viridis).
        Points without one are gray.
    voids : bool
        Whether the titles state the share of empty circles (`aelatent.latent.void_probability`).
    axes : as many matplotlib.axes.Axes, optional
        Where to draw; default: a new figure, which states n.

    Returns
    -------
    array of matplotlib.axes.Axes (rows, columns)
        One for each map, the rest blank, or as in `axes`.
    """
    maps = {title: style.check_pairs(title, places) for title, places in maps.items()}
    rows = -(-len(maps) // check_whole("columns", columns, 1))
    if axes is None:
        size = PAGE, 0.3 + rows * (PAGE / columns + 0.3)
        figure, axes = plt.subplots(
            rows, columns, squeeze=False, figsize=size, layout="constrained"
        )
        counts = " or ".join(f"{n:,}" for n in sorted({len(places) for places in maps.values()}))
        figure.suptitle(f"n = {counts} in each map", x=0.01, ha="left", fontsize=9)
    axes = np.array(axes, dtype=object)
    check_whole("the number of axes", axes.size, len(maps))
    for ax in axes.flat[len(maps) :]:
        ax.set_axis_off()
    for ax, (title, places) in zip(axes.flat, maps.items(), strict=False):
        ink = INK / columns**1.5
        if ranks is None:
            color = style.Z_POINTS if "z-points" in title else style.SURROGATE
            _draw_cloud(ax, places, ink=ink, color=style.seen(ax, color))
        else:
            shades = np.asarray(ranks[title], float)
            _draw_cloud(ax, places[np.isnan(shades)], ink=ink, color=style.seen(ax, MISSING))
            drawn = _draw_cloud(ax, places, ink=ink, c=shades, cmap=style.ramp(ax), vmin=0, vmax=1)
        (x, y), half = (places.min(axis=0) + places.max(axis=0)) / 2, np.ptp(places, axis=0).max()
        half = 0.53 * half or 1.0  # also where all points are at one place
        ax.set(xlim=(x - half, x + half), ylim=(y - half, y + half), xticks=[], yticks=[])
        ax.set_aspect("equal")
        told = f"\n{void_probability(places):.0%} of circles empty" if voids else ""
        ax.set_title(title + told, loc="left", fontsize=9)
    if ranks is not None:
        bar = ax.figure.colorbar(drawn, ax=[*axes.flat], shrink=0.8, ticks=[0, 1])
        bar.ax.set_yticklabels(["lowest", "highest"])
    return axes


@style.drawn
def lineup_panels(panels: Sequence[np.ndarray], *, axes: Sequence | None = None) -> np.ndarray:
    """Draw small numbered panels, all alike, for a reader to find the real one among surrogates.

    Parameters
    ----------
    panels : float (n, 2) each
        Patterns of points in the order in which to show them, usually 20.
    axes : as many matplotlib.axes.Axes, optional
        Where to draw; default: a new figure with rows of 5, which states n.

    Returns
    -------
    array of matplotlib.axes.Axes (rows, 5)
        One per panel, or in rows as in `axes`; all have the same limits.
    """
    panels = [style.check_pairs(f"panel {k}", panel) for k, panel in enumerate(panels, start=1)]
    if not panels:
        raise ValueError("expected panels, usually 20; got none.")
    if axes is None:
        rows = -(-len(panels) // WIDE)
        figure, axes = plt.subplots(
            rows, WIDE, squeeze=False, figsize=(style.WIDTH, 0.3 + 2 * rows), layout="constrained"
        )
        counts = sorted({len(panel) for panel in panels})
        figure.suptitle(f"n = {' or '.join(f'{n:,}' for n in counts)} in each panel", fontsize=10)
    axes = np.array(axes, dtype=object)
    check_whole("the number of axes", axes.size, len(panels))
    every = np.vstack(panels)
    low, high = every.min(axis=0), every.max(axis=0)
    edge = 0.03 * (high - low) + 1e-12  # also where all points share a coordinate
    for ax in axes.flat[len(panels) :]:
        ax.set_axis_off()
    for number, (ax, panel) in enumerate(zip(axes.flat, panels, strict=False), start=1):
        blue = style.seen(style.axes_or_new(ax, 2), style.Z_POINTS)
        _draw_cloud(ax, panel, ink=INK / 12, color=blue)
        ax.set(xlim=(low[0] - edge[0], high[0] + edge[0]), xticks=[], yticks=[])
        ax.set(ylim=(low[1] - edge[1], high[1] + edge[1]), box_aspect=1)
        ax.set_title(str(number), fontsize=9, pad=3)
    return axes


def _draw_cloud(ax, xy, *, ink=INK, **colors):
    size = np.clip(ink / max(len(xy), 1), 0.15, 12)
    return ax.scatter(*xy.T, s=size, lw=0, alpha=0.7, rasterized=True, **colors)


def _label_axes(ax):
    """Leave out ticks, which would suggest a unit."""
    ax.set(xticks=[], yticks=[], xlabel="t-SNE 1 (no unit)", ylabel="t-SNE 2 (no unit)")


def _check_values(color, n) -> pd.Series:
    """Return the values as a column, refused unless there is one for each of n points."""
    if np.ndim(color) != 1 or len(color) != n:
        shape = np.shape(color)
        raise ValueError(
            f"color must hold one value for each of the {n:,} points; got shape {shape}."
        )
    values = color if isinstance(color, pd.Series) else pd.Series(np.asarray(color))
    return values.infer_objects()


def _find_kinds(values: pd.Series) -> list | None:
    """Return the values' kinds in order, or None where they are numbers to be measured."""
    number = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    kinds = values.dropna().unique()
    if number and (len(kinds) > len(style.OKABE_ITO) or not pd.api.types.is_integer_dtype(values)):
        return None
    if not 1 <= len(kinds) <= len(style.OKABE_ITO):
        got = f"got {len(kinds)} kinds. Join the rare ones to one."
        raise ValueError(f"color must be numbers, or of 1 to {len(style.OKABE_ITO)} kinds; {got}")
    return sorted(kinds, key=lambda kind: (str(type(kind)), kind))


def _color_by_number(ax, xy, values, label):
    known = np.isfinite(values)
    if not known.any():
        raise ValueError("color must hold a finite number at least; got none.")
    if not known.all():
        pale = style.seen(ax, MISSING)
        _draw_cloud(ax, xy[~known], ink=INK * np.mean(~known), color=pale)
    # The markers' size is that of the whole map, whatever the share without a value.
    drawn = _draw_cloud(
        ax, xy[known], ink=INK * np.mean(known), c=values[known], cmap=style.ramp(ax)
    )
    without = "" if known.all() else f"; {(~known).sum():,} without a value: gray"
    bar = ax.figure.colorbar(drawn, ax=ax, shrink=0.8, label=(label or "value") + without)
    bar.solids.set_alpha(1)


def _color_by_kind(ax, xy, values, kinds, label):
    pale = style.seen(ax, MISSING)
    shades = dict(zip(kinds, (style.seen(ax, color) for color in style.OKABE_ITO), strict=False))
    missing = values.isna().to_numpy()
    colors = [pale if gap else shades[v] for v, gap in zip(values, missing, strict=True)]
    _draw_cloud(ax, xy, c=colors)  # in the order of the rows: no kind hides the others
    counts = values.value_counts()
    entries = [(f"{kind} (n = {counts[kind]:,})", shade) for kind, shade in shades.items()]
    if missing.any():
        entries.append((f"no value (n = {missing.sum():,})", pale))
    handles = [
        Line2D([], [], color=shade, label=text, ls="", marker="o", ms=6) for text, shade in entries
    ]
    style.legend_beside(ax, handles=handles, title=label, fontsize=8, borderaxespad=0)
