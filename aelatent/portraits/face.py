"""The skin of the head: its color, the light on it, and where its features go."""

import functools

import numpy as np

from aelatent.portraits import features
from aelatent.portraits.canvas import FACE
from aelatent.portraits.head import facing, skull, skull_axes, skull_extent, to_head, window_at
from aelatent.portraits.painting import (
    Surface,
    bell,
    dye,
    mixed,
    pick,
    ramp,
    root,
    rows_above,
    srgb,
    wave,
)
from aelatent.portraits.relief import cast_shadows, relief, slope
from aelatent.portraits.windows import cover, groups

# Where the parts of the face are: a point of the head frame, height and width (`window_at`).
_FRONT = (0, 0.36, 0.72), 1.45, 1.36
_EYES = tuple(((side * features.EYE_U, 0, 0.72), 0.36, 0.5) for side in (-1, 1))
_MOUTH = (0, features.MOUTH_V, 0.72), 0.48, 0.8
_BEARD = (0, 0.55, 0.3), 1.3, 1.7


def skin_color(f):
    """Return the color of the skin as light, (n, 3, 1, 1)."""
    pale, dark = np.log(srgb(240, 202, 180)), np.log(srgb(92, 58, 42))
    return np.exp(mixed(pale, dark, f.skin_tone[:, None]))


def paint_heads(canvas, skin, hair, f, g):
    """Paint the heads without ears and hair over the pictures, in place."""
    extent = skull_extent(f, g)
    places = [window_at(g, *place) for place in (_BEARD, _FRONT, *_EYES, _MOUTH)]
    for rows in groups(g, extent):
        some = pick(g, rows)
        box = cover(some, *pick(extent, rows))
        its_places = [place.of(rows) for place in places]
        _paint_head(canvas, rows, box, its_places, skin[rows], hair[rows], f.rows(rows), some)


def _paint_head(canvas, rows, box, places, skin, hair, f, g):
    """Paint some heads, in place; `box` is a window that covers them."""
    beard, *places = places
    places = [place.meet(box) for place in places]
    window = functools.reduce(lambda one, other: one.around(other, g.size), places, box)
    front, *eyes, mouth = (place.within(window) for place in places)
    mask, point = skull(f, g, window)
    u, v, _ = point
    light = to_head(g.turn, g.leaned_light)
    towards, down = facing(point, skull_axes(f), light)
    albedo = np.empty((len(mask), 3, *mask.shape[1:]), np.float32)
    albedo[:] = skin
    _grow_beard(albedo, window, beard, hair, u, v, f)
    _paint_front(albedo, towards, light, front, hair, u, v, f, g)
    for side, place in zip((-1, 1), eyes, strict=True):
        part = place.cut(albedo)
        features.eye(part, side, place.cut(u), place.cut(v), f, g)
        place.paste(albedo, part)
    part = mouth.cut(albedo)
    features.mouth(part, skin, mouth.cut(u), mouth.cut(v), f, g)
    mouth.paste(albedo, part)
    canvas.lay(_lit(albedo, towards, down, point, f), mask, FACE, window, rows)


def _grow_beard(albedo, window, wanted, hair, u, v, f):
    """Paint the beards of those who have any, in place."""
    some = np.flatnonzero(np.maximum(np.maximum(f.beard, f.moustache), f.stubble).ravel() > 0)
    if not some.size:
        return
    wanted, window = wanted.of(some), window.of(some)
    place = wanted.within(window)
    part = place.cut(albedo, some)
    where = place.shared(wanted, window)
    features.beard(part, hair[some], place.cut(u, some), place.cut(v, some), where, f.rows(some))
    place.paste(albedo, part, some)


def _paint_front(albedo, towards, light, window, hair, u, v, f, g):
    """Give the front of the head its relief, colors and brows; albedo and `towards` in place."""
    face = Surface(window.cut(u), window.cut(v))
    right, down = slope(relief(face, f, g), g.pixel)
    turned = window.cut(towards)
    turned -= g.light[0] * right + g.light[1] * down
    right *= right
    right += 1
    right += down * down
    turned /= root(right)
    turned *= 1 - cast_shadows(face, light)
    window.paste(towards, turned)
    part = window.cut(albedo)
    _complexion(part, face, f)
    features.brows(part, hair, face, f)
    window.paste(albedo, part)


