"""tools/book.py: notebooks in order, originals untouched, failures named."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

CHECKOUT = Path(__file__).resolve().parents[2]


def write_notebook(path, *cells):
    made = [
        new_markdown_cell(cell) if cell.startswith("#") else new_code_cell(cell) for cell in cells
    ]
    path.parent.mkdir(exist_ok=True)
    nbformat.write(new_notebook(cells=made), path)


def make_book(checkout, *options):
    """Run tools/book.py as it stands, in a checkout that holds nothing but notebooks."""
    tool = checkout / "tools" / "book.py"
    tool.parent.mkdir(exist_ok=True)
    tool.write_text((CHECKOUT / "tools" / "book.py").read_text())
    environment = {**os.environ, "JUPYTER_PLATFORM_DIRS": "1"}
    environment.pop("AELATENT_RUN", None)
    return subprocess.run(
        [sys.executable, tool, *options], capture_output=True, text=True, env=environment
    )


def test_pages_come_in_order_and_notebooks_stay_as_they_are(tmp_path):
    notebooks = tmp_path / "notebooks"
    write_notebook(
        notebooks / "01_second.ipynb",
        "# Second & last",
        "import os; print('opened', os.environ.get('AELATENT_RUN'))",
        "import ipywidgets; ipywidgets.IntSlider()",
        "from tqdm.auto import tqdm\nfor _ in tqdm(range(3), desc='count', disable=False): pass",
        "from pathlib import Path; Path('scribble.txt').write_text('x')",
    )
    write_notebook(notebooks / "00_first.ipynb", "# First\n[next](01_second.ipynb)", "print(6 * 7)")
    write_notebook(notebooks / "draft.ipynb", "# Not numbered", "raise SystemError")
    before = {path: path.read_bytes() for path in notebooks.iterdir()}

    done = make_book(tmp_path, "--run", "other-run", "--out", str(tmp_path / "pages"))

    assert done.returncode == 0, done.stderr
    pages = tmp_path / "pages"
    assert sorted(path.name for path in pages.iterdir()) == [
        "00_first.html",
        "01_second.html",
        "index.html",
    ]
    index = (pages / "index.html").read_text()
    assert index.index('00_first.html">First<') < index.index('01_second.html">Second &amp; last<')
    assert "<code>other-run</code>" in index
    first = (pages / "00_first.html").read_text()
    assert "42" in first
    assert 'href="01_second.html"' in first
    second = (pages / "01_second.html").read_text()
    assert "opened other-run" in second
    assert second.count("an interactive control stands here") == 1
    assert "widget-view" not in second
    assert {path: path.read_bytes() for path in notebooks.iterdir()} == before


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("raise ValueError('too many moons')", "ValueError: too many moons"),
        ("import os; os._exit(3)", "its kernel died"),
    ],
)
def test_a_failing_cell_is_named(tmp_path, cell, reason):
    write_notebook(tmp_path / "notebooks" / "00_good.ipynb", "# Good", "1 + 1")
    write_notebook(tmp_path / "notebooks" / "01_bad.ipynb", "# Bad", "x = 1", cell, "x = 2")
    done = make_book(tmp_path)
    assert done.returncode == 1
    assert f"01_bad.ipynb, cell 3 failed: {reason}" in done.stderr
    assert (tmp_path / "book" / "00_good.html").exists()
    assert not (tmp_path / "book" / "index.html").exists()


def test_a_folder_without_notebooks_is_refused(tmp_path, load_tool):
    with pytest.raises(FileNotFoundError, match="holds no notebooks named NN_name"):
        load_tool("book").make_book(tmp_path, tmp_path / "book")
