"""The face mixer of notebook 00 in a real JupyterLab: dragged, pressed, and made to fail."""

import ast
import contextlib
import shutil

import pytest
from jupyter_client.blocking import BlockingKernelClient

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
FACE = "async (i) => Array.from(new Uint8Array(await (await fetch(i.src)).arrayBuffer()))"


class Notebook:
    """The executed notebook: what a reader sees of the mixer, and the kernel behind it."""

    def __init__(self, page, kernel):
        self.page, self.kernel = page, kernel
        self.mixer = page.locator(".jp-OutputArea-output:has(img.widget-image)")
        self.sliders = self.mixer.get_by_role("slider")
        self.error = self.mixer.get_by_role("alert")

    def ask(self, expression="None", code=""):
        """Run code in the kernel, after all that the page has asked it for; return a value."""
        self.page.wait_for_timeout(400)  # until the page has sent its last change
        expressions = {"value": expression}
        reply = self.kernel.execute(code, user_expressions=expressions, reply=True, timeout=60)
        self.page.wait_for_timeout(200)  # until the page shows what it got meanwhile
        return ast.literal_eval(reply["content"]["user_expressions"]["value"]["data"]["text/plain"])

    def state(self):
        """Return the coordinates in Python, and the number of vectors in each call of decode."""
        return self.ask("mixer.coordinates.tolist(), calls")

    def press(self, name):
        self.mixer.get_by_role("button", name=name).click()

    def shown(self):
        """Return the values that the sliders tell a screen reader."""
        return [float(slider.get_attribute("aria-valuenow")) for slider in self.sliders.all()]

    def settles(self, shows, seconds=20):
        """Wait until `shows()` is true; return whether it became so in time."""
        for _ in range(seconds * 10):
            if shows():
                return True
            self.page.wait_for_timeout(100)
        return False

    def face(self):
        """Return the bytes of the picture on the page."""
        return bytes(self.mixer.locator("img").evaluate(FACE))


@contextlib.contextmanager
def kernel_of(lab):
    """Connect to the lab's only kernel, beside the page."""
    (file,) = (lab.root.parent / "runtime").glob("kernel-*.json")
    client = BlockingKernelClient(connection_file=str(file))
    client.load_connection_file()
    client.start_channels()
    try:
        yield client
    finally:
        client.stop_channels()


@pytest.fixture(scope="module")
def notebook(chromium, lab, small_world, tmp_path_factory):
    """Run notebook 00 on a tiny run that stands in for the default one."""
    shutil.copytree(small_world / "runs" / "small", lab.data / "runs" / "portraits")
    with chromium.new_context(viewport={"width": 1280, "height": 1000}) as context:
        page = context.new_page()
        page.goto(lab.address("notebooks/00_start_here.ipynb"))
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=120_000)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_text("Run All Cells", exact=True).click()
        with kernel_of(lab) as kernel:
            notebook = Notebook(page, kernel)
            notebook.mixer.wait_for(timeout=300_000)
            notebook.mixer.scroll_into_view_if_needed()
            notebook.ask(code=COUNTED)
            yield notebook


@pytest.fixture(autouse=True)
def centered(notebook, tmp_path):
    """Start each test at the center; keep a picture of how it ended."""
    notebook.ask(code="run.decode = counted")
    notebook.press("Center")
    notebook.state()
    yield
    notebook.page.screenshot(path=tmp_path / "end.png")


def test_keyboard_moves_a_slider_and_the_face(notebook):
    before, (_, calls) = notebook.face(), notebook.state()
    notebook.sliders.nth(1).focus()
    for _ in range(5):
        notebook.page.keyboard.press("ArrowRight")
    coordinates, after = notebook.state()
    assert coordinates[1] == pytest.approx(0.5)
    assert coordinates[0] == coordinates[2] == 0
    assert notebook.shown()[1] == pytest.approx(0.5)
    assert notebook.face() != before
    assert 1 <= len(after) - len(calls) <= 5


def test_dragging_past_a_busy_kernel_builds_no_queue(notebook, lab):
    _, calls = notebook.state()
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
    coordinates, after = notebook.state()
    assert len(passed) > 10  # the handle followed the mouse all the time
    assert len(after) - len(calls) <= 3  # the first position, and the last
    assert coordinates[0] == pytest.approx(notebook.shown()[0])
    assert coordinates[0] > 1


def test_buttons_move_everything_with_one_decode(notebook):
    center, (_, calls) = notebook.face(), notebook.state()
    notebook.press("Random face")
    coordinates, after = notebook.state()
    assert after == [*calls, 1]
    assert notebook.shown() == pytest.approx(coordinates[:8], abs=0.051)  # handles have steps
    assert min(map(abs, coordinates)) > 0
    assert notebook.face() != center
    notebook.press("Center")
    coordinates, last = notebook.state()
    assert last == [*after, 1]
    assert notebook.shown() == coordinates[:8] == [0] * 8
    assert notebook.face() == center


def test_coordinates_set_in_python_move_and_widen_the_sliders(notebook):
    notebook.ask(code="c = mixer.coordinates; c[0], c[1] = 4.2, -1; mixer.coordinates = c")
    assert notebook.settles(lambda: notebook.shown()[:3] == pytest.approx([4.2, -1, 0]))
    assert notebook.state()[0][:2] == pytest.approx([4.2, -1])
    notebook.press("Center")
    assert notebook.state()[0][:2] == [0, 0]
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
    image = notebook.mixer.locator("img")
    box, height = image.bounding_box(), notebook.mixer.bounding_box()["height"]
    assert box["width"] == box["height"] == 288
    notebook.press("Random face")
    notebook.state()
    assert notebook.mixer.bounding_box()["height"] == height
    assert image.bounding_box()["width"] == 288
