"""The house: a module imports only from floors below its own, and the ground stays light."""

import ast
import importlib.metadata
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import aelatent

PACKAGE = Path(aelatent.__file__).parent
FLOORS = [
    {"_system"},
    {"_files", "_checks", "_lacking", "settings"},
    {"portraits"},
    {"images", "latent"},
    {"model"},
    # These may know each other: all are a run's.
    {"runs", "shelf", "training", "kept", "calibration", "evidence", "opening"}
    | {"adopting", "elsewhere", "left_out"},
    {"plots", "scoring", "regions", "findings"},
    {"widgets", "lab"},
    {"export", "_options"},
    {"cli"},
    {"__main__"},
]
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
OPTIONAL = {"onnxruntime"}  # which need not be installed
LIGHT = {"numpy", "scipy", "sklearn", "pandas", "openTSNE", "tqdm", "lazy_loader", "aelatent"}
MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


def roots(module):
    """Return the first names of what a module imports, wherever it does so."""
    found = set()
    for node in ast.walk(ast.parse((PACKAGE / module).read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("aelatent" if node.level else node.module.partition(".")[0])
    return found


def climbs(module, other):
    """Say whether an import leads to another room of the own floor, or above it."""
    own, room = module.split(".")[1], other.split(".")[1]
    return own != room and FLOOR[room] >= FLOOR[own] and not {own, room} <= FLOORS[5]


def test_modules_import_only_from_floors_below(load_tool):
    graph = load_tool("house").arrows(PACKAGE)
    pairs = [(module, other) for module, others in graph.items() for other in others]
    assert len(pairs) > 60
    assert [pair for pair in pairs if climbs(*pair)] == []


@pytest.mark.parametrize(
    ("module", "other"),
    [("images.store", "latent.principal"), ("latent.principal", "runs"), ("runs", "cli")],
)
def test_the_rule_sees_what_climbs(module, other):
    assert climbs(f"aelatent.{module}", f"aelatent.{other}")


def test_tensorflow_stays_on_the_model_floor_and_the_latent_floor_needs_arrays_only():
    heavy = {"tensorflow", "keras", "tf_keras"}
    assert {m for m in MODULES if roots(m) & heavy and not m.startswith("model/")} == set()
    used = set().union(*(roots(module) for module in MODULES if module.startswith("latent/")))
    assert used <= LIGHT | sys.stdlib_module_names


def test_what_is_imported_is_declared(checkout):
    project = tomllib.loads((checkout / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"].values()
    needed = map(Requirement, [*project["project"]["dependencies"], *chain(*extras)])
    declared = {canonicalize_name(requirement.name) for requirement in needed}
    assert declared >= OPTIONAL
    declared |= {"aelatent", "keras"}  # TensorFlow brings its Keras along
    owners = importlib.metadata.packages_distributions()
    for module in MODULES:
        for root in roots(module) - sys.stdlib_module_names:
            names = {canonicalize_name(owner) for owner in owners.get(root, [root])}
            assert names & declared, (module, root)


def test_importing_the_package_stays_light():
    heavy = {"tensorflow", "keras", "matplotlib", "pandas", "sklearn", "scipy", "cv2"}
    code = f"import sys, aelatent; sys.exit(bool({heavy} & {{*sys.modules}}))"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
