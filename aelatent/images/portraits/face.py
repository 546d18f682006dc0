"""Skin and features: what is painted on the surface of the head, and the light on it."""

import numpy as np

from .fields import Window, bell, dye, hue_color, mixed, over, ramp, smooth, srgb, wave
from .head import normals, relief, skull, slope, to_head, to_pixel

_EYE_U, _EYE_HALF = 0.28, 0.14  # middle and half width of an eye, head units
_MOUTH_V = 0.605
_LARGEST = 0.92  # largest head unit (half a picture), for the sizes of windows


def skin_color(f):
    """Return the color of the skin as light, (n, 3, 1, 1)."""
    pale, dark = np.log(srgb(240, 200, 178)), np.log(srgb(92, 56, 40))
    return np.exp(mixed(pale, dark, f.skin_tone[:, None]))


def paint_head(picture, skin, hair, f, g):
    """Paint the head without hair over the picture, in place.

    Returns
    -------
    tuple of numpy.ndarray
        The points of the surface in the head frame, (n, size, size) each.
    """
    mask, point, axes = skull(f, g)
    u, v, _ = point
    albedo = skin + np.zeros_like(picture)
    beard(albedo, hair, u, v, f)
    normal = normals(point, axes)
    light = to_head(g.turn, g.leaned_light)
    facing = sum(n * part for n, part in zip(normal, light, strict=True))
    row, column = to_pixel(g, 0, 0.36, 0.72)
    window = _window(row, column, 1.45, 1.5, g)
    near_u, near_v = window.cut(u), window.cut(v)
    near = window.cut(albedo)
    right, down = slope(relief(near_u, near_v, f, g), g.pixel)
    turned = window.cut(facing) - (g.light[0] * right + g.light[1] * down)
    turned /= np.sqrt(1 + right * right + down * down)
    turned *= 1 - cast_shadows(near_u, near_v, f, light)
    window.paste(facing, turned)
    complexion(near, near_u, near_v, f)
    for side in (-1, 1):
        brow(near, hair, side, near_u, near_v, f)
    window.paste(albedo, near)
    for side in (-1, 1):
        row, column = to_pixel(g, side * _EYE_U, 0, 0.72)
        eyes = _window(row, column, 0.34, 0.44, g)
        part = eyes.cut(albedo)
        eye(part, side, eyes.cut(u), eyes.cut(v), f, g)
        eyes.paste(albedo, part)
    row, column = to_pixel(g, 0, _MOUTH_V, 0.72)
    lips = _window(row, column, 0.46, 0.74, g)
    part = lips.cut(albedo)
    mouth(part, skin, lips.cut(u), lips.cut(v), f, g)
    lips.paste(albedo, part)
    over(picture, lit(albedo, facing, normal, light, f), mask)
    return point


def lit(albedo, facing, normal, light, f):
    """Return the light that skin of some albedo sends out, (n, 3, h, w); `albedo` is used up."""
    direct = ramp((facing + 0.18) / 1.18)
    sky = 0.8 - 0.25 * normal[1]
    shade = f.ambient * 0.95 * sky + ((1 - f.ambient) * 1.35) * direct
    # Light that wandered through skin comes out redder: the edge of a shadow is warm.
    albedo[:, 0] *= shade * (1 + 0.16 * (1 - direct))
    albedo[:, 1] *= shade
    albedo[:, 2] *= shade * (1 - 0.08 * (1 - direct))
    gloss = np.maximum(facing, 0)
    gloss = gloss**2
    gloss = gloss**2
    gloss = gloss**2
    albedo += (gloss * gloss * (0.07 * (1 - f.ambient) * 1.35))[:, None]
    return albedo


