"""Run tests on mutants: a process for each, with the tests that reach the mutated function.

pytest collects once; then the process is forked, so that NumPy, SciPy and scikit-learn are loaded
already. TensorFlow, which does not survive a fork, is first loaded by the tests themselves.
"""

import contextlib
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest
from mutmut.state import state
from tqdm import tqdm

MEMORY = 12 * 2**30  # bytes of addresses a process may have
SPARE = 10  # processor seconds that a mutant may take beside five times what its tests take
BASE_LIMIT = 3600  # processor seconds for all tests on the code as it is
FATE = "MUTANT_UNDER_TEST"  # mutmut's variable: which mutant runs, or "stats" to note calls


class Notes:
    """Notes which functions each test reaches, and its seconds; lives in the process of the base.

    What a shared fixture reaches counts for every test that uses it, not for the first alone.
    """

    def __init__(self):
        self.tests = {}  # node id -> (functions, seconds)
        self.fixtures = {}  # "name owner" -> (functions, seconds)
        self._spent = 0.0

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef, request):
        """Note what a fixture of several tests reaches, apart from the test that sets it up."""
        if fixturedef.scope == "function":
            return (yield)
        reached, start = state()._stats, _seconds()
        before = set(reached)
        reached.clear()
        try:
            return (yield)
        finally:
            spent = _seconds() - start
            key = f"{fixturedef.argname} {request.node.nodeid}"
            old, slowest = self.fixtures.get(key, (set(), 0.0))
            self.fixtures[key] = (old | reached, max(slowest, spent))
            reached |= before
            self._spent += spent

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        """Note what a test reaches."""
        state()._stats.clear()
        self._spent, start = 0.0, _seconds()
        done = yield
        own = max(_seconds() - start - self._spent, 0.0)
        self.tests[item.nodeid] = (set(state()._stats), own)
        return done

    def pytest_runtest_logreport(self, report):
        """Print why a test fails: the process ends before pytest does."""
        if report.failed:
            print(report.nodeid, report.longreprtext, sep="\n")

    def write(self, path: Path) -> None:
        """Write what was noted as JSON."""
        kept = {
            part: {key: [sorted(reached), spent] for key, (reached, spent) in notes.items()}
            for part, notes in (("tests", self.tests), ("fixtures", self.fixtures))
        }
        path.write_text(json.dumps(kept), encoding="utf-8")


def _seconds():
    return sum(os.times()[:4])  # of the processor, with those of children that have ended


class Trial:
    """A pytest plugin: collects once, then forks for the base and for each mutant.

    Parameters
    ----------
    mutants : list of mutants.Mutant
        Those to try.
    scratch : pathlib.Path
        An empty folder.
    jobs : int
        Processes side by side.

    Attributes
    ----------
    fates : dict
        Name of a mutant -> "killed", "timed out" or "survived".
    problem : str
        Why nothing could be measured, or empty.
    """

    def __init__(self, mutants: list, scratch: Path, jobs: int):
        self.mutants, self.scratch, self.jobs = mutants, scratch, jobs
        self.fates = {}
        self.problem = ""
        self._child = False  # whether this process is one that runs tests
        self._notes = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self):
        """Let hypothesis try the same examples each time, and not shrink those that fail."""
        import hypothesis  # pytest wants to see it imported; the conftest has done so

        phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)  # do not shrink
        hypothesis.settings.register_profile(
            "mutants", hypothesis.settings(), derandomize=True, database=None, phases=phases
        )
        hypothesis.settings.load_profile("mutants")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        """Run all tests on the code as it is, then each mutant; None lets pytest run its tests."""
        base = self.scratch / "base.json"
        pid = self._fork("base", "stats", BASE_LIMIT)
        if not pid:
            self._notes = Notes()
            session.config.pluginmanager.register(self._notes)
            return None
        status = _wait({pid: ("base", time.time() + BASE_LIMIT)})[1]
        if status != 0 or not base.exists():
            self.problem = self._tail("base", status)
            return True
        notes = json.loads(base.read_text(encoding="utf-8"))
        return self._try_all(session, notes)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, exitstatus):
        """End a process that ran tests; what pytest reports then is not wanted."""
        if self._child:
            if self._notes:
                self._notes.write(self.scratch / "base.json")
            sys.stdout.flush()
            os._exit(int(exitstatus))

    def _try_all(self, session, notes):
        todo, running = list(self.mutants), {}
        tqdm.monitor_interval = 0  # no thread in a process that forks
        with tqdm(total=len(todo), unit="mutant", smoothing=0) as bar:
            try:
                while todo or running:
                    if not todo or len(running) == self.jobs:
                        name, status = _wait(running)
                        self.fates[name] = _fate(status)
                        shutil.rmtree(self.scratch / name, ignore_errors=True)
                    elif self._start(todo.pop(), session, notes, running):
                        return None
                    bar.update(len(self.fates) - bar.n)
            except KeyboardInterrupt:  # what was tried is a sample, too
                for pid in running:
                    os.killpg(pid, signal.SIGKILL)
        return True

    def _start(self, mutant, session, notes, running):
        """Start the trial of a mutant; return whether this is the process that is to run it."""
        items, seconds = select(mutant, session.items, notes)
        if not items:
            self.fates[mutant.name] = "survived"
            return False
        limit = SPARE + 5 * seconds
        pid = self._fork(mutant.name, mutant.name, limit)
        if not pid:
            session.items[:] = items
            return True
        # Beside the limit of processor seconds one of the clock, for those that only wait.
        running[pid] = (mutant.name, time.time() + 60 + 10 * limit)
        return False

    def _fork(self, name, fate, seconds):
        folder = self.scratch / name
        folder.mkdir()
        pid = os.fork()
        if pid:
            return pid
        self._child = True
        os.setsid()
        out = os.open(folder / "out.txt", os.O_WRONLY | os.O_CREAT)
        for stream in (1, 2):
            os.dup2(out, stream)
        sys.stdout = os.fdopen(1, "w", closefd=False)
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
        os.environ[FATE] = fate
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        used = int(time.process_time())
        resource.setrlimit(resource.RLIMIT_CPU, (used + int(seconds), used + int(seconds) + 5))
        return 0

    def _tail(self, name, status):
        text = (self.scratch / name / "out.txt").read_text(encoding="utf-8", errors="replace")
        return f"exit status {status}\n" + "\n".join(text.splitlines()[-40:])


