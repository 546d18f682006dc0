import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
PLANES = {"components": Plane.components(D, 5, 2), "principal": Plane.principal(AXES, 2, 9)}
each_plane = pytest.mark.parametrize("plane", PLANES.values(), ids=PLANES)
FLAT = PLANES["components"]

PATHS = {
    "linear": lambda n: linear(CLOUD[0], CLOUD[1], n),
    "origin to center": lambda n: origin_to_center(CENTER, n),
    "in plane": lambda n: in_plane(PLANES["principal"], CENTER, angle=20, length=3, n=n),
    "between": lambda n: between(PLANES["principal"], CENTER, [0, 1], [2, 3], n),
    "circle": lambda n: circle(PLANES["principal"], CENTER, 2, n),
    "along axis": lambda n: along_axis(AXES, 3, n=n),
}
each = pytest.mark.parametrize("kind", PATHS)

far = st.floats(-50, 50)
angles = st.floats(-180, 180, exclude_min=True)
lengths = st.floats(0.01, 100)


@each
@pytest.mark.parametrize("n", [2, 5])
def test_paths_say_what_they_are(kind, n):
    path = PATHS[kind](n)
    assert path.kind == kind
    assert len(path) == n == path.made.get("n", n)
    assert path.z.shape == (n, D)
    assert path.z.dtype == np.float32
    assert path.t.shape == (n,)
    assert path.t.dtype == np.float64
    assert (np.diff(path.t) > 0).all()
    assert json.loads(json.dumps(path.made)) == path.made


def test_paths_have_a_usual_number_of_points():
    found = (
        linear(CENTER, CLOUD[0]),
        origin_to_center(CENTER),
        in_plane(FLAT, CENTER, length=1),
        between(FLAT, CENTER, [0, 1], [2, 3]),
        circle(FLAT, CENTER, 1),
        along_axis(AXES, 1),
    )
    assert [len(path) for path in found] == [8, 6, 6, 6, 8, 7]
    assert found[2].made == {"plane": FLAT.name, "length": 1, "n": 6} | dict.fromkeys(
        ("angle", "offset", "shift"), 0
    )


@each
@pytest.mark.parametrize("n", [1, 2.0, True])
def test_a_path_has_at_least_two_points(kind, n):
    with pytest.raises(ValueError, match="n must be a whole number, at least 2; got"):
        PATHS[kind](n)


@given(st.integers(0, 399), st.integers(0, 399), st.integers(2, 9))
def test_straight_paths_are_even_and_reach_their_ends_exactly(first, second, n):
    a, b = CLOUD[[first, second]].astype(np.float32)
    path = linear(a, b, n)
    np.testing.assert_array_equal(path.z[[0, -1]], [a, b])
    steps = np.diff(path.z, axis=0)
    np.testing.assert_allclose(steps, np.tile((b - a) / (n - 1), (n - 1, 1)), atol=1e-5)
    np.testing.assert_allclose(path.t, np.arange(n) / (n - 1))
    assert path.unit == "share"


def test_the_origin_leads_to_the_center():
    path = origin_to_center(CENTER)
    assert len(path) == 6
    np.testing.assert_allclose(path.z, np.outer(np.linspace(0, 1, 6), CENTER), rtol=1e-6)


@each_plane
@given(angle=angles, length=lengths, offset=far, shift=far)
def test_a_line_is_the_same_by_its_ends_and_by_its_placement(plane, angle, length, offset, shift):
    placed = {"angle": angle, "length": length, "offset": offset, "shift": shift}
    by_placement = in_plane(plane, CENTER, n=5, **placed)
    turned = np.deg2rad(angle)
    along, left = [np.cos(turned), np.sin(turned)], [-np.sin(turned), np.cos(turned)]
    middle = plane.project(CENTER[None])[0] + shift * np.array(along) + offset * np.array(left)
    start, end = middle - np.outer([length / 2, -length / 2], along)
    by_ends = between(plane, CENTER, start, end, n=5)
    np.testing.assert_allclose(by_ends.z, by_placement.z, atol=1e-4)
    np.testing.assert_allclose(by_ends.t, by_placement.t, atol=1e-9)
    assert by_ends.unit == by_placement.unit == "units of z"
    ends = {"start": start.tolist(), "end": end.tolist()}
    assert by_ends.made == {"plane": plane.name, "n": 5, **ends}
    assert by_placement.made == {"plane": plane.name, "n": 5, **placed}


