"""Print how large the house is, and how its modules lean on each other; nothing is imported.

A line of code is neither blank nor comment nor docstring; a cell of text is one that hides its
source. An arrow leads from a module to one that it imports, wherever that stands.
"""

import ast
import io
import json
import tokenize
from graphlib import TopologicalSorter
from importlib.util import resolve_name
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
BOUNDS = {  # raised only with a reason
    # Agreed 14_500, 8_900 and 92. On top came findings with the plots that notebooks drew by hand,
    # the kept evidence on filaments, where faces are, files and settings of others (matplotlib's
    # too, on whose dark grounds all must be seen), lab.py, which left tools/ when a wheel came to
    # carry the notebooks, and pages in which a browser decodes. export/ took 500 lines in eight
    # modules: networks, z-points and pictures for other tools, and the numbers of a plot. Runs from
    # elsewhere took 1,150: models of others and z-points alone, each checked at the door.
    "package, lines": 20_200,
    "package, lines of code": 13_250,
    "package, modules": 131,
    "rooms in latent/": 26,  # agreed 24: factors and attributes, which chapters 02 and 09b ask for
    # agreed 125: those plots, what chapters call, and what opens to other tools and models
    "names exported by the facades": 152,
    "lines of the longest module": 300,
    "docstring lines": 3_900,
    "notebooks, lines of code": 1_450,
    "notebooks, lines of code in cells of text": 250,
    # agreed 17_000: findings on both sides, others' files and models, the wheel, what runs in a
    # browser, and what other tools open
    "tests, lines": 24_700,
    "tools, lines": 1_620,  # agreed 1_250: house.py, the readout and the three runs came on top
}
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def texts(folder: Path) -> list[str]:
    """Return the text of all modules of a folder."""
    return [path.read_text(encoding="utf-8") for path in folder.rglob("*.py")]


def docstrings(source: str) -> list[ast.expr]:
    """Return the docstrings of a source as nodes."""
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, DOCUMENTED)]
    return [node.body[0].value for node in nodes if ast.get_docstring(node)]


def code_lines(source: str) -> int:
    """Count the lines of code."""
    lines = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT and token.string.strip():
            lines |= {*range(token.start[0], token.end[0] + 1)}
    for node in docstrings(source):
        lines -= {*range(node.lineno, node.end_lineno + 1)}
    return len(lines)


def chapters(checkout: Path) -> dict[str, dict]:
    """Count cells, lines of code, those in cells of text, words, and cells of text that branch."""
    counted = {}
    for book in sorted((checkout / "notebooks").glob("[0-9]*.ipynb")):
        cells = json.loads(book.read_text("utf-8"))["cells"]
        sources = [(cell, "".join(cell["source"])) for cell in cells]
        codes = [(cell, source) for cell, source in sources if cell["cell_type"] == "code"]
        texts = [code for cell, code in codes if "hide-input" in cell["metadata"].get("tags", ())]
        words = [source for cell, source in sources if cell["cell_type"] == "markdown"]
        counted[book.stem] = {
            "cells": len(cells),
            "code": sum(code_lines(code) for _, code in codes),
            "of it text": sum(map(code_lines, texts)),
            "words": len(" ".join(words).split()),
            "branching": sum(any(map(branches, ast.walk(ast.parse(t)))) for t in texts),
        }
    return counted


def branches(node: ast.AST) -> bool:
    """Say whether a node decides between two."""
    return isinstance(node, ast.If | ast.IfExp)


def sizes(checkout: Path) -> dict[str, int]:
    """Count everything of `BOUNDS`."""
    package = checkout / "aelatent"
    sources, stubs = texts(package), [*package.rglob("__init__.pyi")]
    listed = [ast.parse(stub.read_text(encoding="utf-8")).body for stub in stubs]
    books = [*chapters(checkout).values()]
    counts = (
        sum(len(source.splitlines()) for source in sources),
        sum(map(code_lines, sources)),
        len(sources),
        len([*(package / "latent").glob("[!_]*.py")]),
        sum(len(node.names) for body in listed for node in body) - (len(stubs) - 1),  # sub-packages
        max(len(source.splitlines()) for source in sources),
        sum(len(ast.literal_eval(d).strip().splitlines()) for s in sources for d in docstrings(s)),
        sum(book["code"] for book in books),
        sum(book["of it text"] for book in books),
        sum(len(text.splitlines()) for text in texts(checkout / "tests")),
        sum(len(text.splitlines()) for text in texts(checkout / "tools")),
    )
    return dict(zip(BOUNDS, counts, strict=True))


def arrows(package: Path) -> dict[str, set[str]]:
    """Return module -> modules it imports of the package, or facades that it imports whole."""
    names, facades = {}, {}
    for path in [*package.rglob("*.py"), *package.rglob("*.pyi")]:
        *folders, stem = path.relative_to(package.parent).with_suffix("").parts
        inside, found = ".".join(folders), []
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                base = resolve_name("." * node.level + (node.module or ""), inside)
                found += [f"{base}.{alias.name}" for alias in node.names]
        if path.suffix == ".pyi":
            facades[inside] = {name.rpartition(".")[2]: name for name in found}
        elif stem != "__init__":
            names[f"{inside}.{stem}"] = found

    known = {*names, *facades} - {package.name}

    def home(name):
        base, _, last = name.rpartition(".")
        if name in known or not base:
            return {name} & known
        defined = facades.get(base, {}).get(last, name)
        return home(base if defined == name else defined)

    return {name: set().union(*map(home, found)) - {name} for name, found in names.items()}


def main() -> None:
    """Print the table, and what the graph of imports looks like."""
    for what, count in sizes(CHECKOUT).items():
        print(f"{what:45}{count:8,} of {BOUNDS[what]:7,} {'<--' if count > BOUNDS[what] else ''}")
    for name, counts in chapters(CHECKOUT).items():
        print(f"{name:35}" + ", ".join(f"{n:,} {what}" for what, n in counts.items()))
    graph = arrows(CHECKOUT / "aelatent")
    latent = {name for name in graph if name.startswith("aelatent.latent.")}
    print(f"arrows within latent/: {sum(len(graph[name] & latent) for name in latent)}")
    TopologicalSorter(graph).prepare()  # a CycleError where modules import each other in a circle
    print("no circle of imports")


if __name__ == "__main__":
    main()
