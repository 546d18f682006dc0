import numpy as np
from matplotlib.colors import to_rgb

from aelatent import plots

# Machado, Oliveira & Fernandes (2009), severity 1, on linear RGB
PROTANOPIA = [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
]
DEUTERANOPIA = [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.011820, 0.042940, 0.968881],
]


def lab(linear):
    """CIE L*a*b* (D65) of linear RGB."""
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = to_xyz @ np.clip(linear, 0, 1) / [0.95047, 1, 1.08883]
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_kinds_of_points_stay_apart_for_color_blind_readers():
    colors = np.array([to_rgb(c) for c in (plots.Z_POINTS, plots.ORIGIN, plots.CENTER, plots.PATH)])
    linear = np.where(colors <= 0.04045, colors / 12.92, ((colors + 0.055) / 1.055) ** 2.4)
    for seen_as in (np.eye(3), PROTANOPIA, DEUTERANOPIA):
        seen = [lab(np.array(seen_as) @ color) for color in linear]
        for i in range(4):
            for j in range(i):
                assert np.linalg.norm(seen[i] - seen[j]) > 20