@each_plane
@given(angle=angles, length=lengths, offset=far, shift=far)
def test_lines_in_a_plane_leave_all_else_at_the_center(plane, angle, length, offset, shift):
    placed = {"angle": angle, "length": length, "offset": offset, "shift": shift}
    path = in_plane(plane, CENTER, n=3, **placed)
    steps = path.z - CENTER
    np.testing.assert_allclose(steps, steps @ plane.basis @ plane.basis.T, atol=1e-4)
    found = plane.project(path.z) - plane.project(CENTER[None])
    across = np.deg2rad(angle + 90)
    # The line passes the center at the distance that was asked for.
    np.testing.assert_allclose(found @ [np.cos(across), np.sin(across)], offset, atol=1e-4)
    assert np.hypot(*found[1]) == pytest.approx(np.hypot(offset, shift), abs=1e-4)
    np.testing.assert_allclose(path.t, [-length / 2, 0, length / 2])
    assert np.linalg.norm(path.z[2] - path.z[0]) == pytest.approx(length, abs=1e-4)


def test_without_offset_the_middle_is_the_center():
    path = in_plane(FLAT, CENTER, angle=33, length=8, n=7)
    np.testing.assert_allclose(path.z[3], CENTER, rtol=1e-6)


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


@pytest.mark.parametrize("k", [0, 6, 1.0, "PC 1"])
def test_axes_are_those_along_which_points_vary(k):
    few = PrincipalAxes.fit(CLOUD[:6])  # six points vary along five axes
    assert len(along_axis(few, 5)) == 7
    with pytest.raises(ValueError, match="k must be a whole number from 1 to 5; got"):
        along_axis(few, k)


@each_plane
@pytest.mark.parametrize(
    "bad", [CENTER[:5], CENTER[None], np.full(D, np.nan), CENTER.astype(str), 3.0, None]
)
def test_what_is_no_latent_vector_is_no_center(plane, bad):
    for call in (
        lambda: in_plane(plane, bad, length=2),
        lambda: between(plane, bad, [0, 0], [1, 1]),
        lambda: circle(plane, bad, 1),
    ):
        with pytest.raises(ValueError, match="center must be a row of 12 finite real numbers"):
            call()


@pytest.mark.parametrize("bad", [CENTER[None], np.full(D, np.inf), CENTER[:0], None])
def test_what_is_no_latent_vector_is_no_end(bad):
    for call in (lambda: linear(bad, CENTER), lambda: linear(CENTER, bad)):
        with pytest.raises(ValueError, match=r"[ab] must be a row of (d|12) finite"):
            call()
    with pytest.raises(ValueError, match="center must be a row of d finite"):
        origin_to_center(bad)
    with pytest.raises(ValueError, match="b must be a row of 12 finite"):
        linear(CENTER, CENTER[:5])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: in_plane(FLAT, CENTER, length=0), "length must be a finite number above 0"),
        (lambda: in_plane(FLAT, CENTER, length=1, angle=None), "angle must be a finite number"),
        (lambda: circle(FLAT, CENTER, 0), "radius must be a finite number above 0"),
        (lambda: along_axis(AXES, 1, reach=0), "reach must be a finite number above 0"),
        (lambda: between(FLAT, CENTER, [1, 2], [1, 2]), r"different ends .* got \[1.0, 2.0\]"),
        (lambda: between(FLAT, CENTER, [0, 0], [1, np.nan]), "end must be a row of 2 finite"),
        (lambda: between(FLAT, CENTER, [0], [1, 2]), "start must be a row of 2 finite"),
    ],
)
def test_paths_are_placed_by_finite_numbers_and_sizes_above_zero(call, message):
    with pytest.raises(ValueError, match=message):
        call()
