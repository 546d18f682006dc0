"""The portraits as a source of pictures."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from PIL import Image

from aelatent._checks import check_one_of, check_whole
from aelatent.images.sources import Batch, Source
from aelatent.portraits.drawing import VERSION, draw, typical
from aelatent.portraits.factors import NAMES, sample_factors
from aelatent.portraits.labels import attributes

_PART = 64  # pictures drawn at once while iterating
_HELD_OUT = 20  # every so many pictures, the last one is for validation


class Portraits(Source):
    """Drawn portraits; the first k of a seed are the same whatever their number."""

    # table: the column split (every twentieth is "val"), the factors, and their attributes

    kind = "portraits"
    drawn = True

    def __init__(
        self, n: int, seed: int = 0, aligned: bool = True, vary: Sequence[str] | None = None
    ):
        self.n, self.vary = check_whole("n", n, 1), vary and [*vary]
        for name in self.vary or ():
            check_one_of("each of vary", name, NAMES)
        self.seed, self.aligned = check_whole("seed", seed, 0), bool(aligned)
        factors = self._factors(0, self.n)
        self.image_ids = _names(0, self.n)
        table = pd.concat([factors, attributes(factors)], axis=1)
        table.index = self.image_ids
        split = ["val" if i % _HELD_OUT == _HELD_OUT - 1 else "train" for i in range(self.n)]
        table.insert(0, "split", split)
        self.table = table
        self.notes, self.ignored = [], []

    def __iter__(self):
        records = self.table.drop(columns="split").to_dict("records")
        for start in range(0, len(self), _PART):
            pictures = self.read(start, start + _PART, 96, "center").images
            rows = slice(start, start + _PART)
            yield from zip(self.image_ids[rows], pictures, records[rows], strict=True)

    def read(self, start, stop, size, crop) -> Batch:
        """Draw portraits ``start:stop``, uint8 (k, size, size, 3), whole: crop must be "center"."""
        if crop not in ("center", 1.0):
            raise ValueError(
                f"portraits are drawn whole; crop must be 'center', got {crop!r}. To come closer, "
                "draw them with another factor 'scale'."
            )
        stop = min(stop, self.n)
        return Batch(draw(self._factors(start, stop), size), _names(start, stop), [])

    def identity(self) -> dict:
        """Return what tells these portraits from any other pictures."""
        made = {
            "kind": self.kind,
            "generator": VERSION,
            "seed": self.seed,
            "aligned": self.aligned,
            "candidates": self.n,
        }
        return made | ({"vary": self.vary} if self.vary else {})

    def _factors(self, start, stop) -> pd.DataFrame:
        factors = sample_factors(stop - start, self.seed, start, aligned=self.aligned)
        rest = typical().drop(columns=self.vary) if self.vary else {}
        return factors.assign(**{name: column[0] for name, column in rest.items()})


def _names(start, stop):
    return [f"portrait-{i:06d}" for i in range(start, stop)]


def example_folder(folder: Path, count: int, seed: int = 0) -> Path:
    """Write portraits as files, and one damaged file, as a folder of pictures might hold them."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, picture in enumerate(draw(sample_factors(count, seed), size=120)):
        Image.fromarray(picture).save(folder / f"person-{number:04d}.png")
    (folder / "damaged.jpg").write_bytes(b"this was a picture once")
    return folder
