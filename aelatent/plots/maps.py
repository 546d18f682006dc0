"""Maps that t-SNE draws of z-points, a surrogate beside them, and line-ups among surrogates.

Distances on a map have no unit, and gaps in it are no evidence of gaps in the latent space: look
at `map_pair` first. Line-ups: Buja et al., *Phil. Trans. R. Soc. A* 367, 4361, 2009.
"""

from collections.abc import Mapping, Sequence

import matplotlib.patheffects as effects
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from aelatent.plots.planes import _pairs
from aelatent.plots.style import PATH, SURROGATE, WIDTH, Z_POINTS, axes_or_new

#: Eight colors that readers with a color vision deficiency tell apart (Okabe & Ito 2008), those
#: that stand out on white first.
OKABE_ITO = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000", "#F0E442",
)  # fmt: skip
WIDE = 5  # panels of a line-up in a row
MISSING = "0.8"  # points without a value
INK = 21_000  # square typographic points that all markers of a map cover together


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
        without a value are pale gray. Default: all blue.
    color_label : str, optional
        What the values are, with their unit; default: the column's name, where it has one.
    path : float (k, 2), optional
        Places along a path, drawn in red and numbered from 1.

    Returns
    -------
    matplotlib.axes.Axes
        A unit is as long on both axes.
    """
    coordinates = _pairs("coordinates", coordinates)
    path = None if path is None else _pairs("path", path)
    values = None if color is None else _values(color, len(coordinates))
    kinds = None if values is None else _kinds(values)
    label = color_label or (values.name if values is not None else None)
    ax = axes_or_new(ax, 6.0, width=6.8)
    if values is None:
        _cloud(ax, coordinates, color=Z_POINTS)
    elif kinds is None:
        _by_number(ax, coordinates, values.to_numpy(float, na_value=np.nan), label)
    else:
        _by_kind(ax, coordinates, values, kinds, label)
    if path is not None:
        _number_path(ax, path)
    _bare(ax)
    ax.set_aspect("equal", adjustable="datalim")
    ax.set_title(title or f"n = {len(coordinates):,}", loc="left", fontsize=10)
    return ax


def map_pair(
    real: np.ndarray,
    surrogate: np.ndarray,
    *,
    name: str,
    measures: Mapping[str, tuple] | None = None,
    axes: Sequence[Axes] | None = None,
) -> np.ndarray:
    """Draw the map of the z-points and that of a surrogate side by side, at one scale.

    What the surrogate shows as well was made by the map, not found in the z-points. Both maps must
    come from the same settings; n should be the same.

    Parameters
    ----------
    real, surrogate : float (n, 2)
        Places of the z-points and of the surrogate's points, each on its own map.
    name : str
        Of the surrogate, for instance "matched Gaussian".
    measures : mapping of str to two values, optional
        What was measured on both maps, the z-points' value first; numbers are rounded to 3 digits.
    axes : two matplotlib.axes.Axes, optional
        Where to draw; default: a new figure.

    Returns
    -------
    array of matplotlib.axes.Axes (2,)
        The z-points' panel (blue) and the surrogate's (gray).
    """
    real, surrogate = _pairs("real", real), _pairs("surrogate", surrogate)
    lines = ["", ""]
    for what, pair in (measures or {}).items():
        if isinstance(pair, str) or np.size(pair) != 2:
            raise ValueError(f"measures must hold two values for each name; got {pair!r}: {what}.")
        for side, value in enumerate(pair):
            lines[side] += f"\n{what}: {value if isinstance(value, str) else f'{value:.3g}'}"
    if axes is None:
        size = WIDTH, 5.3 + 0.18 * len(measures or ())
        axes = plt.subplots(1, 2, figsize=size, layout="constrained")[1]
    axes = np.array(axes, dtype=object).ravel()
    if len(axes) != 2:
        raise ValueError(f"axes must be two matplotlib Axes; got {len(axes)}.")
    # One scale for both: half the side of a square that holds either map round its own middle.
    half = 0.53 * max(np.ptp(real, axis=0).max(), np.ptp(surrogate, axis=0).max()) or 1.0
    titles = "z-points", f"surrogate: {name}"
    for side, (xy, color) in enumerate(((real, Z_POINTS), (surrogate, SURROGATE))):
        ax = axes_or_new(axes[side], 5.0)
        _cloud(ax, xy, color=color, ink=INK / 2)
        x, y = (xy.min(axis=0) + xy.max(axis=0)) / 2
        _bare(ax)
        ax.set(xlim=(x - half, x + half), ylim=(y - half, y + half), aspect="equal")
        ax.set_xlabel(ax.get_xlabel() + lines[side])
        ax.set_title(f"{titles[side]}, n = {len(xy):,}", loc="left", fontsize=10)
    return axes


def lineup_panels(
    panels: Sequence[np.ndarray], *, axes: Sequence[Axes] | None = None
) -> np.ndarray:
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
    panels = [_pairs(f"panel {k}", panel) for k, panel in enumerate(panels, start=1)]
    if not panels:
        raise ValueError("expected panels, usually 20; got none.")
    if axes is None:
        rows = -(-len(panels) // WIDE)
        size = {"figsize": (WIDTH, 0.3 + 2 * rows), "layout": "constrained"}
        figure, axes = plt.subplots(rows, WIDE, squeeze=False, **size)
        counts = sorted({len(panel) for panel in panels})
        figure.suptitle(f"n = {' or '.join(f'{n:,}' for n in counts)} in each panel", fontsize=10)
    axes = np.array(axes, dtype=object)
    if axes.size < len(panels):
        raise ValueError(f"expected {len(panels)} Axes, one per panel; got {axes.size}.")
    low = np.min([panel.min(axis=0) for panel in panels], axis=0)
    high = np.max([panel.max(axis=0) for panel in panels], axis=0)
    edge = 0.03 * (high - low) + 1e-12  # also where all points share a coordinate
    for ax in axes.flat[len(panels) :]:
        ax.set_axis_off()
    for number, (ax, panel) in enumerate(zip(axes.flat, panels, strict=False), start=1):
        _cloud(axes_or_new(ax, 2), panel, ink=INK / 12, color=Z_POINTS)
        ax.set(xlim=(low[0] - edge[0], high[0] + edge[0]), xticks=[], yticks=[])
        ax.set(ylim=(low[1] - edge[1], high[1] + edge[1]), box_aspect=1)
        ax.set_title(str(number), fontsize=9, pad=3)
    return axes


def _cloud(ax, xy, *, ink=INK, **style):
    size = np.clip(ink / len(xy), 0.15, 12)
    return ax.scatter(*xy.T, s=size, lw=0, alpha=0.7, rasterized=True, **style)


def _bare(ax):
    """Leave out ticks, which would suggest a unit."""
    ax.set(xticks=[], yticks=[], xlabel="t-SNE 1 (no unit)", ylabel="t-SNE 2 (no unit)")


def _values(color, n) -> pd.Series:
    """Return the values as a column, refused unless there is one for each of n points."""
    if np.ndim(color) != 1 or len(color) != n:
        raise ValueError(
            f"color must hold one value for each of the {n:,} points; got shape "
            f"{np.shape(color)}. Take the points' rows, for instance index['smile'].iloc[rows]."
        )
    values = color if isinstance(color, pd.Series) else pd.Series(np.asarray(color))
    return values.infer_objects()


def _kinds(values: pd.Series) -> list | None:
    """Return the values' kinds in order, or None where they are numbers to be measured."""
    number = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    kinds = values.dropna().unique()
    if number and (len(kinds) > len(OKABE_ITO) or not pd.api.types.is_integer_dtype(values)):
        return None
    if not 1 <= len(kinds) <= len(OKABE_ITO):
        raise ValueError(
            f"color must be numbers, or of 1 to {len(OKABE_ITO)} kinds; got {len(kinds)} kinds. "
            "Join the rare ones to one."
        )
    return sorted(kinds, key=lambda kind: (str(type(kind)), kind))


