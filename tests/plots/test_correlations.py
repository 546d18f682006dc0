import numpy as np
import pandas as pd
import pytest

from aelatent.plots import correlation_map, pair_panels
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
    assert texts(numbered)[0] == "1.00"
    assert float(texts(numbered)[1]) == round(MATRIX.iloc[0, 1], 2)
    assert "0." not in texts(numbered)[1]


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


def test_a_pair_stands_beside_its_shuffle_and_turned_beside_ellipses():
    rng = np.random.default_rng(0)
    z = rng.normal(size=(900, 3))
    z[:, 2] = 4 * z[:, 0] + 0.1 * z[:, 1]
    axs = pair_panels(z, 0, 2)
    titles = [["z-points", "each component shuffled"], ["z-points", "elliptical surrogate"]]
    assert [[title(ax).split(",")[0] for ax in row] for row in axs] == titles
    (own, shuffled), (turned, drawn) = ([ax.lines[0].get_xydata() for ax in row] for row in axs)
    for cloud in (own, turned, drawn):
        assert cloud.shape == (900, 2)
    assert np.corrcoef(own.T)[0, 1] > 0.99
    for cloud in (shuffled, turned, drawn):
        assert abs(np.corrcoef(cloud.T)[0, 1]) < 0.1
    assert turned[:, 0].std() > 20 * turned[:, 1].std()
    np.testing.assert_allclose(drawn.std(axis=0), turned.std(axis=0), rtol=0.15)
    assert [ax.get_legend() is None for ax in axs.flat] == [True, False, True, True]
