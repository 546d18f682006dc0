"""The zoom explorer in a real JupyterLab: zoomed with the wheel, lassoed, another cloud shown."""

import shutil

import nbformat
import numpy as np
import pytest

from .driven import driven, reloaded

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
BROKEN = """\
def broken(z):
    raise RuntimeError("no <b>weights</b>")


works, run.decode = run.decode, broken
"""


@pytest.fixture(scope="module")
def notebook(chromium, lab, small_world):
    shutil.copytree(small_world / "stores" / "few", lab.data / "stores" / "few")
    made = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(CELL)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)"}},
    )
    nbformat.write(made, lab.root / "notebooks" / "zoom.ipynb")
    with driven(chromium, lab, small_world, "zoom.ipynb") as notebook:
        yield notebook


@pytest.fixture(autouse=True)
def picture(notebook, tmp_path):
    notebook.ask(
        code="explorer.plane, explorer.shown, explorer.selection = 'plane 0, 1', 'z-points', []"
    )
    notebook.press("Reset View")
    notebook.press("Activate pan & zoom")
    yield
    notebook.page.screenshot(path=tmp_path / "end.png")


def canvas(notebook):
    """Return the plot's rectangle on the page: left, top, width, height in pixels."""
    box = notebook.widget.locator("canvas").first.bounding_box()
    return np.array([box[key] for key in ("x", "y", "width", "height")])


def corners_of(notebook):
    left, top, width, height = canvas(notebook)
    unit = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    return unit * [width, height] + [left, top]


def window(notebook):
    """Return left, right, bottom, top of the plane as far as it is in view, once at rest."""
    return np.array(notebook.ask("explorer._scatter.window.domain"))


def coordinates(notebook):
    """Return where the points shown lie in the plane shown."""
    return np.array(notebook.ask("explorer._project(explorer.shown).tolist()"))


def pixels(notebook, where):
    """Return the place on the page of places in the plane."""
    left, top, width, height = canvas(notebook)
    x0, x1, y0, y1 = window(notebook)
    across, up = (where - [x0, y0]).T / [[x1 - x0], [y1 - y0]]
    return np.column_stack([left + across * width, top + (1 - up) * height])


def lasso(notebook, corners):
    """Draw a closed line through corners, in pixels from the middle of the plot."""
    notebook.press("Activate lasso selection")
    left, top, width, height = canvas(notebook)
    mouse = notebook.page.mouse
    middle = np.array([left + width / 2, top + height / 2])
    corners = np.vstack([corners, corners[:1]]) + middle
    mouse.move(*corners[0])
    mouse.down()
    for corner in corners[1:]:
        mouse.move(*corner, steps=5)
        notebook.page.wait_for_timeout(50)
    mouse.up()


def inside(places, corners):
    """Return how far inside each place lies of a convex polygon, in pixels; outside is negative."""
    edges = np.roll(corners, -1, axis=0) - corners
    normals = np.column_stack([-edges[:, 1], edges[:, 0]])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return ((places[:, None] - corners) * normals).sum(axis=2).min(axis=1)


def text(notebook):
    return notebook.widget.inner_text()


def test_the_wheel_zooms_and_the_points_in_view_are_counted(notebook):
    before = window(notebook)
    assert "160 in view" in text(notebook)
    left, top, width, height = canvas(notebook)
    notebook.page.mouse.move(left + width / 2, top + height / 2)
    notebook.page.mouse.wheel(0, -300)
    assert notebook.settles(lambda: "160 in view" not in text(notebook))
    after = window(notebook)
    ratio = (after[1] - after[0]) / (before[1] - before[0])
    assert ratio < 0.8
    assert (after[3] - after[2]) / (before[3] - before[2]) == pytest.approx(ratio, rel=0.01)
    seen = inside(pixels(notebook, coordinates(notebook)), corners_of(notebook))
    assert f"{(seen >= 0).sum()} in view" in text(notebook)
    notebook.press("Reset View")
    assert notebook.settles(lambda: "160 in view" in text(notebook))


def test_both_axes_have_one_scale_on_the_page(notebook):
    _, _, width, height = canvas(notebook)
    x0, x1, y0, y1 = window(notebook)
    assert width / (x1 - x0) == pytest.approx(height / (y1 - y0), rel=0.01)


