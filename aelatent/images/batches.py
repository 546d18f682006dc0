"""Batches: what a worker makes of some files; loads neither pandas nor OpenCV."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from aelatent.images.names import Entry
from aelatent.images.pictures import BadPicture, crop_and_resize, read_picture


class Batch(NamedTuple):
    """Pictures of a part of a source.

    `images` is uint8 (k, size, size, 3), `image_ids` names its rows, `skipped` holds (file, reason)
    for every candidate that is no usable picture.
    """

    images: np.ndarray
    image_ids: list[str]
    skipped: list[tuple[str, str]]


def read_batch(
    read: Callable[[str, Sequence[Entry]], Iterator[bytes | BadPicture]],
    path: str,
    image_ids: Sequence[str],
    entries: Sequence[Entry],
    size: int,
    crop,
) -> Batch:
    """Read, crop and resize files.

    Parameters
    ----------
    read : callable
        ``Archive.read`` or ``Tree.read``.
    path : str
        The archive or folder.
    image_ids : sequence of str
        One per entry.
    entries : sequence of Entry
        The files.
    size, crop
        As in `pictures.crop_and_resize`.
    """
    images = np.empty((len(entries), size, size, 3), np.uint8)
    kept, skipped = [], []
    for image_id, entry, data in zip(image_ids, entries, read(path, entries), strict=True):
        try:
            if isinstance(data, BadPicture):
                raise data
            images[len(kept)] = crop_and_resize(read_picture(data), size, crop)
        except BadPicture as reason:
            skipped.append((entry.name, str(reason)))
        else:
            kept.append(image_id)
    return Batch(images[: len(kept)], kept, skipped)