def cast_shadows(u, v, f, light):
    """Return the share of the light's direct part that brows, nose and lips keep away."""
    right, down, _ = light
    high = np.maximum(-down, 0)
    dark = (0.75 * high) * bell(((np.abs(u) - 0.25) / 0.13) ** 2 + ((v + 0.02) / 0.075) ** 2)
    under = bell(((u + 0.16 * right) / 0.13) ** 2 + ((v - 0.47 - 0.04 * high) / 0.055) ** 2)
    dark += (0.55 * high + 0.1) * under
    beside = bell(((u + 0.17 * right) / 0.09) ** 2 + ((v - 0.3) / 0.15) ** 2)
    dark += (0.75 * np.abs(right)) * beside
    dark += (0.4 * high) * bell((u / 0.16) ** 2 + ((v - 0.76) / 0.05) ** 2)
    return np.minimum(dark, 0.95)


def complexion(albedo, u, v, f):
    """Redden cheeks and nose, darken hollows, nostrils and lines, in place."""
    side = np.abs(u)
    red = bell(((side - 0.36) / 0.15) ** 2 + ((v - 0.32) / 0.14) ** 2)
    red += 0.7 * bell((u / 0.12) ** 2 + ((v - 0.36) / 0.08) ** 2)
    dye(albedo, (0.05, 0.42, 0.36), red * (0.15 + f.blush))
    smile = np.maximum(f.smile, 0)
    dark = 0.30 * bell(((side - 0.25) / 0.13) ** 2 + ((v + 0.01) / 0.10) ** 2)
    dark += 1.5 * bell(((side - 0.055) / 0.032) ** 2 + ((v - 0.412) / 0.017) ** 2)  # nostrils
    fold = side - 0.145 - 0.48 * (v - 0.38)
    depth = 0.1 + 0.35 * smile + 0.3 * f.age
    dark += depth * bell((fold / 0.025) ** 2 + ((v - 0.49) / 0.11) ** 2)
    bag = bell(((side - 0.26) / 0.1) ** 2 + ((v - 0.125) / 0.022) ** 2)
    dark += (0.08 + 0.35 * f.age) * bag
    lines = np.maximum(wave((v + 0.36) * 10 + 0.25), 0) * bell(
        (u / 0.3) ** 2 + ((v + 0.42) / 0.11) ** 2
    )
    dark += (0.35 * np.maximum(f.age - 0.35, 0)) * lines
    dye(albedo, (0.85, 1.0, 1.1), dark)


def brow(albedo, hair, side, u, v, f):
    """Paint one eyebrow (`side` -1 on the picture's left, 1 on its right), in place."""
    along = (side * u - 0.285) / 0.2
    arch = v + 0.165 + 0.045 * f.brow_height + 0.035 * (1 - (along - 0.2) ** 2)
    thick = (0.017 + 0.026 * f.brow_weight) * (1 - 0.4 * along)
    mask = bell((arch / np.maximum(thick, 0.006)) ** 2) * ramp((1.05 - np.abs(along)) / 0.3)
    over(albedo, 0.45 * hair, mask * (0.35 + 0.6 * f.brow_weight))


