import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import colors
from matplotlib import pyplot as plt
from matplotlib.collections import PathCollection

from aelatent.plots import PATH, Z_POINTS
from aelatent.plots.maps import MISSING, OKABE_ITO, SURROGATE, lineup_panels, map_pair, map_scatter

PLACES = np.random.default_rng(0).normal(size=(1000, 2)) * [30, 10]
OTHERS = np.random.default_rng(1).normal(size=(800, 2)) * 40 + 5


def clouds(ax):
    return [drawn for drawn in ax.collections if isinstance(drawn, PathCollection)]


def rgba(*names):
    return colors.to_rgba_array(names, 0.7)


def legend(ax):
    return {
        text.get_text(): handle.get_color()
        for text, handle in zip(ax.get_legend().texts, ax.get_legend().legend_handles, strict=True)
    }


def test_a_plain_map_is_blue_without_ticks_and_with_equal_scales():
    ax = map_scatter(PLACES)
    (cloud,) = clouds(ax)
    np.testing.assert_array_equal(cloud.get_offsets(), PLACES)
    np.testing.assert_array_equal(cloud.get_facecolor(), rgba(Z_POINTS))
    assert cloud.get_rasterized()
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("t-SNE 1 (no unit)", "t-SNE 2 (no unit)")
    assert len(ax.get_xticks()) == len(ax.get_yticks()) == 0
    assert ax.get_title(loc="left") == "n = 1,000"
    assert ax.get_legend() is None
    ax.figure.canvas.draw()
    box = ax.get_window_extent()
    per_unit = box.width / np.ptp(ax.get_xlim()), box.height / np.ptp(ax.get_ylim())
    assert per_unit[0] == pytest.approx(per_unit[1], rel=1e-6)


def test_markers_shrink_as_points_become_more():
    sizes = [
        clouds(map_scatter(np.resize(PLACES, (n, 2))))[0].get_sizes()[0]
        for n in (1000, 20_000, 165_000)
    ]
    assert 12 >= sizes[0] > sizes[1] > sizes[2] >= 0.15
    # Together they cover about as much, so that a map is neither empty nor a blot.
    assert sizes[1] * 20_000 == pytest.approx(sizes[2] * 165_000, rel=0.3)


def test_numbers_get_a_color_bar_and_points_without_a_value_are_pale():
    smile = pd.Series(PLACES[:, 0], name="smile")
    smile[[3, 5]] = np.nan
    ax = map_scatter(PLACES, color=smile)
    missing, known = clouds(ax)
    np.testing.assert_array_equal(missing.get_offsets(), PLACES[[3, 5]])
    np.testing.assert_array_equal(missing.get_facecolor(), rgba(MISSING))
    np.testing.assert_array_equal(known.get_array(), smile.dropna())
    assert known.get_cmap().name == "viridis"
    assert missing.get_sizes()[0] == pytest.approx(known.get_sizes()[0])
    assert known.colorbar.ax.get_ylabel() == "smile; 2 without a value: pale gray"


def test_the_label_given_comes_before_the_name_of_the_column():
    yaw = pd.Series(PLACES[:, 0], name="yaw")
    ax = map_scatter(PLACES, color=yaw, color_label="yaw, degrees")
    assert clouds(ax)[0].colorbar.ax.get_ylabel() == "yaw, degrees"
    assert clouds(map_scatter(PLACES, color=yaw.to_numpy()))[0].colorbar.ax.get_ylabel() == "value"


@pytest.mark.parametrize(
    "kinds",
    [[False, True], ["no", "yes"], [-1, 1], pd.Categorical(["no", "yes"])],
    ids=["truth values", "texts", "whole numbers", "categories"],
)
def test_kinds_get_their_colors_and_counts(kinds):
    second = PLACES[:, 0] > 0
    names = np.asarray(kinds)
    values = pd.Series(
        pd.Categorical(names[second.astype(int)], categories=kinds.categories)
        if isinstance(kinds, pd.Categorical)
        else names[second.astype(int)]
    )
    ax = map_scatter(PLACES, color=values, color_label="smiling")
    (cloud,) = clouds(ax)
    np.testing.assert_array_equal(cloud.get_offsets(), PLACES)
    expected = np.where(second[:, None], rgba(OKABE_ITO[1]), rgba(OKABE_ITO[0]))
    np.testing.assert_array_equal(cloud.get_facecolor(), expected)
    assert legend(ax) == {
        f"{names[0]} (n = {(~second).sum():,})": OKABE_ITO[0],
        f"{names[1]} (n = {second.sum():,})": OKABE_ITO[1],
    }
    assert ax.get_legend().get_title().get_text() == "smiling"


def test_points_of_no_kind_are_pale_and_counted():
    values = ["a", None, "b", "a"]
    ax = map_scatter(PLACES[:4], color=values)
    shown = rgba(OKABE_ITO[0], MISSING, OKABE_ITO[1], OKABE_ITO[0])
    np.testing.assert_array_equal(clouds(ax)[0].get_facecolor(), shown)
    assert legend(ax)["no value (n = 1)"] == MISSING


@settings(max_examples=20)
@given(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=50))
def test_any_few_kinds_are_drawn_and_counted(kinds):
    figure, ax = plt.subplots()
    map_scatter(PLACES[: len(kinds)], color=kinds, ax=ax)
    expected = [f"{kind} (n = {kinds.count(kind)})" for kind in sorted(set(kinds))]
    assert list(legend(ax)) == expected
    plt.close(figure)


