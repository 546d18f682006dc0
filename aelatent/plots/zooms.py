"""Zooms into a plane of z-points, beside zooms into a surrogate that hold as many points."""

from collections.abc import Sequence
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from aelatent.latent.zooms import inside, side_for_count
from aelatent.plots.style import PATH, SURROGATE, WIDTH, Z_POINTS, axes_or_new


def square(
    points: np.ndarray,
    side: float,
    center: Sequence[float] = (0, 0),
    *,
    mark: float | None = None,
    labels: tuple[str, str] = ("", ""),
    color: str = Z_POINTS,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the points within a square of a plane, a unit as long on both axes.

    Parameters
    ----------
    points : float (n, 2)
        Coordinates in the plane, also those outside the square.
    side, center, mark : float, two numbers, and float, optional
        Side of the square, its center, and side of a smaller square outlined in red, the next zoom
        (default: none); in units of the coordinates, sides above 0.
    labels, color : two strings and str
        What runs along the axes, with its unit; color of the points.

    Returns
    -------
    matplotlib.axes.Axes
        Its title states the side and the number of points inside unless another one is given.
    """
    if not 0 < side < np.inf:  # also false for NaN
        raise ValueError(f"side must be a finite number above 0; got {side!r}. For instance 0.5.")
    shown = np.asarray(points)[inside(points, center, side)]
    ax = axes_or_new(ax, 4.0, width=4.0)
    _scatter(ax, shown, color)
    (x, y), half = center, side / 2
    ax.set(xlim=(x - half, x + half), ylim=(y - half, y + half), aspect="equal")
    _finish(ax, center, mark, labels, title or f"side {side:.3g}, n = {len(shown):,}")
    return ax


def zoom_sequence(
    points: np.ndarray,
    surrogate: np.ndarray,
    sides: Sequence[float],
    *,
    labels: tuple[str, str],
    center: Sequence[float] = (0, 0),
    name: str = "surrogate",
    axes: np.ndarray | None = None,
) -> np.ndarray:
    """Draw ever smaller squares of z-points (blue), and of a surrogate with equal counts (gray).

    The eye sees more structure in few points than in many: a surrogate's square has the side that
    holds as many as that of the z-points; sides that differ mean densities that differ. Red squares
    mark the next zoom. The first column shows all points, each axis on its own scale.

    Parameters
    ----------
    points, surrogate : float (n, 2) and (m, 2)
        Coordinates in the plane; m at least the number of points in the largest square.
    sides : sequence of float
        Of the z-points' squares, descending, in units of the coordinates; see `side_for_count`.
    labels, center, name : two strings, two numbers, and str
        What runs along the axes, with its unit; center of all squares; the surrogate's name.
    axes : array of matplotlib.axes.Axes (2, len(sides) + 1), optional
        Where to draw; default: a new figure.

    Returns
    -------
    array of matplotlib.axes.Axes (2, len(sides) + 1)
        The z-points above, the surrogate below.
    """
    sides = _descending(sides)
    counts = [int(inside(points, center, side).sum()) for side in sides]
    if (most := counts[0]) > len(surrogate):
        raise ValueError(
            f"surrogate must have as many points as the largest square of the z-points, {most}; "
            f"got {len(surrogate)}. Draw more, or begin with a smaller side."
        )
    # Where the z-points' square is empty there is no count to match.
    equal = [
        side_for_count(surrogate, count, center) if count else side
        for side, count in zip(sides, counts, strict=True)
    ]
    axes = _grid(axes, len(sides) + 1)
    box = _box(points, surrogate)
    rows = (points, sides, Z_POINTS, "z-points"), (surrogate, equal, SURROGATE, name)
    for k, (cloud, widths, color, words) in enumerate(rows):
        cloud, x_label = np.asarray(cloud), labels[0] if k == 1 else ""
        overview, *zooms = axes[k]
        _scatter(overview, cloud, color)
        overview.set(xlim=box[:, 0], ylim=box[:, 1], box_aspect=1)
        title = f"{words}, n = {len(cloud):,}\neach axis on its own scale"
        _finish(overview, center, widths[0], (x_label, labels[1]), title)
        for ax, width, mark in zip(zooms, widths, [*widths[1:], None], strict=True):
            square(cloud, width, center, mark=mark, labels=(x_label, ""), color=color, ax=ax)
    return axes


def _scatter(ax: Axes, points: np.ndarray, color: str) -> None:
    size = float(np.clip(60 / np.sqrt(max(len(points), 1)), 0.9, 3.2))
    alpha = 0.4 if len(points) > 5000 else 0.8
    style = {"ls": "", "marker": "o", "mew": 0, "rasterized": True}
    ax.plot(*points.T, color=color, ms=size, alpha=alpha, **style)


def _finish(
    ax: Axes,
    center: Sequence[float],
    mark: float | None,
    labels: tuple[str, str],
    title: str,
) -> None:
    """Mark the next square, and label the Axes."""
    if mark is not None:
        corner = np.asarray(center) - mark / 2
        ax.add_patch(Rectangle(corner, mark, mark, fill=False, ec=PATH, lw=1.4, zorder=3))
    ax.set(xlabel=labels[0], ylabel=labels[1])
    ax.set_title(title, loc="left", fontsize=9)
    ax.tick_params(labelsize=8)
    ax.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))


def _box(*clouds: np.ndarray) -> np.ndarray:
    """Return the corners, (2, 2), of a rectangle with room for all points of the clouds."""
    low = np.min([np.min(cloud, axis=0) for cloud in clouds], axis=0)
    high = np.max([np.max(cloud, axis=0) for cloud in clouds], axis=0)
    margin = 0.03 * np.where(high > low, high - low, 1)
    return np.array([low - margin, high + margin])


def _descending(sides: Sequence[float]) -> list[float]:
    sides = [float(side) for side in sides]
    falling = all(a > b for a, b in pairwise([*sides, 0]))  # NaN does not fall
    if not sides or not falling or sides[0] == np.inf:
        raise ValueError(
            f"sides must be finite numbers above 0 in descending order, at least one; got {sides}. "
            "For instance (5, 2, 0.5)."
        )
    return sides


def _grid(axes: np.ndarray | None, columns: int) -> np.ndarray:
    if axes is None:
        size = WIDTH, 2 * WIDTH / columns + 0.6
        figure, axes = plt.subplots(2, columns, figsize=size, layout="constrained", squeeze=False)
        figure.get_layout_engine().set(h_pad=0.1)  # room for titles of two lines
        return axes
    axes = np.asarray(axes)
    if axes.shape != (2, columns):
        raise ValueError(
            f"axes must be 2 rows of {columns}, an overview and one per side; got shape "
            f"{axes.shape}. Take them from plt.subplots(2, {columns})."
        )
    return axes
