import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from aelatent._checks import CHUNK, check_finite, subsample
from aelatent.latent.core import HeldOut, heldout_law
from aelatent.latent.principal import PrincipalAxes
from aelatent.latent.samplers import laplace_surrogate


@pytest.fixture(scope="module")
def z():
    """float32 z-points of an MVN: correlated, off the origin."""
    rng = np.random.default_rng(3)
    return (rng.normal(size=(801, 6)) @ rng.normal(size=(6, 6)) + 5).astype(np.float32)


def test_law_has_the_moments_of_the_reference():
    law = heldout_law(4750, 256)
    assert law.mean() == pytest.approx(270, abs=1)
    assert law.std() == pytest.approx(24.6, abs=0.05)
    # the mean follows from E[S⁻¹] = (m - 1) / (m - d - 2) of the inverse of a Wishart matrix
    assert law.mean() == pytest.approx((1 + 1 / 4750) * 256 * 4749 / (4750 - 258), rel=1e-9)


@given(st.integers(1, 40))
def test_law_nears_chi2_for_many_points(d):
    law, limit = heldout_law(10**7, d), stats.chi2(d)
    share = np.linspace(0.01, 0.99, 9)
    np.testing.assert_allclose(law.ppf(share), limit.ppf(share), rtol=1e-3)


def test_law_is_that_of_simulated_points():
    # One new point per fit, so that the D² are independent and a test may judge them.
    rng = np.random.default_rng(8)
    cloud = rng.normal(size=(2000, 16, 5)) @ rng.normal(size=(5, 5)) + 7
    fitted, new = cloud[:, :15], cloud[:, 15]
    d2 = [PrincipalAxes.fit(f).d2(x[None])[0] for f, x in zip(fitted, new, strict=True)]
    assert stats.kstest(d2, heldout_law(15, 5).cdf).pvalue > 0.01
    assert stats.kstest(d2, stats.chi2(5).cdf).pvalue < 1e-10


@pytest.mark.parametrize(("m", "d"), [(5, 5), (3, 0), (2, -1), (10.0, 2), (10, True), ("9", 2)])
def test_law_refuses(m, d):
    with pytest.raises(ValueError, match=r"1 <= d < m; got m="):
        heldout_law(m, d)


def test_halves_are_disjoint_and_belong_to_their_seed(z):
    held = HeldOut.of(z, 4)
    assert (held.m, held.z.shape, held.y.shape) == (400, (401, 6), (401, 6))
    fitted = z[~(z[:, None] == held.z).all(axis=2).any(axis=1)]
    assert len(fitted) == 400
    np.testing.assert_allclose(held.d2, PrincipalAxes.fit(fitted).d2(held.z), rtol=1e-9)
    np.testing.assert_array_equal(HeldOut.of(z, 4).y, held.y)
    assert (HeldOut.of(z, 5).z != held.z).any()
    # the same rows of another cloud of that size
    numbered = np.arange(801)[:, None] + 0.0
    np.testing.assert_array_equal(z[HeldOut.of(numbered, 4).z[:, 0].astype(int)], held.z)


def test_effect_sizes_agree_with_scipy(z):
    held = HeldOut.of(z)
    assert held.ks_distance == pytest.approx(stats.kstest(held.d2, held.law.cdf).statistic)
    assert held.mean_ratio == pytest.approx(held.d2.mean() / held.law.mean())
    assert held.sd_ratio == pytest.approx(np.std(held.d2, ddof=1) / held.law.std())
    assert held.mardia == pytest.approx(np.mean(held.d2**2) / 48)
    matrix = np.corrcoef((held.y**2).T)
    expected = matrix[np.triu_indices(6, 1)].mean()
    assert held.squares_correlation == pytest.approx(expected)


def test_quantiles_lie_on_the_diagonal_for_the_law_itself(z):
    held = HeldOut.of(z)
    table = held.qq()
    np.testing.assert_array_equal(table["measured"], np.sort(held.d2))
    np.testing.assert_allclose(held.law.cdf(table["law"]), (np.arange(401) + 0.5) / 401)
    theirs = stats.probplot(held.d2, dist=held.law, fit=False)[0]
    np.testing.assert_allclose(table["law"][50:-50], theirs[50:-50], rtol=0.01)


