"""Precision, recall and distances to codes against slow direct counts and known laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import cdist

from aelatent.latent import scores
from aelatent.latent.neighbors import nearest_distance
from aelatent.latent.scores import memorization, precision_recall

RNG = np.random.default_rng(0)
REAL = (RNG.normal(size=(150, 5)) + 4).astype(np.float32)
DRAWN = (RNG.normal(1, 1, size=(120, 5)) + 4).astype(np.float32)


def within(vectors, others, k):
    """Share of vectors in some ball, one pair after the other."""
    inside = 0
    for v in vectors:
        for i, o in enumerate(others):
            distances = sorted(np.linalg.norm(np.delete(others, i, axis=0) - o, axis=1))
            if np.linalg.norm(v - o) <= distances[k - 1]:
                inside += 1
                break
    return inside / len(vectors)


@pytest.mark.parametrize("k", [1, 3, 8])
def test_the_shares_are_those_counted_pair_by_pair(k):
    found = precision_recall(REAL, DRAWN, k)
    real, drawn = REAL.astype(float), DRAWN.astype(float)
    assert found.precision == pytest.approx(within(drawn, real, k))
    assert found.recall == pytest.approx(within(real, drawn, k))
    assert 0.05 < found.recall < 1  # neither all nor none


@given(*[arrays(np.int16, (n, 2), elements=st.integers(-3, 3)) for n in (8, 6)], st.integers(1, 4))
@settings(max_examples=20)
def test_ties_and_copies_lie_on_the_border_and_count(real, drawn, k):
    found = precision_recall(real, drawn, k)
    assert found == pytest.approx((within(drawn, real, k), within(real, drawn, k)))


def test_copies_count_where_their_coordinates_are_rounded():
    # All balls have radius 0 here, and squares of such numbers do not cancel exactly.
    real = np.repeat(RNG.normal(100, 1, size=(20, 30)), 5, axis=0)
    assert precision_recall(real, real[::-1]) == (1, 1)
    assert precision_recall(real, real + 0.01) == (0, 0)


def test_a_shrunken_gaussian_is_all_precision_and_no_recall():
    real, drawn, narrow = np.random.default_rng(2).normal(size=(3, 700, 256)).astype(np.float32)
    same_law = precision_recall(real, drawn)
    assert same_law == pytest.approx((0.6, 0.6), abs=0.15)
    shrunken = precision_recall(real, np.float32(0.8) * narrow)
    assert shrunken.precision > 0.99
    assert shrunken.recall < 0.01


def test_precision_asks_of_the_drawn_and_recall_of_the_real():
    real = np.vstack([REAL, REAL + 100])
    found = precision_recall(real, DRAWN)
    half = precision_recall(REAL, DRAWN)
    assert found.precision == pytest.approx(half.precision, abs=0.02)
    assert found.recall == pytest.approx(half.recall / 2, abs=0.01)
    assert precision_recall(REAL, REAL) == (1, 1)
    assert precision_recall(REAL, DRAWN + 100) == (0, 0)


def test_neither_shift_nor_memory_nor_file_changes_the_shares(monkeypatch, tmp_path):
    found = precision_recall(REAL, DRAWN)
    moved = [x.astype(float) + 1e6 for x in (REAL, DRAWN)]
    assert precision_recall(*moved) == pytest.approx(found, abs=1e-9)
    np.save(tmp_path / "real.npy", REAL)
    monkeypatch.setattr(scores, "_MEMORY", 1 / 64)  # MiB: a few rows of distances
    assert precision_recall(np.load(tmp_path / "real.npy", mmap_mode="r"), DRAWN) == found


@pytest.mark.parametrize("dtypes", [("f4", "f4"), ("f8", "f4"), ("f4", "f8"), ("f2", ">f8")])
@pytest.mark.parametrize("k", [1, 4])
def test_distances_are_exact(dtypes, k):
    vectors, codes = DRAWN.astype(dtypes[0]), REAL.astype(dtypes[1])
    expected = np.sort(cdist(vectors.astype(float), codes.astype(float)), axis=1)[:, k - 1]
    found = nearest_distance(vectors, codes, k)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_copies_are_at_no_distance_and_near_copies_keep_their_digits():
    codes = RNG.normal(1000, 1, size=(300, 40)).astype(np.float32)
    assert (nearest_distance(codes[:100], codes) == 0).all()
    assert (nearest_distance(codes[:100], codes, 2) > 1).all()
    near = codes[:100].astype(float)
    near[:, 0] += 1e-4
    np.testing.assert_allclose(nearest_distance(near, codes), 1e-4, rtol=1e-6)


@given(st.integers(0, 99), st.floats(0.1, 10))
@settings(max_examples=30)
def test_distances_have_the_unit_of_the_codes(seed, scale):
    vectors, codes = np.random.default_rng(seed).normal(size=(2, 20, 3))
    found = nearest_distance(scale * vectors, scale * codes)
    np.testing.assert_allclose(found, scale * nearest_distance(vectors, codes))


def test_draws_of_the_same_law_are_no_memorization():
    cloud = np.random.default_rng(3).normal(size=(3, 5000, 6)).astype(np.float32)
    found = memorization(cloud[0], cloud[1], cloud[2])
    assert found.ratio == pytest.approx(1, abs=0.03)
    assert found.closer == pytest.approx(0.01, abs=0.006)  # 3 sd of both shares
    assert found.drawn == pytest.approx(np.median(cdist(cloud[0], cloud[2]).min(axis=1)), rel=1e-6)


def test_a_share_of_repeated_codes_is_found():
    training, held_out, drawn = np.random.default_rng(4).normal(size=(3, 1000, 16))
    drawn[:300] = training[:300] + 1e-3
    found = memorization(drawn, held_out, training)
    assert found.closer == pytest.approx(0.3 + 0.7 * 0.01, abs=0.01)
    assert found.ratio == pytest.approx(found.drawn / found.held_out)
    all_copies = memorization(training, held_out, training)
    assert (all_copies.drawn, all_copies.ratio, all_copies.closer) == (0, 0, 1)


@pytest.mark.parametrize(("m", "limit"), [(99, 1), (199, 2), (149, 1.5), (20, 1)])
def test_one_percent_of_the_held_out_law_lies_below_the_limit(m, limit):
    # The j-th of m distances has j / (m + 1) of its law below it, whatever the law.
    held_out, training = np.arange(1.0, m + 1)[:, None], np.zeros((1, 1))
    drawn = np.array([[limit - 1e-6], [limit + 1e-6], [limit + 1]])
    assert memorization(drawn, held_out, training).closer == pytest.approx(1 / 3)


@pytest.mark.parametrize(("drawn", "ratio"), [(REAL, np.nan), (REAL + 50, np.inf)])
def test_held_out_codes_that_are_training_codes_give_no_ratio(drawn, ratio):
    np.testing.assert_equal(memorization(drawn, REAL, REAL).ratio, ratio)


EACH = {
    "precision_recall": lambda x: precision_recall(REAL, x),
    "precision_recall, real": lambda x: precision_recall(x, DRAWN),
    "nearest_distance": lambda x: nearest_distance(x, REAL),
    "nearest_distance, codes": lambda x: nearest_distance(DRAWN, x),
    "memorization": lambda x: memorization(x, DRAWN, REAL),
    "memorization, held out": lambda x: memorization(DRAWN, x, REAL),
    "memorization, training": lambda x: memorization(DRAWN, REAL, x),
}


@pytest.mark.parametrize("name", EACH)
@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (REAL[0], r"shape \(5,\)"),
        (REAL[:0], r"shape \(0, 5\)"),
        (REAL[:, :4], r"one latent space; got .*\(150, 4\)"),
        (np.where(REAL > 6, np.nan, REAL), "nan in row"),
        (np.where(REAL > 6, np.inf, REAL), "inf in row"),
        (REAL.astype(str), "array of <U"),
    ],
)
def test_what_are_no_vectors_is_refused(name, bad, message):
    with pytest.raises(ValueError, match=message):
        EACH[name](bad)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: precision_recall(REAL[:3], DRAWN), "real must have more than 3 rows.*got 3"),
        (lambda: precision_recall(REAL, DRAWN[:5], 5), "drawn must have more than 5 rows.*got 5"),
        (lambda: precision_recall(REAL, DRAWN, 0), "k must be a whole number, at least 1; got 0"),
        (lambda: nearest_distance(DRAWN, REAL, 1.0), r"k must be .*; got 1\.0"),
        (lambda: nearest_distance(DRAWN, REAL[:2], 3), "at least k=3 rows; got 2"),
    ],
)
def test_bad_arguments_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_fewest_rows_are_enough():
    assert precision_recall(REAL[:2], REAL[:2], 1) == (1, 1)
    assert nearest_distance(DRAWN[:1], REAL[:1]).shape == (1,)
    assert memorization(REAL[:1], DRAWN[:1], REAL[1:2]).drawn > 0
