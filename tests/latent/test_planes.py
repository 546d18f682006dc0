import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from aelatent.latent import (
    Plane,
    PrincipalAxes,
    clark_evans,
    describe_components,
    dominant_components,
    inside,
    path_planes,
    poisson_field,
    seed_planes,
    side_for_count,
)

D = 40
CLOUD = np.random.default_rng(0).normal(np.linspace(-4, 4, D), np.linspace(3, 0.5, D), (500, D))
AXES, DESCRIBED = PrincipalAxes.fit(CLOUD), describe_components(CLOUD)
PLANES = {"components": Plane.components(D, 3, 0), "principal": Plane.principal(AXES, 2, 18)}
each = pytest.mark.parametrize("plane", PLANES.values(), ids=PLANES)
PAIRS = np.random.default_rng(0).multivariate_normal([3, -1], [[4, 1.2], [1.2, 1]], 4000)


def test_planes_are_columns():
    components, principal = PLANES.values()
    np.testing.assert_allclose(components.project(CLOUD), CLOUD[:, [3, 0]])
    assert components.name == "components 3, 0"
    assert components.labels == ("component 3", "component 0")
    np.testing.assert_allclose(principal.project(CLOUD), AXES.forward(CLOUD)[:, [1, 17]], atol=1e-9)
    assert principal.name == "PC 2, PC 18"
    assert principal.labels == ("PC 2", "PC 18")


@each
@given(data=st.data())
def test_lifted_vectors_lie_where_they_should_and_differ_in_the_plane_only(plane, data):
    number = st.floats(-50, 50, width=32)
    where = np.array(data.draw(st.lists(st.tuples(number, number), min_size=1, max_size=5)))
    at = CLOUD[data.draw(st.integers(0, len(CLOUD) - 1))]
    lifted = plane.lift(where, at)
    assert lifted.dtype == np.float32
    assert lifted.shape == (len(where), D)
    np.testing.assert_allclose(plane.project(lifted), where, atol=1e-4)
    steps = lifted - at
    np.testing.assert_allclose(steps, steps @ plane.basis @ plane.basis.T, atol=1e-4)


def test_seed_planes_are_chosen_by_role_where_there_are_so_many_axes():
    planes = seed_planes(AXES, DESCRIBED)
    names = [plane.name for plane in planes.values()]
    assert names[:3] == ["PC 1, PC 2", "PC 1, PC 18", "PC 8, PC 35"]
    last = planes["two broad components, off the origin"]
    product = np.abs(CLOUD.mean(axis=0)) * CLOUD.std(axis=0)
    assert set(np.flatnonzero(last.basis.any(axis=1))) == set(np.argsort(product)[-2:])
    few = seed_planes(PrincipalAxes.fit(CLOUD[:, :18]), DESCRIBED[:18])
    assert [plane.name for plane in few.values()][:2] == ["PC 1, PC 2", "PC 1, PC 18"]
    assert len(few) == 3


