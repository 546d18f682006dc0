import numpy as np
import pandas as pd
import pytest
from matplotlib import colors, pyplot as plt
from matplotlib.collections import PathCollection

from aelatent.latent import void_probability
from aelatent.plots import PATH, Z_POINTS, lineup_panels, map_panels, map_scatter
from aelatent.plots.maps import MISSING
from aelatent.plots.style import OKABE_ITO, SURROGATE
from tests.plots.reading import scales, title

PLACES = np.random.default_rng(0).normal(size=(1000, 2)) * [30, 10]
OTHERS = np.random.default_rng(1).normal(size=(800, 2)) * 40 + 5


def clouds(ax):
    return [drawn for drawn in ax.collections if isinstance(drawn, PathCollection)]


def check_cloud(cloud, places, color):
    np.testing.assert_array_equal(cloud.get_offsets(), places)
    np.testing.assert_array_equal(cloud.get_facecolor(), colors.to_rgba_array(color, 0.7))


def legend(ax):
    found = ax.get_legend()
    names = [text.get_text() for text in found.texts]
    return dict(zip(names, [h.get_color() for h in found.legend_handles], strict=True))


def test_a_plain_map_is_blue_without_ticks_and_with_equal_scales():
    path = np.array([[0, 0], [10, 5], [20, -5]])
    ax = map_scatter(PLACES, path=path)
    (cloud,), (line,) = clouds(ax), ax.lines
    check_cloud(cloud, PLACES, Z_POINTS)
    assert cloud.get_rasterized()
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("t-SNE 1 (no unit)", "t-SNE 2 (no unit)")
    assert len(ax.get_xticks()) == len(ax.get_yticks()) == 0
    assert title(ax) == "n = 1,000"
    assert ax.get_legend() is None
    ax.figure.canvas.draw()
    assert scales(ax)[0] == pytest.approx(scales(ax)[1], rel=1e-6)
    np.testing.assert_array_equal(line.get_xydata(), path)
    assert line.get_color() == PATH
    numbers = {text.get_text(): text.xy for text in ax.texts}
    assert sorted(numbers) == ["1", "2", "3"]
    np.testing.assert_allclose([numbers[k] for k in "123"], path)


@pytest.mark.parametrize(("n", "size"), [(100, 12), (4200, 5), (1_000_000, 0.15)])
def test_markers_shrink_as_points_become_more(n, size):
    (cloud,) = clouds(map_scatter(np.resize(PLACES, (n, 2))))
    assert cloud.get_sizes() == pytest.approx([size])


def test_numbers_get_a_color_bar_and_points_without_a_value_are_gray():
    smile = pd.Series(PLACES[:, 0], name="smile")
    smile[[3, 5]] = np.nan
    missing, known = clouds(map_scatter(PLACES, color=smile))
    check_cloud(missing, PLACES[[3, 5]], MISSING)
    np.testing.assert_array_equal(known.get_array(), smile.dropna())
    assert known.get_cmap().name == "viridis"
    assert missing.get_sizes()[0] == pytest.approx(known.get_sizes()[0])
    assert known.colorbar.ax.get_ylabel() == "smile; 2 without a value: gray"
    (few,) = clouds(map_scatter(PLACES, color=np.arange(1000) % 9, color_label="yaw, degrees"))
    assert few.colorbar.ax.get_ylabel() == "yaw, degrees"


@pytest.mark.parametrize(
    ("names", "dtype"),
    [([False, True], bool), (["no", "yes"], object), ([-1, 1], int), (["no", "yes"], "category")],
)
def test_kinds_get_their_colors_and_counts(names, dtype):
    second = PLACES[:, 0] > 0
    values = pd.Series(np.asarray(names)[second.astype(int)]).astype(dtype)
    ax = map_scatter(PLACES, color=values, color_label="smiling")
    check_cloud(clouds(ax)[0], PLACES, [OKABE_ITO[int(other)] for other in second])
    assert legend(ax) == {
        f"{names[0]} (n = {(~second).sum():,})": OKABE_ITO[0],
        f"{names[1]} (n = {second.sum():,})": OKABE_ITO[1],
    }
    assert ax.get_legend().get_title().get_text() == "smiling"


def test_points_of_no_kind_are_gray_and_counted():
    ax = map_scatter(PLACES[:4], color=["a", None, "b", "a"])
    shades = [OKABE_ITO[0], MISSING, OKABE_ITO[1], OKABE_ITO[0]]
    check_cloud(clouds(ax)[0], PLACES[:4], shades)
    assert legend(ax)["no value (n = 1)"] == MISSING


