"""Run: one directory with a trained autoencoder's configuration, weights, history and z-points."""

import shutil
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from aelatent import kept, latent, settings
from aelatent._files import only_one
from aelatent.images.sources import open_source
from aelatent.images.store import ImageStore, pack
from aelatent.model.autoencoder import Autoencoder, build_autoencoder
from aelatent.model.coding import Coder
from aelatent.model.config import ModelConfig
from aelatent.model.fitting import split_rows
from aelatent.model.record import INTERRUPTED, RUNNING, Record, assign, read_arrays


class Run:
    """A trained (or just training) autoencoder on disk: opened by `Run.open`, made by `train`.

    Parameters
    ----------
    path : path
        The folder; kept as ``path``, its name as ``name``.

    Attributes
    ----------
    config : ModelConfig
        Shape of the model.

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
        self.config = ModelConfig.from_dict(self.info["model"])

    @classmethod
    def open(cls, name: str, data: Path | None = None) -> "Run":
        """Open run `name` of a data folder (default: `settings.data_dir`).

        A run that ships is first copied there; RuntimeError where another process is doing so.
        FileNotFoundError lists the runs that exist.
        """
        folder = runs_dir(data) / settings.check_name(name, "run")
        shipped = settings.SHIPPED / "runs" / name
        if not folder.exists() and (shipped / "run.json").is_file():
            _copy_shipped(shipped, folder)
        if not folder.is_dir():
            places = folder.parent, settings.SHIPPED / "runs"
            names = {path.parent.name for place in places for path in place.glob("*/run.json")}
            raise FileNotFoundError(
                f"there is no run {name!r} in {folder.parent}; found: {sorted(names) or 'none'}. "
                f"Train it with `aelatent train {name} --store STORE`."
            )
        return cls(folder)

    def __str__(self):
        info, config = self.info, self.config
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
        try:
            lines.append(f"  z-points: {len(self.z):,} of store {self.store.name}")
        except (FileNotFoundError, ValueError) as error:
            lines.append(f"  z-points: {error}")
        return "\n".join(lines)

    def __repr__(self):
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
        weights = self._weights
        model = build_autoencoder(self.config)
        for part in ("encoder", "decoder"):
            entry = weights[part]
            file = self.path / Path(entry["file"]).name  # a bare name: no way out of the folder
            assign(getattr(model, part), read_arrays(file, entry["sha256"]), file)
        return model

    @property
    def _weights(self) -> dict:
        if not self.info.get("weights"):
            raise ValueError(
                f"run {self.name!r} has no weights: no epoch was finished (status {self.status}). "
                f"Go on with `aelatent train {self.name}`."
            )
        return self.info["weights"]

    @cached_property
    def _coder(self) -> Coder:
        return Coder(self.autoencoder)

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
        return kept.read_z(self.path, self._weights["encoder"]["sha256"])

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
        """Rows of the store that the training's hold-out rule keeps out: int64 (k,), ascending."""
        return split_rows(self.store, self.info["training"]["holdout"])[1]

    def encode_store(self, store: ImageStore | None = None, *, progress: bool = True) -> None:
        """Encode a whole store into the run's z-points; goes on where it was interrupted.

        Default: the store of the run's own name if there is one, else the training store.
        """
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
        belongs = kept.z_identity(self._weights["encoder"]["sha256"], store)
        # Nothing to do needs no lock: the folder may be one that only others can write to.
        if not (self._is_encoded(belongs) and kept.z_is_tidy(self.path)):
            with only_one(lock_of(self.path), f"working on run {self.name!r}"):
                if self._is_encoded(belongs):
                    kept.tidy_z(self.path)
                else:
                    kept.write_z(self.path, belongs, store.images, self.encode, progress)
        for name in ("_z", "store", "axes", "core", "described"):
            self.__dict__.pop(name, None)

    def _is_encoded(self, belongs: dict) -> bool:
        try:
            _, info = kept.read_z(self.path, belongs["encoder_sha256"])
        except (FileNotFoundError, ValueError):
            return False
        return belongs.items() <= info.items()


def runs_dir(data: Path | None = None) -> Path:
    """Return the folder of all runs below `data` (default: `settings.data_dir`)."""
    return Path(data or settings.data_dir()) / "runs"


def lock_of(folder: Path) -> Path:
    """Return the lock file that whoever changes the run in `folder` holds."""
    return folder.parent / f".{folder.name}.lock"


def _copy_shipped(shipped: Path, folder: Path) -> None:
    """Copy a run that travels with the repository into another data folder."""
    record = Record.open(shipped)
    partial = folder.parent / f".{folder.name}.partial"
    with only_one(lock_of(folder), f"copying run {folder.name!r}"):
        if folder.exists():  # another process has copied it meanwhile
            return
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        files = [entry["file"] for entry in record.info["weights"].values()]
        for name in ["run.json", "history.csv", *files]:
            shutil.copyfile(shipped / name, partial / name)
        partial.rename(folder)


def prepare(name: str | None = None, scale: str | None = None, *, progress: bool = True) -> Run:
    """Open a run with its z-points, making what is missing: what every notebook begins with.

    Parameters
    ----------
    name : str, optional
        Default: ``AELATENT_RUN``, or ``portraits``. For ``portraits`` the pictures are drawn
        (their number depends on `scale`); for other runs the store must exist.
    scale : {"smoke", "default", "seed"}, optional
        Default: ``AELATENT_SCALE``, or ``default``.
    progress : bool
        Show bars.

    Returns
    -------
    Run
        With `Run.z` and `Run.store` in place.
    """
    name = name or settings.default_run()
    store_name, count = settings.SCALES[settings.scale(scale)]
    run = Run.open(name)
    store = None
    if name == "portraits":
        source = open_source("portraits", n=count)
        store = pack(source, store_name, size=run.config.size, progress=progress)
    run.encode_store(store, progress=progress)
    return run
