import contextlib
import errno
import os
import sys
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from aelatent.images import open_source
from aelatent.images.containers import Archive, Tree, natural
from aelatent.images.pictures import MAX_BYTES, BadPicture, read_picture

from .bad_archives import DEFLATED, GOOD, LEADING_OUT, ODD_NAMES, PACKED, REFUSED, SKIPPED
from .bad_files import photo, zipped

PHOTOS = [(f"photos/{i}.jpg", photo(i)) for i in (1, 2, 10)]


def contents(container):
    """Return the bytes of each entry, or the BadPicture that says why there are none."""
    found = []
    for entry in container.entries:
        try:
            found.append(container.read(entry))
        except BadPicture as reason:
            found.append(reason)
    return found


def test_natural_keys_are_equal_only_for_equal_names():
    names = ["1", "01", "001", "a1", "a01", "a1b", "a1b2", "", "٣", "²", "1" * 5000]
    assert len({natural(name) for name in names}) == len(names)
    assert sorted(["a10", "a9", "a009", "B1"], key=natural) == ["B1", "a009", "a9", "a10"]


@pytest.mark.parametrize(("more", "taken"), [(0, True), (1, False)])
def test_files_and_members_of_at_most_64_mib_are_read(tmp_path, more, taken):
    data = bytes(MAX_BYTES + more)
    (tmp_path / "b.jpg").write_bytes(data)
    for container in (Archive(zipped([("b.jpg", data)], tmp_path / "a", DEFLATED)), Tree(tmp_path)):
        (found,) = contents(container)
        assert (found == data) if taken else f"{len(data)} bytes; at most" in str(found)


# archives


@pytest.mark.parametrize("name", [*PACKED, *SKIPPED])
def test_whole_members_are_packed_and_the_others_skipped_with_the_reason(given, packed, name):
    data, said = SKIPPED[name] if name in SKIPPED else (PACKED[name], "")
    (given / "photos.zip").write_bytes(data)
    store, skipped = packed("celeba", given / "photos.zip")
    assert bool(skipped) == (name in SKIPPED)
    assert all(said in reason for reason in skipped.values())
    first = read_picture(GOOD[0][1]).resize((16, 16), box=(0, 5, 40, 45), resample=3)
    at = store.index["image_id"].tolist().index("1.jpg")
    assert np.array_equal(store.images[at], first)


@pytest.mark.parametrize("name", REFUSED)
def test_archives_without_a_usable_picture_are_refused(given, packed, name):
    path = given / "photos.zip"
    data, said = REFUSED[name]
    path.write_bytes(data)
    with pytest.raises(ValueError, match=said) as raised:
        packed("celeba", path)
    assert str(path) in str(raised.value) or "usable" in str(raised.value)
    assert not list(given.parent.glob("data/stores/*/store.json"))


def test_names_that_lead_out_are_skipped_and_odd_ones_packed(given, packed):
    members = [(name, photo(k)) for k, name in enumerate([*LEADING_OUT, *ODD_NAMES])]
    store, skipped = packed("celeba", zipped([*GOOD, *members], given / "photos.zip"))
    wanted = {name.rpartition("/")[2] for name in ODD_NAMES} | {"1.jpg", "2.jpg"}
    assert skipped == dict.fromkeys(LEADING_OUT, "its name leads out of the folder")
    assert set(store.index["image_id"]) == wanted


def test_members_are_listed_in_natural_order_and_read_whole(tmp_path):
    others = [("photos/", b""), ("photos/Thumbs.db", b"x"), ("readme.txt", b"hello")]
    archive = Archive(zipped([*PHOTOS[::-1], *others], tmp_path / "a.zip"))
    assert [e.name for e in archive.entries] == [name for name, _ in PHOTOS]
    assert contents(archive) == [data for _, data in PHOTOS]
    assert archive.ignored == []
    assert archive.others == ["photos/Thumbs.db", "readme.txt"]
    assert archive.text("readme.txt", 5) == b"hello"
    with pytest.raises(ValueError, match="larger than 4 bytes: no table"):
        archive.text("readme.txt", 4)


def test_more_members_than_two_bytes_can_count(tmp_path):
    members = [(f"{k}.txt", b"") for k in range(65_600)]
    assert len(Archive(zipped(members, tmp_path / "a.zip")).others) == 65_600


def test_several_threads_read_one_archive(tmp_path):
    archive = Archive(zipped(PHOTOS, tmp_path / "a.zip", DEFLATED))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(contents, [archive] * 400))
    assert found == [[data for _, data in PHOTOS]] * 400


def test_a_member_that_lies_about_its_size_is_not_unpacked_further(tmp_path):
    archive = Archive(zipped([("bomb.jpg", bytes(10_000_000))], tmp_path / "a.zip", DEFLATED))
    archive.entries[0].place.file_size = 1000
    tracemalloc.start()
    (reason,) = contents(archive)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(reason, BadPicture)
    assert peak < 10**6


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_archives_are_refused_or_give_the_right_bytes(tmp_path, data):
    path = zipped(PHOTOS, tmp_path / "a.zip", DEFLATED)
    damaged = bytearray(path.read_bytes())
    end = len(damaged) - 1
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.one_of(st.integers(0, end), st.integers(end - 260, end)))
        damaged[place] = data.draw(st.integers(0, 255))
    path.write_bytes(damaged)
    right = [content for _, content in PHOTOS]
    with contextlib.suppress(ValueError):  # refused
        for content in contents(Archive(path)):
            assert isinstance(content, BadPicture) or content in right or content == b""


# folders


def raises(error):
    raise error


