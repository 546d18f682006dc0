import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st
from scipy.optimize import minimize
from sklearn.linear_model import LinearRegression, LogisticRegression

from aelatent.latent import (
    Moments,
    PrincipalAxes,
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
    assert (path.kind, path.unit) == (kind, "share" if kind == "whitened slerp" else "sd")
    assert len(path) == n == path.made["n"]
    assert path.z.shape == (n, d)
    assert path.z.dtype == np.float32
    assert path.t.dtype == np.float64
    assert json.loads(json.dumps(path.made)) == path.made


@pytest.mark.parametrize("others", ["center", "conditional"])
@pytest.mark.parametrize("axis", ["major", "minor"])
def test_along_the_axes_of_an_ellipse(axis, others):
    path = along_ellipse(CLOUD, 6, 1, axis=axis, others=others)
    same = along_ellipse(Moments.of(CLOUD), 6, 1, axis=axis, others=others)
    np.testing.assert_array_equal(same.z, path.z)
    assert_path(path, "along ellipse", 7)
    assert path.made == {"i": 6, "j": 1, "axis": axis, "others": others, "reach": 2, "n": 7}
    np.testing.assert_allclose(path.t, np.linspace(-2, 2, 7))
    z = CLOUD.astype(float)
    variance, columns = np.linalg.eigh(np.cov(z[:, [6, 1]].T))
    which = 1 if axis == "major" else 0
    steps = path.z[:, [6, 1]] - AXES.mean[[6, 1]]
    np.testing.assert_allclose(steps @ columns[:, 1 - which], 0, atol=1e-5)
    far = np.abs(steps @ columns[:, which])
    np.testing.assert_allclose(far, np.sqrt(variance[which]) * np.abs(path.t), atol=1e-5)
    rest = np.delete(np.arange(D), [6, 1])
    expected = np.tile(AXES.mean[rest], (7, 1))
    if others == "conditional":
        expected = LinearRegression().fit(z[:, [6, 1]], z[:, rest]).predict(path.z[:, [6, 1]])
        np.testing.assert_allclose(AXES.d2(path.z), path.t**2, rtol=1e-4, atol=1e-9)
    np.testing.assert_allclose(path.z[:, rest], expected, atol=1e-4)


@given(rows, rows, st.integers(2, 9))
def test_slerp_agrees_with_the_textbook(start, end, n):
    a, b = CLOUD[[start, end]]
    (first, second), share = AXES.whiten(np.stack([a, b])), np.linspace(0, 1, n)[:, None]
    lengths = np.linalg.norm([first, second], axis=1)
    turn = np.arccos(np.clip(first @ second / lengths.prod(), -1, 1))
    path = whitened_slerp(AXES, a, b, n)
    assert_path(path, "whitened slerp", n)
    np.testing.assert_array_equal(path.z[[0, -1]], [a, b])
    np.testing.assert_allclose(path.t, share[:, 0])
    assert path.made["turn"] == pytest.approx(np.rad2deg(turn), abs=1e-5)
    if start != end:
        towards = np.sin((1 - share) * turn) * first / lengths[0]
        towards = (towards + np.sin(share * turn) * second / lengths[1]) / np.sin(turn)
        y = towards * ((1 - share) * lengths[0] + share * lengths[1])
        np.testing.assert_allclose(path.z, AXES.unwhiten(y), atol=1e-5)


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


# Two Gaussians of one covariance.
K, N = 6, 20_000
RNG = np.random.default_rng(0)
MIX = RNG.normal(size=(K, K)) * np.geomspace(3, 0.3, K)[:, None]
STEP = np.array([1.0, -2, 0.5, 0, 3, 0]) / 2
VALUES = RNG.random(N) < 0.3
Z = RNG.normal(size=(N, K)) @ MIX + np.outer(VALUES, STEP) + np.linspace(-5, 9, K)
each_method = pytest.mark.parametrize("method", ["means", "logistic"])


@each_method
def test_both_methods_find_the_difference_of_two_gaussians(method):
    found = attribute_direction(Z, VALUES, method)
    assert found.shape == (K,)
    assert found.dtype == np.float64
    assert np.linalg.norm(found) == pytest.approx(1)
    assert found @ STEP / np.linalg.norm(STEP) > 0.995
    flat = Z[:500].astype(np.float32)
    flat[:, 3] = 7.25  # a constant component stays
    assert attribute_direction(flat, VALUES[:500], method)[3] == pytest.approx(0, abs=1e-9)


def test_logistic_raises_the_logit_at_the_least_d2():
    # The attribute depends on one component through a step, with skewed noise.
    rng = np.random.default_rng(1)
    z = rng.exponential(size=(4000, K)) @ rng.normal(size=(K, K))
    values = z[:, 0] + rng.exponential(2, 4000) > 3
    axes = PrincipalAxes.fit(z)
    found = attribute_direction(z, values, "logistic")
    model = LogisticRegression(max_iter=1000).fit(axes.whiten(z), values)

    def rise(direction):
        y = axes.whiten(np.stack([axes.mean, axes.mean + direction]))
        return np.diff(model.decision_function(y))[0] / np.linalg.norm(y[1] - y[0])

    best = minimize(lambda direction: -rise(direction), np.ones(K))
    assert -best.fun > 0.99 * rise(found)  # the search came there, too
    assert rise(found) >= -best.fun - 1e-6
    assert rise(attribute_direction(z, values, "means")) < 0.999 * rise(found)


def test_values_may_be_booleans_or_integers():
    expected = attribute_direction(Z[:500], VALUES[:500])
    values = VALUES[:500].astype(np.uint8)
    for same in (values, values.astype(int).tolist(), pd.Series(values)):
        np.testing.assert_array_equal(attribute_direction(Z[:500], same), expected)


@pytest.mark.parametrize("dtype", ["Int64", "boolean", "float", "object"])
def test_missing_values_are_counted_and_named_and_the_next_step_works(dtype):
    values = pd.Series(VALUES[:500].astype(int)).astype(dtype)
    values[[3, 40]] = None
    message = r"none for 2 of them \(rows 3, 40\)\. .* z\[known\] and values\[known\] == 1"
    for passed in (values, values == 1) if dtype in ("Int64", "boolean") else (values,):
        with pytest.raises(ValueError, match=message):
            attribute_direction(Z[:500], passed)
    known = pd.notna(values)
    found = attribute_direction(Z[:500][known], values[known] == 1)
    rest = np.delete(np.arange(500), [3, 40])
    np.testing.assert_array_equal(found, attribute_direction(Z[rest], VALUES[rest]))
    values[3:30] = None
    with pytest.raises(ValueError, match=r"none for 28 of them \(rows 3, 4, 5, 6, 7, \.\.\.\)"):
        attribute_direction(Z[:500], values)


FAR = CLOUD[0] - AXES.mean


def directed(values, z=Z[:100], method="means"):
    return lambda: attribute_direction(z, values, method)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: along_ellipse(CLOUD, 0, 1, axis="long"), "axis must be one of 'major', 'minor'"),
        (lambda: along_ellipse(CLOUD, 0, 1, others="mean"), "others must be one of"),
        (lambda: along_ellipse(CLOUD, 0, 1, reach=0), "reach must be"),
        (lambda: along_ellipse(CLOUD, 0, 1, n=1), "n must be"),
        (lambda: along_ellipse(CLOUD, 0, 0), "two different components of 0 to 7"),
        (lambda: along_ellipse(CLOUD, 0, 8), "two different components of 0 to 7"),
        (lambda: along_ellipse(CLOUD[:2], 0, 1), "Choose another pair"),
        (lambda: along_ellipse(CLOUD * np.tile([1, 0], 4), 0, 1), "Choose another pair"),
        (lambda: whitened_slerp(AXES, AXES.mean + FAR, AXES.mean - FAR), "not opposite; got"),
        (lambda: whitened_slerp(AXES, AXES.mean + FAR, AXES.mean - 0.3 * FAR), "not opposite"),
        (lambda: whitened_slerp(AXES, CLOUD[0, :3], CLOUD[0]), "a must be a row of 8"),
        (lambda: whitened_slerp(AXES, CLOUD[0], CLOUD[:1]), "b must be a row of 8"),
        (directed(VALUES[:99]), r"values must be 100 booleans or integers.*shape \(99,\)"),
        (directed(VALUES[:100].astype(float)), "array of float64"),
        (directed(np.zeros(100, int)), r"0 and 1, and both occur; got \[0 0 0"),
        (directed(np.ones(100, bool)), r"got \[ True"),
        (directed(np.where(VALUES[:100], 1, -1)), r"got \[.*-1"),
        (directed(np.arange(100) % 3), r"got \[0 1 2"),
        (directed(VALUES[:100], method="lda"), "method must be one of 'means', 'logistic'"),
        (directed([0, 0, 1, 1], np.full((4, 3), 0.1)), "the same mean with and without it"),
        (directed([0, 0, 1, 1], [[0.0], [1], [0], [1]]), "the same mean with and without it"),
    ],
)
def test_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()
