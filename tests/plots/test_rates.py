import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from scipy.stats import binom, binomtest

from aelatent.plots import (
    PATH,
    Z_POINTS,
    calibration_points,
    error_panels,
    face_rates,
    part_changes,
)
from aelatent.plots.style import SURROGATE
from tests.plots.reading import lines, title
from tests.plots.test_filaments import bars

NULLS = pd.DataFrame({"null": ["Gaussian", "copula"], "rate": [0.04, 0.2], "simulations": 50})
FACES = pd.DataFrame({"series": ["center", "person"] * 2, "x": [3, 1, -3, 2],
                      "rate": [0.0, 0.5, 0.25, 1.0], "n": [8, 10_000, 400, 8]})  # fmt: skip


def wilson(hits, n, level=0.95):
    return [binomtest(k, n).proportion_ci(level, method="wilson") for k in hits]


def test_calibration_marks_what_lies_above_the_band():
    ax = calibration_points(NULLS)
    points = ax.collections[-1]
    np.testing.assert_allclose(points.get_offsets(), [(0.04, 0), (0.2, 1)])
    np.testing.assert_allclose(points.get_facecolor()[:, :3], [to_rgb(SURROGATE), to_rgb(PATH)])
    low, high = binom.interval(0.95, 50, 0.05)
    band = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches]
    assert band == [pytest.approx((low / 50, high / 50))] * 2
    intervals = [segment[:, 0] for segment in ax.collections[0].get_segments()]
    np.testing.assert_allclose(intervals, wilson((2, 10), 50), atol=1e-12)
    assert [text.get_text() for text in ax.get_yticklabels()] == ["Gaussian", "copula"]
    assert ax.yaxis_inverted()
    assert title(ax) == "n = 50 simulations each"


def test_face_rates_have_two_standard_errors_and_an_interval_at_the_ends():
    ax = face_rates(FACES, x_label="sd", title="Faces")
    points, ends = bars(ax, "person")
    np.testing.assert_allclose(points, [(1, 0.5), (2, 1)])
    np.testing.assert_allclose(ends[0], (0.49, 0.51), atol=1e-5)  # two errors of 0.005
    # At 1 of n the lower end is n / (n + 4): the score test's, solved by hand.
    np.testing.assert_allclose(ends[1], (8 / (8 + 4), 1), atol=1e-3)
    points, _ = bars(ax, "center")
    np.testing.assert_allclose(points, [(-3, 0.25), (3, 0)])  # in order of x
    assert (ax.get_xlabel(), title(ax)) == ("sd", "Faces")
    assert title(face_rates(FACES)) == "n = 8 to 10,000 pictures each"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["center", "person"]


def test_face_rates_by_name_stand_side_by_side():
    table = FACES.assign(x=["uniform", "uniform", "normal", "normal"])
    ax = face_rates(pd.concat([table, table[:1].assign(x="none", n=0, rate=np.nan)]))
    assert [text.get_text() for text in ax.get_xticklabels()] == ["uniform", "normal"]
    points = np.array([bars(ax, name)[0] for name in ("center", "person")])
    np.testing.assert_allclose(points[:, :, 0].mean(axis=0), [0, 1])
    assert (np.diff(points[:, :, 0], axis=0) > 0).all()
    assert face_rates(table[::2]).get_legend() is None  # one series explains itself


def test_face_rates_count_pictures():
    found = pd.DataFrame({2: [True, False, False, True], 1: [True, True, False, True]})
    points, ends = bars(face_rates({"a": found, "b": ~found[:2]}), "a")
    np.testing.assert_allclose(points, [(1, 0.75), (2, 0.5)])
    np.testing.assert_allclose(ends[1], wilson([2], 4, 0.9545)[0], atol=1e-12)
    points, _ = bars(face_rates({"a": found, "b": ~found[:2]}), "b")
    np.testing.assert_allclose(points, [(1, 0), (2, 0.5)])


@pytest.mark.parametrize(
    ("draw", "table", "message"),
    [
        (face_rates, FACES.drop(columns="n"), "without n"),
        (face_rates, FACES.assign(n=0), "without rows.*n = 0"),
        (face_rates, FACES.assign(rate=1.5), "expected rates in 0..1"),
        (calibration_points, NULLS.assign(rate=np.nan), "expected rates in 0..1"),
        (calibration_points, NULLS.assign(simulations=0), "each of 1 or more"),
        (calibration_points, NULLS[:0], "a table without rows"),
    ],
)
def test_tables_that_do_not_fit_are_refused(draw, table, message):
    with pytest.raises(ValueError, match=message):
        draw(table)


def test_panels_have_a_line_per_row_and_bars_of_two_errors():
    table = pd.DataFrame(
        {"faces": [0.9, 0.8, 0.1], "faces error": [0.01, 0.02, 0.03], "cycle": [np.nan, 1, 2]},
        ["originals", "normal", "uniform"],
    )
    labels = {"faces": "share with a face", "cycle": "cycle error"}
    axs = error_panels(table, labels, marked=["originals"], title="Board")
    assert [ax.get_xlabel() for ax in axs] == [*labels.values()]
    assert [text.get_text() for text in axs[0].get_yticklabels()] == [*table.index]
    assert axs[0].yaxis_inverted()  # the first row on top
    blue, red = axs[0].containers
    assert to_rgb(blue.lines[0].get_color()) == to_rgb(Z_POINTS)
    np.testing.assert_allclose(red.lines[0].get_xydata(), [(0.8, 1), (0.1, 2)])
    np.testing.assert_allclose(red.lines[2][0].get_segments()[0][:, 0], [0.76, 0.84])
    downs = [line.get_xdata()[0] for line in axs[0].lines if line.get_linestyle() != "None"]
    assert 0.9 in downs  # to compare with
    assert 0 not in downs
    (only,) = error_panels(table.assign(cycle=np.nan), labels, zero=True)
    assert 0 in [line.get_xdata()[0] for line in only.lines if line.get_linestyle() != "None"]
    assert axs[0].figure.get_figwidth() <= 7
    assert axs[0].figure.get_suptitle() == "Board"


def test_changes_of_parts_are_paired_with_those_of_the_face():
    face, rng = np.array([1.0, 2, 4]), np.random.default_rng(0)
    tables = {
        x: pd.DataFrame({"face": face, "hair": 2 * face, "rest": face * rng.random(3)})
        for x in (1, 8)
    }
    ax = part_changes(tables, title="n = 3 groups")
    points, ends = bars(ax, "hair")
    np.testing.assert_allclose(points, [[1, 2], [8, 2]])
    np.testing.assert_allclose(ends, [[2, 2]] * 2)  # twice in every group: no error
    points, ends = bars(ax, "rest")
    ratio = tables[8]["rest"] / face
    assert points[1][1] == pytest.approx(ratio.mean())
    assert ends[1][1] - ends[1][0] == pytest.approx(4 * ratio.std(ddof=1) / np.sqrt(3))
    assert lines(ax)["face"].get_ydata()[0] == 1
