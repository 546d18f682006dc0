from .components import Densities, describe_components, dominant_components
from .conditions import CONDITIONS, shares_of
from .core import core_border, core_section, heldout_law, reach
from .correlations import pair_ellipses, pearson, seriate, spearman, strongest_pairs
from .dimension import dimension_scan
from .envelopes import global_envelope
from .filaments import filament_test
from .guided_paths import along_attribute, along_ellipse, attribute_direction, whitened_slerp
from .injection import inject_filaments
from .map_quality import POISSON_VOIDS, neighbor_correlation, neighbors_kept, void_probability
from .maps import PRESETS, place, tsne
from .neighbors import nearest_distance
from .normality import normality_report
from .paths import LatentPath, along_axis, between, circle, in_plane, linear, origin_to_center
from .planes import (
    Plane,
    expected_count,
    inside,
    path_planes,
    poisson_field,
    seed_planes,
    side_for_count,
)
from .principal import Moments, PrincipalAxes
from .probes import beside_points, core_voids, segments
from .radius import (
    compare_radii,
    matching_sd,
    radii,
    radius_density,
    squared_radius_by_component,
    uniform_shell,
)
from .routes import densest, neighbor_graph
from .samplers import SAMPLERS, SURROGATES, matching_bound, samplers_for
from .scores import cycle_error, frechet_distance, memorization, region_errors

__all__ = [
    "CONDITIONS",
    "POISSON_VOIDS",
    "PRESETS",
    "SAMPLERS",
    "SURROGATES",
    "Densities",
    "LatentPath",
    "Moments",
    "Plane",
    "PrincipalAxes",
    "along_attribute",
    "along_axis",
    "along_ellipse",
    "attribute_direction",
    "beside_points",
    "between",
    "circle",
    "compare_radii",
    "core_border",
    "core_section",
    "core_voids",
    "cycle_error",
    "densest",
    "describe_components",
    "dimension_scan",
    "dominant_components",
    "expected_count",
    "filament_test",
    "frechet_distance",
    "global_envelope",
    "heldout_law",
    "in_plane",
    "inject_filaments",
    "inside",
    "linear",
    "matching_bound",
    "matching_sd",
    "memorization",
    "nearest_distance",
    "neighbor_correlation",
    "neighbor_graph",
    "neighbors_kept",
    "normality_report",
    "origin_to_center",
    "pair_ellipses",
    "path_planes",
    "pearson",
    "place",
    "poisson_field",
    "radii",
    "radius_density",
    "reach",
    "region_errors",
    "samplers_for",
    "seed_planes",
    "segments",
    "seriate",
    "shares_of",
    "side_for_count",
    "spearman",
    "squared_radius_by_component",
    "strongest_pairs",
    "tsne",
    "uniform_shell",
    "void_probability",
    "whitened_slerp",
]
