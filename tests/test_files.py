import errno
import hashlib
import os
import shutil
import subprocess
import sys
import threading

import filelock
import numpy as np
import pytest

from aelatent import _files
from aelatent._system import Bar


def test_a_file_is_the_old_one_or_the_new(tmp_path):
    path = tmp_path / "a.json"
    _files.write_json(path, {"old": 1})

    def fail_half_way():
        with _files.replacing(path) as temporary:
            temporary.write_text("half")
            assert _files.read_json(path) == {"old": 1}
            assert temporary.parent == tmp_path  # a rename across file systems is no rename
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        fail_half_way()
    assert _files.read_json(path) == {"old": 1}
    with pytest.raises(ValueError, match="JSON"):
        _files.write_json(path, {"x": float("nan")})
    _files.write_json(path, {"new": 1})
    assert path.read_bytes() == b'{\n  "new": 1\n}\n'
    assert os.listdir(tmp_path) == ["a.json"]
    if os.name != "nt":  # Windows has no such modes
        assert path.stat().st_mode & 0o777 == 0o644


DAMAGED = [b"", b"[1]", b"{", b"\xff\xfe", b"9" * 5000, b"[" * 100_000, b'{"a": ' * 100_000]


@pytest.mark.parametrize("content", DAMAGED, ids=range(7))
def test_damaged_json_is_named(tmp_path, content):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.json is damaged.*make it again"):
        _files.read_json(tmp_path / "a.json")


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12, dtype=np.float32).reshape(3, 4),
        np.arange(12, dtype=np.float32).reshape(3, 4).T,
        np.zeros((0, 2), np.float32),
        np.arange(5, dtype=np.uint8)[::2],
    ],
)
def test_arrays_are_written_as_numpy_does(tmp_path, array):
    with open(tmp_path / "a.npy", "wb") as file:
        _files.write_array(file, array)
    np.save(tmp_path / "b.npy", np.ascontiguousarray(array))
    content = (tmp_path / "b.npy").read_bytes()
    assert (tmp_path / "a.npy").read_bytes() == content
    assert _files.sha256(tmp_path / "a.npy") == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("number", [errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_share_that_refuses_modes_keeps_files(tmp_path, monkeypatch, number):
    def refusing(*_, **__):
        raise OSError(number, "no")

    monkeypatch.setattr(os, "chmod", refusing)
    _files.write_text(tmp_path / "a", "whole")
    assert (tmp_path / "a").read_text() == "whole"


def test_without_streams_bars_are_off_and_nothing_is_printed(monkeypatch):
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    with Bar(range(2), "counting", disable=False) as bar:
        assert list(bar) == [0, 1]
        bar.set_postfix(loss=1)
    Bar.write("done")


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


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "(?i)disk is full.*testing.*repeat the same call"),
        (errno.EFBIG, "(?i)limit on file sizes.*testing.*repeat the same call"),
        (errno.EROFS, "(?i)system refused photo.jpg.*testing.*AELATENT_DATA"),
        (errno.ENOLCK, "file system of .* does not do what testing needs.*AELATENT_DATA"),
        (errno.EMFILE, "testing in .*Close other files"),
        (errno.EACCES, "(?i)system refused photo.jpg.*testing.*AELATENT_DATA"),
    ],
)
def test_errors_of_the_disk_say_what_to_do(tmp_path, number, said):
    with pytest.raises(OSError, match=said) as raised, _files.only_one(tmp_path / "l", "testing"):
        raise OSError(number, os.strerror(number), "photo.jpg")
    assert raised.value.errno == number
    with _files.only_one(tmp_path / "l", "testing"):  # the lock is free again
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


# arrays made in pieces


def grown(folder, *pieces, request=None, dtype="<f4"):
    """Append pieces, each noted by its length; return what was there before, and the digest."""
    with _files.in_pieces(folder, "a.npy", dtype, request or {"x": 1}) as made:
        before = list(made.notes)
        for piece in pieces:
            made.append(piece, len(piece))
        made.finish()
    return before, made.digest.hexdigest()


