"""Every public name says what it takes, gives, raises and rests on, and its examples are true.

The rules stand here once: `numpydoc.validate` for the form, own ones for what numpydoc cannot
know: shapes, dtypes, units, errors and sources. Public is what the packages list, with its public
methods and properties, and what notebooks take from other modules.
"""

import ast
import builtins
import doctest
import importlib
import inspect
import re
import types
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import nbformat
import pytest
from numpydoc.docscrape import NumpyDocString
from numpydoc.validate import validate

import aelatent

from .raising import raised

ROOT = Path(aelatent.__file__).parent
ROOMS = ["images", "images.portraits", "latent", "model", "plots", "widgets"]
PACKAGES = ["aelatent", *(f"aelatent.{room}" for room in ROOMS)]

#: Checks of numpydoc that do not fit the house, each with the reason.
OFF = {
    "GL01": "summaries begin on the line of the quotes, as ruff's numpy convention wants",
    "GL02": "one-line docstrings end on their line",
    "ES01": "a summary that says all needs no second paragraph",
    "SA01": "what belongs together is named in the text",
    "EX01": "names need examples, their methods and properties do not: see NO_EXAMPLE",
    "PR08": "descriptions begin with names that keep their case: z-points, p-values",
    "RT04": "as PR08, and with dtypes",
}
#: Names of the packages without an example.
NO_EXAMPLE = {
    "BadPicture": "is only raised",
    "CelebA": "needs the archive",
    "LFW": "needs the network",
    "FolderOfPictures": "needs a folder of pictures",
    "read_picture": "needs a file",
    "Source": "is a base class",
    "ImageStore": "is shown by pack",
    "Envelope": "is shown by global_envelope",
    "HeldOutCore": "is shown by core_border",
    "NeighborGraph": "is shown by neighbor_graph",
    "Track": "is shown by Scrubber",
    "prepare": "needs a run",
    "cloud_of": "needs a run",
    "rows_of": "needs a run",
    "path_scores": "needs a run",
    "score_conditions": "needs a run",
    "train": "takes minutes",
}
#: What is not listed under Raises: it tells of the machine, or of a base class.
ENVIRONMENT = (ImportError, NotImplementedError)
#: What is raised for arguments that it never passes.
NEVER = {
    ("aelatent.widgets.path_explorer.PathExplorer.reset", ValueError),
    ("aelatent.widgets._scrubber_page.Track.size", ValueError),
}
REFERENCE = r"\bAs (?:of|in|for) `"
ITEM = r"[\w.*+]+(?:\(\w+\))?(?: [*+-] \w+)?"  # n, d, len(k) + 1, ...
SHAPE = re.compile(rf"\((?:{ITEM},\s*)+(?:{ITEM})?\)|of planes,\)|as many|{REFERENCE}")
DTYPE = re.compile(rf"\b(float|float32|float64|u?int|uint8|int64|bool|Axes)\b|{REFERENCE}")
TABLE = re.compile(r"\b([Cc]olumns?|[Ii]ndex|[Rr]ows?|attributes or factors)\b")
#: Quantities by the name of the parameter or attribute, and what must be said of them.
QUANTITIES = {
    "size|height": r"pixels|As (of|in) `",
    "width|side|bound|length": r"\bunits?\b|pixels|ordinary widths",
    "reach": r"standard deviations|widths",
    "thickness": r"[Ss]tandard deviation",
    "scale": r"[Ss]tandard deviation|smoke",
    "border|d2": r"D²|As (of|in|for) `",
    "level|share|near": r"\b[01]\b|[Pp]robability|As (of|in) `",
    "angle": r"degrees",
    "learning_rate": r"[Ss]tep size",
    "seconds": r"[Tt]ime",
}
#: A year, a post, or that it was chosen here.
SOURCE = re.compile(r"\b(1[89]|20)\d\d\b|\b[Pp]osts?\b|\bblog|\bCurse\b|\bchoices?\b")


