"""The house: a module imports only from floors below its own, and the ground stays light."""

import ast
import importlib.metadata
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import aelatent

PACKAGE = Path(aelatent.__file__).parent
FLOORS = {
    0: {"_files", "_checks", "_lazy", "settings", "__version__"},
    1: {"portraits"},
    2: {"images", "latent"},
    3: {"model"},
    4: {"runs"},
    5: {"plots", "scoring"},
    6: {"widgets"},
    7: {"cli"},
    8: {"__main__"},
}
FLOOR = {room: floor for floor, rooms in FLOORS.items() for room in rooms}
# Files that share a floor with runs.py.
ROOM_OF = dict.fromkeys(["_zpoints", "training", "kept", "calibration"], "runs")
LIGHT = {"numpy", "scipy", "sklearn", "pandas", "openTSNE", "tqdm", "aelatent"}
MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


def room_of(name):
    """Return the room of a name directly under ``aelatent``."""
    home = aelatent._HOME.get(name, f"aelatent.{name}").split(".")[1]
    return ROOM_OF.get(home, home)


def tree_of(module):
    return ast.parse((PACKAGE / module).read_text(), filename=module)


def imports(tree, module):
    """Yield the full dotted name of everything that a module imports, wherever it does so."""
    package = ["aelatent", *Path(module).parent.parts]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def climbs(source, module):
    """Return the imports of a module that lead to its own floor's other rooms, or above."""
    own = room_of(Path(module).parts[0].removesuffix(".py"))
    found = []
    for name in imports(ast.parse(source), module):
        parts = name.split(".")
        if parts[0] != "aelatent":
            continue
        room = room_of(parts[1]) if len(parts) > 1 else "__init__"
        if room != own and FLOOR[room] >= FLOOR[own]:
            found.append(name)
    return found


@pytest.mark.parametrize("module", [module for module in MODULES if module != "__init__.py"])
def test_a_module_imports_only_from_floors_below(module):
    assert not climbs((PACKAGE / module).read_text(), module)


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("images/store.py", "from aelatent.latent import principal"),
        ("latent/principal.py", "from aelatent import Run"),
        ("latent/principal.py", "def f():\n    from ..plots import strips"),
        ("plots/strips.py", "import aelatent.widgets.mixer"),
        ("runs.py", "from . import cli"),
    ],
)
def test_the_rule_sees_what_climbs(module, line):
    assert climbs(line, module)


@pytest.mark.parametrize("module", MODULES)
def test_tensorflow_and_keras_are_imported_on_the_model_floor_only(module):
    heavy = {name.split(".")[0] for name in imports(tree_of(module), module)}
    heavy &= {"tensorflow", "keras", "tf_keras"}
    assert not heavy or module.startswith("model/")


@pytest.mark.parametrize("module", [module for module in MODULES if module.startswith("latent/")])
def test_the_latent_floor_needs_arrays_only(module):
    roots = {name.split(".")[0] for name in imports(tree_of(module), module)}
    assert roots <= LIGHT | sys.stdlib_module_names


def test_what_is_imported_is_declared(checkout):
    project = tomllib.loads((checkout / "pyproject.toml").read_text())
    needed = map(Requirement, project["project"]["dependencies"])
    declared = {canonicalize_name(requirement.name) for requirement in needed}
    declared |= {"aelatent", "keras"}  # TensorFlow brings its Keras along
    owners = importlib.metadata.packages_distributions()
    for module in MODULES:
        roots = {name.split(".")[0] for name in imports(tree_of(module), module)}
        for root in roots - sys.stdlib_module_names:
            assert {canonicalize_name(owner) for owner in owners[root]} & declared, (module, root)


@pytest.mark.parametrize("module", MODULES)
def test_no_code_comes_from_data(module):
    tree = tree_of(module)
    roots = {name.split(".")[0] for name in imports(tree, module)}
    assert not roots & {"pickle", "_pickle", "cloudpickle", "dill", "marshal", "shelve"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", None) == "joblib":
            assert node.attr not in {"load", "dump"}, node.lineno
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", None)
            assert name not in {"eval", "exec", "compile", "__import__"}, node.lineno
            for word in node.keywords:
                if word.arg in {"allow_pickle", "enable_unsafe_deserialization"}:
                    assert getattr(word.value, "value", None) is False, node.lineno


def test_importing_the_package_stays_light():
    heavy = ["tensorflow", "keras", "matplotlib", "pandas", "sklearn", "scipy", "cv2"]
    code = f"import sys, aelatent; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", aelatent.__all__)
def test_every_public_name_is_there_and_explained(name):
    assert getattr(aelatent, name).__doc__.strip()


@pytest.mark.parametrize("module", MODULES)
def test_every_public_definition_has_a_docstring(module):
    def missing(node, path):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                setter = any(getattr(d, "attr", "") == "setter" for d in child.decorator_list)
                if child.name.startswith("_") or setter:
                    continue
                where = f"{path}.{child.name}"
                if not ast.get_docstring(child):
                    yield where
                if isinstance(child, ast.ClassDef):
                    yield from missing(child, where)

    tree = tree_of(module)
    assert ast.get_docstring(tree), module
    assert not list(missing(tree, module))


def test_an_unknown_name_is_refused():
    with pytest.raises(AttributeError, match="no attribute 'no_such_name'"):
        aelatent.no_such_name  # noqa: B018
