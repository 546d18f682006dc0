import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from scipy.stats import binom, binomtest

from aelatent.plots import PATH, calibration_points, power_curves
from aelatent.plots.style import SURROGATE
from tests.plots.reading import lines, title
from tests.plots.test_filaments import bars

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


def wilson(hits, n):
    return [binomtest(k, n).proportion_ci(method="wilson") for k in hits]


def test_power_has_its_intervals_on_a_logarithmic_axis():
    ax = power_curves(POWER)
    for kind, table in POWER.groupby("kind"):
        table = table.sort_values("share")
        points, ends = bars(ax, kind)
        np.testing.assert_allclose(points, table[["share", "rate"]] * [100, 1])
        hits = (table["rate"] * 20).round().astype(int)
        np.testing.assert_allclose(ends, wilson(hits, 20), atol=1e-12)
    assert ax.get_xscale() == "log"
    assert [text.get_text() for text in ax.get_xticklabels()] == ["1", "5", "100"]
    assert ax.get_xlabel() == "points on filaments, % of all"
    np.testing.assert_array_equal(lines(ax)["nominal 5 %"].get_ydata(), 0.05)
    assert title(ax) == "n = 20 simulations each"
    more = POWER.assign(simulations=[20, 40, 20, 20, 20, 1000])
    assert title(power_curves(more)) == "n = 20 to 1,000 simulations each"


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
    np.testing.assert_allclose(intervals, wilson((2, 10, 0), 50), atol=1e-12)
    assert [text.get_text() for text in ax.get_yticklabels()] == NULLS["null"].tolist()
    assert ax.yaxis_inverted()
    assert title(ax) == "n = 50 simulations each"


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: power_curves(POWER.drop(columns=["kind", "rate"])), "without kind, rate"),
        (lambda: power_curves(POWER.assign(share=0.0)), "belongs to calibration_points"),
        (lambda: power_curves(POWER.assign(share=1.1)), "share must be above 0 and at most 1"),
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
