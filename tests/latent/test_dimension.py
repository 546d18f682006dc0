import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import minimize_scalar
from scipy.spatial import cKDTree
from scipy.special import betaln

from aelatent.latent import SAMPLERS, neighbors
from aelatent.latent.dimension import dimension_scan, gride, levina_bickel, two_nn

ESTIMATORS = {
    "two_nn": two_nn,
    "gride": lambda z, **options: gride(z, 4, **options),
    "levina_bickel": levina_bickel,
}
each = pytest.mark.parametrize("name", ESTIMATORS)


def rotation(d, seed=0):
    return stats.ortho_group(d, seed=seed).rvs()


def lifted(t, d=256, seed=0):
    """Lay coordinates (n, k) without stretching into d components, off center."""
    return t @ rotation(d, seed)[: t.shape[1]] + np.linspace(-5, 5, d)


def distances(z, k):
    return cKDTree(z).query(z, k + 1)[0][:, 1:]


@each
@pytest.mark.parametrize("d", [1, 2, 5])
def test_cube_and_ball_have_their_dimension(name, d):
    # Points near the border have neighbors on one side only: 5 dimensions read some 5 % less.
    rng = np.random.default_rng(d)
    cube = rng.uniform(size=(6000, d))
    ball = rng.normal(size=(6000, d))
    ball *= (rng.uniform(size=6000) ** (1 / d) / np.linalg.norm(ball, axis=1))[:, None]
    for cloud in (cube, ball):
        found = ESTIMATORS[name](lifted(cloud, 16), near=0)
        assert found.value == pytest.approx(d, rel=0.05 if d < 5 else 0.12)


@each
def test_a_curve_in_256_components_has_one_dimension(name):
    t = np.random.default_rng(0).uniform(0, 2 * np.pi, 5000)
    rings = np.column_stack([np.cos(t), np.sin(t), np.cos(2 * t), np.sin(2 * t)])
    found = ESTIMATORS[name](lifted(rings).astype(np.float32), near=0)
    assert found.value == pytest.approx(1, rel=0.06)
    assert (found.n, found.landmarks, found.near_duplicates) == (5000, 2000, 0)


@each
def test_a_gaussian_of_256_dimensions_reads_too_low(name):
    z = np.random.default_rng(0).normal(size=(5000, 256)).astype(np.float32)
    assert 60 < ESTIMATORS[name](z, landmarks=1000).value < 100


def test_two_nn_and_levina_bickel_agree_with_their_formulas():
    z = np.random.default_rng(3).normal(size=(400, 3))
    r = distances(z, 10)
    logs = np.log(r[:, 1] / r[:, 0])
    found = two_nn(z, near=0)
    assert found.value == pytest.approx(399 / logs.sum())
    assert found.error == pytest.approx(found.value / 20)
    # mean of the inverse of Levina's and Bickel's own estimates
    inverse = np.log(r[:, 9:] / r[:, :9]).mean(axis=1)
    found = levina_bickel(z, 10, near=0)
    assert found.value == pytest.approx(1 / inverse.mean(), rel=1e-3)
    left_out = (inverse.sum() - inverse) / 399
    jackknife = np.sqrt(399 / 400 * np.sum((1 / left_out - np.mean(1 / left_out)) ** 2))
    assert found.error == pytest.approx(jackknife, rel=0.01)


@pytest.mark.parametrize("k", [2, 8])
def test_gride_finds_the_greatest_likelihood_and_its_curvature(k):
    z = np.random.default_rng(4).normal(size=(500, 4))
    r = distances(z, 2 * k)
    x = r[:, 2 * k - 1] / r[:, k - 1]

    def loss(d):
        log_density = np.log(d) + (k - 1) * np.log(x**d - 1) - ((2 * k - 1) * d + 1) * np.log(x)
        return -np.sum(log_density - betaln(k, k))

    found = gride(z, k, near=0)
    best = minimize_scalar(loss, bounds=(1, 10), method="bounded", options={"xatol": 1e-9})
    assert found.value == pytest.approx(best.x, rel=1e-6)
    curvature = (loss(best.x + 1e-3) - 2 * loss(best.x) + loss(best.x - 1e-3)) / 1e-6
    assert found.error == pytest.approx(curvature**-0.5, rel=1e-3)


@pytest.mark.parametrize("k", [2, 8])
def test_errors_are_those_of_repeated_draws(k):
    # On a ring no point is near a border, and few landmarks share neighbors.
    found = []
    for seed in range(40):
        t = np.random.default_rng(seed).uniform(0, 2 * np.pi, 1000)
        ring = np.column_stack([np.cos(t), np.sin(t)])
        found.append(gride(ring, k, landmarks=40, near=0))
    values, errors = (np.array([getattr(f, name) for f in found]) for name in ("value", "error"))
    assert abs(values.mean() - 1) < 4 * values.std() / np.sqrt(40)
    assert values.std() == pytest.approx(errors.mean(), rel=0.35)


@each
def test_near_duplicates_count_for_nothing(name):
    rng = np.random.default_rng(1)
    z = rng.normal(size=(2000, 8))
    twins = z[:60] + 1e-4 * rng.normal(size=(60, 8))
    copies = np.repeat(z[100:103], 40, axis=0)  # more of a point than a first search allows for
    dirty = np.vstack([z, twins, copies])
    clean, found, twinned = (
        ESTIMATORS[name](cloud, landmarks=9999) for cloud in (z, dirty, dirty[:2060])
    )
    assert clean.near_duplicates == 0
    assert twinned.near_duplicates == pytest.approx(120 / 2060)
    assert found.near_duplicates == pytest.approx((120 + 3 * 41) / 2180)
    # not the very same: to third points both twins count
    assert twinned.value == pytest.approx(clean.value, rel=0.05)
    assert found.value == pytest.approx(clean.value, rel=0.08)
    if name == "two_nn":  # which would else be drawn down: each twin has a ratio of thousands
        assert two_nn(dirty[:2060], landmarks=9999, near=0).value < 0.8 * clean.value


