import json
import zipfile

import numpy as np
import pytest

from aelatent._lacking import NotTrainedHere
from aelatent.model._backend import load
from aelatent.model.adopted import AdoptedCoder, AdoptedConfig, check_takes, which
from aelatent.model.networks import Network, open_network
from tests.adopted import CONVENTIONS, Axes, saved


@pytest.mark.parametrize("stated", CONVENTIONS.values(), ids=CONVENTIONS)
def test_conventions_are_kept_there_and_back(stated, pictures):
    axes = Axes(pictures[:70], stated)
    halves = [Network(lambda x, f=f: [np.float32(f(x))]) for f in (axes.encode, axes.decode)]
    coder = AdoptedCoder(axes.config, *halves)
    z = coder.encode(pictures[:70])  # more than a batch
    assert (z.shape, z.dtype) == ((70, 12), np.float32)
    np.testing.assert_allclose(coder.encode(pictures[:70] / 255.0), z, atol=1e-2)
    expected = axes.expected(pictures[:70])
    np.testing.assert_allclose(coder.decode(z), expected, atol=1e-4)
    off = np.mean((expected - pictures[:70] / 255) ** 2, axis=(1, 2, 3))
    np.testing.assert_allclose(coder.errors(pictures[:70]), off, atol=1e-5)
    assert coder.encode(pictures[:0]).shape == (0, 12)
    assert AdoptedConfig.from_dict(json.loads(json.dumps(axes.config.to_dict()))) == axes.config


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ({"layout": "HWC"}, "layout must be one of 'NHWC', 'NCHW'"),
        ({"colors": "gray"}, "colors must be one of 'RGB', 'BGR'"),
        ({"value_range": (1, 0)}, "from low to high"),
        ({"value_range": 255}, "value_range must be 2 finite numbers; got 255"),
        ({"mean": (0, 0, 0)}, "mean and sd go together"),
        ({"mean": (0, 0, 0), "sd": (1, 0, 1)}, "sd must be above 0"),
        ({"mean": (0, 0), "sd": (1, 1, 1)}, "mean must be 3 finite numbers"),
        ({"latent_shape": (3, 2)}, "latent_shape must hold the 4 numbers"),
        ({"rng": 1}, r"no setting \['rng'\]"),
    ],
)
def test_unusable_conventions_are_refused(stated, said):
    with pytest.raises(ValueError, match=said):
        AdoptedConfig.from_dict({"size": 32, "z_dim": 4, "latent_shape": (4,), **stated})


def test_what_only_a_trained_model_has_is_refused_in_words():
    with pytest.raises(NotTrainedHere, match="made elsewhere"):
        _ = AdoptedConfig(32, 4, (4,)).filters
    assert not hasattr(AdoptedConfig(32, 4, (4,)), "nothing")


@pytest.mark.parametrize(
    ("names", "latent", "found"),
    [
        (("z",), None, 0),
        (("sample", "z_log_var", "z_mean"), None, 2),
        (("mu", "multiply"), None, 0),
        (("a", "b"), "b", 1),
        (("a", "b"), 1, 1),
        (("a", "b"), "1", 1),
        (("a", "b"), None, r"2 outputs, \['a', 'b'\]; None"),
        (("a", "b"), "c", "'c' names none"),
        (("a", "b"), 2, "2 names none"),
        (("mean_1", "mean_2"), None, "Say which"),
        ((), None, "output 0"),
    ],
)
def test_the_latent_output_is_the_only_one_the_mean_or_the_one_named(names, latent, found):
    if isinstance(found, int):
        assert which(names, len(names), latent) == found
    else:
        with pytest.raises(ValueError, match=found):
            which(names, 2, latent)


@pytest.mark.parametrize(
    ("part", "takes", "expected", "said"),
    [
        ("Encoder", (3, 32, 32), (32, 32, 3), r"takes \('n', 3, 32, 32\).*--layout NCHW"),
        ("Encoder", (32, 32, 3), (3, 32, 32), "--layout NHWC"),
        ("Encoder", (64, 64, 3), (32, 32, 3), "--size 64"),
        ("Encoder", (28, 28, 1), (32, 32, 3), "square pictures of three colors"),
        ("Encoder", (784,), (32, 32, 3), "square pictures of three colors"),
        ("Decoder", (10,), (12,), "not what the Encoder gives"),
    ],
)
def test_declared_shapes_that_do_not_fit_are_named(part, takes, expected, said):
    with pytest.raises(ValueError, match=said):
        check_takes(part, Network(None, takes), expected)
    check_takes(part, Network(None, (None,) * len(expected)), expected)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("m.h5", b"", "expected .keras or .onnx"),
        ("m.keras", b"no zip", "no Keras model that can be opened"),
        ("none.keras", None, "there is no Encoder"),
    ],
)
def test_files_of_another_kind_are_refused(tmp_path, name, content, said):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises((ValueError, FileNotFoundError), match=said):
        open_network(tmp_path / name, "Encoder")


@pytest.mark.parametrize("kind", ["Lambda", "custom layer", "function of Keras", "two inputs"])
def test_a_file_that_would_run_code_is_refused_before_it_is_loaded(tmp_path, kind, monkeypatch):
    keras = load().keras
    x, path = keras.Input((4,)), tmp_path / "m.keras"
    if kind == "two inputs":
        y = keras.Input((4,))
        saved(keras.Model([x, y], x + y), path)
        with pytest.raises(ValueError, match="takes 2 inputs"):
            open_network(path, "Decoder")
        return

    class Odd(keras.layers.Layer):
        def call(self, x):
            return x

    layer = {"Lambda": keras.layers.Lambda(lambda x: x), "custom layer": Odd()}
    saved(keras.Model(x, layer.get(kind, keras.layers.Dense(2))(x)), path)
    if kind == "function of Keras":
        with zipfile.ZipFile(path) as archive:
            config = archive.read("config.json").decode()
        evil = {"module": "keras.utils", "class_name": "get_file", "config": {}}
        config = json.loads(config)
        config["config"]["layers"][1]["config"]["kernel_initializer"] = evil
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("config.json", json.dumps(config))
    monkeypatch.setattr(keras.saving, "load_model", lambda *_, **__: pytest.fail("loaded"))
    with pytest.raises(ValueError, match=r"run code of their own.*z_mean.*ONNX"):
        open_network(path, "Decoder")


def test_batches_of_a_fixed_length_are_filled_up(tmp_path, pictures):
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    axes = Axes(pictures[:50])
    network = open_network(axes.onnx(tmp_path, batch=4)[0], "Encoder")
    x = np.float32(pictures[:7]) / 255
    np.testing.assert_allclose(network.call(x)[0], axes.encode(x), atol=1e-3)
    (tmp_path / "e.onnx").write_bytes(b"\x08\x01")
    with pytest.raises(ValueError, match="no ONNX model of a single file"):
        open_network(tmp_path / "e.onnx", "Encoder")


def test_without_onnxruntime_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    (tmp_path / "m.onnx").write_bytes(b"x")
    with pytest.raises(ImportError, match=r'pip install "aelatent\[onnx\]"'):
        open_network(tmp_path / "m.onnx", "Encoder")
