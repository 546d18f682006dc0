import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from aelatent import _checks
from aelatent.latent import Moments, PrincipalAxes, samplers
from aelatent.latent.core import core_border
from aelatent.latent.radius import (
    compare_radii,
    matching_sd,
    radii,
    radius_density,
    squared_radius_by_component,
    uniform_shell,
)


@pytest.fixture(scope="module")
def z():
    """float32 z-points of an off-center MVN with widths between 3 and 0.3."""
    rng = np.random.default_rng(5)
    mixing = np.linalg.qr(rng.normal(size=(20, 20)))[0] * np.geomspace(3, 0.3, 20)[:, None]
    return (rng.normal(size=(3000, 20)) @ mixing + rng.normal(0, 2, 20)).astype(np.float32)


def test_radii_are_norms_about_the_origin_and_about_a_center(z, monkeypatch, tmp_path):
    monkeypatch.setattr(_checks, "CHUNK", 64)
    np.save(tmp_path / "z.npy", z)
    mapped = np.load(tmp_path / "z.npy", mmap_mode="r")
    center = z.mean(axis=0)
    np.testing.assert_allclose(radii(mapped), np.linalg.norm(z.astype(float), axis=1), rtol=1e-12)
    about = np.linalg.norm(z.astype(float) - center, axis=1)
    np.testing.assert_allclose(radii(mapped, center), about, rtol=1e-12)
    half = z.astype(np.float16)
    np.testing.assert_array_equal(radii(np.asfortranarray(half)), radii(half.astype(float)))


@pytest.mark.parametrize("width", [0.5, 0.05])
def test_density_counts_radii_and_parts_merge(z, width):
    center = z.mean(axis=0)
    found = radius_density(z, width, center)
    np.testing.assert_array_equal(found.counts[0], np.histogram(radii(z, center), found.edges)[0])
    assert np.sum(found.density[0] * width) == pytest.approx(1)
    merged = radius_density(z[:100], width, center) + radius_density(z[100:], width, center)
    np.testing.assert_array_equal(merged.counts, found.counts)
    assert radius_density(z).width == 0.5


def test_radius_of_a_standard_normal_is_chi():
    r = radii(samplers.standard_normal(np.eye(256), 2000, seed=1))
    assert stats.kstest(r, stats.chi(256).cdf).pvalue > 1e-4


def test_seeds_figures():
    # 256 unit Gaussians peak close to 16; [-1.5, 1.5] has 13.9 and not a tenth of the width.
    found = radius_density(samplers.standard_normal(np.eye(256), 5000))
    assert found.edges[found.counts[0].argmax()] in (15.5, 16)
    law = uniform_shell(256, 1.5)
    assert law.mean() == pytest.approx(1.5 * np.sqrt(256 / 3), rel=1e-3)
    assert law.std() == pytest.approx(1.5 / np.sqrt(15))


@pytest.mark.parametrize(("d", "bound"), [(8, 0.2), (256, 1.5)])
def test_uniform_shell_is_the_law_of_uniform_vectors(d, bound):
    law = uniform_shell(d, bound)
    r = radii(np.random.default_rng(2).uniform(-bound, bound, size=(20_000, d)))
    # The mean is good to 1e-3 at d = 8, the spread to about 1/d.
    assert r.mean() == pytest.approx(law.mean(), abs=5 * r.std() / np.sqrt(len(r)) + 1e-3 * bound)
    assert r.std() == pytest.approx(law.std(), rel=0.02 + 0.3 / d)
    if d == 256:
        assert stats.kstest(r[:2000], law.cdf).pvalue > 1e-4


@pytest.mark.parametrize("scale", [0.02, 1, 13])
def test_matched_sd_gives_the_mean_radius(z, scale):
    assert matching_sd(scale * samplers.standard_normal(np.eye(64), 5000)) == pytest.approx(
        scale, rel=0.01
    )
    drawn = matching_sd(scale * z) * samplers.standard_normal(z, 4000, seed=3)
    assert radii(drawn).mean() == pytest.approx(radii(scale * z).mean(), rel=0.02)


