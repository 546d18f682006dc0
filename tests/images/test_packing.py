import errno
import os
import shutil
import subprocess
import sys
import threading
from collections import namedtuple

import pytest

from aelatent import _files
from aelatent._files import Pieces, only_one
from aelatent.images import open_source, pack, packing

from .bad_files import bad_pictures, photo
from .test_store import Plain

COUNT = 40
BATCHES = 13  # of the 40 photos and 12 bad files, 4 at a time
WHOLE = 128 + COUNT * 16 * 16 * 3  # bytes of images.npy


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
    options = {"size": 16, "workers": 2, "progress": False, **options}
    return pack(open_source("folder", photos), name, data=data, **options)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def expected(photos, tmp_path_factory):
    return contents(packed(photos, tmp_path_factory.mktemp("expected")).path)


class Stopped(Exception):
    pass


def interrupted(photos, data, monkeypatch, batches, error=Stopped, **options):
    """Leave a work in progress of so many batches; return the error that comes out."""
    real = Pieces.append

    def append(pieces, *rest):
        if len(pieces.notes) == batches:
            raise error
        real(pieces, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(Pieces, "append", append)
        with pytest.raises(type(error) if isinstance(error, Exception) else error) as raised:
            packed(photos, data, **options)
    return raised.value


def appended(monkeypatch):
    """Return a list that will hold the numbers of the batches that are appended from now on."""
    numbers, real = [], Pieces.append
    monkeypatch.setattr(
        Pieces, "append", lambda self, *a: numbers.append(len(self.notes)) or real(self, *a)
    )
    return numbers


def test_pictures_are_in_natural_order_and_bad_ones_have_reasons(photos, expected, tmp_path):
    store = packed(photos, tmp_path)
    assert store.index["image_id"].tolist() == [f"{i}.jpg" for i in range(COUNT)]
    bad = {name: reason for name, (_, reason) in bad_pictures().items()}
    assert len(store.skipped) == len(bad)
    for file, reason in store.skipped.to_numpy():
        assert bad[file.split("-", 1)[1]] in reason
    assert contents(store.path) == expected
    assert len(expected["images.npy"]) == WHOLE  # skipped files leave no room
    assert not list(tmp_path.rglob("*.partial"))


@pytest.mark.parametrize(("workers", "batch"), [(1, 4), (None, 4), (5, 1), (2, 1000)])
def test_the_store_does_not_depend_on_workers_or_batches(
    photos, expected, tmp_path, monkeypatch, workers, batch
):
    monkeypatch.setattr(packing, "BATCH", batch)
    assert contents(packed(photos, tmp_path, workers=workers).path) == expected


class Waiting(Plain):
    """Its first part is ready only after the third; it notes which have begun."""

    def __init__(self, count):
        super().__init__([str(i) for i in range(count)])
        self.begun, self.third = [], threading.Event()

    def read(self, start, stop, size, crop):
        self.begun.append(start)
        if start == 2:
            self.third.set()
        assert start > 0 or self.third.wait(10)
        if start == 15:
            raise FileNotFoundError("the archive is gone")
        return super().read(start, stop, size, crop)


def test_batches_come_in_order_and_only_a_few_are_made_ahead():
    source = Waiting(15)
    batches = packing.batches_in_order(source, source.batches(1), 8, "center", workers=2)
    first = [next(batches) for _ in range(3)]
    assert set(source.begun) <= set(range(3 + 5))  # twice the workers and one, beside those out
    assert [batch.image_ids for batch in [*first, *batches]] == [[i] for i in source.image_ids]


def test_errors_of_workers_come_through_and_end_the_work():
    source = Waiting(60)
    before = threading.active_count()
    with pytest.raises(FileNotFoundError, match="the archive is gone"):
        list(packing.batches_in_order(source, source.batches(1), 8, "center", 2))
    assert max(source.begun) <= 15 + 5
    assert threading.active_count() == before


@pytest.mark.parametrize("batches", [0, 1, 5, BATCHES - 1])
def test_an_interrupted_call_goes_on(photos, expected, tmp_path, monkeypatch, batches):
    interrupted(photos, tmp_path, monkeypatch, batches, KeyboardInterrupt)
    assert not (tmp_path / "stores" / "store").exists()
    numbers = appended(monkeypatch)
    assert contents(packed(photos, tmp_path).path) == expected
    assert numbers == list(range(batches, BATCHES))  # it did not start anew


def test_what_a_stopped_end_left_is_tidied(photos, expected, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(packing, "tidy", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            packed(photos, tmp_path)
    path = tmp_path / "stores" / "store"
    assert set(contents(path)) == {*expected, "journal.txt", "request.json"}
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


def test_a_foreign_folder_of_that_name_is_refused(photos, tmp_path):
    (tmp_path / "stores" / "store").mkdir(parents=True)
    with pytest.raises(ValueError, match="another store"):
        packed(photos, tmp_path)


@pytest.mark.parametrize("other", ["size", "versions", "format"])
def test_another_request_starts_anew_and_says_so(photos, expected, tmp_path, monkeypatch, other):
    with monkeypatch.context() as patch:
        if other == "versions":
            patch.setattr(packing, "versions", lambda: {"pillow": "1.0"})
        interrupted(photos, tmp_path, monkeypatch, 5, size=24 if other == "size" else 16)
    request = tmp_path / "stores/.store.partial/request.json"
    if other == "format":  # as older versions wrote it
        request.write_text('{"request": {"size": 16}, "versions": {}}')
    numbers = appended(monkeypatch)
    with pytest.warns(UserWarning, match=r"something else was being made here.* starting anew"):
        assert contents(packed(photos, tmp_path).path) == expected
    assert numbers[0] == 0


def test_two_at_once_are_refused(photos, tmp_path):
    with (
        only_one(tmp_path / "stores" / ".store.lock", "packing"),
        pytest.raises(RuntimeError, match="another process is packing the store 'store'"),
    ):
        packed(photos, tmp_path)


def test_too_little_disk_is_refused_with_figures(photos, expected, tmp_path, monkeypatch):
    def free(size):
        usage = namedtuple("usage", "total used free")
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, size))

    free(3 * 10**6)
    with pytest.raises(OSError, match=r"need 0\.041 GB more .*only 0\.003 GB are free") as raised:
        packed(photos, tmp_path, size=512)  # 52 x (512 x 512 x 3 + 500) bytes
    assert "AELATENT_DATA" in str(raised.value)
    # room for pictures to come is not taken for pictures: 6 of the first 8 are packed
    free(10**9)
    interrupted(photos, tmp_path, monkeypatch, 2, size=512)
    free(30 * 10**6)
    with pytest.raises(OSError, match=r"need 0\.036 GB more"):
        packed(photos, tmp_path, size=512)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO])
