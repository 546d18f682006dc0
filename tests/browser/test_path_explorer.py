"""The path explorer in a real JupyterLab: dragged, typed at, made to fail, and reloaded."""

import numpy as np
import pytest

from .conftest import running_lab
from .driven import COUNTED, HASH, PathNotebook, choose, opened, take_small_world, write_notebook

pytestmark = pytest.mark.browser

CELL = """\
from aelatent import Run
from aelatent.latent.planes import Plane
from aelatent.widgets.path_explorer import PathExplorer

run = Run.open("portraits")
if {kernel}:
    from aelatent.widgets import _explorer

    _explorer.key_of = lambda run: ""
planes = {{f"plane {{i}}, {{j}}": Plane.components(8, i, j) for i, j in ((0, 1), (2, 5))}}
explorer = PathExplorer(run, planes, folder="saved")
explorer
"""
# Keeps the explorer from changing its plane while the test holds the kernel.
BUSY = """\
import threading


def keep():
    with explorer._lock:
        while Path("hold").exists():
            time.sleep(0.02)


threading.Thread(target=keep).start()
"""
# Remembers every size of the strip, and how many frames of the page found it empty.
WATCH = """strip => {
  window.watched = { sizes: new Set(), blank: 0, frames: 0 };
  const look = () => {
    const box = strip.getBoundingClientRect();
    window.watched.sizes.add(`${box.width} x ${box.height}`);
    const data = strip.getContext("2d").getImageData(0, 0, strip.width, strip.height).data;
    if (!data.some((value) => value)) window.watched.blank++;
    if (window.watched.frames++ >= 0) requestAnimationFrame(look);
  };
  look();
}"""
WATCHED = """() => {
  const { sizes, blank, frames } = window.watched;
  window.watched.frames = -1e9;
  return { sizes: [...sizes], blank, frames };
}"""


@pytest.fixture(scope="module", params=["page", "kernel"])
def decodes(request):
    """Who decodes."""
    return request.param


@pytest.fixture(scope="module")
def notebook(decodes, chromium, small_world, tmp_path_factory):
    with running_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield from opened_on(lab, decodes, chromium, small_world)


def opened_on(lab, decodes, chromium, small_world):
    take_small_world(lab, small_world)
    write_notebook(lab, "path.ipynb", CELL.format(kernel=decodes == "kernel"))
    with opened(chromium, lab, "path.ipynb", PathNotebook) as notebook:
        notebook.ask(code=COUNTED)
        yield notebook


@pytest.fixture(autouse=True)
def first_path(notebook):
    """Start each test on a slanting path of the first plane."""
    notebook.ask(
        code="broken = False; explorer.plane, explorer.n_points = 'plane 0, 1', 8\n"
        "at, wide = explorer._canvas.seen.center, explorer._canvas.seen.cloud.std(axis=0)\n"
        "explorer.ends = [at - wide, at + wide]"
    )
    assert notebook.rests()
    notebook.ask(code="calls.clear()")


def in_units(notebook, ends, place):
    """Return the place in the plane of a place on the page, float (2,)."""
    start, end = notebook.middle_of("start"), notebook.middle_of("end")
    return ends[0] + (place - start) / (end - start) * (ends[1] - ends[0])


def line_of(notebook):
    """Return how the path lies about the center: what the sliders show."""
    start, end, center = np.array(
        notebook.ask("[*explorer.ends.tolist(), explorer._canvas.seen.center.tolist()]")
    )
    length = np.hypot(*(end - start))
    (x, y), along = (start + end) / 2 - center, (end - start) / length
    angle = np.rad2deg(np.arctan2(*along[::-1]))
    offset, shift = along[0] * y - along[1] * x, along @ [x, y]
    return {"angle": angle, "length": length, "offset": offset, "shift": shift}


def drag(notebook, name, by, steps=10):
    notebook.drag(notebook.middle_of(name), by, steps)


def test_handles_go_where_the_mouse_drops_them_and_the_strip_follows(notebook, decodes):
    ends, before = notebook.places(), notebook.pixels()
    by = np.array([40, -60])
    wanted = in_units(notebook, ends, notebook.middle_of("end") + by)
    drag(notebook, "end", by)
    assert notebook.rests()
    after = notebook.places()
    np.testing.assert_allclose(after[0], ends[0])
    np.testing.assert_allclose(after[1], wanted, atol=0.02 * np.abs(ends[1] - ends[0]).max())
    assert notebook.pixels() != before
    whole = {8} if decodes == "kernel" else set()
    assert set(notebook.ask("calls")) == whole
    drag(notebook, "middle", [-30, 20])
    assert notebook.rests()
    step = notebook.places() - after
    np.testing.assert_allclose(step[0], step[1])
    assert step[0][0] < 0 > step[0][1]


def test_dragging_past_a_busy_kernel_builds_no_queue(notebook, decodes):
    ends, end = notebook.places(), notebook.middle_of("end")
    wanted = in_units(notebook, ends, end + np.array([-90, 60]))
    watch = lambda: tuple(notebook.middle_of("end"))  # noqa: E731
    seen = notebook.drag_past_a_busy_kernel(end, [-3, 2], watch)
    assert notebook.rests()
    assert len(seen) > 10  # the handle followed the mouse all the time
    # The first ones, and the last.
    assert (1 if decodes == "kernel" else 0) <= len(notebook.ask("calls")) <= 3
    far = 0.02 * np.abs(ends[1] - ends[0]).max()
    np.testing.assert_allclose(notebook.places()[1], wanted, atol=far)


