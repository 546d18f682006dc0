import numpy as np
import pytest
from scipy import stats

from aelatent.latent import Moments, samplers
from aelatent.latent.core import core_border
from aelatent.latent.radius import (
    compare_radii,
    from_prior,
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


def test_the_way_from_the_prior_is_known_for_normal_laws():
    rng, sd, mean = np.random.default_rng(0), np.array([0.5, 1, 2, 1]), np.array([3, 0, 0, 0])
    x = rng.normal(size=(200_000, 4))
    found = from_prior(x * sd + mean)
    nats = 0.5 * (np.sum(sd**2) + 9 - 4 - 2 * np.log(sd).sum())
    np.testing.assert_allclose(found, [3, 0.25, 4, nats], rtol=0.02)
    few = [from_prior(x[k : k + 100])["nats"] for k in range(0, 100_000, 100)]
    np.testing.assert_allclose(np.mean(few), 4 * 7 / 400, rtol=0.1)
    assert from_prior(x[:50] * [1, 1, 0, 1])["nats"] == np.inf


def test_radii_are_norms_about_the_origin_and_about_a_center(z):
    center = z.mean(axis=0)
    np.testing.assert_allclose(radii(z), np.linalg.norm(z.astype(float), axis=1), rtol=1e-12)
    about = np.linalg.norm(z.astype(float) - center, axis=1)
    np.testing.assert_allclose(radii(z, center), about, rtol=1e-12)


def test_density_counts_radii_and_parts_merge(z):
    center = z.mean(axis=0)
    found = radius_density(z, 0.05, center)
    np.testing.assert_array_equal(found.counts[0], np.histogram(radii(z, center), found.edges)[0])
    merged = radius_density(z[:100], 0.05, center) + radius_density(z[100:], 0.05, center)
    np.testing.assert_array_equal(merged.counts, found.counts)
    assert radius_density(z).width == 0.5


@pytest.mark.parametrize(("d", "bound"), [(8, 0.2), (256, 1.5)])
def test_uniform_shell_is_the_law_of_uniform_vectors(d, bound):
    law = uniform_shell(d, bound)
    r = radii(np.random.default_rng(2).uniform(-bound, bound, size=(20_000, d)))
    # The mean is good to 1e-3 at d = 8, the spread to about 1/d.
    assert r.mean() == pytest.approx(law.mean(), abs=5 * r.std() / np.sqrt(len(r)) + 1e-3 * bound)
    assert r.std() == pytest.approx(law.std(), rel=0.02 + 0.3 / d)
    assert d == 8 or stats.kstest(r[:2000], law.cdf).pvalue > 1e-4


def test_matched_sd_gives_the_mean_radius(z):
    assert matching_sd(13 * z) * stats.chi(20).mean() == pytest.approx(13 * radii(z).mean())


def test_squares_add_up_to_the_mean_squared_radius(z):
    found = squared_radius_by_component(z)
    parts = found["center_squared"] + found["variance"]
    assert parts.sum() == pytest.approx(np.mean(radii(z) ** 2), rel=1e-12)
    np.testing.assert_allclose(found["share"], parts / parts.sum(), rtol=1e-12)
    assert found["share"].is_monotonic_decreasing
    by_component = found.sort_index()
    np.testing.assert_allclose(by_component["variance"], z.var(axis=0, dtype=float))
    np.testing.assert_allclose(by_component["center_squared"], z.mean(axis=0, dtype=float) ** 2)
    merged = squared_radius_by_component(Moments.of(z[:70]) + Moments.of(z[70:]))
    np.testing.assert_allclose(merged.loc[found.index], found, rtol=1e-9)


def test_right_radius_is_not_the_right_region(z):
    found = compare_radii(z, 4000, seed=3)
    names = ["standard normal", "matched normal", "matched uniform", "multivariate normal"]
    assert list(found.index) == ["z-points", *names]
    np.testing.assert_allclose(found["mean"][names[1:]], radii(z).mean(), rtol=0.02)
    assert found.loc["z-points", ["mean", "sd"]].to_list() == [radii(z).mean(), radii(z).std()]
    outside = found["in_core"][["matched normal", "matched uniform"]]
    assert outside.max() < 0.01
    assert found["in_core"][["z-points", names[3]]].to_list() == pytest.approx([0.95] * 2, abs=0.02)
    laws = found.loc[names[:3]]
    np.testing.assert_allclose(laws["law_mean"], laws["mean"], rtol=0.02)
    np.testing.assert_allclose(laws["law_sd"], laws["sd"], rtol=0.08)
    assert found["law_mean"][["z-points", names[3]]].isna().all()
    core = core_border(z, 3)
    drawn = samplers.multivariate_normal(z[core.rows], 4000, 3)
    assert found.loc[names[3], "mean"] == radii(drawn).mean()
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


@pytest.mark.parametrize(
    ("call", "match"),
    [
        *(
            (lambda bad=bad: radii(np.eye(3), bad), "center must be a row of 3 .*Moments.of")
            for bad in (np.zeros(2), 0.0, np.zeros((1, 3)))
        ),
    ],
)
def test_what_cannot_be_is_refused(call, match):
    with pytest.raises(ValueError, match=match):
        call()
