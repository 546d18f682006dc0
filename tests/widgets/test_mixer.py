import ipywidgets
import numpy as np
import pytest

from aelatent.latent import PrincipalAxes
from aelatent.widgets import FaceMixer

from .stand_ins import LinearRun, face, messages, parts, press


@pytest.fixture
def run():
    return LinearRun()


def sliders(mixer):
    return parts(mixer, ipywidgets.FloatSlider)


def test_starts_at_the_mean_z_point(run):
    mixer = FaceMixer(run)
    assert [s.description for s in sliders(mixer)] == [f"PC {i}" for i in range(1, 9)]
    assert [s.value for s in sliders(mixer)] == [0] * 8
    np.testing.assert_allclose(mixer.z, run.z.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(mixer.image, run.decode(mixer.z[None])[0])
    assert mixer.z.dtype == np.float32
    assert face(mixer).shape == (8, 8, 3)


def test_slider_moves_along_its_axis_by_standard_deviations(run):
    mixer = FaceMixer(run)
    before = face(mixer)
    sliders(mixer)[2].value = 1.5
    principal = PrincipalAxes.fit(run.z)
    expected = principal.mean + 1.5 * principal.sd[2] * principal.axes[2]
    np.testing.assert_allclose(mixer.z, expected, rtol=1e-5)
    np.testing.assert_allclose(run.seen[-1], mixer.z[None])
    assert mixer.coordinates[2] == 1.5
    assert (face(mixer) != before).any()


def test_each_move_decodes_one_vector_once(run):
    mixer = FaceMixer(run)
    moves = [
        lambda: setattr(sliders(mixer)[0], "value", -2.0),
        lambda: press(mixer, "Random face"),
        lambda: press(mixer, "Center"),
        lambda: setattr(mixer, "coordinates", np.linspace(-5, 5, 12)),
        lambda: setattr(mixer, "coordinates", np.zeros(12)),
    ]
    for move in moves:
        run.seen.clear()
        move()
        assert [z.shape for z in run.seen] == [(1, 12)]
        assert [s.value for s in sliders(mixer)] == mixer.coordinates[:8].tolist()


def test_random_faces_follow_the_multivariate_normal_of_the_z_points(run):
    mixer = FaceMixer(run)
    drawn = []
    for _ in range(3000):
        mixer.random_face()
        drawn.append(mixer.z)
    drawn = np.array(drawn, dtype=float)
    white = mixer.principal.whiten(drawn)
    # 3,000 draws: standard error 0.018 of a mean, 0.026 of a variance
    assert np.abs(white.mean(axis=0)).max() < 0.1
    assert np.abs(np.cov(white.T) - np.eye(12)).max() < 0.15
    other = FaceMixer(run)
    other.random_face()
    np.testing.assert_array_equal(other.z, drawn[0].astype(np.float32))


def test_sliding_keeps_the_other_coordinates_of_a_random_face(run):
    mixer = FaceMixer(run)
    press(mixer, "Random face")
    before = mixer.coordinates
    sliders(mixer)[0].value = 0.5
    changed = mixer.coordinates
    assert changed[0] == 0.5
    np.testing.assert_array_equal(changed[1:], before[1:])
    assert np.abs(before[8:]).min() > 0


def test_slider_widens_for_a_far_coordinate_and_returns(run):
    mixer = FaceMixer(run)
    mixer.coordinates = [4.5, -3.25, *[0] * 10]
    reach = [slider.max for slider in sliders(mixer)[:3]]
    assert reach == pytest.approx([4.5, 3.3, 3])
    assert [slider.min for slider in sliders(mixer)[:3]] == [-r for r in reach]
    press(mixer, "Center")
    assert {(s.min, s.max, s.value) for s in sliders(mixer)} == {(-3, 3, 0)}


def test_snapping_of_a_slider_that_only_follows_is_no_move(run):
    # In the browser a slider has steps, and reports the nearest one back.
    mixer = FaceMixer(run)
    mixer.coordinates = np.linspace(-3.47, 3.47, 12)
    before = mixer.coordinates
    run.seen.clear()
    for slider in sliders(mixer):
        slider.value = round(slider.value, 1)
    assert not run.seen
    np.testing.assert_array_equal(mixer.coordinates, before)
    sliders(mixer)[0].value += 0.1  # the next key press is one
    assert len(run.seen) == 1
    assert mixer.coordinates[0] == sliders(mixer)[0].value


def test_coordinates_are_a_copy(run):
    mixer = FaceMixer(run)
    mixer.coordinates[0] = 2
    assert mixer.coordinates[0] == 0


def test_reading_compares_with_the_z_points_own_distances(run):
    mixer = FaceMixer(run)
    assert (PrincipalAxes.fit(run.z).d2(run.z) < mixer.border).mean() == pytest.approx(0.95)
    mixer.coordinates = [3, 1, *[0] * 10]
    rest = f": 95% of the 400 z-points lie below {mixer.border:.0f}."
    assert "D² = 10, inside" + rest in messages(mixer)
    mixer.coordinates = np.full(12, 2.0)
    assert "D² = 48, outside" + rest in messages(mixer)


@pytest.mark.parametrize("act", ["slide", "Random face", "Center"])
def test_error_of_a_callback_is_shown_and_goes_with_the_next_success(run, act, caplog):
    mixer = FaceMixer(run)
    good = face(mixer)
    run.problem = RuntimeError("the weights <are> gone")
    if act == "slide":
        sliders(mixer)[1].value = 1.0
    else:
        press(mixer, act)
    assert "RuntimeError: the weights &lt;are&gt; gone" in messages(mixer)
    np.testing.assert_array_equal(face(mixer), good)
    assert [s.value for s in sliders(mixer)] == mixer.coordinates[:8].tolist()
    for slider in sliders(mixer):  # as the browser snaps them: no success
        slider.value = round(slider.value, 1)
    assert "RuntimeError" in messages(mixer)
    run.problem = None
    sliders(mixer)[1].value = 0.6
    assert "RuntimeError" not in messages(mixer)
    assert "in a widget's callback" in caplog.text


def test_a_picture_that_is_not_finite_is_an_error_too(run, caplog):
    mixer = FaceMixer(run)
    run.weights[:] = np.nan
    press(mixer, "Center")
    assert "ValueError: expected a float picture in 0..1; got values from nan" in messages(mixer)


def test_fewer_axes_than_sliders():
    run = LinearRun(d=12, n=5)
    mixer = FaceMixer(run)
    assert len(sliders(mixer)) == 4
    press(mixer, "Random face")
    assert mixer.coordinates.shape == (4,)
    assert len(sliders(FaceMixer(LinearRun(d=3)))) == 3
    assert len(sliders(FaceMixer(LinearRun(), axes=2))) == 2


def test_known_axes_are_not_computed_again(run):
    principal = PrincipalAxes.fit(run.z)
    assert FaceMixer(run, principal=principal).principal is principal


@pytest.mark.parametrize("values", [np.zeros(8), np.full(12, np.nan), [[0.0] * 12]])
def test_bad_coordinates_are_refused_and_change_nothing(run, values):
    mixer = FaceMixer(run)
    run.seen.clear()
    with pytest.raises(ValueError, match="expected 12 finite coordinates; got shape"):
        mixer.coordinates = values
    assert not run.seen
    assert not mixer.coordinates.any()


def test_bad_arguments_are_refused(run):
    with pytest.raises(ValueError, match="axes must be at least 1; got 0"):
        FaceMixer(run, axes=0)
    run.z = run.z[:1]
    with pytest.raises(ValueError, match="at least 2 z-points"):
        FaceMixer(run)


def test_everything_dragged_or_pressed_explains_itself(run):
    mixer = FaceMixer(run)
    explained = PrincipalAxes.fit(run.z).explained
    assert f"{explained[0]:.1%} of the variance" in sliders(mixer)[0].tooltip
    assert all(s.continuous_update for s in sliders(mixer))
    assert all(b.tooltip for b in parts(mixer, ipywidgets.Button))
    assert not parts(mixer, ipywidgets.Output)
