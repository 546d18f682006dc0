"""What is behind and below the head: a background out of focus, neck, shoulders and clothes."""

import numpy as np

from aelatent.portraits.fields import at_least, bell, ramp, root, smooth, wave
from aelatent.portraits.painting import OTHER, dye, hue_color, keyed, mixed, window_of_scene
from aelatent.portraits.windows import Lower


def background(field, f, g):
    """Paint the background on light (n, 3, size, size), in place."""
    # A color, a gradient, and blurred discs and posts out of focus.
    size = g.size
    free = keyed(f.texture.ravel(), 12)  # (n, 12, 1, 1)
    # The lens is more or less far out of focus: the tile is read in smaller or larger steps.
    step = 96 / size * (1.6 + 3.2 * free[:, 0, :, 0]) * np.arange(size, dtype=np.float32)
    level = 0.02 + 0.98 * mixed(f.background_level, smooth(f.background_level), 0.6)
    light = 1 + 1.3 * (free[:, 1] - 0.5) * g.column + (free[:, 2] - 0.55) * g.row
    strength = f.background_shapes * (0.6 + 0.4 * f.background_shapes)
    corner = 1024 * free[:, 3:7, :, 0]
    first = window_of_scene(0, corner[:, 0], corner[:, 1], step)
    second = window_of_scene(1, corner[:, 2], corner[:, 3], step)
    color = hue_color(f.background_hue, 0.03 + 0.55 * free[:, 7, None] ** 3)
    other = hue_color(f.background_hue + 360 * free[:, 8], 0.5 * free[:, 9, None])
    first *= 1.8 * strength
    light += first
    light.clip(0.04, 2.2, out=light)
    light *= level**1.9  # display = square root of light: levels look evenly spread
    patch = ramp(second * 2.2 - 0.3)
    patch *= ramp(2 * strength)
    other *= 0.02 + 0.9 * smooth(free[:, 10, None]) ** 2  # how it shines
    for channel in range(3):
        plane = np.multiply(light, color[:, channel], out=first)
        change = other[:, channel] - plane
        change *= patch
        plane += change
        np.add(plane, 0.003, out=field[:, channel])


def _below(g, y):
    """Return the rows that reach below a height of the upright frame, in any picture."""
    some = np.flatnonzero((g.body_y > y).any((0, 2)))
    first = some[0] if some.size else g.size
    return Lower(max(first, int(0.44 * g.size)))  # no neck begins above


def body(canvas, rows, skin, f, g, with_neck=True):
    """Paint neck (or none), shoulders and clothes of some pictures, a slice, in place."""
    neck = 0.42 + 0.05 * f.jaw - 0.04 * f.hair_length
    if with_neck:
        window = _below(g, 0.2)
        lit, shape = _neck(skin, neck, g.body_x, window.cut(g.body_y), f, g)
        canvas.lay(lit, shape, OTHER, window, rows)
    window = _below(g, 1.05 - 0.33 * neck - g.pixel)
    color, shade, shape = _clothes(neck, g.body_x, window.cut(g.body_y), f, g)
    canvas.lay(color, shape, OTHER, window, rows, shade)


def _shoulder(neck, x, y):
    """Return how far points lie below shoulders that slope down to both sides, and 1 more."""
    return y - 0.33 * (np.abs(x) - neck)


def _clothes(neck, x, y, f, g):
    """Return color, brightness and mask of the clothes."""
    free = keyed(f.texture.ravel() + 1, 8)
    side = np.abs(x)
    depth = 0.04 + 0.5 * f.neckline
    vee = ramp(free[:, 7] * 4 - 2)  # round or pointed
    inside = np.maximum(1 - (x / 0.56) ** 2, -0.8)
    inside += vee * (np.maximum(1 - side / 0.42, -0.8) - inside)
    collar = y - (1.08 + depth * inside)
    color = hue_color(f.clothes_hue, 0.05 + 0.8 * free[:, 4] ** 2)
    color = color * (0.01 + 0.85 * f.clothes_level[:, None] ** 1.8)
    fold = wave(x * (0.8 + 0.6 * free[:, 1]) + y * (free[:, 2] - 0.5) + free[:, 3])
    fold += 0.5 * wave(x * (0.5 - free[:, 2]) + y * 1.3 + free[:, 1])
    right, down, ahead = g.light
    towards = at_least(0.45 * right * x + ahead - 0.5 * down, 0)
    shade = (f.ambient * 0.8 + (1 - f.ambient) * towards) * (0.92 + 0.13 * fold)
    shade *= 1 - 0.45 * bell((collar / 0.08) ** 2) - 0.3 * bell((side / 0.5) ** 2)
    stripes = (free[:, 5] > 0.75) * 0.6
    weave = smooth(4 * wave((y + (free[:, 6] > 0.5) * (x - y)) * (2.5 + 4 * free[:, 6])) + 0.5)
    shade *= 1 - stripes * weave
    cloth = np.minimum(collar, _shoulder(neck, x, y) - 1.05)
    return color, shade, ramp(cloth / g.pixel + 0.5)


def _neck(skin, neck, x, y, f, g):
    """Return light and mask of the skin of neck and chest with the chin's shadow."""
    side = np.abs(x)
    flare = np.clip(y - 0.95, 0, 2)
    half = neck + 0.55 * flare * flare
    shape = np.maximum(half - side, _shoulder(neck, x, y) - 1.08)
    across = (x / (half + 0.12)).clip(-1, 1)
    right, down, ahead = g.light
    towards = ramp(ahead * root(1 - across * across) + right * across - 0.15 * down)
    shade = ((1 - f.ambient) * 1.25) * towards + f.ambient * 0.75
    under = bell(((x + 0.25 * right) / 0.55) ** 2 + ((y - 0.92) / 0.34) ** 2)
    shade *= 1 - 0.72 * under
    chest = np.flatnonzero((y > 0.9).any((0, 2)))
    if chest.size:
        low = slice(chest[0], None)
        shade[:, low] *= _chest(side, y[:, low])
    lit = skin * shade[:, None]
    dye(lit, (0.0, 0.12, 0.2), under)
    return lit, ramp(shape / g.pixel + 0.5) * (y > 0.2)


def _chest(side, y):
    """Return the light that cords of the neck and collar bones leave."""
    cords = bell(((side - 0.3 + 0.25 * (y - 0.9)) / 0.05) ** 2) * ramp(y - 0.9)
    bones = bell(((y - 1.42 - 0.12 * side) / 0.05) ** 2) * ramp(side * 5 - 0.4)
    return 1 - 0.12 * cords - 0.15 * bones
