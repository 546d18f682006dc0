from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import same_color

from aelatent.latent.planes import inside
from aelatent.plots import CENTER, ORIGIN, PATH, Z_POINTS, plane, square, zoom_sequence
from aelatent.plots.style import SURROGATE
from tests.plots.reading import lines, overlap, scales, texts, title

RNG = np.random.default_rng(0)
POINTS = RNG.normal(size=(3000, 2)) * [3, 1]
NARROW = RNG.normal(size=(4000, 2)) * [2, 0.7]
LABELS = ("PC 1 (units of z)", "PC 2 (units of z)")
TURN = np.linspace(0, 2 * np.pi, 12, endpoint=False)
CIRCLE = np.column_stack([3 * np.cos(TURN), 3 * np.sin(TURN)])


def test_points_have_the_colors_of_the_seed_curves_are_closed_scales_can_be_equal():
    ax = plane(POINTS, labels=LABELS, center=(0.5, 0.2), others={"random": 3 * POINTS[:50]})
    cloud, drawn = ax.lines[0], lines(ax)
    np.testing.assert_array_equal(cloud.get_xydata(), POINTS)
    np.testing.assert_array_equal(drawn["random"].get_xydata(), 3 * POINTS[:50])
    np.testing.assert_array_equal(drawn["center"].get_xydata(), [[0.5, 0.2]])
    np.testing.assert_array_equal(drawn["origin"].get_xydata(), [[0, 0]])
    colors = [drawn[name].get_color() for name in ("origin", "center", "random")]
    assert [cloud.get_color(), *colors] == [Z_POINTS, ORIGIN, CENTER, PATH]
    assert cloud.get_rasterized()
    assert (ax.get_xlabel(), ax.get_ylabel()) == LABELS
    assert title(ax) == "n = 3,000; each axis on its own scale"
    assert all(handle.get_markersize() >= 5 for handle in ax.get_legend().legend_handles)
    bare = plane(POINTS[:1], labels=LABELS, origin=None)
    assert len(bare.lines) == 1
    assert bare.get_legend() is None
    ax = plt.subplots()[1]
    plane(POINTS, labels=LABELS, curves={"39 %": CIRCLE}, equal=True, ax=ax)
    np.testing.assert_array_equal(lines(ax)["39 %"].get_xydata(), [*CIRCLE, CIRCLE[0]])
    ax.figure.canvas.draw()
    assert scales(ax)[0] == pytest.approx(scales(ax)[1], rel=1e-6)
    assert title(ax) == "n = 3,000; equal scales"


def test_a_path_is_a_numbered_red_line_between_cloud_and_spots():
    path = np.linspace([-16, -3], [0.5, 0.2], 6)
    ax = plane(POINTS, labels=LABELS, center=(0.5, 0.2), path=path)
    drawn = lines(ax)
    np.testing.assert_array_equal(drawn["path"].get_xydata(), path)
    assert (drawn["path"].get_color(), drawn["path"].get_marker()) == (PATH, "o")
    order = [drawn[name].get_zorder() for name in ("path", "origin", "center")]
    assert ax.lines[0].get_zorder() < order[0] < min(order[1:])
    assert {text.get_text() for text in ax.get_legend().get_texts()} == {"center", "origin", "path"}
    numbers = sorted(ax.texts, key=lambda text: int(text.get_text()))
    assert [text.get_text() for text in numbers] == list("123456")
    np.testing.assert_allclose([text.xy for text in numbers], path)
    assert all(text.get_path_effects() for text in numbers)
    assert ax.get_xlim()[0] < -16  # nothing of it is cut off


