import logging
import shutil
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from aelatent.images import detect_faces
from aelatent.latent import (
    PrincipalAxes,
    core_border,
    cycle_error,
    frechet_distance,
    linear,
)
from aelatent.latent.conditions import COMBINATION_NAMES, COMBINATIONS, draw_with
from aelatent.latent.samplers import multivariate_normal, standard_normal
from aelatent.latent.scores import frechet_error, precision_recall, sharpness
from aelatent.model import ModelConfig
from aelatent.runs import Run
from aelatent.scoring import path_scores, score_conditions, scoreboard

PAIR = {"normal": multivariate_normal, "N(0, I)": standard_normal}


@pytest.fixture(scope="module")
def judged(small_world, tmp_path_factory):
    """The tiny run with a judge: itself, which is enough to see what is computed."""
    data = tmp_path_factory.mktemp("judged")
    shutil.copytree(small_world, data, dirs_exist_ok=True)
    shutil.copytree(data / "runs" / "small", data / "runs" / "small-judge")
    return Run.open("small", data=data)


@pytest.fixture(scope="module")
def board(judged):
    return scoreboard(judged, PAIR, n=20, n_frechet=40, seed=3, progress=False)


def split(run, m, seed):
    """Return reference, test and fitted rows as the docstring tells."""
    order = np.random.default_rng(seed).permutation(len(run.z))
    reference, test, fitted = np.split(order, [m, 2 * m])
    return np.sort(reference), test, np.sort(fitted)


def ruler(run, reference, test):
    """Return the axes that D² is measured with, and where the core ends."""
    axes = PrincipalAxes.fit(run.z[reference])
    return axes, np.quantile(axes.d2(run.z[test]), 0.95)


def test_a_path_is_scored_point_by_point(judged):
    path = linear(judged.z[0], judged.z[1], n=5)
    images, table = path_scores(judged, path)
    np.testing.assert_array_equal(images, judged.decode(path.z))
    core, again = core_border(judged.z), judged.encode(images)
    white = np.sum((core.axes.whiten(again) - core.axes.whiten(path.z)) ** 2, axis=1)
    expected = {
        "d2": core.axes.d2(path.z),
        "in_core": core.holds(path.z),
        "cycle_error": cycle_error(path.z, again, judged.axes.spread),
        "cycle_error_whitened": np.sqrt(white / core.axes.rank),
        "face": detect_faces(images),
        "sharpness": sharpness(images),
    }
    points = pd.RangeIndex(1, 6, name="point")
    pd.testing.assert_frame_equal(table, pd.DataFrame(expected, points))
    other = core_border(judged.z, seed=5)  # an array and a core of the caller's will do
    np.testing.assert_allclose(path_scores(judged, path.z, other)[1]["d2"], other.axes.d2(path.z))


def test_the_board_has_its_rows_its_columns_and_says_how_it_was_made(board, judged):
    assert board.index.tolist() == ["originals", "reconstructions", "normal", "N(0, I)"]
    assert board.index.name == "vectors"
    border = ruler(judged, *split(judged, 40, 3)[:2])[1]
    assert board.attrs == {
        "n": 20, "n_frechet": 40, "seed": 3, "judge": "small-judge", "fitted": 80, "border": border,
    }  # fmt: skip
    assert board.drop("originals").notna().all(axis=None)
    likely = (20 * board["faces"] + 1) / 22
    np.testing.assert_allclose(board["faces error"], np.sqrt(likely * (1 - likely) / 20))


def test_figures_of_the_board_are_those_of_its_parts(board, judged):
    reference, test, fitted = split(judged, 40, 3)
    z = multivariate_normal(judged.z[fitted], 40, 3)
    images, (axes, border) = judged.decode(z), ruler(judged, reference, test)
    pictures = judged.encode(judged.store.images[reference])
    decoded = judged.encode(judged.decode(judged.z[reference]))
    features, d2 = judged.encode(images), axes.d2(z[:20])
    expected = {
        "faces": detect_faces(images[:20]).mean(),
        "cycle_error": np.median(cycle_error(z[:20], features[:20], judged.axes.spread)),
        "d2": np.median(d2),
        "in_core": (d2 <= border).mean(),
        "frechet": frechet_distance(pictures, features),
        "frechet_decoded": frechet_distance(decoded, features),
        "frechet_decoded error": frechet_error(decoded, features),
    }
    row = board.loc["normal"]
    np.testing.assert_allclose(row[[*expected]], [*expected.values()], rtol=1e-4)
    found = precision_recall(decoded, features)
    np.testing.assert_allclose(row[["precision", "recall"]], found, atol=1e-3)
    tested = judged.store.images[test]
    zero = detect_faces(tested[:20]).mean(), frechet_distance(pictures, judged.encode(tested))
    np.testing.assert_allclose(board.loc["originals", ["faces", "frechet"]], zero, rtol=1e-4)


