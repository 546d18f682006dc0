"""A sample of each family of faults; `make faults` tries all their cases."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from harness import FAMILIES

# TensorFlow's C++ parts tell on some machines that they found no GPU.
LOGGED = re.compile(r"[IWE]\d{4} |WARNING: All log messages before absl")
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")


def faults(*options):
    command = [sys.executable, "-W", "error", Path(__file__).parent, *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=500)


@pytest.fixture(scope="module")
def sample():
    return faults("--sample")


@pytest.mark.parametrize("family", FAMILIES)
def test_a_sample_of_the_cases_is_survived(sample, family):
    lines = [line for line in sample.stdout.splitlines() if line.startswith(f"{family} ")]
    counts = [[int(count) for count in line.split()[-4:]] for line in lines]
    tried, struck, survived, failed = (sum(column) for column in zip(*counts, strict=True))
    assert failed == 0, sample.stdout
    assert 0 < survived == struck <= tried


def test_the_sample_ends_well_and_without_a_warning(sample):
    assert sample.returncode == 0, sample.stdout + sample.stderr
    assert [line for line in sample.stderr.splitlines() if not LOGGED.match(line)] == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["earthquakes"], "family must be one of trainings, kills"),
        (["--only", "3"], "--only needs the name of one family"),
    ],
)
def test_unusable_options_are_refused(options, said):
    done = faults(*options)
    assert (done.returncode, said in done.stderr) == (2, True)
