"""What comes from elsewhere does not run: not by any line of the source, and not from any file."""

import ast
import json
import pickle
import re
import shutil
import zipfile
from pathlib import Path

import nbformat
import numpy as np
import pytest

from aelatent import ImageStore, Run, kept
from aelatent._files import sha256
from aelatent.images import lfw, open_source, pack
from aelatent.latent.maps import MapSettings
from aelatent.model.record import read_arrays

from .forged import a_run, describe_z_points

CHECKOUT = Path(__file__).resolve().parents[2]

# ---- the source: nothing in it could run what a file holds ----

MODULES = {"pickle", "_pickle", "cloudpickle", "dill", "marshal", "shelve", "torch", "h5py"}
CALLS = set(
    "eval exec compile __import__ os.system os.popen joblib.load joblib.dump yaml.load "
    "yaml.full_load yaml.unsafe_load pd.read_pickle tempfile.mktemp shutil.unpack_archive "
    "torch.load torch.hub.load torch.jit.load".split()
)
METHODS = {"load_model", "model_from_json", "deserialize_keras_object", "to_pickle", "extractall"}
#: How Keras files of others are opened, once their configuration names Keras' own layers alone.
SAFE = {("safe_mode", True), ("compile", False)}
MUST_BE_FALSE = {"shell", "allow_pickle", "enable_unsafe_deserialization"}


def dangers(source):
    """Yield (line, what) of whatever in a source runs code from data, or writes where it says."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            named = [alias.name for alias in node.names]
            home = node.module if isinstance(node, ast.ImportFrom) else None
            found = {(home or name).split(".")[0] for name in named} & MODULES
            found |= {f"{home}.{name}" for name in named} & CALLS
            found |= METHODS & {*named}
            yield from ((node.lineno, what) for what in found)
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            # A method of these names is another one: re.compile, keras' model.compile.
            given = {(word.arg, getattr(word.value, "value", None)) for word in node.keywords}
            safe = called == "loaded.keras.saving.load_model" and given >= SAFE
            if called in CALLS or (called.rpartition(".")[2] in METHODS and not safe):
                yield node.lineno, called
            for word in node.keywords:
                if word.arg in MUST_BE_FALSE and getattr(word.value, "value", None) is not False:
                    yield node.lineno, f"{called}({word.arg}=...)"


def test_no_source_runs_what_a_file_holds():
    rooms = [CHECKOUT / room for room in ("aelatent", "tools", "docs")]
    texts = {
        path: path.read_text(encoding="utf-8") for room in rooms for path in room.rglob("*.py")
    }
    assert len(texts) > 100
    for path in (CHECKOUT / "notebooks").glob("*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        texts[path] = "\n".join(c.source for c in cells if c.cell_type == "code")
    # One example of a model of others trains with torch, and opens no file with it.
    allowed = {("torch_autoencoder.py", "torch")}
    found = [
        f"{path}:{line}: {what}"
        for path in texts
        for line, what in dangers(texts[path])
        if (path.name, what) not in allowed
    ]
    assert not found, "\n".join(found)


DANGEROUS = """import torch.serialization
from marshal import loads
from os import system
eval(text)
joblib.load(path)
torch.load(path)
np.load(path, allow_pickle=wish)
keras.models.load_model(path)
loaded.keras.saving.load_model(path, compile=False, safe_mode=wish)
from keras.models import load_model
subprocess.run(command, shell=True)"""


def test_the_rule_sees_what_is_dangerous():
    assert [line for line in DANGEROUS.splitlines() if not list(dangers(line))] == []


# ---- files: payloads are refused and do not run ----


class Payload:
    """What makes a file when it is unpickled."""

    def __init__(self, sentinel):
        self.sentinel = sentinel

    def __reduce__(self):
        return Path.touch, (self.sentinel,)


@pytest.fixture
def sentinel(tmp_path):
    """Return the path that a payload makes, after a check that payloads are alive."""
    alive = tmp_path / "alive.npy"
    np.save(alive, payload(tmp_path / "ran"), allow_pickle=True)
    np.load(alive, allow_pickle=True)
    (tmp_path / "ran").unlink()  # which fails where the payload did not run
    yield tmp_path / "ran"
    assert not (tmp_path / "ran").exists()


def payload(sentinel):
    array = np.empty((1, 2), dtype=object)
    array[:] = [[Payload(sentinel), 1.0]]
    return array


def as_npy(path, sentinel):
    with open(path, "wb") as file:
        np.save(file, payload(sentinel), allow_pickle=True)


def as_pickle(path, sentinel):
    path.write_bytes(pickle.dumps(Payload(sentinel)))


def as_npz(path, sentinel):
    with open(path, "wb") as file:
        np.savez(file, kernel=payload(sentinel), allow_pickle=True)


def as_keras(path, sentinel):
    """Write a model file as Keras does, with a layer of Python code."""
    function = {"function": f"lambda x: open({str(sentinel)!r}, 'w')"}
    layers = [{"class_name": "Lambda", "config": function}]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps({"class_name": "Functional", "layers": layers}))
        archive.writestr("model.pkl", pickle.dumps(Payload(sentinel)))


def as_hdf5(path, sentinel):
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + pickle.dumps(Payload(sentinel)))


each_kind = pytest.mark.parametrize("write", [as_npy, as_pickle, as_npz, as_keras, as_hdf5])


@each_kind
def test_files_of_a_run_that_hold_code_are_refused(own_data, sentinel, write):
    folder = a_run(own_data)
    weights, z, array = (folder / name for name in ("encoder-001.npz", "z_points.npy", "key.npy"))
    for path in (weights, z, array):
        write(path, sentinel)
    with pytest.raises(ValueError, match="not a plain array archive"):
        read_arrays(weights, sha256(weights))
    describe_z_points(folder)
    with pytest.raises(ValueError, match=r"z_points\.npy.*Run `aelatent encode forged`"):
        _ = Run.open("forged").z
    described = {"asked": {"seed": 0}, "done": 1, "divergence": 0.0, "seconds": 1.0}
    (folder / "key.json").write_text(json.dumps({**described, "sha256": sha256(array)}))
    assert (
        kept.read_map(folder, "key", described["asked"], MapSettings()) is None
    )  # made again then
    write(folder / "run.json", sentinel)
    with pytest.raises(ValueError, match=r"run\.json is damaged"):
        Run.open("forged")


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    source = open_source("portraits", n=2)
    return pack(source, "few", size=16, workers=1, data=folder, progress=False).path


@each_kind
@pytest.mark.parametrize("file", ["images.npy", "index.csv", "store.json", "skipped.csv"])
def test_stores_that_hold_code_are_refused(own_data, few, sentinel, write, file):
    folder = shutil.copytree(few, own_data / "stores" / "few")
    write(folder / file, sentinel)
    with pytest.raises(ValueError, match=f"{re.escape(file)} .*(damaged|belong)"):
        ImageStore.open("few")


@each_kind
def test_what_scikit_learn_kept_of_lfw_is_not_read(own_data, sentinel, write, monkeypatch):
    kept = own_data / "lfw" / "lfw_home" / "joblib" / "sklearn" / "output.pkl"
    kept.parent.mkdir(parents=True)
    write(kept, sentinel)

    def fetch(**_):
        assert not kept.exists()
        raise OSError("no network")

    monkeypatch.setattr(lfw, "fetch_lfw_people", fetch)
    with pytest.raises(RuntimeError, match="no network"):
        open_source("lfw")
