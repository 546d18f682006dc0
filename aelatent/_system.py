"""What the system refuses, in words; and bars where there is a stream to show them on."""

import contextlib
import errno
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from tqdm.auto import tqdm


class Bar(tqdm):
    """A progress bar, off where a process has no stderr (pythonw, a service)."""

    def __init__(self, *arguments, disable: bool = False, **options):
        super().__init__(*arguments, disable=disable or sys.stderr is None, **options)

    @classmethod
    def write(cls, text: str) -> None:
        """Print a line above the bars, where there is something to print on."""
        if sys.stdout is not None:
            super().write(text)


def show_all_letters() -> None:
    """Let streams replace letters that they cannot show, of a path for instance."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="replace")


def say(text: str) -> None:
    """Print at once; where that fails, nothing is tried again when Python ends."""
    try:
        print(text, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise


_SHORT = (errno.ENOMEM, errno.EMFILE, errno.ENFILE)
_FILES = "Close other files, or raise the limit on open ones (ulimit -n), and repeat the call."
_LEAVE = "Repeat the call with leave to read it."
_ADVICE = {
    errno.ENOMEM: "Free memory, or raise the limit on it (ulimit -v), and repeat the call.",
    **dict.fromkeys((errno.EMFILE, errno.ENFILE), _FILES),
    **dict.fromkeys((errno.EACCES, errno.EPERM), _LEAVE),
}


def refusal(error: OSError) -> str:
    """Return what the system said of a file; raise what the process lacks, and not the file."""
    if error.errno in _SHORT:
        raise error
    return error.strerror


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """Say why a file could not be read, though it may be whole."""
    try:
        yield
    except FileNotFoundError:
        raise
    except (OSError, MemoryError, ValueError) as error:
        short = isinstance(error, MemoryError) or "out of memory" in str(error)  # as pandas says it
        number = errno.ENOMEM if short else getattr(error, "errno", None)
        if number is None:
            raise
        advice = _ADVICE.get(number, "Check the disk or the network, and repeat the call.")
        said = f"{path} could not be read ({os.strerror(number)}); it may be whole. {advice}"
        raise OSError(number, said) from error


_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_DENIED = (errno.EROFS, errno.EACCES, errno.EPERM)
_LOCKLESS = (errno.ENOLCK, errno.EOPNOTSUPP)


@contextlib.contextmanager
def explained(folder: Path, doing: str, kept: str = "what was finished is kept") -> Iterator[None]:
    """Say of a full disk, a folder that cannot be written to and the like what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            said = (
                f"the disk is full, or a limit on file sizes is reached ({error.strerror}), while "
                f"{doing} in {folder}. Make room and repeat the same call: {kept}"
            )
        elif error.errno in _DENIED:
            said = (
                f"the system refused {error.filename or folder} ({error.strerror}) while {doing} "
                f"in {folder}. Repeat the call with leave to read and write there, or set "
                "AELATENT_DATA to a folder of your own"
            )
        elif error.errno in _LOCKLESS:
            said = (
                f"the file system of {folder} does not do what {doing} needs ({error.strerror}), "
                "such as locks. Mount it with locks, or set AELATENT_DATA to a folder on a disk "
                "of this computer"
            )
        elif error.errno in _SHORT:
            said = f"{error.strerror} while {doing} in {folder}. {_ADVICE[error.errno]}"
        else:
            raise
        raise OSError(error.errno, said) from error
