"""Look at every page of a finished book in a browser, and follow all links within it.

A page must have no serious finding of axe, fit a phone without scrolling sideways, log no error,
load nothing from elsewhere, and lead nowhere within the site that is not there; what it offers to
bring to life must come to life, and is looked at then. Links to other sites are listed, not
visited. The exit status is 1 where there is a fault.
"""

import argparse
import contextlib
import re
import sys
import threading
import time
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from headless import chromium
from tqdm import tqdm

LARGEST = 30_000_000  # bytes of the whole site
PATIENCE = 60  # seconds until explorers must have come to life
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
# axe's preloading asks for style sheets under wrong addresses, which shows up in the console.
ALL = {"resultTypes": ["violations"], "preload": False}
# Colors do not depend on the width, and judging them takes most of the time.
SHAPE = {**ALL, "rules": {"color-contrast": {"enabled": False}}}
LOOKS = [("light", DESKTOP, ALL), ("dark", DESKTOP, ALL), ("light", PHONE, SHAPE)]
LOADED = {"stylesheet", "icon", "preload", "modulepreload", "prefetch", "manifest", "preconnect"}
ELSEWHERE = re.compile(r"""(?:url\(|@import)\s*["']?((?:https?:)?//[^"')\s]+)""")
TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.scrollingElement.scrollWidth <= width) return null;
  const boxed = e => e.parentElement && e.parentElement !== document.body &&
    (getComputedStyle(e.parentElement).overflowX !== "visible" || boxed(e.parentElement));
  const wide = [...document.body.querySelectorAll("*")].filter(
    e => e.getBoundingClientRect().right > width + 1 && !boxed(e));
  const name = e => e.tagName.toLowerCase() + (e.className ? "." + e.className : "");
  return document.scrollingElement.scrollWidth + " pixels: " + wide.slice(-3).map(name).join(", ");
}"""


class Fault(NamedTuple):
    """One thing that is wrong with a page."""

    page: str
    kind: str  # axe, width, console, link, live, loads, size
    text: str


def pages_of(site: Path) -> list[str]:
    """Return the pages of a site, as paths below it."""
    paths = (path.relative_to(site).as_posix() for path in site.rglob("*.html"))
    return sorted(path for path in paths if not path.startswith("_static/"))


@cache
def parsed(path: Path) -> BeautifulSoup:
    """Return a page as a tree of its elements."""
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@cache
def anchors(path: Path) -> set[str]:
    """Return the names that a link can lead to in a page."""
    found = {tag.get("id") or tag["name"] for tag in parsed(path).select("[id], a[name]")}
    return found | {"", "top"}


def references(path: Path):
    """Yield (address, whether the browser loads it by itself) of all that a page refers to."""
    for tag in parsed(path).select("[href], [src], [poster], object[data], [srcset]"):
        followed = tag.name in {"a", "area"} or (
            tag.name == "link" and not LOADED & {*(tag.get("rel") or [])}
        )
        for name in ("href", "src", "poster", "data"):
            if isinstance(tag.get(name), str):
                yield tag[name].strip(), not followed
        for part in tag.get("srcset", "").split(",") if tag.get("srcset") else ():
            yield part.split()[0], True


def missing(site: Path, path: Path, address: str) -> str | None:
    """Return what an address within the site does not lead to, or None where all is well."""
    parts, target = urlsplit(address), path
    if parts.path:
        start = site if parts.path.startswith("/") else path.parent
        target = (start / unquote(parts.path).lstrip("/")).resolve()
        target = target / "index.html" if target.is_dir() else target
    if not target.is_relative_to(site) or not target.is_file():
        return f"{address} leads nowhere"
    if target.suffix == ".html" and unquote(parts.fragment) not in anchors(target):
        return f"{address} has no such anchor"
    return None


def check_files(site: Path) -> tuple[list[Fault], set[str]]:
    """Return the faults that files show by themselves, and the links that lead to other sites."""
    faults, links = [], set()
    for page in pages_of(site):
        for address, loads in references(site / page):
            scheme = urlsplit(address).scheme
            if scheme in {"http", "https"} or address.startswith("//"):
                links |= set() if loads else {address}
                faults += [Fault(page, "loads", address)] if loads else []
            elif not scheme and (wrong := missing(site, site / page, address)):
                faults.append(Fault(page, "link", wrong))
    for path in [*site.rglob("*.css"), *(site / page for page in pages_of(site))]:
        name, text = path.relative_to(site).as_posix(), path.read_text(encoding="utf-8")
        faults += [Fault(name, "loads", found) for found in ELSEWHERE.findall(text)]
    size = sum(path.stat().st_size for path in site.rglob("*") if path.is_file())
    if size > LARGEST:
        faults.append(Fault("(all)", "size", f"{size / 1e6:.1f} MB, allowed {LARGEST / 1e6:.0f}"))
    return faults, links


@contextlib.contextmanager
def served(site: Path):
    """Serve a folder on this machine only; yield its address."""
    silent = type("Silent", (SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    handler = partial(silent, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def look_at(tab, page: str, address: str) -> list[Fault]:
    """Open a page in each look; return its faults, each once."""
    faults = []

    def hear(text, file=""):
        faults.append(Fault(page, "console", f"{text} ({urlsplit(file).path})"))

    def pass_on(route):
        if route.request.url.startswith(address):
            return route.continue_()
        faults.append(Fault(page, "loads", route.request.url))
        return route.abort()

    tab.on("console", lambda m: m.type == "error" and hear(m.text, m.location.get("url", "")))
    tab.on("pageerror", hear)
    tab.route(re.compile("^https?:"), pass_on)
    for scheme, size, rules in LOOKS:
        tab.set_viewport_size(size)
        tab.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        tab.goto(address + page)
        faults += come_alive(tab, page)
        look = f"{scheme}, {size['width']} px"
        for found in Axe().run(tab, options=rules).response["violations"]:
            if found["impact"] in {"serious", "critical"}:
                where = " ".join(map(str, found["nodes"][0]["target"]))
                text = f"{found['id']} ({found['impact']}, {look}): {found['help']}; first {where}"
                faults.append(Fault(page, "axe", text))
        if (wide := tab.evaluate(TOO_WIDE)) is not None:
            faults.append(Fault(page, "width", f"{wide} ({look})"))
    return [*dict.fromkeys(faults)]


def come_alive(tab, page: str) -> list[Fault]:
    """Press what lets a page decode, where it offers that, and wait; say what stays dead."""
    start = tab.locator(".aelatent-start")
    if not start.count():
        return []
    count, live = start.count(), ".aelatent-live[data-live=yes]"
    start.first.click()
    deadline = time.monotonic() + PATIENCE
    while tab.locator(live).count() < count and time.monotonic() < deadline:
        tab.wait_for_timeout(100)
    found = tab.locator(live).count()
    return [] if found >= count else [Fault(page, "live", f"{found} of {count} explorers are")]


def check(site: Path, browser) -> tuple[list[Fault], set[str]]:
    """Check a site in all respects; return its faults and the links that lead away from it."""
    site = Path(site).resolve()
    if not (site / "index.html").is_file():
        raise FileNotFoundError(f"{site} holds no index.html; make the book first: make book.")
    faults, links = check_files(site)
    with served(site) as address:
        for page in tqdm(pages_of(site), desc="pages", unit="page", disable=None):
            with browser.new_context() as context:
                faults += look_at(context.new_page(), page, address)
    return faults, links


def report(site: Path, faults: list[Fault], links: set[str]) -> str:
    """Return the pages, the faults and the links that lead away as text."""
    lines = [*pages_of(site), f"\n{len(pages_of(site))} pages, {len(faults)} faults"]
    lines += [f"  {fault.page}: {fault.kind}: {fault.text}" for fault in faults]
    lines += ["\nLinks to other sites, not visited:", *(f"  {link}" for link in sorted(links))]
    return "\n".join(lines)


def main() -> None:
    """Read the command line, check, and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("site", type=Path, help="folder of the book")
    site = parser.parse_args().site.resolve()
    try:
        with chromium() as browser:
            faults, links = check(site, browser)
    except FileNotFoundError as error:
        sys.exit(str(error))
    print(report(site, faults, links))
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
