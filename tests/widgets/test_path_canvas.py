import contextlib
import tomllib
from pathlib import Path

import pytest

from aelatent.widgets import _path_canvas
from aelatent.widgets._path_canvas import PathCanvas

ENDS = [[0, 0], [1, 2]]


def tell(canvas, content):
    """Send what the browser sends."""
    data = {"method": "custom", "content": content}
    canvas.comm.handle_msg({"content": {"data": data}, "buffers": []})


def asked(canvas, epoch, serial, view=1):
    move = {"epoch": epoch, "serial": serial, "start": [0, 0], "end": [3, 3], "n": 4}
    tell(canvas, {"set": {"asked": move}, "view": view})


def test_placing_begins_an_epoch_in_which_earlier_moves_do_not_count():
    canvas = PathCanvas()
    canvas.place(ENDS, 5, {"box": [[0, 1], [0, 1]]})
    assert canvas.state == {"epoch": 1, "serial": 1, "start": [0, 0], "end": [1, 2], "n": 5}
    assert not canvas.moved
    asked(canvas, 1, 2)
    assert canvas.moved
    canvas.place(ENDS, 5)
    assert canvas.scene == {"box": [[0, 1], [0, 1]]}
    assert not canvas.moved
    asked(canvas, 1, 3)
    assert not canvas.moved
    assert (canvas.state["epoch"], canvas.state["serial"]) == (2, 3)
    asked(canvas, 2, 7)
    canvas.show(b"jpeg", [1, 2], [True, False])  # an answer tells which path it belongs to
    answer = {"serial": 7, "jpeg": b"jpeg", "n": 2, "d2": [1.0, 2.0], "inside": [True, False]}
    assert canvas.answer == answer


@pytest.mark.parametrize("fails", [False, True])
def test_a_move_is_answered_after_all_that_follows_from_it(monkeypatch, fails):
    canvas, done = PathCanvas(), []

    def follow(change):
        done.append(change.new["serial"])
        if fails:
            raise RuntimeError("on purpose")

    canvas.place(ENDS, 2)
    canvas.observe(follow, "asked")
    monkeypatch.setattr(canvas, "send", done.append)
    for serial, view in ((3, 0.25), (4, 0.5)):
        with contextlib.suppress(RuntimeError):
            asked(canvas, 1, serial, view)
    assert done == [3, {"answered": 0.25}, 4, {"answered": 0.5}]


def test_a_checkbox_needs_no_answer_and_leaves_the_path_alone(monkeypatch):
    canvas = PathCanvas()
    canvas.place(ENDS, 2)
    asked(canvas, 1, 2)
    before, sent = canvas.asked, []
    monkeypatch.setattr(canvas, "send", sent.append)
    tell(canvas, {"set": {"equal": True}})
    assert (canvas.equal, canvas.whole, canvas.asked, sent) == (True, False, before, [])


def test_what_the_browser_runs_is_shipped():
    checkout = Path(__file__).resolve().parents[2]
    project = tomllib.loads((checkout / "pyproject.toml").read_text())
    (pattern,) = project["tool"]["setuptools"]["package-data"]["aelatent.widgets"]
    home = Path(_path_canvas.__file__).parent
    shipped = {f"{part}.{kind}" for part in ("path_canvas", "scrubber") for kind in ("js", "css")}
    network = {f"network.{kind}" for kind in ("c", "js", "wasm")}
    assert {f.name for f in home.glob(pattern)} == {*shipped, *network, "window.js"}
    assert "export default" in str(PathCanvas._esm)
    for address in ("http://", "https://", "import "):
        assert address not in str(PathCanvas._esm)
