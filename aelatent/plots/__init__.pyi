from .correlations import correlation_map
from .densities import density_curves, radius_curves
from .filaments import dimension_scan_plot, envelope_grid
from .loss import loss_curve
from .maps import lineup_panels, map_pair, map_scatter
from .paths import path_figure, plane_grid
from .planes import plane, square, zoom_sequence
from .principal import quantiles, spectrum
from .rates import calibration_points, power_curves
from .scored import scored_strip
from .strips import before_after, film_strip, image_grid
from .style import CENTER, ORIGIN, PATH, Z_POINTS

__all__ = [
    "CENTER",
    "ORIGIN",
    "PATH",
    "Z_POINTS",
    "before_after",
    "calibration_points",
    "correlation_map",
    "density_curves",
    "dimension_scan_plot",
    "envelope_grid",
    "film_strip",
    "image_grid",
    "lineup_panels",
    "loss_curve",
    "map_pair",
    "map_scatter",
    "path_figure",
    "plane",
    "plane_grid",
    "power_curves",
    "quantiles",
    "radius_curves",
    "scored_strip",
    "spectrum",
    "square",
    "zoom_sequence",
]
