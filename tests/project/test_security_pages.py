"""Hostile names stay text wherever HTML is made: in widgets, scrubbers, tables and scripts."""

import ast
import html.parser
import re
from pathlib import Path
from types import SimpleNamespace

import ipywidgets
import numpy as np
import pandas as pd
import pytest
from PIL import Image

import aelatent
from aelatent.images import open_source, pack
from aelatent.latent import PrincipalAxes, core_border, describe_components, linear
from aelatent.latent.planes import Plane
from aelatent.model import ModelConfig
from aelatent.widgets import (
    ComponentExplorer,
    FaceMixer,
    LineUp,
    PathExplorer,
    ZoomExplorer,
    path_scrubber,
)

PACKAGE = Path(aelatent.__file__).parent
HOSTILE = '<img src=x onerror="alert(1)">'
PLAIN = {"b", "br", "div", "span"}  # what the widgets use on purpose
STILL = {"figure", "figcaption", "img"}


class Reader(html.parser.HTMLParser):
    """Tags, attributes and text of a piece of HTML, read as a browser does."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.text, self.scripts = set(), set(), "", 0
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.scripts += tag == "script"
        self.attributes |= {name for name, _ in attributes}
        self.text += " ".join(value or "" for _, value in attributes)

    def handle_data(self, data):
        self.text += data


def is_safe(page, tags=PLAIN):
    """Tell whether no tag and no handler stands in a page that does not belong there."""
    read = Reader(page)
    return read.tags <= tags and not [name for name in read.attributes if name.startswith("on")]


def parts(widget, kind):
    found = [widget] if isinstance(widget, kind) else []
    return [*found, *(p for child in getattr(widget, "children", ()) for p in parts(child, kind))]


def pages(widget):
    """Return the HTML that a widget shows."""
    return [part.value for part in parts(widget, ipywidgets.HTML)]


@pytest.fixture
def run():
    """A run with a linear decoder whose index was written by somebody else."""
    rng = np.random.default_rng(0)
    z = rng.normal([3, 0, -3], [2, 1, 3], size=(200, 3)).astype(np.float32)
    index = pd.DataFrame({"row": range(200), "image_id": HOSTILE, "split": HOSTILE})
    index[HOSTILE] = [HOSTILE, "other"] * 100
    index[f"{HOSTILE} number"] = rng.normal(size=200)
    store = SimpleNamespace(images=np.zeros((200, 8, 8, 3), np.uint8), name=HOSTILE)

    def decode(vectors):
        if np.abs(vectors).max() > 1000:
            raise ValueError(HOSTILE)
        return np.full((len(vectors), 8, 8, 3), 0.5, np.float32)

    found = {"axes": PrincipalAxes.fit(z), "core": core_border(z)}
    found["described"] = describe_components(z)
    config = ModelConfig(size=8, filters=(4,), kernel=5, z_dim=3)  # for kernels only
    made = {
        "decode": decode,
        "check_decoder": lambda: None,
        "config": config,
        "index": index,
        "store": store,
        "name": HOSTILE,
    }
    return SimpleNamespace(z=z, **made, **found)


@pytest.fixture
def plane():
    return Plane(HOSTILE, (HOSTILE, HOSTILE), np.zeros(3), np.eye(3)[:, :2])


def test_the_check_sees_what_is_not_escaped():
    assert not is_safe(f"<b>{HOSTILE}</b>")
    assert not is_safe('<b onclick="x()">')
    assert is_safe("<b>1 &lt; 2</b><br>")


def test_the_zoom_explorer(run, plane):
    clouds = {HOSTILE: run.z}
    explorer = ZoomExplorer(run, {HOSTILE: plane, "other": plane}, surrogates=clouds)
    seen = []
    for column in (HOSTILE, f"{HOSTILE} number"):
        explorer.color_by = column
        seen += pages(explorer)
    explorer.selection = [1, 2]
    explorer.shown = HOSTILE
    seen += pages(explorer)
    assert [page for page in seen if not is_safe(page)] == []
    assert sum(HOSTILE in Reader(page).text for page in seen) == 4  # legends, and the last reading


def test_the_path_explorer(run, plane, tmp_path):
    folder = tmp_path / HOSTILE.replace("/", "")
    explorer = PathExplorer(run, {HOSTILE: plane}, folder=folder)
    explorer.keep()
    explorer.save()
    shown = [*pages(explorer), explorer._repr_mimebundle_()["text/html"]]
    assert [page for page in shown if not is_safe(page, PLAIN | STILL)] == []
    assert sum(HOSTILE in Reader(page).text for page in shown) == 3  # saved, kept, still
    colors = explorer._canvas.scene["colors"].values()  # which a script makes HTML of
    assert all(re.fullmatch(r"#[0-9A-F]{6}", color) for color in colors)


def test_the_other_widgets(run):
    game = LineUp(run.z[:, :2], lambda seed: run.z[:50, 1:], panels=2)
    game.pick(1)
    stills = [kind(run).still() for kind in (FaceMixer, ComponentExplorer)]
    assert [page for page in pages(game) + stills if not is_safe(page, PLAIN | STILL)] == []


def test_a_scrubber_of_a_hostile_plane(run, plane):
    path = linear([0, 0, 0], [1, 0, 0], n=3)
    page = path_scrubber(run, {HOSTILE: path}, plane).html()
    plain = Plane("name", ("across", "up"), plane.offset, plane.basis)
    usual = Reader(path_scrubber(run, {"path": path}, plain).html())
    read = Reader(page)
    assert (read.tags, read.scripts) == (usual.tags, usual.scripts)
    assert read.attributes == usual.attributes
    assert HOSTILE in read.text


def test_tables_of_files_with_hostile_names(tmp_path):
    """What notebook 11 shows: pandas escapes names in a table, and skipped.csv keeps them."""
    photos = tmp_path / "photos"
    photos.mkdir()
    name = HOSTILE.replace('"', "").replace("/", "")
    Image.new("RGB", (8, 8)).save(photos / f"{name}.jpg")
    (photos / f"{name}2.jpg").write_bytes(b"no picture")
    source = open_source("folder", photos)
    store = pack(source, "few", size=16, data=tmp_path, workers=1, progress=False)
    for table in (store.index, store.skipped):
        page = table._repr_html_()
        assert name in Reader(page).text
        assert "img" not in Reader(page).tags


def test_scripts_put_no_text_into_the_page_as_html():
    """The one line that does takes its words from the script and its colors from Python."""
    found = []
    for path in sorted((PACKAGE / "widgets" / "static").glob("*.js")):
        text = path.read_text(encoding="utf-8")
        ways = r"[\w.]*(?:innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\()"
        found += [(path.name, match) for match in re.findall(ways, text)]
    assert found == [("path.js", "legend.innerHTML")]


def test_every_place_that_makes_html_is_known():
    """A new one comes here, with a test above."""
    marks = ("ipywidgets.HTML", "_repr_html_", "IPython.display", "to_html", "_repr_mimebundle_")
    found = set()
    for path in PACKAGE.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        names = {ast.unparse(n) for n in ast.walk(ast.parse(source)) if isinstance(n, ast.expr)}
        if any(mark in name for mark in marks for name in names if len(name) < 60):
            found.add(path.relative_to(PACKAGE).as_posix())
    known = "_explorer _parts lineup path_explorer scrubber zoom_explorer"
    assert found == {f"widgets/{name}.py" for name in known.split()}
