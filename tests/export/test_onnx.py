import subprocess
import sys

import numpy as np
import pytest

from aelatent import export_run
from aelatent.model.autoencoder import build_autoencoder
from aelatent.model.config import ACTIVATIONS, ModelConfig
from aelatent.model.record import model_arrays
from tests.model.test_plain import SHAPES, shaken

onnx = pytest.importorskip("onnx")
runtime = pytest.importorskip("onnxruntime")


def opened(model):
    session = runtime.InferenceSession(model, providers=["CPUExecutionProvider"])
    (taken,), (given,) = session.get_inputs(), session.get_outputs()
    return taken, given, lambda values: session.run(None, {taken.name: values})[0]


@pytest.mark.parametrize(
    "shape",
    [
        *SHAPES,
        *({"filters": (4, 6), "size": 8, "z_dim": 3, "activation": a} for a in ACTIVATIONS),
        {"filters": (4, 6), "size": 8, "z_dim": 3, "kernel": 1, "batch_norm": True},
        {"filters": (4,), "size": 8, "z_dim": 3, "kernel": 7, "activation": "gelu"},
    ],
    ids=str,
)
def test_the_graphs_compute_what_keras_does(shape):
    from aelatent.export.onnx import decoder_graph, encoder_graph

    config, rng = ModelConfig(**shape), np.random.default_rng(0)
    keras = build_autoencoder(config)
    given = {
        "encoder": rng.random((3, config.size, config.size, 3), np.float32),
        "decoder": rng.normal(size=(3, config.z_dim)).astype(np.float32),
    }
    for part, graph in (("encoder", encoder_graph), ("decoder", decoder_graph)):
        model = getattr(keras, part)
        shaken(model, rng)
        made = graph(config, model_arrays(model))
        onnx.checker.check_model(made, full_check=True)
        found = opened(made.SerializeToString())[2](given[part])
        expected = model(given[part], training=False).numpy()
        assert found.dtype == np.float32
        assert np.allclose(found, expected, rtol=1e-5, atol=1e-5 * np.abs(expected).max())


def test_the_files_take_any_number_and_give_what_the_run_does(run, tmp_path):
    out = export_run(run, "onnx", tmp_path / "networks")
    taken, given, encode = opened(out / "encoder.onnx")
    assert (taken.name, taken.shape, taken.type) == ("picture", ["n", 32, 32, 3], "tensor(float)")
    assert (given.name, given.shape) == ("z", ["n", 8])
    decode = opened(out / "decoder.onnx")[2]
    pictures = run.store.images[:5].astype(np.float32) / 255
    for n in (1, 5):
        z = encode(pictures[:n])
        assert np.abs(z - run.encode(pictures[:n])).max() < 1e-5
        assert np.abs(decode(z) - run.decode(z)).max() < 1e-5
    first = (out / "encoder.onnx").read_bytes()
    assert b"small" in first
    assert (export_run(run, "onnx", out) / "encoder.onnx").read_bytes() == first


def test_more_weights_than_a_file_holds_are_refused(run, tmp_path, monkeypatch):
    from aelatent.export import onnx as form

    monkeypatch.setattr(form, "LARGEST", 1000)
    with pytest.raises(ValueError, match=r"bytes of weights, above 1,000.*as keras"):
        export_run(run, "onnx", tmp_path / "networks")
    assert [*tmp_path.iterdir()] == []


def test_tensorflow_is_not_loaded(small_world, tmp_path):
    code = (
        "import sys; from aelatent import Run, export_run; "
        "export_run(Run.open('small', data=sys.argv[1]), 'onnx', sys.argv[2]); "
        "sys.exit('tensorflow' in sys.modules)"
    )
    line = [sys.executable, "-c", code, str(small_world), str(tmp_path / "networks")]
    assert subprocess.run(line, check=False).returncode == 0
