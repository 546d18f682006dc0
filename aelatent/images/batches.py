"""Batches: what a worker makes of some files; loads neither pandas nor OpenCV."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from aelatent.images.names import Entry
from aelatent.images.pictures import BadPicture, crop_and_resize, read_picture


class Batch(NamedTuple):
    """Pictures of a part of a source."""

    images: np.ndarray  # uint8 (k, size, size, 3)
    image_ids: list[str]  # of its rows
    skipped: list[tuple[str, str]]  # file, reason: candidates that are no usable pictures


def read_batch(
    read: Callable[[str, Sequence[Entry]], Iterator[bytes | BadPicture]],
    path: str,
    image_ids: Sequence[str],
    entries: Sequence[Entry],
    size: int,
    crop,
) -> Batch:
    """Read, crop and resize files: `read` is ``Archive.read`` or ``Tree.read`` of `path`."""
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
