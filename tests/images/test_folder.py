import os
import sys
import warnings

import numpy as np
import pytest

from aelatent.images import open_source
from aelatent.images.containers import Tree, natural
from aelatent.images.sources import FolderOfPictures

from .bad_files import bad_pictures, encoded, photo, pixels


def write(folder, *names, data=None):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(photo() if data is None else data)


def test_order_is_natural_and_ids_are_paths(tmp_path):
    write(tmp_path, "b/10.jpg", "b/9.jpg", "a.jpg", "B/1.JPG", "b/009.jpg", "b/9/x.jpeg")
    source = FolderOfPictures(tmp_path)
    assert source.image_ids == [
        "B/1.JPG",
        "a.jpg",
        "b/009.jpg",
        "b/9.jpg",
        "b/9/x.jpeg",
        "b/10.jpg",
    ]
    assert len(source) == 6
    assert source.table.shape == (6, 0)
    assert list(source.table.index) == source.image_ids


def test_natural_keys_are_equal_only_for_equal_names():
    names = ["1", "01", "001", "a1", "a01", "a1b", "a1b2", "", "٣", "²", "1" * 5000]
    assert len({natural(name) for name in names}) == len(names)
    assert sorted(names, key=natural) == sorted(sorted(names, reverse=True), key=natural)


def test_all_formats_are_found_and_others_passed_over(tmp_path):
    for kind in ("PNG", "WEBP", "BMP", "TIFF", "JPEG"):
        write(tmp_path, f"x.{kind.lower()}", data=encoded(pixels(), kind))
    write(tmp_path, "y.tif", data=encoded(pixels(), "TIFF"))
    write(tmp_path, "notes.txt", ".hidden.jpg", ".thumbs/1.jpg", "__MACOSX/x.jpg", "nosuffix")
    source = FolderOfPictures(tmp_path)
    assert [i for i, _, _ in source] == source.image_ids
    assert len(source) == 6
    assert source.ignored == []


def test_iteration_gives_upright_rgb_and_warns_about_bad_ones(tmp_path):
    write(tmp_path, "1.png", data=encoded(pixels(), "PNG"))
    write(tmp_path, "2.png", data=b"")
    source = FolderOfPictures(tmp_path)
    with pytest.warns(UserWarning, match=r"2.png is skipped: empty file"):
        ((image_id, picture, attributes),) = source
    assert (image_id, attributes) == ("1.png", {})
    assert (np.asarray(picture) == pixels()).all()


