"""A notebook in a real JupyterLab, and the kernel behind it."""

import ast
import contextlib
import shutil

import nbformat
import numpy as np
from jupyter_client.blocking import BlockingKernelClient

FACE = "async (i) => Array.from(new Uint8Array(await (await fetch(i.src)).arrayBuffer()))"
HASH = """async canvas => Array.from(new Uint8Array(await crypto.subtle.digest("SHA-1",
  canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data)))"""
# Counts the calls of decode; waits while the test holds the kernel; fails while it is told to.
COUNTED = """\
import time
from pathlib import Path

decode, calls, broken = run.decode, [], False


def counted(z):
    while Path("hold").exists():
        time.sleep(0.02)
    if broken:
        raise RuntimeError("no <b>weights</b>")
    calls.append(len(z))
    return decode(z)


run.decode = counted
"""


class Notebook:
    """The executed notebook: what a reader sees of its widget, and the kernel behind it."""

    shows = "img.widget-image"  # what the widget's output holds

    def __init__(self, page, kernel, lab):
        self.page, self.kernel, self.url = page, kernel, lab.url
        self.widget = page.locator(f".jp-OutputArea-output:has({self.shows})")
        self.sliders = self.widget.get_by_role("slider")
        self.error = self.widget.get_by_role("alert")
        self.hold = lab.root / "notebooks" / "hold"

    def ask(self, expression="None", code=""):
        """Run code in the kernel, after all that the page has asked it for; return a value."""
        self.page.wait_for_timeout(400)  # until the page has sent its last change
        expressions = {"value": expression}
        reply = self.kernel.execute(code, user_expressions=expressions, reply=True, timeout=60)
        self.page.wait_for_timeout(200)  # until the page shows what it got meanwhile
        return ast.literal_eval(reply["content"]["user_expressions"]["value"]["data"]["text/plain"])

    def press(self, name):
        self.widget.get_by_role("button", name=name, exact=True).click()

    def keys(self, *names):
        for name in names:
            self.page.keyboard.press(name)

    def drag(self, here, by, steps=10):
        mouse = self.page.mouse
        mouse.move(*here)
        mouse.down()
        mouse.move(*(np.array(here) + by), steps=steps)
        mouse.up()

    def drag_past_a_busy_kernel(self, here, step, watch):
        """Drag in 30 steps while the kernel is held; return all that was seen meanwhile."""
        mouse, seen = self.page.mouse, set()
        mouse.move(*here)
        mouse.down()
        self.hold.touch()
        for k in range(1, 31):
            mouse.move(*(np.array(here) + k * np.array(step)))
            seen.add(watch())
        mouse.up()
        self.hold.unlink()
        return seen

    def shown(self):
        """Return the values that the sliders tell a screen reader."""
        return [float(slider.get_attribute("aria-valuenow")) for slider in self.sliders.all()]

    def settles(self, shows, seconds=20):
        for _ in range(seconds * 10):
            if shows():
                return True
            self.page.wait_for_timeout(100)
        return False

    def face(self, position=0):
        return bytes(self.widget.locator("img").nth(position).evaluate(FACE))

    def text(self):
        return self.widget.inner_text()

    def foreign(self):
        """Return what the page has loaded from elsewhere than its own server."""
        code = "performance.getEntriesByType('resource').map((entry) => entry.name)"
        loaded = self.page.evaluate(code)
        assert loaded
        return [name for name in loaded if not name.startswith((self.url, "blob:", "data:"))]

    def run_all(self):
        choose(self.page, "Run", "Run All Cells")
        self.widget.wait_for(timeout=300_000)
        self.widget.scroll_into_view_if_needed()

    def reload(self):
        """Load the page again and run all cells, as a reader does; the kernel goes on meanwhile."""
        self.page.reload()
        wait_until_idle(self.page)
        choose(self.page, "Edit", "Clear Outputs of All Cells")  # those saved are not the new ones
        self.widget.wait_for(state="detached")
        self.run_all()


class Explorer(Notebook):
    """The notebook of an explorer whose pictures are on canvases."""

    shows = ".aelatent-explorer"

    def __init__(self, page, kernel, lab):
        super().__init__(page, kernel, lab)
        self.root = self.widget.locator(self.shows)
        self.sliders = self.root.locator("input[type=range]")

    def face(self, position=0):
        return bytes(self.root.locator("canvas").nth(position).evaluate(HASH))

    def shown(self):
        return [float(slider.input_value()) for slider in self.sliders.all()]

    def rests(self):
        """Wait until the last move is shown."""
        self.page.wait_for_timeout(100)  # a message from the kernel may be under way
        shown = "root => root.dataset.asked && root.dataset.asked === root.dataset.shown"
        return self.settles(lambda: self.root.evaluate(shown))


class PathNotebook(Explorer):
    """The notebook of a path explorer; places are coordinates in the plane shown."""

    def __init__(self, page, kernel, lab):
        super().__init__(page, kernel, lab)
        self.root = self.widget.locator(".aelatent-path")
        self.strip = self.widget.locator(".aelatent-path-strip")

    def handle(self, name):
        return self.widget.locator(f".aelatent-path-handle.aelatent-path-{name}")

    def slider(self, name):
        return self.widget.locator(f"input.aelatent-path-{name}")

    def middle_of(self, name):
        """Return where on the page a handle is."""
        box = self.handle(name).bounding_box()
        return np.array([box["x"] + box["width"] / 2, box["y"] + box["height"] / 2])

    def pixels(self):
        return bytes(self.strip.evaluate(HASH))

    def places(self):
        """Return start and end in Python, float (2, 2), once the page is at rest."""
        return np.array(self.ask("explorer.ends.tolist()"))


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


@contextlib.contextmanager
def opened(chromium, lab, name, kind=Notebook):
    with chromium.new_context(viewport={"width": 1280, "height": 1000}) as context:
        page = context.new_page()
        page.goto(lab.address(f"notebooks/{name}"))
        wait_until_idle(page)
        with kernel_of(lab) as kernel:
            notebook = kind(page, kernel, lab)
            notebook.run_all()
            yield notebook


def take_small_world(lab, small_world):
    """Let the tiny run stand in for the default one, with its store."""
    shutil.copytree(small_world / "runs" / "small", lab.data / "runs" / "portraits")
    shutil.copytree(small_world / "stores" / "few", lab.data / "stores" / "few")


def write_notebook(lab, name, *cells):
    made = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)"}},
    )
    nbformat.write(made, lab.root / "notebooks" / name)


def choose(page, menu, entry):
    page.get_by_role("menuitem", name=menu, exact=True).click()
    page.get_by_text(entry, exact=True).click()


def wait_until_idle(page):
    """Wait until the notebook's kernel has started and has nothing to do."""
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=120_000)
