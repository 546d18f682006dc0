"""The Makefile: set-up first, options passed on, its answer without a Python, what it removes."""

import os
import re
import shutil
import subprocess

import pytest

MAKE = shutil.which("make")
pytestmark = pytest.mark.skipif(MAKE is None, reason="needs make")


def make(checkout, *arguments, **environment):
    kept = {k: v for k, v in os.environ.items() if not k.startswith("MAKE") and k != "PYTHON"}
    command = [MAKE, "--no-print-directory", *arguments]
    environment = {**kept, **environment}
    return subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("arguments", "kind", "last"),
    [
        (["lab", "LAB_ARGS=--no-browser"], "lab", "-m aelatent lab --no-browser"),
        (["calibrate"], "lab", 'tools/calibrate.py "portraits"'),
        (["book", "RUN=a-b", "OUT=my pages"], "dev", 'tools/book.py --run "a-b" --out "my pages"'),
        (["book", "PUBLISH=1"], "dev", " --publish"),
        (["test", "TEST_ARGS=-k x"], "dev", "--numprocesses=2 --dist=loadfile -k x"),
    ],
)
def test_commands_set_up_what_they_need_and_pass_options_on(checkout, arguments, kind, last):
    dry = make(checkout, "--dry-run", *arguments).stdout
    assert dry.startswith("for python in")
    assert re.findall(r"tools/setup_env\.py (\w+);", dry) == [kind]
    assert dry.rstrip().endswith(last)


def test_without_any_python_there_is_one_sentence(checkout, tmp_path):
    (tmp_path / "sh").symlink_to(shutil.which("sh"))
    done = make(checkout, "test", PATH=str(tmp_path))
    assert done.returncode != 0
    assert "needs Python 3.11 to 3.13, but no python3 is on PATH" in done.stderr


def test_clean_keeps_the_environment_and_the_data(checkout, tmp_path):
    shutil.copy(checkout / "Makefile", tmp_path)
    kept = [".venv/lib/__pycache__/x.pyc", "data/stores/mine/images.npy", "notebooks/00.ipynb"]
    removed = ["book/index.html", ".pytest_cache/x", "aelatent/plots/__pycache__/x.pyc"]
    for name in [*kept, *removed]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert make(tmp_path, "clean").returncode == 0
    assert all((tmp_path / name).exists() for name in kept)
    assert not any((tmp_path / name).parent.exists() for name in removed)
