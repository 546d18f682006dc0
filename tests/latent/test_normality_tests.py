import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import stats

from aelatent.latent import Moments, PrincipalAxes, normality_tests
from aelatent.latent.normality_tests import (
    _henze_zirkler_law,
    henze_zirkler,
    holm,
    iterative_core,
    laplace,
    quantiles,
    rejected,
    shapes,
    shapiro_wilk,
    squares_correlation,
    two_sample_accuracy,
)

NAN = float("nan")


def mvn(n, d, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)) @ rng.normal(size=(d, d)) + 20


def whitened(z, axes=None):
    return PrincipalAxes.fit(z).whiten(z)[:, :axes]


def test_quantiles_lie_on_the_diagonal_for_the_law_itself():
    law = stats.chi2(6)
    d2 = law.rvs(401, random_state=1)
    table = quantiles(d2, law)
    np.testing.assert_array_equal(table["measured"], np.sort(d2))
    np.testing.assert_allclose(law.cdf(table["law"]), (np.arange(401) + 0.5) / 401)


def test_squares_correlation_is_the_mean_over_all_pairs():
    rng = np.random.default_rng(3)
    y = rng.standard_t(7, size=(900, 3)) * rng.chisquare(5, size=(900, 1))
    expected = np.corrcoef(y.T**2)[~np.eye(3, dtype=bool)].mean()
    assert squares_correlation(np.column_stack([y, np.ones(900)])) == pytest.approx(expected)
    pair = squares_correlation(y[:, :2])
    assert pair == pytest.approx(np.corrcoef(y.T**2)[0, 1])
    assert np.isnan(squares_correlation(y[:, :1]))


def test_shapes_of_many_projections_are_scipys():
    rng = np.random.default_rng(0)
    y, directions = rng.laplace(size=(500, 4)), rng.normal(size=(4, 70))
    table = shapes(y, directions)
    np.testing.assert_allclose(table["skewness"], stats.skew(y @ directions))
    np.testing.assert_allclose(table["excess_kurtosis"], stats.kurtosis(y @ directions))
    assert table.index.to_list() == list(range(1, 71))


def test_laplace_draws_are_laplacian():
    z = mvn(800, 4)
    like = Moments.of(np.tile(np.column_stack([z, np.full(800, 2.0)]), (25, 1)))
    drawn, sd = laplace(like, 1), np.sqrt(np.diag(like.covariance))
    assert (drawn.shape, drawn.dtype) == ((20_000, 5), np.float32)
    for column, mean, width in zip(drawn.T[:4], like.mean, sd, strict=False):
        law = stats.laplace(mean, width / np.sqrt(2))
        assert stats.kstest(column, law.cdf).pvalue > 1e-4
    assert np.abs(np.corrcoef(drawn.T[:4]) - np.eye(4)).max() < 0.04
    assert (drawn[:, 4] == 2).all()


def test_holm_by_hand():
    # Sorted: 0.005 * 4 = 0.02, 0.01 * 3 = 0.03, 0.03 * 2 = 0.06, 0.04 * 1 = 0.04 -> 0.06.
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])
    np.testing.assert_allclose(holm([0.5, NAN, 0.01, 0.6]), [1, NAN, 0.03, 1])
    assert rejected([0.01, NAN, 0.5, 0.5]) == pytest.approx(1 / 3)
    assert rejected([0.05]) == 0
    assert np.isnan(rejected([NAN, NAN]))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.floats(0.001, 0.999))
def test_holm_rejects_as_the_step_down_rule(p, alpha):
    # The rule as Holm wrote it: go up the sorted p-values until one exceeds alpha / (those left).
    expected = np.zeros(len(p), bool)
    for step, index in enumerate(np.argsort(p, kind="stable")):
        if p[index] * (len(p) - step) > alpha:
            break
        expected[index] = True
    np.testing.assert_array_equal(holm(p) <= alpha, expected)


