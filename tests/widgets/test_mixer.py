import threading

import ipywidgets
import numpy as np
import pytest

from aelatent.latent import SAMPLERS
from aelatent.widgets import FaceMixer
from aelatent.widgets.mixer import BATCH

from .stand_ins import (
    LinearRun,
    callback_under_way,
    control,
    failing,
    messages,
    parts,
    picture,
    press,
)


@pytest.fixture
def mixer(run):
    mixer = FaceMixer(run)
    run.seen.clear()
    return mixer


def sliders(mixer):
    return parts(mixer, ipywidgets.FloatSlider)


def test_starts_at_the_mean_z_point(run, mixer):
    assert mixer.sampler == "multivariate normal"
    assert [s.description for s in sliders(mixer)] == [f"PC {i}" for i in range(1, 9)]
    assert {(s.min, s.max, s.step, s.value) for s in sliders(mixer)} == {(-3, 3, 0.1, 0)}
    assert f"{run.axes.explained[0]:.1%} of the variance" in sliders(mixer)[0].tooltip
    np.testing.assert_allclose(mixer.z, run.z.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(mixer.image, run.decode(mixer.z[None])[0])
    assert mixer.z.dtype == np.float32
    assert len(parts(mixer, ipywidgets.Image)) == 1  # no store, no pictures below the face


def test_each_move_decodes_one_vector_once_and_sliders_count_standard_deviations(run, mixer):
    for move in (
        lambda: press(mixer, "Random face"),
        lambda: press(mixer, "Center"),
        lambda: setattr(mixer, "coordinates", np.linspace(-5, 5, 12)),
        lambda: setattr(mixer, "coordinates", np.zeros(12)),
        lambda: setattr(sliders(mixer)[2], "value", 1.5),
    ):
        run.seen.clear()
        move()
        assert [z.shape for z in run.seen] == [(1, 12)]
        assert [s.value for s in sliders(mixer)] == mixer.coordinates[:8].tolist()
    expected = run.axes.mean + 1.5 * run.axes.sd[2] * run.axes.axes[2]
    np.testing.assert_allclose(mixer.z, expected, rtol=1e-5)


def test_what_a_callback_and_a_cell_do_at_once_comes_one_after_the_other(run, mixer):
    with callback_under_way(run, lambda: setattr(sliders(mixer)[0], "value", 2.0)) as decode:
        mixer.coordinates = np.linspace(1, 2, 12)
    np.testing.assert_allclose(mixer.coordinates, np.linspace(1, 2, 12))
    np.testing.assert_allclose(mixer.image, decode(mixer.z[None])[0])


def test_a_slider_moved_while_a_cell_is_at_work_does_not_bring_old_values_back(run, mixer):
    wanted = np.linspace(1, 2, 12)
    cell = lambda: setattr(mixer, "coordinates", wanted)  # noqa: E731
    with callback_under_way(run, cell) as decode:
        sliders(mixer)[0].value = 2.5
    assert sliders(mixer)[0].value == mixer.coordinates[0] == 2.5
    np.testing.assert_allclose(mixer.coordinates[1:], wanted[1:])
    np.testing.assert_allclose(mixer.image, decode(mixer.z[None])[0])


def test_a_late_message_of_a_slider_moves_nothing(run, mixer):
    with mixer._lock:  # held by a cell that sets the coordinates after the reader's move
        late = threading.Thread(target=lambda: mixer._slide(0, {"new": 2.5}))
        late.start()
        mixer.coordinates = np.linspace(1, 2, 12)
    late.join()
    assert mixer.coordinates[0] == sliders(mixer)[0].value == 1.0
    np.testing.assert_allclose(mixer.image, run.decode(mixer.z[None])[0])


def test_a_slider_widens_for_a_far_coordinate_and_returns(mixer):
    mixer.coordinates = [4.5, -3.25, *[0] * 10]
    reach = [slider.max for slider in sliders(mixer)[:3]]
    assert reach == pytest.approx([4.5, 3.3, 3])
    assert [slider.min for slider in sliders(mixer)[:3]] == [-r for r in reach]
    press(mixer, "Center")
    assert {(s.min, s.max, s.value) for s in sliders(mixer)} == {(-3, 3, 0)}


def test_snapping_of_a_slider_that_only_follows_is_no_move(run, mixer):
    # In the browser a slider has steps, and reports the nearest one back.
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


def test_the_reading_tells_d2_and_the_side_of_the_runs_core(run, mixer):
    rest = f" the core: 95% of 200 held-out z-points lie below {run.core.border:.0f}."
    for far, side in ((1.0, "in"), (2.0, "outside")):
        mixer.coordinates = np.full(12, far)
        d2 = run.core.axes.d2(mixer.z[None])[0]
        assert f"D² = {d2:.0f}, {side}{rest}" in messages(mixer)
        assert run.core.holds(mixer.z[None])[0] == (side == "in")


@pytest.mark.parametrize("act", ["slide", "Random face", "Center"])
def test_error_of_a_callback_is_shown_and_goes_with_the_next_success(run, mixer, act):
    def do():
        if act == "slide":
            sliders(mixer)[1].value += 1.0
        else:
            press(mixer, act)

    good = picture(mixer)
    with failing(run, mixer, do):
        np.testing.assert_array_equal(picture(mixer), good)
        assert [s.value for s in sliders(mixer)] == mixer.coordinates[:8].tolist()
        for slider in sliders(mixer):  # as the browser snaps them: no success
            slider.value = round(slider.value, 1)


def test_few_z_points_have_fewer_axes_and_no_core():
    run = LinearRun(d=12, n=5)
    mixer = FaceMixer(run)
    assert len(sliders(mixer)) == 4
    assert "No core: " in messages(mixer)
    mixer.sampler = "standard normal"
    press(mixer, "Random face")
    assert mixer.coordinates.shape == (4,)
    # What lies outside the axes is lost.
    assert np.abs(run.axes.forward(mixer.z[None])[0, run.axes.rank :]).max() < 1e-4
    assert len(sliders(FaceMixer(LinearRun(), axes=2))) == 2


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [("coordinates", bad, "coordinates must be a row of 12 finite")
     for bad in (np.zeros(8), np.full(12, np.nan), [[0.0] * 12])]
    + [("sampler", "normal", r"sampler must be one of .*'uniform'.*; got 'normal'")],
)  # fmt: skip
def test_bad_settings_are_refused_and_change_nothing(run, mixer, name, value, message):
    with pytest.raises(ValueError, match=message):
        setattr(mixer, name, value)
    mixer.coordinates[0] = 2  # of a copy
    assert not run.seen
    assert not mixer.coordinates.any()
    with pytest.raises(ValueError, match="axes must be a whole number, at least 1; got 0"):
        FaceMixer(run, axes=0)


