"""The plain convolutional autoencoder: Encoder, Decoder and their layer tables.

The posts state only the layer counts, the picture size and z_dim. Filters, kernel, stride,
activation and linear latent layer follow the textbook that their author names as his model
(D. Foster, *Generative Deep Learning*, chapter 3).
"""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from aelatent._checks import check_one_of
from aelatent.model._backend import load, plain_settings
from aelatent.model.config import ModelConfig

LEAKY_SLOPE = 0.2  # of leaky_relu below zero


@dataclass(frozen=True)
class Autoencoder:
    """Encoder and Decoder as Keras functional models, with the settings that made them."""

    config: ModelConfig
    encoder: Any  # keras.Model: (n, size, size, 3) float32 in 0..1 -> (n, z_dim) float32
    decoder: Any  # keras.Model: (n, z_dim) float32 -> (n, size, size, 3) float32 in 0..1

    def layer_tables(self) -> dict[str, pd.DataFrame]:
        """Return a row per layer of ``"Encoder"`` and of ``"Decoder"``, as the posts show them."""
        return {"Encoder": _layer_table(self.encoder), "Decoder": _layer_table(self.decoder)}


def _layer_table(model) -> pd.DataFrame:
    rows = []
    for layer in model.layers:
        shape = " x ".join(map(str, layer.output.shape[1:]))
        rows.append((layer.name, type(layer).__name__, shape, layer.count_params()))
    return pd.DataFrame(rows, columns=["layer", "type", "output", "parameters"])


@plain_settings()
def build_autoencoder(
    config: ModelConfig | None = None, *, seed: int = 0, precision: str = "float32"
) -> Autoencoder:
    """Build an untrained autoencoder of built-in Keras layers."""
    # Only the convolutions have this precision; weights, latent layer and output are float32:
    # bfloat16 latent components would sit on a lattice that looks like structure.
    check_one_of("precision", precision, ("float32", "mixed_bfloat16"))
    config = config or ModelConfig()
    make = _LayerMaker(config, seed, precision)
    return Autoencoder(config, _encoder(config, make), _decoder(config, make))


def _encoder(config: ModelConfig, make: "_LayerMaker"):
    keras = load().keras
    pictures = keras.Input((config.size, config.size, 3), name="picture")
    x = pictures
    for number, filters in enumerate(config.filters, start=1):
        x = make.strided("Conv2D", f"conv_{number}", filters)(x)  # (batch, side / 2, side / 2, f)
        x = make.after(x, f"conv_{number}")
    x = keras.layers.Flatten(name="flatten", dtype="float32")(x)
    z = make.dense("z", config.z_dim)(x)  # linear: no activation, (batch, z_dim)
    return keras.Model(pictures, z, name="encoder")


def _decoder(config: ModelConfig, make: "_LayerMaker"):
    keras = load().keras
    side = config.size // 2 ** len(config.filters)
    z = keras.Input((config.z_dim,), name="z")
    x = make.dense("unfold", side * side * config.filters[-1])(z)
    x = keras.layers.Reshape((side, side, config.filters[-1]), name="reshape")(x)
    x = make.after(x, "unfold")
    for number, filters in enumerate(reversed(config.filters[:-1]), start=1):
        x = make.strided("Conv2DTranspose", f"deconv_{number}", filters)(x)  # doubles the side
        x = make.after(x, f"deconv_{number}")
    x = make.strided("Conv2DTranspose", f"deconv_{len(config.filters)}", 3)(x)
    pictures = keras.layers.Activation("sigmoid", name="picture", dtype="float32")(x)
    return keras.Model(z, pictures, name="decoder")  # -> (batch, size, size, 3)


class _LayerMaker:
    """Layers that share settings; each gets its own seed, so that no global state is drawn from."""

    def __init__(self, config: ModelConfig, seed: int, precision: str):
        self.config, self.seed, self.precision = config, seed, precision
        self.layers = load().keras.layers
        self.made = 0

    def _initializer(self):
        self.made += 1
        return load().keras.initializers.GlorotUniform(seed=self.seed * 1000 + self.made)

    def dense(self, name: str, units: int):
        return self.layers.Dense(
            units, name=name, dtype="float32", kernel_initializer=self._initializer()
        )

    def strided(self, kind: str, name: str, filters: int):
        return getattr(self.layers, kind)(
            filters,
            self.config.kernel,
            strides=2,
            padding="same",
            name=name,
            dtype=self.precision,
            kernel_initializer=self._initializer(),
        )

    def after(self, x, name: str):
        """Batch normalization, where asked for, then the activation."""
        if self.config.batch_norm:
            x = self.layers.BatchNormalization(name=f"{name}_norm", dtype=self.precision)(x)
        if self.config.activation == "leaky_relu":
            act = self.layers.LeakyReLU(LEAKY_SLOPE, name=f"{name}_act", dtype=self.precision)
        else:
            kind = self.config.activation
            act = self.layers.Activation(kind, name=f"{name}_act", dtype=self.precision)
        return act(x)
