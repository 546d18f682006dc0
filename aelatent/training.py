"""Begin a training, or go on with one: the step from a store to a run."""

from pathlib import Path

import numpy as np
import pandas as pd

from aelatent import settings
from aelatent._files import only_one
from aelatent.images.store import ImageStore
from aelatent.model.config import ModelConfig, TrainConfig
from aelatent.model.fitting import fit, resolve_precision, split_rows
from aelatent.model.record import COMPLETED, INTERRUPTED, RUNNING, Record, versions
from aelatent.runs import Run
from aelatent.shelf import lock_of, runs_dir


def train(
    store: ImageStore,
    name: str,
    model: ModelConfig | None = None,
    config: TrainConfig | None = None,
    *,
    data: Path | None = None,
    progress: bool = True,
    on_epoch=None,
) -> Run:
    """Train run `name` on `store`, or go on where it stopped.

    Parameters
    ----------
    store : ImageStore
        Pictures of the model's size.
    name : str
        Folder name below ``runs/``.
    model, config : ModelConfig, TrainConfig, optional
        For a new run: default the project's standard settings. For an existing one: must be what
        it was begun with (or left out); only ``epochs`` may grow.
    data : path, optional
        Data folder; default: `settings.data_dir`.
    progress : bool
        Show bars and a line per epoch.
    on_epoch : callable, optional
        Called with the history (a DataFrame) after each epoch.

    Returns
    -------
    Run
        Its ``status`` is COMPLETED; INTERRUPTED after Ctrl-C or a notebook's stop button, with
        what was reached; or FAILED when the loss was not finite.

    Raises
    ------
    RuntimeError
        If another process trains this run.
    """
    folder = runs_dir(data) / settings.check_name(name, "run")
    with only_one(lock_of(folder), f"training run {name!r}"):
        record = _begin_or_resume(folder, store, model, config)
        record.sweep()
        _finish(record, store, progress, on_epoch)
    return Run(folder)


def compared(*runs: Run) -> pd.DataFrame:
    """Return what runs learned from, how, and what they reached, in words: a column each."""
    rows = {
        "store": lambda run: run.info["store"]["name"],
        "pictures learned from": lambda run: f"{run.info['store']['train']:,}",
        "filters": lambda run: " ".join(map(str, run.config.filters)),
        "components": lambda run: str(run.config.z_dim),
        "epochs": lambda run: str(len(run.history)),
        "largest step": lambda run: f"{run.info['training']['learning_rate']:g}",
        "minutes": lambda run: f"{run.history['seconds'].sum() / 60:.1f}",
        "best validation error": lambda run: f"{run.info['best']['val_loss']:.5f}",
    }
    return pd.DataFrame({run.name: {k: row(run) for k, row in rows.items()} for run in runs})


def outlook(run: Run, pictures: np.ndarray, epochs: np.ndarray) -> pd.DataFrame:
    """Return what training on so many pictures would take and reach, by a run's own history."""
    history, learned_from = run.history, run.info["store"]["train"]
    pictures = np.asarray(pictures)
    shown, done = pictures * epochs, history["epoch"] * learned_from
    # The run's error when it had been shown as many pictures; NaN outside of what it was shown.
    # Few pictures shown often teach less than many shown once: at best.
    known = {"left": np.nan, "right": np.nan}
    error = np.exp(np.interp(np.log(shown), np.log(done), np.log(history["val_loss"]), **known))
    each = 3 * run.config.size**2 + 4 * run.config.z_dim  # bytes
    table = {
        "pictures": pictures,
        "epochs": epochs,
        "minutes": np.rint(shown * history["seconds"].sum() / done.iloc[-1] / 60).astype(int),
        "MB on disk": np.rint(pictures * each / 1e6).astype(int),
        "error at best": np.round(error, 5),
    }
    return pd.DataFrame(table).set_index("pictures")


