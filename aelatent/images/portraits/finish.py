"""The camera: white balance, exposure, lens, display curve, noise."""

import numpy as np

from .fields import keyed
from .tiles import grain

_SHOULDER = 0.25  # bend of the display curve
_SOFTEST = 0.008  # standard deviation of the softest lens, picture sides
_WIDEST = 0.6  # largest variance of one pass, pixels²


def develop(picture, f, g):
    """Turn light (n, 3, size, size) into display values: uint8 (n, size, size, 3).

    Each picture takes its noise from another place of one tile of noise.
    """
    warmth = np.array([0.16, 0, -0.22], np.float32)[None, :, None, None] * f.warmth[:, None]
    picture *= np.exp2(f.exposure[:, None]) * np.exp(warmth)
    np.clip(picture, 0, 9, out=picture)
    soften(picture, f, g)
    picture /= picture * _SHOULDER + 1  # highlights bend before they are cut at white
    np.sqrt(picture, out=picture)
    picture *= 255 * (1 + _SHOULDER) ** 0.5
    noise = grain()
    room = noise.shape[-1] - g.size
    start = (keyed(f.texture.ravel() + 4, 2)[:, :, 0, 0] * room).astype(np.intp)
    for k, (row, column) in enumerate(start):
        part = noise[:, row : row + g.size, column : column + g.size]
        picture[k] += f.noise[k, 0, 0] * part
    picture += 0.5
    np.clip(picture, 0, 255, out=picture)
    planes = picture.astype(np.uint8)
    pictures = np.empty((len(planes), g.size, g.size, 3), np.uint8)
    for channel in range(3):  # three times quicker than a transposed copy
        pictures[..., channel] = planes[:, channel]
    return pictures


def soften(picture, f, g):
    """Blur the pictures that a soft lens took, in place.

    Passes of a kernel (b, 1 - 2b, b), whose variance is 2b, along rows and columns.
    """
    some = np.flatnonzero(f.blur.ravel() > 0)
    if not some.size:
        return
    part = picture[some]
    variance = (_SOFTEST * g.size * f.blur[some, None]) ** 2  # pixels²
    passes = int(np.ceil(variance.max() / _WIDEST))
    share = 0.5 * variance / passes
    for axis in (2, 3) * passes:
        part = np.moveaxis(part, axis, 3)
        near = np.empty_like(part)
        np.add(part[..., 2:], part[..., :-2], out=near[..., 1:-1])
        near[..., 0], near[..., -1] = part[..., 0] + part[..., 1], part[..., -1] + part[..., -2]
        part = np.moveaxis(part + share * (near - 2 * part), 3, axis)
    picture[some] = part
