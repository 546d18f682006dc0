import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from aelatent import portraits
from aelatent.images import detect_faces, detector, open_source

CELEBA = Path(os.environ.get("AELATENT_CELEBA", Path(__file__).parents[3] / "shared/celeba-10k"))


FACTORS = portraits.sample_factors(90, seed=0)
IS_DRAWN = np.random.default_rng(0).random(90) < 0.5  # the others are noise


@pytest.fixture(scope="module")
def mixed():
    drawn = portraits.draw(FACTORS)
    noise = np.random.default_rng(0).integers(0, 256, drawn.shape, dtype=np.uint8)
    return np.where(IS_DRAWN[:, None, None, None], drawn, noise)


@pytest.fixture(scope="module")
def expected(mixed):
    """The published recipe, applied to one picture after the other."""
    path = cv2.data.haarcascades + "haarcascade_frontalface_alt2.xml"
    cascade = cv2.CascadeClassifier(path)
    found = []
    for image in mixed:
        large = cv2.resize(image, (192, 192), interpolation=cv2.INTER_CUBIC)
        gray = cv2.cvtColor(large, cv2.COLOR_RGB2GRAY)
        found.append(len(cascade.detectMultiScale(gray, 1.1, 3, minSize=(60, 60))) > 0)
    return found


@pytest.mark.parametrize("workers", [None, 1, 2, 5])
def test_faces_are_found_and_noise_is_not_whatever_the_threads(mixed, expected, workers):
    found = detect_faces(mixed, workers=workers)
    assert found.dtype == bool
    assert found.tolist() == expected
    assert found[IS_DRAWN].mean() > 0.8
    assert not found[~IS_DRAWN].any()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_float_pictures_are_the_same_pictures(mixed, expected, dtype):
    levels = np.arange(256, dtype=np.uint8)
    assert detect_faces((mixed[:20] / 255).astype(dtype)).tolist() == expected[:20]
    assert (detector._to_bytes((levels / 255).astype(dtype)) == levels).all()


def test_channels_are_red_green_blue():
    gray = portraits.draw(FACTORS[1:2])[0].mean(axis=2)
    plain = np.full_like(gray, 128)
    colored = np.stack([gray, plain, plain], axis=2).astype(np.uint8)  # the face is in the red
    swapped = colored[..., ::-1]  # in the blue it is too faint
    assert detect_faces(np.stack([colored, swapped])).tolist() == [True, False]


def test_memory_mapped_and_empty_arrays_and_other_sizes(mixed, expected, tmp_path):
    np.save(tmp_path / "images.npy", mixed[:20])
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    assert detect_faces(mapped).tolist() == expected[:20]
    assert detect_faces(mixed[:0]).shape == (0,)
    for size in (48, 192, 240):
        assert detect_faces(portraits.draw(FACTORS[1:4], size)).all()


def test_unusable_pictures_are_refused(mixed):
    for wrong in (mixed[0], mixed[..., :1], [1, 2], np.zeros((2, 0, 0, 3), np.uint8)):
        with pytest.raises(ValueError, match=r"\(n, size, size, 3\)"):
            detect_faces(wrong)
    with pytest.raises(ValueError, match="uint8, or float"):
        detect_faces(mixed.astype(np.int32))
    for value in (-0.1, 1.5, np.nan, np.inf):
        images = np.zeros((3, 32, 32, 3), np.float32)
        images[1, 0, 0, 0] = value
        with pytest.raises(ValueError, match=r"in 0\.\.1"):
            detect_faces(images)


def test_a_missing_cascade_says_what_to_install(mixed, monkeypatch, tmp_path):
    monkeypatch.setattr(cv2.data, "haarcascades", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="opencv-python-headless below 5"):
        detect_faces(mixed)


@pytest.mark.celeba
@pytest.mark.skipif(not CELEBA.is_dir(), reason=f"no CelebA photos in {CELEBA}")
def test_rate_on_real_photos():
    source = open_source("celeba", CELEBA / "img_align_celeba.zip")
    images = source.read(0, 400, 96, "center").images
    assert detect_faces(images).mean() == pytest.approx(0.958, abs=0.01)
