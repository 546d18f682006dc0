"""Tests of normality at fixed numbers of points: given enough, each rejects every real cloud."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats
from scipy.spatial.distance import pdist
from scipy.stats import chi2
from sklearn.covariance import MinCovDet
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.neural_network import MLPClassifier

from aelatent._checks import check_points, subsample
from aelatent.latent.core import SPARE
from aelatent.latent.principal import PrincipalAxes

SHAPIRO_N = 2000
PAIR_N = 1000
TWO_SAMPLE_N = 8000  # z-points, and as many draws: half to train on, half to judge by
_EPOCHS = 60


def holm(p: np.ndarray) -> np.ndarray:
    """Adjust p-values of several tests by Holm's step-down method (Holm 1979).

    Rejecting where the result is below alpha makes any false rejection at most alpha likely,
    however the tests depend on each other.

    Parameters
    ----------
    p : float (k,)
        p-values, 0..1; a NaN stays one, and does not count as a test.

    Returns
    -------
    float64 (k,)
        Adjusted p-values, 0..1, in the order of `p`.
    """
    p = np.asarray(p, dtype=np.float64)
    if p.ndim != 1 or not np.all(np.isnan(p) | ((p >= 0) & (p <= 1))):
        raise ValueError(
            f"expected p-values in 0..1, an array (k,); got {p!s:.60} of shape {p.shape}."
        )
    order = np.argsort(p)[: np.count_nonzero(~np.isnan(p))]  # NaN is sorted to the end
    adjusted = np.full(p.shape, np.nan)
    steps = p[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return adjusted


def shapiro_wilk(z: np.ndarray, seed: int = 0) -> pd.DataFrame:
    """Test every component for normality (Shapiro & Wilk 1965) at 2,000 points, Holm-corrected.

    p-values at other numbers of points are not comparable; all are taken if there are fewer.

    Returns
    -------
    pandas.DataFrame
        Index ``component``; columns ``W`` (0..1, 1 for a perfectly Gaussian sample), ``p``,
        ``p_holm`` (all NaN for a constant component) and ``n``, the number of points, at least 3.
    """
    x = subsample(z, SHAPIRO_N, seed)
    if len(x) < 3:
        raise ValueError(f"Shapiro-Wilk needs at least 3 z-points; got {len(x)}. Pass more rows.")
    figures = [_shapiro(column) for column in x.T]
    table = pd.DataFrame(figures, columns=["W", "p"]).rename_axis("component")
    return table.assign(p_holm=holm(table["p"]), n=len(x))


def _shapiro(column: np.ndarray) -> tuple[float, float]:
    """Return W and p of one component, NaN where it is constant."""
    spread = np.ptp(column)
    if spread == 0:
        return np.nan, np.nan
    return stats.shapiro((column - column.min()) / spread)  # SciPy takes ranges of 1e-19 for none


class HenzeZirkler(NamedTuple):
    """Result of `henze_zirkler`: statistic, p-value and the number of points."""

    statistic: float
    pvalue: float
    n: int


def henze_zirkler(pair: np.ndarray, seed: int = 0) -> HenzeZirkler:
    """Test a pair of components for a bivariate normal (Henze & Zirkler 1990), at 1,000 points.

    For pairs only: in 256 dimensions all whitened distances are near ``sqrt(512)``, the test's
    kernel is 0 for every pair of points, and p is about 0.5 for a Gaussian, a uniform, an
    exponential cloud and for two clusters alike.

    Parameters
    ----------
    pair : float (n, 2)
        Two components of z-points, n at least 3; the p-value is sound from about 20.

    Returns
    -------
    HenzeZirkler
        ``statistic``, ``pvalue`` (both NaN if the points lie on a line) and ``n``, those used.
    """
    pair = check_points(pair)
    if pair.shape[1] != 2:
        raise ValueError(
            f"Henze-Zirkler is for pairs of components, shape (n, 2); got shape {pair.shape}. In "
            "many dimensions it sees nothing: use normality_report, or pass z[:, [i, j]]."
        )
    x = subsample(pair, PAIR_N, seed)
    n = len(x)
    if n < 3:
        raise ValueError(f"Henze-Zirkler needs at least 3 points; got {n}. Pass more rows.")
    principal = PrincipalAxes.fit(x)
    if principal.rank < 2:
        return HenzeZirkler(float("nan"), float("nan"), n)
    y = principal.whiten(x) * np.sqrt(n / (n - 1))  # the test's covariance has divisor n
    b = (5 * n / 4) ** (1 / 3) / 2  # beta², with (2 d + 1) = 5 and 1 / (d + 4) = 1 / 6 for beta
    between = (n + 2 * np.exp(-b / 2 * pdist(y, "sqeuclidean")).sum()) / n
    outward = np.exp(-b / (2 + 2 * b) * np.sum(y**2, axis=1)).sum() * 2 / (1 + b)
    statistic = float(between - outward + n / (1 + 2 * b))
    return HenzeZirkler(statistic, float(_henze_zirkler_law(b).sf(statistic)), n)


def _henze_zirkler_law(b: float):
    """Return the log-normal that the statistic of an MVN nearly follows; b is beta², d is 2."""
    a, w = 1 + 2 * b, (1 + b) * (1 + 3 * b)
    mean = 1 - (1 + 2 * b / a + 4 * b**2 / a**2) / a
    variance = (
        2 / (1 + 4 * b)
        + 2 / a**2 * (1 + 4 * b**2 / a**2 + 6 * b**4 / a**4)
        - 4 / w * (1 + 3 * b**2 / w + 4 * b**4 / w**2)
    )
    spread = np.log1p(variance / mean**2)
    return stats.lognorm(np.sqrt(spread), scale=mean / np.sqrt(1 + variance / mean**2))


def two_sample_accuracy(z: np.ndarray, seed: int = 0) -> pd.DataFrame:
    """Let two classifiers try to tell z-points from draws of the matched Gaussian.

    The classifier two-sample test (Lopez-Paz & Oquab 2017): accuracy on points that were not
    trained on, 0.5 if there is nothing to tell. Each is blind to something: a small neural network
    sees mixtures (in 256 dimensions clusters many standard deviations apart) but hardly the shape
    of single components, gradient boosting nothing at an angle to these. Matched means that
    z-points and draws, those to train on and those to judge by, each get the mean and covariance of
    all z-points: from a Gaussian merely fitted, an MVN would be told by the fit.

    Returns
    -------
    pandas.DataFrame
        Index ``classifier`` (``"neural network"``, ``"gradient boosting"``); columns ``accuracy``;
        ``low`` and ``high``, its binomial 95 % zero band; ``n_train`` and ``n_test``, each half
        z-points and half draws: 8,000 each, or about the number of z-points if these are fewer.
    """
    principal = PrincipalAxes.fit(z)
    least = 2 * (principal.rank + SPARE)
    if principal.n < least:
        raise ValueError(
            f"{principal.n} z-points vary along {principal.rank} axes or more; expected at least "
            f"{least} of them. Pass more rows, or fewer components."
        )
    rng = np.random.default_rng(seed)
    y = principal.whiten(subsample(z, TWO_SAMPLE_N, seed=int(rng.integers(2**31))))
    draws = rng.standard_normal(y.shape)
    half = len(y) // 2
    train = [_own_removed(part) for part in (y[:half], draws[:half])]
    test = [_own_removed(part) for part in (y[half:], draws[half:])]
    # Back to components in standard deviations: whitened, the wide axes that separate the clusters
    # of a mixture would be as narrow as all others. The floor keeps constant components at 0.
    components = principal.axes[: principal.rank] * principal.sd[: principal.rank, None]
    width = np.linalg.norm(components, axis=0)
    components /= np.maximum(width, 1e-6 * width.max())
    train, test = (np.concatenate(parts) @ components for parts in (train, test))
    answers = np.repeat([0, 1], len(test) // 2)
    low, high = np.array(stats.binom.interval(0.95, len(test), 0.5)) / len(test)
    guesses = _guesses(train, test, int(rng.integers(2**31)))
    return pd.DataFrame(
        {
            "accuracy": {name: np.mean(guess == answers) for name, guess in guesses},
            "low": low,
            "high": high,
            "n_train": len(train),
            "n_test": len(test),
        }
    ).rename_axis("classifier")


def _own_removed(y: np.ndarray) -> np.ndarray:
    """Shift and stretch `y` to mean 0 and covariance I, turning it as little as possible."""
    own = PrincipalAxes.fit(y)
    return own.whiten(y) @ own.axes[: own.rank]


def _guesses(train: np.ndarray, test: np.ndarray, seed: int) -> Iterator[tuple[str, np.ndarray]]:
    """Yield each classifier's name and its guesses for `test`; first half 0, second half 1."""
    labels = np.repeat([0, 1], len(train) // 2)
    network = MLPClassifier((64,), batch_size=min(100, len(train)), random_state=seed)
    for _ in range(_EPOCHS):
        network.partial_fit(train, labels, classes=[0, 1])
    yield "neural network", network.predict(test)
    boosting = HistGradientBoostingClassifier(early_stopping=False, random_state=seed)
    yield "gradient boosting", boosting.fit(train, labels).predict(test)


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
