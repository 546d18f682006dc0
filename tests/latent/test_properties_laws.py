"""What must not matter, or only in a known way: units, the origin, the order of rows, the parts."""

from functools import reduce
from operator import add

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from aelatent import _checks, latent
from aelatent.latent import scores
from aelatent.latent.clumping import spanning_tree

from .cases import CASES, numbers, second
from .strategies import copies, lattice, normal, one_far, shares
from .test_properties_clouds import cloud, outcome


def described(*columns):
    return lambda z: latent.describe_components(z)[list(columns)]


#: Label -> function, and the power of the unit of z that its result has.
IN_UNITS = {
    "moments, mean": (lambda z: latent.Moments.of(z).mean, 1),
    "moments, co-moments": (lambda z: latent.Moments.of(z).comoment, 2),
    "axes, sd": (lambda z: latent.PrincipalAxes.fit(z).sd, 1),
    "lengths": (described("mean", "median", "mode", "sd", "fwhm", "half_width"), 1),
    "radii": (latent.radii, 1),
    "matching sd": (latent.matching_sd, 1),
    "matching bound": (latent.matching_bound, 1),
    "Fréchet distance": (lambda z: latent.frechet_distance(z, z[::2]), 2),
    "nearest distance": (lambda z: latent.nearest_distance(z, z[:9]), 1),
    "spread": (lambda z: latent.PrincipalAxes.fit(z).spread, 1),
    "parts of the radius": (lambda z: latent.squared_radius_by_component(z)["share"], 0),
    "bins": (lambda z: latent.Densities.of(z, 0.25 * np.ptp(z[0])).counts, 0),
    "side for a count": (lambda z: latent.side_for_count(z[:, :2], 7), 1),
    "spanning tree": (lambda z: spanning_tree(z[:, :2])[0], 1),
}
#: Label -> function whose result neither the unit nor the origin changes.
FREE = {
    "shapes": described("skewness", "excess_kurtosis", "outside_3_sigma", "gaussian_distance"),
    "correlations": latent.pearson,
    "rank correlations": latent.spearman,
    "order of components": lambda z: latent.seriate(latent.pearson(z)),
    "D²": lambda z: latent.PrincipalAxes.fit(z).d2(z),
    "cycle error": lambda z: latent.cycle_error(z, z[::-1], latent.PrincipalAxes.fit(z).spread),
    "whitened": lambda z: latent.PrincipalAxes.fit(z).whiten(z),
    "border of the core": lambda z: latent.core_border(z).d2,
    "core holds": lambda z: latent.core_border(z).holds(z),
    "normality": lambda z: latent.normality_report(z, draws=2).table["measured"],
    "share in ellipses": lambda z: latent.pair_ellipses(z, 0, 1)[1],
    "Clark and Evans": lambda z: latent.clark_evans(z[:, :2], 30),
    "inside": lambda z: latent.inside(z[:, :2], z[0, :2], np.std(z[:, 0])),
    "dimension": CASES["dimension_scan"],
    "neighbor graph": CASES["neighbor_graph"],
    "attribute direction": CASES["attribute_direction: means"],
    "empty circles": lambda z: latent.void_probability(z[:, :2], circles=50),
    "precision and recall": lambda z: scores.precision_recall(z, z[::2] * 0.5 + z[1::2] * 0.5),
    "p of an envelope": lambda z: latent.global_envelope(z[0], z[1:], level=0.9).p,
    "memorization": lambda z: latent.memorization(z[:20], z[20:40], z[40:])[2:],
    "neighbors kept": lambda z: latent.neighbors_kept(z, z[:, :2], k=3),
    "degrees of the tree": lambda z: spanning_tree(z[:, :2])[1],
}
#: Draws and paths that go where the cloud goes, in its unit.
CARRIED = (
    *(label for label in list(CASES) if label.startswith(("SAMPLERS", "SURROGATES"))),
    *("inject_filaments", "segments", "core_voids", "along_axis", "along_ellipse: center"),
    *("along_ellipse: conditional", "whitened_slerp", "densest", "linear"),
)[2:]  # neither "uniform" nor "standard normal"
#: Label -> function whose result the order of the rows does not change.
UNORDERED = {
    **{name: function for name, (function, _) in IN_UNITS.items() if name not in ("radii", "bins")},
    **{name: FREE[name] for name in ("shapes", "correlations", "rank correlations")},
    **{name: FREE[name] for name in ("share in ellipses", "empty circles", "Clark and Evans")},
    "bins": lambda z: latent.Densities.of(z).counts,
    "Fréchet distance": lambda z: latent.frechet_distance(z, second(z)),
    "nearest distance": lambda z: latent.nearest_distance(second(z), z),
    "precision and recall": lambda z: scores.precision_recall(z, second(z)),
    "memorization": lambda z: latent.memorization(second(z), z, z[:5] * 0),
    "dimension": lambda z: latent.dimension_scan(z, {}, scales=[2, 4]),
    "envelope": lambda z: latent.global_envelope(second(z)[0], z, level=0.9),
}


