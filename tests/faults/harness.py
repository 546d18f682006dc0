"""Cases by family and kind: which are tried, what became of them, and the table that says so."""

import itertools
import random
import shutil
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

#: A case: called with an empty folder and its own random numbers; returns whether the fault struck,
#: and raises where something did not hold.
Case = Callable[[Path, random.Random], bool]

#: Family -> its module, cases in a sample, what it does. The module has a function of its name that
#: takes ``(base, world)`` and returns kind of fault -> cases. Nothing is made up in the first.
FAMILIES = {
    "trainings": ("trainings", 3, "real trainings killed, stopped, with other clocks or weights"),
    "kills": ("disturbed", 10, "processes killed before each change of a file, at random moments"),
    "workers": ("workers", 4, "packing with worker processes disturbed; work in progress damaged"),
    "disks": ("disturbed", 10, "full disks, limits, disks that fail on the way"),
    "readonly": ("disturbed", 8, "folders and file systems that cannot be written to"),
    "rivals": ("disturbed", 7, "two processes on one store or run at once"),
    "clocks": ("disturbed", 5, "clocks that go back or ahead"),
    "copies": ("copies", 8, "runs and stores copied, renamed, moved, mixed; other stores"),
    "damage": ("damage", 20, "files cut, changed, replaced, with other values"),
}


@dataclass
class Tally:
    """What became of the cases of one kind."""

    family: str
    kind: str
    tried: int = 0
    struck: int = 0  # and were survived
    failed: int = 0


def chosen(kinds: dict[str, list[Case]], at_most: int | None, seed: int, only=None) -> set[int]:
    """Return the numbers of the cases to try: all, `at_most` spread over all kinds, or one.

    A case's number depends on the family alone; those of a kind follow each other.
    """
    count = itertools.count()
    numbers = [[next(count) for _ in of_kind] for of_kind in kinds.values()]
    if only is not None:
        if only not in range(total := next(count)):
            raise ValueError(f"the family has the cases 0 to {total - 1}; got {only}.")
        return {only}
    rng = random.Random(f"sample {seed}")
    for of_kind in numbers:
        rng.shuffle(of_kind)
    rng.shuffle(numbers)
    turns = itertools.chain(*itertools.zip_longest(*numbers))
    return set([number for number in turns if number is not None][:at_most])


def try_family(
    name: str, kinds: dict[str, list[Case]], numbers: set[int], seed: int, base: Path
) -> list[Tally]:
    """Try the cases `numbers` of a family; print how to repeat each that fails."""
    tallies = [Tally(name, kind) for kind in kinds]
    listed = [(tally, case) for tally in tallies for case in kinds[tally.kind]]
    for number in sorted(numbers):
        tally, case = listed[number]
        tally.tried += 1
        folder = base / "case"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            tally.struck += bool(case(folder, random.Random(f"{name} {number} {seed}")))
        except Exception:
            tally.failed += 1
            print(f"FAILED: {tally.kind}; repeat it with", flush=True)
            print(f"    python tests/faults {name} --only {number} --seed {seed}")
            print(traceback.format_exc(), flush=True)
    return [tally for tally in tallies if tally.tried]


def table(tallies: list[Tally], seconds: float) -> str:
    """Return the tallies as text, with their sums.

    A case whose fault did not strike (the work had ended before) survived nothing: it is counted
    among those tried alone.
    """
    sums = (sum(getattr(t, name) for t in tallies) for name in ("tried", "struck", "failed"))
    rows = [("family", "kind of fault", "tried", "struck", "survived", "failed")]
    for t in [*tallies, Tally("all", f"in {seconds:.0f} s", *sums)]:
        # a case that failed did so because its fault struck
        rows.append((t.family, t.kind, t.tried, t.struck + t.failed, t.struck, t.failed))
    return "\n".join(f"{a:11}{b:56}{c:>7}{d:>8}{e:>10}{f:>8}" for a, b, c, d, e, f in rows)
