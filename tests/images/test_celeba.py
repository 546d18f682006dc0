import io
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given as examples, strategies as st

from aelatent.images import open_source, pack
from aelatent.images.celeba import join, parse_table
from aelatent.images.pictures import crop_and_resize, read_picture

from .bad_files import QUOTA_PAGE, photo, zipped

ATTRIBUTES = ["Bald", "Smiling", "Young"]
SIGNS = np.random.default_rng(0).choice([-1, 1], (6, 3)).tolist()
ROWS = {f"{i + 1:06d}.jpg": row for i, row in enumerate(SIGNS)}
PHOTOS = {name: photo(i) for i, name in enumerate(ROWS)}


def official_table(rows, count=None):
    """Return list_attr_celeba.txt: count, names, rows with runs of spaces."""
    lines = [str(count or len(rows)), " ".join(ATTRIBUTES) + " "]
    lines += [f"{name}  " + " ".join(f"{v:2d}" for v in values) for name, values in rows.items()]
    return "\r\n".join([*lines, ""]).encode()


TEXT = official_table(ROWS)
LINES = [["image_id", *ATTRIBUTES], *([name, *map(str, row)] for name, row in ROWS.items()), []]
CSV = "\n".join(map(",".join, LINES)).encode()
PARTITION = b"".join(f"{n} {i % 3}\r\n".encode() for i, n in enumerate(ROWS))
IDENTITY = b"".join(f"{n} {2880 + i}\r\n".encode() for i, n in enumerate(ROWS))
TXTS = {
    "list_attr_celeba.txt": TEXT,
    "list_eval_partition.txt": PARTITION,
    "identity_CelebA.txt": IDENTITY,
}
CSVS = {
    "list_attr_celeba.csv": CSV,
    "list_eval_partition.csv": b"image_id,partition\n" + PARTITION.replace(b" ", b","),
    "identity_CelebA.csv": b"image_id,identity\n" + IDENTITY.replace(b" ", b","),
}


def under(folder, files):
    return {f"{folder}/{name}": data for name, data in files.items()}


def inside(prefix):
    return under(prefix, PHOTOS)


def archive(files):
    return zipped(files.items(), io.BytesIO()).getvalue()


def back(files):
    """Return the files as what separates with a backslash left them."""
    return {name.replace("/", "\\"): data for name, data in files.items()}


FOLDER, KAGGLE = "img_align_celeba", "img_align_celeba/img_align_celeba"
ZIP = archive(inside(FOLDER))
OTHERS = {"list_bbox_celeba.csv": b"image_id,x_1\n", "__MACOSX/._000001.jpg": b"x"}
OFFICIAL = {
    f"set/{'Eval' if 'eval' in name else 'Anno'}/{name}": data for name, data in TXTS.items()
}
LAYOUTS = {  # the path that is given -> the files around it
    FOLDER: TXTS | inside(FOLDER),
    f"{FOLDER}.zip": TXTS | {f"{FOLDER}.zip": ZIP},
    f"Img/{FOLDER}": TXTS | inside(f"Img/{FOLDER}"),
    f"Img/{FOLDER}.zip": TXTS | {f"Img/{FOLDER}.zip": ZIP},
    "archive.zip": {"archive.zip": archive(CSVS | OTHERS | inside(KAGGLE))},
    ".": CSVS | inside(KAGGLE),
    f"set/Img/{FOLDER}.zip": OFFICIAL | {f"set/Img/{FOLDER}.zip": ZIP},
    f"set/Img/{FOLDER}": OFFICIAL | inside(f"set/Img/{FOLDER}"),
    "set/Img": OFFICIAL | inside(f"set/Img/{FOLDER}"),
    "old.zip": {"old.zip": archive(back(CSVS | OTHERS | inside(KAGGLE)))},
    "old beside.zip": CSVS | {"old beside.zip": archive(back(inside(KAGGLE)))},
    "unpacked": under("unpacked", back(under("Anno", CSVS) | inside(KAGGLE))),
    KAGGLE: CSVS | {"list_attr_celeba.csv": CSV.replace(b"-1", b"0")} | inside(KAGGLE),
}


def lay_out(folder, path=FOLDER):
    for name, data in LAYOUTS[path].items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder / path


@pytest.mark.parametrize("path", LAYOUTS)
def test_every_layout_gives_the_same(tmp_path, path):
    source = open_source("celeba", lay_out(tmp_path, path))
    assert source.image_ids == list(ROWS)
    table = source.table
    assert table.columns.tolist() == ["split", "identity", *ATTRIBUTES]
    assert table["split"].tolist() == ["train", "val", "test"] * 2
    assert table["identity"].tolist() == list(range(2880, 2886))
    assert table[ATTRIBUTES].to_numpy().tolist() == [[v > 0 for v in row] for row in SIGNS]
    assert source.notes == [
        "found 6 photos; the official set has 202,599",
        "list_attr_celeba: 3 attributes; the official table has 40",
    ]
    assert source.ignored == []
    assert source.read(0, 6, 16, "center").image_ids == list(ROWS)


