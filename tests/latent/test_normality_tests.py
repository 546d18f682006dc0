import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from aelatent.latent import normality_tests
from aelatent.latent.normality_tests import (
    _henze_zirkler_law,
    henze_zirkler,
    holm,
    shapiro_wilk,
    two_sample_accuracy,
)

NAN = float("nan")


def test_holm_by_hand():
    # Sorted: 0.005 * 4 = 0.02, 0.01 * 3 = 0.03, 0.03 * 2 = 0.06, 0.04 * 1 = 0.04 -> 0.06.
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])
    np.testing.assert_allclose(holm([0.5, NAN, 0.01, 0.6]), [1, NAN, 0.03, 1])
    np.testing.assert_array_equal(holm([NAN, NAN]), [NAN, NAN])
    assert holm([]).shape == (0,)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.floats(0.001, 0.999))
def test_holm_rejects_as_the_step_down_rule(p, alpha):
    # The rule as Holm wrote it: go up the sorted p-values until one exceeds alpha / (those left).
    expected = np.zeros(len(p), bool)
    for step, index in enumerate(np.argsort(p, kind="stable")):
        if p[index] * (len(p) - step) > alpha:
            break
        expected[index] = True
    np.testing.assert_array_equal(holm(p) <= alpha, expected)
    assert (holm(p) >= p).all()


@pytest.mark.parametrize("bad", [0.5, [[0.5]], [1.5], [-0.1, 0.5], [np.inf]])
def test_holm_refuses(bad):
    with pytest.raises(ValueError, match=r"expected p-values in 0\.\.1"):
        holm(bad)


def test_shapiro_wilk_is_scipys_on_the_subsample():
    rng = np.random.default_rng(0)
    z = np.column_stack([rng.normal(3, 2, 900), rng.laplace(size=900), np.full(900, 0.1)])
    table = shapiro_wilk(z.astype(np.float32))
    expected = [stats.shapiro(column).pvalue for column in z.astype(np.float32)[:, :2].T]
    np.testing.assert_allclose(table["p"][:2], expected, rtol=1e-6)
    np.testing.assert_allclose(table["p_holm"][:2], holm(expected), rtol=1e-6)
    assert table.loc[2, ["W", "p", "p_holm"]].isna().all()  # a constant is no third test either
    assert (table["n"] == 900).all()
    assert table.index.name == "component"


def test_shapiro_wilk_uses_no_more_than_its_fixed_number():
    z = np.random.default_rng(1).standard_t(8, size=(30_000, 2))
    table = shapiro_wilk(z, seed=3)
    assert (table["n"] == 2000).all()
    assert table.equals(shapiro_wilk(z, seed=3))
    assert not table.equals(shapiro_wilk(z, seed=4))


def characteristic_distance(y):
    """The statistic as defined: n times the integral of |psi_n(t) - exp(-t²/2)|² phi_beta(t)."""
    beta = np.sqrt((5 * len(y) / 4) ** (1 / 3) / 2)
    nodes, weights = np.polynomial.hermite_e.hermegauss(90)
    t = np.stack(np.meshgrid(nodes, nodes), axis=-1).reshape(-1, 2) * beta
    weight = np.outer(weights, weights).ravel() / (2 * np.pi)
    psi = np.exp(1j * t @ y.T).mean(axis=1)
    return len(y) * np.sum(weight * np.abs(psi - np.exp(-np.sum(t**2, axis=1) / 2)) ** 2)


@pytest.mark.parametrize("law", ["normal", "exponential", "uniform"])
def test_henze_zirkler_is_the_distance_of_characteristic_functions(law):
    x = getattr(np.random.default_rng(4), law)(size=(40, 2)) @ [[2, 1], [0, 3]] + 50
    deviation = x - x.mean(axis=0)
    y = np.linalg.solve(np.linalg.cholesky(np.cov(x.T, ddof=0)), deviation.T).T
    found = henze_zirkler(x)
    assert found.statistic == pytest.approx(characteristic_distance(y), rel=1e-6)
    assert found.n == 40


def test_henze_zirkler_law_and_p_values_of_an_mvn():
    rng = np.random.default_rng(6)
    found = [henze_zirkler(rng.normal(size=(100, 2)) @ [[1, 2], [0, 1]]) for _ in range(400)]
    law = _henze_zirkler_law((5 * 100 / 4) ** (1 / 3) / 2)
    statistic = np.array([f.statistic for f in found])
    assert statistic.mean() == pytest.approx(law.mean(), rel=0.05)
    assert statistic.std() == pytest.approx(law.std(), rel=0.15)
    rejected = np.count_nonzero([f.pvalue < 0.05 for f in found])
    assert stats.binomtest(rejected, 400, 0.05).pvalue > 0.001


