"""Every dependency is pinned and listed with its license; what runs is under no strong copyleft."""

import re
import tomllib
from email.message import Message
from importlib.metadata import PackageNotFoundError, version

import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CARD = "tensorflow numpy pandas scikit-learn matplotlib seaborn ipywidgets jupyterlab".split()
LOCKS = ("requirements.lock", "requirements-dev.lock")
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([0-9][A-Za-z0-9.+!]*)(?: ; (.+))?$")
SYSTEMS = [("linux", "posix", "Linux"), ("darwin", "posix", "Darwin"), ("win32", "nt", "Windows")]
ROW = re.compile(r"^\| ([a-z0-9][a-z0-9._-]*) \| (run|develop) \| ([^|]+) \| ([^|]*) \|$", re.M)
STRONG = re.compile(r"(?<!L)GPL|SSPL|EUPL|OSL|CC-BY-NC|not known", re.IGNORECASE)


@pytest.fixture
def tool(load_tool):
    return load_tool("dependencies")


@pytest.fixture
def listed(checkout):
    """Return {name: (run or develop, license, what for)} of the page."""
    text = (checkout / "docs" / "dependencies.md").read_text()
    return {name: rest for name, *rest in ROW.findall(text)}


@pytest.fixture
def pyproject(checkout):
    return tomllib.loads((checkout / "pyproject.toml").read_text())


@pytest.mark.parametrize("lock", LOCKS)
@pytest.mark.parametrize("python", ["3.11", "3.13"])
@pytest.mark.parametrize(("sys_platform", "os_name", "system"), SYSTEMS)
def test_every_dependency_is_pinned_within_its_range(
    checkout, pyproject, lock, python, sys_platform, os_name, system
):
    here = {"sys_platform": sys_platform, "os_name": os_name, "platform_system": system}
    here |= {"python_version": python, "python_full_version": f"{python}.1"}
    lines, pins = (checkout / lock).read_text().splitlines(), {}
    assert [line for line in lines if not PIN.match(line)] == []  # no addresses, no options
    for name, pinned, marker in (PIN.match(line).groups() for line in lines):
        if marker is None or Marker(marker).evaluate(here):
            assert name not in pins, f"{name} is pinned twice on {system}, Python {python}"
            pins[name] = pinned
    asked = pyproject["project"]["dependencies"] + pyproject["build-system"]["requires"]
    if "dev" in lock:
        asked += pyproject["dependency-groups"]["dev"]
    for requirement in map(Requirement, asked):
        assert pins[canonicalize_name(requirement.name)] in requirement.specifier, requirement


def test_conda_users_get_the_same(checkout, pyproject):
    environment = yaml.safe_load((checkout / "environment.yml").read_text())
    packages = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    conda = {Requirement(entry).name: Requirement(entry).specifier for entry in packages}
    asked = {r.name: r.specifier for r in map(Requirement, pyproject["project"]["dependencies"])}
    python = Requirement("python" + pyproject["project"]["requires-python"]).specifier
    assert conda.pop("pip") is not None
    assert conda == {name: asked[name] for name in CARD} | {"python": python}
    assert environment["dependencies"][-1] == {"pip": ["-e ."]}


def test_all_packages_are_listed_and_what_runs_is_told_from_what_develops(listed, tool):
    lab, every = map(tool.locked, LOCKS)
    assert list(listed) == sorted(every)
    assert {name for name, (what, *_) in listed.items() if what == "run"} == lab.keys()
    assert lab == {name: pin for name, pin in every.items() if name in lab}
    assert not {"pytest", "ruff", "sphinx", "mutmut", "hypothesis", "playwright"} & lab.keys()


def test_licenses_are_those_of_the_packages(listed, tool):
    compared = 0
    for name, pin in tool.locked("requirements-dev.lock").items():
        try:
            same = version(name) == pin
        except PackageNotFoundError:
            same = name in tool.UNTOLD  # for another system: what the tool knows of it
        if same:
            assert listed[name][1] == tool.license_of(name), name
            compared += 1
    assert compared > len(listed) // 2


def test_nothing_that_runs_is_under_a_strong_copyleft(listed):
    running = {name: told for name, (what, told, _) in listed.items() if what == "run"}
    assert [name for name, told in running.items() if STRONG.search(told)] == []
    assert all(STRONG.search(text) for text in ("GPL-3.0-or-later", "AGPL-3.0", "GPLv2"))
    assert not any(STRONG.search(text) for text in ("LGPL-2.1", "MPL-2.0", "BSD", "MIT"))


@pytest.mark.parametrize(
    ("text", "spdx"),
    [
        ("Apache Software License", "Apache-2.0"),
        ("BSD 3-Clause License", "BSD-3-Clause"),
        ("MPL-2.0 AND MIT", "MPL-2.0 AND MIT"),
        ("Copyright (c) 2015, matplotlib project", None),
    ],
)
def test_spellings_of_licenses(tool, text, spdx):
    assert tool._spdx(text) == spdx


def test_a_package_without_a_license_is_refused(tool, monkeypatch):
    monkeypatch.setattr(tool, "metadata", lambda name: Message())
    with pytest.raises(ValueError, match=r"metadata of numpy name no license.*UNTOLD"):
        tool.license_of("numpy")
