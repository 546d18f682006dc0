"""The network in the page against Keras: models of many shapes, the shipped run, refusals."""

import base64
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Error

from aelatent import Run, settings
from aelatent.model import ModelConfig
from aelatent.model.autoencoder import build_autoencoder
from aelatent.model.coding import Coder
from aelatent.model.record import assign, model_arrays

pytestmark = pytest.mark.browser

STATIC = Path(__file__).resolve().parents[2] / "aelatent" / "widgets" / "static"
BYTES = "const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));"
START = """async ([wasm, config, weights]) => {
  const kinds = { float16: Uint16Array, float32: Float32Array };
  for (const part of Object.values(weights))
    for (const array of Object.values(part ?? {}))
      array.values = new kinds[array.dtype](bytes(array.values).buffer);
  window.network = await networkOf(bytes(wasm), config, weights);
  return [network.size, network.zDim];
}"""
CALL = """([name, dtype, values, ...more]) => {
  const kinds = { uint8: Uint8ClampedArray, float32: Float32Array };
  const made = network[name](new kinds[dtype](bytes(values).buffer), ...more);
  const raw = new Uint8Array(made.buffer, made.byteOffset, made.byteLength);
  return [made.constructor.name, btoa(Array.from(raw, (b) => String.fromCharCode(b)).join(""))];
}"""
WIDEN = """async ([wasm, halves]) => {
  const memory = new WebAssembly.Memory({ initial: 8 });
  const made = await WebAssembly.instantiate(bytes(wasm), { env: { memory } });
  const [from, to] = [65536, 65536 * 3];
  new Uint8Array(memory.buffer, from).set(bytes(halves));
  made.instance.exports.widen(from, to, 65536);
  return Array.from(new Uint32Array(memory.buffer, to, 65536));
}"""
KINDS = {"Uint8ClampedArray": np.uint8, "Float32Array": np.float32}
MODELS = {  # and the type of the weights, and the number of faces
    "one layer, two components": (24, (5,), 2, "relu", "float32", 1),
    "channels not of four": (32, (3, 7, 10), 9, "leaky_relu", "float16", 9),
    "odd sides": (40, (6, 9, 13), 31, "relu", "float16", 3),
    "one channel": (56, (13, 1, 19), 6, "leaky_relu", "float32", 2),
    "ends at two pixels": (64, (8, 13, 21, 30, 37), 130, "leaky_relu", "float32", 4),
    "large": (128, (6, 12, 18, 25, 36), 256, "leaky_relu", "float16", 5),
}


def text_of(array):
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def sent(arrays):
    """Return the weights of one part as the page takes them."""
    return {
        name: {"shape": list(a.shape), "dtype": str(a.dtype), "values": text_of(a)}
        for name, a in arrays.items()
    }


@pytest.fixture(scope="module")
def started(chromium):
    """Return a function that starts a network in a page, and one that calls it."""
    with chromium.new_context() as context:
        page = context.new_page()
        page.add_script_tag(content=BYTES + (STATIC / "network.js").read_text())
        wasm = text_of(np.frombuffer((STATIC / "network.wasm").read_bytes(), np.uint8))

        def start(config, **parts):
            weights = {"decoder": None, "encoder": None}
            weights |= {part: sent(arrays) for part, arrays in parts.items()}
            asked = config if isinstance(config, dict) else config.to_dict()
            assert page.evaluate(START, [wasm, asked, weights]) == [asked["size"], asked["z_dim"]]

        def call(name, values, *more):
            kind, made = page.evaluate(CALL, [name, str(values.dtype), text_of(values), *more])
            return np.frombuffer(base64.b64decode(made), KINDS[kind])

        start.page, start.wasm = page, wasm
        yield start, call


def random_arrays(model, rng, dtype):
    """Return weights with which signals neither fade nor grow."""
    made = {}
    for name, array in model_arrays(model).items():
        taken = np.prod(array.shape[:-1])  # numbers that enter each sum
        if name.startswith("deconv") and array.ndim == 4:
            taken = 9 / 4 * array.shape[3]
        scale = 0.2 if array.ndim == 1 else np.sqrt(2 / taken)
        made[name] = rng.normal(0, scale, array.shape).astype(dtype)
    return made


