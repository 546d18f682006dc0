"""Files that are whole or absent, locks, and arrays that are made in pieces.

Writes go to a temporary name, which is renamed when complete. What takes long is made in a folder
``.NAME.partial`` by `in_pieces`: interrupted at any moment, it goes on where it was.
"""

import contextlib
import errno
import hashlib
import io
import json
import os
import shutil
import tempfile
import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import filelock
import numpy as np

from aelatent._system import Bar, explained, reading


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; rename it to `path` when the block ends well."""
    path = Path(path)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with open(temporary, "rb+") as written:
            os.fsync(written.fileno())  # a power cut leaves old or new
        with contextlib.suppress(OSError):  # a convenience, which some shares refuse
            temporary.chmod(0o644)  # mkstemp makes files that only their owner can read
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)  # after a failure: `path` is untouched


def sweep_temporary(folder: Path) -> None:
    """Remove what `replacing` left in `folder` when its process was killed; hold its lock."""
    for path in Path(folder).glob(".*.tmp"):
        path.unlink()


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8 with Unix line ends, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path, value) -> None:
    """Write `value` as indented JSON, whole or not at all; NaN and infinity are refused."""
    write_text(path, json.dumps(value, indent=2, allow_nan=False) + "\n")


def read_json(path: Path) -> dict:
    """Read a JSON object; refuse anything else, naming the file."""
    try:
        with reading(path):
            text = Path(path).read_text(encoding="utf-8")
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(
            f"{path} is damaged: expected a JSON object, got {error}. "
            "Move its folder elsewhere and make it again."
        ) from error
    if not isinstance(value, dict):
        raise ValueError(
            f"{path} is damaged: expected a JSON object, got {type(value).__name__}. "
            "Move its folder elsewhere and make it again."
        )
    return value


def write_array(file, array: np.ndarray) -> None:
    """Write the bytes that `numpy.save` writes, to an open file, and notice a full disk."""
    # numpy.save and ndarray.tofile go through a C buffer whose last flush is not checked (NumPy
    # 2.4): where the disk is full, up to 4 KiB at the end are lost without an error.
    array = np.asarray(array, order="C")
    described = np.lib.format.header_data_from_array_1_0(array)
    np.lib.format.write_array_header_1_0(file, described)
    file.write(array.data.cast("B") if array.size else b"")


def map_array(path: Path) -> np.ndarray:
    """Map an array's file into memory, read-only; read it where its file system maps none."""
    with reading(path):
        try:
            return np.lib.format.open_memmap(path, mode="r")
        except OSError as error:
            if error.errno not in _UNMAPPED:
                raise
        with open(path, "rb") as file:
            array = np.lib.format.read_array(file, allow_pickle=False)
    array.flags.writeable = False
    return array


_UNMAPPED = (errno.ENODEV, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)

REQUEST, JOURNAL = "request.json", "journal.txt"  # in the folder of what is made in pieces
HEADER_BYTES = 128  # of an array's file; numpy pads it so that the first axis can grow in place
FLUSH_BYTES = 64 * 2**20  # new ones, after which they are brought to the disk


@contextlib.contextmanager
def in_pieces(
    folder: Path, name: str, dtype: str, request: dict, progress: bool = False
) -> Iterator["Pieces"]:
    """Go on with the array `folder`/`name`; what was begun for another request starts anew."""
    wanted = {"journal": 1, "request": request}
    if folder.exists() and _request_of(folder) != wanted:
        journal = folder / JOURNAL
        if journal.exists() and journal.stat().st_size:  # something is lost
            said = f"{folder.name}: something else was being made here, of other sources, settings "
            warnings.warn(f"{said}or versions; starting anew.", stacklevel=5)
        shutil.rmtree(folder)
    if not folder.exists():
        folder.mkdir()
        write_json(folder / REQUEST, wanted)
    for path in folder.iterdir():
        if path.name not in (REQUEST, JOURNAL, name):  # of a stopped end
            path.unlink()
    for file in (folder / name, folder / JOURNAL):
        file.touch()
    with (
        open(folder / name, "r+b", buffering=0) as array,
        open(folder / JOURNAL, "r+b", buffering=0) as journal,
    ):
        yield Pieces(array, journal, np.dtype(dtype), progress)


def _request_of(folder):
    try:
        return read_json(folder / REQUEST)
    except (ValueError, FileNotFoundError):
        return None  # stopped before it was whole


