"""Weights on disk: one ``.npz`` per model, names and shapes checked, no pickle, no code."""

import zipfile
from pathlib import Path

import numpy as np

from aelatent._files import replacing, sha256


def model_arrays(model) -> dict[str, np.ndarray]:
    """Return a Keras model's weights as ``{"layer/variable": float32 array}``."""
    return {
        f"{layer.name}/{variable.name}": np.asarray(variable)
        for layer in model.layers
        for variable in layer.variables
        if np.issubdtype(np.asarray(variable).dtype, np.floating)
    }


def save_arrays(path: Path, arrays: dict[str, np.ndarray], dtype: str = "float32") -> str:
    """Write `arrays` to a ``.npz`` file, whole or not at all; return its SHA-256."""
    # float16 halves the size and keeps 11 significant bits; a file of what is not finite is useless
    stored = {name: np.asarray(array).astype(dtype) for name, array in arrays.items()}
    for name, array in stored.items():
        if not np.isfinite(array).all():
            raise ValueError(f"weights {name!r} are not finite as {dtype}; {path} is not written.")
    with replacing(path) as temporary:
        with open(temporary, "wb") as file:
            np.savez(file, **stored)
        return sha256(temporary)


def read_arrays(path: Path, expected_sha256: str) -> dict[str, np.ndarray]:
    """Read a weight file that `save_arrays` wrote, as float32; refuse a damaged or foreign one."""
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(
            f"weight file {path} is missing. Copy the whole run folder, or train the run again."
        )
    found = sha256(path)
    if found != expected_sha256:
        raise ValueError(
            f"weight file {path} does not belong to its run: SHA-256 {found[:12]}… found, "
            f"{expected_sha256[:12]}… recorded in run.json. Restore the file, or train again."
        )
    try:
        # opened here: numpy.load leaves a file open that it finds to be no archive
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
            return {name: archive[name].astype("float32") for name in archive.files}
    # What is an array but no archive, or a member that is no array, lacks what is asked of it.
    except (ValueError, EOFError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"weight file {path} is not a plain array archive: {error}. Restore the file, or train "
            "again."
        ) from error


def assign(model, arrays: dict[str, np.ndarray], source: Path) -> None:
    """Put `arrays` into a Keras model of the same layers; refuse those of another configuration."""
    wanted = {name: array.shape for name, array in model_arrays(model).items()}
    found = {name: array.shape for name, array in arrays.items()}
    if wanted != found:
        differing = sorted(set(wanted.items()) ^ set(found.items()))[:3]
        raise ValueError(
            f"{source} holds the weights of another model: the configuration expects "
            f"{len(wanted)} arrays, the file has {len(found)}; they differ for instance in "
            f"{differing}. Use the run.json that was written with these weights."
        )
    for layer in model.layers:
        for variable in layer.variables:
            name = f"{layer.name}/{variable.name}"
            if name in arrays:
                variable.assign(arrays[name])
