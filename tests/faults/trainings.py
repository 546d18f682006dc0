"""Family ``trainings``: the real training, killed and stopped; the real weights, damaged.

TensorFlow is imported before children are forked, but computes in them alone: what starts threads
must not come before a fork.
"""

import functools
import json
import os
import shutil
import signal
import time
from pathlib import Path

import numpy as np
from children import Child, attempt, heed_ctrl_c, killed_after, value_of
from clocks import lie
from survey import clear

from aelatent._files import sha256
from aelatent.images import ImageStore, open_source, pack
from aelatent.model._backend import load
from aelatent.model.config import ModelConfig, TrainConfig
from aelatent.model.record import Record, read_arrays
from aelatent.runs import Run
from aelatent.training import train

MODEL = ModelConfig(size=16, filters=(4,), z_dim=4)
CONFIG = TrainConfig(epochs=6, batch_size=16, holdout=20)
TIMES = {"kills": 8, "Ctrl-C": 4, "clocks": 2, "rivals": 2}


def kinds(base: Path, world) -> dict[str, list]:
    home = base / "home"
    load()  # once, before forking
    seconds = value_of(lambda: _timed(functools.partial(_home, home)))
    part = functools.partial
    return {
        "killed at random moments": [part(killed, home, seconds)] * TIMES["kills"],
        "stopped by Ctrl-C": [part(stopped, home, seconds)] * TIMES["Ctrl-C"],
        "clock jumps": [part(clock, home)] * TIMES["clocks"],
        "two at once": [part(twice, home)] * TIMES["rivals"],
        "checkpoint damaged, then trained on": [part(no_way_on, home, how) for how in DAMAGES],
        "weights damaged": [part(damaged, home, how) for how in DAMAGES],
        "run.json of another model": [part(other_model, home, change) for change in CHANGES],
    }


def _timed(work):
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


def _home(home):
    pack(open_source("portraits", n=100), "few", size=16, workers=1, data=home, progress=False)
    _train(home, "other", config=TrainConfig(**CONFIG.to_dict() | {"seed": 1}))
    _train(home, "one")


def _train(data, name="one", config=CONFIG):
    """Train; return the status."""
    store = ImageStore.open("few", data=data)
    return train(store, name, MODEL, config, data=data, progress=False).status


def _begin(home, folder):
    shutil.copytree(home / "stores", folder / "stores")
    return folder


def _whole(data) -> None:
    """Raise unless the run, if there is one, is that of whole epochs."""
    if not (data / "runs/one/run.json").exists():
        return
    record = Record.open(data / "runs/one")
    info, history = record.info, record.history  # compares the two
    if not info["epochs_done"]:
        return
    best = history.loc[history["val_loss"].idxmin()]
    if info["best"] != {"epoch": best["epoch"], "val_loss": best["val_loss"]}:
        raise AssertionError(f"best is {info['best']}, the history says {dict(best)}")
    for entry in (info["checkpoint"], *info["weights"].values()):
        if sha256(record.folder / entry["file"]) != entry["sha256"]:
            raise AssertionError(f"{entry['file']} is not what run.json recorded")


def _same(data, home) -> None:
    """Raise unless both runs end with the same weights and losses, and nothing is left over."""
    a, b = (Record.open(folder / "runs/one") for folder in (data, home))
    columns = ["epoch", "loss", "val_loss"]
    np.testing.assert_allclose(a.history[columns], b.history[columns], rtol=1e-5)
    if (a.history["seconds"] < 0).any():
        raise AssertionError(f"negative durations: {list(a.history['seconds'])}")
    for part in ("encoder", "decoder"):
        arrays = [read_arrays(r.folder / r.info["weights"][part]["file"],
                              r.info["weights"][part]["sha256"]) for r in (a, b)]  # fmt: skip
        for name in arrays[0]:
            np.testing.assert_allclose(arrays[0][name], arrays[1][name], rtol=1e-4, atol=1e-6)
    if left := {p.name for p in a.folder.iterdir()} ^ {p.name for p in b.folder.iterdir()}:
        raise AssertionError(f"files differ: {sorted(left)}")


def killed(home, seconds, folder, rng) -> bool:
    data, struck = _begin(home, folder), 0
    for _ in range(3):
        end = killed_after(lambda: _train(data), rng.uniform(0, seconds / 2))
        if end.how == "error":
            raise AssertionError(end.trace)
        struck += end.how == "killed"
        _whole(data)
    value_of(lambda: _train(data))
    _same(data, home)
    return struck > 0