@pytest.mark.parametrize("plane", ["plane 0, 1", "plane 2, 5"])
def test_the_lasso_selects_the_points_inside_and_shows_them(notebook, plane):
    notebook.widget.locator("select").first.select_option(plane)
    notebook.ask()
    empty = notebook.face()
    corners = np.array([[-90, -70], [60, -80], [90, 40], [-40, 90]])
    lasso(notebook, corners)
    assert notebook.settles(lambda: notebook.face() != empty)
    selected = notebook.ask("explorer.selection.tolist()")
    left, top, width, height = canvas(notebook)
    middle = [left + width / 2, top + height / 2]
    depth = inside(pixels(notebook, coordinates(notebook)), corners + middle)
    assert set(np.flatnonzero(depth > 4)) <= set(selected) <= set(np.flatnonzero(depth > -4))
    assert len(selected) > 10
    assert f"{len(selected)} of 160 z-points selected" in text(notebook)
    assert f"10 of {len(selected)} shown" in text(notebook)


def test_a_selection_of_the_kernel_stays_when_the_plane_changes(notebook):
    empty = notebook.face()
    notebook.ask(code="explorer.selection = range(0, 160, 16)")
    shown = notebook.face()
    assert shown != empty
    notebook.widget.locator("select").first.select_option("plane 2, 5")
    assert notebook.settles(lambda: "component 5 (units of z)" in text(notebook))
    assert notebook.ask("explorer.selection.tolist()") == list(range(0, 160, 16))
    assert notebook.face() == shown


def test_the_keyboard_chooses_another_plane(notebook):
    canvas = notebook.widget.locator("canvas").first
    before = canvas.screenshot()
    notebook.widget.locator("select").first.focus()
    for key in ("Space", "ArrowDown", "Enter"):  # closed, JupyterLab takes the arrow keys for cells
        notebook.page.keyboard.press(key)
    assert notebook.settles(lambda: "component 5 (units of z)" in text(notebook))
    assert notebook.ask("explorer.plane") == "plane 2, 5"
    assert notebook.settles(lambda: canvas.screenshot() != before)


def test_a_surrogate_is_shown_lassoed_and_left(notebook):
    menus = notebook.widget.locator("select")
    menus.nth(1).select_option("surrogate: shuffled")
    assert notebook.settles(lambda: "of 90 points of the surrogate shuffled" in text(notebook))
    assert menus.nth(2).is_disabled()
    empty = notebook.face()
    lasso(notebook, [[-150, -150], [150, -150], [150, 150], [-150, 150]])
    assert notebook.settles(lambda: notebook.face() != empty)
    assert 10 < len(notebook.ask("explorer.selection.tolist()")) <= 90
    menus.nth(1).select_option("z-points")
    assert notebook.settles(lambda: "0 of 160 z-points selected" in text(notebook))
    assert notebook.ask("explorer.selection.tolist()") == []


def test_colors_have_a_legend(notebook):
    choice = notebook.widget.locator("select").nth(2)
    choice.select_option("yaw")
    assert notebook.settles(lambda: "yaw: " in text(notebook))
    choice.select_option("none")
    assert notebook.settles(lambda: "z-points (160)" in text(notebook))


def test_an_error_is_shown_until_it_is_mended(notebook):
    notebook.ask(code=BROKEN)
    lasso(notebook, [[-100, -100], [100, -100], [100, 100], [-100, 100]])
    notebook.error.wait_for()
    assert notebook.error.inner_text() == "RuntimeError: no <b>weights</b>"
    notebook.ask(code="run.decode = works; explorer.selection = [3]")
    notebook.error.wait_for(state="detached")


def test_nothing_is_fetched_from_elsewhere(notebook, lab):
    fetched = notebook.page.evaluate("performance.getEntriesByType('resource').map((r) => r.name)")
    assert fetched
    assert [name for name in fetched if not name.startswith((lab.url, "blob:", "data:"))] == []


def test_after_a_reload_the_cell_brings_the_explorer_back(notebook):
    reloaded(notebook)
    assert notebook.settles(lambda: "0 of 160 z-points selected" in text(notebook))
    empty = notebook.face()
    lasso(notebook, [[-100, -100], [100, -100], [100, 100], [-100, 100]])
    assert notebook.settles(lambda: notebook.face() != empty)
    assert notebook.ask("len(explorer.selection)") > 10
