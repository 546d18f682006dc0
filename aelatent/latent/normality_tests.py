"""Tests of normality at fixed numbers of points: given enough, each rejects every real cloud."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats
from scipy.spatial.distance import pdist
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.neural_network import MLPClassifier

from aelatent._checks import points
from aelatent.latent.core import SPARE, subsample
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
    pair = points(pair)
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
