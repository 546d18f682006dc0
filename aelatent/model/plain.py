"""The Decoder and the Encoder in plain NumPy, layer by layer: what a page computes, to be read.

Slower than Keras, and without it: for a few pictures where TensorFlow must not be loaded.
"""

import numpy as np
from scipy.special import expit, ndtr

from aelatent._checks import check_pictures, check_points
from aelatent.model.config import ModelConfig

EPSILON = 1e-3  # of Keras' BatchNormalization
_SHAPES = {
    "leaky_relu": lambda x: np.where(x > 0, x, np.float32(0.2) * x),
    "relu": lambda x: np.maximum(x, 0),
    "elu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    "gelu": lambda x: x * ndtr(x),
    "silu": lambda x: x * expit(x),
    "tanh": np.tanh,
}

Arrays = dict[str, np.ndarray]  # {"layer/variable": float32}, as `Run.weights` gives them


def decode(config: ModelConfig, arrays: Arrays, z: np.ndarray) -> np.ndarray:
    """Return the pictures of latent vectors, float32 (n, size, size, 3) in 0..1."""
    z = check_points(z, config.z_dim).astype(np.float32)
    get = known(arrays)
    side = config.size // 2 ** len(config.filters)
    x = z @ get("unfold/kernel") + get("unfold/bias")  # (n, d) -> (n, side * side * f)
    x = _after(x.reshape(len(z), side, side, config.filters[-1]), config, get, "unfold")
    for number in range(1, len(config.filters) + 1):
        x = _doubled(x, get(f"deconv_{number}/kernel")) + get(f"deconv_{number}/bias")
        if number < len(config.filters):
            x = _after(x, config, get, f"deconv_{number}")
    return expit(x)


def encode(config: ModelConfig, arrays: Arrays, images: np.ndarray) -> np.ndarray:
    """Return the z-points, float32 (n, z_dim), of pictures: uint8, or float in 0..1."""
    images, get = check_pictures("images", images), known(arrays)
    x = images.astype(np.float32) / np.float32(255 if images.dtype == np.uint8 else 1)
    for number in range(1, len(config.filters) + 1):
        x = _halved(x, get(f"conv_{number}/kernel")) + get(f"conv_{number}/bias")
        x = _after(x, config, get, f"conv_{number}")
    return x.reshape(len(x), -1) @ get("z/kernel") + get("z/bias")


def _doubled(x: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Convolve transposed with stride 2, "same": (n, h, w, c) -> (n, 2 h, 2 w, f)."""
    side, _, f, _ = kernel.shape  # (side, side, f, c)
    n, h, w, _ = x.shape
    # Pixel (i, j) adds kernel[a, b] at (2 i + a, 2 j + b); what sticks out is cut off at both ends.
    more = max(side, 2)
    out = np.zeros((n, 2 * h + more - 2, 2 * w + more - 2, f), np.float32)
    for a, b in np.ndindex(side, side):
        out[:, a : a + 2 * h : 2, b : b + 2 * w : 2] += x @ kernel[a, b].T
    cut = (more - 2) // 2
    return out[:, cut : cut + 2 * h, cut : cut + 2 * w]


def _halved(x: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Convolve with stride 2, "same": (n, 2 h, 2 w, c) -> (n, h, w, f), kernel (k, k, c, f)."""
    side, (h, w) = len(kernel), np.array(x.shape[1:3]) // 2
    before, after = (more := max(side - 2, 0)) // 2, more - more // 2
    x = np.pad(x, ((0, 0), (before, after), (before, after), (0, 0)))
    return sum(
        x[:, a : a + 2 * h : 2, b : b + 2 * w : 2] @ kernel[a, b] for a, b in np.ndindex(side, side)
    )


def _after(x: np.ndarray, config: ModelConfig, get, layer: str) -> np.ndarray:
    """Normalize by the running averages, where the model does, and apply the activation."""
    if config.batch_norm:
        mean, variance, gamma, beta = (
            get(f"{layer}_norm/{name}")
            for name in ("moving_mean", "moving_variance", "gamma", "beta")
        )
        x = (x - mean) / np.sqrt(variance + np.float32(EPSILON)) * gamma + beta
    return _SHAPES[config.activation](x)


def known(arrays: Arrays):
    """Return what gives an array by its name, or refuses weights that lack it."""

    def get(name: str) -> np.ndarray:
        if name not in arrays:
            raise ValueError(
                f"the weights lack {name!r}; got {sorted(arrays)[:6]}. Pass run.weights('decoder') "
                "to decode, run.weights('encoder') to encode, and the config of the same run."
            )
        return np.asarray(arrays[name], np.float32)

    return get
