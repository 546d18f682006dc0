"""Beginning, resuming and ending a training, on real files and a real (tiny) model."""

import json

import numpy as np
import pytest

from aelatent import ImageStore, Run, train
from aelatent._files import only_one
from aelatent.images import open_source, pack
from aelatent.model import ModelConfig, TrainConfig, fitting
from aelatent.model.record import model_arrays
from aelatent.runs import lock_of
from aelatent.training import brief, compared, outlook

MODEL = ModelConfig(size=32, filters=(8, 16), z_dim=8)


def config(**changes):
    return TrainConfig(**({"epochs": 3, "batch_size": 8, "learning_rate": 5e-3} | changes))


CONFIG = config()
COLUMNS = ["epoch", "loss", "val_loss"]


@pytest.fixture
def store(world):
    return ImageStore.open("few")


def test_training_lowers_both_errors_and_keeps_the_weights_of_the_best(store):
    run = Run.open("small")
    assert list(run.history["epoch"]) == [1, 2, 3]
    for column in ("loss", "val_loss"):
        assert run.history[column].iloc[-1] < 0.9 * run.history[column].iloc[0]
    errors = run.errors(store.images[store.rows("val")])
    assert run.info["best"]["val_loss"] == pytest.approx(errors.mean(), rel=1e-4)


def test_the_same_seed_gives_the_same_history(store):
    again = train(store, "again", MODEL, CONFIG, progress=False)
    other = train(store, "other", MODEL, config(epochs=3, seed=1), progress=False)
    first = Run.open("small").history[COLUMNS]
    np.testing.assert_allclose(again.history[COLUMNS], first, rtol=1e-4)
    assert np.abs(other.history["loss"] / first["loss"] - 1).max() > 1e-3


def test_resuming_is_as_good_as_never_stopping(store):
    falling = config(schedule="cosine", epochs=4)
    whole = train(store, "whole", MODEL, falling, progress=False)

    def stop(history):
        if len(history) == 2:
            raise KeyboardInterrupt

    parts = train(store, "stopped", MODEL, falling, progress=False, on_epoch=stop)
    assert (parts.status, parts.info["epochs_done"]) == ("INTERRUPTED", 2)
    assert parts.decode(np.zeros((1, 8))).shape == (1, 32, 32, 3)
    parts = train(store, "stopped", progress=False)
    np.testing.assert_allclose(parts.history[COLUMNS], whole.history[COLUMNS], rtol=1e-4)
    found, expected = (model_arrays(run.autoencoder.decoder) for run in (parts, whole))
    for name in expected:
        np.testing.assert_allclose(found[name], expected[name], atol=1e-4)
    steady = train(store, "steady", MODEL, config(epochs=4), progress=False)
    gap = np.abs(steady.history["loss"] / whole.history["loss"] - 1)
    assert gap[0] < 1e-4  # the first epoch has the full step size
    assert gap[1:].min() > 1e-3


def test_a_run_older_than_a_setting_has_its_default(store, world):
    path = world / "runs/small/run.json"
    info = json.loads(path.read_text())
    del info["training"]["schedule"]
    path.write_text(json.dumps(info))
    assert train(store, "small", MODEL, CONFIG, progress=False).status == "COMPLETED"
    with pytest.raises(ValueError, match="begun with schedule='constant'; schedule='cosine' was"):
        train(store, "small", MODEL, config(schedule="cosine"), progress=False)


def test_the_best_model_outlives_worse_epochs(store, monkeypatch):
    values = iter([0.3, 0.1, 0.2, 0.15, 0.05])
    monkeypatch.setattr(fitting._Trainer, "validate", lambda *_: next(values))
    first = train(store, "best", MODEL, config(epochs=3), progress=False)
    assert first.info["best"] == {"epoch": 2, "val_loss": 0.1}
    file = first.info["weights"]["decoder"]["file"]
    assert file == "decoder-002.npz"
    resumed = train(store, "best", MODEL, config(epochs=4), progress=False)
    assert resumed.info["best"] == {"epoch": 2, "val_loss": 0.1}  # carried over, 0.15 is worse
    assert resumed.info["weights"]["decoder"]["file"] == file
    assert resumed.info["checkpoint"]["file"] == "checkpoint-004.npz"
    better = train(store, "best", MODEL, config(epochs=5), progress=False)
    assert better.info["weights"]["decoder"]["file"] == "decoder-005.npz"
    assert not (better.path / file).exists()


