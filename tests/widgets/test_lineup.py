import ipywidgets
import numpy as np
import pytest
from hypothesis import given, strategies as st
from matplotlib import pyplot as plt
from scipy.stats import binomtest

from aelatent.latent import Plane
from aelatent.widgets import LineUp, middle_of

from .stand_ins import messages, parts, picture, press

REAL = np.random.default_rng(0).exponential(size=(300, 2))


def gaussian(seed, n=60):
    return np.random.default_rng(seed).normal(1, 1, (n, 2))


@pytest.fixture
def game():
    return LineUp(REAL, gaussian, panels=4)


def shown(game):
    """What each panel shows, in order."""
    return [np.asarray(ax.collections[0].get_offsets()) for ax in game._axes.flat if ax.axison]


def real_panel(game):
    """The number of the panel whose points are z-points, found by looking."""
    rows = set(map(tuple, game._points.tolist()))
    (k,) = (k for k, panel in enumerate(shown(game)) if set(map(tuple, panel.tolist())) <= rows)
    return k + 1


def test_one_panel_shows_z_points_and_the_others_different_surrogates(game):
    panels = shown(game)
    assert len({panel.tobytes() for panel in panels}) == 4
    assert len({tuple(point) for point in panels[real_panel(game) - 1]}) == 60  # none twice
    assert (
        "One of 4 panels shows z-points, the others a surrogate, n = 60 each. Which one is it?<br>"
        "No round played yet."
    ) in messages(game)
    assert (game.answer, game.rounds, game.hits, game.p_value) == (None, 0, 0, 1.0)
    assert plt.get_fignums() == []
    assert picture(game).shape == (198, 880, 4)


def test_a_miss_is_told_and_framed_and_no_further_pick_counts(game):
    before, number = picture(game), real_panel(game)
    wrong = 1 + number % 4
    press(game, str(wrong))
    assert (game.rounds, game.hits, game.answer) == (1, 0, number)
    said = messages(game)
    assert f"No:</b> not panel {wrong} but panel {number} shows the z-points" in said
    looks = {b.description: b.button_style for b in parts(game, ipywidgets.Button)}
    assert (looks[str(number)], looks[str(wrong)]) == ("success", "danger")
    after = picture(game)
    assert after.shape == before.shape  # a picture that changes its size would move the page
    # The four panels fill four of five columns; nothing moves but the frame of one.
    columns = np.flatnonzero((after != before).any(axis=(0, 2))) // (after.shape[1] / 5)
    assert set(columns) == {number - 1}
    press(game, str(number))
    assert (game.rounds, game.hits, messages(game)) == (1, 0, said)


def test_a_new_line_up_is_another_one_and_keeps_the_score(game):
    places, pictures = set(), set()
    for _ in range(5):
        press(game, "New line-up")  # one that was not answered does not count
        assert game.answer is None
        assert not any(button.button_style for button in parts(game, ipywidgets.Button))
        game.pick(real_panel(game))
        places.add(game.answer)
        assert f"Yes:</b> panel {game.answer} shows the z-points" in messages(game)
        pictures.add(picture(game).tobytes())
    assert len(places) > 1
    assert len(pictures) == 5
    # Of 300 z-points a sixth round shows some again.
    assert (game.rounds, game.hits) == (4, 4)
    assert "4 hits in 4 rounds: chance alone does as well in 0.39 % of the" in messages(game)
    assert "This round does not count" in messages(game)


def test_rounds_that_count_show_nothing_twice():
    patterns = [gaussian(seed) for seed in range(10)]  # enough for three rounds
    game, seen = LineUp(REAL, patterns, panels=4), set()
    for played in (1, 2, 3, 4):
        found = {tuple(point) for panel in shown(game) for point in panel}
        assert len(found) == 240
        assert bool(found & seen) == ("does not count" in messages(game)) == (played == 4)
        seen |= found
        game.pick(1)
        assert game.rounds == min(played, 3)
        game.new()


def test_the_real_panel_is_anywhere_equally_often(monkeypatch):
    monkeypatch.setattr(LineUp, "_show", lambda *_: None)  # pictures take most of the time
    game = LineUp(REAL, lambda seed: gaussian(seed, 3), panels=2, seed=5)
    firsts = 0
    for _ in range(30):
        firsts += real_panel(game) == 1
        game.new()
    assert binomtest(firsts, 30).pvalue > 0.05