def test_a_path_is_red_and_numbered():
    path = np.array([[0, 0], [10, 5], [20, -5]])
    ax = map_scatter(PLACES, path=path)
    (line,) = ax.lines
    np.testing.assert_array_equal(line.get_xydata(), path)
    assert line.get_color() == PATH
    assert [(text.get_text(), text.xy) for text in ax.texts] == [
        (str(k), pytest.approx(place)) for k, place in enumerate(path, start=1)
    ]
    ax.figure.canvas.draw()


def test_the_axes_and_the_title_given_are_used():
    _, ax = plt.subplots()
    assert map_scatter(PLACES, title="few", ax=ax) is ax
    assert ax.get_title(loc="left") == "few"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"coordinates": PLACES[:, :1]}, r"coordinates .*got shape \(1000, 1\)"),
        ({"coordinates": np.full((3, 2), np.nan)}, "coordinates must be finite"),
        ({"path": [[0, 0, 0]]}, r"path .*got shape \(1, 3\)"),
        ({"color": np.zeros(999)}, r"each of the 1,000 points; got shape \(999,\)"),
        ({"color": np.zeros((1000, 1))}, r"got shape \(1000, 1\)"),
        ({"color": np.full(1000, np.nan)}, "finite number at least"),
        ({"color": [None] * 1000}, "got 0 kinds"),
        ({"color": [f"{k % 9}" for k in range(1000)]}, "got 9 kinds. Join the rare ones"),
    ],
)
def test_what_is_no_map_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        map_scatter(**{"coordinates": PLACES} | arguments)
    assert plt.get_fignums() == [] or "color" in arguments


def test_a_pair_has_one_scale_and_states_both_n():
    left, right = map_pair(PLACES, OTHERS, name="matched Gaussian")
    assert left.get_title(loc="left") == "z-points, n = 1,000"
    assert right.get_title(loc="left") == "surrogate: matched Gaussian, n = 800"
    for ax, places, color in ((left, PLACES, Z_POINTS), (right, OTHERS, SURROGATE)):
        (cloud,) = clouds(ax)
        np.testing.assert_array_equal(cloud.get_offsets(), places)
        np.testing.assert_array_equal(cloud.get_facecolor(), rgba(color))
        low, high = np.transpose([ax.get_xlim(), ax.get_ylim()])
        assert (places > low).all()
        assert (places < high).all()
    assert np.ptp(left.get_xlim()) == pytest.approx(np.ptp(right.get_ylim()))
    left.figure.canvas.draw()
    assert left.get_window_extent().width == pytest.approx(right.get_window_extent().width)


def test_measures_stand_under_their_maps():
    measures = {"void probability": (0.4237, 0.05), "kept": ("61 %", "58 %")}
    left, right = map_pair(PLACES, OTHERS, name="Gaussian", measures=measures)
    assert left.get_xlabel() == "t-SNE 1 (no unit)\nvoid probability: 0.424\nkept: 61 %"
    assert right.get_xlabel() == "t-SNE 1 (no unit)\nvoid probability: 0.05\nkept: 58 %"


def test_a_pair_uses_the_axes_given():
    _, axes = plt.subplots(1, 2)
    assert map_pair(PLACES, OTHERS, name="Gaussian", axes=axes).tolist() == axes.tolist()
    with pytest.raises(ValueError, match="two matplotlib Axes; got 1"):
        map_pair(PLACES, OTHERS, name="Gaussian", axes=axes[:1])
    with pytest.raises(ValueError, match="two values for each name; got 3: voids"):
        map_pair(PLACES, OTHERS, name="Gaussian", measures={"voids": 3})
    with pytest.raises(ValueError, match="surrogate must be finite"):
        map_pair(PLACES, OTHERS * np.inf, name="Gaussian")


def test_a_line_up_shows_all_panels_alike():
    panels = [k + np.random.default_rng(k).normal(size=(50, 2)) for k in range(20)]
    axes = lineup_panels(panels)
    assert axes.shape == (4, 5)
    looks = set()
    for number, (ax, panel) in enumerate(zip(axes.flat, panels, strict=True), start=1):
        (cloud,) = clouds(ax)
        np.testing.assert_array_equal(cloud.get_offsets(), panel)
        assert ax.get_title() == str(number)
        assert len(ax.get_xticks()) == len(ax.get_yticks()) == 0
        looks.add((*ax.get_xlim(), *ax.get_ylim(), *cloud.get_facecolor()[0], *cloud.get_sizes()))
    (look,) = looks
    assert look[4:7] == colors.to_rgb(Z_POINTS)
    low, high = np.vstack(panels).min(axis=0), np.vstack(panels).max(axis=0)
    assert look[0] < low[0] < high[0] < look[1]
    assert look[2] < low[1] < high[1] < look[3]
    assert axes[0, 0].figure.get_suptitle() == "n = 50 in each panel"


def test_a_line_up_on_axes_given_leaves_the_rest_blank():
    _, axes = plt.subplots(2, 2)
    drawn = lineup_panels([PLACES, OTHERS, np.zeros((5, 2))], axes=axes)
    assert drawn.tolist() == axes.tolist()
    assert [ax.axison for ax in axes.flat] == [True, True, True, False]
    assert (
        lineup_panels([PLACES, OTHERS])[0, 0].figure.get_suptitle().startswith("n = 800 or 1,000")
    )
    with pytest.raises(ValueError, match="expected 5 Axes, one per panel; got 4"):
        lineup_panels([PLACES] * 5, axes=axes)
    with pytest.raises(ValueError, match="got none"):
        lineup_panels([])
    with pytest.raises(ValueError, match="panel 2 must be finite"):
        lineup_panels([PLACES, PLACES * np.nan])
