"""The files of one training: ``run.json`` points to whole files, and is replaced last.

An epoch's files get names of their own (``checkpoint-007.npz``); only when all of them are on
disk does the new ``run.json`` point to them, and only then are the old ones removed. Whenever the
process is killed, ``run.json`` therefore names a complete state: at most the running epoch is lost.
"""

import platform
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

from aelatent import __version__
from aelatent._files import read_json, replacing, sha256, sweep_temporary, write_json, write_text
from aelatent._lacking import Elsewhere
from aelatent._system import reading
from aelatent.model._backend import load
from aelatent.model.adopted import AdoptedConfig
from aelatent.model.config import ModelConfig, TrainConfig

ELSEWHERE = 2  # format of a run that was not trained here
RUNNING, COMPLETED, INTERRUPTED, FAILED = "RUNNING", "COMPLETED", "INTERRUPTED", "FAILED"
HISTORY_COLUMNS = ["epoch", "loss", "val_loss", "seconds"]
_ENTRY = {"file": str, "sha256": str}
_LATER = ("schedule",)  # settings that runs made before them lack: they have the default

_AGAIN = "Restore the file from a copy of the run, or train a run of another name."


def versions() -> dict[str, str]:
    """Return the versions that a training depends on."""
    loaded = load()  # TensorFlow goes by several names: tensorflow-cpu, tf-nightly
    found = {"python": platform.python_version(), "aelatent": __version__, "numpy": np.__version__}
    return found | {"tensorflow": loaded.tf.__version__, "keras": loaded.keras.__version__}


class Record:
    """``run.json``, ``history.csv`` and the weight files of one run folder."""

    def __init__(self, folder: Path, info: dict):
        self.folder, self.info = Path(folder), info

    @classmethod
    def open(cls, folder: Path) -> "Record":
        """Read the record of an existing run; refuse one that is damaged or of another format."""
        path = Path(folder) / "run.json"
        if not path.is_file():
            raise FileNotFoundError(
                f"{folder} is no run: it has no run.json. Train one with `aelatent train NAME "
                "--store STORE`, or move the folder elsewhere."
            )
        info = read_json(path)
        if info.get("format") == ELSEWHERE:
            return cls(folder, _made_elsewhere(path, info))
        expected = {"format", "status", "model", "training", "store", "epochs_done", "best"}
        if missing := sorted(expected - set(info)):
            raise ValueError(f"{path} is damaged: it lacks {missing}. {_AGAIN}")
        if info["format"] != 1:
            raise ValueError(
                f"{path} has format {info['format']!r}; this version of aelatent reads 1 and 2. "
                "Use the version that wrote it, or train the run again."
            )
        try:
            _check(info)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{path} is damaged: {error} {_AGAIN}") from error
        return cls(folder, info)

    @property
    def history(self) -> pd.DataFrame:
        """One row per finished epoch: epoch, loss, val_loss, seconds."""
        done = self.info.get("epochs_done")
        if not done:
            return pd.DataFrame(columns=HISTORY_COLUMNS).astype({"epoch": int})
        path = self.folder / "history.csv"
        try:
            with reading(path):
                table = pd.read_csv(path, dtype=dict.fromkeys(HISTORY_COLUMNS, float))
            # a row may have been written for an epoch whose run.json never was
            table = table[table["epoch"] <= done].reset_index(drop=True)
            _check_history(table, self.info)
        except (FileNotFoundError, ValueError, KeyError) as error:
            raise ValueError(f"{path} is damaged: {error}. {_AGAIN}") from error
        return table.astype({"epoch": int})

    def save(self, **changes) -> None:
        """Update ``run.json``."""
        self.info = self.info | changes
        write_json(self.folder / "run.json", self.info)

    def finish_epoch(self, row: dict, best: dict | None, checkpoint: dict) -> None:
        """Make one more finished epoch part of the run."""
        # row: values of HISTORY_COLUMNS; best: {"encoder": arrays, "decoder": arrays} of an epoch
        # that is the best so far, else None; checkpoint: all arrays that resuming needs
        epoch = row["epoch"]
        history = pd.concat([self.history, pd.DataFrame([row])], ignore_index=True)
        changes = {"epochs_done": epoch, "checkpoint": self._store("checkpoint", epoch, checkpoint)}
        if best is not None:
            dtype = self.info["training"]["weights_dtype"]
            changes["weights"] = {
                part: self._store(part, epoch, arrays, dtype) for part, arrays in best.items()
            }
            changes["best"] = {"epoch": epoch, "val_loss": row["val_loss"]}
        write_text(self.folder / "history.csv", history.to_csv(index=False, lineterminator="\n"))
        self.save(**changes)
        self.sweep()

    def _store(self, part: str, epoch: int, arrays: dict[str, np.ndarray], dtype="float32") -> dict:
        path = self.folder / f"{part}-{epoch:03d}.npz"
        return {"file": path.name, "sha256": save_arrays(path, arrays, dtype)}

    def sweep(self) -> None:
        """Remove weight files that ``run.json`` does not name: of older or unfinished epochs."""
        named = {self.info["checkpoint"]["file"]} if self.info.get("checkpoint") else set()
        named |= {entry["file"] for entry in (self.info.get("weights") or {}).values()}
        sweep_temporary(self.folder)
        for pattern in ("checkpoint-*.npz", "encoder-*.npz", "decoder-*.npz"):
            for path in self.folder.glob(pattern):
                if path.name not in named:
                    path.unlink()


