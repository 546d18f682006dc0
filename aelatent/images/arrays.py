"""Pictures in memory as a source of a store."""

import hashlib

import numpy as np
import pandas as pd
from PIL import Image

from aelatent._checks import check_pictures, check_within
from aelatent.images.pictures import crop_and_resize
from aelatent.images.sources import Batch, Source


class Pictures(Source):
    """An array (n, h, w, 3), uint8 or float in 0..1, and a table with a row each."""

    kind = "array"

    def __init__(self, images: np.ndarray, table: pd.DataFrame):
        self._images = check_pictures("images", images)
        self.table, self.image_ids = table, [*map(str, table.index)]
        self.notes, self.ignored = [], []

    def read(self, start, stop, size, crop) -> Batch:
        """Return pictures ``start:stop``, cropped to squares."""
        part = self._images[start:stop]
        if part.dtype != np.uint8:
            part = np.uint8(np.rint(255 * check_within("images", part, 1 + 1e-6)).clip(0, 255))
        if part.shape[1:3] != (size, size):
            part = [crop_and_resize(Image.fromarray(one), size, crop) for one in part]
        return Batch(np.stack([*part]), self.image_ids[start:stop], [])

    def identity(self) -> dict:
        """Return hashes of pictures and table."""
        digest = hashlib.sha256(np.ascontiguousarray(self._images).data)
        digest.update(self.table.to_csv().encode())
        return {"kind": self.kind, "candidates": len(self), "sha256": digest.hexdigest()}
