import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import same_color

from aelatent.plots import PATH, scored_strips
from tests.plots.reading import holds, texts, title
from tests.plots.test_strips import pictures


def scores(n):
    return pd.DataFrame(
        {"d2": np.linspace(45_000, 0, n), "face": np.arange(n) % 2 == 0, "remark": "not drawn"},
        index=pd.RangeIndex(1, n + 1),
    )


def middles(boxes):
    return [(box.x0 + box.x1) / 2 for box in boxes]


@pytest.mark.parametrize(("n", "tall"), [(2, 24), (5, 40), (8, 24), (12, 40)])
def test_scores_stand_below_the_middles_of_their_pictures(n, tall):
    images = pictures(n, tall, 24)
    labels = [f"at {i}" for i in range(n)]
    first, _ = scored_strips({"a": (images, scores(n)), "b": (images, scores(n))}, labels=labels)
    first.figure.canvas.draw()
    boxes = [image.get_window_extent() for image in first.images]
    marks = [line.get_window_extent() for line in first.lines]
    np.testing.assert_allclose(middles(marks), middles(boxes), atol=0.5)
    words = [text.get_window_extent() for text in first.texts[2:]]
    np.testing.assert_allclose(middles(words), np.repeat(middles(boxes), 2), atol=1)
    assert boxes[0].height / boxes[0].width == pytest.approx(tall / 24, rel=1e-3)  # undistorted
    rows = [boxes[0].y0, words[0].y1, words[0].y0, marks[0].y1, marks[0].y0, words[1].y1]
    assert rows == sorted(rows, reverse=True)  # picture, label, mark, D²


def test_faces_are_filled_marks_and_numbers_beyond_the_border_are_red():
    (ax,) = scored_strips({"a path": (pictures(4), scores(4))}, border=20_000)
    assert title(ax) == "a path"
    assert texts(ax) == ["face", "D²", "45,000", "30,000", "15,000", "0"]
    red = [same_color(text.get_color(), PATH) for text in ax.texts[2:]]
    assert red == [True, True, False, False]
    filled = [same_color(line.get_markerfacecolor(), PATH) for line in ax.lines]
    assert filled == [True, False, True, False]
    assert ax.figure.texts[0].get_text().endswith("outside the core, which ends at 20,000")


def test_numbers_have_room_and_unknown_ones_are_said():
    table = scores(3).assign(d2=pd.array([None, 1_234_567, 0.4], "Float64"))
    (ax,) = scored_strips({"": (pictures(3), table)})
    assert texts(ax)[2:] == ["-", "1e6", "0"]
    assert "core" not in ax.figure.texts[0].get_text()
    (ax,) = scored_strips({"": (pictures(24), scores(24))})
    assert texts(ax)[2] == "45,000"
    assert texts(ax)[-1] == "0"
    assert len(texts(ax)) < 2 + 14  # about every second


@pytest.mark.parametrize("n", [1, 3, 24])
def test_it_is_compact_and_all_words_are_on_the_page(n):
    strips = dict.fromkeys(("above", "below"), (pictures(n, 24, 24), scores(n)))
    axes = scored_strips(strips, border=300, labels=[str(i) for i in range(n)])
    figure = axes[0].figure
    figure.canvas.draw()
    picture = axes[0].images[0].get_window_extent().height / figure.dpi
    assert figure.get_figheight() < 2 * picture + 2.1
    assert figure.get_figwidth() == 7
    assert holds(figure, [ax.get_tightbbox() for ax in axes])
    sizes = [text.get_fontsize() for ax in axes for text in ax.texts]
    assert min(sizes) >= 8


def strip(table, images=None):
    return {"strips": {"a": (pictures(3) if images is None else images, table)}}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"strips": {}}, "strips to draw; got none"),
        (strip(scores(4)), "each of 3 pictures; got 4"),
        (strip(scores(3)[["remark"]]), "a table without face, d2"),
        (strip(scores(3).assign(face=[1, 0, 1])), r"\['face'\] must be True or False.*int64"),
        (strip(scores(3)) | {"border": 0}, "border must be a finite number above 0; got 0"),
        (strip(scores(3)) | {"labels": ["a"]}, "label for each of 3 pictures; got 1"),
        (strip(scores(3), pictures(3)[0]), r"images must be an array \(n, h, w, 3\)"),
        ({"strips": strip(scores(3))["strips"] | {"b": (pictures(2), scores(2))}},
         "each of 3 pictures of the first strip; got 2"),
    ],
)  # fmt: skip
def test_bad_scores_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        scored_strips(**arguments)
    assert plt.get_fignums() == []
