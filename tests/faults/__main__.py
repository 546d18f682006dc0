"""Disturb the making and the reading of stores, runs, z-points and maps; see that all holds.

    python tests/faults                          # every case of every family
    python tests/faults kills damage             # of these families
    python tests/faults --sample                 # few cases of each
    python tests/faults --cases 50               # at most so many of each, spread over its kinds
    python tests/faults kills --only 17 --seed 3 # one case again

After each case: whatever opens is whole and right, whatever does not says clearly why and what to
do; what was finished before is there; the same call again gives, byte by byte, the result of one
that nobody disturbed, and leaves nothing else behind.
"""

import argparse
import importlib
import os
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from harness import FAMILIES, Tally, chosen, table, try_family


def main() -> int:
    families = "\n".join(f"  {name:11}{what}" for name, (*_, what) in FAMILIES.items())
    parser = argparse.ArgumentParser(
        prog="python tests/faults",
        description=f"{__doc__}\nFamilies:\n{families}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("family", nargs="*", help="default: all")
    parser.add_argument("--sample", action="store_true", help="a few cases of each")
    parser.add_argument("--cases", type=int, metavar="N", help="at most so many of each")
    parser.add_argument("--only", type=int, metavar="NUMBER", help="one case of one family")
    parser.add_argument("--seed", type=int, default=0, help="of whatever is random (default 0)")
    options = parser.parse_args()
    if unknown := sorted(set(options.family) - set(FAMILIES)):
        parser.error(f"family must be one of {', '.join(FAMILIES)}; got {', '.join(unknown)}")
    if options.only is not None and len(options.family) != 1:
        parser.error("--only needs the name of one family")
    if not hasattr(os, "fork"):
        parser.error("this system cannot fork processes; try it on Linux or macOS")
    names = [name for name in FAMILIES if name in (options.family or FAMILIES)]
    with tempfile.TemporaryDirectory() as folder:
        return try_all(names, options, Path(folder))


def try_all(names: list[str], options, base: Path) -> int:
    """Try each family in a child of its own, print the table, return the exit status."""
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    sys.path.insert(0, str(Path(__file__).parents[1]))  # for the makers of pictures
    from children import attempt
    from works import World

    begun, tallies, broken, world = time.monotonic(), [], [], None

    def one():
        module, sample, _ = FAMILIES[name]
        kinds = getattr(importlib.import_module(module), name)(base / name, world)
        at_most = sample if options.sample else options.cases
        numbers = chosen(kinds, at_most, options.seed, options.only)
        return [asdict(t) for t in try_family(name, kinds, numbers, options.seed, base / name)]

    for name in names:
        if name != "trainings":
            world = world or World(base / "world")
        (base / name).mkdir()
        end = attempt(one)
        if end.how == "well":
            tallies += [Tally(**tally) for tally in end.value]
        else:
            print(end.trace)
            broken.append(name)
    print(table(tallies, time.monotonic() - begun))
    if broken:
        print(f"could not be tried to the end: {', '.join(broken)}")
    return 1 if broken or any(tally.failed for tally in tallies) else 0


if __name__ == "__main__":
    sys.exit(main())