PIECES = [np.arange(6.0).reshape(2, 3), np.zeros((0, 3)), np.full((3, 3), np.pi)]


@pytest.mark.parametrize("dtype", ["<f4", "|u1", "<f8"])
def test_pieces_become_the_array_that_numpy_writes(tmp_path, dtype):
    _, digest = grown(tmp_path / "p", *PIECES, dtype=dtype)
    whole = np.concatenate(PIECES).astype(dtype)
    np.save(tmp_path / "whole.npy", whole)
    assert (tmp_path / "p/a.npy").read_bytes() == (tmp_path / "whole.npy").read_bytes()
    rows = b"".join(hashlib.sha256(row).digest() for row in whole)
    assert digest == hashlib.sha256(rows).hexdigest()


@pytest.mark.parametrize("name", ["a.npy", "journal.txt"])
@pytest.mark.parametrize("damage", ["cut", "flip", "append"])
def test_pieces_count_up_to_the_first_that_is_damaged(tmp_path, name, damage):
    whole = grown(tmp_path / "whole", *PIECES, *PIECES)[1]
    path = tmp_path / "p" / name
    lines = (tmp_path / "whole/journal.txt").read_bytes().splitlines(keepends=True)[:3]
    ends = [152, 152, 188] if name == "a.npy" else np.cumsum([len(line) for line in lines])
    for place in range(0 if name == "journal.txt" else 128, 470, 7):
        shutil.rmtree(tmp_path / "p", ignore_errors=True)
        grown(tmp_path / "p", *PIECES)
        content = path.read_bytes()
        place = min(place, len(content) - 1)
        changed = {
            "cut": content[:place],
            "flip": content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :],
            "append": content + content[place:],
        }[damage]
        path.write_bytes(changed)
        wanted = 3 if damage == "append" else sum(end <= place for end in ends)
        before, _ = grown(tmp_path / "p")
        assert before == [2, 0, 3][:wanted]
        assert grown(tmp_path / "p", *(PIECES + PIECES)[wanted:])[1] == whole


def test_another_request_starts_anew_and_says_so_where_something_is_lost(tmp_path):
    grown(tmp_path / "p", request={"x": 2})
    assert grown(tmp_path / "p") == ([], hashlib.sha256().hexdigest())  # nothing was lost
    grown(tmp_path / "p", *PIECES, request={"x": 1})
    (tmp_path / "p/stray.csv").touch()
    with pytest.warns(UserWarning, match=r"^p: something else was being made here.*starting anew"):
        before, _ = grown(tmp_path / "p", request={"x": 2})
    assert before == []
    assert sorted(os.listdir(tmp_path / "p")) == ["a.npy", "journal.txt", "request.json"]


def test_pieces_are_flushed_every_so_many_bytes(tmp_path, monkeypatch):
    flushed, real = [], os.fsync
    monkeypatch.setattr(_files, "FLUSH_BYTES", 48)
    with _files.in_pieces(tmp_path / "p", "a.npy", "<f4", {}) as made:
        monkeypatch.setattr(os, "fsync", lambda file: flushed.append(made.rows) or real(file))
        for _ in range(5):
            made.append(PIECES[0])  # 24 bytes
        assert flushed == [4, 8]
        made.finish()
        assert flushed == [4, 8, 10]


def test_room_that_is_left_is_cut_off(tmp_path):
    with _files.in_pieces(tmp_path / "p", "a.npy", "<f4", {}) as made:
        made.make_room(1000)
        assert (tmp_path / "p/a.npy").stat().st_size == 1128
        made.append(PIECES[0])
        made.finish()
    assert np.load(tmp_path / "p/a.npy").tolist() == PIECES[0].tolist()
    assert (tmp_path / "p/a.npy").stat().st_size == 128 + 24
