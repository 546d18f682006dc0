from itertools import combinations
from math import factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import linalg, stats

from aelatent.latent import PrincipalAxes, samplers
from aelatent.latent.conditions import COMBINATIONS, CONDITIONS, draw_with, shares_of

CERTAIN = 1e-4  # a right draw fails a test at this level once in 10,000 seeds; they are fixed
N = 20_000

every_combination = pytest.mark.parametrize("keep", COMBINATIONS, ids=lambda k: "+".join(sorted(k)))


@pytest.fixture(scope="module")
def z():
    """float32 z-points in 5 components: correlated, off the origin, of different widths."""
    rng = np.random.default_rng(3)
    z = rng.normal(size=(900, 5)) @ rng.normal(size=(5, 5)) * [1, 4, 0.3, 1, 2]
    return (z + np.array([3, -9, 0, 1, 5])).astype(np.float32)


def expected_moments(z, keep):
    """Return mean and covariance that a draw without measured radii must have."""
    covariance = np.cov(z.T.astype(float))
    sd = np.sqrt(np.diag(covariance))
    mixed = covariance / np.outer(sd, sd) if "correlation" in keep else np.eye(len(sd))
    if "spread" in keep:
        mixed = mixed * np.outer(sd, sd)
    return z.mean(axis=0, dtype=float) * ("center" in keep), mixed


@pytest.mark.parametrize("keep", [k for k in COMBINATIONS if "radius" not in k], ids=sorted)
def test_a_draw_has_what_it_keeps_and_nothing_else(z, keep):
    drawn = draw_with(z, N, 1, keep=keep).astype(float)
    mean, covariance = expected_moments(z, keep)
    variance = np.diag(covariance)
    assert np.abs((drawn.mean(axis=0) - mean) / np.sqrt(variance / N)).max() < 4.5
    # Var of a sample covariance: (C_ij² + C_ii C_jj) / n
    error = np.sqrt((covariance**2 + np.outer(variance, variance)) / N)
    assert (np.abs(np.cov(drawn.T) - covariance) / error).max() < 4.5
    d2 = np.sum((drawn - mean) @ np.linalg.inv(covariance) * (drawn - mean), axis=1)
    assert stats.kstest(d2, "chi2", (5,)).pvalue > CERTAIN


@pytest.mark.parametrize("keep", [k for k in COMBINATIONS if "radius" in k], ids=sorted)
def test_radius_changes_lengths_and_no_direction(z, keep):
    drawn = draw_with(z, len(z), 2, keep=keep).astype(float)
    plain = draw_with(z, len(z), 2, keep=keep - {"radius"}).astype(float)
    length = np.linalg.norm(drawn, axis=1)
    measured = np.linalg.norm(z.astype(float), axis=1)
    np.testing.assert_allclose(np.sort(length), np.sort(measured), rtol=1e-5)
    cosine = np.sum(drawn * plain, axis=1) / length / np.linalg.norm(plain, axis=1)
    np.testing.assert_allclose(cosine, 1, atol=1e-6)
    # The same z-points lend their lengths, whatever else is kept.
    other = draw_with(z, len(z), 2, keep=("radius",))
    np.testing.assert_allclose(length, np.linalg.norm(other, axis=1), rtol=1e-5)


def test_all_combinations_begin_with_the_same_numbers(z):
    base = draw_with(z, 50, 7)
    np.testing.assert_array_equal(base, samplers.standard_normal(z, 50, 7))
    mean, sd = z.mean(axis=0, dtype=float), z.std(axis=0, ddof=1, dtype=float)
    center = draw_with(z, 50, 7, keep=("center",))
    np.testing.assert_allclose(center, base + mean, rtol=1e-5, atol=1e-5)
    both = draw_with(z, 50, 7, keep=("spread", "center"))
    np.testing.assert_allclose(both, base * sd + mean, rtol=1e-5, atol=1e-5)
    root = linalg.sqrtm(np.corrcoef(z.T.astype(float)))
    mixed = draw_with(z, 50, 7, keep=["correlation"])
    np.testing.assert_allclose(mixed, base @ root, atol=1e-5)
    assert (draw_with(z, 50, 8) != base).all()


def test_the_symmetric_root_moves_components_less_than_a_cholesky_factor(z):
    base, mixed = draw_with(z, 5000), draw_with(z, 5000, keep=("correlation",))
    lower = np.linalg.cholesky(np.corrcoef(z.T.astype(float)))
    moved = [np.mean((x - base) ** 2) for x in (mixed, base @ lower.T)]
    assert moved[0] < moved[1]


