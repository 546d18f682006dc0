"""Samplers and null models: what each keeps of a cloud, and what it does not."""

import inspect

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, special, stats
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


def test_two_orders_of_one_registry_and_the_name_that_stands_in_files():
    assert list(SAMPLERS) == [name for name, model in MODELS.items() if model.rung]
    assert list(SURROGATES)[:3] == ["multivariate normal", "column shuffle", "PCA-column shuffle"]
    assert list(SURROGATES)[-3:] == ["elliptical", "Gaussian mixture", "smoothed bootstrap"]
    for name, draw in (SAMPLERS | SURROGATES).items():
        assert draw is MODELS[name].draw
    assert all(model.keeps and (model.rung or model.null) for model in MODELS.values())
    assert surrogate_name("matched Gaussian") == surrogate_name("multivariate normal")
    for unknown in ("uniform", "noise", None, ["elliptical"]):
        with pytest.raises(ValueError, match=r"one of 'multivariate normal', 'column.*; got"):
            surrogate_name(unknown)


@every_model
def test_only_z_n_and_seed_are_positional_and_n_is_a_number(name, z):
    draw = MODELS[name].draw
    parameters = list(inspect.signature(draw).parameters.values())
    assert [p.name for p in parameters[:3]] == ["z", "n", "seed"]
    assert parameters[2].default == 0
    assert all(p.kind is p.KEYWORD_ONLY for p in parameters[3:])
    np.testing.assert_array_equal(draw(z, 7), draw(z, 7, seed=0))
    for n in (0, -3, 2.0, "4", True, None):
        with pytest.raises(ValueError, match=r"n must be a whole number.*at least 1; got"):
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
def test_one_point_has_no_axes_and_points_all_the_same_vary_along_none(name, z):
    few, same = z[:1], np.full((200, 3), 2.5)
    if name == "independent normal" or name not in WITHOUT_AXES:
        with pytest.raises(ValueError, match="at least 2 z-points; got 1"):
            MODELS[name].draw(few, 3)
    if name in WITHOUT_AXES:
        assert np.isfinite(MODELS[name].draw(same, 3)).all()
    else:
        with pytest.raises(ValueError, match="are the same"):
            MODELS[name].draw(same, 3)


@pytest.mark.parametrize("name", SAMPLERS)
def test_what_knows_no_correlations_is_far_out(name):
    """A factor common to 6 components; chi² with 6 degrees has median 5.3."""
    rng = np.random.default_rng(8)
    cloud = rng.normal([9, -9] * 3, 1, (1500, 6)) + 4 * rng.normal(size=(1500, 1))
    median = np.median(PrincipalAxes.fit(cloud).d2(SAMPLERS[name](cloud, 2000)))
    assert (median > 30) if name in WITHOUT_AXES else (1 < median < 7)


def test_the_mixture_is_left_out_exactly_where_it_cannot_be_fitted():
    cloud = np.random.default_rng(4).normal(size=(40, 3))
    assert list(samplers_for(cloud)) == list(SAMPLERS)
    assert list(samplers_for(cloud[:39])) == [k for k in SAMPLERS if k != "Gaussian mixture"]
    with pytest.raises(ValueError, match="at least 40 z-points; got 39"):
        SAMPLERS["Gaussian mixture"](cloud[:39], 3)


def mean_length(d):
    """Exact mean length of vectors uniform in [-1, 1]^d, from E sqrt(S) = an integral of E e^-tS.

    See Bailey, Borwein & Crandall (2007), section on the Laplace transform of r².
    """

    def integrand(u):
        return -np.expm1(d * np.log(np.sqrt(np.pi) * special.erf(u) / (2 * u))) / u**2

    cut = np.sqrt(3 / d)
    parts = integrate.quad(integrand, 0, cut)[0] + integrate.quad(integrand, cut, np.inf)[0]
    return parts / np.sqrt(np.pi)


@pytest.mark.parametrize(("d", "exactness"), [(2, 0.015), (8, 1e-3), (64, 2e-5), (256, 1e-6)])
def test_matching_bound_gives_the_exact_mean_radius(d, exactness):
    points = np.random.default_rng(d).normal(2, 3, size=(50, d))
    radius = np.linalg.norm(points, axis=1).mean()
    assert matching_bound(points) * mean_length(d) == pytest.approx(radius, rel=exactness)


def test_uniform_fills_its_interval_and_has_the_measured_radius(z):
    drawn, bound = samplers.uniform(z, 20_000, 1), matching_bound(z)
    for column in drawn.T:
        assert stats.kstest(column, "uniform", (-bound, 2 * bound)).pvalue > CERTAIN
    radius = np.linalg.norm(z.astype(float), axis=1).mean()
    assert np.linalg.norm(drawn, axis=1).mean() == pytest.approx(radius, rel=0.01)
    given_bound = samplers.uniform(z, 20_000, 1, bound=1.5)
    np.testing.assert_allclose(given_bound, drawn * (1.5 / bound), rtol=1e-5)


