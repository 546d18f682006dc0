"""Pictures as bytes for the browser."""

import html
import io
import logging
from collections.abc import Callable

import ipywidgets
import numpy as np
from PIL import Image


def jpeg(image: np.ndarray, quality: int = 92) -> bytes:
    """Encode one picture as JPEG, without subsampling of its colors."""
    image = np.asarray(image)  # RGB (height, width, 3), uint8 or float in 0..1
    if image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
        raise ValueError(
            f"expected one picture of shape (height, width, 3); got {image.shape}. "
            "Of several, pass one, for instance images[0]."
        )
    if image.dtype.kind == "f":
        if not (image.min() >= 0 and image.max() <= 1):
            raise ValueError(
                f"expected a float picture in 0..1; got values from {image.min()} to "
                f"{image.max()}. Check the latent vector and the weights for NaN."
            )
        image = np.rint(image * 255).astype(np.uint8)
    if image.dtype != np.uint8:
        raise ValueError(f"expected a picture of uint8 or float; got {image.dtype}.")
    out = io.BytesIO()
    Image.fromarray(image).save(out, "JPEG", quality=quality, subsampling=0)
    return out.getvalue()


log = logging.getLogger("aelatent")
RED = "var(--jp-error-color1, #b00020)"  # JupyterLab's own, which is lighter on its dark theme


class ErrorLine(ipywidgets.HTML):
    """A line of text, empty while all goes well."""

    def guard(self, act: Callable[[], None]) -> Callable[..., None]:
        """Return a callback that calls `act()` and shows, and logs, what it raises."""

        def callback(*_):  # what ipywidgets passes is not needed
            try:
                act()
            except Exception as error:
                log.exception("in a widget's callback")
                text = html.escape(f"{type(error).__name__}: {error}")
                self.value = f'<span role="alert" style="color:{RED}">{text}</span>'
            else:
                self.value = ""

        return callback
