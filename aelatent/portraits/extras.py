"""Ears, glasses and knitted caps."""

import numpy as np

from aelatent.portraits import head
from aelatent.portraits.fields import bell, ramp, wave
from aelatent.portraits.painting import FACE, OTHER, hue_color, keyed, pick
from aelatent.portraits.windows import cover

_EAR_Y, _EAR_Z = 0.10, -0.08  # middle of an ear in the head frame


def ear(canvas, skin, side, mask, f, g):
    """Paint one ear over the pictures in which it shows, in place."""
    # `side` is -1 on the picture's left, 1 on its right; `mask` (0..1) how much of the ear shows;
    # both (n, 1, 1).
    some = np.flatnonzero(mask.ravel() > 0)
    if not some.size:
        return
    f, g, skin, side, mask = f.rows(some), pick(g, some), skin[some], side[some], mask[some]
    x = side * (head.HALF_WIDTH + 0.025) * f.face_width
    right, down = (row[0] * x + row[1] * _EAR_Y + row[2] * _EAR_Z for row in g.turn[:2])
    wide = 0.07 + 0.08 * np.maximum(-side * g.turn[0][2], 0)
    edge = np.sqrt(1 + g.pixel / wide) * 1.01  # where `shape` is 0
    extent = head.upright(g, right, down, (1 + 0.35 * 0.19) * wide * edge, 0.19 * edge)
    window = cover(g, *extent)
    across, down_there = head.leaned(g, window)
    down = down_there - down
    out = side * (across - right) / wide + 0.35 * down
    down /= 0.19
    shape = (1 - out * out - down * down) * (0.5 * wide / g.pixel) + 0.5
    facing_light = 0.75 * side * g.light[0] + 0.5 * g.light[2] - 0.2 * g.light[1]
    shade = f.ambient * 0.75 + (1 - f.ambient) * 1.2 * np.maximum(facing_light, 0)
    hollow = bell((out / 0.45) ** 2 + ((down + 0.1) / 0.5) ** 2)
    color = skin * np.array([1.03, 0.9, 0.88], np.float32)[None, :, None, None]
    canvas.lay(color, ramp(shape) * mask, FACE, window, some, shade * (1 - 0.5 * hollow))


def near_ear(canvas, skin, bare, f, g):
    """Paint the ear that comes before the head when it turns, in place."""
    # `bare` (0..1) is the share of it that hair leaves visible.
    sine = g.turn[0][2]
    side = np.where(sine > 0, -1, 1).astype(np.float32)
    ear(canvas, skin, side, ramp(np.abs(sine) * 6 - 0.2) * bare, f, g)


def glasses(canvas, f, g):
    """Paint the glasses of those who wear them over the lit face, in place."""
    some = np.flatnonzero(f.glasses.ravel() > 0)
    if not some.size:
        return
    f, g = f.rows(some), pick(g, some)
    window = head.window_at(g, (0, 0.05, 0.75), 0.7, 1.5)
    on_head, (u, v, z) = head.skull(f, g, window)
    free = keyed(f.texture.ravel() + 6, 3)
    side = np.abs(u)
    dark = f.lens_tint
    across, down = np.abs(side - 0.29) / 0.225, np.abs(v - 0.045) / (0.19 - 0.035 * f.lens_shape)
    round_ring = np.sqrt(across**2 + down**2)
    square_ring = np.sqrt(np.sqrt(across**4 + down**4))
    ring = round_ring + (square_ring - round_ring) * f.lens_shape  # 1 on the rim
    level = bell(((v + 0.03) / 0.026) ** 2)
    bridge = level * ramp((0.1 - side) / g.pixel)
    temple = level * ramp((side - 0.5) / g.pixel) * ramp(z * 10) * on_head
    thick = 0.085 + 0.07 * free[:, 0]
    rim = np.maximum(np.maximum(bell(((ring - 1) / thick) ** 2), bridge), temple)
    lens = ramp((1 - ring) / 0.08 + 0.5)
    part = window.cut(canvas.light, some)
    part *= (1 - (0.1 + 0.86 * dark) * lens)[:, None]
    shine = bell(((u - v - 0.35) / 0.07) ** 2) + dark * ramp(0.35 - 2.5 * v)
    part += ((0.05 + 0.05 * dark) * lens * shine)[:, None]  # a reflection of the sky
    window.paste(canvas.light, part, some)
    frame = hue_color(360 * free[:, 1], 0.5 * free[:, 2, None]) * 0.05 * free[:, 2, None] + 0.008
    canvas.lay(frame, ramp(rim * 1.15), FACE, window, rows=some)


def hat(canvas, f, g):
    """Paint the knitted caps of those who wear one, in place."""
    some = np.flatnonzero(f.hat.ravel() > 0)
    if not some.size:
        return
    f, g = f.rows(some), pick(g, some)
    free = keyed(f.texture.ravel() + 7, 4)
    thick = 0.06 + 0.03 * f.hair_volume
    axes = (head.HALF_WIDTH * f.face_width + thick, 1.03 + thick, head.HALF_DEPTH + 0.6 * thick)
    window = cover(g, *head.shell_extent(g, axes, 1.4 * g.pixel, lift=0.02))
    x, y = head.leaned(g, window)
    inside, point = head.cast(g.turn, x / head.crown(y), y + 0.02, axes)
    x, y, z = point
    edge = -0.22 - 0.16 * free[:, 0] + 0.16 * (head.HALF_DEPTH - z)  # lower at the ears
    below = edge - y
    towards, down = head.facing(point, axes, head.to_head(g.turn, g.leaned_light))
    shade = (0.25 * f.ambient) * (3 - down) + ((1 - f.ambient) * 1.25) * ramp(towards * 0.8 + 0.2)
    turns = np.arctan2(x, z + 0.3) * 5.5
    rolled = ramp((0.2 - below) / 0.03)  # the rolled edge is thicker and ribbed
    shade *= 0.86 + 0.1 * wave(turns) + 0.12 * rolled - 0.4 * bell(((below - 0.21) / 0.025) ** 2)
    color = hue_color(f.clothes_hue + 180 * free[:, 1], 0.1 + 0.7 * free[:, 2, None])
    color = color * (0.02 + 0.6 * free[:, 3, None] ** 2)
    inside -= 0.1 * thick * (1 - rolled)
    mask = head.outline(inside, g.pixel) * ramp(below / g.pixel + 0.5)
    canvas.lay(color, mask, OTHER, window, some, shade)
