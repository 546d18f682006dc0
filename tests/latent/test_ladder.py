"""What holds for every sampler on the ladder, and the elliptical core."""

import inspect
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from aelatent import latent
from aelatent.latent import PrincipalAxes
from aelatent.latent.samplers import SAMPLERS, elliptical, elliptical_core, samplers_for

CERTAIN = 1e-4  # a right sampler fails a test at this level once in 10,000 seeds; they are fixed
WITHOUT_AXES = {  # these work where nothing varies
    "uniform",
    "standard normal",
    "measured ranges",
    "independent normal",
    "column shuffle",
}

every_rung = pytest.mark.parametrize("name", SAMPLERS)


@pytest.fixture(scope="module")
def z():
    """float32 z-points, off the origin: correlated, heavy-tailed together, one component skew."""
    rng = np.random.default_rng(5)
    mixing = rng.normal(size=(6, 6)) * [1, 1, 8, 1, 0.1, 1]
    heavy = np.sqrt(5 / rng.chisquare(5, size=(1500, 1)))
    z = rng.normal(size=(1500, 6)) @ mixing * heavy
    z[:, 3] += rng.exponential(3, 1500)
    return (z + rng.normal(0, 5, 6)).astype(np.float32)


# As float32; variances so small that they are none are not met. Five rows at least, so that the
# mixture has its 10 points per axis and 10 more; equal rows are its hard case.
tables = st.tuples(st.integers(5, 9), st.integers(1, 3)).flatmap(
    lambda shape: arrays(np.float32, shape, elements=st.integers(-1000, 1000))
)


@every_rung
@settings(max_examples=25)
@given(tables, st.integers(1, 90), st.integers(0, 2**32))
def test_draws_are_finite_float32_and_belong_to_their_seed(name, table, n, seed):
    cloud = np.tile(table, (8, 1))
    if name not in WITHOUT_AXES and np.ptp(table, axis=0).max() == 0:
        with pytest.raises(ValueError, match="are the same"):
            SAMPLERS[name](cloud, n, seed)
        return
    before = cloud.copy()
    drawn = SAMPLERS[name](cloud, n, seed)
    assert drawn.shape == (n, table.shape[1])
    assert drawn.dtype == np.float32
    assert np.isfinite(drawn).all()
    np.testing.assert_array_equal(drawn, SAMPLERS[name](cloud, n, seed=seed))
    np.testing.assert_array_equal(cloud, before)


@every_rung
def test_seeds_differ_and_a_file_serves_as_well(name, z, tmp_path):
    np.save(tmp_path / "z.npy", z)
    mapped = np.load(tmp_path / "z.npy", mmap_mode="r")
    drawn = SAMPLERS[name](z, 50)
    np.testing.assert_array_equal(SAMPLERS[name](mapped, 50, 0), drawn)
    assert (SAMPLERS[name](z, 50, 1) != drawn).any(axis=0).all()


@every_rung
def test_only_z_n_and_seed_are_positional(name):
    parameters = list(inspect.signature(SAMPLERS[name]).parameters.values())
    assert [p.name for p in parameters[:3]] == ["z", "n", "seed"]
    assert parameters[2].default == 0
    assert all(p.kind is p.KEYWORD_ONLY for p in parameters[3:])


def test_the_order_of_the_rungs():
    assert list(SAMPLERS) == [
        "uniform",
        "standard normal",
        "measured ranges",
        "independent normal",
        "column shuffle",
        "multivariate normal",
        "method X",
        "elliptical core",
        "Gaussian mixture",
        "elliptical",
    ]
    assert latent.SAMPLERS is SAMPLERS


def test_the_mixture_is_left_out_exactly_where_it_cannot_be_fitted():
    cloud = np.random.default_rng(4).normal(size=(40, 3))
    assert list(samplers_for(cloud)) == list(SAMPLERS)
    few = samplers_for(cloud[:39])
    assert list(few) == [name for name in SAMPLERS if name != "Gaussian mixture"]
    with pytest.raises(ValueError, match="at least 40 z-points; got 39"):
        SAMPLERS["Gaussian mixture"](cloud[:39], 3)
    assert all(draw(cloud[:39], 3).shape == (3, 3) for draw in few.values())


