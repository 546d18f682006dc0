"""Time of a film strip: 8 latent vectors to pictures to JPEG bytes.

    python tests/benchmarks/strip.py [RUN] [--repeats 300]

Prints the median and the 95th percentile in ms, and the parts' share.
"""

import argparse
import time

import numpy as np

import aelatent
from aelatent import settings
from aelatent.widgets._frames import jpeg

FRAMES = 8


def milliseconds(values):
    """Return "p50 ..., p95 ..." of durations in seconds."""
    median, high = 1e3 * np.quantile(values, [0.5, 0.95])
    return f"p50 {median:6.2f} ms   p95 {high:6.2f} ms"


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", nargs="?", default=settings.default_run())
    parser.add_argument("--repeats", type=int, default=300)
    options = parser.parse_args()

    run = aelatent.Run.open(options.run)
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(options.repeats, FRAMES, run.config.z_dim)).astype(np.float32)
    for z in vectors[:5]:  # compiles
        run.decode(z)
    marks = []
    for z in vectors:
        start = time.perf_counter()
        pictures = run.decode(z)
        decoded = time.perf_counter()
        frame = jpeg(np.concatenate(list(pictures), axis=1))
        marks.append((start, decoded, time.perf_counter()))
    start, decoded, end = np.array(marks).T
    print(f"run {run.name!r}: {FRAMES} vectors to one JPEG of {len(frame):,} bytes")
    print(f"  decode {milliseconds(decoded - start)}")
    print(f"  encode {milliseconds(end - decoded)}")
    print(f"  strip  {milliseconds(end - start)}   (budget: p95 25 ms)")


if __name__ == "__main__":
    main()