def eye(albedo, side, u, v, f, g):
    """Paint one eye with its lids, in place."""
    e = side * u - _EYE_U
    t = e / _EYE_HALF
    arch = np.maximum(1 - t * t, 0)
    level = v + 0.02 * t
    wide = 0.1 + 0.9 * f.eye_open * (1 - 0.25 * np.maximum(f.smile, 0))
    upper = level + 0.088 * wide * arch
    lower = 0.034 * wide * arch - level
    inside = ramp(upper / g.pixel + 0.5) * ramp(lower / g.pixel + 0.5) * ramp(arch * 4)
    dye(albedo, (0.9, 1.0, 1.0), 0.45 * bell(((upper + 0.045) / 0.018) ** 2) * ramp(arch * 2))

    ball = srgb(222, 214, 208) * (1 - 0.45 * t * t)[:, None]
    away = (u - side * _EYE_U - 0.065 * f.gaze) ** 2 + (level + 0.018) ** 2
    radius = np.sqrt(away)
    over(ball, iris_color(f) * (0.55 + 9 * radius)[:, None], ramp((0.054 - radius) / g.pixel + 0.5))
    ring = bell(((radius - 0.053) / 0.012) ** 2)
    over(ball, srgb(25, 20, 18), 0.6 * ring)
    over(ball, srgb(8, 7, 7), ramp((0.023 - radius) / g.pixel + 0.5))
    ball *= (1 - 0.6 * bell((upper / 0.026) ** 2))[:, None]
    right, down, _ = g.light
    spot = (u - side * _EYE_U - 0.065 * f.gaze - 0.022 * right) ** 2
    spot = spot + (level + 0.018 - 0.02 * np.minimum(down, 0)) ** 2
    ball += (1.3 * bell(spot / 0.015**2))[:, None]
    over(albedo, ball, inside)
    lash = bell((upper / 0.016) ** 2) * ramp((1.12 - np.abs(t)) / 0.2)
    over(albedo, srgb(38, 26, 22), lash * (0.75 + 0.15 * t))
    over(albedo, srgb(70, 45, 38), 0.35 * bell((lower / 0.014) ** 2) * ramp((1 - np.abs(t)) / 0.2))


def iris_color(f):
    """Return the color of the iris as light, (n, 3, 1, 1)."""
    share = f.iris[:, None]
    brown, green, blue = srgb(84, 50, 28), srgb(104, 110, 74), srgb(110, 150, 190)
    first = mixed(brown, green, np.minimum(2 * share, 1))
    return mixed(first, blue, np.maximum(2 * share - 1, 0))


def mouth(albedo, skin, u, v, f, g):
    """Paint lips, teeth and what is between, in place."""
    smile = np.maximum(f.smile, 0)
    s = u / (0.215 * (1 + 0.24 * f.smile))
    arch = np.maximum(1 - s * s, 0)
    gap = f.mouth_open * (0.11 + 0.03 * smile)
    line = v - _MOUTH_V - 0.25 * gap + 0.085 * f.smile * (s * s - 0.35)
    bow = arch * (1 - 0.22 * bell((s / 0.14) ** 2))
    top = line + (0.3 * gap) * arch
    bottom = (0.7 * gap) * arch - line
    upper = top + (0.058 - 0.016 * smile) * bow
    lower = bottom + (0.078 - 0.014 * smile) * arch
    ends = ramp(arch * 5)
    lips = ramp(upper / g.pixel + 0.5) * ramp(lower / g.pixel + 0.5) * ends
    red = skin * mixed(srgb(235, 178, 175), srgb(225, 92, 105), f.lip_color[:, None])
    shine = 0.72 + 0.3 * ramp(-bottom / 0.02 + 0.5) * bell(((lower - 0.045) / 0.03) ** 2)
    over(albedo, red * (shine + 0.15)[:, None], lips * 0.9)
    inside = ramp(top / g.pixel + 0.5) * ramp(bottom / g.pixel + 0.5) * ends
    inside *= np.minimum(gap / 0.02, 1)
    hole = srgb(70, 24, 22) + np.zeros_like(albedo)
    teeth = ramp((0.05 - top) / g.pixel + 0.5) * ramp((0.95 - np.abs(s)) / 0.25)
    over(
        hole,
        srgb(222, 212, 200) * (1 - 0.45 * s * s)[:, None],
        teeth * (0.35 + 0.65 * f.ambient * 0 + 0.6),
    )
    over(albedo, hole, inside)
    closed = bell((line / 0.013) ** 2) * ramp((1.1 - np.abs(s)) / 0.15)
    over(albedo, 0.12 * skin, 0.75 * closed * np.maximum(1 - gap / 0.03, 0))
    corner = bell(((np.abs(s) - 1.02) / 0.1) ** 2 + (line / 0.028) ** 2)
    dye(albedo, (0.8, 1.0, 1.0), 0.7 * corner)
    dye(albedo, (0.8, 0.95, 1.0), 0.35 * bell(((lower + 0.03) / 0.022) ** 2) * arch)


