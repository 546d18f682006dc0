import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial.distance import mahalanobis

from aelatent.latent.correlations import ellipse, pair_ellipses


@pytest.fixture(scope="module")
def z():
    """float32 z-points with correlated components, ties in the last one."""
    rng = np.random.default_rng(3)
    z = rng.normal(size=(500, 40)) @ rng.normal(size=(40, 40)) + rng.normal(0, 30, 40)
    z[:, 39] = np.round(z[:, 39])
    return z.astype(np.float32)


COVARIANCE = np.array([[4.0, 1.5], [1.5, 1.0]])


def test_only_pairs_can_lie_inside():
    with pytest.raises(ValueError, match=r"\(5, 3\)"):
        ellipse([0, 0], COVARIANCE).holds(np.ones((5, 3)))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95, 0.999])
def test_points_lie_at_the_quantile_of_chi2(share):
    found = ellipse([5, -3], COVARIANCE, share)
    inverse = np.linalg.inv(COVARIANCE)
    points = found.points(50)
    assert points.shape == (50, 2)
    d2 = [mahalanobis(point, [5, -3], inverse) ** 2 for point in points]
    np.testing.assert_allclose(d2, stats.chi2.ppf(share, 2), rtol=1e-9)
    law = stats.multivariate_normal([5, -3], COVARIANCE)
    np.testing.assert_allclose(law.pdf(points) / law.pdf([5, -3]), 1 - share, rtol=1e-9)
    np.testing.assert_allclose(points[0], points[-1])


def test_one_sigma_holds_39_percent():
    found = ellipse([0, 0], np.diag([9, 4]), 1 - np.exp(-0.5))
    np.testing.assert_allclose(found.radii, [3, 2])
    assert found.angle == pytest.approx(0)


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_ellipse_holds_its_share(share):
    rng = np.random.default_rng(1)
    cloud = rng.multivariate_normal([5, -3], COVARIANCE, size=20_000)
    inside = ellipse([5, -3], COVARIANCE, share).holds(cloud)
    assert inside.dtype == bool
    assert stats.binomtest(int(inside.sum()), 20_000, share).pvalue > 1e-4


@settings(max_examples=50)
@given(st.floats(-89.9, 90), st.floats(1.05, 30), st.floats(0.01, 100), st.floats(0.05, 0.99))
def test_axes_and_angle_are_found_again(angle, ratio, sd, share):
    cos, sin = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    turn = np.array([[cos, -sin], [sin, cos]])
    covariance = turn @ np.diag([(sd * ratio) ** 2, sd**2]) @ turn.T
    found = ellipse([1, 2], (covariance + covariance.T) / 2, share)
    assert -90 < found.angle <= 90
    assert abs((found.angle - angle + 90) % 180 - 90) < 1e-4
    np.testing.assert_allclose(found.radii, stats.chi.ppf(share, 2) * sd * np.array([ratio, 1]))
    boundary = found.points(37) - found.center
    assert found.holds(found.center + 0.999 * boundary).all()
    assert not found.holds(found.center + 1.001 * boundary).any()


def test_angle_is_that_of_the_major_axis():
    assert ellipse([0, 0], [[2, 1], [1, 2]]).angle == pytest.approx(45)
    assert ellipse([0, 0], [[2, -1], [-1, 2]]).angle == pytest.approx(-45)
    assert ellipse([0, 0], np.diag([1, 4])).angle == pytest.approx(90)


def test_measured_shares_of_a_bivariate_normal_are_the_nominal_ones():
    rng = np.random.default_rng(4)
    z = rng.normal(size=(20_000, 5)) @ rng.normal(size=(5, 5)) + 10
    ellipses, found = pair_ellipses(z, 3, 1, [0.5, 0.99, 0.9])
    assert found.index.name == "share"
    assert list(found.index) == [one.share for one in ellipses] == [0.5, 0.99, 0.9]
    assert (found["difference"].abs() < 4 * found["noise"]).all()
    np.testing.assert_allclose(found["noise"], [np.sqrt(s * (1 - s) / 20_000) for s in found.index])
    np.testing.assert_allclose(ellipses[0].center, z[:, [3, 1]].mean(axis=0))
    for one, measured in zip(ellipses, found["measured"], strict=True):
        assert one.holds(z[:, [3, 1]]).mean() == measured


def test_heavy_tails_show_as_differences():
    # D² of a bivariate t law with 5 degrees, over its covariance, follows 6/5 F(2, 5).
    z = stats.multivariate_t([0, 0], COVARIANCE, df=5, seed=1).rvs(20_000)
    found = pair_ellipses(z, 0, 1)[1]
    expected = stats.f.cdf(stats.chi2.ppf(found.index, 2) * (5 / 3) / 2, 2, 5) - found.index
    np.testing.assert_allclose(found["difference"], expected, atol=0.015)
    assert found["difference"][0.5] > 0.05


@pytest.mark.parametrize(
    ("mean", "covariance", "share", "message"),
    [
        (np.zeros(3), np.eye(3), 0.9, r"mean \(2,\).*Take those of one pair"),
        (np.zeros(2), np.ones(2), 0.9, r"mean \(2,\)"),
        ([0, np.nan], np.eye(2), 0.9, "finite; got"),
        ([0, 0], np.diag([1, np.inf]), 0.9, "finite; got"),
        ([0, 0], [[1, 0.5], [0.4, 1]], 0.9, "symmetric covariance"),
        ([0, 0], [[1e-9, 5e-10], [4e-10, 1e-9]], 0.9, "symmetric covariance"),
        ([0, 0], np.eye(2), 0, "share must lie between 0 and 1; got 0"),
        ([0, 0], np.eye(2), 1.0, "got 1.0"),
        ([0, 0], np.eye(2), 95, "got 95"),
        ([0, 0], np.eye(2), np.nan, "got nan"),
        ([0, 0], np.ones((2, 2)), 0.9, "is a line"),
        ([0, 0], np.diag([1, 0]), 0.9, "is a line"),
        ([0, 0], np.zeros((2, 2)), 0.9, "is a line"),
        ([0, 0], [[1, 2], [2, 1]], 0.9, "is a line"),
    ],
)
def test_ellipse_refuses(mean, covariance, share, message):
    with pytest.raises(ValueError, match=message):
        ellipse(mean, covariance, share)


@pytest.mark.parametrize(("i", "j"), [(0, 0), (0, 3), (-1, 0), (0, 1.5)])
def test_pair_must_be_two_components(i, j):
    with pytest.raises(ValueError, match="two different components from 0 to 2; got"):
        pair_ellipses(np.eye(3), i, j)


def test_pairs_without_an_ellipse_are_refused(z):
    flat = z[:, :3].copy()
    flat[:, 1] = 0.1
    flat[:, 2] = 2 * flat[:, 0]
    with pytest.raises(ValueError, match="component 0 or 1 does not vary"):
        pair_ellipses(flat, 0, 1)
    with pytest.raises(ValueError, match="is a line"):
        pair_ellipses(flat, 0, 2)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (np.zeros(5), r"shape \(n, d\).*got shape \(5,\)"),
        (np.array([[1.0, 2], [3, np.nan]]), "got nan in row 1, column 1"),
        (np.ones((1, 3)), "at least 2 z-points; got 1"),
    ],
)
def test_bad_arrays_are_refused(bad, message):
    with pytest.raises(ValueError, match=message):
        pair_ellipses(bad, 0, 1)
