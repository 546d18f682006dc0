import re
from functools import partial

import numpy as np
import pandas as pd
import pytest
from scipy.spatial import cKDTree
from scipy.stats import binom, norm

from aelatent.latent import filaments
from aelatent.latent.filaments import filament_test
from aelatent.latent.planes import Plane
from aelatent.latent.samplers import SURROGATES, multivariate_normal

N = 3000
PLANES = {"front": Plane.components(3, 0, 1), "side": Plane.components(3, 1, 2)}
FAST = {"draws": 19, "scale": 0.2}
STATISTICS = [
    *("G", "F", "J", "kNN-CDF 2", "kNN-CDF 4", "kNN-CDF 8"),
    *("Landy-Szalay", "spanning tree", "branches"),
]


@pytest.fixture(scope="module")
def gaussian():
    """A Gaussian cloud, off center, of different widths, correlated."""
    mixing = np.array([[4, 0, 0], [1, 1, 0], [0, 0.5, 0.3]])
    return (np.random.default_rng(1).normal(size=(N, 3)) @ mixing + [5, 0, -7]).astype(np.float32)


@pytest.fixture(scope="module")
def strings(gaussian):
    """The same cloud with 40 % of its points on eight thin lines."""
    rng = np.random.default_rng(2)
    z = gaussian.copy()
    rows = rng.choice(N, int(0.4 * N), replace=False)
    ends = multivariate_normal(z, 16, 3).reshape(8, 2, 3)[rng.integers(0, 8, len(rows))]
    t = rng.uniform(size=(len(rows), 1))
    z[rows] = ends[:, 0] * t + ends[:, 1] * (1 - t) + rng.normal(0, 0.002, (len(rows), 3))
    return z


@pytest.fixture(scope="module")
def quiet(gaussian):
    return filament_test(gaussian, PLANES, **FAST)


def test_a_gaussian_is_not_rejected(gaussian, quiet):
    assert quiet.p > 0.05
    assert not quiet.clumps
    assert not quiet.curves["outside"].any()
    assert filament_test(gaussian, draws=19, landmarks=500).p > 0.05


def test_a_gaussian_is_rejected_no_more_often_than_stated():
    repeats, p = 25, []
    for seed in range(repeats):
        z = np.random.default_rng(seed).normal(size=(400, 3))
        asked = {"draws": 19, "scale": 0.5, "statistics": ["G", "Landy-Szalay"], "seed": seed}
        p.append(filament_test(z, PLANES, **asked).p)
    assert np.sum(np.array(p) <= 0.05) <= binom.ppf(0.995, repeats, 0.05)
    # In the full space, with the data's fit for all clouds, p would be 0.05 for each of these five.
    asked = {"surrogate": "multivariate normal", "draws": 19, "landmarks": 300}
    p = []
    for seed in range(5):
        z = np.random.default_rng(seed).normal(size=(300, 60))
        p.append(filament_test(z, seed=seed, **asked).p)
    assert np.median(p) > 0.2


def test_strings_are_found_in_planes_and_in_full(strings):
    for found in (
        filament_test(strings, PLANES, **FAST),
        filament_test(strings, draws=19, landmarks=500),
    ):
        assert found.p == found.smallest_p == 0.05
        assert found.clumps
        assert found.curves["outside"].any()
        assert found.effects["clumped"].dropna().all()
        assert "points clump" in repr(found)


def test_a_lattice_is_found_without_clumps():
    # One point in each of 2,500 cells of equal probability: too regular for a Gaussian.
    at = (np.arange(50) + 0.5) / 50
    z = norm.ppf(np.stack(np.meshgrid(at, at), axis=-1).reshape(-1, 2))
    z += np.random.default_rng(4).normal(0, 1e-3, z.shape)
    found = filament_test(z, [Plane.components(2, 0, 1)], **FAST)
    assert found.p == 0.05
    assert not found.clumps
    assert found.effects.loc[("components 0, 1", "G"), "effect"] < 0


def test_rounded_values_are_found(gaussian):
    rounded = np.round(gaussian, 1)  # copies in every plane
    found = filament_test(rounded, PLANES, statistics=["G", "J", "spanning tree"], **FAST)
    assert found.p == 0.05
    assert np.isfinite(found.simulated).all()


