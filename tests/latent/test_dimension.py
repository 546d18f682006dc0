import numpy as np
import pytest
from scipy import stats
from scipy.optimize import minimize_scalar
from scipy.spatial import cKDTree
from scipy.special import betaln

from aelatent.latent import SAMPLERS
from aelatent.latent.dimension import dimension_scan

ESTIMATORS = [("GRIDE", 2), ("GRIDE", 8), ("Levina-Bickel", 10)]
each = pytest.mark.parametrize(("method", "scale"), ESTIMATORS)


def estimated(z, method="GRIDE", scale=2, **options):
    """Return the row of one method and scale: n, dimension, error, near_duplicates."""
    table = dimension_scan(z, {}, scales=[scale], **options)
    return table.set_index("method").loc[method]


@each
@pytest.mark.parametrize("d", [1, 2, 5])
def test_a_cube_among_16_components_has_its_dimension(method, scale, d):
    # Points near the border have neighbors on one side only: 5 dimensions read some 5 % less.
    cube = np.random.default_rng(d).uniform(size=(6000, d))
    turned = cube @ stats.ortho_group(16, seed=0).rvs()[:d] + np.linspace(-5, 5, 16)
    found = estimated(turned, method, scale, near=0)
    assert found["dimension"] == pytest.approx(d, rel=0.05 if d < 5 else 0.12)
    assert (found["n"], found["near_duplicates"]) == (6000, 0)


def test_two_neighbors_and_levina_bickel_agree_with_their_formulas():
    z = np.random.default_rng(3).normal(size=(400, 3))
    r = cKDTree(z).query(z, 11)[0][:, 1:]
    logs = np.log(r[:, 1] / r[:, 0])
    found = estimated(z, near=0)
    assert found["dimension"] == pytest.approx(399 / logs.sum())
    assert found["error"] == pytest.approx(found["dimension"] / 20)
    assert estimated(z, "Levina-Bickel", near=0)["dimension"] == pytest.approx(399 / logs.sum())
    # mean of the inverse of Levina's and Bickel's own estimates
    inverse = np.log(r[:, 9:] / r[:, :9]).mean(axis=1)
    found = estimated(z, "Levina-Bickel", 10, near=0)
    assert found["dimension"] == pytest.approx((400 * 9 - 1) / (400 * 9) / inverse.mean())
    left_out = (inverse.sum() - inverse) / 399
    jackknife = np.sqrt(399 / 400 * np.sum((1 / left_out - np.mean(1 / left_out)) ** 2))
    assert found["error"] == pytest.approx(jackknife, rel=0.01)


@pytest.mark.parametrize("k", [2, 8])
def test_gride_finds_the_greatest_likelihood_and_its_curvature(k):
    z = np.random.default_rng(4).normal(size=(500, 4))
    r = cKDTree(z).query(z, 2 * k + 1)[0][:, 1:]
    x = r[:, 2 * k - 1] / r[:, k - 1]

    def loss(d):
        log_density = np.log(d) + (k - 1) * np.log(x**d - 1) - ((2 * k - 1) * d + 1) * np.log(x)
        return -np.sum(log_density - betaln(k, k))

    found = estimated(z, scale=2 * k, near=0)
    best = minimize_scalar(loss, bounds=(1, 10), method="bounded", options={"xatol": 1e-9})
    assert found["dimension"] == pytest.approx(best.x, rel=1e-6)
    curvature = (loss(best.x + 1e-3) - 2 * loss(best.x) + loss(best.x - 1e-3)) / 1e-6
    assert found["error"] == pytest.approx(curvature**-0.5, rel=1e-3)


