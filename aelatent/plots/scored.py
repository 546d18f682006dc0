"""Strips of pictures along a path with thin panels of scores below, frame by frame."""

from collections.abc import Sequence
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator
from mpl_toolkits.axes_grid1 import make_axes_locatable

from aelatent._checks import check_each, check_number
from aelatent.plots.strips import FEW, GAP, as_pixels, film_strip
from aelatent.plots.style import PATH, WIDTH

# Inches: left of a strip (names of scores), right of it (their ticks), above it (a title) and below
# its panels (what marks and dashes mean).
LEFT, RIGHT, TOP, FOOT = 0.8, 0.5, 0.3, 0.18
# Column -> what is written beside its panel, and the panel's height in inches.
LINES = {
    "d2": ("D²", 0.4),
    "cycle_error": ("cycle error\n(spreads)", 0.25),
    "step": ("change", 0.25),
}
MARKS = {"in_core": "in core", "face": "face"}  # rows of marks, all in one panel
ROW = 0.13  # inches, of a row of marks
PAD = 0.05  # inches between panels
FAR = 3  # times the border: D² beyond is on a logarithmic scale, or nobody would see the border


def scored_strip(
    images: np.ndarray,
    scores: pd.DataFrame,
    *,
    border: float | None = None,
    labels: Sequence[str] | None = None,
    title: str | None = None,
) -> np.ndarray:
    """Draw pictures along a path in one row, and thin panels of their scores right below.

    What is said of picture i stands below its middle. Numbers are drawn as lines, with gaps where
    they are not finite; truth values as marks, filled where true.

    Parameters
    ----------
    images : uint8, or float in 0..1, (n, height, width, 3)
        Pictures, left to right.
    scores : pandas.DataFrame, n rows
        Any of the columns d2 (squared Mahalanobis distance D², no unit), in_core (truth value),
        cycle_error (in spreads of the cloud), face (truth value: a detector finds one) and
        step (root mean square change from the picture before, pixels in 0..1); others are left out.
    border : float, optional
        D² at the core's border: a dashed line in the panel of d2.
    labels : n strings, optional
        A line of text under each picture.

    Returns
    -------
    array of matplotlib.axes.Axes (k,)
        The strip, then the panels of scores.
    """
    images = as_pixels(images)
    scores = check_scores(scores, len(images), border)
    if labels is not None:
        check_each("a label", labels, len(images), "pictures")
    width = max(LEFT + _strip_width(len(images)) + RIGHT, 6.0 if title else 4.5)  # for words
    figure = plt.figure(figsize=(width, width))
    above = TOP if title else PAD
    return add_strip(figure, images, scores, above, border, labels, title)[0]


def check_scores(scores: pd.DataFrame, n: int, border: float | None = None) -> pd.DataFrame:
    """Return the columns that are drawn, refused unless they are n rows of numbers and truths."""
    columns = [name for name in (*LINES, *MARKS) if name in scores.columns]
    if not columns:
        known, got = ", ".join([*LINES, *MARKS]), ", ".join(map(str, scores.columns)) or "none"
        raise ValueError(f"scores must have a column of {known}; got {got}.")
    check_each("a row of scores", scores, n, "pictures")
    if border is not None:
        check_number("border", border, above=0, hint="It is a D², for instance core.border.")
    return pd.DataFrame({name: _convert(scores[name], truth=name in MARKS) for name in columns})


def _convert(column: pd.Series, truth: bool) -> np.ndarray:
    """Return a column as float64 with NaN for what is missing, or as bool."""
    is_truth = pd.api.types.is_bool_dtype(column)
    numeric = pd.api.types.is_numeric_dtype(column)
    if is_truth != truth or not numeric or (truth and column.isna().any()):
        wanted = "True or False in all rows" if truth else "numbers"
        raise ValueError(f"scores['{column.name}'] must be {wanted}; got {column.dtype}.")
    return column.to_numpy(bool) if truth else column.to_numpy(float, na_value=np.nan)


