"""One picture, read safely: bytes in, an upright RGB picture out, or the reason why not."""

import io
import re
import threading
import warnings
from contextlib import ExitStack, contextmanager

import numpy as np
from PIL import ExifTags, Image, ImageFile, PngImagePlugin, TiffImagePlugin

from aelatent._checks import check_share, is_whole

#: Largest file that is read, in bytes, and largest picture that is decoded, in pixels. Both bound
#: the memory of a worker (an RGBA picture of the limit takes 256 MB while it is turned into RGB).
MAX_BYTES = 64 * 2**20
MAX_PIXELS = 64_000_000

#: Raised when reading, cropping or resizing changes what comes out for the same bytes.
VERSION = 2

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
    with _own_settings():
        try:
            return _decode(data)
        except (BadPicture, MemoryError):
            raise
        except Exception as error:  # Pillow's decoders raise nearly every type on damaged files
            # without the addresses of objects, which change from call to call
            text = re.sub(r" at 0x[0-9a-f]+", "", " ".join(str(error).split()))
            raise BadPicture(f"damaged picture: {text or type(error).__name__}") from error


#: Pillow's switches that others may have set, and what reading needs.
_SWITCHES = (
    (ImageFile, "LOAD_TRUNCATED_IMAGES", False),
    (Image, "MAX_IMAGE_PIXELS", None),  # `MAX_PIXELS` is asked for before anything is decoded
    (PngImagePlugin, "MAX_TEXT_CHUNK", MAX_BYTES),
    (PngImagePlugin, "MAX_TEXT_MEMORY", MAX_BYTES),
    (TiffImagePlugin, "READ_LIBTIFF", False),
)
_lock = threading.Lock()
_readers = 0  # threads that read a picture at this moment
_settings = ExitStack()


@contextmanager
def _own_settings():
    """Ignore warnings, and set Pillow's switches, while any thread reads a picture."""
    # Pillow warns where a tag is odd but the pixels are whole (a camera's private notes, say): such
    # a picture is used. Both belong to all threads: who comes first sets them, who leaves last
    # restores them.
    global _readers
    with _lock:
        if _readers == 0:
            _settings.enter_context(warnings.catch_warnings(action="ignore"))
            for module, name, value in _SWITCHES:
                _settings.callback(setattr, module, name, getattr(module, name))
                setattr(module, name, value)
        _readers += 1
    try:
        yield
    finally:
        with _lock:
            _readers -= 1
            if _readers == 0:
                _settings.close()


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


def is_readable(data: bytes) -> bool:
    """Tell whether bytes begin as a JPEG, PNG or WebP does, whatever the file is called."""
    return data.startswith((_PNG, b"\xff\xd8\xff")) or data[8:12] == b"WEBP"


def _decode(data):
    if is_png := data.startswith(_PNG):
        data = _without_notes(data)
    try:
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.UnidentifiedImageError:
        raise BadPicture(f"no picture that is read: {describe(data)}") from None
    with picture:
        width, height = picture.size  # from the header: nothing is decoded yet
        if width < 1 or height < 1 or width * height > MAX_PIXELS:
            raise BadPicture(
                f"{width} x {height} pixels; from 1 to {MAX_PIXELS} in all are decoded"
            )
        picture.load()
        if is_png and picture.mode in ("L", "RGB") and "transparency" in picture.info:
            picture.info["transparency"] = _in_eight_bits(picture.info["transparency"], data[24])
        turned = _TURNED.get(_orientation(picture))
        picture = _to_rgb(picture)
        return picture if turned is None else picture.transpose(turned)


_PNG = b"\x89PNG\r\n\x1a\n"
#: Chunks of a PNG, beside the critical ones, that bear on what it shows: its transparent color, and
#: where its orientation may stand.
_KEPT = (
    b"tRNS",
    b"eXIf",
    b"iTXtXML:com.adobe.xmp",
    *(k + b"Raw profile type exif" for k in (b"tEXt", b"zTXt")),
)


