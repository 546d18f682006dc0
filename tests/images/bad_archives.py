"""Archives that are harmful, damaged or odd, each with what is to become of it."""

import bz2
import gzip
import io
import lzma
import stat
import struct
import tarfile
import zipfile

from .bad_files import QUOTA_PAGE, photo, zipped

GOOD = [("photos/1.jpg", photo(1)), ("photos/2.jpg", photo(2))]
DEFLATED = zipfile.ZIP_DEFLATED

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


def archive(*members, method=zipfile.ZIP_STORED):
    """Return the bytes of an archive of (name, bytes) pairs."""
    return zipped(members, io.BytesIO(), method).getvalue()


def photos(*names):
    return archive(*((name, photo()) for name in names), *GOOD)


def special(name, kind):
    """Return an archive with what is no regular file of Unix: a link, a device, a fifo."""
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (kind | 0o666) << 16
    return archive((info, b"/etc/passwd"), *GOOD)


def lying(offset, value, size=4, method=zipfile.ZIP_STORED):
    """Return an archive of whose second photo the table of contents says something false."""
    data = bytearray(archive(*GOOD, method=method))
    at = data.rindex(b"photos/2.jpg") - 46 + offset  # 46 bytes of its record precede the name
    data[at : at + size] = value.to_bytes(size, "little")
    return bytes(data)


def flagged(data, flag, byte=0):
    """Set a flag bit of every member (1: encrypted), in both of its headers."""
    data = bytearray(data)
    for magic, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(magic)
        while at >= 0:
            data[at + place + byte] |= flag
            at = data.find(magic, at + 4)
    return bytes(data)


def overlapping():
    """Return eight names for one and the same member (Fifield 2019): small here, endless there."""
    data = archive(GOOD[0])
    at = data.index(b"PK\x01\x02")
    contents = b"".join(data[at : at + 46] + b"photos/%d.jpg" % k for k in range(8, 0, -1))
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 8, 8, len(contents), at, 0)
    return data[:at] + contents + end


def named(raw):
    """Return an archive with a name in bytes, said to be of DOS."""
    return photos("x" * len(raw)).replace(b"x" * len(raw), raw)


WHOLE = archive(*GOOD)

#: Name -> an archive of which all is packed.
PACKED = {
    "deflated": archive(*GOOD, method=DEFLATED),
    "something before it": b"#!/bin/sh\nexit\n" + WHOLE,
    "hidden and shadow files": photos("__MACOSX/1.jpg", "a/._2.jpg", ".git/3.jpg"),
    "folder like a picture": archive(("x.jpg/", b""), ("x.jpg/y.jpg", photo()), *GOOD),
    "DOS name": named("\u00fc.jpg".encode("cp437")),
    "UTF-8 name": flagged(named("\u00fc.jpg".encode()), 8, byte=1),
    "UTF-8 name said to be DOS": named("\u00fc.jpg".encode()),
}

#: Name -> an archive of which a part is skipped, and what is said of that.
SKIPPED = {
    "backslashes": (photos("z\\1.jpg"), "duplicate name: photos/1.jpg was found before"),
    "names no table keeps": (photos(*NO_TABLE_KEEPS), "no table can keep"),
    "a format that is not read": (archive(("a.HEIC", b"x"), *GOOD), "HEIC is not read"),
    "symbolic link": (special("l.jpg", stat.S_IFLNK), "is a link"),
    "device": (special("d.jpg", stat.S_IFCHR), "special file"),
    "fifo": (special("f.jpg", stat.S_IFIFO), "special file"),
    "bomb": (archive(*GOOD, ("b.jpg", bytes(10**6)), method=DEFLATED), "zero bytes"),
    "overlapping members": (overlapping(), "damaged in the archive: File name"),
    "doubles": (
        archive(*GOOD, ("photos/3.jpg", photo(9))).replace(b"photos/3.jpg", b"photos/1.jpg"),
        "duplicate name",
    ),
    "wrong checksum": (lying(16, 12345), "CRC"),
    "more bytes than there are": (lying(24, 10**6), "bytes instead of 1000000"),
    "fewer bytes than there are": (lying(24, 10), "damaged in the archive"),
    "fewer deflated bytes": (lying(24, 10, method=DEFLATED), "damaged in the archive"),
    "packed size of gigabytes": (lying(20, 2**31), "at most"),
    "member beyond the end": (lying(42, 2**31), "no member where"),
    "member at the end": (lying(42, len(WHOLE)), "no member where"),
    "member in the middle of another": (lying(42, 50), "magic number"),
    "unknown method": (lying(10, 99, 2), "method 99"),
    "deflate said to be stored": (lying(10, 0, 2, method=DEFLATED), "damaged in the archive"),
    "stored said to be deflated": (lying(10, 8, 2), "damaged in the archive"),
}

AGAIN = ".*repeat the same call"
UNPACK = r" \(\d+ bytes\)\. Unpack it and give the folder\.$"

#: Name -> an archive that is refused, and what is said.
REFUSED = {
    "encrypted": (flagged(WHOLE, 1), r"\(2 of 2 members\).*Unpack it"),
    "strongly encrypted": (flagged(WHOLE, 0x40), "is encrypted"),
    "one encrypted": (lying(8, 1, 2), r"is encrypted \(1 of 2"),
    "nested": (archive(("inner.zip", WHOLE)), "1 other files, among them the archive inner.zip"),
    "no members": (archive(), "holds no picture"),
    "only unusable": (
        archive(("../a.jpg", photo()), ("b.heic", b"x")),
        "none of the 1 pictures is usable.*leads out.*HEIC is not read",
    ),
    "only damaged": (archive(("a.jpg", b"x"), ("b.png", b"")), "none of the 2 pictures is usable"),
    "a method that unpacks without end": (
        archive(*GOOD, method=zipfile.ZIP_BZIP2),
        "none of the 2 pictures is usable.*compressed by method 12; unpack",
    ),
    "damaged table": (
        archive(*GOOD, ("list_attr_celeba.txt", b"1.jpg 1")).replace(b"1.jpg 1", b"1.jpg 0"),
        r"list_attr_celeba\.txt in .* is damaged" + AGAIN,
    ),
    "name that is no UTF-8": (flagged(named(b"\xff\xfe.jpg"), 8, byte=1), "damaged zip" + AGAIN),
    "gzip": (gzip.compress(b"x"), "no zip archive: it is a gzip archive" + UNPACK),
    "RAR": (b"Rar!\x1a\x07" + bytes(100), "RAR archive" + UNPACK),
    "7z": (b"7z\xbc\xaf\x27\x1c" + bytes(100), "7z archive" + UNPACK),
    "bzip2": (bz2.compress(b"x"), "bzip2 archive" + UNPACK),
    "xz": (lzma.compress(b"x"), "xz archive" + UNPACK),
    "zst": (b"\x28\xb5\x2f\xfd" + bytes(100), "Zstandard archive" + UNPACK),
    "tar": (tarfile.TarInfo("a.jpg").tobuf(), "tar archive" + UNPACK),
    "text": (b"some text", "starts with the bytes 73 6f 6d 65" + AGAIN),
    "page": (QUOTA_PAGE, "HTML page.*Google Drive.*quota" + AGAIN),
    "page after blanks": (b"  \r\n" + QUOTA_PAGE.lower(), "HTML page" + AGAIN),
    "nothing of it": (b"", r"empty \(0 bytes\)" + AGAIN),
    "cut in the middle": (WHOLE[: len(WHOLE) // 2], "cut off after" + AGAIN),
    "cut near the end": (WHOLE[:-10], "cut off after" + AGAIN),
}
