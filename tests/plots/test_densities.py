import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex

from aelatent.latent import Densities, describe_components
from aelatent.plots import CENTER, PATH, density_curves
from aelatent.plots.densities import component_density

Z = np.random.default_rng(0).normal([5, 0, 0, -1], [3, 1, 1, 0.5], size=(4000, 4))


@pytest.fixture(scope="module")
def densities():
    return Densities.of(Z)


def test_all_curves_are_drawn_and_the_marked_ones_named(densities):
    ax = density_curves(densities, mark=[0, 3])
    (rest,) = [c for c in ax.collections if isinstance(c, LineCollection)]
    assert len(rest.get_segments()) == 2
    named = {line.get_label(): line for line in ax.lines}
    x, y = named["3"].get_xydata().T
    np.testing.assert_allclose(x, (densities.edges[1:] + densities.edges[:-1]) / 2)
    np.testing.assert_allclose(y, densities.density[3])
    assert ax.get_title(loc="left") == "all 4 components, n = 4,000, bins of 0.25"
    assert "units of the latent space" in ax.get_xlabel()
    assert ax.get_ylabel() == "share per unit"
    low, high = ax.get_ylim()
    assert low == 0
    assert high > densities.density.max()
    ax.figure.canvas.draw()


def test_the_marked_ones_alone(densities):
    _, ax = plt.subplots()
    assert density_curves(densities, mark=[1], only_marked=True, title="one", ax=ax) is ax
    assert not ax.collections
    assert ax.get_title(loc="left") == "one"


def test_thirty_marked_curves_can_be_told_apart():
    d = Densities.of(np.random.default_rng(1).normal(size=(500, 40)))
    ax = density_curves(d, mark=range(30))
    looks = {(to_hex(line.get_color()), line.get_linestyle()) for line in ax.lines[:30]}
    assert len(looks) == 30
    with pytest.raises(ValueError, match=r"mark must name at most 30 .* 0 to 39; got 31"):
        density_curves(d, mark=range(31))


@pytest.mark.parametrize("mark", [[4], [-1]])
def test_unknown_components_are_refused(densities, mark):
    with pytest.raises(ValueError, match=r"components 0 to 3; got 1"):
        density_curves(densities, mark=mark)


def test_one_density_shows_center_width_and_value(densities):
    described = describe_components(Z)
    ax = component_density(densities, 0, described, value=9.5)
    named = {line.get_label(): line for line in ax.lines}
    center = described.loc[0, "median"]
    line = named[f"center {center:.2f}"]
    assert line.get_xdata()[0] == center
    assert line.get_color() == CENTER
    assert named["value 9.50"].get_color() == PATH
    ends = named[f"width {described.loc[0, 'fwhm']:.2f}"].get_xdata()
    assert np.ptp(ends) == pytest.approx(described.loc[0, "fwhm"])
    low, high = ax.get_xlim()
    assert low < 0 < 9.5 < high
    ax.figure.canvas.draw()


def test_a_constant_component_can_be_drawn():
    z = np.column_stack([Z[:, 1], np.full(len(Z), 2.0)])
    component_density(Densities.of(z), 1, describe_components(z)).figure.canvas.draw()


def test_an_unknown_component_is_refused(densities):
    with pytest.raises(ValueError, match="component must be one of 0 to 3; got 4"):
        component_density(densities, 4, describe_components(Z))
