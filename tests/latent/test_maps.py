import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness

from aelatent.latent.map_quality import neighbors_kept
from aelatent.latent.maps import PRESETS, MapSettings, named_settings, place, tsne

QUICK = MapSettings(perplexity=10, early=100, iterations=150)
STILL = MapSettings(perplexity=10, early=0, iterations=0)


@pytest.fixture(scope="module")
def groups():
    """Five groups of 80 points in 12 components, far apart; and the number of each one's group."""
    rng = np.random.default_rng(3)
    group = np.repeat(np.arange(5), 80)
    return rng.normal(0, 1, (400, 12)) + 12 * rng.normal(0, 1, (5, 12))[group], group


@pytest.fixture(scope="module")
def made(groups):
    return tsne(groups[0], QUICK, seed=1)


def test_settings_are_plain_numbers_whatever_the_type_of_those_given():
    given = {"perplexity": np.float64(10), "early": np.int64(100), "iterations": np.int32(150)}
    settings = MapSettings(**given, axes=np.int8(2), momenta=np.array([0.5, 0.8]))
    wanted = replace(QUICK, axes=2, momenta=(0.5, 0.8)).as_dict() | {"perplexity": 10.0}
    assert json.dumps(settings.as_dict()) == json.dumps(wanted)


def test_a_map_keeps_neighbors(groups, made):
    z, _ = groups
    assert (made.coordinates.shape, made.coordinates.dtype) == ((400, 2), np.float32)
    assert (made.done, made.complete) == (250, True)
    assert 0 < made.divergence < 1
    assert trustworthiness(z, made.coordinates, n_neighbors=10) > 0.94  # at random: 0.5


def test_the_seed_decides_a_random_start_and_nothing_else(groups):
    z, _ = groups
    settings = replace(QUICK, early=20, iterations=20)
    first, other = (tsne(z, settings, seed=s).coordinates for s in (0, 1))
    np.testing.assert_array_equal(first, other)
    settings = replace(settings, start="random")
    first, again, other = (tsne(z, settings, seed=s).coordinates for s in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1e-3
    start = tsne(z, replace(STILL, start="random"), seed=4).coordinates
    np.testing.assert_allclose(start.std(axis=0), 1e-4, rtol=0.1)
    np.testing.assert_allclose(start.mean(axis=0), 0, atol=2e-5)


@pytest.mark.parametrize("scale", [1, 1024])
def test_a_map_starts_from_two_principal_coordinates_in_any_unit(groups, scale):
    start = tsne(scale * groups[0], STILL).coordinates
    expected = PCA(2).fit_transform(groups[0])
    expected *= 1e-4 / expected[:, 0].std()  # tiny: openTSNE's own start has this width
    expected *= np.sign(np.sum(start * expected, axis=0))
    np.testing.assert_allclose(start, expected, atol=1e-8)


def test_only_the_leading_axes_count_where_they_are_asked_for(groups):
    # Beside two columns in which each point has a place of its own, far wider than the groups.
    wide = np.hstack([100 * np.random.default_rng(0).normal(size=(400, 2)), groups[0]])
    made = tsne(wide, QUICK.on_axes(2))
    assert neighbors_kept(wide[:, :2], made.coordinates) > 0.6
    moved = wide[:30].copy()
    moved[:, 2:] += 3  # new points follow the axes of the map: no part of these
    off = np.linalg.norm(place(made, wide, moved) - made.coordinates[:30], axis=1)
    assert np.median(off) < 0.1 * made.coordinates.std()


def test_presets_are_those_of_the_blog_and_written_as_they_always_were():
    first, today = PRESETS["seed-2022-first"], PRESETS["today"]
    assert (first.exaggeration, first.perplexity, first.early + first.iterations) == (16, 10, 1000)
    assert today == named_settings("today") == MapSettings()
    # The names of kept maps are made of this text.
    assert str(PRESETS["seed-2022"].on_axes(5).as_dict()) == (
        "{'perplexity': 30, 'exaggeration': 12, 'learning_rate': 800, 'start': 'random', "
        "'early': 250, 'iterations': 750, 'momenta': [0.5, 0.8], 'axes': 5}"
    )


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        *[("perplexity", 1), ("exaggeration", 0.5), ("learning_rate", 0), ("start", "spectral")],
        *[("early", -1), ("iterations", 2.5), ("axes", 1)],
        *[("momenta", bad) for bad in ((0.5,), (0.5, 1.0), (-0.1, 0.5))],
    ],
)
def test_unusable_settings_are_refused(name, bad):
    with pytest.raises(ValueError, match=rf"{name} must"):
        MapSettings(**{name: bad})
    least = MapSettings(1.001, 1, 1e-9, early=0, iterations=0, momenta=[0, 0], axes=2)
    assert least.momenta == (0, 0)


