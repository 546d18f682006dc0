"""A notebook with a path explorer in a real JupyterLab, and the kernel behind it."""

import contextlib

import nbformat
import numpy as np

from .driven import Notebook, kernel_of, run_all, wait_until_idle

HASH = """async strip => Array.from(new Uint8Array(await crypto.subtle.digest("SHA-1",
  strip.getContext("2d").getImageData(0, 0, strip.width, strip.height).data)))"""


class Explorer(Notebook):
    """The notebook of a path explorer; places are coordinates in the plane shown."""

    def __init__(self, page, kernel):
        super().__init__(page, kernel)
        self.widget = page.locator(".jp-OutputArea-output:has([data-shown])")
        self.root = self.widget.locator(".aelatent-path")
        self.strip = self.widget.locator(".aelatent-path-strip")
        self.error = self.widget.get_by_role("alert")

    def handle(self, name):
        """Return the handle at ``start``, ``middle`` or ``end`` of the path."""
        return self.widget.locator(f".aelatent-path-handle.aelatent-path-{name}")

    def slider(self, name):
        """Return a slider below the plane, for instance ``angle``."""
        return self.widget.locator(f"input.aelatent-path-{name}")

    def middle_of(self, name):
        """Return where on the page a handle is."""
        box = self.handle(name).bounding_box()
        return np.array([box["x"] + box["width"] / 2, box["y"] + box["height"] / 2])

    def rests(self):
        """Wait until the strip belongs to the last move."""
        return self.settles(
            lambda: self.root.evaluate("root => root.dataset.asked === root.dataset.shown")
        )

    def pixels(self):
        """Return a hash of what the strip shows."""
        return bytes(self.strip.evaluate(HASH))

    def places(self):
        """Return start and end in Python, float (2, 2), once the page is at rest."""
        return np.array(self.ask("explorer.ends.tolist()"))


@contextlib.contextmanager
def opened(chromium, lab, name, width=1280):
    """Open a notebook, run it, and give its path explorer."""
    with chromium.new_context(viewport={"width": width, "height": 1000}) as context:
        page = context.new_page()
        page.goto(lab.address(f"notebooks/{name}"))
        wait_until_idle(page)
        with kernel_of(lab) as kernel:
            explorer = Explorer(page, kernel)
            run_all(explorer)
            yield explorer


def write_notebook(lab, name, *cells):
    """Write a notebook of code cells into the lab's folder."""
    made = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)"}},
    )
    nbformat.write(made, lab.root / "notebooks" / name)
