import threading

import ipywidgets
import numpy as np
import pytest

from aelatent.latent import SAMPLERS, PrincipalAxes
from aelatent.widgets import FaceMixer
from aelatent.widgets.mixer import BATCH

from .stand_ins import LinearRun, callback_under_way, face, messages, parts, press


@pytest.fixture
def run():
    return LinearRun()


def sliders(mixer):
    return parts(mixer, ipywidgets.FloatSlider)


def test_starts_at_the_mean_z_point(run):
    mixer = FaceMixer(run)
    assert mixer.sampler == "multivariate normal"
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


def test_what_a_callback_and_a_cell_do_at_once_comes_one_after_the_other(run):
    mixer = FaceMixer(run)
    with callback_under_way(run, lambda: setattr(sliders(mixer)[0], "value", 2.0)) as decode:
        mixer.coordinates = np.linspace(1, 2, 12)
    np.testing.assert_allclose(mixer.coordinates, np.linspace(1, 2, 12))
    np.testing.assert_allclose(mixer.image, decode(mixer.z[None])[0])


def test_a_slider_moved_while_a_cell_is_at_work_does_not_bring_old_values_back(run):
    mixer, wanted = FaceMixer(run), np.linspace(1, 2, 12)
    cell = lambda: setattr(mixer, "coordinates", wanted)  # noqa: E731
    with callback_under_way(run, cell) as decode:
        sliders(mixer)[0].value = 2.5
    assert sliders(mixer)[0].value == mixer.coordinates[0] == 2.5
    np.testing.assert_allclose(mixer.coordinates[1:], wanted[1:])
    np.testing.assert_allclose(mixer.image, decode(mixer.z[None])[0])


def test_a_late_message_of_a_slider_moves_nothing(run):
    mixer, decode = FaceMixer(run), run.decode
    with mixer._lock:  # held by a cell that sets the coordinates after the reader's move
        late = threading.Thread(target=lambda: mixer._slide(0, {"new": 2.5}))
        late.start()
        mixer.coordinates = np.linspace(1, 2, 12)
    late.join()
    assert mixer.coordinates[0] == sliders(mixer)[0].value == 1.0
    np.testing.assert_allclose(mixer.image, decode(mixer.z[None])[0])


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
    assert all(b.tooltip for b in parts(mixer, (ipywidgets.Button, ipywidgets.Dropdown)))
    assert not parts(mixer, ipywidgets.Output)


class Counting:
    """A sampler that counts its calls and returns z-points, shifted so that they differ."""

    def __init__(self, problem=None):
        self.seeds, self.problem, self.reading = [], problem, lambda: ""
        self.said = []

    def __call__(self, z, n, seed=0):
        self.said.append(self.reading())
        if self.problem:
            raise self.problem
        self.seeds.append(seed)
        rows = np.random.default_rng(seed).choice(len(z), n)
        return (z[rows] + 0.5).astype(np.float32)


def test_every_sampler_of_the_ladder_can_be_chosen_and_drawn_from(run):
    mixer = FaceMixer(run)
    (menu,) = parts(mixer, ipywidgets.Dropdown)
    assert list(menu.options) == list(SAMPLERS)
    for name in SAMPLERS:
        menu.value = name
        assert mixer.sampler == name
        before = mixer.z
        press(mixer, "Random face")
        assert "Error" not in messages(mixer)
        assert (mixer.z != before).all()


def test_a_vector_drawn_is_the_one_decoded_and_has_its_own_distance(run, monkeypatch):
    monkeypatch.setitem(SAMPLERS, "uniform", lambda z, n, seed: np.full((n, 12), 7, np.float32))
    mixer = FaceMixer(run)
    mixer.sampler = "uniform"
    press(mixer, "Random face")
    np.testing.assert_allclose(run.seen[-1], np.full((1, 12), 7), rtol=1e-5)
    d2 = PrincipalAxes.fit(run.z).d2(np.full((1, 12), 7.0))[0]
    assert f"D² = {d2:.0f}, " in messages(mixer)


def test_vectors_are_drawn_in_batches_and_each_is_shown_once(run, monkeypatch):
    counting = Counting()
    monkeypatch.setitem(SAMPLERS, "column shuffle", counting)
    mixer = FaceMixer(run, seed=4)
    (reading,) = (h for h in parts(mixer, ipywidgets.HTML) if "D²" in h.value)
    counting.reading = lambda: reading.value
    mixer.sampler = "column shuffle"
    assert not counting.seeds  # choosing alone costs nothing
    for _ in range(3):
        mixer.random_face()
    mixer.sampler = "uniform"
    mixer.random_face()
    mixer.sampler = "column shuffle"
    for _ in range(BATCH - 2):
        mixer.random_face()
    assert len(counting.seeds) == len(set(counting.seeds)) == 2
    assert counting.said == [f"drawing {BATCH} latent vectors: column shuffle ..."] * 2
    assert "drawing" not in messages(mixer)
    shown = np.concatenate(run.seen[1:4] + run.seen[5:])
    drawn = np.concatenate(
        [run.z[np.random.default_rng(s).choice(400, BATCH)] for s in counting.seeds]
    )
    np.testing.assert_allclose(shown, drawn[: BATCH + 1] + 0.5, atol=1e-4)


def test_error_of_a_sampler_is_shown_and_nothing_moves(run, monkeypatch, caplog):
    broken = Counting(ValueError("expected 130 z-points; got 9"))
    monkeypatch.setitem(SAMPLERS, "Gaussian mixture", broken)
    mixer = FaceMixer(run)
    mixer.sampler, reading = "Gaussian mixture", messages(mixer)
    press(mixer, "Random face")
    assert "ValueError: expected 130 z-points; got 9" in messages(mixer)
    assert reading.strip() in messages(mixer)  # and no "drawing ..." left
    assert not mixer.coordinates.any()
    broken.problem = None
    press(mixer, "Random face")
    assert "ValueError" not in messages(mixer)


def test_an_unknown_sampler_is_refused(run):
    mixer = FaceMixer(run)
    with pytest.raises(ValueError, match=r"sampler must be one of .*'uniform'.*; got 'normal'"):
        mixer.sampler = "normal"
    assert mixer.sampler == "multivariate normal"


def test_what_lies_outside_the_axes_is_lost():
    run = LinearRun(d=12, n=5)
    mixer = FaceMixer(run)
    mixer.sampler = "standard normal"
    press(mixer, "Random face")
    principal = PrincipalAxes.fit(run.z)
    assert np.abs(principal.forward(mixer.z[None])[0, principal.rank :]).max() < 1e-4
