"""Every dependency is listed with its license, and none that runs is under a strong copyleft."""

import re
from importlib.metadata import PackageNotFoundError, version

import pytest

ROW = re.compile(r"^\| (?!package )([a-z0-9][a-z0-9._-]*) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
STRONG = re.compile(r"(?<!L)GPL|SSPL|EUPL|OSL|CC-BY-NC", re.IGNORECASE)


@pytest.fixture
def tool(load_tool):
    return load_tool("dependencies")


@pytest.fixture
def listed(checkout):
    """Return the three tables: [{name: (second column, license)}, ...]."""
    text = (checkout / "docs" / "dependencies.md").read_text()
    parts = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    assert len(parts) == 3
    return [{name: (what, told) for name, what, told in ROW.findall(part)} for part in parts]


def test_all_locked_packages_are_listed(listed, checkout):
    lines = (checkout / "requirements.lock").read_text().splitlines()
    assert list(listed[2]) == sorted({line.partition("==")[0] for line in lines})


def test_what_the_project_asks_for_is_listed_with_its_purpose(listed, tool):
    to_run, to_develop = tool.direct()
    assert (list(listed[0]), list(listed[1])) == (to_run, to_develop)
    assert sorted(tool.PURPOSE) == sorted([*to_run, *to_develop])
    shown = {name: what for table in listed[:2] for name, (what, _) in table.items()}
    assert shown == tool.PURPOSE


def test_licenses_are_those_of_the_packages(listed, tool, checkout):
    pins = dict(
        line.partition(" ; ")[0].split("==")
        for line in (checkout / "requirements.lock").read_text().splitlines()
    )
    compared = 0
    for table in listed:
        for name, (_, told) in table.items():
            try:
                same = version(name) == pins[name]
            except PackageNotFoundError:
                same = name in tool.UNTOLD  # for another system: what the tool knows of it
            if same:
                assert told == tool.license_of(name), name
                compared += 1
    assert compared > len(pins) // 2


def test_what_runs_is_told_from_what_develops(listed, tool):
    to_run, _ = tool.direct()
    assert {what for what, _ in listed[2].values()} == {"run", "develop"}
    assert all(listed[2][name][0] == "run" for name in to_run)
    assert all(listed[2][name][0] == "develop" for name in ("pytest", "ruff", "sphinx", "mutmut"))
    # asked for by an extra of a package that runs; on other systems; by several ways
    assert all(listed[2][name][0] == "run" for name in ("fqdn", "appnope", "keras"))


def test_nothing_that_runs_is_under_a_strong_copyleft(listed):
    running = {name: told for name, (what, told) in listed[2].items() if what == "run"}
    assert not [name for name, told in running.items() if STRONG.search(told)]
    assert not [name for name, told in running.items() if "not known" in told]


def test_a_weak_copyleft_is_said(listed, checkout):
    said = (checkout / "docs" / "dependencies.md").read_text().partition("## ")[0]
    said = " ".join(said.split())
    weak = {n: told for n, (what, told) in listed[2].items() if what == "run" and "MPL" in told}
    assert {"certifi", "tqdm"} <= weak.keys()
    assert all(f"{name} ({told})" in said for name, told in weak.items())


def test_the_rule_sees_a_strong_copyleft():
    assert all(STRONG.search(text) for text in ("GPL-3.0-or-later", "AGPL-3.0", "GPLv2"))
    assert not any(STRONG.search(text) for text in ("LGPL-2.1", "MPL-2.0", "BSD", "MIT"))


@pytest.mark.parametrize(
    ("text", "spdx"),
    [
        ("Apache Software License", "Apache-2.0"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("BSD 3-Clause License", "BSD-3-Clause"),
        ("3-Clause BSD License", "BSD-3-Clause"),
        ("MIT license", "MIT"),
        ("MPL-2.0 AND MIT", "MPL-2.0 AND MIT"),
        ("UNKNOWN", None),
        ("Copyright (c) 2015, matplotlib project", None),
    ],
)
def test_spellings_of_licenses(tool, text, spdx):
    assert tool._spdx(text) == spdx


def test_a_package_without_a_license_is_refused(tool, monkeypatch):
    monkeypatch.setattr(tool, "metadata", lambda name: Silent())
    with pytest.raises(ValueError, match=r"metadata of numpy name no license.*UNTOLD"):
        tool.license_of("numpy")
    monkeypatch.undo()
    assert tool.license_of("no-such-package") is None


class Silent(dict):
    """Metadata that say nothing."""

    def get_all(self, name, default):
        return default


def test_the_page_names_no_machine_and_no_registry(checkout):
    text = (checkout / "docs" / "dependencies.md").read_text()
    assert not re.search(r"https?://|/home/|/Users/|site-packages|[\w.]+\.(org|io|com)\b", text)
