import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from scipy.spatial.distance import mahalanobis

from aelatent import _checks
from aelatent.latent import (
    Moments,
    correlations,
    pair_ellipses,
    pearson,
    seriate,
    spearman,
    strongest_pairs,
)
from aelatent.latent.correlations import ellipse

RNG = np.random.default_rng(3)
#: float32 z-points with correlated components, ties in the last one.
Z = RNG.normal(size=(500, 40)) @ RNG.normal(size=(40, 40)) + RNG.normal(0, 30, 40)
Z[:, 39] = np.round(Z[:, 39])
Z = Z.astype(np.float32)
COVARIANCE = np.array([[4.0, 1.5], [1.5, 1.0]])


def test_pearson_agrees_with_numpy():
    found = pearson(Z)
    np.testing.assert_allclose(found, np.corrcoef(Z.T.astype(float)), atol=1e-9)
    assert (np.diag(found) == 1).all()
    np.testing.assert_array_equal(found, found.T)
    assert list(found.index) == list(found.columns) == list(range(40))
    assert found.index.name == found.columns.name == "component"


def test_spearman_agrees_with_scipy(monkeypatch):
    ranked = spearman(Z)
    np.testing.assert_allclose(ranked, stats.spearmanr(Z).statistic, atol=1e-9)
    monkeypatch.setattr(correlations, "COLUMNS", 7)  # 40 components: five blocks and a rest
    monkeypatch.setattr(_checks, "CHUNK", 64)
    np.testing.assert_allclose(spearman(Z), ranked, atol=1e-12)


def test_pearson_takes_merged_moments():
    moments = Moments.of(Z[:130]) + Moments.of(Z[130:])
    np.testing.assert_allclose(pearson(moments), pearson(Z), atol=1e-9)


def test_monotonic_relation_and_outlier_tell_spearman_from_pearson():
    x = np.random.default_rng(0).normal(size=1000)
    bent = np.column_stack([x, np.exp(3 * x)])
    assert spearman(bent).loc[0, 1] == pytest.approx(1)
    assert pearson(bent).loc[0, 1] < 0.6
    noise = np.random.default_rng(1).normal(size=(1000, 2))
    noise[0] = 1000
    assert pearson(noise).loc[0, 1] > 0.99
    assert abs(spearman(noise).loc[0, 1]) < 0.1


@pytest.mark.parametrize("r", [-0.9, 0.5])
def test_ranks_of_a_bivariate_normal_follow_pearsons_formula(r):
    z = np.random.default_rng(2).multivariate_normal([0, 0], [[1, r], [r, 1]], size=40_000)
    assert spearman(z).loc[0, 1] == pytest.approx(6 / np.pi * np.arcsin(r / 2), abs=0.015)


@pytest.mark.parametrize("value", [0, 0.1, -4.7, 1e6 / 3])
@pytest.mark.parametrize("function", [pearson, spearman])
def test_constant_component_has_no_correlations(function, value):
    z = np.random.default_rng(0).normal(size=(5000, 4))
    others = function(z).drop(index=2, columns=2)
    z[:, 2] = value
    found = function(z)
    assert found[2].isna().all()
    assert found.loc[2].isna().all()
    pd.testing.assert_frame_equal(found.drop(index=2, columns=2), others)


def test_narrow_component_far_from_the_origin_is_not_constant():
    x = np.random.default_rng(0).normal(size=3000)
    assert pearson(np.column_stack([x, 1e6 + 1e-3 * x])).loc[0, 1] == pytest.approx(1)


tables = st.integers(2, 5).flatmap(
    lambda d: arrays(
        np.float32,
        st.tuples(st.integers(2, 30), st.just(d)),
        elements=st.integers(-1000, 1000).map(lambda k: k / 8),
    )
)