def beard(albedo, hair, u, v, f):
    """Paint beard and moustache, in place."""
    side = np.abs(u)
    cheek = smooth((v - 0.80 + 0.95 * side) / 0.22 + 0.5)
    lip = bell((u / 0.2) ** 2 + ((v - 0.505) / 0.045) ** 2)
    mask = np.maximum(cheek, lip)
    over(albedo, 0.5 * hair, mask * np.minimum(f.beard * 1.1, 0.92))


def ears(picture, skin, f, g):
    """Paint the ears that the head does not hide, in place."""
    yaw_sine = g.turn[0][2]
    light = g.light
    for side in (-1, 1):
        row, column = to_pixel(g, side * 0.69 * f.face_width, 0.10, -0.08)
        window = _window(row, column, 0.55, 0.36, g)
        up = window_grid(window, g)
        x, y = up[0], up[1]
        mx = g.turn[0][0] * side * 0.69 * f.face_width - g.turn[0][2] * 0.08
        my = g.turn[1][0] * side * 0.69 * f.face_width + g.turn[1][1] * 0.10 - g.turn[1][2] * 0.08
        wide = 0.075 + 0.09 * np.maximum(-side * yaw_sine, 0)
        dx = side * (x - mx) / wide + 0.35 * (y - my)
        dy = (y - my) / 0.19
        inside = 1 - dx * dx - dy * dy
        mask = ramp(inside * (0.5 * wide / g.pixel) + 0.5)
        mask *= ramp(1 - 5 * np.maximum(side * yaw_sine - 0.05, 0))
        facing = np.maximum(0.75 * side * light[0] + 0.5 * light[2] - 0.2 * light[1], 0)
        shade = f.ambient * 0.75 + (1 - f.ambient) * 1.2 * facing
        hollow = bell((dx / 0.45) ** 2 + ((dy + 0.1) / 0.5) ** 2)
        part = window.cut(picture)
        color = skin * np.array([1.03, 0.9, 0.88], np.float32)[None, :, None, None]
        over(part, color * (shade * (1 - 0.5 * hollow))[:, None], mask)
        window.paste(picture, part)


def window_grid(window, g):
    """Return the leaned coordinates of a window's pixels."""
    return window.cut(g.x), window.cut(g.y)


def glasses(picture, point, f, g):
    """Paint the glasses of those who wear them, in place."""
    row, column = to_pixel(g, 0, 0.03, 0.75)
    window = _window(row, column, 0.62, 1.5, g)
    u, v, z = (window.cut(part) for part in point)
    side = np.abs(u)
    ring = np.square(np.square((side - 0.285) / 0.215)) + np.square(np.square((v - 0.035) / 0.16))
    ring = np.sqrt(np.sqrt(ring))
    frame = bell(((ring - 1) / 0.11) ** 2)
    bridge = bell(((v + 0.02) / 0.022) ** 2) * ramp((0.09 - side) / g.pixel)
    temple = (
        bell(((v + 0.02) / 0.024) ** 2) * ramp((side - 0.49) / g.pixel) * ramp((z - 0.05) / 0.1)
    )
    glint = 0.25 * bell(((u - v - 0.35) / 0.05) ** 2) * ramp((1 - ring) / 0.1)
    part = window.cut(picture)
    part += (f.glasses * glint * 0.25)[:, None]
    part *= (1 - 0.18 * f.glasses * ramp((1 - ring) / 0.1))[:, None]
    metal = hue_color(f.clothes_hue, 0 * f.glasses + 0.5) * 0.03 + 0.01
    over(part, metal, f.glasses * ramp(np.maximum(np.maximum(frame, bridge), temple) * 1.15))
    window.paste(picture, part)


def _window(row, column, height, width, g):
    """Return a window of `height` and `width` head units, large enough for the largest head."""
    pixels = _LARGEST * g.size / 2
    return Window(row, column, int(height * pixels) + 2, int(width * pixels) + 2, g.size)
