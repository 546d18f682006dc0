import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LinearRegression, LogisticRegression

from aelatent.latent import (
    PrincipalAxes,
    along_attribute,
    along_ellipse,
    attribute_direction,
    whitened_slerp,
)

D = 8
RNG = np.random.default_rng(2)
MIXING = np.linalg.qr(RNG.normal(size=(D, D)))[0] * np.geomspace(4, 0.3, D)[:, None]
CLOUD = (RNG.normal(size=(500, D)) @ MIXING + np.linspace(-9, 9, D)).astype(np.float32)
AXES = PrincipalAxes.fit(CLOUD)
rows = st.integers(0, len(CLOUD) - 1)


def assert_path(path, kind, n, d=D):
    assert path.kind == kind
    assert len(path) == n == path.made["n"]
    assert path.z.shape == (n, d)
    assert path.z.dtype == np.float32
    assert path.t.dtype == np.float64
    assert json.loads(json.dumps(path.made)) == path.made


@pytest.mark.parametrize("others", ["center", "conditional"])
@pytest.mark.parametrize("axis", ["major", "minor"])
def test_along_the_axes_of_an_ellipse(axis, others):
    path = along_ellipse(CLOUD, 6, 1, axis=axis, others=others, reach=2, n=5)
    assert_path(path, "along ellipse", 5)
    np.testing.assert_allclose(path.t, [-2, -1, 0, 1, 2])
    assert path.unit == "sd"
    pair = CLOUD[:, [6, 1]].astype(float)
    variance, columns = np.linalg.eigh(np.cov(pair.T))
    which = 1 if axis == "major" else 0
    steps = path.z[:, [6, 1]] - pair.mean(axis=0)
    across = columns[:, 1 - which]
    np.testing.assert_allclose(steps @ across, 0, atol=1e-5)
    far = np.abs(steps @ columns[:, which])
    np.testing.assert_allclose(far, np.sqrt(variance[which]) * np.abs(path.t), atol=1e-5)
    # Two components alone: D² is t².
    np.testing.assert_allclose(PrincipalAxes.fit(pair).d2(path.z[:, [6, 1]]), path.t**2, atol=1e-4)


def test_at_the_center_the_others_stay_and_pay_for_it():
    path = along_ellipse(CLOUD, 6, 1)
    known = {"i": 6, "j": 1, "axis": "major", "others": "center", "reach": 2, "n": 7}
    assert path.made == known
    others = np.delete(np.arange(D), [6, 1])
    np.testing.assert_allclose(path.z[:, others], np.tile(AXES.mean[others], (7, 1)), rtol=1e-5)
    assert (AXES.d2(path.z[[0, -1]]) > 1.5 * path.t[[0, -1]] ** 2).all()


def test_conditional_means_are_those_of_a_regression_and_have_the_least_d2():
    path = along_ellipse(CLOUD, 6, 1, axis="minor", others="conditional", reach=3)
    others = np.delete(np.arange(D), [6, 1])
    z = CLOUD.astype(float)
    read = LinearRegression().fit(z[:, [6, 1]], z[:, others]).predict(path.z[:, [6, 1]])
    np.testing.assert_allclose(path.z[:, others], read, atol=1e-4)
    np.testing.assert_allclose(AXES.d2(path.z), path.t**2, rtol=1e-4, atol=1e-9)

    def d2(rest):
        z = path.z[0].astype(float)
        z[others] = rest
        return AXES.d2(z[None])[0]

    assert minimize(d2, AXES.mean[others]).fun == pytest.approx(9, rel=1e-3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"axis": "long"}, "axis must be one of 'major', 'minor'; got 'long'"),
        ({"others": "mean"}, "others must be one of 'center', 'conditional'; got 'mean'"),
        ({"reach": 0}, "reach must be a finite number above 0; got 0"),
        ({"n": 1}, "n must be a whole number, at least 2; got 1"),
        ({"i": 1.0}, "two different components of 0 to 7; got 1.0 and 1"),
        ({"j": 0}, "two different components of 0 to 7"),
        ({"j": 8}, "two different components of 0 to 7"),
        ({"z": CLOUD[0]}, r"got shape \(8,\)"),
        ({"z": CLOUD[:1]}, "at least 2 z-points; got 1"),
        ({"z": CLOUD[:2]}, "ellipse is a line"),
        ({"z": CLOUD * [1, 0, 1, 1, 1, 1, 1, 1]}, "ellipse is a line"),
    ],
)
def test_along_ellipse_refuses(change, message):
    arguments = {"z": CLOUD, "i": 0, "j": 1} | change
    with pytest.raises(ValueError, match=message):
        along_ellipse(**arguments)


