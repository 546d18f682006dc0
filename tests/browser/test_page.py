"""The page that decodes: from a disk and from a server, by mouse, finger and keys."""

import functools

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

from aelatent import Run, export_page
from aelatent.export import page as pages
from aelatent.model.plain import decode
from aelatent.widgets import FaceMixer
from aelatent.widgets._front import STATIC

from .conftest import serving
from .driven import HASH

pytestmark = pytest.mark.browser
KINDS = ["mixer", "path", "component", "photo"]
LIVE = "() => document.querySelectorAll('.aelatent-live[data-live=yes]').length === 4"
BOOK = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>A chapter</title>
<link rel="stylesheet" href="style.css">
<script src="loader.js" data-run="{key}" data-size="0.3"></script></head>
<body><main><h1>A chapter</h1>{stills}</main></body></html>"""


@pytest.fixture(scope="module")
def run(small_world):
    return Run.open("small", data=small_world)


@pytest.fixture(scope="module")
def folder(run, tmp_path_factory):
    return export_page(run, tmp_path_factory.mktemp("page") / "page", publish=True)


@pytest.fixture(scope="module")
def served(folder):
    with serving(folder) as address:
        yield address


class Live:
    """A page whose explorers have come to life."""

    def __init__(self, page, address, **kinds):
        self.page, self.asked, self.errors = page, [], []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", self.note)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.goto(address)
        page.wait_for_function(LIVE)

    def note(self, said):
        if "willReadFrequently" not in said.text:  # it is the test that reads the canvases
            self.errors.append(said.text)

    def of(self, kind):
        return self.page.locator(f"[data-aelatent={kind}]")

    def picture(self, kind, name="face"):
        return bytes(self.of(kind).locator(f".aelatent-{name}").first.evaluate(HASH))

    def changes(self, kind, act, name="face"):
        """Act, and wait until another picture is shown; the errors so far are none."""
        before = self.picture(kind, name)
        act()
        for _ in range(100):
            if self.picture(kind, name) != before:
                assert self.errors == []
                return True
            self.page.wait_for_timeout(50)
        return False

    def reading(self, kind):
        return self.of(kind).locator(".aelatent-reading").inner_text()


@pytest.fixture(scope="module", params=["file", "http"])
def live(request, chromium, folder, served):
    with chromium.new_context() as context:
        address = (folder / "index.html").as_uri() if request.param == "file" else served
        yield Live(context.new_page(), address)


def test_sliders_and_samplers_move_the_face(live):
    mixer = live.of("mixer")
    assert live.changes("mixer", lambda: mixer.get_by_role("slider").first.press("End"))
    assert mixer.locator("output").first.inner_text() == "3.0"
    assert live.reading("mixer").startswith("D² = ")
    for name in mixer.locator("option").all_inner_texts():
        mixer.locator("select").select_option(name)
        press = mixer.get_by_role("button", name="Random face").click
        assert live.changes("mixer", press), name
    assert mixer.locator("option").count() >= 9
    assert live.changes("mixer", mixer.get_by_role("button", name="Center").click)
    assert "D² = 0, in the core" in live.reading("mixer")
    assert "nearest of 160 pictures" in mixer.locator(".aelatent-caption").inner_text()


def test_the_path_is_dragged_with_mouse_and_keys_and_planes_change(live):
    path = live.of("path")
    strip = functools.partial(live.changes, "path", name="path-strip")
    end = path.locator(".aelatent-path-end")
    end.scroll_into_view_if_needed()

    def drag():
        box = end.bounding_box()
        live.page.mouse.move(box["x"] + 12, box["y"] + 12)
        live.page.mouse.down()
        live.page.mouse.move(box["x"] - 60, box["y"] - 40, steps=8)
        live.page.mouse.up()

    assert strip(drag)
    assert strip(lambda: end.press("Shift+ArrowDown"))
    assert strip(lambda: path.locator("input.aelatent-path-angle").press("ArrowRight"))
    planes = path.locator("select")
    planes.select_option(index=planes.locator("option").count() - 1)
    assert strip(lambda: end.press("Shift+ArrowUp"))
    assert "points lie in the core" in live.reading("path")


def test_a_component_is_walked_along(live):
    component = live.of("component")
    assert live.changes("component", lambda: component.get_by_role("slider").press("Home"))
    text = live.reading("component")
    assert "−2.00 widths off the center" in text
    component.locator("select").select_option(index=1)
    assert live.changes("component", component.get_by_role("button", name="Random picture").click)
    box = component.locator(".aelatent-density").bounding_box()
    click = functools.partial(live.page.mouse.click, box["x"] + 5, box["y"] + 40)
    assert live.changes("component", click)


def test_a_picture_of_ones_own_is_encoded_here_and_never_leaves(live, run, tmp_path):
    picture = np.random.default_rng(3).integers(0, 256, (40, 60, 3), np.uint8)
    smooth = Image.fromarray(picture).resize((120, 90), Image.Resampling.BICUBIC)
    smooth.save(tmp_path / "own.png")
    photo = live.of("photo")
    choose = photo.locator("input[type=file]").set_input_files
    live.asked.clear()
    assert live.changes("photo", lambda: choose(tmp_path / "own.png"), "small")
    photo.locator(".aelatent-photo[data-shown='1']").wait_for()
    assert [url.rpartition("/")[2] for url in live.asked] in ([], ["encoder.js"])
    square = smooth.crop((15, 0, 105, 90)).resize((32, 32), Image.Resampling.BICUBIC)
    z = run.encode(np.asarray(square)[None])
    assert f"Length of z: {np.linalg.norm(z):.1f}." in live.reading("photo")
    (tmp_path / "note.txt").write_text("no picture")
    choose(tmp_path / "note.txt")
    error = photo.get_by_role("alert")
    error.wait_for()
    assert error.inner_text() == (
        "note.txt cannot be read as a picture: choose a JPEG, PNG or WebP."
    )
    live.errors.clear()
    live.asked.clear()
    assert live.changes("photo", photo.locator(".aelatent-sample").first.click, "small")
    assert [url for url in live.asked if not url.startswith("data:")] == []


def test_nothing_was_said_and_its_policy_lets_nothing_else_in(live):
    assert live.errors == []
    assert not [url for url in live.asked if url.startswith("http") and "127.0.0.1" not in url]
    assert not live.page.evaluate("fetch('run.js').then(() => true, () => false)")
    image = """new Promise((end) => Object.assign(new Image(), {
      src: "https://example.org/a.png", onload: () => end(true), onerror: () => end(false) }))"""
    assert not live.page.evaluate(image)
    assert "violates the following Content Security Policy" in " ".join(live.errors)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_and_axe_finds_nothing_serious(chromium, folder, theme, width):
    kinds = {"color_scheme": theme, "viewport": {"width": width, "height": 844}}
    with chromium.new_context(**kinds, has_touch=True) as context:
        live = Live(context.new_page(), (folder / "index.html").as_uri())
        assert live.page.evaluate("document.documentElement.scrollWidth") <= width
        end = live.of("path").locator(".aelatent-path-end")
        end.scroll_into_view_if_needed()
        box = end.bounding_box()
        middle = {"x": box["x"] + 12, "y": box["y"] + 12}
        touch = context.new_cdp_session(live.page).send

        def drag():
            touch("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [middle]})
            for step in range(1, 9):
                moved = {"x": middle["x"] - 5 * step, "y": middle["y"] - 4 * step}
                touch("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [moved]})
            touch("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

        assert live.changes("path", drag, "path-strip")
        found = Axe().run(live.page).response["violations"]
        assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found] == []


@pytest.fixture
def chapter(run, folder):
    """A page of a book that offers to decode, with a still of this run and of another."""
    mixer = FaceMixer(run)
    stills = mixer.still() + mixer.still().replace(mixer.page, "another-run")
    (folder / "loader.js").write_bytes((STATIC / "loader.js").read_bytes())
    file = folder / "chapter.html"
    file.write_text(BOOK.format(key=mixer.page, stills=stills))
    yield file
    for made in (file, folder / "loader.js"):
        made.unlink()


def test_a_book_loads_what_decodes_when_it_is_pressed(chapter, page):
    asked = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    page.goto(chapter.as_uri())
    assert asked == ["chapter.html", "style.css", "loader.js"]
    press = page.get_by_role("button", name="Decode in this page (loads 0.3 MB)")
    assert press.count() == 1  # not where another run's still stands
    press.click()
    page.locator(".aelatent-live[data-live=yes] .aelatent-mixer").wait_for()
    assert page.locator(".aelatent-live").nth(1).locator("img").count() == 1


def test_without_scripts_the_stills_are_seen(chapter, chromium):
    with chromium.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(chapter.as_uri())
        assert page.locator("img").first.is_visible()
        assert page.locator("button").count() == 0


@pytest.mark.parametrize("lost", ["run.js", "policy"])
def test_where_it_cannot_decode_the_stills_stay_and_the_reason_is_told(chapter, page, lost):
    if lost == "policy":  # without 'wasm-unsafe-eval'
        policy = "default-src 'self' 'unsafe-inline' data:"
        text = f'<head><meta http-equiv="Content-Security-Policy" content="{policy}">'
        chapter.write_text(chapter.read_text().replace("<head>", text))
    else:
        page.route("**/run.js", lambda route: route.abort())
    page.goto(chapter.as_uri())
    page.get_by_role("button").click()
    said = page.get_by_role("alert").first
    said.wait_for()
    reasons = {"run.js": "run.js cannot be loaded", "policy": "cannot decode here"}
    assert reasons[lost] in said.inner_text()
    assert page.locator("img").first.is_visible()


def test_a_page_that_decodes_otherwise_says_so(run, page, tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "decode", lambda *given: 1 - decode(*given))
    page.goto((export_page(run, tmp_path / "page", publish=True) / "index.html").as_uri())
    said = page.get_by_role("alert").first
    said.wait_for()
    assert "this browser decodes otherwise than Python (by 0." in said.inner_text()
