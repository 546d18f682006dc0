"""The works that are disturbed, on a tiny data folder, and what must be true of its files after.

The package is real but for three things, so that a case takes milliseconds and needs no TensorFlow:
epochs are made up, the Encoder is a linear map drawn from its weights, and models are a matter
of names and arrays. `trainings.py` has the real ones.
"""

import dataclasses
import functools
import shutil
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from children import changes, value_of
from images.bad_files import bad_pictures, photo
from survey import MAP, contents, same, survey

import aelatent.runs
from aelatent import kept, settings, training
from aelatent.images import ImageStore, open_source, pack, packing
from aelatent.model.config import ModelConfig, TrainConfig
from aelatent.model.record import COMPLETED
from aelatent.runs import Run

SIZE, COUNT = 16, 30
MODEL = ModelConfig(size=SIZE, filters=(2,), z_dim=4)
VALUES = [0.5, 0.3, 0.4, 0.2, 0.25, 0.1]  # validation errors of made-up epochs
EPOCHS = 3


def fake() -> None:
    """Put the made-up parts in place, and make batches and chunks so small that there are many."""
    warnings.simplefilter("error")
    warnings.filterwarnings("ignore", ".*starting anew")  # where a request was damaged
    packing.BATCH = kept.CHUNK = 8
    training.fit = _fit
    aelatent.runs.build_autoencoder = lambda _: SimpleNamespace(encoder={}, decoder={})
    aelatent.runs.assign = lambda part, arrays, _: part.update(arrays)
    Run.encode = _encode
    real = kept.tsne
    kept.tsne = lambda *a, **k: dataclasses.replace(real(*a, **k), seconds=1.0)


def _fit(record, images, rows, *, progress, on_epoch):
    config = record.info["training"]
    for epoch in range(record.info["epochs_done"] + 1, config["epochs"] + 1):
        arrays = {"w": np.full(4, 100 * config["seed"] + epoch, np.float32)}
        value, best = VALUES[epoch - 1] + config["seed"], record.info["best"]
        better = best is None or value < best["val_loss"]
        row = {"epoch": epoch, "loss": value, "val_loss": value, "seconds": 1.0}
        record.finish_epoch(row, {"encoder": arrays, "decoder": arrays} if better else None, arrays)
    record.save(status=COMPLETED, message=None)


def _encode(run, images, *, progress=False):
    weights = run.autoencoder.encoder["w"]
    matrix = np.random.default_rng(int(weights[0])).normal(size=(SIZE * SIZE * 3, 4)) / 255
    return (images.reshape(len(images), -1) @ matrix).astype(np.float32)


def trained(data: Path, name: str, epochs: int = EPOCHS, seed: int = 0, store: str = "kept") -> Run:
    """Train a run, or go on with it."""
    config = TrainConfig(epochs=epochs, holdout=5, precision="float32", seed=seed)
    store = ImageStore.open(store, data=data)
    return training.train(store, name, MODEL, config, data=data, progress=False)


def draw(data: Path, name: str, seed: int = 0, count: int = COUNT) -> None:
    source = open_source("portraits", n=count, seed=seed)
    pack(source, name, size=SIZE, workers=1, data=data, progress=False)


def photos(folder: Path, count: int) -> None:
    folder.mkdir(parents=True)
    for i in range(count):
        (folder / f"{i}.jpg").write_bytes(photo(i, 30 + i % 7, 40))


def finish(data: Path, name: str, **options) -> None:
    """Make a run with z-points and a map."""
    run = trained(data, name, **options)
    run.encode_store(progress=False)
    kept.map_of(Run.open(name, data=data), MAP, progress=False)


def works(base: Path) -> dict[str, Callable[[Path], None]]:
    """Return the works by name; `base` holds photos and a shipped run, see `World`."""

    def packs(data):
        source = open_source("folder", base / "photos")
        pack(source, "new", size=SIZE, workers=1, data=data, progress=False)

    def trains(data):
        trained(data, "new")

    def encodes(data):
        Run.open("again", data=data).encode_store(progress=False)

    def copies(data):
        settings.SHIPPED = base / "shipped"
        Run.open("shipped", data=data)

    def maps(data):
        run = Run.open("kept", data=data)
        kept.map_of(run, MAP, n=20, surrogate="multivariate normal", progress=False)

    return {
        "packing": packs,
        "training": trains,
        "encoding": encodes,  # of a run that was trained on since, see `World`
        "map making": maps,
        "copying a shipped run": copies,
    }


