import contextlib
import re
import struct
import threading
import tracemalloc
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from PIL import Image, ImageFile, PngImagePlugin

from aelatent.images import pictures
from aelatent.images.pictures import BadPicture, check_crop, crop_and_resize, read_picture

from .bad_files import bad_pictures, encoded, oriented, pixels, png, png_bomb

UPRIGHT = pixels(24, 16)
ASIDE = UPRIGHT.transpose(1, 0, 2)
# How a picture must be stored so that the orientation brings it back: from the EXIF standard, by
# hand, not through Pillow.
STORED = {
    1: UPRIGHT,
    2: UPRIGHT[:, ::-1],
    3: UPRIGHT[::-1, ::-1],
    4: UPRIGHT[::-1],
    5: ASIDE,
    6: ASIDE[::-1],
    7: ASIDE[::-1, ::-1],
    8: ASIDE[:, ::-1],
}


def array(data):
    picture = read_picture(data)
    assert picture.mode == "RGB"
    return np.asarray(picture)


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "JPEG", "WEBP"])
def test_orientation_is_honored(orientation, kind):
    options = {"lossless": True} if kind == "WEBP" else {}
    result = array(oriented(STORED[orientation], orientation, kind, **options))
    assert result.shape == UPRIGHT.shape
    assert np.abs(result.astype(int) - UPRIGHT).max() <= (12 if kind == "JPEG" else 0)


def exif(*entries):
    """Return an EXIF block of (tag, type, value of at most four bytes or where it stands)."""
    packed = (struct.pack("<HHI4s", tag, kind, 1, value) for tag, kind, value in entries)
    return b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + b"".join(packed)


TURNED = (0x0112, 3, b"\6")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize(
    ("notes", "stored"),
    [
        (exif(TURNED, (0x011A, 10, b"\x26")) + bytes(4) + struct.pack("<2i", -1, 0), STORED[6]),
        (exif(TURNED, (0x011A, 2, b"72\0")), STORED[6]),  # a resolution that is text
        (exif(TURNED, (0x8769, 4, b"\xff\xff")), STORED[6]),  # more tags where nothing is
        (exif((0x0112, 2, b"6")), UPRIGHT),
        (b"Exif\0\0no tags at all", UPRIGHT),
    ],
    ids=["-1/0", "text", "nowhere", "text orientation", "no tags"],
)
def test_odd_tags_leave_the_pixels_and_their_orientation(kind, notes, stored):
    options = {"lossless": True} if kind == "WEBP" else {}
    result = array(encoded(stored, kind, exif=notes, **options))
    assert result.shape == UPRIGHT.shape
    assert np.abs(result.astype(int) - UPRIGHT).max() <= (12 if kind == "JPEG" else 0)


LONG = b"Comment\0\0" + zlib.compress(bytes(70 * 2**20))
NOTES = [b"zTXt" + LONG, b"iCCP" + LONG, b"iTXtComment\0\1\0\0" + LONG[8:], b"pHYs", b"acTL"]


def test_notes_of_a_png_that_are_huge_or_damaged_leave_its_pixels():
    row = b"\0\1\2\3"
    whole = png(1, 1, row, b"tEXtComment\0hello")
    for data in (*(png(1, 1, row, note) for note in NOTES), whole.replace(b"hello", b"hallo")):
        assert array(data).tolist() == [[[1, 2, 3]]]
    damaged = png(1, 1, row, b"tRNS" + bytes(6)).replace(bytes(6), b"\1" * 6)
    with pytest.raises(BadPicture, match="the start of a PNG picture, damaged"):
        read_picture(damaged)


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK", "YCbCr"])
def test_other_modes_become_rgb(mode):
    picture = Image.fromarray(UPRIGHT).convert(mode)
    result = array(encoded(picture, "TIFF" if mode in ("CMYK", "YCbCr") else "PNG"))
    assert (result == np.asarray(picture.convert("RGB"))).all()


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "I;16"), ("TIFF", "I;16"), ("TIFF", "I;16B")])
def test_sixteen_bit_gray_keeps_its_upper_byte(kind, mode):
    deep = (np.arange(256, dtype=np.uint16) * 257).reshape(16, 16)
    stored = deep.astype(">u2" if mode.endswith("B") else "<u2")
    picture = Image.frombytes(mode, (16, 16), stored.tobytes())
    expected = np.arange(256).reshape(16, 16)
    assert (array(encoded(picture, kind)) == expected[..., None]).all()


