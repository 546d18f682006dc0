"""Measure what the tests notice: change the code in one place at a time, see whether a test fails.

Of mutmut's mutants of `SOURCES`, each of a sample is written into a copy of the package, where the
`TESTS` run that load its module. Stopped, the same call goes on: ``build/`` holds what came out.
"""

import argparse
import contextlib
import difflib
import hashlib
import json
import os
import random
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
from multiprocessing import connection, get_context
from pathlib import Path

import libcst as cst
import pytest
import sklearn.manifold  # noqa: F401  # SciPy, too: forked processes have it already
from hypothesis import Phase, settings
from mutmut.mutation.file_mutation import create_mutations, deep_replace
from scipy.stats import binomtest
from tqdm import tqdm

CHECKOUT = Path(__file__).resolve().parents[1]
SOURCES = ("aelatent/latent/**/*.py", "aelatent/images/store.py", "aelatent/runs.py")
TESTS = ("tests/latent/**/test_*.py", "tests/images/test_store.py", "tests/test_runs.py")
SHOWN = {"progress", "desc", "unit", "leave", "disable", "stacklevel", "hint"}
SPARE = 30  # seconds that a mutant may take beside five times what its tests take
# A property becomes a function and an assignment: mutmut leaves decorated functions out.
PROPERTY = re.compile(r"(?m)^( +)@((?:cached_)?property)\n(\1def (\w+)\(.*\n(?:\1 +.*\n|\n)*)")
OPTIONS = "-xqq -p no:xdist -p no:cacheprovider --hypothesis-profile=once"
OPTIONS += " -W ignore::pytest.PytestAssertRewriteWarning"  # of Hypothesis, which is loaded here
# The same examples each time; those that fail are not made smaller.
settings.register_profile("once", deadline=None, derandomize=True, phases=[*Phase][:3])


def shows(node) -> bool:
    """Say whether a node is a text, an error, a warning or a part of a progress bar."""
    if isinstance(node, cst.Call):
        return getattr(getattr(node.func, "attr", node.func), "value", "") in ("warn", "Bar")
    named = getattr(node, "keyword", None) or getattr(node, "name", None)  # of Arg; of Param
    shown = isinstance(node, cst.Arg | cst.Param) and getattr(named, "value", "") in SHOWN
    return shown or isinstance(node, cst.Raise | cst.BaseString)


def mutations(path: Path) -> list[tuple]:
    """Return the changes of a module, each with its tree, in the order of the text."""
    code = PROPERTY.sub(r"\3\1\4 = \2(\4)\n\n", path.read_text(encoding="utf-8"))
    tree, made, _, _ = create_mutations(str(path), code)
    hidden, left = set(), [(tree, False)]
    while left:
        node, inside = left.pop()
        hidden |= {id(node)} if inside or shows(node) else set()
        left += [(child, id(node) in hidden) for child in node.children]

    def counts(one):
        args = [getattr(node, "args", ()) for node in (one.original_node, one.mutated_node)]
        lost = {id(arg) for arg in args[0]} - {id(arg) for arg in args[1]}
        inside = isinstance(one.contained_by_top_level_function, cst.FunctionDef)
        return inside and not hidden & {id(one.original_node), *lost}

    return [(tree, one) for one in made if counts(one)]


def modules(root: Path, patterns) -> list[str]:
    """Return the files of some patterns, relative to the root."""
    return sorted(str(p.relative_to(root)) for pattern in patterns for p in root.glob(pattern))


def pick(root: Path, sources, sample: int, seed: int) -> dict[str, tuple]:
    """Return {name: (file, its text before, and changed)} of a sample of all mutants."""
    every = []
    for file in modules(root, sources):
        every += [(f"{file}:{n}", file, *one) for n, one in enumerate(mutations(root / file))]
    chosen = random.Random(seed).sample(every, min(sample, len(every)))
    return {
        name: (file, tree.code, deep_replace(tree, one.original_node, one.mutated_node).code)
        for name, file, tree, one in chosen
    }


