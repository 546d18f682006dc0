import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb
from scipy.stats import binom, binomtest

from aelatent.plots import PATH
from aelatent.plots.maps import SURROGATE
from aelatent.plots.rates import calibration_points, power_curves
from tests.plots.test_filaments import bars, lines

POWER = pd.DataFrame(
    {
        "kind": ["random curves"] * 3 + ["encoded sweeps"] * 3,
        "share": [0.05, 0.01, 1.0] * 2,
        "rate": [0.45, 0.1, 1.0, 0.2, 0.0, 0.9],
        "simulations": 20,
    }
)
NULLS = pd.DataFrame(
    {"null": ["Gaussian", "elliptical", "copula"], "rate": [0.04, 0.2, 0.0], "simulations": 50}
)


def test_power_has_its_intervals_on_a_logarithmic_axis():
    _, given = plt.subplots()
    ax = power_curves(POWER, ax=given)
    assert ax is given
    for kind, table in POWER.groupby("kind"):
        table = table.sort_values("share")
        points, ends = bars(ax, kind)
        np.testing.assert_allclose(points, table[["share", "rate"]] * [100, 1])
        hits = (table["rate"] * 20).round().astype(int)
        exact = [binomtest(k, 20).proportion_ci(method="wilson") for k in hits]
        np.testing.assert_allclose(ends, exact, atol=1e-12)
    assert ax.get_xscale() == "log"
    assert [text.get_text() for text in ax.get_xticklabels()] == ["1", "5", "100"]
    assert ax.get_xlabel() == "points on filaments, % of all"
    np.testing.assert_array_equal(lines(ax)["nominal 5 %"].get_ydata(), 0.05)
    assert ax.get_title(loc="left") == "n = 20 simulations each"
    more = POWER.assign(simulations=[20, 40, 20, 20, 20, 1000])
    assert power_curves(more).get_title(loc="left") == "n = 20 to 1,000 simulations each"
    ax.figure.canvas.draw()


def test_calibration_marks_what_lies_above_the_band():
    ax = calibration_points(NULLS)
    points = ax.collections[-1]
    np.testing.assert_allclose(points.get_offsets(), [(0.04, 0), (0.2, 1), (0.0, 2)])
    colors = [to_rgb(SURROGATE), to_rgb(PATH), to_rgb(SURROGATE)]
    np.testing.assert_allclose(points.get_facecolor()[:, :3], colors)
    low, high = binom.interval(0.95, 50, 0.05)
    assert [bar.get_x() for bar in ax.patches] == pytest.approx([low / 50] * 3)
    assert [bar.get_x() + bar.get_width() for bar in ax.patches] == pytest.approx([high / 50] * 3)
    intervals = [segment[:, 0] for segment in ax.collections[0].get_segments()]
    exact = [binomtest(k, 50).proportion_ci(method="wilson") for k in (2, 10, 0)]
    np.testing.assert_allclose(intervals, exact, atol=1e-12)
    assert [text.get_text() for text in ax.get_yticklabels()] == NULLS["null"].tolist()
    assert ax.yaxis_inverted()
    assert ax.get_title(loc="left") == "n = 50 simulations each"
    _, given = plt.subplots()
    assert calibration_points(NULLS, title="planes", ax=given) is given
    assert given.get_title(loc="left") == "planes"


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: power_curves(POWER.drop(columns=["kind", "rate"])), "without kind, rate"),
        (lambda: power_curves(POWER.assign(share=0.0)), "belongs to calibration_points"),
        (lambda: power_curves(POWER.assign(share=np.nan)), "share must be above 0"),
        (lambda: power_curves(POWER.assign(rate=1.5)), "expected rates in 0..1"),
        (lambda: calibration_points(NULLS.assign(rate=np.nan)), "expected rates in 0..1"),
        (lambda: calibration_points(NULLS.assign(simulations=0)), "1 or more simulations"),
        (lambda: calibration_points(NULLS[:0]), "a table without rows"),
    ],
)
def test_tables_that_do_not_fit_are_refused(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()
