"""tools/mutants.py: what is mutated, what is not, and whether it tells noticed from unnoticed."""

import difflib
import json
import subprocess
import sys

import pytest

CODE = '''
LEAST = 3


def take(values: list[int] = None, *, progress: bool = True) -> int:
    """Add values of at least 3."""
    if len(values) == 0:
        raise ValueError(f"no values: {values[:9]}; at least {1 + 1}")
    warnings.warn("slow", stacklevel=2)
    total = 0
    for value in Bar(values, "adding", leave=2 > 1):
        if value >= LEAST:
            total += value
    return other(total, progress=not progress)
'''
CHECKED = """
def larger(a, b):
    return b if a < b else a


def unchecked(a):
    return a - 1


def counted(n):
    while n > 0:
        n -= 1
    return n


class Box:
    side = 3

    @property
    def area(self):
        return self.side**2
"""
CHECKS = """
from aelatent.sizes import Box, counted, larger


def test_all():
    assert larger(1, 2) == larger(2, 1) == 2
    assert counted(2) == EXPECTED
    assert Box().area > 0
"""
SETTINGS = """
[tool.pytest.ini_options]
filterwarnings = ["error"]

[tool.mutmut]
source_paths = ["aelatent"]
"""
RUN = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import mutants
mutants.SPARE = 1
chosen = mutants.pick(Path.cwd(), ["aelatent/*.py"], 1000, 0)
print(mutants.report(chosen, mutants.measure(Path.cwd(), chosen, ["tests/test_*.py"])))
"""


def test_texts_and_bars_are_not_mutated_what_counts_is(load_tool, checkout, monkeypatch, tmp_path):
    monkeypatch.chdir(checkout)  # mutmut's settings
    (tmp_path / "sums.py").write_text(CODE)
    chosen, *few = (
        load_tool("mutants").pick(tmp_path, ["sums.py"], n, seed)
        for n, seed in ((1000, 0), (3, 1), (3, 1), (3, 2))
    )
    assert few[0] == few[1] != few[2]
    found = set()
    for _, before, after in chosen.values():
        compile(after, "sums.py", "exec")
        lines = difflib.ndiff(before.splitlines(), after.splitlines())
        found.add(tuple(line[2:].strip() for line in lines if line[0] in "+-"))
    assert ("if value >= LEAST:", "if value > LEAST:") in found
    assert ("total += value", "total -= value") in found
    before = {first for first, *_ in found}
    assert not [line for line in before if "raise" in line or "warn" in line or "def " in line]
    assert not [line for line in before if line.startswith(("for", "LEAST", '"""'))]
    last = [after for before, after in found if before.startswith("return")]
    assert last
    assert all("progress=not progress" in after for after in last)


@pytest.fixture
def measured(tmp_path, checkout):
    """Return a function that measures a toy project whose tests expect a number."""

    def measure(expected):
        for name, text in (("aelatent/sizes.py", CHECKED), ("tests/test_sizes.py", CHECKS)):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text.replace("EXPECTED", expected))
        (tmp_path / "pyproject.toml").write_text(SETTINGS)
        command = [sys.executable, "-c", RUN, str(checkout / "tools")]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    return measure


def test_a_toy_project_is_measured_and_gone_on_with(measured, tmp_path):
    done = measured("0")
    assert done.returncode == 0, done.stderr
    (kept,) = (tmp_path / "build").iterdir()
    passed, *lines = kept.read_text().splitlines(keepends=True)
    assert json.loads(passed)[0] == "tests/test_sizes.py"
    fates = dict(map(json.loads, lines))
    counts = {fate: [*fates.values()].count(fate) for fate in ("noticed", "late", "survived")}
    assert counts["late"] == 2  # `n += 1` and `n = 1` do not end
    assert done.stdout.count("\n@@ ") == counts["survived"] > 2
    assert f"of {len(fates)} mutants noticed (95 % interval " in done.stdout
    assert "-    return a - 1\n+    return a + 1" in done.stdout
    assert "-    return b if a < b else a\n+    return b if a <= b else a" in done.stdout
    # A property, of which hardly anything is checked.
    assert "-        return self.side**2\n+        return self.side**3" in done.stdout
    assert (tmp_path / "aelatent/sizes.py").read_text() == CHECKED
    kept.write_text("".join([passed, *lines[1:]]))  # as if one were left
    again = measured("0")
    assert kept.read_text() == "".join([passed, *lines[1:], lines[0]])
    assert "1/1" in again.stderr


def test_failing_tests_are_an_error(measured):
    done = measured("1")
    assert done.returncode != 0
    assert "test_sizes.py fails" in done.stderr
    assert "assert 0 == 1" in done.stderr
