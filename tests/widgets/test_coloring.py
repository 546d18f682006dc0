import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.pandas import column, data_frames

from aelatent.widgets._scatter import CLASSES, LEVELS, MISSING, colorable, coloring, one_color


def colors_of(paint):
    return np.array(paint.colors)[paint.codes]


def test_few_numbers_are_classes_in_their_order():
    paint = coloring(pd.Series([10, 2, 2, 0, 2], name="age"))
    assert paint.codes.tolist() == [2, 1, 1, 0, 1]
    assert len(set(paint.colors[:3])) == 3
    assert paint.legend.index(" 0 (1)") < paint.legend.index(" 2 (3)") < paint.legend.index(" 10 (")
    assert "missing" not in paint.legend


def test_many_numbers_run_along_the_scale_from_least_to_greatest():
    values = np.linspace(-5, 12.5, 1000)
    paint = coloring(pd.Series(values, name="yaw"))
    expected = np.rint((values + 5) / 17.5 * (LEVELS - 1))
    np.testing.assert_allclose(paint.codes, expected, atol=1)
    assert paint.codes[0] == 0
    assert paint.codes[-1] == LEVELS - 1
    assert "yaw: -5 " in paint.legend
    assert " 12.5 " in paint.legend


@pytest.mark.parametrize("gap", [np.nan, np.inf, -np.inf])
def test_gaps_in_numbers_are_gray_and_counted(gap):
    values = np.arange(50.0)
    values[[3, 9]] = gap
    paint = coloring(pd.Series(values))
    assert np.flatnonzero(colors_of(paint) == MISSING).tolist() == [3, 9]
    assert "2 missing" in paint.legend


@pytest.mark.parametrize("gap", [None, np.nan, ""])
def test_gaps_in_text_are_gray_and_counted(gap):
    paint = coloring(pd.Series(["b", gap, "a", "b"], dtype=object))
    assert np.flatnonzero(colors_of(paint) == MISSING).tolist() == [1]
    assert paint.codes.tolist() == [1, 2, 0, 1]
    assert "1 missing" in paint.legend


def test_rare_values_share_a_gray():
    text = [letter for i, letter in enumerate("abcdefghi") for _ in range(20 - i)]
    paint = coloring(pd.Series(text))
    assert set(np.array(text)[colors_of(paint) == MISSING]) == {"h", "i"}
    assert "25 in 2 rarer values" in paint.legend
    assert len(set(paint.colors)) == CLASSES + 1


@pytest.mark.parametrize("kind", ["bool", "category", "Int64", "str", "float32"])
def test_kinds_of_columns(kind):
    paint = coloring(pd.Series([1, 0, 0, 1]).astype(kind))
    assert paint.codes.tolist() == [1, 0, 0, 1]


def test_missing_whole_numbers():
    paint = coloring(pd.Series([1, None, 0], dtype="Int64"))
    assert colors_of(paint)[1] == MISSING
    assert "1 missing" in paint.legend


def test_names_and_values_cannot_smuggle_html():
    paint = coloring(pd.Series(["<script>", "x"], name="<b>"))
    assert "<script>" not in paint.legend
    assert "<b>" not in paint.legend


def test_a_column_without_values_is_refused():
    with pytest.raises(ValueError, match=r"column 'empty' has no values in these 2 rows"):
        coloring(pd.Series([np.nan, np.nan], name="empty"))


def test_columns_that_can_color():
    index = pd.DataFrame(
        {
            "row": [0, 1],
            "image_id": ["a", "b"],
            "split": ["", ""],
            "all": [1, 1],
            "age": [1.0, np.nan],
            "name": ["x", "y"],
        }
    )
    assert colorable(index) == ["age", "name"]


def test_one_color():
    paint = one_color(1200, "#123456", "<x>")
    assert set(colors_of(paint)) == {"#123456"}
    assert "&lt;x&gt; (1,200)" in paint.legend


NUMBERS = st.floats(-1e100, 1e100, allow_subnormal=False) | st.sampled_from([np.nan, np.inf])


@given(data_frames([column("v", elements=NUMBERS, dtype=float)]).filter(len))
def test_every_point_has_a_color_and_equal_values_equal_ones(frame):
    values = frame["v"]
    if not np.isfinite(values).any():
        return
    paint = coloring(values)
    assert len(paint.codes) == len(values)
    assert 0 <= paint.codes.min() <= paint.codes.max() < len(paint.colors)
    gray = colors_of(paint) == MISSING
    assert gray[~np.isfinite(values)].all()
    if np.unique(values[np.isfinite(values)]).size > CLASSES:
        assert not gray[np.isfinite(values)].any()
