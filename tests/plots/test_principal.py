import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from scipy import stats

from aelatent import plots
from aelatent.latent import PrincipalAxes
from aelatent.plots import PATH, Z_POINTS, quantiles, spectrum
from tests.plots.reading import lines, scales, title


def test_a_spectrum_counts_axes_from_one():
    shares = np.array([0.6, 0.3, 0.1])
    ax = spectrum(shares, others={"shuffled": np.full(3, 1 / 3)})
    own, other = lines(ax)["z-points"], lines(ax)["shuffled"]
    np.testing.assert_allclose(own.get_xydata(), np.column_stack([[1, 2, 3], shares]))
    np.testing.assert_allclose(other.get_ydata(), 1 / 3)
    assert (own.get_color(), other.get_linestyle()) == (Z_POINTS, "--")
    assert ax.get_yscale() == "log"
    assert ax.get_legend() is not None
    ax = spectrum(shares, cumulative=True)
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [0.6, 0.9, 1])
    assert ax.get_ylim() == (0, 1.02)
    assert ax.get_legend() is None


def test_quantiles_of_a_sample_of_the_law_lie_on_the_diagonal():
    law = stats.chi2(20)
    sample = law.rvs(4000, random_state=1)
    ax = quantiles(sample, law, others={"wide": 1.5 * sample}, label="D²")
    x, y = lines(ax)["D² (n = 4,000)"].get_xydata()[200:-200].T
    assert np.abs(y / x - 1).max() < 0.05
    np.testing.assert_allclose(ax.lines[0].get_xdata()[0], law.ppf(0.5 / 4000))
    np.testing.assert_allclose(lines(ax)["wide (n = 4,000)"].get_ydata(), 1.5 * np.sort(sample))
    assert ax.lines[1].get_color() == PATH
    diagonal = lines(ax)["the law itself"].get_xydata()
    np.testing.assert_allclose(diagonal, np.transpose([law.ppf([0.0005, 0.9995])] * 2))


@pytest.mark.parametrize(
    ("draw", "good", "bad", "message"),
    [(spectrum, [0, 1], bad, r"must (lie in 0\.\.1|be a row)")
     for bad in ([[0.5, 0.5]], [], [1.2], [np.nan], [-0.1])]
    + [(lambda values, **given: quantiles(values, stats.norm(), **given), [1, 2], bad,
        "must be a (row|whole number, at least 2)") for bad in ([1.0], [1, np.nan], [])],
)  # fmt: skip
def test_bad_values_are_refused(draw, good, bad, message):
    with pytest.raises(ValueError, match=message):
        draw(bad)
    with pytest.raises(ValueError, match=f"other {message}"):
        draw(good, others={"other": bad})
    assert plt.get_fignums() == []


def test_the_origin_is_off_the_sheet_across_it_and_not_along_it():
    rng = np.random.default_rng(0)
    z = rng.normal(size=(600, 4)) * [9, 4, 1, 0.1] + [0, 0, 0, 5]
    axes = PrincipalAxes.fit(z)
    along, across = plots.thin_sheet(axes, z, {"N(0, I)": rng.normal(size=(50, 4))})
    assert (along.get_ylabel(), across.get_ylabel()) == ("PC 2", "PC 4")
    along.figure.draw_without_rendering()
    for ax, far in ((along, False), (across, True)):
        drawn = lines(ax)
        y = drawn["origin"].get_ydata()[0] - drawn["center"].get_ydata()[0]
        assert (abs(y) > 4) == far
        assert drawn["N(0, I)"].get_color() == PATH
        x, y = scales(ax)
        assert x == pytest.approx(y, rel=0.02)
    assert "sd off" in title(across)
    with pytest.raises(ValueError, match="at least 2 axes"):
        plots.thin_sheet(PrincipalAxes.fit(z[:, :1]), z[:, :1])


def test_d2_adds_up_from_the_narrowest_axis_on():
    table = pd.DataFrame({"sd": [3.0, 1.0, 2.0], "d2": [1.0, 100.0, 10.0]})
    ax = plots.added_d2({"origin": table, "other": table / 2}, 50)
    np.testing.assert_allclose(ax.lines[0].get_xydata(), [[1, 100], [2, 110], [3, 111]])
    assert ax.lines[0].get_label() == "origin:\nD² = 111"
    assert ax.lines[2].get_ydata()[0] == 50
    assert ax.lines[0].get_color() != ax.lines[1].get_color()
    with pytest.raises(ValueError, match="a table without d2"):
        plots.added_d2({"origin": table[["sd"]]}, 50)


@pytest.mark.parametrize(("d", "panels"), [(2, 2), (15, 12)])
def test_densities_along_axes_have_a_panel_each_beside_a_gaussian(d, panels):
    z = np.random.default_rng(0).normal(size=(4000, d))
    drawn = plots.axis_densities(PrincipalAxes.fit(z), z)
    assert [title(ax) for ax in drawn] == [f"PC {k}" for k in range(1, panels + 1)]
    counted, edges = drawn[-1].patches[0].get_data()[:2]
    x, gaussian = drawn[-1].lines[0].get_data()
    middle = (edges[1:] + edges[:-1]) / 2
    np.testing.assert_allclose(counted, np.interp(middle, x, gaussian, 0, 0), atol=0.08)


def test_changes_in_proportion_to_the_step_lie_on_the_line():
    sd = np.array([4.0, 2, 1, 0.5])
    ax = plots.axis_changes(sd, 3 * sd)
    np.testing.assert_allclose(ax.lines[1].get_xydata(), [[0.5, 1.5], [4, 12]])
    assert ax.get_xscale() == ax.get_yscale() == "log"
    with pytest.raises(ValueError, match="change must be a row of 4"):
        plots.axis_changes(sd, sd[:2])
