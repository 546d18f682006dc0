"""The page that decodes, in Firefox and in WebKit: from a disk and from a server, by mouse."""

import contextlib
import io
import os
import re

import numpy as np
import pytest
from PIL import ExifTags, Image

from aelatent.export.page import SAMPLES
from aelatent.kept import rows_of
from aelatent.model.plain import decode

from .engines import Absent, firefox, webkit
from .test_page import folder, run, served  # noqa: F401

pytestmark = pytest.mark.browser
REQUIRED = {firefox: "AELATENT_REQUIRE_FIREFOX", webkit: "AELATENT_REQUIRE_WEBKIT"}
LIVE = "const live = () => document.querySelectorAll('.aelatent-live[data-live=yes]').length === 4;"
UNTIL = """
for (let k = 0; k < 200 && !live(); k++) await new Promise((done) => setTimeout(done, 50));
return live();"""
RESTS = """const live = () => [...document.querySelectorAll('.aelatent-explorer')].every(
  ({ dataset: { asked, shown } }) => asked === shown);"""
SAID = "const live = () => !!document.querySelector('[role=alert]:not(:empty)');"
BOX = """const element = document.querySelector(args[0]);
element.scrollIntoView({ block: "center" });
const { x, y, width, height } = element.getBoundingClientRect();
return [x, y, width, height];"""
CHOOSE = """const file = new File([new Uint8Array(args[0])], "own.jpg", { type: "image/jpeg" });
const chosen = new DataTransfer();
chosen.items.add(file);
const input = document.querySelector("input[type=file]");
input.files = chosen.files;
input.dispatchEvent(new Event("change"));"""
CORNERS = """const canvas = document.querySelector("[data-aelatent=photo] .aelatent-small");
const [near, far] = [canvas.width / 4, (3 * canvas.width) / 4];
const at = (x, y) => Array.from(canvas.getContext("2d").getImageData(x, y, 1, 1).data);
return [at(near, near), at(far, near), at(near, far), at(far, far)];"""
# Bytes (n size size 4) of the vectors by which the page checks itself.
DECODED = """const { run, faces } = await window.aelatentPages.run;
return Array.from(faces(run.array("probe")).pixels.data);"""


@contextlib.contextmanager
def started(kind, room, **preferences):
    """Start an engine, or skip (or, where it is required, fail)."""
    with contextlib.ExitStack() as stack:
        try:
            engine = stack.enter_context(kind(room, **preferences))
        except Absent as reason:
            (pytest.fail if os.environ.get(REQUIRED[kind]) == "1" else pytest.skip)(str(reason))
        yield engine


@pytest.fixture(scope="module", params=[firefox, webkit], ids=lambda engine: engine.__name__)
def engine(request, tmp_path_factory):
    with started(request.param, tmp_path_factory.mktemp("engine")) as engine:
        yield engine


class Live:
    """The page in an engine, with all its explorers alive."""

    def __init__(self, engine, address):
        self.engine, self.address = engine, address
        engine.goto(address)
        assert engine.run(LIVE + UNTIL), engine.run("return document.body.innerText")

    def text(self, selector):
        return self.engine.run("return document.querySelector(args[0]).innerText", selector)

    def picture(self, selector):
        return self.engine.run("return document.querySelector(args[0]).toDataURL()", selector)

    def drags(self, selector, canvas, share=(0.5, 0.5), by=(0, 0)):
        """Drag from a place in an element; tell whether a canvas shows something else now."""
        x, y, width, height = self.engine.run(BOX, selector)
        before = self.picture(canvas)
        self.engine.drag((x + share[0] * width, y + share[1] * height), by)
        assert self.engine.run(RESTS + UNTIL), f"what {selector} asked for is not shown"
        assert self.engine.run("return document.querySelector('[role=alert]:not(:empty)')") is None
        return self.picture(canvas) != before


