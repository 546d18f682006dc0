"""The files of one training: ``run.json`` points to whole files, and is replaced last.

An epoch's files get names of their own (``checkpoint-007.npz``); only when all of them are on
disk does the new ``run.json`` point to them, and only then are the old ones removed. Whenever the
process is killed, ``run.json`` therefore names a complete state: at most the running epoch is lost.
"""

import platform
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from aelatent._files import read_json, sweep_temporary, write_json, write_text
from aelatent.model.weights import save_arrays

RUNNING, COMPLETED, INTERRUPTED, FAILED = "RUNNING", "COMPLETED", "INTERRUPTED", "FAILED"
HISTORY_COLUMNS = ["epoch", "loss", "val_loss", "seconds"]
_VERSIONED = ("aelatent", "tensorflow", "keras", "numpy")


def versions() -> dict[str, str]:
    """Return the versions that a training depends on."""
    return {"python": platform.python_version()} | {name: version(name) for name in _VERSIONED}


class Record:
    """``run.json``, ``history.csv`` and the weight files of one run folder.

    Parameters
    ----------
    folder : pathlib.Path
        The run's folder; exists.
    info : dict
        The content of ``run.json``.
    """

    def __init__(self, folder: Path, info: dict):
        self.folder, self.info = Path(folder), info

    @classmethod
    def open(cls, folder: Path) -> "Record":
        """Read the record of an existing run.

        Raises
        ------
        FileNotFoundError, ValueError
            If ``run.json`` is missing, damaged or of an unknown format.
        """
        path = Path(folder) / "run.json"
        if not path.is_file():
            raise FileNotFoundError(
                f"{folder} is no run: it has no run.json. Train one with `aelatent train NAME "
                "--store STORE`, or remove the folder."
            )
        info = read_json(path)
        expected = {"format", "status", "model", "training", "store", "epochs_done", "best"}
        if missing := sorted(expected - set(info)):
            raise ValueError(f"{path} is damaged: it lacks {missing}. Restore it, or train again.")
        if info["format"] != 1:
            raise ValueError(
                f"{path} has format {info['format']!r}; this version of aelatent reads format 1."
            )
        return cls(folder, info)

    @property
    def history(self) -> pd.DataFrame:
        """One row per finished epoch: epoch, loss, val_loss, seconds."""
        path = self.folder / "history.csv"
        if not self.info["epochs_done"] or not path.is_file():
            return pd.DataFrame(columns=HISTORY_COLUMNS).astype({"epoch": int})
        table = pd.read_csv(path)
        # a row may have been written for an epoch whose run.json never was
        return table[table["epoch"] <= self.info["epochs_done"]].reset_index(drop=True)

    def save(self, **changes) -> None:
        """Update ``run.json``."""
        self.info = self.info | changes
        write_json(self.folder / "run.json", self.info)

    def finish_epoch(self, row: dict, best: dict | None, checkpoint: dict) -> None:
        """Make one more finished epoch part of the run.

        Parameters
        ----------
        row : dict
            The epoch's values of `HISTORY_COLUMNS`.
        best : dict of str to dict of str to ndarray, or None
            ``{"encoder": arrays, "decoder": arrays}`` where the epoch is the best so far.
        checkpoint : dict of str to ndarray
            Everything that resuming needs.
        """
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
