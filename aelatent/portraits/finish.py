"""The camera: white balance, exposure, lens, display curve, noise."""

import cv2
import numpy as np

from aelatent.portraits.painting import keyed, root
from aelatent.portraits.tiles import grain

_SHOULDER = 0.25  # bend of the display curve
_WHITE = 255**2 * (1 + _SHOULDER)  # square of the display value that light 1 gets, unbent
_SOFTEST = 0.008  # standard deviation of the softest lens, picture sides
_WIDEST = 0.6  # largest variance of one pass, pixels²


def develop(picture, f, pictures, rows):
    """Turn light (n, 3, size, size), used up, into display values: ``pictures[rows]``, uint8."""
    warmth = np.array([0.16, 0, -0.22], np.float32)[None, :, None, None] * f.warmth[:, None]
    picture *= np.exp2(f.exposure[:, None]) * np.exp(warmth)
    picture.clip(0, 9, out=picture)
    soften(picture, f)
    bend, planes = np.empty_like(picture[0]), np.empty(picture.shape[1:], np.uint8)
    for light, noise, row in zip(picture, _noise(f, picture.shape[-1]), rows, strict=True):
        np.multiply(light, _SHOULDER / _WHITE, out=bend)
        bend += 1 / _WHITE
        light /= bend  # highlights bend before they are cut at white
        root(light)
        light += noise
        light += 0.5
        light.clip(0, 255, out=light)
        planes[:] = light
        cv2.merge(planes, pictures[row])  # ten times quicker than a transposed copy


def _noise(f, size):
    """Yield each picture's noise, (3, size, size), each from another place of one tile."""
    noise = grain()
    room = noise.shape[-1] - size
    start = (keyed(f.texture.ravel() + 4, 2)[:, :, 0, 0] * room).astype(np.intp)
    for strength, (row, column) in zip(f.noise.ravel(), start, strict=True):
        yield strength * noise[:, row : row + size, column : column + size]


def soften(picture, f):
    """Blur the pictures that a soft lens took, in place."""
    some = np.flatnonzero(f.blur.ravel() > 0)
    if not some.size:
        return
    # Passes of a kernel (b, 1 - 2b, b), whose variance is 2b, along rows and columns; as many as
    # the softest lens needs, so that none depends on the pictures beside it.
    softest = _SOFTEST * picture.shape[-1]
    passes = int(np.ceil(softest**2 / _WIDEST))
    share = (softest * f.blur[some, None]) ** 2 / (2 * passes)
    part = picture[some]
    for _ in range(passes):
        _blur(part, share)
        _blur(part.swapaxes(2, 3), share)
    picture[some] = part


def _blur(part, share):
    """Blur along the third axis, in place; what lies beyond the border is as the border."""
    near = np.empty_like(part)
    np.add(part[:, :, 2:], part[:, :, :-2], out=near[:, :, 1:-1])
    np.add(part[:, :, 0], part[:, :, 1], out=near[:, :, 0])
    np.add(part[:, :, -1], part[:, :, -2], out=near[:, :, -1])
    near *= share
    part *= 1 - 2 * share
    part += near
