"""Paths through the latent space: where they run, what is decoded from them, and their scores."""

from collections.abc import Iterable, Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from aelatent._checks import check_each
from aelatent.latent.planes import Plane
from aelatent.plots.planes import (
    choose_numbered,
    draw_cloud,
    draw_path,
    draw_spots,
    plane as draw_plane,
)
from aelatent.plots.scored import LEFT, TOP, add_strip, check_scores
from aelatent.plots.strips import as_pixels
from aelatent.plots.style import WIDTH, legend_beside

SMALL = 0.72  # of the marks of a plane among many, relative to one that fills a figure
PLANE = 6.4, 4.4  # inches, of an enlarged plane
BETWEEN = 0.65  # inches between a plane and what is below
COLUMNS = 3  # planes in a row
CROWDED = 40  # frames; of more, not all have room for their numbers


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
        In the order of the planes, three in a row of a new figure.
    """
    planes = _check_planes(planes)
    views = [_project_all(plane, z_points, path, center) for plane in planes]
    columns = min(COLUMNS, len(planes))
    rows, side = -(-len(planes) // columns), WIDTH / max(columns, 2)
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
        ax.set_xlabel(plane.labels[0], fontsize=8, labelpad=1)
        ax.set_ylabel(plane.labels[1], fontsize=8, labelpad=1)
        ax.tick_params(labelsize=7, length=2, pad=2)
    remark = f"n = {len(z_points):,}; units of z; each axis on its own scale"
    figure.suptitle(remark, x=0.01, ha="left", fontsize=10)
    handles, entries = panels[0].get_legend_handles_labels()
    figure.legend(
        handles, entries, loc="outside lower left", ncols=len(entries), frameon=False,
        fontsize=9, markerscale=1 / SMALL,
    )  # fmt: skip
    return panels


def path_figure(
    z_points: np.ndarray,
    plane: Plane,
    path: np.ndarray,
    images: np.ndarray,
    *,
    center: np.ndarray | None = None,
    scores: pd.DataFrame | None = None,
    border: float | None = None,
    curves: Mapping[str, np.ndarray] | None = None,
) -> np.ndarray:
    """Draw a path in a plane of z-points, and below it what is decoded from its points.

    Parameters
    ----------
    z_points, plane, path : float (n, d), Plane and float (m, d)
        As in `plane_grid`.
    images : uint8, or float in 0..1, (m, height, width, 3)
        What is decoded from the path, in the same order; numbered as in the plane.
    center : float (d,), optional
        A latent vector, for instance the mean z-point.
    scores, border : optional
        As for `scored_strip`.
    curves : mapping of str to float (k, 2), optional
        Closed curves by name, in coordinates of the plane: for instance the section of the core.

    Returns
    -------
    array of matplotlib.axes.Axes (k,)
        The plane, the strip and then the panels of scores.
    """
    images, m = as_pixels(images), len(path)
    check_each("a picture", images, m, "points of the path", "Pass run.decode(path).")
    (plane,) = _check_planes([plane])
    view = _project_all(plane, z_points, path, center)
    scores = None if scores is None else check_scores(scores, m, border)
    numbered = range(m) if m <= CROWDED else choose_numbered(m)
    labels = [str(i + 1) if i in numbered else "" for i in range(m)]
    figure = plt.figure(figsize=(WIDTH, WIDTH))
    above = TOP + PLANE[1] + BETWEEN
    strip, below = add_strip(figure, images, scores, above, border, labels, title=None)
    height = figure.get_figheight()
    box = LEFT / WIDTH, (below + BETWEEN) / height, PLANE[0] / WIDTH, PLANE[1] / height
    ax = figure.add_axes(box)
    labels = tuple(f"{label} (units of z)" for label in plane.labels)
    draw_plane(labels=labels, curves=curves, ax=ax, **view)
    legend_beside(ax, fontsize=9, borderaxespad=0)
    return np.array([ax, *strip], dtype=object)


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
