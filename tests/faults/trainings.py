"""Family ``trainings``: the real training, killed and stopped; the real weights, damaged.

TensorFlow is imported before children are forked, but computes in them alone: what starts threads
must not come before a fork.
"""

import json
import os
import shutil
import signal
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import children
import numpy as np
from children import Child, attempt, preceded, value_of
from survey import is_clear

from aelatent._files import sha256
from aelatent.images import ImageStore, open_source, pack
from aelatent.model._backend import load
from aelatent.model.config import ModelConfig, TrainConfig
from aelatent.model.record import Record, read_arrays
from aelatent.runs import Run
from aelatent.training import train

MODEL = ModelConfig(size=16, filters=(4,), z_dim=4)
CONFIG = TrainConfig(epochs=6, batch_size=16, holdout=20)
CHANGES = ({"z_dim": 5}, {"filters": [4, 4]}, {"kernel": 5}, {"size": 32}, {"batch_norm": True})


def trainings(base: Path, world) -> dict[str, list]:
    home = base / "home"
    load()  # once, before forking
    spent = children.seconds_of(partial(_home, home))
    return {
        "killed at random moments": [partial(disturbed, home, partial(killed, spent))] * 8,
        "stopped by Ctrl-C": [partial(disturbed, home, partial(stopped, spent))] * 4,
        "clock jumps": [partial(disturbed, home, clock)] * 2,
        "two at once": [partial(disturbed, home, twice)] * 2,
        "checkpoint damaged, then trained on": [partial(no_way_on, home, how) for how in DAMAGES],
        "weights damaged": [partial(damaged, home, how) for how in DAMAGES],
        "run.json of another model": [partial(other_model, home, change) for change in CHANGES],
    }


def _home(home):
    pack(open_source("portraits", n=100), "few", size=16, workers=1, data=home, progress=False)
    _train(home, "other", replace(CONFIG, seed=1))
    _train(home)


def _train(data, name="one", config=CONFIG):
    """Train; return the status."""
    store = ImageStore.open("few", data=data)
    return train(store, name, MODEL, config, data=data, progress=False).status


def disturbed(home, disturb, folder, rng) -> bool:
    """Raise unless a training, disturbed and then trained on to its end, ends like that at home."""
    shutil.copytree(home / "stores", folder / "stores")
    training = partial(_train, folder)
    struck = disturb(folder, training, rng)
    _whole(folder)
    value_of(training)
    _same(folder, home)
    return struck


def _whole(data) -> None:
    """Raise unless the run, if there is one, is that of whole epochs."""
    if not (data / "runs/one/run.json").exists():
        return
    record = Record.open(data / "runs/one")
    info, history = record.info, record.history  # compares the two
    if not info["epochs_done"]:
        return
    best = history.loc[history["val_loss"].idxmin()]
    assert info["best"] == {"epoch": best["epoch"], "val_loss": best["val_loss"]}
    for entry in (info["checkpoint"], *info["weights"].values()):
        assert sha256(record.folder / entry["file"]) == entry["sha256"], entry


def _same(data, home) -> None:
    """Raise unless both runs end with the same weights and losses, and nothing is left over."""
    a, b = (Record.open(folder / "runs/one") for folder in (data, home))
    columns = ["epoch", "loss", "val_loss"]
    np.testing.assert_allclose(a.history[columns], b.history[columns], rtol=1e-5)
    assert (a.history["seconds"] >= 0).all()
    for part in ("encoder", "decoder"):
        entries = [(record.folder, record.info["weights"][part]) for record in (a, b)]
        found, wanted = (read_arrays(at / entry["file"], entry["sha256"]) for at, entry in entries)
        for name in wanted:
            np.testing.assert_allclose(found[name], wanted[name], rtol=1e-4, atol=1e-6)
    assert {p.name for p in a.folder.iterdir()} == {p.name for p in b.folder.iterdir()}


def killed(spent, data, training, rng) -> bool:
    struck = 0
    for _ in range(3):
        end = children.killed_after(training, rng.uniform(0, spent / 2))
        assert end.how != "error", end.trace
        struck += end.how == "killed"
        _whole(data)
    return struck > 0


def stopped(spent, data, training, rng) -> bool:
    child = Child(preceded(children.heed_ctrl_c, training))
    while child.end(0) is None and not (data / "runs/one/history.csv").exists():
        time.sleep(0.01)
    if child.end(rng.uniform(0, spent / 40)) is None:
        os.kill(child.pid, signal.SIGINT)
    end = child.end()
    assert end.value in ("INTERRUPTED", "COMPLETED"), end
    return end.value == "INTERRUPTED"


def clock(data, training, rng) -> bool:
    value_of(preceded(partial(children.lie, rng), training))
    return True


def twice(data, training, rng) -> bool:
    racing = [Child(training) for _ in range(2)]
    failed = [end for child in racing if (end := child.end()).how == "error"]
    for end in failed:
        assert "another process is training run 'one'" in end.message, end.trace
    return bool(failed)


# weights


def _of(part, data, run="one"):
    return next((data / f"runs/{run}").glob(f"{part}-*.npz")).read_bytes()


def _flipped(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


#: What is written in place of a part's weights.
DAMAGES = {
    "empty": lambda data, part: b"",
    "cut": lambda data, part: _of(part, data)[:-10],
    "one bit": lambda data, part: _flipped(_of(part, data)),
    "the Encoder's": lambda data, part: _of("encoder", data),
    "another run's": lambda data, part: _of(part, data, "other"),
    "another file": lambda data, part: (data / "runs/one/run.json").read_bytes(),
}


def _with_damage(home, folder, part, how):
    data = shutil.copytree(home, folder, dirs_exist_ok=True)
    path = next((data / "runs/one").glob(f"{part}-*.npz"))
    path.write_bytes(DAMAGES[how](data, part))
    return data, path


def damaged(home, how, folder, rng) -> bool:
    """Damaged weights are refused; so they are where run.json is made to vouch for them."""
    data, path = _with_damage(home, folder, "decoder", how)
    _refuses(partial(_decode, data))
    # Whole weights of the same model are told by their hash alone; one bit may only change a value.
    if how not in ("another run's", "one bit"):
        _edit(data, lambda info: info["weights"]["decoder"].update(sha256=sha256(path)))
        _refuses(partial(_decode, data))
    return True


def other_model(home, change, folder, rng) -> bool:
    data = shutil.copytree(home, folder, dirs_exist_ok=True)
    _edit(data, lambda info: info["model"].update(change))
    _refuses(partial(_decode, data))
    return True


def _edit(data, change) -> None:
    path = data / "runs/one/run.json"
    info = json.loads(path.read_text())
    change(info)
    path.write_text(json.dumps(info))


def no_way_on(home, how, folder, rng) -> bool:
    """A run whose checkpoint is damaged is not trained on; what it has stays."""
    data, path = _with_damage(home, folder, "checkpoint", how)
    _refuses(partial(_train, data, config=replace(CONFIG, epochs=CONFIG.epochs + 1)))
    path.write_bytes(_of("checkpoint", home))
    _same(data, home)
    return True


def _decode(data):
    run = Run.open("one", data=data)
    run.decode(np.zeros((1, run.config.z_dim)))


def _refuses(work) -> None:
    """Raise unless a work is refused with a clear error."""
    end = attempt(work)
    assert end.how == "error", "it went through"
    assert is_clear(end), f"no clear error: {end.trace}"
