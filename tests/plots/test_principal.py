import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from scipy import stats

from aelatent.plots import PATH, Z_POINTS, correlation_map, quantiles, spectrum

RNG = np.random.default_rng(0)


def test_a_map_shows_the_matrix_in_the_order_asked_for():
    matrix = pd.DataFrame(np.corrcoef(RNG.normal(size=(5, 100))))
    order = [4, 2, 0, 1, 3]
    ax = correlation_map(matrix, order=order)
    shown = ax.collections[0].get_array().reshape(5, 5)
    np.testing.assert_allclose(shown, matrix.to_numpy()[np.ix_(order, order)])
    assert ax.collections[0].get_clim() == (-1, 1)
    assert ax.get_xlabel() == "component, seriated"
    ax.figure.canvas.draw()


def test_a_map_draws_on_the_axes_given_and_leaves_nan_blank():
    _, ax = plt.subplots()
    matrix = pd.DataFrame([[1, np.nan], [np.nan, 1]])
    assert correlation_map(matrix, ax=ax, title="two") is ax
    assert ax.collections[0].get_array().mask.sum() == 2


def test_a_map_refuses_what_is_no_matrix_or_order():
    matrix = pd.DataFrame(np.eye(3))
    with pytest.raises(ValueError, match=r"must be square.*\(3, 2\)"):
        correlation_map(matrix.iloc[:, :2])
    for order in ([0, 1], [0, 1, 1], [1, 2, 3]):
        with pytest.raises(ValueError, match="order must hold each of 0 to 2 once"):
            correlation_map(matrix, order=order)


def test_a_spectrum_counts_axes_from_one():
    shares = np.array([0.6, 0.3, 0.1])
    ax = spectrum(shares, others={"shuffled": np.full(3, 1 / 3)})
    np.testing.assert_allclose(ax.lines[0].get_xydata(), np.column_stack([[1, 2, 3], shares]))
    assert ax.lines[0].get_color() == Z_POINTS
    assert ax.get_yscale() == "log"
    ax = spectrum(shares, cumulative=True, title="sum")
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [0.6, 0.9, 1])
    assert ax.get_ylim()[0] == 0
    ax.figure.canvas.draw()


@pytest.mark.parametrize("bad", [[[0.5, 0.5]], [], [1.2], [np.nan], [-0.1]])
def test_a_spectrum_refuses_what_are_no_shares(bad):
    with pytest.raises(ValueError, match=r"z-points must be shares in 0\.\.1"):
        spectrum(bad)


def test_quantiles_of_a_sample_of_the_law_lie_on_the_diagonal():
    law = stats.chi2(20)
    sample = law.rvs(4000, random_state=1)
    wide = 1.5 * sample
    ax = quantiles(sample, law, others={"wide": wide}, label="D²")
    x, y = ax.lines[0].get_xydata()[200:-200].T
    assert np.abs(y / x - 1).max() < 0.05
    assert ax.lines[1].get_color() == PATH
    assert ax.get_legend().get_texts()[0].get_text() == "D² (n = 4,000)"
    ax.figure.canvas.draw()


@pytest.mark.parametrize("bad", [[1.0], [1, np.nan], []])
def test_quantiles_refuse_too_few_or_infinite_values(bad):
    with pytest.raises(ValueError, match="two or more finite values"):
        quantiles(bad, stats.norm())
