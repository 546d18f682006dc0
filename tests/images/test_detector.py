import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from aelatent.images import detect_faces, detector, open_source

CELEBA = Path(os.environ.get("AELATENT_CELEBA", Path(__file__).parents[3] / "shared/celeba-10k"))


def drawn_face(size=96, shift=0):
    """Return a crude face: enough of dark and light for the cascade."""
    face = np.full((size, size, 3), 90, np.uint8)
    scale = size / 96
    at = lambda x, y: (round((x + shift) * scale), round(y * scale))  # noqa: E731
    long = lambda a, b: (round(a * scale), round(b * scale))  # noqa: E731
    cv2.ellipse(face, at(48, 50), long(27, 36), 0, 0, 360, (225, 190, 170), -1)
    for x in (37, 59):
        cv2.ellipse(face, at(x, 42), long(6, 3), 0, 0, 360, (40, 30, 30), -1)
        cv2.ellipse(face, at(x, 35), long(8, 2), 0, 0, 360, (70, 50, 40), -1)
    cv2.ellipse(face, at(48, 54), long(4, 2), 0, 0, 360, (190, 150, 130), -1)
    cv2.ellipse(face, at(48, 68), long(11, 3), 0, 0, 360, (150, 70, 70), -1)
    return cv2.GaussianBlur(face, (0, 0), 1.2 * scale)


@pytest.fixture(scope="module")
def mixed():
    rng = np.random.default_rng(0)
    drawn = [drawn_face(shift=s) for s in range(-8, 9, 2)]
    noise = [rng.integers(0, 256, (96, 96, 3), dtype=np.uint8) for _ in range(9)]
    return np.stack([image for pair in zip(drawn, noise, strict=True) for image in pair] * 5)


@pytest.fixture(scope="module")
def expected(mixed):
    """The published recipe, applied to one picture after the other."""
    path = cv2.data.haarcascades + "haarcascade_frontalface_alt2.xml"
    cascade = cv2.CascadeClassifier(path)
    found = []
    for image in mixed[:18]:
        large = cv2.resize(image, (192, 192), interpolation=cv2.INTER_CUBIC)
        gray = cv2.cvtColor(large, cv2.COLOR_RGB2GRAY)
        found.append(len(cascade.detectMultiScale(gray, 1.1, 3, minSize=(60, 60))) > 0)
    return found * 5


@pytest.mark.parametrize("workers", [None, 1, 2, 5])
def test_faces_are_found_and_noise_is_not_whatever_the_threads(mixed, expected, workers):
    found = detect_faces(mixed, workers=workers)
    assert found.dtype == bool
    assert found.tolist() == expected
    assert found[::2].mean() > 0.8
    assert not found[1::2].any()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_float_pictures_are_the_same_pictures(mixed, expected, dtype):
    levels = np.arange(256, dtype=np.uint8)
    assert detect_faces((mixed[:20] / 255).astype(dtype)).tolist() == expected[:20]
    assert (detector._to_bytes((levels / 255).astype(dtype)) == levels).all()


def test_channels_are_red_green_blue():
    gray = drawn_face().mean(axis=2)
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
        assert detect_faces(drawn_face(size)[None]).all()


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
