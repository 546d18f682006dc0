import subprocess
import sys

import numpy as np
import pytest

from aelatent import Run
from aelatent.model.autoencoder import build_autoencoder
from aelatent.model.coding import Coder
from aelatent.model.config import ACTIVATIONS, ModelConfig
from aelatent.model.plain import decode, encode
from aelatent.model.record import model_arrays

SHAPES = [
    {"filters": (8, 16), "size": 32, "z_dim": 8},
    {"filters": (5,), "size": 6, "z_dim": 2, "activation": "relu"},
    {"filters": (4, 3, 7), "size": 24, "z_dim": 5, "kernel": 5},
    {"filters": (4, 6), "size": 8, "z_dim": 3, "kernel": 1},
    {"filters": (4, 6), "size": 12, "z_dim": 3, "kernel": 2},
    {"filters": (4, 6), "size": 8, "z_dim": 3, "kernel": 4, "batch_norm": True},
]


def shaken(model, rng):
    """Give a Keras model weights none of which is as it began; return them."""
    for layer in model.layers:
        for variable in layer.variables:
            if "seed" not in variable.name:
                low = 0.5 if "variance" in variable.name else np.asarray(variable) - 0.2
                variable.assign(low + rng.uniform(0, 0.4, variable.shape))
    return model_arrays(model)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_it_decodes_and_encodes_as_keras_does(shape):
    rng, config = np.random.default_rng(0), ModelConfig(**shape)
    model = build_autoencoder(config)
    weights = {part: shaken(getattr(model, part), rng) for part in ("encoder", "decoder")}
    coder, z = Coder(model), rng.normal(0, 3, (3, config.z_dim))
    made = decode(config, weights["decoder"], z)
    assert made.dtype == np.float32
    assert np.ptp(made) > 0.1
    assert np.abs(made - coder.decode(z)).max() < 1e-5
    images = rng.integers(0, 256, (3, config.size, config.size, 3), np.uint8)
    expected = coder.encode(images)
    for pictures in (images, images / np.float32(255)):
        found = encode(config, weights["encoder"], pictures)
        assert np.abs(found - expected).max() < 1e-5 * max(1, np.abs(expected).max())


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_it_knows_all_activations(activation):
    rng, config = np.random.default_rng(1), ModelConfig(8, (6, 4), activation=activation, z_dim=3)
    model = build_autoencoder(config)
    arrays = shaken(model.decoder, rng)
    z = rng.normal(0, 3, (4, 3)).astype(np.float32)
    expected = np.asarray(model.decoder(z))  # not compiled
    assert np.abs(decode(config, arrays, z) - expected).max() < 1e-5


def test_weights_and_vectors_that_do_not_fit_are_refused(small_world):
    run = Run.open("small", data=small_world)
    with pytest.raises(ValueError, match=r"the weights lack 'unfold/kernel'.*run\.weights"):
        decode(run.config, run.weights("encoder"), run.z[:1])
    with pytest.raises(ValueError, match="8"):
        decode(run.config, run.weights("decoder"), np.zeros((1, 7)))


def test_tensorflow_is_not_loaded():
    code = "import sys, aelatent.model.plain; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
