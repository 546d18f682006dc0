"""The house stays as small as was agreed, and its modules lean on each other without a circle."""

from graphlib import TopologicalSorter

import pytest


@pytest.fixture
def house(load_tool):
    return load_tool("house")


def test_no_size_is_above_its_bound(house, checkout):
    sizes = house.sizes(checkout)
    assert {what: n for what, n in sizes.items() if n > house.BOUNDS[what]} == {}
    assert min(sizes.values()) > 20  # something is counted
    TopologicalSorter(house.arrows(checkout / "aelatent")).prepare()


def test_lines_of_code_are_neither_blank_nor_comment_nor_docstring(house):
    head = '"""Two\n\nlines."""\n\n# why\nx = """a\n\nb"""  # c\n\n'
    assert house.code_lines(f'{head}def f(y):\n    "Do."\n    return y\n') == 3 + 2


def test_arrows_look_through_facades(house, tmp_path):
    package = tmp_path / "aelatent"
    for name, text in {
        "__init__.py": "",
        "__init__.pyi": "from . import rooms\nfrom .one import a",
        "one.py": "import numpy as np\nfrom .rooms import plane, other",
        "two.py": "def f():\n    from aelatent import a, rooms",
        "rooms/__init__.py": "",
        "rooms/__init__.pyi": "from .plane import plane\nfrom .deep import other",
        "rooms/plane.py": "from . import deep",
        "rooms/deep.py": "from ..two import f\nfrom .deep import g",
    }.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text)
    assert house.arrows(package) == {
        "aelatent.one": {"aelatent.rooms.plane", "aelatent.rooms.deep"},
        "aelatent.two": {"aelatent.one", "aelatent.rooms"},
        "aelatent.rooms.plane": {"aelatent.rooms.deep"},
        "aelatent.rooms.deep": {"aelatent.two"},
    }
