import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from aelatent import _checks
from aelatent.latent import Moments, correlations
from aelatent.latent.correlations import (
    pearson,
    seriate,
    spearman,
    strongest_pairs,
)


@pytest.fixture(scope="module")
def z():
    """float32 z-points with correlated components, ties in the last one."""
    rng = np.random.default_rng(3)
    z = rng.normal(size=(500, 40)) @ rng.normal(size=(40, 40)) + rng.normal(0, 30, 40)
    z[:, 39] = np.round(z[:, 39])
    return z.astype(np.float32)


def test_pearson_agrees_with_numpy(z):
    found = pearson(z)
    np.testing.assert_allclose(found, np.corrcoef(z.T.astype(float)), atol=1e-9)
    assert (np.diag(found) == 1).all()
    np.testing.assert_array_equal(found, found.T)
    assert list(found.index) == list(found.columns) == list(range(40))
    assert found.index.name == found.columns.name == "component"


def test_spearman_agrees_with_scipy(z):
    np.testing.assert_allclose(spearman(z), stats.spearmanr(z).statistic, atol=1e-9)


def test_pearson_of_merged_parts_and_of_a_file(z, monkeypatch, tmp_path):
    whole, ranked = pearson(z), spearman(z)
    monkeypatch.setattr(_checks, "CHUNK", 64)
    monkeypatch.setattr(correlations, "COLUMNS", 7)  # 40 components: five blocks and a rest
    np.save(tmp_path / "z.npy", z)
    mapped = np.load(tmp_path / "z.npy", mmap_mode="r")
    np.testing.assert_allclose(pearson(mapped), whole, atol=1e-12)
    np.testing.assert_allclose(pearson(Moments.of(z[:130]) + Moments.of(z[130:])), whole, atol=1e-9)
    np.testing.assert_allclose(spearman(mapped), ranked, atol=1e-12)


def test_order_in_memory_and_precision_do_not_matter(z):
    half = z.astype(np.float16)
    for function in (pearson, spearman):
        np.testing.assert_array_equal(function(np.asfortranarray(z)), function(z))
        np.testing.assert_allclose(function(half), function(half.astype(float)), atol=1e-12)


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


def test_strongest_pairs_are_sorted_by_magnitude(z):
    matrix = pearson(z)
    found = strongest_pairs(matrix, 15)
    assert (found["i"] < found["j"]).all()
    values = [matrix.loc[i, j] for i, j in zip(found["i"], found["j"], strict=True)]
    np.testing.assert_array_equal(found["correlation"], values)
    upper = np.sort(np.abs(matrix.to_numpy()[np.triu_indices(40, 1)]))[::-1]
    np.testing.assert_array_equal(found["correlation"].abs(), upper[:15])
    assert list(found.index) == list(range(15))


def test_strongest_pairs_leave_out_constants_and_keep_labels(z):
    flat = z[:, :4].copy()
    flat[:, 1] = 7
    named = pearson(flat).set_axis([*"abcd"], axis=0).set_axis([*"abcd"], axis=1)
    found = strongest_pairs(named, 100)
    assert set(found["i"] + found["j"]) == {"ac", "ad", "cd"}
    assert len(strongest_pairs(pearson(z[:, :1]))) == 0


def test_equal_pairs_stay_in_order():
    matrix = pd.DataFrame(np.full((4, 4), 0.5) + 0.5 * np.eye(4))
    found = strongest_pairs(matrix)
    assert list(zip(found["i"], found["j"], strict=True)) == [
        (0, 1),
        (0, 2),
        (0, 3),
        (1, 2),
        (1, 3),
        (2, 3),
    ]


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
    rng = np.random.default_rng(0)
    place = rng.permutation(12)
    distance = np.abs(place[:, None] - place)
    order = seriate(pd.DataFrame(0.9**distance))
    assert np.abs(np.diff(place[order])).max() <= 2  # the tree leaves little room


def test_components_without_correlations_come_last(z):
    flat = z[:, :8].copy()
    flat[:, [2, 5]] = 1.5
    order = seriate(pearson(flat))
    assert list(order[-2:]) == [2, 5]
    assert sorted(order) == list(range(8))
    assert list(seriate(pearson(flat[:, [2, 0, 1]]))) == [1, 2, 0]
    assert list(seriate(pearson(flat[:, [2, 5]]))) == [0, 1]
    assert list(seriate(pearson(z[:, :1]))) == [0]


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


@pytest.mark.parametrize("count", [0, -1, 2.5, None, True])
def test_bad_counts_are_refused(count):
    with pytest.raises(ValueError, match="count must be a whole number"):
        strongest_pairs(pd.DataFrame(np.eye(3)), count)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (np.zeros(5), r"shape \(n, d\).*got shape \(5,\)"),
        (np.zeros((0, 5)), r"got shape \(0, 5\)"),
        (np.array([["a", "b"]] * 2), "got an array of <U1"),
        (np.array([[1.0, 2], [3, np.nan]]), "got nan in row 1, column 1"),
        (np.array([[1.0, np.inf], [3, 4]]), "got inf in row 0, column 1"),
        (np.ones((1, 3)), "at least 2 z-points; got 1"),
    ],
)
def test_bad_arrays_are_refused(bad, message):
    for function in (pearson, spearman):
        with pytest.raises(ValueError, match=message):
            function(bad)
