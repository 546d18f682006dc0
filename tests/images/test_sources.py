import numpy as np
import pytest

from aelatent.images import open_source
from aelatent.images.sources import FolderOfPictures, Source

from .bad_files import encoded, photo, pixels, zipped


def write(folder, *names, data=None):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(photo() if data is None else data)


def test_iteration_gives_upright_rgb_and_attributes_but_no_split_and_warns(tmp_path):
    tables = {
        "list_eval_partition.csv": b"image_id,partition\n0.png,0\n1.png,1\n2.png,2\n",
        "list_attr_celeba.csv": b"image_id,Bald\n0.png,1\n1.png,1\n2.png,-1\n",
    }
    photos = {"0.png": encoded(pixels(), "PNG"), "1.png": b"", "2.png": photo()}
    source = open_source("celeba", zipped((photos | tables).items(), tmp_path / "a.zip"))
    with pytest.warns(UserWarning, match=r"1.png is skipped: empty file"):
        (first, picture, bald), (last, _, hairy) = source
    assert (first, bald, last, hairy) == ("0.png", {"Bald": 1}, "2.png", {"Bald": 0})
    assert (np.asarray(picture) == pixels()).all()
    write(tmp_path / "plain", "a.jpg")
    ((image_id, _, attributes),) = FolderOfPictures(tmp_path / "plain")
    assert (image_id, attributes) == ("a.jpg", {})


def test_what_is_no_source_is_refused(tmp_path):
    write(tmp_path, "readme.txt", "img_align_celeba.zip")
    empty = r"holds no picture: found 3 other files, among them the archive img_align_celeba\.zip"
    write(tmp_path / "tar", "faces.tar.GZ")
    packed = r"found 1 other files, among them the archive faces\.tar\.GZ"
    for error, said, *wrong in (
        (ValueError, packed, "folder", tmp_path / "tar"),
        (ValueError, empty, "folder", tmp_path),
        (ValueError, empty, "celeba", tmp_path),
        (ValueError, "is a file; expected a folder", "folder", tmp_path / "readme.txt"),
        (ValueError, "is a file; expected a folder", "lfw", tmp_path / "readme.txt"),
        (ValueError, "found 0 other pictures; expected PERSON/PERSON_0001", "lfw", tmp_path),
        (FileNotFoundError, "there is no folder", "folder", tmp_path / "none"),
        (FileNotFoundError, "there is no folder", "lfw", tmp_path / "none"),
        (FileNotFoundError, r"mmlab\.ie\.cuhk\.edu\.hk", "celeba", tmp_path / "none"),
        (ValueError, "must be one of 'celeba', .*; got 'imagenet'", "imagenet"),
        (ValueError, "needs a path", "celeba"),
        (ValueError, "needs a path", "folder"),
        (ValueError, "no path", "portraits", tmp_path),
    ):
        with pytest.raises(error, match=said):
            open_source(*wrong)


def test_identity_knows_names_sizes_checksums_attributes_and_skipped_files(tmp_path):
    def identity(*members, path="a.zip", table=b"1.jpg 1\n2.jpg 2\n"):
        members = [("1.jpg", photo(1)), *members, ("identity_CelebA.txt", table)]
        return open_source("celeba", zipped(members, tmp_path / path)).identity()

    second, other = (("2.jpg", encoded(pixels(seed=k), "BMP")) for k in (2, 3))
    assert len(second[1]) == len(other[1])
    assert identity(second) == identity(second, path="b.zip")
    different = [
        identity(second),
        identity(other),
        identity(("3.jpg", second[1])),
        identity(second, table=b"1.jpg 1\n2.jpg 3\n"),
        identity(second, table=b"1.jpg 1\n"),
        identity(second, ("../3.jpg", b"x")),
    ]
    assert len({str(found) for found in different}) == 6
    write(tmp_path, "a.jpg")
    one = FolderOfPictures(tmp_path).identity()
    write(tmp_path, "a.jpg", data=photo() + b"x")
    assert FolderOfPictures(tmp_path).identity() != one


def test_batches_are_cut_by_number_and_by_bytes(tmp_path, monkeypatch):
    write(tmp_path, *[f"{i}.jpg" for i in range(10)])
    source = FolderOfPictures(tmp_path)
    assert source.batches() == [(0, 10)]
    assert source.batches(4) == Source.batches(source, 4) == [(0, 4), (4, 8), (8, 10)]
    monkeypatch.setattr("aelatent.images.sources.BATCH_BYTES", 3 * len(photo()))
    assert source.batches() == [(0, 3), (3, 6), (6, 9), (9, 10)]
    monkeypatch.setattr("aelatent.images.sources.BATCH_BYTES", 1)
    assert source.batches() == [(i, i + 1) for i in range(10)]
