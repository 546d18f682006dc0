"""The face mixer of notebook 00 in a real JupyterLab: dragged, pressed, and made to fail."""

import pytest

from .driven import driven, reloaded

pytestmark = pytest.mark.browser

COUNTED = """\
import time
from pathlib import Path

decode, calls = run.decode, []


def counted(z):
    while Path("hold").exists():  # the test holds the kernel here
        time.sleep(0.02)
    calls.append(len(z))
    return decode(z)


def broken(z):
    raise RuntimeError("no <b>weights</b>")


run.decode = counted
"""


def state(notebook):
    """Return the coordinates in Python, and the number of vectors in each call of decode."""
    return notebook.ask("mixer.coordinates.tolist(), calls")


@pytest.fixture(scope="module")
def notebook(chromium, lab, small_world):
    """Run notebook 00 on a tiny run that stands in for the default one."""
    with driven(chromium, lab, small_world, "00_start_here.ipynb") as notebook:
        notebook.ask(code=COUNTED)
        yield notebook


@pytest.fixture(autouse=True)
def centered(notebook, tmp_path):
    """Start each test at the center; keep a picture of how it ended."""
    notebook.ask(code="run.decode = counted")
    notebook.press("Center")
    state(notebook)
    yield
    notebook.page.screenshot(path=tmp_path / "end.png")


def test_keyboard_moves_a_slider_and_the_face(notebook):
    before, (_, calls) = notebook.face(), state(notebook)
    notebook.sliders.nth(1).focus()
    for _ in range(5):
        notebook.page.keyboard.press("ArrowRight")
    coordinates, after = state(notebook)
    assert coordinates[1] == pytest.approx(0.5)
    assert coordinates[0] == coordinates[2] == 0
    assert notebook.shown()[1] == pytest.approx(0.5)
    assert notebook.face() != before
    assert 1 <= len(after) - len(calls) <= 5


def test_dragging_past_a_busy_kernel_builds_no_queue(notebook, lab):
    _, calls = state(notebook)
    box = notebook.sliders.first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse = notebook.page.mouse
    mouse.move(x, y)
    mouse.down()
    hold = lab.root / "notebooks" / "hold"
    hold.touch()
    passed = set()
    for step in range(1, 31):
        mouse.move(x + 1.5 * step, y)
        passed.add(notebook.shown()[0])
    mouse.up()
    hold.unlink()
    coordinates, after = state(notebook)
    assert len(passed) > 10  # the handle followed the mouse all the time
    assert len(after) - len(calls) <= 3  # the first position, and the last
    assert coordinates[0] == pytest.approx(notebook.shown()[0])
    assert coordinates[0] > 1


def test_buttons_move_everything_with_one_decode(notebook):
    center, (_, calls) = notebook.face(), state(notebook)
    notebook.press("Random face")
    coordinates, after = state(notebook)
    assert after == [*calls, 1]
    assert notebook.shown() == pytest.approx(coordinates[:8], abs=0.051)  # handles have steps
    assert min(map(abs, coordinates)) > 0
    assert notebook.face() != center
    notebook.press("Center")
    coordinates, last = state(notebook)
    assert last == [*after, 1]
    assert notebook.shown() == coordinates[:8] == [0] * 8
    assert notebook.face() == center


def test_coordinates_set_in_python_move_and_widen_the_sliders(notebook):
    notebook.ask(code="c = mixer.coordinates; c[0], c[1] = 4.2, -1; mixer.coordinates = c")
    assert notebook.settles(lambda: notebook.shown()[:3] == pytest.approx([4.2, -1, 0]))
    assert state(notebook)[0][:2] == pytest.approx([4.2, -1])
    notebook.press("Center")
    assert state(notebook)[0][:2] == [0, 0]
    range_of_first = notebook.sliders.first
    assert notebook.settles(lambda: range_of_first.get_attribute("aria-valuemax") == "3.0")


def test_error_stands_under_the_sliders_until_it_is_mended(notebook, tmp_path):
    assert notebook.error.count() == 0
    before = notebook.face()
    notebook.ask(code="run.decode = broken")
    notebook.press("Random face")
    notebook.error.wait_for()
    assert notebook.error.inner_text() == "RuntimeError: no <b>weights</b>"
    assert notebook.error.bounding_box()["y"] > notebook.sliders.last.bounding_box()["y"]
    assert notebook.face() == before
    notebook.page.screenshot(path=tmp_path / "error.png")
    notebook.ask(code="run.decode = counted")
    notebook.press("Random face")
    notebook.error.wait_for(state="detached")
    assert notebook.face() != before


def test_face_keeps_its_size_and_the_page_its_place(notebook):
    face, strip = notebook.widget.locator("img").all()
    box, height = face.bounding_box(), notebook.widget.bounding_box()["height"]
    small = strip.bounding_box()
    assert box["width"] == box["height"] == small["width"] == 288
    assert small["y"] >= box["y"] + 288
    notebook.press("Random face")
    state(notebook)
    assert notebook.widget.bounding_box()["height"] == height
    assert face.bounding_box() == box
    assert strip.bounding_box() == small


def test_a_sampler_chosen_without_or_with_the_mouse_gives_another_face(notebook):
    menu, center, near = notebook.widget.locator("select"), notebook.face(), notebook.picture(1)
    menu.focus()
    for key in ("Space", "ArrowUp", "Enter"):  # closed, JupyterLab takes the arrow keys for cells
        notebook.page.keyboard.press(key)
    assert notebook.ask("mixer.sampler") == "column shuffle"
    assert notebook.face() == center  # so far
    notebook.press("Random face")
    notebook.ask()
    shuffled, coordinates = notebook.face(), state(notebook)[0]
    assert shuffled != center
    assert notebook.shown() == pytest.approx(coordinates[:8], abs=0.051)
    assert notebook.picture(1) != near
    rows = notebook.ask("mixer.nearest.tolist()")
    text = notebook.widget.inner_text().replace("\xa0", " ")
    assert "nearest of 1,200 pictures" in text
    assert all(f"row {row} (" in text for row in rows)
    menu.select_option("uniform")
    notebook.press("Random face")
    assert notebook.ask("mixer.sampler") == "uniform"
    assert notebook.face() not in (center, shuffled)


def test_after_a_reload_the_cells_bring_the_mixer_back(notebook):
    center, near = notebook.face(), notebook.picture(1)
    notebook.widget.locator("select").select_option("uniform")
    notebook.press("Random face")
    assert notebook.settles(lambda: notebook.face() != center)
    reloaded(notebook)
    assert notebook.shown() == [0] * 8
    assert (notebook.face(), notebook.picture(1)) == (center, near)
    assert notebook.ask("mixer.sampler") == "multivariate normal"
    notebook.press("Random face")
    assert notebook.settles(lambda: center != notebook.face() and near != notebook.picture(1))
