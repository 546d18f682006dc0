"""A sample of the kill tests; the scripts beside this file do as many as one likes."""

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot fork")
@pytest.mark.parametrize(
    ("script", "arguments", "expected"),
    [
        ("training.py", ["--random", "0"], "every file operation: "),
        ("encoding.py", ["--random", "5"], "all resumed"),
    ],
)
def test_whatever_is_killed_is_whole_and_resumes(script, arguments, expected):
    command = [sys.executable, "-W", "error", str(HERE / script), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert expected in done.stdout


def test_a_kill_is_told_from_an_end(tmp_path):
    """The tools themselves: a child that is not killed must not count as killed."""
    code = (
        "from kills import killed_at, killed_after; from pathlib import Path; import time\n"
        f"work = lambda: Path({str(tmp_path)!r}, 'a').write_text('x')\n"
        "print(killed_at(work, 0), killed_at(work, 5), killed_after(work, 60),"
        " killed_after(lambda: time.sleep(60), 0.1))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=HERE
    )
    assert done.stdout.split() == ["True", "False", "False", "True"]
