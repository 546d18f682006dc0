"""Sphinx extension: executed notebooks become pages, and their figures a gallery.

Executed notebooks lie in ``_executed/`` of the source tree. Each is written to ``notebooks/`` with
its figures taken out as files, described for those who cannot see them, and with text in place of
what would need a kernel. All figures appear as thumbnails on the page ``gallery``.
"""

import base64
import html
import io
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import nbformat
from markdown_it import MarkdownIt
from PIL import Image

WIDGET = "application/vnd.jupyter.widget-view+json"
PROGRESS = re.compile(r"\d+%\||\[\d+:\d\d")  # tqdm's bars: "12%|", "[00:03<00:20"
STANDS_IN = (
    '<p class="book-control">In the notebook (<code>make lab</code>) an interactive control stands '
    "here.</p>"
)
THUMBNAIL = (300, 200)  # pixels, at most
SENTENCE = re.compile(r"(?<=[.?!:])\s")


@dataclass(frozen=True)
class Figure:
    """One picture of a notebook."""

    file: str  # name of the picture's file, without suffix; also its anchor in the page
    heading: str  # the last one above it
    alt: str  # what it shows, in words
    size: tuple[int, int]  # width and height in pixels


def plain(source: str) -> str:
    """Return the text of a piece of Markdown without its marks, on one line."""
    words = []
    for token in MarkdownIt().parse(source):
        for child in token.children or []:
            words.append(" " if child.type.endswith("break") else child.content)
        words.append(" " if token.type == "inline" else "")
    return " ".join("".join(words).split())


def heading_of(cell) -> str | None:
    """Return the text of the last heading of a Markdown cell, or None."""
    lines = [line for line in cell.source.splitlines() if re.match(r"#+ ", line)]
    return plain(lines[-1].lstrip("#")) if lines else None


def first_sentence(cell) -> str:
    """Return the first sentence of a Markdown cell that is not a heading."""
    rest = "\n".join(line for line in cell.source.splitlines() if not line.startswith("#"))
    return SENTENCE.split(plain(rest.strip().partition("\n\n")[0]))[0].rstrip(":")