def test_standard_normal_knows_the_dimension_only(z):
    drawn = samplers.standard_normal(z, 5000, 2)
    assert stats.kstest(drawn.ravel(), "norm").pvalue > CERTAIN
    assert stats.kstest(np.sum(drawn**2, axis=1), "chi2", (6,)).pvalue > CERTAIN
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
    assert np.abs(correlations(z)).max() > 0.5
    assert np.abs(correlations(drawn)).max() < 4.5 / np.sqrt(5000)


def test_column_shuffle_keeps_each_column_and_no_correlation(z):
    drawn = samplers.column_shuffle(z, len(z), 4)
    np.testing.assert_array_equal(np.sort(drawn, axis=0), np.sort(z, axis=0))
    assert np.abs(correlations(drawn)).max() < 4.5 / np.sqrt(len(z))


@given(st.integers(1, 40), st.integers(1, 100), st.integers(0, 99))
def test_nothing_comes_again_before_all_have_come(n_rows, n, seed):
    rows = np.arange(n_rows)
    drawn = samplers.column_shuffle(np.stack([rows, rows], axis=1), n, seed).astype(int)
    order = samplers.row_order(n_rows, n, np.random.default_rng(seed))
    for column in (*drawn.T, order):
        assert column.shape == (n,)
        counts = np.bincount(column, minlength=n_rows)
        assert len(counts) == n_rows
        assert n // n_rows <= counts.min() <= counts.max() <= -(-n // n_rows)


def test_multivariate_normal_has_the_measured_mean_and_covariance(z):
    principal = PrincipalAxes.fit(z)
    drawn = samplers.multivariate_normal(z, 20_000, 5)
    assert_moments(principal.whiten(drawn), heavy=2 / 3)
    assert stats.kstest(principal.d2(drawn), "chi2", (6,)).pvalue > CERTAIN


def test_multivariate_normal_of_few_points_stays_in_their_subspace(z):
    few = np.hstack([z[:5], np.full((5, 1), 2.5, np.float32)])
    drawn = samplers.multivariate_normal(few, 3000, 6)
    assert drawn[:, 6] == pytest.approx(2.5)
    basis = np.linalg.svd((few - few.mean(axis=0)).astype(float), full_matrices=False)[2][:4]
    moved = drawn - few.mean(axis=0)
    np.testing.assert_allclose(moved @ basis.T @ basis, moved, atol=1e-3)
    assert stats.kstest(PrincipalAxes.fit(few).d2(drawn), "chi2", (4,)).pvalue > CERTAIN