def test_exact_mvn_agrees_with_its_law():
    held = HeldOut.of(np.random.default_rng(1).normal(size=(20_000, 8)))
    assert held.mean_ratio == pytest.approx(1, abs=0.02)
    assert held.sd_ratio == pytest.approx(1, abs=0.04)
    assert held.ks_distance < 0.02
    assert held.mardia == pytest.approx(1, abs=0.04)
    assert held.squares_correlation == pytest.approx(0, abs=0.005)


def test_multivariate_t_has_its_closed_forms():
    nu, d = 14, 6
    rng = np.random.default_rng(2)
    z = rng.normal(size=(40_000, d)) / np.sqrt(rng.chisquare(nu, (40_000, 1)) / nu)
    held = HeldOut.of(z)
    # E D⁴ / (d (d + 2)) = (nu - 2) / (nu - 4), in units of the covariance
    assert held.mardia == pytest.approx((nu - 2) / (nu - 4), rel=0.05)
    assert held.squares_correlation == pytest.approx(1 / (nu - 1), rel=0.15)
    assert held.mean_ratio == pytest.approx(1, abs=0.02)
    kurtosis = held.shapes()["excess_kurtosis"].groupby(level="along").median()
    np.testing.assert_allclose(kurtosis, 6 / (nu - 4), rtol=0.2)  # along every direction


def test_independent_laplace_columns_hide_from_random_directions_only():
    d = 60
    z = laplace_surrogate(np.random.default_rng(0).normal(2, np.geomspace(9, 1, d), (8000, d)), 3)
    held = HeldOut.of(z)
    kurtosis = held.shapes()["excess_kurtosis"].groupby(level="along").mean()
    assert kurtosis["components"] == pytest.approx(3, rel=0.1)
    assert kurtosis["principal axes"] > 2
    # 3 sum(w⁴) with w uniform on the sphere: 3 * 3 / (d + 2)
    assert kurtosis["random directions"] == pytest.approx(9 / (d + 2), abs=0.04)
    # var D² = d * (2 + 3), of which an MVN has 2 d
    assert held.sd_ratio == pytest.approx(np.sqrt(2.5), rel=0.05)
    assert held.squares_correlation == pytest.approx(0, abs=0.01)


def test_shapes_agree_with_scipy_along_every_axis(z):
    held = HeldOut.of(z)
    table = held.shapes(seed=6)
    for along, x, first in [("components", held.z, 0), ("principal axes", held.y, 1)]:
        part = table.loc[along]
        assert part.index.to_list() == list(range(first, first + 6))
        np.testing.assert_allclose(part["skewness"], stats.skew(x.astype(float)), rtol=1e-9)
        expected = stats.kurtosis(x.astype(float))
        np.testing.assert_allclose(part["excess_kurtosis"], expected, rtol=1e-9)
    assert table.loc["random directions"].index.to_list() == list(range(1, 201))
    assert not table.equals(held.shapes(seed=7))


def test_constant_and_huge_components(z):
    odd = z.astype(np.float64)
    odd[:, 1] = 0.1
    odd[:, 2] *= 1e16
    held = HeldOut.of(odd)
    part = held.shapes().loc["components"]
    assert part.loc[1].isna().all()
    expected = HeldOut.of(z).shapes().loc["components", "excess_kurtosis"]
    np.testing.assert_allclose(part["excess_kurtosis"].drop(1), expected.drop(1), rtol=1e-9)
    flat = z.copy()
    flat[:, 1] = 0.1
    assert HeldOut.of(flat).y.shape == (401, 5)
    one = HeldOut.of(z[:, :1])
    assert np.isnan(one.squares_correlation)
    assert one.sd_ratio == pytest.approx(1, abs=0.3)


