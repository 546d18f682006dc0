"""One picture, read safely: bytes in, an upright RGB picture out, or the reason why not."""

import io
import re
import threading
import warnings
from contextlib import contextmanager

import numpy as np
from PIL import Image, ImageOps

from aelatent._checks import check_share, is_whole

#: Largest file that is read, in bytes, and largest picture that is decoded, in pixels. Both bound
#: the memory of a worker (an RGBA picture of the limit takes 256 MB while it is turned into RGB).
MAX_BYTES = 64 * 2**20
MAX_PIXELS = 64_000_000

#: Raised when reading, cropping or resizing changes what comes out for the same bytes.
VERSION = 1

RESIZE = "bicubic with antialiasing (Pillow)"
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")
SUFFIXES = frozenset({".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".tif", ".tiff"})

#: What else people keep among their photos: not read, but never passed over in silence.
OTHER_SUFFIXES = frozenset(
    {".gif", ".heic", ".heif", ".avif", ".jp2", ".jxl", ".psd", ".svg", ".dng", ".cr2", ".nef"}
)
_SIXTEEN_BIT = ("I;16", "I;16L", "I;16B", "I;16N")


class BadPicture(ValueError):
    """A file that cannot be used as a picture; the message is the reason for `skipped.csv`."""


def read_picture(data: bytes) -> Image.Image:
    """Decode one picture of at most 64 million pixels to RGB, upright; or raise BadPicture."""
    # The EXIF orientation is honored, color profiles are not applied. Gray, palette, 1-bit and
    # CMYK pictures become RGB; of 16-bit pictures the upper 8 bits are kept; transparent ones are
    # laid over white; of several frames or pages the first is taken.
    if not data:
        raise BadPicture("empty file")
    with _unwarned():
        try:
            return _decode(data)
        except BadPicture:
            raise
        except Exception as error:  # Pillow's decoders raise nearly every type on damaged files
            # without the addresses of objects, which change from call to call
            text = re.sub(r" at 0x[0-9a-f]+", "", " ".join(str(error).split()))
            raise BadPicture(f"damaged picture: {text or type(error).__name__}") from error


_lock = threading.Lock()
_readers = 0  # threads that read a picture at this moment
_filters = None


@contextmanager
def _unwarned():
    """Ignore warnings while any thread reads a picture."""
    # Pillow warns where a tag is odd but the pixels are whole (a camera's private notes, say): such
    # a picture is used. The filters belong to all threads: who comes first sets them, who leaves
    # last restores them.
    global _readers, _filters
    with _lock:
        if _readers == 0:
            _filters = warnings.catch_warnings(action="ignore")
            _filters.__enter__()
        _readers += 1
    try:
        yield
    finally:
        with _lock:
            _readers -= 1
            if _readers == 0:
                _filters.__exit__()


def crop_and_resize(picture: Image.Image, size: int, crop="center") -> np.ndarray:
    """Cut a part out of an RGB picture and resize it: uint8 (size, size, 3), antialiased."""
    # crop, a number in (0, 1]: the centered square of that share of the shorter side ("center": 1);
    # four whole numbers (left, top, right, bottom): that box, stretched where it is no square
    width, height = picture.size
    if isinstance(crop, tuple):
        box = crop
        if box[2] > width or box[3] > height:
            raise BadPicture(f"{width} x {height} pixels; the crop {list(box)} reaches beyond them")
    else:
        share = 1.0 if crop == "center" else crop
        side = max(1, round(share * min(width, height)))
        left, top = (width - side) // 2, (height - side) // 2
        box = (left, top, left + side, top + side)
    return np.asarray(picture.resize((size, size), Image.Resampling.BICUBIC, box=box))


def check_crop(crop):
    """Return `crop` in its plain form ("center", float, or tuple of four ints), or refuse it."""
    if isinstance(crop, str) and crop == "center":
        return crop
    if isinstance(crop, (list, tuple)):
        whole = len(crop) == 4 and all(map(is_whole, crop))
        if whole and 0 <= crop[0] < crop[2] and 0 <= crop[1] < crop[3]:
            return tuple(map(int, crop))
        raise ValueError(
            "crop must be four whole numbers (left, top, right, bottom) with 0 <= left < right and "
            f"0 <= top < bottom; got {crop!r}."
        )
    return check_share("crop", crop, one=True, hint="Else 'center', or the four edges of a box.")


def _decode(data):
    try:
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.UnidentifiedImageError:
        raise BadPicture(f"no picture: {describe(data)}") from None
    with picture:
        width, height = picture.size  # from the header: nothing is decoded yet
        if width < 1 or height < 1 or width * height > MAX_PIXELS:
            raise BadPicture(
                f"{width} x {height} pixels; from 1 to {MAX_PIXELS} in all are decoded"
            )
        picture.load()
        ImageOps.exif_transpose(picture, in_place=True)
        return _to_rgb(picture)


def _to_rgb(picture):
    if picture.mode == "RGB" and "transparency" not in picture.info:
        return picture
    if picture.mode in _SIXTEEN_BIT:  # Pillow clips these at 255 when it converts them
        return Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8)).convert("RGB")
    if picture.mode in ("I", "F"):
        raise BadPicture("32 bits per pixel have no agreed white; save it with 8 or 16 bits")
    if picture.has_transparency_data:
        rgba = picture.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        return Image.alpha_composite(white, rgba).convert("RGB")
    return picture.convert("RGB")


def describe(data: bytes) -> str:
    """Say in words what the first bytes of a file look like."""
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype html", b"<html", b"<head")):
        return "it is an HTML page"
    for magic, name in _MAGIC:
        if data.startswith(magic):
            return f"it is {name}"
    if not data.strip(b"\0"):
        return "it holds nothing but zero bytes"
    return f"it starts with the bytes {data[:8].hex(' ')}"


_MAGIC = (
    (b"PK", "a zip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x1f\x8b", "a gzip file"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"\xff\xd8\xff", "the start of a JPEG picture"),
    (b"\x89PNG", "the start of a PNG picture"),
)
