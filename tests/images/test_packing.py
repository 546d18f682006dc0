import errno
import os
import shutil
import subprocess
import sys
import threading
import warnings
from collections import namedtuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aelatent._files import only_one
from aelatent.images import finishing, open_source, pack, packing

from .bad_files import bad_pictures, photo
from .test_store import Plain

COUNT = 40


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    for i in range(COUNT):
        (folder / f"{i}.jpg").write_bytes(photo(i))
    for i, (name, (data, _)) in enumerate(bad_pictures().items()):
        (folder / f"{3 * i}-{name}").write_bytes(data)
    return folder


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(packing, "BATCH", 4)


def packed(photos, data, name="store", **options):
    options = {"size": 16, "workers": 1, "progress": False, **options}
    return pack(open_source("folder", photos), name, data=data, **options)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def expected(photos, tmp_path_factory):
    return contents(packed(photos, tmp_path_factory.mktemp("expected")).path)


class Stopped(Exception):
    pass


def stop_after(monkeypatch, batches, error=Stopped):
    """Make packing stop after so many batches."""
    real = packing._append

    def append(images, journal, number, *rest):
        if number == batches:
            raise error
        real(images, journal, number, *rest)

    monkeypatch.setattr(packing, "_append", append)


def interrupted(photos, data, monkeypatch, batches, **options):
    """Leave a work in progress of so many batches."""
    with monkeypatch.context() as patch:
        stop_after(patch, batches)
        with pytest.raises(Stopped):
            packed(photos, data, **options)


def test_pictures_are_in_natural_order_and_bad_ones_have_reasons(photos, expected, tmp_path):
    store = packed(photos, tmp_path)
    good = [f"{i}.jpg" for i in range(COUNT)]
    assert store.index["image_id"].tolist() == good
    bad = {name: reason for name, (_, reason) in bad_pictures().items()}
    assert len(store.skipped) == len(bad)
    for file, reason in store.skipped.to_numpy():
        assert bad[file.split("-", 1)[1]] in reason
    assert contents(store.path) == expected
    assert not list(tmp_path.rglob("*.partial"))


def test_skipped_files_leave_no_room_in_the_store(expected):
    assert len(expected["images.npy"]) == finishing.HEADER_BYTES + COUNT * 16 * 16 * 3


def test_the_store_does_not_depend_on_workers_or_batches(photos, expected, tmp_path, monkeypatch):
    assert contents(packed(photos, tmp_path, "two", workers=2).path) == expected
    monkeypatch.setattr(packing, "BATCH", 1000)
    assert contents(packed(photos, tmp_path, "one").path) == expected


@pytest.mark.parametrize(("batches", "workers"), [(0, 1), (1, 1), (5, 1), (12, 1), (3, 2)])
def test_an_interrupted_call_goes_on(photos, expected, tmp_path, monkeypatch, batches, workers):
    with monkeypatch.context() as patch:
        stop_after(patch, batches, KeyboardInterrupt)
        with pytest.raises(KeyboardInterrupt):
            packed(photos, tmp_path, workers=workers)
    assert not (tmp_path / "stores" / "store").exists()
    decoded = []
    real = packing._append
    monkeypatch.setattr(packing, "_append", lambda *a: (decoded.append(a[2]), real(*a)))
    assert contents(packed(photos, tmp_path, workers=workers).path) == expected
    assert decoded[0] == batches  # it went on; it did not start anew


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_damage_to_the_work_in_progress_is_undone(photos, expected, tmp_path, monkeypatch, data):
    shutil.rmtree(tmp_path / "stores", ignore_errors=True)
    interrupted(photos, tmp_path, monkeypatch, data.draw(st.integers(1, 12)))
    name = data.draw(st.sampled_from(["images.npy", "journal.txt"]))
    path = tmp_path / "stores" / ".store.partial" / name
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    match data.draw(st.sampled_from(["cut", "flip", "append", "double"])):
        case "cut":
            del content[place:]
        case "flip":
            content[place] ^= data.draw(st.integers(1, 255))
        case "append":
            content += data.draw(st.binary(min_size=1, max_size=50))
        case "double":
            content += content[place:]
    path.write_bytes(content)
    assert contents(packed(photos, tmp_path).path) == expected


