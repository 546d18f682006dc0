"""What is behind and below the head: a background out of focus, neck, shoulders and clothes."""

import numpy as np

from .canvas import OTHER
from .fields import Lower, bell, dye, hue_color, keyed, mixed, ramp, smooth, wave
from .tiles import window_of_scene


def background(f, g):
    """Paint the background: a color, a gradient, and blurred discs and posts out of focus.

    Returns
    -------
    numpy.ndarray
        Light, float32, (n, 3, size, size).
    """
    n, size = f.texture.size, g.size
    free = keyed(f.texture.ravel(), 12)  # (n, 12, 1, 1)
    # The lens is more or less far out of focus: the tile is read in smaller or larger steps.
    step = 96 / size * (1.6 + 3.2 * free[:, 0, :, 0]) * np.arange(size, dtype=np.float32)
    level = 0.02 + 0.98 * mixed(f.background_level, smooth(f.background_level), 0.6)
    field = np.empty((n, 3, size, size), np.float32)
    light = 1 + 1.3 * (free[:, 1] - 0.5) * g.column + (free[:, 2] - 0.55) * g.row
    strength = f.background_shapes * (0.6 + 0.4 * f.background_shapes)
    corner = 1024 * free[:, 3:7, :, 0]
    first = window_of_scene(0, corner[:, 0], corner[:, 1], step)
    second = window_of_scene(1, corner[:, 2], corner[:, 3], step)
    color = hue_color(f.background_hue, 0.03 + 0.55 * free[:, 7, None] ** 3)
    other = hue_color(f.background_hue + 360 * free[:, 8], 0.5 * free[:, 9, None])
    light += (1.8 * strength) * first
    np.clip(light, 0.04, 2.2, out=light)
    light *= level**1.9  # display = square root of light: levels look evenly spread
    patch = ramp(2.2 * second - 0.3) * ramp(2 * strength)
    shine = 0.02 + 0.9 * smooth(free[:, 10]) ** 2
    for channel in range(3):
        tint, patches = color[:, channel], other[:, channel] * shine
        np.multiply(light, tint, out=field[:, channel])
        field[:, channel] += (patches - field[:, channel]) * patch
    return field + 0.003


def body(canvas, skin, f, g, with_neck=True):
    """Paint neck (or none), shoulders and clothes over the background, in place."""
    window = Lower(int(0.44 * g.size))  # no neck begins above
    x, y = g.body_x, window.cut(g.body_y)
    free = keyed(f.texture.ravel() + 1, 8)
    side = np.abs(x)
    neck = 0.42 + 0.05 * f.jaw - 0.04 * f.hair_length
    shoulder = y - 0.33 * (side - neck)  # slopes down to both sides
    if with_neck:
        lit, shape = _neck(skin, neck, shoulder, x, y, f, g)
        canvas.lay(lit, shape, OTHER, window=window)

    depth = 0.04 + 0.5 * f.neckline
    vee = ramp(free[:, 7] * 4 - 2)  # round or pointed
    inside = np.maximum(1 - (x / 0.56) ** 2, -0.8)
    inside += vee * (np.maximum(1 - side / 0.42, -0.8) - inside)
    collar = y - (1.08 + depth * inside)
    color = hue_color(f.clothes_hue, 0.05 + 0.8 * free[:, 4] ** 2)
    color = color * (0.01 + 0.85 * f.clothes_level[:, None] ** 1.8)
    shade = _cloth_light(x, y, free, f, g)
    shade *= 1 - 0.45 * bell((collar / 0.08) ** 2) - 0.3 * bell((side / 0.5) ** 2)
    stripes = (free[:, 5] > 0.75) * 0.6
    weave = smooth(4 * wave((y + (free[:, 6] > 0.5) * (x - y)) * (2.5 + 4 * free[:, 6])) + 0.5)
    shade *= 1 - stripes * weave
    cloth = np.minimum(collar, shoulder - 1.05)
    canvas.lay(color * shade[:, None], ramp(cloth / g.pixel + 0.5), OTHER, window=window)


def _cloth_light(x, y, free, f, g):
    """Return the light on folded cloth."""
    fold = wave(x * (0.8 + 0.6 * free[:, 1]) + y * (free[:, 2] - 0.5) + free[:, 3])
    fold += 0.5 * wave(x * (0.5 - free[:, 2]) + y * 1.3 + free[:, 1])
    right, down, ahead = g.light
    towards = np.maximum(0.45 * right * x + ahead - 0.5 * down, 0)
    return (f.ambient * 0.8 + (1 - f.ambient) * towards) * (0.92 + 0.13 * fold)


def _neck(skin, neck, shoulder, x, y, f, g):
    """Return light and mask of the skin of neck and chest with the chin's shadow."""
    flare = np.clip(y - 0.95, 0, 2)
    half = neck + 0.55 * flare * flare
    shape = np.maximum(half - np.abs(x), shoulder - 1.08)
    across = np.clip(x / (half + 0.12), -1, 1)
    right, down, ahead = g.light
    towards = right * across + ahead * np.sqrt(1 - across * across) - 0.15 * down
    shade = f.ambient * 0.75 + (1 - f.ambient) * 1.25 * np.clip(towards, 0, 1)
    under = bell(((x + 0.25 * right) / 0.55) ** 2 + ((y - 0.92) / 0.34) ** 2)
    shade *= 1 - 0.72 * under
    cords = bell(((np.abs(x) - 0.3 + 0.25 * (y - 0.9)) / 0.05) ** 2) * ramp(y - 0.9)
    bones = bell(((y - 1.42 - 0.12 * np.abs(x)) / 0.05) ** 2) * ramp(np.abs(x) * 5 - 0.4)
    shade *= 1 - 0.12 * cords - 0.15 * bones
    lit = skin * shade[:, None]
    dye(lit, (0.0, 0.12, 0.2), under)
    return lit, ramp(shape / g.pixel + 0.5) * (y > 0.2)
