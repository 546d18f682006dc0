"""Folders and zip archives: which of their files are pictures, and why others cannot be used."""

import errno
import os
import re
import stat
import struct
import threading
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from posixpath import splitext
from typing import NamedTuple

from aelatent._system import Bar, refusal
from aelatent.images.pictures import MAX_BYTES, OTHER_SUFFIXES, SUFFIXES, BadPicture, describe

_DRIVE, _DIGITS = re.compile(r"[A-Za-z]:"), re.compile(r"([0-9]+)")


class Entry(NamedTuple):
    """A file that may be a picture."""

    name: str  # relative to the folder or archive, with ``/``
    size: int  # bytes when unpacked
    place: str | zipfile.ZipInfo  # where it lies: relative to the folder, or in the archive


def slashed(name: str) -> str:
    """Return a name with slashes; old .NET wrote backslashes, which unpacking may leave."""
    return name.replace("\\", "/")


def is_hidden(name: str) -> bool:
    """Tell whether a file is hidden or belongs to macOS's shadow folder ``__MACOSX``."""
    parts = slashed(name).split("/")
    return "__MACOSX" in parts or any(p.startswith(".") and p not in (".", "..") for p in parts)


def trouble(name: str) -> str | None:
    """Return why a name cannot be used as the name of a picture, or None."""
    if name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) or _DRIVE.match(name):
        return "its name leads out of the folder"
    if printable(name) != name:
        return "its name holds characters that no table can keep"
    return None


def is_picture(name: str) -> bool:
    """Tell whether the suffix is one of a picture that is read, or that is refused by name."""
    return suffix(name) in SUFFIXES | OTHER_SUFFIXES


def suffix(name: str) -> str:
    """Return the suffix of a name in lower case."""
    return splitext(name)[1].lower()


def printable(name: str) -> str:
    """Return a name as it can stand in `skipped.csv`."""
    return name if name.isprintable() else ascii(name)[1:-1]


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
    entries: Iterable[Entry], named=base, told_by=lambda name: splitext(name)[0]
) -> tuple[dict[str, Entry], list[tuple[str, str]]]:
    """Sort pictures by the last part of their names; of the same one, or two formats of it, one."""
    firsts: dict[str, Entry] = {}  # in the order of `entries`
    dropped = []  # file, reason
    for entry in entries:
        first = firsts.setdefault(told_by(named(entry.name)), entry)
        if first is not entry:
            dropped.append((entry.name, f"duplicate name: {first.name} was found before"))
    return {named(entry.name): entry for entry in firsts.values()}, dropped


class Container:
    """What folder and archive share: their files by kind, in natural order of their names."""

    def __init__(self, path: Path):
        self.path = Path(path)
        self.entries: list[Entry] = []  # files that may be pictures, named relative to `path`
        self.others: list[str] = []  # names of the remaining files (tables, texts)
        self._places: dict[str, str | zipfile.ZipInfo] = {}  # of `others`
        self.ignored: list[tuple[str, str]] = []  # unusable pictures: file, reason

    def text(self, name: str, limit: int) -> bytes:
        """Return the bytes of one of `others` (a table), at most `limit` of them."""
        data = self._start(name, limit + 1)
        if len(data) > limit:
            raise ValueError(f"{name} in {self.path} is larger than {limit} bytes: no table.")
        return data

    def _add_other(self, name, place):
        self.others.append(name)
        self._places[name] = place


class Tree(Container):
    """The pictures of a folder and its subfolders."""

    def __init__(self, path: Path):
        super().__init__(path)
        if not self.path.is_dir():
            raise FileNotFoundError(
                f"there is no folder {self.path}; expected a folder of pictures."
            )
        self._root = self.path.resolve()
        with Bar(desc=self.path.name, unit=" files", delay=2) as bar:
            self._list("", bar)
        self.entries.sort(key=lambda entry: (natural(entry.name), entry.place))
        self.others.sort(key=natural)
        self.ignored.sort(key=lambda pair: natural(pair[0]))

    def _list(self, folder, bar):
        """List a folder, given relative to the root with a slash at its end, and those below."""
        try:
            with os.scandir(self.path / folder) as found:
                entries = list(found)
        except OSError as error:
            reason = f"the folder cannot be read: {refusal(error)}"
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
            reason = "is a link that leads nowhere" if linked else refusal(error)
            if linked or is_picture(name):
                self.ignored.append((printable(name), reason))
            return
        is_folder = stat.S_ISDIR(info.st_mode)
        if not is_picture(name) and not is_folder:
            self._add_other(slashed(name), name)
        elif linked and not Path(entry.path).resolve().is_relative_to(self._root):
            reason = "is a link that leaves the folder; give a copy with what it leads to (cp -rL)"
            self.ignored.append((printable(name), reason))
        elif is_folder:
            pass  # a link to a folder inside: its pictures are listed where they are
        elif reason := trouble(name):
            self.ignored.append((printable(name), reason))
        elif not stat.S_ISREG(info.st_mode):
            self.ignored.append((name, "is no regular file"))
        else:
            self.entries.append(Entry(slashed(name), info.st_size, name))

    def _start(self, name, size):
        with open(self.path / self._places[name], "rb") as file:
            return file.read(size)

    def read(self, entry: Entry) -> bytes:
        """Return the bytes of a file, or raise BadPicture with the reason."""
        if entry.size > MAX_BYTES:
            raise BadPicture(f"file of {entry.size} bytes; at most {MAX_BYTES} are read")
        try:
            with open(os.path.join(self.path, entry.place), "rb", buffering=0) as file:
                data = file.read(entry.size + 1)
        except FileNotFoundError:
            raise  # it was there when the folder was listed: someone is changing the folder
        except OSError as error:
            raise BadPicture(f"cannot be read: {refusal(error)}") from error
        if len(data) != entry.size:
            raise BadPicture(f"its size changed while it was read; it was {entry.size}")
        return data


