"""What is painted on the skin: brows, eyes, mouth and beard."""

import functools

import numpy as np

from aelatent.portraits import head
from aelatent.portraits.fields import at_least, bell, ramp, root, smooth, wave
from aelatent.portraits.hair import strands
from aelatent.portraits.painting import FACE, Surface, dye, mixed, over, pick, srgb
from aelatent.portraits.windows import cover, groups, rows_above

EYE_U = 0.28  # middle of an eye, head units from the middle of the face
MOUTH_V = 0.605  # height of the mouth
_EYE_HALF = 0.172  # half width of an eye


def brows(albedo, hair, face, f):
    """Paint the eyebrows."""
    rows = face.rows(-0.46, 0.1)
    v = face.v[rows]
    along = (face.side[rows] - 0.29) * 5  # -1 at the inner end, 1 at the outer one
    bow = (0.012 + 0.045 * f.brow_arch) * (1 - (along - 0.3) ** 2) + 0.012 * (1 - along)
    arch = v + 0.165 + 0.045 * f.brow_height + bow
    thick = (0.024 + 0.030 * f.brow_weight) * (1 - 0.35 * along)
    mask = bell((arch / at_least(thick, 0.008)) ** 2) * ramp((1.05 - np.abs(along)) / 0.35)
    over(albedo[:, :, rows[1]], 0.4 * hair, mask * (0.5 + 0.45 * f.brow_weight))


def eye(albedo, side, u, v, f, g):
    """Paint one eye with its lids."""
    off = (u - side * EYE_U) / f.eye_size
    v = v / f.eye_size
    t = off * (side / _EYE_HALF)  # -1 at the inner corner, 1 at the outer one
    arch = at_least(1 - t * t, 0)
    level = v + 0.02 * t
    wide = 0.1 + 0.9 * f.eye_open * (1 - 0.25 * np.maximum(f.smile, 0))
    upper = level + 0.125 * wide * arch  # below the edge of the upper lid
    lower = 0.056 * wide * arch - level  # above the edge of the lower lid
    inside = ramp(upper / g.pixel + 0.5) * ramp(lower / g.pixel + 0.5) * ramp(arch * 4)
    crease = bell(((upper + 0.045) / 0.018) ** 2)
    dye(albedo, (0.9, 1.0, 1.0), 0.45 * crease * ramp(arch * 2))

    ball = _eyeball(off - 0.085 * f.gaze, level + 0.022, t, f, g)
    ball *= (1 - 0.5 * bell((upper / 0.028) ** 2))[:, None]  # shadow of the lid
    right, down, _ = g.light
    across = off - 0.085 * f.gaze - 0.022 * right  # from the light that the eye reflects
    spot = across**2 + (level + 0.02 - 0.022 * np.minimum(down, 0)) ** 2
    ball += (0.8 * bell(spot / 0.017**2))[:, None]
    over(albedo, ball, inside)
    lash = bell((upper / 0.023) ** 2) * ramp((1.12 - np.abs(t)) / 0.2)
    over(albedo, srgb(36, 25, 21), lash * (0.82 + 0.15 * t))
    below = bell((lower / 0.016) ** 2) * ramp((1 - np.abs(t)) / 0.2)
    over(albedo, srgb(70, 45, 38), 0.5 * below)


def _eyeball(right, down, t, f, g):
    """Return white, iris and pupil; `right` and `down` are distances from the pupil."""
    ball = srgb(238, 232, 227) * (1 - 0.4 * t * t)[:, None]
    radius = np.sqrt(right * right + down * down)
    share = f.iris[:, None]
    brown, green, blue = srgb(84, 50, 28), srgb(104, 110, 74), srgb(110, 150, 190)
    color = mixed(mixed(brown, green, ramp(2 * share)), blue, ramp(2 * share - 1))
    over(ball, color * (0.55 + 9 * radius)[:, None], ramp((0.072 - radius) / g.pixel + 0.5))
    over(ball, srgb(25, 20, 18), 0.6 * bell(((radius - 0.070) / 0.013) ** 2))
    over(ball, srgb(8, 7, 7), ramp((0.029 - radius) / g.pixel + 0.5))
    return ball


