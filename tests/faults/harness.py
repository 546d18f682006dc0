"""Cases by family and kind: which are tried, what became of them, and the table that says so."""

import random
import shutil
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

#: A case: called with an empty folder and its own random numbers; returns whether the fault struck,
#: and raises where something did not hold.
Case = Callable[[Path, random.Random], bool]


@dataclass
class Tally:
    """What became of the cases of one kind."""

    family: str
    kind: str
    tried: int = 0
    struck: int = 0
    failed: int = 0


def chosen(kinds: dict[str, list[Case]], at_most: int | None, seed: int, only=None) -> set[int]:
    """Return the numbers of the cases to try: all, `at_most` spread over all kinds, or one.

    A case's number depends on the family alone; those of a kind follow each other.
    """
    numbers, total = [], 0
    for of_kind in kinds.values():
        numbers.append(list(range(total, total + len(of_kind))))
        total += len(of_kind)
    if only is not None:
        if not 0 <= only < total:
            raise ValueError(f"the family has the cases 0 to {total - 1}; got {only}.")
        return {only}
    if at_most is None:
        return set(range(total))
    rng = random.Random(f"sample {seed}")
    for of_kind in numbers:
        rng.shuffle(of_kind)
    rng.shuffle(numbers)
    rounds = max(map(len, numbers))
    turns = [of_kind[i] for i in range(rounds) for of_kind in numbers if i < len(of_kind)]
    return set(turns[:at_most])


def try_family(
    name: str, kinds: dict[str, list[Case]], numbers: set[int], seed: int, base: Path
) -> list[Tally]:
    """Try the cases `numbers` of a family; print how to repeat each that fails."""
    tallies = [Tally(name, kind) for kind in kinds]
    listed = [(tally, case) for tally in tallies for case in kinds[tally.kind]]
    for number in sorted(numbers):
        tally, case = listed[number]
        tally.tried += 1
        try:
            tally.struck += bool(case(scratch(base), random.Random(f"{name} {number} {seed}")))
        except Exception:
            tally.failed += 1
            print(f"FAILED: {tally.kind}; repeat it with", flush=True)
            print(f"    python tests/faults {name} --only {number} --seed {seed}")
            print(traceback.format_exc(), flush=True)
    return [tally for tally in tallies if tally.tried]


def scratch(base: Path) -> Path:
    """Return the folder of the next case, empty."""
    folder = base / "case"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def table(tallies: list[Tally], seconds: float) -> str:
    """Return the tallies as text, with their sums.

    A case whose fault did not strike (the work had ended before) survived nothing: it is counted
    among those tried alone.
    """

    def line(family, kind, of):
        tried, struck, failed = (
            sum(getattr(t, n) for t in of) for n in ("tried", "struck", "failed")
        )
        # a case that failed did so because its fault struck
        return f"{family:11}{kind:56}{tried:7}{struck + failed:8}{struck:10}{failed:8}"

    head = (
        f"{'family':11}{'kind of fault':56}{'tried':>7}{'struck':>8}{'survived':>10}{'failed':>8}"
    )
    each = [line(tally.family, tally.kind, [tally]) for tally in tallies]
    return "\n".join([head, *each, line("all", f"in {seconds:.0f} s", tallies)])


def stopwatch() -> Callable[[], float]:
    """Return a function that returns the seconds since this call."""
    begun = time.monotonic()
    return lambda: time.monotonic() - begun
