"""Kill a piece of work at a chosen file operation, or after a chosen time, and look what is left.

The work runs in a forked child. Python reports every open, rename, removal and the like to audit
hooks; the child sends itself SIGKILL right before its k-th, so that walking k from 0 on visits
every state that files can be left in.
"""

import os
import signal
import sys
import threading
import time

from tqdm import tqdm

# tqdm's own lock is shared between processes: a child killed while it holds it would stop us all.
tqdm.set_lock(threading.RLock())

_FILE_EVENTS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.chmod"}


def killed_at(work, operation: int) -> bool:
    """Run `work()` in a child that dies before its file operation number `operation`.

    Returns
    -------
    bool
        True if it was killed, False if it ended well before coming so far.
    """

    def until_then():
        seen = 0

        def hook(event, _arguments):
            nonlocal seen
            if event in _FILE_EVENTS:
                if seen == operation:
                    os.kill(os.getpid(), signal.SIGKILL)
                seen += 1

        sys.addaudithook(hook)
        work()

    return _ended_by_kill(_fork(until_then))


def killed_after(work, seconds: float) -> bool:
    """Run `work()` in a child that is killed after `seconds`, unless it has ended by then."""
    child = _fork(work)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return _check(status)
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    return _ended_by_kill(child)


def _fork(work) -> int:
    child = os.fork()
    if child:
        return child
    try:
        work()
    except BaseException:
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)


def _ended_by_kill(child: int) -> bool:
    return _check(os.waitpid(child, 0)[1])


def _check(status: int) -> bool:
    if os.WIFSIGNALED(status):
        if os.WTERMSIG(status) != signal.SIGKILL:
            raise RuntimeError(f"the work died of signal {os.WTERMSIG(status)}")
        return True
    if os.WEXITSTATUS(status):
        raise RuntimeError("the work ended with an error; see above")
    return False
