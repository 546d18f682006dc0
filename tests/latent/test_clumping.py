import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import cdist, pdist
from scipy.stats import poisson

from aelatent.latent.clumping import j_function, knn_cdf, landy_szalay, nearest, pair_counts
from aelatent.latent.neighbors import neighbor_distances

DENSITY = 3000
R = np.geomspace(0.004, 0.03, 8)  # the mean spacing is 0.018


def window(points):
    """Tell which points lie in the unit disk."""
    return np.hypot(*points.T) <= 1


def poisson_pattern(seed, side=2.6):
    rng = np.random.default_rng(seed)
    return rng.uniform(-side / 2, side / 2, (rng.poisson(DENSITY * side**2), 2))


def locations(seed):
    places = np.random.default_rng(seed).uniform(-1, 1, (40_000, 2))
    return places[window(places)]


def thomas_pattern(rng, parents, mean, width, side):
    """Clusters of a Poisson number of points, normal round uniform parents."""
    centers = rng.uniform(-0.2, side + 0.2, (rng.poisson(parents * (side + 0.4) ** 2), 2))
    points = np.repeat(centers, rng.poisson(mean, len(centers)), axis=0)
    points += rng.normal(0, width, points.shape)
    return points[((points > 0) & (points < side)).all(axis=1)]


def g_f_j(points):
    g, f = nearest(points, R, window(points)), knn_cdf(points, R, locations(9), k=(1,))[0]
    return g, f, j_function(g, f)


def test_a_poisson_pattern_follows_its_closed_forms():
    points = poisson_pattern(1)
    g, f, j = g_f_j(points)
    expected = 1 - np.exp(-DENSITY * np.pi * R**2)
    np.testing.assert_allclose(g, expected, atol=0.02)
    np.testing.assert_allclose(f, expected, atol=0.02)
    np.testing.assert_allclose(j[f < 0.9], 1, atol=0.08)
    ks = (1, 2, 4, 8)
    found = knn_cdf(points, R, locations(2), k=ks)
    tails = [poisson.sf(k - 1, DENSITY * np.pi * R**2) for k in ks]
    np.testing.assert_allclose(found, tails, atol=0.02)


def test_points_outside_the_window_count_as_neighbors():
    points = poisson_pattern(3)
    inside = window(points)
    # Without them, those at the border seem to stand alone.
    alone = nearest(points[inside], R, np.ones(inside.sum(), bool))
    assert (alone <= nearest(points, R, inside)).all()
    assert alone[3] < nearest(points, R, inside)[3]


def test_clusters_and_lattices_lie_on_either_side():
    rng = np.random.default_rng(4)
    clusters = thomas_pattern(rng, 300, 10, 0.02, 2.6) - 1.3
    side = np.arange(-1.3, 1.3, DENSITY**-0.5)
    lattice = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    lattice = lattice + rng.uniform(-0.003, 0.003, lattice.shape)
    _, _, plain = g_f_j(poisson_pattern(5))
    for points, sign in ((clusters, -1), (lattice, 1)):
        _, f, j = g_f_j(points)
        at = (f > 0.2) & (f < 0.8)
        assert (sign * (j - plain)[at] > 0.1).all()


def test_j_where_hardly_a_location_is_empty():
    j = j_function(np.array([0, 0.5, 0.95, 1, 0.5]), np.array([0, 0.75, 0.95, 1, 1]))
    np.testing.assert_allclose(j, [1, 2, 0.5, 0, 5])  # 1 - F counts as 0.1 at least


def test_the_nearest_of_copies_is_at_no_distance():
    points = np.array([[0, 0], [0, 0], [5, 5], [5, 6.0]])
    found = nearest(points, np.array([0, 0.5, 1]), np.ones(4, bool))
    np.testing.assert_array_equal(found, [0.5, 0.5, 1])
    assert nearest(points, np.array([0.5]), np.array([0, 0, 1, 1], bool)) == 0


coordinates = st.floats(-5, 5, width=32) | st.integers(-2, 2).map(float)
patterns = arrays(np.float64, st.tuples(st.integers(2, 25), st.just(2)), elements=coordinates)


@settings(deadline=None, max_examples=60)
@given(patterns, patterns)
def test_counts_agree_with_all_distances(points, others):
    r = np.array([0.3, 1.1, 2.7])
    count = np.histogram(pdist(points), [0, *np.nextafter(r, 9)])[0]
    np.testing.assert_array_equal(pair_counts(points, points, r), 2 * count)
    between = cdist(points, others)
    count = np.histogram(between, [0, *np.nextafter(r, 9)])[0]
    np.testing.assert_array_equal(pair_counts(points, others, r), count)
    away = np.sort(between.T, axis=1)  # (others, points)
    found = knn_cdf(points, r, others, k=(1, 2))
    np.testing.assert_allclose(found[0], (away[:, :1] <= r).mean(axis=0))
    np.testing.assert_allclose(found[1], (away[:, 1:2] <= r).mean(axis=0))
    alone = cdist(points, points) + np.diag(np.full(len(points), np.inf))
    np.testing.assert_allclose(
        nearest(points, r, np.ones(len(points), bool)),
        (alone.min(axis=0)[:, None] <= r).mean(axis=0),
    )


