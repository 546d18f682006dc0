"""Robust cores of a cloud: mean and covariance of its inner points only."""

import warnings
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2
from sklearn.covariance import MinCovDet

from aelatent.latent.core import subsample
from aelatent.latent.principal import PrincipalAxes

CORE_N = 2000  # points that a core is looked for in
CORE_AXES = 20  # leading principal axes in which it is looked for
CUT = 0.975  # share of an exact MVN that its core keeps
_ROUNDS = 100


class NoCore(ValueError):
    """Most of the points agree in some direction, so that their covariance is singular."""


@dataclass(frozen=True, eq=False)
class Core:
    """Inner points of a cloud, in whitened coordinates along its leading principal axes."""

    # The whole cloud has center 0 and covariance I here; the core of an exact MVN, too.
    center: np.ndarray  # float64 (k,), mean of the points inside
    covariance: np.ndarray  # float64 (k, k), theirs, corrected for the cut
    inside: np.ndarray  # bool (n,), of the n points that were looked at
    rounds: int  # until the points inside did not change any more, at most 100; 1 for FAST-MCD

    @property
    def share(self) -> float:
        """Share of the points that lie inside; 0.975 for an exact MVN."""
        return float(self.inside.mean())

    @property
    def width(self) -> float:
        """Width of the core / width of the whole cloud, geometric mean over the k axes; MVN: 1."""
        return float(np.exp(np.linalg.slogdet(self.covariance)[1] / (2 * len(self.center))))

    @property
    def offset(self) -> float:
        """Distance of the centers, in standard deviations of the whole cloud; MVN: about 0."""
        return float(np.linalg.norm(self.center))


def mcd_core(z: np.ndarray, seed: int = 0, axes: int = CORE_AXES) -> Core:
    """Find the core by FAST-MCD (Rousseeuw & Van Driessen 1999), as scikit-learn has it.

    The half of the points whose covariance has the smallest determinant comes first, then all
    within the 97.5 % quantile of D² about it. 2,000 of the points are looked at, in leading
    principal axes: FAST-MCD begins with some 300 points, in 256 dimensions too few for any
    covariance. Where half of the points lie in fewer axes, `NoCore`, a ValueError, is raised.

    Parameters
    ----------
    axes : int
        Leading principal axes, 1..50, 5 points or more for each; fewer if fewer vary.

    Returns
    -------
    Core
        Whitened by the whole cloud: an exact MVN has ``share`` 0.975, ``width`` 1, ``offset`` 0.
    """
    y = _leading(z, seed, axes, most=50)
    seed = int(np.random.default_rng(seed).integers(2**31))  # scikit-learn takes no larger one
    with warnings.catch_warnings():
        # Of a singular covariance the determinant is noise; that is refused below.
        warnings.filterwarnings("ignore", "Determinant has increased", RuntimeWarning)
        try:
            found = MinCovDet(random_state=seed).fit(y)
        except ValueError as error:  # raised where half of the points are one and the same
            raise _no_core(y) from error
    if np.linalg.matrix_rank(found.raw_covariance_, hermitian=True) < y.shape[1]:
        raise _no_core(y)
    return _core(y, found.support_, rounds=1)


def iterative_core(z: np.ndarray, seed: int = 0, axes: int = CORE_AXES) -> Core:
    """Find the core by an iterative cut: fit mean and covariance, drop the far points, again.

    After R. Mönchmeyer's iterative core covariance (machine-learning.anracom.com, 2025). Our
    choices: far means D² beyond the 97.5 % quantile of chi²; the covariance is corrected for what
    the cut took from it, or an MVN would shrink with every round; each round judges all points
    again, so that a dropped one may come back; the end is when none changes sides, or after 100
    rounds. `NoCore` is raised where the inner points lie in fewer axes.

    Parameters
    ----------
    axes : int
        As in `mcd_core`, but 1..400.

    Returns
    -------
    Core
        Of the same 2,000 points as `mcd_core`'s, to be compared with it.
    """
    y = _leading(z, seed, axes, most=CORE_N // 5)
    limit = chi2.ppf(CUT, y.shape[1])
    inside, core = np.ones(len(y), bool), None
    for done in range(1, _ROUNDS + 1):
        core = _core(y, inside, done)
        deviation = y - core.center
        d2 = np.sum(deviation * np.linalg.solve(core.covariance, deviation.T).T, axis=1)
        previous, inside = inside, d2 <= limit
        if np.array_equal(inside, previous):
            break
    return core


def _leading(z: np.ndarray, seed: int, axes: int, most: int) -> np.ndarray:
    """Return whitened coordinates, float64 (n, k), of the subsample along the leading axes."""
    whole = isinstance(axes, (int, np.integer)) and not isinstance(axes, bool)
    if not (whole and 1 <= axes <= most):
        raise ValueError(f"axes must be a whole number from 1 to {most}; got {axes!r}.")
    x = subsample(z, CORE_N, seed)
    y = PrincipalAxes.fit(x).whiten(x)[:, :axes]
    if len(y) < 5 * y.shape[1]:
        raise ValueError(
            f"a core needs at least 5 points per axis; got {len(y)} points in {y.shape[1]} axes. "
            "Pass more rows, or take fewer axes."
        )
    return y


def _core(y: np.ndarray, inside: np.ndarray, rounds: int) -> Core:
    """Fit the points `inside`; where all are, nothing was cut and nothing is corrected."""
    d = y.shape[1]
    kept = y[inside]
    if len(kept) <= d or np.linalg.matrix_rank(kept - kept.mean(axis=0)) < d:
        raise _no_core(y)
    # The share of the variance that an MVN keeps under the cut (Croux & Haesbroeck 1999).
    lost = 1.0 if inside.all() else chi2.cdf(chi2.ppf(CUT, d), d + 2) / CUT
    covariance = np.atleast_2d(np.cov(kept.T)) / lost
    return Core(kept.mean(axis=0), covariance, inside, rounds)


def _no_core(y: np.ndarray) -> NoCore:
    return NoCore(
        f"the inner ones of the {len(y)} points vary along fewer than the {y.shape[1]} axes, for "
        "most points agree in some direction. Take fewer axes, or look for repeated rows."
    )
