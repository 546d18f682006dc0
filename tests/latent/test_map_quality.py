import numpy as np
import pandas as pd
import pytest
from sklearn.neighbors import NearestNeighbors

from aelatent.latent.map_quality import (
    POISSON_VOIDS,
    neighbor_correlation,
    neighbors_kept,
    void_probability,
)


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


def test_landmarks_are_as_many_as_asked_for():
    rng = np.random.default_rng(2)
    z, flat = rng.normal(size=(150, 5)), rng.normal(size=(150, 2))
    each = set(kept_by_sets(z, flat, 7))
    found = [neighbors_kept(z, flat, k=7, landmarks=1, seed=seed) for seed in range(30)]
    assert all(min(abs(one - own) for own in each) < 1e-12 for one in found)  # those of one point
    assert len(set(found)) > 1


def test_a_poisson_field_has_its_known_share_of_voids_and_a_lattice_none():
    field = np.random.default_rng(4).uniform(-1, 1, (20_000, 2))
    disk = field[np.hypot(*field.T) < 1]
    assert void_probability(field) == pytest.approx(POISSON_VOIDS, abs=0.006)
    assert void_probability(disk) == pytest.approx(POISSON_VOIDS, abs=0.006)
    assert pytest.approx(0.0432, abs=1e-4) == POISSON_VOIDS
    assert void_probability(np.indices((60, 60)).reshape(2, -1).T) == 0


def test_what_a_map_orders_is_guessed_from_neighbors_and_noise_is_not():
    rng = np.random.default_rng(6)
    field = rng.uniform(size=(3000, 2))
    table = {"noise": rng.normal(size=3000), "wave": np.sin(3 * field[:, 0]), "constant": 2.0}
    found = neighbor_correlation(field, pd.DataFrame(table))
    assert found.index.to_list() == ["wave", "noise"]
    assert found["wave"] > 0.99
    assert abs(found["noise"]) < 0.08


def test_names_and_texts_are_no_quantities_and_missing_values_are_left_out():
    rng = np.random.default_rng(6)
    field = rng.uniform(size=(3000, 2))
    left = field[:, 0] < 0.5
    table = pd.DataFrame({"smiling": left, "wave": np.sin(3 * field[:, 0]), "split": "train"})
    table["gaps"] = table["wave"].where(rng.uniform(size=3000) < 0.7)
    table["identity"], table["row"], table["empty"] = 1 * left, np.arange(3000), np.nan
    table["few"] = table["wave"].where(np.arange(3000) == 7)
    found = neighbor_correlation(field, table)
    assert set(found.index) == {"smiling", "wave", "gaps"}
    assert found["gaps"] == pytest.approx(found["wave"], abs=0.01)
    assert neighbor_correlation(field, table[["identity", "split"]]).empty


def test_a_point_is_not_its_own_neighbor():
    rng = np.random.default_rng(7)
    field, noise = rng.uniform(size=(500, 2)), rng.normal(size=(500, 1))
    assert abs(neighbor_correlation(field, noise, k=1)[0]) < 0.2  # with itself it would be 1


FIVE = np.random.default_rng(0).normal(size=(5, 3))
SLIVER = np.column_stack([np.linspace(0, 1, 40), np.zeros(40)])
SLIVER[20, 1] = 1e-4


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: neighbors_kept(FIVE, FIVE[:4, :2], k=1), "5.*got 4"),
        (lambda: neighbors_kept(FIVE, FIVE, k=1), r"shape \(n, 2\)"),
        (lambda: neighbors_kept(FIVE, FIVE[:, :2], k=5), "from 1 to 4; got 5"),
        (lambda: void_probability(FIVE), r"shape \(n, 2\)"),
        (lambda: void_probability(np.eye(9, 2)), "span a plane; got 9"),
        (lambda: void_probability(np.ones((50, 2))), "span a plane; got 50"),
        (lambda: void_probability(np.outer(np.arange(50.0), [1, 1])), "span a plane; got 50"),
        (lambda: void_probability(SLIVER, circles=100), "do not fit"),
        (lambda: neighbor_correlation(FIVE[:, :2], FIVE[:4], k=1), "5.*got 4"),
        (lambda: neighbor_correlation(FIVE[:, :2], FIVE, k=5), "from 1 to 4; got 5"),
    ],
)
def test_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()
