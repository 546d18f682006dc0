import hashlib
import pickle
import subprocess
import sys

import cv2
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aelatent.images import portraits

from .drawn import WHOLE, plain

RANGES = {factor.name: factor for factor in portraits.FACTORS}


# --- factors


def test_factors_have_the_documented_columns_types_and_ranges():
    factors = portraits.sample_factors(3000, seed=4)
    assert list(factors.columns) == list(RANGES)
    for name, column in factors.items():
        assert column.dtype == (np.int32 if name in WHOLE else np.float32)
        assert RANGES[name].low <= column.min()
        assert column.max() <= RANGES[name].high
        assert column.nunique() == 2 if RANGES[name].shape == "chance" else column.nunique() > 300
    assert all(f.unit and f.meaning and f.low < f.high for f in portraits.FACTORS)


@given(
    n=st.integers(1, 40), start=st.integers(0, 10**9), seed=st.integers(0, 2**70), k=st.integers(0)
)
@settings(max_examples=40, deadline=None)
def test_a_row_depends_on_seed_and_number_only(n, start, seed, k):
    k %= n
    rows = portraits.sample_factors(n, seed, start)
    alone = portraits.sample_factors(1, seed, start + k)
    pd.testing.assert_frame_equal(rows.iloc[k : k + 1], alone)
    assert rows.index.tolist() == list(range(start, start + n))


def test_seeds_differ_and_global_random_state_is_neither_used_nor_changed():
    np.random.seed(3)  # noqa: NPY002
    before = pickle.dumps(np.random.get_state())  # noqa: NPY002
    one = portraits.sample_factors(50, seed=1)
    portraits.draw(one.head(2), 32)
    assert pickle.dumps(np.random.get_state()) == before  # noqa: NPY002
    np.random.seed(4)  # noqa: NPY002
    pd.testing.assert_frame_equal(one, portraits.sample_factors(50, seed=1))
    other = portraits.sample_factors(50, seed=2)
    assert (one["yaw"] != other["yaw"]).all()


def test_marginals_and_correlations_are_as_documented():
    factors = portraits.sample_factors(20_000)
    for factor in portraits.FACTORS:
        values = factors[factor.name]
        if factor.shape == "uniform":
            assert values.mean() == pytest.approx((factor.low + factor.high) / 2, rel=0.03)
        if factor.shape in ("share", "chance"):
            assert (values > factor.low).mean() == pytest.approx(factor.spread[0], abs=0.015)
        if factor.name == "yaw":
            assert np.ptp(factors["yaw"].quantile([0.05, 0.95])) > 40
    matrix = portraits.correlation_matrix()
    assert np.linalg.eigvalsh(matrix).min() > 0.04
    for (one, other), wanted in portraits.CORRELATIONS.items():
        assert matrix.loc[one, other] == matrix.loc[other, one] == wanted
    ranks = factors.rank().corr()  # Spearman's, which the normal scores share almost
    spread = [f.name for f in portraits.FACTORS if f.shape in ("normal", "uniform")]
    wanted = matrix.loc[spread, spread].to_numpy()
    assert np.abs(ranks.loc[spread, spread].to_numpy() - wanted).max() < 0.05


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": -1}, "n must be a whole number from 0 on; got -1"),
        ({"n": 2.5}, "n must be a whole number"),
        ({"n": True}, "n must be a whole number"),
        ({"n": 1, "seed": -3}, "seed must be .* got -3"),
        ({"n": 1, "start": "7"}, "start must be .* got '7'"),
    ],
)
def test_senseless_counts_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        portraits.sample_factors(**arguments)


# --- drawing


def test_a_picture_does_not_depend_on_its_batch():
    factors = portraits.sample_factors(41, seed=9)
    together = portraits.draw(factors)
    assert together.shape == (41, 96, 96, 3)
    assert together.dtype == np.uint8
    order = np.random.default_rng(0).permutation(41)
    np.testing.assert_array_equal(portraits.draw(factors.iloc[order]), together[order])
    np.testing.assert_array_equal(portraits.draw(factors[factors.columns[::-1]]), together)
    for k in (0, 17, 40):
        np.testing.assert_array_equal(portraits.draw(factors.iloc[[k]])[0], together[k])
    for start in (1, 15, 16, 30):
        part = portraits.draw(factors.iloc[start : start + 11])
        np.testing.assert_array_equal(part, together[start : start + 11])


