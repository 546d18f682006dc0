import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb

from aelatent.plots import PATH, Z_POINTS
from aelatent.plots.filaments import dimension_scan_plot, envelope_curves, envelope_grid

R = np.geomspace(0.01, 0.1, 6)


def curve(plane, statistic, r=R, outside=()):
    center = np.linspace(0.1, 0.8, len(r))
    observed = center + 0.01 * np.cos(np.arange(len(r)))
    out = np.isin(np.arange(len(r)), outside)
    bounds = {"center": center, "lower": center - 0.02, "upper": center + 0.03}
    return pd.DataFrame(
        {"plane": plane, "statistic": statistic, "r": r, "observed": observed} | bounds
        | {"outside": out}
    )  # fmt: skip


CURVES = pd.concat(
    [
        curve("PC 1, PC 2", "G", outside=(2, 3)),
        curve("PC 1, PC 2", "kNN-CDF 4"),
        curve("PC 1, PC 2", "branches", np.array([1, 2, 3]), outside=(1,)),
        curve("full space", "nearest neighbor", np.linspace(14, 19, 6)),
    ],
    ignore_index=True,
)


def rows(plane, statistic):
    return CURVES[(CURVES["plane"] == plane) & (CURVES["statistic"] == statistic)]


def lines(ax):
    return {line.get_label(): line for line in ax.lines}


def bars(ax, name):
    """The errorbar of a name: its points and the ends of its bars."""
    (found,) = (c for c in ax.containers if c.get_label() == name)
    points = found.lines[0].get_xydata()
    return points, np.array([segment[:, 1] for segment in found.lines[2][0].get_segments()])


def test_a_curve_is_drawn_less_the_mean_of_the_surrogates():
    ax = envelope_curves(CURVES, plane="PC 1, PC 2", statistic="G")
    data, drawn = rows("PC 1, PC 2", "G"), lines(ax)
    difference = data["observed"] - data["center"]
    np.testing.assert_allclose(drawn["z-points"].get_xydata().T, [R, difference])
    assert drawn["z-points"].get_color() == Z_POINTS
    outside = drawn["outside"]
    np.testing.assert_allclose(outside.get_xydata().T, [R[2:4], difference[2:4]])
    assert outside.get_color() == PATH
    band = ax.collections[0].get_paths()[0].vertices
    assert band[:, 1].min() == pytest.approx(-0.02)
    assert band[:, 1].max() == pytest.approx(0.03)
    assert ax.get_xscale() == "log"
    assert ax.get_xlabel() == "distance r, standard deviations of the plane"
    assert ax.get_ylabel() == "G(r)\nless the surrogates' mean"
    assert ax.get_title(loc="left") == "PC 1, PC 2: G"
    ax.figure.canvas.draw()


def test_distances_in_the_full_space_are_whitened():
    _, ax = plt.subplots()
    drawn = envelope_curves(
        CURVES, plane="full space", statistic="nearest neighbor", title="n = 20,000", ax=ax
    )
    assert drawn is ax
    assert ax.get_xlabel() == "distance r, whitened units"
    assert ax.get_xscale() == "linear"  # a logarithmic axis from 14 to 19 has no ticks
    assert ax.get_title(loc="left") == "n = 20,000"
    assert ax.get_ylabel() == "share with a neighbor up to r\nless the surrogates' mean"
    assert "outside" not in lines(ax)
    ax = envelope_curves(CURVES, plane="PC 1, PC 2", statistic="kNN-CDF 4")
    assert ax.get_ylabel() == "kNN-CDF 4\nless the surrogates' mean"


def test_branches_are_counted_not_measured():
    ax = envelope_curves(CURVES, plane="PC 1, PC 2", statistic="branches")
    assert ax.get_xscale() == "linear"
    assert [text.get_text() for text in ax.get_xticklabels()] == ["1", "2", "3+"]
    assert ax.get_xlabel() == "edges of a vertex of the spanning tree"
    assert [(b.get_y(), b.get_height()) for b in ax.patches] == [pytest.approx((-0.02, 0.05))] * 3
    data = rows("PC 1, PC 2", "branches")
    np.testing.assert_allclose(lines(ax)["z-points"].get_ydata(), data["observed"] - data["center"])
    np.testing.assert_array_equal(lines(ax)["outside"].get_xdata(), [2])


