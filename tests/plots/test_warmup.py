import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import same_color

from aelatent import plots
from tests.plots.reading import lines, scales, title

Z = np.random.default_rng(0).normal(size=(300, 2)) * [4, 1] + [-20, 6]


def paint(z):
    """Decode a place to one color: red grows with component 0, green with component 1."""
    assert z.dtype == np.float32
    colors = np.column_stack([(z + 40) / 80, np.zeros(len(z))])
    return np.broadcast_to(colors[:, None, None], (len(z), 4, 4, 3)).astype(np.float32)


def test_every_picture_of_the_grid_lies_where_it_is_decoded_from():
    ax = plots.decoded_grid(paint, Z, columns=5)
    (sheet,) = ax.images
    left, right, bottom, top = sheet.get_extent()
    pixels = sheet.get_array()
    assert pixels.shape == (20, 20, 3)
    middles = (np.arange(5) + 0.5) / 5
    for row, y in enumerate(top + (bottom - top) * middles):  # rows from the top
        for column, x in enumerate(left + (right - left) * middles):
            shown = pixels[4 * row + 2, 4 * column + 2]
            np.testing.assert_allclose(shown[:2], [(x + 40) / 80, (y + 40) / 80], atol=1e-6)
    assert right - left == pytest.approx(top - bottom)


def test_the_grid_covers_the_z_points_and_the_origin_with_room_for_random_vectors():
    ax = plots.decoded_grid(paint, Z, columns=2)
    drawn = lines(ax)
    np.testing.assert_array_equal(drawn["z-points"].get_xydata(), Z)
    assert same_color(drawn["z-points"].get_color(), plots.Z_POINTS)
    np.testing.assert_allclose(drawn["center"].get_xydata(), [Z.mean(axis=0)])
    for of, limits in ((Z[:, 0], ax.get_xlim()), (Z[:, 1], ax.get_ylim())):
        assert limits[0] < min(of.min(), -3)
        assert limits[1] > max(of.max(), 3)
    assert title(ax) == "n = 300"
    ax.figure.canvas.draw()
    assert scales(ax)[0] == pytest.approx(scales(ax)[1], rel=1e-6)
    with pytest.raises(ValueError, match="columns must be a whole number, at least 2"):
        plots.decoded_grid(paint, Z, columns=1)
    with pytest.raises(ValueError, match=r"z must be finite numbers \(n, 2\)"):
        plots.decoded_grid(paint, np.zeros((4, 3)))


def test_panels_are_colored_by_rank_and_share_the_limits_of_the_grid():
    factors = pd.DataFrame({"yaw": np.exp(Z[:, 0]), "hair_tone": Z[:, 1]})
    axes = plots.factor_panels(Z, factors)
    grid = plots.decoded_grid(paint, Z, columns=2)
    assert [title(ax) for ax in axes] == ["yaw, n = 300", "hair tone, n = 300"]
    for ax, component in zip(axes, Z.T, strict=True):
        (dots,) = ax.collections
        np.testing.assert_array_equal(np.argsort(dots.get_array()), np.argsort(component))
        assert dots.get_array().max() == 1
        assert (ax.get_xlim(), ax.get_ylim()) == (grid.get_xlim(), grid.get_ylim())
    with pytest.raises(ValueError, match="a row of factors for each of 300 z-points; got 299"):
        plots.factor_panels(Z, factors[1:])
