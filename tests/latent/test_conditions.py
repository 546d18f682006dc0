from math import factorial

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import linalg, stats

from aelatent.latent import samplers
from aelatent.latent.conditions import COMBINATIONS, CONDITIONS, draw_with, shares_of

CERTAIN = 1e-4  # a right draw fails a test at this level once in 10,000 seeds; they are fixed


@pytest.fixture(scope="module")
def z():
    """float32 z-points in 5 components: correlated, off the origin, of different widths."""
    rng = np.random.default_rng(3)
    z = rng.normal(size=(900, 5)) @ rng.normal(size=(5, 5)) * [1, 4, 0.3, 1, 2]
    return (z + np.array([3, -9, 0, 1, 5])).astype(np.float32)


@pytest.mark.parametrize("keep", COMBINATIONS, ids=sorted)
def test_a_draw_is_the_standard_one_changed_by_what_it_keeps(z, keep):
    wide = z.astype(float)
    expected = samplers.standard_normal(z, len(z), 7).astype(float)
    if "correlation" in keep:
        expected @= linalg.sqrtm(np.corrcoef(wide.T))
    if "spread" in keep:
        expected *= wide.std(axis=0, ddof=1)
    if "center" in keep:
        expected += wide.mean(axis=0)
    drawn = draw_with(z, len(z), 7, keep=keep)
    if "radius" in keep:
        length = np.linalg.norm(drawn, axis=1)
        np.testing.assert_allclose(np.sort(length), np.sort(np.linalg.norm(wide, axis=1)), 1e-5)
        # The same z-points lend their lengths, whatever else is kept.
        other = draw_with(z, len(z), 7, keep=("radius",))
        np.testing.assert_allclose(length, np.linalg.norm(other, axis=1), rtol=1e-5)
        expected *= (length / np.linalg.norm(expected, axis=1))[:, None]
    np.testing.assert_allclose(drawn, expected, rtol=1e-4, atol=1e-5)


def test_order_and_kind_of_keep_do_not_matter(z):
    drawn = draw_with(z, 20, 3, keep=CONDITIONS)
    same = draw_with(z, 20, 3, keep=sorted([*CONDITIONS, *CONDITIONS]))
    np.testing.assert_array_equal(same, drawn)


@pytest.mark.parametrize("keep", COMBINATIONS, ids=sorted)
def test_a_constant_component_stays_free_until_its_spread_is_kept(z, keep):
    flat = np.column_stack([z, np.full(len(z), 0.1)])
    drawn = draw_with(flat, 3000, 4, keep=keep - {"radius"})
    center = 0.1 if "center" in keep else 0.0
    if "spread" in keep:
        np.testing.assert_allclose(drawn[:, 5], center, atol=1e-7)
    else:
        assert stats.kstest(drawn[:, 5] - center, "norm").pvalue > CERTAIN
        assert np.abs(np.corrcoef(drawn.T)[5, :5]).max() < 4.5 / np.sqrt(3000)
    assert np.isfinite(draw_with(flat, 30, 4, keep=keep)).all()


def rates_with(change):
    return dict.fromkeys(COMBINATIONS, 0.5) | change


@pytest.mark.parametrize(
    ("call", "match"),
    [
        *(
            (lambda z, keep=keep: draw_with(z, 5, keep=keep), "some of .*; got .*passed as")
            for keep in ("center", ("centre",), {"Radius"}, ["center", 3])
        ),
        (lambda z: draw_with(z[:1], 5), "at least 2 z-points; got 1"),
        # their mean is rounded
        (lambda z: draw_with(np.full((49, 3), 0.1), 5), "all 49 z-points are the same"),
        (lambda z: shares_of(dict.fromkeys(COMBINATIONS[1:], 0.5)), r"got 15, without \[\[\]"),
        (lambda z: shares_of(rates_with({("spread", "center"): 1.0})), "16 combi.*got 17"),
        (lambda z: shares_of(rates_with({"center": 1.0})), "some of .* got 'center'"),
        (lambda z: shares_of(rates_with({frozenset(["radius"]): np.nan})), r"\('radius',\): nan"),
    ],
)
def test_unknown_conditions_and_incomplete_rates_are_refused(z, call, match):
    with pytest.raises(ValueError, match=match):
        call(z)


@given(st.lists(st.floats(-1, 1), min_size=16, max_size=16))
def test_means_are_shapley_values(values):
    rate = dict(zip(COMBINATIONS, values, strict=True))
    table = shares_of({tuple(kept): value for kept, value in rate.items()})
    assert list(table.index) == list(CONDITIONS)
    for name, row in table.iterrows():
        gain = {kept: rate[kept | {name}] - rate[kept] for kept in COMBINATIONS if name not in kept}
        # |S|! (k - |S| - 1)! / k! for a subset S of the k - 1 others (Shapley 1953)
        weight = {kept: factorial(len(kept)) * factorial(3 - len(kept)) / 24 for kept in gain}
        assert row["mean"] == pytest.approx(sum(weight[k] * gain[k] for k in gain), abs=1e-9)
        assert row["first"] == gain[frozenset()]
        assert row["last"] == gain[frozenset(CONDITIONS) - {name}]
        assert (row["low"], row["high"]) == (min(gain.values()), max(gain.values()))
