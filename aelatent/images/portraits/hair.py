"""Hair: a shell around the skull, what hangs down from it, and its strands."""

from types import SimpleNamespace

import numpy as np

from .canvas import HAIR
from .fields import bell, keyed, mixed, pick, ramp, smooth, srgb, wave
from .head import HALF_DEPTH, HALF_WIDTH, cast, facing, outline, to_head
from .tiles import STRANDS
from .tiles import strands as tile


def hair_color(f):
    """Return the color of the hair as light, (n, 3, 1, 1)."""
    tone = f.hair_tone[:, None]
    black, brown, blond = srgb(18, 15, 14), srgb(92, 64, 46), srgb(226, 192, 140)
    ash = mixed(black, brown, np.minimum(2 * tone, 1))
    ash = mixed(ash, blond, np.maximum(2 * tone - 1, 0))
    rust = mixed(srgb(38, 18, 12), srgb(196, 104, 52), tone)
    color = mixed(ash, rust, np.clip(1.6 * f.hair_red[:, None] - 0.55, 0, 1))
    gray = mixed(srgb(96, 94, 93), srgb(214, 210, 205), tone)
    return mixed(color, gray, np.minimum(1.4 * f.hair_gray[:, None], 1))


def strands(across, along, f, offset):
    """Return strands (about -1..1) that run where `across` is constant, waved along `along`.

    Both are in head units.
    """
    free = keyed(f.texture.ravel() + offset, 6)
    bent = across + (0.02 + 0.1 * f.hair_wave) * wave(along * (1.1 + 0.8 * free[:, 2]) + free[:, 3])
    wide, long = STRANDS
    bent *= 150
    bent += 2000 + wide * free[:, 0]  # positive, so that cutting off the fraction rounds down
    run = (along * 22 + (2000 + long * free[:, 1])).astype(np.intp)
    run &= long - 1
    place = bent.astype(np.intp)
    place &= wide - 1
    place *= long
    place += run
    return tile()[place]


def hanging(f, g):
    """Return the shape of the hair that hangs down, or None where all hair is short.

    Returns
    -------
    types.SimpleNamespace
        ``some`` (pictures with such hair), their factors ``f`` and geometry ``g``; ``x, y, side``
        (coordinates), ``lines`` (strands), ``shape`` (distance inside the outline, head units).
    """
    some = np.flatnonzero(f.hair_length.ravel() > 0.2)  # shorter hair does not reach below the cap
    if not some.size:
        return None
    f, g = f.rows(some), pick(g, some)
    y = g.y
    x = g.body_x + 0.25 * (g.x - g.body_x) * ramp(1.2 - y)
    side = np.abs(x)
    lines = strands(x, y, f, 2)
    full = 0.06 + 0.16 * f.hair_volume + 0.10 * f.hair_wave
    width = HALF_WIDTH * f.face_width + full * ramp((f.hair_length - 0.3) * 4)
    high = np.clip(-y, 0, 1)
    width = width * np.sqrt(1 - 0.95 * high * high)
    width += (0.04 * ramp(y + 0.2)) * lines
    width += (0.12 * f.hair_volume) * ramp(y) - (0.18 * (1 - f.hair_wave)) * ramp(y - 0.5)
    end = -0.5 + 2.9 * (f.hair_length - 0.2) + 0.07 * lines - 0.12 * side
    shape = np.minimum(np.minimum(width - side, end - y), 0.9 + y)
    return SimpleNamespace(some=some, f=f, g=g, x=x, y=y, side=side, lines=lines, shape=shape)


def curtain(canvas, hair, hang, front):
    """Paint the hair of `hanging`: behind the neck, or (`front`) beside it; in place."""
    if hang is None:
        return
    f, g, lines, shape = hang.f, hang.g, hang.lines, hang.shape
    if front:
        inner = 0.40 + 0.12 * f.hair_wave - 0.12 * ramp(hang.y - 0.9) + 0.04 * lines
        shape = np.minimum(shape, hang.side - inner)
        right, _, ahead = g.light
        towards = np.maximum(0.6 * ahead + (0.8 * right) * np.clip(hang.x, -1, 1), 0)
        shade = (f.ambient * 0.8 + (1 - f.ambient) * 1.2 * towards) * (0.8 + 0.35 * lines)
        sheen = bell(((hang.y - 0.05 - 0.25 * hang.side) / 0.3) ** 2) * (0.5 + 0.8 * lines)
        shade += (0.35 * (1 - f.ambient)) * towards * np.maximum(sheen, 0)
        shade *= 1 - 0.5 * bell(((hang.side - inner) / 0.1) ** 2)  # where it turns to the neck
    else:
        shade = (0.5 + 0.25 * lines) * (0.35 * f.ambient + 0.12)
    color = hair[hang.some] * shade[:, None]
    canvas.lay(color, ramp(shape * (0.5 / g.pixel) + 0.5), HAIR, rows=hang.some)


