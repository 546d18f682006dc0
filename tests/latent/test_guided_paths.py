import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize
from sklearn.linear_model import LinearRegression

from aelatent.latent import Plane, PrincipalAxes
from aelatent.latent.core import core_section, reach
from aelatent.latent.guided_paths import along_ellipse, whitened_slerp

D = 8
RNG = np.random.default_rng(2)
MIXING = np.linalg.qr(RNG.normal(size=(D, D)))[0] * np.geomspace(4, 0.3, D)[:, None]
CLOUD = (RNG.normal(size=(500, D)) @ MIXING + np.linspace(-9, 9, D)).astype(np.float32)
AXES = PrincipalAxes.fit(CLOUD)
FLAT = PrincipalAxes.fit(np.hstack([CLOUD[:, :3], np.full((500, 1), 2.5)]))  # varies along three
PLANES = {"components": Plane.components(D, 6, 1), "principal": Plane.principal(AXES, 1, 7)}
each_plane = pytest.mark.parametrize("plane", PLANES.values(), ids=PLANES)
rows = st.integers(0, len(CLOUD) - 1)


def assert_path(path, kind, n, d=D):
    assert path.kind == kind
    assert len(path) == n == path.made["n"]
    assert path.z.shape == (n, d)
    assert path.z.dtype == np.float32
    assert path.t.dtype == np.float64
    assert json.loads(json.dumps(path.made)) == path.made


@pytest.mark.parametrize("others", ["center", "conditional"])
@pytest.mark.parametrize("axis", ["major", "minor"])
def test_along_the_axes_of_an_ellipse(axis, others):
    path = along_ellipse(CLOUD, 6, 1, axis=axis, others=others, reach=2, n=5)
    assert_path(path, "along ellipse", 5)
    np.testing.assert_allclose(path.t, [-2, -1, 0, 1, 2])
    assert path.unit == "sd"
    pair = CLOUD[:, [6, 1]].astype(float)
    variance, columns = np.linalg.eigh(np.cov(pair.T))
    which = 1 if axis == "major" else 0
    steps = path.z[:, [6, 1]] - pair.mean(axis=0)
    across = columns[:, 1 - which]
    np.testing.assert_allclose(steps @ across, 0, atol=1e-5)
    far = np.abs(steps @ columns[:, which])
    np.testing.assert_allclose(far, np.sqrt(variance[which]) * np.abs(path.t), atol=1e-5)
    # Two components alone: D² is t².
    np.testing.assert_allclose(PrincipalAxes.fit(pair).d2(path.z[:, [6, 1]]), path.t**2, atol=1e-4)


def test_at_the_center_the_others_stay_and_pay_for_it():
    path = along_ellipse(CLOUD, 6, 1, others="center")
    others = np.delete(np.arange(D), [6, 1])
    np.testing.assert_allclose(path.z[:, others], np.tile(AXES.mean[others], (7, 1)), rtol=1e-5)
    assert (AXES.d2(path.z[[0, -1]]) > 1.5 * path.t[[0, -1]] ** 2).all()


def test_conditional_means_are_those_of_a_regression_and_have_the_least_d2():
    path = along_ellipse(CLOUD, 6, 1, axis="minor", others="conditional", reach=3)
    others = np.delete(np.arange(D), [6, 1])
    z = CLOUD.astype(float)
    read = LinearRegression().fit(z[:, [6, 1]], z[:, others]).predict(path.z[:, [6, 1]])
    np.testing.assert_allclose(path.z[:, others], read, atol=1e-4)
    np.testing.assert_allclose(AXES.d2(path.z), path.t**2, rtol=1e-4, atol=1e-9)

    def d2(rest):
        z = path.z[0].astype(float)
        z[others] = rest
        return AXES.d2(z[None])[0]

    assert minimize(d2, AXES.mean[others]).fun == pytest.approx(9, rel=1e-3)


def test_along_ellipse_reads_files(tmp_path):
    np.save(tmp_path / "z.npy", CLOUD)
    mapped = np.load(tmp_path / "z.npy", mmap_mode="r")
    found = [along_ellipse(z, 0, 3, others="conditional").z for z in (CLOUD, mapped)]
    np.testing.assert_array_equal(*found)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"axis": "long"}, "axis must be 'major' or 'minor'; got 'long'"),
        ({"others": "mean"}, "others must be 'center' or 'conditional'; got 'mean'"),
        ({"reach": 0}, "reach must be a finite number above 0; got 0"),
        ({"n": 1}, "n must be a whole number, at least 2; got 1"),
        ({"i": 1.0}, "i must be a whole number, at least 0; got 1.0"),
        ({"j": -1}, "j must be a whole number, at least 0; got -1"),
        ({"j": 0}, "two different components from 0 to 7"),
        ({"j": 8}, "two different components from 0 to 7"),
        ({"z": CLOUD[0]}, r"got shape \(8,\)"),
        ({"z": CLOUD[:1]}, "at least 2 z-points; got 1"),
        ({"z": CLOUD[:2]}, "ellipse is a line"),
        ({"z": np.where(CLOUD > 8, np.nan, CLOUD)}, "got nan in row"),
        ({"z": CLOUD * [1, 0, 1, 1, 1, 1, 1, 1]}, "component 0 or 1 does not vary"),
    ],
)
def test_along_ellipse_refuses(change, message):
    arguments = {"z": CLOUD, "i": 0, "j": 1} | change
    with pytest.raises(ValueError, match=message):
        along_ellipse(**arguments)


