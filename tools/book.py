"""Execute all notebooks in their order and write them as HTML pages with an index.

The notebooks are executed in a copy of their folder and are not changed. Interactive controls do
not work in a page without a kernel; a line stands in their place.
"""

import argparse
import html
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbconvert import HTMLExporter
from nbconvert.filters import strip_ansi
from tqdm import tqdm

CHECKOUT = Path(__file__).resolve().parents[1]
WIDGET = "application/vnd.jupyter.widget-view+json"
PROGRESS = re.compile(r"\d+%\||\[\d+:\d\d")  # tqdm's bars: "12%|", "[00:03<00:20"
STANDS_IN = (
    "<p><em>In the notebook (<code>make lab</code>) an interactive control stands here.</em></p>"
)
INDEX = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>aelatent</title>
<style>
body {{ font: 1.1em/1.6 sans-serif; max-width: 40em; margin: 3em auto; padding: 0 1em }}
</style>
</head>
<body>
<h1>aelatent</h1>
<p>The notebooks of the workbook, executed on the run <code>{run}</code>.</p>
<ol start="0">
{links}
</ol>
</body>
</html>
"""


class NotebookFailed(RuntimeError):
    """A notebook did not run to its end; the message names the notebook and the cell."""


def execute(notebook, name: str, folder: Path) -> None:
    """Run all cells of a notebook in place.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        Its outputs are replaced.
    name : str
        Name of its file, for messages.
    folder : pathlib.Path
        The kernel's working directory.

    Raises
    ------
    NotebookFailed
        If a cell raises an error or the kernel dies.
    """
    started = [0]  # index of each cell so far
    client = NotebookClient(
        notebook,
        timeout=None,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        store_widget_state=False,
        on_cell_start=lambda cell, cell_index: started.append(cell_index),
    )
    try:
        client.execute()
    except CellExecutionError as error:
        reason = f"{error.ename}: {error.evalue}"
        raise NotebookFailed(
            f"{strip_ansi(str(error))}\n{name}, cell {started[-1] + 1} failed: {strip_ansi(reason)}"
        ) from error
    except DeadKernelError as error:
        raise NotebookFailed(f"{name}, cell {started[-1] + 1} failed: its kernel died.") from error


def replace_widgets(notebook) -> None:
    """Put a line of text where an output would need a kernel behind it; drop progress bars."""
    for cell in notebook.cells:
        kept = []
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if WIDGET in data:
                if PROGRESS.search(data.get("text/plain", "")):
                    continue
                output["data"] = nbformat.from_dict({"text/html": STANDS_IN})
            kept.append(output)
        if cell.cell_type == "code":
            cell.outputs = kept


def title(notebook, name: str) -> str:
    """Return the first heading of a notebook, or its name where there is none."""
    for cell in notebook.cells:
        for line in cell.source.splitlines():
            if cell.cell_type == "markdown" and line.startswith("# "):
                return line[2:].strip()
    return name


def make_book(source: Path, out: Path) -> list[Path]:
    """Execute the notebooks of a folder and write one page each, and ``index.html``.

    Parameters
    ----------
    source : pathlib.Path
        Folder of the notebooks ``NN_name.ipynb``.
    out : pathlib.Path
        Folder of the pages; made where missing.

    Returns
    -------
    list of pathlib.Path
        The pages in order, without the index.

    Raises
    ------
    FileNotFoundError
        If the folder holds no numbered notebook.
    NotebookFailed
        If a cell fails; the pages before it are written.
    """
    names = sorted(path.name for path in source.glob("[0-9][0-9]_*.ipynb"))
    if not names:
        raise FileNotFoundError(f"{source} holds no notebooks named NN_name.ipynb.")
    out.mkdir(parents=True, exist_ok=True)
    (out / "index.html").unlink(missing_ok=True)  # half a book has no index
    exporter = HTMLExporter(embed_images=True)
    links, pages = [], []
    with tempfile.TemporaryDirectory(prefix="aelatent-book-") as scratch:
        copy = Path(shutil.copytree(source, Path(scratch) / source.name))
        for name in tqdm(names, desc="notebooks", unit="notebook"):
            notebook = nbformat.read(copy / name, as_version=4)
            execute(notebook, name, copy)
            replace_widgets(notebook)
            heading = title(notebook, name)
            resources = {"metadata": {"name": heading, "path": str(source)}}
            text, _ = exporter.from_notebook_node(notebook, resources)
            text = re.sub(r'href="(\d\d_\w+)\.ipynb', r'href="\1.html', text)
            pages.append(out / f"{Path(name).stem}.html")
            pages[-1].write_text(text, encoding="utf-8")
            links.append(f'<li><a href="{pages[-1].name}">{html.escape(heading)}</a></li>')
    run = html.escape(os.environ.get("AELATENT_RUN") or "portraits")
    index = INDEX.format(run=run, links="\n".join(links))
    (out / "index.html").write_text(index, encoding="utf-8")
    return pages


def main() -> None:
    """Read the command line and make the book."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", help="run that the notebooks open (sets AELATENT_RUN)")
    parser.add_argument("--out", type=Path, default=CHECKOUT / "book", help="folder of the pages")
    options = parser.parse_args()
    if options.run:
        os.environ["AELATENT_RUN"] = options.run
    try:
        make_book(CHECKOUT / "notebooks", options.out)
    except (NotebookFailed, FileNotFoundError) as error:
        sys.exit(f"{error}\nThe book is not complete.")
    print(f"{options.out / 'index.html'} is ready.")


if __name__ == "__main__":
    main()