def test_who_watches_sees_copies_on_the_way_to_the_map(groups):
    seen = {}
    made = tsne(groups[0], QUICK, seed=1, watch=seen.__setitem__)
    assert list(seen) == list(range(10, 251, 10))
    last = np.abs(seen[250] - made.coordinates).max()
    assert last < 0.1 * made.coordinates.std() < np.abs(seen[20] - made.coordinates).max()


def test_stopping_keeps_what_was_reached(groups, monkeypatch, capsys):
    from openTSNE import TSNEEmbedding

    whole, started = TSNEEmbedding.optimize, []

    def stopped(self, iterations, **options):
        started.append(iterations)

        def ctrl_c(iteration, *_):
            if len(started) == 2 and iteration == 50:
                raise KeyboardInterrupt

        return whole(self, iterations, **options | {"callbacks": [*options["callbacks"], ctrl_c]})

    monkeypatch.setattr(TSNEEmbedding, "optimize", stopped)
    made = tsne(groups[0], QUICK, progress=True)
    assert (made.done, made.complete, started) == (150, False, [100, 150])
    assert "150/250" in capsys.readouterr().err
    assert np.isnan(made.divergence)
    assert made.coordinates.std() > 0
    assert np.isfinite(made.coordinates).all()


def test_new_points_fall_among_their_own_kind(groups, made):
    z, group = groups
    rng = np.random.default_rng(8)
    rows = rng.choice(400, 40, replace=False)
    before = made.coordinates.copy()
    placed = place(made, z, z[rows] + rng.normal(0, 0.3, (40, 12)))
    np.testing.assert_array_equal(made.coordinates, before)
    assert placed.dtype == np.float32
    assert (group[cdist(placed, made.coordinates).argmin(axis=1)] == group[rows]).all()
    off = np.linalg.norm(place(made, z, z[rows]) - made.coordinates[rows], axis=1)
    assert np.median(off) < 0.1 * made.coordinates.std()


def test_new_points_go_where_the_map_is(groups, made):
    z, _ = groups
    moved = replace(made, coordinates=made.coordinates + np.float32([300, -70]))
    off = place(moved, z, z[:20]) - place(made, z, z[:20])
    np.testing.assert_allclose(off, np.tile([300, -70], (20, 1)), atol=0.05)


def test_refuses(groups, made):
    z, _ = groups
    for call, message in (
        (lambda: tsne(z[:31]), "at least 32 z-points.*got 31"),
        (lambda: tsne(z[:9], MapSettings(perplexity=2)), "at least 10 z-points"),
        (lambda: tsne(np.tile(z[:9], (20, 1)), replace(QUICK, start="random")), "that differ"),
        (lambda: tsne(z, QUICK.on_axes(13)), "axes.*12"),
        (lambda: named_settings("sead"), r"one of 'seed-2022-first', .*; got 'sead'"),
        (lambda: place(made, z[1:], z[:2]), "400.*399"),
        (lambda: place(made, z, z[:2, :5]), r"shape \(n, 12\)"),
    ):
        with pytest.raises(ValueError, match=message):
            call()
    assert tsne(z[:32], replace(STILL, perplexity=30)).complete