def mouth(albedo, skin, u, v, f, g):
    """Paint lips, teeth and what is between."""
    smile = np.maximum(f.smile, 0)
    s = u / (0.24 * f.mouth_width * (1 + 0.3 * f.smile))
    arch = at_least(1 - s * s, 0)
    gap = f.mouth_open * (0.12 + 0.03 * smile)
    line = v - MOUTH_V - 0.25 * gap + 0.16 * f.smile * (s * s - 0.35)  # below the middle line
    bow = arch * (1 - 0.22 * bell((s / 0.14) ** 2))
    top = line + (0.3 * gap) * arch  # below the edge of the upper lip
    bottom = (0.7 * gap) * arch - line  # above the edge of the lower lip
    upper = top + ((0.058 - 0.014 * smile) * f.lip_fullness) * bow
    lower = bottom + ((0.082 - 0.014 * smile) * f.lip_fullness) * arch
    ends = ramp(arch * 5)
    lips = ramp(upper / g.pixel + 0.5) * ramp(lower / g.pixel + 0.5) * ends
    red = skin * mixed(srgb(235, 178, 175), srgb(225, 84, 98), f.lip_color[:, None])
    shine = ramp(0.5 - bottom / 0.02) * bell(((lower - 0.045) / 0.03) ** 2)
    over(albedo, red * (0.87 + 0.4 * shine)[:, None], lips * 0.9)
    inside = ramp(top / g.pixel + 0.5) * ramp(bottom / g.pixel + 0.5) * ends
    teeth = ramp((0.06 - top) / g.pixel + 0.5) * ramp((0.95 - np.abs(s)) / 0.25)
    white = srgb(232, 224, 214) * (1 - 0.45 * s * s)[:, None]
    hole = srgb(70, 24, 22)
    over(albedo, hole + (white - hole) * teeth[:, None], inside * np.minimum(gap / 0.02, 1))
    closed = bell((line / 0.014) ** 2) * ramp((1.1 - np.abs(s)) / 0.15)
    over(albedo, 0.12 * skin, 0.75 * closed * np.maximum(1 - gap / 0.03, 0))
    dark = 0.55 * bell(((np.abs(s) - 1.02) / 0.1) ** 2 + (line / 0.028) ** 2)  # corners
    dark += 0.3 * bell(((lower + 0.03) / 0.024) ** 2) * arch  # under the lower lip
    dye(albedo, (0.8, 1.0, 1.0), dark)


def beard(albedo, hair, u, v, where, f):
    """Paint beard, moustache and stubble, at the pixels where they may be."""
    side = np.abs(u)
    lines = strands(u + 0.2 * u * v, v, f, 5)
    # The edge runs from the ear down the cheek and below the mouth; the lips stay free.
    edge = v - 0.70 + 0.95 * at_least(side - 0.1, 0) - 0.02 * lines
    growth = smooth(edge * 4 + 0.5)
    lip = bell((u / 0.23) ** 2 + ((v - 0.515 - 0.5 * u * u) / 0.038) ** 2)
    tuft = bell((u / 0.05) ** 2 + ((v - 0.735) / 0.05) ** 2)
    full = np.maximum(growth, 0.7 * tuft) * np.minimum(1.25 * f.beard, 0.95)
    full = np.maximum(full, lip * np.minimum(1.2 * f.moustache, 0.95))
    shadow = np.maximum(growth, lip) * (0.42 * f.stubble) * where
    over(albedo, 0.35 * hair, shadow * (0.8 + 0.3 * lines))
    over(albedo, (0.5 + 0.25 * lines)[:, None] * hair, full * where)


# Where the parts of the face are: a point of the head frame, height and width (`window_at`).
_FRONT = (0, 0.36, 0.72), 1.45, 1.36
_EYES = tuple(((side * EYE_U, 0, 0.72), 0.36, 0.5) for side in (-1, 1))
_MOUTH = (0, MOUTH_V, 0.72), 0.48, 0.8
_BEARD = (0, 0.55, 0.3), 1.3, 1.7


def skin_color(f):
    """Return the color of the skin as light, (n, 3, 1, 1)."""
    pale, dark = np.log(srgb(240, 202, 180)), np.log(srgb(92, 58, 42))
    return np.exp(mixed(pale, dark, f.skin_tone[:, None]))


