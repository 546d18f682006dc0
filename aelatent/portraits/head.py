"""The head as a surface: a turned ellipsoid with a jaw, its relief, and the light on it."""

from types import SimpleNamespace

import numpy as np

from aelatent.portraits.fields import at_least, bell, ramp, root
from aelatent.portraits.windows import centered, rows_above, rows_below

HALF_WIDTH, HALF_DEPTH = 0.645, 0.84  # of a mean head, in head units
PIVOT = 0.55  # the head leans about the top of the neck, this far below its center
EYES = (0, -0.02, 0.757)  # the middle between the pupils, head frame
EYES_ROW = 0.02  # where it lies in the picture (-1..1): at 0.51 of the height, as in CelebA
_LARGEST = 1.0  # head unit of nearly all heads, in half pictures
_SLACK = 0.01  # of windows, head units
_ARC = -np.cos(np.linspace(0, np.pi, 33, dtype=np.float32))  # heights of points of an outline


def turned(yaw, pitch):
    """Return the matrix from the head to the leaned frame; yaw and pitch are radians."""
    # Rows: right, down, to the viewer.
    sy, cy, sp, cp = np.sin(yaw), np.cos(yaw), np.sin(pitch), np.cos(pitch)
    return [[cy, 0 * cy, sy], [sy * sp, cp, -cy * sp], [-sy * cp, sp, cy * cp]]


def eyes_of(turn):
    """Return where a turned head of unit 1 has its eyes, seen from the front, leaned frame."""
    # Their middle (right, down), their distance relative to that of a head that is not turned, and
    # the angle of the line through them, clockwise, radians.
    right, down = (sum(row[k] * EYES[k] for k in range(3)) for row in turn[:2])
    across, along = turn[0][0], turn[1][0]  # the head's own x axis
    return right, down, np.hypot(across, along), np.arctan2(along, across)


def pose(f, size):
    """Return the geometry of each picture as (n, 1, 1) arrays and pixel coordinates."""
    # As photos are aligned: turned, shrunk and moved by the line through the eyes, so that these
    # lie where `shift_x`, `shift_y`, `scale` and `roll` say, however the head turns. The namespace:
    # `turn` (3 x 3 nested list, head to leaned frame); `unit` (a head unit, the picture in -1..1)
    # and `pixel` (a pixel in head units); `cos, sin` (of the lean); `cx, cy` (head's center) and
    # `column, row` (of the pixels), in -1..1; `body_x, body_y` (upright frame, (n, 1, size) and
    # (n, size, 1)); `light` (towards the light, upright frame) and `leaned_light`.
    g = SimpleNamespace(size=size, turn=turned(np.radians(f.yaw), np.radians(f.pitch)))
    right, down, apart, tilt = eyes_of(g.turn)
    g.unit = f.scale / apart
    g.pixel = 2 / (size * g.unit)
    lean = np.radians(f.roll) - tilt
    g.cos, g.sin = np.cos(lean), np.sin(lean)
    g.cx = 2 * f.shift_x - g.unit * (g.cos * right - g.sin * down)
    g.cy = 2 * f.shift_y - g.unit * (g.sin * right + g.cos * down) + EYES_ROW
    grid = ((np.arange(size, dtype=np.float32) + 0.5) * 2 / size - 1).astype(np.float32)
    g.column, g.row = grid[None, None, :], grid[None, :, None]
    dx, dy = (g.column - g.cx) / g.unit, (g.row - g.cy) / g.unit
    g.body_x, g.body_y = dx + PIVOT * g.sin, dy + PIVOT * (1 - g.cos)
    azimuth, elevation = np.radians(f.light_azimuth), np.radians(f.light_elevation)
    level = np.cos(elevation)
    g.light = (np.sin(azimuth) * level, -np.sin(elevation), np.cos(azimuth) * level)
    right, down, front = g.light
    g.leaned_light = (g.cos * right + g.sin * down, g.cos * down - g.sin * right, front)
    return g


def leaned(g, window):
    """Return x and y of the leaned frame in a window, (n, h, w) each."""
    row, column = window.pixels(g.row.ravel())
    dx, dy = (column - g.cx) / g.unit, (row - g.cy) / g.unit
    return g.cos * dx + g.sin * dy, g.cos * dy - g.sin * dx


def crown(y):
    """Return how much wider than an ellipsoid a skull is at y above the eyes."""
    below = y.clip(-1, 0)
    square = below * below
    below += 1
    square *= below
    square *= 0.6
    square += 1
    return square


def to_head(turn, vector):
    """Turn a vector of the leaned frame (three (n, 1, 1) arrays) into the head frame."""
    return [sum(turn[i][k] * vector[i] for i in range(3)) for k in range(3)]


