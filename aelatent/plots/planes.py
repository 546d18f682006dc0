"""z-points in a plane of two components or principal axes, in the colors of the seed."""

from collections.abc import Mapping, Sequence

import matplotlib.patheffects as effects
import numpy as np
from matplotlib.axes import Axes

from aelatent.plots.style import CENTER, ORIGIN, PATH, Z_POINTS, axes_or_new

MANY = 12  # points of a path; of more, not all have a number


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
    points = _pairs("points", points)
    path = None if path is None else _pairs("path", path)
    ax = axes_or_new(ax, 5.0, width=5.6)
    _cloud(ax, points)
    for name, other in (others or {}).items():
        red = {"color": PATH, "alpha": 0.7, "zorder": 2, "label": name, "rasterized": True}
        ax.plot(*_pairs(name, other).T, ls="", marker=".", ms=2.5, mew=0, **red)
    for k, (name, curve) in enumerate((curves or {}).items()):
        closed = np.vstack([_pairs(name, curve), curve[:1]])
        ax.plot(*closed.T, color="0.1", lw=1, ls=("-", "--", ":")[k % 3], zorder=3, label=name)
    _spots(ax, origin, center)
    ax.set(xlabel=labels[0], ylabel=labels[1])
    if equal:
        ax.set_aspect("equal", adjustable="datalim")
    if path is not None:
        _path(ax, path, avoid=[place for place in (origin, center) if place is not None])
    handles, names = ax.get_legend_handles_labels()
    if handles:
        ax.legend(handles, names, frameon=True, framealpha=0.8, fontsize=8, markerscale=1.0)
    ax.set_title(title or f"n = {len(points):,}; {_scales(equal)}", loc="left", fontsize=10)
    return ax


def _scales(equal: bool) -> str:
    return "equal scales" if equal else "each axis on its own scale"


def _cloud(ax: Axes, points: np.ndarray, size: float = 1.0) -> None:
    """Draw z-points; `size` is that of all marks, relative to a plane that fills a figure."""
    width = size * float(np.clip(150 / np.sqrt(len(points)), 1.2, 6))
    style = {"color": Z_POINTS, "alpha": 0.5, "zorder": 1, "rasterized": True}
    ax.plot(*points.T, ls="", marker=".", ms=width, mew=0, **style)


def _spots(
    ax: Axes,
    origin: Sequence[float] | None,
    center: Sequence[float] | None,
    size: float = 1.0,
) -> None:
    style = {"ls": "", "marker": "o", "ms": 8 * size, "mec": "0.1", "mew": 0.8 * size, "zorder": 4}
    for name, place, color in (("origin", origin, ORIGIN), ("center", center, CENTER)):
        if place is not None:
            ax.plot(*place, color=color, label=name, **style)


def _path(
    ax: Axes, path: np.ndarray, *, avoid: Sequence[Sequence[float]], size: float = 1.0
) -> None:
    """Draw a path on an Axes that holds all the rest of its plane, its numbers off some places."""
    ax.margins(0.08)  # room for a number beside the outermost point
    ax.plot(*path.T, color=PATH, lw=1.1 * size, marker="o", ms=3.6 * size, zorder=3.5, label="path")
    halo = [effects.withStroke(linewidth=2.4, foreground="white")]
    style = {"color": PATH, "fontsize": max(8.5 * size, 7), "path_effects": halo, "zorder": 6}
    beside = max(10.5 * size, 8.5)  # typographic points between a dot and its number
    at, away = _on_paper(ax, path), beside * _sideways(_on_paper(ax, path))
    taken = list(_on_paper(ax, np.reshape(avoid, (-1, 2))))
    for i in _numbered(len(path)):
        ends = i in (0, len(path) - 1)
        for offset in (away[i], -away[i]) if ends else (away[i],):
            if all(np.hypot(*(at[i] + offset - other)) > 0.95 * beside for other in taken):
                taken.append(at[i] + offset)
                place = {"xytext": offset, "textcoords": "offset points"}
                ax.annotate(str(i + 1), path[i], ha="center", va="center", **place, **style)
                break


def _numbered(m: int) -> list[int]:
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


def _sideways(path: np.ndarray) -> np.ndarray:
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


def _pairs(name, points):
    points = np.asarray(points)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) == 0:
        raise ValueError(
            f"{name} must be an array (n, 2), one row per point; got shape {points.shape}. "
            "Take two columns, for instance z[:, [3, 7]]."
        )
    if points.dtype.kind not in "fiu" or not np.isfinite(points).all():
        raise ValueError(f"{name} must be finite numbers; got NaN, infinities or {points.dtype}.")
    return points
