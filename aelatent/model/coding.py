"""Pictures to z-points and back: compiled, batched, float32 always."""

from functools import cache

import numpy as np

from aelatent._system import Bar
from aelatent.model._backend import load
from aelatent.model.autoencoder import Autoencoder

BATCH = 64  # pictures a compiled call; on two cores it took less time per picture than 256


def _compiled(function, taken):
    """Return a function of one batch, compiled when it is first called."""
    # As one concrete function: TensorFlow counts the compilations of a tf.function by its source,
    # and from the fifth opened run on would warn of a retracing that there is not.
    tf = load().tf

    @cache
    def compiled():
        return tf.function(function, input_signature=[taken]).get_concrete_function()

    return lambda values: compiled()(tf.constant(values)).numpy()


class Coder:
    """The compiled Encoder and Decoder of one autoencoder, built with ``precision="float32"``."""

    def __init__(self, autoencoder: Autoencoder):
        tf = load().tf
        config = autoencoder.config
        self.size, self.z_dim = config.size, config.z_dim
        packed = tf.TensorSpec((None, config.size, config.size, 3), tf.uint8)
        floats = tf.TensorSpec((None, config.size, config.size, 3), tf.float32)
        vectors = tf.TensorSpec((None, config.z_dim), tf.float32)

        def encode(x):
            return autoencoder.encoder(x, training=False)

        def decode(z):
            return autoencoder.decoder(z, training=False)

        def as_floats(x):
            return tf.cast(x, tf.float32) / 255.0

        def encode_packed(x):
            return encode(as_floats(x))

        def error(x):
            x = as_floats(x)
            return tf.reduce_mean(tf.square(decode(encode(x)) - x), axis=(1, 2, 3))

        self._encode = {
            np.dtype("uint8"): _compiled(encode_packed, packed),
            np.dtype("float32"): _compiled(encode, floats),
        }
        self._error = _compiled(error, packed)
        self._decode = _compiled(decode, vectors)

    def encode(self, images: np.ndarray, *, progress: bool = False) -> np.ndarray:
        """Return the z-points of pictures (uint8, or float in 0..1): float32 (n, z_dim)."""
        images = self._images(images)  # n may be 0; a memory map is read by batches
        run = self._encode[images.dtype]
        return self._batched(run, images, (self.z_dim,), "encoding", progress)

    def decode(self, z: np.ndarray) -> np.ndarray:
        """Return the pictures that latent vectors decode to: float32 (n, size, size, 3) in 0..1."""
        z = np.asarray(z)
        if z.ndim != 2 or z.shape[1] != self.z_dim or z.dtype.kind not in "fiu":
            raise ValueError(
                f"z must hold real numbers and have shape (n, {self.z_dim}); got {z.dtype} of "
                f"shape {z.shape}. A single latent vector needs a leading axis: z[np.newaxis]."
            )
        z = z.astype(np.float32, copy=False)
        if wrong := np.count_nonzero(~np.isfinite(z)):
            raise ValueError(f"z must be finite; {wrong} values are not. Leave them out.")
        return self._batched(self._decode, z, (self.size, self.size, 3), "decoding", False)

    def errors(self, images: np.ndarray, *, progress: bool = False) -> np.ndarray:
        """Return the mean squared error of uint8 pictures, float32 (n,), with pixels in 0..1."""
        images = self._images(images)
        if images.dtype != np.uint8:
            raise ValueError(f"errors takes uint8 pictures; got {images.dtype}.")
        return self._batched(self._error, images, (), "comparing", progress)

    @staticmethod
    def _batched(run, values, shape, doing, progress):
        out = np.empty((len(values), *shape), np.float32)
        starts = range(0, len(values), BATCH)
        for start in Bar(starts, desc=doing, unit="batch", disable=not progress):
            stop = start + BATCH
            # ascontiguousarray copies a slice of a memory map into memory once
            out[start:stop] = run(np.ascontiguousarray(values[start:stop]))
        return out

    def _images(self, images) -> np.ndarray:
        """Return `images` as uint8 or float32 of shape (n, size, size, 3), or refuse them."""
        images = images if isinstance(images, np.ndarray) else np.asarray(images)
        known = images.dtype == np.uint8 or images.dtype.kind == "f"
        if not known or images.ndim != 4 or images.shape[1:] != (self.size, self.size, 3):
            raise ValueError(
                f"images must be uint8 (0..255) or floating (0..1), of shape (n, {self.size}, "
                f"{self.size}, 3); got {images.dtype} of shape {images.shape}. A single picture "
                "needs a leading axis: picture[np.newaxis]."
            )
        if images.dtype == np.uint8:
            return images
        images = images.astype(np.float32, copy=False)
        if images.size and not (images.min() >= 0 and images.max() <= 1):  # false for NaN as well
            raise ValueError(
                f"floating images must lie in 0..1; got {images.min():.4g} to {images.max():.4g}. "
                "Divide by 255, or pass uint8."
            )
        return images