def compare(started, coder, z, pictures):
    """Hold decode, decodeFloats and encode of the page against Keras."""
    _, call = started
    n, shape = len(z), (len(z), *pictures.shape[1:3], 4)
    wanted = coder.decode(z)
    assert wanted.std() > 0.1  # there is something to see
    floats = call("decodeFloats", z, n).reshape(shape)[..., :3]
    np.testing.assert_allclose(floats, wanted, rtol=0, atol=1e-5)
    faces = call("decode", z).reshape(shape)
    assert np.abs(faces[..., :3] - np.rint(255 * wanted)).max() <= 1
    assert np.mean(faces[..., :3] != np.rint(255 * wanted)) < 1e-3
    assert (faces[..., 3] == 255).all()
    points = coder.encode(pictures)
    alpha = np.arange(pictures[..., :1].size, dtype=np.uint8).reshape(*pictures.shape[:3], 1)
    for picture, point in zip(np.concatenate([pictures, alpha], -1), points, strict=True):
        off = np.abs(call("encode", picture) - point).max()
        assert off < 1e-4 * np.abs(point).max()


@pytest.mark.parametrize("kind", MODELS)
def test_the_page_computes_what_keras_computes(started, kind):
    size, filters, z_dim, activation, dtype, n = MODELS[kind]
    config = ModelConfig(size=size, filters=filters, z_dim=z_dim, activation=activation)
    model, parts = build_autoencoder(config), {}
    rng = np.random.default_rng(list(MODELS).index(kind))
    for part in ("encoder", "decoder"):
        parts[part] = random_arrays(getattr(model, part), rng, dtype)
        widened = {name: array.astype("float32") for name, array in parts[part].items()}
        assign(getattr(model, part), widened, kind)
    started[0](config, **parts)
    z = rng.normal(0, 1, (n, z_dim)).astype(np.float32)
    compare(started, Coder(model), z, rng.integers(0, 256, (2, size, size, 3), dtype=np.uint8))


def test_the_page_computes_the_shipped_run(started):
    run = Run.open("portraits", data=settings.SHIPPED)
    parts = {}
    for part in ("encoder", "decoder"):
        (path,) = (settings.SHIPPED / "runs" / "portraits").glob(f"{part}-*.npz")
        with np.load(path) as arrays:
            parts[part] = dict(arrays)
    started[0](run.config, **parts)
    rng = np.random.default_rng(0)
    z = rng.normal(0, 1.4, (9, run.config.z_dim)).astype(np.float32)
    size = run.config.size
    compare(started, run, z, rng.integers(0, 256, (2, size, size, 3), dtype=np.uint8))


def test_every_float16_becomes_the_same_float32(started):
    halves = np.arange(65536, dtype=np.uint16)
    page, wasm = started[0].page, started[0].wasm
    widened = np.array(page.evaluate(WIDEN, [wasm, text_of(halves)]), np.uint32)
    finite = np.isfinite(halves.view(np.float16))
    wanted = halves.view(np.float16).astype(np.float32).view(np.uint32)
    np.testing.assert_array_equal(widened[finite], wanted[finite])


SMALL = ModelConfig(size=8, filters=(4,), z_dim=2)


@pytest.fixture(scope="module")
def decoder():
    return model_arrays(build_autoencoder(SMALL).decoder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kernel": 5}, "cannot compute this model: its kernel has side 5"),
        ({"activation": "elu"}, "its activation is elu, and the page knows leaky_relu and relu"),
        ({"batch_norm": True}, "it has batch normalization"),
        ({"filters": [4] * 4}, "8 cannot be halved 4 times"),
        ({"z_dim": 0}, "whole numbers above 0, got 8,0,4"),
        ({"z_dim": 3}, r"unfold/kernel must have shape \(3,64\) and 192 values; .* \(2,64\)"),
    ],
)
def test_models_that_the_page_cannot_compute_are_refused(started, decoder, change, message):
    with pytest.raises(Error, match=message):
        started[0](SMALL.to_dict() | change, decoder=decoder)


def test_weights_and_values_that_do_not_fit_are_refused(started, decoder):
    start, call = started
    lacking = {name: array for name, array in decoder.items() if name != "deconv_1/bias"}
    with pytest.raises(Error, match="weights lack the array deconv_1/bias"):
        start(SMALL, decoder=lacking)
    start(SMALL, decoder=decoder)
    with pytest.raises(Error, match="2 latent vectors have 4 components, got 5"):
        call("decode", np.zeros(5, np.float32), 2)
    with pytest.raises(Error, match="without the weights of its encoder"):
        call("encode", np.zeros(256, np.uint8))
    start(SMALL, encoder=model_arrays(build_autoencoder(SMALL).encoder))
    with pytest.raises(Error, match="picture of side 8 has 256 bytes, got 64"):
        call("encode", np.zeros(64, np.uint8))
    for name in ("decode", "decodeFloats"):
        with pytest.raises(Error, match="without the weights of its decoder"):
            call(name, np.zeros(2, np.float32))
