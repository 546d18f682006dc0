"""What is behind and below the head: a background out of focus, neck, shoulders and clothes."""

import numpy as np

from .fields import bell, dye, hue_color, keyed, over, ramp, wave

_SHAPES = 8


def background(f, g):
    """Paint the background: a color, a gradient and a few blurred shapes.

    Each shape is a product of a profile along rows and one along columns, so that all of them
    together are one small matrix product per picture.

    Returns
    -------
    numpy.ndarray
        Light, float32, (n, 3, size, size).
    """
    n, size = f.texture.size, g.size
    key = keyed(f.texture.ravel(), 8 + 7 * _SHAPES)[..., 0]  # (n, k, 1)
    free, shapes = key[:, :8], key[:, 8:].reshape(n, 7, _SHAPES, 1).swapaxes(0, 1)
    rows, columns = g.row.reshape(1, 1, size), g.column.reshape(1, 1, size)
    left, top, wide, high, post, strength, tint = shapes  # (n, shapes, 1) each
    across = bell(((columns - 2.6 * left + 1.3) / (0.08 + 0.45 * wide)) ** 2)
    tall = 0.2 + 0.6 * high + 6 * (post < 0.35)  # some are posts, not spots
    down = bell(((rows - 2.4 * top + 1.5) / tall) ** 2)
    colored = 1 + 0.6 * (tint - 0.5) * np.array([1, 0, -1], np.float32)  # (n, shapes, 3)
    colored *= f.background_shapes * (2 * strength - 0.9)

    rank = _SHAPES + 3
    profile = np.ones((n, rank, size), np.float32)
    profile[:, :_SHAPES] = down
    profile[:, -3] += (rows * 0.5 * (free[:, 3:4] - 0.6))[:, 0]
    edge = ramp((rows - free[:, 1:2] * 1.6) * 4 + 0.5)  # of a table, a hill
    profile[:, -1] = (edge * (free[:, 2:3] - 0.6) * f.background_shapes)[:, 0]
    strip = np.ones((n, rank, 3, size), np.float32)
    strip[:, :_SHAPES] = across[:, :, None] * colored[..., None]
    strip[:, -2] = columns * (free[:, :1] - 0.5)
    color = hue_color(f.background_hue, 0.04 + 0.4 * free[:, 4, None, None] ** 2)
    color = color * (0.01 + 0.95 * f.background_level[:, None] ** 1.7)  # (n, 3, 1, 1)
    strip *= color[:, None, :, 0]
    product = np.matmul(profile.swapaxes(1, 2), strip.reshape(n, rank, 3 * size))
    picture = product.reshape(n, size, 3, size).swapaxes(1, 2)
    return np.maximum(picture, 0.004 + 0.05 * color, order="C")


def body(picture, skin, f, g):
    """Paint neck, shoulders and clothes over the background, in place."""
    first = int(0.45 * g.size)  # no neck begins above this row
    picture, x, y = picture[:, :, first:], g.body_x, g.body_y[:, first:]
    free = keyed(f.texture.ravel() + 1, 4)
    side = np.abs(x)
    neck = 0.375 + 0.045 * f.jaw - 0.04 * f.hair_length
    shoulder = y - 0.33 * (side - neck)  # slopes down to both sides
    _paint_neck(picture, skin, neck, shoulder, x, y, f, g)

    depth = 0.06 + 0.42 * free[:, 0] ** 2
    collar = y - (1.08 + depth * np.maximum(1 - (x / 0.56) ** 2, -0.8))
    fold = wave(x * (0.8 + 0.6 * free[:, 1]) + y * (free[:, 2] - 0.5) + free[:, 3])
    right, down, ahead = g.light
    towards = np.maximum(0.45 * right * x + ahead - 0.5 * down, 0)
    shade = (f.ambient * 0.8 + (1 - f.ambient) * towards) * (0.92 + 0.13 * fold)
    shade *= 1 - 0.45 * bell((collar / 0.09) ** 2) - 0.3 * bell((side / 0.5) ** 2)
    color = hue_color(f.clothes_hue, 0.1 + 0.8 * free[:, 3] ** 2)
    color = color * (0.015 + 0.8 * f.clothes_level[:, None] ** 1.8)
    cloth = np.minimum(collar, shoulder - 1.05)
    over(picture, color * shade[:, None], ramp(cloth / g.pixel + 0.5))


def _paint_neck(picture, skin, neck, shoulder, x, y, f, g):
    """Paint the skin of neck and chest with the chin's shadow, in place."""
    flare = np.clip(y - 0.95, 0, 2)
    half = neck + 0.55 * flare * flare
    shape = np.maximum(half - np.abs(x), shoulder - 1.08)
    across = np.clip(x / (half + 0.12), -1, 1)
    right, down, ahead = g.light
    towards = right * across + ahead * np.sqrt(1 - across * across) - 0.15 * down
    shade = f.ambient * 0.75 + (1 - f.ambient) * 1.25 * np.clip(towards, 0, 1)
    under = bell(((x + 0.25 * right) / 0.55) ** 2 + ((y - 0.92) / 0.34) ** 2)
    shade *= 1 - 0.72 * under
    lit = skin * shade[:, None]
    dye(lit, (0.0, 0.12, 0.2), under)
    over(picture, lit, ramp(shape / g.pixel + 0.5) * (y > 0.2))
