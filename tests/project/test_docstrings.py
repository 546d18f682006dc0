"""Names that readers import say what they take, give and rest on; all others say it in one line.

`numpydoc.validate` asks for the form, own rules for what numpydoc cannot know: shapes, dtypes,
units and sources. Public is what the packages list, with the methods and properties of its classes.
"""

import ast
import doctest
import importlib
import inspect
import re
import types
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import pytest
from numpydoc.docscrape import NumpyDocString
from numpydoc.validate import validate

import aelatent

ROOT = Path(aelatent.__file__).parent
ROOMS = ["images", "images.portraits", "latent", "model", "plots", "widgets"]
PACKAGES = ["aelatent", *(f"aelatent.{room}" for room in ROOMS)]
MOST_NAMES = 180  # of all packages
MOST_LINES = 3_900  # of all docstrings

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
    kind: str  # "name" of a package, or "member" of a class

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


def everything():
    """Yield all that is public, some of it twice."""
    for package in PACKAGES:
        for name in load(package).__all__:
            thing = getattr(load(package), name)
            if inspect.isfunction(thing) or inspect.isclass(thing):
                path = f"{thing.__module__}.{thing.__qualname__}"
                yield Public(path, thing, "name")
                for part, member in vars(thing).items() if inspect.isclass(thing) else ():
                    inner = Public(f"{path}.{part}", member, "member")
                    if not part.startswith("_") and inner.function:
                        yield inner


@pytest.fixture(scope="module")
def public():
    return list({name.path: name for name in everything()}.values())


def test_there_are_few_names():
    names = [name for package in PACKAGES for name in load(package).__all__]
    assert 100 < len(names) <= MOST_NAMES


def test_numpydoc_finds_nothing(public):
    found = []
    for name in (one for one in public if one.kind == "name"):
        fields = name.said("Attributes") if inspect.isclass(name.thing) else {}
        with warnings.catch_warnings():  # it looks at whatever a class inherits
            warnings.simplefilter("ignore")
            errors = validate(name.path)["errors"]
        for code, message in errors:
            # The fields of a dataclass are parameters as well; they are explained once.
            known = set(re.findall(r"'[*]*(\w+)'", message)) <= fields.keys() | USUAL
            if code not in OFF and not (code == "PR01" and known):
                found.append(f"{name.path}: {code} {message}")
    assert not found, "\n".join(found)


def test_members_have_a_summary(public):
    members = [name for name in public if name.kind == "member"]
    assert len(members) > 50
    assert not [name.path for name in members if not re.match(r"[A-Z\d].*\.", name.text)]


def test_what_readers_do_not_import_says_it_in_one_line(public):
    known = {name.path for name in public}
    found = []
    for path in ROOT.rglob("*.py"):
        home = ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef)]
        for node, part in ((one, part) for one in nodes for part in one.body):
            if isinstance(part, ast.FunctionDef | ast.ClassDef):
                inside = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
                if "\n" in (ast.get_docstring(part) or ""):
                    found.append(f"{home}.{inside}{part.name}")
    assert not set(found) - known


def test_docstrings_are_short():
    lines = 0
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                lines += len((ast.get_docstring(node) or "").splitlines())
    assert lines <= MOST_LINES


def test_arrays_have_a_shape_and_a_dtype(public):
    found = []
    for name in public:
        entries = name.said("Parameters", "Attributes") | {"return": name.result()}
        arrays = {k for k, note in name.annotations().items() if "ndarray" in note} - USUAL
        for key in arrays if name.kind == "name" else arrays & {"return"}:
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


def test_what_is_computed_has_a_source(public):
    found = []
    for name in public:
        if name.path.startswith("aelatent.latent.") and name.function and name.kind != "member":
            module = load(name.thing.__module__)
            if not SOURCE.search(f"{module.__doc__} {name.text}"):
                found.append(name.path)
    assert not found, "\n".join(found)


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
        (test_what_is_computed_has_a_source, "normality_tests.holm", "Do things."),
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


def test_shapes_are_recognized():
    assert all(SHAPE.search(text) for text in ("(n,)", "(n, d)", "(m, len(k))", "(n - 1, 2)"))
    assert not any(SHAPE.search(text) for text in ("a number (of points)", "(see above)", "n x d"))
