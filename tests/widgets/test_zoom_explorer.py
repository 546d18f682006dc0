import ipywidgets
import numpy as np
import pandas as pd
import pytest

from aelatent.latent import Plane
from aelatent.widgets import ZoomExplorer

from .stand_ins import LinearRun, control, failing, messages, parts, picture

N, D, SIZE = 400, 12, 8
PIXELS = 2 * (SIZE + 2) - 2, 10 * (SIZE + 2) - 2, 3  # of the strip
SURROGATES = {
    "Gaussian": np.random.default_rng(1).normal(size=(300, D)),
    "same n": np.random.default_rng(2).normal(size=(N, D)),
}


class PicturedRun(LinearRun):
    """A linear run with an index, and with pictures whose color tells their row."""

    def __init__(self):
        super().__init__(D, N, SIZE)
        self.images = np.zeros((N, SIZE, SIZE, 3), np.uint8)
        self.images[..., 0] = np.arange(N)[:, None, None] // 2
        rng = np.random.default_rng(0)
        yaw = rng.normal(size=N)
        yaw[::10] = np.nan
        self.index = pd.DataFrame({"row": np.arange(N), "image_id": "p", "split": "", "yaw": yaw})
        self.index["Male"] = rng.integers(0, 2, N)
        self.index["hair"] = rng.choice(["<red>", "black", None], N)


@pytest.fixture
def run():
    return PicturedRun()


def planes(run):
    return {"wide": Plane.principal(run.axes, 1, 2), "raw": Plane.components(D, 3, 7)}


@pytest.fixture
def explorer(run):
    explorer = ZoomExplorer(run, planes(run), surrogates=SURROGATES)
    run.seen.clear()  # it has warmed the decoder up
    return explorer


def plot(explorer):
    return next(w for w in parts(explorer, ipywidgets.DOMWidget) if hasattr(w, "points"))


def strip(explorer):
    return picture(explorer).astype(int)


def drawn(explorer):
    """Coordinates that the browser draws, turned back into units of z."""
    sent = plot(explorer)
    low, high = np.transpose([sent.x_scale_domain, sent.y_scale_domain])
    return low + (sent.points[:, :2] + 1) / 2 * (high - low)


def colors(explorer):
    """The color of each point drawn, red, green and blue in 0..1."""
    sent = plot(explorer)
    codes = sent.points[:, 2]
    assert (codes == codes.round()).all()
    assert sent.color_by == "valueA"
    return np.array(sent.color)[codes.astype(int), :3]


def test_starts_with_all_z_points_in_the_first_plane(run, explorer):
    assert (explorer.plane, explorer.shown, explorer.color_by) == ("wide", "z-points", None)
    assert explorer.selection.shape == (0,)
    np.testing.assert_allclose(drawn(explorer), planes(run)["wide"].project(run.z), atol=1e-9)
    assert "0 of 400 z-points selected. Both axes have one scale." in messages(explorer)
    assert (strip(explorer) == 255).all()
    assert plot(explorer).axes_labels == ["PC 1 (units of z)", "PC 2 (units of z)"]


