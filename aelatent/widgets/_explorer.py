"""What all explorers share: the page's questions are answered, and a still stands in for them."""

import base64
import html
import threading
from collections.abc import Callable

import anywidget
import numpy as np
import traitlets

from aelatent.widgets._bundle import bundle_of, core_of, encoder_of, key_of
from aelatent.widgets._front import COLORS, style
from aelatent.widgets._parts import jpeg, log

SD = (-2, -1, 0, 1, 2)  # standard deviations of the columns of a still
Answer = tuple[dict, list[bytes]]


class Explorer(anywidget.AnyWidget):
    """A front end whose pictures the page decodes by itself, or where it cannot, the kernel."""

    # The state is in traits, which the page and Python both may set. For the rest the page asks,
    # {"ask": NAME, "id": NUMBER, ...}, and is answered {"id": NUMBER, ...} with buffers, or with an
    # "error". It asks once at a time: moves past a busy kernel build no queue.
    _css = style()
    kind = ""  # its name in the page
    page = traitlets.Unicode().tag(sync=True)  # the decoder that the page runs; "": the kernel does
    # What it decodes with, sent along: a page that asked would wait for the cells under way.
    bundle, info = traitlets.Bytes().tag(sync=True), traitlets.Dict().tag(sync=True)
    core = traitlets.Dict().tag(sync=True)
    colors = traitlets.Dict(COLORS).tag(sync=True)

    def __init__(self, run, **state):
        self._run = run
        # JupyterLab runs callbacks in a thread beside the one that runs the cells.
        self.lock = threading.RLock()
        if key := key_of(run):
            bundle = bundle_of(run)
            state |= {"page": key, "bundle": bundle.data, "info": bundle.info}
        super().__init__(core=core_of(run), **state)
        self._answers: dict[str, Callable[..., Answer]] = {
            "encoder": lambda: _sent(encoder_of(run)),
            "decode": self._decode,
        }
        self.on_msg(self._hear)

    def _hear(self, _, content: dict, buffers) -> None:
        name, number = content.pop("ask", None), content.pop("id", None)
        try:
            with self.lock:
                answer, data = self._answers[name](**content, **_named(buffers))
        except Exception as error:
            log.exception("answering the page, which asked for %r", name)
            answer, data = {"error": f"{type(error).__name__}: {error}"}, []
        self.send({"id": number, **answer}, data)

    def _decode(self, **place) -> Answer:
        """Decode latent vectors of what the page says, for one that cannot."""
        z = self._vectors(**place)
        images = self._run.decode(z)  # (n, size, size, 3), sent below each other
        return {"n": len(z), "d2": self._d2(z)}, [jpeg(images.reshape(-1, *images.shape[2:]))]

    def _d2(self, z: np.ndarray) -> list[float]:
        fitted = self._run.core if "border" in self.core else self._run  # as the page takes it
        return fitted.axes.d2(z).tolist()

    def _vectors(self, **place) -> np.ndarray:
        raise NotImplementedError

    def _still(self) -> tuple[np.ndarray, int, str]:
        """Return pictures to show where nothing moves, how many a row, and what they are."""
        raise NotImplementedError

    def still(self) -> str:
        """Return its place in a static page as HTML, with pictures until it comes to life."""
        return still(self.kind, self.page, *self._still())

    def _repr_mimebundle_(self, **asked):
        data, about = super()._repr_mimebundle_(**asked)
        return {**data, "text/html": self.still()}, about


def still(kind: str, page: str, images: np.ndarray, columns: int, says: str) -> str:
    """Return the place of an explorer in a static page, with pictures until it comes to life."""
    rows = images.reshape(-1, columns, *images.shape[1:])  # (rows, columns, height, width, 3)
    grid = _grid(rows)
    data, says = base64.b64encode(jpeg(grid, 85)).decode("ascii"), html.escape(says)
    height, width = grid.shape[:2]
    return (
        f'<div class="aelatent-live" data-aelatent="{kind}" data-run="{page}"><figure>'
        f'<img class="dark-light" src="data:image/jpeg;base64,{data}" width="{width}" '
        f'height="{height}" alt="{says}" style="max-width: 100%; height: auto">'
        f"<figcaption>{says}</figcaption></figure></div>"
    )


def _grid(rows: np.ndarray) -> np.ndarray:
    """Put pictures (r, c, height, width, 3) side by side: (r height, c width, 3)."""
    r, c, height, width, _ = rows.shape
    return rows.transpose(0, 2, 1, 3, 4).reshape(r * height, c * width, 3)


def _sent(bundle) -> Answer:
    return {"info": bundle.info}, [bundle.data]


def _named(buffers) -> dict:
    return {"data": bytes(buffers[0])} if buffers else {}
