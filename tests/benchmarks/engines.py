"""What 8 faces take in the page, in each browser that is here: no mouse, no screen."""

import contextlib
import tempfile
from pathlib import Path

import numpy as np
from browser.conftest import BROWSER
from browser.engines import Absent, firefox, webkit

from benchmarks.latency import exported
from benchmarks.timing import Line

# The page's own Float32Array: from elsewhere, Firefox looks at each number through a wrapper.
TIMES = """const { axes, faces } = await window.aelatentPages.run;
const vectors = new window.Float32Array(8 * axes.d).fill(0.1);
return Array.from({ length: ROUNDS }, () => {
  const begun = performance.now();
  faces(vectors);
  return performance.now() - begun;
});"""


def engines(plan):
    """Time the faces in Chromium, Firefox and WebKit."""
    rounds = plan.n(100, least=5)
    with exported() as folder, tempfile.TemporaryDirectory() as home:
        for engine in (chromium, firefox, webkit):
            what = f"8 faces decoded in {engine.__name__}"
            (room := Path(home, engine.__name__)).mkdir()
            try:
                with engine(room) as browser:
                    browser.goto((folder / "index.html").as_uri())
                    found = browser.run(TIMES.replace("ROUNDS", str(rounds)))
            except (Absent, FileNotFoundError) as reason:
                yield Line(what, "", "ms", note=str(reason))
                continue
            note = f"median; the best {min(found):.1f}"
            yield Line(what, f"{rounds} times", "ms", float(np.median(found)), note=note)


@contextlib.contextmanager
def chromium(_):
    """Yield Chromium with the methods of `browser.engines`."""
    with BROWSER.chromium() as browser:
        page = browser.new_page()
        page.run = lambda script: page.evaluate(f"async () => {{ {script} }}")
        yield page