def test_the_table_of_curves(quiet):
    curves = quiet.curves
    assert list(curves) == "plane statistic r observed center lower upper outside".split()
    assert list(curves["plane"].unique()) == ["front", "side"]
    assert list(curves["statistic"].unique()) == STATISTICS
    assert quiet.simulated.shape == (19, len(curves))
    np.testing.assert_allclose(curves["center"], quiet.simulated.mean(axis=0))
    assert (curves["lower"] <= curves["upper"]).all()
    for (_, statistic), part in curves.groupby(["plane", "statistic"]):
        if statistic == "branches":
            assert part["r"].tolist() == [1, 2, 3]
            assert part["observed"].sum() == pytest.approx(1)
            continue
        assert len(part) == 12
        assert part["r"].is_monotonic_increasing
        assert part["r"].iloc[-1] == pytest.approx(0.2)
        if statistic not in ("J", "Landy-Szalay"):
            assert part["observed"].is_monotonic_increasing
            assert part["observed"].between(0, 1).all()
    assert (quiet.n, quiet.n_total, quiet.draws, quiet.seed) == (N, N, 19, 0)
    assert (quiet.surrogate, quiet.question) == ("smoothed bootstrap", "planes: front; side")


def test_effects_are_what_they_say(quiet):
    effects = quiet.effects
    assert list(effects.index) == [(p, s) for p in PLANES for s in STATISTICS]
    rows = np.flatnonzero((quiet.curves["plane"] == "side") & (quiet.curves["statistic"] == "F"))
    observed, drawn = quiet.curves["observed"].to_numpy()[rows], quiet.simulated[:, rows]
    deviation = observed - drawn.mean(axis=0)
    row = effects.loc[("side", "F")]
    assert row["effect"] == pytest.approx(deviation[np.abs(deviation).argmax()])
    assert row["r"] == quiet.curves["r"][rows[np.abs(deviation).argmax()]]
    assert row["clumped"] == (row["effect"] < 0)
    others = np.array([one - np.delete(drawn, i, axis=0).mean(0) for i, one in enumerate(drawn)])
    peaks = others[np.arange(19), np.abs(others).argmax(axis=1)]
    np.testing.assert_allclose(
        row[["band_low", "band_high"]].astype(float), np.quantile(peaks, [0.025, 0.975])
    )
    assert 0.05 <= row["p"] <= 1
    xi = quiet.curves.query("plane == 'side' and statistic == 'Landy-Szalay'")
    r = xi["r"].to_numpy()
    excess = np.sum((xi["observed"] - xi["center"]) * np.diff(np.r_[0, r] ** 2)) / r[-1] ** 2
    assert effects.loc[("side", "Landy-Szalay"), "effect"] == pytest.approx(excess)
    assert effects.loc[("side", "Landy-Szalay"), "r"] == r[-1]
    assert effects.loc[("side", "kNN-CDF 4"), "clumped"] is pd.NA
    assert repr(quiet).count("\n") > len(effects)
    assert "3,000 of 3,000 z-points, 19 draws" in repr(quiet)
    assert f"{row['effect']:.3f}" in repr(quiet)
    assert not re.search(r"\d\.\d{4}", repr(quiet).partition("\n\n")[2])


@pytest.mark.parametrize("named", [["spanning tree", "J"], ["kNN-CDF"], ["F", "Landy-Szalay", "G"]])
def test_some_statistics_are_the_same_curves_as_among_all(gaussian, quiet, named):
    found = filament_test(gaussian, PLANES, statistics=named, **FAST)
    brought = {"kNN-CDF": STATISTICS[3:6], "spanning tree": STATISTICS[7:]}
    wanted = [curve for name in named for curve in brought.get(name, [name])]
    rows = quiet.curves["statistic"].isin(wanted)
    expected = quiet.curves[rows].reset_index(drop=True).drop(columns=["lower", "upper", "outside"])
    pd.testing.assert_frame_equal(found.curves[list(expected)], expected)
    np.testing.assert_array_equal(found.simulated, quiet.simulated[:, rows])


