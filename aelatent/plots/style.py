"""What all plots share: the color of each kind of point, the Axes to draw on, and legends."""

import functools
import re
from collections.abc import Callable, Sequence

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, to_rgb, to_rgba
from matplotlib.legend import Legend
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

# The user decides on ground, words, frame, grid and files; what a figure means is not his: while a
# plot is drawn all other settings are those that matplotlib comes with.
_OF_USER = re.compile(
    r"(animation|backend|docstring|font|grid|interactive|keymap|macosx|mathtext|pdf|pgf|ps|savefig"
    r"|svg|tk|toolbar|webagg)\b|figure\.(dpi|edgecolor|facecolor|hooks|max_open_warning|raise_win)"
    r"|axes\.(axisbelow|edgecolor|facecolor|grid$|labelcolor|linewidth|titlecolor)|text\.color"
    r"|[xy]tick\.(color|direction|labelcolor)|axes3d|backend_fallback"
)
_OURS = {name: mpl.rcParamsDefault[name] for name in mpl.rcParams if not _OF_USER.match(name)}
_WORDS = ("text.color", "axes.labelcolor", "xtick.color", "ytick.color")


def drawn(draw: Callable) -> Callable:
    """Let a function draw the same whatever the user has set, legibly on the user's ground."""

    @functools.wraps(draw)
    def with_settings(*arguments, **options):
        figure = getattr(options.get("ax"), "figure", None)
        ground = figure.get_facecolor() if figure else mpl.rcParams["figure.facecolor"]
        face = _over(ground)
        words = {name: _shifted(face, mpl.rcParams[name], TEXT) for name in _WORDS}
        ours = {name: usual for name, usual in _OURS.items() if mpl.rcParams[name] != usual}
        # No rc_context, which puts all settings back: a first figure makes notebooks interactive.
        before = {name: mpl.rcParams[name] for name in ours | words}
        mpl.rcParams.update(ours | words)
        try:
            axes = draw(*arguments, **options)
            for ax in np.ravel(axes):
                ax.viewLim  # noqa: B018 - settles its limits while the settings hold
        finally:
            mpl.rcParams.update(before)
        return axes

    return with_settings


GRAPHICS, TEXT = 3.0, 4.5  # least contrast that WCAG 2.2 asks for


def seen(ax: Axes, color, ratio: float = GRAPHICS):
    """Return a color as it stands out on the Axes; a gray is as far from a dark ground as white."""
    face, rgb = ground_of(ax), to_rgb(color)
    if is_dark(face) and len(set(rgb)) == 1:
        color = f"{1 - rgb[0]:.2f}"
    return _shifted(face, color, ratio)


def _shifted(face, color, ratio):
    """Return a color mixed with black or white as far as its contrast to `face` demands."""
    rgb, pole = np.array(to_rgb(color)), float(is_dark(face))
    steps = (rgb + share * (pole - rgb) for share in np.linspace(0, 1, 51))
    found = next(mixed for mixed in steps if contrast(mixed, face) >= ratio)
    return color if (found == rgb).all() else tuple(found)


def is_dark(face) -> bool:
    """Tell whether white stands out from a color more than black does."""
    return contrast(face, "white") > contrast(face, "black")


def ramp(ax: Axes) -> ListedColormap:
    """Return viridis; on a dark ground without its dark end, which would not be seen there."""
    colors, face = mpl.colormaps["viridis"].colors, ground_of(ax)
    if is_dark(face):
        colors = [color for color in colors if contrast(color, face) >= GRAPHICS]
    return ListedColormap(colors, "viridis")


def ink(ax: Axes):
    """Return the color of lines and words on the Axes, nearly black or white."""
    return seen(ax, "0.1", TEXT)


def ground_of(ax: Axes) -> tuple:
    """Return the color behind what is drawn on the Axes."""
    return _over(
        ax.get_facecolor() if ax.axison else "none", _over(ax.figure.figure.get_facecolor())
    )


def _over(color, below=(1.0, 1.0, 1.0)) -> tuple:
    """Return what a color that may let light through looks like: on paper, or on another one."""
    *rgb, alpha = to_rgba(color)
    return tuple(alpha * np.array(rgb) + (1 - alpha) * np.array(below))


def contrast(one, other) -> float:
    """Return the contrast of two colors, 1 to 21 (WCAG 2.2)."""
    colors = np.array([to_rgb(one), to_rgb(other)])
    linear = np.where(colors <= 0.04045, colors / 12.92, ((colors + 0.055) / 1.055) ** 2.4)
    low, high = np.sort(linear @ [0.2126, 0.7152, 0.0722])
    return (high + 0.05) / (low + 0.05)


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


def legend_within(ax: Axes, **options) -> Legend:
    """Draw the legend on the Axes."""
    look = {"frameon": False, "framealpha": 0.8, "facecolor": ground_of(ax), "labelcolor": ink(ax)}
    return ax.legend(**look | options)


def band(ax: Axes) -> dict:
    """Return the look of an envelope: pale, within a line that is seen."""
    return {"fc": seen(ax, "0.85", 1), "ec": seen(ax, "0.55"), "lw": 0.5}


def set_log_ticks(ax: Axes, ticks: Sequence[float]) -> None:
    """Make x logarithmic, with these ticks and no others."""
    ax.set_xscale("log")
    ax.set_xticks(ticks, [f"{tick:.3g}" for tick in ticks])
    ax.xaxis.set_minor_formatter(NullFormatter())