def test_path_planes_are_one_of_two_broad_components_and_nine_of_ordinary_ones():
    planes = path_planes(DESCRIBED, seed=3)
    first, *others = planes
    assert first == "two broad components, off the origin"
    broad = seed_planes(AXES, DESCRIBED)[first].basis
    np.testing.assert_array_equal(planes[first].basis, broad)
    assert others == [f"ordinary pair {k}" for k in range(1, len(others) + 1)]
    used = np.concatenate([np.flatnonzero(planes[name].basis.any(axis=1)) for name in others])
    special = {*dominant_components(DESCRIBED).index, *np.flatnonzero(broad.any(axis=1))}
    assert len(np.unique(used)) == len(used) == min(18, (D - len(special)) // 2 * 2)
    assert special.isdisjoint(used)
    other = path_planes(DESCRIBED, seed=4)
    assert [p.name for p in other.values()] != [p.name for p in planes.values()]


def test_path_planes_leave_out_components_that_do_not_vary():
    small = np.random.default_rng(0).normal(size=(500, 6)) * [1, 1, 1, 0, 1, 1]
    planes = path_planes(describe_components(small))
    assert all("3" not in plane.name for plane in planes.values())
    assert len(planes) == 2  # of five that vary two are the broadest, two make a pair


# Of the size of coordinates: half of the smallest float is no longer exact.
numbers = st.floats(-1e3, 1e3).map(lambda x: round(x, 6))
clouds = arrays(float, st.tuples(st.integers(1, 40), st.just(2)), elements=numbers)


@given(clouds, st.tuples(numbers, numbers), st.data())
def test_the_side_for_a_count_holds_that_count(cloud, center, data):
    count = data.draw(st.integers(1, len(cloud)))
    side = side_for_count(cloud, count, center)
    far = np.sort(np.abs(cloud - np.array(center)).max(axis=1))
    assert inside(cloud, center, side).sum() == np.sum(far <= far[count - 1])  # ties are held, too
    assert inside(cloud, center, np.nextafter(side, 0)).sum() < count or side == 0


@given(clouds, st.tuples(numbers, numbers), st.floats(0, 1e3))
def test_inside_is_a_square_with_its_border(cloud, center, side):
    half, (x, y) = side / 2, center
    expected = [abs(a - x) <= half and abs(b - y) <= half for a, b in cloud]
    assert inside(cloud, center, side).tolist() == expected


def test_field_is_uniform_and_independent():
    field = poisson_field(5000, 3.0, seed=1)
    assert field.shape == (5000, 2)
    for column in field.T:
        assert stats.kstest(column, stats.uniform(-1.5, 3).cdf).pvalue > 0.01
    assert abs(stats.spearmanr(*field.T).statistic) < 0.05
    assert poisson_field(1, 0.5).shape == (1, 2)


@pytest.mark.parametrize("unit", [1, 1000])
def test_evenly_thrown_points_are_one_apart_points_on_curves_less_a_grid_more(unit):
    fields = [clark_evans(unit * poisson_field(1200, 2, k), 300) for k in range(60)]
    assert np.mean(fields) == pytest.approx(1, abs=0.02)
    assert 0.52 / np.sqrt(300) < np.std(fields) < 0.06  # theirs for 300 points without a border
    x = np.linspace(0, 1, 1000)
    curves = np.vstack([np.column_stack([x, np.sin(6 * x + k)]) for k in range(3)])
    assert clark_evans(unit * curves, 300) < 0.5
    grid = np.indices((30, 30)).reshape(2, -1).T
    assert clark_evans(unit * grid, 25 * 25, (12 * unit, 12 * unit)) == pytest.approx(2, rel=0.05)


LINE = np.linspace(0, 1, 50)[:, None] * [2, 1]
FEW = PrincipalAxes.fit(CLOUD[:6])  # six points vary along five axes


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: seed_planes(AXES, DESCRIBED[:1]), "at least 2.* 1"),
        (lambda: Plane.components(D, 0, 0), "two different components of 0 to 39; got"),
        (lambda: Plane.components(D, -1, 2), "two different components"),
        (lambda: Plane.components(D, 0, D), "two different components"),
        (lambda: Plane.principal(FEW, 1, 1), "two different principal axes of 1 to 5; got"),
        (lambda: Plane.principal(FEW, 0, 1), "two different principal axes"),
        (lambda: Plane.principal(FEW, 1, 6), "two different principal axes"),
        (lambda: PLANES["principal"].project(CLOUD[:, :5]), r"shape \(n, 40\)"),
        (lambda: PLANES["principal"].lift([[1, 2, 3]], AXES.mean), r"shape \(n, 2\)"),
        (lambda: PLANES["principal"].lift([[1, 2]], AXES.mean[:5]), "at must be a row of 40"),
        (lambda: poisson_field(3, 0), "side must be"),
        (lambda: inside(PAIRS, (0, 0), -1), "side must be"),
        (lambda: inside(np.zeros((4, 3)), (0, 0), 1), r"shape \(n, 2\)"),
        (lambda: inside(PAIRS, (1, 2, 3), 1), "center must be a row of 2"),
        (lambda: side_for_count(PAIRS, 1, 0.0), "center must be a row of 2"),
        (lambda: side_for_count(PAIRS, 0), "count must be"),
        (lambda: side_for_count(PAIRS, 4001), "from 1 to 4000; got 4001"),
        (lambda: poisson_field(0, 1), "count must be"),
        (lambda: clark_evans(PAIRS, 29), "count must be .* at least 30"),
        (lambda: clark_evans(np.full((40, 2), 5.0), 30), "round the center; got none"),
    ],
)
def test_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()