def test_what_a_stopped_end_left_is_tidied(photos, expected, tmp_path, monkeypatch):
    def stop(target):
        raise Stopped

    with monkeypatch.context() as patch:
        patch.setattr(finishing, "tidy", stop)
        with pytest.raises(Stopped):
            packed(photos, tmp_path)
    path = tmp_path / "stores" / "store"
    assert (path / "journal.txt").exists()
    (path / "own notes.txt").write_text("kept")
    assert set(contents(packed(photos, tmp_path).path)) == {*expected, "own notes.txt"}


def test_an_existing_store_is_returned_at_once(photos, tmp_path, monkeypatch):
    first = packed(photos, tmp_path)
    monkeypatch.setattr(packing, "_fill", lambda *_: pytest.fail("it was made again"))
    monkeypatch.setattr(packing, "versions", lambda: {"pillow": "99"})  # whole is whole
    assert packed(photos, tmp_path).fingerprint == first.fingerprint


@pytest.mark.parametrize("other", [{"size": 24}, {"crop": 0.5}, {"crop": (0, 0, 8, 8)}])
def test_another_store_of_that_name_is_refused(photos, expected, tmp_path, other):
    packed(photos, tmp_path)
    with pytest.raises(ValueError, match=r"there is another store .*Choose another name, or move"):
        packed(photos, tmp_path, **other)
    assert contents(tmp_path / "stores" / "store") == expected


def test_a_file_or_foreign_folder_of_that_name_is_refused(photos, tmp_path):
    (tmp_path / "stores" / "store").mkdir(parents=True)
    with pytest.raises(ValueError, match="another store"):
        packed(photos, tmp_path)


def test_another_request_starts_anew_and_says_so(photos, tmp_path, monkeypatch):
    interrupted(photos, tmp_path, monkeypatch, 5, size=24)
    with pytest.warns(UserWarning, match=r"another source, size, crop .* starting anew"):
        store = packed(photos, tmp_path, size=16)
    assert store.size == 16


def test_other_versions_start_anew(photos, expected, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(packing, "versions", lambda: {"pillow": "1.0"})
        interrupted(photos, tmp_path, monkeypatch, 5)
    with pytest.warns(UserWarning, match="starting anew"):
        assert contents(packed(photos, tmp_path).path) == expected


def test_two_at_once_are_refused(photos, tmp_path):
    with (
        only_one(tmp_path / "stores" / ".store.lock", "packing"),
        pytest.raises(RuntimeError, match="another process is packing the store 'store'"),
    ):
        packed(photos, tmp_path)


def test_too_little_disk_is_refused_with_figures(photos, tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 3 * 10**6))
    with pytest.raises(OSError, match=r"need 0\.041 GB more .*only 0\.003 GB are free") as raised:
        packed(photos, tmp_path, size=512)  # 52 x (512 x 512 x 3 + 500) bytes
    assert "AELATENT_DATA" in str(raised.value)
    packed(photos, tmp_path, size=16)


def test_room_for_pictures_to_come_is_not_taken_for_pictures(photos, tmp_path, monkeypatch):
    interrupted(photos, tmp_path, monkeypatch, 2, size=512)
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 30 * 10**6))
    with pytest.raises(OSError, match=r"need 0\.036 GB more"):  # 6 of the first 8 are packed
        packed(photos, tmp_path, size=512)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_told_in_words_and_the_work_kept(
    photos, expected, tmp_path, monkeypatch, number
):
    with monkeypatch.context() as patch:
        stop_after(patch, 5, OSError(number, os.strerror(number)))
        with pytest.raises(OSError, match="disk is full") as raised:
            packed(photos, tmp_path)
    assert raised.value.errno == number
    assert "repeat the same call" in str(raised.value)
    assert contents(packed(photos, tmp_path).path) == expected


def test_other_errors_are_not_called_a_full_disk(photos, tmp_path, monkeypatch):
    stop_after(monkeypatch, 5, OSError(errno.EIO, "input/output error"))
    with pytest.raises(OSError, match="input/output"):
        packed(photos, tmp_path)


def in_the_background(monkeypatch, act, every=1):
    """After so many bytes call ``act()`` where they are flushed meanwhile; keep the end's flush."""
    real, main = os.fsync, threading.current_thread()
    monkeypatch.setattr(packing, "FLUSH_BYTES", every)
    monkeypatch.setattr(
        os, "fsync", lambda f: real(f) if threading.current_thread() is main else act()
    )