def test_shapiro_wilk_is_scipys():
    rng = np.random.default_rng(0)
    x = np.column_stack([rng.normal(3, 2, 900), rng.laplace(size=900), np.full(900, 0.1)])
    table = shapiro_wilk(x)
    expected = [stats.shapiro(column) for column in x[:, :2].T]
    np.testing.assert_allclose(table[["W", "p"]][:2], expected, rtol=1e-6)
    np.testing.assert_allclose(table["p_holm"][:2], holm([e.pvalue for e in expected]), rtol=1e-6)
    assert table.loc[2, ["W", "p", "p_holm"]].isna().all()  # a constant is no third test either
    assert (table["n"] == 900).all()
    np.testing.assert_allclose(shapiro_wilk(x * 1e-25)[["W", "p"]], table[["W", "p"]], rtol=1e-6)


def characteristic_distance(y):
    """The statistic as defined: n times the integral of |psi_n(t) - exp(-t²/2)|² phi_beta(t)."""
    beta = np.sqrt((5 * len(y) / 4) ** (1 / 3) / 2)
    nodes, weights = np.polynomial.hermite_e.hermegauss(90)
    t = np.stack(np.meshgrid(nodes, nodes), axis=-1).reshape(-1, 2) * beta
    weight = np.outer(weights, weights).ravel() / (2 * np.pi)
    psi = np.exp(1j * t @ y.T).mean(axis=1)
    return len(y) * np.sum(weight * np.abs(psi - np.exp(-np.sum(t**2, axis=1) / 2)) ** 2)


def test_henze_zirkler_is_the_distance_of_characteristic_functions():
    x = np.random.default_rng(4).exponential(size=(40, 2)) @ [[2, 1], [0, 3]] + 50
    deviation = x - x.mean(axis=0)
    y = np.linalg.solve(np.linalg.cholesky(np.cov(x.T, ddof=0)), deviation.T).T
    assert henze_zirkler(x)[0] == pytest.approx(characteristic_distance(y), rel=1e-6)


@pytest.mark.parametrize("n", [5, 5000])
def test_henze_zirkler_law_is_that_of_the_paper(n):
    # Henze & Zirkler 1990, theorem 3.1, for any dimension d.
    d = 2
    beta = ((2 * d + 1) * n / 4) ** (1 / (d + 4)) / np.sqrt(2)
    a, w = 1 + 2 * beta**2, (1 + beta**2) * (1 + 3 * beta**2)
    mean = 1 - a ** (-d / 2) * (1 + d * beta**2 / a + d * (d + 2) * beta**4 / (2 * a**2))
    variance = (
        2 * (1 + 4 * beta**2) ** (-d / 2)
        + 2 * a**-d * (1 + 2 * d * beta**4 / a**2 + 3 * d * (d + 2) * beta**8 / (4 * a**4))
        - 4 * w ** (-d / 2) * (1 + 3 * d * beta**4 / (2 * w) + d * (d + 2) * beta**8 / (2 * w**2))
    )
    law = _henze_zirkler_law(beta**2)
    assert (law.mean(), law.var()) == pytest.approx((mean, variance))
    x = np.random.default_rng(n).normal(size=(n, 2))
    statistic, p = henze_zirkler(x)
    assert p == pytest.approx(law.sf(statistic))


def test_henze_zirkler_does_not_exist_on_a_line():
    x = np.random.default_rng(0).uniform(size=1000)
    for line in (np.stack([x, 2 * x], axis=1), np.stack([x, 0 * x], axis=1)):
        assert np.isnan(henze_zirkler(line)).all()


def test_matching_tells_the_classifiers_nothing(monkeypatch):
    # Where a Gaussian is fitted to the z-points, those judged lie opposite to those trained on,
    # and accuracies come out near 0.4 here.
    monkeypatch.setattr(normality_tests, "_EPOCHS", 30)
    rng = np.random.default_rng(2)
    found = []
    for seed in range(15):
        z = rng.normal(size=(60, 10)) @ rng.normal(size=(10, 10)) + 30
        found.append(two_sample_accuracy(z, PrincipalAxes.fit(z), seed)["accuracy"].to_numpy())
    low, high = np.array(stats.binom.interval(0.999, 15 * 60, 0.5)) / (15 * 60)
    assert low < np.min(np.mean(found, axis=0))
    assert np.max(np.mean(found, axis=0)) < high


