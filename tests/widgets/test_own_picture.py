import numpy as np
import pytest

from aelatent.widgets import OwnPicture

from .stand_ins import asked


@pytest.fixture
def own(run):
    run.images = np.random.default_rng(1).integers(0, 256, (400, 8, 8, 3), np.uint8)
    run.encode = lambda images: images.reshape(len(images), -1)[:, :12].astype(np.float32)
    return OwnPicture(run)


def test_a_page_that_cannot_encode_is_answered(run, own):
    rgba = np.random.default_rng(2).integers(0, 256, (8, 8, 4), np.uint8)
    answer, (image,) = asked(own, "encode", [rgba.tobytes()])
    z = rgba[..., :3].reshape(1, -1)[:, :12].astype(np.float32)
    np.testing.assert_array_equal(answer["z"], z[0])
    np.testing.assert_allclose(answer["d2"], run.core.axes.d2(z))
    expected = np.mean((run.decode(z)[0] - rgba[..., :3] / 255) ** 2)
    assert answer["error"] == pytest.approx(expected)
    assert image.shape == (8, 8, 3)


def test_samples_are_pictures_of_the_store_as_far_as_there_is_one(run, own):
    assert len(own.samples) == 6
    assert all(sample.startswith("data:image/png;base64,") for sample in own.samples)
    run.images = None
    assert OwnPicture(run).samples == []
    assert 'data-aelatent="photo"' in own.still()