def test_another_process_draws_the_same():
    code = (
        "import hashlib; from aelatent.images import portraits as p;"
        "print(hashlib.sha256(p.draw(p.sample_factors(9, 3, start=5))).hexdigest())"
    )
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    here = portraits.draw(portraits.sample_factors(20, 3)[5:14])
    assert there.stdout.strip() == hashlib.sha256(here).hexdigest()


@pytest.mark.parametrize("size", [32, 64, 97, 160])
def test_other_sizes_show_the_same_portrait(size):
    factors = plain(noise=0)
    small = portraits.draw(factors, size)[0]
    reference = portraits.draw(factors, 96)[0]
    assert small.shape == (size, size, 3)
    near = cv2.resize(small, (12, 12), interpolation=cv2.INTER_AREA).astype(float)
    wanted = cv2.resize(reference, (12, 12), interpolation=cv2.INTER_AREA)
    assert np.abs(near - wanted).mean() < 4


def test_no_rows_give_no_pictures():
    assert portraits.draw(portraits.sample_factors(0)).shape == (0, 96, 96, 3)


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_every_corner_of_the_ranges_can_be_drawn(data):
    ends = {f.name: data.draw(st.sampled_from([f.low, f.high])) for f in portraits.FACTORS}
    drawn = portraits.draw(plain(**ends), 48)[0]
    assert drawn.std() > 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(columns="yaw"), r"missing \['yaw'\]"),
        (lambda t: t.assign(nose_ring=1.0), r"unknown \['nose_ring'\]"),
        (lambda t: pd.concat([t, t[["yaw"]]], axis=1), "each column of FACTORS once"),
        (lambda t: t.assign(yaw=np.nan), "'yaw' must be numbers from -42 to 42 .* got .*nan"),
        (lambda t: t.assign(smile=1.2), "'smile' must be .* got .*1.2.* in row 0"),
        (lambda t: t.assign(glasses=0.5), "'glasses' must be whole numbers from 0 to 1"),
        (lambda t: t.assign(hair_tone="blond"), "factors must be numbers; got .*blond"),
        (lambda t: t.assign(scale=np.inf), "'scale' must be"),
    ],
)
def test_factors_that_cannot_be_drawn_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        portraits.draw(change(plain()))


def test_what_is_no_table_or_size_is_refused():
    with pytest.raises(TypeError, match=r"must be a DataFrame .* got ndarray"):
        portraits.draw(np.zeros((2, 40)))
    for size in (8, 96.0, 4096, None):
        with pytest.raises(ValueError, match=r"size must be .*got"):
            portraits.draw(plain(), size)


# --- the source


def test_the_source_is_a_prefix_of_a_longer_one():
    short, long = portraits.Portraits(45, seed=6), portraits.Portraits(1000, seed=6)
    assert len(short) == 45
    assert short.image_ids == long.image_ids[:45]
    assert short.image_ids[44] == "portrait-000044"
    pd.testing.assert_frame_equal(short.table, long.table[:45])
    one, other = short.read(38, 45, 96, "center"), long.read(38, 45, 96, "center")
    np.testing.assert_array_equal(one.images, other.images)
    assert one.image_ids == short.image_ids[38:]
    assert one.skipped == []
    np.testing.assert_array_equal(short.task(38, 45)(96, "center").images, one.images)


