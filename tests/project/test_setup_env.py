"""tools/setup_env.py against stand-ins of uv and of other Pythons: no network, no real packages."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from types import SimpleNamespace

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="make is for Linux and macOS")

STAMP = "aelatent-setup"
FAKE_UV = f"""#!/bin/sh
# Writes down how it was called; "uv venv" makes an environment whose python is the real one.
echo "$@" >> "$CALLS"
for last; do :; done
case "$1" in
    venv) mkdir -p "$last/bin" && ln -sf "{sys.executable}" "$last/bin/python" ;;
    *) eval "$AT_INSTALL" ;;
esac
"""


def script(path, text):
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def fake_python(path, version, last_line):
    """Write a stand-in that answers the set-up's question as a Python of that version would."""
    return script(path, f"#!/bin/sh\nprintf '%s\\n' {version} {path} '{last_line}'\n")


@pytest.fixture(autouse=True)
def no_python_asked_for(monkeypatch):
    monkeypatch.delenv("PYTHON", raising=False)  # `make test PYTHON=...` sets it


@pytest.fixture
def sandbox(tmp_path, checkout, load_tool):
    """Return a checkout with nothing but what the set-up needs, and ways to run it."""
    root = tmp_path / "checkout"
    (root / "tools").mkdir(parents=True)
    shutil.copy(checkout / "tools" / "setup_env.py", root / "tools")
    (root / "requirements.lock").write_text("six==1.17.0\n")
    (root / "requirements-dev.lock").write_text("six==1.17.0\npytest==9.2.0\n")
    (root / "pyproject.toml").write_text("[project]\nname = 'aelatent'\n")
    calls = tmp_path / "calls"
    calls.touch()
    programs = tmp_path / "bin"
    programs.mkdir()
    command = [sys.executable, str(root / "tools" / "setup_env.py")]

    def environment(**extra):
        return {**os.environ, "PATH": f"{programs}:/usr/bin:/bin", "CALLS": str(calls), **extra}

    def run(kind="lab", **extra):
        calls.write_text("")
        whole = [*command, kind]
        done = subprocess.run(whole, env=environment(**extra), capture_output=True, text=True)
        called = calls.read_text()
        return SimpleNamespace(
            code=done.returncode,
            sentence=done.stderr.strip(),
            calls=[line.split()[0] for line in called.splitlines()],
            locks=re.findall(r"/(requirements\S*\.lock)$", called, re.M),
        )

    def load():
        module = load_tool("setup_env")
        module.ROOT, module.VENV = root, root / ".venv"
        module.INSIDE, module.STAMP = module.VENV / "bin" / "python", module.VENV / STAMP
        return module

    ways = {"command": command, "environment": environment, "run": run, "load": load}
    return SimpleNamespace(root=root, venv=root / ".venv", programs=programs, **ways)


@pytest.fixture
def uv(sandbox):
    return script(sandbox.programs / "uv", FAKE_UV)


def one_sentence(text):
    """Say whether a message is one line that ends like a sentence, without a traceback."""
    return len(text.splitlines()) == 1 and text.endswith(".") and "Traceback" not in text


def test_development_tools_are_installed_when_they_are_asked_for(sandbox, uv):
    assert sandbox.run("lab").locks == ["requirements.lock"]
    (sandbox.venv / "kept").touch()
    grown = sandbox.run("dev")
    assert (grown.calls, grown.locks) == (["pip", "pip"], ["requirements-dev.lock"])
    assert (sandbox.venv / "kept").exists()
    assert sandbox.run("lab").calls == sandbox.run("dev").calls == []
    (sandbox.root / "pyproject.toml").write_text("# changed")
    assert sandbox.run("lab").locks == ["requirements-dev.lock"]  # they stay


@pytest.mark.parametrize("by_hand", [False, True])
def test_a_new_lock_brings_the_environment_up_to_date(sandbox, uv, by_hand):
    if by_hand:
        (sandbox.venv / "bin").mkdir(parents=True)
        (sandbox.venv / "bin" / "python").symlink_to(sys.executable)
    else:
        sandbox.run()
    (sandbox.venv / "kept").touch()
    (sandbox.root / "requirements.lock").write_text("six==1.16.0\n")
    assert sandbox.run().calls == ["pip", "pip"]
    assert (sandbox.venv / "kept").exists()
    (sandbox.root / "requirements-dev.lock").write_text("six==1.16.0\n")  # is not installed
    assert sandbox.run().calls == []


def test_a_moved_checkout_is_set_up_again(sandbox, uv):
    sandbox.run()
    moved = sandbox.root.rename(sandbox.root.with_name("moved"))
    sandbox.command[1] = str(moved / "tools" / "setup_env.py")
    assert sandbox.run().calls == ["venv", "pip", "pip"]


@pytest.mark.parametrize(
    ("at_install", "code"),
    [
        ("kill -9 $PPID; exit 1", -9),
        ('case "$*" in *editable*) kill -9 $PPID; exit 1;; esac', -9),
        ("exit 2", 1),
    ],
)
def test_a_killed_or_failing_set_up_does_not_look_finished(sandbox, uv, at_install, code):
    done = sandbox.run(AT_INSTALL=at_install)
    assert done.code == code
    assert code < 0 or one_sentence(done.sentence)
    (sandbox.venv / "half-written").touch()
    done = sandbox.run()
    assert (done.code, done.calls) == (0, ["venv", "pip", "pip"])
    assert not (sandbox.venv / "half-written").exists()
    assert sandbox.run().calls == []


