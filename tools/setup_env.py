"""Make ``.venv``, the environment of this checkout, as ``requirements.lock`` pins it.

``make`` starts this before everything else, with any Python at hand: it uses the standard library
only and runs on Python 3.6, so that a machine without a suitable Python still gets a clear answer.
Where ``.venv`` is complete it returns at once, without pip and without the network.

The environment variable ``PYTHON`` chooses the interpreter. Without it the running one is taken if
it is suitable, else python3.13, python3.12 or python3.11 from PATH, else whatever ``uv`` finds.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

OLDEST, NEWEST = (3, 11), (3, 13)  # as pyproject.toml says; a test compares
RANGE = "3.{} to 3.{}".format(OLDEST[1], NEWEST[1])
NEEDED_GB = 3.5  # .venv is 2.8 GB; the rest is for downloads and for the data that follow

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LOCK = os.path.join(ROOT, "requirements.lock")
VENV = os.path.join(ROOT, ".venv")
INSIDE = os.path.join(VENV, "bin", "python")
STAMP = os.path.join(VENV, "aelatent-setup")  # UNFINISHED, or the digest of what was installed
UNFINISHED = "unfinished"

PROBE = """
import sys
try:
    import ensurepip, venv
    complete = "venv"
except ImportError:
    complete = ""
print("%d.%d.%d" % sys.version_info[:3])
print(sys.executable)
print(complete)
"""


class SetupError(Exception):
    """The set-up cannot go on; the message is the one sentence that the user reads."""


class Python:
    """An interpreter that starts: its path, its version and whether it can make environments."""

    def __init__(self, path, version, has_venv):
        self.path = path
        self.version = version
        self.has_venv = has_venv
        minor = tuple(int(part) for part in version.split(".")[:2])
        self.suitable = OLDEST <= minor <= NEWEST


def probe(command):
    """Return the `Python` behind a command, or None where it does not start."""
    try:
        done = subprocess.run(
            [command, "-c", PROBE],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            universal_newlines=True,
        )
    except OSError:
        return None
    lines = done.stdout.splitlines()
    if done.returncode != 0 or len(lines) < 2:
        return None
    return Python(lines[1], lines[0], lines[-1] == "venv")


def digest():
    """Return a hash of all that decides what ``.venv`` holds, and of where it stands."""
    total = hashlib.sha256(ROOT.encode())  # a moved checkout needs a new environment
    for name in ("requirements.lock", "pyproject.toml"):
        with open(os.path.join(ROOT, name), "rb") as file:
            total.update(hashlib.sha256(file.read()).digest())
    return total.hexdigest()


def stamp():
    """Return what the stamp file says: the digest, UNFINISHED, or "" where there is none."""
    try:
        with open(STAMP) as file:
            return file.read().strip()
    except OSError:
        return ""


def write_stamp(text):
    """Replace the stamp file as a whole."""
    with open(STAMP + ".tmp", "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(STAMP + ".tmp", STAMP)


def asked_for():
    """Return the `Python` that the variable PYTHON names, or None where it is not set."""
    command = os.environ.get("PYTHON", "").strip()
    if not command:
        return None
    found = probe(command)
    if found is None:
        raise SetupError(
            "PYTHON={} does not start: give the name or the path of a Python {}, "
            "for instance PYTHON=python3.12.".format(command, RANGE)
        )
    if not found.suitable:
        raise SetupError(
            "PYTHON={} is Python {}, but aelatent needs Python {}: "
            "give another one, for instance PYTHON=python3.12.".format(
                command, found.version, RANGE
            )
        )
    return found


def choose(uv):
    """Return the path of the Python to build with, or a version range for uv to look up."""
    asked = asked_for()
    if asked:
        candidates = [asked]
    else:
        commands = [sys.executable, "python3.13", "python3.12", "python3.11"]
        candidates = [found for found in map(probe, commands) if found and found.suitable]
    for python in candidates:
        if uv or python.has_venv:
            return python.path
    if candidates:
        python = candidates[0]
        raise SetupError(
            "Python {} at {} lacks the venv or the ensurepip module: install them "
            "(on Debian and Ubuntu: sudo apt install python{}-venv), or install uv, "
            "then call make again.".format(
                python.version, python.path, python.version.rsplit(".", 1)[0]
            )
        )
    if uv:
        return ">={}.{},<{}.{}".format(OLDEST[0], OLDEST[1], NEWEST[0], NEWEST[1] + 1)
    raise SetupError(
        "aelatent needs Python {}, but python3 is {} and no python3.13, python3.12 or python3.11 "
        "is on PATH: install one of them, or name one with PYTHON=/path/to/python3.12.".format(
            RANGE, platform.python_version()
        )
    )


def check_disk():
    """Refuse to start what cannot end: the environment must fit beside this file."""
    free = shutil.disk_usage(ROOT).free / 1e9
    if free < NEEDED_GB:
        raise SetupError(
            "Setting up takes {:.1f} GB, but only {:.1f} GB are free in {}: "
            "make room there, or clone aelatent to a larger disk.".format(NEEDED_GB, free, ROOT)
        )


def steps(python, uv, fresh):
    """Return pairs (what it does, command line) that make or mend the environment."""
    if uv:
        create = [uv, "venv", "--allow-existing", "--python", python, VENV]
        install = [uv, "pip", "install", "--python", INSIDE]
        todo = [("create .venv with uv", create)] if fresh else []
    else:
        create = [python, "-m", "venv", VENV]
        install = [INSIDE, "-m", "pip", "install", "--disable-pip-version-check"]
        pip = [INSIDE, "-m", "ensurepip"]  # an environment made by uv has none
        todo = [("create .venv", create) if fresh else ("install pip", pip)]
    own = ["--no-deps", "--no-build-isolation", "--editable", ROOT]
    todo.append(("install the packages of requirements.lock", install + ["--requirement", LOCK]))
    todo.append(("install aelatent itself", install + own))
    return todo


def reusable():
    """Say whether the present ``.venv`` can be brought up to date instead of made anew."""
    present = probe(INSIDE)
    if present is None or not present.suitable or stamp() == UNFINISHED:
        return False
    asked = asked_for()
    return asked is None or asked.version == present.version


def is_ready():
    """Say whether there is nothing to do."""
    if stamp() != digest() or not os.path.exists(INSIDE):
        return False
    return not os.environ.get("PYTHON", "").strip() or reusable()


def set_up(lock):
    """Make ``.venv``, or bring it up to date; `lock` is held by every child process too."""
    uv = shutil.which("uv")
    fresh = not reusable()
    python = choose(uv) if fresh else INSIDE
    if fresh:
        if os.path.isdir(VENV):
            print("Removing a .venv that is unfinished or belongs to another Python.")
            shutil.rmtree(VENV)
        check_disk()
        os.mkdir(VENV)
    print("Setting up .venv, once; downloads take some minutes.", flush=True)
    write_stamp(UNFINISHED)
    for what, command in steps(python, uv, fresh):
        if subprocess.call(command, pass_fds=[lock]) != 0:
            raise SetupError(
                "The set-up could not {} (the lines above say why): check the internet "
                "connection and the free disk space, then call make again.".format(what)
            )
    write_stamp(digest())


def main():
    """Set up where needed; one set-up at a time."""
    if fcntl is None:
        raise SetupError("On Windows, follow the lines for PowerShell in README.md instead.")
    if is_ready():
        return
    with open(VENV + ".lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another set-up of this checkout is running; waiting for it.", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_ready():
            set_up(lock.fileno())


if __name__ == "__main__":
    try:
        main()
    except SetupError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("The set-up was interrupted; the next make starts it anew.")