def pairs_of(y):
    """Return whitened coordinates as pairs, (n, pairs, 2); without a last odd axis."""
    return y[:, : y.shape[1] // 2 * 2].reshape(len(y), -1, 2)


@pytest.mark.parametrize("share", [0.3, 0.95, 0.999])
def test_method_x_is_the_gaussian_inside_the_ellipse_of_each_pair(z, share):
    """The reference draws Gaussians and throws away what falls outside."""
    pairs = pairs_of(PrincipalAxes.fit(z).whiten(method_x(z, 8000, 1, share=share)))
    rejected = np.random.default_rng(9).normal(size=(40_000, 2))
    rejected = rejected[np.sum(rejected**2, axis=1) <= stats.chi2.ppf(share, 2)]
    for pair in np.moveaxis(pairs, 1, 0):
        assert np.sum(pair**2, axis=1).max() <= stats.chi2.ppf(share, 2) * (1 + 1e-3)
        for direction in ([1, 0], [0, 1], [0.6, 0.8], [0.6, -0.8]):
            assert stats.ks_2samp(pair @ direction, rejected @ direction).pvalue > CERTAIN
        angle = np.arctan2(pair[:, 1], pair[:, 0])
        assert stats.kstest(angle, "uniform", (-np.pi, 2 * np.pi)).pvalue > CERTAIN
    ties = correlations(np.sum(pairs**2, axis=2))  # pairs know nothing of each other
    assert np.abs(ties).max() < 4.5 / np.sqrt(8000)


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


@pytest.mark.parametrize("n", [500, 1500, 4000])
def test_pca_shuffle_keeps_the_coordinates_along_every_axis(z, n):
    principal = PrincipalAxes.fit(z)
    drawn = principal.forward(samplers.pca_column_shuffle(z, n, 2))
    measured = principal.forward(z)
    if n == len(z):
        np.testing.assert_allclose(np.sort(drawn, axis=0), np.sort(measured, axis=0), atol=1e-3)
        assert_moments(principal.whiten(samplers.pca_column_shuffle(z, n, 2)))
        ties = [correlations(x**2).mean() for x in (measured, drawn)]
        assert ties[0] > 0.1
        assert abs(ties[1]) < 0.03
    for one, other in zip(drawn.T, measured.T, strict=True):
        assert stats.ks_2samp(one, other).pvalue > CERTAIN


@pytest.mark.parametrize("n", [400, 5000])
def test_copula_keeps_the_density_and_the_range_of_every_component(z, n):
    drawn = samplers.gaussian_copula(z, n, 3)
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


def test_copula_keeps_rank_correlations_but_not_common_extremes():
    """A t-copula ties extremes together; Spearman's rho of a Gaussian one is 6/pi asin(r/2)."""
    rng = np.random.default_rng(8)
    shape = [[1, 0.6], [0.6, 1]]
    cloud = stats.multivariate_t.rvs(shape=shape, df=2, size=30_000, random_state=rng)
    drawn = samplers.gaussian_copula(cloud, 30_000, 2)
    scores = stats.norm.ppf(stats.rankdata(cloud, axis=0) / 30_001)
    expected = 6 / np.pi * np.arcsin(np.corrcoef(scores.T)[0, 1] / 2)
    assert stats.spearmanr(drawn).statistic == pytest.approx(expected, abs=0.02)
    extreme = [(x > np.quantile(x, 0.99, axis=0)).all(axis=1).sum() / 300 for x in (cloud, drawn)]
    assert extreme[0] > extreme[1] + 0.1


def test_elliptical_has_the_measured_law_of_d2_and_no_direction(z):
    principal = PrincipalAxes.fit(z)
    measured = np.sort(principal.d2(z))
    drawn = elliptical(z, len(z), 4)
    np.testing.assert_allclose(np.sort(principal.d2(drawn)), measured, rtol=1e-2, atol=1e-3)
    assert_no_direction(principal.whiten(drawn))
    assert_moments(principal.whiten(elliptical(z, 30_000, 5)), 1, np.mean(measured**2) / 48)


def test_an_exact_elliptical_draw_has_the_measured_d2_by_its_own_fit():
    """Else its farthest points bend its covariance a second time: it looks less heavy-tailed."""
    rng = np.random.default_rng(2)
    z = rng.normal(size=(600, 60)) / np.sqrt(rng.chisquare(4, size=(600, 1)) / 4)
    principal = PrincipalAxes.fit(z)
    measured = np.sort(principal.d2(z))
    off = {}
    for exact in (False, True):
        drawn = elliptical(z, 600, 1, exact=exact)
        off[exact] = np.abs(np.sort(PrincipalAxes.fit(drawn).d2(drawn)) / measured - 1).mean()
        np.testing.assert_allclose(np.sort(principal.d2(drawn)), measured, rtol=1e-3)
    assert off[True] < 0.005 < 0.05 < off[False]
    assert elliptical(z, 62, exact=True).shape == (62, 60)
    with pytest.raises(ValueError, match="needs n of at least 62; got 61"):
        elliptical(z, 61, exact=True)


@pytest.mark.parametrize("level", [0.01, 0.5, 0.9, 1])
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
        np.testing.assert_array_equal(elliptical_core(z, 99, 4, level=1), elliptical(z, 99, 4))
    if level == 0.5:
        np.testing.assert_array_equal(elliptical_core(z, 5000, 2), many)


def test_bootstrap_keeps_mean_and_covariance(z):
    principal = PrincipalAxes.fit(z)
    heavy = np.mean(principal.d2(z) ** 2) / 48
    for scale in (0.1, 1.0):
        drawn = samplers.smoothed_bootstrap(z, 30_000, 6, scale=scale)
        assert_moments(principal.whiten(drawn), 1, heavy)


def test_bootstrap_puts_every_point_near_a_z_point_of_its_own(z):
    principal, scale = PrincipalAxes.fit(z), 0.003
    parents = principal.whiten(z) / np.sqrt(1 + scale**2)
    drawn = principal.whiten(samplers.smoothed_bootstrap(z, len(z), 7, scale=scale))
    distance, parent = cKDTree(parents).query(drawn)
    true = np.bincount(parent, minlength=len(z)) == 1
    assert true.mean() > 0.98  # the nearest of a few crowded ones is another
    law = stats.chi(6, scale=scale / np.sqrt(1 + scale**2))
    assert stats.kstest(distance[true[parent]], law.cdf).pvalue > CERTAIN


def test_bootstrap_smooths_the_density_by_the_jitter_only():
    two = np.random.default_rng(1).choice([-3.0, 3.0], size=(4000, 1))
    drawn = samplers.smoothed_bootstrap(two, 4000, 1, scale=0.2)[:, 0].astype(float)
    mean, sd = two.mean(), two.std(ddof=1)
    law = stats.norm((3 - mean) / np.sqrt(1.04) + mean, 0.2 * sd / np.sqrt(1.04))
    assert stats.kstest(drawn[drawn > 0], law.cdf).pvalue > CERTAIN
    assert np.sum(drawn > 0) == np.sum(two > 0)


@pytest.mark.parametrize(
    ("draw", "setting", "bad"),
    [
        (samplers.uniform, "bound", [0, -1.5, np.nan, np.inf]),
        (samplers.measured_ranges, "share", [0, -0.5, 1.01, np.nan]),
        (method_x, "share", [0, 1, -0.5, np.nan]),
        (elliptical_core, "level", [0, -0.5, 1.01, np.nan]),
        (samplers.smoothed_bootstrap, "scale", [0, -0.1, np.nan, np.inf]),
    ],
)
def test_settings_that_are_none_are_refused(z, draw, setting, bad):
    for value in bad:
        with pytest.raises(ValueError, match=rf"{setting} must be a .* above 0.*; got {value}"):
            draw(z, 3, **{setting: value})
