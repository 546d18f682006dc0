"""Measure one row in this process: ``python -m benchmarks.measure ROW FILE`` writes its numbers."""

import argparse
from dataclasses import asdict
from pathlib import Path

from aelatent._files import write_json
from benchmarks.rows import ROWS
from benchmarks.timing import Line, Plan


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("row", choices=ROWS)
    parser.add_argument("file", type=Path)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--rounds", type=int)
    asked = parser.parse_args()
    measured = ROWS[asked.row].load()(Plan(asked.scale, asked.rounds))
    kinds = {"lines": [], "growth": []}
    for found in measured:
        kinds["lines" if isinstance(found, Line) else "growth"].append(asdict(found))
    write_json(asked.file, kinds)


if __name__ == "__main__":
    main()