@pytest.mark.parametrize("n", [5, 100, 5000])
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
    law = _henze_zirkler_law((5 * n / 4) ** (1 / 3) / 2)
    assert law.mean() == pytest.approx(mean)
    assert law.var() == pytest.approx(variance)


def test_henze_zirkler_sees_a_ring_and_knows_its_limit():
    angle = np.random.default_rng(0).uniform(0, 2 * np.pi, 5000)
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    found = henze_zirkler(ring, seed=1)
    assert found.n == 1000
    assert found.pvalue < 1e-6
    assert found == henze_zirkler(ring, seed=1)
    assert found != henze_zirkler(ring, seed=2)


def test_henze_zirkler_of_a_line_does_not_exist():
    t = np.random.default_rng(0).normal(size=50)
    for line in (np.stack([t, 2 * t], axis=1), np.stack([t, np.full(50, 3)], axis=1)):
        statistic, pvalue, n = henze_zirkler(line)
        assert np.isnan([statistic, pvalue]).all()
        assert n == 50


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (np.zeros((40, 3)), r"for pairs of components.*got shape \(40, 3\)"),
        (np.zeros((40, 256)), "In many dimensions it sees nothing"),
        (np.zeros((40, 1)), r"got shape \(40, 1\)"),
        (np.zeros((2, 2)), "at least 3 points; got 2"),
        (np.ones((9, 2)), "all 9 z-points are the same"),
        (np.array([[0, 1], [np.inf, 2], [3, 5]]), "got inf in row 1, column 0"),
    ],
)
def test_henze_zirkler_refuses(bad, message):
    with pytest.raises(ValueError, match=message):
        henze_zirkler(bad)


def test_matching_tells_the_classifiers_nothing(monkeypatch):
    # Where a Gaussian is fitted to the z-points, those judged lie opposite to those trained on,
    # and accuracies come out near 0.4 here.
    monkeypatch.setattr(normality_tests, "_EPOCHS", 30)
    rng = np.random.default_rng(2)
    found = []
    for seed in range(15):
        z = rng.normal(size=(60, 10)) @ rng.normal(size=(10, 10)) + 30
        found.append(two_sample_accuracy(z, seed)["accuracy"].to_numpy())
    band = np.array(stats.binom.interval(0.999, 15 * 60, 0.5)) / (15 * 60)
    for accuracy in np.mean(found, axis=0):
        assert band[0] < accuracy < band[1]


def test_accuracy_states_its_numbers_and_its_zero_band(monkeypatch):
    monkeypatch.setattr(normality_tests, "TWO_SAMPLE_N", 101)
    z = np.random.default_rng(0).normal(size=(500, 2))
    table = two_sample_accuracy(z, seed=5)
    assert table.index.to_list() == ["neural network", "gradient boosting"]
    assert (table["n_train"] == 100).all()
    assert (table["n_test"] == 102).all()
    band = stats.binom(102, 0.5)
    assert (table["low"] * 102 == band.ppf(0.025)).all()
    assert (table["high"] * 102 == band.ppf(0.975)).all()
    assert table.equals(two_sample_accuracy(z, seed=5))
    assert not table.equals(two_sample_accuracy(z, seed=6))


def test_rounding_of_constant_components_gives_nothing_away():
    z = np.random.default_rng(3).normal(size=(400, 4)) * [9, 1, 1, 1]
    z[:, 1], z[:, 2] = 0.1, 0
    table = two_sample_accuracy(z)
    assert (table["accuracy"] < table["high"] + 0.03).all()


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (np.zeros(5), r"got shape \(5,\)"),
        (np.ones((1, 3)), "got 1"),
        (np.full((40, 3), 2.5), "all 40 z-points are the same"),
        (np.random.default_rng(0).normal(size=(25, 8)), "25 z-points .* at least 26"),
        (np.array([[1.0, np.nan]] * 30), "got nan in row 0, column 1"),
    ],
)
def test_accuracy_refuses(bad, message):
    with pytest.raises(ValueError, match=message):
        two_sample_accuracy(bad)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (np.zeros(5), r"got shape \(5,\)"),
        (np.ones((2, 3)), "at least 3 z-points; got 2"),
        (np.array([[1.0, np.nan]] * 30), "got nan in row 0, column 1"),
    ],
)
def test_shapiro_wilk_refuses(bad, message):
    with pytest.raises(ValueError, match=message):
        shapiro_wilk(bad)