@settings(max_examples=50)
@given(tables, st.sampled_from([-0.5, 4.0]))
def test_matrices_are_bounded_symmetric_and_follow_scale_and_sign(table, scale):
    for function in (pearson, spearman):
        found = function(table)  # any warning is an error here
        varies = np.ptp(table, axis=0) > 0
        np.testing.assert_array_equal(found.notna(), np.outer(varies, varies))
        np.testing.assert_array_equal(found, found.T)
        assert (found.abs().fillna(0) <= 1).all(axis=None)
        moved = table.copy()
        moved[:, 0] = scale * moved[:, 0] + 16
        expected = found.copy()
        expected.iloc[0, 1:] *= np.sign(scale)
        expected.iloc[1:, 0] *= np.sign(scale)
        np.testing.assert_allclose(function(moved), expected, atol=1e-9)


def test_one_point_has_no_correlations():
    for function in (pearson, spearman):
        with pytest.raises(ValueError, match="at least 2 z-points; got 1"):
            function(np.ones((1, 3)))


def test_strongest_pairs_are_sorted_by_magnitude():
    matrix = pearson(Z)
    found = strongest_pairs(matrix, 15)
    assert (found["i"] < found["j"]).all()
    values = [matrix.loc[i, j] for i, j in zip(found["i"], found["j"], strict=True)]
    np.testing.assert_array_equal(found["correlation"], values)
    upper = np.sort(np.abs(matrix.to_numpy()[np.triu_indices(40, 1)]))[::-1]
    np.testing.assert_array_equal(found["correlation"].abs(), upper[:15])
    assert list(found.index) == list(range(15))
    assert len(strongest_pairs(matrix)) == 10


def test_strongest_pairs_leave_out_constants_and_keep_labels_and_order():
    flat = Z[:, :4].copy()
    flat[:, 1] = 7
    named = pearson(flat).set_axis([*"abcd"], axis=0).set_axis([*"abcd"], axis=1)
    found = strongest_pairs(named, 100)
    assert set(found["i"] + found["j"]) == {"ac", "ad", "cd"}
    assert len(strongest_pairs(pearson(Z[:, :1]))) == 0
    equal = strongest_pairs(pd.DataFrame(np.full((3, 3), 0.5) + 0.5 * np.eye(3)))
    assert equal[["i", "j"]].to_numpy().tolist() == [[0, 1], [0, 2], [1, 2]]


@pytest.mark.parametrize("seed", range(3))
def test_seriation_finds_hidden_blocks(seed):
    # Blocks share a factor, with either sign; their members are scattered among the components.
    rng = np.random.default_rng(seed)
    block = rng.permutation(np.repeat(np.arange(5), [3, 5, 8, 4, 10]))
    signs = rng.choice([-1, 1], block.size)
    z = signs * rng.normal(size=(1000, 5))[:, block] + 0.7 * rng.normal(size=(1000, block.size))
    order = seriate(pearson(z))
    assert sorted(order) == list(range(30))
    assert np.count_nonzero(np.diff(block[order])) == 4  # each block in one piece


def test_seriation_orders_a_chain():
    # Neighbors of a random walk are the more correlated the nearer they are.
    place = np.random.default_rng(0).permutation(12)
    order = seriate(pd.DataFrame(0.9 ** np.abs(place[:, None] - place)))
    assert np.abs(np.diff(place[order])).max() <= 2  # the tree leaves little room


def test_components_without_correlations_come_last():
    flat = Z[:, :8].copy()
    flat[:, [2, 5]] = 1.5
    order = seriate(pearson(flat))
    assert list(order[-2:]) == [2, 5]
    assert sorted(order) == list(range(8))
    assert list(seriate(pearson(flat[:, [2, 0, 1]]))) == [1, 2, 0]
    assert list(seriate(pearson(flat[:, [2, 5]]))) == [0, 1]
    assert list(seriate(pearson(Z[:, :1]))) == [0]


@pytest.mark.parametrize("function", [strongest_pairs, seriate])
@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((5, 3)),
        np.zeros((0, 0)),
        np.arange(9.0).reshape(3, 3) / 9,
        np.diag([1, 2.0]),
        pd.DataFrame(np.eye(2), index=[0, 1], columns=[1, 2]),
    ],
)
def test_what_is_no_correlation_matrix_is_refused(function, bad):
    with pytest.raises(ValueError, match=r"expected correlations.*got a table .*Pass what pearson"):
        function(bad)


