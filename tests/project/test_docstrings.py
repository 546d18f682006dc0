"""Names that readers import say what they take and give; all others say it in one line.

`numpydoc.validate` asks for the form, own rules for what numpydoc cannot know: shapes and dtypes.
Readers import what the facades list, with the methods and properties of its classes.
"""

import ast
import doctest
import functools
import importlib
import inspect
import re
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
from numpydoc.docscrape import NumpyDocString
from numpydoc.validate import validate

import aelatent

ROOT = Path(aelatent.__file__).parent
ROOMS = ("images", "latent", "model", "plots", "portraits", "widgets")
FACADES = ["aelatent", *(f"aelatent.{room}" for room in ROOMS)]
#: Checks of numpydoc that do not fit the house, each with the reason.
OFF = {
    "GL01": "summaries begin on the line of the quotes, as ruff's numpy convention wants",
    "GL02": "one-line docstrings end on their line",
    "ES01": "a summary that says all needs no second paragraph",
    "SA01": "what belongs together is named in the text",
    "EX01": "an example stands where it earns its place",
    "PR08": "descriptions begin with names that keep their case: z-points, p-values",
    "RT04": "as PR08, and with dtypes",
}
#: What `aelatent.latent` and `aelatent.plots` explain once, and what needs no words.
USUAL = {"z", "n", "seed", "ax", "axes", "title", "progress"}
REFERENCE = r"\bAs (?:of|in|for) `"
ITEM = r"[\w.*+]+(?:\(\w+\))?(?: [*+-] \w+)?"  # n, d, len(k) + 1, ...
SHAPE = re.compile(rf"\((?:{ITEM},\s*)+(?:{ITEM})?\)|of planes,\)|as many|{REFERENCE}")
DTYPE = re.compile(rf"\b(float|float32|float64|u?int|uint8|int64|bool|Axes)\b|{REFERENCE}")
TABLE = re.compile(r"\b([Cc]olumns?|[Ii]ndex|[Rr]ows?|attributes or factors)\b")


def load(module):
    with warnings.catch_warnings():  # those of other packages, when they are imported
        warnings.simplefilter("ignore")
        return importlib.import_module(module)


@functools.cache
def public():
    """Return {path: function or class} of what readers import."""
    things = [getattr(load(facade), name) for facade in FACADES for name in load(facade).__all__]
    return {
        f"{thing.__module__}.{thing.__qualname__}": thing
        for thing in things
        if inspect.isfunction(thing) or inspect.isclass(thing)
    }


def members():
    """Return {path: function} of the methods and properties of the classes that readers import."""
    found = {}
    for path, thing in public().items():
        for name, member in vars(thing).items() if inspect.isclass(thing) else ():
            parts = [getattr(member, part, None) for part in ("fget", "func", "__func__")]
            functions = [one for one in [*parts, member] if inspect.isfunction(one)]
            if functions and not name.startswith("_"):
                found[f"{path}.{name}"] = functions[0]
    return found


def sections(thing):
    """Return {name: type and description} of parameters, attributes and what is returned."""
    text, found = NumpyDocString(inspect.cleandoc(thing.__doc__)), {}
    for entry in [*text["Parameters"], *text["Attributes"]]:
        names = re.split(r",\s*", entry.name.replace("*", ""))
        found |= dict.fromkeys(names, " ".join([entry.type, *entry.desc]))
    given = [" ".join([entry.name, entry.type, *entry.desc]) for entry in text["Returns"]]
    return found | {"return": " ".join(given or text["Summary"] + text["Extended Summary"])}


def annotated(thing, kind):
    """Yield (name, what is said of it) of what is annotated with a type."""
    for key, note in inspect.get_annotations(thing).items():
        if kind in getattr(note, "__name__", str(note)) and key not in USUAL:
            yield key, sections(thing).get(key, "")


def test_numpydoc_finds_nothing():
    found = []
    for path, thing in public().items():
        with warnings.catch_warnings():  # it looks at whatever a class inherits
            warnings.simplefilter("ignore")
            errors = validate(path)["errors"]
        # The fields of a dataclass are parameters as well; they are explained once.
        fields = USUAL | (sections(thing).keys() if inspect.isclass(thing) else set())
        for code, text in errors:
            known = code == "PR01" and {*re.findall(r"'[*]*(\w+)'", text)} <= fields
            found += [] if code in OFF or known else [f"{path}: {code} {text}"]
    assert not found, "\n".join(found)


def test_arrays_and_tables_are_told():
    found = []
    for path, thing in public().items():
        for key, said in annotated(thing, "ndarray"):
            found += [] if SHAPE.search(said) else [f"{path}, {key}: no shape"]
            found += [] if DTYPE.search(said) else [f"{path}, {key}: no dtype"]
        if inspect.isfunction(thing):
            tables = dict(annotated(thing, "DataFrame"))
            found += [] if TABLE.search(tables.get("return", "rows")) else [f"{path}: no columns"]
    assert not found, "\n".join(found)


def test_members_have_a_summary_and_what_readers_do_not_import_says_it_in_one_line():
    assert all(re.match(r"[A-Z\d].*\.", f.__doc__ or "") for f in members().values())
    found = set()
    for path in ROOT.rglob("*.py"):
        home = ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef)]
        for node, part in ((one, part) for one in nodes for part in one.body):
            if isinstance(part, ast.FunctionDef | ast.ClassDef):
                inside = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
                if "\n" in (ast.get_docstring(part) or ""):
                    found.add(f"{home}.{inside}{part.name}")
    assert found - public().keys() - members().keys() == set()


def test_examples_are_true():
    runner, said = doctest.DocTestRunner(verbose=False), []
    for path in sorted(ROOT.rglob("*.py")):
        if ">>>" in path.read_text() and path.stem != "autoencoder":  # which needs TensorFlow
            name = ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
            for case in doctest.DocTestFinder().find(load(name.removesuffix(".__init__"))):
                runner.run(case, out=said.append)
                plt.close("all")
    assert runner.summarize(verbose=False).attempted > 10
    assert not said, "".join(said)
