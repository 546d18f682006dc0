import base64

import pytest

from aelatent.widgets import _front
from tests.fronts import WASM, stand_in


@pytest.fixture(autouse=True)
def fronts(tmp_path, monkeypatch):
    monkeypatch.setattr(_front, "STATIC", stand_in(tmp_path / "static"))


def order(text):
    return [name for name in _front.FRAGMENTS if f"/* {name} */" in text or name == "space.js"]


def test_a_module_holds_its_own_front_end_and_what_all_share():
    for name, function in _front.RENDER.items():
        text = _front.module(name)
        assert order(text) == [*_front.SHARED, f"{name}.js"]
        assert text.endswith(f"export default {{ render: {function} }};\n")
        assert base64.b64encode(WASM).decode() in text


def test_a_page_gets_all_of_it_in_one_function():
    text = _front.classic()
    assert order(text) == list(_front.FRAGMENTS)
    places = [text.index(f"/* {name} */") for name in _front.FRAGMENTS if name != "space.js"]
    assert places == sorted(places)
    assert text.startswith('(() => {\n"use strict";\nconst AELATENT_WASM = "AGFzbQEAAAA=";\n')
    assert text.endswith("})();\n")
    assert "export" not in text
    assert _front.style() == "".join(f"/* {name} */\n" for name in _front.STYLES)
