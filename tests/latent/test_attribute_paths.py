import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression

from aelatent.latent import PrincipalAxes
from aelatent.latent.guided_paths import along_attribute, attribute_direction

D = 6
METHODS = ["means", "logistic"]
each_method = pytest.mark.parametrize("method", METHODS)


def two_classes(n=20_000, share=0.3, seed=0):
    """Two Gaussians of one covariance: (z, values, difference of means, covariance of both)."""
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(D, D)) * np.geomspace(3, 0.3, D)[:, None]
    step = np.array([1.0, -2, 0.5, 0, 3, 0]) / 2
    values = rng.random(n) < share
    z = rng.normal(size=(n, D)) @ mixing + np.outer(values, step) + np.linspace(-5, 9, D)
    return z, values, step, mixing.T @ mixing


Z, VALUES, STEP, WITHIN = two_classes()


def cosine(a, b):
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b)


@each_method
def test_both_methods_find_the_difference_of_two_gaussians(method):
    found = attribute_direction(Z, VALUES, method)
    assert found.shape == (D,)
    assert found.dtype == np.float64
    assert np.linalg.norm(found) == pytest.approx(1)
    assert cosine(found, STEP) > 0.995


def test_the_direction_that_reads_is_another_one():
    # Closed form: the discriminant of two Gaussians is W⁻¹ times the difference of their means.
    reads = np.linalg.solve(WITHIN, STEP)
    lda = LinearDiscriminantAnalysis().fit(Z, VALUES).coef_[0]
    assert cosine(lda, reads) > 0.99
    axes = PrincipalAxes.fit(Z)
    for method in METHODS:
        found = attribute_direction(Z, VALUES, method)
        assert cosine(found, reads) < 0.8
        # S⁻¹ takes what is returned back to the discriminant.
        back = axes.axes.T @ (axes.axes @ found / axes.sd**2)
        assert cosine(back, reads) > 0.98


def skewed(n=4000, seed=1):
    """z-points whose attribute depends on one direction through a step, with skewed noise."""
    rng = np.random.default_rng(seed)
    z = rng.exponential(size=(n, D)) @ rng.normal(size=(D, D))
    return z, z[:, 0] + rng.exponential(2, n) > 3


def test_logistic_raises_the_logit_at_the_least_d2():
    z, values = skewed()
    axes = PrincipalAxes.fit(z)
    found = attribute_direction(z, values, "logistic")
    model = LogisticRegression(max_iter=1000).fit(axes.whiten(z), values)

    def rise(direction):
        y = axes.whiten(np.stack([axes.mean, axes.mean + direction]))
        return np.ptp(model.decision_function(y)) / np.linalg.norm(y[1] - y[0])

    best = minimize(lambda direction: -rise(direction), np.ones(D))
    assert -best.fun > 0.99 * rise(found)  # the search came there, too
    assert rise(found) >= -best.fun - 1e-6
    assert rise(attribute_direction(z, values, "means")) < 0.999 * rise(found)
    up = model.decision_function(axes.whiten(np.stack([axes.mean, axes.mean + found])))
    assert up[1] > up[0]


@each_method
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 999), scale=st.floats(0.01, 100))
def test_units_and_place_of_the_cloud_do_not_matter(method, seed, scale):
    z, values, *_ = two_classes(300, seed=seed)
    found = attribute_direction(z, values, method)
    np.testing.assert_allclose(
        attribute_direction(scale * z + 40, values, method), found, atol=1e-3
    )
    np.testing.assert_allclose(attribute_direction(z, ~values, method), -found, atol=1e-3)


@pytest.mark.parametrize(
    "variant",
    [
        lambda values: values.astype(int),
        lambda values: values.astype(np.uint8),
        lambda values: pd.Series(values),
        lambda values: values.tolist(),
    ],
)
def test_values_may_be_booleans_or_integers(variant):
    expected = attribute_direction(Z[:500], VALUES[:500])
    found = attribute_direction(Z[:500], variant(VALUES[:500]))
    np.testing.assert_array_equal(found, expected)


@each_method
def test_files_and_constant_components_are_fine(method, tmp_path):
    z = Z[:500].astype(np.float32)
    z[:, 3] = 7.25
    np.save(tmp_path / "z.npy", z)
    mapped = np.load(tmp_path / "z.npy", mmap_mode="r")
    found = attribute_direction(mapped, VALUES[:500], method)
    np.testing.assert_array_equal(found, attribute_direction(z, VALUES[:500], method))
    assert found[3] == pytest.approx(0, abs=1e-9)


