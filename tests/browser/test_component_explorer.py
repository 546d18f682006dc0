"""The component explorer of notebook 02 in a real JupyterLab: chosen, dragged, made to fail."""

import pytest

from .driven import driven, reloaded

pytestmark = pytest.mark.browser

BROKEN = """\
works = run.decode


def broken(z):
    raise RuntimeError("no <b>weights</b>")
"""


@pytest.fixture(scope="module")
def notebook(chromium, lab, small_world):
    with driven(chromium, lab, small_world, "02_component_distributions.ipynb") as notebook:
        notebook.ask(code=BROKEN)
        yield notebook


@pytest.fixture(autouse=True)
def picture(notebook, tmp_path):
    yield
    notebook.page.screenshot(path=tmp_path / "end.png")


def state(notebook):
    return notebook.ask("explorer.component, explorer.value")


def red(notebook):
    """Return where the red line is in the density, in pixels."""
    return float(notebook.widget.locator('svg line[stroke="#B2182B"]').get_attribute("x1"))


def test_keyboard_moves_the_value_the_face_and_the_red_line(notebook):
    (component, value), before, line = state(notebook), notebook.face(), red(notebook)
    notebook.sliders.first.focus()
    for _ in range(6):
        notebook.page.keyboard.press("ArrowRight")
    assert notebook.settles(lambda: red(notebook) > line + 5)
    after = state(notebook)
    assert after[0] == component
    assert after[1] > value
    assert notebook.shown()[0] == pytest.approx(after[1], abs=0.02)
    assert notebook.face() != before


def test_dragging_moves_the_value_the_face_and_the_red_line(notebook):
    (_, value), before, line = state(notebook), notebook.face(), red(notebook)
    handle = notebook.widget.locator(".noUi-handle").bounding_box()
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    mouse = notebook.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x - 60, y, steps=6)
    mouse.up()
    assert notebook.settles(lambda: red(notebook) < line - 5)
    assert state(notebook)[1] < value
    assert notebook.face() != before


def test_another_component_has_its_own_density_and_center(notebook):
    curve = notebook.widget.locator("svg polygon").get_attribute("points")
    choice = notebook.widget.locator("select")
    names = choice.locator("option").all_inner_texts()
    choice.select_option(names[2])
    assert notebook.settles(lambda: red(notebook) == pytest.approx(210, abs=1))
    component, _ = state(notebook)
    assert names[2].split() == ["component", f"{component}"]
    assert notebook.widget.locator("svg polygon").get_attribute("points") != curve
    label = notebook.widget.get_by_role("img", name=f"density along component {component},")
    assert label.count() == 1


def test_the_others_rest_at_a_picture_or_at_the_center(notebook):
    center = notebook.face()
    notebook.press("Random picture")
    assert notebook.settles(lambda: notebook.face() != center)
    notebook.press("Center")
    assert notebook.settles(lambda: notebook.face() == center)


def test_an_error_is_shown_until_it_is_mended(notebook):
    notebook.ask(code="run.decode = broken")
    notebook.press("Random picture")
    notebook.error.wait_for()
    assert notebook.error.inner_text() == "RuntimeError: no <b>weights</b>"
    notebook.ask(code="run.decode = works")
    notebook.press("Center")
    notebook.error.wait_for(state="detached")


def test_after_a_reload_the_cells_bring_the_explorer_back(notebook):
    reloaded(notebook)
    center, line = notebook.face(), red(notebook)
    notebook.sliders.first.focus()
    for _ in range(6):
        notebook.page.keyboard.press("ArrowLeft")
    assert notebook.settles(lambda: red(notebook) < line - 5)
    assert notebook.settles(lambda: notebook.face() != center)
