import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, special, stats

from aelatent.latent import PrincipalAxes, samplers
from aelatent.latent.samplers import matching_bound

CERTAIN = 1e-4  # a right sampler fails a test at this level once in 10,000 seeds; they are fixed


@pytest.fixture(scope="module")
def z():
    """float32 z-points: correlated, off the origin, one component skew, one of them wide."""
    rng = np.random.default_rng(5)
    z = rng.normal(size=(900, 6)) @ rng.normal(size=(6, 6)) * [1, 1, 8, 1, 0.1, 1]
    z[:, 3] += rng.exponential(3, 900)
    return (z + rng.normal(0, 5, 6)).astype(np.float32)


def correlations(z):
    return np.corrcoef(z.T.astype(float))[np.triu_indices(z.shape[1], 1)]


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
    drawn = samplers.uniform(z, 20_000, 1)
    bound = matching_bound(z)
    for column in drawn.T:
        assert stats.kstest(column, "uniform", (-bound, 2 * bound)).pvalue > CERTAIN
    radius = np.linalg.norm(z.astype(float), axis=1).mean()
    assert np.linalg.norm(drawn, axis=1).mean() == pytest.approx(radius, rel=0.01)
    given_bound = samplers.uniform(z, 20_000, 1, bound=1.5)
    np.testing.assert_allclose(given_bound, drawn * (1.5 / bound), rtol=1e-5)
    assert np.abs(given_bound).max() == pytest.approx(1.5, rel=1e-3)


def test_standard_normal_knows_the_dimension_only(z):
    drawn = samplers.standard_normal(z, 5000, 2)
    assert stats.kstest(drawn.ravel(), "norm").pvalue > CERTAIN
    assert stats.kstest(np.sum(drawn**2, axis=1), "chi2", (6,)).pvalue > CERTAIN
    np.testing.assert_array_equal(drawn, samplers.standard_normal(z[:1] * 7, 5000, 2))


@pytest.mark.parametrize("share", [0.5, 0.9, 1])
def test_measured_ranges_are_filled_evenly_and_hold_their_share(z, share):
    drawn = samplers.measured_ranges(z, 20_000, 1, share=share)
    for column, measured in zip(drawn.T, z.T.astype(float), strict=True):
        low, high = np.quantile(measured, [0.5 - share / 2, 0.5 + share / 2])
        assert stats.kstest(column, "uniform", (low, high - low)).pvalue > CERTAIN
        inside = (measured >= column.min()) & (measured <= column.max())
        assert inside.mean() == pytest.approx(share, abs=0.01)
    assert np.abs(correlations(drawn)).max() < 4.5 / np.sqrt(20_000)


@given(st.integers(1, 40), st.integers(1, 70), st.integers(0, 99), st.floats(0.01, 1))
def test_measured_ranges_stay_within_what_was_measured(n_rows, d, seed, share):
    rng = np.random.default_rng(seed)
    table = rng.integers(-3, 4, (n_rows, d)).astype(np.float32)  # also constant columns
    drawn = samplers.measured_ranges(table, 20, seed, share=share)
    assert (drawn >= table.min(axis=0)).all()
    assert (drawn <= table.max(axis=0)).all()


def test_a_far_point_hardly_moves_a_measured_range(z):
    far = z.copy()
    far[0] += 1e6
    near, moved = (np.ptp(samplers.measured_ranges(x, 5000), axis=0) for x in (z, far))
    np.testing.assert_allclose(near, moved, rtol=0.05)
    assert (np.ptp(samplers.measured_ranges(far, 5000, share=1), axis=0) > 9e5).all()


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
def test_column_shuffle_takes_no_value_again_before_all_were_taken(n_rows, n, seed):
    rows = np.arange(n_rows)
    drawn = samplers.column_shuffle(np.stack([rows, rows], axis=1), n, seed).astype(int)
    for column in drawn.T:
        counts = np.bincount(column, minlength=n_rows)
        assert counts.min() >= n // n_rows
        assert counts.max() <= -(-n // n_rows)


def test_multivariate_normal_has_the_measured_mean_and_covariance(z):
    n = 20_000
    drawn = samplers.multivariate_normal(z, n, 5).astype(float)
    mean, covariance = z.mean(axis=0, dtype=float), np.cov(z.T.astype(float))
    variance = np.diag(covariance)
    mean_error = (drawn.mean(axis=0) - mean) / np.sqrt(variance / n)
    assert np.abs(mean_error).max() < 4.5
    # Var of a sample covariance: (C_ij² + C_ii C_jj) / n
    error = (np.cov(drawn.T) - covariance) / np.sqrt(
        (covariance**2 + np.outer(variance, variance)) / n
    )
    assert np.abs(error).max() < 4.5
    assert stats.kstest(PrincipalAxes.fit(z).d2(drawn), "chi2", (6,)).pvalue > CERTAIN


def test_multivariate_normal_of_few_points_stays_in_their_subspace(z):
    few = np.hstack([z[:5], np.full((5, 1), 2.5, np.float32)])
    drawn = samplers.multivariate_normal(few, 3000, 6)
    assert drawn[:, 6] == pytest.approx(2.5)
    deviations = (few - few.mean(axis=0)).astype(float)
    basis = np.linalg.svd(deviations, full_matrices=False)[2][:4]
    moved = drawn - few.mean(axis=0)
    np.testing.assert_allclose(moved @ basis.T @ basis, moved, atol=1e-3)
    assert stats.kstest(PrincipalAxes.fit(few).d2(drawn), "chi2", (4,)).pvalue > CERTAIN


@pytest.mark.parametrize("share", [0, -0.5, 1.01, np.nan, np.inf])
def test_shares_that_are_none_are_refused(z, share):
    with pytest.raises(ValueError, match="share must be above 0 and at most 1; got"):
        samplers.measured_ranges(z, 3, share=share)


@pytest.mark.parametrize("bound", [0, -1.5, np.nan, np.inf])
def test_bounds_that_are_none_are_refused(z, bound):
    with pytest.raises(ValueError, match="bound must be a finite number above 0; got"):
        samplers.uniform(z, 3, bound=bound)


@pytest.mark.parametrize("draw", [samplers.independent_normal, samplers.multivariate_normal])
def test_one_point_has_no_width(draw, z):
    with pytest.raises(ValueError, match="at least 2 z-points; got 1"):
        draw(z[:1], 3)
