"""z-points in a plane of two components or principal axes, in the colors of the seed."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from aelatent.plots.style import CENTER, ORIGIN, PATH, Z_POINTS, axes_or_new


def plane(
    points: np.ndarray,
    *,
    labels: tuple[str, str],
    center: Sequence[float] | None = None,
    origin: Sequence[float] | None = (0, 0),
    others: Mapping[str, np.ndarray] | None = None,
    curves: Mapping[str, np.ndarray] | None = None,
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
    others : mapping of str to float (m, 2), optional
        Further points with their names, drawn in red: for instance random vectors.
    curves : mapping of str to float (k, 2), optional
        Closed curves with their names: ellipses that hold stated shares.
    equal : bool
        Whether a unit is as long on both axes; otherwise each axis has its own scale, and a
        remark says so.
    title : str, optional
        Title above the plane; the default states n.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default: a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on.

    Raises
    ------
    ValueError
        If points are not pairs of finite numbers.
    """
    points = _pairs("points", points)
    ax = axes_or_new(ax, 5.0, width=5.6)
    size = float(np.clip(150 / np.sqrt(len(points)), 1.2, 6))
    cloud = {"ls": "", "marker": ".", "ms": size, "mew": 0, "rasterized": True}
    ax.plot(*points.T, color=Z_POINTS, alpha=0.5, zorder=1, **cloud)
    for name, other in (others or {}).items():
        other = _pairs(name, other)
        ax.plot(*other.T, color=PATH, alpha=0.7, zorder=2, label=name, **cloud | {"ms": 2.5})
    for k, (name, curve) in enumerate((curves or {}).items()):
        closed = np.vstack([_pairs(name, curve), curve[:1]])
        ax.plot(*closed.T, color="0.1", lw=1, ls=("-", "--", ":")[k % 3], zorder=3, label=name)
    spot = {"ls": "", "marker": "o", "ms": 8, "mec": "0.1", "mew": 0.8, "zorder": 4}
    for name, place, color in (("origin", origin, ORIGIN), ("center", center, CENTER)):
        if place is not None:
            ax.plot(*place, color=color, label=name, **spot)
    ax.set(xlabel=labels[0], ylabel=labels[1])
    if equal:
        ax.set_aspect("equal", adjustable="datalim")
    handles, names = ax.get_legend_handles_labels()
    if handles:
        ax.legend(handles, names, frameon=True, framealpha=0.8, fontsize=8, markerscale=1.0)
    scales = "equal scales" if equal else "each axis on its own scale"
    ax.set_title(title or f"n = {len(points):,}; {scales}", loc="left", fontsize=10)
    return ax


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
