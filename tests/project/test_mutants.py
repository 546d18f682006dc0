"""tools/mutants.py: what is mutated, what is not, and whether it tells noticed from unnoticed."""

import subprocess
import sys
from pathlib import Path

import pytest

CODE = '''
import warnings

from tqdm import tqdm

LEAST = 3


def take(values: list[int] = None, *, progress: bool = True) -> int:
    """Add values of at least 3."""
    if len(values) == 0:
        raise ValueError(f"no values: {values[:9]}; at least {1 + 1}")
    warnings.warn("slow", stacklevel=2)
    total = 0
    for value in tqdm(values, "adding", leave=2 > 1):
        if value >= LEAST:
            total += value
    return other(total, progress=not progress)
'''
CHECKED = """
from functools import cached_property


def larger(a, b):
    return b if a < b else a


def unchecked(a):
    return a - 1


def counted(n):
    while n > 0:
        n -= 1
    return n


def shared(a):
    return a * 2


class Box:
    def __init__(self, side):
        self.side = side

    @property
    def area(self):
        return self.side**2

    @cached_property
    def edge(self):
        return self.side + 1
"""
CHECKS = """
import pytest
from aelatent.sizes import Box, counted, larger, shared


@pytest.fixture(scope="module")
def doubled():
    return shared(4)


@pytest.fixture(scope="module")
def box():
    return Box(3)


def test_use(doubled, box):
    assert box.edge
    assert larger(1, 2) == larger(2, 1) == 2


def test_value(doubled):
    assert doubled == 8


def test_end():
    assert counted(2) == EXPECTED
    assert Box(3).area > 0


def test_edge(box):
    assert box.edge == 4  # kept since the first test
"""
SETTINGS = """
[tool.pytest.ini_options]
filterwarnings = ["error"]

[tool.mutmut]
source_paths = ["aelatent"]
"""
RUN = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import mutant_trials, mutants
mutant_trials.SPARE = 1
where = Path.cwd()
print(mutants.measure(where, where / "out" / "left.txt", sources=["aelatent"], tests=["tests"]))
"""


def changes(load_tool, code):
    written, made = load_tool("mutant_making").make_mutants(Path("aelatent/sums.py"), code)
    compile(written, "sums.py", "exec")
    return {
        tuple(line[1:].strip() for line in mutant.diff.splitlines() if line[0] in "+-")
        for mutant in made
    }


@pytest.fixture
def in_project(checkout, monkeypatch):
    monkeypatch.chdir(checkout)  # mutmut's settings
    monkeypatch.syspath_prepend(checkout / "tools")


def test_texts_and_bars_are_not_mutated_what_counts_is(load_tool, in_project):
    found = changes(load_tool, CODE)
    assert ("if value >= LEAST:", "if value > LEAST:") in found
    assert ("total += value", "total -= value") in found
    before = {first for first, *_ in found}
    assert not [line for line in before if "raise" in line or "warn" in line or "def " in line]
    assert not [line for line in before if line.startswith(("for", "LEAST", '"""'))]
    last = [pair for pair in found if pair[0].startswith("return")]
    assert last
    assert all("progress=not progress" in after for _, after in last)


def test_mutants_are_the_same_each_time(load_tool, in_project):
    make = load_tool("mutant_making").make_mutants
    first, second = (make(Path("aelatent/sums.py"), CODE) for _ in range(2))
    assert first[0] == second[0]
    names = [mutant.name for mutant in first[1]]
    assert names == [mutant.name for mutant in second[1]]
    assert len(set(names)) == len(names)


def tried(folder, checkout, expected):
    for name, text in (("aelatent/sizes.py", CHECKED), ("tests/test_sizes.py", CHECKS)):
        (folder / name).parent.mkdir()
        (folder / name).write_text(text.replace("EXPECTED", expected))
    (folder / "pyproject.toml").write_text(SETTINGS)
    command = [sys.executable, "-c", RUN, str(checkout / "tools")]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_toy_project_is_measured(tmp_path, checkout):
    done = tried(tmp_path, checkout, "0")
    assert done.returncode == 0, done.stderr
    heading, row, total, _ = done.stdout.splitlines()
    assert heading.split() == "mutants tried killed timed out survived share".split()
    made, number, killed, late, alive = map(int, row.split()[1:-1])
    assert row.split()[1:] == total.split()[1:]
    assert made == number == killed + late + alive
    assert late == 2  # `n += 1` and `n = 1` do not end
    left = (tmp_path / "out/left.txt").read_text()
    assert left.count("\n@@ ") == alive
    assert "-    return a - 1\n+    return a + 1" in left
    assert "-    return b if a < b else a\n+    return b if a <= b else a" in left
    # The fixture's function is checked by another test than the one that sets it up.
    assert "-    return a * 2" not in left
    assert "-        return self.side + 1" not in left
    # A property, of which hardly anything is checked.
    assert "-        return self.side**2\n+        return self.side**3" in left
    assert (tmp_path / "aelatent/sizes.py").read_text() == CHECKED


def test_failing_tests_are_an_error(tmp_path, checkout):
    done = tried(tmp_path, checkout, "1")
    assert done.returncode != 0
    assert "the tests do not pass on the code as it is" in done.stderr
    assert "assert 0 == 1" in done.stderr
