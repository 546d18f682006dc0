import re
from functools import partial

import numpy as np
import pandas as pd
import pytest
from scipy.spatial import cKDTree
from scipy.stats import norm

from aelatent.latent import filaments
from aelatent.latent.envelopes import global_envelope, worst_part
from aelatent.latent.filaments import filament_test
from aelatent.latent.planes import Plane
from aelatent.latent.samplers import SURROGATES, multivariate_normal

N = 3000
PLANES = {"front": Plane.components(3, 0, 1), "side": Plane.components(3, 1, 2)}
FAST = {"draws": 39, "scale": 0.2}
STATISTICS = [
    *("G", "F", "kNN-CDF 2", "kNN-CDF 4", "kNN-CDF 8"),
    *("Landy-Szalay", "spanning tree", "branches"),
]


@pytest.fixture(scope="module")
def gaussian():
    """A Gaussian cloud, off center, of different widths, correlated."""
    mixing = np.array([[4, 0, 0], [1, 1, 0], [0, 0.5, 0.3]])
    return (np.random.default_rng(1).normal(size=(N, 3)) @ mixing + [5, 0, -7]).astype(np.float32)


@pytest.fixture(scope="module")
def quiet(gaussian):
    return filament_test(gaussian, PLANES, **FAST)


def test_a_gaussian_is_not_rejected(quiet):
    assert quiet.p > 0.05
    assert not quiet.clumps
    assert not quiet.curves["outside"].any()
    # In the full space, with the data's fit for all clouds, p would be 0.05 for each of these five.
    asked = {"surrogate": "multivariate normal", "draws": 39, "landmarks": 300}
    clouds = [np.random.default_rng(seed).normal(size=(300, 60)) for seed in range(5)]
    p = [filament_test(z, seed=seed, **asked).p for seed, z in enumerate(clouds)]
    assert np.median(p) > 0.2


def test_strings_are_found_in_planes_and_in_full(gaussian):
    rng = np.random.default_rng(2)
    z = gaussian.copy()  # with 40 % of its points on eight thin lines
    rows = rng.choice(N, int(0.4 * N), replace=False)
    ends = multivariate_normal(z, 16, 3).reshape(8, 2, 3)[rng.integers(0, 8, len(rows))]
    t = rng.uniform(size=(len(rows), 1))
    z[rows] = ends[:, 0] * t + ends[:, 1] * (1 - t) + rng.normal(0, 0.002, (len(rows), 3))
    for found in filament_test(z, PLANES, **FAST), filament_test(z, draws=39, landmarks=500):
        assert found.p == found.smallest_p == 0.05
        assert found.clumps
        assert found.curves["outside"].any()
        assert found.effects["clumped"].dropna().all()
        assert "points clump" in repr(found)


def test_humps_are_no_clumps_though_smoothing_flattens_them():
    # Three smooth humps: what smoothing does to their pairs, a second one does once more. Without
    # that being taken off, the pairs lie outside their band.
    rng = np.random.default_rng(7)
    turn = 2 * np.pi * np.arange(3) / 3
    centers = 1.2 * np.column_stack([np.cos(turn), np.sin(turn)])
    z = centers[rng.integers(0, 3, 6000)] + 0.55 * rng.normal(size=(6000, 2))
    asked = {"statistics": ["Landy-Szalay"], "draws": 39, "scale": 0.15, "seed": 2}
    plane = [Plane.components(2, 0, 1)]
    found = filament_test(z, plane, **asked)
    assert found.p > 0.05
    once = partial(SURROGATES["smoothed bootstrap"], scale=0.15)
    plain = filament_test(z, plane, surrogate=once, **asked).effects.iloc[0]
    row = found.effects.iloc[0]
    assert plain["effect"] < plain["band_low"]
    assert row["band_low"] < row["effect"] < row["band_high"]


def test_p_is_twice_the_lesser_of_two(quiet):
    observed, curves = quiet.curves["observed"].to_numpy(), quiet.curves
    assert quiet.p_ranks == global_envelope(observed, quiet.simulated).p
    parts = curves.groupby(["plane", "statistic"]).ngroup()
    assert quiet.p_worst == worst_part(observed, quiet.simulated, parts)
    assert quiet.p == min(1, 2 * min(quiet.p_ranks, quiet.p_worst))
    assert quiet.smallest_p == 2 / 40


def test_a_lattice_is_found_without_clumps():
    # One point in each of 2,500 cells of equal probability: too regular for a Gaussian.
    at = (np.arange(50) + 0.5) / 50
    z = norm.ppf(np.stack(np.meshgrid(at, at), axis=-1).reshape(-1, 2))
    z += np.random.default_rng(4).normal(0, 1e-3, z.shape)
    found = filament_test(z, [Plane.components(2, 0, 1)], **FAST)
    assert found.p == 0.05
    assert not found.clumps
    assert found.effects.loc[("components 0, 1", "G"), "effect"] < 0


