"""Time from a move of the mouse to the faces that it leads to: in JupyterLab and in a page.

A move counts from its event's time stamp to the first animation frame after an explorer has drawn
what belongs to it or to a later move. The 95th percentile is judged, beside nothing else; the same
is told beside two processes that compute.
"""

import contextlib
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from browser.conftest import BROWSER, running_lab, serving
from browser.driven import Explorer, opened, write_notebook

from aelatent import Run, export_page, prepare, settings
from benchmarks.timing import Line, at_most

BUDGET = 60  # ms at the 95th percentile, on two cores
PER_SECOND = 30  # moves
BUSY = 2  # processes
PATH = """\
from aelatent import Run
from aelatent.latent.planes import seed_planes
from aelatent.widgets import FaceMixer, PathExplorer, _explorer

run = Run.open({run!r})
PathExplorer(run, seed_planes(run.axes, run.described), n=8)"""
KERNEL = """\
key, _explorer.key_of = _explorer.key_of, lambda run: ""
explorer = PathExplorer(run, seed_planes(run.axes, run.described), n=8)
_explorer.key_of = key
explorer"""
# In each frame, the moves are done that the explorer has caught up with.
MEASURE = """root => {
  const [waiting, done] = [[], (window.latencies = [])];
  let [at, asked] = [0, Number(root.dataset.asked ?? 0)];
  const note = (event) => {
    if (event.type !== "input") at = event.timeStamp; // it follows a move of the pointer
    if (Number(root.dataset.asked) > asked)
      waiting.push({ at, serial: (asked = Number(root.dataset.asked)) });
  };
  for (const kind of ["pointermove", "input", "click"]) root.addEventListener(kind, note);
  const look = () => {
    while (waiting.length && waiting[0].serial <= Number(root.dataset.shown))
      done.push(performance.now() - waiting.shift().at);
    if (window.latencies === done) requestAnimationFrame(look);
  };
  look();
}"""
LIVE = "() => document.querySelectorAll('.aelatent-live[data-live=yes]').length === 4"


def lab(plan):
    """Drag in JupyterLab: the page decodes, or the kernel."""
    runs = settings.data_dir() / "runs"
    cells = [PATH.format(run=prepare().name), KERNEL, "FaceMixer(run)"]
    with (
        tempfile.TemporaryDirectory() as folder,
        running_lab(Path(folder)) as lab,
        BROWSER.chromium() as browser,
    ):
        (lab.data / "runs").symlink_to(runs.resolve())
        write_notebook(lab, "latency.ipynb", *cells)
        with opened(browser, lab, "latency.ipynb", Mixer) as notebook:
            path = notebook.page.locator(".aelatent-explorer.aelatent-path")
            yield from lines("path of 8 faces in JupyterLab", path.first, drag, plan)
            yield from lines("the same, the kernel decodes", path.last, drag, plan)
            yield from lines("mixer's slider in JupyterLab", notebook.root, slide, plan)


class Mixer(Explorer):
    shows = ".aelatent-explorer.aelatent-mixer"  # the last of the explorers


def page(plan):
    """Drag and press in the page that a run is exported to."""
    with exported() as folder, serving(folder) as address, BROWSER.chromium() as browser:
        shown = browser.new_page(viewport={"width": 1280, "height": 1000})
        shown.goto(address)
        shown.wait_for_function(LIVE)
        of = lambda kind: shown.locator(f".aelatent-explorer.aelatent-{kind}")  # noqa: E731
        yield from lines("path of 8 faces in the page", of("path"), drag, plan)
        yield from lines("mixer's slider in the page", of("mixer"), slide, plan)
        yield from lines("picture of one's own in the page", of("photo"), press, plan)


@contextlib.contextmanager
def exported():
    """Yield a folder with the page of the default run."""
    with tempfile.TemporaryDirectory() as folder:
        yield export_page(Run.open(prepare().name), Path(folder, "page"), publish=True)


def lines(what, root, act, plan):
    """Yield what the moves of an explorer took, alone and beside other work."""
    for beside in (0, BUSY):
        with busy(beside):
            found = measured(root, act, plan.n(200, least=20))
        median, high = np.quantile(found, [0.5, 0.95]).tolist()
        judged = {} if beside else at_most(BUDGET, high, "ms")
        name = f"{what}, beside {beside} busy processes" if beside else what
        note = f"95th percentile; median {median:.0f} ms"
        yield Line(name, f"{len(found)} moves", "ms", high, note=note, **judged)


@contextlib.contextmanager
def busy(processes):
    """Let so many processes compute beside."""
    command = [sys.executable, "-c", "while True: pass"]
    with contextlib.ExitStack() as stack:
        for _ in range(processes):
            stack.callback(stack.enter_context(subprocess.Popen(command)).kill)
        yield


def measured(root, act, moves):
    """Return the latency in ms of each move that asked for a picture."""
    root.scroll_into_view_if_needed()
    root.evaluate(MEASURE)
    begun = time.monotonic()
    for k in act(root, moves):
        wait = begun + k / PER_SECOND - time.monotonic()
        root.page.wait_for_timeout(max(1, 1000 * wait))
    root.page.mouse.up()
    root.page.wait_for_timeout(1000)  # the last is shown
    return root.page.evaluate("window.latencies")


def dragging(selector, by):
    """Return what drags an element from its middle; `by` says where to in the k-th move."""

    def act(root, moves):
        element, mouse = root.locator(selector).first, root.page.mouse
        element.scroll_into_view_if_needed()
        box = element.bounding_box()
        here = np.array([box["x"] + box["width"] / 2, box["y"] + box["height"] / 2])
        mouse.move(*here)
        mouse.down()
        for k in range(moves):
            mouse.move(*(here + by(k)))
            yield k

    return act


drag = dragging(".aelatent-path-end", lambda k: (30 * np.cos(k / 16) - 30, 80 * np.sin(k / 16)))
slide = dragging("input[type=range]", lambda k: (60 * np.sin(k / 4), 0))


def press(root, moves):
    """Take the pictures in turn, one a second at most."""
    samples = root.locator(".aelatent-sample")
    for k in range(min(moves, 30)):
        samples.nth(k % samples.count()).click()
        yield k * PER_SECOND