def test_maps_side_by_side_are_blue_for_z_points_and_gray_for_all_others():
    axes = map_panels({"z-points": PLACES, "a Gaussian": OTHERS, "3": np.zeros((5, 2))})
    assert axes.shape == (2, 2)
    assert axes[0, 0].figure.get_suptitle() == "n = 5 or 800 or 1,000 in each map"
    assert [title(ax) for ax in axes.flat] == ["z-points", "a Gaussian", "3", ""]
    assert [ax.axison for ax in axes.flat] == [True, True, True, False]
    for ax, places, color in zip(axes.flat, (PLACES, OTHERS), (Z_POINTS, SURROGATE), strict=False):
        check_cloud(clouds(ax)[0], places, color)
        low, high = np.transpose([ax.get_xlim(), ax.get_ylim()])
        assert ((places > low) & (places < high)).all()
        assert high - low == pytest.approx(np.full(2, 1.06 * np.ptp(places, axis=0).max()))
        assert len(ax.get_xticks()) == len(ax.get_yticks()) == 0


def test_titles_state_the_share_of_empty_circles_if_asked():
    (ax,) = map_panels({"z-points": PLACES}, columns=1, voids=True).flat
    share = void_probability(PLACES)
    assert title(ax) == f"z-points\n{share:.0%} of circles empty"


def test_maps_colored_by_ranks_share_one_color_bar_and_points_without_one_are_pale():
    ranks = np.linspace(0, 1, 1000)
    gaps = np.where(ranks < 0.1, np.nan, ranks)
    _, axes = plt.subplots(1, 2)
    maps = {"smile": PLACES, "age": PLACES}
    assert map_panels(maps, ranks={"smile": ranks, "age": gaps}, axes=axes) is not None
    (none, smile), (pale, age) = (clouds(ax) for ax in axes)
    assert len(none.get_offsets()) == 0
    check_cloud(pale, PLACES[ranks < 0.1], MISSING)
    np.testing.assert_array_equal(smile.get_array(), ranks)
    assert (age.get_array().mask == (ranks < 0.1)).all()
    assert smile.get_clim() == age.get_clim() == (0, 1)
    assert len(axes[0].figure.axes) == 3


def test_a_line_up_shows_all_panels_alike():
    panels = [k + np.random.default_rng(k).normal(size=(50, 2)) for k in range(20)]
    axes = lineup_panels(panels)
    assert axes.shape == (4, 5)
    looks = set()
    for number, (ax, panel) in enumerate(zip(axes.flat, panels, strict=True), start=1):
        (cloud,) = clouds(ax)
        check_cloud(cloud, panel, Z_POINTS)
        assert ax.get_title() == str(number)
        assert len(ax.get_xticks()) == len(ax.get_yticks()) == 0
        looks.add((*ax.get_xlim(), *ax.get_ylim(), *cloud.get_sizes()))
    ((left, right, bottom, top, size),) = looks
    every = np.vstack(panels)
    assert ((every > [left, bottom]) & (every < [right, top])).all()
    assert size == 12
    assert axes[0, 0].figure.get_suptitle() == "n = 50 in each panel"


def test_a_line_up_on_axes_given_leaves_the_rest_blank():
    _, axes = plt.subplots(2, 2)
    assert lineup_panels([PLACES, OTHERS, np.zeros((5, 2))], axes=axes).tolist() == axes.tolist()
    assert [ax.axison for ax in axes.flat] == [True, True, True, False]
    figure = lineup_panels([PLACES, OTHERS])[0, 0].figure
    assert figure.get_suptitle() == "n = 800 or 1,000 in each panel"


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: map_scatter(PLACES[:, :1]), r"coordinates .*got shape \(1000, 1\)"),
        (lambda: map_scatter(np.full((3, 2), np.nan)), "coordinates must be finite"),
        (lambda: map_scatter(PLACES, path=[[0, 0, 0]]), r"path .*got shape \(1, 3\)"),
        (lambda: map_scatter(PLACES, color=np.zeros(999)), r"1,000 points; got shape \(999,\)"),
        (lambda: map_scatter(PLACES, color=np.full(1000, np.nan)), "finite number at least"),
        (lambda: map_scatter(PLACES, color=[None] * 1000), "got 0 kinds"),
        (lambda: map_scatter(PLACES, color=[f"{k % 9}" for k in range(1000)]), "got 9 kinds"),
        (lambda: map_panels({"a": PLACES, "b": OTHERS}, axes=[plt.gca()]), "at least 2; got 1"),
        (lambda: map_panels({"a": OTHERS * np.inf}), "a must be finite"),
        (lambda: map_panels({"a": PLACES}, columns=0), "columns must be"),
        (lambda: lineup_panels([PLACES] * 5, axes=plt.subplots(2, 2)[1]), "at least 5; got 4"),
        (lambda: lineup_panels([]), "got none"),
        (lambda: lineup_panels([PLACES, PLACES * np.nan]), "panel 2 must be finite"),
    ],
)
def test_what_cannot_be_drawn_is_refused(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()
