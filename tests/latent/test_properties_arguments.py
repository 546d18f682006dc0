"""Every argument beside the z-points: numbers out of range, and what is no number at all."""

import numpy as np
import pytest

from aelatent import latent
from aelatent.latent import (
    conditions,
    correlations,
    injection,
    maps,
    paths,
    scores,
)

from .test_properties_clouds import check_refusal

Z = np.random.default_rng(0).normal(size=(60, 2))
AXES, PLANE = latent.PrincipalAxes.fit(Z), latent.Plane.components(2, 0, 1)
DESCRIBED, MATRIX = latent.describe_components(Z), latent.pearson(Z)
QUICK = maps.MapSettings(perplexity=3, early=1, iterations=1)
ROW = [0.0, 1.0]
PICTURES = np.random.default_rng(0).uniform(size=(3, 2, 2, 3))
SAMPLERS, SURROGATES = latent.SAMPLERS, latent.SURROGATES
WHERE = {"center": ROW, "side": 1.0}
LINE = {"angle": 30.0, "length": 2.0, "offset": 1.0, "shift": 1.0}

#: Label -> function of some arguments, and values of these that are good.
FUNCTIONS = {
    "Densities": (latent.Densities.of, {"z": Z, "width": 0.5}),
    "dominant_components": (
        lambda **k: latent.dominant_components(DESCRIBED, **k),
        {"offset": 0.1, "width": 1.0},
    ),
    "strongest_pairs": (lambda **k: latent.strongest_pairs(MATRIX, **k), {"count": 2}),
    "ellipse": (correlations.ellipse, {"mean": ROW, "covariance": np.eye(2), "share": 0.5}),
    "Ellipse": (correlations.ellipse(ROW, np.eye(2)).points, {"count": 5}),
    "pair_ellipses": (latent.pair_ellipses, {"z": Z, "i": 0, "j": 1, "shares": [0.5]}),
    "radii": (latent.radii, {"z": Z, "center": ROW}),
    "radius_density": (latent.radius_density, {"z": Z, "width": 0.5, "center": ROW}),
    "uniform_shell": (latent.uniform_shell, {"d": 3, "bound": 1.0}),
    "core_border": (latent.core_border, {"z": Z, "level": 0.9}),
    "compare_radii": (latent.compare_radii, {"z": Z, "n": 5, "level": 0.9}),
    "heldout_law": (latent.heldout_law, {"m": 10, "d": 2}),
    "normality_report": (latent.normality_report, {"draws": 1, "z": Z}),
    "Plane": (latent.Plane.components, {"d": 3, "i": 0, "j": 1}),
    "Plane, principal": (lambda **k: latent.Plane.principal(AXES, **k), {"i": 1, "j": 2}),
    "Plane, lifted": (PLANE.lift, {"where": [ROW], "at": ROW}),
    "inject_filaments": (
        latent.inject_filaments,
        {"z": Z, "share": 0.5, "curves": 2, "thickness": 0.1},
    ),
    "inject_strings": (injection.inject_strings, {"z": Z, "strings": Z, "share": 0.5}),
    "global_envelope": (
        latent.global_envelope,
        {"observed": ROW, "simulated": np.ones((3, 2)), "level": 0.5},
    ),
    "filament_test": (
        lambda **k: latent.filament_test(Z, [PLANE], statistics=["G"], **k),
        {"scale": 0.9, "draws": 19, "n": 60, "landmarks": 30},
    ),
    "dimension_scan": (
        lambda **k: latent.dimension_scan(Z, {}, **k),
        {"scales": [2], "landmarks": 30, "near": 0.1},
    ),
    "expected_count": (latent.expected_count, {"where": Z, **WHERE}),
    "side_for_count": (latent.side_for_count, {"where": Z, "count": 2, "center": ROW}),
    "inside": (latent.inside, {"where": Z, **WHERE}),
    "poisson_field": (latent.poisson_field, {"count": 3, "side": 1.0}),
    "core_voids": (latent.core_voids, {"z": Z, "n": 3, "candidates": 4}),
    "beside_points": (latent.beside_points, {"z": Z, "d2": [1.0, 2], "step": 0.1}),
    "segments": (latent.segments, {"z": Z, "pairs": 2, "steps": 3}),
    "along_attribute": (
        latent.along_attribute,
        {"z": Z, "direction": ROW, "at": ROW, "reach": 1.0, "n": 3},
    ),
    "attribute_direction": (
        latent.attribute_direction,
        {"z": Z, "values": np.arange(60) % 2, "method": "means"},
    ),
    "along_axis": (lambda **k: latent.along_axis(AXES, **k), {"k": 1, "reach": 1.0, "n": 3}),
    "between": (
        lambda **k: latent.between(PLANE, **k),
        {"center": ROW, "start": ROW, "end": [2.0, 2], "n": 3},
    ),
    "circle": (lambda **k: latent.circle(PLANE, **k), {"center": ROW, "radius": 1.0, "n": 3}),
    "ends": (lambda **k: paths.ends(PLANE, **k), {"center": ROW, **LINE}),
    "in_plane": (lambda **k: latent.in_plane(PLANE, **k), {"center": ROW, "n": 3, **LINE}),
    "line_of": (paths.line_of, {"center": ROW, "start": ROW, "end": [2.0, 2]}),
    "linear": (latent.linear, {"a": ROW, "b": ROW, "n": 3}),
    "origin_to_center": (latent.origin_to_center, {"center": ROW, "n": 3}),
    "along_ellipse": (
        latent.along_ellipse,
        {"z": Z, "i": 0, "j": 1, "axis": "major", "others": "center", "reach": 1.0, "n": 3},
    ),
    "core_section": (
        lambda **k: latent.core_section(AXES, PLANE, **k),
        {"at": ROW, "d2": 9.0, "points": 5},
    ),
    "reach": (lambda **k: latent.reach(AXES, **k), {"at": ROW, "direction": ROW, "d2": 9.0}),
    "whitened_slerp": (
        lambda **k: latent.whitened_slerp(AXES, **k),
        {"a": ROW, "b": [1.0, 0], "n": 3},
    ),
    "neighbor_graph": (latent.neighbor_graph, {"z": Z, "k": 3, "power": 2.0}),
    "densest": (
        lambda **k: latent.densest(Z, latent.neighbor_graph(Z, 5), **k),
        {"start": 0, "end": 1, "n": 3},
    ),
    "draw_with": (conditions.draw_with, {"z": Z, "n": 3, "keep": ["center"]}),
    "nearest_distance": (latent.nearest_distance, {"vectors": Z, "codes": Z, "k": 2}),
    "precision_recall": (scores.precision_recall, {"real": Z, "drawn": Z, "k": 2}),
    "region_errors": (
        lambda **k: latent.region_errors(PICTURES, PICTURES, **k),
        {"masks": np.full((3, 2, 2, 2), 0.5), "names": ["a", "b"]},
    ),
    "MapSettings": (
        maps.MapSettings,
        {
            **{"perplexity": 3.0, "exaggeration": 2.0, "learning_rate": 100.0, "start": "pca"},
            **{"early": 1, "iterations": 1, "momenta": [0.5, 0.5], "axes": 2},
        },
    ),
    "neighbors_kept": (
        latent.neighbors_kept,
        {"z": Z, "coordinates": Z, "k": 2, "landmarks": 20},
    ),
    "void_probability": (latent.void_probability, {"coordinates": Z, "circles": 20}),
    "neighbor_correlation": (
        latent.neighbor_correlation,
        {"coordinates": Z, "values": Z, "k": 2, "landmarks": 20},
    ),
    "uniform": (lambda **k: SAMPLERS["uniform"](Z, **k), {"n": 3, "bound": 1.0}),
    "measured ranges": (SAMPLERS["measured ranges"], {"z": Z, "n": 3, "share": 0.9}),
    "method X": (SAMPLERS["method X"], {"z": Z, "n": 3, "share": 0.9}),
    "elliptical core": (SAMPLERS["elliptical core"], {"z": Z, "n": 3, "level": 0.9}),
    "Gaussian mixture": (SAMPLERS["Gaussian mixture"], {"z": Z, "n": 3}),
    "elliptical": (lambda **k: SAMPLERS["elliptical"](Z, exact=True, **k), {"n": 9}),
    "smoothed bootstrap": (SURROGATES["smoothed bootstrap"], {"z": Z, "n": 3, "scale": 0.1}),
}
NUMBERS = (-1, 0, 0.5, 1.5, 10_000, np.nan, np.inf, -np.inf, 1e300, -1e300, True)
OTHERS = (None, "x", 1j, [], {}, [np.nan, 1], ["a", "b"], [1, [2]], np.zeros((2, 2, 2)))

