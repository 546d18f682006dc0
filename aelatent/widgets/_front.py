"""Scripts that a browser gets, joined from fragments: one text for a widget, one for pages."""

import base64
import json
from pathlib import Path

from aelatent.plots.style import CENTER, ORIGIN, PATH, Z_POINTS

STATIC = Path(__file__).parent / "static"  # what runs in the browser
COLORS = {"points": Z_POINTS, "origin": ORIGIN, "center": CENTER, "path": PATH}
SHARED = ("network.js", "space.js", "parts.js", "backend.js", "path.js")  # path.js draws planes
EXPLORERS = ("mixer", "path", "component", "photo")


def module(name: str) -> str:
    """Return the ES module of an explorer, for anywidget."""
    own = [] if f"{name}.js" in SHARED else [f"{name}.js"]
    return f"{_fragments(*SHARED, *own)}export default {{ render: render{name.title()} }};\n"


def classic() -> str:
    """Return all explorers as one classic script: modules do not load from ``file://``."""
    own = [f"{name}.js" for name in EXPLORERS if f"{name}.js" not in SHARED]
    return f'(() => {{\n"use strict";\n{_fragments(*SHARED, *own, "page.js")}}})();\n'


def style() -> str:
    """Return the style sheet of all explorers."""
    return (STATIC / "explorers.css").read_text(encoding="utf-8")


def _fragments(*names: str) -> str:
    """Join files of functions and constants that neither import nor export."""
    wasm = base64.b64encode((STATIC / "network.wasm").read_bytes()).decode("ascii")
    given = f'const AELATENT_WASM = "{wasm}";\nconst AELATENT_COLORS = {json.dumps(COLORS)};\n'
    return given + "".join((STATIC / name).read_text(encoding="utf-8") for name in names)
