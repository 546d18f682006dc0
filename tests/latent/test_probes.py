import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.spatial.distance import cdist

from aelatent.latent import SURROGATES, core_border
from aelatent.latent.probes import beside_points, core_voids, segments

D = 12
RNG = np.random.default_rng(0)
MIXING = RNG.normal(size=(D, D)) * np.geomspace(5, 0.2, D)
CLOUD = (RNG.normal(size=(1500, D)) @ MIXING + np.linspace(-3, 3, D)).astype(np.float32)
AXES = core_border(CLOUD, 0).axes


def assert_sound(probes, n, seed):
    axes = core_border(CLOUD, seed).axes
    assert (probes.z.dtype, probes.z.shape) == (np.float32, (n, D))
    np.testing.assert_allclose(probes.d2, axes.d2(probes.z))
    nearest = cdist(axes.whiten(probes.z), axes.whiten(CLOUD)).min(axis=1)
    np.testing.assert_allclose(probes.distance, nearest, rtol=1e-4)


@pytest.mark.parametrize("seed", [0, 3])
def test_voids_are_far_from_points_and_vectors_beside_these_have_their_d2(seed):
    core = core_border(CLOUD, seed)
    voids = core_voids(CLOUD, 30, seed)
    assert_sound(voids, 30, seed)
    assert core.holds(voids.z).all()
    assert (np.diff(voids.distance) <= 0).all()
    assert core_voids(CLOUD, 30, seed, candidates=2).distance.mean() < voids.distance.mean()
    within = core.axes.whiten(CLOUD)[core.holds(CLOUD)]
    own = np.sort(cdist(within, within), axis=1)[:, 1]
    assert voids.distance.min() > np.quantile(own, 0.9)
    beside = beside_points(CLOUD, voids.d2, seed)
    assert_sound(beside, 30, seed)
    np.testing.assert_allclose(beside.d2, voids.d2, rtol=1e-5)
    assert beside.distance.max() < voids.distance.min() / 1.5
    assert len(np.unique(beside.z, axis=0)) == 30


def test_a_hole_is_found():
    # The elliptical surrogate knows radii, not directions: it enters the two empty quadrants.
    z = np.random.default_rng(1).normal(size=(6000, 2))
    z = z[z[:, 0] * z[:, 1] > 0]
    assert (core_voids(z, 20).z.prod(axis=1) < 0).all()


def test_the_step_is_in_units_of_nearest_neighbor_distances():
    y = AXES.whiten(CLOUD)
    typical = np.median(np.sort(cdist(y, y), axis=1)[:, 1])
    wanted = AXES.d2(CLOUD)
    wanted = wanted[np.abs(wanted - np.median(wanted)) < 2][:200]  # where points are many
    for step in (0.01, 0.25):
        found = beside_points(CLOUD, wanted, step=step)
        # the scaling to the D² wanted adds what 50 z-points differ by in radius, some 0.03
        assert np.median(found.distance) == pytest.approx(step * typical, rel=0.15, abs=0.04)


def test_no_z_point_is_used_twice_before_all_were():
    z = CLOUD[:60]
    found = beside_points(z, np.full(90, 12.0), step=1e-3)
    y = core_border(z, 0).axes.whiten(z)
    y /= np.linalg.norm(y, axis=1, keepdims=True) / np.sqrt(12)
    used = cdist(core_border(z, 0).axes.whiten(found.z), y).argmin(axis=1)
    assert len(set(used[:60])) == 60
    assert len(set(used[60:])) == 30
    closest = np.argsort(np.abs(core_border(z, 0).axes.d2(z) - 12))[:50]
    assert {used[0], used[60]} <= set(closest)


@given(st.integers(2, 30), st.integers(1, 20), st.integers(2, 12), st.integers(0, 999))
def test_segments_are_straight_and_lead_from_point_to_point(n, pairs, steps, seed):
    z = CLOUD[:n]
    found = segments(z, pairs, seed, steps=steps)
    assert (found.dtype, found.shape) == (np.float32, (pairs, steps, D))
    first, last = (cdist(found[:, k], z).argmin(axis=1) for k in (0, -1))
    assert (first != last).all()
    expected = np.linspace(z[first], z[last], steps, axis=1)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(found[:, [0, -1]], expected[:, [0, -1]])


def test_every_pair_of_points_may_be_joined():
    found = segments(CLOUD[:4], 300)
    assert len({tuple(cdist(ends, CLOUD[:4]).argmin(axis=1)) for ends in found[:, [0, -1]]}) == 12


@pytest.mark.parametrize(("d2", "match"), [([], r"d2 .*shape \(0,\)"), ([1, 0], "of d2 .*; got")])
def test_values_of_d2_that_are_none_are_refused(d2, match):
    with pytest.raises(ValueError, match=match):
        beside_points(CLOUD, d2)


def test_a_surrogate_that_misses_the_core_is_told(monkeypatch):
    far_off = np.full((100, D), 1e3, np.float32)
    monkeypatch.setitem(SURROGATES, "elliptical", lambda z, n, seed: far_off)
    with pytest.raises(ValueError, match=r"of 100 drawn .* at least 5; got 0"):
        core_voids(CLOUD, 5)
