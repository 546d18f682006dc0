"""Latent vectors that tell missing filaments from leaving a region, as random ones may do.

The question is that of the addendum to the post *Curse of high dimensionality* II; these vectors
are our choice. `segments` asks whether the region is one piece.
"""

from dataclasses import dataclass

import numpy as np

from aelatent._checks import check_enough, check_finite, check_number, check_vector, check_whole
from aelatent.latent.core import core_border
from aelatent.latent.neighbors import nearest
from aelatent.latent.samplers import SURROGATES

_LIKE = 50  # z-points of nearly equal D² among which one is picked
_TYPICAL = 500  # z-points whose nearest neighbor says what is near


@dataclass(frozen=True, eq=False)
class Probes:
    """Latent vectors to decode, float32 (n, d), with D² and distance to z, float64 (n,)."""

    z: np.ndarray
    d2: np.ndarray  # whitened with mean and covariance of one half of the z-points (`core_border`)
    distance: np.ndarray  # whitened in the same way, to the nearest of *all* z-points


def core_voids(z: np.ndarray, n: int, seed: int = 0, *, candidates: int = 20) -> Probes:
    """Find latent vectors in the core that are far from every z-point.

    From the elliptical surrogate's vectors (measured radii, random directions) in the core it takes
    those whose nearest z-point is farthest. As distances grow with D², they lie near the
    border: compare with `beside_points` at their D². If both decode alike, only the region matters.

    Parameters
    ----------
    candidates : int
        How many vectors are drawn for each one kept, at least 2. Time grows as their number times
        that of z-points: some 20 s for 4,000 among 165,000 x 256.

    Returns
    -------
    Probes
        The farthest first: ``z`` float32 (n, d); ``d2`` and ``distance`` float64 (n,), without
        unit, whitened with `core_border` of this seed; distance to the nearest of *all* z-points.
    """
    drawn = check_whole("n", n, 1) * check_whole("candidates", candidates, 2)
    core = core_border(z, seed)
    found = SURROGATES["elliptical"](z, drawn, seed)
    found = found[core.holds(found)]
    what = f"how many of {drawn} drawn vectors lie in the core"
    check_whole(what, len(found), n, hint="Raise candidates.")
    distance = nearest(core.axes.whiten(found), core.axes.whiten(z).astype(np.float32))
    farthest = np.argsort(-distance, kind="stable")[:n]
    return Probes(found[farthest], core.axes.d2(found[farthest]), distance[farthest])


def beside_points(z: np.ndarray, d2: np.ndarray, seed: int = 0, *, step: float = 0.25) -> Probes:
    """Find latent vectors of given D² that lie near a z-point.

    For each D² one of the 50 z-points nearest in D² is picked at random, among those not picked
    before: so many bases are independent. From it leads a step in a random direction of whitened
    space; then the whitened vector is scaled to the D² wanted.

    Parameters
    ----------
    d2 : float (n,)
        D² of each vector wanted, above 0: for instance ``core_voids(z, n, seed).d2``.
    seed : int
        Seed of the draw and of the core, which whitens: that of `core_voids`.
    step : float
        Above 0, in units of the median distance of a z-point to the nearest other one.

    Returns
    -------
    Probes
        As of `core_voids`, in the order of `d2`, which they have to the rounding of float32.

    Examples
    --------
    >>> z = np.random.default_rng(0).normal(size=(400, 16))
    >>> voids = core_voids(z, 5)
    >>> bool((beside_points(z, voids.d2).distance < voids.distance).all())
    True
    """
    d2 = check_vector("d2", np.asarray(d2), hint="For instance core_voids(z, 100).d2.")
    check_number("the least of d2", d2.min(), above=0)
    step = check_number("step", step, above=0, hint="Try 0.25.")
    axes = core_border(z, seed).axes
    y = axes.whiten(z).astype(np.float32)  # 169 MB at 165,000 x 256
    rng = np.random.default_rng(seed)
    some = rng.choice(len(y), min(_TYPICAL, len(y)), replace=False)
    typical = np.median(nearest(y[some], y, 2))  # the nearest is the z-point itself
    measured = np.einsum("ij,ij->i", y, y).astype(np.float64)
    left, picked = np.argsort(measured), np.empty(len(d2), np.intp)
    for k, wanted in enumerate(d2):
        chosen = rng.choice(np.abs(measured[left] - wanted).argsort(kind="stable")[:_LIKE])
        picked[k] = left[chosen]
        # Where there are fewer z-points than vectors, all may be picked once more.
        left = np.delete(left, chosen) if len(left) > 1 else np.argsort(measured)
    start = y[picked].astype(np.float64)
    direction = rng.standard_normal(start.shape)
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    moved = start + step * typical * direction
    moved *= np.sqrt(d2 / np.sum(moved**2, axis=1))[:, None]
    made = axes.unwhiten(moved).astype(np.float32)
    return Probes(made, axes.d2(made), nearest(axes.whiten(made), y))


def segments(z: np.ndarray, pairs: int, seed: int = 0, *, steps: int = 9) -> np.ndarray:
    """Return points on the straight segments between random pairs of z-points.

    Parameters
    ----------
    pairs, steps : int
        Pairs of two rows, at least 1; evenly spaced points on each, ends included, at least 2.

    Returns
    -------
    float32 (pairs, steps, d)
        From the first z-point of each pair to the second.
    """
    pairs, steps = check_whole("pairs", pairs, 1), check_whole("steps", steps, 2)
    z = check_finite(z)
    check_enough(len(z), 2, "a segment", "Pass more rows.")
    rng = np.random.default_rng(seed)
    first = rng.integers(len(z), size=pairs)
    second = (first + rng.integers(1, len(z), size=pairs)) % len(z)
    t = np.linspace(0, 1, steps, dtype=np.float32)[:, None]
    a, b = (z[rows].astype(np.float32)[:, None] for rows in (first, second))
    return (1 - t) * a + t * b
