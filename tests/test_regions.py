"""Where faces are: vectors are where they are said to be, shares those of the detector."""

import numpy as np
import pytest

from aelatent import Run, along_rays, between_pairs, near_and_far, regions, steps_aside
from aelatent.latent import core_border


@pytest.fixture
def run(world, monkeypatch):
    """A run whose detector says whether D² is below its median over the z-points."""
    run = Run.open("small")
    limit = np.median(run.core.axes.d2(run.z))

    def seen(run, vectors):
        d2 = run.core.axes.d2(vectors)
        return d2 < limit, d2

    monkeypatch.setattr(regions, "_seen", seen)
    return run


def test_voids_and_vectors_beside_z_points_have_one_d2(run):
    table, vectors = near_and_far(run, 30, 1)
    axes = core_border(run.z, 1).axes  # by which these voids are found
    d2 = {name: axes.d2(z) for name, z in vectors.items()}
    for name in ("beside z-points", "random directions"):
        np.testing.assert_allclose(d2[name], d2["voids"], rtol=1e-3)
    assert table["to nearest z-point"]["beside z-points"] < table["to nearest z-point"]["voids"]
    for name, z in vectors.items():
        assert table["D²"][name] == pytest.approx(np.median(d2[name]))
        assert 0 <= table["faces"][name] <= 1
        assert len(z) == table["n"][name] == 30


def test_rays_begin_at_the_center_and_lose_faces_where_they_should(run):
    rays = along_rays(run, 20)
    typical = np.median(np.sqrt(run.core.axes.d2(run.z)))
    for _, rows in rays.groupby("series"):
        np.testing.assert_allclose(rows["x"], (regions.LEVELS * typical) ** 2, rtol=0.35)
        assert rows["rate"].iloc[0] == 1
        assert rows["rate"].iloc[-1] == 0
    assert set(rays["n"]) == {20}


def test_steps_aside_keep_d2(run):
    aside = steps_aside(run, 25)
    assert list(aside["x"]) == list(regions.STEPS)
    np.testing.assert_allclose(aside["cycle error"], aside["cycle error"].iloc[0], rtol=1e-3)
    assert aside["rate"].nunique() == 1


def test_segments_join_z_points(run):
    table, faces = between_pairs(run, 12)
    assert faces.shape == (12, 9)
    np.testing.assert_allclose(table["rate"], faces.mean(axis=0))
    assert table["D²"].iloc[4] < table["D²"].iloc[0]
    assert (table["x"].iloc[0], table["x"].iloc[-1]) == (0, 1)


def test_pictures_are_decoded_and_encoded_again(world):
    run = Run.open("small")
    faces, cycle = regions._seen(run, np.asarray(run.z[:5]))
    assert faces.dtype == bool
    again = run.encode(run.decode(run.z[:5]))
    expected = np.linalg.norm(again - run.z[:5], axis=1) / run.axes.spread
    np.testing.assert_allclose(cycle, expected, rtol=1e-5)
