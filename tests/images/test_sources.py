import numpy as np
import pytest

from aelatent.images import open_source
from aelatent.images.sources import FolderOfPictures, Source

from .bad_files import bad_pictures, encoded, photo, pixels, zipped


def write(folder, *names, data=None):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(photo() if data is None else data)


def test_a_folder_has_paths_for_identifiers_and_no_attributes(tmp_path):
    write(tmp_path, "2019/rome/10.jpg", "2019/rome/9.jpg", "a.jpg", "notes.txt")
    source = FolderOfPictures(tmp_path)
    assert source.image_ids == ["2019/rome/9.jpg", "2019/rome/10.jpg", "a.jpg"]
    assert len(source) == 3
    assert source.table.shape == (3, 0)
    assert list(source.table.index) == source.image_ids
    assert source.default_crop == "center"
    assert source.notes == source.ignored == []


def test_iteration_gives_upright_rgb_and_warns_about_bad_ones(tmp_path):
    write(tmp_path, "1.png", data=encoded(pixels(), "PNG"))
    write(tmp_path, "2.png", data=b"")
    source = FolderOfPictures(tmp_path)
    with pytest.warns(UserWarning, match=r"2.png is skipped: empty file"):
        ((image_id, picture, attributes),) = source
    assert (image_id, attributes) == ("1.png", {})
    assert (np.asarray(picture) == pixels()).all()


def test_iteration_gives_attributes_but_no_split(tmp_path):
    photos = {f"{i}.jpg": photo(i) for i in range(3)}
    tables = {
        "list_eval_partition.csv": b"image_id,partition\n0.jpg,0\n1.jpg,1\n2.jpg,2\n",
        "list_attr_celeba.csv": b"image_id,Bald\n0.jpg,1\n1.jpg,-1\n2.jpg,1\n",
    }
    source = open_source("celeba", zipped({**photos, **tables}.items(), tmp_path / "a.zip"))
    assert [(i, a) for i, _, a in source] == [
        ("0.jpg", {"Bald": 1}),
        ("1.jpg", {"Bald": 0}),
        ("2.jpg", {"Bald": 1}),
    ]


def test_bad_pictures_are_skipped_with_reasons(tmp_path):
    bad = bad_pictures()
    for name, (data, _) in bad.items():
        write(tmp_path, name, data=data)
    write(tmp_path, "good.png", data=encoded(pixels(32, 32), "PNG"))
    source = FolderOfPictures(tmp_path)
    batch = source.read(0, len(source), 32, "center")
    assert batch.image_ids == ["good.png"]
    assert (batch.images == pixels(32, 32)[None]).all()
    assert {name for name, _ in batch.skipped} == set(bad)
    for name, reason in batch.skipped:
        assert bad[name][1] in reason


def test_empty_and_missing_folders_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        FolderOfPictures(tmp_path / "none")
    write(tmp_path, "readme.txt", "img_align_celeba.zip")
    said = r"holds no picture: found 2 other files, among them the archive img_align_celeba\.zip"
    for kind in ("folder", "celeba"):
        with pytest.raises(ValueError, match=said):
            open_source(kind, tmp_path)
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


def test_identity_knows_checksums_attributes_and_skipped_files(tmp_path):
    def identity(*members, table=b"1.jpg 1\n2.jpg 2\n"):
        members = [("1.jpg", photo(1)), *members, ("identity_CelebA.txt", table)]
        return open_source("celeba", zipped(members, tmp_path / "a.zip")).identity()

    second = ("2.jpg", encoded(pixels(seed=2), "BMP"))
    other = ("2.jpg", encoded(pixels(seed=3), "BMP"))  # as many bytes
    assert len(second[1]) == len(other[1])
    assert identity(second) == identity(second)
    different = [
        identity(second),
        identity(other),
        identity(second, table=b"1.jpg 1\n2.jpg 3\n"),
        identity(second, table=b"1.jpg 1\n"),
        identity(second, ("../3.jpg", b"x")),
    ]
    assert len({str(found) for found in different}) == 5


def test_batches_are_cut_by_number_and_by_bytes(tmp_path, monkeypatch):
    write(tmp_path, *[f"{i}.jpg" for i in range(10)])
    source = FolderOfPictures(tmp_path)
    assert source.batches() == [(0, 10)]
    assert source.batches(4) == Source.batches(source, 4) == [(0, 4), (4, 8), (8, 10)]
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
