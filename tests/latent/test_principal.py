import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import mahalanobis
from sklearn.decomposition import PCA

from aelatent import _checks
from aelatent.latent import Moments, PrincipalAxes, spearman


@pytest.fixture(scope="module")
def z():
    """float32 z-points with decaying, correlated, off-center components."""
    rng = np.random.default_rng(1)
    mixing = np.linalg.qr(rng.normal(size=(12, 12)))[0] * np.geomspace(9, 0.1, 12)[:, None]
    return (rng.normal(size=(700, 12)) @ mixing + rng.normal(0, 30, 12)).astype(np.float32)


def assert_same(moments, z):
    assert moments.n == len(z)
    np.testing.assert_allclose(moments.mean, z.mean(axis=0, dtype=float), rtol=1e-12, atol=1e-9)
    expected = np.cov(z.T.astype(float), ddof=0) * len(z)
    np.testing.assert_allclose(moments.comoment, expected, rtol=1e-9, atol=1e-7)


def test_moments_agree_with_numpy(z):
    assert_same(Moments.of(z), z)
    np.testing.assert_allclose(Moments.of(z).covariance, np.cov(z.T.astype(float)), rtol=1e-9)


def test_chunks_equal_the_whole_also_from_a_file(z, monkeypatch, tmp_path):
    monkeypatch.setattr(_checks, "CHUNK", 64)  # 700 rows: ten chunks and a rest
    np.save(tmp_path / "z.npy", z)
    mapped = np.load(tmp_path / "z.npy", mmap_mode="r")
    assert_same(Moments.of(mapped), z)
    chunked = PrincipalAxes.fit(mapped)
    coordinates, d2 = chunked.forward(mapped), chunked.d2(mapped)
    monkeypatch.undo()
    whole = PrincipalAxes.fit(z)
    np.testing.assert_allclose(chunked.sd, whole.sd, rtol=1e-9)
    np.testing.assert_allclose(coordinates, whole.forward(z), atol=1e-6)
    np.testing.assert_allclose(d2, whole.d2(z), rtol=1e-6)


values = st.floats(-1e3, 1e3, width=32)
tables = st.integers(1, 5).flatmap(
    lambda d: arrays(np.float32, st.tuples(st.integers(3, 40), st.just(d)), elements=values)
)


@settings(deadline=None)
@given(tables, st.data())
def test_neither_cuts_nor_order_of_merging_matter(table, data):
    a, b = sorted(data.draw(st.tuples(*[st.integers(1, len(table) - 1)] * 2)))
    b = max(b, a + 1)
    parts = [Moments.of(p) for p in (table[:a], table[a:b], table[b:]) if len(p)]
    forward = sum(parts[1:], start=parts[0])
    backward = sum(parts[-2::-1], start=parts[-1])
    for merged in (forward, backward):
        assert_same(merged, table)


def test_merging_is_stable_far_from_the_origin():
    # Sums of squares would lose all digits here: 1e8² against a variance of 1.
    z = np.random.default_rng(0).normal(1e8, 1, size=(6000, 2))
    np.testing.assert_allclose(Moments.of(z).covariance, np.cov(z.T), rtol=1e-6, atol=1e-7)


def test_moments_of_different_latent_spaces_do_not_merge():
    with pytest.raises(ValueError, match="2 and of 3 components"):
        Moments.of(np.eye(2)) + Moments.of(np.eye(3))


def test_axes_agree_with_scikit_learn(z):
    ours, theirs = PrincipalAxes.fit(z), PCA(svd_solver="full").fit(z.astype(float))
    np.testing.assert_allclose(ours.sd**2, theirs.explained_variance_, rtol=1e-7)
    np.testing.assert_allclose(ours.explained, theirs.explained_variance_ratio_, rtol=1e-7)
    assert np.abs(np.sum(ours.axes * theirs.components_, axis=1)) == pytest.approx(1)
    coordinates = np.abs(ours.forward(z))
    np.testing.assert_allclose(coordinates, np.abs(theirs.transform(z.astype(float))), atol=1e-6)


def test_largest_coefficient_of_each_axis_is_positive(z):
    # Mirroring the cloud leaves its axes where they were.
    for cloud in (z, -z):
        axes = PrincipalAxes.fit(cloud).axes
        assert (axes.max(axis=1) == np.abs(axes).max(axis=1)).all()
        np.testing.assert_allclose(axes @ axes.T, np.eye(12), atol=1e-12)


