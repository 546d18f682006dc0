"""Make ``.venv``, the environment of this checkout: ``lab`` or ``dev``, each with its lock file.

``lab`` is what the notebooks need, ``dev`` what tests, book and checks need, too; what is ``dev``
stays so, and serves as ``lab``. ``make`` starts this first, with any Python from 3.6 on, so that a
machine without a suitable one gets a clear answer. The variable ``PYTHON`` chooses one; without it
it is this, if suitable, or python3.13, python3.12, python3.11 from PATH, or what ``uv`` finds.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

OLDEST, NEWEST = (3, 11), (3, 13)  # as pyproject.toml says; a test compares
RANGE = f"3.{OLDEST[1]} to 3.{NEWEST[1]}"
LOCKS = {"lab": "requirements.lock", "dev": "requirements-dev.lock"}
NEEDED_GB = 5.0  # measured with pip: .venv 3.2, downloads 0.8 and as much again in pip's cache
ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
INSIDE = VENV / "bin" / "python"
STAMP = VENV / "aelatent-setup"  # what was installed, and where
PROBE = """
import sys
print("%d.%d.%d" % sys.version_info[:3])
print(sys.executable)
import ensurepip, venv
print("venv")
"""

Python = namedtuple("Python", "version path has_venv")


def probe(command):
    """Return the `Python` behind a command, or None where it does not start."""
    run = [str(command), "-c", PROBE]
    try:
        done = subprocess.run(run, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    except OSError:
        return None
    version, path, *rest = [*done.stdout.decode().splitlines(), "", ""]
    return Python(version, path, "venv" in rest) if path else None


def suitable(python):
    """Say whether a `Python`, or None, is one that aelatent runs on."""
    return bool(python) and OLDEST <= tuple(map(int, python.version.split(".")[:2])) <= NEWEST


def asked_for():
    """Return the `Python` that the variable PYTHON names, or None where it is not set."""
    command = os.environ.get("PYTHON", "").strip()
    found = command and probe(command)
    if command and not suitable(found):
        wrong = f"is Python {found.version}" if found else "does not start"
        sys.exit(
            f"PYTHON={command} {wrong}, but aelatent needs Python {RANGE}: give the name or the "
            "path of another one, for instance PYTHON=python3.12."
        )
    return found


def choose(uv):
    """Return the path of the Python to build with, or a version range for uv to look up."""
    asked = asked_for()
    commands = [sys.executable, "python3.13", "python3.12", "python3.11"]
    candidates = [asked] if asked else [found for found in map(probe, commands) if suitable(found)]
    usable = [python for python in candidates if uv or python.has_venv]
    if usable:
        return usable[0].path
    if candidates:
        version, path, _ = candidates[0]
        sys.exit(
            f"Python {version} at {path} lacks the venv or the ensurepip module: install them (on "
            f"Debian and Ubuntu: sudo apt install python{version.rsplit('.', 1)[0]}-venv), or "
            "install uv, then call make again."
        )
    if uv:
        return f">={OLDEST[0]}.{OLDEST[1]},<{NEWEST[0]}.{NEWEST[1] + 1}"
    return sys.exit(
        f"aelatent needs Python {RANGE}, but python3 is {platform.python_version()} and no "
        "python3.13, python3.12 or python3.11 is on PATH: install one of them, or name one "
        "with PYTHON=/path/to/python3.12."
    )


def check_machine(fresh):
    """Refuse what cannot end well: no packages of TensorFlow, or no room for a new environment."""
    if (platform.system(), platform.machine()) == ("Darwin", "x86_64"):
        sys.exit("TensorFlow has no packages for Intel Macs: use another computer.")
    free = shutil.disk_usage(str(ROOT)).free / 1e9
    if fresh and free < NEEDED_GB:
        sys.exit(
            f"Setting up takes {NEEDED_GB:.1f} GB, but only {free:.1f} GB are free in {ROOT}: "
            "make room there, or clone aelatent to a larger disk."
        )


def stamp():
    """Return what the stamp file says, or "" where there is none."""
    return STAMP.read_text("utf-8").strip() if STAMP.is_file() else ""


def whole(kind):
    """Return the stamp of a complete environment: its kind, a hash of its packages, its place."""
    total = hashlib.sha256()
    for name in (LOCKS[kind], "pyproject.toml"):
        total.update((ROOT / name).read_bytes())
    return f"{kind} {total.hexdigest()} {ROOT}"


def reusable():
    """Say whether the present ``.venv`` can be brought up to date instead of made anew."""
    present, asked = probe(INSIDE), asked_for()
    if not suitable(present) or (asked and asked.version != present.version):
        return False
    return not stamp() or stamp().endswith(f" {ROOT}")  # neither unfinished nor moved


def is_ready(kind):
    """Say whether there is nothing to do."""
    return stamp() in (whole(kind), whole("dev")) and reusable()


def begin():
    """Begin ``.venv`` anew; an old one must not, half removed, look like one that can be used."""
    old = ROOT / ".venv.old"
    shutil.rmtree(str(old), ignore_errors=True)
    if VENV.is_dir():
        print("Removing a .venv that is unfinished, was moved or has another Python.")
        VENV.rename(old)
        shutil.rmtree(str(old))
    VENV.mkdir()


def steps(kind, python, uv, fresh):
    """Yield (what it does, command line) of what makes or mends the environment."""
    if uv:
        install = [uv, "pip", "install", "--python", INSIDE]
        create = [uv, "venv", "--allow-existing", "--python", python, VENV]
        yield from [("create .venv with uv", create)] if fresh else []
    else:
        install = [INSIDE, "-m", "pip", "install", "--disable-pip-version-check"]
        pip = [INSIDE, "-m", "ensurepip"]  # an environment made by uv has none
        yield ("create .venv", [python, "-m", "venv", VENV]) if fresh else ("install pip", pip)
    packages = ["--requirement", ROOT / LOCKS[kind]]
    yield f"install the packages of {LOCKS[kind]}", [*install, *packages]
    own = ["--no-deps", "--no-build-isolation", "--editable", ROOT]
    yield "install aelatent itself", [*install, *own]


def set_up(kind, lock):
    """Make ``.venv``, or bring it up to date; `lock` is held by every child process too."""
    uv, fresh = shutil.which("uv"), not reusable()
    check_machine(fresh)
    python = choose(uv) if fresh else INSIDE
    if fresh:
        begin()
    elif stamp().startswith("dev "):
        kind = "dev"
    print("Setting up .venv, once; downloads take some minutes.", flush=True)
    STAMP.write_text("unfinished", "utf-8")
    for what, command in steps(kind, python, uv, fresh):
        if subprocess.call([*map(str, command)], pass_fds=[lock]) != 0:
            sys.exit(
                f"The set-up could not {what} (the lines above say why): check the internet "
                "connection and the free disk space, then call make again."
            )
    STAMP.write_text(whole(kind), "utf-8")


def main():
    """Set up where needed; one set-up at a time."""
    if os.name == "nt":
        sys.exit("On Windows, follow the lines for PowerShell in README.md instead.")
    import fcntl

    (kind,) = [word for word in sys.argv[1:] if word in LOCKS] or ["dev"]
    if is_ready(kind):
        return
    with open(str(ROOT / ".venv.lock"), "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another set-up of this checkout is running; waiting for it.", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_ready(kind):
            set_up(kind, lock.fileno())


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        sys.exit(f"The set-up could not write what it needs: {error}.")
    except KeyboardInterrupt:
        sys.exit("The set-up was interrupted; the next call of make starts it anew.")