@each_method
def test_two_points_are_enough(method):
    found = attribute_direction([[1.0, 2], [4, 6]], [0, 1], method)
    np.testing.assert_allclose(found, [0.6, 0.8], atol=1e-9)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (VALUES[:99], r"values must be 100 booleans or integers.*shape \(99,\)"),
        (VALUES[:100, None], r"shape \(100, 1\)"),
        (np.where(VALUES[:100], 1.0, np.nan), "array of float64"),
        (VALUES[:100].astype(str), "array of <U5"),
        (np.zeros(100, int), r"values must be 0 and 1, and both occur; got \[0\]"),
        (np.ones(100, bool), r"got \[ True\]"),
        (np.where(VALUES[:100], 1, -1), r"got \[-1  1\]"),
        (np.arange(100) % 3, r"got \[0 1 2\].*two classes"),
    ],
)
def test_values_are_zero_and_one_and_both_occur(values, message):
    with pytest.raises(ValueError, match=message):
        attribute_direction(Z[:100], values)


@pytest.mark.parametrize(
    ("z", "message"),
    [
        (Z[0], r"got shape \(6,\)"),
        (np.full((4, 2), np.nan), "got nan in row 0"),
        (np.array([[1.0, 2], [3, 4], [5, np.inf], [7, 8]]), "got inf in row 2, column 1"),
        (np.full((4, 3), 0.1), "got the same mean with and without it"),
        (np.array([[0.0], [1], [0], [1]]), "got the same mean with and without it"),
    ],
)
@each_method
def test_clouds_without_a_direction_are_refused(z, message, method):
    with pytest.raises(ValueError, match=message):
        attribute_direction(z, [0, 0, 1, 1], method)


def test_methods_are_two():
    with pytest.raises(ValueError, match="method must be 'means' or 'logistic'; got 'lda'"):
        attribute_direction(Z, VALUES, "lda")


@pytest.mark.parametrize("length", [1, 0.01, 300])
def test_strength_is_counted_in_standard_deviations(length):
    direction = attribute_direction(Z, VALUES)
    path = along_attribute(Z, length * direction, Z[5], reach=2, n=5)
    sd = np.std(Z @ direction, ddof=1)
    assert path.made["sd"] == pytest.approx(sd)
    expected = Z[5] + np.outer([-2 * sd, -sd, 0, sd, 2 * sd], direction)
    np.testing.assert_allclose(path.z, expected, atol=1e-5)
    np.testing.assert_allclose(path.t, [-2, -1, 0, 1, 2])
    assert (path.kind, path.unit) == ("along attribute", "sd")
    assert path.z.dtype == np.float32
    assert path.t.dtype == np.float64
    assert len(path) == path.made["n"] == 5
    assert json.loads(json.dumps(path.made)) == path.made


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-9, 9), min_size=D, max_size=D).filter(lambda v: max(map(abs, v)) > 0.1))
def test_standard_deviations_are_those_of_the_projection(direction):
    made = along_attribute(Z[:400], direction, Z[0]).made
    projected = Z[:400] @ direction / np.linalg.norm(direction)
    assert made["sd"] == pytest.approx(projected.std(ddof=1), rel=1e-6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"direction": np.zeros(D)}, "direction along which z-points vary"),
        ({"direction": np.eye(D)[3]}, "direction along which z-points vary"),
        ({"direction": np.ones(3)}, r"direction must be a row of 6 finite.*shape \(3,\)"),
        ({"direction": np.full(D, np.nan)}, "direction must be a row of 6 finite"),
        ({"at": np.ones((1, D))}, r"at must be a row of 6 finite.*shape \(1, 6\)"),
        ({"at": [np.inf] * D}, "at must be a row of 6 finite"),
        ({"reach": 0}, "reach must be a finite number above 0; got 0"),
        ({"n": 1}, "n must be a whole number, at least 2; got 1"),
        ({"z": np.ones((1, D))}, "at least 2 z-points; got 1"),
        ({"z": np.ones((5, D))}, "all 5 z-points are the same"),
    ],
)
def test_along_attribute_refuses(change, message):
    flat = np.where(np.arange(D) == 3, 0.1, Z[:50])
    arguments = {"z": flat, "direction": np.ones(D), "at": Z[0]} | change
    with pytest.raises(ValueError, match=message):
        along_attribute(**arguments)
