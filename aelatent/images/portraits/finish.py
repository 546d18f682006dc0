"""The camera: white balance, exposure, display curve, noise."""

from functools import cache

import numpy as np
from scipy.special import ndtri

from .fields import keyed

_SHOULDER = 0.25  # bend of the display curve
_TILE = 512  # side of the noise tile, pixels


@cache
def _grain():
    """Return a tile of normal noise, float32 (3, tile, tile), the same on any machine."""
    bits = np.random.Philox(key=0).random_raw(3 * _TILE * _TILE) >> np.uint64(11)
    return ndtri((bits + 0.5) * 2.0**-53).astype(np.float32).reshape(3, _TILE, _TILE)


def develop(picture, f, g):
    """Turn light (n, 3, size, size) into display values: uint8 (n, size, size, 3).

    Each picture takes its noise from another place of one tile of noise.
    """
    warmth = np.array([0.16, 0, -0.22], np.float32)[None, :, None, None] * f.warmth[:, None]
    picture *= np.exp2(f.exposure[:, None]) * np.exp(warmth)
    np.clip(picture, 0, 9, out=picture)
    picture /= picture * _SHOULDER + 1  # highlights bend before they are cut at white
    np.sqrt(picture, out=picture)
    picture *= 255 * (1 + _SHOULDER) ** 0.5
    start = (keyed(f.texture.ravel() + 4, 2)[:, :, 0, 0] * (_TILE - g.size)).astype(np.intp)
    for k, (row, column) in enumerate(start):
        grain = _grain()[:, row : row + g.size, column : column + g.size]
        picture[k] += f.noise[k, 0, 0] * grain
    picture += 0.5
    np.clip(picture, 0, 255, out=picture)
    planes = picture.astype(np.uint8)
    pictures = np.empty((len(planes), g.size, g.size, 3), np.uint8)
    for channel in range(3):  # three times quicker than a transposed copy
        pictures[..., channel] = planes[:, channel]
    return pictures