def test_the_table_of_curves(quiet):
    curves = quiet.curves
    assert list(curves) == "plane statistic r observed center lower upper outside".split()
    assert quiet.simulated.shape == (39, len(curves))
    np.testing.assert_allclose(curves["center"], quiet.simulated.mean(axis=0))
    parts = dict(list(curves.groupby(["plane", "statistic"], sort=False)))
    assert list(parts) == [(p, s) for p in PLANES for s in STATISTICS]
    for (_, statistic), part in parts.items():
        if statistic == "branches":
            assert part["r"].tolist() == [1, 2, 3]
            assert part["observed"].sum() == pytest.approx(1)
            continue
        assert len(part) == 6
        assert part["r"].is_monotonic_increasing
        assert part["r"].iloc[-1] == pytest.approx(0.2)
        if statistic != "Landy-Szalay":
            assert part["observed"].is_monotonic_increasing
    assert (quiet.n, quiet.n_total, quiet.draws, quiet.seed) == (N, N, 39, 0)
    assert (quiet.surrogate, quiet.question) == ("smoothed bootstrap", "planes: front; side")


def test_effects_are_what_they_say(quiet):
    rows = np.flatnonzero((quiet.curves["plane"] == "side") & (quiet.curves["statistic"] == "F"))
    observed, drawn = quiet.curves["observed"].to_numpy()[rows], quiet.simulated[:, rows]
    deviation = observed - drawn.mean(axis=0)
    row = quiet.effects.loc[("side", "F")]
    assert row["effect"] == pytest.approx(deviation[np.abs(deviation).argmax()])
    assert row["r"] == quiet.curves["r"][rows[np.abs(deviation).argmax()]]
    assert row["clumped"] == (row["effect"] < 0)
    others = np.array([one - np.delete(drawn, i, axis=0).mean(0) for i, one in enumerate(drawn)])
    peaks = others[np.arange(39), np.abs(others).argmax(axis=1)]
    band = row[["band_low", "band_high"]].astype(float)
    np.testing.assert_allclose(band, np.quantile(peaks, [0.025, 0.975]))
    assert row["p"] == global_envelope(observed, drawn).p
    xi = quiet.curves.query("plane == 'side' and statistic == 'Landy-Szalay'")
    r = xi["r"].to_numpy()
    excess = np.sum((xi["observed"] - xi["center"]) * np.diff(np.r_[0, r] ** 2)) / r[-1] ** 2
    assert quiet.effects.loc[("side", "Landy-Szalay"), "effect"] == pytest.approx(excess)
    assert quiet.effects.loc[("side", "Landy-Szalay"), "r"] == r[-1]
    assert quiet.effects.loc[("side", "kNN-CDF 4"), "clumped"] is pd.NA
    assert "3,000 of 3,000 z-points, 39 draws" in repr(quiet)
    assert "no clumping found" in repr(quiet)
    assert f" {row['effect']:.3f} " in repr(quiet)


@pytest.mark.parametrize("named", [["spanning tree", "F"], ["kNN-CDF"], ["F", "Landy-Szalay", "G"]])
def test_some_statistics_are_the_same_curves_as_among_all(gaussian, quiet, named):
    found = filament_test(gaussian, PLANES, statistics=named, **FAST)
    brought = {"kNN-CDF": STATISTICS[2:5], "spanning tree": STATISTICS[6:]}
    wanted = [curve for name in named for curve in brought.get(name, [name])]
    rows = quiet.curves["statistic"].isin(wanted)
    expected = quiet.curves[rows].reset_index(drop=True).drop(columns=["lower", "upper", "outside"])
    pd.testing.assert_frame_equal(found.curves[list(expected)], expected)
    np.testing.assert_array_equal(found.simulated, quiet.simulated[:, rows])


def test_f_is_the_share_of_the_window_near_a_point(gaussian, quiet):
    z = gaussian[:, [1, 2]].astype(float)
    y = (z - z.mean(axis=0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(z.T))).T
    grid = np.stack(np.meshgrid(*[np.linspace(-1.5, 1.5, 300)] * 2), axis=-1).reshape(-1, 2)
    distance = cKDTree(y).query(grid[np.hypot(*grid.T) < 1.5])[0]
    curve = quiet.curves.query("plane == 'side' and statistic == 'F'")
    spacing = 1.5 * np.sqrt(np.pi / np.count_nonzero(np.hypot(*y.T) <= 1.5))
    assert curve["r"].iloc[0] == pytest.approx(spacing / 4)
    expected = (distance[:, None] <= curve["r"].to_numpy()).mean(axis=0)
    # F is counted at 4,000 random places: an error of at most sqrt(1 / 4 / 4000).
    np.testing.assert_allclose(curve["observed"], expected, atol=4 * 0.008)


