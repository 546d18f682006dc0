import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from aelatent.latent.planes import Plane
from aelatent.latent.principal import PrincipalAxes
from aelatent.plots import CENTER, ORIGIN, PATH, Z_POINTS, path_figure, plane_grid
from tests.plots.reading import holds, lines, overlap, texts, title

Z = np.random.default_rng(0).normal([5, 0, -3, 1], [2, 1, 1, 0.5], size=(800, 4)).astype("f4")
MEAN = Z.mean(axis=0)
WAY = np.linspace(np.zeros(4), MEAN, 6).astype("f4")
FLAT = Plane.components(4, 0, 2)
PLANES = [FLAT, Plane.components(4, 1, 3), Plane.principal(PrincipalAxes.fit(Z), 1, 2),
          Plane.components(4, 3, 0)]  # fmt: skip
PICTURES = np.random.default_rng(1).random((6, 16, 16, 3)).astype("f4")
SCORES = pd.DataFrame({"d2": np.linspace(500, 0, 6), "face": True})


def test_each_panel_is_a_projection_in_the_colors_of_the_seed():
    axes = plane_grid(Z, iter(PLANES), path=WAY, center=MEAN)
    for ax, plane in zip(axes, PLANES, strict=True):
        cloud, drawn = ax.lines[0], lines(ax)
        np.testing.assert_allclose(cloud.get_xydata(), plane.project(Z))
        for name, z in (("path", WAY), ("origin", np.zeros((1, 4))), ("center", MEAN[None])):
            np.testing.assert_allclose(drawn[name].get_xydata(), plane.project(z))
        colors = [drawn[name].get_color() for name in ("path", "origin", "center")]
        assert [cloud.get_color(), *colors] == [Z_POINTS, PATH, ORIGIN, CENTER]
        assert (ax.get_xlabel(), ax.get_ylabel()) == plane.labels
        assert cloud.get_rasterized()
        assert (ax.get_legend(), title(ax)) == (None, "")
    figure = axes[0].figure
    assert len(figure.axes) == 4
    assert figure.get_figwidth() == pytest.approx(7)
    assert figure.get_suptitle() == "n = 800; units of z; each axis on its own scale"
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["origin", "center", "path"]
    figure.canvas.draw()
    above, below = figure._suptitle.get_window_extent(), legend.get_window_extent()
    assert not any(box.overlaps(ax.get_tightbbox()) for box in (above, below) for ax in axes)
    assert not {"path", "center"} & set(lines(plane_grid(Z, PLANES[:1])[0]))


def test_frames_are_numbered_as_in_the_plane():
    ring = {"core": np.array([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]])}
    ax, strip = path_figure(Z, FLAT, WAY, PICTURES, SCORES, center=MEAN, curves=ring)
    np.testing.assert_allclose(lines(ax)["path"].get_xydata(), WAY[:, [0, 2]])
    np.testing.assert_allclose(lines(ax)["center"].get_xydata(), [MEAN[[0, 2]]])
    assert "core" in lines(ax)
    assert title(ax) == "n = 800; each axis on its own scale"
    assert ax.get_xlabel() == "component 0 (units of z)"
    assert [text for text in texts(strip) if len(text) == 1 and text != "0"] == list("123456")
    assert set(texts(ax)) == set("123456")
    np.testing.assert_allclose([image.get_array() for image in strip.images], PICTURES)


@pytest.mark.parametrize("m", [2, 12, 50])
def test_nothing_overlaps(m):
    path = np.linspace(np.zeros(4), MEAN, m)
    table = pd.DataFrame({"d2": np.linspace(9e3, 0, m), "face": [True] * m})
    images = np.zeros((m, 20, 16, 3), np.uint8)
    ax, strip = path_figure(Z, PLANES[2], path, images, table, border=30)
    ax.figure.canvas.draw()
    boxes = [ax.get_tightbbox(), strip.get_tightbbox()]
    assert not overlap(boxes)
    assert holds(ax.figure, [*boxes, ax.get_legend().get_window_extent()])
    assert not overlap([text.get_window_extent() for text in strip.texts if text.get_text()])


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: plane_grid(Z, []), "expected planes to project on; got none"),
        (lambda: plane_grid(Z, PLANES, path=Z[:, :3]), r"\(n, 4\).*got shape \(800, 3\)"),
        (lambda: plane_grid(Z, PLANES, center=Z), "expected an array of shape"),
        (lambda: plane_grid(Z, [Plane.components(5, 0, 1)]), r"\(n, 5\).*got shape \(800, 4\)"),
        (lambda: path_figure(Z, FLAT, WAY[:5], PICTURES, SCORES), "each of 5 .* got 6"),
        (lambda: path_figure(Z, FLAT, WAY * np.nan, PICTURES, SCORES), "got nan"),
        (lambda: path_figure(Z, FLAT, WAY, PICTURES, SCORES[:1]),
         "each of 6 pictures; got 1"),
        (lambda: plane_grid(Z, {"x": FLAT}), r"must be Plane objects; got str.*values\(\)"),
        (lambda: path_figure(Z, (0, 1), WAY, PICTURES, SCORES), "must be Plane objects; got tuple"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_refused(draw, message):
    with pytest.raises((ValueError, TypeError), match=message):
        draw()
    assert plt.get_fignums() == []
