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
    numbers, first = [], 0
    for of_kind in kinds.values():
        numbers.append(list(range(first, first + len(of_kind))))
        first += len(of_kind)
    if only is not None:
        if not 0 <= only < first:
            raise ValueError(f"the family has the cases 0 to {first - 1}; got {only}.")
        return {only}
    if at_most is None:
        return set(range(first))
    rng = random.Random(f"sample {seed}")
    for of_kind in numbers:
        rng.shuffle(of_kind)
    rng.shuffle(numbers)
    rounds = max(map(len, numbers))
    turns = [of_kind[i] for i in range(rounds) for of_kind in numbers if i < len(of_kind)]
    return set(turns[:at_most])


def try_family(name: str, kinds: dict[str, list[Case]], numbers: set[int], seed: int, base: Path):
    """Try the cases `numbers` of a family; print how to repeat each that fails.

    Returns
    -------
    list of Tally
        One per kind.
    """
    tallies, number = [], -1
    for kind, cases in kinds.items():
        tally = Tally(name, kind)
        for case in cases:
            number += 1
            if number not in numbers:
                continue
            tally.tried += 1
            try:
                rng = random.Random(f"{name} {number} {seed}")
                tally.struck += bool(case(scratch(base), rng))
            except Exception:
                tally.failed += 1
                print(f"FAILED: {kind}; repeat it with", flush=True)
                print(f"    python tests/faults {name} --only {number} --seed {seed}")
                print(traceback.format_exc(), flush=True)
        if tally.tried:
            tallies.append(tally)
    return tallies


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
    head = (
        f"{'family':11}{'kind of fault':56}{'tried':>7}{'struck':>8}{'survived':>10}{'failed':>8}"
    )
    lines = [head]

    def line(family, kind, of):
        struck, failed = (sum(getattr(t, what) for t in of) for what in ("struck", "failed"))
        tried = sum(t.tried for t in of)
        # a case that failed did so because its fault struck
        return f"{family:11}{kind:56}{tried:7}{struck + failed:8}{struck:10}{failed:8}"

    lines += [line(t.family, t.kind, [t]) for t in tallies]
    lines.append(line("all", f"in {seconds:.0f} s", tallies))
    return "\n".join(lines)


def stopwatch() -> Callable[[], float]:
    """Return a function that returns the seconds since this call."""
    begun = time.monotonic()
    return lambda: time.monotonic() - begun
