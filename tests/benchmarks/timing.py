"""Two or more sides that take turns in one process, and what is said about them.

A line of the table compares this project's side with a reference; its ratio is above 1 where this
project's side is the better one.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

OURS = "ours"
BLOCKS = 10  # of rounds, where there are more of them than that


@dataclass(frozen=True)
class Plan:
    """How much a row measures."""

    scale: float = 1.0  # what all sizes are multiplied with, up to 1
    asked: int | None = None  # number of rounds; None: what the row thinks right

    def n(self, full: int, least: int = 1) -> int:
        return max(min(least, full), round(full * self.scale))

    def rounds(self, usual: int) -> int:
        return self.asked or usual


@dataclass(frozen=True)
class Line:
    """One comparison."""

    compared: str  # what, and against what
    size: str  # of the data
    unit: str  # of the next two, medians
    ours: float | None = None
    reference: float | None = None
    ratio: float | None = None  # how many times better ours is
    spread: tuple[float, float] | None = None  # smallest and largest ratio of a round
    budget: str = ""
    met: bool | None = None  # None where there is no budget
    note: str = ""  # what else was seen


@dataclass(frozen=True)
class Growth:
    """A step at growing numbers of rows."""

    step: str
    sizes: list[int]  # numbers of rows
    seconds: list[float]
    megabytes: list[float]  # peaks of memory, in 10^6 bytes


class Turns:
    """Seconds of several sides, round by round."""

    def __init__(self, seconds):
        self.seconds = {side: np.asarray(values, float) for side, values in seconds.items()}

    def median(self, side: str = OURS) -> float:
        return float(np.median(self.seconds[side]))

    def quantile(self, share: float, side: str = OURS) -> float:
        return float(np.quantile(self.seconds[side], share))

    def ratio(self, reference: str, side: str = OURS) -> float:
        """Return how many times faster a side is than another, by their medians."""
        return self.median(reference) / self.median(side)

    def spread(self, reference: str, side: str = OURS) -> tuple[float, float] | None:
        """Return the smallest and the largest ratio of a round; None of a single round.

        More than `BLOCKS` rounds are put into so many blocks, each with its medians.
        """
        count = len(self.seconds[side])
        if count < 2:
            return None
        theirs, own = (
            [np.median(part) for part in np.array_split(self.seconds[name], min(BLOCKS, count))]
            for name in (reference, side)
        )
        ratios = np.divide(theirs, own)
        return float(ratios.min()), float(ratios.max())

    def line(self, reference: str, compared: str, size: str, *, n=None, unit="s", **rest) -> Line:
        factor = 1000 if unit == "ms" else 1
        ours, theirs = (
            n / self.median(side) if n else factor * self.median(side) for side in (OURS, reference)
        )
        ratio, spread = self.ratio(reference), self.spread(reference)
        return Line(compared, size, unit, ours, theirs, ratio, spread, **rest)


def in_turns(sides: dict, rounds: int, measure: Callable) -> dict[str, list]:
    """Return what `measure` says of each side in each round: A B A B ..."""
    said = {side: [] for side in sides}
    for _ in range(rounds):
        for side, work in sides.items():
            said[side].append(measure(work))
    return said


def take_turns(
    sides: dict[str, Callable[[], object]], rounds: int, *, warm: bool = True
) -> tuple[Turns, dict[str, object]]:
    results = {}

    def seconds(side):
        begun = time.perf_counter()
        results[side] = sides[side]()
        return time.perf_counter() - begun

    names = {side: side for side in sides}
    if warm:
        in_turns(names, 1, seconds)
    return Turns(in_turns(names, rounds, seconds)), results


def at_least(bound: float, value: float, what: str = "ratio") -> dict:
    """Return the fields of a `Line` for a budget that is a lower bound."""
    return {"budget": f"{what} ≥ {bound:g}", "met": bool(value >= bound)}


def at_most(bound: float, value: float, unit: str, what: str = "ours") -> dict:
    """Return the fields of a `Line` for a budget that is an upper bound."""
    return {"budget": f"{what} ≤ {bound:g} {unit}", "met": bool(value <= bound)}