def paint_heads(canvas, skin, hair, f, g):
    """Paint the heads without ears and hair over the pictures, in place."""
    extent = head.skull_extent(f, g)
    places = [head.window_at(g, *place) for place in (_BEARD, _FRONT, *_EYES, _MOUTH)]
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
    front, *eyes, mouth_place = (place.within(window) for place in places)
    mask, point = head.skull(f, g, window)
    u, v, _ = point
    light = head.to_head(g.turn, g.leaned_light)
    towards, down = head.facing(point, head.skull_axes(f), light)
    albedo = np.empty((len(mask), 3, *mask.shape[1:]), np.float32)
    albedo[:] = skin
    _grow_beard(albedo, window, beard, hair, u, v, f)
    _paint_front(albedo, towards, light, front, hair, u, v, f, g)
    for side, place in zip((-1, 1), eyes, strict=True):
        part = place.cut(albedo)
        eye(part, side, place.cut(u), place.cut(v), f, g)
        place.paste(albedo, part)
    part = mouth_place.cut(albedo)
    mouth(part, skin, mouth_place.cut(u), mouth_place.cut(v), f, g)
    mouth_place.paste(albedo, part)
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
    beard(part, hair[some], place.cut(u, some), place.cut(v, some), where, f.rows(some))
    place.paste(albedo, part, some)


def _paint_front(albedo, towards, light, window, hair, u, v, f, g):
    """Give the front of the head its relief, colors and brows; albedo and `towards` in place."""
    face = Surface(window.cut(u), window.cut(v))
    right, down = head.slope(head.relief(face, f, g), g.pixel)
    turned = window.cut(towards)
    turned -= g.light[0] * right + g.light[1] * down
    turned /= root(1 + right * right + down * down)
    turned *= 1 - head.cast_shadows(face, light)
    window.paste(towards, turned)
    part = window.cut(albedo)
    _complexion(part, face, f)
    brows(part, hair, face, f)
    window.paste(albedo, part)


def _lit(albedo, towards, down, point, f):
    """Return the light that skin of some albedo, used up, sends out, (n, 3, h, w)."""
    _, y, z = point
    direct = towards + 0.18
    direct *= 1 / 1.18
    direct.clip(0, 1, out=direct)
    shade = np.subtract(3.2, down, out=down)  # from all around, the sky above
    shade *= 0.24 * f.ambient
    shade += ((1 - f.ambient) * 1.45) * direct
    low = rows_above(y, 0)  # higher up no point lies so far behind as to be under the jaw
    shade[:, low] *= 1 - 0.4 * ramp(3 * (y[:, low] - 0.52 - 0.55 * z[:, low]))
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


def _complexion(albedo, face, f):
    """Redden cheeks and nose, darken hollows, nostrils and lines, in place."""
    u, side = face.u, face.side
    red = np.zeros_like(u)
    face.add(red, 1, (side, 0.36, 0.16), (0.32, 0.15))
    face.add(red, 0.7, (u, 0, 0.12), (0.36, 0.08))
    rows = face.rows(0, 0.65)
    dye(albedo[:, :, rows[1]], (0.05, 0.36, 0.31), red[rows] * (0.15 + f.blush))
    rows = face.rows(-0.65, 0.75)
    dye(albedo[:, :, rows[1]], (0.85, 1.0, 1.1), _hollows(face, f)[rows])


def _hollows(face, f):
    """Return how dark hollows, nostrils and lines are."""
    dark = np.zeros_like(face.u)
    face.add(dark, 0.28, (face.side, 0.25, 0.13), (-0.01, 0.10))
    wide = 0.058 * f.nose_size
    rows = face.rows(0.35, 0.5)  # nostrils, then the edge of the wings
    side, v = face.side[rows], face.v[rows]
    dark[rows] += bell(((side - wide) / 0.038) ** 2 + ((v - 0.413 - 0.25 * side) / 0.02) ** 2)
    face.add(dark, 0.35, (face.side, 2.15 * wide, 0.022), (0.385, 0.05))
    depth = 0.05 + 0.3 * np.maximum(f.smile, 0) + 0.28 * f.age
    rows = face.rows(0.25, 0.73)  # folds from the nose to the corners of the mouth
    side, v = face.side[rows], face.v[rows]
    fold = side - 0.165 - 0.35 * (v - 0.38) - 0.8 * (v - 0.38) ** 2
    dark[rows] += depth * bell((fold / 0.034) ** 2 + ((v - 0.49) / 0.12) ** 2)
    face.add(dark, 0.08 + 0.35 * f.age, (face.side, 0.26, 0.1), (0.125, 0.022))  # bags
    rows = face.rows(-0.64, -0.2)  # lines of older foreheads
    u, v = face.u[rows], face.v[rows]
    lines = ramp(wave((v + 0.36) * 10 + 0.25)) * bell((u / 0.3) ** 2 + ((v + 0.42) / 0.11) ** 2)
    dark[rows] += (0.35 * np.maximum(f.age - 0.35, 0)) * lines
    return dark
