"""Figures and tests of normality; they trust what they get, `normality_report` is their door.

Tests are for fixed numbers of points: given enough, each rejects every real cloud.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats
from scipy.spatial.distance import pdist
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.neural_network import MLPClassifier

from aelatent._checks import check_enough, some_rows
from aelatent.latent.core import SPARE
from aelatent.latent.principal import Moments, PrincipalAxes

TWO_SAMPLE_N = 8000  # z-points, and as many draws: half to train on, half to judge by
CUT = 0.975  # share of an exact MVN that its core keeps
ALPHA = 0.05
_AT_A_TIME = 32  # directions: 20 MB of float64 at 80,000 held-out points
_EPOCHS = 60
_ROUNDS = 100


def quantiles(d2: np.ndarray, law) -> pd.DataFrame:
    """Return a QQ plot's columns ``law`` and ``measured`` of D², ascending."""
    k = len(d2)
    return pd.DataFrame({"law": law.ppf((np.arange(k) + 0.5) / k), "measured": np.sort(d2)})


def ks_distance(d2: np.ndarray, law) -> float:
    """Return the Kolmogorov distance of D² to its law, 0..1: largest gap of cumulative shares."""
    # All D² share one fit, so there is no table of p-values for this distance.
    below = law.cdf(np.sort(d2))
    ahead = np.arange(1, len(below) + 1) / len(below) - below
    return float(max(ahead.max(), 1 / len(below) - ahead.min()))


def mardia(y: np.ndarray) -> float:
    """Return Mardia's kurtosis (1970) of whitened points, (n, d): mean of D⁴ / d (d + 2)."""
    d = y.shape[1]
    return float(np.mean(np.sum(y**2, axis=1) ** 2) / (d * (d + 2)))


def squares_correlation(y: np.ndarray) -> float:
    """Return the mean of corr(y_i², y_j²) over pairs of columns i != j; of one column: NaN."""
    # Above 0 where all axes are wide or narrow together: 1 / (nu - 1) for a multivariate t.
    square = y**2
    square = square[:, np.ptp(square, axis=0) > 0]
    k = square.shape[1]
    if k < 2:
        return float("nan")
    # The variance of a sum of standardized columns is the sum of all their correlations.
    total = np.sum((square - square.mean(axis=0)) / square.std(axis=0), axis=1)
    return float((np.mean(total**2) - k) / (k * (k - 1)))


def shapes(x: np.ndarray, directions: np.ndarray | None = None, first: int = 1) -> pd.DataFrame:
    """Return skewness and excess kurtosis of the columns of `x`, or of its projections."""
    count = (x if directions is None else directions).shape[1]
    figures = []
    for start in range(0, count, _AT_A_TIME):
        part = slice(start, start + _AT_A_TIME)
        values = x[:, part].astype(np.float64) if directions is None else x @ directions[:, part]
        flat = np.ptp(values, axis=0) == 0
        values -= values.mean(axis=0)
        values /= np.where(flat, 1, np.abs(values).max(axis=0))  # powers then cannot overflow
        values[:, flat] = np.nan
        square = values * values
        m2 = square.mean(axis=0)
        skewness = (square * values).mean(axis=0) / m2**1.5
        figures.append(np.stack([skewness, (square * square).mean(axis=0) / m2**2 - 3], axis=1))
    index = pd.RangeIndex(first, first + count)
    return pd.DataFrame(np.concatenate(figures), index, columns=["skewness", "excess_kurtosis"])


