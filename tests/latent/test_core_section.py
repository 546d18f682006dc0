import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize

from aelatent.latent import Plane, PrincipalAxes, core_section, reach

D = 8
RNG = np.random.default_rng(2)
MIXING = np.linalg.qr(RNG.normal(size=(D, D)))[0] * np.geomspace(4, 0.3, D)[:, None]
CLOUD = (RNG.normal(size=(500, D)) @ MIXING + np.linspace(-9, 9, D)).astype(np.float32)
AXES = PrincipalAxes.fit(CLOUD)
FLAT = PrincipalAxes.fit(np.hstack([CLOUD[:, :3], np.full((500, 1), 2.5)]))  # varies along three
PLANES = {"components": Plane.components(D, 6, 1), "principal": Plane.principal(AXES, 1, 7)}
each_plane = pytest.mark.parametrize("plane", PLANES.values(), ids=PLANES)
rows = st.integers(0, len(CLOUD) - 1)


@given(rows, rows, st.floats(1, 400))
def test_lines_meet_the_surface_where_a_search_finds_it(first, second, d2):
    at, direction = CLOUD[first], CLOUD[second] - AXES.mean
    found = reach(AXES, at, direction, d2)

    def excess(t):
        return AXES.d2((at + t * direction)[None])[0] - d2

    middle = minimize(lambda t: excess(t[0]), 0.0).x[0]
    if excess(middle) > 1e-3:
        assert np.isnan(found).all()
    elif excess(middle) < -1e-3:
        expected = [brentq(excess, middle, middle + side * 1e3) for side in (-1, 1)]
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


def test_from_the_center_a_principal_axis_reaches_as_far_as_it_is_wide():
    for k in (0, 5):
        found = reach(AXES, AXES.mean, AXES.axes[k], 9)
        np.testing.assert_allclose(found, [-3 * AXES.sd[k], 3 * AXES.sd[k]])


@pytest.mark.parametrize("direction", [[0, 0, 0, 1], [0, 0, 0, 0]])
def test_a_line_needs_a_direction_along_which_points_vary(direction):
    with pytest.raises(ValueError, match="direction along which z-points vary"):
        reach(FLAT, FLAT.mean, direction, 9)


def test_rounding_is_no_variation():
    z = CLOUD.astype(float)
    z[:, 7] = z[:, 2] / 3 - 0.7 * z[:, 4]  # no z-point off this oblique plane
    oblique = PrincipalAxes.fit(z)
    across = np.array([0, 0, -1 / 3, 0, 0.7, 0, 0, 1])
    with pytest.raises(ValueError, match="direction along which z-points vary"):
        reach(oblique, oblique.mean, across, 9)
    across /= np.linalg.norm(across)
    plane = Plane("oblique", ("", ""), np.zeros(D), np.stack([across, np.eye(D)[0]], axis=1))
    with pytest.raises(ValueError, match="some direction in the plane oblique"):
        core_section(oblique, plane, oblique.mean, 9)


@pytest.mark.parametrize("d2", [0, -1, np.nan, np.inf, "9"])
def test_d2_is_above_zero(d2):
    for call in (
        lambda: reach(AXES, AXES.mean, AXES.axes[0], d2),
        lambda: core_section(AXES, PLANES["components"], AXES.mean, d2),
    ):
        with pytest.raises(ValueError, match="d2 must be a finite number above 0; got"):
            call()


@each_plane
@given(row=rows, share=st.floats(0.01, 3))
def test_every_point_of_the_outline_has_its_d2(plane, row, share):
    at = CLOUD[row]
    d2 = share * AXES.d2(at[None])[0]
    outline = core_section(AXES, plane, at, d2, points=37)
    least = minimize(lambda step: AXES.d2((at + plane.basis @ step)[None])[0], [0, 0]).fun
    if len(outline) == 0:
        assert d2 < least * 1.01
        return
    assert d2 > least * 0.99
    assert outline.shape == (37, 2)
    np.testing.assert_array_equal(outline[0], outline[-1])
    np.testing.assert_allclose(AXES.d2(plane.lift(outline, at)), d2, rtol=1e-2)


def test_the_outline_and_a_line_in_the_plane_agree():
    plane, at = PLANES["components"], CLOUD[9]
    outline = core_section(AXES, plane, at, 30, points=3601)
    for side in (0, 1):
        ends = reach(AXES, at, plane.basis[:, side], 30)
        for t in ends:
            where = plane.project(at[None])[0]
            where[side] += t
            assert np.linalg.norm(outline - where, axis=1).min() < 0.02


def test_through_the_center_a_principal_section_is_an_ellipse_of_known_radii():
    outline = core_section(AXES, PLANES["principal"], AXES.mean, 16)
    expected = 4 * AXES.sd[[0, 6]]
    np.testing.assert_allclose(outline.max(axis=0), expected, rtol=1e-3)
    np.testing.assert_allclose(np.sum((outline / expected) ** 2, axis=1), 1)
    assert outline.shape == (181, 2)


def test_far_from_the_core_there_is_no_section():
    far = AXES.mean + 9 * AXES.sd[1] * AXES.axes[1]  # at right angles to the plane
    assert core_section(AXES, PLANES["principal"], far, 80).shape == (0, 2)
    assert core_section(AXES, PLANES["principal"], far, 82).shape == (181, 2)


def test_sections_need_a_plane_in_which_the_core_ends():
    for plane in (Plane.components(4, 0, 3), Plane.components(4, 3, 1)):
        with pytest.raises(ValueError, match=f"some direction in the plane {plane.name}: there"):
            core_section(FLAT, plane, FLAT.mean, 9)
    line = PrincipalAxes.fit([[0, 0], [1, 2], [3, 6]])
    with pytest.raises(ValueError, match="z-points do not vary along some direction"):
        core_section(line, Plane.components(2, 0, 1), [0, 0], 9)
    with pytest.raises(ValueError, match=r"shape \(n, 4\)"):
        core_section(AXES, Plane.components(4, 0, 3), AXES.mean, 9)
    with pytest.raises(ValueError, match="points must be a whole number, at least 4; got 3"):
        core_section(AXES, PLANES["principal"], AXES.mean, 9, points=3)