def test_vectors_are_drawn_in_batches_and_each_is_shown_once(run, mixer, monkeypatch):
    assert list(control(mixer, "sampler").options) == list(SAMPLERS)
    seeds, drawn, said = [], [], []

    def sampler(z, n, seed=0):
        said.append(messages(mixer))
        seeds.append(seed)
        drawn.append(z[np.random.default_rng(seed).choice(len(z), n)] + np.float32(0.5))
        return drawn[-1]

    monkeypatch.setitem(SAMPLERS, "column shuffle", sampler)
    mixer.sampler = "column shuffle"
    assert not seeds  # choosing alone costs nothing
    mixer.random_face()
    mixer.sampler = "uniform"
    mixer.random_face()
    mixer.sampler = "column shuffle"
    for _ in range(BATCH):
        mixer.random_face()
    rng = np.random.default_rng(0)  # the second seed is that of "uniform"
    assert seeds == [int(rng.integers(2**31)) for _ in range(3)][::2]
    assert all(f"drawing {BATCH} latent vectors: column shuffle ..." in text for text in said)
    assert "drawing" not in messages(mixer)
    shown = np.concatenate(run.seen[:1] + run.seen[2:])
    np.testing.assert_allclose(shown, np.concatenate(drawn)[: BATCH + 1], atol=1e-4)


def test_error_of_a_sampler_is_shown_and_nothing_moves(mixer, monkeypatch):
    def broken(z, n, seed):
        raise ValueError("expected 130 z-points; got 9")

    monkeypatch.setitem(SAMPLERS, "Gaussian mixture", broken)
    mixer.sampler, reading = "Gaussian mixture", messages(mixer)
    press(mixer, "Random face")
    assert "ValueError: expected 130 z-points; got 9" in messages(mixer)
    assert reading.strip() in messages(mixer)  # and no "drawing ..." left
    assert not mixer.coordinates.any()


def test_the_nearest_pictures_follow_the_face(run):
    colors = np.random.default_rng(5).integers(0, 256, (400, 1, 1, 3))
    run.images = np.broadcast_to(colors, (400, 8, 8, 3)).astype(np.uint8)
    mixer = FaceMixer(run)
    for move in (lambda: setattr(sliders(mixer)[0], "value", 2.4), mixer.random_face):
        before = picture(mixer, 1)
        move()
        distances = np.linalg.norm(run.z.astype(float) - mixer.z, axis=1)
        rows = np.argsort(distances)[:3]
        np.testing.assert_array_equal(mixer.nearest, rows)
        text = ", ".join(f"row&nbsp;{row}&nbsp;({distances[row]:.1f})" for row in rows)
        assert f"nearest of 400 pictures: {text}" in messages(mixer)
        strip = picture(mixer, 1).astype(float)
        assert strip.shape == (8, 28, 3)
        assert (strip != before).any()
        assert np.abs(strip[4, [4, 14, 24]] - run.images[rows, 0, 0]).max() < 8  # JPEG
        assert np.abs(strip[4, 8:10] - 128).max() < 60  # gray between them
