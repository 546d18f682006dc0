import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import arrays
from scipy.linalg import sqrtm
from scipy.spatial.distance import cdist

from aelatent import _checks
from aelatent.latent import cycle_error, frechet_distance, memorization, region_errors, scores
from aelatent.latent.principal import PrincipalAxes
from aelatent.latent.scores import frechet_error, precision_recall, sharpness

NAMES = ("face", "hair")
IMAGES = np.random.default_rng(1).integers(0, 256, (30, 6, 5, 3), dtype=np.uint8)
DECODED = np.random.default_rng(2).uniform(size=IMAGES.shape).astype(np.float32)
MASKS = np.random.default_rng(3).uniform(size=(30, 6, 5, 2)).astype(np.float32)

RNG = np.random.default_rng(0)
REAL = (RNG.normal(size=(150, 5)) + 4).astype(np.float32)
DRAWN = (RNG.normal(1, 1, size=(120, 5)) + 4).astype(np.float32)
A = RNG.normal(size=(400, 6)) @ RNG.normal(size=(6, 6)) + 3
B = RNG.normal(size=(300, 6)) @ RNG.normal(size=(6, 6)) - 1


def test_the_cycle_error_is_a_distance_in_spreads_also_at_the_origin(monkeypatch):
    monkeypatch.setattr(_checks, "CHUNK", 3)
    z = np.array([[0.6, 0.8], [6, 8], [0, 0], [0, 0]])
    again = np.array([[1.2, 1.6], [7.5, 10], [0, 0], [1, 0]])
    np.testing.assert_allclose(cycle_error(z, again, 2.0), [0.5, 1.25, 0, 0.5])


@pytest.mark.parametrize("shift", [0, 5, -300])
def test_where_the_origin_lies_changes_no_cycle_error_and_no_rank_of_the_distances(shift):
    z, again = A[:300], B
    spread = PrincipalAxes.fit(z + shift).spread
    found = cycle_error(z + shift, again + shift, spread)
    np.testing.assert_allclose(found, cycle_error(z, again, PrincipalAxes.fit(z).spread))
    off = np.linalg.norm(again - z, axis=1)
    np.testing.assert_array_equal(np.argsort(found), np.argsort(off))


@pytest.mark.parametrize("rows", [4, 64])
def test_sharpness_is_the_mean_change_along_a_row(rows, monkeypatch):
    monkeypatch.setattr(scores, "_ROWS", rows)
    expected = [np.abs(np.diff(image.astype(float), axis=1)).mean() for image in IMAGES]
    np.testing.assert_allclose(sharpness(IMAGES), expected)
    np.testing.assert_allclose(sharpness(IMAGES[:9] / 255.0), expected[:9])


@pytest.mark.parametrize("rows", [7, 64])
def test_errors_of_regions_are_weighted_means(rows, monkeypatch):
    monkeypatch.setattr(scores, "_ROWS", rows)
    found = region_errors(IMAGES, DECODED, MASKS, NAMES)
    assert found.index.name == "region"
    assert list(found.index) == ["face", "hair", "all"]
    assert list(found.columns) == ["error", "spread", "unexplained", "se", "area", "n"]
    images, masks = IMAGES / 255, np.concatenate([MASKS, np.ones((30, 6, 5, 1))], axis=3)
    for mask, (_, row) in zip(np.moveaxis(masks, 3, 0), found.iterrows(), strict=True):
        weights = np.repeat(mask[..., None], 3, axis=3)
        error = np.average((DECODED - images) ** 2, weights=weights)
        spread = np.average((images - images.mean(axis=0)) ** 2, weights=weights)
        shown = [error, spread, error / spread, mask.mean(), 30]
        np.testing.assert_allclose(row.drop("se"), shown)
    np.testing.assert_allclose(region_errors(images, DECODED, MASKS, NAMES), found)


def test_a_share_has_the_standard_error_of_the_jackknife():
    rng = np.random.default_rng(3)
    images = rng.random((60, 4, 4, 3))
    decoded = images + rng.normal(
        0, 0.01 * np.arange(1, 61)[:, None, None, None] ** 0.5, images.shape
    )
    decoded = np.clip(decoded, 0, 1)
    mask = np.ones((60, 4, 4, 1))
    found = region_errors(images, decoded, mask, ["here"])
    without = [
        region_errors(*(np.delete(part, k, axis=0) for part in (images, decoded, mask)), ["here"])
        for k in range(60)
    ]
    left = np.array([table.loc["here", "unexplained"] for table in without])
    jackknife = np.sqrt(59 / 60 * np.sum((left - left.mean()) ** 2))
    np.testing.assert_allclose(found["se"], jackknife, rtol=0.05)


def test_a_region_without_area_has_no_error():
    masks = MASKS.copy()
    masks[..., 1] = 0
    masks[:10, ..., 0] = 0
    found = region_errors(IMAGES, DECODED, masks, NAMES)
    assert found.loc["hair", ["error", "spread", "unexplained", "se"]].isna().all()
    assert found["area"]["hair"] == 0
    assert found["n"].tolist() == [20, 0, 30]


def test_without_masks_there_are_errors_of_whole_pictures_alone():
    found = region_errors(IMAGES, DECODED, MASKS[..., :0], [])
    pd.testing.assert_frame_equal(found, region_errors(IMAGES, DECODED, MASKS, NAMES).loc[["all"]])


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