def test_f_is_the_share_of_the_window_near_a_point(gaussian, quiet):
    for name, pair in (("front", [0, 1]), ("side", [1, 2])):
        z = gaussian[:, pair].astype(float)
        y = (z - z.mean(axis=0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(z.T))).T
        grid = np.stack(np.meshgrid(*[np.linspace(-1.5, 1.5, 300)] * 2), axis=-1).reshape(-1, 2)
        distance = cKDTree(y).query(grid[np.hypot(*grid.T) < 1.5])[0]
        of_plane = quiet.curves[quiet.curves["plane"] == name]
        curve = of_plane[of_plane["statistic"] == "F"]
        expected = (distance[:, None] <= curve["r"].to_numpy()).mean(axis=0)
        # F is counted at 4,000 random places: an error of at most sqrt(1 / 4 / 4000).
        np.testing.assert_allclose(curve["observed"], expected, atol=4 * 0.008)


def test_units_do_not_matter(gaussian):
    asked = FAST | {"surrogate": "multivariate normal", "statistics": ["G", "kNN-CDF"]}
    clouds = gaussian, gaussian.astype(float) * 1000 + 4
    one, other = (filament_test(z, PLANES, **asked).curves for z in clouds)
    np.testing.assert_allclose(other["r"], one["r"], rtol=1e-3)
    for column in ("observed", "center"):
        np.testing.assert_allclose(other[column], one[column], atol=2e-3)


@pytest.mark.parametrize("name", SURROGATES)
def test_every_surrogate_can_be_the_null(gaussian, name):
    found = filament_test(gaussian[:600], surrogate=name, draws=19, landmarks=50)
    assert found.surrogate == name
    assert np.isfinite(found.simulated).all()


def test_a_surrogate_may_be_any_callable(gaussian):
    def flat(z, n, seed, scale):
        return np.random.default_rng(seed).uniform(-scale, scale, (n, 3))

    few = FAST | {"statistics": ["G"]}
    found = filament_test(gaussian, PLANES, surrogate=partial(flat, scale=9), **few)
    assert (found.surrogate, found.p) == ("partial", 0.05)
    named = filament_test(gaussian, PLANES, surrogate=multivariate_normal, **few)
    assert named.surrogate == "multivariate_normal"
    for bad, message in (
        (lambda z, n, seed: z + 1e6, "at least 2 points within 1.5 .* in plane 'front'; got 0 of"),
        (lambda z, n, seed: np.where(z > 0, np.nan, z), "got nan"),
        (lambda z, n, seed: z[:, :2], r"shape \(n, 3\)"),
    ):
        with pytest.raises(ValueError, match=message):
            filament_test(gaussian, PLANES, surrogate=bad, **few)


def test_a_mixture_is_fitted_once(gaussian, monkeypatch):
    fits, fit = [], filaments.fit_mixture
    monkeypatch.setattr(filaments, "fit_mixture", lambda z: fits.append(len(z)) or fit(z))
    filament_test(gaussian, surrogate="Gaussian mixture", draws=19, landmarks=50, n=800)
    assert fits == [800]


def stopped_after(count):
    """A surrogate whose draws are interrupted as by Ctrl-C."""
    calls = []

    def stopping(z, n, seed):
        if len(calls) > count:  # the first one is no draw of the test
            raise KeyboardInterrupt
        calls.append(seed)
        return multivariate_normal(z, n, seed)

    return stopping


def test_an_interrupted_test_has_the_draws_that_were_done(gaussian, capsys):
    few = {"draws": 99, "n": 300, "landmarks": 50}
    for count in (25, 19):
        found = filament_test(gaussian, surrogate=stopped_after(count), **few, progress=True)
        assert (found.draws, found.surrogate) == (count, "stopping")
        assert found.smallest_p == pytest.approx(1 / (count + 1))
        assert "filaments" in capsys.readouterr().err  # a bar
    with pytest.raises(KeyboardInterrupt):
        filament_test(gaussian, surrogate=stopped_after(18), **few)


LINE = np.outer(np.linspace(0, 1, 50), [1, 2, 3])


