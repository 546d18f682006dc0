"""Measure what the tests notice: change the code in one place at a time, see whether a test fails.

``python tools/mutants.py [MODULE ...] [--sample N | --all] [--seed S]``. The code of `SOURCES` is
copied to a scratch folder, where mutmut writes every mutant of every function into the modules;
then a seeded sample of them is tried, each in a process of its own, with those tests of `TESTS`
that reach the mutated function. Printed is a table; the survivors, a diff each, go to a file.

Mutants are made by mutmut, but run from here, because its own runner takes no sample, gives what
a shared fixture calls to the first test that uses it alone, and limits no memory. Tests are
imported once, before: what they compute then, outside of functions, comes from the code as it is.
"""

import argparse
import contextlib
import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from mutant_making import make_mutants
from mutant_trials import Trial

CHECKOUT = Path(__file__).resolve().parents[1]
SOURCES = ("aelatent/latent", "aelatent/images/store.py", "aelatent/runs.py")
TESTS = ("tests/latent", "tests/images/test_store.py", "tests/test_runs.py")


def measure(
    root: Path,
    out: Path,
    *,
    sources=SOURCES,
    tests=TESTS,
    modules=(),
    sample: int | None = 600,
    seed: int = 0,
    jobs: int = 2,
) -> str:
    """Try a sample of all mutants, write the survivors to a file and return the table.

    Parameters
    ----------
    root : pathlib.Path
        The checkout; it is copied and not changed.
    out : pathlib.Path
        File for the survivors.
    sources, tests : tuple of str
        Files or folders of the code to mutate, and of the tests, relative to `root`.
    modules : tuple of str
        Last names of the modules to take; default: all.
    sample : int, optional
        How many mutants to try; None: all.
    seed : int
        Of the sample.
    jobs : int
        Processes side by side.

    Returns
    -------
    str
        The table, with the share that did not survive and its 95 % interval (Wilson).

    Raises
    ------
    ValueError
        If a module is unknown.
    RuntimeError
        If the tests fail, hang or reach nothing while nothing is changed.
    """
    with tempfile.TemporaryDirectory(prefix="aelatent-mutants-", ignore_cleanup_errors=True) as tmp:
        work, scratch = Path(tmp, "checkout"), Path(tmp, "scratch")
        scratch.mkdir()
        _copy(root, work)
        with _inside(work):
            everything = _mutate(work, sources, modules)
            count = len(everything) if sample is None else min(sample, len(everything))
            chosen = random.Random(seed).sample(everything, count)
            trial = Trial(chosen, scratch, jobs)
            with open(scratch / "log.txt", "w") as log, contextlib.redirect_stdout(log):
                plain = ["-xsqq", "-p", "no:cacheprovider", "-p", "no:xdist"]
                ended = pytest.main([*plain, *tests], [trial])
        if not trial.fates or ended == pytest.ExitCode.INTERNAL_ERROR:
            raise RuntimeError(
                "the tests do not pass on the code as it is, or do not end; see "
                f"`pytest {' '.join(tests)}`.\n{trial.problem or (scratch / 'log.txt').read_text()}"
            )
    chosen = [mutant for mutant in chosen if mutant.name in trial.fates]  # all, if not stopped
    _write_survivors(out, chosen, trial.fates, seed)
    return _table(everything, chosen, trial.fates)


def _copy(root, work):
    work.mkdir()
    for part in ("aelatent", "tests"):
        shutil.copytree(root / part, work / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "pyproject.toml", work)


@contextlib.contextmanager
def _inside(work):
    """Work in a folder, from which this process and those that tests start import."""
    before, path = dict(os.environ), list(sys.path)
    sys.path.insert(0, str(work))
    os.environ["PYTHONPATH"] = str(work)
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # threads forbid a fork
    os.environ["CI"] = "1"  # hypothesis tries the same examples each time
    try:
        with contextlib.chdir(work):
            yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        sys.path[:] = path


def _mutate(work, sources, modules):
    files = []
    for source in sources:
        path = work / source
        files += sorted(path.rglob("*.py")) if path.is_dir() else [path]
    mutants = []
    for path in files:
        if not modules or path.stem in modules:
            code, made = make_mutants(path.relative_to(work), path.read_text(encoding="utf-8"))
            path.write_text(code, encoding="utf-8")
            mutants += made
    unknown = set(modules) - {path.stem for path in files}
    if unknown:
        known = ", ".join(path.stem for path in files)
        raise ValueError(f"no module named {', '.join(sorted(unknown))}; there are: {known}.")
    return mutants


def _write_survivors(out, chosen, fates, seed):
    parts = [f"Survivors of {len(chosen)} mutants, seed {seed}\n"]
    for mutant in sorted(chosen, key=lambda mutant: mutant.name):
        if fates[mutant.name] == "survived":
            parts.append(f"{mutant.name}\n{mutant.diff}\n")
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(f".{out.name}.tmp")
    partial.write_text("\n".join(parts), encoding="utf-8")
    partial.replace(out)


def _table(everything, chosen, fates):
    from scipy.stats import binomtest

    columns = ("mutants", "tried", "killed", "timed out", "survived")
    rows = {}
    for mutant in everything:
        rows.setdefault(mutant.module, Counter())["mutants"] += 1
    for mutant in chosen:
        rows[mutant.module].update(["tried", fates[mutant.name]])
    rows["total"] = sum(rows.values(), Counter())
    width = max(map(len, rows))
    lines = [" " * width + "".join(f"{column:>11}" for column in columns) + "      share"]
    for name, row in rows.items():
        share = 1 - row["survived"] / row["tried"] if row["tried"] else float("nan")
        lines.append(
            f"{name:<{width}}" + "".join(f"{row[c]:>11,}" for c in columns) + f"{share:>11.1%}"
        )
    tried, survived = rows["total"]["tried"], rows["total"]["survived"]
    low, high = binomtest(tried - survived, tried).proportion_ci(method="wilson")
    lines.append(f"noticed: {1 - survived / tried:.1%} (95 % interval {low:.1%} to {high:.1%})")
    return "\n".join(lines)


def main() -> None:
    """Read the command line, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*", help="last names of modules (default: all)")
    parser.add_argument("--sample", type=int, default=600, help="mutants to try (600)")
    parser.add_argument("--all", action="store_true", help="try every mutant: many hours")
    parser.add_argument("--seed", type=int, default=0, help="of the sample (0)")
    parser.add_argument("--jobs", type=int, default=2, help="processes side by side (2)")
    parser.add_argument(
        "--out", type=Path, default=CHECKOUT / "build" / "mutants.txt", help="the survivors' file"
    )
    options = parser.parse_args()
    table = measure(
        CHECKOUT, options.out.absolute(), modules=tuple(options.modules), seed=options.seed,
        sample=None if options.all else options.sample, jobs=options.jobs,
    )  # fmt: skip
    print(f"{table}\nsurvivors: {options.out}")


if __name__ == "__main__":
    main()
