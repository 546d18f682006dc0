import gc
import json

import numpy as np
import pytest

from aelatent import ImageStore, train
from aelatent._files import sha256
from aelatent.model.autoencoder import build_autoencoder
from aelatent.model.config import ModelConfig, TrainConfig
from aelatent.model.record import Record, assign, model_arrays, read_arrays, save_arrays


@pytest.fixture
def saved(tmp_path):
    arrays = {"a/kernel": np.linspace(-1, 1, 7, dtype=np.float32), "a/bias": np.zeros(2, "f4")}
    path = tmp_path / "w.npz"
    return arrays, path, save_arrays(path, arrays)


def test_arrays_come_back_as_they_were_and_give_the_same_file(saved, tmp_path):
    arrays, path, digest = saved
    back = read_arrays(path, digest)
    assert back.keys() == arrays.keys()
    for name in arrays:
        np.testing.assert_array_equal(back[name], arrays[name])
    assert save_arrays(tmp_path / "again.npz", arrays) == digest


def test_float16_halves_the_file_and_keeps_eleven_bits(tmp_path):
    values = {"w": np.random.default_rng(0).normal(size=20_000).astype(np.float32)}
    digests = {d: save_arrays(tmp_path / f"{d}.npz", values, d) for d in ("float32", "float16")}
    sizes = {d: (tmp_path / f"{d}.npz").stat().st_size for d in digests}
    assert sizes["float16"] < 0.51 * sizes["float32"]
    back = read_arrays(tmp_path / "float16.npz", digests["float16"])["w"]
    assert back.dtype == np.float32
    np.testing.assert_allclose(back, values["w"], rtol=2**-11, atol=1e-7)


def test_a_damaged_or_missing_file_is_refused(saved):
    _, path, digest = saved
    data = path.read_bytes()
    for damaged in (data[:99] + bytes([data[99] ^ 1]) + data[100:], data[:-9], b""):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"does not belong to its run.*Restore the file"):
            read_arrays(path, digest)
    path.unlink()
    with pytest.raises(FileNotFoundError, match=r"w\.npz is missing"):
        read_arrays(path, digest)


class Evil:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was executed",))


def test_what_is_no_archive_is_refused_and_pickles_are_not_run(saved):
    _, path, _ = saved
    np.savez(path, w=np.array([Evil()], dtype=object))
    for content in (path.read_bytes(), b"", b"PK" * 50):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"not a plain array archive.*Restore the file"):
            read_arrays(path, sha256(path))
    gc.collect()  # a file that was left open would warn now


def test_values_that_are_not_finite_are_not_written(tmp_path):
    for dtype, value in (("float32", np.nan), ("float16", 1e6)):
        with np.errstate(over="ignore"), pytest.raises(ValueError, match="not finite as"):
            save_arrays(tmp_path / "w.npz", {"w": np.array([value])}, dtype)
    assert list(tmp_path.iterdir()) == []


def test_assigned_weights_give_the_same_z_points_and_those_of_another_model_are_refused(
    tiny, pictures
):
    source, target = (build_autoencoder(tiny, seed=seed).encoder for seed in (1, 2))
    x = pictures[:4] / np.float32(255)
    assert np.abs(source(x) - target(x)).max() > 1e-3
    assign(target, model_arrays(source), "memory")
    np.testing.assert_array_equal(source(x), target(x))
    other = build_autoencoder(ModelConfig(**(tiny.to_dict() | {"z_dim": 11}))).encoder
    with pytest.raises(ValueError, match="weights of another model"):
        assign(target, model_arrays(other), "memory")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("model", {"z_dim": None}),
        ("training", {"epochs": 3}),
        ("status", "DONE"),
        ("store", {"name": 3, "fingerprint": "x"}),
        ("epochs_done", -1),
        ("epochs_done", True),
        ("epochs_done", 100_001),
        ("best", {"epoch": 1, "val_loss": None}),
        ("weights", {"encoder": {"file": "x"}, "decoder": {}}),
        ("checkpoint", 5),
    ],
    ids=str,
)
def test_a_run_json_with_other_values_is_refused(world, key, value):
    path = world / "runs/small/run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))
    with pytest.raises(ValueError, match=r"run\.json is damaged(.|\n)*Restore"):
        Record.open(path.parent)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (b"", "No columns"),
        (b"epoch,loss,val_loss,seconds\n1,0.2,0.2,1\n", r"epochs 1 to 3, got \[1"),
        (b"epoch,loss,val_loss,seconds\n1,2,3,1\n2,2,2,1\n3,1,1\n", "expected numbers"),
        (b"epoch,loss,val_loss,seconds\n1,2,3,1\n2,2,2,1\n3,1,1,1\n", "the best epoch was"),
    ],
)
def test_a_history_that_is_not_the_runs_is_refused(world, rows, said):
    path = world / "runs/small/history.csv"
    path.write_bytes(rows)
    with pytest.raises(ValueError, match=rf"history\.csv is damaged.*{said}(.|\n)*Restore"):
        _ = Record.open(path.parent).history
    path.unlink()
    config = TrainConfig(epochs=5, batch_size=8, learning_rate=5e-3)
    with pytest.raises(ValueError, match=r"history\.csv is damaged.*No such file"):
        train(ImageStore.open("few"), "small", config=config, progress=False)
