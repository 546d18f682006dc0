"""Sources: CelebA, LFW, a folder, the portraits; one way to iterate over pictures."""

import hashlib
import importlib
import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from aelatent._checks import check_one_of
from aelatent.images.containers import Container, Entry, Tree, first_of_each, suffix
from aelatent.images.pictures import (
    OTHER_SUFFIXES,
    VERSION,
    BadPicture,
    crop_and_resize,
    is_readable,
    read_picture,
)

#: Candidates per batch: at most so many, and at most so many bytes of files. Small enough that
#: little is lost on an interruption, large enough that the steps between cost nothing.
BATCH = 128
BATCH_BYTES = 8 * 2**20


class Batch(NamedTuple):
    """Pictures of a part of a source."""

    images: np.ndarray  # uint8 (k, size, size, 3)
    image_ids: list[str]  # of its rows
    skipped: list[tuple[str, str]]  # file, reason: candidates that are no usable pictures


class Source:
    """Pictures with names and attributes; base class of all sources.

    Attributes
    ----------
    kind : str
        ``"celeba"``, ``"lfw"``, ``"folder"`` or ``"portraits"``.
    drawn : bool
        Whether the pictures are drawn from numbers instead of read from files.
    default_crop : "center" or float or tuple
        The crop used when none is asked for; see `pack`.
    image_ids : list of str
        The candidates, each once, in an order that depends on their names only.
    table : pandas.DataFrame
        A row per candidate, indexed by image_id: optional column ``split`` (``"train"``,
        ``"val"``, ``"test"``, or missing), then attributes or factors.
    notes : list of str
        What differs from what was expected (counts, say): reported, not refused.
    ignored : list of (file, reason)
        Files found unusable while listing.
    """

    kind: str = ""
    drawn: bool = False
    default_crop = "center"
    image_ids: list[str]
    table: pd.DataFrame
    notes: list[str]
    ignored: list[tuple[str, str]]

    def __len__(self) -> int:
        """Return the number of candidates."""
        return len(self.image_ids)

    def __iter__(self) -> Iterator[tuple[str, object, dict]]:
        """Yield (image_id, RGB picture, dict of attributes); warn about unusable pictures."""
        raise NotImplementedError

    def read(self, start: int, stop: int, size: int, crop) -> Batch:
        """Return candidates ``start:stop`` as a `Batch`, its pictures uint8 (k, size, size, 3)."""
        raise NotImplementedError  # called by several threads at once

    def batches(self, at_most: int = BATCH) -> list[tuple[int, int]]:
        """Return (start, stop) of the parts in which the source is packed, in order."""
        return [(i, min(i + at_most, len(self))) for i in range(0, len(self), at_most)]

    def identity(self) -> dict:
        """Return what tells this source from any other, fit for JSON, without absolute paths."""
        # Two sources with the same identity give the same pictures, names and attributes: an
        # interrupted build then goes on.
        raise NotImplementedError


class FileSource(Source):
    """A source that reads files; base class of CelebA, LFW and a folder."""

    def __init__(
        self, container: Container, files: dict[str, Entry], table=None, notes=(), ignored=()
    ):
        # files: identifier -> entry, in order; table: attributes, indexed by identifier
        self._container = container
        self._entries = list(files.values())
        self.image_ids = list(files)
        self.table = pd.DataFrame(index=self.image_ids) if table is None else table
        self.notes = list(notes)
        self.ignored = list(ignored)

    def __iter__(self):
        attributes = self.table.drop(columns="split", errors="ignore")
        records = attributes.to_dict("records") if len(attributes.columns) else [{}] * len(self)
        for image_id, entry, record in zip(self.image_ids, self._entries, records, strict=True):
            try:
                picture = self._picture(entry)
            except BadPicture as reason:
                warnings.warn(f"{image_id} is skipped: {reason}", stacklevel=2)
            else:
                yield image_id, picture, record

    def _picture(self, entry):
        data, kind = self._container.read(entry), suffix(entry.name)
        if kind in OTHER_SUFFIXES and not is_readable(data):
            kind = kind[1:].upper()
            raise BadPicture(f"{kind} is not read; save it as JPEG, PNG, WebP, BMP or TIFF")
        return read_picture(data)

    def read(self, start, stop, size, crop) -> Batch:
        """Return the usable pictures among the candidates ``start:stop``."""
        entries = self._entries[start:stop]
        images = np.empty((len(entries), size, size, 3), np.uint8)
        kept, skipped = [], []
        for image_id, entry in zip(self.image_ids[start:stop], entries, strict=True):
            try:
                images[len(kept)] = crop_and_resize(self._picture(entry), size, crop)
            except BadPicture as reason:
                skipped.append((entry.name, str(reason)))
            else:
                kept.append(image_id)
        return Batch(images[: len(kept)], kept, skipped)

    def batches(self, at_most=BATCH):
        """Return (start, stop) of parts of `at_most` pictures and about 8 MiB of files."""
        parts, start, weight = [], 0, 0
        for i, entry in enumerate(self._entries):
            if i > start and (i - start == at_most or weight + entry.size > BATCH_BYTES):
                parts.append((start, i))
                start, weight = i, 0
            weight += entry.size
        if start < len(self):
            parts.append((start, len(self)))
        return parts

    def identity(self) -> dict:
        """Return kind, count and a hash of names, sizes, checksums, attributes, skipped files."""
        # A folder stores no checksums: a file that changes and keeps its size is not noticed.
        listing = [
            (i, e.name, e.size, getattr(e.place, "CRC", None))
            for i, e in zip(self.image_ids, self._entries, strict=True)
        ]
        digest = hashlib.sha256(json.dumps([listing, self.ignored]).encode())
        for column, values in self.table.items():
            digest.update(str(column).encode() + b"\0")
            if pd.api.types.is_numeric_dtype(values):
                digest.update(values.to_numpy(np.float64, na_value=np.nan).tobytes())
            else:
                digest.update("\0".join(values.fillna("").tolist()).encode())
        return {
            "kind": self.kind,
            "candidates": len(self),
            "listing": digest.hexdigest(),
            "reader": VERSION,
        }


