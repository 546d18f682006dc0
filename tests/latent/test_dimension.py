import numpy as np
import pytest
from scipy import stats
from scipy.optimize import minimize_scalar
from scipy.spatial import cKDTree
from scipy.special import betaln

from aelatent.latent import SAMPLERS, neighbors
from aelatent.latent.dimension import dimension_scan

ESTIMATORS = [("GRIDE", 2), ("GRIDE", 8), ("Levina-Bickel", 10)]
each = pytest.mark.parametrize(("method", "scale"), ESTIMATORS)


def estimated(z, method="GRIDE", scale=2, **options):
    """Return the row of one method and scale: n, dimension, error, near_duplicates."""
    table = dimension_scan(z, {}, scales=[scale], **options)
    return table.set_index("method").loc[method]


def rotation(d, seed=0):
    return stats.ortho_group(d, seed=seed).rvs()


def lifted(t, d=256, seed=0):
    """Lay coordinates (n, k) without stretching into d components, off center."""
    return t @ rotation(d, seed)[: t.shape[1]] + np.linspace(-5, 5, d)


def distances(z, k):
    return cKDTree(z).query(z, k + 1)[0][:, 1:]


@each
@pytest.mark.parametrize("d", [1, 2, 5])
def test_cube_and_ball_have_their_dimension(method, scale, d):
    # Points near the border have neighbors on one side only: 5 dimensions read some 5 % less.
    rng = np.random.default_rng(d)
    cube = rng.uniform(size=(6000, d))
    ball = rng.normal(size=(6000, d))
    ball *= (rng.uniform(size=6000) ** (1 / d) / np.linalg.norm(ball, axis=1))[:, None]
    for cloud in (cube, ball):
        found = estimated(lifted(cloud, 16), method, scale, near=0)
        assert found["dimension"] == pytest.approx(d, rel=0.05 if d < 5 else 0.12)


@each
def test_a_curve_in_256_components_has_one_dimension(method, scale):
    t = np.random.default_rng(0).uniform(0, 2 * np.pi, 5000)
    rings = np.column_stack([np.cos(t), np.sin(t), np.cos(2 * t), np.sin(2 * t)])
    found = estimated(lifted(rings).astype(np.float32), method, scale, near=0)
    assert found["dimension"] == pytest.approx(1, rel=0.06)
    assert (found["n"], found["near_duplicates"]) == (5000, 0)


@each
def test_a_gaussian_of_256_dimensions_reads_too_low(method, scale):
    z = np.random.default_rng(0).normal(size=(5000, 256)).astype(np.float32)
    assert 60 < estimated(z, method, scale, landmarks=1000)["dimension"] < 100


def test_two_neighbors_and_levina_bickel_agree_with_their_formulas():
    z = np.random.default_rng(3).normal(size=(400, 3))
    r = distances(z, 10)
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
    r = distances(z, 2 * k)
    x = r[:, 2 * k - 1] / r[:, k - 1]

    def loss(d):
        log_density = np.log(d) + (k - 1) * np.log(x**d - 1) - ((2 * k - 1) * d + 1) * np.log(x)
        return -np.sum(log_density - betaln(k, k))

    found = estimated(z, scale=2 * k, near=0)
    best = minimize_scalar(loss, bounds=(1, 10), method="bounded", options={"xatol": 1e-9})
    assert found["dimension"] == pytest.approx(best.x, rel=1e-6)
    curvature = (loss(best.x + 1e-3) - 2 * loss(best.x) + loss(best.x - 1e-3)) / 1e-6
    assert found["error"] == pytest.approx(curvature**-0.5, rel=1e-3)


@pytest.mark.parametrize("k", [2, 8])
def test_errors_are_those_of_repeated_draws(k):
    # On a ring no point is near a border, and few landmarks share neighbors.
    found = []
    for seed in range(40):
        t = np.random.default_rng(seed).uniform(0, 2 * np.pi, 1000)
        found.append(
            estimated(np.column_stack([np.cos(t), np.sin(t)]), scale=2 * k, landmarks=40, near=0)
        )
    values, errors = (np.array([f[name] for f in found]) for name in ("dimension", "error"))
    assert abs(values.mean() - 1) < 4 * values.std() / np.sqrt(40)
    assert values.std() == pytest.approx(errors.mean(), rel=0.35)


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