def brief(
    store: ImageStore, seed: int = 0, *, shown: int = 40_000, holdout: str | float = "split"
) -> tuple[ModelConfig, TrainConfig]:
    """Return a small network and few epochs, as a minute allows: `train`'s settings."""
    model = ModelConfig(size=store.size, filters=(8, 16, 32, 64), z_dim=64)
    if holdout == "split" and not (len(store.rows("train")) and len(store.rows("val"))):
        holdout = 0.05  # the last twentieth
    epochs = min(max(shown // len(store), 2), 25)
    times = {"epochs": epochs, "learning_rate": 2e-3, "schedule": "cosine"}
    return model, TrainConfig(**times, seed=seed, holdout=holdout)


def _finish(record: Record, store: ImageStore, progress: bool, on_epoch) -> None:
    config = TrainConfig.from_dict(record.info["training"])
    if record.info["epochs_done"] >= config.epochs:
        if record.info["status"] != COMPLETED:  # killed between the last epoch and saying so
            record.save(status=COMPLETED, message=None)
        return
    record.save(status=RUNNING, message=None)
    try:
        rows = split_rows(store, config.holdout)
        fit(record, store.images, rows, progress=progress, on_epoch=on_epoch)
    except KeyboardInterrupt:
        record.save(status=INTERRUPTED, message="stopped by the user")


def _begin_or_resume(folder, store, model, config) -> Record:
    if (folder / "run.json").is_file():
        return _resume(Record.open(folder), store, model, config)
    model, config = model or ModelConfig(size=store.size), config or TrainConfig()
    if store.size != model.size:
        raise ValueError(
            f"store {store.name!r} has pictures of {store.size} x {store.size} pixels, the model "
            f"takes {model.size}. Use ModelConfig(size={store.size}), or pack the store again."
        )
    train_rows, validation_rows = split_rows(store, config.holdout)  # refuses before any file
    folder.mkdir(parents=True, exist_ok=True)
    info = {
        "format": 1,
        "status": RUNNING,
        "message": None,
        "model": model.to_dict(),
        "training": config.to_dict(),
        "precision": resolve_precision(config.precision),
        "store": {
            "name": store.name,
            "fingerprint": store.fingerprint,
            "train": len(train_rows),
            "validation": len(validation_rows),
        },
        "versions": versions(),
        "epochs_done": 0,
        "best": None,
        "weights": None,
        "checkpoint": None,
    }
    record = Record(folder, info)
    record.save()
    return record


def _resume(record: Record, store, model, config) -> Record:
    info, name = record.info, record.folder.name
    if info["format"] != 1:
        raise ValueError(
            f"run {name!r} was made elsewhere and is not trained here. Train a run of another name."
        )
    if store.fingerprint != info["store"]["fingerprint"]:
        raise ValueError(
            f"run {name!r} was begun on store {info['store']['name']!r} (fingerprint "
            f"{info['store']['fingerprint'][:12]}…); store {store.name!r} holds other pictures. "
            "Take that store, or train a run of another name."
        )
    # Through their classes: a run that is older than a setting has its default.
    shape, training = ModelConfig.from_dict(info["model"]), TrainConfig.from_dict(info["training"])
    begun = shape.to_dict() | training.to_dict()
    asked = (model or shape).to_dict() | (config or training).to_dict()
    epochs = max(begun["epochs"], asked["epochs"])
    for key, value in begun.items():
        if key != "epochs" and asked[key] != value:
            raise ValueError(
                f"run {name!r} was begun with {key}={value!r}; {key}={asked[key]!r} was asked for. "
                "Leave it as it was, or train a run of another name."
            )
    if info["epochs_done"] and not info["checkpoint"] and epochs > info["epochs_done"]:
        raise ValueError(
            f"run {name!r} ships without its checkpoint and cannot be trained further. Train a "
            "run of another name."
        )
    _ = record.history  # a damaged one is refused now, not after another epoch
    record.info = info | {"training": training.to_dict() | {"epochs": epochs}}
    return record