def window_at(g, point, height, width):
    """Return a window around a point of the head, large enough for the largest head."""
    # `point` is in the head frame, numbers or (n, 1, 1); height and width are in head units.
    right, down = (sum(row[k] * point[k] for k in range(3)) for row in g.turn[:2])
    column = g.cx + g.unit * (g.cos * right - g.sin * down)
    row = g.cy + g.unit * (g.cos * down + g.sin * right)
    half = g.size / 2
    shape = [int(side * _LARGEST * half) + 2 for side in (height, width)]
    return centered((row + 1) * half, (column + 1) * half, shape, g.size)


def shell_extent(g, axes, edge, lift=0.0, lowest=np.inf, bend=None):
    """Return a rectangle, as `cover` takes it, around what is painted of an ellipsoid of `cast`."""
    # It is painted where `inside` of `cast` is above -`edge`, and down to y = `lowest` of the
    # leaned frame from its center, which lies by `lift` above the head's. Where it is bent, `bend`
    # tells for y the factor and the offset of x; else it is widened as a skull is.
    xx, xy, yy = (  # the outline: x and y as those of a normal distribution's contour
        sum(g.turn[i][k] * g.turn[j][k] * axes[k] ** 2 for k in range(3)) * (1 + edge)
        for i, j in ((0, 0), (0, 1), (1, 1))
    )
    share = np.minimum(_ARC, lowest / np.sqrt(yy))
    reach = np.sqrt(np.maximum((xx - xy * xy / yy) * (1 - share * share), 0))
    y = share * np.sqrt(yy)
    factor, offset = (crown(y), 0) if bend is None else bend(y)
    left, right = ((xy / yy * y + half) * factor + offset for half in (-reach, reach))
    y -= lift
    across = np.concatenate([g.cos * left - g.sin * y, g.cos * right - g.sin * y], -1)
    along = np.concatenate([g.cos * y + g.sin * left, g.cos * y + g.sin * right], -1)
    (x, half_width), (y, half_height) = map(_middle, (across, along))
    return x, y, half_width, half_height


def _middle(values):
    """Return the middle of a range of values and half its length, with some slack."""
    low, high = values.min(-1, keepdims=True), values.max(-1, keepdims=True)
    return (low + high) / 2, (high - low) / 2 + _SLACK


def upright(g, x, y, half_width, half_height):
    """Return the rectangle, as `cover` takes it, around a rectangle of the leaned frame."""
    sine = np.abs(g.sin)
    across, along = g.cos * half_width + sine * half_height, g.cos * half_height + sine * half_width
    return g.cos * x - g.sin * y, g.cos * y + g.sin * x, across, along


def cast(turn, x, y, axes):
    """Look at an ellipsoid along z: find where each pixel's ray hits it."""
    # `x`, `y` (n, h, w) are leaned coordinates from the ellipsoid's center, `axes` its half axes.
    # `inside` is 1 at the center of the outline, 0 on it, negative outside, (n, h, w); the point
    # hit is in the head frame, three (n, h, w); beyond the outline it is a point near it.
    (a, _, b), (c, d, e), (g, h, i) = turn
    inverse = [1 / (axis * axis) for axis in axes]
    q0, q1, q2 = ([turn[i][k] for k in range(3)] for i in range(3))
    dot = lambda p, q: sum(p[k] * q[k] * inverse[k] for k in range(3))  # noqa: E731
    depth, slope_x, slope_y = dot(q2, q2), dot(q0, q2), dot(q1, q2)
    xx = dot(q0, q0) - slope_x**2 / depth
    xy = 2 * (dot(q0, q1) - slope_x * slope_y / depth)
    yy = dot(q1, q1) - slope_y**2 / depth
    inside = xx * x
    inside += xy * y
    inside *= x
    inside += yy * (y * y)
    np.subtract(1, inside, out=inside)
    z = at_least(inside, 0)
    z /= depth
    root(z)
    z -= (slope_x / depth) * x
    z -= (slope_y / depth) * y
    return inside, (a * x + c * y + g * z, d * y + h * z, b * x + e * y + i * z)


def outline(inside, pixel, softness=1.0):
    """Turn `inside` of `cast` into a mask (0..1) whose edge is about `softness` pixels wide."""
    return ramp(inside * (0.36 / (pixel * softness)) + 0.5)


def facing(point, axes, direction):
    """Return cosines between an ellipsoid's normals and a direction, and the head's y axis."""
    # `point` lies on the ellipsoid of half axes `axes`; `direction` has length 1, three (n, 1, 1);
    # all in the head frame.
    right, down, ahead = (p * (1 / (axis * axis)) for p, axis in zip(point, axes, strict=True))
    towards = right * direction[0]
    towards += down * direction[1]
    towards += ahead * direction[2]
    right *= right
    ahead *= ahead
    right += ahead
    right += down * down
    right += 1e-6
    length = root(right)
    towards /= length
    down /= length
    return towards, down


