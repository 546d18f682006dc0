import errno
import hashlib
import json
import re
import shutil

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from aelatent.images import ImageStore, Source, open_source, pack
from aelatent.images.sources import Batch

from .bad_files import encoded, photo, pixels


class Plain(Source):
    """Pictures from an array, with any table."""

    kind = "plain"

    def __init__(self, image_ids, table=None):
        self.image_ids = list(image_ids)
        self.table = pd.DataFrame(index=self.image_ids) if table is None else table
        self.notes, self.ignored = ["a note"], [("bad.jpg", "a reason, with a comma")]

    def read(self, start, stop, size, crop):
        images = np.stack([np.full((size, size, 3), i, np.uint8) for i in range(start, stop)])
        return Batch(images, self.image_ids[start:stop], [])

    def identity(self):
        return {"kind": self.kind, "candidates": len(self), "table": self.table.to_csv()}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A small store of a folder with a bad file, and the data folder it is in."""
    folder = tmp_path_factory.mktemp("photos")
    for i in range(5):
        (folder / f"{i}.png").write_bytes(encoded(pixels(40, 50, i), "PNG"))
    (folder / "3.png").write_bytes(b"")
    options = {"data": tmp_path_factory.mktemp("made"), "workers": 1, "progress": False}
    return pack(open_source("folder", folder), "small", size=16, **options)


@pytest.fixture
def store_path(made, own_data):
    """A copy of the store in the data folder of this test, to be damaged."""
    return shutil.copytree(made.path, own_data / "stores" / "small")


def test_what_a_store_holds(made):
    assert (made.name, made.size, len(made)) == ("small", 16, 4)
    assert made.images.dtype == np.uint8
    assert made.images.shape == (4, 16, 16, 3)
    assert isinstance(made.images, np.memmap)
    assert not made.images.flags.writeable
    names = ["0.png", "1.png", "2.png", "4.png"]
    index = {"row": [0, 1, 2, 3], "image_id": names, "split": [""] * 4}
    assert made.index.to_dict("list") == index
    assert made.skipped.to_dict("records") == [{"file": "3.png", "reason": "empty file"}]
    assert made.attributes.shape == (4, 0)
    for image, name in zip(made.images, names, strict=True):
        square = Image.fromarray(pixels(40, 50, int(name[0]))).crop((0, 5, 40, 45))
        assert (image == square.resize((16, 16), Image.Resampling.BICUBIC)).all()
    text = (made.path / "store.json").read_text()
    assert "photos" not in text  # no path of this machine is kept
    assert made.info == json.loads(text)
    told = {"kind": "folder", "count": 4, "skipped": 1, "crop": "center"}
    assert made.info | told == made.info
    assert "bicubic" in made.info["resize"]
    files = ["images.npy", "index.csv", "skipped.csv", "store.json"]
    assert sorted(p.name for p in made.path.iterdir()) == files


def test_stores_are_opened_by_name_and_path_and_missing_ones_told(made, store_path, own_data):
    for key in ("small", store_path, str(store_path)):
        assert ImageStore.open(key).fingerprint == made.fingerprint
    assert ImageStore.open("small").path == store_path
    assert ImageStore.open("small", data=made.path.parents[1]).path == made.path != store_path
    with pytest.raises(FileNotFoundError, match=r"no store .*other; there are: small"):
        ImageStore.open("other")
    (own_data / "stores" / ".other.partial").mkdir()
    with pytest.raises(FileNotFoundError, match="is not finished; repeat the call"):
        ImageStore.open("other")
    with pytest.raises(ValueError, match=r"store name '\.\.' is not usable"):
        ImageStore.open("..")


def cut(path):
    path.write_bytes(path.read_bytes()[:-5])


def edit(key, value):
    return lambda path: path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))


def write(text):
    return lambda path: path.write_text(text)


def array(values):
    return lambda path: np.save(path, values, allow_pickle=True)


DAMAGES = [
    ("images.npy", cut, "damaged"),
    ("images.npy", write(""), "damaged"),
    ("images.npy", write("text"), "damaged"),
    ("images.npy", array(np.zeros((4, 16, 16, 3), np.float32)), "float32"),
    ("images.npy", array(np.zeros((3, 16, 16, 3), np.uint8)), r"expected uint8 \(4"),
    ("images.npy", array(np.zeros((4, 16, 16), np.uint8)), r"got uint8 \(4, 16, 16\)"),
    ("images.npy", array(np.zeros((4, 16, 16, 3), np.uint8, "F")), "does not belong"),
    ("images.npy", array(np.array([{}] * 4)), "damaged"),
    ("store.json", write(""), "damaged"),
    ("store.json", write("[1]"), "JSON object"),
    ("store.json", write("{}"), "'size'"),
    ("store.json", edit("count", 5), "does not belong"),
    ("store.json", edit("count", "4"), "'count'"),
    ("store.json", edit("size", 17), "does not belong"),
    ("store.json", edit("columns", {"a": "int64"}), "expected the columns"),
    ("store.json", edit("columns", {"split": "int3"}), "not understood"),
    ("index.csv", write(""), "damaged"),
    ("index.csv", write("row,image_id,split\n0,a,\n"), "rows 0 to 3"),
    ("index.csv", write("row,image_id,split\n1,a,\n0,b,\n2,c,\n3,d,\n"), "rows 0 to 3"),
    ("index.csv", write("row,image_id,split\n0,a,\n1,a,\n2,c,\n3,d,\n"), "stands in it twice"),
    ("index.csv", write("row,split,image_id\n0,,a\n1,,b\n2,,c\n3,,d\n"), "expected the columns"),
    ("index.csv", write("row,image_id,split\nx,a,\n1,b,\n2,c,\n3,d,\n"), "damaged"),
    ("skipped.csv", write("reason\nx\n"), "damaged"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "damage", "said"), DAMAGES)
def test_damaged_files_are_refused_with_reason_and_next_step(store_path, file, damage, said):
    damage(store_path / file)
    with pytest.raises(ValueError, match=said) as raised:
        ImageStore.open("small")
    assert str(store_path) in str(raised.value)
    assert re.search("[Mm]ove .*elsewhere and make", str(raised.value))
    assert "emove" not in str(raised.value)


@pytest.mark.parametrize("number", [errno.ENOMEM, errno.EACCES, errno.EMFILE, errno.EIO])
@pytest.mark.parametrize("where", ["mmap.mmap", "pandas.read_csv", "pathlib.Path.read_text"])
def test_what_cannot_be_read_may_be_whole(store_path, monkeypatch, number, where):
    def refusing(*_, **__):
        if number == errno.ENOMEM and where != "mmap.mmap":
            raise MemoryError
        raise OSError(number, "no")

    monkeypatch.setattr(where, refusing)
    with pytest.raises(OSError, match=r"could not be read .*; it may be whole\. .*epeat") as raised:
        ImageStore.open("small")
    assert raised.value.errno == number
    assert not re.search(r"damaged|[Mm]ove ", str(raised.value))


def test_pandas_has_its_own_way_to_say_that_memory_is_short(store_path, monkeypatch):
    def refusing(*_, **__):
        raise pd.errors.ParserError("Error tokenizing data. C error: out of memory")

    monkeypatch.setattr(pd, "read_csv", refusing)
    with pytest.raises(OSError, match=r"may be whole\. Free memory"):
        ImageStore.open("small")


@pytest.mark.parametrize("number", [errno.ENODEV, errno.EINVAL])
def test_where_files_cannot_be_mapped_they_are_read(store_path, made, monkeypatch, number):
    def refusing(*_, **__):
        raise OSError(number, "no")

    monkeypatch.setattr("mmap.mmap", refusing)
    images = ImageStore.open("small").images
    np.testing.assert_array_equal(images, made.images, strict=True)
    assert not images.flags.writeable


def test_missing_files_are_named(store_path):
    for file in ("store.json", "skipped.csv", "index.csv", "images.npy"):
        (store_path / file).rename(store_path / "away")
        with pytest.raises(FileNotFoundError, match=f"lacks {file};"):
            ImageStore.open("small")
        (store_path / "away").rename(store_path / file)


def test_verify_reads_every_byte(store_path):
    ImageStore.open("small").verify(progress=False)
    for file, place in (("images.npy", -1), ("index.csv", -5)):
        whole = bytearray((store_path / file).read_bytes())
        whole[place] ^= 1
        (store_path / file).write_bytes(whole)
        with pytest.raises(ValueError, match=f"{file} has changed"):
            ImageStore.open("small").verify(progress=False)
        whole[place] ^= 1
        (store_path / file).write_bytes(whole)


def test_attributes_survive_the_disk(own_data):
    ids = ["000001", "NA", "nan", "1e5", " x ", 'a,"b"', "ü/é.jpg", "None"]
    table = pd.DataFrame(
        {
            "split": ["train", "val", "test", None, "train", pd.NA, "val", "train"],
            "whole": np.arange(8),
            "missing": pd.array([0, 1, None, 1, 0, None, 1, 1], dtype="Int64"),
            "small": np.float32([np.nan, *np.linspace(0, 1, 7)]),
            "large": np.random.default_rng(0).normal(size=8) * 10.0 ** np.arange(-34, 30, 8),
            "person": ["NA", "001", "", "Ada Byron", "null", "-1", "a,b", None],
        },
        index=ids,
    )
    store = pack(Plain(ids, table), "typed", size=8, progress=False)
    assert store.index["image_id"].tolist() == ids
    text = table[["split", "person"]].fillna("").astype("str")
    wanted = table.assign(**text).reset_index(drop=True)
    pd.testing.assert_series_equal(store.index["split"], wanted.pop("split"))
    pd.testing.assert_frame_equal(store.attributes, wanted, check_exact=True)  # to the last bit
    assert store.rows("train").tolist() == [0, 4, 7]
    assert store.rows("test").tolist() == [2]
    assert store.info["splits"] == {"test": 1, "train": 3, "val": 2}
    with pytest.raises(ValueError, match="split must be"):
        store.rows("validation")
    assert store.info["notes"] == ["a note"]
    assert store.skipped.to_numpy().tolist() == [["bad.jpg", "a reason, with a comma"]]


SIZES = [{"size": size} for size in (7, 1025, -16, 16.0, True, "16", None)]
WORKERS = [{"workers": workers} for workers in (0, -1, 1.5, "2")]
OTHERS = [{"crop": "top"}, {"crop": 0}, {"name": "../x"}, {"name": ".x"}]


@pytest.mark.parametrize("wrong", SIZES + WORKERS + OTHERS, ids=str)
def test_unusable_arguments_are_refused(own_data, wrong):
    (name,) = wrong
    with pytest.raises(ValueError, match=f"{name} .*got|store {name} .*is not usable"):
        pack(Plain("ab"), **{"name": "x", "size": 8, "progress": False, **wrong})
    assert not list(own_data.iterdir())


@pytest.mark.parametrize("size", [8, np.int16(9), 96, 1024])
def test_sizes_go_from_8_to_1024(size):
    options = {} if size == 96 else {"size": size}  # as it is when none is said
    store = pack(Plain("a"), "plain", progress=False, **options)
    assert store.images.shape == (1, size, size, 3)
    assert type(store.info["size"]) is int


def test_fingerprints_tell_what_decides_about_the_pictures(own_data, tmp_path):
    for i in range(3):
        (tmp_path / f"{i}.jpg").write_bytes(photo(i))

    def fingerprint(name, source, size=16, **options):
        return pack(source, name, size=size, progress=False, **options).fingerprint

    photos = open_source("folder", tmp_path)
    first, close = fingerprint("a", photos), fingerprint("c", photos, crop=0.5)
    assert fingerprint("b", photos) == first  # a name is no part of it
    assert close != first  # other pixels
    photos.default_crop = 0.5
    assert fingerprint("e", photos) == close
    (tmp_path / "2.jpg").rename(tmp_path / "3.jpg")
    assert fingerprint("d", open_source("folder", tmp_path)) != first  # the same, another index

    drawn = [open_source("portraits", n=n, seed=seed) for n, seed in ((3, 1), (4, 1), (3, 2))]
    found = [fingerprint(f"p{i}", source) for i, source in enumerate(drawn)]
    assert len({*found, fingerprint("q", drawn[0], size=24)}) == 4
    assert fingerprint("r", open_source("portraits", n=3, seed=1)) == found[0]
    request = json.dumps(ImageStore.open("r").info["request"], sort_keys=True)
    assert found[0] == hashlib.sha256(request.encode()).hexdigest()  # not of pixels
