"""tools/book.py and docs/: notebooks in order, failures named, results kept, nothing left out."""

import ast
import io
import json
import os
import re
import subprocess
import sys
import zlib

import nbformat
import pytest
from bs4 import BeautifulSoup
from PIL import Image

from .tiny_book import CHECKOUT, executed, figure, load, shown, write_executed, write_notebook

CONF = f"""
import sys
sys.path.insert(0, {str(CHECKOUT / "docs" / "_ext")!r})
extensions = ["myst_nb", "notebook_pages"]
exclude_patterns = ["_*"]
nb_execution_mode = "off"
html_theme = "basic"
"""
INDEX = "# Tiny\n\n```{toctree}\n:glob:\n\ngallery\nnotebooks/*\n```\n"


@pytest.fixture
def checkout(tmp_path):
    """A checkout with a package, a configuration of its own, and no notebooks yet."""
    folder = tmp_path / "checkout"
    for name, text in {
        "tools/book.py": (CHECKOUT / "tools" / "book.py").read_text(),
        "docs/conf.py": CONF,
        "docs/index.md": INDEX,
        "aelatent/code.py": "ANSWER = 42\n",
        "requirements.lock": "numpy==2.1\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def make_book(checkout, *options):
    """Run the checkout's own tools/book.py."""
    command = [sys.executable, checkout / "tools" / "book.py", *options]
    environment = {**os.environ, "JUPYTER_PLATFORM_DIRS": "1"}
    return subprocess.run(command, capture_output=True, text=True, env=environment)


def test_pages_come_in_order_and_notebooks_stay_as_they_are(checkout, tmp_path):
    notebooks, counter = checkout / "notebooks", tmp_path / "executions"
    write_notebook(
        notebooks / "01_second.ipynb",
        "# Second & last",
        "import os; print('opened', os.environ.get('AELATENT_RUN'))",
        "import ipywidgets; ipywidgets.IntSlider()",
        "from tqdm.auto import tqdm\nfor _ in tqdm(range(3), desc='count', disable=False): pass",
        f"from pathlib import Path; Path('scribble.txt').write_text('x')\n"
        f"open({str(counter)!r}, 'a').write('x');",
    )
    write_notebook(notebooks / "00_first.ipynb", "# First\n[next](01_second.ipynb)", "print(6 * 7)")
    write_notebook(notebooks / "draft.ipynb", "# Not numbered", "raise SystemError")
    before = {path: path.read_bytes() for path in notebooks.iterdir()}
    pages = tmp_path / "pages"

    done = make_book(checkout, "--run", "other-run", "--out", str(pages))
    assert done.returncode == 0, done.stderr
    index = (pages / "index.html").read_text()
    assert index.index(">00 First<") < index.index(">01 Second &amp; last<")
    assert "Not numbered" not in index
    first = (pages / "notebooks" / "00_first.html").read_text()
    assert "42" in first
    assert 'href="01_second.html"' in first
    second = (pages / "notebooks" / "01_second.html").read_text()
    assert "opened other-run" in second
    assert second.count("an interactive control stands") == 1
    assert "widget-view" not in second
    assert {path: path.read_bytes() for path in notebooks.iterdir()} == before
    assert json.loads((pages / "book.json").read_text())["run"] == "other-run"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkout", "executions", "pages"]

    again = make_book(checkout, "--run", "other-run", "--out", str(pages))
    assert again.returncode == 0, again.stderr
    assert counter.read_text() == "x"  # nothing was executed a second time
    assert (pages / "notebooks" / "01_second.html").read_text() == second


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("raise ValueError('too many moons')", "ValueError: too many moons"),
        ("import os; os._exit(3)", "its kernel died"),
    ],
)
def test_a_failing_cell_is_named_and_the_book_before_stays(checkout, cell, reason):
    write_notebook(checkout / "notebooks" / "00_good.ipynb", "# Good", "1 + 1")
    write_notebook(checkout / "notebooks" / "01_bad.ipynb", "# Bad", "x = 1", cell, "x = 2")
    old = checkout / "book"
    old.mkdir()
    (old / "book.json").write_text("{}")
    (old / "index.html").write_text("the one before")
    done = make_book(checkout)
    assert done.returncode == 1
    assert f"01_bad.ipynb, cell 3 failed: {reason}" in done.stderr
    assert "The book is not complete" in done.stderr
    assert sorted(path.name for path in old.iterdir()) == ["book.json", "index.html"]
    kept = [path.name for path in (checkout / "build" / "book").glob("*.ipynb")]
    assert [name[:8] for name in kept] == ["00_good."]  # the good one need not run again


