"""Drawing portraits: pictures a second, in one process and in as many as there are cores."""

from concurrent.futures import ProcessPoolExecutor

import joblib

from aelatent import portraits
from benchmarks.timing import OURS, at_least, take_turns

PART = 500  # portraits in a call
BUDGET = 1000  # a second
ONE = "one process"


def drawing(plan):
    """Let all cores and one process draw the same portraits in turns."""
    cores, part = joblib.cpu_count(), plan.n(PART, least=10)
    seeds = range(2 * cores)
    with ProcessPoolExecutor(cores) as pool:
        sides = {
            OURS: lambda: sum(pool.map(draw_part, seeds, [part] * len(seeds))),
            ONE: lambda: sum(map(draw_part, seeds, [part] * len(seeds))),
        }
        turns, drawn = take_turns(sides, plan.rounds(5))
    rate = drawn[OURS] / turns.median()
    yield turns.line(
        ONE,
        f"drawing portraits in {cores} processes, against one",
        f"{drawn[OURS]:,} of 96 x 96",
        n=drawn[OURS],
        unit="pictures/s",
        **at_least(BUDGET, rate, "pictures/s"),
    )


def draw_part(seed, count):
    return len(portraits.draw(portraits.sample_factors(count, seed)))
