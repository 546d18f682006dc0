import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import stats
from scipy.optimize import brentq, minimize

from aelatent.latent import Moments, Plane, PrincipalAxes, core_path, core_section, samplers
from aelatent.latent.core import core_border, halves, held_out_half, heldout_law, reach

RNG = np.random.default_rng(5)
Z = (RNG.normal(size=(3000, 20)) * np.geomspace(3, 0.3, 20)) @ np.linalg.qr(
    RNG.normal(size=(20, 20))
)[0]
Z = (Z + RNG.normal(0, 2, 20)).astype(np.float32)

D = 8
CLOUD = Z[:500, :D] * np.geomspace(4, 0.3, D) + np.linspace(-9, 9, D)
AXES = PrincipalAxes.fit(CLOUD)
FLAT = PrincipalAxes.fit(np.hstack([CLOUD[:, :3], np.full((500, 1), 2.5)]))  # varies along three
COMPONENTS, PRINCIPAL = Plane.components(D, 6, 1), Plane.principal(AXES, 1, 7)
rows = st.integers(0, len(CLOUD) - 1)


def test_law_has_the_moments_of_the_reference():
    law = heldout_law(4750, 256)
    assert law.std() == pytest.approx(24.6, abs=0.05)
    # the mean follows from E[S⁻¹] = (m - 1) / (m - d - 2) of the inverse of a Wishart matrix
    assert law.mean() == pytest.approx((1 + 1 / 4750) * 256 * 4749 / (4750 - 258), rel=1e-9)


def test_law_is_that_of_simulated_points():
    # One new point per fit, so that the D² are independent and a test may judge them.
    rng = np.random.default_rng(8)
    cloud = rng.normal(size=(2000, 16, 5)) @ rng.normal(size=(5, 5)) + 7
    fitted, new = cloud[:, :15], cloud[:, 15]
    d2 = [PrincipalAxes.fit(f).d2(x[None])[0] for f, x in zip(fitted, new, strict=True)]
    assert stats.kstest(d2, heldout_law(15, 5).cdf).pvalue > 0.01
    assert stats.kstest(d2, stats.chi2(5).cdf).pvalue < 1e-10


@pytest.mark.parametrize("n", [2, 7, 200])
def test_halves_are_disjoint_ascending_and_belong_to_their_seed(n):
    first, second = halves(n, 4)
    assert (len(first), len(second)) == (n // 2, n - n // 2)
    np.testing.assert_array_equal(np.sort(np.concatenate([first, second])), np.arange(n))
    assert (np.diff(first) > 0).all()
    assert (np.diff(second) > 0).all()
    np.testing.assert_array_equal(halves(n, 4)[0], first)
    assert n == 2 or not np.array_equal(halves(n, 5)[0], first)


def test_core_holds_its_level_of_new_points():
    core = core_border(Z, seed=1)
    assert (len(core.d2), core.level) == (1500, 0.95)
    assert core.border == np.quantile(core.d2, 0.95)
    assert core.law.mean() == heldout_law(1500, 20).mean()
    fresh = samplers.multivariate_normal(Z, 20_000, seed=7)
    assert core.holds(fresh).mean() == pytest.approx(0.95, abs=0.02)
    np.testing.assert_array_equal(core.axes.d2(Z[core.rows]), core.d2)
    np.testing.assert_array_equal(core.axes.mean, Moments.of(np.delete(Z, core.rows, axis=0)).mean)
    assert core_border(Z, seed=2).border != core.border
    half = core_border(Z, 1, level=0.5)
    assert half.border == np.median(core.d2)
    np.testing.assert_array_equal(half.holds(Z[core.rows]), core.d2 <= half.border)


def test_of_an_odd_number_the_report_measures_the_larger_half_and_the_core_fits_it():
    flat = Z[:201].copy()
    flat[:, 3] = 0.5
    core, measured = core_border(flat), held_out_half(flat, 0)
    assert (core.axes.n, len(core.d2), core.axes.rank) == (101, 100, 19)
    assert (measured.axes.n, len(measured.d2), measured.axes.rank) == (100, 101, 19)
    assert not np.isin(core.rows, measured.rows).any()


def test_the_smallest_clouds_that_have_a_law_and_a_core_are_taken():
    assert heldout_law(6, 5).mean() > 0
    assert held_out_half(Z[:32, :11], 0).axes.rank == 11
    assert held_out_half(Z[:12, :1], 0).axes.rank == 1
    assert core_border(Z[:41]).axes.rank == 20


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


@pytest.mark.parametrize("plane", [COMPONENTS, PRINCIPAL], ids=lambda plane: plane.name)
@given(row=rows, angle=st.floats(-360, 360), more=st.floats(1.1, 9))
def test_a_path_ends_at_the_outline_and_stays_in_its_plane(plane, row, angle, more):
    at = CLOUD[row].astype(float)
    d2 = more * AXES.d2(at[None])[0]
    path = core_path(AXES, plane, at, d2, angle=angle, n=5)
    np.testing.assert_allclose(AXES.d2(path.z[[0, -1]]), d2, rtol=1e-2)
    along = plane.basis @ [np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))]
    way = path.z[-1] - path.z[0]
    np.testing.assert_allclose(way, path.made["length"] * along, atol=1e-3)
    np.testing.assert_allclose(path.z[2], at + path.made["shift"] * along, atol=1e-3)