def test_squares_add_up_to_the_mean_squared_radius(z):
    found = squared_radius_by_component(z)
    mean_square = np.mean(radii(z) ** 2)
    assert found[["center_squared", "variance"]].sum(axis=None) == pytest.approx(
        mean_square, rel=1e-12
    )
    assert found["share"].sum() == pytest.approx(1, rel=1e-12)
    assert found["share"].is_monotonic_decreasing
    np.testing.assert_allclose(found["variance"].sort_index(), z.var(axis=0, dtype=float))
    np.testing.assert_allclose(
        found["center_squared"].sort_index(), z.mean(axis=0, dtype=float) ** 2
    )
    merged = squared_radius_by_component(Moments.of(z[:70]) + Moments.of(z[70:]))
    np.testing.assert_allclose(merged.loc[found.index], found, rtol=1e-9)


tables = st.integers(1, 5).flatmap(
    lambda d: arrays(
        np.float32,
        st.tuples(st.integers(1, 30), st.just(d)),
        elements=st.integers(-1000, 1000).map(lambda k: k / 8),
    )
)


@settings(max_examples=50)
@given(tables)
def test_sum_is_exact_whatever_the_cloud(table):
    found = squared_radius_by_component(table)  # any warning is an error here
    mean_square = np.mean(np.sum(table.astype(float) ** 2, axis=1))
    total = found["center_squared"].sum() + found["variance"].sum()
    assert total == pytest.approx(mean_square, rel=1e-12)
    assert sorted(found.index) == list(range(table.shape[1]))
    assert found["share"].isna().all() == (mean_square == 0)


@settings(max_examples=50)
@given(tables, st.integers(0, 4))
def test_radii_obey_the_triangle(table, column):
    center = np.zeros(table.shape[1])
    center[column % table.shape[1]] = 3
    assert (np.abs(radii(table) - radii(table, center)) <= 3 + 1e-9).all()


def test_seeds_table_explains_its_radius():
    # The seed's 12 axes give 118 of 294 with the others at 0.85.
    centers, widths = np.zeros(256), np.full(256, 0.85)
    centers[:12] = [5, 1, 0, -0.5, 0, 0, 1, -2, 0.7, 0.75, 0.5, -1]
    widths[:12] = np.array([8, 3, 5.5, 5, 4, 4, 3, 9, 5, 2.75, 11, 8]) / 2.3548
    found = squared_radius_by_component(Moments(1000, centers, 1000 * np.diag(widths**2)))
    parts = found["center_squared"] + found["variance"]
    assert parts[range(12)].sum() == pytest.approx(118, abs=1)
    assert parts.sum() == pytest.approx(294, abs=2)
    assert set(found.index[:12]) == set(range(12))
    assert found.index[0] == 0


def test_core_holds_its_level_of_new_points(z):
    core = core_border(z, seed=1)
    assert len(core.d2) == 1500
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
    # Few rows: d (m² - 1) / (m (m - d)) F(d, m - d) is far above chi², and above the fitted half.
    d, m = 20, 60
    law = stats.f(d, m - d, scale=d * (m**2 - 1) / (m * (m - d)))
    borders, own = [], []
    for seed in range(40):
        z = np.random.default_rng(seed).normal(size=(2 * m, d))
        core = core_border(z, seed)
        assert core.axes.n == m
        borders.append(core.border)
        own.append(np.quantile(PrincipalAxes.fit(z).d2(z), 0.95))
    assert np.mean(borders) == pytest.approx(law.ppf(0.95), rel=0.08)
    assert np.mean(own) < stats.chi2(d).ppf(0.95) < 0.7 * law.ppf(0.95)


def test_core_of_an_odd_number_and_of_a_constant_component(z):
    flat = z[:201].copy()
    flat[:, 3] = 0.5
    core = core_border(flat)
    assert (core.axes.n, len(core.d2)) == (101, 100)
    assert core.axes.rank == 19
    assert core.holds(flat).mean() > 0.9


