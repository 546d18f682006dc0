"""What describes the project stays in step: dependencies, lock, conda environment, citation."""

import re
import tomllib

import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

MISSION = "tensorflow numpy pandas scikit-learn matplotlib seaborn ipywidgets jupyterlab".split()
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([0-9][A-Za-z0-9.+!]*)(?: ; (.+))?$")
SYSTEMS = [("linux", "posix", "Linux"), ("darwin", "posix", "Darwin"), ("win32", "nt", "Windows")]


@pytest.fixture
def pyproject(checkout):
    return tomllib.loads((checkout / "pyproject.toml").read_text())


@pytest.fixture
def lock_lines(checkout):
    return (checkout / "requirements.lock").read_text().splitlines()


def test_the_lock_holds_pins_and_nothing_else(lock_lines):
    strange = [line for line in lock_lines if not PIN.match(line)]
    assert not strange, "expected name==version lines, without addresses, options or comments"


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize(("sys_platform", "os_name", "system"), SYSTEMS)
def test_every_dependency_is_pinned_within_its_range(
    pyproject, lock_lines, python, sys_platform, os_name, system
):
    here = {
        "python_version": python,
        "python_full_version": f"{python}.1",
        "sys_platform": sys_platform,
        "os_name": os_name,
        "platform_system": system,
    }
    pins = {}
    for name, version, marker in (PIN.match(line).groups() for line in lock_lines):
        if marker is None or Marker(marker).evaluate(here):
            assert name not in pins, f"{name} is pinned twice on {system}, Python {python}"
            pins[name] = version
    asked = (
        pyproject["project"]["dependencies"]
        + pyproject["dependency-groups"]["dev"]
        + pyproject["build-system"]["requires"]
    )
    for requirement in map(Requirement, asked):
        assert pins[canonicalize_name(requirement.name)] in requirement.specifier, requirement


def test_conda_users_get_the_same(checkout, pyproject):
    environment = yaml.safe_load((checkout / "environment.yml").read_text())
    packages = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    conda = {Requirement(entry).name: Requirement(entry).specifier for entry in packages}
    project = pyproject["project"]
    asked = {r.name: r.specifier for r in map(Requirement, project["dependencies"])}
    expected = {name: asked[name] for name in MISSION}
    assert conda == {**expected, "python": conda["python"], "pip": conda["pip"]}
    assert conda["python"] == Requirement("python" + project["requires-python"]).specifier
    assert environment["channels"] == ["conda-forge"]
    assert environment["dependencies"][-1] == {"pip": ["-e ."]}


def test_the_citation_names_the_project_and_its_sources(checkout, pyproject):
    citation = yaml.safe_load((checkout / "CITATION.cff").read_text())
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors", "type"} <= citation.keys()
    assert citation["version"] == pyproject["project"]["version"]
    assert citation["license"] == pyproject["project"]["license"]
    references = citation["references"]
    for reference in references:
        assert {"type", "title", "authors"} <= reference.keys()
        for author in reference["authors"]:
            assert {"family-names", "given-names"} == author.keys()
    addresses = {reference.get("url") for reference in references}
    assert {"https://linux-blog.anracom.com", "https://machine-learning.anracom.com"} <= addresses
    assert any(
        reference["title"] == "Deep Learning Face Attributes in the Wild"
        for reference in references
    )


def test_the_license_is_mit(checkout):
    text = (checkout / "LICENSE").read_text()
    assert text.startswith("MIT License\n")
    assert "The aelatent contributors" in text
