"""What is painted on the skin: brows, eyes, mouth and beard."""

# All functions paint in place on an albedo (n, 3, h, w); `u` and `v` are x and y in the head frame
# of its pixels, (n, h, w), or both are in `face`, a `Surface`.

import numpy as np

from aelatent.portraits.hair import strands
from aelatent.portraits.painting import at_least, bell, dye, mixed, over, ramp, smooth, srgb

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
    spot = (off - 0.085 * f.gaze - 0.022 * right) ** 2
    spot = spot + (level + 0.02 - 0.022 * np.minimum(down, 0)) ** 2
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
    iris = iris_color(f) * (0.55 + 9 * radius)[:, None]
    over(ball, iris, ramp((0.072 - radius) / g.pixel + 0.5))
    over(ball, srgb(25, 20, 18), 0.6 * bell(((radius - 0.070) / 0.013) ** 2))
    over(ball, srgb(8, 7, 7), ramp((0.029 - radius) / g.pixel + 0.5))
    return ball


def iris_color(f):
    """Return the color of the iris as light, (n, 3, 1, 1)."""
    share = f.iris[:, None]
    brown, green, blue = srgb(84, 50, 28), srgb(104, 110, 74), srgb(110, 150, 190)
    first = mixed(brown, green, np.minimum(2 * share, 1))
    return mixed(first, blue, np.maximum(2 * share - 1, 0))


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
    full *= where
    shadow = np.maximum(growth, lip) * (0.42 * f.stubble)
    shadow *= where
    over(albedo, 0.35 * hair, shadow * (0.8 + 0.3 * lines))
    over(albedo, (0.5 + 0.25 * lines)[:, None] * hair, full)
