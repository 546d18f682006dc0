"""Samplers and null models: what each keeps of a cloud, and what it does not."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import stats
from scipy.spatial import cKDTree

from aelatent.latent import PrincipalAxes, samplers
from aelatent.latent.samplers import (
    MODELS,
    SAMPLERS,
    SURROGATES,
    elliptical,
    elliptical_core,
    matching_bound,
    method_x,
    samplers_for,
    surrogate_name,
)

CERTAIN = 1e-4  # a right sampler fails a test at this level once in 10,000 seeds; they are fixed
WITHOUT_AXES = list(SAMPLERS)[:5]  # these know no correlations, and work where nothing varies

every_model = pytest.mark.parametrize("name", MODELS)


@pytest.fixture(scope="module")
def z():
    """float32 z-points, off the origin: correlated, heavy-tailed together, one component skew."""
    rng = np.random.default_rng(5)
    mixing = rng.normal(size=(6, 6)) * [1, 1, 8, 1, 0.1, 1]
    heavy = np.sqrt(5 / rng.chisquare(5, size=(1500, 1)))
    z = rng.normal(size=(1500, 6)) @ mixing * heavy
    z[:, 3] += rng.exponential(3, 1500)
    return (z + rng.normal(0, 5, 6)).astype(np.float32)


def correlations(z):
    return np.corrcoef(z.T.astype(float))[np.triu_indices(z.shape[1], 1)]


def assert_no_direction(y):
    """(y_j)² of random directions in 6 dimensions follow Beta(1/2, 5/2)."""
    y = y / np.linalg.norm(y, axis=1)[:, None]
    for column in y.T:
        assert stats.kstest(column**2, "beta", (0.5, 2.5)).pvalue > CERTAIN


def assert_moments(y, variance=1.0, heavy=1.0):
    """Mean 0 and covariance `variance` I within 5 standard errors; `heavy` is D⁴ over an MVN's."""
    n, d = y.shape
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=5 * np.sqrt(np.max(variance) / n))
    wanted = np.eye(d) * variance
    np.testing.assert_allclose(np.cov(y.T), wanted, atol=5 * np.sqrt(3 * heavy / n))


def test_null_models_have_their_order_and_names_that_stand_in_files():
    assert list(SURROGATES)[-3:] == ["elliptical", "Gaussian mixture", "smoothed bootstrap"]
    assert surrogate_name("matched Gaussian") == surrogate_name("multivariate normal")
    assert surrogate_name("elliptical") == "elliptical"
    for unknown in ("uniform", None, ["elliptical"]):
        with pytest.raises(ValueError, match=r"one of 'multivariate normal', 'column.*; got"):
            surrogate_name(unknown)


@every_model
def test_the_seed_is_0_and_n_is_a_number(name, z):
    draw = MODELS[name].draw
    np.testing.assert_array_equal(draw(z, 7), draw(z, 7, 0))
    for n in (0, 2.0, True, None):
        with pytest.raises(ValueError, match=r"n must be .*at least 1; got"):
            draw(z, n)


@every_model
def test_a_constant_component_stays_and_equal_components_stay_equal(name, z):
    flat = np.column_stack([z, np.full(len(z), 2.5), z[:, 0]]).astype(np.float32)
    drawn = MODELS[name].draw(flat, 400, 1)
    assert np.isfinite(drawn).all()
    if name not in WITHOUT_AXES[:2]:
        np.testing.assert_allclose(drawn[:, 6], 2.5, atol=1e-4)
    if name not in WITHOUT_AXES:
        np.testing.assert_allclose(drawn[:, 7], drawn[:, 0], atol=2e-3)


@every_model
def test_points_all_the_same_vary_along_no_axis(name):
    draw, same = MODELS[name].draw, np.full((200, 3), 2.5)
    if name in WITHOUT_AXES:
        assert np.isfinite(draw(same, 3)).all()
    else:
        with pytest.raises(ValueError, match="are the same"):
            draw(same, 3)


def test_the_mixture_is_left_out_exactly_where_it_cannot_be_fitted(z):
    assert list(samplers_for(z[:70])) == list(SAMPLERS)
    assert list(samplers_for(z[:69])) == [k for k in SAMPLERS if k != "Gaussian mixture"]
    with pytest.raises(ValueError, match="at least 70 z-points; got 69"):
        SAMPLERS["Gaussian mixture"](z[:69], 3)


def test_uniform_fills_its_interval_and_has_the_measured_radius(z):
    drawn, bound = samplers.uniform(z, 20_000, 1), matching_bound(z)
    for column in drawn.T:
        assert stats.kstest(column, "uniform", (-bound, 2 * bound)).pvalue > CERTAIN
    radius = np.linalg.norm(z.astype(float), axis=1).mean()
    # of 6 components, 1 / 60 less than without the second term of the length
    assert np.linalg.norm(drawn, axis=1).mean() == pytest.approx(radius, rel=0.004)
    given_bound = samplers.uniform(z, 20_000, 1, bound=1.5)
    np.testing.assert_allclose(given_bound, drawn * (1.5 / bound), rtol=1e-5)