class Public(NamedTuple):
    """Something that has a docstring to be checked."""

    path: str
    thing: Any
    kind: str  # "name" of a package, "path" that a notebook imports from, or "member" of a class

    @property
    def function(self):
        """The function behind it, None of a class or what is neither."""
        for part in ("fget", "func", "__func__"):
            found = getattr(self.thing, part, None)
            if inspect.isfunction(found):
                return found
        return self.thing if inspect.isfunction(self.thing) else None

    @property
    def text(self):
        return inspect.cleandoc(self.thing.__doc__ or "")

    @property
    def doc(self):
        return NumpyDocString(self.text)

    def said(self, *sections):
        """Return {name: type and description} of some sections."""
        found = {}
        for entry in (entry for section in sections for entry in self.doc[section]):
            names = re.split(r",\s*", entry.name.replace("*", ""))
            found |= dict.fromkeys(names, " ".join([entry.type, *entry.desc]))
        return found

    def result(self):
        """Return what is said of the result; of a property that is its text."""
        entries = [" ".join([entry.name, entry.type, *entry.desc]) for entry in self.doc["Returns"]]
        return " ".join(entries or [*self.doc["Summary"], *self.doc["Extended Summary"]])

    def annotations(self):
        """Return {parameter, field or "return": annotation as text}."""
        notes = inspect.get_annotations(self.function or self.thing)
        return {key: getattr(note, "__name__", str(note)) for key, note in notes.items()}


def load(module):
    with warnings.catch_warnings():  # those of other packages, when they are imported
        warnings.simplefilter("ignore")
        return importlib.import_module(module)


