"""Measure what the tests notice: change the code in one place at a time, see whether a test fails.

Of mutmut's mutants of `SOURCES`, a sample is tried: each is written into a copy of the package,
where those files of `TESTS` run that load its module, the one of its name first. Fates go to
``build/`` as they come: stopped, the same call goes on. Not mutated is what only shows
(texts, raise, warnings, progress bars), nor code outside of functions. mutmut's own runner takes no
sample, mutates all texts, and gives what a shared fixture calls to its first test alone.
"""

import argparse
import contextlib
import difflib
import hashlib
import json
import multiprocessing
import os
import random
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
from multiprocessing.connection import wait
from pathlib import Path

import libcst as cst
import pytest
import sklearn.manifold  # noqa: F401  # SciPy, too: forked processes have it already
from mutmut.mutation.file_mutation import create_mutations, deep_replace
from scipy.stats import binomtest
from tqdm import tqdm

CHECKOUT = Path(__file__).resolve().parents[1]
SOURCES = ("aelatent/latent", "aelatent/images/store.py", "aelatent/runs.py")
TESTS = ("tests/latent", "tests/images/test_store.py", "tests/test_runs.py")
SHOWN = {"progress", "desc", "unit", "leave", "disable", "stacklevel", "hint"}
MEMORY = 12 * 2**30  # bytes of addresses a process may have
SPARE = 30  # seconds that a mutant may take beside five times what its tests take
# A property becomes a function and an assignment: mutmut leaves decorated functions out.
PROPERTY = re.compile(
    r"^( +)@((?:cached_)?property)\n(\1def (\w+)\(.*\n(?:\1 +.*\n|\n)*)", re.MULTILINE
)
SAME_EXAMPLES = """
phases = [hypothesis.Phase.explicit, hypothesis.Phase.generate]  # those that fail do not shrink
hypothesis.settings.register_profile("same", deadline=None, derandomize=True, phases=phases)
hypothesis.settings.load_profile("same")
"""


def shows(node) -> bool:
    """Say whether a node is a text, an error, a warning or a part of a progress bar."""
    if isinstance(node, cst.Call):
        return getattr(getattr(node.func, "attr", node.func), "value", "") in ("warn", "tqdm")
    named = getattr(node, "keyword", None) or getattr(node, "name", None)  # of Arg; of Param
    shown = isinstance(node, cst.Arg | cst.Param) and getattr(named, "value", "") in SHOWN
    return shown or isinstance(node, cst.Raise | cst.BaseString)


def mutations(path: str, code: str) -> tuple[cst.Module, list]:
    """Return a module as a tree, and its changes, in the order of the text."""
    tree, made, _, _ = create_mutations(path, PROPERTY.sub(r"\3\1\4 = \2(\4)\n\n", code))
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

    return tree, [one for one in made if counts(one)]


def modules(root: Path, places, pattern: str) -> list[str]:
    """Return the files of some folders, and those named themselves, relative to the root."""
    paths = [path for place in places for path in (root / place, *(root / place).rglob(pattern))]
    return sorted(str(path.relative_to(root)) for path in paths if path.is_file())


def pick(root: Path, sources, sample: int, seed: int) -> dict[str, tuple]:
    """Return {name: (file, its text before, and changed)} of a sample of all mutants."""
    everything = []
    for file in modules(root, sources, "*.py"):
        tree, made = mutations(file, (root / file).read_text(encoding="utf-8"))
        everything += [(f"{file}:{n}", file, tree, one) for n, one in enumerate(made)]
    chosen = random.Random(seed).sample(everything, min(sample, len(everything)))
    return {
        name: (file, tree.code, deep_replace(tree, one.original_node, one.mutated_node).code)
        for name, file, tree, one in chosen
    }


