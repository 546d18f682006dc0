import numpy as np
import pytest
from scipy.spatial.distance import cdist

from aelatent.model import ModelConfig
from aelatent.model.autoencoder import build_autoencoder
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
    assert empty[1] > 0.15
    ax.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts if text.get_text()]
    assert holds(ax.figure, boxes)
    assert not overlap(boxes)


def test_feature_maps_show_the_first_maps_of_each_layer_between_black_and_white():
    encoder = build_autoencoder(ModelConfig(size=96, filters=(9, 3))).encoder
    picture = np.random.default_rng(0).random((96, 96, 3), np.float32)
    ax = drawings.feature_maps(encoder, picture)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["48 x 48", "24 x 24"]
    (page,) = (image.get_array() for image in ax.images)
    convolve = encoder.get_layer("conv_1")
    first = np.asarray(encoder.get_layer("conv_1_act")(convolve(picture[None])))[0, :, :, 2]
    shown = (first - first.min()) / (first.max() - first.min())
    np.testing.assert_allclose(page[:48, 104:152], shown, atol=1e-5)
    assert (page[52:, 156:] == 1).all()  # there is no fourth map of the second layer


def test_the_slice_of_a_tilted_cloud_is_narrower_than_its_shadow():
    ax = drawings.shadow_and_slice()
    x, y = ax.patches[0].get_xy().T
    spans = {line.get_lw(): line.get_xdata() for line in ax.lines if len(line.get_xdata()) == 2}
    np.testing.assert_allclose(spans[6], [x.min(), x.max()], atol=1e-3)
    crossed = np.flatnonzero(np.diff(np.sign(y)))  # corners before the line y = 0 is crossed
    ends = np.sort(x[crossed] - y[crossed] * np.diff(x)[crossed] / np.diff(y)[crossed])
    np.testing.assert_allclose(spans[4], ends[[0, -1]], atol=1e-2)
    assert spans[4][1] < 0.6 * spans[6][1]
    ax.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts]
    assert holds(ax.figure, boxes)
    assert not overlap(boxes)


def test_the_sheet_is_off_the_origin_though_its_shadows_hold_it():
    ax = drawings.sheet()
    center, origin = (
        np.array(line.get_xydata()[0])
        for line in ax.lines
        if line.get_label() in ("origin", "center")
    )
    assert np.hypot(*(center - origin)) > 1
    spans = [np.sort(line.get_xydata(), axis=0) for line in ax.lines if line.get_lw() == 5]
    level = [span for span in spans if span[0, 1] == span[1, 1]]
    assert level[0][0, 0] < level[1][0, 0] < level[1][1, 0] < level[0][1, 0]
    ax.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts if text.get_text()]
    assert holds(ax.figure, boxes)
    assert not overlap(boxes)
