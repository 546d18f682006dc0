"""File names: which of them are pictures, which are passed over, which are refused."""

import re
from collections.abc import Iterable
from posixpath import splitext
from typing import NamedTuple

from aelatent.images.pictures import OTHER_SUFFIXES, SUFFIXES

_DRIVE = re.compile(r"[A-Za-z]:")
_DIGITS = re.compile(r"([0-9]+)")
_KNOWN = SUFFIXES | OTHER_SUFFIXES


class Entry(NamedTuple):
    """A file that may be a picture: all that a worker needs to read it."""

    name: str  # relative to the folder or archive, with ``/``
    size: int  # bytes when unpacked
    # of members of archives alone:
    crc: int | None = None
    offset: int = 0  # of the member's header in the archive
    packed: int = 0  # bytes in the archive
    method: int = 0  # of compression


def suffix(name: str) -> str:
    """Return the suffix of a name in lower case, with its dot."""
    return splitext(name)[1].lower()


def is_hidden(name: str) -> bool:
    """Tell whether a file is hidden or belongs to macOS's shadow folder ``__MACOSX``."""
    parts = name.replace("\\", "/").split("/")
    return "__MACOSX" in parts or any(p.startswith(".") and p not in (".", "..") for p in parts)


def trouble(name: str) -> str | None:
    """Return why a name cannot be used as the name of a picture, or None."""
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or _DRIVE.match(name):
        return "its name leads out of the folder"
    if not name.isprintable() or not _is_unicode(name):
        return "its name holds characters that no table can keep"
    if suffix(name) in OTHER_SUFFIXES:
        return f"{suffix(name)[1:].upper()} is not read; save it as JPEG, PNG, WebP, BMP or TIFF"
    return None


def is_picture(name: str) -> bool:
    """Tell whether the suffix is one of a picture that is read, or that is refused by name."""
    return suffix(name) in _KNOWN


def printable(name: str) -> str:
    """Return a name as it can stand in `skipped.csv`."""
    return name if name.isprintable() and _is_unicode(name) else ascii(name)[1:-1]


def base(name: str) -> str:
    """Return the last part of a name; `pathlib` would take seconds for 200,000 of them."""
    return name.rpartition("/")[2]


def natural(name: str) -> tuple:
    """Return a sort key that puts ``9.jpg`` before ``10.jpg``; equal only for equal names."""
    parts = _DIGITS.split(name)
    for i in range(1, len(parts), 2):
        digits = parts[i].lstrip("0")
        parts[i] = (len(digits), digits)
    return tuple(parts), name


def first_of_each(
    entries: Iterable[Entry], image_id
) -> tuple[dict[str, Entry], list[tuple[str, str]]]:
    """Give every picture its identifier; of those with the same one the first is kept."""
    kept: dict[str, Entry] = {}  # identifier -> entry, in the order of `entries`
    dropped = []  # file, reason
    for entry in entries:
        first = kept.setdefault(image_id(entry.name), entry)
        if first is not entry:
            dropped.append((entry.name, f"duplicate name: {first.name} was found before"))
    return kept, dropped


def _is_unicode(name):
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
