import numpy as np
import pandas as pd
import pytest

from aelatent.plots import correlation_map
from tests.plots.reading import title

MATRIX = pd.DataFrame(np.corrcoef(np.random.default_rng(0).normal(size=(5, 100))))


def test_a_map_shows_the_matrix_in_the_order_asked_for():
    order = [4, 2, 0, 1, 3]
    ax = correlation_map(MATRIX, order=order)
    shown = ax.collections[0].get_array().reshape(5, 5)
    np.testing.assert_allclose(shown, MATRIX.to_numpy()[np.ix_(order, order)])
    assert ax.collections[0].get_clim() == (-1, 1)
    assert ax.get_xlabel() == ax.get_ylabel() == "component, seriated"
    assert title(ax) == "5 components, seriated"
    assert title(correlation_map(MATRIX)) == "5 components"
    ax.figure.canvas.draw()


def test_nan_stays_blank():
    ax = correlation_map(pd.DataFrame([[1, np.nan], [np.nan, 1]]))
    assert ax.collections[0].get_array().mask.sum() == 2


def test_what_is_no_matrix_or_order_is_refused():
    with pytest.raises(ValueError, match=r"must be square.*\(5, 2\)"):
        correlation_map(MATRIX.iloc[:, :2])
    with pytest.raises(ValueError, match=r"must be square.*\(0, 0\)"):
        correlation_map(pd.DataFrame())
    for order in ([0, 1], [0, 1, 1, 2, 3], [1, 2, 3, 4, 5]):
        with pytest.raises(ValueError, match="order must hold each of 0 to 4 once"):
            correlation_map(MATRIX, order=order)
