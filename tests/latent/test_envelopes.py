import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from aelatent.latent.envelopes import global_envelope


def reference_p(curves):
    """Compare the curves one by one: the share at least as extreme as the first."""
    keys = []
    for i, curve in enumerate(curves):
        ranks = []
        for place, value in enumerate(curve):
            others = np.delete(curves[:, place], i)
            ties = np.sum(others == value) / 2
            ranks.append(1 + ties + min(np.sum(others < value), np.sum(others > value)))
        keys.append(tuple(sorted(ranks)))
    return np.mean([key <= keys[0] for key in keys])


def test_four_curves_by_hand():
    observed = [4, 1, 2]
    simulated = [[1, 2, 3], [2, 3, 1], [3, 4, 4]]
    found = global_envelope(observed, simulated, level=0.5)
    # sorted ranks: 1 1 2 (observed), 1 2 2, 1 2 2, 1 1 2: the last one is as extreme
    assert found.p == 0.5
    assert found.smallest_p == 0.25
    assert found.lower.tolist() == [1, 2, 1]
    assert found.upper.tolist() == [2, 3, 3]
    assert found.outside.tolist() == [True, True, False]


@settings(deadline=None, max_examples=60)
@given(arrays(np.int8, st.tuples(st.integers(3, 9), st.integers(1, 6)), elements=st.integers(0, 4)))
def test_agrees_with_comparing_curves_one_by_one_also_with_ties(curves):
    found = global_envelope(curves[0], curves[1:], level=0.4)
    assert found.p == pytest.approx(reference_p(curves))
    assert (found.lower <= found.upper).all()
    if found.outside.any():  # with ties, p may be small and the curve inside; never the reverse
        assert found.p <= 0.6 + 1e-9


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6))
def test_only_ranks_count(seed):
    rng = np.random.default_rng(seed)
    observed, simulated = np.split(np.cumsum(rng.normal(size=(12, 5)), axis=1), [1])
    observed = observed[0]
    found = global_envelope(observed, simulated, level=0.75)
    order = rng.permutation(5)
    stretched = global_envelope(
        np.exp(observed[order] / 3), np.exp(simulated[::-1, order] / 3), level=0.75
    )
    assert stretched.p == found.p
    np.testing.assert_allclose(stretched.lower, np.exp(found.lower[order] / 3))
    np.testing.assert_array_equal(stretched.outside, found.outside[order])
    assert (found.p <= 0.25 + 1e-9) == found.outside.any()


def test_levels_that_floating_point_misses():
    # 1 - 0.9 < 0.1: nine draws must do all the same
    simulated = np.outer(np.arange(1.0, 10), [1, -1])
    found = global_envelope([20, 20], simulated, level=0.9)
    assert found.p == 0.1
    assert found.outside.any()


GOOD = np.zeros(4), np.zeros((19, 4))


@pytest.mark.parametrize(
    ("observed", "simulated", "level", "message"),
    [
        (np.zeros(3), GOOD[1], 0.95, r"got shapes \(3,\) and \(19, 4\)"),
        (np.zeros((19, 4)), GOOD[1], 0.95, r"got shapes \(19, 4\)"),
        (GOOD[0], np.zeros(4), 0.95, r"got shapes \(4,\) and \(4,\)"),
        (GOOD[0], np.zeros((0, 4)), 0.95, r"m and s at least 1"),
        (np.zeros(0), np.zeros((19, 0)), 0.95, r"m and s at least 1"),
        (np.array([0, 0, np.nan, 0]), GOOD[1], 0.95, "got nan in the observed curve at place 2"),
        (GOOD[0], np.where(np.eye(19, 4), np.inf, 0), 0.95, "inf in simulated curve 0 at place 0"),
        (*GOOD, 0, "above 0 and below 1; got 0"),
        (*GOOD, 1, "above 0 and below 1; got 1"),
        (GOOD[0], np.zeros((18, 4)), 0.95, "expected at least 19 of them"),
        (*GOOD, 0.99, "expected at least 99 of them"),
    ],
)
def test_refuses(observed, simulated, level, message):
    with pytest.raises(ValueError, match=message):
        global_envelope(observed, simulated, level=level)
