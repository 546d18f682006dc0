import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb

from aelatent.plots import PATH, Z_POINTS, dimension_scan_plot, envelope_grid
from tests.plots.reading import lines, title

R = np.geomspace(0.01, 0.1, 6)


def curve(plane, statistic, r=R, outside=()):
    center, k = np.linspace(0.1, 0.8, len(r)), np.arange(len(r))
    return pd.DataFrame(
        {"plane": plane, "statistic": statistic, "r": r, "center": center,
         "observed": center + 0.01 * np.cos(k), "lower": center - 0.02, "upper": center + 0.03,
         "outside": np.isin(k, outside)}
    )  # fmt: skip


def bars(ax, name):
    """The errorbar of a name: its points and the ends of its bars."""
    (found,) = (c for c in ax.containers if c.get_label() == name)
    points = found.lines[0].get_xydata()
    return points, np.array([segment[:, 1] for segment in found.lines[2][0].get_segments()])


def test_a_curve_is_drawn_less_the_mean_of_the_surrogates():
    data = curve("PC 1, PC 2", "G", outside=(2, 3))
    ax = envelope_grid(data, "one")[0, 0]
    drawn, difference = lines(ax), data["observed"] - data["center"]
    np.testing.assert_allclose(drawn["z-points"].get_xydata().T, [R, difference])
    np.testing.assert_allclose(drawn["outside"].get_xydata().T, [R[2:4], difference[2:4]])
    assert [drawn[name].get_color() for name in ("z-points", "outside")] == [Z_POINTS, PATH]
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == pytest.approx((-0.02, 0.03))
    assert ax.get_xscale() == "log"


def test_distances_in_the_full_space_are_whitened_and_branches_counted():
    data = curve("full space", "nearest neighbor", np.linspace(14, 19, 6))
    ax = envelope_grid(data, "n = 20,000")[0, 0]
    assert ax.figure.get_supxlabel() == "distance r, whitened units"
    assert ax.get_xscale() == "linear"  # a logarithmic axis from 14 to 19 has no ticks
    assert "outside" not in lines(ax)
    data = curve("PC 1, PC 2", "branches", np.array([1, 2, 3]), outside=(1,))
    ax = envelope_grid(data, "one")[0, 0]
    assert ax.get_xscale() == "linear"
    assert [text.get_text() for text in ax.get_xticklabels()] == ["1", "2", "3+"]
    assert [(b.get_y(), b.get_height()) for b in ax.patches] == [pytest.approx((-0.02, 0.05))] * 3
    np.testing.assert_allclose(lines(ax)["z-points"].get_ydata(), data["observed"] - data["center"])
    np.testing.assert_array_equal(lines(ax)["outside"].get_xdata(), [2])


PLANES, STATISTICS = ["first plane", "second plane"], ["G", "F", "branches"]
GRID = pd.concat([curve(plane, s, R[:3]) for plane in PLANES for s in STATISTICS])


def test_the_grid_has_planes_as_rows_and_statistics_as_columns():
    axes = envelope_grid(GRID, "n = 20,000, 99 draws")
    figure = axes[0, 0].figure
    assert figure.get_suptitle() == "n = 20,000, 99 draws"
    assert figure.get_supylabel() == "observed less the surrogates' mean"
    units = "distance r, standard deviations of the plane"
    assert figure.get_supxlabel() == f"{units}; branches: edges of a vertex"
    assert [[title(ax) for ax in row] for row in axes] == [STATISTICS, [""] * 3]
    assert [ax.get_ylabel() for ax in axes[:, 0]] == PLANES
    assert all("z-points" in lines(ax) for ax in axes.flat)
    figure.canvas.draw()
    few = GRID[GRID["statistic"] != "branches"]
    assert envelope_grid(few, "few")[0, 0].figure.get_supxlabel() == units


def scan():
    table = pd.DataFrame(
        [(c, m, s) for c in ("z-points", "copula", "mixture") for m in ("GRIDE", "LB")
         for s in (2, 16)],
        columns=["cloud", "method", "scale"],
    )  # fmt: skip
    dimension = np.arange(20.0, 20 + len(table))
    ratio = np.tile(dimension[:4], 3) / dimension
    return table.assign(n=20_000, dimension=dimension, error=dimension / 10, ratio=ratio)


def test_the_dimension_of_one_method_over_the_scale():
    ax = dimension_scan_plot(scan(), method="LB")
    for cloud in ("z-points", "copula", "mixture"):
        rows = scan().query("cloud == @cloud and method == 'LB'")
        points, ends = bars(ax, cloud)
        np.testing.assert_allclose(points, rows[["scale", "dimension"]])
        np.testing.assert_allclose(ends, np.outer(rows["dimension"], [0.9, 1.1]))
    own, *others = (container.lines[0] for container in ax.containers)
    assert (own.get_color(), own.get_linestyle()) == (Z_POINTS, "-")
    for line in others:
        assert len(set(to_rgb(line.get_color()))) == 1  # gray
        assert line.get_linestyle() != "-"
    assert title(ax) == "LB, n = 20,000"
    assert ax.get_xlabel() == "scale: number of neighbors"
    assert [text.get_text() for text in ax.get_xticklabels()] == ["2", "16"]


def test_the_ratio_to_each_surrogate_with_the_errors_of_both():
    ax = dimension_scan_plot(scan(), ratio=True)
    assert [container.get_label() for container in ax.containers] == ["copula", "mixture"]
    rows = scan().query("cloud == 'mixture' and method == 'GRIDE'")
    points, ends = bars(ax, "mixture")
    np.testing.assert_allclose(points, rows[["scale", "ratio"]])
    # Two independent relative errors of a tenth make one of sqrt(2) tenths.
    np.testing.assert_allclose(np.ptp(ends, axis=1) / 2, rows["ratio"] * np.sqrt(2) / 10)
    np.testing.assert_array_equal(lines(ax)["no difference"].get_ydata(), 1)
    assert ax.get_ylabel() == "dimension of the z-points\nover that of the surrogate"


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: envelope_grid(GRID.drop(columns="r"), "none"), "a table without r"),
        (lambda: envelope_grid(GRID[:0], "none"), "a table without rows"),
        (lambda: envelope_grid(GRID[:-3], "mixed"), "second plane must be .*; got 'branches'"),
        (lambda: dimension_scan_plot(scan(), method="TwoNN"), "method must be .* got 'TwoNN'"),
        (lambda: dimension_scan_plot(scan().drop(columns="n")), "a table without n"),
    ],
)
def test_tables_that_do_not_fit_are_refused(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()