@pytest.mark.parametrize("name", [name for name in SURROGATES if name != "smoothed bootstrap"])
def test_every_law_can_be_the_null_of_the_full_space(gaussian, name):
    found = filament_test(gaussian[:600], surrogate=name, draws=39, landmarks=50)
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
        (lambda z, n, seed: z + 1e6, "at least 2 .*'front'; got 0 of"),
        (lambda z, n, seed: np.where(z > 0, np.nan, z), "got nan"),
        (lambda z, n, seed: z[:, :2], r"shape \(n, 3\)"),
    ):
        with pytest.raises(ValueError, match=message):
            filament_test(gaussian, PLANES, surrogate=bad, **few)


def test_a_mixture_is_fitted_once(gaussian, monkeypatch):
    fits, fit = [], filaments.fit_mixture
    monkeypatch.setattr(filaments, "fit_mixture", lambda z: fits.append(len(z)) or fit(z))
    filament_test(gaussian, surrogate="Gaussian mixture", draws=39, landmarks=50, n=800)
    assert fits == [800]


@pytest.mark.parametrize("count", [45, 39, 38])
def test_an_interrupted_test_has_the_draws_that_were_done(gaussian, capsys, count):
    calls = []

    def stopping(z, n, seed):
        if len(calls) > count:  # the first one is no draw of the test
            raise KeyboardInterrupt
        calls.append(seed)
        return multivariate_normal(z, n, seed)

    asked = {"surrogate": stopping, "draws": 99, "n": 300, "landmarks": 50, "progress": True}
    if count < 39:
        with pytest.raises(KeyboardInterrupt):
            filament_test(gaussian, **asked)
        return
    found = filament_test(gaussian, **asked)
    assert (found.draws, found.surrogate) == (count, "stopping")
    assert found.smallest_p == pytest.approx(2 / (count + 1))
    assert "filaments" in capsys.readouterr().err  # a bar


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"z": np.eye(20), "planes": "full", "surrogate": "column shuffle"}, "19"),
        ({"z": np.outer(np.linspace(0, 1, 50), [1, 2, 3])}, "'front'"),
        ({"planes": [Plane.components(4, 0, 1)]}, r"shape \(n, 4\)"),
        ({"scale": 0.01}, r"'front'.*Raise the scale to 0"),
        ({"scale": 0.2, "n": 300}, "or pass n=[0-9,]+"),
        ({"planes": []}, r"planes must be 'full'.*got \{\}"),
        ({"planes": ["PC 1"]}, "sequence of Plane; got"),
        ({"planes": PLANES["front"]}, "sequence of Plane; got Plane"),
        ({"surrogate": "noise"}, "one of 'multivariate normal', .*got 'noise'"),
        ({"planes": "full", "surrogate": "smoothed bootstrap"}, "in the full space"),
        ({"scale": 0}, "scale must be"),
        ({"draws": 38}, "draws must be"),
        ({"n": True}, "n must be"),
        ({"landmarks": 19}, "landmarks must be"),
        ({"planes": "full", "statistics": ["G"]}, "some of 'nearest neighbor', 'kNN-CDF'; got"),
        ({"statistics": []}, "must be a list"),
        ({"statistics": "kNN-CDF"}, "must be a list"),
    ],
)
def test_refuses(gaussian, arguments, message):
    with pytest.raises(ValueError, match=message):
        filament_test(**{"z": gaussian, "planes": PLANES} | arguments)


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
    asked = FAST | {"surrogate": "multivariate normal", "statistics": ["spanning tree"]}
    found = filament_test(np.column_stack([x, x**2]), [Plane.components(2, 0, 1)], **asked)
    ends, passed, branching = found.curves.query("statistic == 'branches'")["observed"]
    inside = 2 / ends  # a line of points has two ends
    assert inside == pytest.approx(round(inside))
    assert passed == pytest.approx(1 - ends)
    assert branching == 0


def test_the_excess_of_pairs_is_that_of_known_twins():
    rng = np.random.default_rng(4)
    parents, angle = rng.normal(size=(3000, 2)), rng.uniform(0, 2 * np.pi, 3000)
    twins = np.vstack([parents, parents + 0.01 * np.column_stack([np.cos(angle), np.sin(angle)])])
    asked = {"statistics": ["Landy-Szalay"], "draws": 39, "scale": 0.1}
    asked["surrogate"] = lambda z, n, seed: np.random.default_rng(seed).normal(size=(n, 2))
    found = filament_test(twins, [Plane.components(2, 0, 1)], **asked)
    # Of n points of a Gaussian n² r² / 8 (1 - exp(-w²)) pairs are nearer than r in a disk of w.
    chance = 6000**2 * 0.1**2 / 8 * (1 - np.exp(-(1.5**2)))
    inside = 3000 * (1 - np.exp(-(1.5**2) / 2))
    assert found.effects["effect"].item() == pytest.approx(inside / chance, rel=0.3)
    assert found.effects["effect"].item() > 2 * found.effects["band_high"].item()