ARGUMENTS = [(label, name) for label, (_, good) in FUNCTIONS.items() for name in good]
#: Those that NUMBERS replace; for a row or a set of vectors, a number is no more than another type.
SCALARS = [
    (label, name) for label, name in ARGUMENTS if isinstance(FUNCTIONS[label][1][name], int | float)
]
#: Whether a function takes no number as well.
OPTIONAL = {"center", "bound", "landmarks", "held_out", "learning_rate", "axes"}
#: Numbers that need not be as small as coordinates: they are ranked, or sizes of their own.
UNLIMITED = ("observed", "simulated", "mean")


@pytest.mark.parametrize("label", FUNCTIONS)
def test_good_arguments_are_good(label):
    function, good = FUNCTIONS[label]
    assert function(**good) is not None


@pytest.mark.parametrize(("label", "name"), SCALARS)
def test_a_number_is_good_or_refused_in_words(label, name):
    function, good = FUNCTIONS[label]
    refusals = 0
    for bad in NUMBERS:
        if bad == 10_000 and name == "draws":
            continue  # good, and takes an hour
        try:
            function(**{**good, name: bad})
        except (ValueError, TypeError) as error:
            check_refusal(error)
            refusals += 1
    assert refusals >= 3  # NaN and both infinities at least


@pytest.mark.parametrize(("label", "name"), ARGUMENTS)
def test_another_type_is_refused(label, name):
    function, good = FUNCTIONS[label]
    for bad in OTHERS:
        if not fits(bad, name, good[name]):
            with pytest.raises((ValueError, TypeError)):
                function(**{**good, name: bad})


@pytest.mark.parametrize(
    ("label", "name"),
    [
        (label, name)
        for label, name in ARGUMENTS
        if np.ndim(FUNCTIONS[label][1][name])
        and np.asarray(FUNCTIONS[label][1][name]).dtype.kind == "f"
    ],
)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e300])
def test_a_single_bad_number_among_good_ones_is_refused(label, name, bad):
    function, good = FUNCTIONS[label]
    spoiled = np.array(good[name])
    spoiled.flat[-1] = bad
    try:
        function(**{**good, name: spoiled})
    except ValueError as error:
        check_refusal(error)
    else:
        assert np.isfinite(bad)
        assert name in UNLIMITED


def fits(bad, name, good):
    """Tell whether a value may stand for a good one after all: nothing left out, no names."""
    return (
        (bad is None and name in OPTIONAL)
        or (name in ("keep", "shares") and isinstance(bad, list | dict) and not bad)
        or (name == "names" and isinstance(bad, list) and len(bad) == 2)
    )
