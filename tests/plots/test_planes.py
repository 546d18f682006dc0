import numpy as np
import pytest
from matplotlib import pyplot as plt

from aelatent.plots import CENTER, ORIGIN, PATH, Z_POINTS, plane

POINTS = np.random.default_rng(0).normal(size=(3000, 2))
LABELS = ("component 1", "component 2")


def drawn(ax):
    return {line.get_label(): line for line in ax.lines}


def test_points_origin_and_center_have_the_colors_of_the_seed():
    random = 3 * POINTS[:50]
    ax = plane(POINTS, labels=LABELS, center=(0.5, 0.2), others={"random": random})
    cloud, lines = ax.lines[0], drawn(ax)
    np.testing.assert_array_equal(cloud.get_xydata(), POINTS)
    assert cloud.get_color() == Z_POINTS
    assert cloud.get_rasterized()
    assert lines["origin"].get_color() == ORIGIN
    assert lines["center"].get_color() == CENTER
    np.testing.assert_array_equal(lines["center"].get_xydata(), [[0.5, 0.2]])
    assert lines["random"].get_color() == PATH
    assert (ax.get_xlabel(), ax.get_ylabel()) == LABELS
    assert ax.get_title(loc="left") == "n = 3,000; each axis on its own scale"
    ax.figure.canvas.draw()


def test_curves_are_closed_and_scales_can_be_equal():
    turn = np.linspace(0, 2 * np.pi, 50, endpoint=False)
    circle = np.column_stack([np.cos(turn), np.sin(turn)])
    _, ax = plt.subplots()
    assert plane(POINTS, labels=LABELS, curves={"39 %": circle}, equal=True, ax=ax) is ax
    xy = drawn(ax)["39 %"].get_xydata()
    np.testing.assert_array_equal(xy[0], xy[-1])
    ax.figure.canvas.draw()
    box = ax.get_window_extent()
    per_unit = box.width / np.ptp(ax.get_xlim()), box.height / np.ptp(ax.get_ylim())
    assert per_unit[0] == pytest.approx(per_unit[1], rel=1e-6)
    assert "equal scales" in ax.get_title(loc="left")


def test_nothing_but_points():
    ax = plane(POINTS[:1], labels=LABELS, origin=None)
    assert len(ax.lines) == 1
    assert ax.get_legend() is None


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (POINTS[0], r"got shape \(2,\)"),
        (np.zeros((4, 3)), r"got shape \(4, 3\)"),
        (np.zeros((0, 2)), r"got shape \(0, 2\)"),
        (np.array([[0, np.nan]]), "must be finite"),
        (np.array([["a", "b"]]), "must be finite"),
    ],
)
def test_what_are_no_pairs_is_refused(points, message):
    with pytest.raises(ValueError, match=message):
        plane(points, labels=LABELS)
    with pytest.raises(ValueError, match=f"random .*{message}"):
        plane(POINTS, labels=LABELS, others={"random": points})