class Pieces:
    """An array on disk that grows by pieces of rows; made by `in_pieces`."""

    # A piece counts once its line in the journal is whole and its rows have the hash that the line
    # states. Each line begins with its own checksum. What follows the first piece that does not
    # count is cut off.

    def __init__(self, array: BinaryIO, journal: BinaryIO, dtype: np.dtype, progress: bool):
        self._array, self._journal, self._dtype = array, journal, dtype
        self.row_shape = ()
        self._flushed = 0
        self.rows = 0  # of all pieces
        self.notes = []  # of each piece: what its maker said of it, as JSON gives it back
        self.digest = hashlib.sha256()  # over the SHA-256 of each row
        self._recover(progress)

    def _recover(self, progress):
        lines = self._journal.read().splitlines(keepends=True)
        self._array.seek(HEADER_BYTES)
        end, whole = HEADER_BYTES, 0  # of array and journal, as far as they count
        for line in Bar(lines, "checking", unit=" pieces", disable=not progress or not lines):
            entry = _entry(line, len(self.notes))
            if entry is None:
                break
            count, *row_shape = entry["shape"]
            size = int(np.prod(entry["shape"])) * self._dtype.itemsize
            content = self._array.read(size)
            digests = _digests(content, count)
            if len(content) != size or hashlib.sha256(digests).hexdigest() != entry["sha256"]:
                break
            self._count(count, row_shape, entry["note"], digests)
            whole += len(line)
            end += size
        for file, length in ((self._array, end), (self._journal, whole)):
            os.ftruncate(file.fileno(), length)
            file.seek(length)
        self._flushed = end

    def _count(self, count, row_shape, note, digests):
        self.rows += count
        self.row_shape = row_shape
        self.notes.append(note)
        self.digest.update(digests)

    def append(self, rows: np.ndarray, note=None) -> None:
        """Append a piece: first its rows, then the line that vouches for them."""
        content = np.asarray(rows, self._dtype).tobytes()
        digests = _digests(content, len(rows))
        _write_all(self._array, content)
        entry = {
            "piece": len(self.notes),
            "shape": rows.shape,
            "sha256": hashlib.sha256(digests).hexdigest(),
            "note": note,
        }
        text = json.dumps(entry).encode()
        _write_all(self._journal, b"%08x %s\n" % (zlib.crc32(text), text))
        self._count(len(rows), rows.shape[1:], note, digests)
        if self._array.tell() - self._flushed >= FLUSH_BYTES:  # little is then left for the end
            self._to_disk()

    def make_room(self, size: int) -> None:
        """Make the file as long as `size` bytes of rows; lengthening it by pieces is slower."""
        if os.name != "nt":  # costs nothing; Windows would write all the zeros
            os.ftruncate(self._array.fileno(), HEADER_BYTES + size)

    def finish(self) -> None:
        """Cut off the room that is left, write the header, and wait until the disk has all."""
        os.ftruncate(self._array.fileno(), self._array.tell())
        self._array.seek(0)
        _write_all(self._array, _header((self.rows, *self.row_shape), self._dtype))
        self._to_disk()

    def _to_disk(self):
        try:
            os.fsync(self._array.fileno())
        except OSError:
            # The system may now show rows from memory that the disk does not hold, and would call
            # them written the next time: without their journal they are made again.
            os.ftruncate(self._journal.fileno(), 0)
            raise
        self._flushed = self._array.tell()


def _header(shape: tuple[int, ...], dtype: np.dtype) -> bytes:
    """Return the header of an array's file; its length does not depend on the number of rows."""
    file = io.BytesIO()
    described = {"descr": dtype.str, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, described)
    if file.tell() != HEADER_BYTES:
        raise RuntimeError(
            f"numpy {np.__version__} writes a header of {file.tell()} bytes for {shape}, expected "
            f"{HEADER_BYTES}. Install the versions of requirements.lock."
        )
    return file.getvalue()


def _entry(line, number):
    """Return a line of the journal, or None where it is torn, damaged or not the one expected."""
    checksum, _, text = line.rstrip(b"\n").partition(b" ")
    if not line.endswith(b"\n") or checksum != b"%08x" % zlib.crc32(text):
        return None
    entry = json.loads(text)
    return entry if entry["piece"] == number else None


def _digests(content, count):
    """Return the joined SHA-256 of so many rows."""
    size = len(content) // max(count, 1)
    rows = memoryview(content)
    return b"".join(hashlib.sha256(rows[i * size : (i + 1) * size]).digest() for i in range(count))


def _write_all(file, content):
    """Write to an unbuffered file, which may take less than it was given."""
    rest = memoryview(content)
    while rest:
        rest = rest[file.write(rest) :]


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes as 64 hexadecimal digits."""
    with reading(path), open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def only_one(path: Path, doing: str) -> Iterator[None]:
    """Hold the lock file `path`, or raise RuntimeError when another process holds it."""
    with explained(path.parent, doing):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(path)  # the system drops it when its process ends in any way
        try:
            # A process killed while it starts another leaves it the lock for some milliseconds.
            lock.acquire(timeout=_PATIENCE)
        except filelock.Timeout:
            raise RuntimeError(
                f"another process is {doing} (it holds {path}). Wait until it has ended, or stop "
                "it."
            ) from None
        try:
            yield
        finally:
            lock.release()


_PATIENCE = 0.2  # seconds
