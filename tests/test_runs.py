import contextlib
import errno
import json
import shutil

import numpy as np
import pandas as pd
import pytest

import aelatent
from aelatent import ImageStore, Run, kept, latent, map_of, runs, settings, shelf
from aelatent._files import only_one
from aelatent.images import open_source, pack
from aelatent.runs import lock_of


def test_a_run_is_what_was_trained_and_encoded(world):
    run = Run.open("small")
    np.testing.assert_allclose(run.z, run.encode(run.store.images), atol=1e-5)
    assert (run.z.dtype, run.z.flags.writeable) == (np.float32, False)
    assert list(run.index["row"]) == list(range(len(run.z)))
    assert "yaw" in run.index.columns
    assert list(run.history.columns) == ["epoch", "loss", "val_loss", "seconds"]
    assert repr(run) == "<Run 'small': COMPLETED, epoch 3 of 3, z_dim 8>"
    assert "z-points: 160 of store few" in str(run)
    np.testing.assert_array_equal(run.held_out, run.store.rows("val"))
    assert len(run.held_out) == run.info["store"]["validation"] == 8


def test_a_run_works_elsewhere_and_without_its_store_but_for_the_pictures(
    world, tmp_path, monkeypatch
):
    shutil.copytree(world, tmp_path / "moved")
    shutil.rmtree(world)
    monkeypatch.setenv("AELATENT_DATA", str(tmp_path / "moved"))
    assert len(Run.open("small").index) == 160
    shutil.rmtree(tmp_path / "moved/stores")
    run = Run.open("small")
    assert run.decode(run.z[:2]).shape == (2, 32, 32, 3)
    with pytest.raises(FileNotFoundError, match="few"):
        _ = run.store


def test_unknown_and_unusable_names_are_refused(world):
    with pytest.raises(
        FileNotFoundError,
        match=r"no run 'celeba'.*found: .*'portraits',.*'small'\]",
    ):
        Run.open("celeba")
    for name in ("../small", "", None):
        with pytest.raises(ValueError, match="run name"):
            Run.open(name)


def change(path, **values):
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_a_weight_file_cannot_be_outside_of_the_run(world):
    path = world / "runs/small/run.json"
    weights = Run.open("small").info["weights"]
    weights["decoder"]["file"] = "../../../etc/passwd"
    change(path, weights=weights)
    with pytest.raises(FileNotFoundError, match=r"small/passwd is missing"):
        Run.open("small").decode(np.zeros((1, 8)))


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


@pytest.mark.parametrize("file", ["z_points.npy", "history.csv", "encoder", "decoder", "run.json"])
def test_what_cannot_be_read_of_a_run_may_be_whole(world, monkeypatch, file):
    real = open

    def refusing(path, *rest, **options):
        if file in str(path):
            raise OSError(errno.EMFILE, "no", str(path))
        return real(path, *rest, **options)

    for name in ("builtins.open", "io.open"):
        monkeypatch.setattr(name, refusing)
    with pytest.raises(OSError, match=r"it may be whole\. .*open ones \(ulimit -n\)"):
        _ = (run := Run.open("small")).z, run.history, run.autoencoder


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


def test_the_store_of_the_runs_own_name_beside_it_is_encoded(world, tmp_path, monkeypatch):
    pack(open_source("portraits", n=30, seed=2), "small", size=32, progress=False)
    large = pack(open_source("portraits", n=3), "large", size=48, progress=False)
    monkeypatch.setenv("AELATENT_DATA", str(tmp_path / "empty"))
    run = Run.open("small", data=world)
    with pytest.raises(ValueError, match=r"48 x 48 pixels.*--size 32"):
        run.encode_store(large, progress=False)
    run.encode_store(progress=False)
    assert run.store.path == world / "stores/small"
    assert len(run.z) == 30


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


def no_leave(*_):
    raise OSError(30, "Read-only file system")


def test_a_killed_training_reads_as_interrupted_where_the_lock_can_be_tried(world, monkeypatch):
    change(world / "runs/small/run.json", status="RUNNING")
    run = Run.open("small")
    assert run.status == "INTERRUPTED"
    with only_one(lock_of(run.path), "testing"):
        assert run.status == "RUNNING"
    monkeypatch.setattr(runs, "only_one", no_leave)
    assert run.status == "RUNNING"
    change(world / "runs/small/run.json", status="COMPLETED")
    Run.open("small").encode_store(progress=False)  # what is there needs no leave to write


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
    run = aelatent.prepare(scale="smoke", progress=False)
    assert run.path == world / "runs/portraits"
    assert (run.store.name, len(run.z)) == settings.SCALES["smoke"]
    assert {p.name: p.read_bytes() for p in (shipped / "runs/portraits").iterdir()} == before
    monkeypatch.setenv("AELATENT_RUN", "small")
    assert aelatent.prepare(progress=False).store.name == "few"


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


def test_a_run_copied_meanwhile_is_taken_as_it_is(world, tmp_path, monkeypatch):
    shutil.copytree(world / "runs/small", tmp_path / "runs/twin")
    monkeypatch.setattr(settings, "SHIPPED", tmp_path)

    @contextlib.contextmanager
    def after_the_other(*_):
        shutil.copytree(world / "runs/small", world / "runs/twin")
        yield

    monkeypatch.setattr(shelf, "only_one", after_the_other)
    assert (Run.open("twin").path / "z_points.npy").exists()
    assert not list((world / "runs").glob(".twin.partial"))
