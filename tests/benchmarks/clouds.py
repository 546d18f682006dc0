"""Statistics of z-points beside the obvious NumPy or pandas code for the same numbers."""

import functools

import numpy as np
import pandas as pd

from aelatent.latent import Densities, Moments, PrincipalAxes, describe_components
from benchmarks.timing import OURS, at_most, take_turns

N, D = 165_000, 256
LOOP_ROWS = 5000  # the loop over rows is timed on so many, and its time scaled up
BUDGET = 1.0  # seconds each
LOOP = "loop"


def random_z(n: int, d: int = D) -> np.ndarray:
    """Return z-points of independent components with means of their own, float32 (n, d)."""
    rng = np.random.default_rng(0)
    z = rng.standard_normal((n, d), dtype=np.float32)
    z += rng.normal(0, 2, d).astype(np.float32)
    return z


def clouds(plan):
    """Time the statistics, check that both sides agree, and compare with a plain copy of z."""
    z = random_z(plan.n(N, least=1000))
    target = z.copy()  # its pages are there when it is timed
    copying, _ = take_turns({OURS: lambda: np.copyto(target, z)}, plan.rounds(3))
    for measure in (densities, covariance, distances, table):
        compared, turns, budget = measure(z, plan.rounds(3))
        yield turns.line(
            LOOP,
            compared,
            f"{len(z):,} x {z.shape[1]}",
            note=f"z is read at {copying.median() / turns.median():.1%} of a copy's rate",
            **(at_most(BUDGET, turns.median(), "s") if budget else {}),
        )


def densities(z, rounds):
    edges = Densities.of(z).edges
    sides = {OURS: lambda: Densities.of(z), LOOP: lambda: histograms(z, edges)}
    turns, found = take_turns(sides, rounds)
    moved = np.abs(found[OURS].counts - found[LOOP]).sum()
    if moved > 1e-4 * z.size:  # the loop's edges are float32: a few values move
        raise RuntimeError(f"the densities differ from the loop's in {moved} of {z.size} values.")
    return "densities, against a histogram per component", turns, True


def histograms(z, edges):
    return np.array([np.histogram(z[:, k], edges)[0] for k in range(z.shape[1])])


def covariance(z, rounds):
    sides = {OURS: lambda: Moments.of(z), LOOP: lambda: pd.DataFrame(z).cov()}
    turns, found = take_turns(sides, rounds)
    np.testing.assert_allclose(found[OURS].covariance, found[LOOP], atol=1e-4)
    return "covariance, against DataFrame.cov", turns, True


def distances(z, rounds):
    moments = Moments.of(z)
    axes, inverse = PrincipalAxes.from_moments(moments), np.linalg.inv(moments.covariance)
    some = z[:LOOP_ROWS]
    sides = {OURS: lambda: axes.d2(z), LOOP: lambda: d2_by_rows(some, moments.mean, inverse)}
    turns, found = take_turns(sides, rounds)
    np.testing.assert_allclose(found[OURS][: len(some)], found[LOOP], rtol=1e-6)
    turns.seconds[LOOP] *= len(z) / len(some)
    return "D², against a loop over the points (a part of them, scaled up)", turns, True


def d2_by_rows(z, mean, inverse):
    return np.array([(x - mean) @ inverse @ (x - mean) for x in z.astype(float)])


def table(z, rounds):
    describe = functools.partial(describe_components, z)
    turns, found = take_turns({OURS: describe, LOOP: lambda: by_pandas(z)}, rounds)
    np.testing.assert_allclose(found[OURS]["sd"], found[LOOP].loc["std"], rtol=1e-3)
    return "table of components, against DataFrame.agg (which finds less)", turns, False


def by_pandas(z):
    return pd.DataFrame(z).agg(["mean", "median", "std", "skew", "kurt"])
