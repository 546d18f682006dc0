import contextlib
import tracemalloc
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aelatent.images.containers import Archive
from aelatent.images.pictures import MAX_BYTES, BadPicture

from .bad_files import QUOTA_PAGE, flip_byte, photo, symlink_member, with_flag, zipped

PHOTOS = [(f"photos/{i}.jpg", photo(i)) for i in (1, 2, 10)]


def contents(archive):
    return list(Archive.read(str(archive.path), archive.entries))


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_members_are_read_as_zipfile_reads_them(tmp_path, compression):
    path = zipped(PHOTOS[::-1], tmp_path / "a.zip", compression=compression)
    archive = Archive(path)
    assert [e.name for e in archive.entries] == [name for name, _ in PHOTOS]  # natural order
    assert contents(archive) == [data for _, data in PHOTOS]
    assert archive.ignored == archive.others == []


def test_what_stands_before_the_archive_does_not_matter(tmp_path):
    path = zipped(PHOTOS, tmp_path / "a.zip")
    path.write_bytes(b"#!/bin/sh\nexit\n" + path.read_bytes())
    assert contents(Archive(path)) == [data for _, data in PHOTOS]


def test_shadow_hidden_and_other_files_are_passed_over(tmp_path):
    members = [
        *PHOTOS,
        ("__MACOSX/photos/._1.jpg", b"x"),
        ("photos/._2.jpg", b"x"),
        ("photos/.hidden.jpg", b"x"),
        (".git/1.jpg", b"x"),
        ("photos/", b""),
        ("photos/Thumbs.db", b"x"),
        ("readme.txt", b"hello"),
    ]
    archive = Archive(zipped(members, tmp_path / "a.zip"))
    assert [e.name for e in archive.entries] == [name for name, _ in PHOTOS]
    assert archive.ignored == []
    assert archive.others == ["photos/Thumbs.db", "readme.txt"]
    assert archive.text("readme.txt", 100) == b"hello"


def test_names_that_lead_out_links_and_doubles_are_ignored_with_the_reason(tmp_path):
    members = [
        ("../climbs.jpg", b"x"),
        ("a/../../climbs.jpg", b"x"),
        ("/absolute.jpg", b"x"),
        ("C:/drive.jpg", b"x"),
        ("..\\climbs.jpg", b"x"),
        ("new\nline.jpg", b"x"),
        ("iphone.HEIC", b"x"),
        (symlink_member("link.jpg"), b"/etc/passwd"),
        *PHOTOS,
    ]
    path = zipped(members, tmp_path / "a.zip")
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as more:
        more.writestr("photos/1.jpg", b"another")
    archive = Archive(path)
    reasons = dict(archive.ignored)
    leading_out = [n for n, r in archive.ignored if "leads out" in r]
    assert len(leading_out) == 5
    assert "no table can keep" in reasons["new\\nline.jpg"]
    assert "HEIC is not read" in reasons["iphone.HEIC"]
    assert "link" in reasons["link.jpg"]
    assert "duplicate name" in reasons["photos/1.jpg"]
    assert contents(archive) == [data for _, data in PHOTOS]  # the first of the doubles


def test_a_damaged_member_costs_only_itself(tmp_path):
    path = flip_byte(zipped(PHOTOS, tmp_path / "a.zip"), PHOTOS[1][1])
    first, second, third = contents(Archive(path))
    assert (first, third) == (PHOTOS[0][1], PHOTOS[2][1])
    assert isinstance(second, BadPicture)
    assert "checksum" in str(second)


def test_a_damaged_deflated_member_costs_only_itself(tmp_path):
    path = zipped(PHOTOS, tmp_path / "a.zip", compression=zipfile.ZIP_DEFLATED)
    offset = Archive(path).entries[1].offset + 30 + len(PHOTOS[1][0])
    data = bytearray(path.read_bytes())
    data[offset : offset + 40] = b"\xff" * 40
    path.write_bytes(data)
    first, second, third = contents(Archive(path))
    assert (first, third) == (PHOTOS[0][1], PHOTOS[2][1])
    assert isinstance(second, BadPicture)


def test_a_zip_bomb_member_is_not_unpacked(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.jpg", bytes(MAX_BYTES + 1))
    (reason,) = contents(Archive(path))
    assert "at most" in str(reason)


def test_a_member_that_lies_about_its_size_is_not_unpacked_further(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.jpg", bytes(10_000_000))
    entry = Archive(path).entries[0]._replace(size=1000)
    tracemalloc.start()
    (reason,) = Archive.read(str(path), [entry])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "instead of 1000" in str(reason)
    assert peak < 10**6


def test_an_unknown_compression_costs_only_its_members(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.jpg", photo(), zipfile.ZIP_BZIP2)
        archive.writestr("b.jpg", photo())
    bad, good = contents(Archive(path))
    assert "compressed by method 12" in str(bad)
    assert good == photo()


def test_encrypted_archives_are_refused(tmp_path):
    path = with_flag(zipped(PHOTOS, tmp_path / "a.zip"), 1)
    with pytest.raises(ValueError, match=r"encrypted \(3 of 3 members\).*Unpack it"):
        Archive(path)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", r"empty \(0 bytes\)"),
        (QUOTA_PAGE, "HTML page.*Google Drive.*quota"),
        (b"  \r\n" + QUOTA_PAGE.lower(), "HTML page"),
        (b"Rar!\x1a\x07" + bytes(100), "RAR archive"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(100), "7z archive"),
        (b"\x1f\x8b" + bytes(100), "gzip"),
        (b"some text", "starts with the bytes 73 6f 6d 65"),
    ],
)
def test_what_is_no_zip_is_refused_by_what_it_is(tmp_path, data, said):
    path = tmp_path / "img_align_celeba.zip"
    path.write_bytes(data)
    with pytest.raises(ValueError, match=said) as raised:
        Archive(path)
    assert "repeat the same call" in str(raised.value)


def test_a_cut_archive_is_told_from_one_that_is_none(tmp_path):
    path = zipped(PHOTOS, tmp_path / "a.zip")
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ValueError, match="cut off after"):
        Archive(path)


def test_a_damaged_table_of_contents_is_refused(tmp_path):
    path = flip_byte(zipped(PHOTOS, tmp_path / "a.zip"), b"PK\x01\x02")
    with pytest.raises(ValueError, match="damaged zip archive"):
        Archive(path)


def test_a_missing_archive(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no file"):
        Archive(tmp_path / "none.zip")


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_damaged_archives_are_refused_or_give_the_right_bytes(tmp_path, data):
    path = zipped(PHOTOS, tmp_path / "a.zip", compression=zipfile.ZIP_DEFLATED)
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