def run_tests(copy: Path, files: list[str], limit: float) -> None:
    """Run test files in a copy of the checkout; the exit status says whether all passed."""
    os.setsid()
    signal.alarm(round(limit))  # which ends it
    out = os.open(copy / "out.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(out, stream)
    resource.setrlimit(resource.RLIMIT_AS, (12 * 2**30, 12 * 2**30))  # bytes of addresses
    os.chdir(copy)
    sys.path.insert(0, str(copy))
    sys.dont_write_bytecode = True  # a file that changes twice in a second would look unchanged
    os.environ |= {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    start, options = time.monotonic(), [*OPTIONS.split(), f"--basetemp={copy / 'tmp'}"]
    status = pytest.main([*options, *files])
    loaded = [name for name in sys.modules if name.startswith("aelatent")]
    (copy / "done.json").write_text(json.dumps([time.monotonic() - start, loaded]))
    os._exit(int(status))


def trials(copies: list[Path], todo: list[tuple]):
    """Yield (name, exit status, copy) of (name, file, its text, tests, most seconds)."""
    free, running, fork = [*copies], {}, get_context("fork")
    try:
        while todo or running:
            while todo and free:
                (name, file, text, *asked), *todo = todo
                copy = free.pop()
                path, before = copy / file, (copy / file).read_text(encoding="utf-8")
                path.write_text(text, encoding="utf-8")
                process = fork.Process(target=run_tests, args=(copy, *asked))
                process.start()
                running[process.sentinel] = process, name, copy, path, before
            for process, name, copy, path, before in map(running.pop, connection.wait(running)):
                end(process)
                yield name, process.exitcode, copy
                path.write_text(before, encoding="utf-8")
                free.append(copy)
    finally:
        for process, *_ in running.values():
            end(process)


def end(process) -> None:
    """End a process and all that it has started."""
    with contextlib.suppress(ProcessLookupError):  # it left nothing behind
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.join()


def measure(root: Path, chosen: dict[str, tuple], tests) -> dict[str, str]:
    """Try mutants, or what an earlier call has left of them; return {name: fate}."""
    files = {file: (root / file).read_text(encoding="utf-8") for file in modules(root, tests)}
    key = hashlib.sha256(repr([chosen, files]).encode()).hexdigest()[:16]
    (root / "build").mkdir(exist_ok=True)
    with (
        open(root / "build" / f"mutants-{key}.txt", "a+") as kept,
        tempfile.TemporaryDirectory(prefix="aelatent-mutants-") as scratch,
        contextlib.suppress(KeyboardInterrupt),  # what was tried is a sample, too
    ):
        kept.seek(0)
        known = dict(map(json.loads, kept))  # time and modules of test files, fates of mutants
        copies = [Path(scratch, "a"), Path(scratch, "b")]  # a process each
        for copy in copies:
            shutil.copytree(root / "aelatent", copy / "aelatent")
            shutil.copytree(root / "tests", copy / "tests")
            shutil.copy(root / "pyproject.toml", copy)
        plain = [(one, one, text, [one], 3600) for one, text in files.items() if one not in known]
        for test, status, copy in tqdm(trials(copies, plain), "plain", len(plain)):
            if status != 0:
                raise RuntimeError(f"{test} fails:\n{(copy / 'out.txt').read_text()[-3000:]}")
            known[test] = json.loads((copy / "done.json").read_text())
            print(json.dumps([test, known[test]]), file=kept, flush=True)
        todo = []
        for name, (file, _, changed) in chosen.items():
            own, module = f"test_{Path(file).name}", file.removesuffix(".py").replace("/", ".")
            fit = [test for test in files if module in known[test][1]] or [*files][:1]
            fit.sort(key=lambda test: (Path(test).name != own, known[test][0]))
            limit = SPARE + 5 * sum(known[test][0] for test in fit)
            todo += [] if name in known else [(name, file, changed, fit, limit)]
        for name, status, _ in tqdm(trials(copies, todo), "mutants", len(todo)):
            known[name] = {-signal.SIGALRM: "late", 0: "survived"}.get(status, "noticed")
            print(json.dumps([name, known[name]]), file=kept, flush=True)
    return {name: known[name] for name in chosen if name in known}


def report(chosen: dict, fates: dict[str, str]) -> str:
    """Return the survivors, a diff each, and the share noticed."""
    lines, survived = [], sorted(name for name, fate in fates.items() if fate == "survived")
    for name in survived:
        texts = [text.splitlines() for text in chosen[name][1:]]
        lines += [name, *[*difflib.unified_diff(*texts, n=2, lineterm="")][2:], ""]
    law = binomtest(len(fates) - len(survived), len(fates))
    low, high = law.proportion_ci(method="exact")  # Clopper and Pearson, 1934
    said = f"{law.statistic:.1%} of {law.n} mutants noticed (95 % interval {low:.1%} to {high:.1%})"
    return "\n".join([*lines, f"{said}, {[*fates.values()].count('late')} by taking too long"])


def main() -> None:
    """Measure, or go on, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sample", type=int, default=300, help="mutants to try (300)")
    parser.add_argument("--seed", type=int, default=0, help="of the sample (0)")
    os.chdir(CHECKOUT)  # where mutmut looks for its settings
    chosen = pick(CHECKOUT, SOURCES, **vars(parser.parse_args()))
    fates = measure(CHECKOUT, chosen, TESTS)
    print(report(chosen, fates) if fates else "Nothing was tried.")


if __name__ == "__main__":
    main()
