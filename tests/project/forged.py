"""A run as its author could forge it: files that say whatever they like."""

import json

from aelatent._files import sha256
from aelatent.model import ModelConfig, TrainConfig

WEIGHTS = "0" * 64  # the hash that all files agree on


def a_run(data):
    """Write the record of a run called ``forged``, without weights; return its folder."""
    folder = data / "runs" / "forged"
    folder.mkdir(parents=True)
    parts = ("encoder", "decoder")
    info = {
        "format": 1,
        "status": "COMPLETED",
        "message": None,
        "model": ModelConfig(size=32, filters=(8, 16), z_dim=2).to_dict(),
        "training": TrainConfig().to_dict(),
        "store": {"name": "few", "fingerprint": "f"},
        "epochs_done": 1,
        "best": {"epoch": 1, "val_loss": 0.1},
        "weights": {part: {"file": f"{part}-001.npz", "sha256": WEIGHTS} for part in parts},
    }
    (folder / "run.json").write_text(json.dumps(info))
    return folder


def describe_z_points(folder, store="few"):
    """Write a ``z_points.json`` that vouches for the array beside it, whatever that is."""
    described = {
        "encoder_sha256": WEIGHTS,
        "store": store,
        "store_fingerprint": "f",
        "n": 1,
        "z_dim": 2,
        "sha256": sha256(folder / "z_points.npy"),
    }
    (folder / "z_points.json").write_text(json.dumps(described))
