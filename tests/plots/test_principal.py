import numpy as np
import pytest
from matplotlib import pyplot as plt
from scipy import stats

from aelatent.plots import PATH, Z_POINTS, quantiles, spectrum
from tests.plots.reading import lines


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
    ax.figure.canvas.draw()


def test_quantiles_of_a_sample_of_the_law_lie_on_the_diagonal():
    law = stats.chi2(20)
    sample = law.rvs(4000, random_state=1)
    ax = quantiles(sample, law, others={"wide": 1.5 * sample}, label="D²")
    x, y = ax.lines[0].get_xydata()[200:-200].T
    assert np.abs(y / x - 1).max() < 0.05
    np.testing.assert_allclose(ax.lines[0].get_xdata()[0], law.ppf(0.5 / 4000))
    np.testing.assert_allclose(lines(ax)["wide (n = 4,000)"].get_ydata(), 1.5 * np.sort(sample))
    assert ax.lines[1].get_color() == PATH
    diagonal = lines(ax)["the law itself"].get_xydata()
    np.testing.assert_allclose(diagonal, np.transpose([law.ppf([0.0005, 0.9995])] * 2))
    assert ax.get_legend().get_texts()[0].get_text() == "D² (n = 4,000)"


@pytest.mark.parametrize("bad", [[[0.5, 0.5]], [], [1.2], [np.nan], [-0.1]])
def test_what_are_no_shares_is_refused(bad):
    with pytest.raises(ValueError, match=r"z-points must be shares in 0\.\.1"):
        spectrum(bad)
    with pytest.raises(ValueError, match=r"other must be shares in 0\.\.1"):
        spectrum([0, 1], others={"other": bad})
    assert plt.get_fignums() == []


@pytest.mark.parametrize("bad", [[1.0], [1, np.nan], []])
def test_too_few_or_infinite_values_are_refused(bad):
    with pytest.raises(ValueError, match="two or more finite values"):
        quantiles(bad, stats.norm())
    with pytest.raises(ValueError, match="other must be two or more finite values"):
        quantiles([1, 2], stats.norm(), others={"other": bad})