def within(vectors, others, k):
    """Share of vectors in some ball, by all distances; each of the others is its own nearest."""
    radii = np.sort(cdist(others, others), axis=1)[:, k]
    return (cdist(vectors, others) <= radii).any(axis=1).mean()


@pytest.mark.parametrize("k", [1, 3, 8])
def test_the_shares_are_those_counted_pair_by_pair(k):
    precision, recall = precision_recall(REAL, DRAWN, k)
    real, drawn = REAL.astype(float), DRAWN.astype(float)
    assert precision == pytest.approx(within(drawn, real, k))
    assert recall == pytest.approx(within(real, drawn, k))
    assert 0.05 < recall < 1  # neither all nor none
    assert precision_recall(real + 1e6, drawn + 1e6, k) == pytest.approx((precision, recall))


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
    assert precision_recall(REAL[:2], REAL[:2], 1) == (1, 1)  # the fewest rows


def test_a_share_of_repeated_codes_is_found():
    training, held_out, drawn = np.random.default_rng(4).normal(size=(3, 1000, 16))
    drawn[:300] = training[:300] + 1e-3
    found = memorization(drawn, held_out, training)
    assert found.closer == pytest.approx(0.3 + 0.7 * 0.01, abs=0.01)
    assert found.drawn == pytest.approx(np.median(cdist(drawn, training).min(axis=1)))
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


def test_the_frechet_distance_agrees_with_the_matrix_root():
    s, t = np.cov(A.T), np.cov(B.T)
    shift = np.sum((A.mean(axis=0) - B.mean(axis=0)) ** 2)
    expected = shift + np.trace(s + t - 2 * sqrtm(s @ t).real)
    assert frechet_distance(A, B) == pytest.approx(expected, rel=1e-9)
    assert frechet_distance(B, A) == pytest.approx(expected, rel=1e-9)
    # Far from the origin no digits are lost.
    assert frechet_distance(A + 1e7, B + 1e7) == pytest.approx(expected, rel=1e-5)


def test_the_error_of_the_frechet_distance_is_its_scatter():
    rng = np.random.default_rng(2)
    wide = np.array([3, 1, 1, 0.5])
    a = rng.normal(size=(4000, 4))
    sets = rng.normal(0.3, 1, size=(60, 300, 4)) * wide
    distances = [frechet_distance(a, b) for b in sets]
    errors = [frechet_error(a, b) for b in sets[:20]]
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(np.std(distances), rel=0.25)


def test_a_set_is_at_distance_zero_from_itself():
    assert 0 <= frechet_distance(A, A[::-1]) < 1e-10
    same = np.tile(A.mean(axis=0), (7, 1))  # one picture again and again
    assert frechet_distance(A, same) == pytest.approx(np.trace(np.cov(A.T)))
    assert frechet_distance(same, same) == pytest.approx(0)


def test_singular_covariances_are_no_obstacle():
    # Fewer rows than components: the other's spread along the axes that are missing.
    few = RNG.normal(size=(3, 6))
    both = np.vstack([few, few])  # the same plane, the covariance times 4 / 5
    total = np.trace(np.cov(few.T))
    assert frechet_distance(few, both) == pytest.approx(total * (1 - np.sqrt(0.8)) ** 2, rel=1e-6)


def regions(images=IMAGES, decoded=DECODED, masks=MASKS, names=NAMES):
    return lambda: region_errors(images, decoded, masks, names)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cycle_error(A, B, 1), "400.*got 300"),
        (lambda: cycle_error(A, A[:, :2], 1), r"shape \(n, 6\)"),
        (lambda: cycle_error(A, A, 0), "spread must be a finite number above 0; got 0"),
        (lambda: sharpness(IMAGES[0]), r"got shape \(6, 5, 3\)"),
        (lambda: sharpness(IMAGES.astype(float)), "must lie in 0..1; got values from . to 255"),
        (regions(IMAGES[..., :1]), r"got shape \(30, 6, 5, 1\)"),
        (regions(IMAGES[:0]), r"got shape \(0, 6, 5, 3\)"),
        (regions(IMAGES.astype(int)), r"got shape \(30, 6, 5, 3\) of int64"),
        (regions(decoded=DECODED - 1), "decoded must lie in 0..1; got values from -"),
        (regions(np.where(DECODED > 0.9, np.nan, DECODED)), "got values from nan to nan"),
        (regions(decoded=DECODED[:9]), r"decoded must have the shape .*; got \(9, 6"),
        (regions(masks=MASKS[:9]), r"masks must have the shape .*; got \(9, 6, 5, 2"),
        (regions(names=["face"]), r"masks must have the shape \(30, 6, 5, 1\)"),
        (regions(names=["face", "face"]), r"different ones.*got \['face', 'face'\]"),
        (regions(names=["face", "all"]), "none of them 'all'"),
        (regions(masks=2 * MASKS), "masks must lie in 0..1"),
        (lambda: precision_recall(REAL[:3], DRAWN), "from 1 to 2; got 3"),
        (lambda: precision_recall(REAL, DRAWN[:5], 5), "from 1 to 4; got 5"),
        (lambda: precision_recall(REAL, DRAWN, 0), "from 1 to 119; got 0"),
        (lambda: precision_recall(REAL, DRAWN[:, :4]), "one latent space"),
        (lambda: memorization(REAL, DRAWN, REAL[:, :4]), "one latent space"),
        (lambda: frechet_distance(A, B[:1]), "at least 2 z-points; got 1"),
        (lambda: frechet_distance(A, B[:, :5]), r"shape \(n, 6\)"),
    ],
)
def test_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()
