"""z-points in a plane of two components or principal axes, in the colors of the posts."""

from collections.abc import Mapping, Sequence

import matplotlib.patheffects as effects
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from aelatent._checks import check_number, check_whole
from aelatent.latent.planes import inside, side_for_count
from aelatent.plots import style

PAGE = 7.0  # inches: the page's column
MANY = 12  # points of a path; of more, not all have a number


@style.drawn
def plane(
    points: np.ndarray,
    *,
    labels: tuple[str, str],
    center: Sequence[float] | None = None,
    origin: Sequence[float] | None = (0, 0),
    others: Mapping[str, np.ndarray] | None = None,
    curves: Mapping[str, np.ndarray] | None = None,
    path: np.ndarray | None = None,
    equal: bool = False,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw z-points as a cloud in a plane: points blue, origin yellow, center orange.

    Parameters
    ----------
    points : float (n, 2)
        The z-points' coordinates in the plane.
    labels : two strings
        What runs along the axes, with its unit.
    center, origin : two numbers, optional
        Where they are in the plane; None leaves them out.
    others, curves : mapping of str to float (m, 2), optional
        By name: further points, drawn in red, and closed curves, such as ellipses of stated shares.
    path : float (m, 2), optional
        Points along a path, red and numbered from 1. Numbers that would overlap are left out; of
        more than 12 points the first, the last and every k-th are numbered.
    equal : bool
        Whether a unit is as long on both axes.

    Returns
    -------
    matplotlib.axes.Axes
        Its title states n and the scales unless another one is given.
    """
    points = style.check_pairs("points", points)
    path = None if path is None else style.check_pairs("path", path)
    ax = style.axes_or_new(ax, 5.0, width=5.6)
    draw_cloud(ax, points)
    for name, other in (others or {}).items():
        ax.plot(
            *style.check_pairs(name, other).T, ls="", marker=".", ms=2.5, mew=0,
            color=style.seen(ax, style.PATH), alpha=0.7, zorder=2, rasterized=True, label=name,
        )  # fmt: skip
    for k, (name, curve) in enumerate((curves or {}).items()):
        closed = np.vstack([style.check_pairs(name, curve), curve[:1]])
        ax.plot(
            *closed.T, color=style.ink(ax), lw=1, ls=("-", "--", ":")[k % 3], zorder=3, label=name
        )
    draw_spots(ax, origin, center)
    ax.set(xlabel=labels[0], ylabel=labels[1])
    if equal:
        ax.set_aspect("equal", adjustable="datalim")
    if path is not None:
        draw_path(ax, path, avoid=[place for place in (origin, center) if place is not None])
    if ax.get_legend_handles_labels()[0]:
        legend = style.legend_within(ax, frameon=True, fontsize=8)
        for handle in legend.legend_handles:  # the dots of a cloud are too small to be seen
            handle.set_markersize(max(handle.get_markersize(), 5))
    scales = "equal scales" if equal else "each axis on its own scale"
    ax.set_title(title or f"n = {len(points):,}; {scales}", loc="left", fontsize=10)
    return ax


def draw_cloud(ax: Axes, points: np.ndarray, size: float = 1.0) -> None:
    """Draw z-points; `size` is that of all marks, relative to a plane that fills a figure."""
    ms = size * float(np.clip(150 / np.sqrt(len(points)), 1.2, 6))
    ax.plot(
        *points.T, ls="", marker=".", ms=ms, mew=0, alpha=0.5, zorder=1, rasterized=True,
        color=style.seen(ax, style.Z_POINTS),
    )  # fmt: skip


def draw_spots(ax, origin, center, size=1.0) -> None:
    """Draw origin and center, those that there are."""
    for name, place, color in (("origin", origin, style.ORIGIN), ("center", center, style.CENTER)):
        if place is not None:
            ax.plot(
                *place, ls="", marker="o", ms=8 * size, color=color, mew=0.8 * size,
                mec=style.ink(ax), zorder=4, label=name,
            )  # fmt: skip


def draw_path(ax: Axes, path: np.ndarray, avoid: Sequence, size: float = 1.0) -> None:
    """Draw a path on an Axes that holds all the rest of its plane, its numbers off some places."""
    ax.margins(0.08)  # room for a number beside the outermost point
    ax.plot(
        *path.T, color=style.seen(ax, style.PATH), lw=1.1 * size, marker="o", ms=3.6 * size,
        zorder=3.5, label="path",
    )  # fmt: skip
    halo = [effects.withStroke(linewidth=2.4, foreground=style.ground_of(ax))]
    beside = max(10.5 * size, 8.5)  # typographic points between a dot and its number
    at = _on_paper(ax, path)
    away = beside * _turn_outward(at)
    taken = list(_on_paper(ax, np.reshape(avoid, (-1, 2))))
    for i in choose_numbered(len(path)):
        at_end = i in (0, len(path) - 1)
        for offset in (away[i], -away[i]) if at_end else (away[i],):
            if all(np.hypot(*(at[i] + offset - other)) > 0.95 * beside for other in taken):
                taken.append(at[i] + offset)
                ax.annotate(
                    str(i + 1), path[i], xytext=offset, textcoords="offset points", ha="center",
                    va="center", color=style.seen(ax, style.PATH, style.TEXT), path_effects=halo,
                    fontsize=max(8.5 * size, 8), zorder=6,
                )  # fmt: skip
                break


def choose_numbered(m: int) -> list[int]:
    """Return which of m points of a path have a number, first and last in front."""
    step = -(-m // MANY)
    between = [i for i in range(step - 1, m, step) if min(i, m - 1 - i) > step / 2]
    return list(dict.fromkeys([0, m - 1, *(between if step > 1 else range(m))]))


def _on_paper(ax: Axes, path: np.ndarray) -> np.ndarray:
    """Return where points lie on the page, in typographic points, before the figure is laid out."""
    box = ax.get_window_extent()
    per_unit = np.array([box.width / np.diff(ax.get_xlim()), box.height / np.diff(ax.get_ylim())])
    if ax.get_aspect() != "auto":  # the scale that shows all holds on both axes
        per_unit[:] = per_unit.min()
    return path * per_unit.ravel() * 72 / ax.figure.dpi


def _turn_outward(path: np.ndarray) -> np.ndarray:
    """Return unit vectors at right angles to a path: outward where it bends, else upward."""
    if len(path) == 1:
        return np.array([[0.0, 1.0]])
    along = np.gradient(path, axis=0)
    length = np.linalg.norm(along, axis=1, keepdims=True)
    along = np.where(length > 1e-6, along / np.maximum(length, 1e-6), [1.0, 0.0])
    normal = np.column_stack([-along[:, 1], along[:, 0]])
    outward = np.sum(normal * (path - path.mean(axis=0)), axis=1)
    upward = np.where(np.abs(normal[:, 1]) > 0.1, normal[:, 1], normal[:, 0])
    turned = np.where(np.abs(outward) > 3, outward, upward) < 0
    return np.where(turned[:, None], -normal, normal)


@style.drawn
def square(
    points: np.ndarray,
    side: float,
    center: Sequence[float] = (0, 0),
    *,
    mark: float | None = None,
    labels: tuple[str, str] = ("", ""),
    color: str = style.Z_POINTS,
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
    side = check_number("side", side, above=0, hint="For instance 0.5.")
    shown = np.asarray(points)[inside(points, center, side)]
    ax = style.axes_or_new(ax, 4.0, width=4.0)
    title = title or f"side {side:.3g}, n = {len(shown):,}"
    _draw_panel(ax, shown, color, center, mark, labels, title)
    (x, y), half = center, side / 2
    ax.set(xlim=(x - half, x + half), ylim=(y - half, y + half), aspect="equal")
    return ax


@style.drawn
def zoom_sequence(
    points: np.ndarray,
    surrogate: np.ndarray,
    sides: Sequence[float],
    *,
    labels: tuple[str, str],
    center: Sequence[float] = (0, 0),
    name: str = "surrogate",
) -> np.ndarray:
    """Draw ever smaller squares of z-points (blue), and of a surrogate with equal counts (gray).

    The eye sees more structure in few points than in many: a surrogate's square has the side that
    holds as many as that of the z-points; sides that differ mean densities that differ. Red squares
    mark the next zoom.

    Parameters
    ----------
    points, surrogate : float (n, 2) and (m, 2)
        Coordinates in the plane; m at least the number of points in the largest square.
    sides : sequence of float
        Of the z-points' squares, descending, in units of the coordinates; see `side_for_count`.
    labels, center, name : two strings, two numbers, and str
        What runs along the axes, with its unit; center of all squares; the surrogate's name.

    Returns
    -------
    array of matplotlib.axes.Axes (2, len(sides))
        The z-points above, the surrogate below, in a new figure.
    """
    sides = [check_number("each of sides", side, above=0) for side in sides]
    if not sides or sides != sorted(set(sides), reverse=True):
        raise ValueError(f"sides must be one or more in descending order; got {sides}.")
    counts = [int(inside(points, center, side).sum()) for side in sides]
    hint = "As many lie in the largest square: draw more, or begin with a smaller side."
    check_whole("the number of the surrogate's points", len(surrogate), counts[0], hint=hint)
    # Where the z-points' square is empty there is no count to match.
    equal = [
        side_for_count(surrogate, count, center) if count else side
        for side, count in zip(sides, counts, strict=True)
    ]
    columns = len(sides)
    size = PAGE, 2 * PAGE / columns + 0.9
    axes = plt.subplots(2, columns, squeeze=False, figsize=size, layout="constrained")[1]
    rows = (points, sides, style.Z_POINTS, "z-points"), (surrogate, equal, style.SURROGATE, name)
    for k, (cloud, widths, color, words) in enumerate(rows):
        below = labels[0] if k == 1 else ""
        for ax, width, mark in zip(axes[k], widths, [*widths[1:], None], strict=True):
            told = below, labels[1] if ax is axes[k, 0] else ""
            square(cloud, width, center, mark=mark, labels=told, color=color, ax=ax)
            ax.set_title(f"{words}\n{ax.get_title(loc='left')}", loc="left", fontsize=9)
    return axes


def _draw_panel(ax, points, color, center, mark, labels, title):
    """Draw points, mark the next square, and label the Axes."""
    size = float(np.clip(60 / np.sqrt(max(len(points), 1)), 0.9, 3.2))
    alpha = 0.4 if len(points) > 5000 else 0.8
    dots = {"color": style.seen(ax, color), "alpha": alpha, "rasterized": True}
    ax.plot(*points.T, ls="", marker="o", ms=size, mew=0, **dots)
    if mark is not None:
        corner = np.asarray(center) - mark / 2
        red = style.seen(ax, style.PATH)
        ax.add_patch(Rectangle(corner, mark, mark, fill=False, ec=red, lw=1.4, zorder=3))
    ax.set(xlabel=labels[0], ylabel=labels[1])
    ax.set_title(title, loc="left", fontsize=9)
    ax.tick_params(labelsize=8)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
