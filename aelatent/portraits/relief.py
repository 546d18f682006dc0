"""The relief of the face: what rises above the ellipsoid of the head, and its shadows."""

import numpy as np

from aelatent.portraits.painting import bell, ramp


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
    scale = 0.5 / pixel
    np.subtract(height[:, 2:], height[:, :-2], out=down[:, 1:-1])
    np.subtract(height[:, :, 2:], height[:, :, :-2], out=right[:, :, 1:-1])
    down *= scale
    right *= scale
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
