"""Every public statistic on input that is no cloud of z-points, or a strange one."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from aelatent import latent

COUNT = 300
CLOUD = np.random.default_rng(5).normal([3, 0, -1, 0.5], [2, 1, 0.5, 1], size=(COUNT, 4))

PLANE = [latent.Plane.components(4, 0, 1)]
QUICK = latent.MapSettings(perplexity=3, early=3, iterations=3)
LEAST_ROWS = {"Gaussian mixture": 50, "column shuffle": 1}

#: Functions of z, and the least number of points in 4 components that each can work on.
FUNCTIONS = {
    "Densities.of": (lambda z: latent.Densities.of(z).counts, 1),
    "Moments.of": (lambda z: latent.Moments.of(z).comoment, 1),
    "PrincipalAxes.fit": (lambda z: latent.PrincipalAxes.fit(z).sd, 2),
    "describe_components": (latent.describe_components, 2),
    "pearson": (latent.pearson, 2),
    "spearman": (latent.spearman, 2),
    "pair_ellipses": (lambda z: latent.pair_ellipses(z, 0, 1)[1], 3),
    "radii": (latent.radii, 1),
    "radius_density": (lambda z: latent.radius_density(z).counts, 1),
    "matching_bound": (latent.matching_bound, 1),
    "matching_sd": (latent.matching_sd, 1),
    "squared_radius_by_component": (latent.squared_radius_by_component, 1),
    "core_border": (lambda z: latent.core_border(z).border, 9),
    "HeldOut.of": (lambda z: latent.HeldOut.of(z).d2, 18),
    "laplace_surrogate": (latent.laplace_surrogate, 2),
    "shapiro_wilk": (latent.shapiro_wilk, 3),
    **{
        name: (lambda z, draw=draw: draw(z, 50), LEAST_ROWS.get(name, 2))
        for name, draw in latent.SAMPLERS.items()
    },
    **{
        f"surrogate {name}": (lambda z, draw=draw: draw(z, 50), LEAST_ROWS.get(name, 2))
        for name, draw in latent.SURROGATES.items()
    },
    "inject_filaments": (lambda z: latent.inject_filaments(z, 0.5)[0], 3),
    "two_nn": (lambda z: [latent.two_nn(z).value, latent.two_nn(z).error], 3),
    "dimension_scan": (lambda z: latent.dimension_scan(z, {}, scales=[2]), 3),
    "segments": (lambda z: latent.segments(z, 5).reshape(-1, z.shape[1]), 2),
    "core_voids": (lambda z: latent.core_voids(z, 5).z, 9),
    "filament_test": (
        lambda z: latent.filament_test(z, PLANE, statistics=["G"], draws=19, scale=0.6).curves,
        121,
    ),
    "along_ellipse": (lambda z: latent.along_ellipse(z, 0, 1).z, 3),
    "attribute_direction": (
        lambda z: latent.attribute_direction(z, np.arange(len(z)) % 2),
        2,
    ),
    "along_attribute": (lambda z: latent.along_attribute(z, [1, 1, 0, 0], np.zeros(4)).z, 2),
    "neighbor_graph": (lambda z: latent.neighbor_graph(z, k=3).costs.toarray(), 4),
    "frechet_distance": (lambda z: latent.frechet_distance(z, 2 * CLOUD), 2),
    "nearest_distance": (lambda z: latent.nearest_distance(z, CLOUD), 1),
    "precision_recall": (lambda z: latent.precision_recall(z, CLOUD), 4),
    "tsne": (lambda z: latent.tsne(z, QUICK).coordinates, 10),
}
each = pytest.mark.parametrize("name", FUNCTIONS)


def numbers(result):
    """Return a result as one array of numbers."""
    if isinstance(result, pd.DataFrame):
        result = result.select_dtypes("number").to_numpy()
    return np.asarray(result, dtype=float)


@each
@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (CLOUD[:, 0], r"shape \(300,\)"),
        (CLOUD[None], r"shape \(1, 300, 4\)"),
        (CLOUD[:0], r"shape \(0, 4\)"),
        (CLOUD[:, :0], r"shape \(300, 0\)"),
        (np.where(CLOUD > 6, np.nan, CLOUD), "nan in row"),
        (np.where(CLOUD > 6, np.inf, CLOUD), "inf in row"),
        (np.where(CLOUD > 6, -np.inf, CLOUD), "-inf in row"),
        (CLOUD.astype(str), "array of <U"),
        (CLOUD.astype(complex), "array of complex128"),
        (CLOUD > 0, "array of bool"),
    ],
)
def test_what_is_no_cloud_is_refused_with_what_was_received(name, bad, message):
    if name == "standard normal" and bad.shape == CLOUD.shape and bad.dtype == float:
        pytest.skip("takes the number of components from z and nothing else")
    with pytest.raises(ValueError, match=message):
        FUNCTIONS[name][0](bad)


@each
@pytest.mark.parametrize(
    "variant",
    [
        np.asfortranarray,
        lambda z: z[:, ::-1][:, ::-1],
        lambda z: np.repeat(z, 2, axis=0)[::2],
        lambda z: z.astype(">f8"),
    ],
    ids=["fortran order", "negative strides", "strided rows", "big endian"],
)
def test_the_layout_in_memory_does_not_matter(name, variant):
    function = FUNCTIONS[name][0]
    np.testing.assert_allclose(numbers(function(variant(CLOUD))), numbers(function(CLOUD)))


@each
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.int16])
def test_other_numbers_count_as_the_float64_that_they_stand_for(name, dtype):
    function, narrow = FUNCTIONS[name][0], CLOUD.astype(dtype)
    wide = numbers(function(narrow.astype(np.float64)))
    np.testing.assert_allclose(numbers(function(narrow)), wide, rtol=2e-3, atol=2e-3)


@each
def test_too_few_points_are_refused_and_the_fewest_are_enough(name):
    function, least = FUNCTIONS[name]
    if least > 1 and name not in latent.SAMPLERS:
        with pytest.raises(ValueError, match=r"expected|needs|at least|must"):
            function(CLOUD[: least - 1])
    result = numbers(function(CLOUD[:least]))
    assert result.size


@each
def test_a_constant_component_gives_an_answer_without_warnings(name):
    z = CLOUD.copy()
    z[:, 2] = 1.5
    result = numbers(FUNCTIONS[name][0](z))
    assert np.isfinite(result).any()


@each
def test_the_input_is_not_changed(name):
    z = CLOUD.copy()
    z.flags.writeable = False
    FUNCTIONS[name][0](z)
    np.testing.assert_array_equal(z, CLOUD)


def test_results_are_plain_data():
    for made in (latent.Densities.of(CLOUD), latent.Moments.of(CLOUD)):
        assert dataclasses.is_dataclass(made)
