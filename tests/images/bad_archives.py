"""Makers of archives that are harmful, damaged or odd, each with what is to become of it."""

import io
import stat
import struct
import tarfile
import zipfile

from .bad_files import photo, zipped

GOOD = [("photos/1.jpg", photo(1)), ("photos/2.jpg", photo(2))]

LEADING_OUT = tuple(
    "../out.jpg photos/../../out.jpg /out.jpg //server/share/out.jpg C:/out.jpg ..\\out.jpg "
    "\\\\server\\share\\out.jpg C:\\out.jpg c:out.jpg photos/..\\..\\o.jpg".split()
)
ODD_NAMES = (
    *("-rf.jpg", "--help.jpg", " .jpg", "a b\u00e9\u4e2d\U0001f600.jpg", "%2e%2e%2fout.jpg"),
    *("$(touch out).jpg", "'; drop table.jpg", "NUL.jpg", "=1+1.jpg", "a,b.jpg", '"quoted".jpg'),
    *("x" * 5000 + ".jpg", "dir/" * 300 + "deep.jpg", "CON/aux.jpg", "~/home.jpg"),
)
NO_TABLE_KEEPS = "a\nb.jpg", "a\rb.jpg", "tab\there.jpg", "\u202eturned.jpg", "esc\x1b[2J.jpg"


def of_kind(name, kind):
    """Return the ZipInfo of what is no regular file of Unix: a link, a device, a fifo."""
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (kind | 0o666) << 16
    return info


def changed_contents(path, name, offset, value, size):
    """Change a field of a member in the table of contents, so that it lies."""
    data = bytearray(path.read_bytes())
    at = data.rindex(name.encode()) - 46  # the fixed part of its record
    assert data[at : at + 4] == b"PK\x01\x02"
    data[at + offset : at + offset + size] = value.to_bytes(size, "little")
    path.write_bytes(data)
    return path


def with_flag(path, flag, of=0):
    """Set a flag bit (1: encrypted) of every member of an archive, in both of its headers."""
    data = bytearray(path.read_bytes())
    for magic, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(magic)
        while at >= 0:
            data[at + place + of] |= flag
            at = data.find(magic, at + 4)
    path.write_bytes(data)
    return path


def bomb(size):
    """Return a maker of an archive with a deflated member of so many zeros."""
    return lambda path: zipped([*GOOD, ("b.jpg", bytes(size))], path, zipfile.ZIP_DEFLATED)


def overlapping(path):
    """Write eight names for one and the same member (Fifield 2019): small here, endless there."""
    zipped(GOOD[:1], path)
    data = path.read_bytes()
    at = data.index(b"PK\x01\x02")
    names = [f"photos/{k}.jpg".encode() for k in range(8, 0, -1)]
    contents = b"".join(data[at : at + 46] + name for name in names)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, *[len(names)] * 2, len(contents), at, 0)
    path.write_bytes(data[:at] + contents + end)
    return path


def tarred(mode):
    """Return a maker of a tar archive that would write beside it."""

    def write(path):
        with tarfile.open(path, mode) as archive:
            for name in LEADING_OUT[:3]:
                info = tarfile.TarInfo(name)
                info.size = 3
                archive.addfile(info, io.BytesIO(b"out"))
        return path

    return write


def cut(share):
    """Return a maker of an archive of which only a share is there."""

    def write(path):
        data = zipped(GOOD, path).read_bytes()
        path.write_bytes(data[: int(len(data) * share)])
        return path

    return write


def lying(offset, value, size=4, method=zipfile.ZIP_STORED):
    """Return a maker of an archive whose table of contents lies about its second photo."""
    return lambda path: changed_contents(
        zipped(GOOD, path, method), "photos/2.jpg", offset, value, size
    )


def at_the_end(path):
    """Say of the second photo that it begins where the file ends."""
    return changed_contents(zipped(GOOD, path), "photos/2.jpg", 42, path.stat().st_size, 4)


def named(raw, utf8):
    """Return a maker of an archive of a name in bytes, said to be UTF-8 or not."""

    def write(path):
        stand_in = b"photos/" + b"x" * len(raw)
        zipped([(stand_in.decode(), photo(3)), *GOOD], path)
        path.write_bytes(path.read_bytes().replace(stand_in, b"photos/" + raw))
        return with_flag(path, 8, of=1) if utf8 else path

    return write


def nested(path):
    inner = io.BytesIO()
    zipped(GOOD, inner)
    return zipped([("inner.zip", inner.getvalue()), ("readme.txt", b"x")], path)


def doubled(path):
    """Give the third photo the name of the first, in both of its headers."""
    zipped([*GOOD, ("photos/3.jpg", photo(9))], path)
    path.write_bytes(path.read_bytes().replace(b"photos/3.jpg", b"photos/1.jpg"))
    return path