@pytest.mark.parametrize("source", ["Python", "the browser"])
def test_a_selection_shows_pictures_above_decoded_faces(run, explorer, source):
    rows = [250, 7, 31, 7]
    if source == "Python":
        explorer.selection = rows
    else:  # in the order of its search tree
        plot(explorer).selection = np.array(rows[:3], np.uint32)
    assert explorer.selection.dtype == np.int64
    assert explorer.selection.tolist() == [7, 31, 250]
    assert len(run.seen) == 1
    np.testing.assert_array_equal(run.seen[0], run.z[[7, 31, 250]])
    page = strip(explorer)
    assert page.shape == PIXELS
    decoded = run.decode(run.z[[7, 31, 250]]) * 255
    for k, row in enumerate((7, 31, 250)):
        place = page[:, k * (SIZE + 2) :][:, :SIZE]
        assert abs(place[:SIZE, :, 0].mean() - row // 2) < 6
        assert abs(place[SIZE + 2 :].mean() - decoded[k].mean()) < 6
    assert (page[:, 3 * (SIZE + 2) + 8 :] > 240).all()
    assert "3 of 400 z-points selected" in messages(explorer)
    assert "3 of 3 shown: the pictures, and below them" in messages(explorer)


def test_of_many_points_ten_are_decoded_in_one_call(run, explorer):
    explorer.selection = np.arange(40, 352)
    assert [len(z) for z in run.seen] == [10]
    np.testing.assert_array_equal(run.seen[0][[0, -1]], run.z[[40, 351]])
    assert "10 of 312 shown" in messages(explorer)
    assert "312 of 400 z-points selected" in messages(explorer)
    explorer.selection = []
    assert (strip(explorer) == 255).all()


def test_another_plane_has_one_scale_holds_all_points_and_keeps_the_selection(run, explorer):
    explorer.selection = [5, 6]
    control(explorer, "plane").value = "raw"
    np.testing.assert_allclose(drawn(explorer), run.z[:, [3, 7]], atol=1e-5)
    sent = plot(explorer)
    assert sent.axes_labels == ["component 3 (units of z)", "component 7 (units of z)"]
    assert np.ptp(sent.x_scale_domain) == pytest.approx(np.ptp(sent.y_scale_domain))
    assert np.abs(sent.points[:, :2]).max() == pytest.approx(1 / 1.05)
    assert explorer.selection.tolist() == [5, 6]
    assert len(run.seen) == 1


@pytest.mark.parametrize("name", SURROGATES)
def test_a_surrogate_takes_the_place_of_the_z_points(run, explorer, name):
    explorer.color_by = "yaw"
    explorer.selection = [5, 6]
    axes = plot(explorer).x_scale_domain, plot(explorer).y_scale_domain
    explorer.shown = name
    z = SURROGATES[name]
    assert explorer.selection.shape == (0,)
    assert (strip(explorer) == 255).all()
    assert f"0 of {len(z)} points of the surrogate {name} selected" in messages(explorer)
    assert (plot(explorer).x_scale_domain, plot(explorer).y_scale_domain) == axes
    np.testing.assert_allclose(drawn(explorer), planes(run)["wide"].project(z), atol=1e-6)
    assert np.ptp(colors(explorer), axis=1).max() == 0  # gray
    assert control(explorer, "color by").disabled
    explorer.selection = [299, 0]
    np.testing.assert_array_equal(run.seen[-1], z[[0, 299]])
    page = strip(explorer)
    assert (page[SIZE + 3 :] > 240).all()  # one line only: they have no pictures
    assert (page[:SIZE, :SIZE] < 240).any()
    assert "2 of 2 shown: decoded" in messages(explorer)
    explorer.shown = "z-points"
    assert len(np.unique(colors(explorer), axis=0)) > 7  # by yaw again
    assert not control(explorer, "color by").disabled


def test_columns_color_the_z_points(run, explorer):
    assert [c for _, c in control(explorer, "color by").options] == ["", "yaw", "Male", "hair"]
    explorer.color_by = "hair"
    values = run.index["hair"].fillna("missing")
    kinds = [np.unique(colors(explorer)[values == value], axis=0) for value in values.unique()]
    assert len(kinds) == len(np.unique(np.vstack(kinds), axis=0)) == 3
    assert f"{(values == 'missing').sum()} missing" in messages(explorer)
    assert "&lt;red&gt;" in messages(explorer)
    explorer.color_by = "yaw"
    known = run.index["yaw"].notna().to_numpy()
    greens = colors(explorer)[known, 1][np.argsort(run.index["yaw"][known])]
    assert (np.diff(greens) >= 0).all()  # viridis turns greener
    explorer.color_by = None
    assert len(np.unique(colors(explorer), axis=0)) == 1
    assert "z-points (400)" in messages(explorer)


def test_the_points_in_view_are_counted(run, explorer):
    x, y = planes(run)["wide"].project(run.z).T
    explorer._scatter.window.domain = [-1.0, 2.0, 3.0, -4.0]  # the order of a pair does not matter
    inside = (x > -1) & (x < 2) & (y > -4) & (y < 3)
    assert f"{inside.sum()} in view, in 3 x 7 units of z" in messages(explorer)


def test_errors_of_the_decoder_are_shown_and_go_away(run, explorer):
    chosen = iter(([1, 2], [1]))
    with failing(run, explorer, lambda: setattr(explorer, "selection", next(chosen))):
        assert explorer.selection.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"planes": {"a": Plane.components(5, 0, 1)}}, r"got \['a'\], of which \['a'\]"),
        ({"surrogates": {"z-points": np.zeros((3, D))}}, "cannot be called 'z-points'"),
        ({"surrogates": {"thin": np.zeros((3, 2))}}, r"got shape \(3, 2\)"),
        ({"surrogates": {"bad": np.full((3, D), np.nan)}}, "got nan in row 0"),
        ({"height": 199}, "height must be a whole number from 200 to 2000; got 199"),
        ({"height": 2001}, "from 200 to 2000; got 2001"),
    ],
)
def test_bad_arguments_are_refused(run, change, message):
    with pytest.raises(ValueError, match=message):
        ZoomExplorer(run, **{"planes": planes(run)} | change)


@pytest.mark.parametrize("bad", [[-1], [N], [0.5], [np.nan], np.ones(N, bool)])
def test_bad_choices_are_refused(explorer, bad):
    explorer.selection = [3]
    with pytest.raises(ValueError, match="selection must be whole numbers from 0 to 399"):
        explorer.selection = bad
    assert explorer.selection.tolist() == [3]
    for name in ("plane", "shown", "color_by"):
        with pytest.raises(ValueError, match=r"must be one of .*; got 'row'"):
            setattr(explorer, name, "row")