def test_the_grid_has_planes_as_rows_and_statistics_as_columns():
    curves = pd.concat(
        [curve(plane, s) for plane in ("first plane", "second plane") for s in ("G", "F", "J")]
    )
    axes = envelope_grid(curves, "n = 20,000, 99 draws")
    assert axes.shape == (2, 3)
    figure = axes[0, 0].figure
    assert figure.get_suptitle() == "n = 20,000, 99 draws"
    assert figure.get_supxlabel() == "distance r, standard deviations of the plane"
    assert figure.get_supylabel() == "observed less the surrogates' mean"
    assert [ax.get_title(loc="left") for ax in axes.flat] == ["G", "F", "J", "", "", ""]
    assert [ax.get_ylabel() for ax in axes[:, 0]] == ["first plane", "second plane"]
    assert all("z-points" in lines(ax) for ax in axes.flat)
    figure.canvas.draw()
    with_branches = CURVES[CURVES["plane"] != "full space"]
    figure = envelope_grid(with_branches, "all")[0, 0].figure
    assert figure.get_supxlabel().endswith("; branches: edges of a vertex")


def scan():
    table = pd.DataFrame(
        [(c, m, s) for c in ("z-points", "copula", "mixture") for m in ("GRIDE", "LB")
         for s in (2, 16)],
        columns=["cloud", "method", "scale"],
    )  # fmt: skip
    table["n"] = 20_000
    table["dimension"] = np.arange(20.0, 20 + len(table))
    table["error"] = table["dimension"] / 10
    table["ratio"] = np.tile(table["dimension"][:4], 3) / table["dimension"]
    return table


def test_the_dimension_of_one_method_over_the_scale():
    table, (_, given) = scan(), plt.subplots()
    ax = dimension_scan_plot(table, method="LB", ax=given)
    assert ax is given
    for cloud in ("z-points", "copula", "mixture"):
        rows = table[(table["cloud"] == cloud) & (table["method"] == "LB")]
        points, ends = bars(ax, cloud)
        np.testing.assert_allclose(points, rows[["scale", "dimension"]])
        spread = np.outer(rows["dimension"], [0.9, 1.1])
        np.testing.assert_allclose(ends, spread)
    own, *others = (container.lines[0] for container in ax.containers)
    assert (own.get_color(), own.get_linestyle()) == (Z_POINTS, "-")
    for line in others:
        assert len(set(to_rgb(line.get_color()))) == 1  # gray
        assert line.get_linestyle() != "-"
    assert ax.get_title(loc="left") == "LB, n = 20,000"
    assert ax.get_xlabel() == "scale: number of neighbors"
    assert [text.get_text() for text in ax.get_xticklabels()] == ["2", "16"]
    ax.figure.canvas.draw()


def test_the_ratio_to_each_surrogate_with_the_errors_of_both():
    table = scan()
    ax = dimension_scan_plot(table, ratio=True)
    assert [container.get_label() for container in ax.containers] == ["copula", "mixture"]
    rows = table[(table["cloud"] == "mixture") & (table["method"] == "GRIDE")]
    points, ends = bars(ax, "mixture")
    np.testing.assert_allclose(points, rows[["scale", "ratio"]])
    # Two independent relative errors of a tenth make one of sqrt(2) tenths.
    np.testing.assert_allclose(np.ptp(ends, axis=1) / 2, rows["ratio"] * np.sqrt(2) / 10)
    np.testing.assert_array_equal(lines(ax)["no difference"].get_ydata(), 1)
    assert ax.get_ylabel() == "dimension of the z-points\nover that of the surrogate"


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: envelope_curves(CURVES.drop(columns="r"), plane="full space", statistic="G"),
         "a table without r"),
        (lambda: envelope_curves(CURVES, plane="PC 8", statistic="G"),
         r"plane must be one of \['PC 1, PC 2', 'full space'\]; got 'PC 8'"),
        (lambda: envelope_curves(CURVES, plane="full space", statistic="G"),
         r"statistic must be one of \['nearest neighbor'\]; got 'G'"),
        (lambda: envelope_grid(CURVES[:0], "none"), "a table without rows"),
        (lambda: envelope_grid(CURVES, "mixed"), "statistic must be one of"),
        (lambda: dimension_scan_plot(scan(), method="TwoNN"),
         r"method must be one of \['GRIDE', 'LB'\]; got 'TwoNN'"),
        (lambda: dimension_scan_plot(scan().drop(columns="n")), "a table without n"),
    ],
)  # fmt: skip
def test_tables_that_do_not_fit_are_refused(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()
