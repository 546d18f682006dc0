"""The face detector: tells whether there is a face in a picture."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import joblib
import numpy as np

from aelatent._checks import check_within
from aelatent._system import Bar

CASCADE = "haarcascade_frontalface_alt2.xml"
SIDE = 192  # pixels to which a picture is enlarged
_BATCH = 32


def detect_faces(images: np.ndarray, workers: int | None = None, progress=False) -> np.ndarray:
    """Tell for each picture whether OpenCV's Haar cascade finds a face in it.

    The detector rewards bland averages: quote its rate beside the rate on photos. Each picture is
    enlarged to 192 x 192 (bicubic), turned gray and searched with
    ``haarcascade_frontalface_alt2``, scale factor 1.1, 3 neighbors, faces from 60 x 60 pixels.

    Parameters
    ----------
    images : uint8, or float in 0..1, (n, size, size, 3)
        Pictures; a memory-mapped array is read in parts.
    workers : int, optional
        Number of threads; default: all cores.
    progress : bool
        Show a bar.

    Returns
    -------
    bool (n,)
        Whether there is a face.

    Examples
    --------
    >>> detect_faces(np.zeros((2, 96, 96, 3), np.uint8))
    array([False, False])
    """
    if getattr(images, "ndim", None) != 4 or images.shape[3] != 3 or 0 in images.shape[1:]:
        raise ValueError(
            f"images must be an array (n, size, size, 3); got {getattr(images, 'shape', images)!r}."
        )
    if images.dtype != np.uint8 and not np.issubdtype(images.dtype, np.floating):
        raise ValueError(f"images must be uint8, or float in 0..1; got {images.dtype}.")
    path = Path(cv2.data.haarcascades, CASCADE)
    if not path.is_file():
        raise FileNotFoundError(
            f"OpenCV {cv2.__version__} comes without {CASCADE} (looked in {path.parent}); install "
            "opencv-python-headless below 5."
        )
    workers = workers or joblib.cpu_count()
    # One detector per thread (a detector is no shared good), each with an equal share of every
    # round; OpenCV releases Python's lock. Its own number of threads is global and left alone.
    detectors = [cv2.CascadeClassifier(str(path)) for _ in range(workers)]
    found = np.zeros(len(images), bool)

    def search(detector, start):
        part = _to_bytes(images[start : start + _BATCH])
        found[start : start + _BATCH] = [_has_face(detector, image) for image in part]

    with (
        ThreadPoolExecutor(workers) as pool,
        Bar(total=len(images), desc="faces", unit=" pictures", disable=not progress) as bar,
    ):
        for first in range(0, len(images), workers * _BATCH):
            starts = range(first, min(first + workers * _BATCH, len(images)), _BATCH)
            list(pool.map(search, detectors, starts))
            bar.update(min(workers * _BATCH, len(images) - first))
    return found


def _to_bytes(images):
    if images.dtype == np.uint8:
        return np.asarray(images)
    check_within("float images", images)
    return np.round(images * 255).astype(np.uint8)


def _has_face(detector, image):
    large = cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    gray = cv2.cvtColor(large, cv2.COLOR_RGB2GRAY)
    return len(detector.detectMultiScale(gray, 1.1, 3, minSize=(60, 60))) > 0
