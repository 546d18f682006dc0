"""Training: mean squared error, Adam, an epoch at a time, resumable at every epoch's end."""

import math
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import numpy as np

from aelatent._system import Bar
from aelatent.model._backend import load, plain_settings, without_remapping
from aelatent.model.autoencoder import Autoencoder, build_autoencoder
from aelatent.model.coding import Coder
from aelatent.model.config import ModelConfig, TrainConfig
from aelatent.model.record import COMPLETED, FAILED, Record, assign, model_arrays, read_arrays

_BFLOAT16_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}  # x86 and Arm names in /proc/cpuinfo


def resolve_precision(wanted: str) -> str:
    """Return the precision that `wanted` means on this machine: "float32" or "mixed_bfloat16"."""
    if wanted != "auto":
        return wanted
    tf = load().tf
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        details = [tf.config.experimental.get_device_details(gpu) for gpu in gpus]
        new = all(d.get("compute_capability", (0, 0)) >= (8, 0) for d in details)
        return "mixed_bfloat16" if new else "float32"
    return "mixed_bfloat16" if _BFLOAT16_FLAGS & _cpu_flags() else "float32"


def _cpu_flags(path: Path = Path("/proc/cpuinfo")) -> set[str]:
    """Return the processor's feature names; none where the system does not list them."""
    if not path.is_file():
        return set()
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    named = (line for line in lines if line.lower().startswith(("flags", "features")))
    return set(next(named, ":").partition(":")[2].split())