@each
def test_near_duplicates_count_for_nothing(method, scale):
    rng = np.random.default_rng(1)
    z = rng.normal(size=(2000, 8))
    twins = z[:60] + 1e-4 * rng.normal(size=(60, 8))
    copies = np.repeat(z[100:103], 40, axis=0)  # more of a point than a first search allows for
    dirty = np.vstack([z, twins, copies])
    clean, found, twinned = (
        estimated(cloud, method, scale, landmarks=9999) for cloud in (z, dirty, dirty[:2060])
    )
    assert clean["near_duplicates"] == 0
    assert twinned["near_duplicates"] == pytest.approx(120 / 2060)
    assert found["near_duplicates"] == pytest.approx((120 + 3 * 41) / 2180)
    # not the very same: to third points both twins count
    assert twinned["dimension"] == pytest.approx(clean["dimension"], rel=0.05)
    assert found["dimension"] == pytest.approx(clean["dimension"], rel=0.08)
    if scale == 2:  # which would else be drawn down: each twin has a ratio of thousands
        low = estimated(dirty[:2060], method, scale, landmarks=9999, near=0)
        assert low["dimension"] < 0.8 * clean["dimension"]


def test_near_duplicates_are_told_from_neighbors_far_from_the_origin():
    # float32 keeps the twins apart by 2 units in its last place; squares would not.
    z = np.random.default_rng(2).normal(100, 1, size=(500, 3)).astype(np.float32)
    found = estimated(np.vstack([z, z[:50] + np.float32(2e-5)]))
    assert found["near_duplicates"] >= 100 / 550
    assert found["dimension"] == pytest.approx(estimated(z)["dimension"], rel=0.1)


def test_scan_sets_every_surrogate_beside_the_points():
    rng = np.random.default_rng(6)
    z = rng.normal(size=(1500, 3)) @ rng.normal(size=(3, 10))
    surrogates = {name: SAMPLERS[name] for name in ("multivariate normal", "column shuffle")}
    table = dimension_scan(z, surrogates, scales=(2, 8), landmarks=400, seed=3)
    assert list(table.columns) == [
        "cloud", "method", "scale", "n", "dimension", "error", "ratio", "near_duplicates",
    ]  # fmt: skip
    assert table["cloud"].unique().tolist() == ["z-points", *surrogates]
    assert len(table) == 3 * 2 * 2
    assert (table["n"] == 1500).all()
    figures = table.set_index(["cloud", "method", "scale"])
    for method in ("GRIDE", "Levina-Bickel"):
        for scale in (2, 8):
            alone = estimated(z, method, scale, landmarks=400, seed=3)
            row = figures.loc[("z-points", method, scale)]
            assert row.to_dict() == pytest.approx(alone.drop(["cloud", "scale"]).to_dict())
            shuffled = figures.loc[("column shuffle", method, scale)]
            assert shuffled["ratio"] == row["dimension"] / shuffled["dimension"]
            assert shuffled["ratio"] < 0.8  # 3 dimensions against 10
    same = figures["ratio"]["multivariate normal"]
    np.testing.assert_allclose(same, 1, atol=0.25)  # a Gaussian against itself


CLOUD = np.random.default_rng(5).normal(size=(300, 4))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"z": CLOUD[:2], "scales": (2,)}, "at least .* z-points; got 2"),
        ({"z": np.ones((300, 4))}, "no copies of it; 300 of 300 points have fewer"),
        ({"z": np.eye(300)}, "the points form a lattice"),
        ({"landmarks": 1}, "landmarks must be"),
        ({"near": 1}, "near must be"),
        ({"near": -0.1}, "near must be"),
        ({"scales": ()}, "even numbers of neighbors, .*; got"),
        ({"scales": (2, 5)}, r"even numbers of neighbors.*got \[2, 5\]"),
        ({"scales": (0,)}, "at least 2; got 0"),
        ({"scales": (300,)}, "at least 301 z-points; got 300"),
        ({"surrogates": {"z-points": SAMPLERS["column shuffle"]}}, "may be named 'z-points'"),
    ],
)
def test_refuses(options, message):
    with pytest.raises(ValueError, match=message):
        dimension_scan(**{"z": CLOUD, "surrogates": {}} | options)
    assert dimension_scan(CLOUD, {}, scales=(298,), landmarks=2, near=0)["dimension"].min() > 0
