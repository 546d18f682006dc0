"""Paths through the latent space: where they run, what is decoded from them, and their scores."""

from collections.abc import Iterable, Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from aelatent._checks import check_each
from aelatent.latent.planes import Plane
from aelatent.plots.planes import (
    draw_cloud,
    draw_path,
    draw_spots,
    plane as draw_plane,
)
from aelatent.plots.scored import (
    FOOT,
    TITLE,
    check_scored,
    draw_scored,
    strip_height,
    write_key,
)
from aelatent.plots.strips import WIDTH
from aelatent.plots.style import drawn, legend_beside

SMALL = 0.8  # of the marks of a plane beside others, relative to one that fills a figure
HEIGHT, SIDE, LEGEND = 3.6, 0.65, 1.15  # inches: a plane's height, left and right of it
BETWEEN = 0.6  # inches between a plane and what is below
COLUMNS = 2  # planes in a row


@drawn
def plane_grid(
    z_points: np.ndarray,
    planes: Iterable[Plane],
    *,
    path: np.ndarray | None = None,
    center: np.ndarray | None = None,
) -> np.ndarray:
    """Draw z-points on many planes: points blue, origin yellow, center orange, a path red.

    Parameters
    ----------
    z_points, planes : float (n, d) and iterable of Plane
        What to project on which. All z-points are drawn: a few thousand show the cloud.
    path, center : float (m, d) and float (d,), optional
        Latent vectors: along a path, numbered where there is room; and for instance the mean.

    Returns
    -------
    array of matplotlib.axes.Axes (number of planes,)
        In the order of the planes, two in a row of a new figure, 7 inches wide.
    """
    planes = _check_planes(planes)
    views = [_project_all(plane, z_points, path, center) for plane in planes]
    columns = min(COLUMNS, len(planes))
    rows, side = -(-len(planes) // columns), WIDTH / COLUMNS
    figure, axes = plt.subplots(
        rows, columns, squeeze=False, layout="constrained",
        figsize=(columns * side, 0.6 + rows * 0.8 * side),
    )  # fmt: skip
    for ax in axes.flat[len(planes) :]:
        ax.set_axis_off()
    panels = axes.ravel()[: len(planes)]
    for ax, plane, view in zip(panels, planes, views, strict=True):
        draw_cloud(ax, view["points"], SMALL)
        draw_spots(ax, view["origin"], view["center"], SMALL)
        if path is not None:
            spots = [view["origin"]] if center is None else [view["origin"], view["center"]]
            draw_path(ax, view["path"], avoid=spots, size=SMALL)
        ax.set_xlabel(plane.labels[0], fontsize=9, labelpad=1)
        ax.set_ylabel(plane.labels[1], fontsize=9, labelpad=1)
        ax.tick_params(labelsize=8, length=2, pad=2)
    remark = f"n = {len(z_points):,}; units of z; each axis on its own scale"
    figure.suptitle(remark, x=0.01, ha="left", fontsize=10)
    handles, entries = panels[0].get_legend_handles_labels()
    figure.legend(
        handles, entries, loc="outside lower left", ncols=len(entries), frameon=False,
        fontsize=9, markerscale=1 / SMALL,
    )  # fmt: skip
    return panels


@drawn
def path_figure(
    z_points: np.ndarray,
    plane: Plane,
    path: np.ndarray,
    images: np.ndarray,
    scores: pd.DataFrame,
    *,
    center: np.ndarray | None = None,
    border: float | None = None,
    curves: Mapping[str, np.ndarray] | None = None,
) -> np.ndarray:
    """Draw a path in a plane of z-points, and below it what is decoded from its points.

    Parameters
    ----------
    z_points, plane, path : float (n, d), Plane and float (m, d)
        As in `plane_grid`.
    images, scores : uint8, or float in 0..1, (m, height, width, 3), and pandas.DataFrame, m rows
        Of the path, in the same order, as in `scored_strips`; numbered as in the plane.
    center : float (d,), optional
        A latent vector, for instance the mean z-point.
    border : optional
        As in `scored_strips`.
    curves : mapping of str to float (k, 2), optional
        Closed curves by name, in coordinates of the plane: for instance the section of the core.

    Returns
    -------
    array of matplotlib.axes.Axes (2,)
        The plane and the strip, in a new figure, 7 inches wide.
    """
    m = len(path)
    (plane,) = _check_planes([plane])
    view = _project_all(plane, z_points, path, center)
    images, scores = check_scored(images, scores)
    check_each("a picture", images, m, "points of the path", "Pass run.decode(path).")
    labels = [str(i + 1) for i in range(m)]
    below = FOOT + strip_height(images, labels)
    height = TITLE + HEIGHT + BETWEEN + below
    figure = plt.figure(figsize=(WIDTH, height))
    box = SIDE / WIDTH, (below + BETWEEN) / height, (WIDTH - SIDE - LEGEND) / WIDTH, HEIGHT / height
    ax = figure.add_axes(box)
    labels_of = tuple(f"{label} (units of z)" for label in plane.labels)
    draw_plane(labels=labels_of, curves=curves, ax=ax, **view)
    legend_beside(ax, fontsize=9, borderaxespad=0)
    strip = draw_scored(figure, below, images, scores, border, labels, None)
    write_key(figure, border)
    return np.array([ax, strip], dtype=object)


def _check_planes(planes: Iterable[Plane]) -> list[Plane]:
    planes = list(planes)
    for plane in planes:
        if not isinstance(plane, Plane):
            got = type(plane).__name__
            raise TypeError(f"planes must be Plane objects; got {got}. Of a mapping pass values().")
    if not planes:
        raise ValueError("expected planes to project on; got none.")
    return planes


def _project_all(plane, z_points, path, center) -> dict[str, np.ndarray | None]:
    """Return what lies in a plane, in its coordinates."""
    return {
        "points": plane.project(z_points),
        "path": None if path is None else plane.project(path),
        "center": None if center is None else plane.project(np.asarray(center)[None])[0],
        "origin": plane.project(np.zeros((1, len(plane.offset))))[0],
    }
