"""Makers of archives that are harmful, damaged or odd, each with what is to become of it."""

import io
import stat
import struct
import tarfile
import zipfile

from .bad_files import photo, symlink_member, with_flag, zipped

PACKED, SKIPPED, REFUSED = "packed", "skipped", "refused"
GOOD = [("photos/1.jpg", photo(1)), ("photos/2.jpg", photo(2))]

#: Name of a member -> a part of the reason for which it is skipped.
LEADING_OUT = (
    *("../out.jpg", "photos/../../out.jpg", "/out.jpg", "//server/share/out.jpg", "C:/out.jpg"),
    *(
        "..\\out.jpg",
        "\\\\server\\share\\out.jpg",
        "C:\\out.jpg",
        "c:out.jpg",
        "photos/..\\..\\o.jpg",
    ),
)
ODD_NAMES = (
    *("-rf.jpg", "--help.jpg", " .jpg", "a b\u00e9\u4e2d\U0001f600.jpg", "\u202egpj.exe.jpg"[1:]),
    *(
        "%2e%2e%2fout.jpg",
        "$(touch out).jpg",
        "'; drop table.jpg",
        "NUL.jpg",
        "=1+1.jpg",
        "a,b.jpg",
    ),
    *('"quoted".jpg', "x" * 5000 + ".jpg", "dir/" * 300 + "deep.jpg", "CON/aux.jpg", "~/home.jpg"),
)
NO_TABLE_KEEPS = "a\nb.jpg", "a\rb.jpg", "tab\there.jpg", "\u202eturned.jpg", "esc\x1b[2J.jpg"


def of_kind(name, kind):
    """Return the ZipInfo of a special file of Unix: a device, a fifo, a socket."""
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


