"""Time training against plain Keras, and encoding against the bare forward pass.

    python tests/benchmarks/training.py [--pictures 2048] [--rounds 5]

Training: pictures a second of `aelatent`'s epoch (uint8 pictures from a memory map, gathered in
random order, scaled in the pipeline) against ``keras.Model.fit`` on float32 arrays in memory, the
same network and batch size. Encoding: `Coder.encode` of uint8 pictures from a memory map against
the compiled float32 Encoder alone, fed with ready batches. Both sides take turns in one process;
the ratio is that of the medians.
"""

import argparse
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from aelatent.model._backend import load
from aelatent.model.autoencoder import build_autoencoder
from aelatent.model.coding import BATCH, Coder
from aelatent.model.config import ModelConfig, TrainConfig
from aelatent.model.training import _Trainer, choose_strategy, epoch_order, resolve_precision


def take_turns(ours, theirs, rounds: int, n: int, what: str, names: tuple[str, str]) -> None:
    for work in (ours, theirs):
        work()  # compiles
    times = {ours: [], theirs: []}
    for _ in range(rounds):
        for work in (ours, theirs):
            start = time.perf_counter()
            work()
            times[work].append(time.perf_counter() - start)
    a, b = (n / np.median(times[work]) for work in (ours, theirs))
    spread = [f"{n / max(t):.0f}-{n / min(t):.0f}" for t in times.values()]
    print(
        f"{what}: {names[0]} {a:.0f}/s ({spread[0]}), {names[1]} {b:.0f}/s ({spread[1]}), "
        f"ratio {a / b:.2f}, medians of {rounds}"
    )


def training(images: np.ndarray, rounds: int) -> None:
    keras = load().keras
    config, model = TrainConfig(), ModelConfig()
    precision = resolve_precision("auto")
    info = {"model": model.to_dict(), "precision": precision, "epochs_done": 0, "best": None}
    trainer = _Trainer(SimpleNamespace(info=info, folder=None), config, choose_strategy())
    order = epoch_order(np.arange(len(images)), 0, 1)
    plain_parts = build_autoencoder(model)
    inputs = plain_parts.encoder.input
    plain = keras.Model(inputs, plain_parts.decoder(plain_parts.encoder(inputs)))
    plain.compile(keras.optimizers.Adam(config.learning_rate), "mse")
    floats = images[:] / np.float32(255)
    take_turns(
        lambda: trainer.run_epoch(images, order, 1, False),
        lambda: plain.fit(floats, floats, batch_size=config.batch_size, verbose=0),
        rounds,
        len(images),
        f"training ({precision})",
        ("aelatent", "Keras float32 fit"),
    )


def encoding(images: np.ndarray, rounds: int) -> None:
    tf = load().tf
    model = build_autoencoder()
    coder = Coder(model)
    spec = [tf.TensorSpec((None, *images.shape[1:]), tf.float32)]
    bare = tf.function(lambda x: model.encoder(x, training=False), input_signature=spec)
    floats = images[:] / np.float32(255)
    batches = [tf.constant(floats[i : i + BATCH]) for i in range(0, len(floats), BATCH)]
    take_turns(
        lambda: coder.encode(images),
        lambda: [bare(batch).numpy() for batch in batches],
        rounds,
        len(images),
        "encoding",
        ("aelatent", "bare forward pass"),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=2048)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "images.npy"
        rng = np.random.default_rng(0)
        np.save(path, rng.integers(0, 256, (arguments.pictures, 96, 96, 3), np.uint8))
        images = np.load(path, mmap_mode="r")
        encoding(images, arguments.rounds)
        training(images, arguments.rounds)


if __name__ == "__main__":
    main()
