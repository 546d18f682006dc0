import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import cdist

from aelatent.latent import nearest_distance
from aelatent.latent.neighbors import _EXACTLY, Nearest, find_nearest, find_others


def by_all_distances(vectors, cloud, k):
    """Return distances to, and rows of, the k nearest by comparing with every row."""
    away = cdist(np.asarray(vectors, float), np.asarray(cloud, float))
    rows = np.argsort(away, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(away, rows, axis=1), rows


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int16, ">f8"])
@pytest.mark.parametrize("d", [2, 60])  # by an index, and by all distances
def test_the_search_is_exact(d, kind):
    rng = np.random.default_rng(10)
    cloud = (100 * rng.normal(size=(1500, d))).astype(kind)
    vectors = (100 * rng.normal(size=(40, d))).astype(kind)
    distances, rows = find_nearest(cloud, vectors, 9)
    expected, _ = by_all_distances(vectors, cloud, 9)
    away = np.take_along_axis(cdist(vectors.astype(float), cloud.astype(float)), rows, axis=1)
    np.testing.assert_allclose(away, expected, rtol=1e-12)  # whole numbers lie equally far at times
    np.testing.assert_allclose(distances, expected, rtol=1e-5)
    for k in (1, 9):
        found = nearest_distance(vectors, cloud, k)
        np.testing.assert_allclose(found, expected[:, k - 1], rtol=1e-12)


@pytest.mark.parametrize("d", [2, 60])
def test_no_row_is_its_own_neighbor(d):
    cloud = np.random.default_rng(11).normal(size=(300, d)).astype(np.float32)
    cloud[7] = cloud[3] + np.float32(1e-3)  # near duplicates, where squares cancel
    cloud[8] = cloud[4]
    away = cdist(cloud.astype(float), cloud.astype(float))
    for rows in (None, np.r_[3, 4, 7, 8, 100:150]):
        asked = np.arange(300) if rows is None else rows
        distances, found = find_others(cloud, 5, rows)
        assert distances.shape == found.shape == (len(asked), 5)
        assert (found != asked[:, None]).all()
        expected = np.sort(away[asked], axis=1)[:, 1:6]
        np.testing.assert_allclose(np.take_along_axis(away[asked], found, axis=1), expected)
        np.testing.assert_allclose(distances, expected, rtol=1e-3, atol=1e-6)


@settings(deadline=None, max_examples=30)
@given(arrays(np.float64, (9, 3), elements=st.integers(-1, 1).map(float)), st.integers(1, 8))
def test_copies_are_neighbors_at_no_distance(cloud, k):
    distances, rows = find_others(cloud, k)
    assert (rows != np.arange(9)[:, None]).all()
    assert all(len(set(row)) == k for row in rows.tolist())
    expected = np.sort(cdist(cloud, cloud), axis=1)[:, 1 : k + 1]
    np.testing.assert_allclose(distances, expected, atol=1e-6)


def test_the_distance_to_a_near_duplicate_keeps_its_digits():
    cloud = np.random.default_rng(12).normal(100, 1, size=(500, 40))
    found = nearest_distance(cloud[:70] + 1e-9, cloud)
    np.testing.assert_allclose(found, 1e-9 * 40**0.5, rtol=1e-4)
    assert (nearest_distance(cloud[:70], cloud) == 0).all()  # each to itself
    assert (nearest_distance(cloud[:70], cloud, 2) > 1).all()


def test_distances_that_do_not_exist_are_refused():
    cloud = np.zeros((2, 3))
    for call, message in (
        (lambda: nearest_distance(cloud, cloud, 3), "k must be .* from 1 to 2; got 3"),
        (lambda: nearest_distance(cloud, cloud[:, 1:]), "one latent space; got vectors"),
        (lambda: nearest_distance(cloud, cloud * np.nan), "got nan in row 0"),
        (lambda: Nearest(cloud * np.nan), "got nan in row 0"),
        (lambda: Nearest(cloud[0]), r"shape \(3,\)"),
    ):
        with pytest.raises(ValueError, match=message):
            call()
    assert nearest_distance(cloud, cloud, 2).tolist() == [0, 0]


@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 3 * _EXACTLY),
    st.integers(1, 9),
    st.sampled_from([np.float32, np.float64, np.int16]),
    st.floats(0, 300),
)
def test_search_for_one_finds_what_comparing_with_every_z_point_finds(seed, n, d, kind, offset):
    rng = np.random.default_rng(seed)
    z = (10 * rng.normal(size=(n, d)) + offset).astype(kind)
    v = 10 * rng.normal(size=d) + offset
    rows, distances = Nearest(z).find(v, 3)
    assert len(set(rows)) == min(3, n)
    np.testing.assert_allclose(distances, by_all_distances([v], z, 3)[0][0], rtol=1e-6)
    np.testing.assert_allclose(distances, np.linalg.norm(z[rows] - v, axis=1), rtol=1e-6)


def test_search_for_one_in_256_dimensions():
    rng = np.random.default_rng(8)
    z = rng.normal(20, 1, (5000, 256)).astype(np.float32)
    for v in (z[77], rng.normal(20, 1, 256), np.zeros(256)):
        for k in (3, 2 * _EXACTLY):
            rows, distances = Nearest(z).find(v, k)
            np.testing.assert_array_equal(rows, by_all_distances([v], z, k)[1][0])
    assert (rows.dtype, distances.dtype) == (np.int64, np.float64)
