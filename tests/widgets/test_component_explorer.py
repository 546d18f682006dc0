import numpy as np
import pytest

from aelatent.widgets import ComponentExplorer
from aelatent.widgets._curves import BINS

from .stand_ins import asked, sent


@pytest.fixture
def explorer(run):
    return ComponentExplorer(run)


def test_starts_at_the_center_of_the_widest_component(run, explorer):
    widest = run.described["fwhm"].idxmax()
    assert explorer.component == explorer.components[0] == widest
    assert explorer.value == pytest.approx(run.described.loc[widest, "median"])
    expected = run.z.mean(axis=0)
    expected[widest] = explorer.value
    np.testing.assert_allclose(explorer.z, expected, rtol=1e-4)
    np.testing.assert_array_equal(explorer.image, run.decode(explorer.z[None])[0])


def test_curves_hold_span_density_and_shares_of_each_component(run, explorer):
    curves = np.frombuffer(explorer.curves, np.float32).reshape(len(explorer.components), -1)
    for component, curve in zip(explorer.components, curves, strict=True):
        row, values = run.described.loc[component], run.z[:, component]
        low, high = (row["median"] + side * 2 * row["fwhm"] for side in (-1, 1))
        np.testing.assert_allclose(curve[:4], [row["median"], low, high, row["fwhm"]], rtol=1e-5)
        inside = (values >= low) & (values < high)
        area = curve[4 : 4 + BINS].sum() * (high - low) / BINS
        assert area == pytest.approx(inside.mean(), rel=1e-4)
        below = curve[4 + BINS :]
        assert below[BINS // 2] == pytest.approx(0.5, abs=0.01)
        assert below[[0, -1]] == pytest.approx([(values < low).mean(), (values < high).mean()])


def test_another_component_starts_at_its_own_center(run, explorer):
    for component in (3, 7, 0):
        explorer.component = component
        assert explorer.value == pytest.approx(run.described.loc[component, "median"], abs=1e-6)
    sent(explorer, place={"component": 4, "value": 1.25})  # as the page chooses
    assert (explorer.component, explorer.value) == (4, 1.25)


def test_the_others_rest_at_a_picture_or_at_the_center(run, explorer):
    asked(explorer, "picture")
    others = np.arange(12) != explorer.component
    assert (run.z[:, others] == explorer.z[others]).all(axis=1).sum() == 1
    twin = ComponentExplorer(run, seed=0)
    twin.random_picture()
    np.testing.assert_array_equal(twin.base, explorer.base)
    explorer.center()
    np.testing.assert_allclose(explorer.base, run.z.mean(axis=0), rtol=1e-4)
    explorer.base = run.z[5]
    explorer.base[0] = 7  # a copy
    np.testing.assert_array_equal(explorer.z[others], run.z[5, others])


def test_a_page_that_cannot_decode_is_answered(run, explorer):
    rest = run.z[9].tolist()
    answer, (image,) = asked(explorer, "decode", place={"component": 2, "value": 3.5}, rest=rest)
    expected = run.z[9].copy()
    expected[2] = 3.5
    np.testing.assert_array_equal(run.seen[-1], expected[None])
    assert answer["d2"] == pytest.approx(run.core.axes.d2(expected[None]))
    assert image.shape == (8, 8, 3)


def test_the_choice_of_components(run):
    explorer = ComponentExplorer(run, components=[5, 2])
    assert (explorer.components, explorer.component) == ([5, 2], 5)
    for bad in ([], [12], [-1], [3, 3]):
        with pytest.raises(ValueError, match=r"component.* 0 to 11"):
            ComponentExplorer(run, components=bad)
    with pytest.raises(ValueError, match="component must be one of 5, 2; got 3"):
        explorer.component = 3
    with pytest.raises(ValueError, match=r"value must lie in .*; got 1000"):
        explorer.value = 1000
    for bad in (np.zeros(3), np.full(12, np.nan)):
        with pytest.raises(ValueError, match="base must be a row of 12 finite"):
            explorer.base = bad


def test_in_a_page_without_a_kernel_walks_along_the_first_stand_for_it(run, explorer):
    run.seen.clear()
    html = explorer.still()
    walks = run.seen[0].reshape(4, 5, 12)
    for walk, component in zip(walks, explorer.components, strict=False):
        row = run.described.loc[component]
        ends = row["median"] - 2 * row["fwhm"], row["median"] + 2 * row["fwhm"]
        np.testing.assert_allclose(walk[[0, -1], component], ends, rtol=1e-4, atol=1e-5)
        assert np.unique(np.delete(walk, component, axis=1), axis=0).shape[0] == 1
    assert 'data-aelatent="component"' in html
