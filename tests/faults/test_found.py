"""What the faults found in the package, one test for each, so that it stays mended."""

import contextlib
import errno
import gc
import json
import os
import shutil
import subprocess
import sys
import warnings

import numpy as np
import pytest

from aelatent import ImageStore, Run, kept, runs, settings
from aelatent._files import only_one, read_json, sha256, write_array
from aelatent.images import open_source, pack, packing
from aelatent.model.config import TrainConfig
from aelatent.training import train


def change(path, **values):
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


# full disks


def test_the_end_of_an_array_is_not_lost_where_the_disk_is_full(tmp_path):
    """numpy.save says nothing when its last 4 KiB do not fit."""
    code = (
        "import resource, numpy as np, sys\n"
        "from aelatent._files import write_array\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (5000, resource.RLIM_INFINITY))\n"
        f"with open({str(tmp_path / 'a.npy')!r}, 'wb') as file:\n"
        "    write_array(file, np.zeros(6000, np.uint8))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert f"[Errno {errno.EFBIG}]" in done.stderr


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12, dtype=np.float32).reshape(3, 4),
        np.arange(12, dtype=np.float32).reshape(3, 4).T,
        np.zeros((0, 2), np.float32),
        np.arange(5, dtype=np.uint8)[::2],
    ],
)
def test_arrays_are_written_as_numpy_does(tmp_path, array):
    with open(tmp_path / "a.npy", "wb") as file:
        write_array(file, array)
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), array)
    np.save(tmp_path / "b.npy", np.ascontiguousarray(array))
    assert (tmp_path / "a.npy").read_bytes() == (tmp_path / "b.npy").read_bytes()


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "disk is full.*testing.*repeat the same call"),
        (errno.EFBIG, "limit on file sizes.*testing.*repeat the same call"),
        (errno.EROFS, "system refused.*testing.*AELATENT_DATA"),
        (errno.EACCES, "system refused.*testing.*AELATENT_DATA"),
    ],
)
def test_errors_of_the_disk_say_what_to_do(tmp_path, number, said):
    with (
        pytest.raises(OSError, match=rf"(?i){said}") as raised,
        only_one(tmp_path / "l", "testing"),
    ):
        raise OSError(number, os.strerror(number), "photo.jpg")
    assert raised.value.errno == number
    assert ("photo.jpg" in str(raised.value)) == ("refused" in said)
    with only_one(tmp_path / "l", "testing"):  # the lock is free again
        pass


# folders that cannot be written to


@pytest.fixture
def no_locks(monkeypatch):
    """Let every lock fail as it does in a folder that cannot be written to."""

    @contextlib.contextmanager
    def refused(*_):
        raise OSError(errno.EROFS, "the system refused it")
        yield

    for module in (runs, kept, packing):
        monkeypatch.setattr(module, "only_one", refused)


def test_what_is_there_needs_no_leave_to_write(world, no_locks):
    run = Run.open("small")
    run.encode_store(progress=False)
    source = open_source("portraits", n=160)
    assert len(pack(source, "few", size=32, workers=1, progress=False)) == 160
    with pytest.raises(OSError, match="refused"):
        pack(source, "new", size=32, workers=1, progress=False)


def test_a_run_that_cannot_be_locked_has_the_recorded_status(world, no_locks):
    change(world / "runs/small/run.json", status="RUNNING")
    assert Run.open("small").status == "RUNNING"
    assert "RUNNING" in repr(Run.open("small"))


# kills and rivals