def stopped(home, seconds, folder, rng) -> bool:
    data = _begin(home, folder)

    def training():
        heed_ctrl_c()
        return _train(data)

    child = Child(training)
    while child.end(0) is None and not (data / "runs/one/history.csv").exists():
        time.sleep(0.01)
    if child.end(rng.uniform(0, seconds / 10)) is None:
        os.kill(child.pid, signal.SIGINT)
    end = child.end()
    if end.how != "well" or end.value not in ("INTERRUPTED", "COMPLETED"):
        raise AssertionError(f"{end.value} {end.trace}")
    _whole(data)
    value_of(lambda: _train(data))
    _same(data, home)
    return end.value == "INTERRUPTED"


def clock(home, folder, rng) -> bool:
    data = _begin(home, folder)

    def training():
        lie(rng)
        return _train(data)

    value_of(training)
    _same(data, home)
    return True


def twice(home, folder, rng) -> bool:
    data = _begin(home, folder)
    children = [Child(lambda: _train(data)) for _ in range(2)]
    ends = [child.end() for child in children]
    for end in ends:
        if end.how == "error" and "another process is training run 'one'" not in end.message:
            raise AssertionError(end.trace)
    _same(data, home)
    return any(end.how == "error" for end in ends)


# weights


def _of(part, run="one"):
    return lambda data: next((data / f"runs/{run}").glob(f"{part}-*.npz")).read_bytes()


def _flipped(content):
    changed = bytearray(content)
    changed[len(content) // 2] ^= 1
    return bytes(changed)


#: What is written in place of a part's weights.
DAMAGES = {
    "empty": lambda data, part: b"",
    "cut": lambda data, part: _of(part)(data)[:-10],
    "one bit": lambda data, part: _flipped(_of(part)(data)),
    "the Encoder's": lambda data, part: _of("encoder")(data),
    "another run's": lambda data, part: _of(part, "other")(data),
    "another file": lambda data, part: (data / "runs/one/run.json").read_bytes(),
}


def damaged(home, how, folder, rng) -> bool:
    """Damaged weights are refused; so they are where run.json is made to vouch for them."""
    data = shutil.copytree(home, folder, dirs_exist_ok=True)
    path = next((data / "runs/one").glob("decoder-*.npz"))
    path.write_bytes(DAMAGES[how](data, "decoder"))
    _refuses(data)
    if how == "another run's":
        return True  # whole weights of the same model: only their hash tells
    described = data / "runs/one/run.json"
    info = json.loads(described.read_text())
    info["weights"]["decoder"]["sha256"] = sha256(path)
    described.write_text(json.dumps(info))
    if how != "one bit":  # it may lie where it only changes a value
        _refuses(data)
    return True


def no_way_on(home, how, folder, rng) -> bool:
    """A run whose checkpoint is damaged is not trained on; what it has stays."""
    data = shutil.copytree(home, folder, dirs_exist_ok=True)
    path = next((data / "runs/one").glob("checkpoint-*.npz"))
    path.write_bytes(DAMAGES[how](data, "checkpoint"))
    longer = TrainConfig(**CONFIG.to_dict() | {"epochs": CONFIG.epochs + 1})
    end = attempt(lambda: _train(data, config=longer))
    if end.how != "error" or not clear(end.kind, end.message):
        raise AssertionError(f"training on: no clear error: {end.how} {end.trace}")
    shutil.copyfile(next((home / "runs/one").glob("checkpoint-*.npz")), path)
    _same(data, home)
    return True


CHANGES = {
    "z_dim": {"z_dim": 5},
    "filters": {"filters": [8]},
    "layers": {"filters": [4, 4]},
    "kernel": {"kernel": 5},
    "size": {"size": 32},
    "norm": {"batch_norm": True},
}


def other_model(home, change, folder, rng) -> bool:
    data = shutil.copytree(home, folder, dirs_exist_ok=True)
    path = data / "runs/one/run.json"
    info = json.loads(path.read_text())
    info["model"] |= CHANGES[change]
    path.write_text(json.dumps(info))
    _refuses(data)
    return True


def _refuses(data) -> None:
    """Raise unless decoding is refused with a clear error."""

    def decode():
        run = Run.open("one", data=data)
        run.decode(np.zeros((1, run.config.z_dim)))

    end = attempt(decode)
    if end.how != "error" or not clear(end.kind, end.message):
        raise AssertionError(f"decoding: no clear error: {end.how} {end.trace}")
