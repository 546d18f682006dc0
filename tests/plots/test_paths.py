import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from aelatent.latent.planes import Plane
from aelatent.latent.principal import PrincipalAxes
from aelatent.plots import CENTER, ORIGIN, PATH, Z_POINTS, path_figure, plane_grid
from tests.plots.reading import holds, lines, overlap, scales, texts, title

Z = np.random.default_rng(0).normal([5, 0, -3, 1], [2, 1, 1, 0.5], size=(800, 4)).astype("f4")
MEAN = Z.mean(axis=0)
TO_CENTER = np.linspace(np.zeros(4), MEAN, 6).astype("f4")
PLANES = [
    Plane.components(4, 0, 2),
    Plane.components(4, 1, 3),
    Plane.principal(PrincipalAxes.fit(Z), 1, 2),
    Plane.components(4, 3, 0),
]
PICTURES = np.random.default_rng(1).random((6, 16, 16, 3)).astype("f4")


def test_each_panel_is_a_projection_in_the_colors_of_the_seed():
    axes = plane_grid(Z, iter(PLANES), path=TO_CENTER, center=MEAN, columns=3)
    assert axes.shape == (4,)
    for ax, plane in zip(axes, PLANES, strict=True):
        drawn = lines(ax)
        np.testing.assert_allclose(ax.lines[0].get_xydata(), plane.project(Z))
        np.testing.assert_allclose(drawn["path"].get_xydata(), plane.project(TO_CENTER))
        np.testing.assert_allclose(drawn["origin"].get_xydata(), plane.project(np.zeros((1, 4))))
        np.testing.assert_allclose(drawn["center"].get_xydata(), plane.project(MEAN[None]))
        colors = [drawn[name].get_color() for name in ("path", "origin", "center")]
        assert [ax.lines[0].get_color(), *colors] == [Z_POINTS, PATH, ORIGIN, CENTER]
        assert (ax.get_xlabel(), ax.get_ylabel()) == plane.labels
        assert ax.lines[0].get_rasterized()
    moved = lines(axes[2])["origin"].get_xydata()  # principal planes begin at the mean
    assert np.linalg.norm(moved) > 1
    figure = axes[0].figure
    assert [ax.axison for ax in figure.axes] == [True] * 4 + [False] * 2
    assert figure.get_figwidth() == pytest.approx(10)
    assert not {"path", "center"} & set(lines(plane_grid(Z, PLANES[:1])[0]))


@pytest.mark.parametrize("equal", [False, True])
def test_n_scales_and_legend_are_stated_once(equal):
    axes = plane_grid(Z, PLANES, path=TO_CENTER, center=MEAN, equal=equal)
    figure = axes[0].figure
    words = "equal scales" if equal else "each axis on its own scale"
    assert figure.get_suptitle() == f"n = 800; units of z; {words}"
    (legend,) = figure.legends
    names = [text.get_text() for text in legend.get_texts()]
    assert names == ["origin", "center", "path"]
    assert not any(ax.get_legend() or title(ax) for ax in axes)
    figure.canvas.draw()
    for ax in axes:
        a, b = scales(ax)
        assert (abs(a / b - 1) < 1e-6) == equal
    above, below = figure._suptitle.get_window_extent(), legend.get_window_extent()
    assert not any(box.overlaps(ax.get_tightbbox()) for box in (above, below) for ax in axes)


def test_frames_are_numbered_as_in_the_plane():
    ring = {"core": np.array([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]])}
    ax, strip = path_figure(
        Z, PLANES[0], TO_CENTER, PICTURES, center=MEAN, curves=ring, title="to the center"
    )
    np.testing.assert_allclose(lines(ax)["path"].get_xydata(), TO_CENTER[:, [0, 2]])
    np.testing.assert_allclose(lines(ax)["center"].get_xydata(), [MEAN[[0, 2]]])
    assert "core" in lines(ax)
    assert title(ax) == "to the center: n = 800; each axis on its own scale"
    assert ax.get_xlabel() == "component 0 (units of z)"
    assert texts(strip) == list("123456")
    assert set(texts(ax)) == set("123456")
    shown = np.array([image.get_array() for image in strip.images])
    np.testing.assert_allclose(shown, PICTURES)


@pytest.mark.parametrize(("m", "equal"), [(2, True), (6, False), (12, True), (50, False)])
def test_nothing_overlaps_and_scores_are_aligned(m, equal):
    path = np.linspace(np.zeros(4), MEAN, m)
    table = pd.DataFrame({"d2": np.linspace(9e3, 0, m), "face": [True] * m})
    images = np.zeros((m, 20, 16, 3), np.uint8)
    axes = path_figure(Z, PLANES[2], path, images, scores=table, border=30, equal=equal)
    ax, strip, d2, _ = axes
    figure = ax.figure
    figure.canvas.draw()
    boxes = [ax.get_tightbbox(), *(other.get_window_extent() for other in axes[1:])]
    assert not overlap(boxes)
    assert holds(figure, [*boxes, ax.get_legend().get_window_extent()])
    middles = [(box.x0 + box.x1) / 2 for box in (p.get_window_extent() for p in strip.images)]
    places = d2.transData.transform(d2.lines[0].get_xydata())[:, 0]
    np.testing.assert_allclose(places, sorted(middles), atol=0.01)
    assert not overlap([text.get_window_extent() for text in strip.texts if text.get_text()])
    assert ("equal scales" in title(ax)) == equal


@pytest.mark.parametrize(
    ("planes", "options", "message"),
    [
        ([], {}, "expected planes to project on; got none"),
        (PLANES, {"columns": 0}, "columns must be a whole number, at least 1; got 0"),
        (PLANES, {"path": Z[:, :3]}, r"\(n, 4\).*got shape \(800, 3\)"),
        (PLANES, {"center": Z}, "expected an array of shape"),
        (PLANES, {"path": np.full((2, 4), np.nan)}, "got nan"),
        ([Plane.components(5, 0, 1)], {}, r"\(n, 5\).*got shape \(800, 4\)"),
    ],
)
def test_bad_grids_are_refused(planes, options, message):
    with pytest.raises(ValueError, match=message):
        plane_grid(Z, planes, **options)
    assert plt.get_fignums() == []


def test_other_things_than_planes_are_refused():
    with pytest.raises(TypeError, match=r"must be Plane objects; got str.*values\(\)"):
        plane_grid(Z, {"two components": PLANES[0]})
    with pytest.raises(TypeError, match="must be Plane objects; got tuple"):
        path_figure(Z, (0, 1), TO_CENTER, PICTURES)


def test_as_many_pictures_and_scores_as_points():
    with pytest.raises(ValueError, match="each of the 5 points of the path; got 6"):
        path_figure(Z, PLANES[0], TO_CENTER[:5], PICTURES)
    with pytest.raises(ValueError, match="a row for each of 6 pictures; got 2"):
        path_figure(Z, PLANES[0], TO_CENTER, PICTURES, scores=pd.DataFrame({"d2": [1, 2]}))
    with pytest.raises(ValueError, match="got nan"):
        path_figure(Z, PLANES[0], TO_CENTER * np.nan, PICTURES)
    assert plt.get_fignums() == []
