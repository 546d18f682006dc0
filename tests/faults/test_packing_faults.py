"""A small sample of the cases of packing.py; the script runs many more."""

import subprocess
import sys
from pathlib import Path


def test_a_sample_of_kills_and_faults_is_survived():
    script = Path(__file__).with_name("packing.py")
    options = ["--random", "4", "--others", "1", "--step", "7", "--photos", "300"]
    done = subprocess.run(
        [sys.executable, script, *options], capture_output=True, text=True, timeout=400
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "FAILED" not in done.stdout
