"""Packing: pictures appended to a file that survives any interruption.

A store is built in ``.NAME.partial`` beside its place. A batch counts once its line in the journal
is whole and its pictures have the hash that the line states; the next call keeps the batches up to
the first that does not count, cuts both files there and goes on.
"""

import hashlib
import json
import os
import shutil
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import PIL
import PIL.features
from tqdm.auto import tqdm

from aelatent import __version__
from aelatent._files import only_one, read_json, write_json
from aelatent.images.finishing import (
    HEADER_BYTES,
    IMAGES,
    JOURNAL,
    REQUEST,
    Packed,
    check_room,
    finish,
    header,
    is_tidy,
    put_in_place,
    tidy,
    to_disk,
)
from aelatent.images.pictures import check_crop
from aelatent.images.sources import BATCH, Source
from aelatent.images.workers import batches_in_order

# While a store is made, its folder holds:
#   request.json   what was asked for; another request starts anew
#   images.npy     room for the header, the pictures packed so far, and room for the rest
#   journal.txt    a line per batch: its number, identifiers, skipped files, hash of its pictures;
#                  each begins with its own checksum

BATCH_PIXEL_BYTES = 16 * 2**20  # of one batch, so that large pictures do not fill the memory
FLUSH_BYTES = 64 * 2**20  # new ones, after which they are brought to the disk


def pack_into(target: Path, source: Source, *, size, crop, workers, progress) -> None:
    """Make the store at `target`, or go on with it; `store.pack` says what is raised."""
    crop = check_crop(crop)
    if len(source) == 0 or len(set(source.image_ids)) != len(source):
        raise ValueError(
            f"the source has {len(source)} pictures under {len(set(source.image_ids))} names; "
            "expected at least one, each with a name of its own."
        )
    plain_crop = list(crop) if isinstance(crop, tuple) else crop  # as JSON gives it back
    request = {"source": source.identity(), "size": size, "crop": plain_crop}
    if target.exists() and is_tidy(target):  # may be where only others can write: no lock
        _same_or_refuse(target, request)
        return
    with only_one(target.parent / f".{target.name}.lock", f"packing the store {target.name!r}"):
        if target.exists():
            _same_or_refuse(target, request)
            tidy(target)
            return
        partial = target.parent / f".{target.name}.partial"
        _open_partial(partial, request)
        _fill(partial, source, request, crop, workers, progress)
        put_in_place(partial, target)


def _same_or_refuse(target, request):
    path = target / "store.json"
    made = read_json(path).get("request") if path.is_file() else None
    if made != request:
        asked = json.dumps(request, sort_keys=True)
        raise ValueError(
            f"there is another store {target}: made from {json.dumps(made, sort_keys=True)}, now "
            f"asked for {asked}. Choose another name, or move that folder away; portraits of an "
            "older generator go with runs of its time."
        )


def versions() -> dict:
    """Return the versions of everything that decides about the pixels."""
    return {
        "aelatent": __version__,
        "pillow": PIL.__version__,
        **{f: PIL.features.version(f) for f in ("libjpeg_turbo", "zlib", "webp", "libtiff")},
    }


def _open_partial(partial, request):
    """Make the folder of the work in progress, unless one for the same request is there."""
    wanted = {"request": request, "versions": versions()}
    if partial.exists() and _request_of(partial) != wanted:
        journal = partial / JOURNAL
        if journal.exists() and journal.stat().st_size:  # something is lost
            warnings.warn(
                f"{partial.name}: another source, size, crop or version was being packed here; "
                "starting anew.",
                stacklevel=4,
            )
        shutil.rmtree(partial)
    if not partial.exists():
        partial.mkdir()
        write_json(partial / REQUEST, wanted)
    for path in partial.iterdir():
        if path.name not in (REQUEST, JOURNAL, IMAGES):  # of a stopped end, or a scratch file
            path.unlink()
    for name in (JOURNAL, IMAGES):
        (partial / name).touch()


def _request_of(partial):
    try:
        return read_json(partial / REQUEST)
    except (ValueError, FileNotFoundError):
        return None  # stopped before it was whole


