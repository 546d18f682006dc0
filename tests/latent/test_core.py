import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from aelatent.latent import Moments, PrincipalAxes, samplers
from aelatent.latent.core import core_border, halves, held_out_half, heldout_law


@pytest.fixture(scope="module")
def z():
    """float32 z-points of an off-center MVN with widths between 3 and 0.3."""
    rng = np.random.default_rng(5)
    mixing = np.linalg.qr(rng.normal(size=(20, 20)))[0] * np.geomspace(3, 0.3, 20)[:, None]
    return (rng.normal(size=(3000, 20)) @ mixing + rng.normal(0, 2, 20)).astype(np.float32)


def test_law_has_the_moments_of_the_reference():
    law = heldout_law(4750, 256)
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


@pytest.mark.parametrize(
    ("m", "d", "message"),
    [(5, 5, "m must be .* at least 6; got 5"), (3, 0, "d must be .* at least 1; got 0")],
)
def test_law_refuses(m, d, message):
    with pytest.raises(ValueError, match=message):
        heldout_law(m, d)
    assert heldout_law(6, 5).mean() > 0


@pytest.mark.parametrize("n", [2, 7, 200])
def test_halves_are_disjoint_ascending_and_belong_to_their_seed(n):
    first, second = halves(n, 4)
    assert (len(first), len(second)) == (n // 2, n - n // 2)
    np.testing.assert_array_equal(np.sort(np.concatenate([first, second])), np.arange(n))
    assert (np.diff(first) > 0).all()
    assert (np.diff(second) > 0).all()
    np.testing.assert_array_equal(halves(n, 4)[0], first)
    assert n == 2 or not np.array_equal(halves(n, 5)[0], first)


def test_core_holds_its_level_of_new_points(z):
    core = core_border(z, seed=1)
    assert (len(core.d2), core.level) == (1500, 0.95)
    assert np.mean(core.d2 <= core.border) == pytest.approx(0.95, abs=1e-3)
    fresh = samplers.multivariate_normal(z, 20_000, seed=7)
    assert core.holds(fresh).mean() == pytest.approx(0.95, abs=0.02)
    np.testing.assert_array_equal(core.holds(fresh), core.axes.d2(fresh) <= core.border)
    np.testing.assert_array_equal(core.axes.d2(z[core.rows]), core.d2)
    np.testing.assert_array_equal(core.axes.mean, Moments.of(np.delete(z, core.rows, axis=0)).mean)
    assert core_border(z, seed=1).border == core.border
    assert core_border(z, seed=2).border != core.border
    assert core_border(z, 1, level=0.5).border == np.median(core.d2)


def test_border_is_that_of_the_held_out_law():
    # Few rows: the law is far above chi², and above the fitted half.
    d, m = 20, 60
    borders, own = [], []
    for seed in range(40):
        z = np.random.default_rng(seed).normal(size=(2 * m, d))
        core = core_border(z, seed)
        assert core.law.mean() == heldout_law(m, d).mean()
        borders.append(core.border)
        own.append(np.quantile(PrincipalAxes.fit(z).d2(z), 0.95))
    border = heldout_law(m, d).ppf(0.95)
    assert np.mean(borders) == pytest.approx(border, rel=0.08)
    assert np.mean(own) < stats.chi2(d).ppf(0.95) < 0.7 * border


def test_of_an_odd_number_the_report_measures_the_larger_half_and_the_core_fits_it(z):
    flat = z[:201].copy()
    flat[:, 3] = 0.5
    core, measured = core_border(flat), held_out_half(flat, 0)
    assert (core.axes.n, len(core.d2), core.axes.rank) == (101, 100, 19)
    assert (measured.axes.n, len(measured.d2), measured.axes.rank) == (100, 101, 19)
    assert not np.isin(core.rows, measured.rows).any()
    assert core.holds(flat).mean() > 0.9


def test_core_refuses(z):
    with pytest.raises(ValueError, match=r"more than 40 z-points.*got 40"):
        core_border(z[:40])
    assert core_border(z[:41]).axes.rank == 20
    with pytest.raises(ValueError, match="are the same"):
        core_border(np.full((50, 3), 2.5))
    for level in (0, 1, 95, np.nan):
        with pytest.raises(ValueError, match=r"level must be a share.*; got"):
            core_border(z, level=level)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (np.ones((1, 3)), "half of the z-points, 0 of 1; expected at least 6"),
        (np.eye(11), "5 of 11; expected at least 6"),
        (np.random.default_rng(0).normal(size=(30, 40)), "15 of 30; expected at least 19"),
        (np.random.default_rng(0).normal(size=(30, 11)), "15 of 30; expected at least 16"),
        (np.full((40, 3), 2.5), "all 20 z-points are the same"),
    ],
)
def test_halves_too_small_for_their_law_are_refused(bad, message):
    with pytest.raises(ValueError, match=message):
        held_out_half(bad, 0)


def test_the_smallest_half_that_has_a_law_is_taken(z):
    assert held_out_half(z[:32, :11], 0).axes.rank == 11
    assert held_out_half(z[:12, :1], 0).axes.rank == 1
