"""Time of ``import aelatent`` in a fresh interpreter, against that of importing TensorFlow."""

import os
import subprocess
import sys

from benchmarks.timing import OURS, Turns, at_most, in_turns

BUDGET = 0.5  # seconds, warm
CODE = """\
import sys, time
begun = time.perf_counter()
import {}
print(time.perf_counter() - begun)
print(sorted({{"tensorflow", "keras"}} & {{*sys.modules}}))
"""


def importing(plan):
    modules = {OURS: "aelatent", "TensorFlow": "tensorflow"}
    in_turns(modules, 1, fresh)  # afterwards its files are in the memory
    said = in_turns(modules, plan.rounds(7), fresh)
    loaded = {names for _, names in said[OURS]} - {"[]"}
    if loaded:
        raise RuntimeError(f"import aelatent loads {loaded.pop()}; expected neither of them.")
    turns = Turns({side: [seconds for seconds, _ in values] for side, values in said.items()})
    yield turns.line(
        "TensorFlow",
        "import aelatent, against import tensorflow",
        "fresh interpreter",
        note="no TensorFlow is loaded",
        **at_most(BUDGET, turns.median(), "s"),
    )


def fresh(module):
    """Return the seconds that an import takes, and which of the heavy modules it loads."""
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(module)],
        env={"TF_CPP_MIN_LOG_LEVEL": "3", **os.environ},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    seconds, names = done.stdout.splitlines()[-2:]
    return float(seconds), names
