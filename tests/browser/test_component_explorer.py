"""The component explorer in a real JupyterLab: chosen and dragged, decoded here and there."""

import pytest

from .driven import Explorer, opened, take_small_world, write_notebook

pytestmark = pytest.mark.browser

CELL = """\
from aelatent import Run
from aelatent.widgets import ComponentExplorer, _explorer

run = Run.open("portraits")
explorer = ComponentExplorer(run)
explorer
"""


@pytest.fixture(scope="module")
def notebook(chromium, lab, small_world):
    take_small_world(lab, small_world)
    write_notebook(lab, "component.ipynb", CELL)
    with opened(chromium, lab, "component.ipynb", Explorer) as notebook:
        yield notebook


def state(notebook):
    return notebook.ask("explorer.component, explorer.value")


def red(notebook):
    """Return where the red mark is in the density, as a share of its width."""
    mark = notebook.root.locator(".aelatent-mark")
    return float(mark.evaluate("mark => mark.style.left").rstrip("%")) / 100


@pytest.mark.parametrize("decodes", ["page", "kernel"])
def test_keys_and_mouse_move_the_value_the_face_and_the_red_mark(notebook, decodes):
    key = '""' if decodes == "kernel" else "_explorer.key_of(run)"
    notebook.ask(code=f"explorer.page = {key}; explorer.component = explorer.components[0]")
    (component, value), before, line = state(notebook), notebook.face(), red(notebook)
    notebook.sliders.first.focus()
    notebook.keys(*["ArrowRight"] * 16)
    assert notebook.settles(lambda: red(notebook) > line + 0.1)
    assert notebook.rests()
    after = state(notebook)
    assert after[0] == component
    assert after[1] > value
    assert notebook.shown()[0] == pytest.approx(after[1], abs=0.02)
    moved, line = notebook.face(), red(notebook)
    assert moved != before
    box = notebook.root.locator(".aelatent-density").bounding_box()
    notebook.drag((box["x"] + line * box["width"], box["y"] + 40), [-90, 0])
    assert notebook.settles(lambda: red(notebook) < line - 0.1)
    assert notebook.rests()
    assert state(notebook)[1] < after[1]
    assert notebook.face() != moved


def test_another_component_has_its_own_density_and_nothing_comes_from_elsewhere(notebook):
    curve = notebook.root.locator("svg polygon").get_attribute("points")
    choice = notebook.root.locator("select")
    names = choice.locator("option").all_inner_texts()
    choice.select_option(names[2])
    assert notebook.settles(lambda: red(notebook) == pytest.approx(0.5, abs=0.01))
    assert names[2] == str(state(notebook)[0])
    assert notebook.root.locator("svg polygon").get_attribute("points") != curve
    notebook.press("Random picture")
    assert notebook.rests()
    assert notebook.ask("bool((run.z == explorer.base).sum(axis=1).max() >= 7)")
    assert notebook.foreign() == []
