"""Pictures to z-points and back: compiled, batched, float32 always."""

import numpy as np
from tqdm.auto import tqdm

from aelatent.model._backend import load
from aelatent.model.autoencoder import Autoencoder

BATCH = 64  # pictures a compiled call; on two cores it took less time per picture than 256


class Coder:
    """The compiled Encoder and Decoder of one autoencoder, built with ``precision="float32"``."""

    def __init__(self, autoencoder: Autoencoder):
        tf = load().tf
        config = autoencoder.config
        self.size, self.z_dim = config.size, config.z_dim
        pictures = tf.TensorSpec((None, config.size, config.size, 3), tf.uint8)
        floats = tf.TensorSpec((None, config.size, config.size, 3), tf.float32)
        vectors = tf.TensorSpec((None, config.z_dim), tf.float32)
        encoder, decoder = autoencoder.encoder, autoencoder.decoder

        def encode_floats(x):
            return encoder(x, training=False)

        def encode_uint8(x):
            return encoder(tf.cast(x, tf.float32) / 255.0, training=False)

        def error_of_uint8(x):
            x = tf.cast(x, tf.float32) / 255.0
            back = decoder(encoder(x, training=False), training=False)
            return tf.reduce_mean(tf.square(back - x), axis=(1, 2, 3))

        self._encode = {
            np.dtype("uint8"): tf.function(encode_uint8, input_signature=[pictures]),
            np.dtype("float32"): tf.function(encode_floats, input_signature=[floats]),
        }
        self._error = tf.function(error_of_uint8, input_signature=[pictures])
        self._decode = tf.function(lambda z: decoder(z, training=False), input_signature=[vectors])

    def encode(self, images: np.ndarray, *, progress: bool = False) -> np.ndarray:
        """Return the z-points of pictures (uint8, or float in 0..1): float32 (n, z_dim)."""
        images = check_images(images, self.size)  # n may be 0; a memory map is read by batches
        run = self._encode[images.dtype]
        return self._batched(run, images, (self.z_dim,), "encoding", progress)

    def decode(self, z: np.ndarray) -> np.ndarray:
        """Return the pictures that latent vectors decode to: float32 (n, size, size, 3) in 0..1."""
        z = check_vectors(z, self.z_dim)
        return self._batched(self._decode, z, (self.size, self.size, 3), "decoding", False)

    def errors(self, images: np.ndarray, *, progress: bool = False) -> np.ndarray:
        """Return the mean squared error of uint8 pictures, float32 (n,), with pixels in 0..1."""
        images = check_images(images, self.size)
        if images.dtype != np.uint8:
            raise ValueError(f"errors takes uint8 pictures; got {images.dtype}.")
        return self._batched(self._error, images, (), "comparing", progress)

    @staticmethod
    def _batched(run, values, shape, doing, progress):
        out = np.empty((len(values), *shape), np.float32)
        starts = range(0, len(values), BATCH)
        for start in tqdm(starts, desc=doing, unit="batch", disable=not progress):
            stop = start + BATCH
            # ascontiguousarray copies a slice of a memory map into memory once
            out[start:stop] = run(np.ascontiguousarray(values[start:stop])).numpy()
        return out


def check_images(images, size: int) -> np.ndarray:
    """Return `images` as uint8 or float32 of shape (n, size, size, 3), or refuse them."""
    images = images if isinstance(images, np.ndarray) else np.asarray(images)
    if images.ndim != 4 or images.shape[1:] != (size, size, 3):
        raise ValueError(
            f"images must have shape (n, {size}, {size}, 3); got {images.shape}. A single picture "
            "needs a leading axis: picture[np.newaxis]."
        )
    if images.dtype == np.uint8:
        return images
    if not np.issubdtype(images.dtype, np.floating):
        raise ValueError(
            f"images must be uint8 (0..255) or floating (0..1); got dtype {images.dtype}."
        )
    images = images.astype(np.float32, copy=False)
    if images.size and not (images.min() >= 0 and images.max() <= 1):  # false for NaN as well
        raise ValueError(
            f"floating images must lie in 0..1; got {images.min():.4g} to {images.max():.4g}. "
            "Divide by 255, or pass uint8."
        )
    return images


def check_vectors(z, z_dim: int) -> np.ndarray:
    """Return `z` as float32 of shape (n, z_dim), all finite, or refuse it."""
    z = np.asarray(z)
    if z.ndim != 2 or z.shape[1] != z_dim:
        raise ValueError(
            f"z must have shape (n, {z_dim}); got {z.shape}. A single latent vector needs a "
            "leading axis: z[np.newaxis]."
        )
    if not np.issubdtype(z.dtype, np.number) or np.iscomplexobj(z):
        raise ValueError(f"z must hold real numbers; got dtype {z.dtype}.")
    z = z.astype(np.float32, copy=False)
    if not np.isfinite(z).all():
        raise ValueError(f"z must be finite; {np.count_nonzero(~np.isfinite(z))} values are not.")
    return z
