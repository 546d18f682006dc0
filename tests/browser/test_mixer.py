"""The face mixer of notebook 00 in a real JupyterLab: dragged, pressed, and made to fail."""

import shutil

import pytest

from .driven import COUNTED, Explorer, opened

pytestmark = pytest.mark.browser


class Mixer(Explorer):
    shows = ".aelatent-mixer"


@pytest.fixture(scope="module")
def notebook(chromium, lab, small_world):
    """Run notebook 00 on a tiny run that stands in for the default one."""
    shutil.copytree(small_world / "runs" / "small", lab.data / "runs" / "portraits")
    with opened(chromium, lab, "00_start_here.ipynb", Mixer) as notebook:
        notebook.ask(code=COUNTED)
        yield notebook


@pytest.fixture(autouse=True)
def centered(notebook):
    """Start each test at the center."""
    notebook.press("Center")
    assert notebook.rests()
    notebook.ask(code="calls.clear()")


def state(notebook):
    """Return the coordinates in Python, and the number of vectors in each call of decode."""
    return notebook.ask("mixer.coordinates.tolist(), calls")


def test_keyboard_moves_a_slider_and_the_face_without_the_kernel(notebook):
    before = notebook.face()
    notebook.sliders.nth(1).focus()
    notebook.keys(*["ArrowRight"] * 5)
    assert notebook.rests()
    coordinates, calls = state(notebook)
    assert coordinates[:3] == pytest.approx([0, 0.5, 0])
    assert notebook.shown()[1] == pytest.approx(0.5)
    assert notebook.face() != before
    assert calls == []


def test_what_the_page_decodes_is_what_python_decodes(notebook):
    notebook.press("Random face")
    assert notebook.rests()
    expected = notebook.ask("(255 * mixer.image).round().astype(int).tolist()")
    pixels = """canvas => Array.from(canvas.getContext("2d")
      .getImageData(0, 0, canvas.width, canvas.height).data)"""
    found = notebook.root.locator("canvas").first.evaluate(pixels)
    flat = [value for row in expected for pixel in row for value in pixel]
    shown = [value for i, value in enumerate(found) if i % 4 < 3]
    assert len(shown) == len(flat) == 32 * 32 * 3
    assert max(abs(a - b) for a, b in zip(shown, flat, strict=True)) <= 1
    d2 = notebook.ask("float(run.core.axes.d2(mixer.z[None])[0])")
    assert f"D² = {round(d2)}, " in notebook.text()


def test_dragging_past_a_busy_kernel_moves_the_face_all_the_same(notebook):
    before, box = notebook.face(), notebook.sliders.first.bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    watch = lambda: (notebook.shown()[0], notebook.face())  # noqa: E731
    seen = notebook.drag_past_a_busy_kernel(middle, [1.5, 0], watch)
    assert len({value for value, _ in seen}) > 8
    assert len({face for _, face in seen} - {before}) > 2
    coordinates, calls = state(notebook)
    assert calls == []
    assert coordinates[0] == pytest.approx(notebook.shown()[0])
    assert coordinates[0] > 0.5


def test_buttons_move_everything(notebook):
    center = notebook.face()
    notebook.press("Random face")
    assert notebook.settles(lambda: notebook.face() != center)
    coordinates, _ = state(notebook)
    assert notebook.shown() == pytest.approx(coordinates[:8], abs=0.051)  # handles have steps
    assert min(map(abs, coordinates)) > 0
    notebook.press("Center")
    assert notebook.settles(lambda: notebook.face() == center)
    assert notebook.shown() == state(notebook)[0][:8] == [0] * 8


def test_coordinates_set_in_python_move_and_widen_the_sliders(notebook):
    notebook.ask(code="c = mixer.coordinates; c[0], c[1] = 4.2, -1; mixer.coordinates = c")
    assert notebook.settles(lambda: notebook.shown()[:3] == pytest.approx([4.2, -1, 0]))
    assert state(notebook)[0][:2] == pytest.approx([4.2, -1])
    notebook.press("Center")
    assert state(notebook)[0][:2] == [0, 0]
    assert notebook.settles(lambda: notebook.sliders.first.get_attribute("max") == "3")


def test_error_stands_under_the_sliders_until_it_is_mended(notebook):
    before = notebook.face()
    notebook.ask(code="good, mixer._run = mixer._run, None")
    notebook.press("Random face")
    notebook.error.wait_for()
    assert "AttributeError: 'NoneType'" in notebook.error.inner_text()
    assert notebook.error.bounding_box()["y"] > notebook.sliders.last.bounding_box()["y"]
    assert notebook.face() == before
    notebook.ask(code="mixer._run = good")
    notebook.press("Random face")
    notebook.error.wait_for(state="hidden")
    assert notebook.face() != before


def test_a_sampler_chosen_with_keys_gives_another_face_of_the_same_size(notebook):
    center, near = notebook.face(), notebook.face(1)
    boxes = [canvas.bounding_box() for canvas in notebook.root.locator("canvas").all()]
    height = notebook.widget.bounding_box()["height"]
    notebook.root.locator("select").focus()
    notebook.keys("Space", "ArrowUp", "Enter")
    assert notebook.ask("mixer.sampler") == "column shuffle"
    assert notebook.face() == center  # so far
    notebook.press("Random face")
    rows = notebook.ask("mixer.nearest.tolist()")
    assert notebook.settles(lambda: all(f"row {row} (" in notebook.text() for row in rows))
    assert notebook.face() != center
    assert notebook.face(1) != near
    assert [canvas.bounding_box() for canvas in notebook.root.locator("canvas").all()] == boxes
    assert notebook.widget.bounding_box()["height"] == height
    assert notebook.foreign() == []
