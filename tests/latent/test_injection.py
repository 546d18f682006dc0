import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import stats
from scipy.spatial import cKDTree

from aelatent.latent import PrincipalAxes
from aelatent.latent.injection import inject_filaments, inject_shapes, inject_strings


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
        inject_shapes(cloud, share, seed, kind="loops", count=curves + 3),
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


@pytest.mark.parametrize(("kind", "axes"), [("loops", 1), ("sheets", 2)])
def test_shapes_are_as_thin_as_their_name_says(z, kind, axes):
    cloud, _ = inject_shapes(np.tile(z, (4, 1)), 1.0, 3, kind=kind, count=60)
    y = PrincipalAxes.fit(z).whiten(cloud)
    near = y[cKDTree(y).query(y[::50], k=8)[1]]
    spread = np.linalg.svd(near - near.mean(axis=1, keepdims=True), compute_uv=False) ** 2
    shares = np.cumsum(spread, axis=1) / spread.sum(axis=1, keepdims=True)
    assert np.median(shares[:, axes - 1]) > 0.9
    assert axes == 1 or np.median(shares[:, 0]) < 0.8


def test_a_web_links_neighbors_by_straight_struts(z):
    principal = PrincipalAxes.fit(z)
    y = principal.whiten(inject_shapes(z, 1.0, 3, kind="web", count=4)[0])
    nodes = principal.whiten(z)
    nodes = nodes[cKDTree(nodes).query(y)[1]]  # of those z-points that something lies near
    nodes = np.unique(nodes[np.linalg.norm(nodes - y, axis=1) < 0.06], axis=0)
    assert len(nodes) == 4
    off = np.full(len(y), np.inf)
    for a in nodes:
        for b in nodes:
            t = np.clip((y - a) @ (b - a) / max((b - a) @ (b - a), 1e-9), 0, 1)
            off = np.minimum(off, np.linalg.norm(y - a - t[:, None] * (b - a), axis=1))
    assert off.max() < 0.08  # a thickness of 0.01 along each of twelve axes


def test_clusters_are_small_and_at_z_points(z):
    cloud, _ = inject_shapes(z, 1.0, 3, kind="clusters", count=5)
    principal = PrincipalAxes.fit(z)
    away, at = cKDTree(principal.whiten(z)).query(principal.whiten(cloud))
    assert len(np.unique(at[away < 0.5])) == 5
    assert np.median(away) == pytest.approx(0.0316 * np.sqrt(12), rel=0.1)  # of 0.03 and 0.01
    with pytest.raises(ValueError, match=r"kind must be one of 'clusters'.*got 'blobs'"):
        inject_shapes(z, 1.0, kind="blobs")


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
