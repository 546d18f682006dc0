"""tools/check_site.py: a sound site passes, and every kind of planted fault is found."""

import importlib
import subprocess
import sys

import pytest
from project.tiny_book import CHECKOUT, site_of, two_notebooks

pytestmark = pytest.mark.browser
INDEX = """# Tiny

[The second](notebooks/01_second.ipynb), and a [site elsewhere](https://example.org/there).

```{toctree}
:hidden:

notebooks/index
gallery
```
"""
PAGE = """<!DOCTYPE html><html lang="en"><head><title>A page</title>
<meta name="viewport" content="width=device-width">{head}</head>
<body><main><h1 id="top-of-it">A page</h1>{body}</main></body></html>"""


@pytest.fixture(scope="module")
def check_site():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(CHECKOUT / "tools")  # it imports its neighbor, as when it is run
        yield importlib.import_module("check_site")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return site_of(two_notebooks(), tmp_path_factory.mktemp("site"), INDEX)


def test_a_sound_site_passes(check_site, site, chromium):
    faults, links = check_site.check(site, chromium)
    assert faults == []
    assert "https://example.org/there" in links
    assert ", 0 faults" in check_site.report(site, faults, links)


def test_scrubbers_wide_things_and_the_gallery_work_in_the_page(check_site, site, page):
    page.set_viewport_size({"width": 390, "height": 800})
    with check_site.served(site) as address:
        page.goto(address + "notebooks/01_second.html")
        page.locator(".aelatent-scrubber input").press("ArrowRight")
        assert page.locator(".aelatent-scrubber p").inner_text() == "stop 1"
        page.goto(address + "notebooks/00_first.html")
        box = page.locator(".book-scroll")
        assert box.evaluate("box => box.scrollWidth > box.clientWidth")
        image = page.locator(".book-figure img").first
        image.scroll_into_view_if_needed()
        assert image.evaluate("image => image.getBoundingClientRect().width") <= 390
        page.goto(address + "gallery.html")
        page.locator(".book-gallery a").first.click()
        page.wait_for_url("**/notebooks/00_first.html#00_first-cell-0-1")
        shown = page.locator("figure:target img").get_attribute("alt")
        assert shown == "What is blue? A blue sheet."


PLANTED = {  # page -> (kind of fault, what is said of it, head, body)
    "no-alt": ("axe", "image-alt", "", '<img src="a.svg" width="9" height="9">'),
    "pale-in-the-dark": (
        "axe", "color-contrast (serious, dark",
        "<style>@media (prefers-color-scheme: dark) {p {color: #eee}}</style>", "<p>text</p>",
    ),
    "no-key": (
        "axe", "scrollable-region-focusable (serious, light, 390 px",
        "<style>@media (max-width: 500px) {div {height: 20px; overflow: auto}}</style>",
        f"<div>{'word ' * 99}</div>",
    ),
    "wide": ("width", "div.wide", "", '<div class="wide" style="width: 900px">x</div>'),
    "no-page": ("link", "gone.html leads nowhere", "", '<a href="gone.html">x</a>'),
    "no-anchor": ("link", "#y has no such anchor", "", '<a href="index.html#y">x</a>'),
    "no-image": ("link", "gone.svg leads nowhere", "", '<img src="gone.svg" alt="x">'),
    "outside": ("link", "passwd leads nowhere", "", '<a href="../../../../../etc/passwd">x</a>'),
    "raises": ("console", "nobody is not defined", "<script>nobody()</script>", ""),
    "says": ("console", "broken (/said.js)", '<script src="said.js"></script>', ""),
    "dead": (
        "live", "0 of 1 explorers are", "",
        '<div class="aelatent-live"><button class="aelatent-start">live</button></div>',
    ),
    "script": ("loads", "cdn.example", '<script src="https://cdn.example/x.js"></script>', ""),
    "style": ("loads", "//fonts.example", '<style>@import "//fonts.example/f.css";</style>', ""),
    "late": ("loads", "late.example", "<script>fetch('https://late.example/x')</script>", ""),
}  # fmt: skip


@pytest.fixture(scope="module")
def planted(check_site, chromium, tmp_path_factory):
    """Return {page: faults} of a site in which only the first page is sound."""
    folder = tmp_path_factory.mktemp("planted")
    check_site.PATIENCE = 1
    picture = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>'
    (folder / "a.svg").write_text(picture)
    (folder / "said.js").write_text("console.error('broken')")
    sound = '<p id="x"><a href="#x">x</a> <a href=".">here</a> <img src="a.svg" alt="dot"></p>'
    (folder / "index.html").write_text(PAGE.format(head="", body=sound))
    for page, (_, _, head, body) in PLANTED.items():
        (folder / f"{page}.html").write_text(PAGE.format(head=head, body=body))
    found = {}
    for fault in check_site.check(folder, chromium)[0]:
        found.setdefault(fault.page, []).append(fault)
    return found


@pytest.mark.parametrize("page", PLANTED)
def test_planted_faults_are_found(planted, page):
    kind, said, _, _ = PLANTED[page]
    assert any(said in fault.text for fault in planted[f"{page}.html"] if fault.kind == kind)


def test_only_planted_faults_are_found(planted):
    assert planted.keys() == {f"{page}.html" for page in PLANTED}
    for page in ("no-alt", "wide", "no-anchor", "pale-in-the-dark"):
        assert {fault.kind for fault in planted[f"{page}.html"]} == {PLANTED[page][0]}


def test_a_site_that_is_too_large_is_found(check_site, tmp_path, monkeypatch):
    (tmp_path / "index.html").write_text(PAGE.format(head="", body="x" * 1000))
    assert check_site.check_files(tmp_path) == ([], set())
    monkeypatch.setattr(check_site, "LARGEST", 1000)
    (fault,) = check_site.check_files(tmp_path)[0]
    assert (fault.page, fault.kind) == ("(all)", "size")
    with pytest.raises(FileNotFoundError, match="holds no index"):
        check_site.check(tmp_path / "none", None)


@pytest.mark.parametrize(("body", "status"), [("", 0), ('<a href="gone.html">x</a>', 1)])
def test_the_command_says_what_is_wrong(tmp_path, chromium, body, status):
    (tmp_path / "index.html").write_text(PAGE.format(head="", body=body))
    command = [sys.executable, CHECKOUT / "tools" / "check_site.py", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == status, done.stderr
    assert f"{status} faults" in done.stdout