@pytest.mark.parametrize("equal", [False, True])
def test_numbers_overlap_neither_each_other_nor_origin_and_center(equal):
    ax = plane(POINTS, labels=LABELS, center=(0.6, 0.4), path=CIRCLE, equal=equal)
    ax.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts]
    assert len(boxes) == 12
    assert not overlap(boxes)
    places = np.array([((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2) for box in boxes])
    middle = ax.transData.transform((0, 0))
    dots = ax.transData.transform([text.xy for text in ax.texts])
    assert (np.linalg.norm(places - middle, axis=1) > np.linalg.norm(dots - middle, axis=1)).all()
    across = plane(POINTS, labels=LABELS, path=np.linspace([-3, -0.1], [3, -0.1], 40))
    across.figure.canvas.draw()
    x, y = across.transData.transform((0, 0))
    assert not any(text.get_window_extent().contains(x, y) for text in across.texts)


def test_long_paths_are_numbered_here_and_there_and_one_place_only_once():
    ax = plane(POINTS, labels=LABELS, path=np.linspace([-12, 2], [12, 3], 24))
    assert texts(ax) == ["1", "24", *(str(i) for i in range(4, 24, 2))]
    ax = plane(POINTS, labels=LABELS, origin=None, path=np.full((6, 2), 0.5))
    assert texts(ax) == ["1", "6"]
    ax.figure.canvas.draw()
    assert not overlap([text.get_window_extent() for text in ax.texts])
    assert texts(plane(POINTS, labels=LABELS, path=[[2.0, 2.0]])) == ["1"]


def marked(ax):
    return [(*patch.get_xy(), patch.get_width(), patch.get_height()) for patch in ax.patches]


def test_square_shows_the_points_inside_on_equal_scales():
    center = (0.5, -0.2)
    ax = square(POINTS, 2, center, mark=0.5, labels=LABELS)
    held = inside(POINTS, center, 2)
    np.testing.assert_array_equal(ax.lines[0].get_xydata(), POINTS[held])
    assert title(ax) == f"side 2, n = {held.sum():,}"
    assert (*ax.get_xlim(), *ax.get_ylim()) == pytest.approx((-0.5, 1.5, -1.2, 0.8))
    assert (ax.get_xlabel(), ax.get_ylabel()) == LABELS
    assert same_color(ax.lines[0].get_color(), Z_POINTS)
    assert ax.lines[0].get_rasterized()
    ax.figure.canvas.draw()
    assert scales(ax)[0] == pytest.approx(scales(ax)[1], rel=1e-6)
    assert marked(ax) == [pytest.approx((0.25, -0.45, 0.5, 0.5))]
    assert same_color(ax.patches[0].get_edgecolor(), PATH)
    assert not marked(square(POINTS, 2, color="0.35"))
    sizes = [square(POINTS[:n], 50).lines[0].get_markersize() for n in (3000, 300, 1)]
    assert sizes == pytest.approx([60 / np.sqrt(3000), 3.2, 3.2])


def test_each_zoom_of_the_surrogate_holds_as_many_points():
    sides = (4, 1, 0.25)
    axes = zoom_sequence(POINTS, NARROW, sides, labels=LABELS, name="narrow Gaussian")
    assert axes.shape == (2, 3)
    for (above, below), side in zip(axes.T, sides, strict=True):
        held = inside(POINTS, (0, 0), side)
        width = np.ptp(below.get_xlim())
        assert width < side  # it is denser
        upper, lower = above.lines[0], below.lines[0]
        np.testing.assert_array_equal(upper.get_xydata(), POINTS[held])
        np.testing.assert_array_equal(lower.get_xydata(), NARROW[inside(NARROW, (0, 0), width)])
        assert len(lower.get_xydata()) == held.sum()
        assert upper.get_markersize() == lower.get_markersize()
        assert title(above) == f"z-points\nside {side:g}, n = {held.sum():,}"
        assert title(below) == f"narrow Gaussian\nside {width:.3g}, n = {held.sum():,}"
        assert (above.get_xlabel(), below.get_xlabel()) == ("", LABELS[0])
    for row, color in zip(axes, (Z_POINTS, SURROGATE), strict=True):
        assert all(same_color(ax.lines[0].get_color(), color) for ax in row)
        assert [ax.get_ylabel() for ax in row] == [LABELS[1], "", ""]
        for ax, zoom in pairwise(row):  # each marks the next
            assert marked(ax)[0][2] == pytest.approx(np.ptp(zoom.get_xlim()))
        assert not marked(row[-1])


def test_empty_squares_are_drawn_empty():
    axes = zoom_sequence(POINTS, NARROW, [0.5], center=(40, 0), labels=LABELS, name="narrow")
    names = "z-points", "narrow"
    assert [title(ax) for ax in axes[:, 0]] == [f"{name}\nside 0.5, n = 0" for name in names]


@pytest.mark.parametrize("name", ["points", "path", "others", "curves"])
@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (np.zeros(2), r"got shape \(2,\)"),
        (np.zeros((0, 2)), r"got shape \(0, 2\)"),
        (np.array([[0, np.nan]]), "must be finite"),
        (np.array([["a", "b"]]), "must be finite"),
    ],
)
def test_what_are_no_pairs_is_refused(name, bad, message):
    bad = {name: bad} if name in ("others", "curves") else bad
    with pytest.raises(ValueError, match=f"{name} .*{message}"):
        plane(**{"points": POINTS, "labels": LABELS} | {name: bad})


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (partial(zoom_sequence, POINTS, NARROW, sides, labels=LABELS), "sides must be")
        for sides in ((), (0.5, 2), (2, 2), (2, 0), (2, -1), (np.nan,), (np.inf, 1))
    ]
    + [
        (lambda: square(POINTS, 0), "side must be a finite number above 0; got 0"),
        (lambda: square(POINTS, np.nan), "side must be .* got nan"),
        (lambda: square(POINTS[0], 1), r"got shape \(2,\)"),
        (lambda: zoom_sequence(POINTS[:1], [[0, np.nan]], [50], labels=LABELS), "got nan in row 0"),
        (lambda: zoom_sequence(np.zeros((4, 3)), NARROW, [1], labels=LABELS), r"shape \(4, 3\)"),
        (lambda: zoom_sequence(POINTS, NARROW[:50], [2], labels=LABELS), "at least .*; got 50"),
    ],
)
def test_what_cannot_be_zoomed_into_is_refused(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()