def test_the_seed_chooses_the_landmarks_and_files_and_parts_do(tmp_path, monkeypatch):
    z = np.random.default_rng(5).normal(size=(900, 6)).astype(np.float32)
    np.save(tmp_path / "z.npy", z)
    mapped = np.load(tmp_path / "z.npy", mmap_mode="r")
    first = estimated(z, landmarks=100)
    assert estimated(mapped, landmarks=100).equals(first)
    assert not estimated(z, landmarks=100, seed=1).equals(first)
    monkeypatch.setattr(neighbors, "_ROWS", 7)
    assert estimated(z, landmarks=100).equals(first)


def test_scan_sets_every_surrogate_beside_the_points():
    rng = np.random.default_rng(6)
    z = lifted(rng.normal(size=(1500, 3)), 10)
    surrogates = {name: SAMPLERS[name] for name in ("multivariate normal", "column shuffle")}
    table = dimension_scan(z, surrogates, scales=(2, 8, 32), landmarks=400, seed=3)
    assert list(table.columns) == [
        "cloud", "method", "scale", "n", "dimension", "error", "ratio", "near_duplicates",
    ]  # fmt: skip
    assert table["cloud"].unique().tolist() == ["z-points", *surrogates]
    assert len(table) == 3 * 2 * 3
    assert (table["n"] == 1500).all()
    figures = table.set_index(["cloud", "method", "scale"])
    for method in ("GRIDE", "Levina-Bickel"):
        for scale in (2, 8, 32):
            alone = estimated(z, method, scale, landmarks=400, seed=3)
            row = figures.loc[("z-points", method, scale)]
            assert row["dimension"] == pytest.approx(alone["dimension"])
            assert row["error"] == pytest.approx(alone["error"])
            assert row["ratio"] == 1
            shuffled = figures.loc[("column shuffle", method, scale)]
            assert shuffled["ratio"] == row["dimension"] / shuffled["dimension"]
            assert shuffled["ratio"] < 0.8  # 3 dimensions against 10
    same = figures["ratio"]["multivariate normal"]
    np.testing.assert_allclose(same, 1, atol=0.25)  # a Gaussian against itself


CLOUD = np.random.default_rng(5).normal(size=(300, 4))


@each
def test_what_has_no_dimension_is_refused(method, scale):
    for bad, message in (
        (CLOUD[:2], "more than .* z-points.*got 2"),
        (np.ones((300, 4)), "no copies of it; 300 of 300 points have fewer"),
        (np.eye(300), "the points form a lattice"),
    ):
        with pytest.raises(ValueError, match=message):
            estimated(bad, method, scale)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"landmarks": 1}, "landmarks must be a whole number, at least 2; got 1"),
        ({"landmarks": 2.5}, r"landmarks must be .*; got 2\.5"),
        ({"near": 1}, "near must be a share, 0 or more and below 1; got 1"),
        ({"near": -0.1}, "near must be"),
        ({"near": np.nan}, "near must be"),
        ({"scales": ()}, "even numbers of neighbors, at least one; got"),
        ({"scales": (2, 5)}, r"even numbers of neighbors.*got \[2, 5\]"),
        ({"scales": (0,)}, "at least 2; got 0"),
        ({"scales": (2.0,)}, "scale must be a whole number"),
        ({"scales": (300,)}, "more than 300 z-points"),
        ({"surrogates": {"z-points": SAMPLERS["column shuffle"]}}, "may be named 'z-points'"),
    ],
)
def test_bad_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        dimension_scan(CLOUD, **{"surrogates": {}} | options)
    assert dimension_scan(CLOUD, {}, scales=(298,), landmarks=2, near=0)["dimension"].min() > 0