@given(rows, rows, st.integers(2, 9))
def test_slerp_turns_and_stretches_evenly_about_the_center(first, second, n):
    path = whitened_slerp(AXES, CLOUD[first], CLOUD[second], n)
    assert_path(path, "whitened slerp", n)
    np.testing.assert_array_equal(path.z[[0, -1]], CLOUD[[first, second]])
    y = AXES.whiten(path.z)
    radius = np.linalg.norm(y, axis=1)
    np.testing.assert_allclose(radius, np.linspace(radius[0], radius[-1], n), rtol=1e-4)
    direction = y / radius[:, None]
    turns = np.arccos(np.clip(np.sum(direction[1:] * direction[:-1], axis=1), -1, 1))
    np.testing.assert_allclose(turns, np.deg2rad(path.made["turn"]) / (n - 1), atol=3e-3)
    # All within the plane of both ends.
    np.testing.assert_allclose(np.linalg.svd(y)[1][2:], 0, atol=1e-3)


def test_slerp_agrees_with_the_textbook():
    a, b = CLOUD[3], CLOUD[4]
    (first, second), share = AXES.whiten(np.stack([a, b])), np.linspace(0, 1, 6)[:, None]
    lengths = np.linalg.norm([first, second], axis=1)
    turn = np.arccos(first @ second / lengths.prod())
    towards = np.sin((1 - share) * turn) * first / lengths[0]
    towards = (towards + np.sin(share * turn) * second / lengths[1]) / np.sin(turn)
    y = towards * ((1 - share) * lengths[0] + share * lengths[1])
    path = whitened_slerp(AXES, a, b, 6)
    np.testing.assert_allclose(path.z, AXES.unwhiten(y), atol=1e-5)
    assert path.made["turn"] == pytest.approx(np.rad2deg(turn))


def test_slerp_is_straight_where_nothing_turns():
    center = AXES.mean
    for a, b in (
        (CLOUD[0], CLOUD[0]),
        (CLOUD[0], center + 3 * (CLOUD[0] - center)),
        (CLOUD[0], center),
        (center.astype(np.float32), CLOUD[0]),
        (center, center),
    ):
        path = whitened_slerp(AXES, a, b, 5)
        share = np.linspace(0, 1, 5)[:, None]
        np.testing.assert_allclose(path.z, (1 - share) * a + share * b, atol=1e-5)
        assert path.made["turn"] == pytest.approx(0, abs=1e-3)


def test_along_axes_without_variance_slerp_is_straight():
    a, b = np.append(CLOUD[0, :3], 2.5), np.append(CLOUD[1, :3], 10.5)
    path = whitened_slerp(FLAT, a, b, 5)
    np.testing.assert_array_equal(path.z[[0, -1]], np.float32([a, b]))
    np.testing.assert_allclose(path.z[:, 3], [2.5, 4.5, 6.5, 8.5, 10.5], rtol=1e-6)
    alone = whitened_slerp(PrincipalAxes.fit(CLOUD[:, :3]), a[:3], b[:3], 5)
    np.testing.assert_allclose(path.z[:, :3], alone.z, atol=1e-5)


def test_slerp_refuses_opposite_ends():
    step = CLOUD[0] - AXES.mean
    for stretched in (1, 0.3):
        with pytest.raises(ValueError, match=r"not opposite; got directions 180.00 degrees apart"):
            whitened_slerp(AXES, AXES.mean + step, AXES.mean - stretched * step)


@pytest.mark.parametrize(
    "bad", [CLOUD[0, :3], CLOUD[:1], np.full(D, np.nan), np.array(["a"] * D), None]
)
def test_what_is_no_latent_vector_is_refused(bad):
    calls = (
        lambda: whitened_slerp(AXES, bad, CLOUD[0]),
        lambda: whitened_slerp(AXES, CLOUD[0], bad),
        lambda: reach(AXES, bad, CLOUD[0], 9),
        lambda: reach(AXES, CLOUD[0], bad, 9),
        lambda: core_section(AXES, PLANES["components"], bad, 9),
    )
    for call in calls:
        with pytest.raises(ValueError, match="must be a row of 8 finite real numbers; got"):
            call()


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
