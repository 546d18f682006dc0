"""What the widgets share: pictures as bytes, buttons, errors in view, and the check of planes."""

import html
import io
import logging
from collections.abc import Callable, Mapping

import ipywidgets
import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from aelatent._checks import check_within
from aelatent.latent.planes import Plane

FACE = {"width": "288px", "height": "288px", "flex": "none"}  # on the page, whatever its own size
WRAPPED = {"flex_flow": "row wrap"}
log = logging.getLogger("aelatent")
RED = "var(--jp-error-color1, #b00020)"  # JupyterLab's own, which is lighter on its dark theme


def jpeg(image: np.ndarray, quality: int = 92) -> bytes:
    """Encode RGB (height, width, 3), uint8 or float in 0..1, as JPEG of full color resolution."""
    if image.dtype != np.uint8:
        check_within("a float picture", image)
        image = np.rint(image * 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(image).save(out, "JPEG", quality=quality, subsampling=0)
    return out.getvalue()


def png(figure: Figure, dpi: int) -> bytes:
    """Draw a figure as PNG."""
    out = io.BytesIO()
    figure.savefig(out, dpi=dpi)
    return out.getvalue()


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

    def button(self, text: str, act: Callable[[], None], tooltip: str) -> ipywidgets.Button:
        """Return a button that calls `act()`; this line shows what it raises."""
        button = ipywidgets.Button(description=text, tooltip=tooltip)
        button.on_click(self.guard(act))
        return button


def check_planes(planes: Mapping[str, Plane], d: int, taken: str = "") -> dict[str, Plane]:
    """Return planes by their roles, refused unless of a space of `d` and none called `taken`."""
    planes = dict(planes)
    wrong = [role for role, plane in planes.items() if role == taken or len(plane.offset) != d]
    if not planes or wrong:
        but = f", none called {taken!r}" if taken else ""
        raise ValueError(
            f"planes must map roles to planes of the run's {d} components{but}; got "
            f"{list(planes)}, of which {wrong} do not fit. Pass what seed_planes gives."
        )
    return planes