_AGAIN = "Download or copy it again, then repeat the same call."
_ENCRYPTED = 0x1 | 0x40  # flag bits of plain and of strong encryption

#: What `zipfile` raises on damaged archives.
_ODD = (EOFError, IndexError, OverflowError, RuntimeError, ValueError)
_DAMAGE = (zipfile.BadZipFile, struct.error, zlib.error, *_ODD)


class Archive(Container):
    """The pictures of a zip archive; kept open, so that its table of contents is parsed once."""

    def __init__(self, path: Path):
        super().__init__(path)
        self._zip, self._lock = _opened(self.path), threading.Lock()
        self._size = self.path.stat().st_size
        infos = self._zip.infolist()
        infos.sort(key=lambda i: (natural(slashed(i.filename)), i.header_offset))
        encrypted = sum(bool(info.flag_bits & _ENCRYPTED) for info in infos)
        if encrypted:
            raise ValueError(
                f"{self.path} is encrypted ({encrypted} of {len(infos)} members); expected a plain "
                "zip archive. Unpack it with its password and give the folder instead."
            )
        seen = set()
        for info in Bar(infos, self.path.name, unit=" files", delay=2):
            self._sort_in(info, seen)

    def _sort_in(self, info, seen):
        name, kind = slashed(info.filename), stat.S_IFMT(info.external_attr >> 16)
        if not name or name.endswith("/") or is_hidden(name):  # nameless where damaged
            return
        if not is_picture(name):
            self._add_other(name, info)
        elif reason := trouble(name):
            self.ignored.append((printable(info.filename), reason))
        elif kind == stat.S_IFLNK:
            self.ignored.append((name, "is a link, not a picture"))
        elif kind not in (0, stat.S_IFREG):
            self.ignored.append((name, "is a special file, not a picture"))
        elif name in seen:
            self.ignored.append((name, "duplicate name: another member of this name comes first"))
        else:
            seen.add(name)
            self.entries.append(Entry(name, info.file_size, info))

    def _start(self, name, size):
        try:
            with self._zip.open(self._places[name]) as file:
                return file.read(size)
        except (*_DAMAGE, OSError) as error:
            raise ValueError(f"{name} in {self.path} is damaged: {error}. {_AGAIN}") from error

    def read(self, entry: Entry) -> bytes:
        """Return the bytes of a member, or raise BadPicture with the reason."""
        member = entry.place
        if max(member.file_size, member.compress_size) > MAX_BYTES:
            raise BadPicture(f"file of {member.file_size} bytes; at most {MAX_BYTES} are read")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            # unpacked by `zipfile` whole, however much it says it is
            raise BadPicture(
                f"compressed by method {member.compress_type}; unpack the archive, give the folder"
            )
        if not 0 <= member.header_offset < self._size:
            raise BadPicture("damaged archive: no member where its table of contents says")
        try:
            with self._lock, self._zip.open(member) as file:
                data = file.read(member.file_size + 1)  # the checksum is compared at the end
        except _DAMAGE as error:
            raise BadPicture(f"damaged in the archive: {error}") from error
        if len(data) != member.file_size:
            raise BadPicture(
                f"damaged in the archive: {len(data)} bytes instead of {member.file_size}"
            )
        return data


def _opened(path):
    """Open an archive, or say what the file is instead."""
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}; expected a zip archive of pictures.")
    with open(path, "rb") as file:
        head, is_zip = file.read(1024), zipfile.is_zipfile(file)
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
    if not is_zip:
        if head.startswith(b"PK\x03\x04"):
            raise ValueError(
                f"{path} is a zip archive cut off after {size} bytes: its table of contents, which "
                f"stands at the end, is missing. {_AGAIN}"
            )
        advice = "Unpack it and give the folder." if what.endswith("archive") else _AGAIN
        raise ValueError(f"{path} is no zip archive: {what} ({size} bytes). {advice}")
    try:
        return zipfile.ZipFile(path)
    except (*_DAMAGE, OSError) as error:
        if getattr(error, "errno", errno.EINVAL) != errno.EINVAL:  # a place before its beginning
            raise
        raise ValueError(
            f"{path} is a damaged zip archive ({size} bytes): {error}. {_AGAIN}"
        ) from error