def test_standard_normal_knows_the_dimension_only(z):
    drawn = samplers.standard_normal(z, 5000, 2)
    assert stats.kstest(drawn.ravel(), "norm").pvalue > CERTAIN
    np.testing.assert_array_equal(drawn, samplers.standard_normal(z[:1] * 7, 5000, 2))


@pytest.mark.parametrize("share", [0.5, 0.9, 1])
def test_measured_ranges_are_filled_evenly_and_hold_their_share(z, share):
    wide = np.tile(z, 8)  # more components than are sorted at a time
    drawn = samplers.measured_ranges(wide, 20_000, 1, share=share)
    for column, measured in zip(drawn.T, wide.T.astype(float), strict=True):
        low, high = np.quantile(measured, [0.5 - share / 2, 0.5 + share / 2])
        assert stats.kstest(column, "uniform", (low, high - low)).pvalue > CERTAIN
        assert (column.min() >= np.float32(low)) & (column.max() <= np.float32(high))
    assert np.abs(correlations(drawn[:, :6])).max() < 4.5 / np.sqrt(20_000)
    assert share != 0.9 or (drawn == samplers.measured_ranges(wide, 20_000, 1)).all()


def test_independent_normal_has_measured_means_and_widths_but_no_correlations(z):
    drawn = samplers.independent_normal(z, 5000, 3)
    for column, measured in zip(drawn.T, z.T.astype(float), strict=True):
        law = (measured.mean(), measured.std(ddof=1))
        assert stats.kstest(column, "norm", law).pvalue > CERTAIN
    assert np.abs(correlations(drawn)).max() < 4.5 / np.sqrt(5000)


def test_column_shuffle_keeps_each_column_and_no_correlation(z):
    drawn = samplers.column_shuffle(z, len(z), 4)
    np.testing.assert_array_equal(np.sort(drawn, axis=0), np.sort(z, axis=0))
    assert np.abs(correlations(drawn)).max() < 4.5 / np.sqrt(len(z))


@given(st.integers(1, 40), st.integers(1, 100), st.integers(0, 99))
def test_nothing_comes_again_before_all_have_come(n_rows, n, seed):
    drawn = samplers.column_shuffle(np.arange(n_rows)[:, None] + [0, 0], n, seed).astype(int)
    for column in (*drawn.T, samplers.row_order(n_rows, n, np.random.default_rng(seed))):
        counts = np.bincount(column, minlength=n_rows)
        assert (len(column), len(counts)) == (n, n_rows)
        assert n // n_rows <= counts.min() <= counts.max() <= -(-n // n_rows)


def test_multivariate_normal_has_the_measured_mean_and_covariance(z):
    principal = PrincipalAxes.fit(z)
    drawn = samplers.multivariate_normal(z, 20_000, 5)
    assert_moments(principal.whiten(drawn), heavy=2 / 3)
    assert stats.kstest(principal.d2(drawn), "chi2", (6,)).pvalue > CERTAIN


@pytest.mark.parametrize("share", [0.3, 0.999])
def test_method_x_is_the_gaussian_inside_the_ellipse_of_each_pair(z, share):
    """The reference draws Gaussians and throws away what falls outside."""
    y = PrincipalAxes.fit(z).whiten(method_x(z, 8000, 1, share=share))
    rejected = np.random.default_rng(9).normal(size=(40_000, 2))
    rejected = rejected[np.sum(rejected**2, axis=1) <= stats.chi2.ppf(share, 2)]
    for pair in (y[:, :2], y[:, 2:4], y[:, 4:]):
        assert np.sum(pair**2, axis=1).max() <= stats.chi2.ppf(share, 2) * (1 + 1e-3)
        for direction in ([1, 0], [0, 1], [0.6, 0.8]):
            assert stats.ks_2samp(pair @ direction, rejected @ direction).pvalue > CERTAIN
    radii = np.sum(y.reshape(8000, 3, 2) ** 2, axis=2)  # pairs know nothing of each other
    assert np.abs(correlations(radii)).max() < 4.5 / np.sqrt(8000)


@pytest.mark.parametrize("share", [0.3, 0.95])
def test_method_x_cuts_an_odd_last_axis_at_both_sides_and_shrinks_as_stated(z, share):
    y = PrincipalAxes.fit(z[:, :5]).whiten(method_x(z[:, :5], 40_000, 2, share=share))
    cut = stats.norm.ppf((1 + share) / 2)
    law = stats.truncnorm(-cut, cut)
    assert stats.kstest(y[:8000, 4], law.cdf).pvalue > CERTAIN
    pair = 1 + (1 - share) * np.log(1 - share) / share
    assert_moments(y, [pair] * 4 + [law.var()], heavy=2 / 3)
    if share == 0.95:
        assert (pair, law.var()) == pytest.approx((0.84, 0.76), abs=0.005)
        np.testing.assert_array_equal(method_x(z, 5, 2), method_x(z, 5, 2, share=0.95))


