"""Ears and glasses."""

import numpy as np

from .fields import bell, hue_color, over, pick, ramp
from .head import HALF_WIDTH, window_at

_EAR_Y, _EAR_Z = 0.10, -0.08  # middle of an ear in the head frame


def ear(picture, skin, side, mask, f, g):
    """Paint one ear over the picture, in place.

    Parameters
    ----------
    side : number or numpy.ndarray
        -1 on the picture's left, 1 on its right; may differ from picture to picture, (n, 1, 1).
    mask : number or numpy.ndarray
        How much of it shows, 0..1.
    """
    x = side * (HALF_WIDTH + 0.03) * f.face_width
    window = window_at(g, (x, _EAR_Y, _EAR_Z), 0.55, 0.42)
    right, down = (row[0] * x + row[1] * _EAR_Y + row[2] * _EAR_Z for row in g.turn[:2])
    down = window.cut(g.y) - down
    wide = 0.075 + 0.08 * np.maximum(-side * g.turn[0][2], 0)
    out = side * (window.cut(g.x) - right) / wide + 0.35 * down
    down = down / 0.19
    shape = (1 - out * out - down * down) * (0.5 * wide / g.pixel) + 0.5
    facing = 0.75 * side * g.light[0] + 0.5 * g.light[2] - 0.2 * g.light[1]
    shade = f.ambient * 0.75 + (1 - f.ambient) * 1.2 * np.maximum(facing, 0)
    hollow = bell((out / 0.45) ** 2 + ((down + 0.1) / 0.5) ** 2)
    part = window.cut(picture)
    color = skin * np.array([1.03, 0.9, 0.88], np.float32)[None, :, None, None]
    over(part, color * (shade * (1 - 0.5 * hollow))[:, None], ramp(shape) * mask)
    window.paste(picture, part)


def near_ear(picture, skin, bare, f, g):
    """Paint the ear that comes before the head when it turns, in place.

    `bare` is the share of it that hair leaves visible, 0..1.
    """
    sine = g.turn[0][2]
    side = np.where(sine > 0, -1, 1).astype(np.float32)
    ear(picture, skin, side, ramp(np.abs(sine) * 6 - 0.2) * bare, f, g)


def glasses(picture, head, point, f, g):
    """Paint the glasses of those who wear them over the lit face, in place.

    `head` and `point` are what `face.paint_head` returns.
    """
    some = np.flatnonzero(f.glasses.ravel() > 0)
    if not some.size:
        return
    f, g = pick(f, some), pick(g, some)
    window = window_at(g, (0, 0.03, 0.75), 0.62, 1.5)
    u, v, z = (window.cut(part[some]) for part in point)
    side = np.abs(u)
    ring = np.square(np.square((side - 0.285) / 0.215)) + np.square(np.square((v - 0.035) / 0.16))
    ring = np.sqrt(np.sqrt(ring))  # 1 on the rim
    level = bell(((v + 0.02) / 0.023) ** 2)
    bridge = level * ramp((0.09 - side) / g.pixel)
    temple = level * ramp((side - 0.49) / g.pixel) * ramp(z * 10) * window.cut(head[some])
    rim = ramp(np.maximum(np.maximum(bell(((ring - 1) / 0.11) ** 2), bridge), temple) * 1.15)
    lens = ramp((1 - ring) / 0.1)
    whole = picture[some]
    part = window.cut(whole)
    part *= (1 - 0.15 * lens)[:, None]
    part += (0.07 * lens * bell(((u - v - 0.35) / 0.05) ** 2))[:, None]  # a reflection
    over(part, hue_color(f.clothes_hue, 0.5 * f.glasses) * 0.03 + 0.01, rim)
    window.paste(whole, part)
    picture[some] = whole
