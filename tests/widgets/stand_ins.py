"""A run without a network, and what a reader sees of a widget."""

import contextlib
import io
import threading
import time

import ipywidgets
import numpy as np
from PIL import Image


class LinearRun:
    """A run whose decoder is one linear layer and counts its calls."""

    def __init__(self, d=12, n=400, size=8):
        rng = np.random.default_rng(3)
        self.z = (rng.normal(size=(n, d)) @ rng.normal(size=(d, d)) + 2).astype(np.float32)
        self.weights = rng.normal(size=(d, size * size * 3)) / d
        self.size = size
        self.seen = []
        self.problem = None

    def decode(self, z):
        self.seen.append(np.array(z))
        if self.problem:
            raise self.problem
        pictures = 1 / (1 + np.exp(-(z @ self.weights)))
        return pictures.reshape(-1, self.size, self.size, 3).astype(np.float32)


def parts(mixer, kind):
    """All widgets of a kind inside the mixer, in reading order."""
    found, left = [], [mixer]
    while left:
        widget = left.pop(0)
        if isinstance(widget, kind):
            found.append(widget)
        left = [*getattr(widget, "children", ()), *left]
    return found


def face(mixer):
    return np.asarray(Image.open(io.BytesIO(parts(mixer, ipywidgets.Image)[0].value)))


def press(mixer, description):
    (button,) = (b for b in parts(mixer, ipywidgets.Button) if b.description == description)
    button.click()


def messages(mixer):
    return " ".join(widget.value for widget in parts(mixer, ipywidgets.HTML))


@contextlib.contextmanager
def callback_under_way(run, callback):
    """Begin a callback in a thread of its own, as JupyterLab does, and leave it at its decode.

    It goes on only after what is done meanwhile had time to end, if nothing held that back. Gives
    the run's own decode.
    """
    decode, begun = run.decode, threading.Event()

    def slow(z):
        if not begun.is_set():
            begun.set()
            time.sleep(0.3)
        return decode(z)

    run.decode = slow
    thread = threading.Thread(target=callback)
    thread.start()
    if not begun.wait(10):
        raise AssertionError("the callback decoded nothing")
    yield decode
    thread.join()
