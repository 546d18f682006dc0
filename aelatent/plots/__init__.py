"""Plots: arrays first, options by keyword, Axes in and out; nothing is shown by itself.

Explained only here: `title` stands above a plot (default: n and what is drawn, or nothing), and
`ax`, a matplotlib Axes, is where to draw (default: a new figure). The names load on first use.
"""

from aelatent._lazy import attach as _attach

_HOME = {
    "before_after": "aelatent.plots.strips",
    "film_strip": "aelatent.plots.strips",
    "image_grid": "aelatent.plots.strips",
    "CENTER": "aelatent.plots.style",
    "ORIGIN": "aelatent.plots.style",
    "PATH": "aelatent.plots.style",
    "SURROGATE": "aelatent.plots.style",
    "Z_POINTS": "aelatent.plots.style",
    "loss_curve": "aelatent.plots.loss",
    "component_density": "aelatent.plots.densities",
    "density_curves": "aelatent.plots.densities",
    "path_figure": "aelatent.plots.paths",
    "plane": "aelatent.plots.planes",
    "plane_grid": "aelatent.plots.paths",
    "scored_strip": "aelatent.plots.scored",
    "radius_curves": "aelatent.plots.radius",
    "correlation_map": "aelatent.plots.principal",
    "quantiles": "aelatent.plots.principal",
    "spectrum": "aelatent.plots.principal",
    "map_scatter": "aelatent.plots.maps",
    "map_pair": "aelatent.plots.maps",
    "lineup_panels": "aelatent.plots.maps",
    "envelope_curves": "aelatent.plots.filaments",
    "envelope_grid": "aelatent.plots.filaments",
    "power_curves": "aelatent.plots.rates",
    "calibration_points": "aelatent.plots.rates",
    "dimension_scan_plot": "aelatent.plots.filaments",
    "zoom_sequence": "aelatent.plots.zooms",
    "square": "aelatent.plots.zooms",
}
__all__ = list(_HOME)
__getattr__, __dir__ = _attach(__name__, _HOME)