def numbered_title(notebook, stem: str) -> str:
    """Put the notebook's number before its title, by which the text calls it; return both."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("# "):
            cell.source = f"# {stem.partition('_')[0]} {cell.source[2:]}"
            return plain(cell.source.splitlines()[0][2:])
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell(f"# {stem}"))
    return stem


def without_kernel(output) -> bool:
    """Put text where an output would need a kernel; say whether the output stays at all."""
    data = output.get("data", {})
    if WIDGET in data:
        if PROGRESS.search(data.get("text/plain", "")):
            return False
        output["data"] = nbformat.from_dict({"text/html": data.get("text/html", STANDS_IN)})
    return True


def scrollable(markup: str) -> str:
    """Let a table scroll in a box of its own; a tabindex lets the keyboard scroll it, too."""
    if "<table" not in markup:
        return markup
    box = '<div class="book-scroll" role="region" aria-label="Table" tabindex="0">'
    return f"{box}{markup}</div>"


def to_pages(markup: str) -> str:
    """Let links between notebooks in a piece of Markdown lead to the pages: outputs keep theirs."""
    return re.sub(r"(\]\((?:\./)?\d\d[a-z]?_\w+)\.ipynb(?=[)#])", r"\1.html", markup)


def take_out(output, figure: Figure, folder: Path) -> None:
    """Write the picture of an output and its thumbnail as files; show the file instead."""
    picture = Image.open(io.BytesIO(base64.b64decode(output["data"]["image/png"]))).convert("RGB")
    # Lossless like PNG, and half its size.
    picture.save(folder / f"{figure.file}.webp", lossless=True)
    small = picture.copy()
    small.thumbnail(THUMBNAIL)
    small.save(folder / f"{figure.file}.small.webp", quality=80)
    width, height = figure.size
    output["data"] = nbformat.from_dict(
        {
            "text/html": f'<figure class="book-figure" id="{figure.file}">'
            f'<a href="../figures/{figure.file}.webp"><img src="../figures/{figure.file}.webp" '
            f'alt="{html.escape(figure.alt)}" width="{width}" height="{height}" loading="lazy">'
            "</a></figure>"
        }
    )


def size_of(output) -> tuple[int, int]:
    """Return width and height of the picture of an output in pixels."""
    return Image.open(io.BytesIO(base64.b64decode(output["data"]["image/png"]))).size


def described(cell, pictures: list, number: int, heading: str, text: str, stem: str) -> Figure:
    """Describe one picture of a cell by what stands above it."""
    which = f" ({number} of {len(pictures)})" if len(pictures) > 1 else ""
    between = "" if not text else " " if heading.endswith(("?", "!", ".")) else ": "
    file = f"{stem}-{cell.id}-{number}"
    size = size_of(pictures[number - 1])
    return Figure(file, heading, f"{heading}{between}{text}{which}", size)


def make_page(notebook, stem: str, folder: Path) -> tuple[str, list[Figure]]:
    """Turn an executed notebook into one that makes a page, in place.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        With outputs.
    stem : str
        Name of its file without suffix.
    folder : pathlib.Path
        Where the pictures go.

    Returns
    -------
    title : str
        With the notebook's number.
    figures : list of Figure
        In order.
    """
    figures = []
    title = heading = numbered_title(notebook, stem)
    text = ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            heading, text = heading_of(cell) or heading, first_sentence(cell)
        if cell.cell_type != "code":
            continue
        cell.outputs = [output for output in cell.outputs if without_kernel(output)]
        pictures = [output for output in cell.outputs if "image/png" in output.get("data", {})]
        for number, output in enumerate(pictures, start=1):
            figures.append(described(cell, pictures, number, heading, text, stem))
            take_out(output, figures[-1], folder)
        for output in cell.outputs:
            data = output.get("data", {})
            if "text/html" in data and output not in pictures:
                data["text/html"] = scrollable(data["text/html"])
            if "text/markdown" in data:
                data["text/markdown"] = to_pages(data["text/markdown"])
    return title, figures


def gallery(chapters: list[tuple[str, str, list[Figure]]]) -> str:
    """Return the gallery page as Markdown; chapters are (stem, title, figures)."""
    parts = ["# Gallery\n", "All figures, each leading to its place in the notebook.\n"]
    for stem, title, figures in chapters:
        parts += [f"## [{title}](notebooks/{stem}.ipynb)\n", "```{raw} html"]
        parts.append('<ul class="book-gallery">')
        for figure in figures:
            parts.append(
                f'<li><a href="notebooks/{stem}.html#{figure.file}">'
                f'<img src="figures/{figure.file}.small.webp" alt="{html.escape(figure.alt)}" '
                f'loading="lazy"></a></li>'
            )
        parts += ["</ul>", "```\n"]
    return "\n".join(parts)


def write_pages(app) -> None:
    """Write the notebooks' pages and the gallery, before Sphinx looks what there is."""
    source = Path(app.srcdir)
    (source / "_figures").mkdir(exist_ok=True)
    chapters = []
    for path in sorted((source / "_executed").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        title, figures = make_page(notebook, path.stem, source / "_figures")
        nbformat.write(notebook, source / "notebooks" / path.name)
        if figures:
            chapters.append((path.stem, title, figures))
    (source / "gallery.md").write_text(gallery(chapters), encoding="utf-8")


def copy_figures(app, exception) -> None:
    """Put the pictures beside the finished pages."""
    if exception is None:
        shutil.copytree(Path(app.srcdir) / "_figures", Path(app.outdir) / "figures")


def setup(app):
    """Register with Sphinx."""
    app.connect("builder-inited", write_pages)
    app.connect("build-finished", copy_figures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
