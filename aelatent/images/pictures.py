"""One picture, read safely: bytes in, an upright RGB picture out, or the reason why not."""

import io
import os
import re
import threading
import warnings
from contextlib import contextmanager, nullcontext

import numpy as np
from PIL import Image, ImageOps

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
_stderr_lock = threading.Lock()
_SIXTEEN_BIT = ("I;16", "I;16L", "I;16B", "I;16N")


class BadPicture(ValueError):
    """A file that cannot be used as a picture; the message is the reason for `skipped.csv`."""


def read_picture(data: bytes) -> Image.Image:
    """Decode one picture; its EXIF orientation is honored, color profiles are not applied.

    Gray, palette, 1-bit and CMYK pictures become RGB; of 16-bit pictures the upper 8 bits are
    kept; transparent ones are laid over white; of several frames or pages the first is taken.

    Parameters
    ----------
    data : bytes
        The file: JPEG, PNG, WebP, BMP or TIFF, whatever its name says.

    Returns
    -------
    PIL.Image.Image
        Mode RGB, upright, at most 64 million pixels.

    Raises
    ------
    BadPicture
        If it is unusable; the same words for the same bytes.
    """
    if not data:
        raise BadPicture("empty file")
    if len(data) > MAX_BYTES:
        raise BadPicture(f"file of {len(data)} bytes; at most {MAX_BYTES} are read")
    with warnings.catch_warnings():
        # Pillow warns where a tag is odd but the pixels are whole (a camera's private notes, say):
        # such a picture is used. What harms the pixels, or their orientation, is raised below.
        warnings.simplefilter("ignore")
        try:
            with _libtiff_silenced() if data.startswith((b"II", b"MM")) else nullcontext():
                return _decode(data)
        except BadPicture:
            raise
        except Exception as error:  # Pillow's decoders raise nearly every type on damaged files
            raise BadPicture(_reason(error)) from error


def crop_and_resize(picture: Image.Image, size: int, crop="center") -> np.ndarray:
    """Cut the wanted part out of a picture and resize it, bicubic with antialiasing.

    Parameters
    ----------
    picture : PIL.Image.Image
        Mode RGB, upright.
    size : int
        Side of the result in pixels.
    crop : "center" or float or (left, top, right, bottom)
        A number in (0, 1]: the centered square of that share of the shorter side (``"center"``: 1).
        Four whole numbers: that box, in pixels, stretched where it is no square.

    Returns
    -------
    uint8 (size, size, 3)
        RGB.

    Raises
    ------
    BadPicture
        If the box reaches beyond the picture.

    Examples
    --------
    >>> crop_and_resize(Image.new("RGB", (178, 218)), 96).shape
    (96, 96, 3)
    """
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
    if isinstance(crop, (int, float)) and not isinstance(crop, bool) and 0 < crop <= 1:
        return float(crop)
    if isinstance(crop, (list, tuple)) and len(crop) == 4:
        box = tuple(int(edge) for edge in crop if isinstance(edge, (int, np.integer)))
        if len(box) == 4 and 0 <= box[0] < box[2] and 0 <= box[1] < box[3]:
            return box
    raise ValueError(
        f"crop must be 'center', a share in (0, 1], or four whole numbers (left, top, right, "
        f"bottom) with 0 <= left < right and 0 <= top < bottom; got {crop!r}."
    )


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


@contextmanager
def _libtiff_silenced():
    """Send the process's stderr nowhere: libtiff writes there what it finds odd in a file."""
    with _stderr_lock:  # two threads at once would restore each other's
        kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, 2)
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            os.close(nowhere)


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


def _reason(error):
    # The default text of objects holds their address, which changes from call to call.
    text = re.sub(r" at 0x[0-9a-f]+", "", " ".join(str(error).split()))
    return f"damaged picture: {text or type(error).__name__}"
