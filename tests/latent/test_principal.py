import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.decomposition import PCA

from aelatent import _checks
from aelatent.latent import Moments, PrincipalAxes, d2_by_axis, spearman

RNG = np.random.default_rng(1)
MIXING = np.linalg.qr(RNG.normal(size=(12, 12)))[0] * np.geomspace(9, 0.1, 12)[:, None]
#: float32 z-points with decaying, correlated, off-center components.
Z = (RNG.normal(size=(700, 12)) @ MIXING + RNG.normal(0, 30, 12)).astype(np.float32)
AXES = PrincipalAxes.fit(Z)

tables = st.tuples(st.integers(3, 40), st.integers(1, 5)).flatmap(
    lambda shape: arrays(np.float32, shape, elements=st.floats(-1e3, 1e3, width=32))
)


def test_moments_agree_with_numpy_also_far_from_the_origin():
    found = Moments.of(Z)
    assert found.n == 700
    np.testing.assert_allclose(found.mean, Z.mean(axis=0, dtype=float), rtol=1e-12)
    np.testing.assert_allclose(found.covariance, np.cov(Z.T.astype(float)), rtol=1e-9, atol=1e-9)
    # Sums of squares would lose all digits here: 1e8² against a variance of 1.
    z = np.random.default_rng(0).normal(1e8, 1, size=(6000, 2))
    np.testing.assert_allclose(Moments.of(z).covariance, np.cov(z.T), rtol=1e-6, atol=1e-7)


def test_axes_agree_with_scikit_learn():
    theirs = PCA(svd_solver="full").fit(Z.astype(float))
    np.testing.assert_allclose(AXES.sd**2, theirs.explained_variance_, rtol=1e-7)
    np.testing.assert_allclose(AXES.spread, np.trace(np.cov(Z.T.astype(float))) ** 0.5, rtol=1e-7)
    np.testing.assert_allclose(AXES.explained, theirs.explained_variance_ratio_, rtol=1e-7)
    # The largest coefficient of each axis is positive.
    largest = np.take_along_axis(theirs.components_, np.abs(AXES.axes).argmax(axis=1)[:, None], 1)
    np.testing.assert_allclose(AXES.axes, theirs.components_ * np.sign(largest), atol=1e-6)
    np.testing.assert_allclose(
        AXES.forward(Z), theirs.transform(Z.astype(float)) * np.sign(largest[:, 0]), atol=1e-5
    )


@pytest.mark.parametrize(
    ("variances", "ratio"),
    [([4.0, 4.0, 4.0], 3), ([5.0, 0.0, 0.0], 1), ([3.0, 1.0], 1 / (10 / 16 - 1 / 100))],
)
def test_participation_ratio_of_known_spectra(variances, ratio):
    moments = Moments(100, np.zeros(len(variances)), 99 * np.diag(variances))
    assert PrincipalAxes.from_moments(moments).participation_ratio == pytest.approx(ratio)


def test_participation_ratio_is_freed_of_what_finite_n_takes_from_it():
    z = np.random.default_rng(0).normal(size=(400, 80)) * np.repeat([1, 1e-3], [64, 16])
    found = PrincipalAxes.fit(z)
    assert 1 / np.sum(found.explained**2) == pytest.approx(64 / (1 + 64 / 400), rel=0.01)  # 55.2
    assert found.participation_ratio == pytest.approx(64, rel=0.01)


@settings(max_examples=50)
@given(tables)
def test_forward_and_back_round_trip_whatever_the_rank(table):
    widest = np.ptp(table, axis=0).max()
    assume(widest == 0 or widest > 1e-6)  # between, it depends on the mean whether it is rounding
    if widest == 0:
        with pytest.raises(ValueError, match="are the same"):
            PrincipalAxes.fit(table)
        return
    found = PrincipalAxes.fit(table)
    np.testing.assert_allclose(found.back(found.forward(table)), table, atol=1e-8)
    np.testing.assert_allclose(found.unwhiten(found.whiten(table)), table, atol=1e-3)
    assert found.rank <= min(table.shape[1], len(table) - 1)


def test_whitened_points_have_unit_covariance_and_their_length_is_mahalanobis():
    y = AXES.whiten(Z)
    np.testing.assert_allclose(np.cov(y.T), np.eye(12), atol=1e-6)
    off = Z[:50] - Z.mean(axis=0, dtype=float)
    expected = np.einsum("ij,jk,ik->i", off, np.linalg.inv(np.cov(Z.T.astype(float))), off)
    np.testing.assert_allclose(AXES.d2(Z[:50]), expected, rtol=1e-6)
    np.testing.assert_allclose(np.sum(y[:50] ** 2, axis=1), expected, rtol=1e-6)


