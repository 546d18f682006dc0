"""tools/book.py: notebooks in order, failures named, results kept and used again."""

import io
import json
import os
import subprocess
import sys

import pytest

from .tiny_book import CHECKOUT, shown, write_notebook

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


def test_letters_that_a_terminal_lacks_do_not_undo_the_book(load_tool, monkeypatch, tmp_path):
    book, shown = load_tool("book"), io.TextIOWrapper(io.BytesIO(), "ascii")
    monkeypatch.setattr(book, "make_book", lambda *_: None)
    monkeypatch.setattr(sys, "argv", ["book.py", "--out", str(tmp_path / "中")])
    monkeypatch.setattr(sys, "stdout", shown)
    book.main()
    shown.flush()
    assert shown.buffer.getvalue().endswith(b"?/index.html is ready.\n")


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
    assert "42" in (pages / "notebooks" / "00_first.html").read_text()
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
    [("raise ValueError('no moon')", "no moon"), ("import os; os._exit(3)", "its kernel died")],
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
    assert "01_bad.ipynb, cell 3 failed" in done.stderr
    assert reason in done.stderr
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


def test_what_is_no_book_is_refused(checkout, load_tool):
    with pytest.raises(FileNotFoundError, match="holds no notebooks named NN_name"):
        load_tool("book").make_book(checkout, checkout / "book")
    write_notebook(checkout / "notebooks" / "00_good.ipynb", "# Good")
    (checkout / "mine").mkdir()
    (checkout / "mine" / "thesis.tex").write_text("years of work")
    with pytest.raises(FileExistsError, match=r"mine exists and holds no finished book"):
        load_tool("book").make_book(checkout, checkout / "mine")
    assert (checkout / "mine" / "thesis.tex").read_text() == "years of work"


def test_the_book_before_is_put_back_where_the_new_one_cannot_be(load_tool, tmp_path):
    out, beside = tmp_path / "book", tmp_path / ".book.tmp"
    out.mkdir()
    beside.mkdir()
    (out / "index.html").write_text("the one before")
    with pytest.raises(FileNotFoundError):
        load_tool("book").replace(out, beside / "site")  # which is not there
    assert (out / "index.html").read_text() == "the one before"


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
    def run(self, book, checkout, own_data, monkeypatch):
        """Return a function that gets the notebook's output, executed or kept."""
        write_notebook(checkout / "notebooks" / "00_a.ipynb", "# A", "a = 1")
        (checkout / "cache").mkdir()
        runs = own_data / "runs" / "mine"
        runs.mkdir(parents=True)
        (runs / "run.json").write_text('{"weights": 1}')

        def get(name="mine"):
            monkeypatch.setenv("AELATENT_RUN", name)
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

    @pytest.mark.parametrize("file", ["aelatent/static/drag.js", "requirements.lock"])
    def test_a_changed_source_counts(self, run, checkout, file):
        run()
        (checkout / file).parent.mkdir(exist_ok=True)
        (checkout / file).write_text("changed")
        assert run() == "execution 2"
        assert len([*(checkout / "cache").iterdir()]) == 1  # of each notebook

    def test_a_changed_notebook_run_or_setting_counts(self, run, checkout, own_data, monkeypatch):
        run()
        write_notebook(checkout / "notebooks" / "00_a.ipynb", "# A", "a = 2")
        assert run() == "execution 2"
        (own_data / "runs" / "mine" / "run.json").write_text('{"weights": 2}')
        assert run() == "execution 3"
        assert run("another") == "execution 4"
        monkeypatch.setenv("AELATENT_SCALE", "smoke")
        assert run("another") == "execution 5"
        monkeypatch.setenv("AELATENT_CELEBA", "/photos")
        assert run("another") == "execution 6"

    def test_a_damaged_result_is_made_again(self, run, checkout, capsys):
        run()
        (entry,) = (checkout / "cache").iterdir()
        entry.write_text(entry.read_text()[:100])
        assert run() == "execution 2"
        assert "is damaged" in capsys.readouterr().err