@pytest.mark.parametrize(
    ("z", "arguments", "message"),
    [
        (np.full((50, 3), np.nan), {}, "got nan in row 0"),
        (np.ones((50, 3)), {}, "z-points are the same"),
        (np.eye(20), {}, "20 z-points vary along 19 axes; expected more"),
        (None, {"planes": [Plane.components(4, 0, 1)]}, r"shape \(n, 4\)"),
        (LINE, {"planes": PLANES}, "'front' lie on a line"),
        (None, {"planes": PLANES, "scale": 0.01}, r"apart in plane 'front'.*Raise the scale to 0"),
        (None, {"planes": PLANES, "scale": 0.2, "n": 300}, "or pass n=[0-9,]+"),
        (None, {"planes": []}, r"planes must be 'full'.*got \{\}"),
        (None, {"planes": ["PC 1"]}, "sequence of Plane; got"),
        (None, {"planes": PLANES["front"]}, "sequence of Plane; got Plane"),
        (None, {"surrogate": "noise"}, "one of 'multivariate normal', .*got 'noise'"),
        (None, {"scale": 0}, "scale must be a finite number above 0; got 0"),
        (None, {"draws": 18}, "draws must be a whole number, at least 19; got 18"),
        (None, {"n": True}, "n must be"),
        (None, {"landmarks": 5}, "landmarks must be"),
        (None, {"statistics": ["G"]}, "some of 'nearest neighbor', 'kNN-CDF'; got"),
        (None, {"statistics": []}, "must be a list"),
        (None, {"statistics": "kNN-CDF"}, "must be a list"),
    ],
)
def test_refuses(gaussian, z, arguments, message):
    with pytest.raises(ValueError, match=message):
        filament_test(gaussian if z is None else z, **arguments)


def test_the_n_that_a_refusal_names_is_enough_and_hardly_less_is(gaussian):
    few = FAST | {"statistics": ["G"]}
    with pytest.raises(ValueError, match="or pass n=") as refusal:
        filament_test(gaussian, PLANES, n=300, **few)
    named = int(re.search(r"n=([\d,]+)", str(refusal.value))[1].replace(",", ""))
    found = filament_test(gaussian, PLANES, n=int(1.1 * named), **few)
    assert (found.n, found.n_total) == (int(1.1 * named), N)
    with pytest.raises(ValueError, match="or pass n="):
        filament_test(gaussian, PLANES, n=int(0.9 * named), **few)


def test_on_a_bow_no_point_branches():
    x = np.linspace(-1, 1, 1501)
    bow = np.column_stack([x, x**2, np.zeros(1501)])
    found = filament_test(
        bow,
        {"front": PLANES["front"]},
        surrogate="multivariate normal",
        statistics=["spanning tree"],
        **FAST,
    )
    ends, passed, branching = found.curves.query("statistic == 'branches'")["observed"]
    inside = 2 / ends  # a line of points has two ends
    assert inside == pytest.approx(round(inside))
    assert passed == pytest.approx(1 - ends)
    assert branching == 0


def test_the_excess_of_pairs_is_that_of_known_twins():
    rng = np.random.default_rng(4)
    parents = rng.normal(size=(3000, 3))
    angle = rng.uniform(0, 2 * np.pi, 3000)
    off = 0.01 * np.column_stack([np.cos(angle), np.sin(angle), np.zeros(3000)])
    twins = np.vstack([parents, parents + off]).astype(np.float32)
    found = filament_test(
        twins,
        {"front": PLANES["front"]},
        surrogate=lambda z, n, seed: np.random.default_rng(seed).normal(size=(n, 3)),
        statistics=["Landy-Szalay"],
        draws=19,
        scale=0.1,
    )
    # Of n points of a Gaussian n² r² / 8 (1 - exp(-w²)) pairs are nearer than r in a disk of w.
    share = 1 - np.exp(-(1.5**2))
    chance = 6000**2 * 0.1**2 / 8 * share
    inside = 3000 * (1 - np.exp(-(1.5**2) / 2))
    assert found.effects["effect"].item() == pytest.approx(inside / chance, rel=0.3)
    assert found.effects["effect"].item() > 2 * found.effects["band_high"].item()
