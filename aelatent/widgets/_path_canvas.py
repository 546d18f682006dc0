"""What the browser draws of a path: its plane, its handles and sliders, and the decoded strip."""

from collections.abc import Sequence

import anywidget
import numpy as np
import traitlets

from aelatent.widgets._parts import STATIC

FEWEST, MOST = 2, 12  # points of a path


class PathCanvas(anywidget.AnyWidget):
    """A plane, a path that the reader drags in it, and the strip of what its points decode to."""

    # What the reader changes comes as messages with what to "set". One that sets `asked`, a move,
    # is answered once all is done that follows from it. Each view has two unanswered at most, and
    # keeps only the newest move meanwhile: moves past a busy kernel build no queue. (Changes that
    # ipywidgets sends by itself wait for the one before to come back: a fifth slower.)
    #
    # A move carries the epoch of the `state` that it started from. `place` begins a new one, so
    # that a late move in the plane of before, or from a path that Python has replaced, counts for
    # nothing.
    _esm = STATIC / "path_canvas.js"
    _css = STATIC / "path_canvas.css"
    # What lies in the plane: "cloud" and "section", float32 (k, 2) as bytes; "box" of the cloud,
    # left and right, bottom and top, and "core_box" of it and the section; "labels" of the axes;
    # "center" and "origin"; "total", "level" and "border" for the caption; "colors".
    scene = traitlets.Dict().tag(sync=True)
    # The path as Python last placed it: "epoch", "serial" (counts the moves), "start", "end", "n".
    state = traitlets.Dict().tag(sync=True)
    # The same as the reader last moved it.
    asked = traitlets.Dict().tag(sync=True, echo_update=False)  # an echo would cost a message
    # "serial" of its path, "jpeg" of "n" pictures side by side, and each point's "d2" and "inside".
    answer = traitlets.Dict().tag(sync=True)
    equal = traitlets.Bool(False).tag(sync=True, echo_update=False)  # both axes have one scale
    # The view holds the whole core: its section may be many times wider than the cloud.
    whole = traitlets.Bool(False).tag(sync=True, echo_update=False)

    def __init__(self):
        super().__init__()
        self.on_msg(self._set)

    def _set(self, _, content: dict, buffers) -> None:
        try:
            self.set_state(content["set"])  # not sent back: the page has it
        finally:
            if "view" in content:
                self.send({"answered": content["view"]})

    def place(self, ends: np.ndarray, n: int, scene: dict | None = None) -> None:
        """Show another path, and with `scene` another plane; moves from before are void."""
        start, end = np.asarray(ends, float).tolist()  # (2, 2), in the plane
        count = {"epoch": self.state.get("epoch", 0) + 1, "serial": self._serial() + 1}
        with self.hold_sync():
            if scene is not None:
                self.scene = scene
            self.state = {**count, "start": start, "end": end, "n": int(n)}

    @property
    def moved(self) -> bool:
        """Whether the reader has moved the path since Python last placed it: `asked` counts."""
        return bool(self.asked) and self.asked["epoch"] == self.state["epoch"]

    def show(self, jpeg: bytes, d2: Sequence[float], inside: Sequence[bool]) -> None:
        """Show the decoded points of the path, one picture each, side by side in one JPEG."""
        self.answer = {
            "serial": self._serial(),
            "jpeg": jpeg,
            "n": len(d2),
            "d2": [float(value) for value in d2],
            "inside": [bool(value) for value in inside],
        }

    def _serial(self) -> int:
        """Return the serial of the path as it is now."""
        return (self.asked if self.moved else self.state).get("serial", 0)
