import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import arrays

from aelatent.latent.envelopes import global_envelope, worst_part


def reference(curves):
    """Compare the curves one by one: for each, the share at least as extreme."""
    keys = []
    for i, curve in enumerate(curves):
        ranks = []
        for place, value in enumerate(curve):
            others = np.delete(curves[:, place], i)
            ties = np.sum(others == value) / 2
            ranks.append(1 + ties + min(np.sum(others < value), np.sum(others > value)))
        keys.append(tuple(sorted(ranks)))
    return np.array([np.mean([key <= own for key in keys]) for own in keys])


@settings(deadline=None, max_examples=60)
@given(
    arrays(
        np.int8,
        st.tuples(st.integers(3, 9), st.integers(1, 6)),
        elements=st.integers(0, 4) | st.integers(-99, 99),
    )
)
def test_agrees_with_comparing_curves_one_by_one_also_with_ties(curves):
    found, p = global_envelope(curves[0], curves[1:], level=0.4), reference(curves)
    assert found.p == pytest.approx(p[0])
    assert found.smallest_p == 1 / len(curves)
    inside = curves[p > 0.6 + 1e-9]
    np.testing.assert_array_equal(found.lower, inside.min(axis=0))
    np.testing.assert_array_equal(found.upper, inside.max(axis=0))
    outside = (curves[0] < found.lower) | (curves[0] > found.upper)
    np.testing.assert_array_equal(found.outside, outside)
    # With ties, p may be small and the curve inside; never the reverse.
    no_ties = all(len(set(column)) == len(column) for column in curves.T.tolist())
    assert not outside.any() or found.p <= 0.6 + 1e-9
    assert outside.any() or found.p > 0.6 + 1e-9 or not no_ties


def test_levels_that_floating_point_misses():
    # 1 - 0.9 < 0.1: nine draws must do all the same
    simulated = np.outer(np.arange(1.0, 10), [1, -1])
    found = global_envelope([20, 20], simulated, level=0.9)
    assert found.p == 0.1
    assert found.outside.any()


def test_the_worst_part_sees_one_curve_that_ranks_drown():
    rng = np.random.default_rng(0)
    curves, parts = rng.normal(size=(40, 396)), np.repeat(np.arange(33), 12)
    curves[0, 120:132] += 4
    assert worst_part(curves[0], curves[1:], parts) == 1 / 40
    assert global_envelope(curves[0], curves[1:]).p > 1 / 40
    z = (curves - curves.mean(axis=0)) / curves.std(axis=0)
    worst = (z.reshape(40, 33, 12) ** 2).mean(axis=2).max(axis=1)
    for row in range(1, 5):  # any curve may be the observed one
        found = worst_part(curves[row], np.delete(curves, row, axis=0), parts)
        assert found == np.mean(worst >= worst[row])


def test_the_worst_part_counts_ties_against_rejection_and_keeps_its_level():
    assert worst_part(np.ones(6), np.ones((39, 6)), np.repeat([0, 1], 3)) == 1
    rng = np.random.default_rng(1)
    p = [worst_part(c[0], c[1:], [0, 0, 1]) for c in rng.normal(size=(400, 20, 3))]
    assert abs(np.mean(np.array(p) <= 0.05) - 0.05) < 3 * np.sqrt(0.05 * 0.95 / 400)


GOOD = np.zeros(4), np.zeros((19, 4))


@pytest.mark.parametrize(
    ("observed", "simulated", "level", "message"),
    [
        (np.zeros(3), GOOD[1], 0.95, r"got shapes \(3,\) and \(19, 4\)"),
        (GOOD[0], np.zeros(4), 0.95, r"got shapes \(4,\) and \(4,\)"),
        (GOOD[0], np.zeros((0, 4)), 0.95, r"m and s at least 1"),
        (np.zeros(0), np.zeros((19, 0)), 0.95, r"m and s at least 1"),
        (np.array([0, 0, np.nan, 0]), GOOD[1], 0.95, "got nan in the observed curve at place 2"),
        (GOOD[0], np.where(np.eye(19, 4), np.inf, 0), 0.95, "inf in simulated curve 0 at place 0"),
        (*GOOD, 0, "above 0 and below 1; got 0"),
        (*GOOD, 1, "above 0 and below 1; got 1"),
        (GOOD[0], np.zeros((18, 4)), 0.95, "at least 19 simulated curves; got 18"),
        (*GOOD, 0.99, "at least 99 simulated"),
    ],
)
def test_refuses(observed, simulated, level, message):
    with pytest.raises(ValueError, match=message):
        global_envelope(observed, simulated, level=level)
