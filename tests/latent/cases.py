"""Every public name of the latent floor, and how it is called with a cloud of z-points alone."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from aelatent import latent
from aelatent._checks import check_finite, subsample
from aelatent.latent import (
    conditions,
    correlations,
    injection,
    maps,
    mixture,
    normality,
    paths,
    scores,
)

from .strategies import normal, shares

QUICK = maps.MapSettings(perplexity=3, early=2, iterations=2)
OTHER = np.random.default_rng(7).normal(size=(40, 6))  # another cloud; its first columns are taken


ALL = "value", "type", "shape"


@dataclass(frozen=True, eq=False)
class Case:
    """A function of z, and of a seed where it draws.

    `least` is the number of normal z-points, with 4 components or as many as `d` says, that it
    needs; `finite` says whether all numbers of its result are finite; `refuses` what it refuses in
    z-points; `made` makes a cloud that suits it.
    """

    call: Callable
    least: int = 1
    d: int = 4
    finite: bool = True
    slow: bool = False
    refuses: tuple = ALL
    made: Callable = normal

    @functools.cached_property
    def seeded(self) -> bool:
        return bool({"s", "seed"} & set(inspect.signature(self.call).parameters))

    def __call__(self, z, *seed):
        return self.call(z, *seed)


def wide(z):
    """Return a width that gives Densities some bins, whatever the unit."""
    return max(float(np.ptp(np.asarray(z, float))) / 50, 1e-300)


def axes(z):
    return latent.PrincipalAxes.fit(z)


def center(z):
    return latent.Moments.of(z).mean


def plane(z):
    return latent.Plane.components(max(np.shape(z)[-1], 2), 0, 1)


def second(z):
    return OTHER[:, : max(np.shape(z)[-1], 1)]


def ends(z):
    """Return the first and the last z-point."""
    z = np.atleast_1d(z)
    return (z[0], z[-1]) if len(z) else (z, z)


def targets(z):
    return pd.DataFrame({"parity": np.arange(len(z)) % 2, "row": np.arange(len(z)) * 0.5})


def halves(z):
    return np.arange(len(z)) % 2


def rates(z):
    return {
        keep: float(conditions.draw_with(z, 4, keep=keep).mean())
        for keep in conditions.COMBINATIONS
    }


def mapped(z, s=0):
    made = latent.tsne(z, replace(QUICK, start="random"), seed=s)
    return latent.place(made, z, np.asarray(z)[:3])


def filaments(z, s=0, planes="full"):
    n = {"draws": 19, "landmarks": 20, "scale": 0.9}
    return latent.filament_test(z, planes, seed=s, **n)


def figures(z, s=0):
    """Return the figures of D² and of shapes that the report of normality measures."""
    cloud = normality.Cloud(check_finite(z), s)
    return [statistic.of(cloud) for statistic in normality.STATISTICS[:17]]


def pictures(z):
    """Return each z-point of three components as a picture of one pixel."""
    return np.asanyarray(z)[:, None, None]


C = Case
#: Label -> case; a label begins with the public name, or the module's for those that have no other.
CASES = {
    "Moments": C(latent.Moments.of),
    "PrincipalAxes": C(axes, 2),
    "PrincipalAxes: D²": C(lambda z: axes(z).d2(z), 2),
    "PrincipalAxes: there and back": C(lambda z: axes(z).back(axes(z).forward(z)), 2),
    "PrincipalAxes: whitened": C(lambda z: axes(z).unwhiten(axes(z).whiten(z)), 2),
    "Densities": C(latent.Densities.of),
    "Densities: own width": C(lambda z: latent.Densities.of(z, wide(z)), refuses=()),
    "describe_components": C(latent.describe_components, 2, finite=False),
    "dominant_components": C(
        lambda z: latent.dominant_components(latent.describe_components(z), 0.01, 0.5), 2
    ),
    "pearson": C(latent.pearson, 2, finite=False),
    "spearman": C(latent.spearman, 2, finite=False),
    "strongest_pairs": C(lambda z: latent.strongest_pairs(latent.pearson(z)), 2),
    "seriate": C(lambda z: latent.seriate(latent.pearson(z)), 2),
    "Ellipse": C(lambda z: latent.pair_ellipses(z, 0, 1)[0][0].points(5), 3, d=2),
    "Ellipse: holds": C(lambda z: correlations.ellipse([0, 1], np.eye(2)).holds(z), d=2),
    "ellipse": C(
        lambda z: correlations.ellipse(ends(z)[0], latent.Moments.of(z).covariance), 3, d=2
    ),
    "pair_ellipses": C(lambda z: latent.pair_ellipses(z, 0, 1), 3, d=2),
    "radii": C(latent.radii),
    "radii: from a center": C(lambda z: latent.radii(z, ends(z)[0]), refuses=()),
    "radius_density": C(latent.radius_density),
    "uniform_shell": C(
        lambda z: latent.uniform_shell(np.shape(z)[-1], latent.matching_bound(z)).mean()
    ),
    "matching_sd": C(latent.matching_sd),
    "matching_bound": C(latent.matching_bound),
    "squared_radius_by_component": C(latent.squared_radius_by_component, finite=False),
    "core_border: holds": C(lambda z, s=0: latent.core_border(z, s).holds(z), 9),
    "core_border": C(lambda z, s=0: latent.core_border(z, s), 9),
    "compare_radii": C(lambda z, s=0: latent.compare_radii(z, 9, s), 9, finite=False),
    "normality: figures": C(lambda z, s=0: figures(z, s)[:5], 18, finite=False),
    "normality: shapes": C(lambda z, s=0: figures(z, s)[5:], 18, finite=False),
    "heldout_law": C(
        lambda z: latent.heldout_law(len(z), np.shape(z)[-1]).mean(), 5, finite=False, refuses=()
    ),
    "normality_report": C(
        lambda z, s=0: latent.normality_report(z, s, draws=1), 18, slow=True, finite=False
    ),
    "Plane": C(lambda z: plane(z).project(z)),
    "Plane: lifted": C(lambda z: plane(z).lift(plane(z).project(z), ends(z)[0])),
    "Plane: principal": C(lambda z: latent.Plane.principal(axes(z), 1, 2).project(z), 3),
    "path_planes": C(lambda z, s=0: latent.path_planes(latent.describe_components(z), s), 2),
    "seed_planes": C(lambda z: latent.seed_planes(axes(z), latent.describe_components(z)), 2),
    "inject_filaments": C(lambda z, s=0: latent.inject_filaments(z, 0.5, s), 3),
    "inject_strings": C(lambda z, s=0: injection.inject_strings(z, second(z), 0.5, s)),
    "fit_mixture": C(mixture.fit_mixture, 50, slow=True),
    "Envelope": C(lambda z: latent.global_envelope(ends(z)[0], z, level=0.5), refuses=()),
    "global_envelope": C(
        lambda z: latent.global_envelope(ends(z)[-1], np.asarray(z)[:-1], level=0.5), 2, refuses=()
    ),
    "filament_test": C(filaments, 9, slow=True),
    "filament_test: plane": C(lambda z, s=0: filaments(z, s, [plane(z)]), 56, slow=True),
    "dimension_scan": C(
        lambda z, s=0: latent.dimension_scan(
            z, {"shuffled": latent.SAMPLERS["column shuffle"]}, scales=[2], seed=s
        ),
        3,
    ),
    "expected_count": C(lambda z: latent.expected_count(z, 0.5), 3, d=2),
    "side_for_count": C(lambda z: latent.side_for_count(z, 1), d=2),
    "inside": C(lambda z: latent.inside(z, [0, 0], 1), d=2),
    "poisson_field": C(lambda z, s=0: latent.poisson_field(len(z), 2, s), refuses=()),
    "core_voids": C(lambda z, s=0: latent.core_voids(z, 5, s), 9),
    "beside_points": C(lambda z, s=0: latent.beside_points(z, [1.0, 2], s), 9),
    "segments": C(lambda z, s=0: latent.segments(z, 5, s), 2),
    "cycle_error": C(lambda z: latent.cycle_error(z, np.asarray(z)[::-1]), finite=False),
    "Path": C(lambda z: len(latent.linear(*ends(z))), refuses=()),
    "linear": C(lambda z: latent.linear(*ends(z)), refuses=()),
    "origin_to_center": C(lambda z: latent.origin_to_center(center(z))),
    "along_attribute": C(lambda z: latent.along_attribute(z, ends(z)[0], center(z)), 2),
    "attribute_direction": C(lambda z: latent.attribute_direction(z, halves(z)), 2),
    "attribute_direction: logistic": C(
        lambda z: latent.attribute_direction(z, halves(z), "logistic"), 2
    ),
    "along_axis": C(lambda z: latent.along_axis(axes(z), 1), 2),
    "between": C(lambda z: latent.between(plane(z), center(z), [0, 1], [2, 2])),
    "circle": C(lambda z: latent.circle(plane(z), center(z), 2)),
    "ends": C(lambda z: paths.ends(plane(z), center(z), 30, 2)),
    "in_plane": C(lambda z: latent.in_plane(plane(z), center(z), length=3, offset=1)),
    "line_of": C(lambda z: paths.line_of([0, 0], *ends(z)), 2, d=2, refuses=()),
    "along_ellipse": C(lambda z: latent.along_ellipse(z, 0, 1), 3),
    "along_ellipse: conditional": C(
        lambda z: latent.along_ellipse(z, 0, 1, others="conditional"), 3
    ),
    "core_section": C(lambda z: latent.core_section(axes(z), plane(z), center(z), 2, 5), 3),
    "reach": C(lambda z: latent.reach(axes(z), *ends(z), 50), 2, finite=False),
    "whitened_slerp": C(lambda z: latent.whitened_slerp(axes(z), *ends(z)), 3),
    "neighbor_graph": C(lambda z: latent.neighbor_graph(z, 3), 4),
    "NeighborGraph": C(lambda z: latent.neighbor_graph(z, 1), 2),
    "densest": C(lambda z: latent.densest(z, latent.neighbor_graph(z, 3), 0, 1), 4),
    "samplers_for": C(lambda z: len(latent.samplers_for(z)), refuses=("type", "shape")),
    "draw_with": C(lambda z, s=0: conditions.draw_with(z, 9, s, keep=latent.CONDITIONS), 2),
    "draw_with: nothing": C(lambda z, s=0: conditions.draw_with(z, 9, s), 2),
    "shares_of": C(lambda z: latent.shares_of(rates(z)), 2),
    "frechet_distance": C(lambda z: latent.frechet_distance(z, second(z)), 2),
    "memorization": C(lambda z: latent.memorization(z, second(z), second(z)[:7])),
    "memorization: of copies": C(lambda z: latent.memorization(second(z), z, z), finite=False),
    "nearest_distance": C(lambda z: latent.nearest_distance(second(z), z)),
    "precision_recall": C(lambda z: scores.precision_recall(z, second(z)), 4),
    "picture_steps": C(
        lambda z: scores.picture_steps(pictures(z)), d=3, finite=False, refuses=(), made=shares
    ),
    "region_errors": C(
        lambda z: latent.region_errors(pictures(z), pictures(z)[::-1], pictures(z), "abc"),
        d=3,
        finite=False,
        refuses=(),
        made=shares,
    ),
    "tsne": C(lambda z, s=0: latent.tsne(z, QUICK, seed=s).coordinates, 10, slow=True),
    "place": C(mapped, 10, slow=True),
    "neighbors_kept": C(
        lambda z, s=0: latent.neighbors_kept(z, np.sort(z, axis=-1), k=2, seed=s), 3, d=2
    ),
    "void_probability": C(lambda z, s=0: latent.void_probability(z, circles=50, seed=s), 10, d=2),
    "neighbor_correlation": C(
        lambda z, s=0: latent.neighbor_correlation(z, z, k=2, seed=s), 3, d=2, finite=False
    ),
    "normality: subsample": C(lambda z, s=0: subsample(z, 5, s)),
    **{
        f"SAMPLERS: {name}": C(
            lambda z, s=0, draw=draw: draw(z, 50, s),
            {"Gaussian mixture": 50, "independent normal": 2}.get(name, 1 if k < 5 else 2),
            slow=name == "Gaussian mixture",
            refuses=("type", "shape") if name == "standard normal" else ALL,
        )
        for k, (name, draw) in enumerate(latent.SAMPLERS.items())
    },
    **{
        f"SURROGATES: {name}": C(
            lambda z, s=0, draw=draw: draw(z, 50, s),
            {"Gaussian mixture": 50, "column shuffle": 1}.get(name, 2),
            slow=name == "Gaussian mixture",
        )
        for name, draw in latent.SURROGATES.items()
    },
}
#: Public names that are no functions, with what must be true of them.
CONSTANTS = {
    "POISSON_VOIDS": lambda value: 0.0432 < value < 0.0433,
    "CONDITIONS": lambda names: len(set(names)) == 4,
    "COMBINATIONS": lambda sets: len(set(sets)) == 16,
    "PRESETS": lambda presets: all(isinstance(s, maps.MapSettings) for s in presets.values()),
    "MapSettings": lambda kind: kind(**kind().as_dict()) == kind(),
}