def test_order_and_kind_of_keep_do_not_matter(z):
    drawn = draw_with(z, 20, 3, keep=CONDITIONS)
    for same in (sorted(CONDITIONS), frozenset(CONDITIONS), [*CONDITIONS, *CONDITIONS]):
        np.testing.assert_array_equal(draw_with(z, 20, 3, keep=same), drawn)


@every_combination
def test_a_constant_component_stays_free_until_its_spread_is_kept(z, keep):
    flat = np.column_stack([z, np.full(len(z), 0.1)])
    drawn = draw_with(flat, 3000, 4, keep=keep - {"radius"})
    center = 0.1 if "center" in keep else 0.0
    if "spread" in keep:
        np.testing.assert_allclose(drawn[:, 5], center, atol=1e-7)
    else:
        assert stats.kstest(drawn[:, 5] - center, "norm").pvalue > CERTAIN
        others = np.corrcoef(drawn.T)[5, :5]
        assert np.abs(others).max() < 4.5 / np.sqrt(3000)
    assert np.isfinite(draw_with(flat, 30, 4, keep=keep)).all()


def test_few_points_give_correlations_of_less_than_full_rank(z):
    drawn = draw_with(z[:3], 500, keep=("correlation",))
    np.testing.assert_allclose(drawn.std(axis=0), 1, atol=0.15)
    assert PrincipalAxes.fit(drawn).sd[2] < 1e-3


@pytest.mark.parametrize("keep", ["center", ("centre",), {"Radius"}, ["center", 3]])
def test_unknown_conditions_are_refused(z, keep):
    with pytest.raises(ValueError, match=r"conditions must be some of .*; got .*passed as"):
        draw_with(z, 5, keep=keep)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (np.ones((1, 3)), "at least 2 z-points; got 1"),
        (np.full((49, 3), 0.1), "all 49 z-points are the same"),  # their mean is rounded
    ],
)
def test_what_is_no_cloud_is_refused(bad, message):
    with pytest.raises(ValueError, match=message):
        draw_with(bad, 5)


def shapley(rate, name):
    """Return the Shapley value by its formula: subsets weighted by how many orders they stand for.

    |S|! (k - |S| - 1)! / k! for a subset S of the others (Shapley 1953).
    """
    others, k = [c for c in CONDITIONS if c != name], len(CONDITIONS)
    return sum(
        factorial(size) * factorial(k - size - 1) / factorial(k) * (rate[s | {name}] - rate[s])
        for size in range(k)
        for s in map(frozenset, combinations(others, size))
    )


rates = st.lists(st.floats(-1, 1), min_size=16, max_size=16).map(
    lambda values: dict(zip(COMBINATIONS, values, strict=True))
)


@given(rates)
def test_means_are_shapley_values_and_sum_up(rate):
    table = shares_of(rate)
    assert list(table.index) == list(CONDITIONS)
    assert list(table.columns) == ["first", "last", "mean", "low", "high"]
    everything, nothing = frozenset(CONDITIONS), frozenset()
    assert table["mean"].sum() == pytest.approx(rate[everything] - rate[nothing], abs=1e-9)
    for name, row in table.iterrows():
        assert row["mean"] == pytest.approx(shapley(rate, name), abs=1e-9)
        assert row["first"] == rate[frozenset({name})] - rate[nothing]
        assert row["last"] == rate[everything] - rate[everything - {name}]
        gains = [rate[k] - rate[k - {name}] for k in COMBINATIONS if name in k]
        assert (row["low"], row["high"]) == (min(gains), max(gains))


def test_what_adds_up_has_one_gain_in_every_order():
    gain = dict(zip(CONDITIONS, [0.4, 0.3, 0.2, -0.1], strict=True))
    table = shares_of({tuple(k): 0.1 + sum(gain[name] for name in k) for k in COMBINATIONS})
    for column in table:
        np.testing.assert_allclose(table[column], list(gain.values()))


def test_what_works_together_only_is_nothing_at_first_and_everything_at_last():
    table = shares_of({k: float(len(k) == 4) for k in COMBINATIONS})
    np.testing.assert_allclose(table, [[0, 1, 0.25, 0, 1]] * 4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda rate: rate.pop(frozenset()),
            r"one finite rate for each of the 16.*got 15, without \[\[\]",
        ),
        (lambda rate: rate.update({("spread", "center"): 1.0}), "16 combinations.*got 17"),
        (lambda rate: rate.update({"center": 1.0}), "conditions must be some of .* got 'center'"),
        (lambda rate: rate.update({frozenset({"radius"}): np.nan}), r"\('radius',\): nan"),
    ],
)
def test_rates_that_are_incomplete_are_refused(change, message):
    rate = dict.fromkeys(COMBINATIONS, 0.5)
    change(rate)
    with pytest.raises(ValueError, match=message):
        shares_of(rate)
