import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aelatent import _checks
from aelatent.latent import PrincipalAxes, describe_components, dominant_components
from aelatent.latent.planes import Plane, path_planes, seed_planes

D = 40
SD = np.linspace(3, 0.5, D)
CLOUD = np.random.default_rng(0).normal(np.linspace(-4, 4, D), SD, size=(500, D))
AXES = PrincipalAxes.fit(CLOUD)
PLANES = {
    "components": Plane.components(D, 3, 0),
    "principal": Plane.principal(AXES, 2, 18),
}
each = pytest.mark.parametrize("plane", PLANES.values(), ids=PLANES)


def test_components_are_columns():
    plane = Plane.components(D, 3, 0)
    np.testing.assert_allclose(plane.project(CLOUD), CLOUD[:, [3, 0]])
    assert plane.name == "components 3, 0"
    assert plane.labels == ("component 3", "component 0")


def test_principal_planes_are_columns_of_the_coordinates():
    plane = Plane.principal(AXES, 2, 18)
    np.testing.assert_allclose(plane.project(CLOUD), AXES.forward(CLOUD)[:, [1, 17]], atol=1e-9)
    np.testing.assert_allclose(plane.project(AXES.mean[None]), [[0, 0]], atol=1e-12)
    assert plane.name == "PC 2, PC 18"
    assert plane.labels == ("PC 2", "PC 18")


@each
def test_axes_are_orthogonal_and_of_unit_length(plane):
    np.testing.assert_allclose(plane.basis.T @ plane.basis, np.eye(2), atol=1e-12)


@each
@given(data=st.data())
def test_lifted_vectors_lie_where_they_should_and_differ_in_the_plane_only(plane, data):
    number = st.floats(-50, 50, width=32)
    where = np.array(data.draw(st.lists(st.tuples(number, number), min_size=1, max_size=5)))
    at = CLOUD[data.draw(st.integers(0, len(CLOUD) - 1))]
    lifted = plane.lift(where, at)
    assert lifted.dtype == np.float32
    assert lifted.shape == (len(where), D)
    np.testing.assert_allclose(plane.project(lifted), where, atol=1e-4)
    steps = lifted - at
    np.testing.assert_allclose(steps, steps @ plane.basis @ plane.basis.T, atol=1e-4)


@each
def test_lifting_a_projection_gives_the_point_back(plane):
    back = [plane.lift(plane.project(row[None]), row)[0] for row in CLOUD[:20]]
    np.testing.assert_allclose(back, CLOUD[:20], atol=1e-5)


@each
def test_chunks_and_files_project_as_the_whole(plane, monkeypatch, tmp_path):
    whole = plane.project(CLOUD.astype(np.float32))
    np.save(tmp_path / "z.npy", CLOUD.astype(np.float32))
    monkeypatch.setattr(_checks, "CHUNK", 64)
    chunked = plane.project(np.load(tmp_path / "z.npy", mmap_mode="r"))
    assert chunked.dtype == np.float64
    np.testing.assert_allclose(chunked, whole, atol=1e-9)


@each
@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (CLOUD[0], r"shape \(n, 40\).*got shape \(40,\)"),
        (CLOUD[:, :5], r"got shape \(500, 5\)"),
        (np.full((2, D), np.nan), "got nan in row 0"),
        (CLOUD.astype(str), "array of <U"),
    ],
)
def test_what_is_no_cloud_of_the_space_is_not_projected(plane, bad, message):
    with pytest.raises(ValueError, match=message):
        plane.project(bad)


@each
def test_lift_refuses_what_is_no_place_or_no_latent_vector(plane):
    with pytest.raises(ValueError, match=r"shape \(n, 2\)"):
        plane.lift([[1, 2, 3]], AXES.mean)
    with pytest.raises(ValueError, match=r"shape \(n, 40\)"):
        plane.lift([[1, 2]], AXES.mean[:5])


@pytest.mark.parametrize("pair", [(0, 0), (-1, 2), (0, D), (1.0, 2), (True, 2), ("0", 1)])
def test_two_different_components_are_needed(pair):
    with pytest.raises(ValueError, match=r"two different components of 0 to 39; got"):
        Plane.components(D, *pair)


@pytest.mark.parametrize("pair", [(1, 1), (0, 1), (1, 6)])
def test_two_different_axes_along_which_points_vary_are_needed(pair):
    few = PrincipalAxes.fit(CLOUD[:6])  # six points vary along five axes
    with pytest.raises(ValueError, match=r"two different principal axes of 1 to 5; got"):
        Plane.principal(few, *pair)


def test_seed_planes_are_chosen_by_role():
    planes = seed_planes(AXES, describe_components(CLOUD))
    assert [plane.name for plane in planes.values()][:3] == [
        "PC 1, PC 2", "PC 1, PC 18", "PC 8, PC 35",
    ]  # fmt: skip
    last = planes["two broad, off-center components"]
    described = pd.DataFrame({"median": CLOUD.mean(axis=0), "fwhm": 2.355 * CLOUD.std(axis=0)})
    product = (described["median"].abs() * described["fwhm"]).to_numpy()
    chosen = set(np.flatnonzero(last.basis.any(axis=1)))
    assert chosen == set(np.argsort(product)[-2:])


def test_seed_planes_need_as_many_axes_as_they_name():
    small = CLOUD[:, :20]
    planes = seed_planes(PrincipalAxes.fit(small), describe_components(small))
    assert [plane.name for plane in planes.values()][:2] == ["PC 1, PC 2", "PC 1, PC 18"]
    assert len(planes) == 3
    assert all(plane.project(small).shape == (500, 2) for plane in planes.values())


def test_path_planes_are_one_of_two_broad_components_and_nine_of_ordinary_ones():
    described = describe_components(CLOUD)
    planes = path_planes(described, seed=3)
    first, *others = planes
    assert first == "two broad, off-center components"
    broad = seed_planes(AXES, described)[first]
    np.testing.assert_array_equal(planes[first].basis, broad.basis)
    assert others == [f"ordinary pair {k}" for k in range(1, len(others) + 1)]
    pairs = [np.flatnonzero(planes[name].basis.any(axis=1)) for name in others]
    used = np.concatenate(pairs)
    special = {*dominant_components(described).index, *np.flatnonzero(broad.basis.any(axis=1))}
    assert len(np.unique(used)) == len(used) == min(18, (D - len(special)) // 2 * 2)
    assert special.isdisjoint(used)
    again = path_planes(described, seed=3)
    assert [p.name for p in again.values()] == [p.name for p in planes.values()]
    other = path_planes(described, seed=4)
    assert [p.name for p in other.values()] != [p.name for p in planes.values()]


def test_path_planes_leave_out_components_that_do_not_vary():
    small = np.random.default_rng(0).normal(size=(500, 6)) * [1, 1, 1, 0, 1, 1]
    planes = path_planes(describe_components(small))
    assert all("3" not in plane.name for plane in planes.values())
    assert len(planes) == 2  # of five that vary two are the broadest, two make a pair
