"""Small tools for fields: float32 arrays (pictures, rows, columns) of numbers, one per pixel."""

from types import SimpleNamespace

import numpy as np


def ramp(field):
    """Cut to 0..1: the soft edge of a mask whose slope is in `field`."""
    return np.clip(field, 0, 1)


def smooth(field):
    """Cut to 0..1 and round the corners (3t² - 2t³)."""
    field = ramp(field)
    return field * field * (3 - 2 * field)


def bell(squared):
    """Return about exp(-squared): 1 at 0, exactly 0 from a distance of 2 on.

    The power (1 - squared/4)⁴ takes half the time of an exponential and rounds the same way on
    every processor.
    """
    field = squared * -0.25
    field += 1
    np.clip(field, 0, 1, out=field)
    field *= field
    field *= field
    return field


def wave(turns):
    """Return about sin(2π turns), made of parabolas."""
    turns = turns - np.rint(turns)
    bow = np.abs(turns)
    bow *= -16
    bow += 8
    bow *= turns
    return bow


def over(picture, color, mask):
    """Lay `color` (n, 3, 1, 1) or (n, 3, h, w) over `picture` (n, 3, h, w), in place."""
    change = color - picture
    change *= mask[:, None]
    picture += change


def dye(picture, absorbance, amount):
    """Multiply channel c by about exp(-absorbance[c] * amount), as a thin layer of dye does."""
    for channel, strength in enumerate(absorbance):
        if not strength:
            continue
        left = amount * (-0.5 * strength)
        left += 1
        np.clip(left, 0, 1, out=left)
        left *= left
        picture[:, channel] *= left


def mixed(first, second, share):
    """Return ``first`` at share 0, ``second`` at 1, and straight in between."""
    return first + (second - first) * share


def srgb(*levels):
    """Return display levels 0..255 as light (display = square root of light), (1, k, 1, 1)."""
    light = (np.array(levels, np.float32) / 255) ** 2
    return light[None, :, None, None]


def hue_color(hue, saturation):
    """Return a color of `hue` (n, 1, 1) degrees, brightest channel 1; light, (n, 3, 1, 1)."""
    turns = hue[:, None] / 60 + np.array([0, 4, 2], np.float32)[None, :, None, None]
    saturation = saturation.reshape(-1, 1, 1, 1)
    pure = np.clip(np.abs(turns % 6 - 3) - 1, 0, 1)
    return (1 - saturation + saturation * pure) ** 2


def keyed(key, count):
    """Return `count` numbers in 0..1 per picture, made from its integer key.

    Parameters
    ----------
    key : numpy.ndarray
        Whole numbers, shape (n,).

    Returns
    -------
    numpy.ndarray
        float32, shape (n, count, 1, 1); the same for the same key, on any machine.
    """
    state = key.astype(np.uint64)[:, None] * np.uint64(1024) + np.arange(count, dtype=np.uint64)
    state = (state + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)  # SplitMix64
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    state ^= state >> np.uint64(31)
    return ((state >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-24))[:, :, None, None]


def pick(thing, rows):
    """Return some pictures of a namespace, list or array; what all pictures share stays."""
    if isinstance(thing, SimpleNamespace):
        return SimpleNamespace(**{name: pick(part, rows) for name, part in vars(thing).items()})
    if isinstance(thing, (list, tuple)):
        return [pick(part, rows) for part in thing]
    shared = not isinstance(thing, np.ndarray) or len(thing) == 1
    return thing if shared else thing[rows]


class Window:
    """A rectangle of pixels, equally large in every picture but placed in each on its own.

    Parameters
    ----------
    row, column : numpy.ndarray
        Wanted center in pixels, (n, 1, 1); moved inward where the rectangle would stick out.
    height, width : int
        In pixels; cut to the picture's size.
    size : int
        Side of the pictures.
    """

    def __init__(self, row, column, height, width, size):
        self.shape = (min(height, size), min(width, size))
        top = np.clip(np.rint(row.ravel() - self.shape[0] / 2), 0, size - self.shape[0])
        left = np.clip(np.rint(column.ravel() - self.shape[1] / 2), 0, size - self.shape[1])
        self._at = (np.arange(row.size), ..., top.astype(np.intp), left.astype(np.intp))

    def cut(self, field):
        """Return a copy of the rectangle out of `field` (n, [channels,] size, size)."""
        return self._view(field)[self._where(field)]

    def paste(self, field, values):
        """Write `values` (n, [channels,] height, width) into `field`, in place."""
        self._view(field)[self._where(field)] = values

    def _where(self, field):
        pictures, _, top, left = self._at
        return (pictures, top, left) if field.ndim == 3 else (pictures, slice(None), top, left)

    def _view(self, field):
        """Return all windows of a contiguous field, without a copy: (n, [c,] top, left, h, w)."""
        places = [field.shape[-2] - self.shape[0] + 1, field.shape[-1] - self.shape[1] + 1]
        shape = (*field.shape[:-2], *places, *self.shape)
        return np.ndarray(shape, field.dtype, field, strides=field.strides + field.strides[-2:])


class Lower:
    """The rows of every picture from `first` on, used as a `Window` is."""

    def __init__(self, first):
        self.first = first

    def cut(self, field):
        """Return a view of these rows of `field` (n, [channels,] size, size)."""
        return field[..., self.first :, :]

    def paste(self, field, values):
        """Do nothing: `values` are a view of `field`."""