def test_right_radius_is_not_the_right_region(z):
    found = compare_radii(z, 4000, seed=3)
    assert list(found.index) == [
        "z-points",
        "standard normal",
        "matched normal",
        "matched uniform",
        "multivariate normal",
    ]
    for name in ("matched normal", "matched uniform", "multivariate normal"):
        assert found.loc[name, "mean"] == pytest.approx(found.loc["z-points", "mean"], rel=0.02)
    assert found.loc["multivariate normal", "sd"] == pytest.approx(
        found.loc["z-points", "sd"], rel=0.1
    )
    assert found["in_core"][["matched normal", "matched uniform"]].max() < 0.01
    assert found["in_core"][["z-points", "multivariate normal"]].to_list() == pytest.approx(
        [0.95, 0.95], abs=0.02
    )
    laws = found.loc[["standard normal", "matched normal", "matched uniform"]]
    np.testing.assert_allclose(laws["law_mean"], laws["mean"], rtol=0.02)
    np.testing.assert_allclose(laws["law_sd"], laws["sd"], rtol=0.08)
    assert found["law_mean"][["z-points", "multivariate normal"]].isna().all()
    core = core_border(z, 3)
    uniform = samplers.uniform(z, 4000, 3)
    assert found.loc["matched uniform", "in_core"] == core.holds(uniform).mean()
    assert found.loc["matched uniform", "median_d2"] == np.median(core.axes.d2(uniform))
    assert found.loc["z-points", "median_d2"] == np.median(core.d2)


def test_normal_cloud_and_its_normal_vectors_share_the_core_also_where_points_are_few():
    # Drawn from the moments of all rows, which know the fitted half, 99 % would lie in the core.
    shares = []
    for seed in range(5):
        few = np.random.default_rng(seed).normal(3, 2, size=(800, 60))
        shares.append(compare_radii(few, 2000, seed).loc["multivariate normal", "in_core"])
    assert np.mean(shares) == pytest.approx(0.94, abs=0.02)


def test_every_draw_belongs_to_the_seed(z):
    first, again, other = (compare_radii(z, 500, seed) for seed in (4, 4, 5))
    pd.testing.assert_frame_equal(first, again)
    assert (first["mean"].iloc[1:] != other["mean"].iloc[1:]).all()
    half = core_border(z, 4).rows
    drawn = samplers.multivariate_normal(z[half], 500, 4)
    assert first.loc["multivariate normal", "mean"] == pytest.approx(radii(drawn).mean())


def test_standard_normal_vectors_are_at_home_in_a_standard_normal_cloud():
    cloud = samplers.standard_normal(np.eye(10), 4000, seed=9)
    found = compare_radii(cloud, 4000)
    assert found.loc["standard normal", "in_core"] == pytest.approx(0.95, abs=0.02)
    assert found.loc["matched normal", "in_core"] == pytest.approx(0.95, abs=0.02)


ARRAYS = [
    (np.zeros(5), r"shape \(n, d\).*got shape \(5,\)"),
    (np.zeros((0, 5)), r"got shape \(0, 5\)"),
    (np.array([["a", "b"]] * 5), "got an array of <U1"),
    (np.array([[1.0, 2], [3, np.nan]] * 5), r"got nan in row \d"),
    (np.array([[1.0, np.inf], [3, 4]] * 5), r"got inf in row \d"),
]


@pytest.mark.parametrize(("bad", "message"), ARRAYS)
@pytest.mark.parametrize(
    "function",
    [radii, radius_density, matching_sd, squared_radius_by_component, core_border, compare_radii],
)
def test_bad_arrays_are_refused(function, bad, message):
    with pytest.raises(ValueError, match=message):
        function(bad)


@pytest.mark.parametrize("center", [np.zeros(2), 0.0, [0, 0, np.nan], np.zeros((1, 3))])
def test_bad_centers_are_refused(center):
    with pytest.raises(ValueError, match="center must hold 3 finite numbers"):
        radii(np.eye(3), center)


@pytest.mark.parametrize(("d", "bound"), [(0, 1), (256, 0), (256, -1), (256, np.nan), (1, np.inf)])
def test_bad_shells_are_refused(d, bound):
    with pytest.raises(ValueError, match="must be finite numbers above 0; got"):
        uniform_shell(d, bound)


def test_core_refuses(z):
    with pytest.raises(ValueError, match=r"more than 40 z-points.*got 40"):
        core_border(z[:40])
    assert core_border(z[:41]).axes.rank == 20
    with pytest.raises(ValueError, match="are the same"):
        core_border(np.full((50, 3), 2.5))
    for level in (0, 1, 95, np.nan):
        with pytest.raises(ValueError, match="level must lie between 0 and 1; got"):
            core_border(z, level=level)
    with pytest.raises(ValueError, match="n must be a whole number"):
        compare_radii(z, 0)
    with pytest.raises(ValueError, match="width must be a number above 0"):
        radius_density(z, 0)
