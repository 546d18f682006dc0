import numpy as np
import pytest

from aelatent.latent import SAMPLERS
from aelatent.widgets import FaceMixer
from aelatent.widgets.mixer import BATCH

from .stand_ins import LinearRun, asked, sent


@pytest.fixture
def mixer(run):
    return FaceMixer(run)


def test_starts_at_the_mean_z_point(run, mixer):
    assert mixer.sampler == "multivariate normal"
    np.testing.assert_allclose(mixer.explained, run.axes.explained[:8])
    np.testing.assert_allclose(mixer.z, run.z.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(mixer.image, run.decode(mixer.z[None])[0])
    assert mixer.z.dtype == np.float32
    assert not asked(mixer, "nearest", y=mixer.y)[1]  # no store, no pictures below the face


def test_coordinates_count_standard_deviations_from_cell_and_page_alike(run, mixer):
    expected = run.axes.mean + 1.5 * run.axes.sd[2] * run.axes.axes[2]
    y = 1.5 * np.eye(12)[2]
    for move in (lambda: setattr(mixer, "coordinates", y), lambda: sent(mixer, y=y.tolist())):
        mixer.center()
        assert not mixer.coordinates.any()
        move()
        np.testing.assert_array_equal(mixer.coordinates, y)
        np.testing.assert_allclose(mixer.z, expected, rtol=1e-5)


def test_a_page_that_cannot_decode_is_answered(run, mixer):
    run.seen.clear()
    for far, side in ((1.0, "in"), (2.0, "outside")):
        y = np.full(12, far)
        answer, (image,) = asked(mixer, "decode", y=y.tolist())
        z = run.axes.unwhiten(y[None])
        np.testing.assert_allclose(run.seen[-1], z, rtol=1e-5)
        assert answer == {"n": 1, "d2": [pytest.approx(run.core.axes.d2(z)[0], rel=1e-4)]}
        assert (answer["d2"][0] <= mixer.core["border"]) == (side == "in")
        assert image.shape == (8, 8, 3)
    assert len(run.seen) == 2
    assert mixer.core == {"border": run.core.border, "level": 0.95, "n": 200}


def test_few_z_points_have_fewer_axes_and_no_core():
    run = LinearRun(d=12, n=5)
    mixer = FaceMixer(run)
    assert len(mixer.explained) == 4
    assert "why" in mixer.core
    assert asked(mixer, "decode", y=[0.0] * 4)[0]["d2"] == [pytest.approx(0, abs=1e-6)]
    mixer.sampler = "standard normal"
    mixer.random_face()
    assert mixer.coordinates.shape == (4,)
    # What lies outside the axes is lost.
    assert np.abs(run.axes.forward(mixer.z[None])[0, run.axes.rank :]).max() < 1e-4
    assert len(FaceMixer(LinearRun(), axes=2).explained) == 2


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
    assert not mixer.coordinates.any()
    with pytest.raises(ValueError, match="axes must be a whole number, at least 1; got 0"):
        FaceMixer(run, axes=0)


def test_vectors_are_drawn_in_batches_and_each_is_shown_once(run, mixer, monkeypatch):
    assert mixer.samplers == list(SAMPLERS)
    seeds, drawn, shown = [], [], []

    def sampler(z, n, seed=0):
        seeds.append(seed)
        drawn.append(z[np.random.default_rng(seed).choice(len(z), n)] + np.float32(0.5))
        return drawn[-1]

    monkeypatch.setitem(SAMPLERS, "column shuffle", sampler)
    mixer.sampler = "column shuffle"
    assert not seeds  # choosing alone costs nothing
    asked(mixer, "draw")
    shown.append(mixer.z)
    mixer.sampler = "uniform"
    mixer.random_face()
    mixer.sampler = "column shuffle"
    for _ in range(BATCH):
        mixer.random_face()
        shown.append(mixer.z)
    rng = np.random.default_rng(0)  # the second seed is that of "uniform"
    assert seeds == [int(rng.integers(2**31)) for _ in range(3)][::2]
    np.testing.assert_allclose(shown, np.concatenate(drawn)[: BATCH + 1], atol=1e-4)


@pytest.mark.parametrize("ask", ["draw", "decode", "nothing of that name"])
def test_what_goes_wrong_is_told_to_the_page_and_nothing_moves(run, mixer, monkeypatch, ask):
    def broken(z, n, seed):
        raise ValueError("expected 130 z-points; got 9")

    monkeypatch.setitem(SAMPLERS, "Gaussian mixture", broken)
    mixer.sampler = "Gaussian mixture"
    run.problem = RuntimeError("the weights are gone")
    content = {"y": mixer.y} if ask == "decode" else {}
    answer, pictures = asked(mixer, ask, **content)
    said = {"draw": "ValueError: expected 130 z-points; got 9",
            "decode": "RuntimeError: the weights are gone"}  # fmt: skip
    assert answer == {"error": said.get(ask, f"KeyError: {ask!r}")}
    assert not pictures
    assert not mixer.coordinates.any()


def test_the_nearest_pictures_follow_the_face(run):
    colors = np.random.default_rng(5).integers(0, 256, (400, 1, 1, 3))
    run.images = np.broadcast_to(colors, (400, 8, 8, 3)).astype(np.uint8)
    mixer = FaceMixer(run)
    for move in (lambda: sent(mixer, y=[2.4] + [0.0] * 11), mixer.random_face):
        move()
        distances = np.linalg.norm(run.z.astype(float) - mixer.z, axis=1)
        rows = np.argsort(distances)[:3]
        np.testing.assert_array_equal(mixer.nearest, rows)
        answer, (strip,) = asked(mixer, "nearest", y=mixer.y)
        assert answer["rows"] == rows.tolist()
        np.testing.assert_allclose(answer["distances"], distances[rows])
        assert answer["among"] == 400
        assert strip.shape == (24, 8, 3)
        assert np.abs(strip[[4, 12, 20], 4].astype(float) - run.images[rows, 0, 0]).max() < 8


def test_in_a_page_without_a_kernel_steps_along_the_axes_stand_for_it(run, mixer):
    run.seen.clear()
    data, _ = mixer._repr_mimebundle_()
    assert '<div class="aelatent-live" data-aelatent="mixer" data-run="">' in data["text/html"]
    y = run.axes.whiten(run.seen[0]).reshape(3, 5, 12)
    np.testing.assert_allclose(y[1, :, 1], [-2, -1, 0, 1, 2], atol=1e-4)
    assert 'alt="Steps along principal axes 1 to 3, a row each' in data["text/html"]
