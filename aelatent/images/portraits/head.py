"""The head as a surface: a turned ellipsoid with a jaw, its relief, and the light on it.

Lengths are in head units: half the height from crown to chin. In the *head frame* x runs to the
picture's right (for a head seen from the front), y down, z from the center to the nose; eyes are
at y = 0, the chin at y = 1. The *leaned frame* (X, Y) is the picture's, turned by the roll.
"""

from types import SimpleNamespace

import numpy as np

from .fields import Window, bell, ramp

HALF_WIDTH, HALF_DEPTH = 0.645, 0.84  # of a mean head, in head units
_LARGEST = 1.0  # head unit of nearly all heads, in half pictures
_PIVOT = 0.55  # the head leans about the top of the neck, this far below its center
EYES = (0, -0.02, 0.757)  # the middle between the pupils, head frame
EYES_ROW = 0.02  # where it lies in the picture (-1..1): at 0.51 of the height, as in CelebA


def turned(yaw, pitch):
    """Return the matrix from the head to the leaned frame: rows right, down, to the viewer.

    `yaw` and `pitch` are radians; numbers or arrays.
    """
    sy, cy, sp, cp = np.sin(yaw), np.cos(yaw), np.sin(pitch), np.cos(pitch)
    return [[cy, 0 * cy, sy], [sy * sp, cp, -cy * sp], [-sy * cp, sp, cy * cp]]


def eyes_of(turn):
    """Return where a turned head of unit 1 has its eyes, seen from the front, leaned frame.

    Returns
    -------
    right, down
        Their middle.
    apart
        Their distance, relative to that of a head that is not turned.
    tilt
        Angle of the line through them, clockwise, radians.
    """
    right, down = (sum(row[k] * EYES[k] for k in range(3)) for row in turn[:2])
    across, along = turn[0][0], turn[1][0]  # the head's own x axis
    return right, down, np.hypot(across, along), np.arctan2(along, across)


def pose(f, size):
    """Return the geometry of each picture as (n, 1, 1) arrays and pixel coordinates.

    As photos are aligned: turned, shrunk and moved by the line through the eyes, so that these
    lie where ``shift_x``, ``shift_y``, ``scale`` and ``roll`` say, however the head turns.

    Parameters
    ----------
    f : Columns
        Factors, each (n, 1, 1) float32.
    size : int
        Side of the pictures in pixels.

    Returns
    -------
    types.SimpleNamespace
        ``cx, cy`` (head's center, picture in -1..1), ``unit`` (a head unit in that measure),
        ``pixel`` (a pixel in head units), ``turn`` (3 x 3 nested list, head to leaned frame),
        ``x, y`` (leaned frame, (n, size, size)), ``crown`` (how much wider than an ellipsoid a
        skull is at y above the eyes), ``body_x, body_y`` (upright frame),
        ``light`` (towards the light, upright frame), ``leaned_light``.
    """
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
    g.x, g.y = g.cos * dx + g.sin * dy, g.cos * dy - g.sin * dx
    high = np.clip(-g.y, 0, 1)
    g.crown = 1 + 0.6 * (high * high * (1 - high))
    g.body_x, g.body_y = dx + _PIVOT * g.sin, dy + _PIVOT * (1 - g.cos)
    azimuth, elevation = np.radians(f.light_azimuth), np.radians(f.light_elevation)
    level = np.cos(elevation)
    g.light = (np.sin(azimuth) * level, -np.sin(elevation), np.cos(azimuth) * level)
    right, down, front = g.light
    g.leaned_light = (g.cos * right + g.sin * down, g.cos * down - g.sin * right, front)
    return g


def to_head(turn, vector):
    """Turn a vector of the leaned frame (three (n, 1, 1) arrays) into the head frame."""
    return [sum(turn[i][k] * vector[i] for i in range(3)) for k in range(3)]


def window_at(g, point, height, width):
    """Return a window around a point of the head, large enough for the largest head.

    Parameters
    ----------
    point : tuple
        In the head frame, numbers or (n, 1, 1).
    height, width : float
        In head units.
    """
    right, down = (sum(row[k] * point[k] for k in range(3)) for row in g.turn[:2])
    column = g.cx + g.unit * (g.cos * right - g.sin * down)
    row = g.cy + g.unit * (g.cos * down + g.sin * right)
    half = g.size / 2
    height, width = (int(side * _LARGEST * half) + 2 for side in (height, width))
    return Window((row + 1) * half, (column + 1) * half, height, width, g.size)


def cast(turn, x, y, axes):
    """Look at an ellipsoid along z: find where each pixel's ray hits it.

    Parameters
    ----------
    turn : list
        Head to leaned frame.
    x, y : numpy.ndarray
        Leaned coordinates of the pixels relative to the ellipsoid's center, (n, h, w).
    axes : tuple
        Half axes, numbers or (n, 1, 1).

    Returns
    -------
    inside : numpy.ndarray
        1 at the center of the outline, 0 on it, negative outside, (n, h, w).
    point : tuple of numpy.ndarray
        The point hit, in the head frame; beyond the outline a point near it.
    """
    (a, _, b), (c, d, e), _ = turn
    inverse = [1 / (axis * axis) for axis in axes]
    q0, q1, q2 = ([turn[i][k] for k in range(3)] for i in range(3))
    dot = lambda p, q: sum(p[k] * q[k] * inverse[k] for k in range(3))  # noqa: E731
    depth, slope_x, slope_y = dot(q2, q2), dot(q0, q2), dot(q1, q2)
    xx = dot(q0, q0) - slope_x**2 / depth
    xy = 2 * (dot(q0, q1) - slope_x * slope_y / depth)
    yy = dot(q1, q1) - slope_y**2 / depth
    inside = 1 - (x * (xx * x + xy * y) + yy * (y * y))
    z = np.sqrt(np.maximum(inside, 0) / depth)
    z -= (slope_x / depth) * x
    z -= (slope_y / depth) * y
    _, (_, _, _), (g, h, i) = turn
    return inside, (a * x + c * y + g * z, d * y + h * z, b * x + e * y + i * z)