@pytest.fixture(scope="module", params=["file", "http"])
def live(request, engine, folder, served):  # noqa: F811
    address = (folder / "index.html").as_uri() if request.param == "file" else served
    return Live(engine, address)


def test_sliders_buttons_and_marks_move_the_faces(live):
    face = "[data-aelatent=mixer] .aelatent-face"
    assert live.drags("[data-aelatent=mixer] input[type=range]", face, (0.5, 0.5), (60, 0))
    assert float(live.text("[data-aelatent=mixer] output")) > 0.3
    assert re.match(r"D² = \d", live.text("[data-aelatent=mixer] .aelatent-reading"))
    assert live.drags("[data-aelatent=mixer] button[title^='to the mean']", face)
    assert "D² = 0, in the core" in live.text("[data-aelatent=mixer] .aelatent-reading")
    face = "[data-aelatent=component] .aelatent-face"
    assert live.drags("[data-aelatent=component] .aelatent-density", face, (0.8, 0.5), (-90, 0))
    assert "widths off the center" in live.text("[data-aelatent=component] .aelatent-reading")


def test_the_path_is_dragged(live):
    reading = "[data-aelatent=path] .aelatent-reading"
    before = live.text(reading)
    assert live.drags(".aelatent-path-end", ".aelatent-path-strip", by=(-70, -40))
    assert live.text(reading) != before
    assert re.match(r"D² is \d.* \d of 8 points lie in the core", live.text(reading))


def test_a_picture_comes_to_the_z_point_that_python_finds(live, run):  # noqa: F811
    assert live.drags(".aelatent-sample", "[data-aelatent=photo] .aelatent-small")
    z = run.encode(run.store.images[rows_of(run, SAMPLES, 1)[:1]])
    said = live.text("[data-aelatent=photo] .aelatent-reading")
    assert f"Length of z: {np.linalg.norm(z):.1f}." in said


def test_a_photo_that_lies_on_its_side_is_put_upright(live):
    corners = np.array([[[200, 0, 0], [0, 200, 0]], [[0, 0, 200], [200, 200, 0]]], np.uint8)
    photo = Image.fromarray(corners.repeat(32, 0).repeat(32, 1))
    file, exif = io.BytesIO(), Image.Exif()
    exif[ExifTags.Base.Orientation] = 6  # to be turned to the right
    photo.save(file, "jpeg", quality=95, exif=exif)
    live.engine.run(CHOOSE, list(file.getvalue()))
    assert live.engine.run(RESTS + UNTIL)
    seen = np.reshape(live.engine.run(CORNERS), (2, 2, 4))[..., :3]
    assert np.abs(seen - np.rot90(corners, -1).astype(int)).max() < 12


def test_it_decodes_as_python_does(live, run):  # noqa: F811
    half = {name: array.astype(np.float16) for name, array in run.weights("decoder").items()}
    z = run.axes.unwhiten(np.array([[0.0], [2.0]]) * np.eye(1, run.axes.rank))
    size = run.config.size
    found = np.reshape(live.engine.run(DECODED), (2, size, size, 4))[..., :3] / 255
    assert np.abs(found - decode(run.config, half, z)).max() < 0.5 / 255 + 1e-4  # bytes are rounded


def test_it_loads_nothing_from_elsewhere(live):
    code = "return performance.getEntriesByType('resource').map((entry) => entry.name)"
    home = live.address.rpartition("/")[0]
    assert [name for name in live.engine.run(code) if not name.startswith((home, "data:"))] == []


def test_a_browser_that_puts_noise_into_pictures_is_told(folder, tmp_path):  # noqa: F811
    with started(firefox, tmp_path, **{"privacy.resistFingerprinting": True}) as engine:
        live = Live(engine, (folder / "index.html").as_uri())
        engine.run("document.querySelector('.aelatent-sample').click()")
        assert engine.run(SAID + UNTIL)
        assert "puts noise into" in live.text("[data-aelatent=photo] [role=alert]")