@pytest.mark.parametrize("workers", [1, 2])
def test_pictures_reach_the_disk_while_others_are_packed(
    photos, expected, tmp_path, monkeypatch, workers
):
    flushed = []
    in_the_background(monkeypatch, lambda: flushed.append(len(os.listdir(tmp_path / "stores"))))
    assert contents(packed(photos, tmp_path, workers=workers).path) == expected
    assert len(flushed) >= 1


@pytest.mark.parametrize("every", [1, COUNT * 16 * 16 * 3])  # the latter: at the last batch
def test_of_a_disk_that_fails_nothing_counts(photos, expected, tmp_path, monkeypatch, every):
    def failing():
        raise OSError(errno.EIO, "on purpose")

    with monkeypatch.context() as patch:
        in_the_background(patch, failing, every)
        with pytest.raises(OSError, match="on purpose"):
            packed(photos, tmp_path)
    assert not (tmp_path / "stores" / "store").exists()
    numbers, real = [], packing._append
    monkeypatch.setattr(packing, "_append", lambda *a: numbers.append(a[2]) or real(*a))
    assert contents(packed(photos, tmp_path).path) == expected
    assert numbers[0] == 0  # all anew: what can be read may be in memory only


def test_of_a_disk_that_fails_at_the_end_nothing_counts(photos, expected, tmp_path, monkeypatch):
    real = os.fsync

    def failing(file):
        if os.fstat(file).st_size > 16 * 16 * 3:  # only images.npy has so much
            raise OSError(errno.EIO, "broken")
        real(file)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", failing)
        with pytest.raises(OSError, match="broken"):
            packed(photos, tmp_path)
    (partial,) = (tmp_path / "stores").glob(".*.partial")
    assert (partial / "journal.txt").read_bytes() == b""
    assert contents(packed(photos, tmp_path).path) == expected


def test_no_usable_picture_is_refused(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for i in range(9):  # more than a batch
        (folder / f"{i}.jpg").write_bytes(b"x")
    with pytest.raises(ValueError, match=r"none of the 9 pictures is usable.*0\.jpg"):
        packed(folder, tmp_path)
    assert not list((tmp_path / "stores").glob(".store.partial"))


SIZES = [{"size": size} for size in (0, 7, 16.0, True, 5000)]
OTHERS = [{"workers": 0}, {"workers": 1.5}, {"crop": "top"}, {"name": "../x"}, {"name": ".x"}]


@pytest.mark.parametrize("wrong", SIZES + OTHERS)
def test_unusable_arguments_are_refused(photos, tmp_path, wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        packed(photos, tmp_path, **wrong)
    assert not list(tmp_path.rglob("*.partial"))


def test_sources_without_or_with_doubled_names_are_refused(tmp_path):
    for ids, said in (([], "0 pictures"), (["a", "a"], "2 pictures under 1 names")):
        with pytest.raises(ValueError, match=said):
            pack(Plain(ids), "x", size=16, data=tmp_path, progress=False)


def test_the_default_crop_is_the_sources_own(photos, tmp_path):
    source = open_source("folder", photos)
    source.default_crop = 0.5
    store = pack(source, "a", size=16, workers=1, data=tmp_path, progress=False)
    assert store.info["crop"] == 0.5
    wanted = packed(photos, tmp_path, "b", crop=0.5)
    assert (store.images[:] == wanted.images).all()


def test_the_header_leaves_room_for_any_count():
    for count in (0, 1, 202_599, 10**12):
        head = finishing.header(count, 1024)
        assert len(head) == finishing.HEADER_BYTES
        assert f"'shape': ({count}, 1024, 1024, 3)".encode() in head


def test_a_script_needs_no_main_guard(photos, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "from aelatent.images import open_source, pack, packing\n"
        "packing.BATCH = 4\n"
        f"source = open_source('folder', {str(photos)!r})\n"
        f"print(len(pack(source, 'x', size=16, workers=2, data={str(tmp_path)!r})))\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", script], capture_output=True, text=True, timeout=120
    )
    assert done.stdout == f"{COUNT}\n", done.stderr
    assert "52/52" in done.stderr  # the bar
    assert "pictures/s" in done.stderr


def test_no_warning_leaks(photos, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        packed(photos, tmp_path, workers=2, progress=True)