def test_the_seed_decides_the_whole_game():
    first, second, other = (LineUp(REAL, gaussian, panels=4, seed=seed) for seed in (1, 1, 2))
    for _ in range(3):
        np.testing.assert_array_equal(shown(first), shown(second))
        assert not np.array_equal(shown(first), shown(other))
        for game in (first, second, other):
            game.new()


def test_patterns_may_be_given_instead_of_drawn():
    patterns = [gaussian(seed) for seed in range(6)]
    panels = {panel.tobytes() for panel in shown(LineUp(REAL, patterns, panels=4))}
    assert len(panels & {pattern.tobytes() for pattern in patterns}) == 3


def test_the_same_z_points_in_every_round_are_no_new_evidence():
    game = LineUp(REAL[:60], gaussian, panels=4)
    for number in (0, 5, "2"):
        with pytest.raises(ValueError, match="number must be a whole number from 1 to 4"):
            game.pick(number)
    game.pick(real_panel(game))
    assert "does not count" not in messages(game)
    game.new()
    assert "does not count: earlier ones showed some of its panels' points" in messages(game)
    game.pick(real_panel(game))
    assert (game.rounds, game.hits) == (1, 1)


def test_errors_of_the_surrogate_are_shown_and_the_game_goes_on():
    problems = []

    def surrogate(seed):
        if problems:
            raise problems[0]
        return gaussian(seed)

    game = LineUp(REAL, surrogate, panels=4)
    before = picture(game)
    problems.append(RuntimeError("no <b>draw</b>"))
    press(game, "New line-up")
    assert "RuntimeError: no &lt;b&gt;draw" in messages(game)
    np.testing.assert_array_equal(picture(game), before)
    game.pick(real_panel(game))
    problems.clear()
    press(game, "New line-up")
    assert "RuntimeError" not in messages(game)
    assert (game.hits, game.answer) == (1, None)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"real": REAL[:, 0]}, r"shape \(n, 2\).*got shape \(300,\)"),
        ({"real": REAL * np.nan}, "finite numbers"),
        ({"panels": 1}, "panels must be a whole number, at least 2; got 1"),
        ({"surrogate": [gaussian(0)] * 18, "panels": 20}, "expected 19 surrogates .*; got 18"),
        ({"surrogate": lambda seed: gaussian(seed, 301)}, "n from 301 to 301 for 300 real"),
        ({"surrogate": [gaussian(k, 40 + k) for k in range(3)]}, "n from 40 to 42"),
        ({"surrogate": lambda seed: np.zeros((60, 3))}, r"got shape \(60, 3\)"),
    ],
)
def test_what_cannot_be_lined_up_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        LineUp(**{"real": REAL, "surrogate": gaussian, "panels": 4} | arguments)


def played(hits, rounds, panels=20):
    """A game as it stands after some rounds, without its pictures."""
    game = LineUp.__new__(LineUp)
    game.hits, game.rounds, game._panels = hits, rounds, panels
    return game


@given(st.integers(0, 40), st.integers(0, 40), st.integers(2, 30))
def test_p_is_that_of_a_binomial_test(hits, misses, panels):
    p = played(hits, hits + misses, panels).p_value
    exact = binomtest(hits, hits + misses, 1 / panels, "greater").pvalue if hits else 1
    assert p == pytest.approx(exact)


@pytest.mark.parametrize(
    ("hits", "rounds", "words"),
    [
        (3, 10, "3 hits in 10 rounds: chance alone does as well in 1.2 % of the cases: "
                "you see a difference."),
        (1, 1, "1 hit in 1 round: chance alone does as well in 5 % of the cases: "
               "you see a difference."),
        (9, 9, "9 hits in 9 rounds: chance alone does as well in less than 0.01 % of the cases: "
               "you see a difference."),
        (1, 10, "1 hit in 10 rounds: chance alone does as well in 40 % of the cases: "
                "no evidence of a difference."),
    ],
)  # fmt: skip
def test_the_score_in_words(hits, rounds, words):
    assert played(hits, rounds)._score() == words


def test_a_line_up_shows_the_middle_of_a_plane_and_as_many_of_its_surrogate():
    z = np.random.default_rng(3).normal(5, 1, (900, 3))
    real, draw = middle_of(Plane.components(3, 0, 2), z, 200)
    assert len(real) >= 400
    assert np.abs(real).max() < 1.5  # 400 of 900 lie within about 0.85 of the mean
    panel = draw(1)
    assert panel.shape == (200, 2)
    assert np.abs(panel).max() <= np.abs(real).max() * 1.1
    assert not np.array_equal(panel, draw(2))
    assert LineUp(real, draw).rounds == 0
