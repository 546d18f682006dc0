import numpy as np
import pytest
from scipy.spatial.distance import cdist

from aelatent.model import ModelConfig
from aelatent.plots import drawings
from tests.plots.reading import holds, overlap, texts


@pytest.mark.parametrize(
    "config",
    [ModelConfig(), ModelConfig(size=64, filters=(8, 16), z_dim=2), ModelConfig(filters=(2,))],
)
def test_the_hourglass_states_the_shape_of_each_layer(config):
    ax = drawings.hourglass(config)
    written = texts(ax)
    middle = len(config.filters) + 1
    assert written[middle] == f"z\n{config.z_dim}"
    assert written[0] == written[2 * middle] == f"{config.size} x {config.size}\nx 3"
    small = config.size // 2 ** len(config.filters)
    assert written[middle - 1] == f"{small} x {small}\nx {config.filters[-1]}"
    assert written[:middle] == written[middle + 1 : 2 * middle + 1][::-1]
    ax.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts if text.get_text()]
    assert holds(ax.figure, boxes)
    assert not overlap(boxes)


def test_a_torn_sheet_has_the_points_of_the_whole_one_and_voids_between_them():
    ax = drawings.torn_sheet()
    sheet, torn = (line.get_xydata() for line in ax.lines if line.get_marker() == "o")
    assert len(sheet) == len(torn) == 289
    rng = np.random.default_rng(0)
    spots = rng.uniform(-0.8, 0.8, (2000, 2))
    empty = [(cdist(spots + move, dots).min(axis=1) > 0.15).mean() for move, dots in
             ((0, sheet), ([3.4, 0], torn))]  # fmt: skip
    assert empty[0] == 0
    assert empty[1] > 0.2
    ax.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts if text.get_text()]
    assert holds(ax.figure, boxes)
    assert not overlap(boxes)
