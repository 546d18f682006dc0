"""The component explorer in a real JupyterLab: chosen and dragged."""

import pytest

from .driven import opened, take_small_world, write_notebook

pytestmark = pytest.mark.browser

CELL = """\
from aelatent import Run
from aelatent.widgets import ComponentExplorer

run = Run.open("portraits")
explorer = ComponentExplorer(run)
explorer
"""


@pytest.fixture(scope="module")
def notebook(chromium, lab, small_world):
    take_small_world(lab, small_world)
    write_notebook(lab, "component.ipynb", CELL)
    with opened(chromium, lab, "component.ipynb") as notebook:
        yield notebook


def state(notebook):
    return notebook.ask("explorer.component, explorer.value")


def red(notebook):
    """Return where the red line is in the density, in pixels."""
    return float(notebook.widget.locator('svg line[stroke="#B2182B"]').get_attribute("x1"))


def test_keys_and_mouse_move_the_value_the_face_and_the_red_line(notebook):
    (component, value), before, line = state(notebook), notebook.face(), red(notebook)
    notebook.sliders.first.focus()
    notebook.keys(*["ArrowRight"] * 6)
    assert notebook.settles(lambda: red(notebook) > line + 5)
    after = state(notebook)
    assert after[0] == component
    assert after[1] > value
    assert notebook.shown()[0] == pytest.approx(after[1], abs=0.02)
    moved, line = notebook.face(), red(notebook)
    assert moved != before
    handle = notebook.widget.locator(".noUi-handle").bounding_box()
    middle = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    notebook.drag(middle, [-90, 0])
    assert notebook.settles(lambda: red(notebook) < line - 5)
    assert state(notebook)[1] < after[1]
    assert notebook.face() != moved


def test_another_component_has_its_own_density_and_nothing_comes_from_elsewhere(notebook):
    curve = notebook.widget.locator("svg polygon").get_attribute("points")
    choice = notebook.widget.locator("select")
    names = choice.locator("option").all_inner_texts()
    choice.select_option(names[2])
    assert notebook.settles(lambda: red(notebook) == pytest.approx(210, abs=1))
    component, _ = state(notebook)
    assert names[2].split() == ["component", f"{component}"]
    assert notebook.widget.locator("svg polygon").get_attribute("points") != curve
    assert notebook.foreign() == []
