import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import stats
from scipy.spatial import cKDTree

from aelatent.latent import PrincipalAxes
from aelatent.latent.injection import inject_filaments, inject_strings


@pytest.fixture(scope="module")
def z():
    """float32 z-points: correlated, off the origin, axes of very different width."""
    rng = np.random.default_rng(9)
    mixing = rng.normal(size=(12, 12)) * np.geomspace(8, 0.1, 12)
    return (rng.normal(size=(3000, 12)) @ mixing + rng.normal(0, 5, 12)).astype(np.float32)


@settings(max_examples=40)
@given(st.floats(1e-6, 1), st.integers(3, 200), st.integers(1, 30), st.integers(0, 2**32))
def test_exactly_the_share_moves_and_all_else_stays(share, n, curves, seed):
    cloud = np.random.default_rng(n).normal(5, 2, size=(n, 3)).astype(np.float32)
    for drawn, moved in (
        inject_strings(cloud, np.full((7, 3), 99.0), share, seed),
        inject_filaments(cloud, share, seed, curves=curves),
    ):
        assert moved.sum() == max(round(share * n), 1)
        assert (drawn.dtype, moved.dtype, moved.shape) == (np.float32, bool, (n,))
        np.testing.assert_array_equal(drawn[~moved], cloud[~moved])
        assert (drawn[moved] != cloud[moved]).any(axis=1).all()
        assert np.isfinite(drawn).all()


def test_moved_points_lie_on_one_dimensional_smooth_curves(z):
    """On one densely filled curve a small neighborhood is a line: local PCA has one axis."""
    principal, thickness = PrincipalAxes.fit(z), 0.001
    cloud, moved = inject_filaments(np.tile(z, (5, 1)), 1.0, 1, curves=1, thickness=thickness)
    assert moved.all()
    y = principal.whiten(cloud)
    near = y[cKDTree(y).query(y[::300], k=25)[1]]
    spread = np.linalg.svd(near - near.mean(axis=1, keepdims=True), compute_uv=False)
    assert np.median(spread[:, 0] ** 2 / np.sum(spread**2, axis=1)) > 0.9
    # The first axis is the curve; the eleven others hold nothing but the thickness.
    widths = np.sqrt(np.sum(spread[:, 1:] ** 2, axis=1) / (23 * 11))
    assert np.median(widths) == pytest.approx(thickness, rel=0.1)


def test_every_curve_keeps_the_whitened_radius_of_a_z_point(z):
    principal = PrincipalAxes.fit(z)
    cloud, moved = inject_filaments(z, 0.5, 3, curves=7, thickness=1e-9)
    found = np.unique(np.sqrt(principal.d2(cloud[moved])).round(3))
    assert 7 <= len(found) <= 2 * 7  # rounding to float32 may split one of them
    measured = np.sqrt(principal.d2(z))
    assert np.abs(found[:, None] - measured).min(axis=1).max() < 2e-3


def test_a_curve_is_about_nine_radii_long_and_closed(z):
    many = np.tile(z, (4, 1))
    principal = PrincipalAxes.fit(many)
    lengths = []
    for seed in range(8):
        y = principal.whiten(inject_filaments(many, 1.0, seed, curves=1, thickness=1e-6)[0])
        y /= np.linalg.norm(y, axis=1)[:, None]
        # Of n points uniform in t the nearest is 1 / (2 n) away, so the mean speed is 2 n times it.
        lengths.append(2 * len(y) * cKDTree(y).query(y, k=2)[0][:, 1].mean())
    assert np.mean(lengths) == pytest.approx(9.3, rel=0.1)


def test_over_many_curves_each_axis_is_as_wide_as_before(z):
    y = PrincipalAxes.fit(z).whiten(inject_filaments(z, 1.0, 5, curves=3000)[0])
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=0.1)
    np.testing.assert_allclose(np.cov(y.T), np.eye(12), atol=0.12)
    for column in y.T:
        assert stats.kstest(column, "norm").pvalue > 1e-4


@pytest.mark.parametrize("m", [40, 1000])
def test_strings_are_used_as_they_are_and_evenly(z, m):
    cloud, replaced = inject_strings(z, np.arange(m)[:, None] + 1000 + np.zeros(12), 0.1, 1)
    used = cloud[replaced]
    np.testing.assert_array_equal(used, np.repeat(used[:, :1], 12, axis=1))
    counts = np.bincount((used[:, 0] - 1000).astype(int), minlength=m)
    assert (len(counts), counts.sum()) == (m, 300)
    assert counts.max() - counts.min() <= 1


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda z, bad: inject_strings(z, z, 0), "share .*; got 0"),
        (lambda z, bad: inject_filaments(z[:50, :1] * [1, 2, 3], 0.1), "the 50 .* along 1"),
        (lambda z, bad: inject_strings(bad, z, 0.1), "got nan in row 11, column 2"),
        (lambda z, bad: inject_strings(z, bad, 0.1), "got nan in row 11, column 2"),
        (lambda z, bad: inject_strings(z, z[:, 1:], 0.1), r"\(n, 12\).*\(3000, 11\)"),
    ],
)
def test_what_cannot_be_injected_is_refused(z, call, match):
    bad = z.copy()
    bad[11, 2] = np.nan
    with pytest.raises(ValueError, match=match):
        call(z, bad)
