"""Files that are whole or absent: writes go to a temporary name and are renamed when complete."""

import contextlib
import errno
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import filelock
import numpy as np


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
        value = json.loads(Path(path).read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(
            f"{path} is damaged: expected a JSON object, got {error}. "
            "Remove its folder and make it again."
        ) from error
    if not isinstance(value, dict):
        raise ValueError(
            f"{path} is damaged: expected a JSON object, got {type(value).__name__}. "
            "Remove its folder and make it again."
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


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes as 64 hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def only_one(path: Path, doing: str) -> Iterator[None]:
    """Hold the lock file `path`, or raise RuntimeError when another process holds it."""
    with _explained(path.parent, doing):
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
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_DENIED = (errno.EROFS, errno.EACCES, errno.EPERM)


@contextlib.contextmanager
def _explained(folder: Path, doing: str) -> Iterator[None]:
    """Say of a full disk and of a folder that cannot be written to what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            said = (
                f"the disk is full, or a limit on file sizes is reached ({error.strerror}), while "
                f"{doing} in {folder}. Make room and repeat the same call: what was finished is "
                "kept"
            )
        elif error.errno in _DENIED:
            said = (
                f"the system refused {error.filename or folder} ({error.strerror}) while {doing} "
                f"in {folder}. Repeat the call with leave to read and write there, or set "
                "AELATENT_DATA to a folder of your own"
            )
        else:
            raise
        raise OSError(error.errno, said) from error
