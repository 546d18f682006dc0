"""Every public function of the latent floor on any cloud of z-points, and on what is none."""

import linecache
import re
import traceback

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aelatent import latent

from .cases import ALL, CASES, CONSTANTS
from .documented import DOCUMENTED
from .results import numbers
from .strategies import LAYOUTS, SIZES, clouds, no_clouds, shares

INTS = np.int8, np.int64, np.uint16
#: Without effect: PCA starts the map; so few components have one ordinary pair only; and of so few
#: points all are looked at.
SEEDLESS = "tsne", "path_planes"
#: Seeds choose rows where there are more than these look at, and nothing else.
CHOOSING = {"neighbors_kept": 2100, "neighbor_correlation": 5100}

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


@each
def test_any_cloud_gives_what_is_documented_or_is_refused_in_words(label):
    d = CASES[label].d
    components = (1, 2, 3, 4, 6) if d == 4 else (d,)
    tried(label)(given(clouds(components=components))(lambda z: judge(label, z)))()


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
    assert DOCUMENTED[label](z, result), result
    assert not case.finite or np.isfinite(numbers(result)).all(), result
    np.testing.assert_array_equal(z, before)
    assert np.array_equal(np.random.get_state()[1], state)  # noqa: NPY002


@each_part
@pytest.mark.parametrize("size", [*SIZES, 1.0])
def test_numbers_of_any_size_give_what_is_documented_or_are_refused_in_words(label, size):
    judge(label, cloud(label, CASES[label].least) * size)
    if not CASES[label].slow:
        judge(label, cloud(label) * size)


@each
def test_masked_numbers_are_refused(label):
    case, z = CASES[label], cloud(label)
    if case.refuses != ALL:
        pytest.skip("takes no z-points, or their shape only")
    with pytest.raises(ValueError, match="1 of them masked"):
        case(np.ma.masked_equal(z, z[0, 0]))


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
def test_the_layout_in_memory_does_not_matter(label):
    case = CASES[label]

    @tried(label, quick=8, slow=3)
    @given(
        layout=st.sampled_from(sorted(LAYOUTS)),
        kind=st.sampled_from([np.float64, np.float32, np.int32]),
        n=st.integers(max(case.least, 9), max(case.least, 9) + 20),
    )
    def judged(layout, kind, n):
        z = cloud(label, n).astype(kind)
        result = outcome(case, LAYOUTS[layout](z))
        # BLAS sums what is strided in another order.
        np.testing.assert_allclose(result, outcome(case, z), rtol=1e-5, atol=1e-7)

    judged()


def outcome(case, z):
    """Return the numbers of a result, or no number where z is refused."""
    try:
        return numbers(case(z))
    except ValueError as error:
        check_refusal(error)
        return np.empty(0)


@each_part
@pytest.mark.parametrize("kind", [np.float16, np.float32, *INTS])
def test_other_numbers_count_as_the_float64_that_they_stand_for(label, kind):
    case = CASES[label]
    if (case.slow and kind != np.float16) or (case.made is shares and kind in INTS):
        pytest.skip("slow: tried with one type; shares: no whole numbers")
    narrow = (cloud(label) + 20 * (kind == np.uint16)).astype(kind)
    wide = outcome(case, narrow.astype(np.float64))
    np.testing.assert_allclose(outcome(case, narrow), wide, rtol=2e-3, atol=2e-3)


@each
def test_too_few_points_are_refused_and_the_fewest_are_enough(label):
    case = CASES[label]
    if case.least > 1 and not label.startswith("SAMPLERS"):
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


@pytest.mark.parametrize("label", [label for label, case in CASES.items() if case.seeded])
def test_a_seed_gives_the_same_draws_and_another_one_others(label):
    case, z = CASES[label], cloud(label, CHOOSING.get(label))
    one, again = numbers(case(z, 1)), numbers(case(z, 1))
    np.testing.assert_array_equal(one, again)
    if label in SEEDLESS or label in COSTLY:
        return
    others = [numbers(case(z, seed)) for seed in range(2, 3 if case.slow else 5)]
    assert any(len(other) != len(one) or not np.array_equal(other, one, True) for other in others)


def test_every_public_name_is_tried():
    tried_names = {label.split(":")[0] for label in CASES} | set(CONSTANTS)
    assert set(latent.__all__) <= tried_names
    assert set(DOCUMENTED) == set(CASES)


@pytest.mark.parametrize("name", CONSTANTS)
def test_what_is_no_function_is_what_it_says(name):
    assert CONSTANTS[name](getattr(latent, name))