def test_bad_pictures_are_skipped_with_reasons(tmp_path):
    bad = bad_pictures()
    for name, (data, _) in bad.items():
        write(tmp_path, name, data=data)
    write(tmp_path, "good.png", data=encoded(pixels(32, 32), "PNG"))
    source = FolderOfPictures(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        batch = source.read(0, len(source), 32, "center")
    assert batch.image_ids == ["good.png"]
    assert (batch.images == pixels(32, 32)[None]).all()
    assert {name for name, _ in batch.skipped} == set(bad)
    for name, reason in batch.skipped:
        assert bad[name][1] in reason


def test_links_that_leave_are_ignored_and_links_inside_are_read(tmp_path):
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    write(outside, "secret.jpg", "more/secret.jpg")
    write(folder, "own.jpg", "sub/own.jpg")
    (folder / "leaves.jpg").symlink_to(outside / "secret.jpg")
    (folder / "leaving").symlink_to(outside / "more")
    (folder / "inside.jpg").symlink_to("own.jpg")
    (folder / "again").symlink_to("sub")
    (folder / "nowhere.jpg").symlink_to("missing.jpg")
    (folder / "loop.jpg").symlink_to("loop.jpg")
    (folder / "loops").symlink_to(folder)
    source = FolderOfPictures(folder)
    assert source.image_ids == ["inside.jpg", "own.jpg", "sub/own.jpg"]
    assert dict(source.ignored) == {
        "leaves.jpg": "is a link that leaves the folder",
        "leaving": "is a link that leaves the folder",
        "nowhere.jpg": "is a link that leads nowhere",
        "loop.jpg": "is a link that leads nowhere",
    }


def test_a_table_may_be_a_link(tmp_path):
    write(tmp_path / "photos", "img_align_celeba/000001.jpg")
    (tmp_path / "table.txt").write_text("000001.jpg 2\n")
    (tmp_path / "photos" / "list_eval_partition.txt").symlink_to(tmp_path / "table.txt")
    source = open_source("celeba", tmp_path / "photos")
    assert source.table["split"].tolist() == ["test"]
    assert source.ignored == []


def test_a_folder_that_holds_an_archive_names_it(tmp_path):
    write(tmp_path, "img_align_celeba.zip")
    with pytest.raises(ValueError, match=r"among them the archive img_align_celeba\.zip"):
        open_source("celeba", tmp_path)


def test_a_folder_that_is_a_link_itself_is_fine(tmp_path):
    write(tmp_path / "real", "a.jpg")
    (tmp_path / "link").symlink_to("real")
    assert FolderOfPictures(tmp_path / "link").image_ids == ["a.jpg"]


def test_pipes_and_odd_names_do_not_stop_it(tmp_path):
    write(tmp_path, "good.jpg", "photo.heic")
    os.mkfifo(tmp_path / "pipe.jpg")
    write(tmp_path, "new\nline.jpg")
    if sys.platform == "linux":
        (tmp_path / os.fsdecode(b"latin-\xe4.jpg")).write_bytes(photo())
    source = FolderOfPictures(tmp_path)
    assert source.image_ids == ["good.jpg"]
    reasons = [reason for _, reason in source.ignored]
    assert sum("no regular file" in r for r in reasons) == 1
    assert sum("no table can keep" in r for r in reasons) == 1 + (sys.platform == "linux")
    assert sum("HEIC is not read" in r for r in reasons) == 1
    assert all(name.isprintable() for name, _ in source.ignored)


def test_files_that_change_or_vanish_after_listing(tmp_path):
    write(tmp_path, "a.jpg", "b.jpg", "c.jpg")
    source = FolderOfPictures(tmp_path)
    write(tmp_path, "b.jpg", data=photo() + b"more")
    batch = source.read(0, 3, 16, "center")
    assert batch.image_ids == ["a.jpg", "c.jpg"]
    assert "size changed" in batch.skipped[0][1]
    (tmp_path / "c.jpg").unlink()
    with pytest.raises(FileNotFoundError, match=r"c\.jpg"):
        source.read(0, 3, 16, "center")


def test_empty_and_missing_folders_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        FolderOfPictures(tmp_path / "none")
    write(tmp_path, "readme.txt")
    with pytest.raises(ValueError, match=r"holds no picture: found 1 other files"):
        FolderOfPictures(tmp_path)
    with pytest.raises(ValueError, match="is a file; expected a folder"):
        FolderOfPictures(tmp_path / "readme.txt")


def test_identity_tells_listings_apart_and_nothing_else(tmp_path):
    write(tmp_path / "one", "a.jpg", "b.jpg")
    write(tmp_path / "two", "a.jpg", "b.jpg")
    one = FolderOfPictures(tmp_path / "one").identity()
    assert one == FolderOfPictures(tmp_path / "two").identity()
    assert str(tmp_path) not in str(one)
    write(tmp_path / "two", "b.jpg", data=b"x")
    assert one != FolderOfPictures(tmp_path / "two").identity()
    write(tmp_path / "one", "c.jpg")
    assert one != FolderOfPictures(tmp_path / "one").identity()


def test_batches_are_cut_by_number_and_by_bytes(tmp_path, monkeypatch):
    write(tmp_path, *[f"{i}.jpg" for i in range(10)])
    source = FolderOfPictures(tmp_path)
    assert source.batches() == [(0, 10)]
    assert source.batches(4) == [(0, 4), (4, 8), (8, 10)]
    monkeypatch.setattr("aelatent.images.sources.BATCH_BYTES", 3 * len(photo()))
    assert source.batches() == [(0, 3), (3, 6), (6, 9), (9, 10)]
    monkeypatch.setattr("aelatent.images.sources.BATCH_BYTES", 1)
    assert source.batches() == [(i, i + 1) for i in range(10)]


def test_open_source_by_kind(tmp_path):
    write(tmp_path, "a.jpg")
    assert open_source("folder", tmp_path).kind == "folder"
    assert open_source("folder", str(tmp_path)).kind == "folder"
    assert len(open_source("portraits", n=3, seed=1)) == 3
    with pytest.raises(ValueError, match=r"must be one of 'celeba', .*; got 'imagenet'"):
        open_source("imagenet")
    for kind in ("celeba", "folder"):
        with pytest.raises(ValueError, match="needs a path"):
            open_source(kind)
    with pytest.raises(ValueError, match="no path"):
        open_source("portraits", tmp_path, n=3)


def test_an_unreadable_folder_is_reported(tmp_path, monkeypatch):
    write(tmp_path, "a.jpg", "locked/b.jpg")
    real = os.scandir

    def scandir(path):
        if str(path).rstrip("/").endswith("locked"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    tree = Tree(tmp_path)
    assert [e.name for e in tree.entries] == ["a.jpg"]
    assert tree.ignored == [("locked", "the folder cannot be read: Permission denied")]
