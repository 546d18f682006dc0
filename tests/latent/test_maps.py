"""t-SNE maps: neighbors kept, settings of then and now, stopping."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness

from aelatent.latent.map_quality import neighbors_kept
from aelatent.latent.maps import PRESETS, Map, MapSettings, named_settings, tsne

QUICK = MapSettings(perplexity=10, early=100, iterations=150)


@pytest.fixture(scope="module")
def groups():
    """Five groups of 80 points in 12 components, far apart; and the number of each one's group."""
    rng = np.random.default_rng(3)
    group = np.repeat(np.arange(5), 80)
    return rng.normal(0, 1, (400, 12)) + 12 * rng.normal(0, 1, (5, 12))[group], group


@pytest.fixture(scope="module")
def made(groups):
    return tsne(groups[0], QUICK, seed=1)


def test_a_map_keeps_neighbors_that_a_random_arrangement_loses(groups, made):
    z, group = groups
    assert made.coordinates.shape == (400, 2)
    assert made.coordinates.dtype == np.float32
    assert made.complete
    assert made.done == 250
    assert trustworthiness(z, made.coordinates, n_neighbors=10) > 0.94
    random = np.random.default_rng(0).normal(size=(400, 2))
    assert trustworthiness(z, random, n_neighbors=10) < 0.7
    distance = np.linalg.norm(made.coordinates[:, None] - made.coordinates[None], axis=2)
    np.fill_diagonal(distance, np.inf)
    assert (group[distance.argmin(axis=1)] == group).all()


def test_both_engines_keep_neighbors_alike(groups):
    z, _ = groups
    settings = MapSettings(perplexity=10, iterations=250, momenta=(0.5, 0.8))
    ours, theirs = (tsne(z, settings, engine=e) for e in ("openTSNE", "scikit-learn"))
    assert (ours.engine, theirs.engine) == ("openTSNE", "scikit-learn")
    assert theirs.done == 500
    kept = [neighbors_kept(z, m.coordinates) for m in (ours, theirs)]
    assert abs(kept[0] - kept[1]) < 0.06
    assert abs(ours.divergence - theirs.divergence) < 0.1


def test_the_seed_decides_a_random_start_and_nothing_else(groups):
    z, _ = groups
    settings = MapSettings(perplexity=10, early=20, iterations=20, start="random")
    first, again, other = (tsne(z, settings, seed=s).coordinates for s in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1e-3
    np.testing.assert_array_equal(
        tsne(z, QUICK, seed=0).coordinates, tsne(z, QUICK, seed=1).coordinates
    )


@pytest.mark.parametrize("scale", [1, 1024])
def test_a_map_starts_from_two_principal_coordinates_in_any_unit(groups, scale):
    still = MapSettings(perplexity=10, early=0, iterations=0)
    start = tsne(scale * groups[0], still).coordinates
    expected = PCA(2).fit_transform(groups[0])
    expected *= 1e-4 / expected[:, 0].std()  # tiny: openTSNE's own start has this width
    expected *= np.sign(np.sum(start * expected, axis=0))
    np.testing.assert_allclose(start, expected, atol=1e-8)


def test_a_random_start_is_tiny_and_about_the_origin(groups):
    still = MapSettings(perplexity=10, early=0, iterations=0, start="random")
    start = tsne(groups[0], still, seed=4).coordinates
    np.testing.assert_allclose(start.std(axis=0), 1e-4, rtol=0.1)
    np.testing.assert_allclose(start.mean(axis=0), 0, atol=2e-5)


def test_only_the_leading_axes_count_where_they_are_asked_for(groups):
    z, _ = groups
    rng = np.random.default_rng(0)
    wide = np.hstack([100 * rng.normal(size=(400, 2)), z])
    narrow = np.hstack([wide[:, :2], rng.normal(size=(400, 5))])
    first, second = (tsne(c, QUICK.on_axes(2)).coordinates for c in (wide, narrow))
    assert neighbors_kept(wide[:, :2], first) > 0.6
    assert neighbors_kept(narrow[:, :2], second) > 0.6


def test_presets_are_those_of_the_blog():
    first = PRESETS["seed-2022-first"]
    assert (first.exaggeration, first.perplexity, first.early + first.iterations) == (16, 10, 1000)
    then = PRESETS["seed-2022"]
    assert (then.exaggeration, then.perplexity, then.early + then.iterations) == (12, 30, 1000)
    assert (then.learning_rate / 4, then.start) == (200, "random")
    assert PRESETS["today"] == named_settings("today") == MapSettings()
    with pytest.raises(ValueError, match="one of seed-2022-first, seed-2022, today; got 'sead'"):
        named_settings("sead")


@pytest.mark.parametrize(
    "wrong",
    [
        {"perplexity": 1},
        {"perplexity": np.nan},
        {"perplexity": np.inf},
        {"exaggeration": 0.5},
        {"exaggeration": np.inf},
        {"learning_rate": -1},
        {"learning_rate": 0},
        {"learning_rate": np.inf},
        {"start": "spectral"},
        {"early": -1},
        {"iterations": 2.5},
        {"axes": 1},
        {"axes": 2.5},
        {"momenta": (0.5,)},
        {"momenta": (0.5, 1.0)},
    ],
)
def test_unusable_settings_are_refused(wrong):
    with pytest.raises(ValueError, match=rf"{next(iter(wrong))}.*must"):
        MapSettings(**wrong)


def test_clouds_that_cannot_be_mapped_are_refused(groups):
    z, _ = groups
    with pytest.raises(ValueError, match=r"at least 32 z-points .* got 20"):
        tsne(z[:20])
    with pytest.raises(ValueError, match="nan in row 3"):
        tsne(np.where(np.arange(400)[:, None] == 3, np.nan, z))
    with pytest.raises(ValueError, match="at least 13 axes; got 12"):
        tsne(z, QUICK.on_axes(13))
    with pytest.raises(ValueError, match="engine must be"):
        tsne(z, QUICK, engine="umap")
    with pytest.raises(ValueError, match="250 early iterations; got early=100"):
        tsne(z, QUICK, engine="scikit-learn")


def test_stopping_keeps_what_was_reached(groups, monkeypatch):
    from openTSNE import TSNEEmbedding

    whole = TSNEEmbedding.optimize

    def stopped(self, iterations, **options):
        def ctrl_c(iteration, *_):
            if iteration == 50:
                raise KeyboardInterrupt

        return whole(self, iterations, **options | {"callbacks": [*options["callbacks"], ctrl_c]})

    monkeypatch.setattr(TSNEEmbedding, "optimize", stopped)
    made = tsne(groups[0], QUICK)
    assert (made.done, made.complete) == (50, False)
    assert np.isnan(made.divergence)
    assert made.coordinates.std() > 0
    assert np.isfinite(made.coordinates).all()


def test_a_map_knows_whether_it_is_whole():
    settings = MapSettings(early=2, iterations=3)
    assert Map(np.zeros((1, 2)), settings, 0, 5, 0.0, 0.0).complete
    assert not Map(np.zeros((1, 2)), settings, 0, 4, 0.0, 0.0).complete
