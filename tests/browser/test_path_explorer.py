"""The path explorer in a real JupyterLab: dragged, typed at, made to fail, and reloaded."""

import shutil

import numpy as np
import pytest

from .driven import choose, reloaded
from .exploring import HASH, opened, write_notebook

pytestmark = pytest.mark.browser

CELL = """\
from aelatent import Run
from aelatent.latent.planes import Plane
from aelatent.widgets.path_explorer import PathExplorer

run = Run.open("portraits")
planes = {f"plane {i}, {j}": Plane.components(8, i, j) for i, j in ((0, 1), (2, 5))}
explorer = PathExplorer(run, planes, folder="saved")
explorer
"""
COUNTED = """\
import time
from pathlib import Path

decode, calls = run.decode, []


def counted(z):
    while Path("hold").exists():  # the test holds the kernel here
        time.sleep(0.02)
    calls.append(len(z))
    return decode(z)


def broken(z):
    raise RuntimeError("no <b>weights</b>")


run.decode = counted
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


@pytest.fixture(scope="module")
def notebook(chromium, lab, small_world):
    shutil.copytree(small_world / "runs" / "small", lab.data / "runs" / "portraits")
    write_notebook(lab, "path.ipynb", CELL)
    with opened(chromium, lab, "path.ipynb") as notebook:
        notebook.ask(code=COUNTED)
        yield notebook


@pytest.fixture(autouse=True)
def first_path(notebook, tmp_path):
    """Start each test on a slanting path of the first plane; keep a picture of how it ended."""
    notebook.ask(
        code="run.decode = counted; explorer.plane, explorer.n_points = 'plane 0, 1', 8\n"
        "at, wide = explorer._scene.center, explorer._scene.cloud.std(axis=0)\n"
        "explorer.ends = [at - wide, at + wide]; calls.clear()"
    )
    assert notebook.rests()
    yield
    notebook.page.screenshot(path=tmp_path / "end.png")


def in_units(notebook, ends, *pixels):
    """Return the places in the plane of places on the page, float (n, 2)."""
    start, end = notebook.middle_of("start"), notebook.middle_of("end")
    return ends[0] + (np.array(pixels) - start) / (end - start) * (ends[1] - ends[0])


def drag(notebook, name, by, steps=10):
    """Drag a handle by pixels, and let go; return where."""
    here = notebook.middle_of(name)
    mouse = notebook.page.mouse
    mouse.move(*here)
    mouse.down()
    mouse.move(*(here + by), steps=steps)
    mouse.up()
    return here + by


def calls(notebook):
    """Return the number of vectors in each call of decode."""
    return notebook.ask("calls")


def test_an_end_goes_where_the_mouse_drops_it_and_the_strip_follows(notebook):
    ends, before = notebook.places(), notebook.pixels()
    by = np.array([40, -60])
    (wanted,) = in_units(notebook, ends, notebook.middle_of("end") + by)
    drag(notebook, "end", by)
    assert notebook.rests()
    after = notebook.places()
    np.testing.assert_allclose(after[0], ends[0])
    np.testing.assert_allclose(after[1], wanted, atol=0.02 * np.abs(ends[1] - ends[0]).max())
    assert notebook.pixels() != before
    assert set(calls(notebook)) == {8}  # a whole path each


def test_the_middle_moves_all_of_it(notebook):
    ends = notebook.places()
    drag(notebook, "middle", [-30, 20])
    assert notebook.rests()
    step = notebook.places() - ends
    np.testing.assert_allclose(step[0], step[1])
    assert step[0][0] < 0 > step[0][1]


def test_dragging_past_a_busy_kernel_builds_no_queue(notebook, lab):
    ends, seen = notebook.places(), set()
    x, y = notebook.middle_of("end")
    (wanted,) = in_units(notebook, ends, [x - 90, y + 60])
    mouse, hold = notebook.page.mouse, lab.root / "notebooks" / "hold"
    mouse.move(x, y)
    mouse.down()
    hold.touch()
    for step in range(1, 31):
        mouse.move(x - 3 * step, y + 2 * step)
        seen.add(tuple(notebook.middle_of("end")))
    mouse.up()
    hold.unlink()
    assert notebook.rests()
    assert len(seen) > 10  # the handle followed the mouse all the time
    assert 1 <= len(calls(notebook)) <= 3  # the first two, and the last
    np.testing.assert_allclose(
        notebook.places()[1], wanted, atol=0.02 * np.abs(ends[1] - ends[0]).max()
    )


def test_a_move_from_before_a_change_of_plane_is_void(notebook, lab):
    hold = lab.root / "notebooks" / "hold"
    hold.touch()
    drag(notebook, "end", [30, 30])
    notebook.widget.locator("select").first.select_option("plane 2, 5")
    drag(notebook, "end", [30, 30])  # still in the plane of before: the kernel is busy
    hold.unlink()
    first = "explorer._scene.first_ends().tolist()"
    role, ends, expected = notebook.ask(f"explorer.plane, explorer.ends.tolist(), {first}")
    assert (role, ends) == ("plane 2, 5", expected)
    assert notebook.rests()


def test_keys_move_a_handle_and_a_slider(notebook):
    ends, key = notebook.places(), notebook.page.keyboard
    notebook.handle("start").focus()
    key.press("Tab")
    key.press("Tab")  # past the middle
    assert notebook.handle("end").evaluate("h => getComputedStyle(h).outlineStyle") == "solid"
    for name in ("ArrowRight", "ArrowRight", "ArrowUp", "Shift+ArrowUp", "Shift+ArrowLeft"):
        key.press(name)
    start, (x, y) = notebook.places() - ends
    assert not start.any()
    assert x < 0 < y
    key.press("ArrowUp")
    np.testing.assert_allclose(notebook.places()[1] - ends[1], [x, y * 12 / 11])
    assert notebook.handle("end").get_attribute("aria-label") == "end of the path"
    line = "line_of(explorer._scene.center, *explorer.ends)"
    code = "from aelatent.latent.paths import line_of"
    before = notebook.ask(line, code)
    notebook.slider("angle").focus()
    for _ in range(5):
        key.press("ArrowRight")
    after = notebook.ask(line)
    assert after["angle"] == pytest.approx(round(before["angle"]) + 5)
    assert after == pytest.approx({**before, "angle": after["angle"]})


def test_sliders_show_the_line_and_set_the_number_of_points(notebook):
    line = notebook.ask(
        "line_of(explorer._scene.center, *explorer.ends)",
        "from aelatent.latent.paths import line_of",
    )
    for name, value in line.items():
        slider = notebook.slider(name)
        step = float(slider.get_attribute("step"))
        assert float(slider.input_value()) == pytest.approx(value, abs=step)
    notebook.slider("points").focus()
    notebook.page.keyboard.press("End")
    assert notebook.rests()
    assert notebook.ask("explorer.n_points, explorer.images.shape") == (12, (12, 32, 32, 3))
    assert "of 12 points lie in the core" in notebook.widget.inner_text()


def test_own_axes_and_what_is_wrong_with_them(notebook):
    first = notebook.widget.get_by_label("first")
    first.fill("3")
    first.press("Enter")
    made = "explorer.plane, explorer.path.made['plane']"
    assert notebook.settles(lambda: notebook.ask(made) == ("own axes", "components 3, 1"))
    first.fill("1")
    first.press("Enter")
    notebook.error.wait_for()
    assert notebook.error.inner_text() == (
        "ValueError: expected two different components of 0 to 7; got 1 and 1. "
        "Still shown: components 3, 1."
    )
    assert notebook.ask(made) == ("own axes", "components 3, 1")
    first.fill("2")
    first.press("Enter")
    notebook.error.wait_for(state="detached")
    notebook.widget.locator("select").first.select_option("plane 2, 5")
    assert notebook.settles(lambda: notebook.ask(made) == ("plane 2, 5", "components 2, 5"))


def test_an_error_is_shown_until_it_is_mended(notebook, tmp_path):
    before = notebook.pixels()
    notebook.ask(code="run.decode = broken")
    drag(notebook, "end", [20, 20])
    notebook.error.wait_for()
    assert notebook.error.inner_text() == "RuntimeError: no <b>weights</b>"
    assert notebook.error.bounding_box()["y"] > notebook.strip.bounding_box()["y"]
    assert notebook.pixels() == before
    notebook.page.screenshot(path=tmp_path / "error.png")
    notebook.ask(code="run.decode = counted")
    drag(notebook, "end", [-40, 20])
    notebook.error.wait_for(state="detached")
    assert notebook.rests()
    assert notebook.pixels() != before


def test_paths_are_kept_and_saved_beside_those_of_before(notebook, lab):
    notebook.press("Keep path")
    assert notebook.settles(lambda: "kept[0]: components 0, 1: 8" in notebook.widget.inner_text())
    assert notebook.ask("explorer.kept[0] is explorer.path")
    folder = lab.root / "notebooks" / "saved"
    for number in ("001", "002"):
        notebook.press("Save PNG")
        text = f"Saved path-{number}-plane.png and path-{number}-strip.png in {folder}"
        assert notebook.settles(lambda text=text: text in notebook.widget.inner_text())
    files = sorted(folder.iterdir())
    assert len(files) == 4
    assert {file.read_bytes()[:8] for file in files} == {b"\x89PNG\r\n\x1a\n"}


def test_the_strip_is_never_blank_and_keeps_its_size(notebook):
    notebook.strip.evaluate(WATCH)
    drag(notebook, "end", [-120, 80], steps=60)
    assert notebook.rests()
    watched = notebook.page.evaluate(WATCHED)
    assert watched["frames"] > 10
    assert len(watched["sizes"]) == 1
    assert watched["blank"] == 0


def overflow(notebook):
    """Return by how many pixels the widget is wider than its place."""
    return notebook.widget.evaluate("out => out.scrollWidth - out.clientWidth")


def test_it_fits_narrow_and_wide_pages(notebook, tmp_path):
    notebook.page.screenshot(path=tmp_path / "1280.png")
    assert overflow(notebook) <= 0
    notebook.page.set_viewport_size({"width": 1920, "height": 1080})
    assert notebook.settles(lambda: notebook.strip.bounding_box()["width"] > 900)
    assert overflow(notebook) <= 0
    plot = notebook.widget.locator(".aelatent-path-plot").bounding_box()
    assert 560 < plot["width"] <= 640
    notebook.page.screenshot(path=tmp_path / "1920.png")
    notebook.page.set_viewport_size({"width": 1280, "height": 1000})


def test_it_is_sharp_where_two_pixels_make_one(notebook):
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


def theme(notebook, name):
    choose(notebook.page, "Settings", "Theme")
    notebook.page.get_by_text(name, exact=True).click()


def test_the_dark_theme_is_legible(notebook, tmp_path):
    assert contrast(notebook) > 4.5
    plot = notebook.widget.locator("canvas").first
    light = bytes(plot.evaluate(HASH))
    theme(notebook, "JupyterLab Dark")
    assert notebook.settles(lambda: bytes(plot.evaluate(HASH)) != light)
    assert contrast(notebook) > 4.5
    notebook.page.wait_for_timeout(500)
    notebook.page.screenshot(path=tmp_path / "dark.png")
    theme(notebook, "JupyterLab Light")
    assert notebook.settles(lambda: bytes(plot.evaluate(HASH)) == light)


def test_nothing_is_fetched_from_elsewhere(notebook, lab):
    fetched = notebook.page.evaluate("performance.getEntriesByType('resource').map((r) => r.name)")
    assert fetched
    assert [name for name in fetched if not name.startswith((lab.url, "blob:", "data:"))] == []


def test_after_a_reload_the_cell_brings_it_back(notebook):
    reloaded(notebook)
    ends, before = notebook.places(), notebook.pixels()
    drag(notebook, "end", [-60, -40])
    assert notebook.rests()
    assert (notebook.places()[1] != ends[1]).all()
    assert notebook.pixels() != before
    notebook.ask(code=COUNTED)