def test_a_loss_that_is_not_finite_stops_with_the_last_good_state(store, monkeypatch):
    monkeypatch.setattr(TrainConfig, "step_size", lambda self, epoch: 1e30 if epoch == 2 else 1e-3)
    run = train(store, "wild", MODEL, CONFIG, progress=False)
    assert run.status == "FAILED"
    assert "Lower learning_rate" in run.info["message"]
    assert run.info["epochs_done"] == 1
    assert list(run.history["epoch"]) == [1]
    assert np.isfinite(run.decode(np.zeros((1, 8)))).all()


def test_other_settings_or_pictures_are_refused(store, world):
    with pytest.raises(ValueError, match="32 x 32 pixels, the model takes 96"):
        train(store, "big", ModelConfig(), progress=False)
    assert not (world / "runs/big").exists()
    with pytest.raises(ValueError, match=r"with filters=\[8, 16\]; filters=\[8, 8\] was asked"):
        train(store, "small", ModelConfig(size=32, filters=(8, 8), z_dim=8), progress=False)
    with pytest.raises(ValueError, match="begun with batch_size=8; batch_size=16"):
        train(store, "small", MODEL, config(batch_size=16), progress=False)
    other = pack(open_source("portraits", n=40, seed=5), "other", size=32, progress=False)
    with pytest.raises(ValueError, match=r"was begun on store 'few'.*'other' holds other pictures"):
        train(other, "small", progress=False)


def test_a_missing_checkpoint_is_explained(store, world):
    path = world / "runs/small/run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"checkpoint": None}))
    before = path.read_bytes()
    with pytest.raises(ValueError, match="ships without its checkpoint"):
        train(store, "small", MODEL, config(epochs=5), progress=False)
    train(store, "small", progress=False)
    assert path.read_bytes() == before  # a run that ships is tracked: use must not rewrite it


def test_two_trainings_of_one_run_are_refused(store, world):
    busy = pytest.raises(RuntimeError, match=r"another process is training run 'small'")
    with only_one(lock_of(world / "runs/small"), "testing"), busy:
        train(store, "small", progress=False)


def test_bfloat16_training_ends_with_float32_weights(store):
    low = config(epochs=1, precision="mixed_bfloat16")
    run = train(store, "bf16", MODEL, low, progress=False)
    reference = Run.open("small").history["val_loss"].iloc[0]
    assert run.info["best"]["val_loss"] == pytest.approx(reference, rel=0.05)
    z = run.encode(store.images[:64])
    assert (z.view(np.uint32) & 0xFFFF).astype(bool).mean() > 0.95  # no bfloat16 lattice


def test_float16_weights_decode_alike(store):
    settings = config(weights_dtype="float16")
    half, full = train(store, "half", MODEL, settings, progress=False), Run.open("small")
    sizes = [(r.path / r.info["weights"]["decoder"]["file"]).stat().st_size for r in (half, full)]
    assert sizes[0] < 0.65 * sizes[1]
    np.testing.assert_allclose(half.decode(full.z[:5]), full.decode(full.z[:5]), atol=5e-3)


def test_the_outlook_is_what_a_run_took_and_reached(world):
    run = Run.open("small")
    trained, history = run.info["store"]["train"], run.history
    seconds = history["seconds"].sum()
    table = outlook(run, [trained, 2 * trained, 10 * trained], [2, 1, 3])
    reached = table["error at best"].to_numpy()
    np.testing.assert_allclose(reached[:2], history["val_loss"][1], atol=1e-5)
    assert np.isnan(reached[2])  # more than it was shown
    assert table.index.tolist() == [trained, 2 * trained, 10 * trained]
    took = outlook(run, np.array([1, 1000]) * trained, 3000)["minutes"].to_numpy()
    np.testing.assert_allclose(took, [1e3 * seconds / 60, 1e6 * seconds / 60], atol=0.5)
    large = outlook(run, [10**6], 1)["MB on disk"].item()
    assert large == 32 * 32 * 3 + 4 * 8


def test_runs_are_compared_by_what_they_learned_from_and_reached(world):
    run = Run.open("small")
    column = compared(run)["small"]
    assert column["pictures learned from"] == f"{run.info['store']['train']:,}"
    assert (column["filters"], column["components"], column["epochs"]) == ("8 16", "8", "3")
    assert float(column["best validation error"]) == pytest.approx(
        run.history["val_loss"].min(), abs=1e-5
    )


def test_brief_settings_train_any_store_for_a_while(store):
    model, times = brief(store, 3, shown=4 * len(store))
    assert (model.size, times.epochs, times.seed, times.holdout) == (store.size, 4, 3, "split")
    store.index["split"] = ""
    assert brief(store)[1].holdout == 0.05
    assert brief(store, shown=1)[1].epochs == 2
    assert brief(store, shown=10**6)[1].epochs == 25
