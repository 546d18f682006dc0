"""Run: one directory with a trained autoencoder's configuration, weights, history and z-points."""

from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from aelatent import adopting, elsewhere, kept, latent, settings
from aelatent._files import only_one
from aelatent.images.store import ImageStore
from aelatent.model.autoencoder import Autoencoder, build_autoencoder
from aelatent.model.coding import Coder
from aelatent.model.config import ModelConfig
from aelatent.model.fitting import split_rows
from aelatent.model.record import INTERRUPTED, RUNNING, Record, assign, read_arrays
from aelatent.shelf import copy_shipped, lock_of, runs_dir


class Run:
    """An autoencoder on disk: opened by `Run.open`, made by `train`, `adopt` or `of_points`.

    Parameters
    ----------
    path : path
        The folder; kept as ``path``, its name as ``name``.

    Attributes
    ----------
    config : ModelConfig
        Shape of the model; where it was made elsewhere, with ``size`` and ``z_dim`` at least.

    Examples
    --------
    >>> run = Run.open("portraits")                        # doctest: +SKIP
    >>> run.decode(run.z[:8]).shape                        # doctest: +SKIP
    (8, 96, 96, 3)
    """

    def __init__(self, path: Path):
        self.path = Path(path)
        self.name = self.path.name
        self._record = Record.open(self.path)
        self._elsewhere = elsewhere.opened(self.path, self.info)  # None: trained here
        of = self._elsewhere
        self.config = of.config if of else ModelConfig.from_dict(self.info["model"])

    @classmethod
    def open(cls, name: str, data: Path | None = None) -> "Run":
        """Open run `name` of a data folder (default: `settings.data_dir`).

        A run that ships is first copied there; RuntimeError where another process is doing so.
        FileNotFoundError lists the runs that exist.
        """
        folder = runs_dir(data) / settings.check_name(name, "run")
        shipped = settings.SHIPPED / "runs" / name
        if not folder.exists() and (shipped / "run.json").is_file():
            copy_shipped(shipped, folder)
        if not folder.is_dir():
            places = folder.parent, settings.SHIPPED / "runs"
            names = {path.parent.name for place in places for path in place.glob("*/run.json")}
            raise FileNotFoundError(
                f"there is no run {name!r} in {folder.parent}; found: {sorted(names) or 'none'}. "
                f"Train it with `aelatent train {name} --store STORE`."
            )
        return cls(folder)

    @classmethod
    def adopt(cls, name: str, encoder, decoder, store, *, data=None, **stated) -> "Run":
        """Make a run of a model made elsewhere, once it has decoded eight pictures of a store.

        Encoder and Decoder are ``.keras`` or ``.onnx`` files, which are copied, or functions of an
        array, which work in this session only. What the model expects is `stated`: `layout` "NHWC"
        or "NCHW", `value_range` such as (-1, 1), `mean` and `sd` a channel, `colors` "RGB" or
        "BGR", `latent_shape`, and `latent`: which of the Encoder's outputs, by name or number.
        """
        folder = runs_dir(data) / settings.check_name(name, "run")
        store = store if isinstance(store, ImageStore) else ImageStore.open(store, data=data)
        with only_one(lock_of(folder), f"importing run {name!r}"):
            coder = adopting.adopt(folder, encoder, decoder, store, stated)
        (run := cls(folder))._coder = coder
        return run

    @classmethod
    def of_points(cls, z, index=None, images=None, name="points", *, data=None) -> "Run":
        """Make a run of z-points alone, (n, d): an array, a DataFrame, a ``.npy`` or ``.parquet``.

        `index` has a row of numbers each; `images` are a store, a folder or an array (n, h, w, 3).
        What needs a Decoder is refused with `NoDecoder`.
        """
        folder = runs_dir(data) / settings.check_name(name, "run")
        with only_one(lock_of(folder), f"making run {name!r}"):
            adopting.of_points(folder, z, index, images, folder.parents[1])
        return cls(folder)

    def __str__(self):
        info, config = self.info, self.config
        if self._elsewhere:
            return self._with_points([f"run {self.name}: {self._elsewhere}; in {self.path}"])
        done = f"epoch {info['epochs_done']} of {info['training']['epochs']}"
        if best := info["best"]:
            done += f", best epoch {best['epoch']} with {best['val_loss']:.5f}"
        lines = [
            f"run {self.name}: {self.status}, {done} (validation, mean squared error of pixels in "
            f"0..1), in {self.path}",
            f"  model: {config.size} x {config.size}, filters {config.filters}, "
            f"z_dim {config.z_dim}; trained on store {info['store']['name']}",
        ]
        if info["message"]:
            lines.append(f"  message: {info['message']}")
        return self._with_points(lines)

    def _with_points(self, lines: list[str]) -> str:
        try:
            lines.append(f"  z-points: {len(self.z):,} of store {self.store.name}")
        except (FileNotFoundError, ValueError) as error:
            lines.append(f"  z-points: {error}")
        return "\n".join(lines)

    def __repr__(self):
        if self._elsewhere:
            return f"<Run {self.name!r}: {self._elsewhere}>"
        return (
            f"<Run {self.name!r}: {self.status}, epoch {self.info['epochs_done']} of "
            f"{self.info['training']['epochs']}, z_dim {self.config.z_dim}>"
        )

    @property
    def info(self) -> dict:
        """The content of ``run.json``, as it was when the run was opened."""
        return self._record.info

    @property
    def history(self) -> pd.DataFrame:
        """One row per finished epoch: epoch, loss, val_loss (mean squared, 0..1), seconds."""
        return self._record.history

    @property
    def status(self) -> str:
        """RUNNING, COMPLETED, INTERRUPTED (also where the process was killed) or FAILED."""
        status = self.info["status"]
        # A killed process leaves RUNNING behind, but not its lock. Where the lock cannot be tried
        # (a folder that cannot be written to), RUNNING is what was recorded.
        if status == RUNNING:
            try:
                with only_one(lock_of(self.path), f"training run {self.name!r}"):
                    return INTERRUPTED
            except (RuntimeError, OSError):
                return RUNNING
        return status

    @cached_property
    def autoencoder(self) -> Autoencoder:
        """Encoder and Decoder with the best epoch's weights, float32."""
        model = build_autoencoder(self.config)
        for part in ("encoder", "decoder"):
            assign(getattr(model, part), self.weights(part), self._file(part))
        return model

    def weights(self, part: str) -> dict[str, np.ndarray]:
        """Return the best epoch's weights of "encoder" or "decoder", ``{"layer/variable": array}``.

        Read from the file without TensorFlow, float32 whatever the file has.
        """
        return read_arrays(self._file(part), self._weights[part]["sha256"])

    def _file(self, part: str) -> Path:
        return self.path / Path(self._weights[part]["file"]).name  # no way out of the folder

    @property
    def _weights(self) -> dict:
        if "model" in self.info and not self.info.get("weights"):
            raise ValueError(
                f"run {self.name!r} has no weights: no epoch was finished (status {self.status}). "
                f"Go on with `aelatent train {self.name}`."
            )
        return self.info["weights"]

    @property
    def encoder_sha256(self) -> str:
        """What z-points and all that is made of them depend on: a hash of Encoder or z-points."""
        if self._elsewhere:
            return self._elsewhere.encoder_sha256
        return self._weights["encoder"]["sha256"]

    def check_decoder(self) -> None:
        """Refuse a run that cannot decode, with `NoDecoder`."""
        if self._elsewhere and "_coder" not in self.__dict__:
            self._elsewhere.check_decoder()

    @cached_property
    def _coder(self) -> Coder:
        return self._elsewhere.coder() if self._elsewhere else Coder(self.autoencoder)

    def encode(self, images: np.ndarray, *, progress: bool = False) -> np.ndarray:
        """Return the z-points of pictures, float32 (n, z_dim), in their order.

        Pictures are uint8, or float in 0..1, (n, size, size, 3); n may be 0. Memory-mapped arrays
        are read batch by batch.
        """
        return self._coder.encode(images, progress=progress)

    def decode(self, z: np.ndarray) -> np.ndarray:
        """Return the pictures of latent vectors: float32 (n, size, size, 3), RGB in 0..1."""
        return self._coder.decode(z)

    def errors(self, images: np.ndarray, *, progress: bool = False) -> np.ndarray:
        """Return each uint8 picture's error, float32 (n,): mean squared, pixels in 0..1."""
        return self._coder.errors(images, progress=progress)

    @cached_property
    def _z(self) -> tuple[np.ndarray, dict]:
        return kept.read_z(self.path, self.encoder_sha256)

    @property
    def z(self) -> np.ndarray:
        """The z-points: float32 (n, z_dim), memory-mapped, row i of the store's row i."""
        return self._z[0]

    @cached_property
    def axes(self) -> "latent.PrincipalAxes":
        """Principal axes of all z-points, fitted once."""
        return latent.PrincipalAxes.fit(self.z)

    @cached_property
    def core(self) -> "latent.core.HeldOutCore":
        """The z-points' core, as `latent.core_border` finds it with seed 0; found once."""
        return latent.core_border(self.z)

    @cached_property
    def described(self) -> pd.DataFrame:
        """A row of figures per component, as by `latent.describe_components`; made once."""
        return latent.describe_components(self.z)

    @cached_property
    def store(self) -> ImageStore:
        """The store whose pictures the z-points are of; refused where it has changed."""
        of = self._z[1]
        if self._elsewhere and (rows := self._elsewhere.rows()) is not None:
            return rows
        name = settings.check_name(of["store"], "store")  # from a file: a name, no path
        store = ImageStore.open(name, data=self.path.parents[1])
        if store.fingerprint != of["store_fingerprint"]:
            raise ValueError(
                f"store {name!r} is not the one that the z-points of run {self.name!r} were made "
                f"from (fingerprint {store.fingerprint[:12]}… found, "
                f"{of['store_fingerprint'][:12]}… recorded). "
                f"Run `aelatent encode {self.name} --store {name}`."
            )
        return store

    @property
    def index(self) -> pd.DataFrame:
        """The store's index, aligned with `z`: row, image_id, split, attributes or factors."""
        return self.store.index

    @property
    def held_out(self) -> np.ndarray:
        """Rows that the training's hold-out rule keeps out: int64 (k,), ascending."""
        if self._elsewhere:
            return elsewhere.held_out(self.store)
        return split_rows(self.store, self.info["training"]["holdout"])[1]

    def encode_store(self, store: ImageStore | None = None, *, progress: bool = True) -> None:
        """Encode a whole store into the run's z-points; goes on where it was interrupted.

        Default: the store of the run's own name if there is one, else the training store.
        """
        if "points" in self.info:  # they came whole
            return None if store is None else self.check_decoder()
        if store is None:
            data = self.path.parents[1]
            own = (data / "stores" / self.name / "store.json").is_file()
            name = self.name if own else settings.check_name(self.info["store"]["name"], "store")
            store = ImageStore.open(name, data=data)
        if store.size != self.config.size:
            raise ValueError(
                f"store {store.name!r} has pictures of {store.size} x {store.size} pixels, run "
                f"{self.name!r} takes {self.config.size}. Pack it again with "
                f"--size {self.config.size} under another name."
            )
        belongs = kept.z_identity(self.encoder_sha256, store)
        # Nothing to do needs no lock: the folder may be one that only others can write to.
        if not (self._is_encoded(belongs) and kept.z_is_tidy(self.path)):
            with only_one(lock_of(self.path), f"working on run {self.name!r}"):
                if self._is_encoded(belongs):
                    kept.tidy_z(self.path)
                else:
                    self.check_decoder()
                    kept.write_z(self.path, belongs, store.images, self.encode, progress)
        for name in ("_z", "store", "axes", "core", "described"):
            self.__dict__.pop(name, None)

    def _is_encoded(self, belongs: dict) -> bool:
        try:
            _, info = kept.read_z(self.path, belongs["encoder_sha256"])
        except (FileNotFoundError, ValueError):
            return False
        return belongs.items() <= info.items()
