import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
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
@given(
    st.floats(1e-6, 1),
    st.integers(3, 200),
    st.integers(1, 30),
    st.integers(0, 2**32),
    st.booleans(),
)
def test_exactly_the_share_moves_and_all_else_stays(share, n, curves, seed, strings):
    cloud = np.random.default_rng(n).normal(5, 2, size=(n, 3)).astype(np.float32)
    before = cloud.copy()
    if strings:
        drawn, moved = inject_strings(cloud, np.full((7, 3), 99.0), share, seed)
    else:
        drawn, moved = inject_filaments(cloud, share, seed, curves=curves)
    assert moved.sum() == max(round(share * n), 1)
    assert (drawn.dtype, moved.dtype, moved.shape) == (np.float32, bool, (n,))
    np.testing.assert_array_equal(drawn[~moved], cloud[~moved])
    assert (drawn[moved] != cloud[moved]).any(axis=1).all()
    assert np.isfinite(drawn).all()
    np.testing.assert_array_equal(cloud, before)


def test_moved_points_lie_on_one_dimensional_smooth_curves(z):
    """On one densely filled curve a small neighborhood is a line: local PCA has one axis."""
    principal, thickness = PrincipalAxes.fit(z), 0.001
    many = np.tile(z, (5, 1))
    cloud, moved = inject_filaments(many, 1.0, 1, curves=1, thickness=thickness)
    assert moved.all()
    y = principal.whiten(cloud)
    tree = cKDTree(y)
    shares, widths = [], []
    for i in range(0, len(y), 300):
        near = y[tree.query(y[i], k=25)[1]]
        spread = np.linalg.svd(near - near.mean(axis=0), compute_uv=False)
        shares.append(spread[0] ** 2 / np.sum(spread**2))
        widths.append(np.sqrt(np.sum(spread[1:] ** 2) / (23 * 11)))
    assert np.median(shares) > 0.9
    # The first axis is the curve; the eleven others hold nothing but the thickness.
    assert np.median(widths) == pytest.approx(thickness, rel=0.1)


def test_thickness_is_the_distance_to_the_curve(z):
    """The same seed without thickness, nearly, gives the curve's own points."""
    principal = PrincipalAxes.fit(z)
    clouds = [inject_filaments(z, 0.5, 2, thickness=h) for h in (1e-9, 0.05)]
    moved = clouds[0][1]
    np.testing.assert_array_equal(moved, clouds[1][1])
    apart = principal.whiten(clouds[1][0][moved]) - principal.whiten(clouds[0][0][moved])
    assert stats.kstest(apart[:, :6].ravel() / 0.05, "norm").pvalue > 1e-4


def test_every_curve_keeps_the_whitened_radius_of_a_z_point(z):
    principal = PrincipalAxes.fit(z)
    cloud, moved = inject_filaments(z, 0.5, 3, curves=7, thickness=1e-9)
    radius = np.sqrt(principal.d2(cloud[moved])).round(3)
    found = np.unique(radius)
    assert len(found) <= 2 * 7  # rounding to float32 may split one of them
    measured = np.sqrt(principal.d2(z))
    assert np.abs(found[:, None] - measured).min(axis=1).max() < 2e-3


def test_a_curve_is_about_nine_radii_long_and_closed(z):
    many = np.tile(z, (4, 1))
    principal = PrincipalAxes.fit(many)
    lengths = []
    for seed in range(8):
        cloud, _ = inject_filaments(many, 1.0, seed, curves=1, thickness=1e-6)
        y = principal.whiten(cloud)
        y /= np.linalg.norm(y, axis=1)[:, None]
        # Of n points uniform in t the nearest is 1 / (2 n) away, so the mean speed is 2 n times it.
        lengths.append(2 * len(y) * cKDTree(y).query(y, k=2)[0][:, 1].mean())
    assert np.mean(lengths) == pytest.approx(9.3, rel=0.1)


def test_over_many_curves_each_axis_is_as_wide_as_before(z):
    principal = PrincipalAxes.fit(z)
    cloud, _ = inject_filaments(z, 1.0, 5, curves=3000)
    y = principal.whiten(cloud)
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=0.1)
    np.testing.assert_allclose(np.cov(y.T), np.eye(12), atol=0.12)
    for column in y.T:
        assert stats.kstest(column, "norm").pvalue > 1e-4


@pytest.mark.parametrize("m", [5, 40, 1000])
def test_strings_are_used_as_they_are_and_evenly(z, m):
    strings = np.arange(m)[:, None] + 1000 + np.zeros(12)
    cloud, replaced = inject_strings(z, strings, 0.1, 1)
    used = cloud[replaced]
    assert len(used) == 300
    np.testing.assert_array_equal(used, np.repeat(used[:, :1], 12, axis=1))
    counts = np.bincount((used[:, 0] - 1000).astype(int), minlength=m)
    assert len(counts) == m
    assert counts.max() - counts.min() <= 1


@pytest.mark.parametrize("share", [0, -0.1, 1.01, np.nan])
def test_shares_that_are_none_are_refused(z, share):
    for inject in (inject_filaments, lambda x, share: inject_strings(x, z, share)):
        with pytest.raises(ValueError, match="share must be a share, above 0 and at most 1; got"):
            inject(z, share)


@pytest.mark.parametrize(
    ("name", "bad"),
    [("curves", 0), ("curves", 1.0), ("curves", True), ("thickness", 0), ("thickness", np.inf)],
)
def test_curves_that_are_none_are_refused(z, name, bad):
    with pytest.raises(ValueError, match=f"{name} must be a .*; got {bad}"):
        inject_filaments(z, 0.1, **{name: bad})
    line = z[:50, :1] * [1, 2, 3]
    with pytest.raises(ValueError, match="needs at least 2 axes; the 50 z-points vary along 1"):
        inject_filaments(line, 0.1)


def test_what_is_no_set_of_points_is_refused(z):
    bad = z.copy()
    bad[11, 2] = np.nan
    for call, message in (
        (lambda: inject_filaments(z[0], 0.1), r"got shape \(12,\)"),
        (lambda: inject_filaments(bad, 0.1), "got nan in row 11, column 2"),
        (lambda: inject_strings(bad, z, 0.1), "got nan in row 11, column 2"),
        (lambda: inject_strings(z, bad, 0.1), "got nan in row 11, column 2"),
        (lambda: inject_strings(z, z[:, 1:], 0.1), r"shape \(n, 12\).*got shape \(3000, 11\)"),
    ):
        with pytest.raises(ValueError, match=message):
            call()