def _without_notes(data):
    """Leave out the chunks of a PNG that do not bear on its pixels: they may be damaged or huge."""
    parts, at = [_PNG], len(_PNG)
    while at < len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4])
        kind = data[at + 4 : at + 30]  # and the first word of what it holds
        if kind[:1].isupper() or kind.startswith(_KEPT):
            parts.append(data[at:end])
        at = end
    return b"".join(parts)


def _in_eight_bits(clear, depth):
    """Return the transparent color of a PNG, stated in its own bits, as Pillow gives its pixels."""
    if isinstance(clear, tuple):
        return tuple(value >> (depth - 8) for value in clear)
    return clear * 255 // (2**depth - 1)


_TURNED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _orientation(picture):
    """Return the orientation that a picture states; of TIFF, Pillow has honored it already."""
    try:
        # `ImageOps.exif_transpose` would write all tags anew, and fail where one of them is odd.
        return picture.getexif().get(ExifTags.Base.Orientation)
    except (SyntaxError, ValueError):  # no EXIF at all: it says nothing of the orientation
        return None


def _to_rgb(picture):
    if picture.mode == "RGB" and "transparency" not in picture.info:
        return picture
    if picture.mode in _SIXTEEN_BIT:  # Pillow clips these at 255 when it converts them
        return Image.fromarray(_upper_bits(picture)).convert("RGB")
    if picture.mode in ("I", "F"):
        raise BadPicture("32 bits per pixel have no agreed white; save it with 8 or 16 bits")
    if picture.has_transparency_data:
        rgba = picture.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        return Image.alpha_composite(white, rgba).convert("RGB")
    return picture.convert("RGB")


def _upper_bits(picture):
    """Return a gray picture of 16 bits as uint8; what is transparent in a PNG becomes white."""
    deep, tags = np.asarray(picture), getattr(picture, "tag_v2", {})  # of TIFF
    gray = (deep >> tags.get(TiffImagePlugin.BITSPERSAMPLE, (16,))[0] - 8).astype(
        np.uint8
    )  # 12 bits come as they are
    if tags.get(TiffImagePlugin.PHOTOMETRIC_INTERPRETATION) == 0:  # white is zero
        return ~gray
    return np.where(deep == picture.info.get("transparency"), np.uint8(255), gray)


def describe(data: bytes) -> str:
    """Say in words what the first bytes of a file look like."""
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype html", b"<html", b"<head")):
        return "it is an HTML page"
    for magic, name in _MAGIC:
        if data.startswith(magic):
            return f"it is {name}"
    if data[4:8] == b"ftyp":
        return f"it is {_BRANDS.get(data[8:12], 'a video, or a picture of a kind of video')}"
    if data[257:262] == b"ustar":
        return "it is a tar archive"
    if not data.strip(b"\0"):
        return "it holds nothing but zero bytes"
    return f"it starts with the bytes {data[:8].hex(' ')}"


_BRANDS = {
    **dict.fromkeys((b"avif", b"avis"), "an AVIF picture"),
    **dict.fromkeys((b"heic", b"heix", b"hevc", b"heim", b"mif1", b"msf1"), "a HEIC picture"),
}
_MAGIC = (
    (b"PK", "a zip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\0", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"GIF8", "a GIF picture"),
    (b"8BPS", "a Photoshop picture"),
    (b"\0\0\0\x0cjP", "a JPEG 2000 picture"),
    (b"\0\0\0\x0cJXL", "a JPEG XL picture"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"%PDF", "a PDF document"),
    (b"\xff\xd8\xff", "the start of a JPEG picture, damaged or cut off"),
    (b"\x89PNG", "the start of a PNG picture, damaged or cut off"),
    (b"II*\0", "a TIFF picture, damaged or of a rare form"),
    (b"MM\0*", "a TIFF picture, damaged or of a rare form"),
)