def test_d2_is_the_sum_of_what_each_axis_adds():
    along, apart = d2_by_axis(AXES, Z[3]), d2_by_axis(Moments.of(Z), Z[3])
    assert along.index.to_list() == list(range(1, 13))
    assert apart.index.to_list() == list(range(12))
    np.testing.assert_allclose(along["d2"], AXES.whiten(Z[3:4])[0] ** 2, rtol=1e-6)
    off = (Z[3] - Z.mean(axis=0, dtype=float)) / Z.std(axis=0, ddof=1, dtype=float)
    np.testing.assert_allclose(apart["d2"], off**2, rtol=1e-6)
    assert along["share"].sum() == pytest.approx(1)
    flat = np.column_stack([Z, np.ones(len(Z))])
    assert len(d2_by_axis(PrincipalAxes.fit(flat), np.zeros(13))) == 12
    with pytest.raises(ValueError, match="at must be a row of 12"):
        d2_by_axis(AXES, Z[3, :5])


def test_constant_component_has_no_whitened_coordinate():
    flat = Z.copy()
    flat[:, 4] = 7.25
    found = PrincipalAxes.fit(flat)
    assert found.rank == 11
    assert found.sd[11] == 0
    assert found.whiten(flat).shape == (700, 11)
    np.testing.assert_allclose(found.back(found.forward(flat)), flat, atol=1e-9)
    assert found.unwhiten(np.ones((2, 11)))[:, 4] == pytest.approx(7.25)
    moved = flat.copy()
    moved[:, 4] += 100  # where no z-point varies, D² has no unit: it stays out
    np.testing.assert_allclose(found.d2(moved), found.d2(flat), rtol=1e-6)
    others = PrincipalAxes.fit(np.delete(flat, 4, axis=1))
    np.testing.assert_allclose(found.d2(flat), others.d2(np.delete(flat, 4, axis=1)), rtol=1e-6)


def test_no_more_points_than_components():
    found = PrincipalAxes.fit(Z[:6])
    assert found.rank == 5
    # Each of n points in general position has D² = (n - 1)² / n.
    np.testing.assert_allclose(found.d2(Z[:6]), 25 / 6, rtol=1e-6)
    np.testing.assert_allclose(found.unwhiten(found.whiten(Z[:6])), Z[:6], atol=1e-4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Moments.of(np.eye(2)) + Moments.of(np.eye(3)), "2 and of 3 components"),
        (lambda: PrincipalAxes.fit(np.ones((1, 3))), "at least 2 z-points; got 1"),
        # Their mean is rounded; the last are a full chunk.
        (lambda: PrincipalAxes.fit(np.full((49, 3), 0.1)), "all 49 z-points are the same"),
        (lambda: PrincipalAxes.fit(np.full((2048, 3), 0.1)), "all 2048 z-points are the same"),
        *((lambda f=f: f(Z[:, :5]), r"\(n, 12\)") for f in (AXES.forward, AXES.whiten, AXES.d2)),
        *((lambda f=f: f(Z[:, :5]), r"\(n, 12\)") for f in (AXES.back, AXES.unwhiten)),
        *((lambda f=f: f(np.nan * Z), "got nan in row 0") for f in (AXES.back, AXES.unwhiten)),
    ],
)
def test_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_refuses_also_what_lies_in_a_later_chunk(monkeypatch):
    with pytest.raises(TypeError):
        Moments.of(np.eye(2)) + 1
    monkeypatch.setattr(_checks, "CHUNK", 10)
    z = np.random.default_rng(0).normal(size=(35, 3))
    z[27, 2] = -np.inf
    with pytest.raises(ValueError, match="got -inf in row 27, column 2"):
        Moments.of(z)


@pytest.mark.parametrize("largest", [1e18, -1e18])
def test_numbers_up_to_1e18_are_taken_and_larger_ones_refused(largest):
    z = np.array([[largest, 0], [largest / 2, 1], [0, 2]])
    np.testing.assert_allclose(Moments.of(z).mean, [largest / 2, 1])
    np.testing.assert_allclose(spearman(z).loc[0, 1], -np.sign(largest))
    beyond = z.copy()
    beyond[0, 0] = np.nextafter(largest, 2 * largest)
    for function in (Moments.of, spearman):
        with pytest.raises(ValueError, match=r"at most 1e\+18; got .* in row 0, column 0"):
            function(beyond)
