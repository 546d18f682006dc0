import numpy as np
import pytest

from aelatent.model.autoencoder import build_autoencoder
from aelatent.model.config import ModelConfig


def test_the_standard_model_has_the_shape_that_the_seeds_state():
    tables = build_autoencoder().layer_tables()
    encoder, decoder = tables["Encoder"], tables["Decoder"]
    assert (encoder["type"] == "Conv2D").sum() == 4
    assert (decoder["type"] == "Conv2DTranspose").sum() == 4
    assert encoder["output"].iloc[0] == "96 x 96 x 3"
    assert encoder["output"].iloc[-1] == "256"
    assert decoder["output"].iloc[-1] == "96 x 96 x 3"


def test_the_layer_table_counts_every_parameter():
    model = build_autoencoder(ModelConfig(size=32, filters=(8, 16), z_dim=10))
    table = model.layer_tables()["Encoder"]
    by_hand = (3 * 9 + 1) * 8 + (8 * 9 + 1) * 16 + (8 * 8 * 16 + 1) * 10
    assert table["parameters"].sum() == by_hand
    assert model.encoder.count_params() == by_hand


@pytest.mark.parametrize("size", [16, 48, 80])
@pytest.mark.parametrize("filters", [(4,), (4, 6, 8)])
def test_pictures_keep_their_size_and_range(size, filters):
    model = build_autoencoder(ModelConfig(size=size, filters=filters, z_dim=3))
    z = model.encoder(np.random.default_rng(0).random((2, size, size, 3), np.float32))
    back = np.asarray(model.decoder(z * 1000))
    assert z.shape == (2, 3)
    assert back.shape == (2, size, size, 3)
    assert back.dtype == np.float32
    assert back.min() >= 0
    assert back.max() <= 1


def test_the_latent_layer_is_linear(tiny):
    model = build_autoencoder(tiny)
    layer = model.encoder.get_layer("z")
    flat = np.random.default_rng(0).normal(size=(5, layer.kernel.shape[0])).astype(np.float32)
    np.testing.assert_allclose(layer(-flat), 2 * layer.bias - layer(flat), atol=1e-4)
    assert np.asarray(layer(flat)).min() < 0


@pytest.mark.parametrize("activation", ["leaky_relu", "relu", "gelu"])
def test_activations_differ(tiny, activation):
    config = ModelConfig(**(tiny.to_dict() | {"activation": activation}))
    x = np.random.default_rng(0).normal(size=(1, 32, 32, 3)).astype(np.float32)
    encoder = build_autoencoder(config).encoder
    out = np.asarray(encoder.get_layer("conv_1_act")(encoder.get_layer("conv_1")(x)))
    raw = np.asarray(encoder.get_layer("conv_1")(x))
    negative = raw < 0
    expected = {"leaky_relu": 0.2 * raw, "relu": 0 * raw}.get(activation)
    if expected is not None:
        np.testing.assert_allclose(out[negative], expected[negative], atol=1e-6)
    else:
        assert -0.2 < out[negative].min() < 0


def test_batch_norm_is_off_unless_asked_for(tiny):
    asked = ModelConfig(**(tiny.to_dict() | {"batch_norm": True}))
    types = {True: set(), False: set()}
    for config in (tiny, asked):
        types[config.batch_norm] = set(build_autoencoder(config).layer_tables()["Encoder"]["type"])
    assert "BatchNormalization" in types[True]
    assert "BatchNormalization" not in types[False]


def test_equal_seeds_give_equal_weights_and_layers_differ(tiny):
    first, again, other = (build_autoencoder(tiny, seed=seed).encoder for seed in (1, 1, 2))
    for a, b in zip(first.weights, again.weights, strict=True):
        np.testing.assert_array_equal(a, b)
    assert np.abs(np.asarray(first.weights[0]) - np.asarray(other.weights[0])).max() > 1e-3


def test_building_leaves_global_randomness_alone(tiny):
    np.random.seed(3)  # noqa: NPY002
    expected = np.random.random()  # noqa: NPY002
    np.random.seed(3)  # noqa: NPY002
    build_autoencoder(tiny)
    assert np.random.random() == expected  # noqa: NPY002


def test_bfloat16_stays_inside_the_convolutions(tiny):
    model = build_autoencoder(tiny, precision="mixed_bfloat16")
    for part in (model.encoder, model.decoder):
        for layer in part.layers:
            convolution = "conv" in layer.name or layer.name == "unfold_act"
            expected = "bfloat16" if convolution else "float32"
            assert layer.compute_dtype == expected or not layer.weights, layer.name
            assert all(w.dtype == "float32" for w in layer.weights)
    assert model.encoder.output.dtype == "float32"
    assert model.decoder.output.dtype == "float32"


def test_unknown_precision_is_refused(tiny):
    with pytest.raises(ValueError, match="precision must be"):
        build_autoencoder(tiny, precision="float16")
