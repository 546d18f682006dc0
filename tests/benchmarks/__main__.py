"""Benchmarks side by side: ``python tests/benchmarks [ROW ...]``, or ``make bench``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # where the package is found

from benchmarks.bench import main

if __name__ == "__main__":
    sys.exit(main())
