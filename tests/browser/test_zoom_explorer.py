"""The zoom explorer in a real JupyterLab: zoomed with the wheel, lassoed, another cloud shown."""

import numpy as np
import pytest

from .driven import opened, take_small_world, write_notebook

pytestmark = pytest.mark.browser

CELL = """\
from aelatent import Run
from aelatent.latent.planes import Plane
from aelatent.latent.samplers import column_shuffle
from aelatent.widgets.zoom_explorer import ZoomExplorer

run = Run.open("portraits")
planes = {f"plane {i}, {j}": Plane.components(8, i, j) for i, j in ((0, 1), (2, 5))}
surrogates = {"shuffled": column_shuffle(run.z, 90)}
explorer = ZoomExplorer(run, planes, surrogates=surrogates, height=400)
explorer
"""


@pytest.fixture(scope="module")
def notebook(chromium, lab, small_world):
    take_small_world(lab, small_world)
    write_notebook(lab, "zoom.ipynb", CELL)
    with opened(chromium, lab, "zoom.ipynb") as notebook:
        yield notebook


@pytest.fixture(autouse=True)
def first_view(notebook):
    notebook.ask(
        code="explorer.plane, explorer.shown, explorer.selection = 'plane 0, 1', 'z-points', []"
    )
    notebook.press("Reset View")
    notebook.press("Activate pan & zoom")


def canvas(notebook):
    box = notebook.widget.locator("canvas").first.bounding_box()
    return np.array([box["x"], box["y"]]), np.array([box["width"], box["height"]])


def window(notebook):
    """Return left, right, bottom, top of the plane as far as it is in view, once at rest."""
    return np.array(notebook.ask("explorer._scatter.window.domain"))


def pixels(notebook):
    """Return the places on the page of the points shown."""
    where = np.array(notebook.ask("explorer._project(explorer.shown).tolist()"))
    corner, size = canvas(notebook)
    x0, x1, y0, y1 = window(notebook)
    across, up = (where - [x0, y0]).T / [[x1 - x0], [y1 - y0]]
    return corner + np.column_stack([across, 1 - up]) * size


def lasso(notebook, corners):
    """Draw a closed line through corners, in pixels from the middle of the plot; return them."""
    notebook.press("Activate lasso selection")
    corner, size = canvas(notebook)
    corners, mouse = np.array(corners) + corner + size / 2, notebook.page.mouse
    mouse.move(*corners[0])
    mouse.down()
    for place in (*corners[1:], corners[0]):
        mouse.move(*place, steps=5)
        notebook.page.wait_for_timeout(50)
    mouse.up()
    return corners


def inside(places, corners):
    """Return how far inside each place lies of a convex polygon, in pixels; outside is negative."""
    edges = np.roll(corners, -1, axis=0) - corners
    normals = np.column_stack([-edges[:, 1], edges[:, 0]])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return ((places[:, None] - corners) * normals).sum(axis=2).min(axis=1)


def test_the_wheel_zooms_on_one_scale_and_the_points_in_view_are_counted(notebook):
    before = window(notebook)
    assert "160 in view" in notebook.text()
    corner, size = canvas(notebook)
    scales = size / [before[1] - before[0], before[3] - before[2]]
    assert scales[0] == pytest.approx(scales[1], rel=0.01)
    notebook.page.mouse.move(*(corner + size / 2))
    notebook.page.mouse.wheel(0, -300)
    assert notebook.settles(lambda: "160 in view" not in notebook.text())
    after = window(notebook)
    ratio = (after[1] - after[0]) / (before[1] - before[0])
    assert ratio < 0.8
    assert (after[3] - after[2]) / (before[3] - before[2]) == pytest.approx(ratio, rel=0.01)
    unit = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    seen = inside(pixels(notebook), corner + unit * size)
    assert f"{(seen >= 0).sum()} in view" in notebook.text()
    notebook.press("Reset View")
    assert notebook.settles(lambda: "160 in view" in notebook.text()), notebook.text()


@pytest.mark.parametrize("plane", ["plane 0, 1", "plane 2, 5"])
def test_the_lasso_selects_the_points_inside_and_shows_them(notebook, plane):
    notebook.widget.locator("select").first.select_option(plane)
    notebook.ask()
    empty = notebook.face()
    corners = lasso(notebook, [[-90, -70], [60, -80], [90, 40], [-40, 90]])
    assert notebook.settles(lambda: notebook.face() != empty)
    selected = notebook.ask("explorer.selection.tolist()")
    depth = inside(pixels(notebook), corners)
    assert set(np.flatnonzero(depth > 4)) <= set(selected) <= set(np.flatnonzero(depth > -4))
    assert len(selected) > 10
    assert f"{len(selected)} of 160 z-points selected" in notebook.text()
    assert f"10 of {len(selected)} shown" in notebook.text()


def test_a_surrogate_is_shown_and_left_and_nothing_comes_from_elsewhere(notebook):
    menus = notebook.widget.locator("select")
    menus.nth(1).select_option("surrogate: shuffled")
    assert notebook.settles(lambda: "90 points of the surrogate shuffled" in notebook.text())
    assert menus.nth(2).is_disabled()
    empty = notebook.face()
    lasso(notebook, [[-150, -150], [150, -150], [150, 150], [-150, 150]])
    assert notebook.settles(lambda: notebook.face() != empty)
    assert 10 < len(notebook.ask("explorer.selection.tolist()")) <= 90
    menus.nth(1).select_option("z-points")
    assert notebook.settles(lambda: "0 of 160 z-points selected" in notebook.text())
    menus.nth(2).select_option("yaw")
    assert notebook.settles(lambda: "yaw: " in notebook.text())
    menus.nth(2).select_option("none")
    assert notebook.settles(lambda: "z-points (160)" in notebook.text())
    assert notebook.foreign() == []