@given(rows, rows, st.integers(2, 9))
def test_slerp_turns_and_stretches_evenly_about_the_center(first, second, n):
    path = whitened_slerp(AXES, CLOUD[first], CLOUD[second], n)
    assert_path(path, "whitened slerp", n)
    np.testing.assert_array_equal(path.z[[0, -1]], CLOUD[[first, second]])
    y = AXES.whiten(path.z)
    radius = np.linalg.norm(y, axis=1)
    np.testing.assert_allclose(radius, np.linspace(radius[0], radius[-1], n), rtol=1e-4)
    direction = y / radius[:, None]
    turns = np.arccos(np.clip(np.sum(direction[1:] * direction[:-1], axis=1), -1, 1))
    np.testing.assert_allclose(turns, np.deg2rad(path.made["turn"]) / (n - 1), atol=3e-3)
    # All within the plane of both ends.
    np.testing.assert_allclose(np.linalg.svd(y)[1][2:], 0, atol=1e-3)


def test_slerp_agrees_with_the_textbook():
    a, b = CLOUD[3], CLOUD[4]
    (first, second), share = AXES.whiten(np.stack([a, b])), np.linspace(0, 1, 6)[:, None]
    lengths = np.linalg.norm([first, second], axis=1)
    turn = np.arccos(first @ second / lengths.prod())
    towards = np.sin((1 - share) * turn) * first / lengths[0]
    towards = (towards + np.sin(share * turn) * second / lengths[1]) / np.sin(turn)
    y = towards * ((1 - share) * lengths[0] + share * lengths[1])
    path = whitened_slerp(AXES, a, b, 6)
    np.testing.assert_allclose(path.z, AXES.unwhiten(y), atol=1e-5)
    assert path.made["turn"] == pytest.approx(np.rad2deg(turn))


def test_slerp_is_straight_where_nothing_turns():
    assert len(whitened_slerp(AXES, CLOUD[0], CLOUD[1])) == 8
    center = AXES.mean
    for a, b in (
        (CLOUD[0], CLOUD[0]),
        (CLOUD[0], center + 3 * (CLOUD[0] - center)),
        (CLOUD[0], center),
        (center.astype(np.float32), CLOUD[0]),
        (center, center),
    ):
        path = whitened_slerp(AXES, a, b, 5)
        share = np.linspace(0, 1, 5)[:, None]
        np.testing.assert_allclose(path.z, (1 - share) * a + share * b, atol=1e-5)
        assert path.made["turn"] == pytest.approx(0, abs=1e-3)


def test_along_axes_without_variance_slerp_is_straight():
    flat = PrincipalAxes.fit(np.hstack([CLOUD[:, :3], np.full((500, 1), 2.5)]))  # varies along 3
    a, b = np.append(CLOUD[0, :3], 2.5), np.append(CLOUD[1, :3], 10.5)
    path = whitened_slerp(flat, a, b, 5)
    np.testing.assert_array_equal(path.z[[0, -1]], np.float32([a, b]))
    np.testing.assert_allclose(path.z[:, 3], [2.5, 4.5, 6.5, 8.5, 10.5], rtol=1e-6)
    alone = whitened_slerp(PrincipalAxes.fit(CLOUD[:, :3]), a[:3], b[:3], 5)
    np.testing.assert_allclose(path.z[:, :3], alone.z, atol=1e-5)


def test_slerp_refuses_opposite_ends():
    step = CLOUD[0] - AXES.mean
    for stretched in (1, 0.3):
        with pytest.raises(ValueError, match=r"not opposite; got directions 180.00 degrees apart"):
            whitened_slerp(AXES, AXES.mean + step, AXES.mean - stretched * step)


@pytest.mark.parametrize("bad", [CLOUD[0, :3], CLOUD[:1], np.full(D, np.nan), None])
def test_what_is_no_latent_vector_is_refused(bad):
    for ends in ((bad, CLOUD[0]), (CLOUD[0], bad)):
        with pytest.raises(ValueError, match=r"[ab] must be a row of 8 finite real numbers"):
            whitened_slerp(AXES, *ends)


K = 6
METHODS = ["means", "logistic"]
each_method = pytest.mark.parametrize("method", METHODS)


def two_classes(n=20_000, share=0.3, seed=0):
    """Two Gaussians of one covariance: (z, values, difference of means, covariance of both)."""
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(K, K)) * np.geomspace(3, 0.3, K)[:, None]
    step = np.array([1.0, -2, 0.5, 0, 3, 0]) / 2
    values = rng.random(n) < share
    z = rng.normal(size=(n, K)) @ mixing + np.outer(values, step) + np.linspace(-5, 9, K)
    return z, values, step, mixing.T @ mixing


Z, VALUES, STEP, WITHIN = two_classes()


