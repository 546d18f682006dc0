import json
import shutil

import numpy as np
import pandas as pd
import pytest

import aelatent
from aelatent import ImageStore, Run, kept, latent, map_of, settings
from aelatent._files import only_one
from aelatent.images import open_source, pack
from aelatent.runs import lock_of


def test_z_points_are_the_stores_pictures_in_its_order(world):
    run = Run.open("small")
    np.testing.assert_allclose(run.z, run.encode(run.store.images), atol=1e-5)
    assert len(run.index) == len(run.z) == 160
    assert list(run.index["row"]) == list(range(160))
    assert "yaw" in run.index.columns
    assert run.z.dtype == np.float32
    assert not run.z.flags.writeable


def test_a_run_copied_elsewhere_works(world, tmp_path, monkeypatch):
    shutil.copytree(world, tmp_path / "moved")
    monkeypatch.setenv("AELATENT_DATA", str(tmp_path / "moved"))
    shutil.rmtree(world)
    run = Run.open("small")
    assert run.decode(run.z[:2]).shape == (2, 32, 32, 3)
    assert len(run.index) == 160


def test_a_run_opens_without_its_store(world):
    shutil.rmtree(world / "stores")
    run = Run.open("small")
    assert run.z.shape == (160, 8)
    with pytest.raises(FileNotFoundError, match=r"few"):
        _ = run.store


def test_an_unknown_run_is_refused_with_the_known_ones(world):
    with pytest.raises(FileNotFoundError, match=r"no run 'celeba'.*found: \['small'\]"):
        Run.open("celeba")


@pytest.mark.parametrize("name", ["../small", "a/b", "", ".hidden", "ä", None])
def test_names_that_climb_or_hide_are_refused(world, name):
    with pytest.raises(ValueError, match=r"run name"):
        Run.open(name)


def change(path, **values):
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


@pytest.mark.parametrize("content", ["", "[]", "{", '{"format": 1}', "\x00\xff"])
def test_a_damaged_run_json_is_refused(world, content):
    (world / "runs/small/run.json").write_text(content, encoding="latin-1")
    with pytest.raises(ValueError, match=r"run\.json.*damaged"):
        Run.open("small")


def test_a_weight_file_cannot_be_outside_of_the_run(world):
    path = world / "runs/small/run.json"
    info = json.loads(path.read_text())
    info["weights"]["decoder"]["file"] = "../../../etc/passwd"
    path.write_text(json.dumps(info))
    with pytest.raises(FileNotFoundError, match=r"small/passwd is missing"):
        Run.open("small").decode(np.zeros((1, 8)))


def test_swapped_weights_are_refused(world):
    run = Run.open("small")
    decoder, encoder = (run.path / run.info["weights"][p]["file"] for p in ("decoder", "encoder"))
    decoder.write_bytes(encoder.read_bytes())
    with pytest.raises(ValueError, match=r"does not belong to its run"):
        run.decode(np.zeros((1, 8)))


def test_z_points_of_other_weights_are_refused(world):
    change(world / "runs/small/z_points.json", encoder_sha256="0" * 64)
    with pytest.raises(ValueError, match=r"weights 000000000000.*aelatent encode small"):
        _ = Run.open("small").z


@pytest.mark.parametrize("damage", ["flip", "truncate", "missing"])
def test_damaged_z_points_are_refused_and_made_again(world, damage):
    path = world / "runs/small/z_points.npy"
    expected, data = np.load(path), path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]) * (damage == "flip"))
    run = Run.open("small")
    with pytest.raises((ValueError, FileNotFoundError), match=r"aelatent encode small"):
        _ = run.z
    run.encode_store(progress=False)
    np.testing.assert_array_equal(run.z, expected)


def test_another_store_under_the_old_name_is_noticed(world):
    shutil.rmtree(world / "stores/few")
    pack(open_source("portraits", n=160, seed=9), "few", size=32, progress=False)
    run = Run.open("small")
    with pytest.raises(ValueError, match=r"not the one that the z-points"):
        _ = run.index
    run.encode_store(progress=False)
    assert len(run.index) == 160


def test_encoding_again_only_sweeps_up_what_a_killed_one_left(world, monkeypatch):
    run = Run.open("small")
    before = {path.name: path.read_bytes() for path in run.path.iterdir()}
    monkeypatch.setattr(Run, "autoencoder", property(lambda _: pytest.fail("built the model")))
    run.encode_store(progress=False)
    (run.path / kept.PARTIAL).mkdir()
    for left in (run.path / ".z_points.npy.abc.tmp", run.path / kept.PARTIAL / "z_points.npy"):
        left.write_bytes(b"half")
    run.encode_store(progress=False)
    assert {path.name: path.read_bytes() for path in run.path.iterdir()} == before


def test_encoding_prefers_the_store_of_the_runs_own_name(world):
    pack(open_source("portraits", n=30, seed=2), "small", size=32, progress=False)
    run = Run.open("small")
    run.encode_store(progress=False)
    assert run.store.name == "small"
    assert len(run.z) == 30


def test_a_store_of_another_size_cannot_be_encoded(world):
    store = pack(open_source("portraits", n=3), "large", size=48, progress=False)
    with pytest.raises(ValueError, match=r"48 x 48 pixels.*--size 32"):
        Run.open("small").encode_store(store, progress=False)