def fill(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(photo())


def test_files_are_sorted_into_pictures_tables_and_what_is_passed_over(tmp_path):
    fill(tmp_path, "b/10.jpg", "b/9.jpg", "a.jpg", "B/1.JPG", "b/009.jpg", "b/9/x.jpeg")
    fill(tmp_path, "notes.txt", ".hidden.jpg", ".thumbs/1.jpg", "__MACOSX/x.jpg", "nosuffix")
    tree = Tree(tmp_path)
    wanted = ["B/1.JPG", "a.jpg", "b/009.jpg", "b/9.jpg", "b/9/x.jpeg", "b/10.jpg"]
    assert [entry.name for entry in tree.entries] == wanted
    assert tree.others == ["nosuffix", "notes.txt"]
    assert tree.ignored == []
    assert contents(tree) == [photo()] * 6


@pytest.mark.skipif(sys.platform == "win32", reason="names and links of Unix")
def test_names_links_and_folders_of_unix(given, packed):
    fill(given, "good.jpg", "new\nline.jpg", "tab\t.png", "folder.jpg/-1.jpg", "folder.jpg\\-1.jpg")
    (given / "phone.heic").write_bytes(b"\0\0\0\x18ftypheic")
    fill(given.parent, "secret.jpg", "outside/secret.jpg")
    os.mkfifo(given / "fifo.jpg")
    reasons = {
        "fifo.jpg": "is no regular file",
        "folder.jpg/-1.jpg": "duplicate name: folder.jpg/-1.jpg was found before",
        "phone.heic": "HEIC is not read; save it as JPEG, PNG, WebP, BMP or TIFF",
    }
    nowhere, leaves = "is a link that leads nowhere", "is a link that leaves the folder"
    leaves += "; give a copy with what it leads to (cp -rL)"
    for name, target, reason in (
        ("itself.jpg", "itself.jpg", nowhere),
        ("there.jpg", "back.jpg", nowhere),
        ("back.jpg", "there.jpg", nowhere),
        ("nowhere.jpg", "none.jpg", nowhere),
        ("nowhere", "none", nowhere),
        ("up", "..", leaves),
        ("leaving", "../outside", leaves),
        ("out.jpg", "../secret.jpg", leaves),
        ("round.jpg", "folder.jpg", None),
        ("twin.jpg", "good.jpg", None),
        ("folder.jpg/again", "..", None),
        ("../link", "given", None),  # by which the folder itself is given
    ):
        (given / name).symlink_to(target)
        reasons |= {name: reason} if reason else {}
    unkept = ["new\\nline.jpg", "tab\\t.png"]
    if sys.platform == "linux":
        (given / os.fsdecode(b"\xff\xfe.jpg")).write_bytes(photo())
        unkept.append("\\udcff\\udcfe.jpg")
    reasons |= dict.fromkeys(unkept, "its name holds characters that no table can keep")
    store, skipped = packed("folder", given.parent / "link")
    assert store.index["image_id"].tolist() == ["folder.jpg/-1.jpg", "good.jpg", "twin.jpg"]
    assert skipped == reasons


def test_an_unreadable_folder_is_reported(tmp_path, monkeypatch):
    fill(tmp_path, "a.jpg", "locked/b.jpg")
    real = os.scandir
    locked = OSError(13, "Permission denied")
    monkeypatch.setattr(os, "scandir", lambda p: raises(locked) if p.name == "locked" else real(p))
    tree = Tree(tmp_path)
    assert [e.name for e in tree.entries] == ["a.jpg"]
    assert tree.ignored == [("locked", "the folder cannot be read: Permission denied")]


def test_what_the_process_lacks_leaves_no_picture_out(tmp_path, monkeypatch):
    fill(tmp_path, "a/a.jpg")
    source, many = open_source("folder", tmp_path), OSError(errno.EMFILE, "too many")
    for place, error in (("PIL.Image.open", MemoryError()), ("builtins.open", many)):
        monkeypatch.setattr(place, lambda *_, error=error, **__: raises(error))
        with pytest.raises(type(error)):
            source.read(0, 1, 8, "center")
    monkeypatch.setattr(os, "scandir", lambda _: raises(many))
    with pytest.raises(OSError, match="too many"):
        Tree(tmp_path)


@pytest.mark.parametrize("number", [errno.EMFILE, errno.EACCES])
def test_an_archive_that_cannot_be_opened_is_not_called_damaged(tmp_path, monkeypatch, number):
    path = zipped(PHOTOS, tmp_path / "a.zip")
    monkeypatch.setattr("zipfile.ZipFile", lambda _: raises(OSError(number, "no", path)))
    with pytest.raises(OSError, match=r"no.*a\.zip"):
        Archive(path)


def test_files_that_change_vanish_or_cannot_be_read_after_listing(tmp_path):
    fill(tmp_path, "a.jpg", "b.jpg", "c.jpg", "d.jpg")
    tree = Tree(tmp_path)
    (tmp_path / "b.jpg").write_bytes(photo() + b"more")
    (tmp_path / "c.jpg").write_bytes(photo()[:-1])
    (tmp_path / "d.jpg").unlink()
    (tmp_path / "d.jpg").mkdir()
    found = contents(tree)
    assert found[0] == photo()
    for reason in found[1:3]:
        assert f"its size changed while it was read; it was {len(photo())}" in str(reason)
    assert "cannot be read: Is a directory" in str(found[3])
    (tmp_path / "a.jpg").unlink()
    with pytest.raises(FileNotFoundError, match=r"a\.jpg"):
        contents(tree)