def test_a_poisson_pattern_has_no_correlation():
    rng = np.random.default_rng(6)
    points, catalogue = rng.uniform(size=(2, 12_000, 2))
    r = np.array([0.01, 0.02, 0.05])
    xi = landy_szalay(points, catalogue, r)
    np.testing.assert_allclose(xi, 0, atol=0.06)
    pairs = pair_counts(catalogue, catalogue, r)
    np.testing.assert_array_equal(landy_szalay(points, catalogue, r, rr=pairs), xi)


def test_clusters_have_the_correlation_of_their_closed_form():
    parents, width, side = 100, 0.03, 5
    rng = np.random.default_rng(7)
    points = thomas_pattern(rng, parents, 8, width, side)
    catalogue = rng.uniform(0, side, (len(points), 2))
    r = np.array([0.02, 0.04, 0.06, 0.09])
    # exp(-r²/(4 width²))/(4 pi width² parents), averaged over the area of each bin
    inner = np.r_[0, r[:-1]]
    fallen = np.exp(-(inner**2) / (4 * width**2)) - np.exp(-(r**2) / (4 * width**2))
    expected = fallen / (parents * np.pi * (r**2 - inner**2))
    np.testing.assert_allclose(landy_szalay(points, catalogue, r), expected, atol=0.06)


def test_a_bin_without_pairs_of_the_catalogue_stays_finite():
    points = np.random.default_rng(8).uniform(size=(50, 2))
    lattice = np.stack(np.meshgrid(np.arange(7.0), np.arange(7.0)), axis=-1).reshape(-1, 2)
    assert np.isfinite(landy_szalay(points, lattice, np.array([0.1, 1.5]))).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_neighbors_in_many_dimensions_agree_with_all_distances(dtype):
    rng = np.random.default_rng(10)
    y = rng.normal(size=(1500, 60)).astype(dtype)
    y[7] = y[3] + dtype(1e-3)  # near duplicates, where squares cancel
    y[8] = y[4]
    rows = np.r_[3, 4, 7, 8, 100:150]
    expected = np.sort(cdist(y[rows].astype(float), y.astype(float)), axis=1)[:, [1, 2, 4, 8]]
    np.testing.assert_allclose(neighbor_distances(y, rows), expected, rtol=1e-3, atol=1e-6)


@settings(deadline=None, max_examples=30)
@given(arrays(np.float64, (9, 3), elements=st.integers(-3, 3).map(float)))
def test_copies_are_neighbors_at_no_distance(y):
    expected = np.sort(cdist(y, y), axis=1)[:, [1, 3, 8]]
    np.testing.assert_allclose(neighbor_distances(y, np.arange(9), (1, 3, 8)), expected, atol=1e-6)


GOOD = np.random.default_rng(0).uniform(size=(20, 2))
ALL = np.ones(20, bool)
BAD = np.where(np.arange(40).reshape(20, 2) == 5, np.nan, GOOD)
AT = np.array([0.1, 0.2])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nearest(BAD, AT, ALL), "got nan in row 2, column 1"),
        (lambda: nearest(GOOD[:1], AT, ALL[:1]), "at least 2 points; got 1"),
        (lambda: nearest(np.zeros((20, 3)), AT, ALL), r"shape \(n, 2\).*got shape \(20, 3\)"),
        (lambda: nearest(GOOD, AT, ~ALL), "0 of them true"),
        (lambda: nearest(GOOD, AT, ALL[:5]), r"inside must be bool \(20,\)"),
        (lambda: nearest(GOOD, AT, np.arange(20)), "got int64"),
        (lambda: nearest(GOOD, AT[::-1], ALL), "ascending"),
        (lambda: nearest(GOOD, np.array([np.nan]), ALL), "finite distances"),
        (lambda: nearest(GOOD, np.array([-1.0]), ALL), "at least 0"),
        (lambda: knn_cdf(GOOD, AT, BAD), "got nan in row 2, column 1"),
        (lambda: knn_cdf(GOOD, AT, GOOD, k=(0,)), r"at least 1; got \(0,\)"),
        (lambda: knn_cdf(GOOD, AT, GOOD, k=(1.5,)), "whole numbers"),
        (lambda: knn_cdf(GOOD, AT, GOOD, k=()), "whole numbers"),
        (lambda: landy_szalay(BAD, GOOD, AT), "got nan in row 2, column 1"),
        (lambda: landy_szalay(GOOD, BAD, AT), "got nan in row 2, column 1"),
        (lambda: pair_counts(GOOD, GOOD, np.zeros((1, 1))), "r must be finite"),
        (lambda: neighbor_distances(GOOD, np.arange(3), (20,)), "more than 20 points; got 20"),
        (lambda: neighbor_distances(GOOD[:, 0], np.arange(3)), r"got shape \(20,\)"),
        (lambda: neighbor_distances(GOOD, np.array([0, 20])), r"from 0 to 19; got \[ 0 20\]"),
        (lambda: neighbor_distances(GOOD, np.arange(0)), r"from 0 to 19; got \[\]"),
        (lambda: neighbor_distances(BAD, np.arange(3)), "got nan in row 2, column 1"),
    ],
)
def test_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()
