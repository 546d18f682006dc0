"""Rows and grids of pictures."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Patch

from aelatent._checks import check_each, check_pictures, check_whole, check_within
from aelatent.plots.style import OKABE_ITO, axes_or_new, drawn, ink

WIDTH = 7.0  # inches of a row: the page's column
GAP = 0.06  # between pictures, in units of a picture's width
LINE = 0.2  # inches of height that a line of text takes
FEW = 8  # a row of fewer pictures is not stretched to the page: they keep the size they have here


@drawn
def film_strip(
    images: np.ndarray,
    *,
    labels: Sequence[str] | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw pictures side by side in one row, for instance decoded points of a path.

    Parameters
    ----------
    images : uint8, or float in 0..1, (n, height, width, 3)
        Pictures, left to right.
    labels : n strings, optional
        A line of text under each picture.

    Returns
    -------
    matplotlib.axes.Axes
        One unit of its axes is the width of a picture.
    """
    images = as_pixels(images)
    return image_grid(images, columns=len(images), labels=labels, title=title, ax=ax)


@drawn
def image_grid(
    images: np.ndarray,
    *,
    columns: int = 8,
    labels: Sequence[str] | None = None,
    heads: Sequence[str] | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw pictures in rows, row by row.

    Parameters
    ----------
    images : uint8, or float in 0..1, (n, height, width, 3)
        Pictures.
    columns : int
        Pictures in a row, at least 1.
    labels, heads : n strings, and as many strings as rows, optional
        A line of text under each picture, and one above each row.

    Returns
    -------
    matplotlib.axes.Axes
        One unit of its axes is the width of a picture.
    """
    images = as_pixels(images)
    check_whole("columns", columns, 1, hint="For instance columns=8.")
    if labels is not None:
        check_each("a label", labels, len(images), "pictures")
    rows = [slice(start, start + columns) for start in range(0, len(images), columns)]
    if heads is not None:
        check_each("a head", heads, len(rows), "rows")
    texts = [None if labels is None else labels[row] for row in rows]
    columns = min(columns, len(images))
    return _draw([images[row] for row in rows], texts, columns, title, ax, heads)


@drawn
def before_after(
    originals: np.ndarray,
    reconstructions: np.ndarray,
    *,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw originals above their reconstructions, with the error of each pair under it.

    Parameters
    ----------
    originals, reconstructions : uint8, or float in 0..1, (n, height, width, 3)
        Pictures; pair i is ``originals[i]`` and ``reconstructions[i]``.
    title : str, optional
        Stands before "n pairs, mean squared error ...".

    Returns
    -------
    matplotlib.axes.Axes
        Errors are mean squared differences with pixels in 0..1, whatever the two dtypes.
    """
    originals, reconstructions = as_pixels(originals), as_pixels(reconstructions)
    if originals.shape != reconstructions.shape:
        raise ValueError(
            "expected one reconstruction of the same size for each original; got shapes "
            f"{reconstructions.shape} and {originals.shape}. See run.decode(run.encode(originals))."
        )
    errors = np.mean((originals - reconstructions) ** 2, axis=(1, 2, 3))
    pairs = "1 pair" if len(errors) == 1 else f"{len(errors)} pairs"
    stated = f"{pairs}, mean squared error {errors.mean():.4f} (pixels in 0..1)"
    title = f"{title}: {stated}" if title else stated
    texts = [None, [f"{error:.4f}" for error in errors]]
    ax = _draw([originals, reconstructions], texts, len(originals), title, ax)
    middle = originals.shape[1] / originals.shape[2] / 2
    for row, word in enumerate(("original", "decoded")):
        y = row * (2 * middle + GAP) + middle
        ax.text(-GAP, y, word, rotation=90, ha="right", va="center", fontsize=9)
    return ax


@drawn
def parts_strip(
    masks: np.ndarray, names: Sequence[str], *, title: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw which part each pixel belongs to: masks (n, h, w, k) by color; what is none is white."""
    colors = np.array([to_rgb(color) for color in OKABE_ITO[: len(names)]])
    none = 1 - masks.sum(axis=3, keepdims=True)
    ax = axes_or_new(ax, 1.6, width=WIDTH)
    film_strip((masks @ colors + none).clip(0, 1), title=title, ax=ax)
    parts = [
        Patch(fc=color, ec=ink(ax), label=name) for color, name in zip(colors, names, strict=True)
    ]
    ax.legend(
        handles=parts, ncols=len(parts), frameon=False, fontsize=9,
        loc="upper left", bbox_to_anchor=(0, 0), handlelength=1,
    )  # fmt: skip
    return ax


def _draw(rows, labels, columns, title, ax, heads=None) -> Axes:
    """Draw rows of pictures, with or without a line of labels under each, and one above it."""
    tall = rows[0].shape[1] / rows[0].shape[2]  # height of a picture in units of its width
    if ax is None:
        inches = WIDTH / max(columns, FEW)
    else:
        axes_or_new(ax, 0)
        inches = ax.get_window_extent().width / ax.figure.dpi / columns
    feet = [GAP if texts is None else GAP + LINE / inches for texts in labels]
    head = 0 if heads is None else LINE / inches
    total = len(rows) * (head + tall) + sum(feet)
    if ax is None:
        width = max(columns * (1 + GAP) * inches, 6.0 if title else 0.0)  # a title needs room
        ax = axes_or_new(None, total * inches + (1.5 * LINE if title else 0), width=width)
    top = 0.0
    for k, (images, texts, foot) in enumerate(zip(rows, labels, feet, strict=True)):
        if heads is not None:
            ax.text(0, top + 0.7 * head, heads[k], fontsize=9)
            top += head
        for i, image in enumerate(images):
            left = i * (1 + GAP)
            ax.imshow(image, extent=(left, left + 1, top + tall, top), origin="upper")
            if texts is not None:
                ax.text(left + 0.5, top + tall + 0.8 * foot, texts[i], ha="center", fontsize=9)
        top += tall + foot
    ax.set(xlim=(-GAP, columns * (1 + GAP)), ylim=(total, -GAP), aspect="equal")
    ax.set_anchor("W")
    ax.set_axis_off()
    ax.set_title(title or "", loc="left", fontsize=10)
    return ax


def as_pixels(images: np.ndarray) -> np.ndarray:
    """Return pictures as float32 in 0..1, or refuse them."""
    images = check_pictures("images", np.asarray(images))
    if images.dtype == np.uint8:
        return images.astype(np.float32) / 255
    return check_within("images", images).astype(np.float32)
