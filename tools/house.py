"""Print how large the house is, and how its modules lean on each other; nothing is imported.

A line of code is neither blank nor comment nor docstring; a cell of text is one that calls
``Markdown``. An arrow leads from a module to one that it imports, wherever that stands.
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
    "package, lines": 14_700,  # agreed 14_500: files, systems and settings of others came on top
    "package, lines of code": 9_400,  # agreed 8_900: what is left is algorithm, one call a line
    "package, modules": 92,
    "rooms in latent/": 24,
    "names exported by the facades": 125,
    "lines of the longest module": 300,
    "docstring lines": 3_900,
    "notebooks, lines of code": 2_202,
    "notebooks, lines of code in cells of text": 853,
    "tests, lines": 19_450,  # agreed 17_000: what is left are laws and faults, one test each
    "tools, lines": 1_490,  # agreed 1_250: house.py and the readout came on top
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


def sizes(checkout: Path) -> dict[str, int]:
    """Count everything of `BOUNDS`."""
    package = checkout / "aelatent"
    sources, stubs = texts(package), [*package.rglob("__init__.pyi")]
    listed = [ast.parse(stub.read_text(encoding="utf-8")).body for stub in stubs]
    books = sorted((checkout / "notebooks").glob("[0-9]*.ipynb"))
    cells = [cell for book in books for cell in json.loads(book.read_text("utf-8"))["cells"]]
    codes = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    counts = (
        sum(len(source.splitlines()) for source in sources),
        sum(map(code_lines, sources)),
        len(sources),
        len([*(package / "latent").glob("[!_]*.py")]),
        sum(len(node.names) for body in listed for node in body) - (len(stubs) - 1),  # sub-packages
        max(len(source.splitlines()) for source in sources),
        sum(len(ast.literal_eval(d).strip().splitlines()) for s in sources for d in docstrings(s)),
        sum(map(code_lines, codes)),
        sum(code_lines(code) for code in codes if "Markdown(" in code),
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
    graph = arrows(CHECKOUT / "aelatent")
    latent = {name for name in graph if name.startswith("aelatent.latent.")}
    print(f"arrows within latent/: {sum(len(graph[name] & latent) for name in latent)}")
    TopologicalSorter(graph).prepare()  # a CycleError where modules import each other in a circle
    print("no circle of imports")


if __name__ == "__main__":
    main()
