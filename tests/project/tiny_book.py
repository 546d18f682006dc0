"""Tiny notebooks, with outputs as a kernel would leave them, and the tree of a book from them."""

import base64
import importlib.util
import io
import shutil
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

CHECKOUT = Path(__file__).resolve().parents[2]
SCRUBBER = (
    '<div class="aelatent-scrubber"><p>stop 0</p><label>Stop <input type="range" max="3" value="0">'
    "</label><script>{ const me = document.currentScript.parentElement;"
    ' me.querySelector("input").addEventListener("input", event =>'
    ' { me.querySelector("p").textContent = `stop ${event.target.value}`; }); }</script></div>'
)
READING = "**Reading.** As in [the first](00_first.ipynb#numbers) and in its file `00_first.ipynb`."


def load(path):
    """Import a script of the checkout as a fresh module."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, CHECKOUT / path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write_notebook(path, *cells):
    """Write a notebook without outputs; what begins with # is Markdown."""
    made = [
        new_markdown_cell(cell) if cell.startswith("#") else new_code_cell(cell) for cell in cells
    ]
    path.parent.mkdir(exist_ok=True)
    nbformat.write(new_notebook(cells=made), path)


def figure(width=640, height=240, color="#0072B2"):
    """Return an output with a picture."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), color).save(file, "PNG")
    data = {"image/png": base64.b64encode(file.getvalue()).decode(), "text/plain": "<Figure>"}
    return new_output("display_data", data)


def shown(**kinds):
    """Return an output of the given kinds: html=..., plain=..., markdown=..."""
    return new_output("display_data", {f"text/{kind}": text for kind, text in kinds.items()})


def wide_table(columns=30):
    """Return the markup of a table that is wider than a phone."""
    cells = "".join(f"<th>column {number}</th>" for number in range(columns))
    values = "".join(f"<td>{number / 7:.4f}</td>" for number in range(columns))
    return f'<table class="dataframe"><thead><tr>{cells}</tr></thead><tr>{values}</tr></table>'


def executed(title, *cells):
    """Return a notebook with outputs; each cell is (Markdown above it, source, outputs)."""
    first = new_markdown_cell(f"# {title}\n\nA sentence. Another one.")
    notebook = new_notebook(cells=[first], metadata={"language_info": {"name": "python"}})
    for number, (text, source, outputs) in enumerate(cells):
        notebook.cells.append(new_markdown_cell(text))
        notebook.cells.append(new_code_cell(source, id=f"cell-{number}", outputs=outputs))
    return notebook


def two_notebooks():
    """Return {name: notebook} with all that a page can hold."""
    first = executed(
        "First & foremost",
        ("## What is blue?\n\nA blue *sheet*. It is blue.", "sheet()", [figure()]),
        ("## Numbers\n\nMany of them: see.", "table", [shown(html=wide_table(), plain="n")]),
        ("Twice the same.", "twice()", [figure(300, 300, "red"), figure(300, 200, "gray")]),
    )
    second = executed(
        "Second",
        ("## A path\n\nSee [the first](00_first.ipynb).", "x" * 200, [shown(html=SCRUBBER)]),
        ("## Words", "print(1)", [shown(markdown=READING), new_output("stream")]),
    )
    return {"00_first": first, "01_second": second}


def write_executed(notebooks, source):
    """Put executed notebooks where the extension of the book looks for them."""
    for name, notebook in notebooks.items():
        nbformat.write(notebook, source / "_executed" / f"{name}.ipynb")


def site_of(notebooks, folder, index):
    """Build a site of notebooks in the book's own dress, without the reference; return it."""
    docs = folder / "checkout" / "docs"
    docs.mkdir(parents=True)
    for name in ("_ext", "_static", "_templates", "notebooks", "conf.py"):
        whole = CHECKOUT / "docs" / name
        (shutil.copytree if whole.is_dir() else shutil.copy)(whole, docs / name)
    with open(docs / "conf.py", "a") as conf:
        conf.write('\nextensions.remove("api_reference")\n')
    (docs / "notebooks" / "index.md").write_text(
        "# Notebooks\n\n```{toctree}\n:glob:\n\n[0-9][0-9]_*\n```\n"
    )
    (docs / "index.md").write_text(index)
    book = load("tools/book.py")
    book.put_up(folder / "checkout", folder / "source")
    write_executed(notebooks, folder / "source")
    book.run_sphinx(folder / "source", folder / "site")
    return folder / "site"