def cosine(a, b):
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b)


@each_method
def test_both_methods_find_the_difference_of_two_gaussians(method):
    found = attribute_direction(Z, VALUES, method)
    assert found.shape == (K,)
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
    z = rng.exponential(size=(n, K)) @ rng.normal(size=(K, K))
    return z, z[:, 0] + rng.exponential(2, n) > 3


def test_logistic_raises_the_logit_at_the_least_d2():
    z, values = skewed()
    axes = PrincipalAxes.fit(z)
    found = attribute_direction(z, values, "logistic")
    model = LogisticRegression(max_iter=1000).fit(axes.whiten(z), values)

    def rise(direction):
        y = axes.whiten(np.stack([axes.mean, axes.mean + direction]))
        return np.ptp(model.decision_function(y)) / np.linalg.norm(y[1] - y[0])

    best = minimize(lambda direction: -rise(direction), np.ones(K))
    assert -best.fun > 0.99 * rise(found)  # the search came there, too
    assert rise(found) >= -best.fun - 1e-6
    assert rise(attribute_direction(z, values, "means")) < 0.999 * rise(found)
    up = model.decision_function(axes.whiten(np.stack([axes.mean, axes.mean + found])))
    assert up[1] > up[0]


@each_method
@settings(max_examples=8)
@given(seed=st.integers(0, 999), scale=st.floats(0.01, 100))
def test_units_and_place_of_the_cloud_do_not_matter(method, seed, scale):
    z, values, *_ = two_classes(300, seed=seed)
    found = attribute_direction(z, values, method)
    moved = attribute_direction(scale * z + 40, values, method)
    np.testing.assert_allclose(moved, found, atol=1e-3)
    np.testing.assert_allclose(attribute_direction(z, ~values, method), -found, atol=1e-3)


@pytest.mark.parametrize("kind", [np.uint8, list, pd.Series])
def test_values_may_be_booleans_or_integers(kind):
    values = VALUES[:500].astype(int)
    values = values.astype(kind) if kind is np.uint8 else kind(values)
    expected = attribute_direction(Z[:500], VALUES[:500])
    np.testing.assert_array_equal(attribute_direction(Z[:500], values), expected)


@each_method
def test_a_constant_component_stays(method):
    z = Z[:500].astype(np.float32)
    z[:, 3] = 7.25
    assert attribute_direction(z, VALUES[:500], method)[3] == pytest.approx(0, abs=1e-9)


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
        (VALUES[:100].astype(float), "array of float64"),
        (np.zeros(100, int), r"0 and 1, and both occur; got \[0 0 0"),
        (np.ones(100, bool), r"got \[ True"),
        (np.where(VALUES[:100], 1, -1), r"got \[.*-1"),
        (np.arange(100) % 3, r"got \[0 1 2.*median"),
    ],
)
def test_values_are_zero_and_one_and_both_occur(values, message):
    with pytest.raises(ValueError, match=message):
        attribute_direction(Z[:100], values)


@pytest.mark.parametrize(
    ("z", "message"),
    [
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
    with pytest.raises(ValueError, match="method must be one of 'means', 'logistic'; got 'lda'"):
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
    assert path.unit == "sd"
    assert_path(path, "along attribute", 5, K)


@settings(max_examples=30)
@given(st.lists(st.floats(-9, 9), min_size=K, max_size=K).filter(lambda v: max(map(abs, v)) > 0.1))
def test_standard_deviations_are_those_of_the_projection(direction):
    made = along_attribute(Z[:400], direction, Z[0]).made
    assert (made["reach"], made["n"]) == (3, 7)
    projected = Z[:400] @ direction / np.linalg.norm(direction)
    assert made["sd"] == pytest.approx(projected.std(ddof=1), rel=1e-6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"direction": np.zeros(K)}, "direction along which z-points vary"),
        ({"direction": np.eye(K)[3]}, "direction along which z-points vary"),
        ({"direction": np.ones(3)}, r"direction must be a row of 6 finite.*shape \(3,\)"),
        ({"at": np.ones((1, K))}, r"at must be a row of 6 finite.*shape \(1, 6\)"),
        ({"reach": 0}, "reach must be a finite number above 0; got 0"),
        ({"n": 1}, "n must be a whole number, at least 2; got 1"),
        ({"z": np.ones((1, K))}, "at least 2 z-points; got 1"),
        ({"z": np.ones((5, K))}, "all 5 z-points are the same"),
    ],
)
def test_along_attribute_refuses(change, message):
    flat = np.where(np.arange(K) == 3, 0.1, Z[:50])
    arguments = {"z": flat, "direction": np.ones(K), "at": Z[0]} | change
    with pytest.raises(ValueError, match=message):
        along_attribute(**arguments)
