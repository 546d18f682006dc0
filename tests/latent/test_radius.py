import numpy as np
import pandas as pd
import pytest
from scipy import stats

from aelatent import _checks
from aelatent.latent import Moments, samplers
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


def test_the_radius_of_256_unit_gaussians_is_chi_and_peaks_close_to_16():
    drawn = samplers.standard_normal(np.eye(256), 5000, seed=1)
    assert stats.kstest(radii(drawn[:2000]), stats.chi(256).cdf).pvalue > 1e-4
    found = radius_density(drawn)
    assert found.edges[found.counts[0].argmax()] in (15.5, 16)


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
    drawn = samplers.multivariate_normal(z[core.rows], 4000, 3)
    assert found.loc["multivariate normal", "mean"] == radii(drawn).mean()
    pd.testing.assert_frame_equal(compare_radii(z, 4000, seed=3), found)
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


def test_standard_normal_vectors_are_at_home_in_a_standard_normal_cloud():
    cloud = samplers.standard_normal(np.eye(10), 4000, seed=9)
    found = compare_radii(cloud, 4000)
    assert found.loc["standard normal", "in_core"] == pytest.approx(0.95, abs=0.02)
    assert found.loc["matched normal", "in_core"] == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize("center", [np.zeros(2), 0.0, [0, 0, np.nan], np.zeros((1, 3))])
def test_bad_centers_are_refused(center):
    with pytest.raises(ValueError, match="center must be a row of 3 finite real numbers"):
        radii(np.eye(3), center)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: uniform_shell(0, 1), "d must be a whole number, at least 1; got 0"),
        (lambda: uniform_shell(256, 0), "bound must be a finite number above 0; got 0"),
        (lambda: uniform_shell(1, np.inf), "bound must be a finite number above 0; got inf"),
        (
            lambda: compare_radii(np.arange(120.0).reshape(40, 3), 0),
            "n must be a whole number.*; got 0",
        ),
        (lambda: compare_radii(np.eye(40, 3), level=1), "level must be a share.*; got 1"),
        (lambda: radius_density(np.eye(3), 0), "width must be a .*number above 0"),
        (lambda: radii(np.zeros(5)), r"shape \(n, d\).*got shape \(5,\)"),
        (lambda: radii([[1.0, 2], [3, np.nan]]), "got nan in row 1, column 1"),
    ],
)
def test_what_cannot_be_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
