"""The cycle error against norms worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aelatent.latent.scores import cycle_error


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