def test_of_two_editions_one_is_taken_and_the_other_told(tmp_path):
    path = lay_out(tmp_path, ".")
    (path / f"{FOLDER}_png").mkdir()
    for name in list(ROWS)[:5]:
        (path / f"{FOLDER}_png" / name.replace("jpg", "png")).write_bytes(photo())
    source = open_source("celeba", path)
    assert (source.image_ids, source.ignored) == (list(ROWS), [])
    assert source.notes[1] == (
        "img_align_celeba_png: its 5 photos are another edition of img_align_celeba; left out"
    )
    (path / KAGGLE / "000002.png").write_bytes(photo())  # among the others
    source = open_source("celeba", path)
    assert source.image_ids == list(ROWS)
    (double,) = source.ignored
    assert double[1] == f"duplicate name: {KAGGLE}/000002.jpg was found before"


def test_attributes_stay_with_their_photos_in_a_store(tmp_path):
    path = lay_out(tmp_path)
    (path / "000002.jpg").write_bytes(b"no photo")
    (path / "000005.jpg").write_bytes(b"")
    store = pack(open_source("celeba", path), "x", size=16, data=tmp_path, progress=False)
    index = store.index
    names = ["000001.jpg", "000003.jpg", "000004.jpg", "000006.jpg"]
    assert index["image_id"].tolist() == names
    assert index["identity"].tolist() == [2880, 2882, 2883, 2885]
    assert index["split"].tolist() == ["train", "test", "train", "test"]
    assert index[ATTRIBUTES].to_numpy().tolist() == [[v > 0 for v in ROWS[n]] for n in names]
    wanted = [crop_and_resize(read_picture(PHOTOS[name]), 16) for name in names]
    np.testing.assert_array_equal(store.images, wanted)


def test_of_photos_alone_and_twice_is_told_what_is_missing_and_doubled(tmp_path):
    files = inside(f"a/{FOLDER}") | {f"b/{FOLDER}/000001.jpg": photo(9)}
    source = open_source("celeba", zipped(files.items(), tmp_path / "a.zip"))
    assert source.table.shape == (6, 0)
    assert sum("was found: its columns are absent" in note for note in source.notes) == 3
    said = f"duplicate name: a/{FOLDER}/000001.jpg was found before"
    assert source.ignored == [(f"b/{FOLDER}/000001.jpg", said)]


def test_a_table_of_a_part_leaves_missing_values(tmp_path):
    path = lay_out(tmp_path)
    part = dict(list(ROWS.items())[4:1:-1])
    (tmp_path / "list_attr_celeba.txt").write_bytes(official_table(part))
    (tmp_path / "list_eval_partition.txt").write_bytes(b"000002.jpg 2\n")
    source = open_source("celeba", path)
    assert source.table["Bald"].isna().tolist() == [True, True, False, False, False, True]
    assert source.table["Bald"].dtype == "Int64"
    assert source.table["split"].fillna("none").tolist() == ["none", "test"] + ["none"] * 4
    assert "list_attr_celeba: 3 photos have no row in it" in source.notes


# tables

ENDS = [b"\n", b"\r\n", b"\r", b"\n\n"]
NUMBERED = (b",", b"Unnamed: 0,")
PART = {"1.jpg": [0], "2.jpg": [2]}