@pytest.mark.parametrize("d", [2, 3, 5])
def test_squares_correlation_is_the_mean_over_all_pairs(d):
    rng = np.random.default_rng(d)
    held = HeldOut.of(rng.standard_t(7, size=(900, d)) * rng.chisquare(5, size=(900, 1)))
    matrix = np.corrcoef(held.y.T**2)
    expected = matrix[~np.eye(d, dtype=bool)].mean()
    assert expected > 0.1
    assert held.squares_correlation == pytest.approx(expected)


def test_component_that_varies_in_the_fitted_half_only(z):
    rare = z.copy()
    rare[:, 0] = 0
    row = int(np.flatnonzero(~(z[:, None] == HeldOut.of(z).z).all(axis=2).any(axis=1))[0])
    rare[row, 0] = 1
    held = HeldOut.of(rare)
    assert held.y.shape[1] == 6
    assert np.isfinite(held.squares_correlation)
    assert held.shapes().loc["components"].loc[0].isna().all()


@pytest.mark.parametrize("dtype", [np.float16, np.float64, np.int32])
def test_other_types_and_orders_serve_as_well(z, dtype, tmp_path):
    given = np.round(z * 50).astype(dtype)
    expected = HeldOut.of(given.astype(np.float64)).d2
    np.save(tmp_path / "z.npy", given)
    for same in (given, np.asfortranarray(given), np.load(tmp_path / "z.npy", mmap_mode="r")):
        np.testing.assert_allclose(HeldOut.of(same).d2, expected)
        assert np.isfinite(HeldOut.of(same).shapes()).all(axis=None)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (np.zeros(5), r"got shape \(5,\)"),
        (np.zeros((0, 5)), r"got shape \(0, 5\)"),
        (np.ones((1, 3)), "half of the z-points, 0 of 1; expected at least 6"),
        (np.eye(11), "5 of 11; expected at least 6"),
        (np.random.default_rng(0).normal(size=(30, 40)), "15 of 30; expected at least 19"),
        (np.random.default_rng(0).normal(size=(30, 11)), "15 of 30; expected at least 16"),
        (np.full((40, 3), 2.5), "all 20 z-points are the same"),
    ],
)
def test_split_refuses(bad, message):
    with pytest.raises(ValueError, match=message):
        HeldOut.of(bad)


def test_bad_row_is_named_by_its_place_in_the_whole():
    z = np.zeros((CHUNK + 90, 2))
    z[CHUNK + 77, 1] = np.nan
    for refuse in (check_finite, HeldOut.of, laplace_surrogate, lambda z: subsample(z, 5, 0)):
        with pytest.raises(ValueError, match=f"got nan in row {CHUNK + 77}, column 1"):
            refuse(z)


def test_subsample_takes_rows_once_and_all_of_few():
    z = np.arange(50, dtype=np.float16)[:, None]
    taken = subsample(z, 20, 1)
    assert taken.dtype == np.float64
    assert len(np.unique(taken)) == 20
    np.testing.assert_array_equal(subsample(z, 20, 1), taken)
    np.testing.assert_array_equal(np.sort(subsample(z, 99, 1), axis=0), z)


def test_laplace_surrogate_is_laplacian(z):
    wide = np.tile(z, (25, 1))
    drawn = laplace_surrogate(wide, 1)
    assert drawn.shape == wide.shape
    assert drawn.dtype == np.float32
    np.testing.assert_allclose(drawn.mean(axis=0), wide.mean(axis=0), atol=0.1)
    np.testing.assert_allclose(drawn.std(axis=0), wide.std(axis=0), rtol=0.04)
    for column, like in zip(drawn.T, wide.T.astype(float), strict=True):
        law = stats.laplace(like.mean(), np.std(like, ddof=1) / np.sqrt(2))
        assert stats.kstest(column, law.cdf).pvalue > 1e-4
    assert np.abs(np.corrcoef(drawn.T) - np.eye(6)).max() < 0.04
    flat = np.column_stack([z[:, 0], np.full(801, 2.0)])
    assert (laplace_surrogate(flat)[:, 1] == 2).all()
    with pytest.raises(ValueError, match="at least 2 z-points"):
        laplace_surrogate(z[:1])