@pytest.mark.parametrize(
    ("tag", "before", "after", "stored", "expected"),
    [
        (262, 1, 1, b"\0\0\x34\x12", (0, 0x12)),
        (262, 1, 0, b"\0\0\x34\x12", (255, 0xED)),  # white is zero
        (258, 16, 12, b"\0\x0f\xff\0", (0, 255)),  # bits: twelve
    ],
)
def test_deep_gray_tiff_is_as_bright_as_it_says(tag, before, after, stored, expected):
    data = encoded(Image.frombytes("I;16", (2, 1), stored), "TIFF")
    entries = (struct.pack("<HHII", tag, 3, 1, value) for value in (before, after))
    assert array(data.replace(*entries))[0, :, 0].tolist() == list(expected)


def test_sixteen_bit_color_keeps_its_upper_byte():
    _, data = cv2.imencode(".png", UPRIGHT[..., ::-1].astype(np.uint16) * 257)
    assert (array(data.tobytes()) == UPRIGHT).all()


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_transparent_pixels_lie_over_white(mode, kind):
    picture = Image.new(mode, (3, 1))
    picture.putdata([(100,) * (len(mode) - 1) + (alpha,) for alpha in (0, 128, 255)])
    white, half, gray = array(encoded(picture, kind))[0].astype(int)
    assert (white.tolist(), gray.tolist()) == ([255] * 3, [100] * 3)
    assert np.abs(half - 177).max() <= 1  # half of 100 and half of 255


def test_transparent_color_of_a_palette_lies_over_white():
    picture = Image.frombytes("P", (2, 1), b"\0\1")
    picture.putpalette([10, 20, 30, 200, 100, 50])
    result = array(encoded(picture, "PNG", transparency=0))
    assert result.tolist() == [[[255, 255, 255], [200, 100, 50]]]


@pytest.mark.parametrize(
    ("depth", "color", "rows", "clear", "expected"),
    [
        (1, 0, b"\x40", (0,), [255, 255]),
        (2, 0, b"\x60", (1,), [255, 170]),
        (4, 0, b"\x5a", (5,), [255, 170]),
        (16, 0, b"\x55\x56\x55\x57", (0x5556,), [255, 0x55]),
        (16, 2, b"\1\7\2\7\3\7" + b"\4\5" * 3, (0x107, 0x207, 0x307), [255, 4]),
    ],
)
def test_a_transparent_color_is_meant_in_the_bits_of_the_picture(
    depth, color, rows, clear, expected
):
    chunk = b"tRNS" + struct.pack(f">{len(clear)}H", *clear)
    result = array(png(2, 1, b"\0" + rows, chunk, depth=depth, color=color))
    assert result[0, :, 0].tolist() == expected