def add_strip(figure, images, scores, above, border, labels, title) -> tuple[np.ndarray, float]:
    """Add a strip and panels of `check_scores` to a figure; return Axes and height in inches."""
    width, page = _strip_width(len(images)), figure.get_figwidth()
    strip = figure.add_axes((0, 0, width / page, 1))
    film_strip(images, labels=labels, title=title, ax=strip)
    strip.set_anchor("NW")
    scores = pd.DataFrame() if scores is None else scores
    lines = [name for name in LINES if name in scores]
    marks = [name for name in MARKS if name in scores]
    sizes = [LINES[name][1] for name in lines] + ([ROW * len(marks)] if marks else [])
    told = _tell_marks(scores, border)
    foot = FOOT if told else PAD
    # One unit of a strip's axes is as long on both.
    tall = width * abs(np.diff(strip.get_ylim()).item() / np.diff(strip.get_xlim()).item())
    tall += sum(size + PAD for size in sizes)
    height = tall + foot + above
    figure.set_size_inches(page, height)
    strip.set_position((LEFT / page, foot / height, width / page, tall / height))
    # An appended panel has the strip's place and width whenever it is drawn: both stay aligned.
    divider = make_axes_locatable(strip)
    panels = [divider.append_axes("bottom", size, pad=PAD, sharex=strip) for size in sizes]
    middles = np.arange(len(images)) * (1 + GAP) + 0.5
    for ax, name in zip(panels, lines, strict=False):
        values, its_border = scores[name].to_numpy(), border if name == "d2" else None
        _draw_line(ax, middles, values, LINES[name][0], its_border)
    if marks:
        _draw_marks(panels[-1], middles, scores[marks])
    for ax in panels:
        _set_frame(ax, middles)
    if told:
        panels[-1].annotate(
            told, (0, 0), xycoords="axes fraction", xytext=(0, -3), textcoords="offset points",
            fontsize=7, va="top",
        )  # fmt: skip
    return np.array([strip, *panels], dtype=object), tall + foot


def _strip_width(n: int) -> float:
    """Return the width in inches of a strip of n pictures: fewer than 8 are not stretched."""
    unit = (WIDTH - LEFT - RIGHT) / (max(n, FEW) * (1 + GAP) + GAP)
    return unit * (n * (1 + GAP) + GAP)


def _tell_marks(scores: pd.DataFrame, border: float | None) -> str:
    """Return the remark that says what dashes and marks mean."""
    told = []
    if border is not None and "d2" in scores:
        far = _largest(scores["d2"].to_numpy()) > FAR * border
        told.append("dashed: border of the core" + (", log scale beyond" if far else ""))
    if any(name in scores for name in MARKS):
        told.append("filled: yes, open: no")
    return "; ".join(told)


def _largest(values: np.ndarray) -> float:
    return np.max(values, initial=0.0, where=np.isfinite(values))


def _draw_line(ax, middles, values, label, border):
    ax.plot(middles, values, color=PATH, lw=1, marker="o", ms=3, clip_on=False)
    ax.set_ylabel(label, rotation=0, ha="right", va="center", fontsize=8)
    largest = _largest(values)
    if border is None:
        ax.set_ylim(0, 1.2 * largest or 1)
        ax.yaxis.set_major_locator(MaxNLocator(2, steps=[1, 2, 5, 10]))
        return
    ax.axhline(border, color="0.1", lw=0.8, ls="--")
    ticks = [0, border]
    ax.set_ylim(0, 1.2 * max(largest, border))
    if largest > FAR * border:
        ax.set_yscale("symlog", linthresh=border)
        decade = 10.0 ** np.floor(np.log10(largest))
        ticks += [decade] if decade > FAR * border else []
    ax.set_yticks(ticks, [f"{tick:,.0f}" for tick in ticks])
    ax.minorticks_off()


def _draw_marks(ax, middles, truths):
    mark = partial(ax.plot, color=PATH, ls="", marker="o", ms=4.5, mew=0.9)
    for row, name in enumerate(truths):
        true = truths[name].to_numpy()
        mark(middles[true], np.full(true.sum(), row))
        mark(middles[~true], np.full((~true).sum(), row), mfc="white")
        ax.annotate(
            MARKS[name], (0, row), xycoords=ax.get_yaxis_transform(), xytext=(-4, 0),
            textcoords="offset points", ha="right", va="center", fontsize=8,
        )  # fmt: skip
    ax.set(ylim=(truths.shape[1] - 0.5, -0.5))
    ax.set_yticks([])


def _set_frame(ax, middles):
    """Draw a faint line below the middle of each picture, and ticks on the right."""
    ax.set_xticks(middles, [""] * len(middles))
    ax.grid(axis="x", color="0.9", lw=0.7)
    ax.set_axisbelow(True)
    ax.tick_params(axis="x", length=0)
    ax.tick_params(axis="y", labelsize=7, length=2, pad=2, left=False, right=True)
    ax.tick_params(axis="y", labelleft=False, labelright=True)
    ax.spines[["top", "bottom", "left", "right"]].set(color="0.75", linewidth=0.6)
