"""A notebook of the workbook in a real JupyterLab, and the kernel behind it."""

import ast
import contextlib
import shutil

from jupyter_client.blocking import BlockingKernelClient

FACE = "async (i) => Array.from(new Uint8Array(await (await fetch(i.src)).arrayBuffer()))"


class Notebook:
    """The executed notebook: what a reader sees of its widget, and the kernel behind it."""

    def __init__(self, page, kernel):
        self.page, self.kernel = page, kernel
        self.widget = page.locator(".jp-OutputArea-output:has(img.widget-image)")
        self.sliders = self.widget.get_by_role("slider")
        self.error = self.widget.get_by_role("alert")

    def ask(self, expression="None", code=""):
        """Run code in the kernel, after all that the page has asked it for; return a value."""
        self.page.wait_for_timeout(400)  # until the page has sent its last change
        expressions = {"value": expression}
        reply = self.kernel.execute(code, user_expressions=expressions, reply=True, timeout=60)
        self.page.wait_for_timeout(200)  # until the page shows what it got meanwhile
        return ast.literal_eval(reply["content"]["user_expressions"]["value"]["data"]["text/plain"])

    def press(self, name):
        self.widget.get_by_role("button", name=name).click()

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
        """Return the bytes of the first picture on the page."""
        return self.picture(0)

    def picture(self, position):
        """Return the bytes of the picture at this position, from 0."""
        return bytes(self.widget.locator("img").nth(position).evaluate(FACE))


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
def driven(chromium, lab, small_world, name):
    """Run a notebook on a tiny run that stands in for the default one; give its widget."""
    shutil.copytree(
        small_world / "runs" / "small", lab.data / "runs" / "portraits", dirs_exist_ok=True
    )
    with chromium.new_context(viewport={"width": 1280, "height": 1000}) as context:
        page = context.new_page()
        page.goto(lab.address(f"notebooks/{name}"))
        wait_until_idle(page)
        with kernel_of(lab) as kernel:
            notebook = Notebook(page, kernel)
            run_all(notebook)
            yield notebook


def reloaded(notebook):
    """Load the page again and run all cells, as a reader does; the kernel has gone on meanwhile."""
    notebook.page.reload()
    wait_until_idle(notebook.page)
    choose(notebook.page, "Edit", "Clear Outputs of All Cells")  # those saved are not the new ones
    notebook.widget.wait_for(state="detached")
    run_all(notebook)


def run_all(notebook):
    """Run all cells, and wait for the widget."""
    choose(notebook.page, "Run", "Run All Cells")
    notebook.widget.wait_for(timeout=300_000)
    notebook.widget.scroll_into_view_if_needed()


def choose(page, menu, entry):
    """Choose an entry from JupyterLab's menu bar."""
    page.get_by_role("menuitem", name=menu, exact=True).click()
    page.get_by_text(entry, exact=True).click()


def wait_until_idle(page):
    """Wait until the notebook's kernel has started and has nothing to do."""
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=120_000)