def _by_number(ax, xy, values, label):
    known = np.isfinite(values)
    if not known.any():
        raise ValueError("color must hold a finite number at least; got none.")
    if not known.all():
        _cloud(ax, xy[~known], ink=INK * np.mean(~known), color=MISSING)
    # The markers' size is that of the whole map, whatever the share without a value.
    drawn = _cloud(ax, xy[known], ink=INK * np.mean(known), c=values[known], cmap="viridis")
    without = "" if known.all() else f"; {(~known).sum():,} without a value: pale gray"
    bar = ax.figure.colorbar(drawn, ax=ax, shrink=0.8, label=(label or "value") + without)
    bar.solids.set_alpha(1)


def _by_kind(ax, xy, values, kinds, label):
    shades = dict(zip(kinds, OKABE_ITO, strict=False))
    missing = values.isna().to_numpy()
    colors = [MISSING if gap else shades[v] for v, gap in zip(values, missing, strict=True)]
    _cloud(ax, xy, c=colors)  # in the order of the rows: no kind hides the others
    counts = values.value_counts()
    entries = [(f"{kind} (n = {counts[kind]:,})", shade) for kind, shade in shades.items()]
    if missing.any():
        entries.append((f"no value (n = {missing.sum():,})", MISSING))
    spot = {"ls": "", "marker": "o", "ms": 6}
    handles = [Line2D([], [], color=shade, label=text, **spot) for text, shade in entries]
    place = {"loc": "upper left", "bbox_to_anchor": (1.01, 1), "borderaxespad": 0}
    ax.legend(handles=handles, title=label, frameon=False, fontsize=8, **place)


def _number_path(ax, path):
    edge = [effects.withStroke(linewidth=3, foreground="white")]
    style = {"color": PATH, "lw": 1.8, "zorder": 3, "path_effects": edge, "label": "path"}
    ax.plot(*path.T, marker="o", ms=4, **style)
    for number, place in enumerate(path, start=1):
        at = {"xytext": (4, 4), "textcoords": "offset points", "zorder": 4}
        ax.annotate(
            str(number), place, color=PATH, fontsize=9, weight="bold", path_effects=edge, **at
        )
