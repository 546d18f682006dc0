"""Makers of good and bad pictures and of archives for the tests."""

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


def png_bomb(width=50_000, height=50_000):
    """Return a tiny PNG whose header promises billions of pixels."""

    head = struct.pack(">4s2I5B", b"IHDR", width, height, 8, 2, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n"
    for body in (head, b"IDAT" + zlib.compress(bytes(1000)), b"IEND"):
        data += struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return data


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


def patched(data, marker, offset, code, *values):
    """Return the bytes with numbers put at a place behind a marker: a header that lies."""
    data, at = bytearray(data), data.index(marker) + offset
    struct.pack_into(code, data, at, *values)
    return bytes(data)


def whole_pictures():
    """Return format -> bytes of one noisy picture, 40 x 30: nothing of it can be guessed."""
    noise = pixels(smooth=False)
    return {
        **{kind.lower(): encoded(noise, kind) for kind in ("JPEG", "PNG", "WEBP", "BMP", "TIFF")},
        "progressive.jpg": encoded(noise, progressive=True),
        "lossless.webp": encoded(noise, "WEBP", lossless=True),
        "lzw.tif": encoded(noise, "TIFF", compression="tiff_lzw"),
    }


def odd_pictures():
    """Return name -> bytes of pictures that are odd, and whole."""
    noise, other = (Image.fromarray(pixels(seed=k, smooth=False)) for k in (0, 1))
    frames = {"save_all": True, "append_images": [other]}
    jpeg = encoded(noise)
    return {
        **{f"dot.{k.lower()}": encoded(noise.resize((1, 1)), k) for k in ("PNG", "JPEG", "BMP")},
        "row.png": encoded(noise.resize((2000, 1)), "PNG"),
        "column.png": encoded(noise.resize((1, 2000)), "PNG"),
        "cmyk.jpg": encoded(noise.convert("CMYK")),
        "gray.jpg": encoded(noise.convert("L")),
        "bits.png": encoded(noise.convert("1"), "PNG"),
        "deep.png": encoded(Image.fromarray(np.full((9, 9), 40_000, np.uint16)), "PNG"),
        "palette.png": encoded(noise.convert("P"), "PNG", transparency=bytes(range(256))),
        "alpha.webp": encoded(noise.convert("RGBA"), "WEBP"),
        "animated.webp": encoded(noise, "WEBP", lossless=True, **frames),
        "animated.png": encoded(noise, "PNG", **frames),
        "pages.tif": encoded(noise, "TIFF", **frames),
        "really a png.jpg": encoded(noise, "PNG"),
        "really a jpeg.webp": jpeg,
        "LOUD.JPG": jpeg,
        "two.in.one.jpg": jpeg + jpeg,
        "and more.jpg": jpeg + b"\0<?php ?>" * 50,
        "without its end.png": encoded(noise, "PNG")[:-12],
        **{f"turned {k}.jpg": oriented(noise, k) for k in range(1, 9)},
        "turned 200.jpg": oriented(noise, 200),
        **dict.fromkeys(("-rf.jpg", "a bé中😀.jpg", "=1+1,2.jpg"), jpeg),
        "x" * 240 + ".jpg": jpeg,
    }


def unusable_pictures():
    """Return name -> (bytes, a part of the reason) of all that is to be skipped."""
    found = dict(bad_pictures())
    for kind, data in whole_pictures().items():
        for share in (0.02, 0.1, 0.3, 0.6, 0.9):
            part = data[: int(share * len(data))]
            found[f"cut {share}.{kind}"] = part, "no picture|truncated|damaged"
        found[f"magicless.{kind}"] = b"\0" * 8 + data[8:], "no picture|damaged"
    jpeg, bmp = encoded(pixels()), encoded(pixels(), "BMP")
    found |= {
        "bomb.jpg": (patched(jpeg, b"\xff\xc0", 5, ">HH", 65_500, 65_500), "pixels"),
        "bomb.bmp": (patched(bmp, b"BM", 18, "<ii", 60_000, 60_000), "pixels"),
        "greatest bomb.png": (png_bomb(2**31 - 1, 2**31 - 1), "pixels"),
        "just too large.png": (png_bomb(8001, 8000), "8001 x 8000 pixels"),
        "no size.png": (png_bomb(0, 0), "no picture"),
        "no height.png": (png_bomb(9, 0), "no picture"),
        "no size.jpg": (patched(jpeg, b"\xff\xc0", 5, ">HH", 0, 0), "no picture"),
        "late.jpg": (b"xx" + jpeg, "no picture"),
        "animated.gif": (encoded(Image.new("P", (4, 4)), "GIF"), "GIF is not read"),
        "phone.heic": (jpeg, "HEIC is not read"),
        "drawing.svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG is not read"),
        "document.jpg": (b"%PDF-1.4", "PDF"),
        "postscript.jpg": (encoded(pixels(), "EPS"), "no picture"),
    }
    return found
