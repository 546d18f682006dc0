"""The Fréchet distance against closed forms and SciPy's matrix root."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.linalg import sqrtm
from scipy.stats import ortho_group

from aelatent.latent.scores import frechet_distance

RNG = np.random.default_rng(0)
A = RNG.normal(size=(400, 6)) @ RNG.normal(size=(6, 6)) + 3
B = RNG.normal(size=(300, 6)) @ RNG.normal(size=(6, 6)) - 1


def direct(a, b):
    """The textbook's formula, with the root of a product that is not symmetric."""
    s, t = np.cov(a.T), np.cov(b.T)
    return np.sum((a.mean(0) - b.mean(0)) ** 2) + np.trace(s + t - 2 * sqrtm(s @ t).real)


def with_moments(mean, sd, n=50):
    """Points whose mean and covariance are exactly `mean` and diag(sd²)."""
    x = np.random.default_rng(1).normal(size=(n, len(sd)))
    x = np.linalg.qr(x - x.mean(axis=0))[0] * np.sqrt(n - 1)
    return x * sd + mean


def test_it_agrees_with_the_matrix_root():
    assert frechet_distance(A, B) == pytest.approx(direct(A, B), rel=1e-9)


@given(
    *[arrays(float, 3, elements=st.floats(-10, 10))] * 2,
    *[arrays(float, 3, elements=st.floats(0, 10))] * 2,
)
def test_diagonal_gaussians_have_a_closed_form(m, n, s, t):
    expected = np.sum((m - n) ** 2) + np.sum((s - t) ** 2)
    found = frechet_distance(with_moments(m, s), with_moments(n, t))
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-5)


def test_it_is_symmetric_and_zero_for_itself():
    assert frechet_distance(A, B) == pytest.approx(frechet_distance(B, A), rel=1e-12)
    assert 0 <= frechet_distance(A, A) < 1e-10
    assert 0 <= frechet_distance(A, A[::-1]) < 1e-10


@given(st.integers(0, 99), st.floats(-100, 100))
def test_turning_and_moving_both_changes_nothing(seed, shift):
    turn = ortho_group.rvs(6, random_state=seed)
    assert frechet_distance(A @ turn + shift, B @ turn + shift) == pytest.approx(
        frechet_distance(A, B), rel=1e-9
    )


@given(st.floats(0.01, 100))
def test_it_has_the_squared_unit_of_the_features(scale):
    found = frechet_distance(scale * A, scale * B)
    assert found == pytest.approx(scale**2 * frechet_distance(A, B), rel=1e-9)


def test_singular_covariances_are_no_obstacle():
    few = with_moments(np.zeros(6), np.array([3, 2, 1, 0, 0, 0.0]))
    other = with_moments(np.zeros(6), np.array([0, 0, 1, 4, 5, 0.0]))
    assert frechet_distance(few, other) == pytest.approx(9 + 4 + 16 + 25, rel=1e-9)
    # fewer rows than components: the other's spread along the axes that are missing
    few = RNG.normal(size=(3, 6))
    both = np.vstack([few, few])  # the same plane, the covariance times 4 / 5
    total = np.trace(np.cov(few.T))
    assert frechet_distance(few, both) == pytest.approx(total * (1 - np.sqrt(0.8)) ** 2, rel=1e-6)


def test_one_picture_again_and_again_is_as_far_as_the_others_spread():
    same = np.tile(A.mean(axis=0), (7, 1))
    assert frechet_distance(A, same) == pytest.approx(np.trace(np.cov(A.T)))
    assert frechet_distance(same, same) == pytest.approx(0)


def test_far_from_the_origin_no_digits_are_lost():
    assert frechet_distance(A + 1e7, B + 1e7) == pytest.approx(frechet_distance(A, B), rel=1e-5)


def test_two_samples_of_one_law_are_apart_the_farther_the_fewer():
    found = [frechet_distance(*np.random.default_rng(5).normal(size=(2, n, 32))) for n in (50, 500)]
    assert found[0] > 5 * found[1] > 0


def test_files_and_single_precision_count_alike(tmp_path):
    narrow = A.astype(np.float32)
    np.save(tmp_path / "a.npy", narrow)
    mapped = np.load(tmp_path / "a.npy", mmap_mode="r")
    assert frechet_distance(mapped, B) == frechet_distance(narrow.astype(float), B)
    assert frechet_distance([[0], [2]], [[5], [7]]) == pytest.approx(25)


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        (A[:1], B, "at least 2 z-points; got 1"),
        (A, B[:1], "at least 2 z-points; got 1"),
        (A, B[:, :5], r"shape \(n, 6\).*got shape \(300, 5\)"),
        (A[0], B, r"got shape \(6,\)"),
        (A[:0], B, r"got shape \(0, 6\)"),
        (np.where(A > 5, np.nan, A), B, "got nan in row"),
        (A, np.where(B > 1, np.inf, B), "got inf in row"),
        (A.astype(str), B, "array of <U"),
    ],
)
def test_what_are_no_features_is_refused(a, b, message):
    with pytest.raises(ValueError, match=message):
        frechet_distance(a, b)
