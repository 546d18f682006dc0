import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import same_color

from aelatent.plots import PATH
from aelatent.plots.scored import scored_strip

RNG = np.random.default_rng(0)


def pictures(n, height=24, width=24):
    return RNG.integers(0, 256, (n, height, width, 3), dtype=np.uint8)


def scores(n):
    return pd.DataFrame(
        {
            "d2": np.linspace(600, 0, n),
            "in_core": np.linspace(600, 0, n) <= 300,
            "cycle_error": [np.inf, *np.linspace(2, 0.1, n - 1)],
            "face": np.arange(n) % 2 == 0,
            "step": [np.nan, *np.linspace(0.1, 0.2, n - 1)],
            "remark": ["not drawn"] * n,
        },
        index=pd.RangeIndex(1, n + 1),
    )


def middles(strip):
    """The middles of the pictures on the page, left to right."""
    boxes = [image.get_window_extent() for image in strip.images]
    return sorted((box.x0 + box.x1) / 2 for box in boxes)


def on_page(ax, line):
    x = np.asarray(line.get_xdata(), float)
    return ax.transData.transform(np.column_stack([x, np.zeros(len(x))]))[:, 0]


@pytest.mark.parametrize("n", [2, 5, 8, 20])
@pytest.mark.parametrize("tall", [24, 40])
def test_scores_stand_below_the_middles_of_their_pictures(n, tall):
    axes = scored_strip(pictures(n, tall), scores(n), border=300, labels=["x"] * n, title="a path")
    strip, d2, cycle, step, marks = axes
    strip.figure.canvas.draw()
    for ax in (d2, cycle, step):
        np.testing.assert_allclose(on_page(ax, ax.lines[0]), middles(strip), atol=0.01)
    by_side = [on_page(marks, line) for line in marks.lines]
    for filled, empty in (by_side[:2], by_side[2:]):
        np.testing.assert_allclose(np.sort([*filled, *empty]), middles(strip), atol=0.01)
    box = strip.images[0].get_window_extent()
    assert box.height / box.width == pytest.approx(tall / 24, rel=1e-6)  # undistorted
    tops = [ax.get_window_extent().y1 for ax in axes]
    assert tops == sorted(tops, reverse=True)


def test_lines_show_the_scores_with_gaps_and_infinities():
    table = scores(6)
    _, d2, cycle, step, _ = scored_strip(pictures(6), table, border=300)
    np.testing.assert_array_equal(d2.lines[0].get_ydata(), table["d2"])
    np.testing.assert_array_equal(step.lines[0].get_ydata(), table["step"])
    assert np.isnan(cycle.lines[0].get_ydata()[0])
    (mark,) = cycle.texts
    assert mark.get_text() == "∞"
    assert mark.get_position()[0] == cycle.lines[0].get_xdata()[0]
    assert [ax.get_ylabel() for ax in (d2, cycle, step)] == ["D²", "cycle error", "change"]
    assert all(same_color(ax.lines[0].get_color(), PATH) for ax in (d2, cycle, step))
    assert all(ax.get_ylim()[0] == 0 for ax in (d2, cycle, step))


def test_truths_are_filled_marks():
    table = scores(6)
    marks = scored_strip(pictures(6), table)[-1]
    core, outside, face, none = marks.lines
    assert len(core.get_xdata()) == table["in_core"].sum()
    np.testing.assert_array_equal(face.get_xdata(), np.sort(face.get_xdata()))
    assert len(face.get_xdata()) == len(none.get_xdata()) == 3
    assert face.get_xdata()[0] < none.get_xdata()[0]
    for filled, empty in ((core, outside), (face, none)):
        assert same_color(filled.get_markerfacecolor(), PATH)
        assert same_color(empty.get_markerfacecolor(), "white")
        assert set(filled.get_ydata()) == set(empty.get_ydata())
    assert [text.get_text() for text in marks.texts][:2] == ["in core", "face"]


@pytest.mark.parametrize(("largest", "scale"), [(20, "linear"), (600, "linear"), (9e4, "symlog")])
def test_the_border_can_be_seen_whatever_the_distances(largest, scale):
    d2 = np.linspace(largest, 0, 6)
    strip, ax = scored_strip(pictures(6), pd.DataFrame({"d2": d2}), border=300)
    assert ax.get_yscale() == scale
    (remark,) = [text.get_text() for text in ax.texts]
    assert remark.startswith("dashed: border of the core")
    assert ("log scale" in remark) == (scale == "symlog")
    dashed = ax.lines[1]
    assert set(dashed.get_ydata()) == {300}
    assert {"0", "300"} <= {tick.get_text() for tick in ax.get_yticklabels()}
    strip.figure.canvas.draw()
    box = ax.get_window_extent()
    assert 0.1 < (ax.transData.transform((0, 300))[1] - box.y0) / box.height < 0.95


def test_only_what_is_known_is_drawn():
    axes = scored_strip(pictures(4), pd.DataFrame({"face": [True] * 4}))
    assert len(axes) == 2
    axes = scored_strip(pictures(4), pd.DataFrame({"d2": pd.array([1, None, 3, 4], "Int64")}))
    np.testing.assert_array_equal(axes[1].lines[0].get_ydata(), [1, np.nan, 3, 4])
    assert len(axes[1].lines) == 1
    nothing = scored_strip(pictures(1), pd.DataFrame({"step": [np.nan]}))
    assert nothing[1].get_ylim() == (0, 1)


@pytest.mark.parametrize("n", [1, 3, 8, 24])
def test_it_is_compact_and_all_words_are_on_the_page(n):
    table = pd.DataFrame({"d2": [9e4] * n, "cycle_error": [0.1] * n, "face": [True] * n})
    axes = scored_strip(pictures(n), table, border=300, labels=[str(i) for i in range(n)])
    figure = axes[0].figure
    figure.canvas.draw()
    picture = axes[0].images[0].get_window_extent().height / figure.dpi
    assert figure.get_figheight() < picture + 1.6  # the numbers of the pictures take 0.3
    assert figure.get_figwidth() <= 10.01
    page = figure.bbox.padded(0.5)
    for ax in axes:
        box = ax.get_tightbbox()
        assert page.contains(box.x0, box.y0)
        assert page.contains(box.x1, box.y1)
    assert figure.get_tightbbox().height > 0.9 * figure.get_figheight()


@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        (scores(4), {}, "a row for each of 3 pictures; got 4"),
        (scores(3)[["remark"]], {}, "must have a column of d2, .*; got remark"),
        (pd.DataFrame(index=range(3)), {}, "got none"),
        (pd.DataFrame({"face": [1, 0, 1]}), {}, r"scores\['face'\] must be True or False.*int64"),
        (pd.DataFrame({"face": [True, None, True]}), {}, "must be True or False .*object"),
        (pd.DataFrame({"d2": ["a", "b", "c"]}), {}, r"scores\['d2'\] must be numbers"),
        (pd.DataFrame({"d2": [True] * 3}), {}, r"scores\['d2'\] must be numbers; got bool"),
        (scores(3), {"border": np.nan}, "border must be a finite D² above 0; got nan"),
        (scores(3), {"border": -1}, "got -1"),
        (scores(3), {"labels": ["a"]}, "got 1 labels for 3 pictures"),
    ],
)
def test_bad_scores_are_refused(table, options, message):
    with pytest.raises(ValueError, match=message):
        scored_strip(pictures(3), table, **options)
    with pytest.raises(ValueError, match="expected pictures of shape"):
        scored_strip(pictures(3)[0], scores(3))
    assert plt.get_fignums() == []