def outline(inside, pixel, softness=1.0):
    """Turn `inside` of `cast` into a mask (0..1) whose edge is about `softness` pixels wide."""
    return ramp(inside * (0.36 / (pixel * softness)) + 0.5)


def facing(point, axes, direction):
    """Return cosines between the normals of an ellipsoid and two directions.

    Parameters
    ----------
    point : tuple of numpy.ndarray
        Points of the ellipsoid in the head frame.
    axes : tuple
        Its half axes.
    direction : list
        In the head frame, length 1, three (n, 1, 1) arrays.

    Returns
    -------
    towards, down : numpy.ndarray
        With `direction`, and with the head's y axis.
    """
    right, down, ahead = (p * (1 / (axis * axis)) for p, axis in zip(point, axes, strict=True))
    towards = right * direction[0]
    towards += down * direction[1]
    towards += ahead * direction[2]
    right *= right
    ahead *= ahead
    right += ahead
    right += down * down
    right += 1e-6
    length = np.sqrt(right, out=right)
    towards /= length
    down /= length
    return towards, down


def skull(f, g):
    """Cast the head: return its mask, the points hit and the axes.

    The ellipsoid is bent into a head in the picture: narrower towards the chin, wider at the
    jaw, the lower face before the neck when the head turns.
    """
    sine = g.turn[0][2]
    low = np.clip(g.y, 0, 1)
    square = low * low
    bend = square * (1 - low)  # largest at two thirds of the way to the chin
    width = 1 - 0.10 * low + (1.1 * f.jaw - 0.9 * np.abs(sine)) * bend
    x = (g.x - (0.3 * sine) * square) / width
    axes = (HALF_WIDTH * f.face_width, np.float32(1), np.float32(HALF_DEPTH))
    inside, point = cast(g.turn, x / g.crown, g.y, axes)
    return outline(inside, g.pixel), point, axes


def relief(u, v, f, g):
    """Return the height (head units) of brows, nose, cheeks, lips and chin above the ellipsoid.

    Parameters
    ----------
    u, v : numpy.ndarray
        x and y in the head frame, (n, h, w).
    """
    side = np.abs(u)
    smile = np.maximum(f.smile, 0)
    h = 0.030 * bell(((side - 0.26) / 0.19) ** 2 + ((v + 0.20) / 0.075) ** 2)  # brow
    h -= 0.055 * bell(((side - 0.275) / 0.13) ** 2 + ((v - 0.01) / 0.10) ** 2)  # eye socket
    rise = 0.035 + 0.03 * smile
    h += rise * bell(((side - 0.37) / 0.15) ** 2 + ((v - 0.30 + 0.06 * smile) / 0.14) ** 2)
    h += 0.045 * bell((u / 0.25) ** 2 + ((v - 0.58) / 0.17) ** 2)  # teeth behind the lips
    h += (0.05 + 0.02 * f.jaw) * bell((u / 0.17) ** 2 + ((v - 0.90) / 0.11) ** 2)  # chin
    h -= 0.022 * bell((u / 0.17) ** 2 + ((v - 0.765) / 0.045) ** 2)  # fold below the lip
    h -= 0.02 * bell((u / 0.035) ** 2 + ((v - 0.47) / 0.06) ** 2)  # groove below the nose
    h += nose(u, v, f, g)
    return h


def nose(u, v, f, g):
    """Return the height of the nose, leaning in the picture as a nose of that height must."""
    rise = ramp((v + 0.14) / 0.52)
    ridge = (0.235 * f.nose_size) * (rise * (0.35 + 0.65 * rise)) * ramp((0.45 - v) / 0.085)
    away = g.turn[0][2] / g.turn[2][2]  # tangent of the yaw
    middle = np.clip(away, -0.7, 0.7) * ridge
    width = (0.048 + 0.062 * rise * rise) * f.nose_size
    h = ridge * bell(((u - middle) / width) ** 2)
    wing = np.abs(u - 0.6 * middle) - 0.088 * f.nose_size
    h += 0.055 * bell((wing / 0.04) ** 2 + ((v - 0.375) / 0.05) ** 2)
    return h


def slope(height, pixel):
    """Return the slope of a relief along rows and columns of the picture (0 at the border)."""
    down, right = np.zeros_like(height), np.zeros_like(height)
    scale = 0.5 / pixel
    np.subtract(height[:, 2:], height[:, :-2], out=down[:, 1:-1])
    np.subtract(height[:, :, 2:], height[:, :, :-2], out=right[:, :, 1:-1])
    down *= scale
    right *= scale
    return right, down
