import numpy as np
import pytest
from scipy.stats import chi2
from sklearn.covariance import MinCovDet

from aelatent._checks import subsample
from aelatent.latent.normality_tests import NoCore, iterative_core, mcd_core
from aelatent.latent.principal import PrincipalAxes

BOTH = pytest.mark.parametrize("find", [mcd_core, iterative_core])


def mvn(n, d, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)) @ rng.normal(size=(d, d)) + 20


@BOTH
def test_core_of_an_mvn_is_the_mvn(find):
    core = find(mvn(9000, 6).astype(np.float32), seed=1)
    assert core.inside.shape == (2000,)
    assert core.share == pytest.approx(0.975, abs=0.012)
    assert core.width == pytest.approx(1, abs=0.02)
    assert core.offset < 0.06
    np.testing.assert_allclose(core.covariance, np.eye(6), atol=0.1)


@BOTH
def test_core_of_heavy_tails_is_narrower(find):
    rng = np.random.default_rng(2)
    z = rng.normal(size=(2000, 6)) / np.sqrt(rng.chisquare(5, (2000, 1)) / 5)
    core = find(z)
    assert core.width < 0.9
    assert core.share < 0.9


@BOTH
def test_one_sided_tail_moves_the_center(find):
    z = np.random.default_rng(3).normal(size=(2000, 4))
    z[:200, 0] += 8
    core = find(z)
    assert not core.inside[np.argsort(order_of(z))[:200]].any()
    assert core.offset > 0.25


def order_of(z):
    """Rows of `z` in the order in which the cores take them."""
    return subsample(np.arange(len(z))[:, None], 2000, 0)[:, 0].astype(int)


def test_a_third_of_the_points_apart_fools_the_iterative_cut_but_not_mcd():
    z = np.random.default_rng(4).normal(size=(1500, 4))
    z[:450, 0] += 12
    apart = order_of(z) < 450
    assert not mcd_core(z).inside[apart].any()
    assert iterative_core(z).inside[apart].mean() > 0.9


def test_mcd_is_scikit_learns():
    z = mvn(700, 5, seed=5)
    z[:60] += 90
    core = mcd_core(z, seed=2, axes=3)
    x = subsample(z, 2000, 2)
    y = PrincipalAxes.fit(x).whiten(x)[:, :3]
    theirs = MinCovDet(random_state=0).fit(y)
    agree = core.inside == theirs.support_  # up to its random starts
    assert agree.mean() > 0.98
    np.testing.assert_allclose(core.center, theirs.location_, atol=0.03)


def test_iterative_core_is_its_own_core():
    rng = np.random.default_rng(6)
    z = rng.standard_t(4, size=(1000, 3))
    core = iterative_core(z)
    assert 1 < core.rounds < 100
    x = subsample(z, 2000, 0)
    y = PrincipalAxes.fit(x).whiten(x)
    np.testing.assert_allclose(core.center, y[core.inside].mean(axis=0))
    # what a cut at the quantile q leaves of an MVN's variance, by simulation
    g = rng.normal(size=(400_000, 3))
    kept = g[np.sum(g**2, axis=1) < chi2.ppf(0.975, 3)]
    ratio = core.covariance / np.cov(y[core.inside].T)
    np.testing.assert_allclose(ratio, 1 / kept.var(), rtol=0.01)
    deviation = y - core.center
    d2 = np.einsum("ni,ij,nj->n", deviation, np.linalg.inv(core.covariance), deviation)
    np.testing.assert_array_equal(d2 <= chi2.ppf(0.975, 3), core.inside)


@BOTH
def test_axes_affine_maps_and_seeds(find):
    z = mvn(600, 5, seed=7)
    core = find(z, seed=1, axes=2)
    assert core.covariance.shape == (2, 2)
    again = find(np.asfortranarray(z * 1000 - 3), seed=1, axes=2)
    np.testing.assert_array_equal(again.inside, core.inside)
    np.testing.assert_allclose(again.covariance, core.covariance, rtol=1e-6)
    assert (find(z, seed=2, axes=2).inside != core.inside).any()
    flat = np.column_stack([z[:, :2], np.ones((600, 3))])
    assert find(flat).covariance.shape == (2, 2)
    assert find(flat[:, :1]).width == pytest.approx(1, abs=0.1)
    assert find(z, seed=1, axes=1).covariance.shape == (1, 1)
    half = find(z.astype(np.float16), seed=1, axes=2)
    assert (half.inside == core.inside).mean() > 0.98


@BOTH
def test_no_core_where_most_points_agree(find):
    z = mvn(300, 4, seed=8)
    same = z.copy()
    same[:200] = z[0]
    rare = z.copy()
    rare[:, 1] = 0
    rare[:30, 1] = 1000
    for odd in (same, rare):
        with pytest.raises(NoCore, match=r"300 points vary along fewer than the 4 axes"):
            find(odd)


@BOTH
@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (np.zeros(5), r"got shape \(5,\)"),
        (np.ones((1, 3)), "at least 2 z-points; got 1"),
        (np.full((40, 3), 2.5), "all 40 z-points are the same"),
        (mvn(14, 3), "at least 5 points per axis; got 14 points in 3 axes"),
        (mvn(9, 30), "got 9 points in 8 axes"),
        (np.array([[1.0, np.nan]] * 30), "got nan in row 0, column 1"),
    ],
)
def test_core_refuses(find, bad, message):
    with pytest.raises(ValueError, match=message):
        find(bad)


@BOTH
@pytest.mark.parametrize("axes", [0, -1, 2.0, True, "3", 401])
def test_core_refuses_axes(find, axes):
    with pytest.raises(ValueError, match="axes must be a whole number from 1 to"):
        find(mvn(100, 3), axes=axes)
    with pytest.raises(ValueError, match="from 1 to 50; got 51"):
        mcd_core(mvn(100, 3), axes=51)


def test_axes_up_to_the_most_are_taken():
    assert mcd_core(mvn(260, 51), axes=50).covariance.shape == (50, 50)
    assert iterative_core(mvn(100, 3), axes=400).covariance.shape == (3, 3)
