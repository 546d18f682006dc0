"""Forked children in which work is done and disturbed; what becomes of them is told as an `End`.

Python reports every open, rename, removal and the like to audit hooks. Those that change files are
numbered from 0 in the order in which the work does them: right before a chosen one the child kills
itself, or meets an error of the disk. Walking through all numbers visits every state that files can
be left in.
"""

import errno
import itertools
import json
import os
import resource
import signal
import sys
import tempfile
import threading
import time
import traceback
import warnings
from dataclasses import asdict, dataclass

from tqdm import tqdm

from aelatent import _files

# tqdm's own lock is shared between processes: a child killed while it holds it would stop us all.
tqdm.monitor_interval = 0
tqdm.set_lock(threading.RLock())

_CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.chmod"}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


@dataclass
class End:
    """How a child ended."""

    how: str  # "well", "error" or "killed"
    value: object = None  # what the work returned, as JSON takes it
    kind: str = ""  # of an error: the name of its class, its text, where it was raised
    message: str = ""
    trace: str = ""


class Child:
    """A forked child that does `work()`; no threads may run here that it would need."""

    def __init__(self, work):
        sys.stdout.flush()  # else the child prints it, too
        self._told = tempfile.TemporaryFile()  # noqa: SIM115
        self._end = None
        with warnings.catch_warnings():  # from Python 3.12 on: threads of libraries may be asleep
            warnings.simplefilter("ignore", DeprecationWarning)
            self.pid = os.fork()
        if self.pid:
            return
        try:
            end = End("well", work())
        except BaseException as error:
            end = End("error", None, type(error).__name__, str(error), traceback.format_exc())
        self._told.write(json.dumps(asdict(end)).encode())
        self._told.flush()
        sys.stdout.flush()
        os._exit(0)

    def end(self, seconds: float | None = None) -> End | None:
        """Wait for its end; with `seconds`, return None where it goes on after so many."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while self._end is None:
            pid, status = os.waitpid(self.pid, 0 if deadline is None else os.WNOHANG)
            if pid:
                self._end = self._told_at(status)
            elif time.monotonic() > deadline:
                return None
            else:
                time.sleep(0.001)
        return self._end

    def _told_at(self, status):
        with self._told:
            if not os.WIFSIGNALED(status):
                self._told.seek(0)
                return End(**json.loads(self._told.read()))
            assert os.WTERMSIG(status) == signal.SIGKILL, f"died of signal {os.WTERMSIG(status)}"
            return End("killed")


def attempt(work) -> End:
    """Do `work()` in a child."""
    return Child(work).end()


def value_of(work):
    """Return what `work()` returns in a child; raise where it does not end well."""
    end = attempt(work)
    assert end.how == "well", f"{end.how}: {end.trace}"
    return end.value


def seconds_of(work) -> float:
    """Return how long `work()` takes in a child."""
    begun = time.monotonic()
    value_of(work)
    return time.monotonic() - begun


def preceded(by, work):
    """Return a call that does `by()`, for good, and then `work()`."""

    def both():
        by()
        return work()

    return both


def lie(rng) -> None:
    """Let the clocks of this process jump by up to a year, back or ahead, at every look."""
    # The clock of the machine belongs to others, too.
    real, real_ns = time.time, time.time_ns

    def jump():
        return rng.choice([-365, -1, 1, 365, rng.uniform(-2, 2)]) * 86_400.0

    time.time = lambda: real() + jump()
    time.time_ns = lambda: real_ns() + int(jump() * 1e9)


def heed_ctrl_c() -> None:
    """Let Ctrl-C stop this process; called in a child, as a shell may have shut it off."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Where it comes between the opening of a file and its ``with``, Python closes it and says so.
    warnings.simplefilter("ignore", ResourceWarning)


def within_limit(work, rng, largest: int) -> End:
    """Do `work()` in a child where no file may exceed a random size, less than the `largest`."""
    # Of 32 bytes are joblib's semaphores, which the system keeps in memory.
    limit, early = rng.randrange(64, largest), rng.random() < 0.5

    def limited():
        if not early:  # a file whose length is set at first then meets the limit on the way
            _files.Pieces.make_room = lambda *_: None
        unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, unlimited[1]))
        try:
            work()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)

    return attempt(limited)


def watch(step) -> None:
    """Call ``step(number, event)`` before each change of files, in this process, for good."""
    numbers = itertools.count()

    def hook(event, arguments):
        writes = event == "open" and (arguments[2] or 0) & _WRITES
        if event in _CHANGES or (writes and not str(arguments[0]).startswith("/dev/")):
            step(next(numbers), event)

    real = os.fsync

    def fsync(file):
        step(next(numbers), "os.fsync")
        real(file)

    sys.addaudithook(hook)
    os.fsync = fsync


def changes(work) -> list[str]:
    """Return the names of the changes of files that an undisturbed `work()` makes, in order."""

    def noted():
        seen = []
        watch(lambda _, event: seen.append(event))
        work()
        return seen

    return value_of(noted)


def killed_before(work, number: int) -> End:
    """Do `work()` in a child that dies right before its change of files `number`."""

    def step(i, _):
        if i == number:
            os.kill(os.getpid(), signal.SIGKILL)

    return attempt(preceded(lambda: watch(step), work))


def killed_after(work, seconds: float) -> End:
    """Do `work()` in a child that is killed after `seconds`, unless it has ended by then."""
    child = Child(work)
    if child.end(seconds) is None:
        os.kill(child.pid, signal.SIGKILL)
    return child.end()


def failing_from(work, number: int, error: int, lasting: bool) -> End:
    """Do `work()` in a child that meets an OSError at its change of files `number`.

    Where it is `lasting`, all later changes fail, too; on a full disk (all errors but EROFS and
    EACCES) files can still be removed and renamed.
    """
    whatever = error in (errno.EROFS, errno.EACCES)
    takes_room = {"open", "os.mkdir", "os.fsync"}

    def step(i, event):
        if i == number or (lasting and i > number and (whatever or event in takes_room)):
            raise OSError(error, os.strerror(error))

    return attempt(preceded(lambda: watch(step), work))
