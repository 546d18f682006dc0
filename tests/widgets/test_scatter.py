import numpy as np
import pandas as pd
import pytest

from aelatent.widgets import _scatter
from aelatent.widgets._scatter import CLASSES, LEVELS, MISSING, Scatter, coloring


def colors_of(paint):
    return np.array(paint.colors)[paint.codes]


def test_few_numbers_are_classes_in_their_order():
    paint = coloring(pd.Series([10, 2, 2, 0, 2], name="age"))
    assert paint.codes.tolist() == [2, 1, 1, 0, 1]
    assert len(set(paint.colors[:3])) == 3
    assert paint.legend.startswith("age: ")
    assert paint.legend.index(" 0 (1)") < paint.legend.index(" 2 (3)") < paint.legend.index(" 10 (")
    assert "missing" not in paint.legend
    for kind in ("bool", "category", "Int64", "str", "float32"):
        assert coloring(pd.Series([1, 0, 0, 1]).astype(kind)).codes.tolist() == [1, 0, 0, 1]


def test_many_numbers_run_along_the_scale_from_least_to_greatest():
    values = np.linspace(-5, 12.5, 1000)
    paint = coloring(pd.Series(values, name="yaw"))
    expected = np.rint((values + 5) / 17.5 * (LEVELS - 1))
    np.testing.assert_allclose(paint.codes, expected, atol=1)
    assert paint.codes[[0, -1]].tolist() == [0, LEVELS - 1]
    assert paint.legend.startswith("yaw: -5 ")
    assert " 12.5 " in paint.legend


@pytest.mark.parametrize("gap", [np.nan, np.inf, -np.inf])
def test_gaps_in_numbers_are_gray_and_counted(gap):
    values = np.arange(50.0)
    values[[3, 9]] = gap
    paint = coloring(pd.Series(values))
    assert np.flatnonzero(colors_of(paint) == MISSING).tolist() == [3, 9]
    assert "2 missing" in paint.legend


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["b", None, "a", "b"], object),
        (["b", np.nan, "a", "b"], object),
        (["b", "", "a", "b"], object),
        ([1, None, 0, 1], "Int64"),
    ],
)
def test_gaps_in_classes_are_gray_and_counted(values, kind):
    paint = coloring(pd.Series(values, dtype=kind))
    assert paint.codes.tolist() == [1, 2, 0, 1]
    assert paint.colors[2] == MISSING
    assert "1 missing" in paint.legend


def test_rare_values_share_a_gray():
    text = [letter for i, letter in enumerate("abcdefghi") for _ in range(20 - i)]
    paint = coloring(pd.Series(text))
    assert set(np.array(text)[colors_of(paint) == MISSING]) == {"h", "i"}
    assert "25 in 2 rarer values" in paint.legend
    assert len(set(paint.colors)) == CLASSES + 1


def test_names_and_values_cannot_smuggle_html():
    legend = coloring(pd.Series(["<script>", "x"], name="<b>")).legend
    assert "&lt;script&gt; (1)" in legend
    assert legend.startswith("&lt;b&gt;: ")
    paint = _scatter.one_color(1200, "#123456", "<x>")
    assert set(colors_of(paint)) == {"#123456"}
    assert "&lt;x&gt; (1,200)" in paint.legend


def test_columns_that_can_color():
    index = pd.DataFrame({"row": [0, 1], "image_id": ["a", "b"], "split": ["", ""], "all": [1, 1]})
    index["age"], index["name"] = [1.0, 2.0], ["x", "y"]
    index["few"], index["none"] = [1.0, np.nan], np.nan
    with pytest.raises(ValueError, match=r"column 'none' has no values in these 2 rows"):
        coloring(index.pop("none"))
    assert _scatter.colorable(index) == ["age", "name", "few"]


RED_AND_BLUE = ["#ff0000", "#0000ff"]
LABELS = ("across", "up")


@pytest.fixture
def scatter():
    scatter = Scatter(300)
    where = np.arange(6.0).reshape(3, 2)
    scatter.draw(where, np.array([0, 1, 0]), RED_AND_BLUE, LABELS, ((0, 10), (-10, 10)))
    return scatter


def test_points_are_placed_within_the_ranges_and_codes_count_colors(scatter):
    expected = [[-1, 0.1, 0], [-0.6, 0.3, 1], [-0.2, 0.5, 0]]
    np.testing.assert_allclose(scatter.widget.points[:, :3], expected, atol=1e-7)
    colors = [*RED_AND_BLUE, "#00ff00"]
    scatter.draw(np.eye(2), np.array([2, 0]), colors, LABELS, ((0, 1), (0, 1)))  # two of three
    assert scatter.widget.points[:, 2].tolist() == [2, 0]
    shown = [color[:3] for color in np.round(scatter.widget.color).tolist()]
    assert shown == [[1, 0, 0], [0, 0, 1], [0, 1, 0]]


def test_the_browser_gets_points_colors_and_axes_in_one_message(scatter, monkeypatch):
    sent = []
    monkeypatch.setattr(type(scatter.widget), "send_state", lambda _, key=None: sent.append({*key}))
    scatter.draw(np.eye(2), np.array([1, 1]), RED_AND_BLUE, ("u", "v"), ((0, 1), (0, 2)))
    (keys,) = sent
    assert {"points", "axes_labels", "x_scale_domain", "y_scale_domain"} <= set(keys)


def test_two_plots_have_channels_of_their_own(scatter):
    other = Scatter(300)
    assert scatter.window.channel == scatter.widget.view_sync != other.window.channel
    assert scatter.window.domain == []
