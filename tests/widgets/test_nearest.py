import io
from types import SimpleNamespace

import ipywidgets
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from aelatent.latent.neighbors import _EXACTLY, Nearest
from aelatent.widgets import FaceMixer

from .stand_ins import LinearRun, messages, parts


def strip(mixer):
    """Return the pictures below the face as the page shows them, or None where there are none."""
    images = parts(mixer, ipywidgets.Image)
    return np.asarray(Image.open(io.BytesIO(images[1].value))) if len(images) > 1 else None


def brute(z, v, k):
    distances = np.linalg.norm(np.asarray(z, float) - v, axis=1)
    rows = np.argsort(distances, kind="stable")[:k]
    return rows, distances[rows]


def test_the_nearest_pictures_follow_the_face():
    run = LinearRun()
    colors = np.random.default_rng(5).integers(0, 256, (400, 1, 1, 3))
    images = np.broadcast_to(colors, (400, 8, 8, 3)).astype(np.uint8)
    run.store = SimpleNamespace(images=images)
    mixer = FaceMixer(run)
    center = strip(mixer)
    for move in (
        lambda: setattr(parts(mixer, ipywidgets.FloatSlider)[0], "value", 2.4),
        mixer.random_face,
    ):
        move()
        rows, distances = brute(run.z, mixer.z, 3)
        np.testing.assert_array_equal(mixer.nearest, rows)
        assert mixer.nearest.dtype == np.int64
        named = ", ".join(
            f"row&nbsp;{r}&nbsp;({d:.1f})" for r, d in zip(rows, distances, strict=True)
        )
        assert f"nearest of 400 pictures: {named}" in messages(mixer)
        assert strip(mixer).shape == center.shape == (8, 28, 3)
        shown = [strip(mixer)[4, 10 * i + 4] for i in range(3)]
        assert np.abs(shown - images[rows, 0, 0].astype(float)).max() < 8  # JPEG
    assert (strip(mixer) != center).any()


@pytest.mark.parametrize("problem", [FileNotFoundError, ValueError])
def test_without_the_pictures_there_is_no_strip(problem):
    class Alone(LinearRun):
        @property
        def store(self):
            raise problem("there is no store 'few'")

    run = Alone()
    for mixer in (FaceMixer(run), FaceMixer(LinearRun())):
        assert strip(mixer) is None
        np.testing.assert_array_equal(mixer.nearest, brute(run.z, mixer.z, 3)[0])
        assert f"row&nbsp;{mixer.nearest[0]}&nbsp;" in messages(mixer)


def test_fewer_z_points_than_pictures_in_the_strip():
    run = LinearRun(d=3, n=2)
    run.store = SimpleNamespace(images=np.zeros((2, 8, 8, 3), np.uint8))
    mixer = FaceMixer(run)
    assert sorted(mixer.nearest) == [0, 1]
    assert strip(mixer).shape == (8, 18, 3)


@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 3 * _EXACTLY),
    st.integers(1, 9),
    st.sampled_from([np.float32, np.float64, np.int16]),
    st.floats(0, 300),
)
def test_search_finds_what_comparing_with_every_z_point_finds(seed, n, d, kind, offset):
    rng = np.random.default_rng(seed)
    z = (10 * rng.normal(size=(n, d)) + offset).astype(kind)
    v = 10 * rng.normal(size=d) + offset
    rows, distances = Nearest(z).find(v, 3)
    assert len(set(rows)) == min(3, n)
    np.testing.assert_allclose(distances, brute(z, v, 3)[1], rtol=1e-6)
    np.testing.assert_allclose(distances, np.linalg.norm(z[rows] - v, axis=1), rtol=1e-6)


def test_search_in_256_dimensions_and_on_disk(tmp_path):
    rng = np.random.default_rng(8)
    np.save(tmp_path / "z.npy", rng.normal(20, 1, (5000, 256)).astype(np.float32))
    z = np.load(tmp_path / "z.npy", mmap_mode="r")
    search = Nearest(z)
    for v in (z[77], rng.normal(20, 1, 256), np.zeros(256)):
        rows, distances = search.find(v, 3)
        np.testing.assert_array_equal(rows, brute(z, v, 3)[0])
    (row,), (distance,) = search.find(z[77], 1)
    assert (row, distance) == (77, 0)
    assert (rows.dtype, distances.dtype) == (np.int64, np.float64)


@pytest.mark.parametrize("z", [[[1.0, np.nan]], [1.0, 2.0], np.zeros((0, 3)), [["a"]]])
def test_search_refuses_what_are_no_z_points(z):
    with pytest.raises(ValueError, match="expected"):
        Nearest(z)