def test_pca_shuffle_keeps_the_coordinates_along_every_axis(z):
    principal = PrincipalAxes.fit(z)
    drawn = samplers.pca_column_shuffle(z, len(z), 2)
    along, measured = principal.forward(drawn), principal.forward(z)
    np.testing.assert_allclose(np.sort(along, axis=0), np.sort(measured, axis=0), atol=1e-3)
    assert_moments(principal.whiten(drawn))
    assert correlations(measured**2).mean() > 0.1
    assert abs(correlations(along**2).mean()) < 0.03


def test_copula_keeps_the_density_and_the_range_of_every_component(z):
    drawn = samplers.gaussian_copula(z, 5000, 3)
    for one, measured in zip(drawn.T, z.T, strict=True):
        assert stats.ks_2samp(one, measured).pvalue > CERTAIN
        assert measured.min() <= one.min() < one.max() <= measured.max()


def test_copula_of_a_lognormal_cloud_is_that_cloud():
    """A lognormal has a Gaussian copula: logarithms are an MVN again, of known correlation."""
    rng = np.random.default_rng(7)
    truth = np.array([[1, 0.8, -0.3], [0.8, 1, 0], [-0.3, 0, 1]])
    cloud = np.exp(rng.multivariate_normal(np.zeros(3), truth, size=20_000))
    drawn = np.log(samplers.gaussian_copula(cloud, 20_000, 1))
    np.testing.assert_allclose(np.corrcoef(drawn.T), truth, atol=0.03)
    d2 = np.sum(drawn @ np.linalg.inv(truth) * drawn, axis=1)
    assert stats.kstest(d2[:4000], "chi2", (3,)).pvalue > CERTAIN


def test_an_exact_elliptical_draw_has_the_measured_d2_by_its_own_fit():
    """Else its farthest points bend its covariance a second time: it looks less heavy-tailed."""
    rng = np.random.default_rng(2)
    z = rng.normal(size=(600, 60)) / np.sqrt(rng.chisquare(4, size=(600, 1)) / 4)
    principal = PrincipalAxes.fit(z)
    measured, off = np.sort(principal.d2(z)), []
    for exact in (True, False):
        drawn = elliptical(z, 600, 1, exact=exact)
        off.append(np.abs(np.sort(PrincipalAxes.fit(drawn).d2(drawn)) / measured - 1).mean())
        np.testing.assert_allclose(np.sort(principal.d2(drawn)), measured, rtol=1e-3)
    assert off[0] < 0.005 < 0.05 < off[1]
    assert elliptical(z, 62, exact=True).shape == (62, 60)
    with pytest.raises(ValueError, match="at least 62; got 61"):
        elliptical(z, 61, exact=True)


@pytest.mark.parametrize("level", [0.01, 0.5, 1])
def test_core_has_the_inner_radii_and_no_direction(z, level):
    principal = PrincipalAxes.fit(z)
    d2 = np.sort(principal.d2(z))
    inner = d2[d2 <= np.quantile(d2, level)]
    assert len(inner) == pytest.approx(level * len(z), abs=1)
    drawn = elliptical_core(z, len(inner), 1, level=level)
    np.testing.assert_allclose(np.sort(principal.d2(drawn)), inner, rtol=1e-2, atol=1e-3)
    many = elliptical_core(z, 5000, 2, level=level)
    y = principal.whiten(many)
    assert_no_direction(y)
    assert_moments(y, inner.mean() / d2.mean(), heavy=1 if level < 1 else np.mean(d2**2) / 48)
    if level == 1:
        np.testing.assert_array_equal(many, elliptical(z, 5000, 2))
    if level == 0.5:
        np.testing.assert_array_equal(many, elliptical_core(z, 5000, 2))


def test_bootstrap_puts_every_point_near_a_z_point_of_its_own(z):
    principal, scale = PrincipalAxes.fit(z), 0.003
    parents = principal.whiten(z) / np.sqrt(1 + scale**2)
    drawn = principal.whiten(samplers.smoothed_bootstrap(z, len(z), 7, scale=scale))
    distance, parent = cKDTree(parents).query(drawn)
    true = np.bincount(parent, minlength=len(z)) == 1
    assert true.mean() > 0.98  # the nearest of a few crowded ones is another
    law = stats.chi(6, scale=scale / np.sqrt(1 + scale**2))
    assert stats.kstest(distance[true[parent]], law.cdf).pvalue > CERTAIN
    default = samplers.smoothed_bootstrap(z, 9)
    np.testing.assert_array_equal(default, samplers.smoothed_bootstrap(z, 9, scale=0.1))
    wide = principal.whiten(samplers.smoothed_bootstrap(z, 30_000, 6, scale=1.0))
    assert_moments(wide, 1, np.mean(principal.d2(z) ** 2) / 48)
