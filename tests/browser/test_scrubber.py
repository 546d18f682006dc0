"""Scrubbers in a page without a kernel, moved with keys and mouse; and in a real JupyterLab."""

import base64

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from widgets.stand_ins import LinearRun

from aelatent.latent import Plane, linear, origin_to_center
from aelatent.widgets import path_scrubber

from .driven import choose, take_small_world, wait_until_idle, write_notebook

pytestmark = pytest.mark.browser

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Scrubbers</title>
<meta name="viewport" content="width=device-width">
<style>html {{ color-scheme: {theme} }} body {{ color: {text}; background: {ground} }}</style>
</head><body><main><h1>Scrubbers</h1>{parts}</main></body></html>"""
THEMES = {
    "light": {"theme": "light", "text": "#212121", "ground": "#fff"},
    "dark": {"theme": "dark", "text": "#ddd", "ground": "#111"},
}
AGAIN = """() => {
  const parse = JSON.parse;
  let count = 0;
  JSON.parse = (text) => (count++, parse(text));
  const script = document.createElement("script");
  script.textContent = [...document.scripts].at(-1).textContent;
  document.body.append(script);
  return count;
}"""
CELL = """\
from aelatent import Run, latent
from aelatent.widgets import path_scrubber

run = Run.open("portraits")
path_scrubber(run, {"way": latent.linear(*run.z[:2], n=9)}, latent.Plane.components(8, 0, 1))
"""


class Shown:
    """What a reader sees of one scrubber."""

    def __init__(self, root):
        self.root = root
        self.slider = root.get_by_role("slider")
        self.menu = root.get_by_role("combobox")
        self.mark = root.locator("figure:visible .aelatent-scrubber-mark")
        self.caption = root.locator("[aria-live]")

    def place(self):
        """Return the middle of the ring as shares of the still."""
        still = self.root.locator("figure:visible .aelatent-scrubber-still > :first-child")
        box, mark = still.bounding_box(), self.mark.bounding_box()
        x, y = (mark[a] + mark[side] / 2 - box[a] for a, side in (("x", "width"), ("y", "height")))
        return [x / box["width"], y / box["height"]]

    def shows(self, track, k):
        """Check that frame `k` of a track is shown, and nothing else."""
        face = self.root.get_by_role("img").first
        face.evaluate("img => img.decode()")
        assert base64.b64decode(face.get_attribute("src").partition(",")[2]) == track.frames[k]
        assert face.get_attribute("alt") == self.caption.inner_text() == track.captions[k]
        assert self.slider.get_attribute("aria-valuetext") == track.captions[k]
        assert self.slider.input_value() == str(k)
        np.testing.assert_allclose(self.place(), track.marks[k], atol=0.006)
        assert self.root.locator("figure:visible").count() == 1
        return True


@pytest.fixture(scope="module")
def scrubbers():
    run = LinearRun(size=24)
    paths = {"to the center": origin_to_center(run.axes.mean, n=6)}
    paths["<b>two</b>"] = linear(*run.z[:2], n=9)
    planes = Plane.components(12, 3, 7), Plane.components(12, 0, 1)
    by_name = dict(zip(paths, planes, strict=True))
    ways = {f"way {i}": linear(*run.z[i : i + 2], n=9) for i in (2, 4)}
    return path_scrubber(run, ways, planes[0]), path_scrubber(run, paths, by_name)


def opened(page, tmp_path, *scrubbers, theme="light"):
    parts = "<p>text</p>".join(scrubber.html() for scrubber in scrubbers)
    file = tmp_path / "page.html"
    file.write_text(PAGE.format(parts=parts, **THEMES[theme]), encoding="utf-8")
    page.goto(file.as_uri())
    roots = page.locator(".aelatent-scrubber")
    assert roots.count() == len(scrubbers)
    return [Shown(root) for root in roots.all()]


def test_keys_and_mouse_move_the_frame_its_caption_and_the_mark(page, tmp_path, scrubbers):
    ways, paths = opened(page, tmp_path, *scrubbers)
    (track, _), (path, _) = (scrubber.tracks for scrubber in scrubbers)
    assert ways.shows(track, 0)
    for key, expected in (("ArrowRight", 1), ("ArrowLeft", 0), ("End", 8), ("Home", 0)):
        ways.slider.press(key)
        assert ways.shows(track, expected)
    assert paths.shows(path, 0)
    paths.slider.scroll_into_view_if_needed()
    box = paths.slider.bounding_box()
    height = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 8, height)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, height, steps=5)
    assert paths.shows(path, 3)
    page.mouse.move(box["x"] + box["width"] - 2, height, steps=5)
    page.mouse.up()
    assert paths.shows(path, 5)


def test_another_track_keeps_the_frame_only_where_it_has_as_many(page, tmp_path, scrubbers):
    ways, paths = opened(page, tmp_path, *scrubbers)
    ways.slider.press("Home")
    ways.menu.select_option("way 4")
    assert ways.shows(scrubbers[0].tracks[1], 0)
    paths.slider.press("End")
    paths.menu.focus()
    page.keyboard.press("ArrowDown")
    assert paths.shows(scrubbers[1].tracks[1], 0)
    assert paths.slider.get_attribute("max") == "8"
    paths.slider.press("End")
    assert paths.shows(scrubbers[1].tracks[1], 8)


def test_many_share_a_page_load_nothing_and_leave_no_global_name(page, tmp_path, scrubbers):
    asked, errors = [], []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text))
    assert opened(page, tmp_path) == []
    before = page.evaluate("() => Object.keys(window)")
    page.on("request", lambda request: asked.append(request.url))
    first, other, second = opened(page, tmp_path, *scrubbers, scrubbers[0])
    other.menu.select_option(index=1)
    second.slider.press("End")
    first.slider.press("Home")
    assert page.evaluate(AGAIN) == 0  # scrubbers do not start twice, nor disturb each other
    assert first.shows(scrubbers[0].tracks[0], 0)
    assert other.shows(scrubbers[1].tracks[1], 0)
    assert second.shows(scrubbers[0].tracks[0], 8)
    page.wait_for_timeout(100)
    assert [url for url in asked if not url.startswith(("file://", "data:"))] == []
    assert set(page.evaluate("() => Object.keys(window)")) == set(before)
    assert errors == []


@pytest.mark.parametrize("theme", THEMES)
def test_controls_are_named_and_axe_finds_nothing_serious(page, tmp_path, scrubbers, theme):
    _, paths = opened(page, tmp_path, *scrubbers, theme=theme)
    assert paths.menu.locator("option").all_inner_texts() == ["to the center", "<b>two</b>"]
    for role, name in (("slider", "point"), ("combobox", "path")):
        assert page.get_by_role(role, name=name, exact=True).count() == 2
    paths.menu.select_option(index=1)
    assert page.locator("main b").count() == 0
    found = Axe().run(page).response
    checked = {rule["id"] for rule in found["passes"]}
    assert {"label", "select-name", "image-alt", "color-contrast"} <= checked
    assert [(rule["id"], rule["impact"]) for rule in found["violations"]] == []


@pytest.mark.parametrize("width", [390, 1000])
def test_it_fits_the_page(page, tmp_path, scrubbers, width):
    page.set_viewport_size({"width": width, "height": 800})
    ways, paths = opened(page, tmp_path, *scrubbers)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    face = ways.root.get_by_role("img").first.bounding_box()
    assert face["width"] == face["height"] == 288  # 24 x 24 pixels, enlarged
    assert (paths.slider.bounding_box()["y"] > face["y"] + face["height"]) or width == 1000
    for shown, scrubber in ((ways, scrubbers[0]), (paths, scrubbers[1])):
        shown.slider.press("End")
        track = scrubber.tracks[0]
        assert shown.shows(track, len(track.frames) - 1)


def test_keys_move_the_slider_and_not_jupyterlab(chromium, lab, small_world):
    take_small_world(lab, small_world)
    write_notebook(lab, "scrubber.ipynb", CELL, "1 + 1")
    with chromium.new_context(viewport={"width": 1280, "height": 1000}) as context:
        page = context.new_page()
        page.goto(lab.address("notebooks/scrubber.ipynb"))
        wait_until_idle(page)
        choose(page, "Run", "Run All Cells")
        shown = Shown(page.locator(".aelatent-scrubber"))
        shown.slider.wait_for(timeout=300_000)
        shown.slider.click()
        shown.slider.press("Home")
        first = shown.caption.inner_text()
        for _ in range(3):
            page.keyboard.press("ArrowUp")  # leads to another cell where JupyterLab gets it
        assert shown.slider.input_value() == "3"
        assert shown.caption.inner_text() == shown.slider.get_attribute("aria-valuetext") != first
        assert shown.slider.evaluate("slider => slider === document.activeElement")
        assert "jp-mod-selected" in page.locator(".jp-Cell").first.get_attribute("class")