def test_a_bomb_is_refused_before_it_is_decoded():
    data = png_bomb(9000, 9000)  # below the size at which Pillow itself refuses
    tracemalloc.start()
    with pytest.raises(BadPicture, match="9000 x 9000 pixels"):
        read_picture(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**20


def test_warnings_are_silent_while_threads_read_and_as_before_after(monkeypatch):
    reading, second = threading.Barrier(2), threading.Event()
    real = pictures._decode

    def slow(data):
        warnings.warn("Pillow finds a tag odd", stacklevel=1)
        reading.wait(10)  # both read at once
        if threading.current_thread() is not threading.main_thread():
            second.wait(10)  # and this one ends last
        warnings.warn("Pillow finds another odd", stacklevel=1)
        return real(data)

    monkeypatch.setattr(pictures, "_decode", slow)
    data = encoded(UPRIGHT, "PNG")
    with warnings.catch_warnings(), ThreadPoolExecutor(1) as pool:
        warnings.simplefilter("error")
        before = list(warnings.filters)
        other = pool.submit(array, data)
        assert (array(data) == UPRIGHT).all()
        second.set()
        assert (other.result() == UPRIGHT).all()
        assert warnings.filters == before


SWITCHES = [
    (ImageFile, "LOAD_TRUNCATED_IMAGES", True),
    (Image, "MAX_IMAGE_PIXELS", 5),
    (PngImagePlugin, "MAX_TEXT_CHUNK", 5),
    (PngImagePlugin, "MAX_TEXT_MEMORY", 5),
]


@pytest.mark.parametrize("switch", SWITCHES, ids=lambda switch: switch[1])
def test_switches_of_pillow_change_nothing_and_stay_as_they_were(switch, monkeypatch):
    monkeypatch.setattr(*switch)
    xmp = zlib.compress(b'<x tiff:Orientation="6"/>')
    turned = png(1, 2, bytes(8), b"iTXtXML:com.adobe.xmp\0\1\0\0\0" + xmp)
    assert array(turned).shape == (1, 2, 3)
    for cut in (JPEG[:-400], PNG[:-400]):
        with pytest.raises(BadPicture, match="truncated"):
            read_picture(cut)
    assert getattr(*switch[:2]) == switch[2]


# the corpus

NOISE, OTHER = (Image.fromarray(pixels(seed=k, smooth=False)) for k in (0, 1))
JPEG, PNG, BMP = (encoded(NOISE, kind) for kind in ("JPEG", "PNG", "BMP"))
FRAMES = {"save_all": True, "append_images": [OTHER]}

WHOLE = {  # one noisy picture: nothing of it can be guessed
    **{kind.lower(): encoded(NOISE, kind) for kind in ("JPEG", "PNG", "WEBP", "BMP", "TIFF")},
    "progressive.jpg": encoded(NOISE, progressive=True),
    "lossless.webp": encoded(NOISE, "WEBP", lossless=True),
    "lzw.tif": encoded(NOISE, "TIFF", compression="tiff_lzw"),
}
ODD = {
    **{f"dot.{k.lower()}": encoded(NOISE.resize((1, 1)), k) for k in ("PNG", "JPEG", "BMP")},
    "row.png": encoded(NOISE.resize((2000, 1)), "PNG"),
    "column.png": encoded(NOISE.resize((1, 2000)), "PNG"),
    "cmyk.jpg": encoded(NOISE.convert("CMYK")),
    "gray.jpg": encoded(NOISE.convert("L")),
    "bits.png": encoded(NOISE.convert("1"), "PNG"),
    "deep.png": encoded(np.full((9, 9), 40_000, np.uint16), "PNG"),
    "palette.png": encoded(NOISE.convert("P"), "PNG", transparency=bytes(range(256))),
    "alpha.webp": encoded(NOISE.convert("RGBA"), "WEBP"),
    "animated.webp": encoded(NOISE, "WEBP", lossless=True, **FRAMES),
    "animated.png": encoded(NOISE, "PNG", **FRAMES),
    "pages.tif": encoded(NOISE, "TIFF", **FRAMES),
    "really a png.jpg": PNG,
    "LOUD.JPG": JPEG,
    "really a jpeg.heic": JPEG,
    "two.in.one.jpg": JPEG + JPEG,
    "and more.jpg": JPEG + b"\0<?php ?>" * 50,
    "without its end.png": PNG[:-12],
    **{f"turned {k}.jpg": oriented(NOISE, k) for k in (*range(1, 9), 200)},
    **dict.fromkeys(("-rf.jpg", "a bé中😀.jpg", "=1+1,2.jpg", "x" * 240 + ".webp"), JPEG),
}


def sized(data, marker, offset, code, width, height):
    """Return the bytes of a picture whose header lies about its size."""
    data, at = bytearray(data), data.index(marker) + offset
    struct.pack_into(code, data, at, width, height)
    return bytes(data)


BAD = {  # and what is said of them
    **bad_pictures(),
    **{f"magicless.{k}": (b"\0" * 8 + data[8:], "no picture|damaged") for k, data in WHOLE.items()},
    **{
        f"cut {share}.{kind}": (data[: int(share * len(data))], "no picture|truncated|damaged")
        for share in (0.02, 0.1, 0.3, 0.6, 0.9)
        for kind, data in WHOLE.items()
    },
    "bomb.jpg": (sized(JPEG, b"\xff\xc0", 5, ">HH", 65_500, 65_500), "pixels"),
    "bomb.bmp": (sized(BMP, b"BM", 18, "<ii", 60_000, 60_000), "pixels"),
    "greatest bomb.png": (png_bomb(2**31 - 1, 2**31 - 1), "pixels"),
    "just too large.png": (png_bomb(8001, 8000), "8001 x 8000 pixels"),
    "no size.png": (png_bomb(0, 0), "no picture"),
    "no height.png": (png_bomb(9, 0), "no picture"),
    "no size.jpg": (sized(JPEG, b"\xff\xc0", 5, ">HH", 0, 0), "no picture"),
    "late.jpg": (b"xx" + JPEG, "no picture"),
    "animated.gif": (encoded(Image.new("P", (4, 4)), "GIF"), "GIF is not read"),
    "phone.heic": (b"\0\0\0\x18ftypheic" + bytes(99), "HEIC is not read; save it as JPEG"),
    "phone.jpg": (b"\0\0\0\x18ftypheic" + bytes(99), "it is a HEIC picture"),
    "web.jpg": (b"\0\0\0\x1cftypavif" + bytes(99), "it is an AVIF picture"),
    "clip.jpg": (b"\0\0\0\x1cftypqt  " + bytes(99), "it is a video"),
    "raw.dng": (encoded(NOISE, "TIFF"), "DNG is not read"),  # a preview would be shown
    "drawing.svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG is not read"),
    "document.jpg": (b"%PDF-1.4", "PDF"),
    "postscript.jpg": (encoded(NOISE, "EPS"), "no picture"),
}


