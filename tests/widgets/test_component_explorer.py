import re

import ipywidgets
import numpy as np
import pytest

from aelatent.widgets import ComponentExplorer

from .stand_ins import callback_under_way, control, failing, messages, parts, picture, press


@pytest.fixture
def explorer(run):
    return ComponentExplorer(run)


def slider(explorer):
    return parts(explorer, ipywidgets.FloatSlider)[0]


def curve(explorer):
    return next(w.value for w in parts(explorer, ipywidgets.HTML) if "<svg" in w.value)


def test_starts_at_the_center_of_the_widest_component(run, explorer):
    widest = run.described["fwhm"].idxmax()
    assert explorer.component == widest
    assert explorer.value == pytest.approx(run.described.loc[widest, "median"])
    expected = run.z.mean(axis=0)
    expected[widest] = explorer.value
    np.testing.assert_allclose(explorer.z, expected, rtol=1e-4)
    np.testing.assert_array_equal(explorer.image, run.decode(explorer.z[None])[0])


def test_what_a_callback_and_a_cell_do_at_once_comes_one_after_the_other(run, explorer):
    moves = lambda: setattr(slider(explorer), "value", explorer.value + 1)  # noqa: E731
    with callback_under_way(run, moves) as decode:
        explorer.component = (explorer.component + 1) % 12
    expected = run.z.mean(axis=0)
    expected[explorer.component] = explorer.value
    np.testing.assert_allclose(explorer.z, expected, rtol=1e-4)
    np.testing.assert_array_equal(explorer.image, decode(explorer.z[None])[0])


def test_after_an_interrupted_choice_the_slider_still_moves_its_component_alone(run, explorer):
    def interrupted(change):
        raise KeyboardInterrupt

    slider(explorer).observe(interrupted, "step")
    with pytest.raises(KeyboardInterrupt):
        explorer.component = (explorer.component + 1) % 12
    slider(explorer).unobserve(interrupted, "step")
    before = explorer.z
    run.seen.clear()
    slider(explorer).value += 1.0
    assert len(run.seen) == 1
    moved = run.seen[0][0] - before
    assert np.flatnonzero(moved).tolist() == [explorer.component]
    assert moved[explorer.component] == pytest.approx(1, rel=1e-3)


def test_the_curve_is_the_density_and_its_red_line_follows(run, explorer):
    def red():
        return float(re.search(r'<line x1="([\d.]+)"[^>]*#B2182B', curve(explorer))[1])

    assert red() == pytest.approx(210, abs=1)  # the middle
    corners = re.search(r'points="([^"]*)"', curve(explorer))[1].split()
    x, y = np.array([corner.split(",") for corner in corners], float).T
    assert (y.min(), y.max()) == (12, 150)
    assert [x[0], y[0], x[-1], y[-1]] == [0, 150, 420, 150]
    row = run.described.loc[explorer.component]
    ends = row["median"] - 2 * row["fwhm"], row["median"] + 2 * row["fwhm"]
    name = "density along component {}, from {:.2f} to {:.2f}"
    assert name.format(explorer.component, *ends) in curve(explorer)
    explorer.value = slider(explorer).max
    assert red() == pytest.approx(420, abs=1)


def test_another_component_starts_at_its_own_center_and_decodes_once(run, explorer):
    run.seen.clear()
    for calls, component in enumerate((3, 7, 0), start=1):
        explorer.component = component
        row = run.described.loc[component]
        assert explorer.value == pytest.approx(row["median"], abs=1e-6)
        assert slider(explorer).min == pytest.approx(row["median"] - 2 * row["fwhm"])
        assert slider(explorer).max == pytest.approx(row["median"] + 2 * row["fwhm"])
        assert slider(explorer).step == pytest.approx(row["fwhm"] / 20)
        assert len(run.seen) == calls
        said = f"component {component}: {explorer.value:.2f}, +0.00 widths off its center"
        assert said in messages(explorer)


def test_the_others_rest_at_a_picture_or_at_the_center(run, explorer):
    press(explorer, "Random picture")
    others = np.arange(12) != explorer.component
    assert (run.z[:, others] == explorer.z[others]).all(axis=1).sum() == 1
    twins = [ComponentExplorer(run, seed=0) for _ in range(2)]
    for twin in twins:
        twin.random_picture()
        np.testing.assert_array_equal(twin.base, explorer.base)
    press(explorer, "Center")
    np.testing.assert_allclose(explorer.base, run.z.mean(axis=0), rtol=1e-4)
    explorer.base = run.z[5]
    explorer.base[0] = 7  # a copy
    np.testing.assert_array_equal(explorer.z[others], run.z[5, others])


def test_the_choice_of_components(run):
    explorer = ComponentExplorer(run, components=[5, 2])
    assert control(explorer, "along").options == (("component 5", 5), ("component 2", 2))
    assert explorer.component == 5
    for bad in ([], [12], [-1], [3, 3]):
        with pytest.raises(ValueError, match=r"component.* 0 to 11"):
            ComponentExplorer(run, components=bad)
    with pytest.raises(ValueError, match=r"value must lie in .*; got 1000"):
        explorer.value = 1000
    for bad in (np.zeros(3), np.full(12, np.nan)):
        with pytest.raises(ValueError, match="base must be a row of 12 finite"):
            explorer.base = bad


def test_errors_of_the_decoder_are_shown_and_go_away(run, explorer):
    before = picture(explorer)
    with failing(run, explorer, lambda: press(explorer, "Random picture")):
        np.testing.assert_array_equal(picture(explorer), before)
