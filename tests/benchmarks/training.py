"""Training: pictures a second against plain Keras and PyTorch, and the pictures' share of a step.

Ours is an epoch as `aelatent.train` does it: uint8 pictures from a memory map, gathered in random
order, scaled in the pipeline, in the precision that "auto" chooses. The others get float32 arrays
in memory; network, loss, optimizer and batch size are the same.
"""

import contextlib
import functools
import importlib.util
import math
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from aelatent.model._backend import load
from aelatent.model.autoencoder import build_autoencoder
from aelatent.model.config import ModelConfig, TrainConfig
from aelatent.model.fitting import (
    _BFLOAT16_FLAGS,
    _cpu_flags,
    _Trainer,
    choose_strategy,
    epoch_order,
    resolve_precision,
)
from benchmarks.timing import OURS, Line, at_least, take_turns

PICTURES = 2048
BUDGETS = {True: 1.3, False: 0.97}  # whether the processor has bfloat16 -> ratio
KERAS, READY, ALONE = "Keras", "ready", "alone"
TORCH = {"PyTorch float32": False, "PyTorch bfloat16": True}  # whether with autocast


def training(plan):
    """Compare with ``keras.Model.fit``, and with PyTorch in both precisions."""
    with stored_pictures(plan) as images:
        precision = resolve_precision("auto")
        trainer, order = our_trainer(precision), epoch_order(np.arange(len(images)), 0, 1)
        floats = images[:] / np.float32(255)
        sides = {OURS: lambda: checked(trainer.run_epoch(images, order, 1, False))}
        sides[KERAS] = keras_side(floats, trainer.config)
        torch_is_there = has_torch()
        if torch_is_there:
            sides |= torch_sides(floats, trainer.config)
        turns, _ = take_turns(sides, plan.rounds(5))
    size = f"{len(images):,} pictures, batches of {trainer.config.batch_size}"
    rest = {"n": len(images), "unit": "pictures/s"}
    what = f"training ({precision}), against"
    budget = at_least(BUDGETS[bool(_BFLOAT16_FLAGS & _cpu_flags())], turns.ratio(KERAS))
    yield turns.line(KERAS, f"{what} Keras float32 fit", size, **rest, **budget)
    for side in TORCH if torch_is_there else ():
        yield turns.line(side, f"{what} {side}", size, **rest)
    if not torch_is_there:
        yield Line(f"{what} PyTorch", size, rest["unit"], note="PyTorch not installed")


def pipeline(plan):
    """Compare an epoch with the same steps on a batch that is ready in memory."""
    with stored_pictures(plan) as images:
        trainer, order = our_trainer(resolve_precision("auto")), np.arange(len(images))
        batch, steps = trainer.config.batch_size, len(images) // trainer.config.batch_size
        made = trainer._batches
        ready = load().tf.data.Dataset.from_tensors(next(iter(made(images, order, batch))))

        def steps_on(batches):
            trainer._batches = batches
            return checked(trainer.run_epoch(images, order, 1, False))

        sides = {
            OURS: lambda: steps_on(made),
            READY: lambda: steps_on(lambda *_: ready.repeat(steps)),
            ALONE: lambda: sum(1 for _ in made(images, order, batch)),
        }
        turns, _ = take_turns(sides, plan.rounds(5))
    share = 1 - turns.median(READY) / turns.median()
    yield turns.line(
        READY,
        "training step with its input pipeline, against a batch that is ready",
        f"{len(images):,} pictures, batches of {batch}",
        n=len(images),
        unit="pictures/s",
        note=f"the pipeline's share of a step is {share:.1%}; alone it makes "
        f"{len(images) / turns.median(ALONE):,.0f} pictures/s",
    )


@contextlib.contextmanager
def stored_pictures(plan):
    """Yield random pictures from a memory map, uint8 (whole batches, 96, 96, 3)."""
    batch, size = TrainConfig().batch_size, ModelConfig().size
    count = plan.n(PICTURES, least=batch) // batch * batch  # a rest would cost Keras a short batch
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "images.npy")
        rng = np.random.default_rng(0)
        np.save(path, rng.integers(0, 256, (count, size, size, 3), np.uint8))
        yield np.load(path, mmap_mode="r")


def our_trainer(precision):
    """Return the trainer of the default network, which writes nothing."""
    info = {"model": ModelConfig().to_dict(), "precision": precision}
    record = SimpleNamespace(info=info | {"epochs_done": 0, "best": None}, folder=None)
    return _Trainer(record, TrainConfig(), choose_strategy())


def checked(loss):
    """Refuse a training that has stopped: it would be a quick one."""
    if not math.isfinite(loss):
        raise RuntimeError(f"the loss became {loss}; expected a number.")
    return loss


def keras_side(floats, config):
    """Return an epoch of plain Keras in float32."""
    keras = load().keras
    parts = build_autoencoder()
    pictures = parts.encoder.input
    model = keras.Model(pictures, parts.decoder(parts.encoder(pictures)))
    model.compile(keras.optimizers.Adam(config.learning_rate), "mse")
    return lambda: model.fit(floats, floats, batch_size=config.batch_size, verbose=0)


def has_torch():
    return importlib.util.find_spec("torch") is not None


def torch_sides(floats, config):
    """Return an epoch of PyTorch in each precision, of as many weights as Keras'."""
    from benchmarks.pytorch import Trainer  # PyTorch is no dependency

    parts = build_autoencoder()
    weights = parts.encoder.count_params() + parts.decoder.count_params()
    sides = {}
    for name, mixed in TORCH.items():
        trainer = Trainer(parts.config, config, mixed)
        if trainer.weights() != weights:
            raise RuntimeError(f"PyTorch's network has {trainer.weights()} weights, not {weights}.")
        sides[name] = functools.partial(trainer.run_epoch, floats)
    return sides
