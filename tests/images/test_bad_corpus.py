"""A corpus of bad pictures, archives and tables, packed: nothing crashes, nothing goes unsaid."""

import hashlib
import os
import re
import sys
import warnings

import numpy as np
import pytest

from aelatent.images import ImageStore, open_source, pack
from aelatent.images.pictures import read_picture

from .bad_archives import ARCHIVES, GOOD, LEADING_OUT, ODD_NAMES, PACKED, REFUSED
from .bad_files import (
    attribute_rows,
    csv_table,
    flipped,
    odd_pictures,
    official_table,
    photo,
    unusable_pictures,
    whole_pictures,
    zipped,
)

posix = pytest.mark.skipif(sys.platform == "win32", reason="names and links of Unix")
FLIPS = 400  # files with flipped bits


def everything(folder):
    """Return what lies in a folder, but in its given/ and data/: what it is, a hash of it."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.relative_to(folder).parts[0] in ("given", "data"):
            continue
        if path.is_symlink():
            found[path] = os.readlink(path)
        else:
            found[path] = path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest()
    return found


@pytest.fixture
def given(tmp_path, monkeypatch):
    """Return a folder for what is packed; nothing but data/, beside it, may change by packing."""
    (tmp_path / "given").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "out.jpg").write_bytes(b"mine")
    monkeypatch.chdir(tmp_path)
    before = everything(tmp_path)
    yield tmp_path / "given"
    assert everything(tmp_path) == before
    assert {path.name for path in (tmp_path / "data").iterdir()} <= {"stores"}
    assert not list((tmp_path / "data").rglob("*.partial"))


def packed(kind, path):
    """Pack a source; return the store, and name -> reason of what was skipped."""
    before = {p: p.read_bytes() for p in [path, *path.rglob("*")] if p.is_file()}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        source = open_source(kind, path)
        store = pack(source, "s", size=16, data="data", workers=1, progress=False)
    assert {p: p.read_bytes() for p in [path, *path.rglob("*")] if p.is_file()} == before
    store = ImageStore.open(store.path)  # as it lies on the disk
    assert len(store.images) == len(store.index) == len(set(store.index["image_id"]))
    return store, dict(store.skipped.to_numpy().tolist())


def fill(folder, files):
    for name, data in files.items():
        (folder / name).write_bytes(data)


def test_every_picture_of_the_corpus_is_packed_or_skipped_with_its_reason(given):
    odd, bad = odd_pictures(), unusable_pictures()
    fill(given, odd | whole_pictures_by_name() | {n: data for n, (data, _) in bad.items()})
    store, skipped = packed("folder", given)
    assert set(store.index["image_id"]) == set(odd) | set(whole_pictures_by_name())
    assert set(skipped) == set(bad)
    wrong = {n: skipped[n] for n, (_, reason) in bad.items() if not re.search(reason, skipped[n])}
    assert wrong == {}


def whole_pictures_by_name():
    return {f"whole.{kind}": data for kind, data in whole_pictures().items()}


def test_odd_pictures_show_what_they_show():
    odd, noise = odd_pictures(), read_picture(whole_pictures()["png"])
    for name in ("animated.png", "animated.webp", "pages.tif", "really a png.jpg"):
        assert np.array_equal(read_picture(odd[name]), noise), name  # the first of two frames
    for name in ("two.in.one.jpg", "and more.jpg", "turned 200.jpg", "LOUD.JPG"):
        assert np.array_equal(read_picture(odd[name]), read_picture(odd["turned 1.jpg"])), name
    assert (np.asarray(read_picture(odd["deep.png"])) == 40_000 >> 8).all()
    assert read_picture(odd["turned 6.jpg"]).size == (30, 40)


def test_flipped_bits_are_packed_or_skipped_and_nothing_else(given):
    files = whole_pictures()
    kinds = list(files)
    flips = {
        f"{k}.{kinds[k % len(kinds)]}": flipped(files[kinds[k % len(kinds)]], k, 1 + k % 5)
        for k in range(FLIPS)
    }
    fill(given, flips)
    store, skipped = packed("folder", given)
    names = store.index["image_id"].tolist()
    assert sorted([*names, *skipped]) == sorted(flips)
    assert len(names) > FLIPS / 10
    assert len(skipped) > FLIPS / 10
    for name in names:  # what is packed is what the file alone gives
        assert read_picture(flips[name]).mode == "RGB"


@posix
def test_names_links_and_folders_of_unix(given):
    fill(given, {"good.jpg": photo(), "new\nline.jpg": photo(), "tab\t.png": photo()})
    (given / os.fsdecode(b"\xff\xfe.jpg")).write_bytes(photo())
    (given / "folder.jpg").mkdir()
    (given / "folder.jpg" / "-1.jpg").write_bytes(photo())
    os.mkfifo(given / "fifo.jpg")
    for name, target in {
        "itself.jpg": "itself.jpg",
        "there.jpg": "back.jpg",
        "back.jpg": "there.jpg",
        "up": "..",
        "round.jpg": "folder.jpg",
        "out.jpg": "../out.jpg",
        "nowhere.jpg": "none.jpg",
        "twin.jpg": "good.jpg",
    }.items():
        (given / name).symlink_to(target)
    (given / "folder.jpg" / "again").symlink_to(given)
    store, skipped = packed("folder", given)
    assert store.index["image_id"].tolist() == ["folder.jpg/-1.jpg", "good.jpg", "twin.jpg"]
    reasons = {
        "itself.jpg": "leads nowhere",
        "there.jpg": "leads nowhere",
        "back.jpg": "leads nowhere",
        "nowhere.jpg": "leads nowhere",
        "up": "leaves the folder",
        "out.jpg": "leaves the folder",
        "fifo.jpg": "no regular file",
        "new\\nline.jpg": "no table can keep",
        "tab\\t.png": "no table can keep",
        "\\udcff\\udcfe.jpg": "no table can keep",
    }
    assert set(skipped) == set(reasons)
    assert all(part in skipped[name] for name, part in reasons.items())


@pytest.mark.parametrize("name", ARCHIVES)
def test_every_archive_of_the_corpus_has_the_outcome_that_it_should(given, name):
    write, outcome, said = ARCHIVES[name]
    path = given / "photos.zip"
    write(path)
    if outcome is REFUSED:
        with pytest.raises(ValueError, match=said) as raised:
            packed("celeba", path)
        assert str(path) in str(raised.value) or "usable" in str(raised.value)
        assert not list(given.parent.glob("data/stores/*/store.json"))
        return
    store, skipped = packed("celeba", path)
    assert bool(skipped) == (outcome is not PACKED)
    assert all(said in reason for reason in skipped.values())
    first = read_picture(GOOD[0][1]).resize((16, 16), box=(0, 5, 40, 45), resample=3)
    at = store.index["image_id"].tolist().index("1.jpg")
    assert np.array_equal(store.images[at], first)


def test_all_names_of_the_corpus_are_told(given):
    members = [(name, photo(k)) for k, name in enumerate([*LEADING_OUT, *ODD_NAMES])]
    store, skipped = packed("celeba", zipped([*GOOD, *members], given / "photos.zip"))
    wanted = {name.rpartition("/")[2] for name in ODD_NAMES} | {"1.jpg", "2.jpg"}
    assert set(skipped) == set(LEADING_OUT)
    assert set(store.index["image_id"]) == wanted
    assert os.listdir(given) == ["photos.zip"]


@pytest.mark.parametrize("seed", range(40))
def test_archives_with_flipped_bits_give_whole_photos_or_reasons(given, seed):
    path = zipped(GOOD, given / "photos.zip")
    data = path.read_bytes()
    at = data.index(b"PK\x01\x02") if seed % 2 else 0  # half of them in the table of contents
    path.write_bytes(data[:at] + flipped(data[at:], seed))
    try:
        photos, refusal = len(packed("celeba", path)[0].images), ""
    except ValueError as error:
        photos, refusal = 0, str(error)
    assert photos in (1, 2) or "photos.zip" in refusal or "usable" in refusal


ROWS = attribute_rows(2)
CSV, TEXT = csv_table(ROWS), official_table(ROWS)
#: Name -> (table, a part of the message where it is refused, or None).
TABLES = {
    "line ends of Windows": (TEXT, None),
    "line ends of old Macs": (official_table(ROWS, end="\r"), None),
    "byte order mark": (b"\xef\xbb\xbf" + TEXT, None),
    "a count that is wrong": (official_table(ROWS, count=7), None),
    "a row twice": (CSV + CSV.splitlines(keepends=True)[-1], None),
    "no line end at the end": (CSV.rstrip(), None),
    "a photo too few": (csv_table({"000001.jpg": ROWS["000001.jpg"]}), None),
    "a photo too many": (csv_table(attribute_rows(3)), None),
    "zeros and ones": (CSV.replace(b"-1", b"0"), None),
    "empty": (b"", "no rows"),
    "a zero byte": (CSV.replace(b"1\n", b"1\0\n", 1), "no table"),
    "UTF-16": (CSV.decode().encode("utf-16"), "no table"),
    "Latin-1": (CSV.replace(b"Bald", b"B\xe4ld"), "no table"),
    "a column missing": (CSV.replace(b"Bald,", b""), "4 columns, expected 3|3 columns"),
    "a value missing": (CSV.replace(b",1", b"", 1), "columns, expected 4"),
    "a value of 2": (CSV.replace(b",1", b",2", 1), "expected -1 or 1"),
    "a value of -7": (CSV.replace(b",1", b",-7", 1), "expected -1 or 1"),
    "a mix of 0, 1 and -1": (CSV.replace(b",1", b",0", 1), "throughout"),
    "half a value": (CSV.replace(b",1", b",0.5", 1), "whole numbers"),
    "no value": (CSV.replace(b",1", b",nan", 1), "whole numbers"),
    "a row twice, otherwise": (CSV + b"000002.jpg,7,7,7\n", "twice with different values"),
    "other photos": (csv_table({"x.jpg": [1, 1, 1]}), "no row for any"),
    "a column of the index": (csv_table(ROWS, ("row", "Smiling", "Young")), "index needs"),
    "a column twice": (csv_table(ROWS, ("Bald", "Bald", "Young")), "twice"),
}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("inside", [True, False], ids=["inside", "beside"])
def test_every_table_of_the_corpus_is_taken_or_refused(given, name, inside):
    table, said = TABLES[name]
    members = [(f"00000{k}.jpg", photo(k)) for k in (1, 2)]
    file = "list_attr_celeba.csv"
    path = zipped(members + [(file, table)] * inside, given / "photos.zip")
    if not inside:
        (given / file).write_bytes(table)
    if said:
        with pytest.raises(ValueError, match=said) as raised:
            packed("celeba", path)
        assert file in str(raised.value)
        return
    store, skipped = packed("celeba", path)
    assert not skipped
    for _, row in store.index.iterrows():
        wanted = [(value + 1) // 2 for value in ROWS[row["image_id"]]]
        got = row[["Bald", "Smiling", "Young"]]
        assert got.isna().all() or got.tolist() == wanted
