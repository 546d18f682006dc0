"""The end of packing: index, skipped files and description; then the store goes into place."""

import hashlib
import io
import json
import os
import shutil
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from aelatent._files import replacing, sha256, write_json
from aelatent.images.pictures import RESIZE
from aelatent.images.workers import SCRATCH

IMAGES = "images.npy"
FILES = (IMAGES, "index.csv", "skipped.csv", "store.json")
REQUEST, JOURNAL = "request.json", "journal.txt"  # beside them while the store is made
HEADER_BYTES = 128  # of images.npy; numpy pads it so that the first axis can grow in place
INDEX_BYTES = 500  # generous estimate of a picture's share of index and journal


class Packed(NamedTuple):
    """What has been packed so far."""

    batches: int
    image_ids: list[str]
    skipped: list[tuple[str, str]]
    digest: "hashlib._Hash"  # SHA-256 over the SHA-256 of each picture


def header(count: int, size: int) -> bytes:
    """Return the header of ``images.npy``; its length does not depend on the count."""
    file = io.BytesIO()
    shape = (count, size, size, 3)
    np.lib.format.write_array_header_1_0(
        file, {"descr": "|u1", "fortran_order": False, "shape": shape}
    )
    if file.tell() != HEADER_BYTES:
        raise RuntimeError(
            f"numpy {np.__version__} writes a header of {file.tell()} bytes for {shape}, expected "
            f"{HEADER_BYTES}. Install the versions of requirements.lock."
        )
    return file.getvalue()


def check_room(partial: Path, count: int, size: int) -> None:
    """Refuse to start (OSError, with the sizes) where the store would not fit on the disk."""
    need = HEADER_BYTES + count * (size * size * 3 + INDEX_BYTES)
    need -= sum(path.stat().st_size for path in partial.iterdir())
    free = shutil.disk_usage(partial).free
    if need > free:
        raise OSError(
            f"{count:,} pictures of {size} x {size} need {need / 1e9:.3f} GB more in "
            f"{partial.parent}, only {free / 1e9:.3f} GB are free. Make room, choose a smaller "
            "size, or set AELATENT_DATA to a folder on another disk."
        )


def finish(partial: Path, images, source, request: dict, versions: dict, packed: Packed) -> None:
    """Complete ``images.npy`` and write the other files; refuse where no picture was usable."""
    skipped = [*map(tuple, source.ignored), *packed.skipped]
    if not packed.image_ids:
        shutil.rmtree(partial)
        raise ValueError(
            f"none of the {len(source)} pictures is usable; the first reasons are: {skipped[:3]}. "
            "Check the source, or the crop."
        )
    images.seek(0)
    images.write(header(len(packed.image_ids), request["size"]))
    to_disk(images, partial)
    index, columns = _index(source.table, packed.image_ids)
    _write_csv(partial / "index.csv", index)
    _write_csv(partial / "skipped.csv", pd.DataFrame(skipped, columns=["file", "reason"]))
    index_sha256 = sha256(partial / "index.csv")
    pictures_sha256 = packed.digest.hexdigest()
    made_of = (
        json.dumps(request, sort_keys=True) if source.drawn else index_sha256 + pictures_sha256
    )
    write_json(
        partial / "store.json",
        {
            "kind": source.kind,
            "size": request["size"],
            "crop": request["crop"],
            "resize": None if source.drawn else RESIZE,
            "count": len(packed.image_ids),
            "skipped": len(skipped),
            "splits": {
                s: int(n) for s, n in index["split"].value_counts().sort_index().items() if s
            },
            "columns": columns,
            "notes": list(source.notes),
            "fingerprint": hashlib.sha256(made_of.encode()).hexdigest(),
            "pictures_sha256": pictures_sha256,
            "index_sha256": index_sha256,
            "request": request,
            "versions": versions,
        },
    )


def to_disk(images, partial: Path) -> None:
    """Wait until the disk has what was written to ``images.npy``."""
    try:
        os.fsync(images.fileno())
    except OSError:
        # The system may now show pictures from memory that the disk does not hold, and would call
        # them written the next time: without their journal they are packed again.
        os.truncate(partial / JOURNAL, 0)
        raise


def put_in_place(partial: Path, target: Path) -> None:
    """Rename the finished folder, then remove what only served the making."""
    os.rename(partial, target)
    tidy(target)


def is_tidy(target: Path) -> bool:
    """Tell whether nothing is left in the store that only served the making."""
    return not _leftovers(target)


def tidy(target: Path) -> None:
    """Remove what served the making, if the call that made the store was stopped before it did."""
    for path in _leftovers(target):
        path.unlink()


def _leftovers(target):
    patterns = (REQUEST, JOURNAL, f"{SCRATCH}*")
    return [path for pattern in patterns for path in target.glob(pattern)]


def _index(table, image_ids):
    """Return the index of the packed pictures and the types of its attribute columns."""
    table = table.loc[image_ids]
    split = table["split"] if "split" in table else pd.Series("", index=table.index)
    index = {
        "row": np.arange(len(image_ids)),
        "image_id": image_ids,
        "split": split.astype("object").where(split.notna(), "").to_numpy(),
    }
    columns = {}
    for name, values in table.drop(columns="split", errors="ignore").items():
        index[str(name)], columns[str(name)] = _column(values)
    return pd.DataFrame(index), columns


def _column(values):
    if pd.api.types.is_float_dtype(values) and values.dtype in (np.float32, np.float64):
        return values.to_numpy(), str(values.dtype)
    if pd.api.types.is_integer_dtype(values):
        dtype = "Int64" if values.isna().any() else "int64"
        return values.astype(dtype).array, dtype
    return values.astype("object").where(values.notna(), "").map(str).to_numpy(), "str"


def _write_csv(path, frame):
    with replacing(path) as temporary:
        frame.to_csv(temporary, index=False, lineterminator="\n", encoding="utf-8")