def of_notebooks(folder):
    """Yield (module, name) of what notebooks take from modules that are none of the packages."""
    for path in sorted(folder.glob("*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        nodes = [n for c in cells if c.cell_type == "code" for n in ast.walk(ast.parse(c.source))]
        modules = {}
        for node in nodes:
            if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == "aelatent":
                for alias in node.names:
                    inner = f"{node.module}.{alias.name}"
                    if importlib.util.find_spec(inner) if node.module in PACKAGES else False:
                        modules[alias.name] = inner
                    elif node.module not in PACKAGES:
                        yield node.module, alias.name
        for node in nodes:
            home = modules.get(getattr(getattr(node, "value", None), "id", None))
            if isinstance(node, ast.Attribute) and home and hasattr(load(home), node.attr):
                yield home, node.attr  # where it is none, the notebook has a variable of that name


def everything(folder):
    """Yield all that is public, some of it twice."""
    names = [(package, name, "name") for package in PACKAGES for name in load(package).__all__]
    for module, name, kind in [*names, *((*pair, "path") for pair in of_notebooks(folder))]:
        thing = getattr(load(module), name)
        if inspect.isfunction(thing) or inspect.isclass(thing):
            path = f"{thing.__module__}.{thing.__qualname__}"
            yield Public(path, thing, kind)
            for part, member in vars(thing).items() if inspect.isclass(thing) else ():
                inner = Public(f"{path}.{part}", member, "member")
                if not part.startswith("_") and inner.function:
                    yield inner


@pytest.fixture(scope="module")
def public():
    folder = ROOT.parent / "notebooks"
    found = {name.path: name for name in reversed(list(everything(folder)))}
    assert len(found) > 230  # as many as there were; fewer would mean that some are not found
    return list(found.values())


def test_numpydoc_finds_nothing(public):
    found = []
    for name in public:
        fields = name.said("Attributes") if inspect.isclass(name.thing) else {}
        with warnings.catch_warnings():  # it looks at whatever a class inherits
            warnings.simplefilter("ignore")
            errors = validate(name.path)["errors"]
        for code, message in errors:
            # The fields of a dataclass are parameters as well; they are explained once.
            known = code == "PR01" and set(re.findall(r"'(\w+)'", message)) <= fields.keys()
            if code not in OFF and not known:
                found.append(f"{name.path}: {code} {message}")
    assert not found, "\n".join(found)


def test_arrays_have_a_shape_and_a_dtype(public):
    found = []
    for name in public:
        entries = name.said("Parameters", "Attributes") | {"return": name.result()}
        arrays = [key for key, note in name.annotations().items() if "ndarray" in note]
        for key in arrays:
            for what, pattern in (("shape", SHAPE), ("dtype", DTYPE)):
                if not pattern.search(entries.get(key, "")):
                    found.append(f"{name.path}, {key}: no {what} in {entries.get(key)!r:.90}")
    assert not found, "\n".join(found)


def test_tables_name_their_columns_or_rows(public):
    frames = [name for name in public if "DataFrame" in name.annotations().get("return", "")]
    assert len(frames) > 20
    assert not [name.path for name in frames if not TABLE.search(name.result())]


def test_quantities_have_a_unit_or_a_range(public):
    found = []
    for name in public:
        for key, says in name.said("Parameters", "Attributes").items():
            for keys, pattern in QUANTITIES.items():
                if key in keys.split("|") and not re.search(pattern, says):
                    found.append(f"{name.path}, {key}: {pattern} not in {says[:90]!r}")
    assert not found, "\n".join(found)


def test_errors_are_listed(public):
    paths = {name.path for name in public}
    found = []
    for name in public:
        of = name.function or name.thing
        scope = vars(builtins) | vars(load(of.__module__))
        listed = [part for entry in name.doc["Raises"] for part in re.split(r",\s*", entry.type)]
        kinds = (*ENVIRONMENT, *(scope[kind] for kind in listed))
        for kind in raised(of.__module__, of.__qualname__, paths):
            if not issubclass(kind, kinds) and (name.path, kind) not in NEVER:
                found.append(f"{name.path}: {kind.__name__}, listed are {listed}")
    assert not found, "\n".join(found)


def test_what_is_computed_has_a_source(public):
    found = []
    for name in public:
        if name.path.startswith("aelatent.latent.") and name.function and name.kind != "member":
            module = load(name.thing.__module__)
            if not SOURCE.search(f"{module.__doc__} {name.text}"):
                found.append(name.path)
    assert not found, "\n".join(found)


def test_names_have_examples(public):
    without = {n.thing.__name__ for n in public if n.kind == "name" and ">>>" not in n.text}
    assert without == NO_EXAMPLE.keys()


@pytest.mark.parametrize("package", PACKAGES)
def test_constants_are_explained(package):
    """A line of ``#:`` stands before each, or a comment behind it: the reference shows these."""
    module = load(package)
    for name in module.__all__:
        thing = getattr(module, name)
        if inspect.ismodule(thing) or inspect.isclass(thing) or inspect.isroutine(thing):
            continue
        homes = [path for path in ROOT.rglob("*.py") if f"\n{name} = " in path.read_text()]
        lines = homes[0].read_text().splitlines()
        at = next(i for i, line in enumerate(lines) if line.startswith(f"{name} = "))
        assert lines[at - 1].startswith("#:") or "  # " in lines[at], f"{homes[0].name}: {name}"


def examples():
    """Return the modules with examples that need no TensorFlow."""
    modules = (path.relative_to(ROOT.parent) for path in sorted(ROOT.rglob("*.py")))
    names = (".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in modules)
    texts = zip(names, sorted(ROOT.rglob("*.py")), strict=True)
    return [
        n for n, path in texts if ">>>" in path.read_text() and n != "aelatent.model.autoencoder"
    ]


@pytest.mark.parametrize("module", examples())
def test_examples_are_true(module):
    finder, runner = doctest.DocTestFinder(exclude_empty=True), doctest.DocTestRunner(verbose=False)
    said = []
    for case in finder.find(load(module)):
        runner.run(case, out=said.append)
        plt.close("all")
    assert not runner.failures, "".join(said)


def with_text(path, text):
    """Return a public function as if its docstring were another one."""
    module, _, name = path.rpartition(".")
    real = getattr(load(module), name)
    other = types.FunctionType(real.__code__, real.__globals__, name, real.__defaults__)
    other.__annotations__, other.__module__, other.__doc__ = real.__annotations__, module, text
    return [Public(path, other, "name")]


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (test_arrays_have_a_shape_and_a_dtype, "normality_tests.holm", "Do things."),
        (test_errors_are_listed, "normality_tests.holm", "Do things."),
        (test_what_is_computed_has_a_source, "normality_tests.holm", "Do things."),
        (test_names_have_examples, "normality_tests.holm", "Do things."),
        (
            test_quantities_have_a_unit_or_a_range,
            "zooms.poisson_field",
            "Do things.\n\nParameters\n----------\nside : float\n    How long it is.",
        ),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_the_rules_see_what_is_missing(rule, path, text):
    with pytest.raises(AssertionError, match=path.rpartition(".")[2]):
        rule(with_text(f"aelatent.latent.{path}", text))


def test_shapes_and_errors_are_recognized():
    assert all(SHAPE.search(text) for text in ("(n,)", "(n, d)", "(m, len(k))", "(n - 1, 2)"))
    assert not any(SHAPE.search(text) for text in ("a number (of points)", "(see above)", "n x d"))
    assert raised("aelatent.settings", "check_name", set()) == {ValueError}
    assert raised("aelatent.images.store", "pack", set()) >= {ValueError, RuntimeError, OSError}
    assert RuntimeError not in raised("aelatent.runs", "Run.status", set())  # it is caught
