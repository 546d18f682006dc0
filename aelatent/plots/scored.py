"""Strips of pictures along a path; below each picture whether it shows a face, and its D²."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from aelatent._checks import check_each, check_number
from aelatent.plots.planes import choose_numbered
from aelatent.plots.strips import FEW, GAP, WIDTH, as_pixels, film_strip
from aelatent.plots.style import PATH, TEXT, check_columns, drawn, ink, seen

LEFT, RIGHT, TITLE, FOOT = 0.55, 0.05, 0.24, 0.26  # inches around the pictures
LINE = 0.17  # inches, of a line of text or marks below a picture
SIZE = 8  # points, of numbers


@drawn
def scored_strips(
    strips: Mapping[str, tuple[np.ndarray, pd.DataFrame]],
    *,
    border: float | None = None,
    labels: Sequence[str] | None = None,
) -> np.ndarray:
    """Draw pictures along paths, a row each; below each picture a mark for a face, and its D².

    Parameters
    ----------
    strips : mapping of str to pictures and scores
        By the title of the row, what `aelatent.path_scores` gives: pictures, uint8 or float in
        0..1, (n, height, width, 3), the same number in all rows; and n rows with the columns face
        (bool: a detector finds one) and d2 (squared Mahalanobis distance D², NaN where unknown).
    border : float, optional
        D² at the core's border: numbers beyond are red.
    labels : n strings, optional
        A line of text under each picture, for instance how far along the path it is.

    Returns
    -------
    array of matplotlib.axes.Axes (k,)
        A row each, in a new figure, 7 inches wide.
    """
    rows = {name: check_scored(images, scores) for name, (images, scores) in strips.items()}
    if not rows:
        raise ValueError("expected strips to draw; got none.")
    if border is not None:
        check_number("border", border, above=0, hint="It is a D², for instance core.border.")
    first = next(iter(rows.values()))[0]
    for images, _ in rows.values():
        check_each("a picture", images, len(first), "pictures of the first strip")
    if labels is not None:
        check_each("a label", labels, len(first), "pictures")
    tall = TITLE + strip_height(first, labels)
    height = len(rows) * tall + FOOT
    figure = plt.figure(figsize=(WIDTH, height))
    axes = [
        draw_scored(figure, height - k * tall - TITLE, *row, border, labels, title)
        for k, (title, row) in enumerate(rows.items())
    ]
    write_key(figure, border)
    return np.array(axes, dtype=object)


def check_scored(images: np.ndarray, scores: pd.DataFrame) -> tuple[np.ndarray, pd.DataFrame]:
    """Return pictures in 0..1 and the two columns that are drawn, or refuse them."""
    images = as_pixels(images)
    check_columns(scores, "face", "d2", hint="See aelatent.path_scores.")
    check_each("a row of scores", scores, len(images), "pictures")
    if not pd.api.types.is_bool_dtype(scores["face"]):
        got = scores["face"].dtype
        raise ValueError(f"scores['face'] must be True or False in all rows; got {got}.")
    return images, pd.DataFrame(
        {"face": scores["face"].to_numpy(bool), "d2": scores["d2"].to_numpy(float)}
    )


def strip_height(images: np.ndarray, labels: Sequence[str] | None) -> float:
    """Return the height in inches of a strip with its lines of text, without title."""
    return _side(len(images)) * images.shape[1] / images.shape[2] + LINE * (2.3 + bool(labels))


def draw_scored(figure, top, images, scores, border, labels, title) -> Axes:
    """Draw a strip and its scores on a figure, the pictures from `top` inches downward."""
    n, side = len(images), _side(len(images))
    width, height = side * (n * (1 + GAP) + GAP), side * images.shape[1] / images.shape[2]
    page, full = figure.get_size_inches()
    ax = figure.add_axes((LEFT / page, (top - height) / full, width / page, height / full))
    film_strip(images, ax=ax)
    ax.set(ylim=(images.shape[1] / images.shape[2], 0), aspect="auto")
    ax.set_title(title or "", loc="left", fontsize=9.5, pad=3)

    def write(x, line, words, **looks):
        offset = 0, -72 * LINE * (line + 0.6)
        ax.annotate(
            words, (x, 0), xycoords=ax.get_xaxis_transform(), xytext=offset, fontsize=SIZE,
            textcoords="offset points", va="center", annotation_clip=False, **looks,
        )  # fmt: skip

    below = 1 if labels else 0
    beside = -0.22 / side  # left of a number that is wider than its picture
    write(beside, below, "face", ha="right")
    write(beside, below + 1, "D²", ha="right")
    red, word = seen(ax, PATH), seen(ax, PATH, TEXT)
    numbered = choose_numbered(n)  # of many, not all have room for words
    for i, (found, d2) in enumerate(scores.itertuples(index=False)):
        middle = i * (1 + GAP) + 0.5
        size = {"markersize": 5.5, "clip_on": False, "mec": red, "mfc": red if found else "none"}
        low = -LINE * (below + 0.6) / height  # of the Axes' height
        ax.plot(middle, low, "o", transform=ax.get_xaxis_transform(), **size)
        if i in numbered:
            if labels:
                write(middle, 0, labels[i], ha="center")
            beyond = border is not None and d2 > border * (1 + 1e-6)  # ends lie at the border
            write(middle, below + 1, _short(d2), ha="center", color=word if beyond else ink(ax))
    return ax


def write_key(figure, border: float | None) -> None:
    """Say at the foot of a figure what marks and colors mean."""
    told = "dot filled: a face is found, open: none"
    if border is not None:
        told += f"; D² in red: outside the core, which ends at {border:,.0f}"
    figure.text(LEFT / WIDTH, 0.07 / figure.get_figheight(), told, fontsize=SIZE, va="bottom")


def _side(n: int) -> float:
    """Return the width in inches of a picture among n: fewer than 8 are not stretched."""
    return (WIDTH - LEFT - RIGHT) / (max(n, FEW) * (1 + GAP) + GAP)


def _short(d2: float) -> str:
    """Write a D² in five digits at most."""
    if np.isnan(d2):
        return "-"
    return f"{d2:,.0f}" if d2 < 99_999.5 else f"{d2:.0e}".replace("e+0", "e").replace("e+", "e")
