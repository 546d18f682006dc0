"""A run without a network, and what a reader sees of a widget."""

import contextlib
import io
import threading
import time
from functools import cached_property
from types import SimpleNamespace

import ipywidgets
import numpy as np
from PIL import Image

from aelatent.latent import PrincipalAxes, core_border, describe_components
from aelatent.model import ModelConfig


class LinearRun:
    """A run whose decoder is one linear layer and counts its calls."""

    def __init__(self, d=12, n=400, size=8):
        rng = np.random.default_rng(3)
        self.z = (rng.normal(size=(n, d)) @ rng.normal(size=(d, d)) + 2).astype(np.float32)
        self.weights = rng.normal(size=(d, size * size * 3)) / d
        self.size = size
        self.config = ModelConfig(size=size, filters=(4,), kernel=5, z_dim=d)  # for kernels only
        self.seen = []
        self.problem = self.images = None

    @cached_property
    def axes(self):
        return PrincipalAxes.fit(self.z)

    @cached_property
    def core(self):
        return core_border(self.z)

    @cached_property
    def described(self):
        return describe_components(self.z)

    @property
    def store(self):
        if self.images is None:
            raise FileNotFoundError("there is no store 'few'")
        return SimpleNamespace(images=self.images)

    def check_decoder(self):
        pass  # there is one

    def decode(self, z):
        self.seen.append(np.array(z))
        if self.problem:
            raise self.problem
        pictures = 1 / (1 + np.exp(-(z @ self.weights)))
        return pictures.reshape(-1, self.size, self.size, 3).astype(np.float32)


def asked(widget, ask, buffers=(), **content):
    """Ask a widget what its page asks; return the answer and the pictures that came with it."""
    sent = []
    widget.send = lambda answer, data=None: sent.append((answer, data or []))
    data = {"method": "custom", "content": {"ask": ask, "id": "7", **content}}
    widget.comm.handle_msg({"content": {"data": data}, "buffers": list(buffers)})
    ((answer, data),) = sent
    assert answer.pop("id") == "7"
    return answer, [np.asarray(Image.open(io.BytesIO(part))) for part in data]


def sent(widget, **state):
    """Set a widget's state as its page does."""
    data = {"method": "update", "state": state}
    widget.comm.handle_msg({"content": {"data": data}, "buffers": []})


def parts(widget, kind):
    """All widgets of a kind inside a widget, in reading order."""
    found, left = [], [widget]
    while left:
        part = left.pop(0)
        if isinstance(part, kind):
            found.append(part)
        left = [*getattr(part, "children", ()), *left]
    return found


def control(widget, name):
    """The menu, box or button of a widget with this description."""
    kinds = (ipywidgets.Dropdown, ipywidgets.IntText, ipywidgets.Button)
    (found,) = (part for part in parts(widget, kinds) if part.description == name)
    return found


def picture(widget, position=0):
    """The picture at a position as the page shows it, uint8 (height, width, 3)."""
    value = parts(widget, ipywidgets.Image)[position].value
    return np.asarray(Image.open(io.BytesIO(value)))


def press(widget, description):
    control(widget, description).click()


def messages(widget):
    return " ".join(part.value for part in parts(widget, ipywidgets.HTML))


@contextlib.contextmanager
def failing(run, widget, act, mend=None):
    """Let decoding fail in an act; the error must be told until it is mended."""
    run.problem = RuntimeError("the weights <are> gone")
    act()
    assert "RuntimeError: the weights &lt;are&gt; gone" in messages(widget)
    yield
    assert "RuntimeError" in messages(widget)
    run.problem = None
    (mend or act)()
    assert "RuntimeError" not in messages(widget)


@contextlib.contextmanager
def callback_under_way(run, callback):
    """Begin a callback in a thread, as JupyterLab does, and leave it at its decode; give decode.

    It goes on only after what is done meanwhile had time to end, if nothing held that back.
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