def test_a_move_from_before_a_change_of_plane_is_void(notebook):
    notebook.hold.touch()
    notebook.ask(code=BUSY)
    drag(notebook, "end", [30, 30])
    notebook.widget.locator("select").first.select_option("plane 2, 5")
    drag(notebook, "end", [30, 30])  # still in the plane of before: the kernel is busy
    notebook.hold.unlink()
    first = "explorer._canvas.seen.first_ends().tolist()"
    role, ends, expected = notebook.ask(f"explorer.plane, explorer.ends.tolist(), {first}")
    assert (role, ends) == ("plane 2, 5", expected)
    assert notebook.rests()


def test_keys_move_a_handle_and_sliders(notebook):
    ends = notebook.places()
    notebook.handle("start").focus()
    notebook.keys("Tab", "Tab")  # past the middle
    assert notebook.handle("end").evaluate("h => getComputedStyle(h).outlineStyle") == "solid"
    assert notebook.handle("end").get_attribute("aria-label") == "end of the path"
    notebook.keys("ArrowRight", "ArrowRight", "ArrowUp", "Shift+ArrowUp", "Shift+ArrowLeft")
    start, (x, y) = notebook.places() - ends
    assert not start.any()
    assert x < 0 < y
    notebook.keys("ArrowUp")
    np.testing.assert_allclose(notebook.places()[1] - ends[1], [x, y * 12 / 11])
    before = line_of(notebook)
    for name, value in before.items():
        step = float(notebook.slider(name).get_attribute("step"))
        assert float(notebook.slider(name).input_value()) == pytest.approx(value, abs=step)
    notebook.slider("angle").focus()
    notebook.keys(*["ArrowRight"] * 5)
    after = line_of(notebook)
    assert after["angle"] == pytest.approx(round(before["angle"]) + 5)
    assert after == pytest.approx({**before, "angle": after["angle"]})
    notebook.slider("points").focus()
    notebook.keys("End")
    assert notebook.rests()
    assert notebook.ask("explorer.n_points, explorer.images.shape") == (12, (12, 32, 32, 3))
    assert "of 12 points lie in the core" in notebook.text()


def test_an_error_is_shown_until_it_is_mended(notebook, decodes):
    if decodes == "page":
        pytest.skip("it has no decoder of Python to break")
    before = notebook.pixels()
    notebook.ask(code="broken = True")
    drag(notebook, "end", [20, 20])
    said = notebook.root.get_by_role("alert")
    said.wait_for()
    assert said.inner_text() == "RuntimeError: no <b>weights</b>"
    assert said.bounding_box()["y"] > notebook.strip.bounding_box()["y"]
    assert notebook.pixels() == before
    notebook.ask(code="broken = False")
    drag(notebook, "end", [-40, 20])
    said.wait_for(state="hidden")
    assert notebook.rests()
    assert notebook.pixels() != before


def test_the_strip_is_never_blank_and_keeps_its_size(notebook):
    notebook.strip.evaluate(WATCH)
    drag(notebook, "end", [-120, 80], steps=60)
    assert notebook.rests()
    watched = notebook.page.evaluate(WATCHED)
    assert watched["frames"] > 10
    assert (len(watched["sizes"]), watched["blank"]) == (1, 0)


def test_it_fits_the_page_and_is_sharp_where_two_pixels_make_one(notebook):
    wider = "out => out.scrollWidth - out.clientWidth"
    assert notebook.widget.evaluate(wider) <= 0
    notebook.page.set_viewport_size({"width": 1920, "height": 1080})
    assert notebook.settles(lambda: notebook.strip.bounding_box()["width"] > 900)
    assert notebook.widget.evaluate(wider) <= 0
    plot = notebook.widget.locator(".aelatent-path-plot").bounding_box()
    assert 560 < plot["width"] <= 640
    notebook.page.set_viewport_size({"width": 1280, "height": 1000})
    screen = notebook.page.context.new_cdp_session(notebook.page)
    size = {"width": 1300, "height": 1000, "deviceScaleFactor": 2, "mobile": False}
    screen.send("Emulation.setDeviceMetricsOverride", size)
    sharp = "all => all.every((c) => Math.abs(c.width - 2 * c.clientWidth) <= 2)"
    assert notebook.settles(lambda: notebook.widget.locator("canvas").evaluate_all(sharp))
    screen.send("Emulation.clearDeviceMetricsOverride")


def contrast(notebook):
    """Return the contrast of the axes' text with the plot's ground (WCAG: at least 4.5)."""
    colors = notebook.widget.locator(".aelatent-path-plot").evaluate(
        "p => [getComputedStyle(p).color, getComputedStyle(p).backgroundColor]"
    )
    channels = [[float(part) for part in c[4:].strip("(a)").split(",")[:3]] for c in colors]
    linear = (np.array(channels) / 255) ** 2.2
    dark, light = sorted(linear @ [0.2126, 0.7152, 0.0722])
    return (light + 0.05) / (dark + 0.05)


def test_the_dark_theme_is_legible(notebook):
    assert contrast(notebook) > 4.5
    plot = notebook.widget.locator("canvas").first
    light = bytes(plot.evaluate(HASH))
    for name, same in (("JupyterLab Dark", False), ("JupyterLab Light", True)):
        choose(notebook.page, "Settings", "Theme")
        notebook.page.get_by_text(name, exact=True).click()
        expected = lambda same=same: (bytes(plot.evaluate(HASH)) == light) == same  # noqa: E731
        assert notebook.settles(expected)
        assert contrast(notebook) > 4.5


def test_after_a_reload_the_cell_brings_it_back_and_nothing_comes_from_elsewhere(notebook):
    assert notebook.foreign() == []
    notebook.reload()
    ends, before = notebook.places(), notebook.pixels()
    drag(notebook, "end", [-60, -40])
    assert notebook.rests()
    assert (notebook.places()[1] != ends[1]).all()
    assert notebook.pixels() != before
