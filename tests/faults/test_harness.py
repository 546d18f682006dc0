"""The tools of the faults themselves: they must see a kill, an error, a difference, a failure."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from harness import Tally, chosen, table, try_family
from survey import clear

HERE = Path(__file__).parent


def told(code, folder):
    """Return what code prints as JSON; it runs in a process that may fork."""
    head = "import json, time; from pathlib import Path; from children import *"
    code = f"{head}\nhere = Path({str(folder)!r})\n{code}"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, cwd=HERE
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
class TestChildren:
    def test_changes_of_files_are_seen_and_nothing_else(self, tmp_path):
        code = """
def work():
    with open(here / "a", "w") as file:
        file.write("x")
        os.fsync(file.fileno())
    (here / "a").read_text()
    os.replace(here / "a", here / "b")
    (here / "b").unlink()
print(json.dumps(changes(work)))"""
        assert told(code, tmp_path) == ["open", "os.fsync", "os.rename", "os.remove"]

    @pytest.mark.parametrize(("lasting", "left"), [(False, ["b"]), (True, [])])
    def test_a_disk_fails_once_or_from_then_on(self, tmp_path, lasting, left):
        code = f"""
def work():
    for name in "ab":
        try:
            (here / name).write_text("x")
        except OSError as error:
            assert error.errno == errno.ENOSPC
end = failing_from(work, 0, errno.ENOSPC, {lasting})
print(json.dumps([end.how, sorted(p.name for p in here.iterdir())]))"""
        assert told(code, tmp_path) == ["well", left]

    def test_a_check_sees_what_is_lost_and_what_nobody_made(self, tmp_path):
        code = """
import sys
sys.path.insert(0, "..")
import works
world = works.World(here / "world")
said = []
history = lambda data: data / "runs/kept/history.csv"
for number, damage in enumerate((
    lambda data: None,
    lambda data: (data / "runs/kept/z_points.json").unlink(),
    lambda data: history(data).write_text(history(data).read_text().replace(",1.5,1.0", ",9,1.0")),
    lambda data: (data / "runs/kept/stray").write_text("x"),
)):
    data = world.begin("packing", here / str(number))
    damage(data)
    for look in (world.check, world.go_on):
        try:
            look("packing", data)
        except AssertionError as error:
            said.append(str(error))
print(json.dumps(said))"""
        said = told(code, tmp_path)
        assert "run kept was finished before and is lost" in said[0]
        assert "missing: ['runs/kept/z_points.json']" in said[1]
        assert said[2] == "history of run kept is taken for whole, but holds what nobody made"
        assert said[-1] == "left over: ['runs/kept/stray']"


def test_failures_are_counted_and_can_be_repeated(tmp_path, capsys):
    def bad(folder, rng):
        assert not list(folder.iterdir())
        (folder / "x").mkdir()
        raise AssertionError("it broke")

    kinds = {"one": [lambda folder, rng: rng.random() < 2, lambda *_: False], "two": [bad, bad]}
    tallies = try_family("name", kinds, {0, 1, 2, 3}, 5, tmp_path)
    assert tallies == [Tally("name", "one", 2, 1, 0), Tally("name", "two", 2, 0, 2)]
    said = capsys.readouterr().out
    assert "python tests/faults name --only 2 --seed 5" in said
    assert "it broke" in said
    assert table(tallies, 1).splitlines()[-1].split()[-4:] == ["4", "3", "1", "2"]


def test_a_sample_holds_each_kind_and_depends_on_the_seed():
    kinds = {"a": [None] * 50, "b": [None] * 3, "c": [None] * 50}
    assert chosen(kinds, None, 0) == set(range(103))
    few = sorted(chosen(kinds, 3, 0))
    assert few[0] < 50 <= few[1] < 53 <= few[2]
    assert len(chosen(kinds, 20, 0)) == 20
    assert chosen(kinds, None, 0, only=102) == {102}
    with pytest.raises(ValueError, match="has the cases 0 to 102; got 103"):
        chosen(kinds, None, 0, only=103)
    assert chosen(kinds, 20, 0) != chosen(kinds, 20, 1)


@pytest.mark.parametrize(
    ("kind", "message", "expected"),
    [
        ("ValueError", "/data/runs/a/run.json is damaged. Train the run again.", True),
        ("ValueError", "/data/runs/a/run.json is damaged.", False),
        ("ValueError", "something is damaged. Train again.", False),
        ("KeyError", "/data/runs/a/run.json is damaged. Train the run again.", False),
        ("OSError", "[Errno 28] No space left on device", False),
    ],
)
def test_what_a_clear_error_is(kind, message, expected):
    assert clear(kind, message) == expected
