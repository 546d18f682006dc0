"""Maps and calibration of a run: made once, kept with what made them, not trusted if damaged."""

import json

import numpy as np
import pandas as pd
import pytest

from aelatent import Run, cloud_of, kept, map_of, rows_of, settings
from aelatent._files import only_one
from aelatent.latent.maps import PRESETS, Map, MapSettings

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
    (array, described) = reversed(files(run))
    assert array.removesuffix(".npy") == described.removesuffix(".json")
    asked = json.loads((run.path / "maps" / described).read_text())["asked"]
    assert asked["n"] == asked["n_total"] == 160
    assert asked["settings"]["perplexity"] == 5


@pytest.mark.parametrize(
    "change",
    [{"n": 100}, {"seed": 1}, {"surrogate": "multivariate normal"}],
    ids=["rows", "seed", "surrogate"],
)
def test_whatever_it_depends_on_makes_another_map(run, calls, change):
    map_of(run, QUICK, progress=False)
    map_of(run, QUICK, progress=False, **change)
    map_of(run, QUICK.on_axes(3), progress=False)
    assert len(calls) == 3
    assert len(files(run)) == 6


def test_what_is_mapped_is_what_was_asked_for(run, calls):
    map_of(run, QUICK, n=100, seed=4, progress=False)
    np.testing.assert_array_equal(calls[0], run.z[rows_of(run, 100, 4)])
    map_of(run, QUICK, n=100, seed=4, surrogate="multivariate normal", progress=False)
    np.testing.assert_array_equal(
        calls[1], cloud_of(run, 100, surrogate="multivariate normal", seed=4)
    )
    assert np.abs(calls[0].mean(axis=0) - calls[1].mean(axis=0)).max() < calls[0].std()
    assert not np.isin(calls[1][:, 0], run.z[:, 0]).any()


def test_what_was_kept_under_an_earlier_name_is_found_under_both(run, calls):
    made = map_of(run, QUICK, surrogate="multivariate normal", progress=False)
    again = map_of(run, QUICK, surrogate="matched Gaussian", progress=False)
    assert len(calls) == 1
    np.testing.assert_array_equal(again.coordinates, made.coordinates)
    described = json.loads((run.path / "maps" / files(run)[0]).with_suffix(".json").read_text())
    assert described["asked"]["surrogate"] == "matched Gaussian"  # its hash is the name on disk
    with pytest.raises(FileNotFoundError, match="make calibrate RUN=small"):
        kept.read_calibration(run)
    named = {"kind": "null", "law": "matched Gaussian", "surrogate": "matched Gaussian"}
    kept.write_calibration(run, pd.DataFrame([named, dict.fromkeys(named, "elliptical")]))
    table = kept.read_calibration(run)
    assert table["law"].to_list() == ["multivariate normal", "elliptical"]
    assert table["surrogate"].to_list() == ["multivariate normal", "elliptical"]


def described_as(**values):
    def change(described, array):
        described.write_text(json.dumps(json.loads(described.read_text()) | values))

    return change


@pytest.mark.parametrize(
    "damage",
    [
        lambda described, array: array.write_bytes(array.read_bytes()[:-1] + b"x"),
        lambda described, array: described.write_text("{"),
        lambda described, array: array.unlink(),
        described_as(asked={"encoder_sha256": "0" * 64}),
        *(described_as(**{key: "x"}) for key in ("done", "divergence", "seconds")),
    ],
)
def test_a_damaged_or_foreign_map_is_made_again(run, calls, damage):
    made = map_of(run, QUICK, progress=False)
    described, array = (run.path / "maps" / name for name in files(run))
    damage(described, array)
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


def test_a_disk_that_is_full_leaves_nothing_that_looks_whole(run, calls, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept, "write_array", full)
    with pytest.raises(OSError, match="No space left"):
        map_of(run, QUICK, progress=False)
    assert files(run) == []
    monkeypatch.undo()
    map_of(run, QUICK, progress=False)
    assert len(files(run)) == 2


def test_two_processes_do_not_make_the_same_map(run, calls):
    map_of(run, QUICK, progress=False)
    (described, array) = files(run)
    (run.path / "maps" / array).unlink()
    lock = run.path / "maps" / f".{described.removesuffix('.json')}.lock"
    with only_one(lock, "testing"), pytest.raises(RuntimeError, match="another process is making"):
        map_of(run, QUICK, progress=False)


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


def test_the_story_holds_every_map_of_the_blog():
    asked = [(s.perplexity, s.exaggeration, s.axes) for s in kept.STORY.values()]
    assert asked[:2] == [(10, 16, None), (30, 12, None)]
    assert [axes for *_, axes in asked[3:]] == [2, 4, 10]
    assert all(PRESETS["seed-2022"].on_axes(k) in kept.STORY.values() for k in (2, 4, 10))


def test_the_blogs_counts_belong_to_the_scale_seed_and_fit_the_run():
    counts = kept.story(170_000, "seed")
    assert list(counts) == list(kept.STORY)
    assert counts["perplexity 10, exaggeration 16 (blog)"] == [20_000]
    assert counts["2 principal axes (blog)"] == [80_000, 165_000]
    assert counts["4 principal axes (blog)"] == [165_000]
    assert set(map(tuple, kept.story(50_000).values())) == {(20_000,)}
    assert set(map(tuple, kept.story(50_000, "seed").values())) == {(20_000,), (50_000,)}
    assert set(map(tuple, kept.story(300, "smoke").values())) == {(300,)}
