import numpy as np
import pytest

from aelatent.model.autoencoder import build_autoencoder
from aelatent.model.config import ModelConfig


def changed(config, **values):
    return ModelConfig(**(config.to_dict() | values))


def test_layer_tables_show_what_the_seeds_state_and_count_every_parameter(tiny):
    encoder, decoder = build_autoencoder().layer_tables().values()
    types = (encoder["type"] == "Conv2D").sum(), (decoder["type"] == "Conv2DTranspose").sum()
    assert types == (4, 4)
    assert [*encoder["output"].iloc[[0, -1]]] == ["96 x 96 x 3", "256"]
    assert decoder["output"].iloc[-1] == "96 x 96 x 3"
    by_hand = (3 * 9 + 1) * 8 + (8 * 9 + 1) * 16 + (8 * 8 * 16 + 1) * 10
    for asked in (True, False):
        tables = build_autoencoder(changed(tiny, batch_norm=asked)).layer_tables()
        for table in tables.values():
            assert ("BatchNormalization" in set(table["type"])) is asked
    assert [*tables] == ["Encoder", "Decoder"]
    assert [*tables["Encoder"]] == ["layer", "type", "output", "parameters"]
    assert tables["Encoder"]["parameters"].sum() == by_hand


@pytest.mark.parametrize("size", [16, 80])
@pytest.mark.parametrize("filters", [(4,), (4, 6, 8)])
def test_pictures_keep_their_size_and_range(size, filters):
    model = build_autoencoder(ModelConfig(size=size, filters=filters, z_dim=3))
    z = model.encoder(np.random.default_rng(0).random((2, size, size, 3), np.float32))
    back = np.asarray(model.decoder(z * 1000))
    assert z.shape == (2, 3)
    assert (back.shape, back.dtype) == ((2, size, size, 3), np.float32)
    assert 0 <= back.min() <= back.max() <= 1


def test_the_latent_layer_is_linear(tiny):
    layer = build_autoencoder(tiny).encoder.get_layer("z")
    flat = np.random.default_rng(0).normal(size=(5, layer.kernel.shape[0])).astype(np.float32)
    np.testing.assert_allclose(layer(-flat), 2 * layer.bias - layer(flat), atol=1e-4)
    assert np.asarray(layer(flat)).min() < 0


@pytest.mark.parametrize(("activation", "slope"), [("leaky_relu", 0.2), ("relu", 0), ("gelu", 0)])
def test_activations_differ(tiny, activation, slope):
    encoder = build_autoencoder(changed(tiny, activation=activation)).encoder
    x = np.random.default_rng(0).normal(size=(1, 32, 32, 3)).astype(np.float32)
    raw = np.asarray(encoder.get_layer("conv_1")(x))
    off = np.asarray(encoder.get_layer("conv_1_act")(raw))[raw < 0] - slope * raw[raw < 0]
    if activation == "gelu":
        assert -0.2 < off.min() < -0.1
    else:
        np.testing.assert_allclose(off, 0, atol=1e-6)


def test_weights_depend_on_the_seed_alone_and_layers_differ(tiny):
    np.random.seed(3)  # noqa: NPY002
    expected = np.random.random()  # noqa: NPY002
    np.random.seed(3)  # noqa: NPY002
    first, again, other = (build_autoencoder(tiny, seed=seed).encoder for seed in (1, 1, 2))
    assert np.random.random() == expected  # noqa: NPY002
    for a, b in zip(first.weights, again.weights, strict=True):
        np.testing.assert_array_equal(a, b)
    assert np.abs(np.asarray(first.weights[0]) - np.asarray(other.weights[0])).max() > 1e-3
    kernels = [np.asarray(first.get_layer(name).kernel).ravel() for name in ("conv_1", "conv_2")]
    assert np.corrcoef(kernels[0], kernels[1][: kernels[0].size])[0, 1] < 0.5


def test_bfloat16_stays_inside_the_convolutions(tiny):
    with pytest.raises(ValueError, match=r"precision must be one of .*; got 'float16'"):
        build_autoencoder(tiny, precision="float16")
    model = build_autoencoder(tiny, precision="mixed_bfloat16")
    for part in (model.encoder, model.decoder):
        for layer in part.layers:
            convolution = "conv" in layer.name or layer.name == "unfold_act"
            expected = "bfloat16" if convolution else "float32"
            assert layer.compute_dtype == expected or not layer.weights, layer.name
            assert all(w.dtype == "float32" for w in layer.weights)
        assert part.output.dtype == "float32"
