import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from scipy.integrate import dblquad

from aelatent.latent.planes import expected_count, inside, poisson_field, side_for_count

MEAN, COVARIANCE = [3, -1], np.array([[4, 1.2], [1.2, 1]])
CLOUD = np.random.default_rng(0).multivariate_normal(MEAN, COVARIANCE, 4000)


def test_small_squares_expect_the_density_at_the_mean():
    s1, s2 = CLOUD.std(axis=0, ddof=1)
    rho = stats.pearsonr(*CLOUD.T).statistic
    expected = len(CLOUD) * 0.1**2 / (2 * np.pi * s1 * s2 * np.sqrt(1 - rho**2))
    assert expected_count(CLOUD, 0.1) == pytest.approx(expected, rel=2e-3)


def test_large_squares_expect_the_integral():
    law = stats.multivariate_normal(CLOUD.mean(axis=0), np.cov(CLOUD.T))
    for side, center in ((1, (3, -1)), (3, (4, 0)), (6, (0, 0))):
        (x, y), half = center, side / 2
        integral = dblquad(
            lambda b, a: law.pdf([a, b]), x - half, x + half, y - half, y + half
        )[0]  # fmt: skip
        assert expected_count(CLOUD, side, center) == pytest.approx(4000 * integral, rel=1e-5)
    assert expected_count(CLOUD, 1000) == pytest.approx(4000)


def test_a_gaussian_cloud_holds_what_is_expected():
    for side in (0.5, 2, 5):
        expected = expected_count(CLOUD, side, MEAN)
        count = inside(CLOUD, MEAN, side).sum()
        assert abs(count - expected) < 4 * np.sqrt(expected)


def test_the_default_center_is_the_mean():
    mean = CLOUD.mean(axis=0)
    assert expected_count(CLOUD, 1) == pytest.approx(expected_count(CLOUD, 1, mean))
    assert side_for_count(CLOUD, 77) == pytest.approx(side_for_count(CLOUD, 77, mean))


# Of the size of coordinates: half of the smallest float is no longer exact.
numbers = st.floats(-1e3, 1e3).map(lambda x: round(x, 6))
clouds = arrays(float, st.tuples(st.integers(1, 40), st.just(2)), elements=numbers)


@given(clouds, st.tuples(numbers, numbers), st.data())
def test_the_side_for_a_count_holds_that_count(cloud, center, data):
    count = data.draw(st.integers(1, len(cloud)))
    side = side_for_count(cloud, count, center)
    held = inside(cloud, center, side)
    far = np.abs(cloud - np.array(center)).max(axis=1)
    assert held.sum() == np.sum(far <= np.sort(far)[count - 1])
    assert held.sum() >= count  # more only where points are equally far
    assert inside(cloud, center, np.nextafter(side, 0)).sum() < count or side == 0


@given(clouds, st.tuples(numbers, numbers), st.floats(0, 1e3))
def test_inside_is_a_square_with_its_border(cloud, center, side):
    half, (x, y) = side / 2, center
    expected = [abs(a - x) <= half and abs(b - y) <= half for a, b in cloud]
    assert inside(cloud, center, side).tolist() == expected


def test_field_is_uniform_independent_and_seeded():
    field = poisson_field(5000, 3.0, seed=1)
    assert field.shape == (5000, 2)
    for column in field.T:
        assert stats.kstest(column, stats.uniform(-1.5, 3).cdf).pvalue > 0.01
    assert abs(stats.spearmanr(*field.T).statistic) < 0.05
    np.testing.assert_array_equal(field, poisson_field(5000, 3.0, seed=1))
    assert (field != poisson_field(5000, 3.0, seed=2)).any()


EACH = {
    "expected_count": lambda where, center=None: expected_count(where, 1, center),
    "side_for_count": lambda where, center=None: side_for_count(where, 1, center),
    "inside": lambda where, center=(0, 0): inside(where, center, 1),
}


@pytest.mark.parametrize("name", EACH)
@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (CLOUD[0], r"shape \(n, 2\).*got shape \(2,\)"),
        (np.zeros((5, 3)), r"got shape \(5, 3\)"),
        (np.zeros((0, 2)), r"got shape \(0, 2\)"),
        (np.array([[0, 1], [np.nan, 0]]), "got nan in row 1, column 0"),
        (np.array([["a", "b"]]), "array of <U1"),
    ],
)
def test_what_are_no_pairs_is_refused(name, bad, message):
    with pytest.raises(ValueError, match=message):
        EACH[name](bad)


@pytest.mark.parametrize("name", EACH)
@pytest.mark.parametrize("center", [0.0, (1, 2, 3), (0, np.nan), (np.inf, 0)])
def test_a_center_is_two_numbers(name, center):
    with pytest.raises(ValueError, match="center must be two finite numbers; got"):
        EACH[name](CLOUD, center)


@pytest.mark.parametrize("side", [0, -1, np.nan, np.inf])
def test_squares_have_a_side(side):
    with pytest.raises(ValueError, match="side must be a finite number above 0; got"):
        expected_count(CLOUD, side)
    with pytest.raises(ValueError, match="side must be a finite number above 0; got"):
        poisson_field(3, side)
    if side != 0:
        with pytest.raises(ValueError, match="side must be a finite number, 0 or more; got"):
            inside(CLOUD, (0, 0), side)


def test_a_field_may_have_one_point_which_lies_in_its_square():
    points = np.concatenate([poisson_field(1, 0.5, seed=seed) for seed in range(20)])
    assert points.shape == (20, 2)
    assert np.abs(points).max() <= 0.25


def test_points_on_a_line_have_no_density():
    t = np.linspace(0, 1, 50)[:, None]
    for line in (t * [2, 1], t * [1, 0], np.full((3, 2), 5.0)):
        with pytest.raises(ValueError, match="on one line"):
            expected_count(line, 1)
    with pytest.raises(ValueError, match="needs at least 2"):
        expected_count(CLOUD[:1], 1)


@pytest.mark.parametrize("count", [0, -3, 2.0, True, "3"])
def test_counts_are_whole_numbers(count):
    for call in (lambda: side_for_count(CLOUD, count), lambda: poisson_field(count, 1)):
        with pytest.raises((ValueError, TypeError), match="count must be a whole number"):
            call()


def test_no_square_holds_more_than_all():
    with pytest.raises(ValueError, match="at most the number of points, 4000; got 4001"):
        side_for_count(CLOUD, 4001)
    assert inside(CLOUD, (0, 0), side_for_count(CLOUD, 4000, (0, 0))).all()