def test_each_module_can_be_the_first_to_be_imported():
    code = """
import importlib, sys
for module in ("ladder", "samplers", "surrogates", "method_x", "mixture", "radius", "conditions"):
    for name in [name for name in sys.modules if name.startswith("aelatent")]:
        del sys.modules[name]
    importlib.import_module(f"aelatent.latent.{module}")
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@every_rung
def test_what_knows_no_correlations_is_far_out(name):
    """A factor common to 6 components; chi² with 6 degrees has median 5.3."""
    rng = np.random.default_rng(8)
    cloud = rng.normal([9, -9] * 3, 1, (1500, 6)) + 4 * rng.normal(size=(1500, 1))
    median = np.median(PrincipalAxes.fit(cloud).d2(SAMPLERS[name](cloud, 2000)))
    assert (median > 30) if name in WITHOUT_AXES else (1 < median < 7)


@every_rung
def test_a_constant_component_is_no_obstacle(name, z):
    flat = np.column_stack([z[:, :3], np.full(len(z), 2.5)]).astype(np.float32)
    drawn = SAMPLERS[name](flat, 300, 1)
    assert np.isfinite(drawn).all()
    if name not in {"uniform", "standard normal"}:
        np.testing.assert_allclose(drawn[:, 3], 2.5, atol=1e-4)


@every_rung
@pytest.mark.parametrize("n", [0, -3, 2.0, "4", True, None])
def test_numbers_that_are_none_are_refused(name, z, n):
    with pytest.raises(ValueError, match=r"n must be a whole number.*at least 1; got"):
        SAMPLERS[name](z, n)


@every_rung
@pytest.mark.parametrize("bad", [np.zeros(5), np.zeros((0, 5)), np.array([["a"]])])
def test_what_is_no_set_of_points_is_refused(name, bad):
    with pytest.raises(ValueError, match="expected"):
        SAMPLERS[name](bad, 3)


@pytest.mark.parametrize("name", [name for name in SAMPLERS if name != "standard normal"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_named_by_their_place(name, z, value):
    bad = z.copy()
    bad[11, 2] = value
    with pytest.raises(ValueError, match=f"got {value} in row 11, column 2"):
        SAMPLERS[name](bad, 3)


@pytest.mark.parametrize("level", [0.01, 0.5, 0.9])
def test_core_has_the_inner_radii_and_no_direction(z, level):
    principal = PrincipalAxes.fit(z)
    measured = np.sort(principal.d2(z))
    inner = measured[measured <= np.quantile(measured, level)]
    assert len(inner) == pytest.approx(level * len(z), abs=1)
    drawn = elliptical_core(z, len(inner), 1, level=level)
    np.testing.assert_allclose(np.sort(principal.d2(drawn)), inner, rtol=1e-2, atol=1e-3)
    y = principal.whiten(elliptical_core(z, 5000, 2, level=level))
    y /= np.linalg.norm(y, axis=1)[:, None]
    for column in y.T:  # (y_j)² of a random direction follows Beta(1/2, (d - 1)/2)
        assert stats.kstest(column**2, "beta", (0.5, 2.5)).pvalue > CERTAIN


def test_core_keeps_the_mean_and_shrinks_the_covariance_as_stated(z):
    n, principal = 40_000, PrincipalAxes.fit(z)
    d2 = principal.d2(z)
    factor = d2[d2 <= np.median(d2)].mean() / d2.mean()
    y = principal.whiten(elliptical_core(z, n, 3))
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=4.5 * np.sqrt(factor / n))
    np.testing.assert_allclose(np.cov(y.T), factor * np.eye(6), atol=4.5 * np.sqrt(2 / n) * factor)


def test_core_of_all_points_is_the_elliptical_sampler(z):
    np.testing.assert_allclose(elliptical_core(z, 99, 4, level=1), elliptical(z, 99, 4), atol=1e-4)


@given(st.integers(2, 30), st.integers(1, 5), st.floats(0.001, 1), st.integers(0, 2**32))
def test_no_draw_leaves_the_core(n_rows, d, level, seed):
    cloud = np.random.default_rng(seed).normal(3, 2, size=(n_rows, d))
    d2 = PrincipalAxes.fit(cloud).d2
    border = np.quantile(d2(cloud), level)
    assert d2(elliptical_core(cloud, 40, seed, level=level)).max() <= border * 1.001 + 1e-3


@pytest.mark.parametrize("level", [0, -0.5, 1.01, np.nan, np.inf])
def test_levels_that_are_none_are_refused(z, level):
    with pytest.raises(ValueError, match="level must be above 0 and at most 1; got"):
        elliptical_core(z, 3, level=level)
