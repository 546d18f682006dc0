"""Time of the statistics of z-points beside the obvious loops and the memory's bandwidth.

    python tests/benchmarks/statistics.py [--n 165000] [--d 256] [--rounds 3]

Prints, for each quantity, the median time, that of the obvious NumPy or pandas code for the same
numbers (checked to agree), and how fast z was read, as a share of what a plain copy of z reaches.
"""

import argparse
import time

import numpy as np
import pandas as pd

from aelatent.latent import Densities, Moments, PrincipalAxes, describe_components

LOOP_ROWS = 5000  # the loop over rows is timed on so many, and its time scaled up


def seconds(work, rounds):
    """Return the median time of some calls, and the last result."""
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - begun)
    return float(np.median(times)), result


def histograms(z, edges):
    """Count every component on its own."""
    return np.array([np.histogram(z[:, k], edges)[0] for k in range(z.shape[1])])


def d2_by_rows(z, mean, inverse):
    """Take one point after the other."""
    return np.array([(x - mean) @ inverse @ (x - mean) for x in z.astype(float)])


def describe(z):
    """Describe all components with pandas."""
    return pd.DataFrame(z).agg(["mean", "median", "std", "skew", "kurt"])


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=165_000)
    parser.add_argument("--d", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    z = rng.standard_normal((options.n, options.d), dtype=np.float32)
    z += rng.normal(0, 2, options.d).astype(np.float32)
    target = z.copy()  # its pages are there when it is timed
    copied, _ = seconds(lambda: np.copyto(target, z), options.rounds)
    print(f"{options.n:,} x {options.d} float32, {z.nbytes / 1e6:,.0f} MB; medians of", end=" ")
    print(f"{options.rounds}; a copy takes {copied:.3f} s ({z.nbytes / copied / 1e9:.1f} GB/s)")

    def report(name, work, loop, factor=1):
        ours, result = seconds(work, options.rounds)
        theirs, reference = seconds(loop, 1)
        theirs *= factor
        print(
            f"{name:24s} {ours:6.2f} s   obvious {theirs:7.2f} s   {theirs / ours:6.1f} x   "
            f"{copied / ours:6.1%} of the copy's rate"
        )
        return result, reference

    edges = Densities.of(z).edges
    counted, loop = report(
        "densities, bins of 0.25", lambda: Densities.of(z), lambda: histograms(z, edges)
    )
    if np.abs(counted.counts - loop).sum() > 1e-4 * z.size:  # float32 edges: a few values move
        raise SystemExit("the densities differ from the loop's")
    moments, loop = report("covariance", lambda: Moments.of(z), lambda: pd.DataFrame(z).cov())
    np.testing.assert_allclose(moments.covariance, loop, atol=1e-4)
    axes = PrincipalAxes.from_moments(moments)
    inverse, rows = np.linalg.inv(moments.covariance), slice(LOOP_ROWS)
    factor = options.n / min(LOOP_ROWS, options.n)
    d2, loop = report(
        "D²", lambda: axes.d2(z), lambda: d2_by_rows(z[rows], moments.mean, inverse), factor
    )
    np.testing.assert_allclose(d2[rows], loop, rtol=1e-6)
    described, loop = report(
        "table of components", lambda: describe_components(z), lambda: describe(z)
    )
    np.testing.assert_allclose(described["sd"], loop.loc["std"], rtol=1e-3)


if __name__ == "__main__":
    main()
