"""Hair: a shell around the skull, what hangs down from it, and its strands."""

from types import SimpleNamespace

import numpy as np

from aelatent.portraits import head
from aelatent.portraits.fields import at_least, bell, ramp, root, smooth, wave
from aelatent.portraits.painting import HAIR, STRANDS, keyed, mixed, pick, srgb, strand_tile
from aelatent.portraits.windows import cover, groups, rows_above, rows_below

_LIFT = 0.02  # of the shell above the skull


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
    """Return strands (about -1..1) that run where `across` is constant, waved along `along`."""
    # `across` and `along` are in head units, (n, h, w).
    free = keyed(f.texture.ravel() + offset, 6)
    bent = across + (0.02 + 0.1 * f.hair_wave) * wave(along * (1.1 + 0.8 * free[:, 2]) + free[:, 3])
    wide, long = STRANDS
    # Positive, so that cutting off the fraction rounds down.
    bent *= 150
    bent += 2000 + wide * free[:, 0]
    run = along * 22
    run += 2000 + long * free[:, 1]
    run = run.astype(np.int32)
    run &= long - 1
    place = bent.astype(np.int32)
    place &= wide - 1
    place *= long
    place += run
    return strand_tile().take(place, mode="wrap")  # which checks no bounds


def hanging(f, g):
    """Return the shape of the hair that hangs down, a namespace for a few pictures at a time."""
    some = np.flatnonzero(f.hair_length.ravel() > 0.2)  # shorter hair does not reach below the cap
    f, g = f.rows(some), pick(g, some)
    full = 0.06 + 0.16 * f.hair_volume + 0.10 * f.hair_wave
    width = head.HALF_WIDTH * f.face_width + full * ramp((f.hair_length - 0.3) * 4)
    end = -0.5 + 2.9 * (f.hair_length - 0.2)
    extent = _hanging_extent(width + 0.12 * f.hair_volume, end, g)
    return [
        _hang(some[k], cover(pick(g, k), *pick(extent, k)), width[k], end[k], f.rows(k), pick(g, k))
        for k in groups(g, extent)
    ]


def _hang(rows, window, width, end, f, g):
    """Return one namespace of `hanging`; hair hangs down to y = `end`."""
    # `lines` are its strands, `shape` the distance inside the outline, head units.
    x, y = head.leaned(g, window)
    _, column = window.pixels(g.row.ravel())
    upright = (column - g.cx) / g.unit + head.PIVOT * g.sin
    x -= upright
    x *= 0.25 * ramp(1.2 - y)
    x += upright
    side = np.abs(x)
    lines = strands(x, y, f, 2)
    shape = root(1 - 0.95 * y.clip(-1, 0) ** 2)
    shape *= width
    shape += (0.12 * f.hair_volume) * ramp(y) - (0.18 * (1 - f.hair_wave)) * ramp(y - 0.5)
    shape += (0.04 * ramp(y + 0.2)) * lines
    shape -= side
    end = end + 0.07 * lines
    end -= 0.12 * side
    end -= y
    np.minimum(shape, end, out=shape)
    np.minimum(shape, 0.9 + y, out=shape)
    return SimpleNamespace(
        rows=rows, window=window, f=f, g=g, x=x, y=y, side=side, lines=lines, shape=shape
    )


def _hanging_extent(width, end, g):
    """Return a rectangle around hanging hair of some half width, as `cover` takes it."""
    sine, cosine = np.abs(g.sin), g.cos
    highest = (1.2 + 1.5 * sine) / cosine  # where it still leans with the head
    wide = width + 0.05 + g.pixel + sine * (head.PIVOT + 0.25 * highest)  # 0.05: what strands add
    wide = wide / (0.75 + 0.25 * cosine)
    top = (-0.9 - g.pixel - sine * wide) / cosine
    bottom = (end + 0.09 + g.pixel + sine * wide) / cosine
    return np.zeros_like(wide), (top + bottom) / 2, wide, (bottom - top) / 2


def curtain(canvas, hair, hanging, front):
    """Paint the hair of `hanging`: behind the neck, or (`front`) beside it; in place."""
    for hang in hanging:
        f, g, lines, shape = hang.f, hang.g, hang.lines, hang.shape
        if front:
            inner = 0.40 + 0.12 * f.hair_wave - 0.12 * ramp(hang.y - 0.9) + 0.04 * lines
            within = hang.side - inner
            shape = np.minimum(shape, within)
            right, _, ahead = g.light
            towards = at_least(0.6 * ahead + (0.8 * right) * hang.x.clip(-1, 1), 0)
            shade = (f.ambient * 0.8 + (1 - f.ambient) * 1.2 * towards) * (0.8 + 0.35 * lines)
            sheen = bell(((hang.y - 0.05 - 0.25 * hang.side) / 0.3) ** 2) * (0.5 + 0.8 * lines)
            shade += towards * (0.35 * (1 - f.ambient)) * at_least(sheen, 0)
            shade *= 1 - 0.5 * bell((within / 0.1) ** 2)  # where it turns to the neck
        else:
            shade = (0.5 + 0.25 * lines) * (0.35 * f.ambient + 0.12)
        mask = ramp(shape * (0.5 / g.pixel) + 0.5)
        canvas.lay(hair[hang.rows], mask, HAIR, hang.window, hang.rows, shade)


