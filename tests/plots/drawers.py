"""Every plot with small made-up data, by its name."""

import numpy as np
import pandas as pd
from scipy import stats

from aelatent import plots
from aelatent.latent import Densities, PrincipalAxes, radius_density
from aelatent.latent.planes import Plane
from aelatent.model.config import ModelConfig
from aelatent.plots import drawings, loss, strips
from tests.plots.test_filaments import GRID, scan
from tests.plots.test_rates import FACES, NULLS

RNG = np.random.default_rng(0)
Z = RNG.normal([5, 0, -3, 1], [3, 1, 1, 0.5], size=(300, 4))
XY = Z[:, :2]
AXES = PrincipalAxes.fit(Z)
WAY = np.linspace(np.zeros(4), Z.mean(axis=0), 4)
PICTURES = RNG.random((4, 6, 6, 3))
SCORES = pd.DataFrame({"d2": [9.0, 4.0, 1.0, 0.0], "face": [True, False, True, True]})
RING = {"core": np.array([[0.0, 0.0], [9.0, 0.0], [0.0, 2.0]])}
HISTORY = pd.DataFrame({"epoch": [1, 2], "loss": [0.1, 0.05], "val_loss": [0.2, 0.1]})
KINDS = np.arange(len(Z)) % 8
KNOWN = pd.DataFrame({"curves": [20, 300], "effect": [0.2, 0.01], "band_high": 0.0, "n": 900})
FULL = pd.DataFrame({"cloud": ["z-points", "all on 20 curves"], "ratio": [0.9, 0.1], "n": 800})
OWN = pd.Series({"effect": -0.002, "band_low": -0.003, "band_high": 0.004})
WIDER = pd.DataFrame({"cloud": ["z-points", "elliptical"] * 2, "plane": "a", "scale": [1, 1, 2, 2],
                      "effect": 0.1, "band_low": -0.1, "band_high": 0.2})  # fmt: skip
BOARD = pd.DataFrame({"faces": [0.9, 0.8], "faces error": 0.1}, ["originals", "normal"])
PARTS = {x: pd.DataFrame({"face": [1.0, 2.0], "hair": [2.0, 5.0 * x]}) for x in (1, 8)}


def decode(z):
    return np.zeros((len(z), 4, 4, 3), np.float32)


DRAWERS = {
    "added_d2": lambda: plots.added_d2({"a": pd.DataFrame({"sd": [1, 2], "d2": [3, 4]})}, 9),
    "axis_changes": lambda: plots.axis_changes([1, 2], [1, 3]),
    "axis_densities": lambda: plots.axis_densities(AXES, Z),
    "before_after": lambda: plots.before_after(PICTURES, PICTURES),
    "calibration_points": lambda: plots.calibration_points(NULLS),
    "correlation_map": lambda: plots.correlation_map(pd.DataFrame(np.corrcoef(Z.T))),
    "decoded_grid": lambda: plots.decoded_grid(decode, XY),
    "density_curves": lambda: plots.density_curves(Densities.of(np.tile(Z, 3)), mark=range(10)),
    "dimension_scan_plot": lambda: plots.dimension_scan_plot(scan()),
    "envelope_grid": lambda: plots.envelope_grid(GRID, "n = 9"),
    "error_panels": lambda: plots.error_panels(BOARD, {"faces": "rate"}, marked=["originals"]),
    "face_rates": lambda: plots.face_rates(FACES),
    "factor_panels": lambda: plots.factor_panels(XY, pd.DataFrame({"yaw": Z[:, 0]})),
    "film_strip": lambda: plots.film_strip(PICTURES, labels="abcd", title="four"),
    "image_grid": lambda: plots.image_grid(PICTURES, columns=2, heads="ab"),
    "known_curves": lambda: plots.known_curves(KNOWN, FULL, OWN),
    "lineup_panels": lambda: plots.lineup_panels([XY, XY]),
    "loss_curve": lambda: plots.loss_curve(HISTORY),
    "map_panels": lambda: plots.map_panels({"z-points": XY, "a Gaussian": XY}),
    "map_panels, ranks": lambda: plots.map_panels({"a": XY}, ranks={"a": KINDS / 8}),
    "map_scatter": lambda: plots.map_scatter(XY, path=WAY[:, :2]),
    "map_scatter, kinds": lambda: plots.map_scatter(XY, color=[None, *KINDS[1:].astype(str)]),
    "map_scatter, numbers": lambda: plots.map_scatter(XY, color=[np.nan, *Z[1:, 2]]),
    "pair_panels": lambda: plots.pair_panels(Z, 0, 1),
    "part_changes": lambda: plots.part_changes(PARTS),
    "path_figure": lambda: plots.path_figure(
        Z, Plane.components(4, 0, 2), WAY, PICTURES, SCORES, border=3, curves=RING
    ),
    "plane": lambda: plots.plane(
        XY, labels=("a", "b"), others={"c": XY}, curves=RING, center=(5, 0)
    ),
    "plane_grid": lambda: plots.plane_grid(Z, [Plane.components(4, 0, 2)], path=WAY),
    "quantiles": lambda: plots.quantiles(XY, stats.norm(), others={"a": Z[:, 0], "b": Z[:, 2]}),
    "radius_curves": lambda: plots.radius_curves(
        {name: radius_density(Z) for name in "abcd"}, laws={"chi": stats.chi(4)}
    ),
    "scored_strips": lambda: plots.scored_strips(
        {"a": (PICTURES, SCORES)}, border=3, labels="abcd"
    ),
    "spectrum": lambda: plots.spectrum([0.6, 0.4], others={"a": [0.5, 0.5], "b": [0.7, 0.3]}),
    "square": lambda: plots.square(XY, 4, mark=2),
    "thin_sheet": lambda: plots.thin_sheet(AXES, Z, {"random": Z[::2]}),
    "wider_scales": lambda: plots.wider_scales(WIDER),
    "zoom_sequence": lambda: plots.zoom_sequence(XY, XY, [4, 2], labels=("a", "b")),
    "error_maps": lambda: loss.error_maps(PICTURES, PICTURES[::-1], title="few"),
    "hourglass": lambda: drawings.hourglass(ModelConfig(size=32, filters=(8, 16), z_dim=8)),
    "parts_strip": lambda: strips.parts_strip(np.ones((2, 6, 6, 8)) / 8, list("abcdefgh")),
    "shadow_and_slice": drawings.shadow_and_slice,
    "sheet": drawings.sheet,
    "torn_sheet": drawings.torn_sheet,
}  # fmt: skip
