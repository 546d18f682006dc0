import errno
import os
import re
import shutil
import threading
from types import SimpleNamespace

import pytest

from aelatent import _files
from aelatent._files import Pieces
from aelatent.images import open_source, pack, packing, sources

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


def packed(source, data, name="store", **options):
    source = source if isinstance(source, Plain) else open_source("folder", source)
    options = {"size": 16, "workers": 2, "progress": False, **options}
    return pack(source, name, data=data, **options)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def expected(photos, tmp_path_factory):
    return contents(packed(photos, tmp_path_factory.mktemp("expected")).path)


class Appended(list):
    """The numbers of the batches that are appended, up to the one at which an error comes."""

    stop, error = None, KeyboardInterrupt


@pytest.fixture
def appended(monkeypatch):
    numbers, real = Appended(), Pieces.append

    def append(pieces, *rest):
        if len(pieces.notes) == numbers.stop:
            raise numbers.error
        numbers.append(len(pieces.notes))
        real(pieces, *rest)

    monkeypatch.setattr(Pieces, "append", append)
    return numbers


def interrupted(photos, data, appended, batches, error=KeyboardInterrupt, **options):
    """Leave a work in progress of so many batches; return the error that comes out."""
    appended.stop, appended.error = batches, error
    with pytest.raises((KeyboardInterrupt, OSError)) as raised:
        packed(photos, data, **options)
    assert not (data / "stores" / "store").exists()
    appended.clear()
    appended.stop = None
    return raised.value


def test_pictures_are_in_natural_order_and_bad_ones_have_reasons(
    photos, expected, tmp_path, capsys
):
    store = packed(photos, tmp_path, progress=True)
    assert "52/52" in capsys.readouterr().err
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


def test_batches_come_in_order_a_few_ahead_and_an_error_ends_the_work():
    source, threads = Waiting(60), threading.active_count()
    batches = packing.batches_in_order(source, source.batches(1), 8, "center", workers=2)
    found = [next(batches) for _ in range(3)]
    assert set(source.begun) <= set(range(3 + 5))  # twice the workers and one, beside those out
    with pytest.raises(FileNotFoundError, match="the archive is gone"):
        found.extend(batches)
    assert [batch.image_ids for batch in found] == [[i] for i in source.image_ids[:15]]
    assert max(source.begun) <= 15 + 5
    assert threading.active_count() == threads


FULL = OSError(errno.EDQUOT, "over quota")
STOPS = [(0, KeyboardInterrupt, ""), (BATCHES - 1, KeyboardInterrupt, "")]
STOPS += [(5, FULL, "disk is full.*repeat the same call")]


@pytest.mark.parametrize(("batches", "error", "said"), STOPS)
def test_an_interrupted_call_goes_on(photos, expected, tmp_path, appended, batches, error, said):
    assert re.search(said, str(interrupted(photos, tmp_path, appended, batches, error)))
    assert contents(packed(photos, tmp_path).path) == expected
    assert appended == list(range(batches, BATCHES))  # it did not start anew


@pytest.mark.parametrize("every", [1, WHOLE // 2, 10**9])  # at each batch, on the way, at the end
def test_of_a_disk_that_fails_nothing_counts(
    photos, expected, tmp_path, monkeypatch, appended, every
):
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
    appended.clear()
    assert contents(packed(photos, tmp_path).path) == expected
    assert appended[0] == 0  # all anew: what can be read may be in memory only


def test_other_versions_start_anew_and_say_so(photos, expected, tmp_path, monkeypatch, appended):
    with monkeypatch.context() as patch:
        patch.setattr(packing, "versions", lambda: {"pillow": "1.0"})
        interrupted(photos, tmp_path, appended, 5)
    with pytest.warns(UserWarning, match=r"something else was being made here.* starting anew"):
        assert contents(packed(photos, tmp_path).path) == expected
    assert appended[0] == 0


def test_what_a_stopped_end_left_is_tidied(photos, expected, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(packing, "tidy", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            packed(photos, tmp_path)
    path = tmp_path / "stores" / "store"
    assert set(contents(path)) == {*expected, "journal.txt", "request.json"}
    (path / "own notes.txt").write_text("kept")
    assert set(contents(packed(photos, tmp_path).path)) == {*expected, "own notes.txt"}


def test_an_existing_store_is_returned_and_never_replaced(photos, expected, tmp_path, monkeypatch):
    (tmp_path / "stores" / "foreign").mkdir(parents=True)
    first = packed(photos, tmp_path)
    monkeypatch.setattr(packing, "_fill", lambda *_: pytest.fail("it was made again"))
    monkeypatch.setattr(packing, "versions", lambda: {"pillow": "99"})  # whole is whole
    monkeypatch.setattr(sources, "VERSION", 1)  # also of an older reader
    assert packed(photos, tmp_path).fingerprint == first.fingerprint
    for other in ({"size": 24}, {"crop": 0.5}, {"crop": (0, 0, 8, 8)}, {"name": "foreign"}):
        with pytest.raises(ValueError, match=r"another store .*Choose another name, or move"):
            packed(photos, tmp_path, **other)
    assert contents(first.path) == expected


def test_too_little_disk_is_refused_with_figures(photos, tmp_path, monkeypatch, appended):
    free = SimpleNamespace(free=3 * 10**6)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free)
    with pytest.raises(OSError, match=r"0\.041 GB more .*only 0\.003 GB are free.*AELATENT_DATA"):
        packed(photos, tmp_path, size=512)  # 52 x (512 x 512 x 3 + 500) bytes
    # room for pictures to come is not taken for pictures: 6 of the first 8 are packed
    free.free = 10**9
    interrupted(photos, tmp_path, appended, 2, size=512)
    free.free = 30 * 10**6
    with pytest.raises(OSError, match=r"need 0\.036 GB more"):
        packed(photos, tmp_path, size=512)


def test_sources_without_usable_pictures_or_with_doubled_names_are_refused(tmp_path):
    (tmp_path / "photos").mkdir()
    for i in range(9):  # more than a batch
        (tmp_path / "photos" / f"{i}.jpg").write_bytes(b"x")
    for source, said in (
        (tmp_path / "photos", r"none of the 9 pictures is usable.*0\.jpg"),
        (Plain([]), "0 pictures"),
        (Plain(["a", "a"]), "2 pictures under 1 names"),
    ):
        with pytest.raises(ValueError, match=said):
            packed(source, tmp_path)
    assert not list((tmp_path / "stores").glob(".*.partial"))


def test_large_pictures_are_packed_few_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(packing, "BATCH_PIXEL_BYTES", 16 * 16 * 3 * 2)
    source = Waiting(5)
    packed(source, tmp_path, "x", size=16)
    packed(source, tmp_path, "y", size=32)
    assert sorted(source.begun[:3]) == [0, 2, 4]
    assert sorted(source.begun[3:]) == [0, 1, 2, 3, 4]
