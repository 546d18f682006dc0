"""Every public function of the latent floor on any cloud of z-points, and on what is none."""

import linecache
import re
import traceback

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from aelatent import latent

from .cases import CASES, numbers
from .strategies import LAYOUTS, SIZES, clouds, no_clouds, shares

KINDS = np.float64, np.float32, np.float16, np.int8, np.int64, np.uint16
#: Without effect: so few components have one ordinary pair only.
SEEDLESS = {"path_planes"}
#: Seeds choose rows where there are more than these look at, and nothing else.
CHOOSING = {"neighbors_kept": 60, "neighbor_correlation": 60, "dimension_scan": 60}
#: A report of half a second is put together of what other cases try.
COSTLY = {"normality_report"}

each = pytest.mark.parametrize("label", CASES)
each_part = pytest.mark.parametrize("label", [label for label in CASES if label not in COSTLY])


def tried(label, quick=12, slow=2):
    """Return how many examples a case is tried on, by what it costs."""
    return settings(max_examples=slow if CASES[label].slow else quick)


def cloud(label, n=None):
    """Return good z-points, as many as the case needs or more, with its components."""
    case = CASES[label]
    return case.made(np.random.default_rng(5), n or max(case.least, 60), case.d)


def check_refusal(error):
    """Check that the floor itself refuses, in words that say what was wrong."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    assert re.search("aelatent/(latent/|_checks.py)", last.filename.replace("\\", "/")), repr(error)
    line = linecache.getline(last.filename, last.lineno)
    assert line.strip().startswith("raise "), repr(error)
    assert re.search("expected|must|needs|got|no edges|do not|does not", str(error)), repr(error)


def outcome(call, z):
    """Return the numbers of a result, or no number where z is refused."""
    try:
        return numbers(call(z))
    except ValueError as error:
        check_refusal(error)
        return np.empty(0)


def judge(label, z):
    """Check a result, and that nothing but it has changed."""
    case, before = CASES[label], z.copy()
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    z.flags.writeable = False
    try:
        result = case(z)
    except (ValueError, TypeError) as error:
        check_refusal(error)
        return
    assert case.holds(z, result), result
    assert not case.finite or np.isfinite(numbers(result)).all(), result
    np.testing.assert_array_equal(z, before)
    assert np.array_equal(np.random.get_state()[1], state)  # noqa: NPY002


@each
def test_any_cloud_gives_what_is_documented_or_is_refused_in_words(label):
    d = CASES[label].d
    components = (1, 2, 3, 4, 6) if d == 4 else (d,)
    tried(label)(given(clouds(components))(lambda z: judge(label, z)))()


@each_part
def test_numbers_of_any_size_give_what_is_documented_or_are_refused_in_words(label):
    for size in (*SIZES, 1.0):
        judge(label, cloud(label, CASES[label].least) * size)


@each
def test_what_is_no_cloud_is_refused_with_what_was_received(label):
    case = CASES[label]
    if not case.refuses:
        pytest.skip("takes no z-points, but what the case makes of them")

    @tried(label, quick=15, slow=5)
    @given(no_clouds(case.d, case.refuses))
    def judged(bad):
        z, said = bad
        with pytest.raises(ValueError, match=said) as raised:
            case(z)
        check_refusal(raised.value)

    judged()


@each_part
def test_neither_layout_nor_kind_of_number_matters(label):
    case = CASES[label]

    @tried(label, quick=12, slow=3)
    @given(layout=st.sampled_from(sorted(LAYOUTS)), kind=st.sampled_from(KINDS))
    def judged(layout, kind):
        if case.made is shares and np.dtype(kind).kind in "iu":
            return  # no whole numbers
        z = (cloud(label, max(case.least, 20)) + 20 * (kind == np.uint16)).astype(kind)
        found, wide = outcome(case, LAYOUTS[layout](z)), outcome(case, z.astype(np.float64))
        # BLAS sums what is strided in another order; float16 has three digits.
        rough = 2e-3 if z.dtype.itemsize < 4 else 1e-5
        np.testing.assert_allclose(found, wide, rtol=rough, atol=rough)

    judged()


@each
def test_too_few_points_are_refused_and_the_fewest_are_enough(label):
    case = CASES[label]
    if case.least > 1:
        with pytest.raises(ValueError, match=r"\w") as raised:
            case(cloud(label)[: case.least - 1])
        check_refusal(raised.value)
    assert numbers(case(cloud(label)[: case.least])).size


@each_part
def test_a_constant_component_gives_an_answer_without_warnings(label):
    z = cloud(label)
    z[:, -1] = 0.5
    may_refuse = CASES[label].d == 2  # a line
    result = outcome(CASES[label], z) if may_refuse else numbers(CASES[label](z))
    assert np.isfinite(result).any() or not result.size


@pytest.mark.parametrize("label", [label for label, case in CASES.items() if "seed" in case.args])
def test_a_seed_gives_the_same_draws_and_another_one_others(label):
    case, z = CASES[label], cloud(label, CHOOSING.get(label))
    one = numbers(case(z, seed=1))
    np.testing.assert_array_equal(one, numbers(case(z, seed=1)))
    if label not in SEEDLESS | COSTLY:
        others = [numbers(case(z, seed=seed)) for seed in range(2, 3 if case.slow else 5)]
        assert any(len(o) != len(one) or not np.array_equal(o, one, True) for o in others)


def test_every_public_name_is_tried():
    tried_names = {label.split(":")[0] for label in CASES}
    others = {"CONDITIONS", "POISSON_VOIDS", "PRESETS", "LatentPath", "credits", "standard_errors"}
    others |= {"AttributeSteps"} | {"heldout_law", "poisson_field"}  # of an index, and of none
    assert set(latent.__all__) <= tried_names | others