def _wait(running):
    """Wait until one of the processes ends (or is out of time), remove it and what it started."""
    while True:
        for pid, (name, deadline) in list(running.items()):
            late = time.time() > deadline
            if late:
                os.killpg(pid, signal.SIGKILL)
            done, status = os.waitpid(pid, 0 if late else os.WNOHANG)
            if done:
                del running[pid]
                with contextlib.suppress(ProcessLookupError):  # it left nothing behind
                    os.killpg(pid, signal.SIGKILL)
                code = os.waitstatus_to_exitcode(status)
                return name, -signal.SIGXCPU if late else code
        time.sleep(0.02)


def _fate(status):
    if status == -signal.SIGXCPU:
        return "timed out"
    return "killed" if status else "survived"


def select(mutant, items: list, notes: dict) -> tuple[list, float]:
    """Choose the tests that reach a function, the likeliest to fail first.

    Those that share a fixture with such a test count, too: an object that the fixture made may keep
    what the function said to the first that asked.

    Parameters
    ----------
    mutant : mutants.Mutant
    items : list of pytest.Item
    notes : dict
        From `Notes.write`.

    Returns
    -------
    list of pytest.Item
        File by file (a file's fixtures are set up once): the module's own, then the quick.
    float
        Seconds that they take.
    """
    own = f"test_{mutant.module.rpartition('.')[2]}.py"
    hit, fixtures = {item.nodeid: _made_by(item, notes) for item in items}, {}
    for item in items:
        if mutant.function in notes["tests"][item.nodeid][0]:
            fixtures |= hit[item.nodeid]
    fixtures |= {key: part for key, part in notes["fixtures"].items() if mutant.function in part[0]}
    chosen, files = [], Counter()
    for item in items:
        reached, spent = notes["tests"][item.nodeid]
        if mutant.function in reached or not fixtures.keys().isdisjoint(hit[item.nodeid]):
            chosen.append((item, item.path, spent))
            files[item.path] += spent
    chosen.sort(key=lambda entry: (entry[1].name != own, files[entry[1]], entry[1], entry[2]))
    used = {key: spent for item, *_ in chosen for key, (_, spent) in hit[item.nodeid].items()}
    return [item for item, *_ in chosen], sum(files.values()) + sum(used.values())


def _made_by(item, notes):
    """Return what was noted of the shared fixtures of a test that reach the package."""
    owners = (item.nodeid.partition("::")[0], "")
    keys = (f"{name} {owner}" for name in item.fixturenames for owner in owners)
    return {key: notes["fixtures"][key] for key in keys if notes["fixtures"].get(key, [[]])[0]}
