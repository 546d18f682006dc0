import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import cdist

from aelatent.latent.clumping import spanning_tree


def reference_lengths(points):
    """Edge lengths by Prim's algorithm: always the nearest point that is not yet in the tree."""
    away = cdist(points, points)
    nearest, lengths = away[0], []
    left = np.arange(1, len(points))
    while len(left):
        at = left[nearest[left].argmin()]
        lengths.append(nearest[at])
        nearest = np.minimum(nearest, away[at])
        left = left[left != at]
    return np.sort(lengths)


coordinates = st.floats(-5, 5, width=32) | st.integers(-2, 2).map(float)
patterns = arrays(np.float64, st.tuples(st.integers(2, 25), st.just(2)), elements=coordinates)


@settings(deadline=None, max_examples=150)
@given(patterns)
@example(np.zeros((5, 2)))
@example(np.array([[0, 0], [1, 1.0]]))
@example(np.array([[3, 3], [1, 1], [2, 2], [1, 1.0]]))  # a line, with a copy
@example(np.array([[0, 0], [1, 0], [0, 1.0]]))
@example(np.array([[0, 0], [1, 0], [1, 1e-300], [0.5, 0.5]]))  # nearer than Qhull can tell
def test_agrees_with_the_complete_graph_also_with_copies_and_on_lines(points):
    lengths, degrees = spanning_tree(points)
    np.testing.assert_allclose(lengths, reference_lengths(points), atol=1e-9)
    assert degrees.sum() == 2 * (len(points) - 1)
    assert degrees.min() >= 1


def test_a_larger_pattern_with_filaments():
    rng = np.random.default_rng(0)
    t = rng.uniform(size=300)
    string = np.column_stack([t, t**2]) + rng.normal(0, 1e-4, (300, 2))
    points = np.concatenate([rng.normal(size=(900, 2)), string])
    lengths, _ = spanning_tree(points)
    np.testing.assert_allclose(lengths, reference_lengths(points), atol=1e-9)


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


def test_shifting_and_turning_change_nothing():
    points = np.random.default_rng(1).normal(size=(400, 2))
    lengths, degrees = spanning_tree(points)
    turn = np.array([[np.cos(1), -np.sin(1)], [np.sin(1), np.cos(1)]])
    moved, same = spanning_tree(points @ turn * 3 + 50)
    np.testing.assert_allclose(moved, 3 * lengths, rtol=1e-9)
    np.testing.assert_array_equal(same, degrees)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (np.zeros((1, 2)), "at least 2 points"),
        (np.zeros((4, 3)), r"got shape \(4, 3\)"),
        (np.array([[0, 0], [np.nan, 1]]), "got nan in row 1, column 0"),
        (np.array([["a", "b"]]), "array of <U1"),
    ],
)
def test_refuses(bad, message):
    with pytest.raises(ValueError, match=message):
        spanning_tree(bad)