def bomb(path, size):
    """Write an archive of one deflated member of zero bytes, a thousandth of their number."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in GOOD:
            archive.writestr(name, data)
        archive.writestr("bomb.jpg", bytes(size))
    return path


def overlapping(path, count):
    """Write many names for one and the same member (Fifield 2019): small here, endless there."""
    zipped(GOOD[:1], path)
    data = path.read_bytes()
    at = data.index(b"PK\x01\x02")
    length = len("photos/1.jpg")
    record = data[at : at + 46 + length]
    names = [f"photos/{k:0{length - 11}d}.jpg".encode() for k in range(1, 9)][:count]
    contents = b"".join(record[:46] + name for name in names)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, *[len(names)] * 2, len(contents), at, 0)
    path.write_bytes(data[:at] + contents + end)
    return path


def tarred(path, mode="w"):
    """Write a tar archive of all that a tar can do harm with."""
    with tarfile.open(path, mode) as archive:
        for name, kind, target in (
            ("../out.jpg", tarfile.REGTYPE, ""),
            ("/out.jpg", tarfile.REGTYPE, ""),
            ("link.jpg", tarfile.SYMTYPE, "/etc/passwd"),
            ("hard.jpg", tarfile.LNKTYPE, "../out.jpg"),
            ("device.jpg", tarfile.CHRTYPE, ""),
            ("fifo.jpg", tarfile.FIFOTYPE, ""),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, target
            info.size = 3 if kind == tarfile.REGTYPE else 0
            archive.addfile(info, io.BytesIO(b"out") if info.size else None)
    return path


def cut(path, share):
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def with_method(path, name, method):
    return changed_contents(zipped(GOOD, path), name, 10, method, 2)


def lying(offset, value, size=4):
    """Return a maker of an archive whose table of contents lies about its second photo."""
    return lambda path: changed_contents(zipped(GOOD, path), "photos/2.jpg", offset, value, size)


def many(path, count):
    """Write an archive of so many texts, and two photos."""
    return zipped([*((f"{k}.txt", b"") for k in range(count)), *GOOD], path)


def named(raw, flag):
    """Return a maker of an archive of a name in bytes, said to be UTF-8 or not."""

    def write(path):
        zipped([("photos/" + "x" * len(raw), photo(3)), *GOOD], path)
        data = path.read_bytes().replace(b"photos/" + b"x" * len(raw), b"photos/" + raw)
        path.write_bytes(data)
        return with_flag(path, 0) if not flag else utf8(path)

    return write


def utf8(path):
    """Set the flag that names are UTF-8 in all headers."""
    data = bytearray(path.read_bytes())
    for magic, place in ((b"PK\x03\x04", 7), (b"PK\x01\x02", 9)):
        at = data.find(magic)
        while at >= 0:
            data[at + place] |= 0x08
            at = data.find(magic, at + 4)
    path.write_bytes(data)
    return path


def nested(path):
    inner = io.BytesIO()
    zipped(GOOD, inner)
    return zipped([("inner.zip", inner.getvalue()), ("readme.txt", b"x")], path)


def doubled(path):
    """Give the third photo the name of the first, in both of its headers."""
    zipped([*GOOD, ("photos/3.jpg", photo(9))], path)
    path.write_bytes(path.read_bytes().replace(b"photos/3.jpg", b"photos/1.jpg"))
    return path


def holding(*members, **options):
    return lambda path: zipped([*members, *GOOD], path, **options)


#: Name -> (what writes it to a path, what becomes of it, what is said of what is not packed).
ARCHIVES = {
    "good": (holding(), PACKED, ""),
    "stored and deflated": (holding(compression=zipfile.ZIP_DEFLATED), PACKED, ""),
    "names that lead out": (
        holding(*((name, photo()) for name in LEADING_OUT)),
        SKIPPED,
        "leads out of the folder",
    ),
    "odd names": (holding(*((name, photo()) for name in ODD_NAMES)), PACKED, ""),
    "names no table keeps": (
        holding(*((name, photo()) for name in NO_TABLE_KEEPS)),
        SKIPPED,
        "no table can keep",
    ),
    "symbolic link": (holding((symlink_member("l.jpg"), b"/etc/passwd")), SKIPPED, "is a link"),
    "device": (holding((of_kind("d.jpg", stat.S_IFCHR), b"")), SKIPPED, "special file"),
    "block device": (holding((of_kind("d.jpg", stat.S_IFBLK), photo())), SKIPPED, "special file"),
    "fifo": (holding((of_kind("f.jpg", stat.S_IFIFO), photo())), SKIPPED, "special file"),
    "folder like a picture": (holding(("x.jpg/", b""), ("x.jpg/y.jpg", photo())), PACKED, ""),
    "bomb": (lambda path: bomb(path, 70_000_000), SKIPPED, "at most"),
    "bomb of zeros": (lambda path: bomb(path, 1_000_000), SKIPPED, "zero bytes"),
    "overlapping members": (lambda path: overlapping(path, 8), PACKED, ""),
    "doubles": (doubled, SKIPPED, "duplicate name"),
    "wrong checksum": (lying(16, 12345), SKIPPED, "checksum"),
    "more bytes than there are": (lying(24, 10**6), SKIPPED, "bytes instead of 1000000"),
    "fewer bytes than there are": (lying(24, 10), SKIPPED, "instead of 10"),
    "packed size of gigabytes": (lying(20, 2**31), SKIPPED, "at most"),
    "member beyond the end": (lying(42, 2**31), SKIPPED, "no member where"),
    "member in the middle of another": (lying(42, 50), SKIPPED, "no member where"),
    "unknown method": (lambda path: with_method(path, "photos/2.jpg", 99), SKIPPED, "method 99"),
    "deflate said to be stored": (
        lambda path: changed_contents(
            zipped(GOOD, path, compression=zipfile.ZIP_DEFLATED), "photos/2.jpg", 10, 0, 2
        ),
        SKIPPED,
        "damaged in the archive",
    ),
    "stored said to be deflated": (
        lambda path: with_method(path, "photos/2.jpg", 8),
        SKIPPED,
        "damaged in the archive",
    ),
    "encrypted": (lambda path: with_flag(zipped(GOOD, path), 1), REFUSED, "encrypted"),
    "strongly encrypted": (lambda path: with_flag(zipped(GOOD, path), 0x40), REFUSED, "encrypted"),
    "one encrypted": (lying(8, 1, 2), REFUSED, "encrypted"),
    "nested": (nested, REFUSED, "among them the archive inner.zip"),
    "no pictures": (lambda path: zipped([("a.txt", b"x")], path), REFUSED, "holds no picture"),
    "no members": (lambda path: zipped([], path), REFUSED, "holds no picture"),
    "only unusable": (
        lambda path: zipped([("../a.jpg", photo()), ("b.heic", b"x")], path),
        REFUSED,
        "2 unusable pictures",
    ),
    "only damaged": (
        lambda path: zipped([("a.jpg", b"x"), ("b.png", b"")], path),
        REFUSED,
        "none of the 2 pictures is usable",
    ),
    "65,600 members": (lambda path: many(path, 65_600), PACKED, ""),
    "DOS name": (named("\u00fc.jpg".encode("cp437"), flag=False), PACKED, ""),
    "UTF-8 name": (named("\u00fc.jpg".encode(), flag=True), PACKED, ""),
    "UTF-8 name said to be DOS": (named("\u00fc.jpg".encode(), flag=False), PACKED, ""),
    "name that is no UTF-8": (named(b"\xff\xfe.jpg", flag=True), REFUSED, "damaged zip archive"),
    "tar": (tarred, REFUSED, "no zip archive"),
    "tar.gz": (lambda path: tarred(path, "w:gz"), REFUSED, "gzip"),
    "tar.xz": (lambda path: tarred(path, "w:xz"), REFUSED, "no zip archive"),
    **{
        f"cut at {share:.0%}": (
            lambda path, share=share: cut(zipped(GOOD, path), share),
            REFUSED,
            "cut off|no zip archive|empty",
        )
        for share in (0, 0.001, 0.3, 0.6, 0.9, 0.99)
    },
}