@pytest.mark.parametrize(
    ("data", "columns", "rows", "notes"),
    [
        *((TEXT.replace(b"\r\n", end), None, ROWS, []) for end in ENDS),
        *((CSV.replace(b"\n", end), None, ROWS, []) for end in ENDS),
        (CSV.replace(b",", b";"), None, ROWS, []),
        (re.sub(rb"(?m)^(?=0)", b"img/", CSV), None, ROWS, []),
        (TEXT.replace(b"0000", b"img\\0000"), None, ROWS, []),
        *((re.sub(rb"(?m)^(?=0)", b"7,", head + CSV), None, ROWS, []) for head in NUMBERED),
        (CSV.replace(b"image_id", b""), None, ROWS, []),  # the image's name is pandas' index
        (b'\xef\xbb\xbf"image_id","part"\n\n"1.jpg","0"\n 2.jpg , 2 \n\n', None, PART, []),
        (b"1.jpg 0\r\n2.jpg 2\r\n", ["part"], PART, []),  # without a header
        (b"image_id,partition\n1.jpg,0\n2.jpg,2\n", ["part"], PART, []),
        (b"image_id partition\n1.jpg 0\n2.jpg +2", ["part"], PART, []),
        (b"image_id,part\n1.jpg,0\n2.jpg,2\n1.jpg,0\n", None, PART, ["1 rows stand in it twice"]),
        (official_table(ROWS, count=9), None, ROWS, ["its first line says 9 rows, found 6"]),
    ],
)
def test_tables_of_every_form_are_read_and_what_is_odd_noted(data, columns, rows, notes):
    table = parse_table(data, "/x/table.txt", columns)
    assert table.columns.tolist() == (ATTRIBUTES if rows is ROWS else ["part"])
    assert table.T.to_dict("list") == rows
    assert table.attrs["notes"] == [f"table.txt: {note}" for note in notes]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it has no rows"),
        (b"3\r\nBald Young\r\n", "it has no rows"),
        (b"3\r\n", "it has no rows"),
        (b"PK\x03\x04\0\0\0", "zip archive"),
        (CSV.replace(b"1\n", b"1\0\n", 1), "no table"),
        (CSV.decode().encode("utf-16"), "no table"),
        (CSV.replace(b"Bald", b"B\xe4ld"), "no table"),
        (b"image_id,Bald\n1.jpg,1\n2.jpg,1,1\n", "line 3: 3 columns, expected 2"),
        (b"1\nBald Young\n1.jpg 1\n", "line 3: 2 columns, expected 3"),
        (CSV.replace(b"Bald,", b""), "line 2: 4 columns, expected 3"),
        (b"image_id,Bald\n1.jpg,yes\n", r"line 2: expected whole numbers.*'yes'"),
        (b"image_id,Bald\n1.jpg,\n", "line 2: expected whole numbers"),
        (b"image_id,Bald\n1.jpg,1.5\n", "line 2: expected whole numbers"),
        (b"image_id,Bald\n1.jpg,99999999999999999999\n", "line 2: expected whole numbers"),
        (b"image_id,Bald,Bald\n1.jpg,1,1\n", "names a column twice"),
        (b"image_id,Bald\n1.jpg,1\n1.jpg,-1\n", "names 1.jpg twice with different values"),
        (b"1.jpg 1 -1\n", "no line with the names"),
        (CSV.replace(b"Bald", b"row"), "a column 'row': a name that the index"),
        (CSV.replace(b",1", b",2", 1), "expected -1 or 1, got 2"),
        (CSV.replace(b",1", b",0", 1), "expected -1 or 1 .or 0 or 1. throughout, got -1"),
        (CSV.replace(b"0000", b"x"), r"no row for any of the 6 images.*000001\.jpg"),
    ],
)
def test_what_is_no_table_of_these_photos_is_refused(given, packed, data, said):
    path = lay_out(given)
    (given / "list_attr_celeba.txt").write_bytes(data)
    with pytest.raises(ValueError, match=said) as raised:
        packed("celeba", path)
    assert str(given / "list_attr_celeba.txt") in str(raised.value)
    assert "etch the table again" in str(raised.value) or "Use the table" in str(raised.value)


@pytest.mark.parametrize(
    ("file", "data", "said"),
    [
        ("list_attr_celeba.txt", TEXT.replace(b" 1", b" 7", 1), r"'\w+': expected .*got 7"),
        ("list_eval_partition.txt", b"000001.jpg 3\n", r"000001\.jpg.*got 3"),
        ("list_eval_partition.txt", b"image_id a b\n1.jpg 0 1\n", "has 2 columns, expected 1"),
        ("identity_CelebA.txt", QUOTA_PAGE, "HTML page"),
    ],
)
def test_tables_inside_an_archive_are_refused_by_name(tmp_path, file, data, said):
    path = zipped([*inside(FOLDER).items(), (file, data)], tmp_path / "a.zip")
    with pytest.raises(ValueError, match=said) as raised:
        open_source("celeba", path)
    assert f"{file} in {path}" in str(raised.value)


def test_a_table_may_be_a_link_and_is_no_longer_than_a_table(tmp_path, monkeypatch):
    path = lay_out(tmp_path)
    (tmp_path / "list_eval_partition.txt").unlink()
    (tmp_path / "table.txt").write_text("000001.jpg 2\n")
    (path / "list_eval_partition.txt").symlink_to(tmp_path / "table.txt")
    assert open_source("celeba", path).table["split"].iloc[0] == "test"
    for limit, name in ((12, "list_eval_partition"), (13, "identity_CelebA")):
        monkeypatch.setattr("aelatent.images.celeba.MAX_TABLE_BYTES", limit)
        with pytest.raises(ValueError, match=rf"{name}\.txt.* is larger than {limit} bytes: no t"):
            open_source("celeba", path)


@examples(st.binary(max_size=60))
def test_any_bytes_are_parsed_or_refused(data):
    try:
        table = parse_table(data, "t.csv", ["a"])
    except ValueError:
        return
    assert table.dtypes.tolist() == [np.int64]


@examples(order=st.permutations(range(6)), kept=st.integers(1, 6))
@pytest.mark.parametrize("end", [".jpg", ".png"])
def test_join_is_by_name_whatever_the_suffix(order, kept, end):
    table = pd.DataFrame(SIGNS, index=list(ROWS)).iloc[order[:kept]]
    ids = [name.replace(".jpg", end) for name in sorted(ROWS)[::-1]]
    wanted = pd.DataFrame(SIGNS[::-1], index=ids, dtype="Int64")
    wanted[[5 - i not in order[:kept] for i in range(6)]] = pd.NA
    pd.testing.assert_frame_equal(join(table, ids, "t"), wanted)