def test_accuracy_states_its_numbers_and_its_zero_band(monkeypatch):
    monkeypatch.setattr(normality_tests, "TWO_SAMPLE_N", 101)
    z = np.random.default_rng(0).normal(size=(500, 2))
    axes = PrincipalAxes.fit(z)
    table = two_sample_accuracy(z, axes, seed=5)
    assert table.index.to_list() == ["neural network", "gradient boosting"]
    assert (table[["n_train", "n_test"]] == [100, 102]).all(axis=None)
    band = stats.binom(102, 0.5).ppf([0.025, 0.975])
    assert (table[["low", "high"]] * 102 == band).all(axis=None)
    assert table.equals(two_sample_accuracy(z, axes, seed=5))
    assert not table.equals(two_sample_accuracy(z, axes, seed=6))


def test_rounding_of_constant_components_gives_nothing_away():
    z = np.random.default_rng(3).normal(size=(400, 4)) * [9, 1, 1, 1]
    z[:, 1], z[:, 2] = 0.1, 0
    table = two_sample_accuracy(z, PrincipalAxes.fit(z))
    assert (table["accuracy"] < table["high"] + 0.03).all()


def test_too_few_points_for_the_classifiers_are_refused():
    z = np.random.default_rng(0).normal(size=(26, 8))
    with pytest.raises(ValueError, match="at least 26 z-points; got 25"):
        two_sample_accuracy(z[:25], PrincipalAxes.fit(z[:25]))
    assert len(two_sample_accuracy(z, PrincipalAxes.fit(z))) == 2


def test_core_of_an_mvn_is_the_mvn():
    core = iterative_core(whitened(mvn(2000, 6)))
    assert core.share == pytest.approx(0.975, abs=0.012)
    assert core.width == pytest.approx(1, abs=0.02)
    assert core.offset < 0.06
    np.testing.assert_allclose(core.covariance, np.eye(6), atol=0.1)


def test_one_sided_tail_moves_the_center():
    z = np.random.default_rng(3).normal(size=(2000, 4))
    z[:200, 0] += 8
    core = iterative_core(whitened(z))
    assert not core.inside[:200].any()
    assert core.offset > 0.25


def test_where_nothing_is_cut_the_core_is_the_whole_cloud():
    y = whitened(np.random.default_rng(4).uniform(-1, 1, size=(300, 4)))  # no tails
    core = iterative_core(y)
    assert core.inside.all()
    assert core.width == pytest.approx(1)


def test_iterative_core_is_its_own_core():
    rng = np.random.default_rng(6)
    y = whitened(rng.standard_t(4, size=(1000, 3)))
    core = iterative_core(y)
    np.testing.assert_allclose(core.center, y[core.inside].mean(axis=0))
    # what a cut at the quantile q leaves of an MVN's variance, by simulation
    g = rng.normal(size=(400_000, 3))
    kept = g[np.sum(g**2, axis=1) < stats.chi2.ppf(0.975, 3)]
    ratio = core.covariance / np.cov(y[core.inside].T)
    np.testing.assert_allclose(ratio, 1 / kept.var(), rtol=0.01)
    deviation = y - core.center
    d2 = np.einsum("ni,ij,nj->n", deviation, np.linalg.inv(core.covariance), deviation)
    np.testing.assert_array_equal(d2 <= stats.chi2.ppf(0.975, 3), core.inside)


def test_no_core_where_most_points_agree():
    z = mvn(300, 4, seed=8)
    same = z.copy()
    same[:200] = z[0]
    rare = z.copy()
    rare[:, 1] = 0
    rare[:30, 1] = 1000
    for odd in (same, rare):
        assert iterative_core(whitened(odd)) is None
    assert iterative_core(whitened(z, 1)).covariance.shape == (1, 1)
