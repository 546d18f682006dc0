"""Kill trainings at every file operation and at random moments; then look, resume and compare.

    python tests/faults/training.py                # every file operation, then 20 random moments
    python tests/faults/training.py --random 200
    python tests/faults/training.py --random 0     # file operations alone: no TensorFlow, seconds

Checked after every kill: run.json is whole and names files with the recorded hashes; history.csv
has each epoch once; the best model is that of the least validation error. Checked after resuming:
history and weights are those of a training that nobody disturbed.
"""

import argparse
import random
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from kills import killed_after, killed_at

from aelatent._files import sha256
from aelatent.model.config import ModelConfig, TrainConfig
from aelatent.model.record import Record
from aelatent.model.weights import read_arrays

VALUES = [0.5, 0.3, 0.4]  # validation errors of made-up epochs: better, then worse


def new_record(folder: Path) -> Record:
    folder.mkdir()
    info = {"format": 1, "status": "RUNNING", "model": {}, "store": {}, "epochs_done": 0}
    info |= {"training": {"weights_dtype": "float32"}, "best": None, "weights": None}
    record = Record(folder, info | {"checkpoint": None})
    record.save()
    return record


def go_on(folder: Path, stop: int = len(VALUES)) -> None:
    """Finish the made-up epochs that are missing; the arrays hold the epoch's number."""
    record = Record.open(folder)
    record.sweep()
    for epoch in range(record.info["epochs_done"] + 1, stop + 1):
        arrays = {"w": np.full(4, epoch, np.float32)}
        value, best = VALUES[epoch - 1], record.info["best"]
        better = best is None or value < best["val_loss"]
        row = {"epoch": epoch, "loss": value, "val_loss": value, "seconds": 1.0}
        record.finish_epoch(row, {"encoder": arrays, "decoder": arrays} if better else None, arrays)


def check(folder: Path) -> int:
    """Raise unless the run is whole; return the number of finished epochs."""
    record = Record.open(folder)
    info, history = record.info, record.history
    done = info["epochs_done"]
    if list(history["epoch"]) != list(range(1, done + 1)):
        raise AssertionError(f"history has epochs {list(history['epoch'])}, run.json says {done}")
    if not done:
        return 0
    best = history.loc[history["val_loss"].idxmin()]
    if info["best"] != {"epoch": best["epoch"], "val_loss": best["val_loss"]}:
        raise AssertionError(f"best is {info['best']}, the history says {dict(best)}")
    for entry in (info["checkpoint"], *info["weights"].values()):
        if sha256(folder / entry["file"]) != entry["sha256"]:
            raise AssertionError(f"{entry['file']} is not what run.json recorded")
    return done


def same(folder: Path, reference: Path) -> None:
    """Raise unless both runs end with the same weights and losses, and nothing is left over."""
    a, b = Record.open(folder), Record.open(reference)
    columns = ["epoch", "loss", "val_loss"]
    np.testing.assert_allclose(a.history[columns], b.history[columns], rtol=1e-5)
    for part in ("encoder", "decoder"):
        arrays = [read_arrays(r.folder / r.info["weights"][part]["file"],
                              r.info["weights"][part]["sha256"]) for r in (a, b)]  # fmt: skip
        for name in arrays[0]:
            np.testing.assert_allclose(arrays[0][name], arrays[1][name], rtol=1e-4, atol=1e-6)
    left = {p.name for p in folder.iterdir()} ^ {p.name for p in reference.iterdir()}
    if left:
        raise AssertionError(f"files differ: {sorted(left)}")


def every_operation(base: Path) -> int:
    """Kill before each file operation of three epochs' ends; return the number of cases."""
    reference = base / "reference"
    new_record(reference)
    go_on(reference)
    operation = 0
    while True:
        folder = base / f"operation-{operation}"
        new_record(folder)
        killed = killed_at(lambda: go_on(folder), operation)  # noqa: B023
        check(folder)
        go_on(folder)
        check(folder)
        same(folder, reference)
        if not killed:
            return operation
        operation += 1


def random_moments(base: Path, cases: int, seed: int) -> tuple[int, int]:
    """Kill real trainings; return (kills, runs that had to be resumed)."""
    from aelatent.images import open_source, pack
    from aelatent.model._backend import load
    from aelatent.training import train

    store = pack(open_source("portraits", n=300), "few", size=32, data=base, progress=False)
    model = ModelConfig(size=32, filters=(8, 16), z_dim=8)
    config = TrainConfig(epochs=8, batch_size=32, holdout=50)
    load()  # once, before forking: what starts threads comes later, in the children

    def work(name):
        train(store, name, model, config, data=base, progress=False)

    killed_after(lambda: work("reference"), 600)
    rng, kills, number = random.Random(seed), 0, 0
    while kills < cases:
        name, number, finished = f"random-{number}", number + 1, False
        while not finished:
            seconds = rng.uniform(0, 6) if kills < cases else 600
            finished = not killed_after(lambda: work(name), seconds)  # noqa: B023
            kills += not finished
            if (base / "runs" / name / "run.json").exists():
                check(base / "runs" / name)
        same(base / "runs" / name, base / "runs" / "reference")
    return kills, number


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--random", type=int, default=20, help="kills at random moments")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cases = every_operation(Path(folder))
        print(f"training, every file operation: {cases} killed, {cases} whole and resumed")
        if arguments.random:
            kills, runs = random_moments(Path(folder), arguments.random, arguments.seed)
            print(f"training, random moments: {kills} killed, {runs} runs whole and resumed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
