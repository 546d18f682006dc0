import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb

from aelatent.plots import (
    PATH,
    Z_POINTS,
    dimension_scan_plot,
    envelope_grid,
    known_curves,
    wider_scales,
)
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


STATISTICS = ["G", "F", "LS", "tree", "branches"]
GRID = pd.concat([curve("a plane", statistic, R[:3]) for statistic in STATISTICS])


def test_the_curves_of_a_plane_stand_in_rows_of_four():
    axes = envelope_grid(GRID, "n = 20,000, 99 draws")
    figure = axes[0, 0].figure
    assert figure.get_suptitle() == "n = 20,000, 99 draws"
    assert figure.get_supylabel() == "observed less the surrogates' mean"
    units = "distance r, standard deviations of the plane"
    assert figure.get_supxlabel() == f"{units}; branches: edges of a vertex"
    assert [title(ax) for ax in axes.flat if ax.axison] == STATISTICS
    assert axes.shape == (2, 4)
    figure.canvas.draw()
    few = GRID[GRID["statistic"] != "branches"]
    assert envelope_grid(few, "few")[0, 0].figure.get_supxlabel() == units


def test_known_curves_are_drawn_beside_z_points_in_a_plane_and_in_the_full_space():
    known = pd.DataFrame({"curves": [20, 300], "effect": [0.2, 0.01], "band_high": 0.0, "n": 900})
    clouds = ["z-points", "elliptical", "all on 20 curves", "all on 1,000 curves"]
    full = pd.DataFrame({"cloud": clouds, "ratio": [0.9, 1, 0.1, 0.4], "n": 800})
    own = pd.Series({"effect": -0.002, "band_low": -0.003, "band_high": 0.004})
    plane, space = known_curves(known, full, own)
    curves, z = lines(plane)["all points on known curves"], lines(plane)["z-points"]
    np.testing.assert_allclose(curves.get_xydata(), [[20, 20], [300, 1]])
    np.testing.assert_allclose(z.get_ydata(), -0.2)
    assert (curves.get_color(), z.get_color()) == (PATH, Z_POINTS)
    (band,) = plane.patches
    assert (band.get_y(), band.get_height()) == pytest.approx((-0.3, 0.7))
    curves = lines(space)["all points on known curves"].get_xydata()
    np.testing.assert_allclose(curves, [[20, 0.1], [1000, 0.4]])
    assert lines(space)["z-points"].get_ydata()[0] == 0.9
    assert (title(plane), title(space)) == ("one plane, n = 900", "full space, n = 800")


def test_wider_scales_show_z_points_filled_and_the_elliptical_cloud_open():
    rows = [(c, p, s) for p in "ab" for c in ("z-points", "elliptical") for s in (0.1, 0.4)]
    wider = pd.DataFrame(rows, columns=["cloud", "plane", "scale"])
    wider = wider.assign(effect=np.arange(8) / 100, band_low=-0.01, band_high=0.02)
    ax = wider_scales(wider)
    drawn = [
        line for line in ax.lines if len(line.get_xdata()) == 2 and line.get_marker() != "None"
    ]
    assert [line.get_markerfacecolor() == "none" for line in drawn] == [False, True] * 2
    np.testing.assert_allclose(drawn[1].get_ydata(), [2, 3])
    assert drawn[0].get_color() == drawn[1].get_color() != drawn[2].get_color()


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
        (
            lambda: envelope_grid(pd.concat([GRID, curve("b", "G")]), "two"),
            "rows of one plane; got",
        ),
        (lambda: dimension_scan_plot(scan(), method="TwoNN"), "method must be .* got 'TwoNN'"),
        (lambda: dimension_scan_plot(scan().drop(columns="n")), "a table without n"),
    ],
)
def test_tables_that_do_not_fit_are_refused(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()
