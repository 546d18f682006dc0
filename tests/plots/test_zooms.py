from itertools import pairwise

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import same_color
from matplotlib.patches import Rectangle

from aelatent.latent.planes import inside, poisson_field
from aelatent.plots import PATH, Z_POINTS
from aelatent.plots.planes import square, zoom_sequence

RNG = np.random.default_rng(0)
POINTS = RNG.normal(size=(3000, 2)) * [3, 1]
NARROW = RNG.normal(size=(4000, 2)) * [2, 0.7]
LABELS = ("PC 1 (units of z)", "PC 2 (units of z)")


def marked(ax):
    return [patch for patch in ax.patches if isinstance(patch, Rectangle)]


def title(ax):
    return ax.get_title(loc="left")


def test_square_shows_the_points_inside_on_equal_scales():
    center = (0.5, -0.2)
    ax = square(POINTS, 2, center, mark=0.5, labels=LABELS)
    held = inside(POINTS, center, 2)
    np.testing.assert_array_equal(ax.lines[0].get_xydata(), POINTS[held])
    assert title(ax) == f"side 2, n = {held.sum():,}"
    assert ax.get_xlim() == pytest.approx((-0.5, 1.5))
    assert ax.get_ylim() == pytest.approx((-1.2, 0.8))
    assert (ax.get_xlabel(), ax.get_ylabel()) == LABELS
    assert same_color(ax.lines[0].get_color(), Z_POINTS)
    assert ax.lines[0].get_rasterized()
    ax.figure.canvas.draw()
    box = ax.get_window_extent()
    assert box.width == pytest.approx(box.height, rel=1e-6)
    (mark,) = marked(ax)
    assert mark.get_bbox().bounds == pytest.approx((0.25, -0.45, 0.5, 0.5))
    assert same_color(mark.get_edgecolor(), PATH)


def test_square_of_a_poisson_field_on_given_axes():
    _, given = plt.subplots()
    assert square(poisson_field(300, 0.5), 0.5, title="chance", color="0.35", ax=given) is given
    assert len(given.lines[0].get_xydata()) == 300
    assert title(given) == "chance"
    assert not marked(given)


def test_fewer_points_have_larger_markers():
    sizes = [square(POINTS[:n], 50).lines[0].get_markersize() for n in (3000, 300, 1)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]


def test_each_zoom_of_the_surrogate_holds_as_many_points():
    sides = (4, 1, 0.25)
    axes = zoom_sequence(POINTS, NARROW, sides, labels=LABELS, name="narrow Gaussian")
    assert axes.shape == (2, 4)
    for k, side in enumerate(sides, start=1):
        upper, lower = (ax.lines[0].get_xydata() for ax in axes[:, k])
        held = inside(POINTS, (0, 0), side)
        np.testing.assert_array_equal(upper, POINTS[held])
        assert len(lower) == len(upper)
        width = np.ptp(axes[1, k].get_xlim())
        np.testing.assert_array_equal(lower, NARROW[inside(NARROW, (0, 0), width)])
        assert width < side  # it is denser
        assert title(axes[0, k]) == f"side {side:g}, n = {held.sum():,}"
        assert title(axes[1, k]) == f"side {width:.3g}, n = {held.sum():,}"
        sizes = {ax.lines[0].get_markersize() for ax in axes[:, k]}
        assert len(sizes) == 1
    for row, color in zip(axes, (Z_POINTS, "0.35"), strict=True):
        assert all(same_color(ax.lines[0].get_color(), color) for ax in row)
        for ax, zoom in pairwise(row):  # each marks the next
            assert marked(ax)[0].get_width() == pytest.approx(np.ptp(zoom.get_xlim()))
        assert not marked(row[-1])
    axes[0, 0].figure.canvas.draw()


def test_overviews_show_all_points_in_one_frame():
    axes = zoom_sequence(POINTS, NARROW, [1], labels=LABELS, name="narrow Gaussian")
    for ax, cloud, words in zip(
        axes[:, 0], (POINTS, NARROW), ("z-points, n = 3,000", "narrow Gaussian, n = 4,000"),
        strict=True,
    ):  # fmt: skip
        np.testing.assert_array_equal(ax.lines[0].get_xydata(), cloud)
        assert title(ax) == f"{words}\neach axis on its own scale"
        assert ax.get_xlim() == axes[0, 0].get_xlim()
        assert ax.get_ylim() == axes[0, 0].get_ylim()
        assert ax.get_xlim()[0] < POINTS[:, 0].min() < POINTS[:, 0].max() < ax.get_xlim()[1]
        assert ax.get_ylabel() == LABELS[1]
    assert all(ax.get_xlabel() == LABELS[0] for ax in axes[1])
    assert not any(ax.get_xlabel() for ax in axes[0])


def test_empty_squares_are_drawn_empty():
    axes = zoom_sequence(POINTS, NARROW, [0.5], center=(40, 0), labels=LABELS)
    assert [title(ax) for ax in axes[:, 1]] == ["side 0.5, n = 0"] * 2


def test_axes_may_be_given():
    _, given = plt.subplots(2, 3)
    axes = zoom_sequence(POINTS, NARROW, [2, 1], labels=LABELS, axes=given)
    assert all(a is b for a, b in zip(axes.flat, given.flat, strict=True))
    with pytest.raises(ValueError, match=r"2 rows of 2.*got shape \(2, 3\).*plt.subplots\(2, 2\)"):
        zoom_sequence(POINTS, NARROW, [2], labels=LABELS, axes=given)


@pytest.mark.parametrize("sides", [(), (0.5, 2), (2, 2), (2, 0), (2, -1), (np.nan,), (np.inf, 1)])
def test_sides_descend(sides):
    with pytest.raises(ValueError, match=r"sides must be .* in descending order.*got"):
        zoom_sequence(POINTS, NARROW, sides, labels=LABELS)


@pytest.mark.parametrize("side", [0, -1, np.nan, np.inf])
def test_a_square_has_a_side(side):
    with pytest.raises(ValueError, match="side must be a finite number above 0; got"):
        square(POINTS, side)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (POINTS[0], r"got shape \(2,\)"),
        (np.zeros((4, 3)), r"got shape \(4, 3\)"),
        (np.array([[0, np.nan]]), "got nan in row 0"),
    ],
)
def test_what_are_no_pairs_is_refused(bad, message):
    with pytest.raises(ValueError, match=message):
        square(bad, 1)
    with pytest.raises(ValueError, match=message):
        zoom_sequence(bad, NARROW, [1], labels=LABELS)
    with pytest.raises(ValueError, match=message):
        zoom_sequence(POINTS[:1], bad, [50], labels=LABELS)


def test_a_surrogate_of_too_few_points_is_refused():
    with pytest.raises(ValueError, match=r"surrogate must have as many points .*; got 50"):
        zoom_sequence(POINTS, NARROW[:50], [2], labels=LABELS)
