"""Zip archives: listed and read member by member, never extracted."""

import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from stat import S_IFMT, S_IFREG, S_ISLNK
from typing import BinaryIO

from tqdm.auto import tqdm

from aelatent.images.names import Entry, is_hidden, is_picture, natural, printable, trouble
from aelatent.images.pictures import MAX_BYTES, BadPicture, describe

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
