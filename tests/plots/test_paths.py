import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from aelatent.latent.planes import Plane
from aelatent.latent.principal import PrincipalAxes
from aelatent.plots import CENTER, ORIGIN, PATH, Z_POINTS
from aelatent.plots.paths import path_figure, plane_grid

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


def drawn(ax):
    return {line.get_label(): line for line in ax.lines}


def test_each_panel_is_a_projection_in_the_colors_of_the_seed():
    axes = plane_grid(Z, iter(PLANES), path=TO_CENTER, center=MEAN, columns=3)
    assert axes.shape == (4,)
    for ax, plane in zip(axes, PLANES, strict=True):
        lines = drawn(ax)
        np.testing.assert_allclose(ax.lines[0].get_xydata(), plane.project(Z))
        np.testing.assert_allclose(lines["path"].get_xydata(), plane.project(TO_CENTER))
        np.testing.assert_allclose(lines["origin"].get_xydata(), plane.project(np.zeros((1, 4))))
        np.testing.assert_allclose(lines["center"].get_xydata(), plane.project(MEAN[None]))
        colors = [ax.lines[0].get_color(), *(lines[k].get_color() for k in ("path", "origin"))]
        assert colors == [Z_POINTS, PATH, ORIGIN]
        assert lines["center"].get_color() == CENTER
        assert (ax.get_xlabel(), ax.get_ylabel()) == plane.labels
        assert ax.lines[0].get_rasterized()
    moved = drawn(axes[2])["origin"].get_xydata()  # principal planes begin at the mean
    assert np.linalg.norm(moved) > 1
    figure = axes[0].figure
    assert [ax.axison for ax in figure.axes] == [True] * 4 + [False] * 2
    assert figure.get_figwidth() == pytest.approx(10)
    figure.canvas.draw()


@pytest.mark.parametrize(("equal", "words"), [(False, "each axis on its own"), (True, "equal")])
def test_n_scales_and_legend_are_stated_once(equal, words):
    axes = plane_grid(Z, PLANES, path=TO_CENTER, center=MEAN, equal=equal)
    figure = axes[0].figure
    assert figure.get_suptitle() == (f"n = 800; units of z; {words} scale" + ("s" if equal else ""))
    (legend,) = figure.legends
    names = [text.get_text() for text in legend.get_texts()]
    assert names == ["origin", "center", "path"]
    assert not any(ax.get_legend() or ax.get_title(loc="left") for ax in axes)
    figure.canvas.draw()
    for ax in axes:
        box = ax.get_window_extent()
        a, b = box.width / np.ptp(ax.get_xlim()), box.height / np.ptp(ax.get_ylim())
        assert (abs(a / b - 1) < 1e-6) == equal
    above, below = figure._suptitle.get_window_extent(), legend.get_window_extent()
    assert not any(box.overlaps(ax.get_tightbbox()) for box in (above, below) for ax in axes)


def test_panels_may_have_names_and_be_given():
    figure, given = plt.subplots(2, 2)
    axes = plane_grid(Z, PLANES, names=list("abcd"), axes=given)
    assert list(axes) == list(given.flat)
    assert plt.get_fignums() == [figure.number]
    titles = [ax.get_title(loc="left") for ax in axes]
    assert titles == ["n = 800; units of z; each axis on its own scale\na", "b", "c", "d"]
    assert [ax.get_legend() is not None for ax in axes] == [True, False, False, False]
    assert not {"path", "center"} & set(drawn(axes[0]))


@pytest.mark.parametrize(
    ("planes", "options", "message"),
    [
        ([], {}, "expected planes to project on; got none"),
        (PLANES, {"columns": 0}, "columns must be at least 1; got 0"),
        (PLANES, {"names": ["a"]}, "a name for each of 4 planes; got 1"),
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


def test_other_things_than_planes_and_axes_are_refused():
    with pytest.raises(TypeError, match=r"must be Plane objects; got str.*values\(\)"):
        plane_grid(Z, {"two components": PLANES[0]})
    with pytest.raises(TypeError, match="must be Plane objects; got tuple"):
        path_figure(Z, (0, 1), TO_CENTER, PICTURES)
    with pytest.raises(ValueError, match="expected 4 Axes, one per plane; got 2"):
        plane_grid(Z, PLANES, axes=plt.subplots(2)[1])


def test_frames_are_numbered_as_in_the_plane():
    ring = {"core": np.array([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]])}
    axes = path_figure(
        Z, PLANES[0], TO_CENTER, PICTURES, center=MEAN, curves=ring, title="to the center"
    )
    ax, strip = axes
    np.testing.assert_allclose(drawn(ax)["path"].get_xydata(), TO_CENTER[:, [0, 2]])
    np.testing.assert_allclose(drawn(ax)["center"].get_xydata(), [MEAN[[0, 2]]])
    assert "core" in drawn(ax)
    assert ax.get_title(loc="left") == "to the center: n = 800; each axis on its own scale"
    assert ax.get_xlabel() == "component 0 (units of z)"
    assert [text.get_text() for text in strip.texts] == list("123456")
    assert {text.get_text() for text in ax.texts} == set("123456")
    shown = np.array([image.get_array() for image in strip.images])
    np.testing.assert_allclose(shown, PICTURES)


@pytest.mark.parametrize("m", [2, 6, 12, 50])
@pytest.mark.parametrize("equal", [False, True])
def test_nothing_overlaps_and_scores_are_aligned(m, equal):
    path = np.linspace(np.zeros(4), MEAN, m)
    table = pd.DataFrame({"d2": np.linspace(9e3, 0, m), "face": [True] * m})
    images = np.zeros((m, 20, 16, 3), np.uint8)
    axes = path_figure(Z, PLANES[2], path, images, scores=table, border=30, equal=equal)
    ax, strip, d2, _ = axes
    figure = ax.figure
    figure.canvas.draw()
    boxes = [ax.get_tightbbox(), *(other.get_window_extent() for other in axes[1:])]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    lefts = [(box.x0 + box.x1) / 2 for box in (p.get_window_extent() for p in strip.images)]
    places = d2.transData.transform(d2.lines[0].get_xydata())[:, 0]
    np.testing.assert_allclose(places, sorted(lefts), atol=0.01)
    page = figure.bbox.padded(0.5)
    for box in [*boxes, ax.get_legend().get_window_extent()]:
        assert page.contains(box.x0, box.y0)
        assert page.contains(box.x1, box.y1)
    words = [text.get_window_extent() for text in strip.texts if text.get_text()]
    assert not any(a.overlaps(b) for i, a in enumerate(words) for b in words[:i])
    assert ("equal scales" in ax.get_title(loc="left")) == equal


def test_as_many_pictures_and_scores_as_points():
    with pytest.raises(ValueError, match="each of the 5 points of the path; got 6"):
        path_figure(Z, PLANES[0], TO_CENTER[:5], PICTURES)
    with pytest.raises(ValueError, match="a row for each of 6 pictures; got 2"):
        path_figure(Z, PLANES[0], TO_CENTER, PICTURES, scores=pd.DataFrame({"d2": [1, 2]}))
    with pytest.raises(ValueError, match="got nan"):
        path_figure(Z, PLANES[0], TO_CENTER * np.nan, PICTURES)
    assert plt.get_fignums() == []