def test_participation_ratio_of_known_spectra():
    def ratio(variances):
        moments = Moments(100, np.zeros(len(variances)), 99 * np.diag(variances))
        return PrincipalAxes.from_moments(moments).participation_ratio

    assert ratio([4.0, 4.0, 4.0]) == pytest.approx(3)
    assert ratio([5.0, 0.0, 0.0]) == pytest.approx(1)
    assert ratio([3.0, 1.0]) == pytest.approx(16 / 10)


@settings(deadline=None, max_examples=50)
@given(tables)
def test_forward_and_back_round_trip_whatever_the_rank(table):
    if np.ptp(table, axis=0).max() == 0:
        with pytest.raises(ValueError, match="are the same"):
            PrincipalAxes.fit(table)
        return
    found = PrincipalAxes.fit(table)
    np.testing.assert_allclose(found.back(found.forward(table)), table, atol=1e-8)
    np.testing.assert_allclose(found.unwhiten(found.whiten(table)), table, atol=1e-3)
    assert found.rank <= min(table.shape[1], len(table) - 1)


def test_whitened_points_have_unit_covariance_and_their_length_is_mahalanobis(z):
    found = PrincipalAxes.fit(z)
    y = found.whiten(z)
    np.testing.assert_allclose(np.cov(y.T), np.eye(12), atol=1e-6)
    inverse = np.linalg.inv(np.cov(z.T.astype(float)))
    expected = [mahalanobis(row, z.mean(axis=0, dtype=float), inverse) ** 2 for row in z[:50]]
    np.testing.assert_allclose(found.d2(z[:50]), expected, rtol=1e-6)
    np.testing.assert_allclose(np.sum(y[:50] ** 2, axis=1), expected, rtol=1e-6)
    # the other common whitening, L⁻¹ (z - mean), gives the same D²
    lower = np.linalg.cholesky(np.cov(z.T.astype(float)))
    cholesky = np.linalg.solve(lower, (z - found.mean).T)
    np.testing.assert_allclose(found.d2(z), np.sum(cholesky**2, axis=0), rtol=1e-6)


def test_constant_component_has_no_whitened_coordinate(z):
    flat = z.copy()
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


def test_no_more_points_than_components(z):
    found = PrincipalAxes.fit(z[:6])
    assert found.rank == 5
    # Each of n points in general position has D² = (n - 1)² / n.
    np.testing.assert_allclose(found.d2(z[:6]), 25 / 6, rtol=1e-6)
    np.testing.assert_allclose(found.unwhiten(found.whiten(z[:6])), z[:6], atol=1e-4)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (np.zeros(5), r"shape \(n, d\).*got shape \(5,\).*v\[None\]"),
        (np.zeros((0, 5)), r"got shape \(0, 5\)"),
        (np.zeros((5, 0)), r"got shape \(5, 0\)"),
        (np.zeros((2, 2, 2)), r"got shape \(2, 2, 2\)"),
        (np.array([["a", "b"]]), "got an array of <U1"),
        (np.ones((2, 2), dtype=complex), "got an array of complex128"),
        (np.array([[1.0, 2], [3, np.nan]]), "got nan in row 1, column 1"),
        (np.array([[1.0, np.inf], [3, 4]]), "got inf in row 0, column 1"),
        (np.ones((1, 3)), "at least 2 z-points; got 1"),
        (np.full((4, 3), 2.5), "all 4 z-points are the same"),
        (np.full((49, 3), 0.1), "all 49 z-points are the same"),  # their mean is rounded
    ],
)
def test_fit_refuses(bad, message):
    with pytest.raises(ValueError, match=message):
        PrincipalAxes.fit(bad)


def test_bad_row_is_named_by_its_place_in_the_whole(monkeypatch):
    monkeypatch.setattr(_checks, "CHUNK", 10)
    z = np.random.default_rng(0).normal(size=(35, 3))
    z[27, 2] = -np.inf
    with pytest.raises(ValueError, match="got -inf in row 27, column 2"):
        Moments.of(z)


@pytest.mark.parametrize("name", ["forward", "back", "whiten", "unwhiten", "d2"])
@pytest.mark.parametrize("bad", [np.zeros((3, 5)), np.zeros(12), np.full((2, 12), np.nan)])
def test_transforms_refuse(z, name, bad):
    with pytest.raises(ValueError, match=r"expected (an array of shape \(n, 12\)|finite)"):
        getattr(PrincipalAxes.fit(z), name)(bad)


def test_equal_points_of_a_full_chunk_are_the_same():
    with pytest.raises(ValueError, match="all 2048 z-points are the same"):
        PrincipalAxes.fit(np.full((2048, 3), 0.1))


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
