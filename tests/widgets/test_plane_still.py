import re
from xml.etree import ElementTree

import numpy as np
import pytest

from aelatent.latent import PrincipalAxes
from aelatent.latent.core import core_border
from aelatent.latent.planes import Plane
from aelatent.widgets._path_scene import Scene
from aelatent.widgets._plane_still import plane_still


@pytest.fixture(scope="module")
def z():
    rng = np.random.default_rng(2)
    return rng.normal([3, 0, -4, 0], [1, 2, 1, 0.5], size=(600, 4))


def scene_of(z, plane):
    return Scene.of(plane, core_border(z), len(z), z[:100], z.mean(axis=0))


def drawn(svg, tag):
    return [element for element in ElementTree.fromstring(svg).iter() if element.tag == tag]


def test_marks_are_where_the_path_is_drawn(z):
    plane = Plane.components(4, 0, 2)
    path = np.array([[3.0, -4.0], [5.0, -4.0], [5.0, -1.0]])
    svg, marks, _ = plane_still(scene_of(z, plane), path)
    width, height = map(float, drawn(svg, "svg")[0].get("viewBox").split()[2:])
    red = drawn(svg, "polyline")[-1].get("points")
    places = np.array([corner.split(",") for corner in red.split()], float)
    np.testing.assert_allclose(marks * (width, height), places, atol=0.06)
    right, up = marks[1] - marks[0], marks[2] - marks[1]
    assert right[0] > 0 == right[1]
    assert up[1] < 0 == up[0]  # upward is less from the top


def test_the_axes_tell_the_places_of_the_marks(z):
    plane = Plane.components(4, 0, 2)
    path = np.array([[2.0, -5.0], [4.0, -3.0]])
    svg, marks, _ = plane_still(scene_of(z, plane), path)
    ticks = [(t.get("text-anchor"), t) for t in drawn(svg, "text") if t.get("fill") != "#B2182B"]
    across = {float(t.text): float(t.get("x")) for anchor, t in ticks[:-2] if anchor == "middle"}
    up = {float(t.text): float(t.get("y")) - 9 for anchor, t in ticks[:-2] if anchor == "end"}
    for column, (axis, size) in enumerate(((across, 920), (up, 690))):
        known = sorted(axis)
        slope, start = np.polyfit(known, [axis[value] for value in known], 1)
        expected = (start + slope * path[:, column]) / size
        np.testing.assert_allclose(marks[:, column], expected, atol=2e-3)
    assert [t.text for _, t in ticks[-2:]] == [
        "component 0 (units of z)",
        "component 2 (units of z)",
    ]


def test_every_z_point_of_the_cloud_is_a_dot(z):
    svg, *_ = plane_still(scene_of(z, Plane.components(4, 1, 3)), np.zeros((2, 2)))
    dots = [e.get("d").count("h0") for e in drawn(svg, "path") if e.get("stroke-linecap")]
    assert sum(dots) == 100


def test_a_path_beyond_the_cloud_is_in_view(z):
    path = np.array([[0.0, 0.0], [80.0, -300.0]])
    _, marks, _ = plane_still(scene_of(z, Plane.components(4, 0, 2)), path)
    assert marks.min() > 0
    assert marks.max() < 1


def test_the_note_names_what_is_in_view(z):
    near = Plane.components(4, 1, 3)
    _, _, note = plane_still(scene_of(z, near), np.zeros((2, 2)))
    assert "components 1, 3. Blue: 100 of 600 z-points" in note
    assert "yellow: the origin" in note
    assert "orange: the center" in note
    far = z + np.array([900, 0, 0, 0])
    off = Plane.components(4, 0, 2)
    svg, _, note = plane_still(scene_of(far, off), np.tile(far.mean(axis=0)[[0, 2]], (2, 1)))
    assert "origin" not in note
    assert "#F0E442" not in svg


def test_numbers_do_not_lie_on_each_other(z):
    plane = Plane.principal(PrincipalAxes.fit(z), 1, 2)
    path = np.linspace([-4, 0], [4, 0.5], 60)
    svg, *_ = plane_still(scene_of(z, plane), path)
    numbers = [t for t in drawn(svg, "text") if t.get("fill") == "#B2182B"]
    assert {"1", "60"} <= {t.text for t in numbers}
    places = np.array([[float(t.get("x")), float(t.get("y"))] for t in numbers])
    apart = np.linalg.norm(places[:, None] - places, axis=2)
    assert apart[~np.eye(len(places), dtype=bool)].min() > 20


def test_ids_and_links_are_absent(z):
    svg, *_ = plane_still(scene_of(z, Plane.components(4, 0, 1)), np.zeros((3, 2)))
    assert not re.search(r"\b(id|href|style)=", svg)