def contour(mean, covariance, share=0.9):
    return ellipse(Moments(11, np.array(mean, float), 10 * np.array(covariance, float)), share)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95, 0.999])
def test_points_lie_at_the_quantile_of_chi2(share):
    points = contour([5, -3], COVARIANCE, share).points(50)
    assert points.shape == (50, 2)
    inverse = np.linalg.inv(COVARIANCE)
    d2 = [mahalanobis(point, [5, -3], inverse) ** 2 for point in points]
    np.testing.assert_allclose(d2, stats.chi2.ppf(share, 2), rtol=1e-9)
    np.testing.assert_allclose(points[0], points[-1])


@settings(max_examples=50)
@given(st.floats(-89.9, 90), st.floats(1.05, 30), st.floats(0.01, 100), st.floats(0.05, 0.99))
def test_axes_and_angle_are_found_again(angle, ratio, sd, share):
    cos, sin = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    turn = np.array([[cos, -sin], [sin, cos]])
    covariance = turn @ np.diag([(sd * ratio) ** 2, sd**2]) @ turn.T
    found = contour([1, 2], (covariance + covariance.T) / 2, share)
    assert -90 < found.angle <= 90
    assert abs((found.angle - angle + 90) % 180 - 90) < 1e-4
    np.testing.assert_allclose(found.radii, stats.chi.ppf(share, 2) * sd * np.array([ratio, 1]))
    boundary = found.points(37) - found.center
    assert found.holds(found.center + 0.999 * boundary).all()
    assert not found.holds(found.center + 1.001 * boundary).any()


def test_angle_is_that_of_the_major_axis():
    assert contour([0, 0], [[2, 1], [1, 2]]).angle == pytest.approx(45)
    assert contour([0, 0], [[2, -1], [-1, 2]]).angle == pytest.approx(-45)
    assert contour([0, 0], np.diag([1, 4])).angle == pytest.approx(90)


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
    assert list(pair_ellipses(z, 0, 1)[1].index) == [0.5, 0.9, 0.99]


def test_heavy_tails_show_as_differences():
    # D² of a bivariate t law with 5 degrees, over its covariance, follows 6/5 F(2, 5).
    z = stats.multivariate_t([0, 0], COVARIANCE, df=5, seed=1).rvs(20_000)
    found = pair_ellipses(z, 0, 1)[1]
    expected = stats.f.cdf(stats.chi2.ppf(found.index, 2) * (5 / 3) / 2, 2, 5) - found.index
    np.testing.assert_allclose(found["difference"], expected, atol=0.015)
    assert found["difference"][0.5] > 0.05


@pytest.mark.parametrize("share", [0, 1.0, 95, np.nan])
def test_a_share_lies_between_0_and_1(share):
    with pytest.raises(ValueError, match=f"above 0 and below 1; got {share}"):
        pair_ellipses(Z, 0, 1, [share])


@pytest.mark.parametrize(("i", "j"), [(0, 0), (0, 3), (-1, 0), (0, 1.5)])
def test_pair_must_be_two_components(i, j):
    with pytest.raises(ValueError, match="two different components of 0 to 2; got"):
        pair_ellipses(np.eye(3), i, j)


@pytest.mark.parametrize("covariance", [np.ones((2, 2)), np.diag([1, 0]), np.zeros((2, 2))])
def test_pairs_without_an_ellipse_are_refused(covariance):
    with pytest.raises(ValueError, match="whose ellipse is a line"):
        contour([0, 0], covariance)


def test_what_varies_by_rounding_only_has_no_ellipse():
    flat = Z[:, :3].copy()
    flat[:, 1], flat[:, 2] = 0.1, 2 * flat[:, 0]
    for j in (1, 2):
        with pytest.raises(ValueError, match="whose ellipse is a line"):
            pair_ellipses(flat, 0, j)
