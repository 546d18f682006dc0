"""Scripts that stand in for the front ends of pages."""

import shutil

from aelatent.widgets import _front
from aelatent.widgets._parts import STATIC

WASM = b"\0asm\1\0\0\0"  # an empty module


def stand_in(folder, **scripts):
    """Return a folder of fragments that do nothing, but for space.js and those given."""
    folder.mkdir()
    for name in {*_front.FRAGMENTS, *_front.STYLES}:
        (folder / name).write_text(f"/* {name} */\n")
    shutil.copy(STATIC / "space.js", folder)
    for name, text in scripts.items():
        (folder / f"{name}.js").write_text(text)
    (folder / "network.wasm").write_bytes(WASM)
    return folder