def skull_axes(f):
    """Return the half axes of the head's ellipsoid."""
    return HALF_WIDTH * f.face_width, np.float32(1), np.float32(HALF_DEPTH)


def skull_extent(f, g):
    """Return a rectangle around the head, as `cover` takes it."""

    def bend(y):
        width, shift = _narrowed(y, f, g)
        return crown(y) * width, shift

    return shell_extent(g, skull_axes(f), 1.4 * g.pixel, bend=bend)


def _narrowed(y, f, g):
    """Return how wide the head is below the eyes, against an ellipsoid, and its shift."""
    # It is narrower towards the chin, wider at the jaw, and the lower face comes before the neck
    # when the head turns.
    sine = g.turn[0][2]
    low = y.clip(0, 1)
    square = low * low
    bend = square * (1 - low)  # largest at two thirds of the way to the chin
    width = 1 - 0.10 * low + (1.1 * f.jaw - 0.9 * np.abs(sine)) * bend
    return width, (0.3 * sine) * square


def skull(f, g, window):
    """Cast the head: return its mask and the points hit, in a window."""
    x, y = leaned(g, window)
    low, high = rows_above(y, 0), rows_below(y, 0)
    width, shift = _narrowed(y[:, low], f, g)
    x[:, low] -= shift
    x[:, low] /= width
    x[:, high] /= crown(y[:, high])
    inside, point = cast(g.turn, x, y, skull_axes(f))
    return outline(inside, g.pixel), point


def relief(face, f, g):
    """Return the height (head units) of the face's parts above the ellipsoid."""
    u, side = face.u, face.side  # of a `Surface`, (n, h, w)
    smile = np.maximum(f.smile, 0)
    h = np.zeros_like(u)
    face.add(h, 0.030, (side, 0.26, 0.19), (-0.20, 0.075))  # brow
    face.add(h, -0.055, (side, 0.275, 0.13), (0.01, 0.10))  # eye socket
    face.add(h, 0.035 + 0.03 * smile, (side, 0.37, 0.15), (0.30 - 0.06 * smile, 0.14))  # cheek
    face.add(h, 0.045, (u, 0, 0.25), (0.58, 0.17))  # teeth behind the lips
    face.add(h, 0.05 + 0.02 * f.jaw, (u, 0, 0.17), (0.90, 0.11))  # chin
    face.add(h, -0.022, (u, 0, 0.17), (0.765, 0.045))  # fold below the lip
    face.add(h, -0.02, (u, 0, 0.035), (0.47, 0.06))  # groove below the nose
    _add_nose(h, face, f, g)
    return h


def _add_nose(h, face, f, g):
    """Add the nose, leaning in the picture as a nose of that height must, in place."""
    rows = face.rows(-0.14, 0.48)
    u, v = face.u[rows], face.v[rows]
    rise = ramp((v + 0.14) / 0.52)
    ridge = (0.235 * f.nose_size) * (rise * (0.35 + 0.65 * rise)) * ramp((0.45 - v) / 0.085)
    away = g.turn[0][2] / g.turn[2][2]  # tangent of the yaw
    middle = np.clip(away, -0.7, 0.7) * ridge
    width = (0.048 + 0.062 * rise * rise) * f.nose_size
    h[rows] += ridge * bell(((u - middle) / width) ** 2)
    wing = np.abs(u - 0.6 * middle) - 0.088 * f.nose_size
    h[rows] += 0.055 * bell((wing / 0.04) ** 2 + ((v - 0.375) / 0.05) ** 2)


def slope(height, pixel):
    """Return the slope of a relief along rows and columns of the picture (0 at the border)."""
    down, right = np.zeros_like(height), np.zeros_like(height)
    np.subtract(height[:, 2:], height[:, :-2], out=down[:, 1:-1])
    np.subtract(height[:, :, 2:], height[:, :, :-2], out=right[:, :, 1:-1])
    down *= 0.5 / pixel
    right *= 0.5 / pixel
    return right, down


def cast_shadows(face, light):
    """Return the share of direct light that brows, nose and lips keep away."""
    right, down, _ = light  # in the head frame
    high = np.maximum(-down, 0)
    u, side = face.u, face.side
    dark = np.zeros_like(u)
    face.add(dark, 0.6 * high, (side, 0.25, 0.13), (-0.03, 0.075))
    face.add(dark, 0.5 * high + 0.05, (u, -0.16 * right, 0.13), (0.47 + 0.04 * high, 0.055))
    face.add(dark, 0.7 * np.abs(right), (u, -0.17 * right, 0.09), (0.3, 0.15))
    face.add(dark, 0.4 * high, (u, 0, 0.16), (0.76, 0.05))
    return dark.clip(0, 0.9, out=dark)