@pytest.mark.parametrize("damage", ["cut", "flip", "empty request"])
def test_damaged_z_points_are_encoded_again(world, monkeypatch, damage):
    monkeypatch.setattr(kept, "CHUNK", 50)
    run = Run.open("small")
    expected = np.array(run.z)
    (run.path / "z_points.json").unlink()
    with monkeypatch.context() as patch:
        patch.setattr(kept, "_join", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run.encode_store(progress=False)
    partial = run.path / kept.PARTIAL
    content = (partial / "z_points.npy").read_bytes()
    assert len(content) == 128 + 160 * 8 * 4
    encoded, real = [], Run.encode
    monkeypatch.setattr(Run, "encode", lambda run, x, **_: encoded.append(len(x)) or real(run, x))
    match damage:
        case "cut":
            (partial / "z_points.npy").write_bytes(content[:-1])
        case "flip":
            at = 128 + 60 * 8 * 4  # in the second chunk of four
            flipped = bytes([content[at] ^ 1])
            (partial / "z_points.npy").write_bytes(content[:at] + flipped + content[at + 1 :])
        case _:
            (partial / "request.json").write_text("")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*starting anew")
        run.encode_store(progress=False)
    assert encoded == {"cut": [10], "flip": [50, 50, 10]}.get(damage, [50, 50, 50, 10])
    np.testing.assert_allclose(run.z, expected, atol=1e-5)
    assert not partial.exists()


def test_a_run_copied_meanwhile_is_taken_as_it_is(world, tmp_path, monkeypatch):
    """Two processes that open a shipped run at once; the second waited for the first."""
    shipped = tmp_path / "shipped"
    shutil.copytree(world / "runs/small", shipped / "runs/twin")
    monkeypatch.setattr(settings, "SHIPPED", shipped)

    @contextlib.contextmanager
    def after_the_other(*_):
        shutil.copytree(world / "runs/small", world / "runs/twin")
        yield

    monkeypatch.setattr(runs, "only_one", after_the_other)
    assert Run.open("twin").status == "COMPLETED"
    assert not list((world / "runs").glob(".twin.partial"))


# damage


@pytest.mark.parametrize(
    ("history", "said"),
    [
        (None, "No such file"),
        (b"", "No columns"),
        (b"\xff\xfe\x00", "decode"),
        (b"a,b\n1,2\n", "epoch"),
        (b"epoch,loss,val_loss,seconds\n1,0.2,0.2,1\n", r"epochs 1 to 3, got \[1"),
        (b"epoch,loss,val_loss,seconds\n1,2,3,1\n2,2,2,1\n3,1,1\n", "expected numbers"),
        (b"epoch,loss,val_loss,seconds\n1,2,3,1\n2,2,2,1\n3,1,1,1\n", "the best epoch was"),
    ],
)
def test_a_history_that_is_not_the_runs_is_refused(world, history, said):
    path = world / "runs/small/history.csv"
    path.unlink()
    if history is not None:
        path.write_bytes(history)
    with pytest.raises(ValueError, match=rf"history\.csv is damaged.*{said}(.|\n)*Restore"):
        _ = Run.open("small").history
    config = TrainConfig.from_dict(Run.open("small").info["training"] | {"epochs": 5})
    with pytest.raises(ValueError, match=r"history\.csv is damaged"):
        train(ImageStore.open("few"), "small", config=config, progress=False)
    assert Run.open("small").status == "COMPLETED"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("model", value) for value in (5, {}, {"z_dim": None})),
        *(("training", value) for value in ([], {"epochs": 3})),
        *(("status", value) for value in ("DONE", [])),
        *(("store", value) for value in ("few", {"name": 3, "fingerprint": "x"})),
        *(("epochs_done", value) for value in ("3", -1, True)),
        *(("best", value) for value in ([], {"epoch": 1, "val_loss": None})),
        *(("weights", value) for value in (None, [1], {"encoder": {"file": "x", "sha256": "y"}})),
        ("weights", {"encoder": {"file": "x"}, "decoder": {"file": "x", "sha256": "y"}}),
        ("checkpoint", 5),
    ],
    ids=str,
)
def test_a_run_json_with_other_values_is_refused(world, key, value):
    path = world / "runs/small/run.json"
    change(path, **{key: value})
    with pytest.raises(ValueError, match=r"run\.json is damaged(.|\n)*Restore"):
        Run.open("small")


def test_a_run_json_that_lacks_a_setting_is_refused(world):
    training = TrainConfig().to_dict()
    del training["epochs"]
    change(world / "runs/small/run.json", training=training)
    with pytest.raises(ValueError, match=r"run\.json is damaged: expected 'training' to be like"):
        Run.open("small")


@pytest.mark.parametrize("text", ["9" * 5000, "[" * 100_000, '{"a": ' * 100_000])
def test_json_beyond_pythons_limits_is_damaged(tmp_path, text):
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"a\.json is damaged.*make it again"):
        read_json(path)


@pytest.mark.parametrize("columns", [{"a": []}, {"a": {}}, {"a": 5, "b": "int3"}])
def test_a_store_with_odd_column_types_is_refused(world, columns):
    change(world / "stores/few/store.json", columns=columns)
    with pytest.raises(ValueError, match=r"(store\.json|index\.csv) is damaged"):
        ImageStore.open("few")


@pytest.mark.parametrize("key", ["store", "store_fingerprint"])
def test_z_points_that_do_not_say_of_what_are_refused(world, key):
    path = world / "runs/small/z_points.json"
    change(path, **{key: None})
    with pytest.raises(ValueError, match=rf"'{key}' to be text, got None.*aelatent encode small"):
        _ = Run.open("small").z
    Run.open("small").encode_store(progress=False)
    assert len(Run.open("small").index) == 160


@pytest.mark.parametrize("keep", [0, 500], ids=["empty", "cut"])
def test_weights_that_are_no_archive_say_what_to_do(world, keep):
    run = Run.open("small")
    weights = run.info["weights"]
    path = run.path / weights["decoder"]["file"]
    path.write_bytes(path.read_bytes()[:keep])
    weights["decoder"]["sha256"] = sha256(path)
    change(run.path / "run.json", weights=weights)
    with pytest.raises(ValueError, match=r"not a plain array archive.*Restore the file"):
        Run.open("small").decode(np.zeros((1, 8)))
    gc.collect()  # a file that was left open would warn now