def run_tests(copy: Path, files: list[str]) -> None:
    """Run test files in a copy of the checkout; the exit status says whether all passed."""
    os.setsid()
    out = os.open(copy / "out.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(out, 1)
    os.dup2(out, 2)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    os.chdir(copy)
    sys.path.insert(0, str(copy))
    sys.dont_write_bytecode = True  # a file that changes twice in a second would look unchanged
    os.environ |= {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    start, own = time.monotonic(), ["-p", "no:cacheprovider", f"--basetemp={copy / 'tmp'}"]
    status = pytest.main(["-xqq", "-p", "no:xdist", *own, *files])
    loaded = [name for name in sys.modules if name.startswith("aelatent")]
    (copy / "done.json").write_text(json.dumps([time.monotonic() - start, loaded]))
    os._exit(int(status))


def trials(copies: list[Path], todo: list[tuple]):
    """Yield (name, exit status or None if late, copy) of (name, file, its text, tests, limit)."""
    free, running, fork = [*copies], {}, multiprocessing.get_context("fork")
    try:
        while todo or running:
            while todo and free:
                (name, file, text, tests, limit), *todo = todo
                copy = free.pop()
                before = (copy / file).read_text(encoding="utf-8")
                (copy / file).write_text(text, encoding="utf-8")
                process = fork.Process(target=run_tests, args=(copy, tests))
                process.start()
                limit += time.monotonic()
                running[process.sentinel] = process, name, copy, file, before, limit
            wait(running, timeout=1)
            for sentinel, (process, name, copy, file, before, limit) in [*running.items()]:
                late = process.is_alive() and time.monotonic() > limit
                if late or not process.is_alive():
                    end(process)
                    del running[sentinel]
                    yield name, None if late else process.exitcode, copy
                    (copy / file).write_text(before, encoding="utf-8")
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
    files, notes, todo = modules(root, tests, "test_*.py"), {}, []
    texts = [(root / file).read_text(encoding="utf-8") for file in files]
    key = hashlib.sha256(repr([chosen, texts]).encode()).hexdigest()[:16]
    kept = root / "build" / f"mutants-{key}.txt"
    kept.parent.mkdir(exist_ok=True)
    kept.touch()
    fates = dict(line.split() for line in kept.read_text().splitlines())
    with tempfile.TemporaryDirectory(prefix="aelatent-mutants-") as scratch:
        copies = [Path(scratch, "a"), Path(scratch, "b")]  # a process each
        for copy in copies:
            for part in ("aelatent", "tests"):
                shutil.copytree(root / part, copy / part)
            shutil.copy(root / "pyproject.toml", copy)
            with open(copy / "tests" / "conftest.py", "a") as conftest:
                conftest.write(SAME_EXAMPLES)
        file, before, _ = next(iter(chosen.values()))
        plain = [(test, file, before, [test], 3600) for test in files]
        for test, status, copy in tqdm(trials(copies, plain), "plain", len(plain)):
            if status != 0:
                raise RuntimeError(f"{test} fails:\n{(copy / 'out.txt').read_text()[-3000:]}")
            notes[test] = json.loads((copy / "done.json").read_text())
        for name in [name for name in chosen if name not in fates]:
            file, _, changed = chosen[name]
            own, module = f"test_{Path(file).name}", file.removesuffix(".py").replace("/", ".")
            fit = [test for test in files if module in notes[test][1]] or files[:1]
            fit.sort(key=lambda test: (Path(test).name != own, notes[test][0]))
            todo.append((name, file, changed, fit, SPARE + 5 * sum(notes[t][0] for t in fit)))
        with contextlib.suppress(KeyboardInterrupt):  # what was tried is a sample, too
            for name, status, _ in tqdm(trials(copies, todo), "mutants", len(todo)):
                fates[name] = {None: "late", 0: "survived"}.get(status, "noticed")
                with open(kept, "a") as file:
                    file.write(f"{name} {fates[name]}\n")
    return fates


def report(chosen: dict, fates: dict[str, str]) -> str:
    """Return the survivors, a diff each, and the share noticed."""
    lines, survived = [], sorted(name for name, fate in fates.items() if fate == "survived")
    for name in survived:
        texts = [text.splitlines() for text in chosen[name][1:]]
        lines += [name, *[*difflib.unified_diff(*texts, n=2, lineterm="")][2:], ""]
    n, noticed = len(fates), len(fates) - len(survived)
    low, high = binomtest(noticed, n).proportion_ci(method="exact")  # Clopper and Pearson, 1934
    share = f"{noticed / n:.1%} of {n} mutants noticed (95 % interval {low:.1%} to {high:.1%})"
    return "\n".join([*lines, f"{share}, {[*fates.values()].count('late')} by taking too long"])


def main() -> None:
    """Measure, or go on, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sample", type=int, default=300, help="mutants to try (300)")
    parser.add_argument("--seed", type=int, default=0, help="of the sample (0)")
    asked = parser.parse_args()
    os.chdir(CHECKOUT)  # where mutmut looks for its settings
    chosen = pick(CHECKOUT, SOURCES, asked.sample, asked.seed)
    fates = measure(CHECKOUT, chosen, TESTS)
    print(report(chosen, fates) if fates else "Nothing was tried.")


if __name__ == "__main__":
    main()