def _check(info: dict) -> None:
    """Refuse what is no content of a ``run.json``, with a ValueError or TypeError."""
    for key, settings in (("model", ModelConfig), ("training", TrainConfig)):
        whole = settings.from_dict(info[key]).to_dict()
        younger = {name: whole[name] for name in _LATER if name in whole}
        if whole != younger | info[key]:
            raise ValueError(f"expected {key!r} to be like {whole}, got {info[key]}.")
    if info["status"] not in (RUNNING, COMPLETED, INTERRUPTED, FAILED):
        raise ValueError(f"status {info['status']!r} is unknown.")
    _check_fields("store", info["store"], {"name": str, "fingerprint": str})
    done, weights, checkpoint = info["epochs_done"], info.get("weights"), info.get("checkpoint")
    if type(done) is not int or not 0 <= done <= 100_000:  # as TrainConfig allows
        raise ValueError(f"expected epochs_done to be 0 to 100,000, got {done!r:.60}.")
    if done:
        _check_fields("best", info["best"], {"epoch": int, "val_loss": float})
        _check_fields("weights", weights, {"encoder": dict, "decoder": dict})
    entries = {**(weights or {}), **({"checkpoint": checkpoint} if checkpoint else {})}
    for part, entry in entries.items():
        _check_fields(part, entry, _ENTRY)


def _made_elsewhere(path: Path, info: dict) -> Elsewhere:
    """Return the content of a ``run.json`` of format 2, checked."""
    try:
        if info.get("status") != COMPLETED or ("adopted" in info) == ("points" in info):
            raise ValueError("expected status COMPLETED, and 'adopted' or 'points'.")
        if "adopted" in info:
            _check_fields("adopted", info["adopted"], {"encoder": dict, "decoder": dict})
            stated = {k: v for k, v in info["adopted"].items() if k not in ("encoder", "decoder")}
            AdoptedConfig.from_dict(stated)
            for part in ("encoder", "decoder"):
                entry = info["adopted"][part]
                _check_fields(part, entry | {"file": entry.get("file") or ""}, _ENTRY)
        else:
            numbers = {"n": int, "z_dim": int, "sha256": str, "columns": dict}
            _check_fields("points", info["points"], numbers)
        if "adopted" in info or "store" in info:
            _check_fields("store", info.get("store"), {"name": str, "fingerprint": str})
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path} is damaged: {error} Restore it from a copy.") from error
    # What a training on its store would hold out, as `brief` takes it.
    return Elsewhere(info | {"training": {"holdout": "split"}}, path.parent.name)