def test_a_full_disk_is_told_in_words_and_the_work_kept(
    photos, expected, tmp_path, monkeypatch, number
):
    error = interrupted(photos, tmp_path, monkeypatch, 5, OSError(number, os.strerror(number)))
    assert error.errno == number
    assert ("disk is full" in str(error)) == (number != errno.EIO)
    assert ("repeat the same call" in str(error)) == (number != errno.EIO)
    numbers = appended(monkeypatch)
    assert contents(packed(photos, tmp_path).path) == expected
    assert numbers[0] == 5


@pytest.mark.parametrize("every", [1, WHOLE // 2, 10**9])  # at each batch, on the way, at the end
def test_of_a_disk_that_fails_nothing_counts(photos, expected, tmp_path, monkeypatch, every):
    real = os.fsync

    def failing(file):
        if os.fstat(file).st_size > 16 * 16 * 3:  # before the end only images.npy has so much
            raise OSError(errno.EIO, "on purpose")
        real(file)

    monkeypatch.setattr(_files, "FLUSH_BYTES", every)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", failing)
        with pytest.raises(OSError, match="on purpose"):
            packed(photos, tmp_path)
    assert not (tmp_path / "stores" / "store").exists()
    assert (tmp_path / "stores/.store.partial/journal.txt").read_bytes() == b""
    numbers = appended(monkeypatch)
    assert contents(packed(photos, tmp_path).path) == expected
    assert numbers[0] == 0  # all anew: what can be read may be in memory only


def test_sources_without_usable_pictures_or_with_doubled_names_are_refused(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for i in range(9):  # more than a batch
        (folder / f"{i}.jpg").write_bytes(b"x")
    with pytest.raises(ValueError, match=r"none of the 9 pictures is usable.*0\.jpg"):
        packed(folder, tmp_path)
    for ids, said in (([], "0 pictures"), (["a", "a"], "2 pictures under 1 names")):
        with pytest.raises(ValueError, match=said):
            pack(Plain(ids), "x", size=16, data=tmp_path, progress=False)
    assert not list((tmp_path / "stores").glob(".*.partial"))


def test_the_default_crop_is_the_sources_own(photos, tmp_path):
    source = open_source("folder", photos)
    source.default_crop = 0.5
    store = pack(source, "a", size=16, data=tmp_path, progress=False)
    assert store.info["crop"] == 0.5
    wanted = packed(photos, tmp_path, "b", crop=0.5)
    assert (store.images[:] == wanted.images).all()


def test_large_pictures_are_packed_few_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(packing, "BATCH_PIXEL_BYTES", 16 * 16 * 3 * 2)
    counts = []

    class Counting(Plain):
        def read(self, start, stop, size, crop):
            counts.append(stop - start)
            return super().read(start, stop, size, crop)

    pack(Counting("abcde"), "x", size=16, data=tmp_path, progress=False)
    assert sorted(counts) == [1, 2, 2]
    pack(Counting("abcde"), "y", size=32, data=tmp_path, progress=False)
    assert counts[3:] == [1] * 5


def test_a_script_needs_no_main_guard_and_shows_a_bar(photos, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "from aelatent.images import open_source, pack\n"
        f"source = open_source('folder', {str(photos)!r})\n"
        f"print(len(pack(source, 'x', size=16, workers=2, data={str(tmp_path)!r})))\n"
    )
    done = subprocess.run([sys.executable, "-W", "error", script], capture_output=True, text=True)
    assert done.stdout == f"{COUNT}\n", done.stderr
    assert "52/52" in done.stderr
    assert "pictures/s" in done.stderr
