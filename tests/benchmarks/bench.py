"""Benchmarks: rows that time this project and a reference side by side, as a Markdown table.

Each row runs in a process of its own, so that its memory and its threads are its own; one that
fails is reported with its error, and the others run all the same.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from aelatent._files import read_json, write_json, write_text
from benchmarks.machine import describe
from benchmarks.report import markdown
from benchmarks.rows import ROWS, chosen

QUICK = 0.02  # of the sizes
PATIENCE = 20  # seconds that a stopped row has to remove its files
TESTS = Path(__file__).resolve().parents[1]


def main(arguments: list[str] | None = None) -> int:
    """Measure the rows asked for, print the table, and return the exit status."""
    asked = read_arguments(arguments)
    if asked.list:
        for name, row in ROWS.items():
            print(f"{name:18}{row.what}{' (only when named)' if row.asked else ''}")
        return 0
    results, stopped = {"machine": describe(), "scale": asked.scale, "rows": {}}, False
    try:
        for number, name in enumerate(asked.rows, start=1):
            say(f"{number}/{len(asked.rows)} {name} ... ", end="")
            results["rows"][name] = row = measured(name, asked)
            say(f"{'failed after ' if 'error' in row else ''}{row['seconds']:.0f} s")
            if asked.out:
                write_text(asked.out, markdown(results))
                write_json(asked.out.with_suffix(".json"), results)
    except KeyboardInterrupt:
        say("stopped")
        stopped = True
    print(markdown(results), end="")
    return 1 if stopped or any("error" in row for row in results["rows"].values()) else 0


def read_arguments(arguments):
    """Return the options, checked."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="*", metavar="ROW", help="rows to run (--list shows them)")
    parser.add_argument("--list", action="store_true", help="list the rows, and do nothing else")
    parser.add_argument("--scale", type=float, default=1.0, help="factor of all sizes, up to 1")
    parser.add_argument("--quick", action="store_true", help=f"--scale {QUICK} --rounds 1")
    parser.add_argument("--rounds", type=int, help="of each side (default: the row's own)")
    parser.add_argument("--out", type=Path, help="write the table there, and .json beside it")
    asked = parser.parse_args(arguments)
    if asked.quick:
        asked.scale, asked.rounds = QUICK, asked.rounds or 1
    if not 0 < asked.scale <= 1:
        parser.error(f"--scale must lie above 0 and not above 1; got {asked.scale:g}.")
    if asked.rounds is not None and asked.rounds < 1:
        parser.error(f"--rounds must be at least 1; got {asked.rounds}.")
    if asked.out and (asked.out.suffix == ".json" or not asked.out.absolute().parent.is_dir()):
        parser.error(f"--out must name a Markdown file in a folder that exists; got {asked.out}.")
    try:
        asked.rows = chosen(asked.rows)
    except ValueError as error:
        parser.error(str(error))
    return asked


def measured(name: str, asked) -> dict:
    """Run a row in a process of its own; return what it wrote, or its error."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "row.json")
        command = [sys.executable, "-m", "benchmarks.measure", name, str(file)]
        command += ["--scale", str(asked.scale)]
        command += ["--rounds", str(asked.rounds)] if asked.rounds else []
        path = os.pathsep.join(filter(None, (str(TESTS), os.environ.get("PYTHONPATH"))))
        begun = time.perf_counter()
        status, said = run(command, {**os.environ, "PYTHONPATH": path})
        spent = {"seconds": time.perf_counter() - begun}
        if status == 0 and file.is_file():
            return read_json(file) | spent
    said = said.strip() or "it said nothing"
    say(f"\n{said}")
    return spent | {"error": f"{said.splitlines()[-1]} (exit status {status})"}


def run(command: list[str], environment: dict[str, str]) -> tuple[int, str]:
    """Return a program's exit status and all that it said."""
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(
        command, env=environment, **pipes, text=True, errors="replace"
    ) as process:
        try:
            said, _ = process.communicate()
        except KeyboardInterrupt:  # a terminal sends it to the program, too, which then tidies up
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=PATIENCE)
            process.kill()
            raise
    return process.returncode, said


def say(text: str, end: str = "\n") -> None:
    print(text, end=end, file=sys.stderr, flush=True)