def split_rows(store, holdout) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows to train on and the rows to validate on: int64 (k,) each, ascending."""
    n = len(store)
    if holdout == "split":
        # rows marked "test" are in neither part
        train, validation = store.rows("train"), store.rows("val")
        if not len(train) or not len(validation):
            raise ValueError(
                f"store {store.name!r} marks {len(train)} rows as 'train' and {len(validation)} as "
                "'val'; both are needed. Hold out its last rows instead (of CelebA with persons on "
                "both sides), for instance holdout=500 (--holdout 500) or holdout=0.05."
            )
        return train, validation
    held = holdout if isinstance(holdout, int) else max(1, round(holdout * n))
    if held >= n:
        raise ValueError(
            f"holdout={holdout!r} keeps {held} of {n} pictures out, which leaves none to train on. "
            "Hold out fewer."
        )
    return np.arange(n - held), np.arange(n - held, n)


def epoch_order(rows: np.ndarray, seed: int, epoch: int) -> np.ndarray:
    """Return `rows` in the order of an epoch; it depends on nothing else, so resuming keeps it."""
    return np.random.default_rng([seed, epoch]).permutation(rows)


@plain_settings()
def fit(
    record: Record,
    images: np.ndarray,
    rows: tuple[np.ndarray, np.ndarray],
    *,
    progress: bool = True,
    on_epoch: Callable | None = None,
) -> None:
    """Train from where `record` stands to its last epoch: COMPLETED, or FAILED on a bad loss."""
    config = TrainConfig.from_dict(record.info["training"])
    trainer = _Trainer(record, config, strategy=choose_strategy())
    for epoch in range(record.info["epochs_done"] + 1, config.epochs + 1):
        started = time.perf_counter()
        loss = trainer.run_epoch(images, epoch_order(rows[0], config.seed, epoch), epoch, progress)
        val_loss = trainer.validate(images, rows[1]) if math.isfinite(loss) else math.nan
        if not math.isfinite(val_loss):  # the last finished epoch and the best model stay
            record.save(
                status=FAILED,
                message=f"the loss became {loss} in epoch {epoch} (validation: {val_loss}); kept: "
                f"epoch {epoch - 1}. Lower learning_rate (now {config.learning_rate}).",
            )
            return
        row = {"epoch": epoch, "loss": loss, "val_loss": val_loss}
        trainer.keep(row | {"seconds": round(time.perf_counter() - started, 2)})
        if progress:
            Bar.write(f"epoch {epoch}/{config.epochs}: loss {loss:.5f}, validation {val_loss:.5f}")
        if on_epoch is not None:
            on_epoch(record.history)
    record.save(status=COMPLETED, message=None)


def choose_strategy(devices: list[str] | None = None):
    """Return a ``tf.distribute`` strategy: mirrored over several GPUs, else the default one."""
    tf = load().tf
    devices = devices or [f"GPU:{i}" for i in range(len(tf.config.list_physical_devices("GPU")))]
    if len(devices) > 1:
        return tf.distribute.MirroredStrategy(devices)
    return tf.distribute.get_strategy()


class _Trainer:
    """The compiled training model, its float32 twin for validation, and the epoch's bookkeeping."""

    def __init__(self, record: Record, config: TrainConfig, strategy):
        keras = load().keras
        self.record, self.config, self.strategy = record, config, strategy
        model_config = ModelConfig.from_dict(record.info["model"])
        precision = record.info["precision"]
        with strategy.scope():
            self.trained = build_autoencoder(model_config, seed=config.seed, precision=precision)
            pictures = self.trained.encoder.input  # one Keras model over the same layers
            self.model = keras.Model(pictures, self.trained.decoder(self.trained.encoder(pictures)))
            self.model.compile(keras.optimizers.Adam(config.learning_rate), "mse")
            self.model.optimizer.build(self.model.trainable_variables)
        # validation is float32 whatever the training's precision: what run.decode will show
        alike = precision == "float32" and strategy.num_replicas_in_sync == 1
        self.checked = self.trained if alike else build_autoencoder(model_config)
        self.coder = Coder(self.checked)
        self._restore()

    def run_epoch(self, images, order, epoch, progress) -> float:
        """Take every step of one epoch; return the mean training loss, NaN when one is not."""
        keras = load().keras
        batch = min(self.config.batch_size, len(order))
        # A short last batch would be compiled anew; its rows come in other epochs, whose order
        # differs.
        steps = len(order) // batch
        name = f"epoch {epoch}/{self.config.epochs}"
        bar = Bar(total=steps * batch, desc=name, unit="picture", leave=False, disable=not progress)
        loss = math.nan

        def after_step(step, logs):
            nonlocal loss
            loss = float(logs["loss"])
            bar.update(batch)
            bar.set_postfix(loss=f"{loss:.5f}", refresh=False)
            if not math.isfinite(loss):
                self.model.stop_training = True

        self.model.optimizer.learning_rate = self.config.step_size(epoch)
        mixed = self.record.info["precision"] != "float32"
        with bar, without_remapping() if mixed else nullcontext():
            self.model.fit(
                self._batches(images, order[: steps * batch], batch),
                steps_per_epoch=steps,
                shuffle=False,  # the order is already the epoch's
                verbose=0,
                callbacks=[keras.callbacks.LambdaCallback(on_train_batch_end=after_step)],
            )
        return loss

    def validate(self, images, rows) -> float:
        """Return the mean squared error over `rows`, in float32."""
        if self.checked is not self.trained:
            for part, arrays in _parts(self.trained).items():
                assign(getattr(self.checked, part), arrays, self.record.folder)
        errors = [self.coder.errors(images[rows[i : i + 512]]) for i in range(0, len(rows), 512)]
        return float(np.concatenate(errors).mean(dtype=np.float64))

    def keep(self, row: dict) -> None:
        """Write the finished epoch; the best weights only if it is better than all before."""
        best = self.record.info["best"]
        better = best is None or row["val_loss"] < best["val_loss"]
        parts, checkpoint = _parts(self.trained), {}
        for part, arrays in parts.items():
            checkpoint |= {f"{part}/{name}": array for name, array in arrays.items()}
        for i, variable in enumerate(self.model.optimizer.variables):
            checkpoint[f"optimizer/{i}"] = np.asarray(variable)
        self.record.finish_epoch(row, parts if better else None, checkpoint)

    def _restore(self) -> None:
        if self.record.info["epochs_done"] == 0:
            return
        entry = self.record.info["checkpoint"]
        path = self.record.folder / Path(entry["file"]).name
        arrays = read_arrays(path, entry["sha256"])
        for part in ("encoder", "decoder"):
            own = {k.removeprefix(f"{part}/"): v for k, v in arrays.items() if k.startswith(part)}
            assign(getattr(self.trained, part), own, path)
        for i, variable in enumerate(self.model.optimizer.variables):  # the step size is set anew
            variable.assign(arrays[f"optimizer/{i}"].astype(variable.dtype))

    def _batches(self, images, order, batch):
        """Return the epoch's pictures as a tf.data pipeline, gathered as uint8."""
        tf = load().tf
        shape = (batch, *images.shape[1:])

        def gather(rows):
            return images[np.sort(rows)]  # sorted: a memory map is then read in one direction

        def as_floats(rows):
            pictures = tf.ensure_shape(tf.numpy_function(gather, [rows], tf.uint8), shape)
            pictures = tf.cast(pictures, tf.float32) / 255.0
            return pictures, pictures

        rows = tf.data.Dataset.from_tensor_slices(order).batch(batch, drop_remainder=True)
        pictures = rows.map(as_floats, num_parallel_calls=2, deterministic=True).prefetch(2)
        # Autotuning has a thread that sleeps up to a minute, and an epoch's end would wait for it
        # (TensorFlow 2.21); with fixed numbers there is nothing to tune.
        options = tf.data.Options()
        options.autotune.enabled = False
        return pictures.with_options(options)


def _parts(autoencoder: Autoencoder) -> dict[str, dict[str, np.ndarray]]:
    return {part: model_arrays(getattr(autoencoder, part)) for part in ("encoder", "decoder")}
