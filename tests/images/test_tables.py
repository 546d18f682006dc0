import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aelatent.images.celeba import join, parse_table

from .bad_files import (
    ATTRIBUTES,
    QUOTA_PAGE,
    attribute_rows,
    csv_table,
    official_table,
)

ROWS = attribute_rows(6)


def expected(rows=ROWS):
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(ATTRIBUTES)).astype("int64")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\n"])
def test_official_and_csv_tables_whatever_their_line_ends(end):
    for data in (official_table(ROWS, end=end), csv_table(ROWS, end=end)):
        table = parse_table(data, "table.txt")
        pd.testing.assert_frame_equal(table, expected(), check_flags=False)
        assert table.attrs["notes"] == []


def test_byte_order_mark_quotes_and_blank_lines():
    data = b'\xef\xbb\xbf"image_id","Bald"\n\n"1.jpg","-1"\n 2.jpg , 1 \n\n'
    table = parse_table(data, "t.csv")
    assert table["Bald"].to_dict() == {"1.jpg": -1, "2.jpg": 1}


def test_tables_without_header():
    data = b"000001.jpg 0\r\n000002.jpg 2\r\n"
    table = parse_table(data, "list_eval_partition.txt", ["partition"])
    assert table["partition"].to_dict() == {"000001.jpg": 0, "000002.jpg": 2}


def test_header_of_a_single_column_is_told_from_a_row():
    data = b"image_id,partition\n000001.jpg,1\n"
    assert parse_table(data, "p.csv", ["partition"])["partition"].to_dict() == {"000001.jpg": 1}


def test_a_wrong_count_is_noted_not_refused():
    table = parse_table(official_table(ROWS, count=202599), "/x/list_attr_celeba.txt")
    assert table.attrs["notes"] == [
        "list_attr_celeba.txt: its first line says 202599 rows, found 6"
    ]
    assert len(table) == 6


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it has no rows"),
        (b"3\r\nBald Young\r\n", "it has no rows"),
        (QUOTA_PAGE, "HTML page"),
        (b"PK\x03\x04\0\0\0", "zip archive"),
        (b"1.jpg \xff\xfe 1", "no table"),
        (b"image_id,Bald\n1.jpg,1\n2.jpg,1,1\n", "line 3: 3 columns, expected 2"),
        (b"1\nBald Young\n1.jpg 1\n", "line 3: 2 columns, expected 3"),
        (b"image_id,Bald\n1.jpg,yes\n", r"line 2: expected whole numbers.*'yes'"),
        (b"image_id,Bald\n1.jpg,\n", "line 2: expected whole numbers"),
        (b"image_id,Bald\n1.jpg,1.5\n", "line 2: expected whole numbers"),
        (b"image_id,Bald\n1.jpg,99999999999999999999\n", "line 2: expected whole numbers"),
        (b"image_id,Bald,Bald\n1.jpg,1,1\n", "names a column twice"),
        (b"image_id,Bald\n1.jpg,1\n1.jpg,-1\n", "names 1.jpg twice with different values"),
        (b"1.jpg 1 -1\n", "no line with the names"),
    ],
)
def test_what_is_no_table_is_refused(data, said):
    with pytest.raises(ValueError, match=said) as raised:
        parse_table(data, "list_attr_celeba.csv")
    assert "list_attr_celeba.csv" in str(raised.value)
    assert "etch the table again" in str(raised.value)


def test_a_row_that_stands_twice_is_noted():
    table = parse_table(b"image_id,Bald\n1.jpg,1\n2.jpg,-1\n1.jpg,1\n", "t.csv")
    assert table["Bald"].to_dict() == {"1.jpg": 1, "2.jpg": -1}
    assert table.attrs["notes"] == ["t.csv: 1 rows stand in it twice"]


@given(st.binary(max_size=60))
def test_any_bytes_are_parsed_or_refused(data):
    try:
        table = parse_table(data, "t.csv", ["a"])
    except ValueError:
        return
    assert table.dtypes.tolist() == [np.int64]


@given(order=st.permutations(range(6)), kept=st.integers(1, 6))
def test_join_is_by_name(order, kept):
    table = expected().iloc[order[:kept]]
    ids = sorted(ROWS)[::-1]
    joined = join(table, ids, "t")
    assert joined.index.tolist() == ids
    for image_id in ids:
        if image_id in table.index:
            assert joined.loc[image_id].tolist() == ROWS[image_id]
        else:
            assert joined.loc[image_id].isna().all()


def test_join_serves_the_png_edition():
    ids = [name.replace(".jpg", ".png") for name in ROWS]
    assert join(expected(), ids, "t").to_numpy().tolist() == list(ROWS.values())


def test_join_refuses_tables_of_other_images():
    with pytest.raises(ValueError, match=r"no row for any of the 1 images.*000001\.jpg.*'x\.jpg'"):
        join(expected(), ["x.jpg"], "t")
