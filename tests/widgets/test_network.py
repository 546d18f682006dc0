"""The network of the page: its binary belongs to its source, and its script is a fragment."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
STATIC = CHECKOUT / "aelatent" / "widgets" / "static"
VERSION = "14.0.6"  # of Debian 12; another makes other bytes of the same source


def lacks(reason):
    """Skip, or fail where the compiler is required."""
    if os.environ.get("AELATENT_REQUIRE_CLANG") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def test_the_binary_is_what_its_source_compiles_to(tmp_path):
    if missing := [name for name in ("make", "clang", "wasm-ld") if not shutil.which(name)]:
        lacks(f"network.wasm is not built again: {', '.join(missing)} not found")
    said = subprocess.run(["clang", "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"clang version ([\d.]+)", said)[1]
    if found != VERSION:
        lacks(f"network.wasm is not built again: that takes clang {VERSION}, found {found}")
    built, kept = tmp_path / "network.wasm", STATIC / "network.wasm"
    done = subprocess.run(
        ["make", "kernel", f"OUT={built}"], cwd=CHECKOUT, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert built.read_bytes() == kept.read_bytes(), "network.wasm is old: run `make kernel`"
    assert len(kept.read_bytes()) < 10_000  # it travels with every page


def test_the_script_is_a_fragment_of_functions():
    script = (STATIC / "network.js").read_text(encoding="utf-8")
    top = [line for line in script.splitlines() if re.match(r"[^\s/}]", line)]
    assert len(top) > 5
    assert all(re.match(r"(async )?function network\w+\(", line) for line in top)
    for name in ("network.c", "network.js"):
        text = (STATIC / name).read_text(encoding="utf-8")
        assert max(map(len, text.splitlines())) <= 100