def open_source(kind: str, path=None, **options) -> Source:
    """Open a source by its kind.

    Parameters
    ----------
    kind : {"celeba", "lfw", "folder", "portraits"}
        Which one.
    path : str or path, optional
        Zip archive or folder of CelebA, folder of LFW (default: downloaded on first use), or
        folder of pictures. The portraits have none.
    **options
        For the portraits: `n`, `seed`, `aligned`, and `vary`: the names of the factors that vary
        while all others rest at their median (default: all vary).

    Returns
    -------
    Source
        A `CelebA`, `LFW`, `FolderOfPictures` or `Portraits`.

    Examples
    --------
    >>> open_source("portraits", n=3, seed=1).image_ids[0]
    'portrait-000000'
    """
    check_one_of("source", kind, _KINDS)
    module, name, what = _KINDS[kind]
    opener = getattr(importlib.import_module(module), name)  # imported late: it imports this one
    if kind == "portraits":
        if path is not None:
            raise ValueError(
                f"the portraits are drawn and have no path; got {path!r}: leave it out."
            )
        return opener(**options)
    if path is None and what is not None:
        raise ValueError(f"source {kind!r} needs a path: {what}.")
    return opener(path, **options)


_KINDS = {  # kind -> module, class, the path that it cannot do without
    "celeba": ("aelatent.images.celeba", "CelebA", "img_align_celeba.zip or its folder"),
    "lfw": ("aelatent.images.lfw", "LFW", None),
    "folder": ("aelatent.images.sources", "FolderOfPictures", "a folder of pictures"),
    "portraits": ("aelatent.images.drawn", "Portraits", None),
}


class FolderOfPictures(FileSource):
    """The pictures of a folder and its subfolders, told by suffix, checked by content."""

    # The identifier of a picture is its path inside the folder ("2019/rome/9.jpg"), with / on every
    # system; the order is that of the names, numbers by their value. Hidden files are passed over.

    kind = "folder"

    def __init__(self, path):
        path = Path(path).expanduser()
        if path.is_file():
            raise ValueError(
                f"{path} is a file; expected a folder of pictures. Unpack an archive first, and "
                "give the folder."
            )
        tree = Tree(path)
        if not tree.entries:
            raise ValueError(no_pictures(path, tree))
        files, doubles = first_of_each(tree.entries, str, str)
        super().__init__(tree, files, ignored=[*tree.ignored, *doubles])


def no_pictures(path, container) -> str:
    """Return the message for a folder or archive without a usable picture."""
    found = f"{len(container.others)} other files"
    if container.ignored:
        found += f" and {len(container.ignored)} unusable pictures, such as {container.ignored[0]}"
    packed = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".rar")
    archives = [name for name in container.others if name.lower().endswith(packed)]
    if archives:
        found += f", among them the archive {archives[0]}"
    return (
        f"{path} holds no picture: found {found}; expected JPEG, PNG, WebP, BMP or TIFF files. "
        "Give the folder or archive that holds them."
    )
