import io

import numpy as np
import pytest
from PIL import Image

from aelatent.widgets._parts import jpeg


def smooth(size=48):
    ramp = np.linspace(0, 1, size)
    red, green = np.meshgrid(ramp, ramp)
    return np.stack([red, green, 1 - red], axis=2)


@pytest.mark.parametrize("picture", [smooth(), (smooth() * 255).astype(np.uint8)])
def test_decodes_to_the_same_picture(picture):
    image = Image.open(io.BytesIO(jpeg(picture)))
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (48, 48))
    expected = picture if picture.dtype == np.uint8 else picture * 255
    assert np.abs(np.asarray(image) - expected.astype(float)).max() < 8


def test_keeps_the_full_resolution_of_color():
    stripes = np.zeros((16, 16, 3))
    stripes[:, ::2, 0] = 1  # red and blue columns: halved color resolution would mix them
    stripes[:, 1::2, 2] = 1
    seen = np.asarray(Image.open(io.BytesIO(jpeg(stripes)))) / 255
    assert np.abs(seen - stripes).max() < 0.3


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (np.zeros((2, 4, 4, 3)), r"got \(2, 4, 4, 3\).*images\[0\]"),
        (np.zeros((0, 4, 3)), r"got \(0, 4, 3\)"),
        (np.full((4, 4, 3), np.nan), "values from nan"),
        (np.full((4, 4, 3), 1.5), "values from 1.5"),
        (np.zeros((4, 4, 3), int), "got int64"),
    ],
)
def test_refuses(bad, message):
    with pytest.raises(ValueError, match=message):
        jpeg(bad)
