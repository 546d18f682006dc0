"""Textures made once and sampled by every picture: hair, shapes out of focus, grain."""

# All are periodic, so that any window of them has no seam, and come from fixed streams of random
# numbers: the same on any machine.

from functools import cache

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.special import ndtri

STRANDS = 1024, 128  # tile of strands: across and along them
_SCENE = 1024  # side of the tile of shapes
_GRAIN = 512  # side of the tile of noise


def _normal(key, *shape):
    """Return normal noise, float64, the same on any machine."""
    bits = np.random.Philox(key=key).random_raw(int(np.prod(shape))) >> np.uint64(11)
    return ndtri((bits + 0.5) * 2.0**-53).reshape(shape)


@cache
def grain():
    """Return sensor noise of standard deviation 1, float32 (3, side, side)."""
    return _normal(0, 3, _GRAIN, _GRAIN).astype(np.float32)


@cache
def strands():
    """Return strands of hair in two thicknesses, flat float32 of `STRANDS`, mostly within -1..1."""
    tile = 0
    for key, thick, weight in ((1, 3.0, 0.75), (2, 9.0, 0.75), (3, 40.0, 0.4)):
        layer = gaussian_filter(_normal(key, *STRANDS), (thick, 7), mode="wrap")
        tile = tile + weight * layer / layer.std()
    return np.clip(0.5 * tile, -1.2, 1.2).astype(np.float32).ravel()


@cache
def scene():
    """Return two layers of blurred discs and posts, float32 (2, side, side) within -1..1."""
    layers = []
    grid = np.arange(_SCENE)
    for key in (4, 5):
        free = np.random.Generator(np.random.Philox(key=key)).random((240, 6))
        layer = np.zeros((_SCENE, _SCENE), np.float32)
        for x, y, wide, high, form, level in free:
            dx = np.abs((grid - x * _SCENE + _SCENE / 2) % _SCENE - _SCENE / 2)
            dy = np.abs((grid - y * _SCENE + _SCENE / 2) % _SCENE - _SCENE / 2)[:, None]
            half = 12 + 80 * wide * wide
            if form < 0.45:
                shape = dx**2 + dy**2 < half**2
            else:
                tall = 40 + 300 * high
                if form > 0.85:  # a shelf, a horizon
                    half, tall = tall, half
                shape = (dx < half) & (dy < tall)
            layer[shape] = 2 * level - 1
        soft = gaussian_filter(layer, 8, mode="wrap") + gaussian_filter(layer, 24, mode="wrap")
        soft -= soft.mean()
        layers.append(np.clip(soft / (2.2 * soft.std()), -1, 1))
    return np.stack(layers)


def window_of_scene(layer, row, column, step):
    """Return a window of a layer (0 or 1) of `scene` per picture, float32 (n, size, size)."""
    # `row`, `column` (n, 1): the window's corner, in pixels of the tile; `step` (n, size): from
    # there to each pixel of the picture.
    down = np.mod(row + step, _SCENE).astype(np.intp) * _SCENE
    right = np.mod(column + step, _SCENE).astype(np.intp)
    return scene()[layer].take(down[:, :, None] + right[:, None, :], mode="wrap")