def holding(*members, method=zipfile.ZIP_STORED):
    return lambda path: zipped([*members, *GOOD], path, method)


def photos(*names):
    return holding(*((name, photo()) for name in names))


DEFLATED = zipfile.ZIP_DEFLATED

#: Name -> what writes an archive to a path of which all is packed.
PACKED = {
    "good": holding(),
    "deflated": holding(method=DEFLATED),
    "something before it": (
        lambda path: path.write_bytes(b"#!/bin/sh\nexit\n" + zipped(GOOD, path).read_bytes())
    ),
    "odd names": photos(*ODD_NAMES),
    "hidden and shadow files": photos("__MACOSX/1.jpg", "a/._2.jpg", ".git/3.jpg"),
    "folder like a picture": holding(("x.jpg/", b""), ("x.jpg/y.jpg", photo())),
    "65,600 members": holding(*((f"{k}.txt", b"") for k in range(65_600))),
    "DOS name": named("\u00fc.jpg".encode("cp437"), utf8=False),
    "UTF-8 name": named("\u00fc.jpg".encode(), utf8=True),
    "UTF-8 name said to be DOS": named("\u00fc.jpg".encode(), utf8=False),
}

#: Name -> what writes an archive of which a part is skipped, and what is said of that.
SKIPPED = {
    "names that lead out": (photos(*LEADING_OUT), "leads out of the folder"),
    "names no table keeps": (photos(*NO_TABLE_KEEPS), "no table can keep"),
    "a format that is not read": (photos("iphone.HEIC"), "HEIC is not read"),
    "symbolic link": (holding((of_kind("l.jpg", stat.S_IFLNK), b"/etc/passwd")), "is a link"),
    "device": (holding((of_kind("d.jpg", stat.S_IFCHR), b"")), "special file"),
    "fifo": (holding((of_kind("f.jpg", stat.S_IFIFO), photo())), "special file"),
    "bomb": (bomb(70_000_000), "70000000 bytes; at most"),
    "bomb of zeros": (bomb(1_000_000), "zero bytes"),
    "overlapping members": (overlapping, "damaged in the archive: File name"),
    "doubles": (doubled, "duplicate name"),
    "wrong checksum": (lying(16, 12345), "CRC"),
    "more bytes than there are": (lying(24, 10**6), "bytes instead of 1000000"),
    "fewer bytes than there are": (lying(24, 10), "damaged in the archive"),
    "fewer deflated bytes": (lying(24, 10, method=DEFLATED), "damaged in the archive"),
    "packed size of gigabytes": (lying(20, 2**31), "at most"),
    "member beyond the end": (lying(42, 2**31), "no member where"),
    "member at the end": (at_the_end, "no member where"),
    "member in the middle of another": (lying(42, 50), "magic number"),
    "unknown method": (lying(10, 99, 2), "method 99"),
    "deflate said to be stored": (lying(10, 0, 2, method=DEFLATED), "damaged in the archive"),
    "stored said to be deflated": (lying(10, 8, 2), "damaged in the archive"),
}

#: Name -> what writes an archive that is refused, and what is said.
REFUSED = {
    "encrypted": (lambda path: with_flag(zipped(GOOD, path), 1), r"\(2 of 2 members\).*Unpack it"),
    "strongly encrypted": (lambda path: with_flag(zipped(GOOD, path), 0x40), "is encrypted"),
    "one encrypted": (lying(8, 1, 2), r"is encrypted \(1 of 2"),
    "nested": (nested, "among them the archive inner.zip"),
    "no pictures": (lambda path: zipped([("a.txt", b"x")], path), "holds no picture"),
    "no members": (lambda path: zipped([], path), "holds no picture"),
    "only unusable": (
        lambda path: zipped([("../a.jpg", photo()), ("b.heic", b"x")], path),
        "holds no picture: found 0 other files and 2 unusable pictures",
    ),
    "only damaged": (
        lambda path: zipped([("a.jpg", b"x"), ("b.png", b"")], path),
        "none of the 2 pictures is usable",
    ),
    "a method that unpacks without end": (
        holding(method=zipfile.ZIP_BZIP2),
        "none of the 2 pictures is usable.*compressed by method 12",
    ),
    "name that is no UTF-8": (named(b"\xff\xfe.jpg", utf8=True), "damaged zip archive"),
    "tar": (tarred("w"), "no zip archive"),
    "tar.gz": (tarred("w:gz"), "no zip archive: it is a gzip file"),
    "nothing of it": (cut(0), r"empty \(0 bytes\)"),
    "its first bytes": (cut(0.001), "no zip archive"),
    "cut in the middle": (cut(0.6), "cut off after"),
    "cut near the end": (cut(0.99), "cut off after"),
}
