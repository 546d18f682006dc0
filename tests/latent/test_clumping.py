import numpy as np
from hypothesis import example, given, settings, strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist, pdist

from aelatent.latent.clumping import (
    KS,
    g_function,
    knn_cdf,
    landy_szalay,
    pair_counts,
    spanning_tree,
)

coordinates = st.floats(-5, 5, width=32) | st.integers(-2, 2).map(float)
patterns = arrays(np.float64, st.tuples(st.integers(2, 25), st.just(2)), elements=coordinates)


@settings(deadline=None, max_examples=60)
@given(patterns, patterns)
def test_counts_agree_with_all_distances(points, others):
    r, tree = np.array([0.3, 1.1, 2.7]), cKDTree(points)
    edges = [0, *np.nextafter(r, 9)]
    own = 2 * np.histogram(pdist(points), edges)[0]
    np.testing.assert_array_equal(pair_counts(tree, tree, r), own)
    between = cdist(points, others)
    found = pair_counts(tree, cKDTree(others), r)
    np.testing.assert_array_equal(found, np.histogram(between, edges)[0])
    away = np.sort(between.T, axis=1)  # (others, points)
    for k, found in zip(KS, knn_cdf(tree, r, others), strict=True):
        expected = (away[:, k - 1 : k] <= r).mean(axis=0) if k <= len(points) else np.zeros(3)
        np.testing.assert_allclose(found, expected)
    alone = cdist(points, points) + np.diag(np.full(len(points), np.inf))
    inside = np.arange(len(points)) < 3  # those outside still are neighbors
    expected = (alone.min(axis=0)[inside, None] <= r).mean(axis=0)
    np.testing.assert_allclose(g_function(tree, r, inside), expected)


def xi(points, catalogue, r):
    random = cKDTree(catalogue)
    return landy_szalay(cKDTree(points), random, r, pair_counts(random, random, r))


def test_clusters_have_the_correlation_of_their_closed_form():
    # A Thomas process: Poisson numbers of points, normal round uniform parents.
    parents, width, side = 100, 0.03, 5
    rng = np.random.default_rng(7)
    centers = rng.uniform(-0.2, side + 0.2, (rng.poisson(parents * (side + 0.4) ** 2), 2))
    points = np.repeat(centers, rng.poisson(8, len(centers)), axis=0)
    points += rng.normal(0, width, points.shape)
    points = points[((points > 0) & (points < side)).all(axis=1)]
    catalogue = rng.uniform(0, side, (2 * len(points), 2))
    r = np.array([0.02, 0.04, 0.06, 0.09])
    # exp(-r²/(4 width²))/(4 pi width² parents), averaged over the area of each bin
    inner = np.r_[0, r[:-1]]
    fallen = np.exp(-(inner**2) / (4 * width**2)) - np.exp(-(r**2) / (4 * width**2))
    expected = fallen / (parents * np.pi * (r**2 - inner**2))
    np.testing.assert_allclose(xi(points, catalogue, r), expected, atol=0.06)


def test_a_bin_without_pairs_of_the_catalogue_counts_as_if_it_had_one():
    points = np.array([[0, 0], [0, 0.05], [5, 5.0]])
    catalogue = np.array([[9, 9], [9, 10.0]])
    # DD = 2 of 6 pairs, DR = 0, RR = 1 of 2
    np.testing.assert_allclose(xi(points, catalogue, np.array([0.1])), (1 / 3 + 1 / 2) / (1 / 2))


FILAMENT = np.random.default_rng(0).normal(size=(1200, 2))
FILAMENT[:300] *= 1e-4
FILAMENT[:300] += np.linspace(0, 1, 300)[:, None] ** [1, 2]


@settings(deadline=None, max_examples=100)
@given(patterns)
@example(np.zeros((5, 2)))
@example(np.array([[0, 0], [1, 1.0]]))
@example(np.array([[3, 3], [1, 1], [2, 2], [1, 1.0]]))  # a line, with a copy
@example(np.array([[0, 0], [1, 0], [0, 1.0]]))
@example(np.array([[0, 0], [1, 0], [1, 1e-300], [0.5, 0.5]]))  # nearer than Qhull can tell
@example(FILAMENT)
def test_the_tree_is_that_of_the_complete_graph_also_with_copies_and_on_lines(points):
    lengths, degrees = spanning_tree(points)
    # A sparse matrix has no edges of length 0: all are longer by 1, which changes no tree.
    expected = np.sort(minimum_spanning_tree(cdist(points, points) + 1).data) - 1
    np.testing.assert_allclose(lengths, expected, atol=1e-9)
    assert degrees.sum() == 2 * (len(points) - 1)
    assert degrees.min() >= 1


def test_degrees_of_known_trees():
    turn = np.arange(5) * 2 * np.pi / 5
    star = np.r_[np.zeros((1, 2)), np.column_stack([np.cos(turn), np.sin(turn)])]
    lengths, degrees = spanning_tree(star)
    np.testing.assert_allclose(lengths, 1)
    assert degrees.tolist() == [5, 1, 1, 1, 1, 1]
    chain = np.column_stack([[0, 3, 1, 7, 1], np.zeros(5)])  # a copy at 1
    lengths, degrees = spanning_tree(chain)
    assert lengths.tolist() == [0, 1, 2, 4]
    assert sorted(degrees.tolist()) == [1, 1, 1, 2, 3] or sorted(degrees) == [1, 1, 2, 2, 2]
