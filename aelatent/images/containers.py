"""File names: which of them are pictures, which are passed over, which are refused."""

import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from posixpath import splitext
from stat import S_IFMT, S_IFREG, S_ISLNK
from typing import BinaryIO, NamedTuple

import numpy as np
from tqdm.auto import tqdm

from aelatent.images.pictures import (
    MAX_BYTES,
    OTHER_SUFFIXES,
    SUFFIXES,
    BadPicture,
    crop_and_resize,
    describe,
    read_picture,
)

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


class Batch(NamedTuple):
    """Pictures of a part of a source."""

    images: np.ndarray  # uint8 (k, size, size, 3)
    image_ids: list[str]  # of its rows
    skipped: list[tuple[str, str]]  # file, reason: candidates that are no usable pictures


def read_batch(
    read: Callable[[str, Sequence[Entry]], Iterator[bytes | BadPicture]],
    path: str,
    image_ids: Sequence[str],
    entries: Sequence[Entry],
    size: int,
    crop,
) -> Batch:
    """Read, crop and resize files: `read` is ``Archive.read`` or ``Tree.read`` of `path`."""
    images = np.empty((len(entries), size, size, 3), np.uint8)
    kept, skipped = [], []
    for image_id, entry, data in zip(image_ids, entries, read(path, entries), strict=True):
        try:
            if isinstance(data, BadPicture):
                raise data
            images[len(kept)] = crop_and_resize(read_picture(data), size, crop)
        except BadPicture as reason:
            skipped.append((entry.name, str(reason)))
        else:
            kept.append(image_id)
    return Batch(images[: len(kept)], kept, skipped)


class Tree:
    """The pictures of a folder and its subfolders, in natural order of their names."""

    def __init__(self, path: Path):
        self.path = Path(path)
        if not self.path.is_dir():
            raise FileNotFoundError(
                f"there is no folder {self.path}; expected a folder of pictures."
            )
        self.entries: list[Entry] = []  # files that may be pictures, named relative to `path`
        self.others: list[str] = []  # names of the remaining files (tables, texts)
        self.ignored: list[tuple[str, str]] = []  # unusable pictures: file, reason
        self._root = self.path.resolve()
        with tqdm(desc=self.path.name, unit=" files", delay=2) as bar:
            self._list("", bar)
        self.entries.sort(key=lambda entry: natural(entry.name))
        self.others.sort(key=natural)
        self.ignored.sort(key=lambda pair: natural(pair[0]))

    def _list(self, folder, bar):
        """List a folder, given relative to the root with a slash at its end, and those below."""
        try:
            with os.scandir(self.path / folder) as found:
                entries = list(found)
        except OSError as error:
            reason = f"the folder cannot be read: {error.strerror}"
            self.ignored.append((printable(folder.rstrip("/")), reason))
            return
        for entry in entries:
            name = folder + entry.name
            if is_hidden(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                self._list(f"{name}/", bar)
            else:
                self._sort_in(name, entry)
        bar.update(len(entries))

    def _sort_in(self, name, entry):
        linked = entry.is_symlink()
        try:
            info = entry.stat()
        except OSError as error:
            reason = "is a link that leads nowhere" if linked else error.strerror
            if linked or is_picture(name):
                self.ignored.append((printable(name), reason))
            return
        is_folder = stat.S_ISDIR(info.st_mode)
        if not is_picture(name) and not is_folder:
            self.others.append(name)
        elif linked and not Path(entry.path).resolve().is_relative_to(self._root):
            self.ignored.append((printable(name), "is a link that leaves the folder"))
        elif is_folder:
            pass  # a link to a folder inside: its pictures are listed where they are
        elif reason := trouble(name):
            self.ignored.append((printable(name), reason))
        elif not stat.S_ISREG(info.st_mode):
            self.ignored.append((name, "is no regular file"))
        else:
            self.entries.append(Entry(name, info.st_size))

    def text(self, name: str, limit: int) -> bytes:
        """Return the bytes of one of `others` (a table), at most `limit` of them."""
        with open(self.path / name, "rb") as file:
            data = file.read(limit + 1)
        if len(data) > limit:
            raise ValueError(f"{self.path / name} is larger than {limit} bytes: no table.")
        return data

    @staticmethod
    def read(path: str, entries: Sequence[Entry]) -> Iterator[bytes | BadPicture]:
        """Yield the bytes of each entry, or the reason why they cannot be had."""
        for entry in entries:
            try:
                if entry.size > MAX_BYTES:
                    raise BadPicture(f"file of {entry.size} bytes; at most {MAX_BYTES} are read")
                with open(os.path.join(path, entry.name), "rb", buffering=0) as file:
                    data = file.read(entry.size + 1)
                if len(data) != entry.size:
                    raise BadPicture(f"its size changed while it was read; it was {entry.size}")
                yield data
            except BadPicture as reason:
                yield reason
            except FileNotFoundError:
                raise  # it was there when the folder was listed: someone is changing the folder
            except OSError as error:
                yield BadPicture(f"cannot be read: {error.strerror}")


_AGAIN = "Download or copy it again, then repeat the same call."
_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 0x1 | 0x40  # flag bits of plain and of strong encryption


class Archive:
    """The pictures of a zip archive, in natural order of their names."""

    def __init__(self, path: Path):
        self.path = Path(path)
        infos = _contents(self.path)
        encrypted = sum(bool(info.flag_bits & _ENCRYPTED) for info in infos)
        if encrypted:
            raise ValueError(
                f"{self.path} is encrypted ({encrypted} of {len(infos)} members); expected a plain "
                "zip archive. Unpack it with its password and give the folder instead."
            )
        self.entries: list[Entry] = []  # members that may be pictures
        self.others: list[str] = []  # names of the remaining members (tables, texts)
        self.ignored: list[tuple[str, str]] = []  # unusable pictures: file, reason
        seen = set()
        infos.sort(key=lambda info: (natural(info.filename), info.header_offset))
        for info in tqdm(infos, self.path.name, unit=" files", delay=2):
            self._sort_in(info, seen)

    def _sort_in(self, info, seen):
        name = info.filename
        if not name or name.endswith("/") or is_hidden(name):  # nameless where damaged
            return
        if not is_picture(name):
            self.others.append(name)
            return
        if reason := trouble(name):
            self.ignored.append((printable(name), reason))
        elif S_ISLNK(info.external_attr >> 16):
            self.ignored.append((name, "is a link, not a picture"))
        elif S_IFMT(info.external_attr >> 16) not in (0, S_IFREG):
            self.ignored.append((name, "is a special file, not a picture"))
        elif name in seen:
            self.ignored.append((name, "duplicate name: another member of this name comes first"))
        else:
            seen.add(name)
            self.entries.append(
                Entry(
                    name,
                    info.file_size,
                    info.CRC,
                    info.header_offset,
                    info.compress_size,
                    info.compress_type,
                )
            )

    def text(self, name: str, limit: int) -> bytes:
        """Return the bytes of one of `others` (a table), at most `limit` of them."""
        try:
            with zipfile.ZipFile(self.path) as archive, archive.open(name) as member:
                data = member.read(limit + 1)
        except _DAMAGE as error:
            raise ValueError(f"{name} in {self.path} is damaged: {error}. {_AGAIN}") from error
        if len(data) > limit:
            raise ValueError(f"{name} in {self.path} is larger than {limit} bytes: no table.")
        return data

    @staticmethod
    def read(path: str, entries: Sequence[Entry]) -> Iterator[bytes | BadPicture]:
        """Yield the bytes of each entry, or the reason why they cannot be had."""
        with open(path, "rb") as file:
            for entry in entries:
                try:
                    yield _read_member(file, entry)
                except BadPicture as reason:
                    yield reason


#: What `zipfile` raises on archives that are damaged in one way or another.
_DAMAGE = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    OSError,
    EOFError,
    ValueError,
    IndexError,
    struct.error,
    zlib.error,
)