def test_near_duplicates_are_told_from_neighbors_far_from_the_origin():
    # float32 keeps the twins apart by 2 units in its last place; squares would not.
    z = np.random.default_rng(2).normal(100, 1, size=(500, 3)).astype(np.float32)
    twins = z[:50] + np.float32(2e-5)
    found = two_nn(np.vstack([z, twins]))
    assert found.near_duplicates >= 100 / 550
    assert found.value == pytest.approx(two_nn(z).value, rel=0.1)


@settings(max_examples=12)
@given(
    st.sampled_from(sorted(ESTIMATORS)),
    st.integers(0, 2**20),
    st.floats(-100, 100),
    st.floats(1e-3, 1e3),
)
def test_rotation_shift_and_scale_do_not_matter(name, seed, shift, scale):
    z = np.random.default_rng(seed).normal(size=(200, 5))
    moved = scale * (z @ rotation(5, seed) + shift)
    before, after = (ESTIMATORS[name](cloud, landmarks=80) for cloud in (z, moved))
    assert after.value == pytest.approx(before.value, rel=1e-5)
    assert after.error == pytest.approx(before.error, rel=1e-5)
    assert after.near_duplicates == before.near_duplicates


def test_the_seed_chooses_the_landmarks_and_files_do(tmp_path):
    z = np.random.default_rng(5).normal(size=(900, 6)).astype(np.float32)
    np.save(tmp_path / "z.npy", z)
    mapped = np.load(tmp_path / "z.npy", mmap_mode="r")
    first = two_nn(z, landmarks=100)
    assert two_nn(mapped, landmarks=100) == first
    assert two_nn(z, landmarks=100, seed=1) != first


def test_landmarks_are_taken_a_part_at_a_time(monkeypatch):
    z = np.random.default_rng(5).normal(size=(300, 6))
    whole = levina_bickel(z, 5)
    monkeypatch.setattr(neighbors, "_ROWS", 7)
    assert levina_bickel(z, 5) == whole


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
    for scale in (2, 8, 32):
        options = {"landmarks": 400, "seed": 3}
        expected = gride(z, scale // 2, **options), levina_bickel(z, scale, **options)
        for method, one in zip(("GRIDE", "Levina-Bickel"), expected, strict=True):
            row = figures.loc[("z-points", method, scale)]
            assert row["dimension"] == pytest.approx(one.value)
            assert row["error"] == pytest.approx(one.error)
            assert row["ratio"] == 1
            shuffled = figures.loc[("column shuffle", method, scale)]
            assert shuffled["ratio"] == row["dimension"] / shuffled["dimension"]
            assert shuffled["ratio"] < 0.8  # 3 dimensions against 10
    same = figures["ratio"]["multivariate normal"]
    np.testing.assert_allclose(same, 1, atol=0.25)  # a Gaussian against itself
    at_two = table[table["scale"] == 2].groupby("cloud")["dimension"]
    np.testing.assert_allclose(at_two.min(), at_two.max())  # both are two_nn


CLOUD = np.random.default_rng(5).normal(size=(300, 4))


@each
@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (CLOUD[:, 0], r"shape \(300,\)"),
        (CLOUD[:0], r"shape \(0, 4\)"),
        (np.where(CLOUD > 2, np.nan, CLOUD), "nan in row"),
        (np.where(CLOUD > 2, np.inf, CLOUD), "inf in row"),
        (CLOUD.astype(str), "array of <U"),
        (CLOUD[:2], "more than .* z-points.*got 2"),
        (np.ones((300, 4)), "no copies of it; 300 of 300 points have fewer"),
        (np.eye(300), "the points form a lattice"),
    ],
)
def test_what_has_no_dimension_is_refused(name, bad, message):
    with pytest.raises(ValueError, match=message):
        ESTIMATORS[name](bad)


@each
@pytest.mark.parametrize(
    "options",
    [{"landmarks": 1}, {"landmarks": 2.5}, {"near": 1}, {"near": -0.1}, {"near": np.nan}],
)
def test_bad_options_are_refused(name, options):
    with pytest.raises(ValueError, match=f"{next(iter(options))} must be.*got"):
        ESTIMATORS[name](CLOUD, **options)


def test_bad_neighbors_and_scales_are_refused():
    for bad in (0, 1.5, True):
        with pytest.raises(ValueError, match=f"k must be a whole number, at least 1; got {bad}"):
            gride(CLOUD, bad)
    with pytest.raises(ValueError, match="at least 2; got 1"):
        levina_bickel(CLOUD, 1)
    with pytest.raises(ValueError, match="more than 300 z-points"):
        levina_bickel(CLOUD, 300)
    for bad in ((), (3,), (2, 5)):
        with pytest.raises(ValueError, match="even numbers of neighbors, at least one; got"):
            dimension_scan(CLOUD, {}, scales=bad)
    with pytest.raises(ValueError, match="no surrogate may be named 'z-points'"):
        dimension_scan(CLOUD, {"z-points": SAMPLERS["column shuffle"]})


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.int16, ">f8"])
def test_other_numbers_count_as_the_float64_that_they_stand_for(dtype):
    narrow = (1000 * CLOUD).astype(dtype)
    assert two_nn(narrow).value == pytest.approx(two_nn(narrow.astype(float)).value, rel=1e-5)