class World:
    """A folder with what cases begin with, and with what undisturbed works make of it.

    From then on this process and its children have the made-up parts of `fake`.
    """

    def __init__(self, base: Path):
        fake()
        self.base = base
        self.works = works(base)
        value_of(self._make)  # in a child: libraries start threads, and forks would lack them
        self.expected = {name: self.contents(name, "after") for name in self.works}
        #: How many changes of files an undisturbed work makes, and the seconds that it takes.
        self.changes, self.seconds = {}, {}
        for name in self.works:
            _, work = self.begun(name, base / "counted" / name)
            begun = time.monotonic()
            self.changes[name] = len(changes(work))
            self.seconds[name] = time.monotonic() - begun
        self._states = {name: self._states_of(name) for name in self.works}

    def _make(self):
        photos(self.base / "photos", COUNT)
        for number, (name, (data, _)) in enumerate(bad_pictures().items()):
            (self.base / "photos" / f"{3 * number}-{name}").write_bytes(data)
        kept = self.base / "kept"
        draw(kept, "kept")
        finish(kept, "kept", seed=1)
        trained(kept, "shipped", seed=2)
        (self.base / "shipped/runs").mkdir(parents=True)
        shutil.move(kept / "runs/shipped", self.base / "shipped/runs/shipped")
        for name, work in self.works.items():
            before = shutil.copytree(kept, self.base / "before" / name)
            if name == "encoding":
                trained(before, "again", epochs=2).encode_store(progress=False)
                trained(before, "again", epochs=4)
            work(shutil.copytree(before, self.base / "after" / name))

    def begin(self, name: str, folder: Path) -> Path:
        """Return a data folder with what is there before work `name`."""
        return shutil.copytree(self.base / "before" / name, folder, dirs_exist_ok=True)

    def begun(self, name: str, folder: Path) -> tuple[Path, Callable[[], None]]:
        """Return the same folder, and the work on it."""
        data = self.begin(name, folder)
        return data, functools.partial(self.works[name], data)

    def contents(self, name: str, when: str) -> dict[str, bytes]:
        """Return the files ``"before"`` or ``"after"`` an undisturbed work."""
        return contents(self.base / when / name)

    def new_contents(self, name: str) -> dict[str, bytes]:
        """Return the files that a work makes or changes."""
        before = self.contents(name, "before")
        return {k: data for k, data in self.expected[name].items() if before.get(k) != data}

    def check(self, name: str, data: Path) -> None:
        """Raise unless everything in `data` is whole or refused, and what was finished is there."""
        allowed, kept = self._states[name]
        seen = survey(data)
        for what in kept:
            well, found = seen.get(what, (False, "no longer there"))
            assert well, f"{what} was finished before and is lost: {found}"
        for what, (well, found) in seen.items():
            right = not well or found in allowed.get(what, ())
            assert right, f"{what} is taken for whole, but holds what nobody made"

    def _states_of(self, name):
        """Return the contents that are whole, and what is there before and after work `name`."""
        allowed, kept = {}, None
        for when in ("before", "after"):
            seen = survey(self.base / when / name)
            whole = {what: found for what, (well, found) in seen.items() if well}
            kept = set(whole) if kept is None else kept & set(whole)
            for what, found in whole.items():
                allowed.setdefault(what, []).append(found)
        if name == "training":  # each epoch leaves a whole run; the third is worse
            rows = ["epoch,val_loss\n", *(f"{e + 1},{VALUES[e]}\n" for e in range(EPOCHS))]
            best = [f"w {[float(epoch)] * 4}" for epoch in (1, 2)]
            allowed["history of run new"] = ["".join(rows[: n + 1]) for n in range(EPOCHS + 1)]
            allowed["encoder of run new"] = allowed["decoder of run new"] = best
        return allowed, kept

    def go_on(self, name: str, data: Path) -> None:
        """Repeat the call; raise unless its result is that of an undisturbed one."""
        value_of(lambda: self.works[name](data))
        same(contents(data), self.expected[name])
