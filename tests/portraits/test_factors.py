import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from aelatent import portraits
from aelatent.portraits.factors import correlation_matrix
from tests.portraits.drawn import WHOLE, plain

BEARDS = ["beard", "moustache", "stubble"]
POSE = ["yaw", "pitch", "roll", "shift_x", "shift_y", "scale"]
RANGES = {factor.name: factor for factor in portraits.FACTORS}


def test_factors_have_the_documented_columns_types_and_ranges():
    factors = portraits.sample_factors(3000, seed=4)
    assert list(factors.columns) == list(RANGES)
    for name, column in factors.items():
        assert column.dtype == (np.int32 if name in WHOLE else np.float32)
        assert RANGES[name].low <= column.min()
        assert column.max() <= RANGES[name].high
        assert column.nunique() == 2 if RANGES[name].shape == "chance" else column.nunique() > 300


@given(st.integers(1, 40), st.integers(0, 10**9), st.integers(0, 2**70), st.booleans())
@settings(max_examples=40, deadline=None)
def test_a_row_depends_on_seed_and_number_only(n, start, seed, aligned):
    rows = portraits.sample_factors(n, seed, start, aligned=aligned)
    alone = portraits.sample_factors(1, seed, start + n - 1, aligned=aligned)
    pd.testing.assert_frame_equal(rows.iloc[-1:], alone)
    assert rows.index.tolist() == list(range(start, start + n))


def test_seeds_differ_and_global_random_state_is_neither_used_nor_changed():
    np.random.seed(3)  # noqa: NPY002
    before = pickle.dumps(np.random.get_state())  # noqa: NPY002
    one = portraits.sample_factors(50, seed=1)
    portraits.draw(one.head(2), 32)
    assert pickle.dumps(np.random.get_state()) == before  # noqa: NPY002
    np.random.seed(4)  # noqa: NPY002
    pd.testing.assert_frame_equal(one, portraits.sample_factors(50, seed=1))
    assert (one["yaw"] != portraits.sample_factors(50, seed=2)["yaw"]).all()


def test_marginals_and_correlations_are_as_documented():
    factors = portraits.sample_factors(20_000)
    for factor in portraits.FACTORS:
        values = factors[factor.name]
        if factor.shape == "uniform":
            assert values.mean() == pytest.approx((factor.low + factor.high) / 2, rel=0.03)
        if factor.shape in ("share", "chance") and factor.name not in BEARDS:
            assert (values > factor.low).mean() == pytest.approx(factor.spread[0], abs=0.015)
    assert np.ptp(factors["yaw"].quantile([0.05, 0.95])) > 40
    matrix = correlation_matrix()
    assert np.linalg.eigvalsh(matrix).min() > 0.04
    for (one, other), wanted in portraits.CORRELATIONS.items():
        assert matrix.loc[one, other] == matrix.loc[other, one] == wanted
    ranks = factors.rank().corr()  # Spearman's, which the normal scores share almost
    spread = [f.name for f in portraits.FACTORS if f.shape in ("normal", "uniform")]
    wanted = matrix.loc[spread, spread].to_numpy()
    assert np.abs(ranks.loc[spread, spread].to_numpy() - wanted).max() < 0.05


def test_who_wears_the_hair_long_has_no_beard():
    factors = portraits.sample_factors(4000, seed=2)
    long, short = factors["hair_length"] > 0.55, factors["hair_length"] < 0.4
    for name in BEARDS:
        assert factors[name][long].max() == 0
        assert (factors[name][short] > 0).mean() > RANGES[name].spread[0]


def test_free_portraits_are_the_same_but_for_their_pose():
    aligned, free = (portraits.sample_factors(3000, 5, aligned=on) for on in (True, False))
    rest = [name for name in RANGES if name not in POSE]
    pd.testing.assert_frame_equal(aligned[rest], free[rest])
    for name in ("roll", "shift_x", "shift_y"):
        assert aligned[name].std() < 0.3 * free[name].std()
    assert portraits.draw(free, 16).shape == (3000, 16, 16, 3)  # none is out of range


@pytest.mark.parametrize(("name", "value"), [("n", -1), ("n", 2.5), ("seed", -3), ("start", "7")])
def test_senseless_counts_are_refused(name, value):
    with pytest.raises(
        ValueError, match=f"{name} must be a whole number, at least 0; got {value!r}"
    ):
        portraits.sample_factors(**{"n": 1} | {name: value})


@pytest.mark.parametrize("door", [portraits.draw, portraits.regions, portraits.attributes])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(columns="yaw"), r"missing \['yaw'\]"),
        (lambda t: t.assign(nose_ring=1.0), r"unknown \['nose_ring'\]"),
        (lambda t: pd.concat([t, t[["yaw"]]], axis=1), "each column of FACTORS once"),
        (lambda t: t.assign(yaw=np.nan), "'yaw' must be numbers from -35 to 35 .* got .*nan"),
        (lambda t: t.assign(smile=[0, 1.2]), "'smile' must be .* got .*1.2.* in row 1"),
        (lambda t: t.assign(glasses=0.5), "'glasses' must be whole numbers from 0 to 1"),
        (lambda t: t.assign(hair_tone="blond"), "factors must be numbers; got .*blond"),
        (lambda t: t.assign(scale=np.inf), "'scale' must be"),
    ],
)
def test_factors_that_cannot_be_drawn_are_refused(door, change, message):
    with pytest.raises(ValueError, match=message):
        door(change(plain(rows=2)))
    with pytest.raises(TypeError, match=r"must be a DataFrame .* got ndarray"):
        door(np.zeros((2, 54)))
