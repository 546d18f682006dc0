"""Hair: a shell around the skull, what hangs down from it, and its strands."""

import numpy as np

from .fields import bell, keyed, mixed, over, ramp, smooth, srgb, wave
from .head import HALF_DEPTH, HALF_WIDTH, cast, normals, outline, to_head


def hair_color(f):
    """Return the color of the hair as light, (n, 3, 1, 1)."""
    tone = f.hair_tone[:, None]
    black, brown, blond = srgb(24, 20, 20), srgb(92, 66, 50), srgb(222, 190, 140)
    ash = mixed(black, brown, np.minimum(2 * tone, 1))
    ash = mixed(ash, blond, np.maximum(2 * tone - 1, 0))
    rust = mixed(srgb(38, 18, 12), srgb(196, 104, 52), tone)
    return mixed(ash, rust, np.clip(1.6 * f.hair_red[:, None] - 0.5, 0, 1))


def strands(across, along, f, offset):
    """Return fine stripes (-1..1) that run where `across` is constant, waved along `along`."""
    free = keyed(f.texture.ravel() + offset, 6)
    bent = across + (0.09 * f.hair_wave) * wave(along * (1.1 + 0.8 * free[:, 4]) + free[:, 5])
    coarse = wave(bent * (2.1 + free[:, 0]) + free[:, 1])
    fine = wave(bent * (5 + 2 * free[:, 2]) + free[:, 3] + 0.24 * coarse)
    return 0.5 * coarse + 0.5 * fine


def curtain(picture, hair, f, g, front):
    """Paint the hair that hangs down: behind the neck, or (`front`) beside it; in place."""
    length = f.hair_length
    there = ramp((length - 0.28) * 8)
    x = g.body_x - 0.25 * (g.body_x - g.x) * ramp(1.2 - g.y)
    y = g.y
    side = np.abs(x)
    half = HALF_WIDTH * f.face_width + 0.06 + 0.16 * f.hair_volume + 0.10 * f.hair_wave
    lines = strands(x, y, f, 2)
    width = half * np.sqrt(1 - 0.95 * np.square(np.clip(-y, 0, 1))) + 0.06 * lines * ramp(y + 0.2)
    width = width + 0.12 * ramp(y) * f.hair_volume - 0.18 * ramp(y - 0.5) * (1 - f.hair_wave)
    end = -0.25 + 2.1 * length + 0.10 * lines - 0.12 * side
    shape = np.minimum(np.minimum(width - side, end - y), 0.9 + y)
    shade = 0.5 + 0.2 * lines
    if front:
        inner = 0.40 + 0.12 * f.hair_wave - 0.12 * ramp(y - 0.9) + 0.05 * lines
        shape = np.minimum(shape, side - inner)
        right, _, front_light = g.light
        facing = np.maximum(0.6 * front_light + 0.8 * right * np.clip(x, -1, 1), 0)
        shade = (f.ambient * 0.8 + (1 - f.ambient) * 1.2 * facing) * (0.78 + 0.3 * lines)
    else:
        shade = shade * (0.35 * f.ambient + 0.12)
    mask = ramp(shape * (0.5 / g.pixel) + 0.5) * there
    over(picture, hair * shade[:, None], mask)


def cap(picture, hair, f, g):
    """Paint the hair on the head over the picture, in place."""
    thick = 0.03 + 0.12 * f.hair_volume + 0.04 * f.hair_length
    long = ramp((f.hair_length - 0.3) * 3)
    axes = (HALF_WIDTH * f.face_width + 0.8 * thick, 1 + thick, HALF_DEPTH + 0.6 * thick)
    lines_y = g.y + 0.02
    tuck = 1 + (0.16 * (1 - long)) * smooth((g.y + 0.45) * 1.6)  # short sides lie close
    inside, point = cast(g.turn, g.x * tuck, lines_y, axes)
    x, y, z = point
    part = 0.3 * f.parting
    swept = np.abs(x - part)
    lines = strands(1.1 * z + 0.3 * swept, x, f, 3)
    # The hairline: high in the middle, down over the temples to the ears, longer hair in front.
    front = -0.60 + 0.42 * f.fringe * (1 - 0.5 * f.age) - 0.06 * f.age
    corner = (0.30 * f.fringe - 0.05) * bell((swept / 0.12) ** 2)
    temple = (1.25 + 0.5 * long) * (0.64 + 0.10 * long - z)
    line = front - corner + np.maximum(temple, -0.25 * f.fringe) + 0.05 * lines
    below = line - y
    fall = 0.35 + 2.0 * long
    below = np.minimum(below, fall - y + 0.05 * lines)
    normal = normals(point, axes)
    light = to_head(g.turn, g.leaned_light)
    facing = sum(n * p for n, p in zip(normal, light, strict=True))
    direct = ramp((facing + 0.25) / 1.25)
    shade = f.ambient * (0.75 - 0.25 * normal[1]) + ((1 - f.ambient) * 1.25) * direct
    shade *= 0.72 + 0.34 * lines
    edge = bell((below / 0.05) ** 2)
    shade *= 1 - 0.35 * edge
    gloss = bell(((facing - 0.86) / 0.1) ** 2) * (0.6 + 0.5 * lines) * (1 - f.ambient)
    color = hair * shade[:, None] + (hair * 0.55 + 0.02) * gloss[:, None]
    mask = outline(inside + 0.02 * lines, g.pixel, 1.5) * ramp(below * (0.45 / g.pixel) + 0.5)
    density = np.minimum(0.72 + 4 * f.hair_length, 1)
    over(picture, color, mask * density)
