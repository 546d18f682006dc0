"""Scripts that a browser gets, joined from fragments: one text for a widget, one for pages."""

import base64

from aelatent.widgets._parts import STATIC

SHARED = ("network.js", "space.js", "parts.js", "backend.js")  # what every front end stands on
RENDER = {  # front end, in a fragment of that name -> its function that anywidget calls
    "mixer": "renderMixer",
    "path": "renderPath",
    "component": "renderComponent",
    "photo": "renderPhoto",
}
FRAGMENTS = (*SHARED, *(f"{name}.js" for name in RENDER), "page.js")  # each after what it needs
STYLES = ("path_canvas.css",)  # of the front ends; all their rules begin with a class of their own


def fragments(*names: str) -> str:
    """Join fragments: files of functions and constants that neither import nor export."""
    return "".join((STATIC / name).read_text(encoding="utf-8") for name in names)


def module(name: str) -> str:
    """Return the ES module of a front end, for anywidget."""
    ending = f"export default {{ render: {RENDER[name]} }};\n"
    return _wasm() + fragments(*SHARED, f"{name}.js") + ending


def classic() -> str:
    """Return all front ends as one classic script, which also runs at file://."""
    return f'(() => {{\n"use strict";\n{_wasm()}{fragments(*FRAGMENTS)}}})();\n'


def style() -> str:
    """Return the style sheet of all front ends."""
    return fragments(*STYLES)


def _wasm() -> str:
    binary = (STATIC / "network.wasm").read_bytes()
    return f'const AELATENT_WASM = "{base64.b64encode(binary).decode("ascii")}";\n'