def _fill(partial, source, request, crop, workers, progress):
    """Pack what is missing, then write index and description."""
    size = request["size"]
    with (
        open(partial / IMAGES, "r+b", buffering=0) as images,
        open(partial / JOURNAL, "r+b", buffering=0) as journal,
    ):
        parts = source.batches(max(1, min(BATCH, BATCH_PIXEL_BYTES // (size * size * 3))))
        packed = _recover(images, journal, size, parts, progress)
        check_room(partial, len(source), size)
        _make_room(images, HEADER_BYTES + len(source) * size * size * 3)
        done = parts[packed.batches - 1][1] if packed.batches else 0
        with (
            tqdm(
                total=len(source),
                initial=done,
                desc="packing",
                unit=" pictures",
                disable=not progress,
            ) as bar,
            closing(
                batches_in_order(source, parts[packed.batches :], size, crop, partial, workers)
            ) as results,
            _flushing(images, partial) as flush,
        ):
            for number, (batch, digests) in enumerate(results, packed.batches):
                _append(images, journal, number, batch, digests, packed)
                bar.update(parts[number][1] - parts[number][0])
                flush()
        os.ftruncate(images.fileno(), images.tell())  # skipped files have left room
        finish(partial, images, source, request, versions(), packed)


def _make_room(images, length):
    """Make a file as long as it will be; lengthening it by batches takes three times as long."""
    if os.name != "nt":  # costs nothing; Windows would write all the zeros
        os.ftruncate(images.fileno(), length)


@contextmanager
def _flushing(file, partial):
    """Give a function that brings what is new in a file to the disk, in a thread, if it is much."""
    # Then little is left to wait for at the end, when all must be there.
    with ThreadPoolExecutor(1) as thread:
        running, flushed = None, file.tell()

        def flush():
            nonlocal running, flushed
            if file.tell() - flushed >= FLUSH_BYTES and (running is None or running.done()):
                if running is not None:
                    running.result()  # raises where the disk failed
                running, flushed = thread.submit(to_disk, file, partial), file.tell()

        yield flush
        if running is not None:
            running.result()


def _append(images, journal, number, batch, digests, packed):
    """Append a batch: first its pictures, then the line that vouches for them."""
    _write_all(images, batch.images.reshape(-1))
    line = {
        "batch": number,
        "image_ids": batch.image_ids,
        "skipped": batch.skipped,
        "sha256": hashlib.sha256(digests).hexdigest(),
    }
    text = json.dumps(line).encode()
    _write_all(journal, b"%08x %s\n" % (zlib.crc32(text), text))
    packed.image_ids.extend(batch.image_ids)
    packed.skipped.extend(batch.skipped)
    packed.digest.update(digests)


def _write_all(file, data):
    """Write to an unbuffered file, which may take less than it was given."""
    data = memoryview(data)
    while data:
        data = data[file.write(data) :]


def _recover(images, journal, size, parts, progress) -> Packed:
    """Keep the whole batches, cut off the rest, and leave both files at their ends."""
    packed = Packed(0, [], [], hashlib.sha256())
    journal_bytes = 0
    if len(images.read(HEADER_BYTES)) < HEADER_BYTES:
        images.seek(0)
        _write_all(images, header(0, size))
    lines = journal.read().splitlines(keepends=True)[: len(parts)]
    for line in tqdm(lines, "checking", unit=" batches", disable=not progress or not lines):
        entry = _parse(line, packed.batches)
        if entry is None:
            break
        digests = _digests(images, len(entry["image_ids"]), size)
        if hashlib.sha256(digests).hexdigest() != entry["sha256"]:
            break
        packed.digest.update(digests)
        packed.image_ids.extend(entry["image_ids"])
        packed.skipped.extend(map(tuple, entry["skipped"]))
        packed = packed._replace(batches=packed.batches + 1)
        journal_bytes += len(line)
    images_bytes = HEADER_BYTES + len(packed.image_ids) * size * size * 3
    for file, whole in ((images, images_bytes), (journal, journal_bytes)):
        os.ftruncate(file.fileno(), whole)
        file.seek(whole)
    return packed


def _parse(line, number):
    """Return a line of the journal, or None where it is torn, damaged or not the one expected."""
    checksum, _, text = line.rstrip(b"\n").partition(b" ")
    if not line.endswith(b"\n") or checksum != b"%08x" % zlib.crc32(text):
        return None
    entry = json.loads(text)
    return entry if entry["batch"] == number else None


def _digests(images, count, size):
    """Return the joined SHA-256 of the next `count` pictures; fewer where the file ends."""
    picture_bytes = size * size * 3
    pictures = (images.read(picture_bytes) for _ in range(count))
    return b"".join(hashlib.sha256(p).digest() for p in pictures if len(p) == picture_bytes)
