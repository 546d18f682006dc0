import hashlib
import os
import subprocess
import sys
import threading

import filelock
import pytest

from aelatent import _files


def test_a_failure_leaves_the_old_file_and_no_litter(tmp_path):
    path = tmp_path / "a.json"
    _files.write_json(path, {"old": 1})

    def fail_half_way():
        with _files.replacing(path) as temporary:
            temporary.write_text("half")
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match=r"No space left"):
        fail_half_way()
    assert _files.read_json(path) == {"old": 1}
    assert os.listdir(tmp_path) == ["a.json"]


def test_the_new_content_is_never_seen_half_written(tmp_path):
    path = tmp_path / "a"
    path.write_text("old")
    with _files.replacing(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
        assert temporary.parent == path.parent  # a rename across file systems is no rename
    assert path.read_text() == "new"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_others_may_read_what_is_written(tmp_path):
    _files.write_text(tmp_path / "a", "x")
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o644


def test_json_that_is_no_json_is_not_written(tmp_path):
    with pytest.raises(ValueError, match=r"JSON"):
        _files.write_json(tmp_path / "a", {"x": float("nan")})
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("content", [b"", b"[1]", b"{", b"\xff\xfe"])
def test_damaged_json_is_named(tmp_path, content):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.json is damaged"):
        _files.read_json(tmp_path / "a.json")


def test_sha256_is_that_of_the_bytes(tmp_path):
    (tmp_path / "a").write_bytes(b"abc" * 1000)
    assert _files.sha256(tmp_path / "a") == hashlib.sha256(b"abc" * 1000).hexdigest()


def test_sweeping_takes_only_what_was_left_half_written(tmp_path):
    for name in (".a.npz.x1.tmp", "b.tmp", ".keep", "c"):
        (tmp_path / name).touch()
    _files.sweep_temporary(tmp_path)
    assert sorted(os.listdir(tmp_path)) == [".keep", "b.tmp", "c"]


_HOLD = """
import sys, pathlib
from aelatent._files import only_one
with only_one(pathlib.Path(sys.argv[1]), "holding"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_lock_keeps_other_processes_out_until_its_owner_dies(tmp_path):
    path = tmp_path / "sub" / ".x.lock"
    owner = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with owner:
        assert owner.stdout.readline() == "held\n"
        with pytest.raises(RuntimeError, match=r"another process is packing"):
            _files.only_one(path, "packing").__enter__()
        owner.kill()
        owner.wait()
        with _files.only_one(path, "packing"):
            pass


def test_a_lock_that_is_let_go_at_once_is_waited_for(tmp_path):
    path = tmp_path / ".x.lock"
    other = filelock.FileLock(path, thread_local=False)
    other.acquire()
    letting_go = threading.Timer(0.02, other.release, kwargs={"force": True})
    letting_go.start()
    with _files.only_one(path, "packing"):
        assert not other.is_locked
    letting_go.join()
