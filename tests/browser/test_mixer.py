"""The face mixer of notebook 00 in a real JupyterLab: dragged, pressed, and made to fail."""

import shutil

import pytest

from .driven import COUNTED, opened

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def notebook(chromium, lab, small_world):
    """Run notebook 00 on a tiny run that stands in for the default one."""
    shutil.copytree(small_world / "runs" / "small", lab.data / "runs" / "portraits")
    with opened(chromium, lab, "00_start_here.ipynb") as notebook:
        notebook.ask(code=COUNTED)
        yield notebook


@pytest.fixture(autouse=True)
def centered(notebook):
    """Start each test at the center."""
    notebook.ask(code="broken = False")
    notebook.press("Center")
    notebook.ask(code="calls.clear()")


def state(notebook):
    """Return the coordinates in Python, and the number of vectors in each call of decode."""
    return notebook.ask("mixer.coordinates.tolist(), calls")


def test_keyboard_moves_a_slider_and_the_face(notebook):
    before = notebook.face()
    notebook.sliders.nth(1).focus()
    notebook.keys(*["ArrowRight"] * 5)
    coordinates, calls = state(notebook)
    assert coordinates[:3] == pytest.approx([0, 0.5, 0])
    assert notebook.shown()[1] == pytest.approx(0.5)
    assert notebook.face() != before
    assert 1 <= len(calls) <= 5


def test_dragging_past_a_busy_kernel_builds_no_queue(notebook):
    box = notebook.sliders.first.bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    passed = notebook.drag_past_a_busy_kernel(middle, [1.5, 0], lambda: notebook.shown()[0])
    coordinates, calls = state(notebook)
    assert len(passed) > 10  # the handle followed the mouse all the time
    assert len(calls) <= 3  # the first position, and the last
    assert coordinates[0] == pytest.approx(notebook.shown()[0])
    assert coordinates[0] > 1


def test_buttons_move_everything_with_one_decode(notebook):
    center = notebook.face()
    notebook.press("Random face")
    coordinates, calls = state(notebook)
    assert calls == [1]
    assert notebook.shown() == pytest.approx(coordinates[:8], abs=0.051)  # handles have steps
    assert min(map(abs, coordinates)) > 0
    assert notebook.face() != center
    notebook.press("Center")
    coordinates, calls = state(notebook)
    assert calls == [1, 1]
    assert notebook.shown() == coordinates[:8] == [0] * 8
    assert notebook.face() == center


def test_coordinates_set_in_python_move_and_widen_the_sliders(notebook):
    notebook.ask(code="c = mixer.coordinates; c[0], c[1] = 4.2, -1; mixer.coordinates = c")
    assert notebook.settles(lambda: notebook.shown()[:3] == pytest.approx([4.2, -1, 0]))
    assert state(notebook)[0][:2] == pytest.approx([4.2, -1])
    notebook.press("Center")
    assert state(notebook)[0][:2] == [0, 0]
    first = notebook.sliders.first
    assert notebook.settles(lambda: first.get_attribute("aria-valuemax") == "3.0")


def test_error_stands_under_the_sliders_until_it_is_mended(notebook):
    before = notebook.face()
    notebook.ask(code="broken = True")
    notebook.press("Random face")
    notebook.error.wait_for()
    assert notebook.error.inner_text() == "RuntimeError: no <b>weights</b>"
    assert notebook.error.bounding_box()["y"] > notebook.sliders.last.bounding_box()["y"]
    assert notebook.face() == before
    notebook.ask(code="broken = False")
    notebook.press("Random face")
    notebook.error.wait_for(state="detached")
    assert notebook.face() != before


def test_a_sampler_chosen_with_keys_gives_another_face_of_the_same_size(notebook):
    center, near = notebook.face(), notebook.face(1)
    boxes = [image.bounding_box() for image in notebook.widget.locator("img").all()]
    height = notebook.widget.bounding_box()["height"]
    notebook.widget.locator("select").focus()
    notebook.keys("Space", "ArrowUp", "Enter")  # closed, JupyterLab takes the arrow keys for cells
    assert notebook.ask("mixer.sampler") == "column shuffle"
    assert notebook.face() == center  # so far
    notebook.press("Random face")
    rows = notebook.ask("mixer.nearest.tolist()")
    said = lambda: notebook.text().replace("\xa0", " ")  # noqa: E731
    assert notebook.settles(lambda: all(f"row {row} (" in said() for row in rows))
    assert notebook.face() != center
    assert notebook.face(1) != near
    assert [image.bounding_box() for image in notebook.widget.locator("img").all()] == boxes
    assert notebook.widget.bounding_box()["height"] == height
    assert notebook.foreign() == []
