import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from aelatent import plots
from aelatent.latent import Densities
from aelatent.plots.readout import _COLUMNS
from tests.plots.drawers import DRAWERS, HISTORY, XY
from tests.plots.test_rates import NULLS


def of(table, artist, label=""):
    return table[(table["artist"] == artist) & (table["label"] == label)]


@pytest.mark.parametrize("name", DRAWERS)
def test_every_plot_gives_its_numbers(name):
    for ax in np.ravel(DRAWERS[name]()):
        table = plots.data_of(ax)
        assert list(table) == _COLUMNS
        assert (table["index"] >= 0).all()
        assert len(table) >= len(ax.lines) + len(ax.texts)
        assert table[["x", "y", "value"]].dtypes.eq(np.float64).all()
    plt.close("all")


def test_lines_and_marks_are_those_that_went_in():
    ax = plots.loss_curve(HISTORY)
    table = plots.data_of(ax)
    for label, column in (("training", "loss"), ("validation", "val_loss")):
        line = of(table, "line", label)
        assert line["index"].tolist() == [0, 1]
        assert (
            line[["x", "y"]].to_numpy().tolist() == HISTORY[["epoch", column]].to_numpy().tolist()
        )
    assert table.attrs["x"] == ax.get_xlabel() != ""
    assert table.attrs["y_scale"] == ax.get_yscale()
    assert len(table[table["artist"] == "points"]) == 1


def test_dots_of_a_map_keep_place_and_what_their_color_says():
    ages = np.arange(len(XY), dtype=float)
    table = plots.data_of(plots.map_scatter(XY, color=ages))
    dots = table[table["artist"] == "points"]
    assert np.array_equal(dots[["x", "y"]], XY)
    assert dots["value"].nunique() == len(XY)


def test_cells_of_a_heat_map_lie_under_the_names_of_their_ticks():
    matrix = pd.DataFrame([[1, 0.5], [0.25, 1]], ["a", "b"], ["a", "b"])
    table = plots.data_of(plots.correlation_map(matrix))
    cells = of(table, "cell")
    assert cells[["x", "y"]].to_numpy().tolist() == [[0.5, 0.5], [1.5, 0.5], [0.5, 1.5], [1.5, 1.5]]
    assert cells["value"].tolist() == [1, 0.5, 0.25, 1]
    assert table.attrs["x_names"] == {0.5: "a", 1.5: "b"}


def test_bars_and_dots_of_a_table_of_rates():
    table = plots.data_of(plots.calibration_points(NULLS))
    bars, dots = table[table["artist"] == "bar"], of(table, "points")
    assert bars["y"].tolist() == dots["y"].tolist() == [*range(len(NULLS))]
    assert (bars["x"] >= bars["value"]).all()  # they begin right of 0
    assert dots["x"].tolist() == NULLS["rate"].tolist()
    assert [*table.attrs["y_names"].values()] == NULLS["null"].tolist()


def test_thin_curves_follow_each_other():
    table = plots.data_of(plots.density_curves(Densities.of(XY)))
    assert (table[table["artist"] == "line"]["index"] == 0).sum() >= 2


def test_what_matplotlib_draws_otherwise():
    ax = plt.subplots()[1]
    ax.plot([0, 4], [0, 8])
    ax.axvline(3, label="border")
    ax.bar([1, 2], [3, 4], bottom=[1, 1], label="up")
    ax.errorbar([1], [2], [0.5], fmt="o", label="mean")
    ax.add_patch(plt.Rectangle((1, 1), 2, 1))
    ax.fill_between([0, 1], [0, 0], [1, 2], label="band")
    ax.imshow([[1.0, 2.0], [3.0, np.nan]], extent=(0, 2, 2, 0))
    ax.imshow(np.zeros((2, 2, 3)), extent=(0, 1, 3, 0))
    ax.text(1, 2, "here")
    ax.annotate("there", (3, 4), (10, 10), textcoords="offset points")
    ax.set_title("both", loc="left")
    table = plots.data_of(ax)
    border = of(table, "line", "border")
    assert border["x"].tolist() == pytest.approx([3, 3])
    assert border["y"].tolist() == pytest.approx(ax.get_ylim())
    assert of(table, "bar", "up")[["x", "y", "value"]].to_numpy().tolist() == [[1, 4, 3], [2, 5, 4]]
    assert of(table, "points", "mean")[["x", "y"]].to_numpy().tolist() == [[1, 2]]
    assert of(table, "line", "mean")["y"].tolist() == [1.5, 2.5]
    assert np.allclose(sorted(of(table, "fill")["y"].unique()), [1, 2])
    assert of(table, "fill", "band")["y"].max() == 2
    assert of(table, "cell")[["x", "y"]].to_numpy().tolist()[1] == [1.5, 0.5]
    assert of(table, "cell")["value"].isna().tolist() == [False, False, False, True]
    assert of(table, "image")[["x", "y"]].to_numpy().tolist() == [[0, 3], [1, 0]]
    assert of(table, "text", "here")[["x", "y"]].to_numpy().tolist() == [[1, 2]]
    assert of(table, "text", "there")[["x", "y"]].to_numpy().tolist() == [[3, 4]]
    assert table.attrs["title"] == "both"


def test_empty_axes_have_an_empty_table_and_several_are_refused():
    assert list(plots.data_of(plt.subplots()[1])) == _COLUMNS
    with pytest.raises(TypeError, match=r"got ndarray.*Pass one"):
        plots.data_of(plt.subplots(2)[1])
