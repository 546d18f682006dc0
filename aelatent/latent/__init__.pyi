from .attributes import AttributeSteps as AttributeSteps
from .components import (
    Densities as Densities,
    describe_components as describe_components,
    dominant_components as dominant_components,
)
from .conditions import (
    CONDITIONS as CONDITIONS,
    credits as credits,
    standard_errors as standard_errors,
)
from .core import (
    core_border as core_border,
    core_path as core_path,
    core_section as core_section,
    heldout_law as heldout_law,
)
from .correlations import (
    pair_ellipses as pair_ellipses,
    pair_wedges as pair_wedges,
    pearson as pearson,
    seriate as seriate,
    spearman as spearman,
    strongest_pairs as strongest_pairs,
)
from .dimension import dimension_scan as dimension_scan
from .envelopes import global_envelope as global_envelope
from .factors import factor_correlations as factor_correlations
from .filaments import filament_test as filament_test
from .guided_paths import (
    along_ellipse as along_ellipse,
    attribute_direction as attribute_direction,
    whitened_slerp as whitened_slerp,
)
from .injection import inject_filaments as inject_filaments
from .map_quality import (
    POISSON_VOIDS as POISSON_VOIDS,
    neighbor_correlation as neighbor_correlation,
    neighbors_kept as neighbors_kept,
    void_probability as void_probability,
)
from .maps import PRESETS as PRESETS, place as place, tsne as tsne
from .neighbors import nearest_distance as nearest_distance
from .normality import normality_report as normality_report
from .paths import (
    LatentPath as LatentPath,
    along_axis as along_axis,
    between as between,
    circle as circle,
    in_plane as in_plane,
    linear as linear,
    origin_to_center as origin_to_center,
)
from .planes import (
    Plane as Plane,
    clark_evans as clark_evans,
    inside as inside,
    path_planes as path_planes,
    poisson_field as poisson_field,
    seed_planes as seed_planes,
    side_for_count as side_for_count,
)
from .principal import (
    Moments as Moments,
    PrincipalAxes as PrincipalAxes,
)
from .probes import beside_points as beside_points, core_voids as core_voids, segments as segments
from .radius import (
    compare_radii as compare_radii,
    d2_by_axis as d2_by_axis,
    from_prior as from_prior,
    matching_sd as matching_sd,
    radii as radii,
    radius_density as radius_density,
    squared_radius_by_component as squared_radius_by_component,
)
from .routes import densest as densest, neighbor_graph as neighbor_graph
from .samplers import (
    SAMPLERS as SAMPLERS,
    SURROGATES as SURROGATES,
    matching_bound as matching_bound,
    samplers_for as samplers_for,
)
from .scores import (
    cycle_error as cycle_error,
    frechet_distance as frechet_distance,
    memorization as memorization,
    region_errors as region_errors,
)