def _check_fields(name: str, value, kinds: dict[str, type]) -> None:
    if not isinstance(value, dict) or any(
        type(value.get(key)) is not kind for key, kind in kinds.items()
    ):
        wanted = ", ".join(f"{key} ({kind.__name__})" for key, kind in kinds.items())
        raise ValueError(f"expected {name!r} to hold {wanted}; got {value!r}.")


def _check_history(table: pd.DataFrame, info: dict) -> None:
    done, best = info["epochs_done"], info["best"]
    if list(table.columns) != HISTORY_COLUMNS or not np.isfinite(table).all(axis=None):
        raise ValueError(f"expected numbers in the columns {HISTORY_COLUMNS}")
    if list(table["epoch"]) != list(range(1, done + 1)):
        raise ValueError(f"expected the epochs 1 to {done}, got {list(table['epoch'])}")
    noted = table["val_loss"][best["epoch"] - 1] if 1 <= best["epoch"] <= done else np.nan
    if not np.isclose(noted, best["val_loss"], rtol=1e-9):
        raise ValueError(f"run.json says that the best epoch was {best}, the file has {noted}")


def model_arrays(model) -> dict[str, np.ndarray]:
    """Return a Keras model's weights as ``{"layer/variable": float32 array}``."""
    return {
        f"{layer.name}/{variable.name}": np.asarray(variable)
        for layer in model.layers
        for variable in layer.variables
        if np.issubdtype(np.asarray(variable).dtype, np.floating)
    }


def save_arrays(path: Path, arrays: dict[str, np.ndarray], dtype: str = "float32") -> str:
    """Write `arrays` to a ``.npz`` file, whole or not at all; return its SHA-256."""
    # float16 halves the size and keeps 11 significant bits; a file of what is not finite is useless
    stored = {name: np.asarray(array).astype(dtype) for name, array in arrays.items()}
    for name, array in stored.items():
        if not np.isfinite(array).all():
            raise ValueError(f"weights {name!r} are not finite as {dtype}; {path} is not written.")
    with replacing(path) as temporary:
        with open(temporary, "wb") as file:
            np.savez(file, **stored)
        return sha256(temporary)


def read_arrays(path: Path, expected_sha256: str) -> dict[str, np.ndarray]:
    """Read a weight file that `save_arrays` wrote, as float32; refuse a damaged or foreign one."""
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"weight file {path} is missing. {_AGAIN}")
    found = sha256(path)
    if found != expected_sha256:
        raise ValueError(
            f"weight file {path} does not belong to its run: SHA-256 {found[:12]}… found, "
            f"{expected_sha256[:12]}… recorded in run.json. {_AGAIN}"
        )
    try:
        # opened here: numpy.load leaves a file open that it finds to be no archive
        with reading(path), open(path, "rb") as file:
            archive = np.load(file, allow_pickle=False)
            return {name: archive[name].astype("float32") for name in archive.files}
    # What is an array but no archive, or a member that is no array, lacks what is asked of it.
    except (ValueError, EOFError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"weight file {path} is not a plain array archive: {error}. {_AGAIN}"
        ) from error


def assign(model, arrays: dict[str, np.ndarray], source: Path) -> None:
    """Put `arrays` into a Keras model of the same layers; refuse those of another configuration."""
    wanted = {name: array.shape for name, array in model_arrays(model).items()}
    found = {name: array.shape for name, array in arrays.items()}
    if wanted != found:
        differing = sorted(set(wanted.items()) ^ set(found.items()))[:3]
        raise ValueError(
            f"{source} holds the weights of another model: the configuration expects "
            f"{len(wanted)} arrays, the file has {len(found)}; they differ for instance in "
            f"{differing}. Use the run.json that was written with these weights."
        )
    for layer in model.layers:
        for variable in layer.variables:
            name = f"{layer.name}/{variable.name}"
            if name in arrays:
                variable.assign(arrays[name])
