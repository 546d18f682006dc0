import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import same_color

from aelatent.plots import PATH, scored_strip
from tests.plots.reading import holds, texts
from tests.plots.test_strips import pictures


def scores(n):
    d2 = np.linspace(600, 0, n)
    return pd.DataFrame(
        {"d2": d2, "in_core": d2 <= 300, "cycle_error": np.linspace(2, 0.1, n),
         "face": np.arange(n) % 2 == 0, "step": [np.nan, *np.linspace(0.1, 0.2, n - 1)],
         "remark": "not drawn"},
        index=pd.RangeIndex(1, n + 1),
    )  # fmt: skip


def on_page(ax, line):
    x = np.asarray(line.get_xdata(), float)
    return ax.transData.transform(np.column_stack([x, np.zeros(len(x))]))[:, 0]


@pytest.mark.parametrize(("n", "tall"), [(2, 24), (5, 40), (8, 24), (20, 40)])
def test_scores_stand_below_the_middles_of_their_pictures(n, tall):
    images = pictures(n, tall, 24)
    axes = scored_strip(images, scores(n), border=300, labels=["x"] * n, title="a path")
    strip, d2, cycle, step, marks = axes
    strip.figure.canvas.draw()
    boxes = [image.get_window_extent() for image in strip.images]
    middles = sorted((box.x0 + box.x1) / 2 for box in boxes)
    for ax in (d2, cycle, step):
        np.testing.assert_allclose(on_page(ax, ax.lines[0]), middles, atol=0.01)
    by_side = [on_page(marks, line) for line in marks.lines]
    for filled, empty in (by_side[:2], by_side[2:]):
        np.testing.assert_allclose(np.sort([*filled, *empty]), middles, atol=0.01)
    assert boxes[0].height / boxes[0].width == pytest.approx(tall / 24, rel=1e-6)  # undistorted


def test_lines_show_the_scores_with_gaps_and_truths_are_filled_marks():
    table = scores(6)
    _, d2, cycle, step, marks = scored_strip(pictures(6), table, border=300)
    np.testing.assert_array_equal(d2.lines[0].get_ydata(), table["d2"])
    np.testing.assert_array_equal(step.lines[0].get_ydata(), table["step"])
    middles = cycle.lines[0].get_xdata()
    for ax, name in ((d2, "D²"), (cycle, "cycle error\n(spreads)"), (step, "change")):
        assert ax.get_ylabel() == name
        assert same_color(ax.lines[0].get_color(), PATH)
        assert ax.get_ylim()[0] == 0
    assert cycle.get_ylim()[1] == pytest.approx(1.2 * 2)
    for row, name in enumerate(("in_core", "face")):
        filled, empty = marks.lines[2 * row : 2 * row + 2]
        np.testing.assert_array_equal(filled.get_xdata(), middles[table[name]])
        np.testing.assert_array_equal(empty.get_xdata(), middles[~table[name]])
        assert same_color(filled.get_markerfacecolor(), PATH)
        assert same_color(empty.get_markerfacecolor(), "white")
        assert set(filled.get_ydata()) == set(empty.get_ydata()) == {row}
    assert texts(marks) == ["in core", "face", "dashed: border of the core; filled: yes, open: no"]


@pytest.mark.parametrize(("largest", "scale"), [(20, "linear"), (600, "linear"), (9e4, "symlog")])
def test_the_border_can_be_seen_whatever_the_distances(largest, scale):
    d2 = np.linspace(largest, 0, 6)
    strip, ax = scored_strip(pictures(6), pd.DataFrame({"d2": d2}), border=300)
    assert ax.get_yscale() == scale
    beyond = ", log scale beyond" if scale == "symlog" else ""
    assert texts(ax) == [f"dashed: border of the core{beyond}"]
    assert set(ax.lines[1].get_ydata()) == {300}
    assert {"0", "300"} <= {tick.get_text() for tick in ax.get_yticklabels()}
    strip.figure.canvas.draw()
    box = ax.get_window_extent()
    assert 0.1 < (ax.transData.transform((0, 300))[1] - box.y0) / box.height < 0.95


def test_only_what_is_known_is_drawn():
    assert len(scored_strip(pictures(4), pd.DataFrame({"face": [True] * 4}))) == 2
    axes = scored_strip(pictures(4), pd.DataFrame({"d2": pd.array([1, None, 3, 4], "Int64")}))
    np.testing.assert_array_equal(axes[1].lines[0].get_ydata(), [1, np.nan, 3, 4])
    assert len(axes[1].lines) == 1
    nothing = scored_strip(pictures(1), pd.DataFrame({"step": [np.nan]}))
    assert nothing[1].get_ylim() == (0, 1)


@pytest.mark.parametrize("n", [1, 3, 24])
def test_it_is_compact_and_all_words_are_on_the_page(n):
    table = pd.DataFrame({"d2": [9e4] * n, "cycle_error": [0.1] * n, "face": [True] * n})
    axes = scored_strip(pictures(n, 24, 24), table, border=300, labels=[str(i) for i in range(n)])
    figure = axes[0].figure
    figure.canvas.draw()
    picture = axes[0].images[0].get_window_extent().height / figure.dpi
    assert figure.get_figheight() < picture + 1.6  # the numbers of the pictures take 0.3
    assert figure.get_figwidth() <= 10.01
    assert holds(figure, [ax.get_tightbbox() for ax in axes])
    assert figure.get_tightbbox().height > 0.9 * figure.get_figheight()


@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        (scores(4), {}, "each of 3 pictures; got 4"),
        (scores(3)[["remark"]], {}, "must have a column of d2, .*; got remark"),
        (pd.DataFrame(index=range(3)), {}, "got none"),
        (pd.DataFrame({"face": [1, 0, 1]}), {}, r"scores\['face'\] must be True or False.*int64"),
        (pd.DataFrame({"face": [True, None, True]}), {}, "must be True or False .*object"),
        (pd.DataFrame({"d2": ["a", "b", "c"]}), {}, r"scores\['d2'\] must be numbers"),
        (pd.DataFrame({"d2": [True] * 3}), {}, r"scores\['d2'\] must be numbers; got bool"),
        (scores(3), {"border": 0}, "border must be a finite number above 0; got 0"),
        (scores(3), {"labels": ["a"]}, "label for each of 3 pictures; got 1"),
        (scores(3), {"images": pictures(3)[0]}, r"images must be an array \(n, h, w, 3\)"),
    ],
)
def test_bad_scores_are_refused(table, options, message):
    with pytest.raises(ValueError, match=message):
        scored_strip(**{"images": pictures(3), "scores": table} | options)
    assert plt.get_fignums() == []
