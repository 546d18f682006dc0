import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
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


def numbers(ax):
    return {text.get_text(): text for text in ax.texts}


def test_a_path_is_a_numbered_red_line_between_cloud_and_spots():
    path = np.linspace([-6, -3], [0.5, 0.2], 6)
    ax = plane(POINTS, labels=LABELS, center=(0.5, 0.2), path=path)
    lines = drawn(ax)
    np.testing.assert_array_equal(lines["path"].get_xydata(), path)
    assert (lines["path"].get_color(), lines["path"].get_marker()) == (PATH, "o")
    order = [lines[name].get_zorder() for name in ("path", "origin", "center")]
    assert ax.lines[0].get_zorder() < order[0] < min(order[1:])
    entries = [text.get_text() for text in ax.get_legend().get_texts()]
    assert sorted(entries) == ["center", "origin", "path"]
    for number, place in enumerate(path, start=1):
        assert numbers(ax)[str(number)].xy == pytest.approx(tuple(place))
        assert numbers(ax)[str(number)].get_path_effects()
    assert ax.get_xlim()[0] < -6  # nothing of it is cut off


@pytest.mark.parametrize("equal", [False, True])
def test_numbers_overlap_neither_each_other_nor_origin_and_center(equal):
    turn = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    circle = np.column_stack([3 * np.cos(turn), 3 * np.sin(turn)])
    ax = plane(POINTS, labels=LABELS, center=(0.6, 0.4), path=circle, equal=equal)
    ax.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts]
    assert len(boxes) == 12
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    places = np.array([((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2) for box in boxes])
    middle = ax.transData.transform((0, 0))
    dots = ax.transData.transform([text.xy for text in ax.texts])
    assert (np.linalg.norm(places - middle, axis=1) > np.linalg.norm(dots - middle, axis=1)).all()
    across = plane(POINTS, labels=LABELS, path=np.linspace([-3, -0.1], [3, -0.1], 40))
    across.figure.canvas.draw()
    x, y = across.transData.transform((0, 0))
    assert not any(text.get_window_extent().contains(x, y) for text in across.texts)


def test_long_paths_are_numbered_here_and_there():
    ax = plane(POINTS, labels=LABELS, path=np.linspace([-4, 2], [4, 3], 24))
    assert list(numbers(ax)) == ["1", "24", *(str(i) for i in range(4, 24, 2))]


def test_points_in_one_place_are_not_numbered_on_top_of_each_other():
    ax = plane(POINTS, labels=LABELS, origin=None, path=np.full((6, 2), 0.5))
    assert list(numbers(ax)) == ["1", "6"]
    ax.figure.canvas.draw()
    first, last = (text.get_window_extent() for text in ax.texts)
    assert not first.overlaps(last)
    assert list(numbers(plane(POINTS, labels=LABELS, path=[[2.0, 2.0]]))) == ["1"]


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.tuples(*[st.floats(-1e6, 1e6, width=32)] * 2), min_size=1, max_size=30).map(
        np.array
    )
)
def test_any_path_can_be_drawn(path):
    figure, ax = plt.subplots()
    plane(POINTS[:20], labels=LABELS, path=path, ax=ax)
    written = [int(text.get_text()) for text in ax.texts]
    assert len(set(written)) == len(written)
    assert set(written) <= set(range(1, len(path) + 1))
    plt.close(figure)


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
    plt.close("all")
    with pytest.raises(ValueError, match=f"path .*{message}"):
        plane(POINTS, labels=LABELS, path=points)
    assert plt.get_fignums() == []
