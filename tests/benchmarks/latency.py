"""Time from a move of the mouse to the faces that it leads to, in a browser.

Opens the path explorer of 8 points in JupyterLab and headless Chromium, and drags an end of the
path. A move counts from its event's time stamp to the first animation frame after the strip was
drawn that belongs to it or to a later move.
"""

import tempfile
from pathlib import Path

import numpy as np
from browser.conftest import BROWSER, running_lab
from browser.driven import Explorer, opened, write_notebook

from aelatent import prepare, settings
from benchmarks.timing import Line, at_most

BUDGET = 100  # ms at the 95th percentile, on two cores
PER_SECOND = 30  # moves
CELL = """\
from aelatent import Run
from aelatent.latent import PrincipalAxes, describe_components
from aelatent.latent.planes import seed_planes
from aelatent.widgets.path_explorer import PathExplorer

run = Run.open({run!r})
planes = seed_planes(PrincipalAxes.fit(run.z), describe_components(run.z))
explorer = PathExplorer(run, planes, n=8)
explorer
"""
# In each frame, the moves are done that the strip has caught up with.
MEASURE = """root => {
  const [waiting, done] = [[], []];
  window.latencies = done;
  document.addEventListener("pointermove", (event) => {
    waiting.push({ at: event.timeStamp, serial: Number(root.dataset.asked) });
  });
  const look = () => {
    while (waiting.length && waiting[0].serial <= Number(root.dataset.shown)) {
      done.push(performance.now() - waiting.shift().at);
    }
    requestAnimationFrame(look);
  };
  look();
}"""


def latency(plan):
    what = "path explorer of 8 points, mouse to faces"
    try:
        BROWSER.find_chromium()
    except FileNotFoundError as reason:
        yield Line(what, "", "ms", note=str(reason))
        return
    found = dragged(prepare().name, plan.n(200, least=20))
    size = f"{len(found)} moves, {PER_SECOND} a second"
    median, high = np.quantile(found, [0.5, 0.95]).tolist()
    yield Line(f"{what}: median", size, "ms", median)
    yield Line(f"{what}: 95th percentile", size, "ms", high, **at_most(BUDGET, high, "ms"))


def dragged(run, moves):
    """Return the latency of each move in ms, in a JupyterLab of its own."""
    runs = settings.data_dir() / "runs"
    with tempfile.TemporaryDirectory() as folder, running_lab(Path(folder)) as lab:
        (lab.data / "runs").symlink_to(runs.resolve())
        write_notebook(lab, "latency.ipynb", CELL.format(run=run))
        with (
            BROWSER.chromium() as browser,
            opened(browser, lab, "latency.ipynb", Explorer) as explorer,
        ):
            drag(explorer, moves)
            return explorer.page.evaluate("window.latencies")


def drag(explorer, moves):
    """Drag the end of the path round the plane's middle, and let go."""
    mouse, (x, y) = explorer.page.mouse, explorer.middle_of("end")
    mouse.move(x, y)
    mouse.down()
    explorer.root.evaluate(MEASURE)
    for turn in np.linspace(0, 4 * np.pi, moves):
        mouse.move(x + 30 * np.cos(turn) - 30, y + 80 * np.sin(turn))
        explorer.page.wait_for_timeout(1000 / PER_SECOND)
    mouse.up()
    explorer.rests()