def test_a_fault_in_the_pages_leaves_no_book(checkout):
    write_notebook(checkout / "notebooks" / "00_lost.ipynb", "# Lost\n[nowhere](07_missing.ipynb)")
    done = make_book(checkout)
    assert done.returncode == 1
    assert "07_missing.ipynb" in done.stderr
    assert "Sphinx ended with status 1" in done.stderr
    assert not (checkout / "book").exists()


def test_a_folder_without_notebooks_is_refused(checkout, load_tool):
    with pytest.raises(FileNotFoundError, match="holds no notebooks named NN_name"):
        load_tool("book").make_book(checkout, checkout / "book")


def test_a_folder_that_holds_something_else_is_refused(checkout, load_tool):
    write_notebook(checkout / "notebooks" / "00_good.ipynb", "# Good")
    (checkout / "mine").mkdir()
    (checkout / "mine" / "thesis.tex").write_text("years of work")
    with pytest.raises(FileExistsError, match=r"mine exists and holds no finished book"):
        load_tool("book").make_book(checkout, checkout / "mine")
    assert (checkout / "mine" / "thesis.tex").read_text() == "years of work"


class TestCache:
    """What is executed again, and what is not."""

    @pytest.fixture
    def book(self, load_tool, monkeypatch):
        """Return the tool, with an `execute` that takes no kernel and counts."""
        tool = load_tool("book")
        tool.count = 0

        def count(notebook, name, folder):
            tool.count += 1
            notebook.cells[-1].outputs = [shown(plain=f"execution {tool.count}")]

        monkeypatch.setattr(tool, "execute", count)
        return tool

    @pytest.fixture
    def run(self, book, checkout, own_data):
        """Return a function that gets the notebook's output, executed or kept."""
        write_notebook(checkout / "notebooks" / "00_a.ipynb", "# A", "a = 1")
        (checkout / "cache").mkdir()
        runs = own_data / "runs" / "mine"
        runs.mkdir(parents=True)
        (runs / "run.json").write_text('{"weights": 1}')

        def get(name="mine"):
            os.environ["AELATENT_RUN"] = name  # the fixture own_data takes it out again
            path = checkout / "notebooks" / "00_a.ipynb"
            around = book.surroundings(checkout)
            notebook = book.executed(path, around, checkout, checkout / "cache")
            return notebook.cells[-1].outputs[0].data["text/plain"]

        return get

    def test_the_same_again_is_taken_from_the_cache(self, run, checkout):
        assert run() == run() == "execution 1"
        (checkout / "aelatent" / "__pycache__").mkdir()
        (checkout / "aelatent" / "__pycache__" / "code.pyc").write_text("compiled")
        (checkout / "notebooks" / "01_b.ipynb").write_text("{}")  # another notebook
        assert run() == "execution 1"

    @pytest.mark.parametrize(
        "file", ["aelatent/code.py", "aelatent/static/drag.js", "requirements.lock"]
    )
    def test_a_changed_source_counts(self, run, checkout, file):
        run()
        (checkout / file).parent.mkdir(exist_ok=True)
        (checkout / file).write_text("changed")
        assert run() == "execution 2"

    def test_a_changed_notebook_counts(self, run, checkout):
        run()
        write_notebook(checkout / "notebooks" / "00_a.ipynb", "# A", "a = 2")
        assert run() == "execution 2"

    def test_a_changed_run_counts(self, run, own_data):
        run()
        (own_data / "runs" / "mine" / "run.json").write_text('{"weights": 2}')
        assert run() == "execution 2"
        assert run("another") == "execution 3"

    @pytest.mark.parametrize(
        ("variable", "value"), [("AELATENT_SCALE", "smoke"), ("AELATENT_CELEBA", "/photos")]
    )
    def test_changed_settings_count(self, run, monkeypatch, variable, value):
        run()
        monkeypatch.setenv(variable, value)
        assert run() == "execution 2"

    def test_a_damaged_result_is_made_again(self, run, checkout, capsys):
        run()
        (entry,) = (checkout / "cache").iterdir()
        entry.write_text(entry.read_text()[:100])
        assert run() == "execution 2"
        assert "is damaged" in capsys.readouterr().err

    def test_one_result_is_kept_of_each_notebook(self, run, checkout):
        run()
        (checkout / "aelatent" / "code.py").write_text("changed")
        run()
        assert len([*(checkout / "cache").iterdir()]) == 1


