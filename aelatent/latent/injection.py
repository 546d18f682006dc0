"""Filaments put into a cloud on purpose, of our choice: what a test of filaments must find."""

import numpy as np

from aelatent._checks import check_points, chunks
from aelatent.latent.principal import PrincipalAxes
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
    z = check_points(z)
    if not isinstance(curves, (int, np.integer)) or isinstance(curves, bool) or curves < 1:
        raise ValueError(f"curves must be a whole number, at least 1; got {curves!r}. Try 20.")
    if not 0 < thickness < np.inf:  # also false for NaN
        raise ValueError(
            "thickness must be a finite number of standard deviations, above 0; "
            f"got {thickness!r}. Try 0.01."
        )
    principal = PrincipalAxes.fit(z)
    if principal.rank < 2:
        raise ValueError(
            f"a curve needs at least 2 axes; the {len(z)} z-points vary along 1. Pass more rows, "
            "or more components."
        )
    rng = np.random.default_rng(seed)
    out, moved = _chosen(z, share, rng)
    radii = np.sqrt(principal.d2(z[row_order(len(z), curves, rng)]))
    y = _on_curves(np.count_nonzero(moved), radii, principal.rank, rng)
    y += thickness * rng.standard_normal(y.shape)
    out[moved] = principal.unwhiten(y)
    return out, moved


def inject_strings(
    z: np.ndarray, strings: np.ndarray, share: float, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Replace a share of the z-points by points of true strings.

    Parameters
    ----------
    strings : float (m, d)
        Points on strings, for instance encoded portraits of which one factor changes in small
        steps. None is used a second time before all were used once.
    share : float
        Share of the z-points replaced, as in `inject_filaments`: above 0, at most 1.

    Returns
    -------
    float32 (n, d)
        The cloud, rows in their order; those that are not replaced are the same numbers as in `z`.
    bool (n,)
        Which rows were replaced.
    """
    z = check_points(z)
    strings = check_points(strings, z.shape[1])
    for part in (z, strings):
        for _ in chunks(part):  # raises where a value is not finite, used or not
            pass
    rng = np.random.default_rng(seed)
    out, replaced = _chosen(z, share, rng)
    out[replaced] = strings[row_order(len(strings), np.count_nonzero(replaced), rng)]
    return out, replaced


def _chosen(z: np.ndarray, share: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return a float32 copy of `z` and the random rows that are to be replaced."""
    if not 0 < share <= 1:  # also false for NaN
        raise ValueError(
            f"share must be above 0 and at most 1; got {share!r}. Two percent are share=0.02."
        )
    chosen = np.zeros(len(z), bool)
    chosen[rng.choice(len(z), max(round(share * len(z)), 1), replace=False)] = True
    return np.array(z, dtype=np.float32), chosen


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
