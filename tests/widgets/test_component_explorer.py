import re

import ipywidgets
import numpy as np
import pytest

from aelatent.latent import describe_components
from aelatent.widgets import ComponentExplorer

from .stand_ins import LinearRun, callback_under_way, face, messages, parts, press


@pytest.fixture
def run():
    return LinearRun()


@pytest.fixture
def explorer(run):
    return ComponentExplorer(run)


def slider(explorer):
    return parts(explorer, ipywidgets.FloatSlider)[0]


def curve(explorer):
    return next(w.value for w in parts(explorer, ipywidgets.HTML) if "<svg" in w.value)


def test_starts_at_the_center_of_the_widest_component(run, explorer):
    described = describe_components(run.z)
    widest = described["fwhm"].idxmax()
    assert explorer.component == widest
    assert explorer.value == pytest.approx(described.loc[widest, "median"])
    expected = run.z.mean(axis=0)
    expected[widest] = explorer.value
    np.testing.assert_allclose(explorer.z, expected, rtol=1e-4)
    np.testing.assert_array_equal(explorer.image, run.decode(explorer.z[None])[0])
    assert face(explorer).shape == (8, 8, 3)


def test_what_a_callback_and_a_cell_do_at_once_comes_one_after_the_other(run, explorer):
    moves = lambda: setattr(slider(explorer), "value", explorer.value + 1)  # noqa: E731
    with callback_under_way(run, moves) as decode:
        explorer.component = (explorer.component + 1) % 12
    expected = run.z.mean(axis=0)
    expected[explorer.component] = explorer.value
    np.testing.assert_allclose(explorer.z, expected, rtol=1e-4)
    np.testing.assert_array_equal(explorer.image, decode(explorer.z[None])[0])


def test_an_interrupted_choice_leaves_the_explorer_alive(run, explorer):
    def interrupted(change):
        raise KeyboardInterrupt

    slider(explorer).observe(interrupted, "step")
    with pytest.raises(KeyboardInterrupt):
        explorer.component = (explorer.component + 1) % 12
    slider(explorer).unobserve(interrupted, "step")
    run.seen.clear()
    slider(explorer).value += 0.5
    assert len(run.seen) == 1


def test_the_slider_moves_this_component_alone(run, explorer):
    before = explorer.z
    slider(explorer).value += 1.0
    moved = np.flatnonzero(explorer.z != before)
    assert moved.tolist() == [explorer.component]
    assert explorer.z[explorer.component] - before[explorer.component] == pytest.approx(1, rel=1e-3)
    np.testing.assert_array_equal(run.seen[-1], explorer.z[None])


def test_the_reading_says_where_the_value_lies(run, explorer):
    row = describe_components(run.z).loc[explorer.component]
    explorer.value = row["median"] + row["fwhm"]
    below = (run.z[:, explorer.component] < explorer.value).mean()
    assert "+1.00 widths off its center" in messages(explorer)
    assert f"{below:.1%} of the 400 z-points lie below" in messages(explorer)


def test_the_curve_is_the_density_and_its_red_line_follows(explorer):
    def red():
        return float(re.search(r'<line x1="([\d.]+)"[^>]*#B2182B', curve(explorer))[1])

    assert red() == pytest.approx(210, abs=1)  # the middle
    corners = re.search(r'points="([^"]*)"', curve(explorer))[1].split()
    heights = np.array([float(c.split(",")[1]) for c in corners])
    assert heights.min() < 75 < 149 < heights.max()
    explorer.value = slider(explorer).max
    assert red() == pytest.approx(420, abs=1)
    assert f"density along component {explorer.component}" in curve(explorer)


def test_another_component_starts_at_its_own_center_and_decodes_once(run, explorer):
    described = describe_components(run.z)
    for component in (3, 7, 0):
        calls = len(run.seen)
        explorer.component = component
        row = described.loc[component]
        assert explorer.value == pytest.approx(row["median"], abs=1e-6)
        assert slider(explorer).min == pytest.approx(row["median"] - 2 * row["fwhm"])
        assert slider(explorer).max == pytest.approx(row["median"] + 2 * row["fwhm"])
        assert len(run.seen) == calls + 1
        assert f"component {component}: " in messages(explorer)


def test_the_others_rest_at_a_picture_or_at_the_center(run, explorer):
    press(explorer, "Random picture")
    others = np.arange(12) != explorer.component
    assert (run.z[:, others] == explorer.z[others]).all(axis=1).sum() == 1
    press(explorer, "Center")
    np.testing.assert_allclose(explorer.z[others], run.z.mean(axis=0)[others], rtol=1e-4)
    explorer.base = run.z[5]
    np.testing.assert_array_equal(explorer.z[others], run.z[5, others])
    one = [ComponentExplorer(run, seed=4) for _ in range(2)]
    for twin in one:
        twin.random_picture()
    np.testing.assert_array_equal(one[0].z, one[1].z)


def test_the_choice_of_components(run):
    explorer = ComponentExplorer(run, components=[5, 2])
    (pick,) = parts(explorer, ipywidgets.Dropdown)
    assert pick.options == (("component 5", 5), ("component 2", 2))
    assert explorer.component == 5
    for bad in ([], [12], [-1]):
        with pytest.raises(ValueError, match="components must name some of 0 to 11"):
            ComponentExplorer(run, components=bad)


def test_what_cannot_be_shown_is_refused(explorer):
    with pytest.raises(ValueError, match=r"value must lie in .*; got 1000"):
        explorer.value = 1000
    for bad in (np.zeros(3), np.full(12, np.nan)):
        with pytest.raises(ValueError, match="expected 12 finite numbers"):
            explorer.base = bad


def test_a_constant_component_can_be_chosen(run):
    run.z[:, 4] = 1.5
    explorer = ComponentExplorer(run)
    explorer.component = 4
    assert explorer.value == 1.5
    assert "+0.00 widths" in messages(explorer)


def test_errors_of_the_decoder_are_shown_and_go_away(run, explorer):
    run.problem = RuntimeError("no <b>weights</b>")
    slider(explorer).value += 0.5
    assert "RuntimeError: no &lt;b&gt;weights" in messages(explorer)
    run.problem = None
    slider(explorer).value += 0.5
    assert "RuntimeError" not in messages(explorer)
