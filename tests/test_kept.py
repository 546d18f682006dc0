"""Maps and calibration of a run: made once, kept with what made them, not trusted if damaged."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from aelatent import Run, cli, cloud_of, kept, map_of, rows_of, settings
from aelatent.latent import SURROGATES, maps
from aelatent.latent.map_quality import void_probability
from aelatent.latent.maps import Map, MapSettings

QUICK = MapSettings(perplexity=5, early=20, iterations=30)


@pytest.fixture
def run(world):
    return Run.open("small")


@pytest.fixture
def calls(monkeypatch):
    """Count how often a map is computed."""
    seen = []

    def counted(cloud, *arguments, **options):
        seen.append(np.array(cloud))
        return real(cloud, *arguments, **options)

    real = kept.tsne
    monkeypatch.setattr(kept, "tsne", counted)
    return seen


def files(run):
    return sorted(path.name for path in (run.path / "maps").glob("[!.]*"))


def test_a_map_is_made_once_and_read_again(run, calls):
    made = map_of(run, QUICK, progress=False)
    again = map_of(Run.open("small"), QUICK, progress=False)
    assert len(calls) == 1
    np.testing.assert_array_equal(again.coordinates, made.coordinates)
    assert (again.settings, again.seed, again.done) == (QUICK, 0, 50)
    assert again.divergence == pytest.approx(made.divergence)
    assert made.coordinates.shape == (160, 2)


def test_a_divergence_that_is_none_is_neither_shown_nor_in_the_way_of_keeping_a_map(
    run, monkeypatch
):
    def optimize(embedding, settings, reached):
        embedding.kl_divergence = divergence
        reached(settings.early + settings.iterations)

    monkeypatch.setattr(maps, "_optimize", optimize)
    for seed, divergence in enumerate((-0.1, np.nan, np.inf, 0.25)):
        for made in (map_of(run, QUICK, seed=seed, progress=False) for _ in range(2)):
            assert made.complete
            said = cli._map_text(made, None)
            if divergence == 0.25:
                assert "divergence 0.250, made in" in said
            else:
                assert "without a divergence: too few points for one, made in" in said
                assert np.isnan(made.divergence)
    assert len(files(run)) == 8
    old = replace(made, divergence=-0.1)  # as kept by earlier versions
    assert "-0.1" not in cli._map_text(old, None)


def test_whatever_it_depends_on_makes_another_map_of_what_was_asked_for(run, calls):
    changes = (
        {},
        {"n": 100},
        {"seed": np.int64(1)},
        {"n": 100, "seed": 1, "surrogate": "column shuffle"},
    )
    for change in changes:
        map_of(run, QUICK, progress=False, **change)
        np.testing.assert_array_equal(calls[-1], cloud_of(run, **change))
    map_of(run, QUICK.on_axes(3), progress=False)
    assert (len(calls), len(files(run))) == (5, 10)
    rows = rows_of(run, 100, 1)
    np.testing.assert_array_equal(cloud_of(run, 100, seed=1), run.z[rows])
    np.testing.assert_array_equal(calls[3], SURROGATES["column shuffle"](run.z[rows], 100, 1))


def test_what_was_kept_under_an_earlier_name_is_found_under_both(run, calls):
    made = map_of(run, QUICK, surrogate="multivariate normal", progress=False)
    again = map_of(run, QUICK, surrogate="matched Gaussian", progress=False)
    assert len(calls) == 1
    np.testing.assert_array_equal(again.coordinates, made.coordinates)
    described = json.loads((run.path / "maps" / files(run)[0]).with_suffix(".json").read_text())
    assert described["asked"]["surrogate"] == "matched Gaussian"  # its hash is the name on disk


def test_a_calibration_of_other_weights_is_none(run):
    kept.write_calibration(run, pd.DataFrame({"kind": ["null"], "encoder": ["another"]}))
    with pytest.raises(FileNotFoundError, match=r"of its weights.*make calibrate RUN=small"):
        kept.read_calibration(run)
    own = run.info["weights"]["encoder"]["sha256"]
    kept.write_calibration(run, pd.DataFrame({"kind": ["null"], "encoder": [own]}))
    assert kept.read_calibration(run)["kind"].to_list() == ["null"]


@pytest.mark.parametrize("damage", ["array", "no array", "asked", "done"])
def test_a_damaged_or_foreign_map_is_made_again(run, calls, damage):
    made = map_of(run, QUICK, progress=False)
    described, array = (run.path / "maps" / name for name in files(run))
    if damage == "array":
        array.write_bytes(array.read_bytes()[:-1] + b"x")
    elif damage == "no array":
        array.unlink()
    else:
        described.write_text(json.dumps(json.loads(described.read_text()) | {damage: "x"}))
    again = map_of(run, QUICK, progress=False)
    assert len(calls) == 2
    np.testing.assert_array_equal(again.coordinates, made.coordinates)
    map_of(run, QUICK, progress=False)
    assert len(calls) == 2


def test_a_stopped_map_is_given_but_not_kept(run, monkeypatch):
    part = Map(np.zeros((160, 2), np.float32), QUICK, 0, 10, np.nan, 1.0)
    monkeypatch.setattr(kept, "tsne", lambda *_, **__: part)
    assert map_of(run, QUICK, progress=False) is part
    assert files(run) == []


def test_maps_that_travel_with_the_repository_are_found(run, calls, monkeypatch, tmp_path):
    made = map_of(run, QUICK, progress=False)
    (tmp_path / "runs" / "small").mkdir(parents=True)
    (run.path / "maps").rename(tmp_path / "runs" / "small" / "maps")
    monkeypatch.setattr(settings, "SHIPPED", tmp_path)
    found = map_of(run, QUICK, progress=False)
    np.testing.assert_array_equal(found.coordinates, made.coordinates)
    assert len(calls) == 1


def test_rows_are_random_ascending_and_repeatable(run):
    rows = rows_of(run, 50, 3)
    assert len(np.unique(rows)) == 50
    assert (np.diff(rows) > 0).all()
    np.testing.assert_array_equal(rows, rows_of(run, 50, 3))
    assert (rows != rows_of(run, 50, 4)).any()
    np.testing.assert_array_equal(rows_of(run, 10**6), np.arange(160))
    np.testing.assert_array_equal(rows_of(run, 160), rows_of(run))
    for wrong in (0, -1, 2.5, True, "all"):
        with pytest.raises(ValueError, match="n must be a whole number"):
            rows_of(run, wrong)


def test_unknown_names_are_refused(run):
    for use in (map_of, cloud_of):
        with pytest.raises(ValueError, match=r"surrogate must be one of .*; got 'noise'"):
            use(run, surrogate="noise")
    with pytest.raises(ValueError, match=r"settings must be one of"):
        map_of(run, "fast")


def test_the_posts_counts_belong_to_the_scale_seed_and_fit_the_run():
    assert [settings.axes for settings in maps.STORY.values()] == [2, 4, 10] + [None] * 3
    first, many, last = [20_000], [80_000, 165_000], [165_000]
    counts = maps.story(170_000, 256, "seed").values()
    assert list(counts) == [many, last, last, first, many, last]
    assert set(map(tuple, maps.story(50_000, 256).values())) == {(20_000,)}
    assert set(map(tuple, maps.story(50_000, 256, "seed").values())) == {(20_000,), (50_000,)}
    assert set(map(tuple, maps.story(300, 256, "smoke").values())) == {(300,)}
    assert [name[:2] for name in maps.story(300, 8)] == ["2 ", "4 ", "al", "al", "al"]
    assert {name for name, *_ in maps.compared(300, 2)} == {maps.COMPARED[0], maps.COMPARED[2]}
    assert set(maps.COMPARED) < set(maps.STORY)


def test_voids_are_counted_beside_the_band_of_the_draws(run, calls, monkeypatch):
    monkeypatch.setattr(kept, "STORY", dict.fromkeys(maps.STORY, QUICK))
    monkeypatch.setattr(kept, "CIRCLES", 500)
    shares = kept.void_shares(run, "smoke", seed=3, progress=False)
    assert shares.index.to_list() == [maps.COMPARED[0], maps.COMPARED[2]]  # it has 8 axes
    assert len(calls) == len(maps.DRAWS)  # all of one kind: made once
    of = [("z-points", None), *[("G", maps.SURROGATE)] * 3, ("E", "elliptical")]
    draws = [3, 3, 4, 5, 3]
    found = {}
    for (name, law), draw in zip(of, draws, strict=True):
        places = map_of(run, QUICK, surrogate=law, seed=draw, progress=False).coordinates
        found.setdefault(name, []).append(void_probability(places, circles=500))
    row = shares.iloc[0]
    assert row["z-points"] == found["z-points"][0]
    assert row["elliptical"] == found["E"][0]
    mean, sd = np.mean(found["G"]), np.std(found["G"], ddof=1)
    assert row["Gaussian"] == pytest.approx(mean)
    ends = np.clip(mean + np.array([-1, 1]) * 4.3027 * sd * np.sqrt(4 / 3), 0, 1)
    assert row[["from", "to"]].to_numpy(float) == pytest.approx(ends, rel=1e-4)
