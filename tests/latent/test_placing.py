"""New points in an existing map: they fall among their own kind, and nothing else moves."""

from dataclasses import replace

import numpy as np
import pytest

from aelatent.latent.maps import MapSettings, place, tsne

QUICK = MapSettings(perplexity=10, early=100, iterations=150)


@pytest.fixture(scope="module")
def groups():
    """Five groups of 80 points in 12 components, far apart; and the number of each one's group."""
    rng = np.random.default_rng(3)
    group = np.repeat(np.arange(5), 80)
    return rng.normal(0, 1, (400, 12)) + 12 * rng.normal(0, 1, (5, 12))[group], group


@pytest.fixture(scope="module")
def made(groups):
    return tsne(groups[0], QUICK, seed=1)


def test_new_points_fall_among_their_own_kind(groups, made):
    z, group = groups
    rng = np.random.default_rng(8)
    rows = rng.choice(400, 40, replace=False)
    before = made.coordinates.copy()
    placed = place(made, z, z[rows] + rng.normal(0, 0.3, (40, 12)))
    np.testing.assert_array_equal(made.coordinates, before)
    assert placed.dtype == np.float32
    nearest = np.linalg.norm(placed[:, None] - made.coordinates[None], axis=2).argmin(axis=1)
    assert (group[nearest] == group[rows]).all()
    exact = place(made, z, z[rows])
    off = np.linalg.norm(exact - made.coordinates[rows], axis=1)
    assert np.median(off) < 0.1 * made.coordinates.std()


def test_new_points_follow_the_axes_of_the_map(groups):
    z, _ = groups
    wide = np.hstack([100 * np.random.default_rng(0).normal(size=(400, 2)), z])
    made = tsne(wide, QUICK.on_axes(2))
    moved = wide[:30].copy()
    moved[:, 2:] += 3  # no part of the two leading axes
    off = np.linalg.norm(place(made, wide, moved) - made.coordinates[:30], axis=1)
    assert np.median(off) < 0.1 * made.coordinates.std()


def test_new_points_go_where_the_map_is(groups, made):
    z, _ = groups
    moved = replace(made, coordinates=made.coordinates + np.float32([300, -70]))
    off = place(moved, z, z[:20]) - place(made, z, z[:20])
    np.testing.assert_allclose(off, np.tile([300, -70], (20, 1)), atol=0.05)


def test_a_map_of_other_points_is_refused(groups, made):
    z, _ = groups
    with pytest.raises(ValueError, match="the map has 400 points, z has 399"):
        place(made, z[1:], z[:2])
    with pytest.raises(ValueError, match=r"shape \(n, 12\)"):
        place(made, z, z[:2, :5])
