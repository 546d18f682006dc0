import json
from urllib.parse import unquote
from xml.etree import ElementTree

import numpy as np
import pytest

from aelatent.latent.core import core_border
from aelatent.latent.planes import Plane
from aelatent.widgets._path_scene import Scene

D, N = 12, 400


@pytest.fixture(scope="module")
def z():
    rng = np.random.default_rng(3)
    return rng.normal(size=(N, D)) @ rng.normal(size=(D, D)) + 2


@pytest.fixture(scope="module")
def core(z):
    return core_border(z)


@pytest.fixture
def scene(z, core):
    return Scene.of(Plane.components(D, 3, 7), core, 9000, z, z.mean(axis=0))


def floats(data):
    return np.frombuffer(data, np.float32).reshape(-1, 2)


def test_the_message_holds_the_projection_and_the_section(z, core, scene):
    sent = scene.message()
    np.testing.assert_array_equal(floats(sent["cloud"]), z[:, [3, 7]].astype(np.float32))
    np.testing.assert_allclose(sent["center"], z.mean(axis=0)[[3, 7]])
    assert sent["origin"] == [0, 0]
    assert sent["total"] == 9000
    np.testing.assert_array_equal(floats(sent["basis"]), scene.plane.basis)
    np.testing.assert_array_equal(np.frombuffer(sent["offset"], np.float32), np.zeros(D))
    np.testing.assert_allclose(np.frombuffer(sent["mean"], np.float32), z.mean(axis=0), rtol=1e-6)
    outline = floats(sent["section"]).astype(float)
    lifted = np.tile(z.mean(axis=0), (len(outline), 1))
    lifted[:, [3, 7]] = outline
    np.testing.assert_allclose(core.axes.d2(lifted), core.border, rtol=1e-3)
    plain = {name: value for name, value in sent.items() if not isinstance(value, bytes)}
    json.dumps(plain, allow_nan=False)
    start, end = scene.first_ends()
    np.testing.assert_allclose((start + end) / 2, scene.center)
    np.testing.assert_allclose(end - start, [4 * scene.cloud[:, 0].std(), 0])


@pytest.mark.parametrize("which", ["box", "core_box"])
def test_boxes_hold_what_they_are_of(z, scene, which):
    (left, right), (bottom, top) = scene.message()[which]
    outline = [scene.section] if which == "core_box" else []
    inside = np.vstack([scene.cloud, scene.first_ends(), *outline])
    low, high = inside.min(axis=0), inside.max(axis=0)
    np.testing.assert_allclose([left, bottom], low - 0.04 * (high - low))
    np.testing.assert_allclose([right, top], high + 0.04 * (high - low))


def test_a_cloud_of_no_width_still_has_a_path_and_a_view(z, core):
    scene = Scene.of(Plane.components(D, 3, 7), core, N, z[[5, 5]], z.mean(axis=0))
    start, end = scene.first_ends()
    assert end[0] - start[0] == 2
    (left, right), _ = scene.message()["box"]
    assert left < start[0] < end[0] < right


@pytest.mark.parametrize("equal", [False, True])
@pytest.mark.parametrize("whole", [False, True])
def test_the_figure_shows_the_path_and_what_was_asked_for(scene, equal, whole):
    far = np.array([[0.0, 0], [500, 500]])
    figure = scene.figure(far, equal=equal, whole=whole)
    figure.draw_without_rendering()
    (ax,) = figure.axes
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    assert left <= 0 < 500 <= right
    assert bottom <= 0 < 500 <= top
    box = ax.get_window_extent()
    per_unit = box.width / (right - left), box.height / (top - bottom)
    assert (per_unit[0] == pytest.approx(per_unit[1])) == equal
    seen = (scene.section >= [left, bottom]) & (scene.section <= [right, top])
    assert seen.all() or not whole
    scales = "equal scales" if equal else "each axis on its own scale"
    assert ax.get_title(loc="left") == f"components 3, 7: 400 of 9,000 z-points; {scales}"


@pytest.mark.parametrize(("moved", "named"), [(0, True), (1e3, False)])
def test_an_origin_out_of_view_is_not_in_the_legend(z, moved, named):
    z = z - z.mean(axis=0) + moved
    scene = Scene.of(Plane.components(D, 0, 1), core_border(z), N, z, z.mean(axis=0))
    (ax,) = scene.figure(scene.first_ends()).axes
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert ("origin" in names) == named
    assert {"center", "path", "core, section through the center"} <= set(names)


def test_marks_are_where_the_path_is_drawn(scene):
    path = np.array([[3.0, -4.0], [5.0, -4.0], [5.0, -1.0]])
    page, marks = scene.still(path)
    assert page == scene.still(path)[0]  # a cache of outputs stays valid
    assert len(page) < 60_000
    name = "plane components 3, 7: 400 of 9,000 z-points and the 3 points of the path"
    assert page.startswith(f'<img alt="{name}" src="data:image/svg+xml,%3Csvg ')
    (image,) = ElementTree.fromstring(page.replace('">', '"/>')).iter()
    svg = ElementTree.fromstring(unquote(image.get("src").removeprefix("data:image/svg+xml,")))
    size = np.array([float(svg.get(side)[:-2]) for side in ("width", "height")])
    uses = svg.iter("{http://www.w3.org/2000/svg}use")
    red = [use for use in uses if "#b2182b" in use.get("style", "")]
    places = np.array([[use.get("x"), use.get("y")] for use in red[:3]], float)
    np.testing.assert_allclose(marks * size, places, atol=1e-3)
    right, up = marks[1] - marks[0], marks[2] - marks[1]
    assert right[0] > 0.01 > abs(right[1])
    assert up[1] < -0.01 < 0.01 > abs(up[0])  # upward is less from the top