def holm(p: np.ndarray) -> np.ndarray:
    """Adjust p-values, (k,), of several tests by Holm's step-down method (Holm 1979)."""
    # Rejecting where the result is below alpha makes any false rejection at most alpha likely,
    # however the tests depend on each other. NaN stays NaN, and does not count as a test.
    p = np.asarray(p, dtype=np.float64)
    order = np.argsort(p)[: np.count_nonzero(~np.isnan(p))]  # NaN is sorted to the end
    adjusted = np.full(p.shape, np.nan)
    steps = p[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return adjusted


def rejected(p: np.ndarray) -> float:
    """Return the share of p-values that Holm's method rejects at 5 %, NaN if there is none."""
    adjusted = holm(p)
    adjusted = adjusted[~np.isnan(adjusted)]
    return float(np.mean(adjusted < ALPHA)) if len(adjusted) else float("nan")


def shapiro_wilk(x: np.ndarray) -> pd.DataFrame:
    """Test every component for normality (Shapiro & Wilk 1965): W, p, p_holm and n of each."""
    # W is 1 for a perfectly Gaussian sample; all NaN for a constant component.
    figures = [_shapiro(column) for column in x.T]
    table = pd.DataFrame(figures, columns=["W", "p"]).rename_axis("component")
    return table.assign(p_holm=holm(table["p"]), n=len(x))


def _shapiro(column: np.ndarray) -> tuple[float, float]:
    """Return W and p of one component, NaN where it is constant."""
    spread = np.ptp(column)
    if spread == 0:
        return np.nan, np.nan
    return stats.shapiro((column - column.min()) / spread)  # SciPy takes ranges of 1e-19 for none


def henze_zirkler(x: np.ndarray) -> tuple[float, float]:
    """Test a pair of components, (n, 2), for a bivariate normal: statistic and p (1990)."""
    # For pairs only: in 256 dimensions all whitened distances are near sqrt(512), the test's kernel
    # is 0 for every pair of points, and p is about 0.5 for a Gaussian, a uniform, an exponential
    # cloud and for two clusters alike.
    n = len(x)
    principal = PrincipalAxes.fit(x)
    if principal.rank < 2:  # the points lie on a line
        return np.nan, np.nan
    y = principal.whiten(x) * np.sqrt(n / (n - 1))  # the test's covariance has divisor n
    b = (5 * n / 4) ** (1 / 3) / 2  # beta², with (2 d + 1) = 5 and 1 / (d + 4) = 1 / 6 for beta
    between = (n + 2 * np.exp(-b / 2 * pdist(y, "sqeuclidean")).sum()) / n
    outward = np.exp(-b / (2 + 2 * b) * np.sum(y**2, axis=1)).sum() * 2 / (1 + b)
    statistic = float(between - outward + n / (1 + 2 * b))
    return statistic, float(_henze_zirkler_law(b).sf(statistic))


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


def two_sample_accuracy(z: np.ndarray, principal: PrincipalAxes, seed: int = 0) -> pd.DataFrame:
    """Let two classifiers try to tell z-points from draws of their multivariate normal."""
    # The classifier two-sample test (Lopez-Paz & Oquab 2017): accuracy on points that were not
    # trained on, 0.5 if there is nothing to tell; low and high are its binomial 95 % zero band.
    # Each is blind to something: a small neural network sees mixtures (in 256 dimensions clusters
    # many standard deviations apart) but hardly the shape of single components, gradient boosting
    # nothing at an angle to these.
    least = 2 * (principal.rank + SPARE)
    check_enough(principal.n, least, f"a comparison along {principal.rank} axes")
    rng = np.random.default_rng(seed)
    y = principal.whiten(some_rows(z, TWO_SAMPLE_N, seed=int(rng.integers(2**31))))
    draws = rng.standard_normal(y.shape)
    half = len(y) // 2
    # z-points and draws, those to train on and those to judge by, each get the mean and covariance
    # of all: from a Gaussian merely fitted, an MVN would be told by the fit.
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
    accuracy = pd.Series({name: np.mean(guess == answers) for name, guess in guesses})
    table = accuracy.rename_axis("classifier").to_frame("accuracy")
    return table.assign(low=low, high=high, n_train=len(train), n_test=len(test))


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


@dataclass(frozen=True, eq=False)
class Core:
    """Inner points of a cloud, in whitened coordinates along its leading principal axes."""

    # The whole cloud has center 0 and covariance I here; the core of an exact MVN, too.
    center: np.ndarray  # float64 (k,), mean of the points inside
    covariance: np.ndarray  # float64 (k, k), theirs, corrected for the cut
    inside: np.ndarray  # bool (n,), of the n points that were looked at

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


def iterative_core(y: np.ndarray) -> Core | None:
    """Find the core of whitened points by an iterative cut: fit, drop the far points, again."""
    # After R. Mönchmeyer's iterative core covariance (machine-learning.anracom.com, 2025). Our
    # choices: far means D² beyond the 97.5 % quantile of chi²; the covariance is corrected for what
    # the cut took from it, or an MVN would shrink with every round; each round judges all points
    # again, so that a dropped one may come back; the end is when none changes sides.
    limit = stats.chi2.ppf(CUT, y.shape[1])
    inside, core = np.ones(len(y), bool), None
    for _ in range(_ROUNDS):
        core = _core(y, inside)
        if core is None:
            return None
        deviation = y - core.center
        d2 = np.sum(deviation * np.linalg.solve(core.covariance, deviation.T).T, axis=1)
        previous, inside = inside, d2 <= limit
        if np.array_equal(inside, previous):
            break
    return core


def _core(y: np.ndarray, inside: np.ndarray) -> Core | None:
    """Fit the points `inside`; None where most agree in some direction: their rank is too low."""
    d = y.shape[1]
    kept = y[inside]
    if len(kept) <= d or np.linalg.matrix_rank(kept - kept.mean(axis=0)) < d:
        return None
    # The share of the variance that an MVN keeps under the cut (Croux & Haesbroeck 1999); where all
    # points are inside, nothing was cut and nothing is corrected.
    lost = 1.0 if inside.all() else stats.chi2.cdf(stats.chi2.ppf(CUT, d), d + 2) / CUT
    return Core(kept.mean(axis=0), np.atleast_2d(np.cov(kept.T)) / lost, inside)


def laplace(moments: Moments, seed: int) -> np.ndarray:
    """Draw as many points with independent Laplace components of the same means and widths."""
    # Far from an MVN: excess kurtosis is 3 along each component, near 0 along random directions.
    scale = np.sqrt(np.diag(moments.covariance) / 2)
    drawn = np.random.default_rng(seed).laplace(moments.mean, scale, (moments.n, len(scale)))
    return drawn.astype(np.float32)
