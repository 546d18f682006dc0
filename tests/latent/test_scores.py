"""Cycle errors, steps between pictures and errors by region against figures worked out by hand."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from aelatent.latent import scores
from aelatent.latent.scores import cycle_error, picture_steps, region_errors

NAMES = ("face", "hair")
IMAGES = np.random.default_rng(1).integers(0, 256, (30, 6, 5, 3), dtype=np.uint8)
DECODED = np.random.default_rng(2).uniform(size=IMAGES.shape).astype(np.float32)
MASKS = np.random.default_rng(3).uniform(size=(30, 6, 5, 2)).astype(np.float32)


def test_what_comes_back_has_no_error():
    z = np.random.default_rng(0).normal(size=(5000, 3)).astype(np.float32)
    assert (cycle_error(z, z) == 0).all()


@given(st.floats(0.01, 10), st.floats(0, 3))
def test_the_error_is_relative_to_the_length(length, part):
    direction = np.array([[0.6, 0.8]])
    assert cycle_error(length * direction, (1 + part) * length * direction) == pytest.approx(part)


def test_the_origin_has_no_length_to_compare_with():
    np.testing.assert_array_equal(
        cycle_error(np.zeros((2, 2)), np.array([[0, 0], [1, 0]])), [0, np.inf]
    )


@pytest.mark.parametrize(
    ("z", "again", "message"),
    [
        (np.ones((3, 2)), np.ones((3, 4)), r"shape \(n, 2\)"),
        (np.ones((3, 2)), np.ones((2, 2)), "again, 3; got 2"),
        (np.ones((3, 2)), np.full((3, 2), np.nan), "nan in row 0"),
        (np.ones(3), np.ones(3), r"shape \(3,\)"),
    ],
)
def test_what_does_not_fit_is_refused(z, again, message):
    with pytest.raises(ValueError, match=message):
        cycle_error(z, again)


def test_steps_are_root_mean_squares_of_the_change():
    expected = [np.sqrt(np.mean((b / 255 - a / 255) ** 2)) for a, b in pairwise(IMAGES)]
    found = picture_steps(IMAGES)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, [np.nan, *expected])


@pytest.mark.parametrize("n", [1, 2, 4, 5, 9])
def test_steps_do_not_depend_on_the_parts(n, monkeypatch):
    whole = picture_steps(IMAGES[:n])
    monkeypatch.setattr(scores, "_ROWS", 4)
    np.testing.assert_array_equal(picture_steps(IMAGES[:n]), whole)
    assert len(whole) == n


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_step_between_even_gray_pictures_is_their_difference(a, b):
    images = np.ones((2, 4, 4, 3)) * np.reshape([a, b], (2, 1, 1, 1))
    assert picture_steps(images)[1] == pytest.approx(abs(a - b), abs=1e-12)


def direct(images, decoded, masks):
    """Columns error, spread and area of one region, from whole arrays."""
    images, weights = images.astype(float), np.repeat(masks[..., None], 3, axis=-1)
    return (
        np.average((decoded - images) ** 2, weights=weights),
        np.average((images - images.mean(axis=0)) ** 2, weights=weights),
        masks.mean(),
    )


@pytest.mark.parametrize("rows", [7, 64])
def test_errors_of_regions_are_weighted_means(rows, monkeypatch):
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


def test_the_average_explains_nothing_and_the_original_all():
    # left: as it was; right: the average of all
    left = np.zeros((30, 6, 5, 2))
    left[:, :, :2, 0] = left[:, :, 2:, 1] = 1
    decoded = np.where(left[..., :1] > 0, IMAGES / 255, IMAGES.mean(axis=0) / 255)
    found = region_errors(IMAGES, decoded, left, ["left", "right"])
    assert found["unexplained"]["left"] == pytest.approx(0, abs=1e-12)
    assert found["unexplained"]["right"] == pytest.approx(1)
    assert found["area"].tolist() == pytest.approx([0.4, 0.6, 1])


def test_a_region_that_moves_is_followed():
    masks = np.zeros((30, 6, 5, 1))
    columns = np.arange(30) % 5
    masks[np.arange(30), :, columns] = 1
    decoded = IMAGES / 255
    decoded[np.arange(30), :, columns] = 1 - decoded[np.arange(30), :, columns]
    found = region_errors(IMAGES, decoded, masks, ["stripe"])
    assert found["error"]["all"] == pytest.approx(found["error"]["stripe"] / 5)


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


@given(arrays(np.float32, (5, 3, 2, 1), elements=st.floats(0, 1, width=16)))
def test_a_region_and_the_rest_make_the_whole(mask):
    images, decoded = IMAGES[:5, :3, :2], DECODED[:5, :3, :2]
    found = region_errors(images, decoded, np.concatenate([mask, 1 - mask], axis=3), NAMES)
    parts = (found["error"] * found["area"])[:2].sum()  # leaves NaN out
    assert parts == pytest.approx(found["error"]["all"], rel=1e-5)


def test_bytes_floats_and_files_count_alike(tmp_path):
    expected = region_errors(IMAGES, DECODED, MASKS, NAMES)
    found = region_errors(IMAGES / 255, DECODED, MASKS, NAMES)
    np.testing.assert_allclose(found, expected)
    np.save(tmp_path / "images.npy", IMAGES)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    np.testing.assert_array_equal(region_errors(mapped, DECODED, MASKS, NAMES), expected)
    np.testing.assert_array_equal(picture_steps(mapped), picture_steps(IMAGES))


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
        (DECODED, MASKS[..., 0], NAMES, r"got \(30, 6, 5\)"),
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
