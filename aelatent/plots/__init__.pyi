from .correlations import correlation_map as correlation_map, pair_panels as pair_panels
from .densities import density_curves as density_curves, radius_curves as radius_curves
from .filaments import (
    dimension_scan_plot as dimension_scan_plot,
    envelope_grid as envelope_grid,
    known_curves as known_curves,
    wider_scales as wider_scales,
)
from .loss import loss_curve as loss_curve
from .maps import (
    lineup_panels as lineup_panels,
    map_panels as map_panels,
    map_scatter as map_scatter,
)
from .paths import path_figure as path_figure, plane_grid as plane_grid
from .planes import plane as plane, square as square, zoom_sequence as zoom_sequence
from .principal import (
    added_d2 as added_d2,
    axis_changes as axis_changes,
    axis_densities as axis_densities,
    quantiles as quantiles,
    spectrum as spectrum,
    thin_sheet as thin_sheet,
)
from .rates import (
    calibration_points as calibration_points,
    error_panels as error_panels,
    face_rates as face_rates,
    part_changes as part_changes,
)
from .readout import data_of as data_of
from .scored import scored_strips as scored_strips
from .strips import before_after as before_after, film_strip as film_strip, image_grid as image_grid
from .style import CENTER as CENTER, ORIGIN as ORIGIN, PATH as PATH, Z_POINTS as Z_POINTS
from .warmup import decoded_grid as decoded_grid, factor_panels as factor_panels