def test_the_error_of_a_cycle_is_the_bootstraps(board, judged):
    z = multivariate_normal(judged.z[split(judged, 40, 3)[2]], 40, 3)[:20]
    cycle = cycle_error(z, judged.encode(judged.decode(z)), judged.axes.spread)
    error = stats.bootstrap((cycle,), np.median, rng=1, n_resamples=999).standard_error
    assert board.loc["normal", "cycle_error error"] == pytest.approx(error, rel=0.3)


def test_samplers_see_neither_the_reference_nor_the_test_pictures(judged):
    seen = []

    def copies(z, n, seed=0):
        seen.append(z)
        return z[:n]

    board = scoreboard(judged, {"copies": copies}, n=10_000, n_frechet=10_000, progress=False)
    assert board.attrs["n"] == board.attrs["n_frechet"] == len(judged.z) // 4  # at most
    np.testing.assert_array_equal(seen[0], judged.z[split(judged, 40, 0)[2]])
    assert board.loc["copies", "nearest"] == 0
    assert board.loc["reconstructions", "nearest"] == 1


def test_without_a_judge_the_board_says_how_to_train_one(small_world, caplog):
    run = Run.open("small", data=small_world)
    with caplog.at_level(logging.WARNING, "aelatent"):
        board = scoreboard(run, {"normal": multivariate_normal}, n=5, progress=False)
    assert "aelatent train small-judge --store few" in caplog.text
    assert board[["frechet", "frechet_decoded", "precision", "recall"]].isna().all(axis=None)
    assert board["faces"].notna().all()
    assert board.attrs["judge"] is None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"n": 0}, "n must be a whole number"),
        ({"n_frechet": 8}, "n_frechet must be a whole number"),
        ({"judge": SimpleNamespace(name="j", config=ModelConfig(size=64))}, "judge 'j' .* of 64"),
        ({"samplers": {"originals": multivariate_normal}}, "'originals', a zero line"),
        ({"samplers": {"x": lambda z, n, seed: z[:n, :3]}}, r"'x' must .*shape \(40, 3\)"),
        ({"samplers": {"x": lambda z, n, seed: z[:5]}}, r"'x' must .*shape \(5, 8\)"),
        ({"samplers": {"x": lambda z, n, seed: np.full((n, 8), np.nan)}}, "'x' must .*not all fin"),
    ],
)
def test_what_is_unusable_is_refused(judged, options, said):
    with pytest.raises(ValueError, match=said):
        scoreboard(judged, **({"samplers": {}, "n": 5} | options), progress=False)


def test_too_few_z_points_and_a_path_of_another_space_are_refused(judged, monkeypatch):
    with pytest.raises(ValueError, match=r"\(n, 8\)"):
        path_scores(judged, np.zeros((3, 7)))
    monkeypatch.setattr(Run, "z", judged.z[:35])
    with pytest.raises(ValueError, match="more than 35 z-points; run 'small' has 35"):
        scoreboard(judged, {}, progress=False)


def test_batches_change_nothing(judged, board, monkeypatch):
    monkeypatch.setattr("aelatent.scoring._BATCH", 7)
    again = scoreboard(judged, PAIR, n=20, n_frechet=40, seed=3, progress=False)
    pd.testing.assert_frame_equal(again, board, rtol=1e-3)


def test_stopped_they_return_the_rows_that_are_done(judged, monkeypatch, caplog):
    def stop(*_, **__):
        raise KeyboardInterrupt

    samplers = {"normal": multivariate_normal, "stop": stop, "never": multivariate_normal}
    board = scoreboard(judged, samplers, n=5, progress=False)
    assert board.index.tolist() == ["originals", "reconstructions", "normal"]
    assert "3 of 5 rows" in caplog.text
    third = COMBINATIONS[2]
    draw = lambda *_, keep, **__: stop() if keep == third else judged.z[:4]  # noqa: E731
    monkeypatch.setattr("aelatent.scoring.draw_with", draw)
    assert score_conditions(judged, n=4, progress=False)["face"].shape == (4, 2)
    assert "2 of 16" in caplog.text


def test_all_combinations_of_conditions_are_scored_draw_by_draw(judged):
    table = score_conditions(judged, n=12, seed=2, progress=False)
    assert table.columns.get_level_values("kept").unique().tolist() == [*COMBINATION_NAMES]
    assert len(table) == 12
    core = core_border(judged.z)
    for name in ("nothing", "center + correlation", COMBINATION_NAMES[-1]):
        z = draw_with(judged.z, 12, 2, keep=name.split(" + ") if name != "nothing" else ())
        again = judged.encode(judged.decode(z))
        white = np.linalg.norm(core.axes.whiten(again) - core.axes.whiten(z), axis=1)
        for score, values in {
            "cycle_error": cycle_error(z, again, judged.axes.spread),
            "cycle_error_whitened": white / np.sqrt(core.axes.rank),
            "d2": core.axes.d2(z),
            "in_core": core.holds(z),
            "face": detect_faces(judged.decode(z)),
        }.items():
            np.testing.assert_allclose(table[score][name], values, rtol=1e-4)
