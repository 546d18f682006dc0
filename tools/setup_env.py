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
RANGE = f"3.{OLDEST[1]} to 3.{NEWEST[1]}"
NEEDED_GB = (
    5.0  # measured with pip: .venv 3.2, downloads 0.8 while it installs and 0.8 in its cache
)

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LOCK = os.path.join(ROOT, "requirements.lock")
VENV = os.path.join(ROOT, ".venv")
INSIDE = os.path.join(VENV, "bin", "python")
STAMP = os.path.join(VENV, "aelatent-setup")  # UNFINISHED, or what was installed and where
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
        )
    except OSError:
        return None
    lines = done.stdout.decode().splitlines()
    if done.returncode != 0 or len(lines) < 2:
        return None
    return Python(lines[1], lines[0], lines[-1] == "venv")


def whole():
    """Return the stamp of a complete environment: a hash of what it holds, and the checkout."""
    total = hashlib.sha256()
    for name in ("requirements.lock", "pyproject.toml"):
        with open(os.path.join(ROOT, name), "rb") as file:
            total.update(hashlib.sha256(file.read()).digest())
    return f"{total.hexdigest()} {ROOT}"


def stamp():
    """Return what the stamp file says, or "" where there is none."""
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
            f"PYTHON={command} does not start: give the name or the path of a Python {RANGE}, "
            "for instance PYTHON=python3.12."
        )
    if not found.suitable:
        raise SetupError(
            f"PYTHON={command} is Python {found.version}, but aelatent needs Python {RANGE}: "
            "give another one, for instance PYTHON=python3.12."
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
        return f">={OLDEST[0]}.{OLDEST[1]},<{NEWEST[0]}.{NEWEST[1] + 1}"
    raise SetupError(
        f"aelatent needs Python {RANGE}, but python3 is {platform.python_version()} and no "
        "python3.13, python3.12 or python3.11 is on PATH: install one of them, or name one with "
        "PYTHON=/path/to/python3.12."
    )


def check_platform():
    """Refuse where TensorFlow has no packages, before pip says so in its own words."""
    if (platform.system(), platform.machine()) == ("Darwin", "x86_64"):
        raise SetupError(
            "TensorFlow has no packages for Intel Macs: use a Mac with Apple silicon and a Python "
            "built for it, or Linux, or Windows."
        )


def check_disk():
    """Refuse to start what cannot end: the environment must fit beside this file."""
    free = shutil.disk_usage(ROOT).free / 1e9
    if free < NEEDED_GB:
        raise SetupError(
            f"Setting up takes {NEEDED_GB:.1f} GB, but only {free:.1f} GB are free in {ROOT}: "
            "make room there, or clone aelatent to a larger disk."
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
    todo.append(("install the packages of requirements.lock", [*install, "--requirement", LOCK]))
    todo.append(("install aelatent itself", [*install, *own]))
    return todo


def reusable():
    """Say whether the present ``.venv`` can be brought up to date instead of made anew."""
    present = probe(INSIDE)
    if present is None or not present.suitable:
        return False
    if stamp() and not stamp().endswith(f" {ROOT}"):
        return False  # unfinished; or moved, and programs in .venv know their place
    asked = asked_for()
    return asked is None or asked.version == present.version


def is_ready():
    """Say whether there is nothing to do."""
    if stamp() != whole() or not os.path.exists(INSIDE):
        return False
    return not os.environ.get("PYTHON", "").strip() or reusable()


def discard():
    """Remove a ``.venv`` that cannot be used; half removed it must not look like one that can."""
    old = VENV + ".old"
    for leftover in (old, VENV):
        if os.path.isdir(leftover):
            print(
                "Removing a .venv that is unfinished, was moved or has another Python.", flush=True
            )
            if leftover == VENV:
                os.rename(VENV, old)
            shutil.rmtree(old)


def set_up(lock):
    """Make ``.venv``, or bring it up to date; `lock` is held by every child process too."""
    uv = shutil.which("uv")
    fresh = not reusable()
    check_platform()
    python = choose(uv) if fresh else INSIDE
    if fresh:
        discard()
        check_disk()
        os.mkdir(VENV)
    print("Setting up .venv, once; downloads take some minutes.", flush=True)
    write_stamp(UNFINISHED)
    for what, command in steps(python, uv, fresh):
        if subprocess.call(command, pass_fds=[lock]) != 0:
            raise SetupError(
                f"The set-up could not {what} (the lines above say why): check the internet "
                "connection and the free disk space, then call make again."
            )
    write_stamp(whole())


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
    except OSError as error:
        sys.exit(f"The set-up could not write what it needs: {error}.")
    except KeyboardInterrupt:
        sys.exit("The set-up was interrupted; the next call of make starts it anew.")