def test_an_encoding_goes_on_where_it_stopped(world, monkeypatch):
    monkeypatch.setattr(kept, "CHUNK", 50)
    run = Run.open("small")
    expected = np.array(run.z)
    (run.path / "z_points.json").unlink()
    real, calls = Run.encode, []

    def stops(self, images, **options):
        calls.append(len(images))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(self, images, **options)

    monkeypatch.setattr(Run, "encode", stops)
    with pytest.raises(KeyboardInterrupt):
        run.encode_store(progress=False)
    with pytest.raises(FileNotFoundError, match=r"no z-points yet"):
        _ = Run.open("small").z
    run.encode_store(progress=False)
    assert calls == [50, 50, 50, 50, 10]  # the third was lost, the first two were not
    np.testing.assert_allclose(run.z, expected, atol=1e-5)


def test_a_killed_training_reads_as_interrupted(world):
    change(world / "runs/small/run.json", status="RUNNING")
    run = Run.open("small")
    assert run.status == "INTERRUPTED"
    with only_one(lock_of(run.path), "testing"):
        assert run.status == "RUNNING"


def test_a_run_without_a_finished_epoch_says_so(world):
    change(world / "runs/small/run.json", weights=None, best=None, checkpoint=None, epochs_done=0)
    run = Run.open("small")
    assert run.history.empty
    for use in (
        lambda: run.z,
        lambda: run.decode(np.zeros((1, 8))),
        lambda: run.encode_store(progress=False),
        lambda: map_of(run, progress=False),
    ):
        with pytest.raises(ValueError, match=r"no epoch was finished.*aelatent train small"):
            use()


def test_what_follows_from_z_points_is_computed_once_and_anew_after_encoding(world):
    pack(open_source("portraits", n=60, seed=2), "other", size=32, progress=False)
    run = Run.open("small")
    for store in (None, ImageStore.open("other")):
        run.encode_store(store, progress=False)
        axes, core = latent.PrincipalAxes.fit(run.z), latent.core_border(run.z)
        np.testing.assert_array_equal(run.axes.axes, axes.axes)
        assert (run.axes.n, len(run.core.d2)) == (len(run.z), len(run.z) // 2)
        np.testing.assert_array_equal(run.core.d2, core.d2)
        assert run.core.border == core.border
        pd.testing.assert_frame_equal(run.described, latent.describe_components(run.z))
        found = run.axes, run.core, run.described
        assert all(a is b for a, b in zip(found, (run.axes, run.core, run.described), strict=True))


def test_a_shipped_run_is_copied_and_never_written_to(world, tmp_path, monkeypatch):
    shipped = tmp_path / "shipped"
    shutil.copytree(world / "runs/small", shipped / "runs/portraits")
    (shipped / "runs/portraits/z_points.json").unlink()
    monkeypatch.setattr(settings, "SHIPPED", shipped)
    before = {p.name: p.read_bytes() for p in (shipped / "runs/portraits").iterdir()}
    run = aelatent.prepare("portraits", "smoke", progress=False)
    assert run.path == world / "runs/portraits"
    assert (run.store.name, len(run.z)) == settings.SCALES["smoke"]
    assert {p.name: p.read_bytes() for p in (shipped / "runs/portraits").iterdir()} == before


def test_preparing_twice_does_nothing_the_second_time(world, monkeypatch):
    run = aelatent.prepare("small", progress=False)
    stamp = (run.path / "z_points.npy").stat().st_mtime_ns
    monkeypatch.setenv("AELATENT_RUN", "small")
    assert aelatent.prepare(progress=False).name == "small"
    assert (run.path / "z_points.npy").stat().st_mtime_ns == stamp


def test_the_history_has_a_row_per_epoch(world):
    assert list(Run.open("small").history.columns) == ["epoch", "loss", "val_loss", "seconds"]
    assert "COMPLETED, epoch 3 of 3" in repr(Run.open("small"))


def test_held_out_rows_are_those_that_the_training_did_not_see(world):
    run = Run.open("small")
    np.testing.assert_array_equal(run.held_out, run.store.rows("val"))
    assert len(run.held_out) == run.info["store"]["validation"] == 8


def test_a_run_outside_of_the_data_folder_takes_the_store_beside_it(world, tmp_path, monkeypatch):
    monkeypatch.setenv("AELATENT_DATA", str(tmp_path / "empty"))
    (world / "runs/small/z_points.json").unlink()
    run = Run.open("small", data=world)
    run.encode_store(progress=False)
    assert run.store.path == world / "stores/few"
    assert len(run.z) == 160


def test_whoever_holds_the_lock_is_left_alone(world, tmp_path, monkeypatch):
    shipped = tmp_path / "shipped"
    shutil.copytree(world / "runs/small", shipped / "runs/ships")
    monkeypatch.setattr(settings, "SHIPPED", shipped)
    run = Run.open("small")
    (run.path / "z_points.json").unlink()
    with only_one(lock_of(run.path), "testing"), only_one(lock_of(world / "runs/ships"), "testing"):
        with pytest.raises(RuntimeError, match="another process is working on run 'small'"):
            run.encode_store(progress=False)
        with pytest.raises(RuntimeError, match="another process is copying run 'ships'"):
            Run.open("ships")
    assert Run.open("ships").status == "COMPLETED"
