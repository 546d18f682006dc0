"""Every argument beside the z-points: numbers out of range, and what is no number at all."""

import numpy as np
import pytest

from .cases import CASES
from .test_properties_clouds import check_refusal, cloud

NUMBERS = (-1, 0, 0.5, 1.5, 10_000, np.nan, np.inf, -np.inf, 1e300, -1e300, True)
OTHERS = (None, "x", 1j, [], {}, [np.nan, 1], ["a", "b"], [1, [2]], np.zeros((2, 2, 2)))

GOOD = {label: {**case.args, **case.also} for label, case in CASES.items()}
ARGUMENTS = [(label, name) for label in GOOD for name in GOOD[label] if name != "seed"]
#: Those that NUMBERS replace; for a row or a set of vectors, a number is no more than another type.
SCALARS = [(label, name) for label, name in ARGUMENTS if isinstance(GOOD[label][name], int | float)]
ROWS = [
    (label, name)
    for label, name in ARGUMENTS
    if np.ndim(GOOD[label][name]) and np.asarray(GOOD[label][name]).dtype.kind == "f"
]
#: A value at the limit that is good, and those beyond it.
LIMITS = {
    ("radius_density", "width"): (1e-3, 0),
    ("core_border", "level"): (0.01, 0, 1),
    ("compare_radii", "n"): (1, 0),
    ("compare_radii", "level"): (0.01, 0, 1),
    ("normality_report", "draws"): (2, 1),
    ("pair_wedges", "draws"): (2, 1),
    ("factor_correlations", "draws"): (19, 18),
    ("factor_correlations", "top"): (1, 0),
    ("inject_filaments", "share"): (1, 0, 1.01),
    ("inject_filaments", "curves"): (1, 0),
    ("inject_filaments", "thickness"): (1e-9, 0),
    ("cycle_error", "spread"): (1e-3, 0),
    ("core_voids", "n"): (1, 0),
    ("core_voids", "candidates"): (2, 1),
    ("beside_points", "step"): (1e-3, 0),
    ("segments", "pairs"): (1, 0),
    ("segments", "steps"): (2, 1),
    ("core_section", "d2"): (1e-3, 0),
    ("core_section", "points"): (4, 3),
    ("core_path", "n"): (2, 1),
    ("neighbor_graph", "k"): (59, 0, 60),
    ("neighbor_graph", "power"): (1, 0.9),
    ("densest", "n"): (2, 1),
    ("SAMPLERS: uniform", "bound"): (1e-3, 0),
    ("SAMPLERS: measured ranges", "share"): (1, 0, 1.01),
    ("SAMPLERS: method X", "share"): (0.99, 0, 1),
    ("SAMPLERS: elliptical core", "level"): (1, 0, 1.01),
    ("SURROGATES: smoothed bootstrap", "scale"): (1e-3, 0),
}
#: Names of arguments that may be left out.
OPTIONAL = {"center", "bound", "landmarks", "components"}


@pytest.mark.parametrize(("label", "name"), SCALARS)
def test_a_number_is_good_or_refused_in_words(label, name):
    case, refusals = CASES[label], 0
    for bad in NUMBERS:
        if bad == 10_000 and name == "draws":
            continue  # good, and takes an hour
        try:
            case(cloud(label), **{**case.also, name: bad})
        except (ValueError, TypeError) as error:
            check_refusal(error)
            refusals += 1
    assert refusals >= 3  # NaN and both infinities at least


@pytest.mark.parametrize(("label", "name"), ARGUMENTS)
def test_another_type_is_refused_and_a_good_one_is_not(label, name):
    case = CASES[label]
    assert case(cloud(label), **case.also) is not None
    for bad in OTHERS:
        empty = name in ("shares", "components") and isinstance(bad, list | dict) and not bad
        if not (empty or (bad is None and name in OPTIONAL)):
            with pytest.raises((ValueError, TypeError)):
                case(cloud(label), **{**case.also, name: bad})


@pytest.mark.parametrize(("label", "name"), ROWS)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e300])
def test_a_single_bad_number_among_good_ones_is_refused(label, name, bad):
    spoiled = np.array(GOOD[label][name])
    spoiled.flat[-1] = bad
    with pytest.raises(ValueError, match=r"\w") as raised:
        CASES[label](cloud(label), **{**CASES[label].also, name: spoiled})
    check_refusal(raised.value)


@pytest.mark.parametrize(("label", "name"), LIMITS)
def test_the_limit_is_good_and_what_is_beyond_it_refused(label, name):
    case, (good, *beyond) = CASES[label], LIMITS[label, name]
    assert case(cloud(label), **{**case.also, name: good}) is not None
    for bad in beyond:
        with pytest.raises(ValueError, match=f"{name} must be .*got {bad}"):
            case(cloud(label), **{**case.also, name: bad})
