"""Neighbors kept and void probability against cases whose answer is known."""

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from aelatent.latent.map_quality import (
    POISSON_VOIDS,
    neighbor_correlation,
    neighbors_kept,
    void_probability,
)


def test_a_turned_and_scaled_plane_keeps_all_neighbors():
    z = np.random.default_rng(0).normal(size=(300, 2))
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    assert neighbors_kept(z, 5 * z @ turn + 3) == 1


def test_a_random_arrangement_keeps_chance():
    rng = np.random.default_rng(1)
    kept = neighbors_kept(rng.normal(size=(2000, 8)), rng.normal(size=(2000, 2)), k=20)
    assert kept == pytest.approx(20 / 2000, abs=0.004)


def kept_by_sets(z, flat, k):
    """Return the share of neighbors kept of each point, counted by sets."""
    high, low = (
        NearestNeighbors(n_neighbors=k).fit(a).kneighbors(return_distance=False) for a in (z, flat)
    )
    return [len(set(a) & set(b)) / k for a, b in zip(high, low, strict=True)]


def test_neighbors_are_counted_as_by_sets():
    rng = np.random.default_rng(2)
    z = rng.normal(size=(150, 5))
    flat = z[:, :2] + 0.2 * rng.normal(size=(150, 2))
    expected = np.mean(kept_by_sets(z, flat, 7))
    for landmarks in (None, 150, 2000):
        assert neighbors_kept(z, flat, k=7, landmarks=landmarks) == pytest.approx(expected)
    assert neighbors_kept(z, flat, k=7, landmarks=149) == pytest.approx(expected, abs=0.01)


def test_landmarks_are_as_many_as_asked_for_and_belong_to_their_seed():
    rng = np.random.default_rng(2)
    z, flat = rng.normal(size=(150, 5)), rng.normal(size=(150, 2))
    each = set(kept_by_sets(z, flat, 7))
    found = [neighbors_kept(z, flat, k=7, landmarks=1, seed=seed) for seed in range(30)]
    assert all(min(abs(one - own) for own in each) < 1e-12 for one in found)  # those of one point
    assert len(set(found)) > 1
    assert found == [neighbors_kept(z, flat, k=7, landmarks=1, seed=seed) for seed in range(30)]


def test_copies_of_a_point_do_not_break_the_count():
    z = np.repeat(np.random.default_rng(3).normal(size=(20, 3)), 5, axis=0)
    assert 0 <= neighbors_kept(z, z[:, :2], k=4) <= 1


@pytest.mark.parametrize(
    ("z", "flat", "k", "message"),
    [
        (np.zeros((5, 3)), np.zeros((4, 2)), 1, "as z-points, 5; got 4"),
        (np.zeros((5, 3)), np.zeros((5, 3)), 1, r"shape \(n, 2\)"),
        (np.zeros((5, 3)), np.zeros((5, 2)), 5, "from 1 to 4; got 5"),
        (np.full((5, 3), np.nan), np.zeros((5, 2)), 1, "nan in row 0"),
    ],
)
def test_what_cannot_be_compared_is_refused(z, flat, k, message):
    with pytest.raises(ValueError, match=message):
        neighbors_kept(z, flat, k=k)


@pytest.mark.parametrize("shape", ["square", "disk"])
def test_a_poisson_field_has_its_known_share_of_voids(shape):
    rng = np.random.default_rng(4)
    field = rng.uniform(-1, 1, (20_000, 2))
    if shape == "disk":
        field = field[np.hypot(*field.T) < 1]
    assert void_probability(field) == pytest.approx(POISSON_VOIDS, abs=0.006)
    assert pytest.approx(0.0432, abs=1e-4) == POISSON_VOIDS


def test_a_lattice_has_none_and_lines_have_many():
    steps = np.arange(60.0)
    lattice = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    assert void_probability(lattice) == 0
    lines = np.column_stack(
        [np.random.default_rng(0).uniform(0, 60, 3600), np.repeat(steps[::6], 360)]
    )
    assert void_probability(lines) > 0.5


@pytest.mark.parametrize(
    "points", [np.zeros((9, 2)), np.ones((50, 2)), np.column_stack([np.arange(50.0)] * 2)]
)
def test_what_spans_no_plane_is_refused(points):
    with pytest.raises(ValueError, match=f"span a plane; got {len(points)}"):
        void_probability(points)


def test_voids_are_those_of_a_plane_and_belong_to_their_seed():
    field = np.random.default_rng(5).normal(size=(500, 3))
    with pytest.raises(ValueError, match=r"shape \(n, 2\).*got shape \(500, 3\)"):
        void_probability(field)
    found = [void_probability(field[:, :2], circles=500, seed=seed) for seed in (1, 1, 2)]
    assert found[0] == found[1] != found[2]


def test_a_hull_too_narrow_for_any_circle_is_refused():
    sliver = np.column_stack([np.linspace(0, 1, 40), np.zeros(40)])
    sliver[20, 1] = 1e-4
    with pytest.raises(ValueError, match="do not fit"):
        void_probability(sliver, circles=100)


def test_what_a_map_orders_is_guessed_from_neighbors_and_noise_is_not():
    rng = np.random.default_rng(6)
    field = rng.uniform(size=(3000, 2))
    values = np.column_stack([np.sin(3 * field[:, 0]), rng.normal(size=3000), np.full(3000, 2.0)])
    ordered, noise, constant = neighbor_correlation(field, values)
    assert ordered > 0.99
    assert abs(noise) < 0.08
    assert np.isnan(constant)


def test_a_point_is_not_its_own_neighbor():
    rng = np.random.default_rng(7)
    field, noise = rng.uniform(size=(500, 2)), rng.normal(size=(500, 1))
    assert abs(neighbor_correlation(field, noise, k=1)[0]) < 0.2  # with itself it would be 1


@pytest.mark.parametrize(
    ("values", "k", "message"),
    [
        (np.zeros((4, 1)), 1, "5 rows; got 4"),
        (np.zeros((5, 1)), 5, "from 1 to 4; got 5"),
        (np.zeros(5), 1, r"shape \(5,\)"),
    ],
)
def test_values_that_do_not_fit_are_refused(values, k, message):
    with pytest.raises(ValueError, match=message):
        neighbor_correlation(np.random.default_rng(0).normal(size=(5, 2)), values, k=k)
