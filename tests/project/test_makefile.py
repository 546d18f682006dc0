"""The Makefile: its list of commands, README's table of them, and its answer without a Python."""

import os
import re
import shutil
import subprocess

import pytest

MAKE = shutil.which("make")
pytestmark = pytest.mark.skipif(MAKE is None, reason="needs make")


def make(checkout, *arguments, **environment):
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    inherited.pop("PYTHON", None)
    return subprocess.run(
        [MAKE, "--no-print-directory", *arguments],
        cwd=checkout,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
    )


def test_make_alone_lists_the_commands(checkout):
    done = make(checkout)
    assert done.returncode == 0, done.stderr
    listed = set(re.findall(r"^make (\w+) +\S", done.stdout, flags=re.MULTILINE))
    targets = re.search(r"^\.PHONY: (.*)$", (checkout / "Makefile").read_text(), re.MULTILINE)
    assert {*targets[1].split()} == {*listed, "setup", "setup-lab"}


@pytest.mark.parametrize(
    ("target", "kind"),
    [("lab", "lab"), ("calibrate", "lab"), ("test", "dev"), ("book", "dev"), ("lint", "dev")],
)
def test_commands_set_up_first_and_only_what_they_need(checkout, target, kind):
    dry = make(checkout, "--dry-run", target).stdout
    assert dry.startswith("for python in")
    assert re.findall(r"tools/setup_env\.py (\w+);", dry) == [kind]


def test_options_reach_the_tools(checkout):
    lab = make(checkout, "--dry-run", "lab", "LAB_ARGS=--no-browser --port=8901").stdout
    assert lab.splitlines()[-3:] == [
        ".venv/bin/python -m aelatent data portraits",
        ".venv/bin/python -m aelatent encode portraits",
        ".venv/bin/python tools/lab.py --no-browser --port=8901",
    ]
    book = make(checkout, "--dry-run", "book", "RUN=celeba-10k", "OUT=my pages").stdout
    assert book.splitlines()[-1].endswith('tools/book.py --run "celeba-10k" --out "my pages"')


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
