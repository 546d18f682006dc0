import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from scipy import stats
from scipy.spatial.distance import mahalanobis

from aelatent.latent import (
    Moments,
    pair_ellipses,
    pair_wedges,
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


def test_matrices_agree_with_numpy_and_scipy():
    found = pearson(Z)
    np.testing.assert_allclose(found, np.corrcoef(Z.T.astype(float)), atol=1e-9)
    assert list(found.index) == list(found.columns) == list(range(40))
    assert found.index.name == found.columns.name == "component"
    np.testing.assert_allclose(spearman(Z), stats.spearmanr(Z).statistic, atol=1e-9)


@pytest.mark.parametrize("value", [0, 0.1, 1e6 / 3])
@pytest.mark.parametrize("function", [pearson, spearman])
def test_constant_component_has_no_correlations(function, value):
    z = np.random.default_rng(0).normal(size=(5000, 4))
    z[:, 3] = 1e6 + 1e-3 * z[:, 0]  # narrow and far from the origin, but not constant
    others = function(z).drop(index=2, columns=2)
    assert others.loc[0, 3] == pytest.approx(1)
    z[:, 2] = value
    found = function(z)
    assert found[2].isna().all()
    assert found.loc[2].isna().all()
    pd.testing.assert_frame_equal(found.drop(index=2, columns=2), others)


def test_strongest_pairs_are_sorted_by_magnitude_without_constants():
    matrix = pearson(Z)
    found = strongest_pairs(matrix, 15)
    assert (found["i"] < found["j"]).all()
    values = [matrix.loc[i, j] for i, j in zip(found["i"], found["j"], strict=True)]
    np.testing.assert_array_equal(found["correlation"], values)
    upper = np.sort(np.abs(matrix.to_numpy()[np.triu_indices(40, 1)]))[::-1]
    np.testing.assert_array_equal(found["correlation"].abs(), upper[:15])
    assert list(found.index) == list(range(15))
    assert len(strongest_pairs(matrix)) == 10
    flat = Z[:, :4].copy()
    flat[:, 1] = 7
    named = pearson(flat).set_axis([*"abcd"], axis=0).set_axis([*"abcd"], axis=1)
    assert set(strongest_pairs(named, 100)[["i", "j"]].sum(axis=1)) == {"ac", "ad", "cd"}
    equal = strongest_pairs(pd.DataFrame(np.full((3, 3), 0.5) + 0.5 * np.eye(3)))
    assert equal[["i", "j"]].to_numpy().tolist() == [[0, 1], [0, 2], [1, 2]]


def test_seriation_finds_hidden_blocks_and_chains():
    # Blocks share a factor, with either sign; their members are scattered among the components.
    rng = np.random.default_rng(0)
    block = rng.permutation(np.repeat(np.arange(5), [3, 5, 8, 4, 10]))
    signs = rng.choice([-1, 1], block.size)
    z = signs * rng.normal(size=(1000, 5))[:, block] + 0.7 * rng.normal(size=(1000, block.size))
    order = seriate(pearson(z))
    assert sorted(order) == list(range(30))
    assert np.count_nonzero(np.diff(block[order])) == 4  # each block in one piece
    # Neighbors of a random walk are the more correlated the nearer they are.
    place = rng.permutation(12)
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
    three = pd.DataFrame([[1, 0.1, 0.9], [0.1, 1, 0.2], [0.9, 0.2, 1]])
    assert list(seriate(three)) in ([0, 2, 1], [1, 2, 0])


def contour(mean, covariance, share=0.9):
    return ellipse(Moments(11, np.array(mean, float), 10 * np.array(covariance, float)), share)


@pytest.mark.parametrize("share", [0.1, 0.999])
def test_points_lie_at_the_quantile_of_chi2(share):
    points = contour([5, -3], COVARIANCE, share).points(50)
    assert points.shape == (50, 2)
    inverse = np.linalg.inv(COVARIANCE)
    d2 = [mahalanobis(point, [5, -3], inverse) ** 2 for point in points]
    np.testing.assert_allclose(d2, stats.chi2.ppf(share, 2), rtol=1e-9)
    np.testing.assert_allclose(points[0], points[-1])
    assert contour([0, 0], np.diag([1, 4]), share).angle == pytest.approx(90)


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


def test_measured_shares_of_a_bivariate_normal_are_the_nominal_ones():
    rng = np.random.default_rng(4)
    z = rng.normal(size=(20_000, 5)) @ rng.normal(size=(5, 5)) + 10
    ellipses, found = pair_ellipses(z, 3, 1, [0.5, 0.99, 0.9])
    assert found.index.name == "share"
    assert list(found.index) == [one.share for one in ellipses] == [0.5, 0.99, 0.9]
    np.testing.assert_allclose(ellipses[0].center, z[:, [3, 1]].mean(axis=0))
    np.testing.assert_array_equal(
        found["measured"], [one.holds(z[:, [3, 1]]).mean() for one in ellipses]
    )
    np.testing.assert_allclose(found["difference"], found["measured"] - found.index)
    binomial = [np.sqrt(s * (1 - s) / 20_000) for s in found.index]
    np.testing.assert_allclose(found["noise"] / binomial, [0.7208, 0.8864, 0.6410], atol=1e-4)
    assert (found["difference"].abs() < 4 * found["noise"]).all()
    assert list(pair_ellipses(z, 0, 1)[1].index) == [0.5, 0.9, 0.99]


def test_noise_of_ellipses_is_what_shares_of_fitted_normals_vary_by():
    z = np.random.default_rng(0).normal(size=(1000, 500, 2))
    tables = [pair_ellipses(cloud, 0, 1)[1] for cloud in z]
    measured = np.std([table["measured"] for table in tables], axis=0)
    np.testing.assert_allclose(tables[0]["noise"], measured, rtol=0.08)  # se of an sd: 2.2 %


NONE = [np.zeros((5, 3)), np.zeros((0, 0)), np.arange(9.0).reshape(3, 3) / 9, np.diag([1, 2.0])]
NONE += [pd.DataFrame(np.eye(2), index=[0, 1], columns=[1, 2])]
FLAT = Z[:, :3].copy()
FLAT[:, 1], FLAT[:, 2] = 0.1, 2 * FLAT[:, 0]  # they vary by rounding only


@pytest.mark.parametrize(
    ("call", "message"),
    [
        *((lambda bad=bad: seriate(bad), "expected correlations") for bad in NONE),
        *((lambda bad=bad: strongest_pairs(bad), "expected correlations") for bad in NONE[:1]),
        (lambda: pair_ellipses(Z, 0, 1, [0]), "above 0 and below 1; got 0"),
        (lambda: pair_ellipses(Z, 0, 1, [0.5, 1.0]), "above 0 and below 1; got 1"),
        (lambda: pair_ellipses(np.eye(3), 0, 0), "two different components of 0 to 2"),
        (lambda: pair_ellipses(np.eye(3), 0, 3), "two different components of 0 to 2"),
        (lambda: pair_ellipses(np.eye(3), -1, 0), "two different components of 0 to 2"),
        (lambda: pair_ellipses(FLAT, 0, 1), "Choose another pair"),
        (lambda: pair_ellipses(FLAT, 0, 2), "Choose another pair"),
        (lambda: contour([0, 0], np.ones((2, 2))), "Choose another pair"),
        (lambda: contour([0, 0], np.diag([1, 0])), "Choose another pair"),
        (lambda: contour([0, 0], np.zeros((2, 2))), "Choose another pair"),
    ],
)
def test_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_pairs_apart_take_no_component_twice():
    matrix = pearson(Z)
    found = strongest_pairs(matrix, 12, apart=True)
    taken = found[["i", "j"]].to_numpy().ravel()
    assert len(set(taken)) == len(taken) == 24
    every = strongest_pairs(matrix, 40 * 39 // 2)
    pd.testing.assert_frame_equal(found[:1], every[:1])
    for row, strength in enumerate(found["correlation"].abs()):
        left = ~every[["i", "j"]].isin(taken[: 2 * row]).any(axis=1)
        assert strength == every.loc[left, "correlation"].abs().max()


def test_a_wedge_exceeds_its_elliptical_surrogates_and_an_ellipse_does_not():
    rng = np.random.default_rng(1)
    u, v = rng.normal(size=(2, 4000))
    scale = rng.chisquare(6, 4000) ** -0.5  # heavy tails alone make no wedge
    wedge = np.column_stack([3 * u, v * np.exp(0.3 * u)])
    turn = np.array([[0.8, 0.6], [-0.6, 0.8]])
    z = np.concatenate([wedge @ turn, np.column_stack([3 * u, v]) * scale[:, None] @ turn], axis=1)
    pairs = pd.DataFrame({"i": [0, 2], "j": [1, 3], "correlation": [0.5, 0.5]})
    found = pair_wedges(z, pairs)
    assert list(found.columns[3:]) == ["narrow", "wide", "ratio", "chance"]
    # exp(0.3 * 1.4) to exp(-0.3 * 1.4): means of u in the outer fifths are ±1.4
    assert found["ratio"][0] == pytest.approx(np.exp(0.84), rel=0.1)
    assert found["ratio"][0] > 1.5 * found["chance"][0]
    assert found["ratio"][1] < found["chance"][1] < 1.3
    np.testing.assert_allclose(found["wide"] / found["narrow"], found["ratio"])


def test_ellipses_are_called_wedges_in_one_of_twenty():
    z = np.random.default_rng(4).normal(size=(300, 200, 2)) * [2, 1]
    one = pd.DataFrame({"i": [0], "j": [1]})
    found = [pair_wedges(cloud, one, draws=5, seed=k) for k, cloud in enumerate(z)]
    out = sum(float(f["ratio"].iloc[0]) > float(f["chance"].iloc[0]) for f in found)
    assert stats.binomtest(out, len(z), 0.05).pvalue > 0.01
