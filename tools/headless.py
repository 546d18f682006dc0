"""A headless Chromium for the tools and the tests that need a browser."""

import contextlib
import os
import shutil

from playwright.sync_api import sync_playwright

PROGRAMS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
FLAGS = ["--disable-gpu", "--disable-background-networking", "--disable-component-update"]
FLAGS += ["--disable-sync", "--no-first-run"]


def find_chromium() -> str:
    """Return the path of the browser: ``AELATENT_CHROMIUM``, or what is installed."""
    asked = os.environ.get("AELATENT_CHROMIUM", "").strip()
    found = next(filter(None, map(shutil.which, [asked] if asked else PROGRAMS)), None)
    if found is None:
        looked = asked or ", ".join(PROGRAMS)
        raise FileNotFoundError(f"no browser found ({looked}); AELATENT_CHROMIUM names one")
    return found


@contextlib.contextmanager
def chromium():
    """Yield a headless Chromium as a Playwright browser, and close it at the end."""
    program = find_chromium()
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=flags)
        try:
            yield browser
        finally:
            browser.close()