def test_a_removal_that_is_killed_leaves_nothing_that_looks_usable(sandbox, uv, monkeypatch):
    sandbox.run()
    (sandbox.venv / STAMP).write_text("unfinished\n")
    setup_env = sandbox.load()

    def killed(folder, ignore_errors=False):
        if not ignore_errors:
            (sandbox.root / folder / STAMP).unlink()
            raise KeyboardInterrupt

    monkeypatch.setattr(setup_env.shutil, "rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        setup_env.main()
    monkeypatch.undo()
    assert sandbox.run().calls == ["venv", "pip", "pip"]
    left = [path.name for path in sandbox.root.glob(".venv*")]
    assert sorted(left) == [".venv", ".venv.lock"]


def test_two_set_ups_at_once_become_one(sandbox, uv, tmp_path):
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    # The first set-up stops in its first installation until the gate opens.
    blocked = f'case "$*" in *editable*) ;; *) read line < "{gate}" ;; esac'
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    environment = sandbox.environment(AT_INSTALL=blocked)
    # open() returns once the first set-up has come to the gate
    with (
        subprocess.Popen(sandbox.command, env=environment, **pipes) as first,
        open(gate, "w") as opened,
        subprocess.Popen(sandbox.command, env=environment, **pipes) as second,
    ):
        assert "waiting" in second.stdout.readline()
        opened.write("go\n")
        opened.flush()
        assert (first.wait(), second.wait()) == (0, 0)
    calls = (tmp_path / "calls").read_text().splitlines()
    assert [line.split()[0] for line in calls] == ["venv", "pip", "pip"]


@pytest.mark.parametrize(
    ("version", "last_line", "words"),
    [
        ("3.10.13", "venv", "is Python 3.10.13, but aelatent needs Python 3.11 to 3.13"),
        ("3.14.0", "venv", "is Python 3.14.0, but"),
        ("3.12.4", "", "lacks the venv .* apt install python3.12-venv"),
        (None, "", "does not start, but"),
    ],
)
def test_a_python_that_will_not_do_is_refused(sandbox, version, last_line, words):
    python = sandbox.programs / "other-python"
    if version:
        fake_python(python, version, last_line)
    done = sandbox.run(PYTHON=str(python))
    assert (done.code, one_sentence(done.sentence)) == (1, True)
    assert re.search(words, done.sentence)
    assert not sandbox.venv.exists()


def test_asking_for_another_python_makes_the_environment_anew(sandbox, uv):
    sandbox.run()
    (sandbox.venv / "old").touch()
    other = fake_python(sandbox.programs / "python3.12", "3.12.999", "venv")
    assert sandbox.run(PYTHON="python3.12").calls == ["venv", "pip", "pip"]
    assert not (sandbox.venv / "old").exists()
    # Named again it is the same one (here its stand-in), and nothing is left to do.
    (sandbox.venv / "bin" / "python").unlink()
    (sandbox.venv / "bin" / "python").symlink_to(other)
    assert sandbox.run(PYTHON="python3.12").calls == []


def test_the_next_suitable_python_is_taken_or_uv_looks_for_one(sandbox, monkeypatch):
    setup_env = sandbox.load()
    old = fake_python(sandbox.programs / "python3", "3.9.2", "venv")
    # /bin/sh runs the stand-ins by its absolute path, so that PATH can be theirs alone.
    monkeypatch.setenv("PATH", f"{sandbox.programs}:/nonexistent")
    monkeypatch.setattr(setup_env.sys, "executable", str(old))
    assert setup_env.choose(uv="uv") == ">=3.11,<3.14"
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 to 3\.13, but python3 is") as refused:
        setup_env.choose(uv=None)
    assert one_sentence(str(refused.value))
    bare = fake_python(sandbox.programs / "python3.13", "3.13.1", "")
    good = fake_python(sandbox.programs / "python3.12", "3.12.1", "venv")
    assert setup_env.choose(uv=None) == str(good)
    assert setup_env.choose(uv="uv") == str(bare)  # uv needs no venv module


@pytest.mark.parametrize(
    ("module", "name", "says", "words"),
    [
        ("shutil", "disk_usage", SimpleNamespace(free=1.2e9), r"5\.0 GB, but only 1\.2 GB are"),
        ("platform", "system", "Darwin", "no packages for Intel Macs"),
    ],
)
def test_a_machine_that_will_not_do_is_one_sentence(
    sandbox, monkeypatch, module, name, says, words
):
    setup_env = sandbox.load()
    monkeypatch.setattr(setup_env.platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(getattr(setup_env, module), name, lambda *_: says)
    with pytest.raises(SystemExit, match=words) as refused:
        setup_env.main()
    assert one_sentence(str(refused.value))
    assert not sandbox.venv.exists()


def test_pip_is_the_way_without_uv(sandbox):
    setup_env, inside = sandbox.load(), sandbox.venv / "bin" / "python"
    made = setup_env.steps("lab", "python3", uv=None, fresh=True)
    wanted = [["python3", "-m", "venv"], [inside, "-m", "pip"], [inside, "-m", "pip"]]
    assert [command[:3] for _, command in made] == wanted
    _, mend = next(setup_env.steps("lab", inside, uv=None, fresh=False))
    assert mend == [inside, "-m", "ensurepip"]  # an environment made by uv has no pip


def test_the_script_reads_on_python_3_6_and_states_the_range_of_pyproject(checkout):
    asked = tomllib.loads((checkout / "pyproject.toml").read_text())["project"]["requires-python"]
    source = (checkout / "tools" / "setup_env.py").read_text()
    ast.parse(source, feature_version=(3, 6))
    assert asked == ">=3.11,<3.14"
    assert "OLDEST, NEWEST = (3, 11), (3, 13)" in source
    assert not re.search(r"capture_output|text=True|missing_ok|removeprefix", source)  # 3.7 and on
