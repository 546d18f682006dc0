"""The skin of the head: its color, the light on it, and where its features go."""

import numpy as np

from . import features
from .canvas import FACE
from .fields import bell, dye, mixed, ramp, srgb, wave
from .head import facing, relief, skull, slope, to_head, window_at


def skin_color(f):
    """Return the color of the skin as light, (n, 3, 1, 1)."""
    pale, dark = np.log(srgb(240, 202, 180)), np.log(srgb(92, 58, 42))
    return np.exp(mixed(pale, dark, f.skin_tone[:, None]))


def paint_head(canvas, skin, hair, f, g):
    """Paint the head without ears and hair over the picture, in place.

    Returns
    -------
    mask : numpy.ndarray
        The head's share of each pixel, (n, size, size).
    point : tuple of numpy.ndarray
        The points of the surface in the head frame, (n, size, size) each.
    """
    mask, point, axes = skull(f, g)
    u, v, _ = point
    light = to_head(g.turn, g.leaned_light)
    towards, down = facing(point, axes, light)
    albedo = np.empty_like(canvas.light)
    albedo[:] = skin
    _grow_beard(albedo, hair, u, v, f, g)
    _paint_front(albedo, towards, light, hair, u, v, f, g)
    for side in (-1, 1):
        window = window_at(g, (side * features.EYE_U, 0, 0.72), 0.36, 0.5)
        part = window.cut(albedo)
        features.eye(part, side, window.cut(u), window.cut(v), f, g)
        window.paste(albedo, part)
    window = window_at(g, (0, features.MOUTH_V, 0.72), 0.48, 0.8)
    part = window.cut(albedo)
    features.mouth(part, skin, window.cut(u), window.cut(v), f, g)
    window.paste(albedo, part)
    canvas.lay(_lit(albedo, towards, down, point, f), mask, FACE)
    return mask, point


def _grow_beard(albedo, hair, u, v, f, g):
    """Paint beards, in place."""
    window = window_at(g, (0, 0.55, 0.3), 1.3, 1.7)
    part = window.cut(albedo)
    features.beard(part, hair, window.cut(u), window.cut(v), f)
    window.paste(albedo, part)


def _paint_front(albedo, towards, light, hair, u, v, f, g):
    """Give the front of the head its relief, colors and brows; albedo and `towards` in place."""
    window = window_at(g, (0, 0.36, 0.72), 1.45, 1.36)
    u, v = window.cut(u), window.cut(v)
    right, down = slope(relief(u, v, f, g), g.pixel)
    turned = window.cut(towards) - (g.light[0] * right + g.light[1] * down)
    turned /= np.sqrt(1 + right * right + down * down)
    turned *= 1 - _cast_shadows(u, v, light)
    window.paste(towards, turned)
    part = window.cut(albedo)
    _complexion(part, u, v, f)
    features.brows(part, hair, u, v, f)
    window.paste(albedo, part)


def _lit(albedo, towards, down, point, f):
    """Return the light that skin of some albedo sends out, (n, 3, h, w); `albedo` is used up."""
    direct = ramp((towards + 0.18) * (1 / 1.18))
    shade = (0.24 * f.ambient) * (3.2 - down)  # from all around, the sky above
    shade += ((1 - f.ambient) * 1.45) * direct
    _, y, z = point
    shade *= 1 - ramp((y - 0.52 - 0.55 * z) * 3) * 0.4  # under the jaw
    # Light that wandered through skin comes out redder: the edge of a shadow is warm.
    albedo *= shade[:, None]
    dim = 1 - direct
    albedo[:, 0] *= 1 + 0.16 * dim
    albedo[:, 2] *= 1 - 0.08 * dim
    gloss = np.clip(towards, 0, 1)
    for _ in range(4):
        gloss *= gloss  # the 16th power
    albedo += (gloss * (0.13 * (1 - f.ambient)))[:, None]
    return albedo


def _cast_shadows(u, v, light):
    """Return the share of the light's direct part that brows, nose and lips keep away."""
    right, down, _ = light
    high = np.maximum(-down, 0)
    side = np.abs(u)
    dark = (0.6 * high) * bell(((side - 0.25) / 0.13) ** 2 + ((v + 0.03) / 0.075) ** 2)
    under = bell(((u + 0.16 * right) / 0.13) ** 2 + ((v - 0.47 - 0.04 * high) / 0.055) ** 2)
    dark += (0.5 * high + 0.05) * under
    beside = bell(((u + 0.17 * right) / 0.09) ** 2 + ((v - 0.3) / 0.15) ** 2)
    dark += (0.7 * np.abs(right)) * beside
    dark += (0.4 * high) * bell((u / 0.16) ** 2 + ((v - 0.76) / 0.05) ** 2)
    return np.clip(dark, 0, 0.9)


def _complexion(albedo, u, v, f):
    """Redden cheeks and nose, darken hollows, nostrils and lines, in place."""
    side = np.abs(u)
    red = bell(((side - 0.36) / 0.16) ** 2 + ((v - 0.32) / 0.15) ** 2)
    red += 0.7 * bell((u / 0.12) ** 2 + ((v - 0.36) / 0.08) ** 2)
    dye(albedo, (0.05, 0.36, 0.31), red * (0.15 + f.blush))
    smile = np.maximum(f.smile, 0)
    dark = 0.28 * bell(((side - 0.25) / 0.13) ** 2 + ((v + 0.01) / 0.10) ** 2)
    wide = 0.058 * f.nose_size
    dark += 1.0 * bell(((side - wide) / 0.038) ** 2 + ((v - 0.413 - 0.25 * side) / 0.02) ** 2)
    dark += 0.35 * bell(((side - 2.15 * wide) / 0.022) ** 2 + ((v - 0.385) / 0.05) ** 2)
    fold = side - 0.165 - 0.35 * (v - 0.38) - 0.8 * (v - 0.38) ** 2
    depth = 0.05 + 0.3 * smile + 0.28 * f.age
    dark += depth * bell((fold / 0.034) ** 2 + ((v - 0.49) / 0.12) ** 2)
    bag = bell(((side - 0.26) / 0.1) ** 2 + ((v - 0.125) / 0.022) ** 2)
    dark += (0.08 + 0.35 * f.age) * bag
    lines = ramp(wave((v + 0.36) * 10 + 0.25))
    lines *= bell((u / 0.3) ** 2 + ((v + 0.42) / 0.11) ** 2)
    dark += (0.35 * np.maximum(f.age - 0.35, 0)) * lines
    dye(albedo, (0.85, 1.0, 1.1), dark)