@pytest.mark.parametrize("plane", [COMPONENTS, PRINCIPAL], ids=lambda plane: plane.name)
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


def test_through_the_center_a_principal_section_is_an_ellipse_of_known_radii():
    outline = core_section(AXES, PRINCIPAL, AXES.mean, 16)
    expected = 4 * AXES.sd[[0, 6]]
    np.testing.assert_allclose(outline.max(axis=0), expected, rtol=1e-3)
    np.testing.assert_allclose(np.sum((outline / expected) ** 2, axis=1), 1)
    assert outline.shape == (181, 2)
    far = AXES.mean + 9 * AXES.sd[1] * AXES.axes[1]  # at right angles to the plane
    assert core_section(AXES, PRINCIPAL, far, 80).shape == (0, 2)
    assert core_section(AXES, PRINCIPAL, far, 82).shape == (181, 2)


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


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: heldout_law(5, 5), "m must be .* at least 6; got 5"),
        (lambda: heldout_law(3, 0), "d must be .* at least 1; got 0"),
        (lambda: held_out_half(np.ones((1, 3)), 0), "at least 12 z-points; got 1"),
        (lambda: held_out_half(np.eye(11), 0), "at least 12 z-points; got 11"),
        (lambda: held_out_half(Z[:30].repeat(2, axis=1), 0), "at least 38 z-points; got 30"),
        (lambda: held_out_half(Z[:30, :11], 0), "at least 32 z-points; got 30"),
        (lambda: held_out_half(np.full((40, 3), 2.5), 0), "all 20 z-points are the same"),
        (lambda: reach(FLAT, FLAT.mean[:2], FLAT.axes[0], 9), "at must be a row of 4"),
        *(
            (lambda to=to: reach(FLAT, FLAT.mean, to, 9), "along which z-points vary")
            for to in ([0, 0, 0, 1], [0, 0, 0, 0])
        ),
        (
            lambda: core_path(AXES, COMPONENTS, AXES.mean + 9 * AXES.sd[0] * AXES.axes[0], 80),
            "at must lie inside of D² 80, where the path ends; got 81",
        ),
        *(
            (lambda to=to: core_section(FLAT, Plane.components(4, *to), FLAT.mean, 9), "some dir")
            for to in ([0, 3], [3, 1])
        ),
        (
            lambda: core_section(
                PrincipalAxes.fit([[0, 0], [1, 2], [3, 6]]), Plane.components(2, 0, 1), [0, 0], 9
            ),
            "some direction",
        ),
        (lambda: core_section(AXES, Plane.components(4, 0, 3), AXES.mean, 9), r"\(n, 4\)"),
    ],
)
def test_what_has_no_law_core_or_section_is_refused(call, match):
    with pytest.raises(ValueError, match=match):
        call()
