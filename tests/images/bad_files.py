"""Makers of pictures, good and bad, and of archives."""

import io
import struct
import zipfile
import zlib

import numpy as np
from PIL import Image

#: The beginning of the page that Google Drive sends instead of a file over its quota.
QUOTA_PAGE = (
    b"<!DOCTYPE html><html><head><title>Google Drive - Quota exceeded</title></head><body>"
    b"<p>Sorry, you can't view or download this file at this time.</p></body></html>"
)


def pixels(width=40, height=30, seed=0, smooth=True):
    """Return a uint8 RGB picture without symmetry: turning or mirroring it shows."""
    if not smooth:
        return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    y, x = np.mgrid[:height, :width]
    blue = np.full((height, width), (40 + 37 * seed) % 256)
    picture = np.stack([250 * x / (width - 1), 250 * y / (height - 1), blue], axis=2)
    return picture.round().astype(np.uint8)


def encoded(picture, kind="JPEG", **options):
    """Return the bytes of a PIL picture or array in a format."""
    if isinstance(picture, np.ndarray):
        picture = Image.fromarray(np.ascontiguousarray(picture))
    file = io.BytesIO()
    if kind == "JPEG":
        options = {"quality": 95, "subsampling": 0, **options}
    picture.save(file, kind, **options)
    return file.getvalue()


def photo(seed=0, width=40, height=50):
    """Return the bytes of a small JPEG."""
    return encoded(pixels(width, height, seed))


def oriented(picture, orientation, kind="JPEG", **options):
    """Return the bytes of a picture whose EXIF tag says how it is to be turned."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(picture, kind, exif=exif, **options)


def png(width, height, rows, *chunks, depth=8, color=2):
    """Return a PNG of rows (each after its filter's byte) with further chunks before them."""
    head = struct.pack(">4s2I5B", b"IHDR", width, height, depth, color, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n"
    for body in (head, *chunks, b"IDAT" + zlib.compress(rows), b"IEND"):
        data += struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return data


def png_bomb(width=50_000, height=50_000):
    """Return a tiny PNG whose header promises billions of pixels."""
    return png(width, height, bytes(1000))


def bad_pictures():
    """Return name -> (bytes, a part of the reason) of files that are no usable pictures."""
    good = encoded(pixels(80, 80, smooth=False))
    png = encoded(pixels(80, 80, smooth=False), "PNG")
    return {
        "empty.jpg": (b"", "empty file"),
        "text.jpg": (b"this is no picture", "no picture"),
        "page.jpg": (QUOTA_PAGE, "HTML"),
        "zip.png": (b"PK\x03\x04" + bytes(50), "zip archive"),
        "gif.png": (encoded(Image.new("P", (4, 4)), "GIF"), "GIF"),
        "zeros.bmp": (bytes(500), "zero bytes"),
        "header_only.jpg": (good[:20], "JPEG"),
        "truncated.jpg": (good[: len(good) // 2], "truncated"),
        "truncated.png": (png[: len(png) // 2], "truncated"),
        "torn.png": (png[:200] + b"\xff" * 30 + png[230:], "damaged"),
        "bomb.png": (png_bomb(), "pixels"),
        "float.tif": (encoded(np.ones((4, 4), np.float32), "TIFF"), "32 bits"),
    }


def zipped(members, path, compression=zipfile.ZIP_STORED):
    """Write a zip archive of (name, bytes) pairs; doubles are allowed."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members:
            info = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name)
            archive.writestr(info, data, compression)
    return path