def test_every_picture_of_the_corpus_is_packed_or_skipped_with_its_reason(given, packed):
    usable = ODD | {f"whole.{kind}": data for kind, data in WHOLE.items()}
    for name, data in (usable | {name: data for name, (data, _) in BAD.items()}).items():
        (given / name).write_bytes(data)
    store, skipped = packed("folder", given)
    assert set(store.index["image_id"]) == set(usable)
    assert set(skipped) == set(BAD)
    assert {n: r for n, r in skipped.items() if not re.search(BAD[n][1], r)} == {}
    assert not any("0x" in reason for reason in skipped.values())  # the same from call to call


def test_odd_pictures_show_what_they_show():
    for name in ("animated.png", "animated.webp", "pages.tif", "really a png.jpg"):
        assert (array(ODD[name]) == np.asarray(NOISE)).all(), name  # the first of two frames
    for name in ("two.in.one.jpg", "and more.jpg", "turned 200.jpg", "LOUD.JPG"):
        assert (array(ODD[name]) == array(JPEG)).all(), name


@settings(max_examples=400)
@given(data=st.data())
def test_damaged_bytes_give_a_picture_or_a_reason(data):
    damaged = bytearray(
        data.draw(st.sampled_from([*WHOLE.values(), ODD["turned 6.jpg"], ODD["palette.png"]]))
    )
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, min(len(damaged) - 1, 400)))
        damaged[at] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del damaged[data.draw(st.integers(0, len(damaged))) :]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with contextlib.suppress(BadPicture):
            assert read_picture(bytes(damaged)).mode == "RGB"


# crop and resize


@pytest.mark.parametrize(
    ("width", "height", "crop", "left", "top", "side"),
    [
        (96, 140, "center", 0, 22, 96),
        (141, 96, "center", 22, 0, 96),
        (100, 100, 0.5, 25, 25, 50),
        (30, 50, (10, 30, 30, 50), 10, 30, 20),  # up to its edges
    ],
)
def test_crops_cut_what_they_say(width, height, crop, left, top, side):
    picture = pixels(width, height)
    result = crop_and_resize(Image.fromarray(picture), side, crop)
    assert (result == picture[top : top + side, left : left + side]).all()


@given(width=st.integers(1, 60), height=st.integers(1, 60), share=st.floats(0.001, 1))
def test_any_shape_and_share_gives_the_size(width, height, share):
    picture = Image.fromarray(np.full((height, width, 3), 77, np.uint8))
    result = crop_and_resize(picture, 16, share)
    np.testing.assert_array_equal(result, np.full((16, 16, 3), 77, np.uint8), strict=True)


def test_reducing_does_not_alias():
    stripes = np.zeros((960, 960, 3), np.uint8)
    stripes[:, ::2] = 255  # 480 stripes on 96 columns: a filter without antialiasing shows moire
    result = crop_and_resize(Image.fromarray(stripes), 96).astype(float)
    assert np.abs(result[:, 4:-4] - 127.5).max() < 2


BOXES = [(1, 2, 3), (0, 0, 0, 5), (5, 0, 1, 5), (-1, 0, 5, 5), (0.5, 0, 5, 5), (0, 5, 5, 5)]


def test_crops_are_brought_into_plain_form_or_refused():
    for crop in ("middle", "1", 0, 1.5, -0.1, float("nan"), True, None, *BOXES):
        with pytest.raises(ValueError, match="crop must be"):
            check_crop(crop)
    for crop, plain in ((1, 1.0), ([0, 1, 5, 6], (0, 1, 5, 6)), ("center", "center")):
        assert check_crop(crop) == plain
        assert type(check_crop(crop)) is type(plain)
    for box in ((0, 0, 41, 30), (0, 0, 40, 31)):
        with pytest.raises(BadPicture, match="40 x 30"):
            crop_and_resize(Image.fromarray(pixels(40, 30)), 8, box)
