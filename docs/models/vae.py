"""Train a convolutional VAE in plain Keras on a store, and save it for ``aelatent import``.

``python docs/models/vae.py portraits --epochs 20 --out vae`` writes encoder.keras, of two outputs,
the mean and the logarithm of the variance, and decoder.keras. What draws z is a layer of the
training alone: what is saved has layers of Keras only.
"""

import argparse
from pathlib import Path

import keras
from keras import layers, ops

from aelatent.images import ImageStore

CHANNELS = (16, 32, 64)


class Sampling(layers.Layer):
    """Draw z from N(mean, exp(log_var)), in a way that gradients pass through."""

    def call(self, mean, log_var):
        """Return mean plus noise."""
        return mean + ops.exp(log_var / 2) * keras.random.normal(ops.shape(mean))


def make_encoder(size: int, z_dim: int) -> keras.Model:
    """Return pictures in 0..1 -> mean and log-variance of z."""
    x = pictures = keras.Input((size, size, 3))
    for channels in CHANNELS:
        x = layers.Conv2D(channels, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.Dense(256, activation="relu")(layers.Flatten()(x))
    outputs = [layers.Dense(z_dim, name=name)(x) for name in ("z_mean", "z_log_var")]
    return keras.Model(pictures, outputs, name="encoder")


def make_decoder(size: int, z_dim: int) -> keras.Model:
    """Return z -> pictures in 0..1."""
    side, deepest = size // 2 ** len(CHANNELS), CHANNELS[-1]
    z = keras.Input((z_dim,))
    x = layers.Dense(side * side * deepest, activation="relu")(z)
    x = layers.Reshape((side, side, deepest))(x)
    for channels in CHANNELS[::-1]:
        x = layers.Conv2DTranspose(channels, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.Conv2D(3, 3, padding="same", activation="sigmoid")(x)
    return keras.Model(z, x, name="decoder")


class VAE(keras.Model):
    """Both halves with the loss: squared error of a picture, and KL divergence from N(0, I)."""

    def __init__(self, encoder: keras.Model, decoder: keras.Model, sd: float):
        super().__init__()
        self.encoder, self.decoder, self.sampling, self.sd = encoder, decoder, Sampling(), sd

    def call(self, pictures):
        """Return decoded draws, and add the loss, in nats a picture but for a constant."""
        mean, log_var = self.encoder(pictures)
        decoded = self.decoder(self.sampling(mean, log_var))
        kl = 0.5 * ops.sum(mean**2 + ops.exp(log_var) - log_var - 1, axis=1)
        squares = ops.sum((decoded - pictures) ** 2, axis=(1, 2, 3))
        self.add_loss(ops.mean(kl + squares / (2 * self.sd**2)))
        return decoded


def main() -> None:
    """Train and save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("store")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--z-dim", type=int, default=32)
    parser.add_argument("--sd", type=float, default=0.15, help="of pixels about the decoded (0.15)")
    parser.add_argument("--out", type=Path, default=Path("vae"))
    o = parser.parse_args()
    keras.utils.set_random_seed(0)
    store = ImageStore.open(o.store)
    pictures = store.images[store.rows("train")].astype("float32") / 255
    vae = VAE(make_encoder(store.size, o.z_dim), make_decoder(store.size, o.z_dim), o.sd)
    vae.compile(optimizer=keras.optimizers.Adam(1e-3))
    vae.fit(pictures, epochs=o.epochs, batch_size=64, verbose=2)
    o.out.mkdir(parents=True, exist_ok=True)
    vae.encoder.save(o.out / "encoder.keras")
    vae.decoder.save(o.out / "decoder.keras")


if __name__ == "__main__":
    main()