class TestPages:
    """What becomes of an executed notebook."""

    @pytest.fixture
    def pages(self):
        return load("docs/_ext/notebook_pages.py")

    def markup(self, notebook):
        """Return the HTML outputs of a notebook as one tree."""
        outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
        return BeautifulSoup("".join(o.data.get("text/html", "") for o in outputs), "html.parser")

    def test_figures_become_files_with_their_description(self, pages, tmp_path):
        notebook = executed(
            "Colors",
            ("## What is `blue`?\n\nA *blue* [sheet](x.md). More.", "a", [figure(640, 240)]),
            ("No heading. More.", "b", [figure(30, 20, "red"), figure(20, 30)]),
        )
        title, figures = pages.make_page(notebook, "00_colors", tmp_path)
        assert title == "00 Colors"
        alts = [image["alt"] for image in self.markup(notebook).select("figure img")]
        assert alts == [found.alt for found in figures]
        assert alts == [
            "What is blue? A blue sheet.",
            "What is blue? No heading. (1 of 2)",
            "What is blue? No heading. (2 of 2)",
        ]
        for found, size in zip(figures, [(640, 240), (30, 20), (20, 30)], strict=True):
            with Image.open(tmp_path / f"{found.file}.webp") as picture:
                assert picture.size == size == found.size
            with Image.open(tmp_path / f"{found.file}.small.webp") as small:
                assert max(small.size) <= 300
        with Image.open(tmp_path / "00_colors-cell-1-1.webp") as picture:
            assert picture.getpixel((5, 5)) == (255, 0, 0)  # lossless
        assert [tag["id"] for tag in self.markup(notebook).select("figure")] == [
            found.file for found in figures
        ]

    def test_a_description_cannot_break_out(self, pages, tmp_path):
        notebook = executed("A", ('## "><script>x</script>', "a", [figure()]))
        pages.make_page(notebook, "00_a", tmp_path)
        assert self.markup(notebook).select("script") == []

    def test_tables_scroll_and_markup_of_players_stays(self, pages, tmp_path):
        player = '<div class="aelatent-scrubber"><script>play()</script></div>'
        outputs = [shown(html="<table></table>", plain="t"), shown(html=player, plain="p")]
        notebook = executed("A", ("## B", "b", outputs))
        assert pages.make_page(notebook, "00_a", tmp_path) == ("00 A", [])
        assert outputs[1].data["text/html"] == player
        box = BeautifulSoup(outputs[0].data["text/html"], "html.parser").div
        assert box["tabindex"] == "0"
        assert box.table is not None

    def test_what_a_widget_says_in_html_stands_in_for_it(self, pages, tmp_path):
        with_view, without = shown(html="<b>static</b>", plain="w"), shown(plain="Slider()")
        for output in (with_view, without):
            output.data[pages.WIDGET] = {"model_id": "1"}
        bar = shown(plain="count:  12%|#2  ")
        bar.data[pages.WIDGET] = {"model_id": "2"}
        notebook = executed("A", ("## B", "b", [with_view, without, bar]))
        pages.make_page(notebook, "00_a", tmp_path)
        first, second = notebook.cells[-1].outputs
        assert first.data == {"text/html": "<b>static</b>"}
        assert second.data == {"text/html": pages.STANDS_IN}


