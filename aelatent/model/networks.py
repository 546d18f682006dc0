"""Networks of others, opened without running code of theirs: Keras files, ONNX, or functions."""

import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from aelatent.model._backend import load, plain_settings

KINDS = (".keras", ".onnx")
# Layers that run code, or read files, which their configuration names.
UNSAFE = "Lambda TFSMLayer TorchModuleWrapper FlaxLayer JaxLayer StringLookup IntegerLookup"
UNSAFE = {*UNSAFE.split(), "TextVectorization", "__lambda__", "function"}
CONFIG_BYTES = 64 * 2**20
# Where Keras' own layers and what they are made of lie; a function elsewhere in Keras may do more.
OWN = r"keras(\.src)?\.(layers|models|initializers|regularizers|constraints|ops|dtype_policies)\b"


@dataclass(frozen=True)
class Network:
    """One half of an autoencoder: float32 of a batch in, a list of float32 arrays out."""

    call: Callable[[np.ndarray], list[np.ndarray]]
    takes: tuple | None = None  # its input's shape behind the batch, None where open; None: unknown
    names: tuple[str, ...] = ()  # of its outputs, where they have names


def open_network(given, part: str) -> Network:
    """Open "Encoder" or "Decoder": a path that ends in `KINDS`, or a function of an array."""
    if callable(given):
        return Network(lambda batch: _arrays(given(batch)))
    path = Path(given)
    if not path.is_file():
        raise FileNotFoundError(f"there is no {part} {path}; expected a file {_kinds()}.")
    if path.suffix.lower() not in KINDS:
        raise ValueError(
            f"{part} {path.name} is of a kind that is not read; expected {_kinds()}. Weights "
            "alone, .h5, .pt and pickles are not: save the whole model as .keras, or export ONNX."
        )
    return (_of_keras if path.suffix.lower() == ".keras" else _of_onnx)(path, part)


def _kinds() -> str:
    return " or ".join(KINDS)


def _arrays(found) -> list[np.ndarray]:
    several = found if isinstance(found, (list, tuple)) else [found]
    return [np.asarray(one, np.float32) for one in several]


def _of_keras(path: Path, part: str) -> Network:
    _refuse_code(path, part)
    loaded = load()
    tf = loaded.tf
    try:
        with plain_settings():
            model = loaded.keras.saving.load_model(path, compile=False, safe_mode=True)
        taken, names = model.inputs, tuple(getattr(model, "output_names", ()))
    except Exception as error:  # of Keras, h5py, zipfile: any kind
        raise ValueError(_unreadable(path, part, "Keras model", error)) from error
    _one_input(len(taken), path, part)
    spec = tf.TensorSpec((None, *taken[0].shape[1:]), taken[0].dtype)

    def outputs(x):
        found = tf.nest.flatten(model(x, training=False))
        return [tf.cast(one, tf.float32) for one in found]

    compiled = tf.function(outputs, input_signature=[spec]).get_concrete_function()

    def call(batch):
        return [one.numpy() for one in compiled(tf.constant(batch, spec.dtype))]

    return Network(call, tuple(taken[0].shape[1:]), names)


def _refuse_code(path: Path, part: str) -> None:
    """Refuse a Keras file that asks for anything but Keras' own layers, before it is loaded."""
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo("config.json").file_size > CONFIG_BYTES:
                raise ValueError("config.json is too large")
            config = json.loads(archive.read("config.json"))
    except (zipfile.BadZipFile, KeyError, ValueError, RecursionError) as error:
        raise ValueError(_unreadable(path, part, "Keras model", error)) from error
    foreign, waiting = set(), [config]
    if isinstance(config, dict):
        config.pop("compile_config", None)  # which is not read
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            name, module = value.get("class_name"), value.get("module")
            if isinstance(name, str) and not _is_own(name, module):
                foreign.add(name)
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    if foreign:
        raise ValueError(
            f"{part} {path.name} has layers that run code of their own: {sorted(foreign)}; "
            "expected layers of Keras alone. Give the functional part without them (of a VAE "
            "`keras.Model(vae.input, vae.get_layer('z_mean').output)`), or export it to ONNX."
        )


def _is_own(name: str, module) -> bool:
    if name in UNSAFE:
        return False
    if module is None:  # tensors between layers, and plain values
        return name.startswith("__")
    roots = ("Functional", "Model", "Sequential", "DTypePolicy")
    return bool(re.match(OWN, str(module))) or (module == "keras" and name in roots)


def _of_onnx(path: Path, part: str) -> Network:
    try:
        import onnxruntime as ort
    except ImportError as error:
        raise ImportError(
            f"{part} {path.name} needs onnxruntime, which is not installed. "
            'Run `pip install "aelatent[onnx]"`.'
        ) from error
    try:  # from its bytes: what lies beside the file is never read
        session = ort.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has a class of error for each code
        raise ValueError(_unreadable(path, part, "ONNX model of a single file", error)) from error
    taken = session.get_inputs()
    _one_input(len(taken), path, part)
    kinds = {"tensor(float)": "f4", "tensor(double)": "f8", "tensor(float16)": "f2"}
    if taken[0].type not in kinds:
        raise ValueError(
            f"{part} {path.name} takes {taken[0].type}; expected floats. Export it without the "
            "step that turns bytes into floats."
        )
    first, *rest = [side if isinstance(side, int) else None for side in taken[0].shape]
    name, kind = taken[0].name, kinds[taken[0].type]

    def call(batch):
        return _arrays(session.run(None, {name: batch.astype(kind, copy=False)}))

    def by(batch):  # exported for batches of one length: the last is filled up
        padded = np.concatenate([batch, np.repeat(batch[-1:], -len(batch) % first, axis=0)])
        parts = [call(padded[i : i + first]) for i in range(0, len(padded), first)]
        return [np.concatenate(arrays)[: len(batch)] for arrays in zip(*parts, strict=True)]

    outputs = tuple(output.name for output in session.get_outputs())
    return Network(by if first else call, tuple(rest), outputs)


def _one_input(count: int, path: Path, part: str) -> None:
    if count != 1:
        raise ValueError(
            f"{part} {path.name} takes {count} inputs; expected one. Give a model of one input."
        )


def _unreadable(path: Path, part: str, kind: str, error: Exception) -> str:
    said = " ".join(str(error).split())[:200]
    return (
        f"{part} {path.name} is no {kind} that can be opened ({type(error).__name__}: {said}). "
        "Save or export it again, from the version that made it."
    )
