from functools import partial
from itertools import combinations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb
from scipy import stats

from aelatent import plots
from aelatent.latent import Densities, radius_density
from aelatent.plots.style import contrast, drawn
from tests.plots.drawers import DRAWERS
from tests.plots.reading import meaning, shown, title
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


def test_every_plot_is_among_those_tried():
    assert {name for name in plots.__all__ if name.islower()} - {"data_of"} <= {
        n.split(",")[0] for n in DRAWERS
    }


@pytest.mark.parametrize("name", DRAWERS)
def test_words_and_marks_stand_out_on_any_ground(name):
    for look in ("dark_background", "Solarize_Light2"):
        with plt.style.context(look):
            figure = np.ravel(DRAWERS[name]())[0].figure
        for what, ground, colors, least in shown(figure):
            assert max(contrast(color, ground) for color in colors) > least, (look, what, colors)


UNFRIENDLY = {
    "agg.path.chunksize": 9, "axes.autolimit_mode": "round_numbers",
    "axes.formatter.limits": (0, 0), "axes.formatter.min_exponent": 9,
    "axes.formatter.offset_threshold": 1,
    "axes.formatter.use_mathtext": True, "axes.prop_cycle": mpl.cycler(ls=[":"]),
    "axes.spines.left": False, "axes.titlelocation": "right", "axes.unicode_minus": False,
    "axes.xmargin": 3, "axes.ymargin": -0.2, "errorbar.capsize": 30, "figure.autolayout": True,
    "hatch.linewidth": 9, "image.aspect": "auto", "image.cmap": "gray", "image.lut": 2,
    "image.interpolation": "gaussian", "image.origin": "lower", "image.resample": False,
    "legend.loc": "center", "legend.labelcolor": "w", "legend.markerscale": 0,
    "legend.numpoints": 9,
    "lines.linestyle": "", "lines.linewidth": 0, "lines.marker": "x", "lines.markersize": 0,
    "lines.markerfacecolor": "w", "lines.markeredgewidth": 0, "markers.fillstyle": "none",
    "lines.scale_dashes": False, "patch.edgecolor": "r", "patch.force_edgecolor": True,
    "patch.linewidth": 9, "path.simplify_threshold": 1, "scatter.marker": "x",
    "scatter.edgecolors": "r", "text.antialiased": False, "xaxis.labellocation": "left",
    "xtick.bottom": False, "xtick.labelbottom": False, "xtick.labeltop": True,
    "xtick.labelsize": 0.1, "xtick.minor.visible": True, "ytick.labelleft": False,
    "ytick.left": False, "ytick.minor.ndivs": 3, "axes.labelsize": 0.1, "axes.titlesize": 0.1,
    "axes.grid.axis": "x", "figure.constrained_layout.use": False, "figure.titlesize": 0.1,
}  # fmt: skip


@pytest.mark.parametrize("name", DRAWERS)
def test_what_a_figure_means_is_not_the_users_to_set(name):
    usual = meaning(DRAWERS[name]())
    with plt.rc_context(UNFRIENDLY):
        found = meaning(DRAWERS[name]())
    assert found == usual


def test_what_drawing_itself_sets_stays_and_all_else_is_put_back():
    """The first figure of a kernel switches its backend, which makes notebooks interactive."""

    @drawn
    def fails():
        mpl.rcParams["interactive"] = not before
        raise RuntimeError("on purpose")

    before = mpl.rcParams["interactive"]
    with mpl.rc_context({"lines.linewidth": 0.0}):
        with pytest.raises(RuntimeError, match="on purpose"):
            fails()
        assert mpl.rcParams["interactive"] is not before
        assert mpl.rcParams["lines.linewidth"] == 0.0
