import numpy as np
import pytest
from matplotlib import pyplot as plt
from scipy import stats

from aelatent.latent import Densities, radius_density
from aelatent.plots import PATH, radius_curves

Z = np.random.default_rng(0).normal(size=(3000, 20))


def test_densities_and_laws_share_the_axes():
    found = radius_density(Z, width=0.1)
    ax = radius_curves({"z-points": found}, laws={"chi": stats.chi(20)})
    values = ax.patches[0].get_data().values
    np.testing.assert_allclose(values, found.density[0])
    (law,) = ax.lines
    assert law.get_color() == PATH
    x, y = law.get_xydata().T
    np.testing.assert_allclose(y, stats.chi(20).pdf(x))
    low, high = ax.get_xlim()
    assert low <= found.edges[0]
    assert high >= found.edges[-1]
    assert ax.get_title(loc="left") == "n = 3,000, bins of 0.1"
    ax.figure.canvas.draw()


def test_draws_on_the_axes_given():
    _, ax = plt.subplots()
    assert radius_curves({"z": radius_density(Z)}, title="radii", ax=ax) is ax


def test_what_are_no_radii_is_refused():
    with pytest.raises(ValueError, match="densities of 20 components; expected radii"):
        radius_curves({"z": Densities.of(Z)})
    with pytest.raises(ValueError, match="got 0 and 0"):
        radius_curves({})
    with pytest.raises(ValueError, match="got 1 and 5"):
        radius_curves({"z": radius_density(Z)}, laws=dict.fromkeys("abcde", stats.norm()))