def inventory(site):
    """Return {kind: names} of what the pages of a site document, from its objects.inv."""
    file = io.BytesIO((site / "objects.inv").read_bytes())
    for _ in range(4):  # its head
        file.readline()
    found = {}
    for line in zlib.decompress(file.read()).decode().splitlines():
        name, kind = re.match(r"(.+?)\s+(\S+:\S+)\s+-?\d+\s", line).groups()
        found.setdefault(kind, set()).add(name)
    return found


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The book's own pages with the reference, around notebooks of one figure each."""
    folder = tmp_path_factory.mktemp("book")
    book = load("tools/book.py")
    book.put_up(CHECKOUT, folder / "source")
    names = sorted(path.stem for path in (CHECKOUT / "notebooks").glob("*.ipynb"))
    made = {name: executed(name[3:], ("## See\n\nThis.", "x", [figure()])) for name in names}
    write_executed(made, folder / "source")
    book.run_sphinx(folder / "source", folder / "site")  # warnings are errors
    return folder / "site"


def test_the_reference_holds_every_public_name(site):
    reference = load("docs/_ext/api_reference.py")
    found = set().union(*inventory(site).values())
    names = reference.public_names()
    owner = reference.owners(names)
    for package, members in names.items():
        text = (site / "api" / f"{package}.html").read_text()
        for name, (_, home) in members.items():
            best = owner[home, name]
            assert f"{best}.{name}" in found, f"{package}.{name}"
            assert name in text
    assert len(found) > 300


def imported(notebook):
    """Yield the full names of what a notebook imports from the package."""
    for cell in nbformat.read(notebook, as_version=4).cells:
        tree = ast.parse(cell.source if cell.cell_type == "code" else "")
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module.startswith("aelatent"):
                yield from ((node.module, alias.name) for alias in node.names)


def test_the_reference_holds_what_notebooks_import(site):
    reference = load("docs/_ext/api_reference.py")
    owner = reference.owners(reference.public_names())
    known = {
        **{f"{home}.{name}": f"{package}.{name}" for (home, name), package in owner.items()},
    }
    found = set().union(*inventory(site).values())
    for path in sorted((CHECKOUT / "notebooks").glob("*.ipynb")):
        for module, name in imported(path):
            full = f"{module}.{name}"
            assert {full, known.get(full)} & found, f"{path.name}: {full}"


def test_the_glossary_holds_the_words_of_the_workbook(site):
    words = """z-point, latent vector, component, principal axis, center, width, radius, core,
        surrogate, path, plane, store, run, map, film strip, D², cycle error, detector, void,
        filament, whitened, Mahalanobis distance, sampler, judge, Fréchet distance"""
    terms = inventory(site)["std:term"]
    assert {" ".join(word.split()) for word in words.split(",")} <= terms


def test_the_gallery_leads_to_every_figure(site):
    soup = BeautifulSoup((site / "gallery.html").read_text(), "html.parser")
    links = soup.select(".book-gallery a")
    assert len(links) == len([*(CHECKOUT / "notebooks").glob("*.ipynb")])
    for link in links:
        page, _, anchor = link["href"].partition("#")
        target = BeautifulSoup((site / page).read_text(), "html.parser")
        assert target.find("figure", id=anchor) is not None
        assert (site / link.img["src"]).is_file()
        assert link.img["alt"] == "See: This."


CITED = re.compile(
    r"\b([A-ZÀ-Ž][\w'-]+)(?: et al\.| (?:&|and) [A-Z]\w+)[,.]?[ \n]+\(?((?:19|20)\d\d)"
)


def test_the_references_name_what_is_cited(site):
    entries = (CHECKOUT / "docs" / "references.md").read_text().split("\n- ")
    texts = [path.read_text() for path in (CHECKOUT / "aelatent").rglob("*.py")]
    for path in (CHECKOUT / "notebooks").glob("*.ipynb"):
        texts += [cell.source for cell in nbformat.read(path, as_version=4).cells]
    cited = {found for text in texts for found in CITED.findall(text)}
    assert len(cited) > 20
    missing = {
        (name, year)
        for name, year in cited
        if not any(name in entry and year in entry for entry in entries)
    }
    assert missing == set()


def test_the_footer_says_what_was_executed(site):
    text = BeautifulSoup((site / "index.html").read_text(), "html.parser").footer.get_text()
    assert re.search(r"aelatent \d+\.\d+\.\d+; notebooks executed on the run\s+portraits", text)