def covers_ears(f):
    """Return how far hair or a hat hides the ears, 0..1, (n, 1, 1)."""
    return ramp(np.maximum((f.hair_length - 0.4) * 8, 0.8 * f.hat))


def receding(f):
    """Return how far the hair has receded: long hair does not."""
    return f.receding * ramp(1.9 - 4 * f.hair_length)


def cap(canvas, hair, f, g):
    """Paint the hair on the head over the picture, in place."""
    gone = receding(f)
    cropped = ramp(f.hair_length * 8 + 0.1) * ramp(1.5 - 1.4 * gone)
    curls = ramp(2.5 * f.hair_wave - 1.25) * ramp(f.hair_length * 8)
    thick = (0.03 + (0.14 + 0.2 * curls) * f.hair_volume + 0.04 * f.hair_length) * cropped
    long = ramp((f.hair_length - 0.25) * 3)
    axes = (HALF_WIDTH * f.face_width + 0.8 * thick, 1 + 0.9 * thick, HALF_DEPTH + 0.6 * thick)
    # Short sides lie close.
    tuck = 1 + (0.16 * (1 - long) * (1 - curls)) * smooth((g.y + 0.45) * 1.6)
    inside, point = cast(g.turn, g.x * (tuck / g.crown), g.y + 0.02, axes)
    x, y, z = point
    swept = np.abs(x - 0.3 * f.parting)
    lines = strands(1.1 * z + 0.3 * swept, x, f, 3)
    lines *= ramp(inside * 5 + 0.2)
    below = _hairline(x, z, swept, long, gone, f) + (0.045 * (1 + f.hair_wave)) * lines - y
    below = np.minimum(below, 0.3 + 0.5 * long - y)
    towards, down = facing(point, axes, to_head(g.turn, g.leaned_light))
    shade = (0.25 * f.ambient) * (3 - down)
    shade += ((1 - f.ambient) * 1.25) * ramp((towards + 0.25) * (1 / 1.25))
    shade *= (0.78 + 0.38 * lines) * (1 - 0.35 * bell((below * 20) ** 2))
    gloss = bell(((towards - 0.86) * 7) ** 2) * (0.55 + 0.7 * lines)
    gloss *= (1 - f.ambient) * (0.55 + 0.6 * ramp(0.5 - 2 * f.hair_tone))
    shade += np.maximum(gloss, 0)
    inside -= (2.4 * thick) * (1 - ramp(below * 5))  # the shell lies close where the hair ends
    mask = outline(inside + (0.03 + 0.1 * curls) * lines, g.pixel, 1.5)
    mask *= ramp(below * (0.45 / g.pixel) + 0.5)
    bald = ramp(4 * gone - 3) * ramp(1 - (y + 0.35) * 4)  # a wreath remains
    mask *= (0.35 + 0.65 * cropped) * (1 - bald)
    canvas.lay(hair * shade[:, None], mask, HAIR)


def _hairline(x, z, swept, long, gone, f):
    """Return the height (y of the head frame) down to which hair grows.

    High in the middle of the forehead, down over the temples to the ears, longer hair in front.
    Hair recedes from the temples first.
    """
    fringe = f.fringe * (1 - gone)
    front = -0.60 + 0.42 * fringe * (1 - 0.5 * f.age) - 0.06 * f.age
    parted = (0.30 * fringe - 0.05) * bell((swept / 0.12) ** 2)
    bay = bell(((np.abs(x) - 0.3) / 0.16) ** 2) * ramp(z * 4)
    front = front - gone * (0.12 + 0.2 * bay)
    temple = (1.25 + 0.5 * long) * (0.64 + 0.10 * long - z)
    return front - parted + np.maximum(temple, -0.25 * fringe)
