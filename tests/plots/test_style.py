from functools import partial
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb
from scipy import stats

from aelatent import plots
from aelatent.latent import Densities, radius_density
from tests.plots.reading import title
from tests.plots.test_filaments import scan
from tests.plots.test_rates import FACES, NULLS

# Machado, Oliveira & Fernandes (2009), severity 1, on linear RGB
PROTANOPIA = [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
              [-0.003882, -0.048116, 1.051998]]  # fmt: skip
DEUTERANOPIA = [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                [-0.011820, 0.042940, 0.968881]]  # fmt: skip


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
        assert all(np.linalg.norm(a - b) > 20 for a, b in combinations(seen, 2))


Z = np.random.default_rng(0).normal([5, 0], [3, 1], size=(400, 2))
PICTURES = np.zeros((2, 6, 6, 3), np.uint8)
HISTORY = pd.DataFrame({"epoch": [1, 2], "loss": [0.1, 0.05], "val_loss": [0.2, 0.1]})


@pytest.mark.parametrize(
    ("draw", "arguments"),
    [
        (plots.before_after, (PICTURES, PICTURES)),
        (plots.calibration_points, (NULLS,)),
        (plots.correlation_map, (pd.DataFrame(np.eye(2)),)),
        (plots.density_curves, (Densities.of(Z),)),
        (plots.dimension_scan_plot, (scan(),)),
        (plots.face_rates, (FACES,)),
        (plots.film_strip, (PICTURES,)),
        (plots.image_grid, (PICTURES,)),
        (plots.loss_curve, (HISTORY,)),
        (plots.map_scatter, (Z,)),
        (partial(plots.plane, labels=("a", "b")), (Z,)),
        (plots.quantiles, (Z, stats.norm())),
        (plots.radius_curves, ({"z": radius_density(Z)},)),
        (plots.spectrum, ([0.6, 0.4],)),
        (plots.square, (Z, 1)),
    ],
)
def test_a_plot_uses_the_axes_and_the_title_given(draw, arguments):
    figure, ax = plt.subplots()
    assert draw(*arguments, ax=ax, title="few") is ax
    assert plt.get_fignums() == [figure.number]
    assert title(ax).startswith("few")
    figure.canvas.draw()  # warnings are errors
    with pytest.raises(TypeError, match=r"got ndarray.*pass one"):
        draw(*arguments, ax=plt.subplots(2)[1])


@pytest.mark.parametrize("draw", [plots.film_strip, plots.image_grid])
def test_pictures_stand_upright_whatever_the_user_has_set(draw):
    pictures = np.linspace(0, 1, 2 * 8 * 8 * 3).reshape(2, 8, 8, 3)

    def pixels():
        draw(pictures).figure.canvas.draw()
        return np.asarray(plt.gcf().canvas.buffer_rgba())

    usual = pixels()
    with plt.rc_context({"image.origin": "lower"}):
        np.testing.assert_array_equal(pixels(), usual)
