"""Scores against figures worked out by hand, slow direct counts and closed forms."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.linalg import sqrtm
from scipy.spatial.distance import cdist

from aelatent.latent import cycle_error, frechet_distance, memorization, region_errors, scores
from aelatent.latent.scores import picture_steps, precision_recall

NAMES = ("face", "hair")
IMAGES = np.random.default_rng(1).integers(0, 256, (30, 6, 5, 3), dtype=np.uint8)
DECODED = np.random.default_rng(2).uniform(size=IMAGES.shape).astype(np.float32)
MASKS = np.random.default_rng(3).uniform(size=(30, 6, 5, 2)).astype(np.float32)

RNG = np.random.default_rng(0)
REAL = (RNG.normal(size=(150, 5)) + 4).astype(np.float32)
DRAWN = (RNG.normal(1, 1, size=(120, 5)) + 4).astype(np.float32)
A = RNG.normal(size=(400, 6)) @ RNG.normal(size=(6, 6)) + 3
B = RNG.normal(size=(300, 6)) @ RNG.normal(size=(6, 6)) - 1


@given(st.floats(0.01, 10), st.floats(0, 3))
def test_the_cycle_error_is_relative_to_the_length(length, part):
    z = length * np.array([[0.6, 0.8]])
    assert cycle_error(z, (1 + part) * z) == pytest.approx(part)


def test_the_origin_has_no_length_to_compare_with():
    again = np.array([[0, 0], [1, 0]])
    np.testing.assert_array_equal(cycle_error(np.zeros((2, 2)), again), [0, np.inf])


@pytest.mark.parametrize(
    ("again", "message"),
    [
        (np.ones((3, 4)), r"shape \(n, 2\)"),
        (np.ones((2, 2)), "again, 3; got 2"),
        (np.full((3, 2), np.nan), "nan in row 0"),
    ],
)
def test_what_does_not_come_back_row_by_row_is_refused(again, message):
    with pytest.raises(ValueError, match=message):
        cycle_error(np.ones((3, 2)), again)


@pytest.mark.parametrize("rows", [4, 64])
def test_steps_are_root_mean_squares_of_the_change(rows, monkeypatch):
    monkeypatch.setattr(scores, "_ROWS", rows)
    expected = [np.sqrt(np.mean((b / 255 - a / 255) ** 2)) for a, b in pairwise(IMAGES)]
    for n in (1, 2, 4, 5, 9, 30):
        np.testing.assert_allclose(picture_steps(IMAGES[:n]), [np.nan, *expected[: n - 1]])


def direct(images, decoded, masks):
    """Columns error, spread and area of one region, from whole arrays."""
    images, weights = images.astype(float), np.repeat(masks[..., None], 3, axis=-1)
    return (
        np.average((decoded - images) ** 2, weights=weights),
        np.average((images - images.mean(axis=0)) ** 2, weights=weights),
        masks.mean(),
    )


@pytest.mark.parametrize("rows", [7, 64])
def test_errors_of_regions_are_weighted_means(rows, monkeypatch, tmp_path):
    monkeypatch.setattr(scores, "_ROWS", rows)
    found = region_errors(IMAGES, DECODED, MASKS, NAMES)
    assert found.index.name == "region"
    assert list(found.index) == ["face", "hair", "all"]
    assert list(found.columns) == ["error", "spread", "unexplained", "area", "n"]
    masks = [MASKS[..., 0].astype(float), MASKS[..., 1].astype(float), np.ones((30, 6, 5))]
    expected = np.array([direct(IMAGES / 255, DECODED.astype(float), mask) for mask in masks])
    np.testing.assert_allclose(found[["error", "spread", "area"]], expected, rtol=1e-9)
    np.testing.assert_allclose(found["unexplained"], expected[:, 0] / expected[:, 1])
    assert (found["n"] == 30).all()
    np.testing.assert_allclose(region_errors(IMAGES / 255, DECODED, MASKS, NAMES), found)
    np.save(tmp_path / "images.npy", IMAGES)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    np.testing.assert_array_equal(region_errors(mapped, DECODED, MASKS, NAMES), found)


def test_the_average_explains_nothing_and_the_original_all():
    # left: as it was; right: the average of all
    left = np.zeros((30, 6, 5, 2))
    left[:, :, :2, 0] = left[:, :, 2:, 1] = 1
    decoded = np.where(left[..., :1] > 0, IMAGES / 255, IMAGES.mean(axis=0) / 255)
    found = region_errors(IMAGES, decoded, left, ["left", "right"])
    assert found["unexplained"]["left"] == pytest.approx(0, abs=1e-12)
    assert found["unexplained"]["right"] == pytest.approx(1)
    assert found["area"].tolist() == pytest.approx([0.4, 0.6, 1])


def test_a_region_without_area_has_no_error():
    masks = MASKS.copy()
    masks[..., 1] = 0
    masks[:10, ..., 0] = 0
    found = region_errors(IMAGES, DECODED, masks, NAMES)
    assert found.loc["hair", ["error", "spread", "unexplained"]].isna().all()
    assert found["area"]["hair"] == 0
    assert found["n"].tolist() == [20, 0, 30]


@pytest.mark.parametrize("value", [0.1, 0.7])
def test_where_nothing_varies_an_error_is_infinitely_more(value):
    images = np.full((101, 4, 4, 3), value)  # whose mean must not be off by rounding
    found = region_errors(images, images, np.ones((101, 4, 4, 1)), ["all of it"])
    assert found["unexplained"].isna().all()
    found = region_errors(images, images**2, np.ones((101, 4, 4, 1)), ["all of it"])
    assert (found["spread"] == 0).all()
    assert (found["unexplained"] == np.inf).all()


def test_shares_that_rounding_lifts_above_1_are_taken():
    masks = np.full((30, 6, 5, 1), np.nextafter(np.float32(1), np.float32(2)))
    assert region_errors(IMAGES, DECODED, masks, ["face"])["area"]["face"] == pytest.approx(1)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (IMAGES[0], r"array \(n, h, w, 3\).*got shape \(6, 5, 3\)"),
        (IMAGES[..., :1], r"got shape \(30, 6, 5, 1\)"),
        (IMAGES[:0], r"got shape \(0, 6, 5, 3\)"),
        (IMAGES.astype(int), "uint8, or float in 0..1; got int64"),
        (IMAGES.astype(float), "must lie in 0..1; got values from . to 255"),
        (DECODED - 1, "must lie in 0..1; got values from -"),
        (np.where(DECODED > 0.9, np.nan, DECODED), "got values from nan to nan"),
    ],
)
def test_what_are_no_pictures_is_refused(bad, message):
    for call in (
        lambda: picture_steps(bad),
        lambda: region_errors(bad, DECODED, MASKS, NAMES),
        lambda: region_errors(IMAGES, bad, MASKS, NAMES),
    ):
        with pytest.raises(ValueError, match=message):
            call()


@pytest.mark.parametrize(
    ("decoded", "masks", "names", "message"),
    [
        (DECODED[:9], MASKS, NAMES, r"decoded must have the shape .*\(30, 6, 5, 3\); got \(9, 6"),
        (DECODED, MASKS[:9], NAMES, r"masks must have the shape \(30, 6, 5, 2\).*got \(9, 6, 5, 2"),
        (DECODED, MASKS, ["face"], r"masks must have the shape \(30, 6, 5, 1\)"),
        (DECODED, MASKS, ["face", "face"], r"different ones.*got \['face', 'face'\]"),
        (DECODED, MASKS, ["face", "all"], "none of them 'all'"),
        (DECODED, 2 * MASKS, NAMES, "masks must lie in 0..1; got values from"),
        (DECODED, MASKS - 1, NAMES, "masks must lie in 0..1"),
        (DECODED, np.where(MASKS > 0.9, np.nan, MASKS), NAMES, "got values from nan to nan"),
    ],
)
def test_what_does_not_belong_to_the_pictures_is_refused(decoded, masks, names, message):
    with pytest.raises(ValueError, match=message):
        region_errors(IMAGES, decoded, masks, names)


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
    precision, recall = precision_recall(REAL, DRAWN, k)
    real, drawn = REAL.astype(float), DRAWN.astype(float)
    assert precision == pytest.approx(within(drawn, real, k))
    assert recall == pytest.approx(within(real, drawn, k))
    assert 0.05 < recall < 1  # neither all nor none


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
    precision, recall = precision_recall(real, np.float32(0.8) * narrow)
    assert precision > 0.99
    assert recall < 0.01


def test_neither_shift_nor_memory_changes_the_shares(monkeypatch):
    found = precision_recall(REAL, DRAWN)
    moved = [x.astype(float) + 1e6 for x in (REAL, DRAWN)]
    assert precision_recall(*moved) == pytest.approx(found, abs=1e-9)
    monkeypatch.setattr(scores, "_MEMORY", 1 / 64)  # MiB: a few rows of distances
    assert precision_recall(REAL, DRAWN) == found


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: precision_recall(REAL[:3], DRAWN), r"k must be .* from 1 to 2; got 3"),
        (
            lambda: precision_recall(REAL, DRAWN[:5], 5),
            "k must be .* from 1 to 4; got 5",
        ),
        (lambda: precision_recall(REAL, DRAWN, 0), r"k must be .* from 1 to 119; got 0"),
        (lambda: precision_recall(REAL, DRAWN[:, :4]), r"one latent space; got .*\(120, 4\)"),
        (lambda: memorization(REAL, DRAWN, REAL[:, :4]), r"one latent space; got .*\(150, 4\)"),
    ],
)
def test_sets_that_cannot_be_compared_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_fewest_rows_are_enough():
    assert precision_recall(REAL[:2], REAL[:2], 1) == (1, 1)
    assert memorization(REAL[:1], DRAWN[:1], REAL[1:2]).drawn > 0


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


def with_moments(mean, sd, n=50):
    """Points whose mean and covariance are exactly `mean` and diag(sd²)."""
    x = np.random.default_rng(1).normal(size=(n, len(sd)))
    x = np.linalg.qr(x - x.mean(axis=0))[0] * np.sqrt(n - 1)
    return x * sd + mean


def test_the_frechet_distance_agrees_with_the_matrix_root():
    s, t = np.cov(A.T), np.cov(B.T)
    shift = np.sum((A.mean(axis=0) - B.mean(axis=0)) ** 2)
    expected = shift + np.trace(s + t - 2 * sqrtm(s @ t).real)
    assert frechet_distance(A, B) == pytest.approx(expected, rel=1e-9)
    assert frechet_distance(B, A) == pytest.approx(expected, rel=1e-9)
    # Far from the origin no digits are lost.
    assert frechet_distance(A + 1e7, B + 1e7) == pytest.approx(expected, rel=1e-5)


@given(
    *[arrays(float, 3, elements=st.floats(-10, 10))] * 2,
    *[arrays(float, 3, elements=st.floats(0, 10))] * 2,
)
def test_diagonal_gaussians_have_a_closed_form(m, n, s, t):
    expected = np.sum((m - n) ** 2) + np.sum((s - t) ** 2)
    found = frechet_distance(with_moments(m, s), with_moments(n, t))
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-5)


def test_a_set_is_at_distance_zero_from_itself():
    assert 0 <= frechet_distance(A, A[::-1]) < 1e-10
    same = np.tile(A.mean(axis=0), (7, 1))  # one picture again and again
    assert frechet_distance(A, same) == pytest.approx(np.trace(np.cov(A.T)))
    assert frechet_distance(same, same) == pytest.approx(0)


def test_singular_covariances_are_no_obstacle():
    few = with_moments(np.zeros(6), np.array([3, 2, 1, 0, 0, 0.0]))
    other = with_moments(np.zeros(6), np.array([0, 0, 1, 4, 5, 0.0]))
    assert frechet_distance(few, other) == pytest.approx(9 + 4 + 16 + 25, rel=1e-9)
    # fewer rows than components: the other's spread along the axes that are missing
    few = RNG.normal(size=(3, 6))
    both = np.vstack([few, few])  # the same plane, the covariance times 4 / 5
    total = np.trace(np.cov(few.T))
    assert frechet_distance(few, both) == pytest.approx(total * (1 - np.sqrt(0.8)) ** 2, rel=1e-6)


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        (A[:1], B, "at least 2 z-points; got 1"),
        (A, B[:1], "at least 2 z-points; got 1"),
        (A, B[:, :5], r"shape \(n, 6\).*got shape \(300, 5\)"),
        (A, np.where(B > 1, np.inf, B), "got inf in row"),
    ],
)
def test_what_are_no_features_is_refused(a, b, message):
    with pytest.raises(ValueError, match=message):
        frechet_distance(a, b)
