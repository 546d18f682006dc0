"""Filaments put into a cloud on purpose, of our choice: what a test of filaments must find."""

import numpy as np

from aelatent._checks import (
    check_finite,
    check_number,
    check_one_of,
    check_points,
    check_share,
    check_whole,
)
from aelatent.latent.neighbors import find_others
from aelatent.latent.principal import PrincipalAxes, check_rank
from aelatent.latent.samplers import row_order

WAVES = np.array([1, 2, 3])  # periods on a closed curve; amplitudes fall as 1/k, so it is smooth


def inject_filaments(
    z: np.ndarray, share: float, seed: int = 0, *, curves: int = 20, thickness: float = 0.01
) -> tuple[np.ndarray, np.ndarray]:
    """Move a share of the z-points onto random smooth closed curves; the power control.

    In whitened space each curve keeps a constant distance from the center, that of a random
    z-point, and is about 9 times as long as that distance.

    Parameters
    ----------
    share : float
        Share of the z-points moved, above 0, at most 1; rounded to whole points, at least 1.
    curves : int
        Number of curves, at least 1; each moved point goes to a random one.
    thickness : float
        Standard deviation of the points about their curve along each whitened axis, above 0.

    Returns
    -------
    float32 (n, d)
        The cloud, rows in their order; those that are not moved are the same numbers as in `z`.
    bool (n,)
        Which rows were moved.
    """
    z, curves = check_points(z), check_whole("curves", curves, 1, hint="Try 20.")
    thickness = check_number("thickness", thickness, above=0, hint="In sd: try 0.01.")
    principal = PrincipalAxes.fit(z)
    check_rank(principal, 2, "a curve")
    rng = np.random.default_rng(seed)
    moved = _chosen(len(z), share, rng)
    radii = np.sqrt(principal.d2(z[row_order(len(z), curves, rng)]))
    y = _on_curves(np.count_nonzero(moved), radii, principal.rank, rng)
    y += thickness * rng.standard_normal(y.shape)
    out = np.array(z, dtype=np.float32)
    out[moved] = principal.unwhiten(y)
    return out, moved


def inject_shapes(
    z: np.ndarray, share: float, seed: int = 0, *, kind: str = "web", count: int = 300
) -> tuple[np.ndarray, np.ndarray]:
    """Move a share of the z-points onto shapes about `count` of them; as `inject_filaments`."""
    principal, count = PrincipalAxes.fit(check_points(z)), check_whole("count", count, 4)
    rng = np.random.default_rng(seed)
    moved = _chosen(len(z), share, rng)
    n, rank = np.count_nonzero(moved), principal.rank
    places = principal.whiten(z[row_order(len(z), count, rng)])  # (count, rank)
    near = find_others(places.astype(np.float32), 3)[1]
    at = rng.integers(count, size=n)
    # Two random directions of length about 1 at each place; in a plane a shape's radius of 3 is
    # seen as about 3 / sqrt(rank) standard deviations.
    axes = 3 * rng.standard_normal((2, count, rank)) / np.sqrt(rank)
    turn, (u, v) = 2 * np.pi * rng.random((n, 1)), rng.uniform(-1, 1, (2, n, 1))
    shapes = {
        "clusters": lambda: 0.03 * rng.standard_normal((n, rank)),
        "loops": lambda: np.cos(turn) * axes[0, at] + np.sin(turn) * axes[1, at],
        "sheets": lambda: u * axes[0, at] + v * axes[1, at],
        "web": lambda: np.abs(u) * (places[near[at, rng.integers(3, size=n)]] - places[at]),
    }
    check_one_of("kind", kind, shapes)
    y = places[at] + shapes[kind]() + 0.01 * rng.standard_normal((n, rank))
    out = np.array(z, dtype=np.float32)
    out[moved] = principal.unwhiten(y)
    return out, moved


def inject_strings(
    z: np.ndarray, strings: np.ndarray, share: float, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Replace a share of the z-points by points of strings, (m, d); as `inject_filaments`."""
    # Strings are for instance encoded portraits of which one factor changes in small steps. No
    # point of theirs is used a second time before all were used once.
    z = check_finite(z)
    strings = check_finite(strings, z.shape[1])
    rng = np.random.default_rng(seed)
    replaced = _chosen(len(z), share, rng)
    out = np.array(z, dtype=np.float32)
    out[replaced] = strings[row_order(len(strings), np.count_nonzero(replaced), rng)]
    return out, replaced


def _chosen(n: int, share: float, rng: np.random.Generator) -> np.ndarray:
    """Choose the random rows that are to be replaced, bool (n,)."""
    share = check_share("share", share, one=True, hint="Two percent are share=0.02.")
    chosen = np.zeros(n, bool)
    chosen[rng.choice(n, max(round(share * n), 1), replace=False)] = True
    return chosen


def _on_curves(n: int, radii: np.ndarray, rank: int, rng: np.random.Generator) -> np.ndarray:
    """Draw n points, float64 (n, rank), on random curves about the origin with these radii."""
    # g(t) = sum c_k (a_k cos 2 pi k t + b_k sin 2 pi k t), c_k ~ 1/k, a_k and b_k Gaussian, t
    # uniform: at each t an MVN, its covariance proportional to I, then brought to its radius.
    amplitude = np.repeat(1 / WAVES, 2)[:, None]  # (6, 1): of the cosines and the sines
    factors = amplitude * rng.standard_normal((len(radii), 2 * len(WAVES), rank))
    curve = rng.integers(len(radii), size=n)
    phase = 2 * np.pi * rng.uniform(size=(n, 1)) * WAVES
    waves = np.stack([np.cos(phase), np.sin(phase)], axis=2).reshape(n, -1)  # (n, 6)
    y = np.empty((n, rank))
    for k, radius in enumerate(radii):
        on = curve == k
        y[on] = waves[on] @ factors[k]
        y[on] *= (radius / np.linalg.norm(y[on], axis=1))[:, None]
    return y
