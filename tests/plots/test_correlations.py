import numpy as np
import pandas as pd
import pytest

from aelatent.plots import correlation_map
from tests.plots.reading import texts, title

MATRIX = pd.DataFrame(np.corrcoef(np.random.default_rng(0).normal(size=(5, 100))))


def test_a_map_shows_the_matrix_in_the_order_asked_for():
    order = [4, 2, 0, 1, 3]
    ax = correlation_map(MATRIX, order=order)
    shown = ax.collections[0].get_array().reshape(5, 5)
    np.testing.assert_allclose(shown, MATRIX.to_numpy()[np.ix_(order, order)])
    apart = np.abs(MATRIX.to_numpy()[~np.eye(5, dtype=bool)])
    end = np.quantile(apart, 0.99)
    assert ax.collections[0].get_clim() == pytest.approx((-end, end))
    assert not ax.texts
    assert ax.get_xlabel() == ax.get_ylabel() == "component, ordered"
    assert title(ax) == "5 components, ordered"
    gaps = correlation_map(pd.DataFrame([[1, np.nan], [np.nan, 1]]))
    assert title(gaps) == "2 components"
    assert gaps.collections[0].get_array().mask.sum() == 2
    numbered = correlation_map(MATRIX, limit=0.5, values=True)
    assert numbered.collections[0].get_clim() == (-0.5, 0.5)
    assert len(numbered.figure.axes) == 1  # no color bar
    assert len(texts(numbered)) == 25
    assert texts(numbered)[1] == f"{MATRIX.iloc[0, 1]:.2f}"


@pytest.mark.parametrize(
    ("matrix", "order", "message"),
    [
        (MATRIX.iloc[:, :2], None, r"must be square.*\(5, 2\)"),
        (pd.DataFrame(), None, r"must be square.*\(0, 0\)"),
        (MATRIX, [0, 1], "order must hold each of 0 to 4 once"),
        (MATRIX, [0, 1, 1, 2, 3], "order must"),
        (MATRIX, [1, 2, 3, 4, 5], "order must"),
    ],
)
def test_what_is_no_matrix_or_order_is_refused(matrix, order, message):
    with pytest.raises(ValueError, match=message):
        correlation_map(matrix, order=order)
