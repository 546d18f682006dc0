import numpy as np
import pytest
from matplotlib import pyplot as plt

from aelatent import plots
from aelatent.plots.strips import parts_strip
from tests.plots.reading import holds, overlap, texts, title


def pictures(n, height=12, width=10):
    shape = (n, height, width, 3)
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def check_drawn(ax, images):
    """Check the pictures on `ax`, left to right and top to bottom; return where they lie."""
    shown = sorted(ax.images, key=lambda image: (image.get_extent()[3], image.get_extent()[0]))
    np.testing.assert_allclose([image.get_array() for image in shown], images / 255, atol=1e-6)
    return np.array([image.get_extent() for image in shown])


def test_strip_shows_every_picture_in_order_upright_and_undistorted():
    ax = plots.film_strip(pictures(5), labels=list("abcde"), title="a path")
    left, right, bottom, top = check_drawn(ax, pictures(5)).T
    np.testing.assert_allclose(right - left, 1)
    np.testing.assert_allclose(bottom - top, 12 / 10)  # bottom > top: the y axis points down
    assert (left[1:] > right[:-1]).all()
    assert (top == top[0]).all()
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    assert ax.get_aspect() == 1
    assert texts(ax) == list("abcde")
    assert title(ax) == "a path"


def test_grid_fills_row_by_row():
    ax = plots.image_grid(pictures(7), columns=3, labels=list("abcdefg"))
    _, counts = np.unique(check_drawn(ax, pictures(7))[:, 3], return_counts=True)
    assert counts.tolist() == [3, 3, 1]


@pytest.mark.parametrize("columns", [2, 8, 16])
def test_text_neither_overlaps_pictures_nor_leaves_the_figure(columns):
    labels = [f"{i:+.1f} sd"[: 90 // columns] for i in range(2 * columns)]
    ax = plots.image_grid(pictures(2 * columns), columns=columns, labels=labels, title="title")
    ax.figure.canvas.draw()
    words = [text.get_window_extent() for text in ax.texts]
    shown = [image.get_window_extent() for image in ax.images]
    assert not any(box.overlaps(image) for box in words for image in shown)
    assert not overlap(words)
    assert holds(ax.figure, [*words, ax.title.get_window_extent()])
    assert ax.figure.get_figwidth() <= 11  # a notebook's page


def test_pairs_state_their_errors_and_their_number():
    originals = pictures(3)
    decoded = originals / 255
    decoded[1] = np.clip(decoded[1] + 0.1, 0, 1)
    expected = ((decoded[1] - originals[1] / 255) ** 2).mean()
    ax = plots.before_after(originals, decoded, title="portraits")
    assert texts(ax) == ["0.0000", f"{expected:.4f}", "0.0000", "original", "decoded"]
    assert (
        title(ax) == f"portraits: 3 pairs, mean squared error {expected / 3:.4f} (pixels in 0..1)"
    )
    extents = check_drawn(ax, np.concatenate([originals, decoded * 255]))
    np.testing.assert_array_equal(extents[:3, 0], extents[3:, 0])  # each below its original
    assert title(plots.before_after(originals[:1], decoded[:1])).startswith("1 pair, mean")


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (pictures(1)[0], r"got shape \(12, 10, 3\).*p\[None\]"),
        (pictures(0), r"got shape \(0, 12, 10, 3\)"),
        (np.zeros((2, 4, 4, 1)), r"got shape \(2, 4, 4, 1\)"),
        (np.full((1, 4, 4, 3), 255.0), "values from 255 to 255"),
        (np.full((1, 4, 4, 3), -0.5), "values from -0.5"),
        (np.full((1, 4, 4, 3), np.nan), "values from nan"),
        (np.zeros((1, 4, 4, 3), int), "of int64"),
    ],
)
def test_what_is_no_picture_is_refused(bad, message):
    for call in (plots.film_strip, plots.image_grid, lambda x: plots.before_after(x, x)):
        with pytest.raises(ValueError, match=message):
            call(bad)
    assert plt.get_fignums() == []


def test_other_bad_arguments_are_refused():
    with pytest.raises(ValueError, match="label for each of 3 pictures; got 2"):
        plots.film_strip(pictures(3), labels=["a", "b"])
    with pytest.raises(ValueError, match="columns must be a whole number, at least 1; got 0"):
        plots.image_grid(pictures(3), columns=0)
    with pytest.raises(ValueError, match="one reconstruction of the same size for each"):
        plots.before_after(pictures(3), pictures(2))


def test_heads_stand_above_their_rows():
    heads = ["first row, a long line of text", "second"]
    ax = plots.image_grid(pictures(5), columns=3, labels=list("abcde"), heads=heads)
    ax.figure.canvas.draw()
    boxes = {text.get_text(): text.get_window_extent() for text in ax.texts}
    shown = [image.get_window_extent() for image in ax.images]
    assert not any(box.overlaps(image) for box in boxes.values() for image in shown)
    assert not overlap(list(boxes.values()))
    assert boxes[heads[0]].y0 > shown[0].y1 > shown[3].y1
    assert shown[0].y0 > boxes[heads[1]].y0 > shown[3].y1
    with pytest.raises(ValueError, match="a head for each of 2 rows; got 1"):
        plots.image_grid(pictures(5), columns=3, heads=["one"])


def test_parts_have_a_color_each_in_the_order_of_their_names():
    masks = np.zeros((2, 4, 4, 2))
    masks[0, :2, :, 0] = masks[1, 2:, :, 1] = 1
    ax = parts_strip(masks, ["eyes", "mouth"], title="parts")
    colors = [patch.get_facecolor()[:3] for patch in ax.get_legend().get_patches()]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["eyes", "mouth"]
    first, second = (image.get_array() for image in ax.images)
    np.testing.assert_allclose(first[0, 0], colors[0], atol=1e-6)
    np.testing.assert_allclose(second[3, 0], colors[1], atol=1e-6)
    assert (first[2:] == 1).all()
