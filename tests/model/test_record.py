import numpy as np
import pytest

from aelatent._files import sha256
from aelatent.model.autoencoder import build_autoencoder
from aelatent.model.config import ModelConfig
from aelatent.model.record import assign, model_arrays, read_arrays, save_arrays


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
    for damaged in (data[:99] + bytes([data[99] ^ 1]) + data[100:], data[:-9], b"", b"PK" * 50):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"does not belong to its run.*Restore the file"):
            read_arrays(path, digest)
    path.unlink()
    with pytest.raises(FileNotFoundError, match=r"w\.npz is missing"):
        read_arrays(path, digest)


def test_pickled_content_is_not_run(tmp_path):
    path = tmp_path / "evil.npz"

    class Evil:
        def __reduce__(self):
            return (pytest.fail, ("a pickle was executed",))

    np.savez(path, w=np.array([Evil()], dtype=object))
    with pytest.raises(ValueError, match="not a plain array archive"):
        read_arrays(path, sha256(path))


def test_values_that_are_not_finite_are_not_written(tmp_path):
    for dtype, value in (("float32", np.nan), ("float16", 1e6)):
        with np.errstate(over="ignore"), pytest.raises(ValueError, match="not finite as"):
            save_arrays(tmp_path / "w.npz", {"w": np.array([value])}, dtype)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_the_old_file(saved, monkeypatch):
    arrays, path, digest = saved

    def full_disk(file, **_):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full_disk)
    with pytest.raises(OSError, match="No space left"):
        save_arrays(path, arrays)
    assert read_arrays(path, digest)["a/bias"].shape == (2,)
    assert [p.name for p in path.parent.iterdir()] == ["w.npz"]


def test_weights_of_another_model_are_refused(tiny, tmp_path):
    small = build_autoencoder(tiny).encoder
    other = build_autoencoder(ModelConfig(**(tiny.to_dict() | {"z_dim": 11}))).encoder
    with pytest.raises(ValueError, match="weights of another model"):
        assign(small, model_arrays(other), tmp_path / "encoder.npz")


def test_assigned_weights_give_the_same_z_points(tiny, pictures):
    source, target = (build_autoencoder(tiny, seed=seed).encoder for seed in (1, 2))
    x = pictures[:4] / np.float32(255)
    assert np.abs(source(x) - target(x)).max() > 1e-3
    assign(target, model_arrays(source), "memory")
    np.testing.assert_array_equal(source(x), target(x))
