import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex
from scipy import stats

from aelatent.latent import Densities, radius_density
from aelatent.plots import PATH, Z_POINTS, density_curves, radius_curves
from tests.plots.reading import lines, title

Z = np.random.default_rng(0).normal([5, 0, 0, -1], [3, 1, 1, 0.5], size=(4000, 4))
DENSITIES = Densities.of(Z)
RADII = radius_density(Z, width=0.1)
LAW = stats.chi(20)


def test_all_curves_are_drawn_and_the_marked_ones_named():
    ax = density_curves(DENSITIES, mark=[0, 3])
    (rest,) = [c for c in ax.collections if isinstance(c, LineCollection)]
    middles = (DENSITIES.edges[1:] + DENSITIES.edges[:-1]) / 2
    curves = [np.column_stack([middles, density]) for density in DENSITIES.density]
    np.testing.assert_allclose(rest.get_segments(), curves[1:3])
    np.testing.assert_allclose(lines(ax)["3"].get_xydata(), curves[3])
    assert title(ax) == "all 4 components, n = 4,000, bins of 0.25"
    assert "units of the latent space" in ax.get_xlabel()
    assert ax.get_ylabel() == "share per unit"
    low, high = ax.get_ylim()
    assert low == 0
    assert high > DENSITIES.density.max()
    alone = density_curves(DENSITIES, mark=[1], only_marked=True)
    assert not alone.collections
    assert title(alone).startswith("1 of 4 components")


def test_thirty_marked_curves_can_be_told_apart():
    many = Densities.of(np.random.default_rng(1).normal(size=(500, 40)))
    ax = density_curves(many, mark=range(30))
    assert len({(to_hex(line.get_color()), line.get_linestyle()) for line in ax.lines[:30]}) == 30
    for mark, named in ((range(31), "0 to 30; got 31"), ([40], "0 to 39"), ([-1], "0 to 39")):
        with pytest.raises(ValueError, match=named):
            density_curves(many, mark=mark)


def test_radii_and_laws_share_the_axes():
    ax = radius_curves({"z": RADII}, laws={"chi": LAW})
    (drawn,), (law,) = ax.patches, ax.lines
    np.testing.assert_allclose(drawn.get_data().values, RADII.density[0])
    np.testing.assert_allclose(drawn.get_data().edges, RADII.edges)
    assert (to_hex(drawn.get_edgecolor()), law.get_color()) == (Z_POINTS.lower(), PATH)
    x, y = law.get_xydata().T
    np.testing.assert_allclose(y, LAW.pdf(x))
    np.testing.assert_allclose(x[[0, -1]], LAW.ppf([1e-5, 1 - 1e-5]))
    low, high = ax.get_xlim()
    assert 0 <= low <= RADII.edges[0]
    assert high >= RADII.edges[-1]
    assert title(ax) == "n = 4,000, bins of 0.1"


def test_what_are_no_radii_is_refused():
    with pytest.raises(ValueError, match=r"made by radius_density.*got 4"):
        radius_curves({"z": DENSITIES})
    for densities, laws in (("", ""), ("abcde", ""), ("a", "abcde")):
        with pytest.raises(ValueError, match=f"; got {len(laws) or len(densities)}"):
            radius_curves(dict.fromkeys(densities, RADII), laws=dict.fromkeys(laws, LAW))
    ax = radius_curves(dict.fromkeys("abcd", RADII), laws=dict.fromkeys("efgh", LAW))
    assert len(ax.lines) == len(ax.patches) == 4