def _contents(path):
    """Return the archive's table of contents, or say what the file is instead."""
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}; expected a zip archive of pictures.")
    with open(path, "rb") as file:
        head = file.read(1024)
    size = path.stat().st_size
    if not head:
        raise ValueError(f"{path} is empty (0 bytes); expected a zip archive. {_AGAIN}")
    what = describe(head)
    if "HTML" in what:
        raise ValueError(
            f"{path} is an HTML page of {size} bytes, not a zip archive: most likely the page on "
            "which Google Drive says that a download quota is exceeded or asks for a confirmation. "
            "Open it in a browser to see, fetch the archive by hand, and repeat the same call."
        )
    if not zipfile.is_zipfile(path):
        if head.startswith(b"PK\x03\x04"):
            raise ValueError(
                f"{path} is a zip archive cut off after {size} bytes: its table of contents, which "
                f"stands at the end, is missing. {_AGAIN}"
            )
        raise ValueError(f"{path} is no zip archive: {what} ({size} bytes). {_AGAIN}")
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.infolist()
    except _DAMAGE as error:
        raise ValueError(
            f"{path} is a damaged zip archive ({size} bytes): {error}. {_AGAIN}"
        ) from error


def _read_member(file: BinaryIO, entry: Entry) -> bytes:
    """Read one member by its place in the file."""
    # `zipfile` would parse the whole table of contents (200,000 names) in every worker; the place,
    # the sizes and the checksum of a member are all it takes.
    if entry.size > MAX_BYTES or entry.packed > MAX_BYTES:
        raise BadPicture(f"file of {entry.size} bytes; at most {MAX_BYTES} are read")
    if entry.method not in (_STORED, _DEFLATED):
        raise BadPicture(f"compressed by method {entry.method}; only stored and deflated are read")
    file.seek(min(max(entry.offset, 0), 2**62))  # a damaged table of contents says anything
    header = file.read(30)
    if len(header) < 30 or not header.startswith(b"PK\x03\x04"):
        raise BadPicture("damaged archive: no member where its table of contents says")
    file.seek(sum(struct.unpack("<HH", header[26:30])), 1)  # the name and the extra field
    data = file.read(entry.packed)
    if entry.method == _DEFLATED:
        try:
            data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, entry.size + 1)
        except zlib.error as error:
            raise BadPicture(f"damaged in the archive: {error}") from error
    if len(data) != entry.size:
        raise BadPicture(f"damaged in the archive: {len(data)} bytes instead of {entry.size}")
    if zlib.crc32(data) != entry.crc:
        raise BadPicture("damaged in the archive: its checksum (CRC-32) does not match")
    return data
