import json

import numpy as np
import pytest
from hypothesis import given, strategies as st

from aelatent.latent import (
    Plane,
    PrincipalAxes,
    along_axis,
    between,
    circle,
    in_plane,
    linear,
    origin_to_center,
)

D = 12
CLOUD = np.random.default_rng(0).normal(np.linspace(-4, 4, D), np.linspace(3, 0.5, D), (400, D))
AXES = PrincipalAxes.fit(CLOUD)
CENTER = CLOUD[7]
FLAT, TURNED = Plane.components(D, 5, 2), Plane.principal(AXES, 2, 9)
each_plane = pytest.mark.parametrize("plane", [FLAT, TURNED], ids=["components", "principal"])

PATHS = {
    "linear": lambda n: linear(CLOUD[0], CLOUD[1], n),
    "origin to center": lambda n: origin_to_center(CENTER, n),
    "in plane": lambda n: in_plane(TURNED, CENTER, angle=20, length=3, n=n),
    "between": lambda n: between(TURNED, CENTER, [0, 1], [2, 3], n),
    "circle": lambda n: circle(TURNED, CENTER, 2, n),
    "along axis": lambda n: along_axis(AXES, 3, n=n),
}


@pytest.mark.parametrize("kind", PATHS)
def test_paths_say_what_they_are(kind):
    path = PATHS[kind](5)
    assert path.kind == kind
    assert len(path) == path.made.get("n", 5) == 5
    assert path.z.shape == (5, D)
    assert path.z.dtype == np.float32
    assert path.t.dtype == np.float64
    assert (np.diff(path.t) > 0).all()
    assert json.loads(json.dumps(path.made)) == path.made
    assert len(PATHS[kind](2)) == 2
    with pytest.raises(ValueError, match="n must be a whole number, at least 2; got 1"):
        PATHS[kind](1)


def test_paths_have_a_usual_number_of_points():
    placed = in_plane(FLAT, CENTER, length=1)
    found = (
        *(linear(CENTER, CLOUD[0]), origin_to_center(CENTER), placed),
        *(between(FLAT, CENTER, [0, 1], [2, 3]), circle(FLAT, CENTER, 1), along_axis(AXES, 1)),
    )
    assert [len(path) for path in found] == [8, 6, 6, 6, 8, 7]
    usual = dict.fromkeys(("angle", "offset", "shift"), 0)
    assert placed.made == {"plane": FLAT.name, "length": 1, "n": 6} | usual


@given(st.integers(0, 399), st.integers(0, 399), st.integers(2, 9))
def test_straight_paths_are_even_and_reach_their_ends_exactly(first, second, n):
    a, b = CLOUD[[first, second]].astype(np.float32)
    path = linear(a, b, n)
    np.testing.assert_array_equal(path.z[[0, -1]], [a, b])
    steps = np.diff(path.z, axis=0)
    np.testing.assert_allclose(steps, np.tile((b - a) / (n - 1), (n - 1, 1)), atol=1e-5)
    np.testing.assert_allclose(path.t, np.arange(n) / (n - 1))
    assert path.unit == "share"
    centered = origin_to_center(a, n)
    np.testing.assert_array_equal(centered.z, linear(np.zeros(D), a, n).z)


far = st.floats(-50, 50)


@each_plane
@given(st.floats(-180, 180, exclude_min=True), st.floats(0.01, 100), far, far)
def test_a_line_is_the_same_by_its_ends_and_by_its_placement(plane, angle, length, offset, shift):
    placed = {"angle": angle, "length": length, "offset": offset, "shift": shift}
    path = in_plane(plane, CENTER, n=5, **placed)
    steps = path.z - CENTER  # all else stays at the center
    np.testing.assert_allclose(steps, steps @ plane.basis @ plane.basis.T, atol=1e-4)
    np.testing.assert_allclose(path.t, np.linspace(-length / 2, length / 2, 5))
    turned, middle = np.deg2rad(angle), plane.project(CENTER[None])[0]
    along, left = [np.cos(turned), np.sin(turned)], [-np.sin(turned), np.cos(turned)]
    places = middle + offset * np.array(left) + np.outer(shift + path.t, along)
    np.testing.assert_allclose(plane.project(path.z), places, atol=1e-4)
    by_ends = between(plane, CENTER, places[0], places[-1], n=5)
    np.testing.assert_allclose(by_ends.z, path.z, atol=1e-4)
    np.testing.assert_allclose(by_ends.t, path.t, atol=1e-9)
    assert by_ends.unit == path.unit == "units of z"
    ends = {"start": places[0].tolist(), "end": places[-1].tolist()}
    assert by_ends.made == {"plane": plane.name, "n": 5, **ends}
    assert path.made == {"plane": plane.name, "n": 5, **placed}


@each_plane
def test_circles_go_round_the_center_at_their_radius(plane):
    path = circle(plane, CENTER, 2.5, n=6)
    steps = path.z - CENTER
    np.testing.assert_allclose(np.linalg.norm(steps, axis=1), 2.5, rtol=1e-5)
    turned = np.rad2deg(np.arctan2(*(steps @ plane.basis).T[::-1])) % 360
    np.testing.assert_allclose(np.cos(np.deg2rad(turned - path.t)), 1, atol=1e-9)
    np.testing.assert_allclose(path.t, [0, 60, 120, 180, 240, 300])
    np.testing.assert_allclose(steps.mean(axis=0), 0, atol=1e-5)
    assert path.unit == "degrees"


@pytest.mark.parametrize("k", [1, 4, D])
def test_along_a_principal_axis_only_its_whitened_coordinate_changes(k):
    path = along_axis(AXES, k)
    expected = np.zeros((7, D))
    expected[:, k - 1] = [-3, -2, -1, 0, 1, 2, 3]
    np.testing.assert_allclose(AXES.whiten(path.z), expected, atol=1e-5)
    np.testing.assert_allclose(path.t, expected[:, k - 1])
    assert path.unit == "sd"
    assert len(along_axis(FEW, 5)) == 7


FEW = PrincipalAxes.fit(CLOUD[:6])  # six points vary along five axes
BAD = np.full(D, np.nan)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: in_plane(FLAT, CENTER, length=0), "length must be a finite number above 0"),
        (lambda: in_plane(FLAT, CENTER, length=1, angle=None), "angle must be a finite number"),
        (lambda: in_plane(FLAT, CENTER[:5], length=2), "center must be a row of 12"),
        (lambda: circle(FLAT, CENTER, 0), "radius must be a finite number above 0"),
        (lambda: circle(FLAT, BAD, 1), "center must be a row of 12"),
        (lambda: along_axis(AXES, 1, reach=0), "reach must be a finite number above 0"),
        (lambda: along_axis(FEW, 0), "k must be a whole number from 1 to 5; got 0"),
        (lambda: along_axis(FEW, 6), "k must be a whole number from 1 to 5; got 6"),
        (
            lambda: between(FLAT, CENTER, [1, 2], [1, 2]),
            "distance of start and end must be .* above 0",
        ),
        (lambda: between(FLAT, CENTER, [0, 0], [1, np.nan]), "end must be a row of 2"),
        (lambda: between(FLAT, CENTER, [0], [1, 2]), "start must be a row of 2"),
        (lambda: between(FLAT, CENTER[None], [0, 0], [1, 1]), "center must be a row of 12"),
        (lambda: linear(BAD, CENTER), "a must be a row of d finite"),
        (lambda: linear(CENTER, CENTER[:5]), "b must be a row of 12"),
        (lambda: origin_to_center(BAD), "center must be a row of d finite"),
    ],
)
def test_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()