def near(result, wanted):
    size = np.abs(wanted[np.isfinite(wanted)]).max(initial=0)
    np.testing.assert_allclose(result, wanted, rtol=1e-4, atol=1e-4 * size + 1e-300)


@pytest.mark.parametrize("label", IN_UNITS)
@settings(max_examples=8)
@given(power=st.sampled_from([-90, -20, -1, 1, 13, 50]), seed=st.integers(0, 99))
def test_the_result_has_the_unit_that_it_says(label, power, seed):
    function, exponent = IN_UNITS[label]
    z, unit = normal(np.random.default_rng(seed), 60, 4), 2.0**power
    near(numbers(function(unit * z)) / unit**exponent, numbers(function(z)))


@pytest.mark.parametrize("label", FREE)
@settings(max_examples=4)
@given(
    power=st.sampled_from([-60, -20, 0, 13, 40]),
    shift=st.sampled_from([0, 3, -1000]),
    seed=st.integers(0, 99),
)
def test_neither_unit_nor_origin_matter(label, power, shift, seed):
    function, unit = FREE[label], 2.0**power
    z = normal(np.random.default_rng(seed), 80, 4)
    near(numbers(function(unit * (z + shift))), numbers(function(z)))


@pytest.mark.parametrize("label", CARRIED)
@settings(max_examples=4)
@given(power=st.sampled_from([-40, -3, 0, 20]), shift=st.sampled_from([0, 3, -20]))
def test_draws_and_paths_go_along_with_the_cloud(label, power, shift):
    case, unit = CASES[label], 2.0**power
    z = cloud(label, 120)
    there, here = (latent_vectors(case(x)) for x in (unit * (z + shift), z))
    np.testing.assert_allclose(there / unit - shift, here, atol=1e-3)


def latent_vectors(result):
    """Return the latent vectors of a draw, of injected or probing ones, or of a path."""
    result = result[0] if isinstance(result, tuple) else getattr(result, "z", result)
    return np.asarray(result, float)


@pytest.mark.parametrize("label", UNORDERED)
@settings(max_examples=6)
@given(seed=st.integers(0, 99), make=st.sampled_from([normal, copies, lattice, one_far, shares]))
def test_the_order_of_rows_does_not_matter(label, seed, make):
    z = make(np.random.default_rng(seed), 60, 4)
    order = np.random.default_rng(seed).permutation(60)
    near(*(outcome(UNORDERED[label], part) for part in (z[order], z)))


@pytest.mark.parametrize("label", [label for label, case in CASES.items() if not case.slow])
def test_rows_are_taken_in_chunks_of_any_size(label, monkeypatch):
    case, z = CASES[label], cloud(label, 70)
    whole = outcome(case, z)
    for size in (1, 9, 69):
        monkeypatch.setattr(_checks, "CHUNK", size)
        np.testing.assert_allclose(outcome(case, z), whole, rtol=1e-5, atol=1e-6)


@settings(max_examples=50)
@given(
    cuts=st.lists(st.integers(1, 89), max_size=6, unique=True),
    make=st.sampled_from([normal, copies, lattice, one_far]),
    data=st.data(),
)
def test_parts_merge_to_the_whole_in_any_order(cuts, make, data):
    z = make(np.random.default_rng(len(cuts)), 90, 3)
    parts = data.draw(st.permutations(np.split(z, sorted(cuts))))
    for of in (latent.Moments.of, lambda part: latent.Densities.of(part, 1e5)):
        near(numbers(reduce(add, map(of, parts))), numbers(of(z)))
    merged = reduce(add, map(latent.Moments.of, parts))
    for made in (latent.pearson, latent.squared_radius_by_component):
        near(made(merged).sort_index().to_numpy(), made(z).sort_index().to_numpy())
