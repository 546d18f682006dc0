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