def test_the_table_holds_split_and_factors_of_the_pictures():
    source = portraits.Portraits(60, seed=1)
    assert source.table.index.tolist() == source.image_ids
    assert np.flatnonzero(source.table["split"] == "val").tolist() == [19, 39, 59]
    factors = source.table[list(RANGES)]
    pd.testing.assert_frame_equal(
        source.table[source.table.columns[1 + len(RANGES) :]], portraits.attributes(factors)
    )
    pd.testing.assert_frame_equal(
        factors.reset_index(drop=True), portraits.sample_factors(60, seed=1), check_index_type=False
    )
    drawn = portraits.draw(factors[10:13])
    np.testing.assert_array_equal(source.read(10, 13, 96, "center").images, drawn)


def test_a_source_iterates_over_its_portraits():
    source = portraits.Portraits(70, seed=2)
    items = list(source)
    assert [item[0] for item in items] == source.image_ids
    np.testing.assert_array_equal(items[66][1], source.read(66, 67, 96, "center").images[0])
    assert items[66][2] == source.table.drop(columns="split").iloc[66].to_dict()


def test_identity_tells_generator_seed_and_count():
    one = portraits.Portraits(5, seed=1).identity()
    assert one == portraits.Portraits(5, seed=1).identity()
    assert one["generator"] == portraits.VERSION
    assert one != portraits.Portraits(6, seed=1).identity()
    assert one != portraits.Portraits(5, seed=2).identity()


def test_a_senseless_source_is_refused():
    for n in (0, -1, 2.0, "many"):
        with pytest.raises(ValueError, match=r"n must be a whole number from 1 on; got"):
            portraits.Portraits(n)
    with pytest.raises(ValueError, match=r"crop must be 'center', got 0\.5"):
        portraits.Portraits(2).read(0, 1, 96, 0.5)


# --- the same everywhere


def test_pictures_are_those_of_this_generator_version():
    thumbnails = portraits.draw(portraits.sample_factors(4, seed=2024))
    coarse = thumbnails.astype(float).mean(-1).reshape(4, 6, 16, 6, 16).mean((2, 4))
    assert portraits.VERSION == 2
    assert np.abs(coarse - THUMBNAILS).max() < 1


# Gray levels of a 6 x 6 grid over the first portraits of seed 2024; the test above says how they
# were made. They change with `portraits.VERSION` only.
THUMBNAILS = [
    [
        [101.2, 56.6, 44.1, 38.8, 51.9, 87.8],
        [136.4, 58.3, 85.7, 80.8, 54.0, 66.5],
        [144.0, 77.6, 130.6, 131.1, 73.3, 95.5],
        [145.6, 74.9, 114.6, 130.5, 95.3, 120.6],
        [145.5, 63.3, 66.9, 101.8, 110.0, 122.8],
        [141.9, 64.4, 83.4, 89.4, 122.7, 131.9],
    ],
    [
        [173.2, 155.3, 88.6, 74.0, 86.1, 97.3],
        [145.2, 100.2, 104.8, 85.6, 34.5, 55.5],
        [128.3, 118.1, 179.2, 134.1, 75.3, 105.2],
        [132.6, 138.1, 145.7, 106.8, 126.7, 158.2],
        [83.5, 70.3, 71.3, 75.8, 124.4, 124.2],
        [105.5, 59.0, 28.7, 48.7, 25.1, 23.4],
    ],
    [
        [161.3, 111.4, 83.4, 149.8, 211.7, 218.2],
        [100.8, 47.2, 78.5, 99.5, 178.9, 210.7],
        [59.7, 72.8, 124.5, 147.8, 158.4, 203.3],
        [48.6, 98.9, 131.0, 132.3, 140.7, 198.1],
        [44.1, 74.1, 107.3, 91.0, 133.7, 195.2],
        [48.3, 57.4, 95.1, 52.0, 127.4, 191.7],
    ],
    [
        [113.8, 114.1, 116.4, 116.9, 120.4, 121.4],
        [96.1, 104.1, 153.1, 160.6, 111.6, 115.1],
        [91.2, 111.0, 140.1, 150.2, 126.2, 108.6],
        [86.5, 97.5, 123.5, 136.0, 114.0, 100.6],
        [81.2, 76.9, 96.9, 107.2, 87.9, 92.3],
        [63.9, 52.7, 70.0, 78.0, 61.8, 70.6],
    ],
]