def _lit(albedo, towards, down, point, f):
    """Return the light that skin of some albedo sends out, (n, 3, h, w); all is used up."""
    direct = towards + 0.18
    direct *= 1 / 1.18
    direct.clip(0, 1, out=direct)
    shade = np.subtract(3.2, down, out=down)  # from all around, the sky above
    shade *= 0.24 * f.ambient
    shade += ((1 - f.ambient) * 1.45) * direct
    low = rows_above(point[1], 0)  # higher up no point lies so far behind
    shade[:, low] *= _under_jaw(point[1][:, low], point[2][:, low])
    # Light that wandered through skin comes out redder: the edge of a shadow is warm.
    albedo *= shade[:, None]
    dim = np.subtract(1, direct, out=direct)
    albedo[:, 0] *= 1 + 0.16 * dim
    albedo[:, 2] *= 1 - 0.08 * dim
    gloss = towards.clip(0, 1, out=towards)
    for _ in range(4):
        gloss *= gloss  # the 16th power
    gloss *= 0.13 * (1 - f.ambient)
    albedo += gloss[:, None]
    return albedo


def _under_jaw(y, z):
    """Return the light that is left in the shadow under the jaw."""
    below = y - 0.52
    below -= 0.55 * z
    below *= 3
    below.clip(0, 1, out=below)
    below *= -0.4
    below += 1
    return below


def _complexion(albedo, face, f):
    """Redden cheeks and nose, darken hollows, nostrils and lines, in place."""
    u, side = face.u, face.side
    red = np.zeros_like(u)
    face.add(red, 1, (side, 0.36, 0.16), (0.32, 0.15))
    face.add(red, 0.7, (u, 0, 0.12), (0.36, 0.08))
    rows = face.rows(0, 0.65)
    red = red[rows]
    red *= 0.15 + f.blush
    dye(albedo[:, :, rows[1]], (0.05, 0.36, 0.31), red)
    dark = np.zeros_like(u)
    face.add(dark, 0.28, (side, 0.25, 0.13), (-0.01, 0.10))
    _darken_nose(dark, face, f)
    _draw_folds(dark, face, f)
    face.add(dark, 0.08 + 0.35 * f.age, (side, 0.26, 0.1), (0.125, 0.022))  # bags
    _draw_lines(dark, face, f)
    rows = face.rows(-0.65, 0.75)
    dye(albedo[:, :, rows[1]], (0.85, 1.0, 1.1), dark[rows])


def _darken_nose(dark, face, f):
    """Add nostrils and the edge of the wings, in place."""
    wide = 0.058 * f.nose_size
    rows = face.rows(0.35, 0.5)
    side, v = face.side[rows], face.v[rows]
    dark[rows] += bell(((side - wide) / 0.038) ** 2 + ((v - 0.413 - 0.25 * side) / 0.02) ** 2)
    face.add(dark, 0.35, (face.side, 2.15 * wide, 0.022), (0.385, 0.05))


def _draw_folds(dark, face, f):
    """Add the folds from the nose to the corners of the mouth, in place."""
    depth = 0.05 + 0.3 * np.maximum(f.smile, 0) + 0.28 * f.age
    rows = face.rows(0.25, 0.73)
    side, v = face.side[rows], face.v[rows]
    fold = side - 0.165 - 0.35 * (v - 0.38) - 0.8 * (v - 0.38) ** 2
    dark[rows] += depth * bell((fold / 0.034) ** 2 + ((v - 0.49) / 0.12) ** 2)


def _draw_lines(dark, face, f):
    """Add the lines of older foreheads, in place."""
    rows = face.rows(-0.64, -0.2)
    u, v = face.u[rows], face.v[rows]
    lines = ramp(wave((v + 0.36) * 10 + 0.25))
    lines *= bell((u / 0.3) ** 2 + ((v + 0.42) / 0.11) ** 2)
    dark[rows] += (0.35 * np.maximum(f.age - 0.35, 0)) * lines
