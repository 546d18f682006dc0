import io
import logging

import numpy as np
import pytest
from PIL import Image

from aelatent.widgets._parts import ErrorLine, jpeg

STRIPES = np.zeros((16, 48, 3))
STRIPES[:, ::2, 0] = 1  # red and blue columns: halved color resolution would mix them
STRIPES[:, 1::2, 2] = 1


@pytest.mark.parametrize("picture", [STRIPES, (STRIPES * 255).astype(np.uint8)])
def test_decodes_to_the_same_picture(picture):
    image = Image.open(io.BytesIO(jpeg(picture)))
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (48, 16))
    assert np.abs(np.asarray(image) / 255 - STRIPES).max() < 0.3
    assert len(jpeg(picture, 50)) < len(jpeg(picture)) == len(jpeg(picture, 92))


@pytest.mark.parametrize(("value", "told"), [(np.nan, "nan"), (1.5, "1.5"), (-0.5, "-0.5")])
def test_a_float_picture_beyond_its_range_is_refused(value, told):
    with pytest.raises(ValueError, match=f"values from {told}"):
        jpeg(np.full((4, 4, 3), value))


def test_an_error_is_shown_as_text_and_logged_until_the_next_success(caplog):
    line = ErrorLine()
    problems = [ValueError("z has <b>3</b> & not 4 components")]

    def act():
        if problems:
            raise problems[0]

    button = line.button("Go", act, "it goes")
    assert (button.description, button.tooltip) == ("Go", "it goes")
    with caplog.at_level(logging.ERROR, logger="aelatent"):
        button.click()
    assert "ValueError: z has &lt;b&gt;3&lt;/b&gt; &amp; not 4 components" in line.value
    assert 'role="alert"' in line.value
    assert caplog.records[0].exc_info[1] is problems[0]
    assert "in a widget's callback" in caplog.text
    problems.clear()
    button.click()
    assert line.value == ""


def test_an_interrupt_is_not_an_error():
    def act():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ErrorLine().guard(act)()
