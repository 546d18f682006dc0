"""Packing: pictures read, cropped and resized by threads, kept batch by batch, whatever interrupts.

A store is built in ``.NAME.partial`` beside its place (`in_pieces` keeps its pictures) and renamed
when it is whole.
"""

import hashlib
import json
import os
import shutil
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import PIL
import PIL.features

from aelatent import __version__, _files
from aelatent._system import Bar
from aelatent.images.pictures import RESIZE
from aelatent.images.sources import BATCH, Batch, Source

IMAGES = "images.npy"
FILES = (IMAGES, "index.csv", "skipped.csv", "store.json")
BATCH_PIXEL_BYTES = 16 * 2**20  # of one batch, so that large pictures do not fill the memory
INDEX_BYTES = 500  # generous estimate of a picture's share of index and journal


def pack_into(target: Path, source: Source, *, size, crop, workers, progress) -> None:
    """Make the store at `target`, or go on with it; `store.pack` says what is raised."""
    if len(source) == 0 or len(set(source.image_ids)) != len(source):
        raise ValueError(
            f"the source has {len(source)} pictures under {len(set(source.image_ids))} names; "
            "expected at least one, each with a name of its own."
        )
    plain_crop = list(crop) if isinstance(crop, tuple) else crop  # as JSON gives it back
    request = {"source": source.identity(), "size": size, "crop": plain_crop}
    if target.exists() and not _leftovers(target):  # only others may write there: no lock
        _same_or_refuse(target, request)
        return
    lock = target.parent / f".{target.name}.lock"
    with _files.only_one(lock, f"packing the store {target.name!r}"):
        if target.exists():
            _same_or_refuse(target, request)
        else:
            partial = target.parent / f".{target.name}.partial"
            wanted = {**request, "versions": versions()}
            with _files.in_pieces(partial, IMAGES, "|u1", wanted, progress) as pieces:
                _fill(partial, pieces, source, size, crop, workers, progress)
                _finish(partial, pieces, source, request)
            os.rename(partial, target)
        tidy(target)


def _asked(request: dict) -> dict:
    """Return what was asked for: a store that an older reader packed whole stays what it is."""
    source = request.get("source") or {}
    return request | {"source": {k: value for k, value in source.items() if k != "reader"}}


def _same_or_refuse(target, request):
    path = target / "store.json"
    made = _files.read_json(path).get("request") if path.is_file() else None
    if not made or _asked(made) != _asked(request):
        asked = json.dumps(request, sort_keys=True)
        raise ValueError(
            f"there is another store {target}: made from {json.dumps(made, sort_keys=True)}, now "
            f"asked for {asked}. Choose another name, or move that folder away; portraits of an "
            "older generator go with runs of its time."
        )


def tidy(target: Path) -> None:
    """Remove what served the making, if the call that made the store was stopped before it did."""
    for path in _leftovers(target):
        path.unlink()


def _leftovers(target):
    return [target / name for name in (_files.REQUEST, _files.JOURNAL) if (target / name).exists()]


def versions() -> dict:
    """Return the versions of everything that decides about the pixels."""
    libraries = ("libjpeg_turbo", "zlib", "webp", "libtiff")
    found = {name: PIL.features.version(name) for name in libraries}
    return {"aelatent": __version__, "pillow": PIL.__version__} | found


def _fill(partial, pieces, source, size, crop, workers, progress):
    """Pack what is missing."""
    picture_bytes = size * size * 3
    parts = source.batches(max(1, min(BATCH, BATCH_PIXEL_BYTES // picture_bytes)))
    missing = parts[len(pieces.notes) :]
    done = missing[0][0] if missing else len(source)
    _check_room(partial, len(source), size)
    pieces.make_room(len(source) * picture_bytes)
    with (
        Bar(
            total=len(source), initial=done, desc="packing", unit=" pictures", disable=not progress
        ) as bar,
        closing(batches_in_order(source, missing, size, crop, workers)) as batches,
    ):
        for (start, stop), batch in zip(missing, batches, strict=True):
            pieces.append(batch.images, [batch.image_ids, batch.skipped])
            bar.update(stop - start)


def _check_room(partial, count, size):
    """Refuse to start where the store would not fit on the disk."""
    need = _files.HEADER_BYTES + count * (size * size * 3 + INDEX_BYTES)
    need -= sum(path.stat().st_size for path in partial.iterdir())
    free = shutil.disk_usage(partial).free
    if need > free:
        raise OSError(
            f"{count:,} pictures of {size} x {size} need {need / 1e9:.3f} GB more in "
            f"{partial.parent}, only {free / 1e9:.3f} GB are free. Make room, choose a smaller "
            "size, or set AELATENT_DATA to a folder on another disk."
        )


def batches_in_order(
    source: Source, parts: list[tuple[int, int]], size: int, crop, workers: int | None = None
) -> Iterator[Batch]:
    """Yield each part of a source as a batch; threads work on those that come next."""
    # Pillow, NumPy, OpenCV and hashlib leave Python's lock to others while they compute.
    workers = workers or joblib.cpu_count()
    ahead = deque()  # only a few, so that a slow disk does not fill the memory
    pool = ThreadPoolExecutor(workers)
    try:
        for start, stop in parts:
            if len(ahead) == 2 * workers + 1:
                yield ahead.popleft().result()
            ahead.append(pool.submit(source.read, start, stop, size, crop))
        while ahead:
            yield ahead.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)  # waits for those that have begun


def _finish(partial, pieces, source, request):
    """Complete ``images.npy`` and write the other files; refuse where no picture was usable."""
    image_ids = [i for ids, _ in pieces.notes for i in ids]
    skipped = [*source.ignored, *(pair for _, pairs in pieces.notes for pair in pairs)]
    if not image_ids:
        shutil.rmtree(partial)
        raise ValueError(
            f"none of the {len(source)} pictures is usable; the first reasons are: {skipped[:3]}. "
            "Check the source, or the crop."
        )
    pieces.finish()
    index, columns = index_of(source.table, image_ids)
    write_csv(partial / "index.csv", index)
    write_csv(partial / "skipped.csv", pd.DataFrame(skipped, columns=["file", "reason"]))
    index_sha256 = _files.sha256(partial / "index.csv")
    pictures_sha256 = pieces.digest.hexdigest()
    made_of = (
        json.dumps(request, sort_keys=True) if source.drawn else index_sha256 + pictures_sha256
    )
    splits = index["split"].value_counts().sort_index()
    _files.write_json(
        partial / "store.json",
        {
            "kind": source.kind,
            "size": request["size"],
            "crop": request["crop"],
            "resize": None if source.drawn else RESIZE,
            "count": len(image_ids),
            "skipped": len(skipped),
            "splits": {split: int(n) for split, n in splits.items() if split},
            "columns": columns,
            "notes": list(source.notes),
            "fingerprint": hashlib.sha256(made_of.encode()).hexdigest(),
            "pictures_sha256": pictures_sha256,
            "index_sha256": index_sha256,
            "request": request,
            "versions": versions(),
        },
    )


def index_of(table, image_ids):
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


def write_csv(path, frame):
    """Write a table as CSV, whole or not at all."""
    with _files.replacing(path) as temporary:
        frame.to_csv(temporary, index=False, lineterminator="\n", encoding="utf-8")