def receding(f):
    """Return how far the hair has receded: long hair does not."""
    return f.receding * ramp(1.9 - 4 * f.hair_length)


def caps(canvas, hair, f, g):
    """Paint the hair on the heads over the pictures, in place."""
    shell = _shell(f)
    frayed = 2.1 * g.pixel + 1.2 * (0.03 + 0.1 * shell.curls)
    side, level, ahead = g.turn[1]  # hair that low grows at the sides, not in front
    lowest = level * (0.3 + 0.5 * shell.long + 1.2 * g.pixel)
    lowest += 0.9 * np.abs(side) + 0.6 * np.abs(ahead)
    extent = head.shell_extent(g, shell.axes, frayed, _LIFT, lowest)
    for rows in groups(g, extent):
        some = pick(g, rows)
        window = cover(some, *pick(extent, rows))
        _cap(canvas, rows, window, hair[rows], pick(shell, rows), f.rows(rows), some)


def _shell(f):
    """Return the form of the shell of hair around each skull."""
    gone = receding(f)
    cropped = ramp(f.hair_length * 8 + 0.1) * ramp(1.5 - 1.4 * gone)
    curls = ramp(2.5 * f.hair_wave - 1.25) * ramp(f.hair_length * 8)
    thick = (0.03 + (0.14 + 0.2 * curls) * f.hair_volume + 0.04 * f.hair_length) * cropped
    long = ramp((f.hair_length - 0.25) * 3)
    wide, deep = head.HALF_WIDTH * f.face_width, head.HALF_DEPTH
    axes = (wide + 0.8 * thick, 1 + 0.9 * thick, deep + 0.6 * thick)
    return SimpleNamespace(
        gone=gone, cropped=cropped, curls=curls, thick=thick, long=long, axes=axes
    )


def _cap(canvas, rows, window, hair, shell, f, g):
    """Paint the hair on some heads, in place."""
    gone, curls, thick, long, axes = shell.gone, shell.curls, shell.thick, shell.long, shell.axes
    x, y = head.leaned(g, window)
    # Short sides lie close.
    x *= _tuck(y, 0.16 * (1 - long) * (1 - curls))
    y += _LIFT
    inside, point = head.cast(g.turn, x, y, axes)
    x, y, z = point
    swept = np.abs(x - 0.3 * f.parting)
    lines = strands(1.1 * z + 0.3 * swept, x, f, 3)
    lines *= ramp(inside * 5 + 0.2)
    below = _hairline(x, z, swept, long, gone, f) + (0.045 * (1 + f.hair_wave)) * lines
    below = below.clip(-np.inf, 0.3 + 0.5 * long) - y
    bald = ramp(4 * gone - 3) * ramp(1 - (y + 0.35) * 4)  # a wreath remains
    shade = _shell_light(point, axes, lines, below, f, g)
    inside += (2.4 * thick) * (ramp(below * 5) - 1)  # the shell lies close where the hair ends
    inside += (0.03 + 0.1 * curls) * lines
    mask = head.outline(inside, g.pixel, 1.5) * ramp(below * (0.45 / g.pixel) + 0.5)
    mask *= (0.35 + 0.65 * shell.cropped) * (1 - bald)
    canvas.lay(hair, mask, HAIR, window, rows, shade)


def _tuck(y, share):
    """Return by how much the sides lie closer than an ellipsoid: lower down, by a share."""
    tuck = np.ones_like(y)
    low, high = rows_above(y, -0.45), rows_below(y, 0)
    tuck[:, low] += share * smooth((y[:, low] + 0.45) * 1.6)
    tuck[:, high] /= head.crown(y[:, high])
    return tuck


def _shell_light(point, axes, lines, below, f, g):
    """Return the light on the hair of `caps` with its gloss."""
    towards, down = head.facing(point, axes, head.to_head(g.turn, g.leaned_light))
    lit = ((1 - f.ambient) * 1.25) * ramp((towards + 0.25) * (1 / 1.25))
    shade = np.subtract(3, down, out=down)
    shade *= 0.25 * f.ambient
    shade += lit
    shade *= 0.78 + 0.38 * lines
    shade *= 1 - 0.35 * bell((below * 20) ** 2)
    gloss = bell(((towards - 0.86) * 7) ** 2) * (0.55 + 0.7 * lines)
    gloss *= (1 - f.ambient) * (0.55 + 0.6 * ramp(0.5 - 2 * f.hair_tone))
    return shade + at_least(gloss, 0)


def _hairline(x, z, swept, long, gone, f):
    """Return the height (y of the head frame) down to which hair grows."""
    # High in the middle of the forehead, down over the temples to the ears, longer hair in front.
    # Hair recedes from the temples first.
    fringe = f.fringe * (1 - gone)
    front = -0.60 + 0.42 * fringe * (1 - 0.5 * f.age) - 0.06 * f.age
    parted = (0.30 * fringe - 0.05) * bell((swept / 0.12) ** 2)
    bay = bell(((np.abs(x) - 0.3) / 0.16) ** 2) * ramp(z * 4)
    front = front - gone * (0.12 + 0.2 * bay)
    temple = (1.25 + 0.5 * long) * (0.64 + 0.10 * long - z)
    return front - parted + at_least(temple, -0.25 * fringe)
