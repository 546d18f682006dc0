"""Runs that were not trained here: a model brought along, or z-points alone."""

import hashlib
from pathlib import Path

import numpy as np

from aelatent._files import sha256
from aelatent._lacking import Elsewhere, NoDecoder, NoPictures
from aelatent.images.store import ImageStore, read_index
from aelatent.model.adopted import AdoptedCoder, AdoptedConfig
from aelatent.model.networks import open_network

HALVES = ("encoder", "decoder")
INDEX = "index.csv"
AGAIN = "Make it anew with Run.of_points(z, images=...)."


class Adopted:
    """The model of a run that was adopted: its files, or functions that a session gave."""

    def __init__(self, path: Path, info: Elsewhere):
        self.path, self.halves = path, {half: info["adopted"][half] for half in HALVES}
        stated = {k: v for k, v in info["adopted"].items() if k not in HALVES}
        self.config = AdoptedConfig.from_dict(stated)
        self.encoder_sha256 = self.halves["encoder"]["sha256"]
        self.kept = self.halves["encoder"]["file"] is not None

    def __str__(self):
        files = "functions of a session" if not self.kept else "its own files"
        return f"adopted from {files}, {self.config.in_words()}"

    def coder(self) -> AdoptedCoder:
        """Open both files, checked to be those that were adopted."""
        self.check_decoder()
        networks = []
        for half, entry in self.halves.items():
            file = self.path / Path(entry["file"]).name  # a bare name: no way out of the folder
            if not file.is_file() or (found := sha256(file)) != entry["sha256"]:
                said = f"SHA-256 {found[:12]}… found" if file.is_file() else "it is missing"
                raise ValueError(
                    f"{file} is not the {half} that run {self.path.name!r} was made with: {said}, "
                    f"{entry['sha256'][:12]}… recorded in run.json. Restore the file from a copy "
                    "of the run, or import the model under another name."
                )
            networks.append(open_network(file, half.title()))
        return AdoptedCoder(self.config, *networks)

    def check_decoder(self) -> None:
        """Refuse a run whose functions another session has."""
        if not self.kept:
            raise NoDecoder(
                f"run {self.path.name!r} was adopted from functions of another session",
                "Adopt them again under that name, or import a Keras or ONNX file.",
            )

    def rows(self) -> None:
        """Return nothing: the run has a store."""


class Points:
    """What a run of z-points alone knows."""

    kept = False

    def __init__(self, path: Path, info: Elsewhere):
        self.path, self.info = path, info
        self.config = PointsConfig(info["points"]["z_dim"], info["points"].get("size"))
        self.encoder_sha256 = info["points"]["sha256"]

    def __str__(self):
        return f"z-points only, z_dim {self.config.z_dim}: no Encoder and no Decoder"

    def check_decoder(self) -> None:
        """Refuse: there is none."""
        name = self.path.name
        raise NoDecoder(
            f"run {name!r} has z-points only",
            "Where their model is at hand, import it with `aelatent import`, under another name.",
        )

    coder = check_decoder

    def rows(self) -> "PointsStore | None":
        """Return what stands for the store where the z-points came without pictures."""
        return None if "store" in self.info else PointsStore(self.path, self.info["points"])


class PointsConfig(AdoptedConfig):
    """The shape of z-points that came without a model, and of the pictures, if they came along."""

    def __init__(self, z_dim: int, size: int | None):
        self._set("z_dim", z_dim)
        self._set("latent_shape", (z_dim,))
        if size:
            self._set("size", size)

    def __repr__(self):
        return f"PointsConfig(z_dim={self.z_dim})"

    def __getattr__(self, name):
        if name == "size":
            raise NoPictures("the run has z-points without pictures", AGAIN)
        return super().__getattr__(name)


class PointsStore(ImageStore):
    """An index without pictures, of z-points that came without any."""

    def __init__(self, path: Path, points: dict):
        self.path, self.name = path, path.name
        self.index = read_index(path / INDEX, {"count": points["n"], "columns": points["columns"]})
        self.fingerprint = hashlib.sha256((path / INDEX).read_bytes()).hexdigest()
        self.info = {"kind": "points", "notes": []}

    def __len__(self):
        return len(self.index)

    def __str__(self):
        return f"no store: {len(self):,} z-points, {self.attributes.shape[1]} attributes"

    __repr__ = __str__

    def __getattr__(self, name):
        if name in ("images", "size", "skipped"):
            raise NoPictures(f"run {self.name!r} has z-points without pictures", AGAIN)
        raise AttributeError(name)


def opened(path: Path, info: dict) -> Adopted | Points | None:
    """Return what a run made elsewhere has instead of a training, or None for one trained here."""
    if info["format"] == 1:
        return None
    return (Adopted if "adopted" in info else Points)(path, info)


def held_out(store) -> np.ndarray:
    """Return rows that stand for unseen ones where no training is known: "val", or the last 5 %."""
    rows, n = store.rows("val"), len(store)
    return rows if len(rows) else np.arange(n - max(1, round(0.05 * n)), n)
