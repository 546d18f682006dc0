"""Comparisons with surrogates: curves in their envelopes, dimension over the scale."""

from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from aelatent.plots.style import PATH, Z_POINTS, axes_or_new

BRANCHES = "branches"  # the statistic whose "r" is a vertex' number of edges: 1, 2, 3 or more
#: What is measured, where it is not simply the statistic's name.
SYMBOLS = {
    **{name: f"{name}(r)" for name in "GFJ"},
    "Landy-Szalay": "ξ(r)",
    "spanning tree": "share of edges up to r",
    "nearest neighbor": "share with a neighbor up to r",
    BRANCHES: "share of vertices",
}
COLUMNS = ("plane", "statistic", "r", "observed", "center", "lower", "upper", "outside")
DASHES = ("--", ":", "-.", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (8, 3)), (0, (1, 3)))
MARKERS = "os^Dv<>P"
BESIDE = {"frameon": False, "fontsize": 8, "loc": "upper left", "bbox_to_anchor": (1.01, 1)}


def envelope_curves(
    curves: pd.DataFrame, *, plane: str, statistic: str, title: str = "", ax: Axes | None = None
) -> Axes:
    """Draw one statistic of one plane, less the surrogates' mean, in the surrogates' envelope.

    Parameters
    ----------
    curves : pandas.DataFrame
        As `FilamentTest.curves`: columns plane, statistic, r (distance), observed, center
        (surrogates' mean), lower and upper (their global envelope), outside (truth value).
    plane, statistic : str
        Which rows to draw. A plane whose name begins with "full" is the full space, whitened.

    Returns
    -------
    matplotlib.axes.Axes
        Observed in blue, what is outside in red, the envelope gray.
    """
    _need(curves, COLUMNS)
    rows = _rows(curves, plane=plane, statistic=statistic)
    ax = axes_or_new(ax, 3.2, width=6.4)
    ax.axhline(0, color="0.1", lw=0.8, zorder=1)
    if statistic == BRANCHES:
        _bars(ax, rows)
        ax.set_xlabel("edges of a vertex of the spanning tree")
    else:
        _in_band(ax, rows)
        ax.set_xlabel(f"distance r, {_unit(plane)}")
    ax.set_ylabel(f"{SYMBOLS.get(statistic, statistic)}\nless the surrogates' mean")
    ax.legend(**BESIDE)
    ax.set_title(title or f"{plane}: {statistic}", loc="left", fontsize=10)
    return ax


def envelope_grid(curves: pd.DataFrame, title: str) -> np.ndarray:
    """Draw all curves of a test in a new figure: planes as rows, statistics as columns.

    Parameters
    ----------
    curves : pandas.DataFrame
        Columns as for `envelope_curves`; every plane needs all statistics.
    title : str
        Title above all: name the surrogate, n, the number of draws and p.

    Returns
    -------
    array of matplotlib.axes.Axes (planes, statistics)
        Each with its curve.
    """
    _need(curves, COLUMNS)
    planes, statistics = curves["plane"].unique(), curves["statistic"].unique()
    shape = len(planes), len(statistics)
    size = {"figsize": (max(6.0, 1.7 * shape[1]), 0.9 + 1.5 * shape[0]), "layout": "constrained"}
    figure, axes = plt.subplots(*shape, sharex="col", squeeze=False, **size)
    for (i, j), ax in np.ndenumerate(axes):
        envelope_curves(curves, plane=planes[i], statistic=statistics[j], ax=ax)
        ax.get_legend().remove()
        ax.set_xlabel("")
        ax.set_ylabel(fill(planes[i], 18) if j == 0 else "", fontsize=8)
        ax.set_title(statistics[j] if i == 0 else "", loc="left", fontsize=9)
        ax.tick_params(labelsize=7, which="both")
        ax.yaxis.set_major_locator(MaxNLocator(4))
    edges = "; branches: edges of a vertex" if BRANCHES in statistics else ""
    figure.supxlabel(f"distance r, {_unit(planes[0])}{edges}", fontsize=9)
    figure.supylabel("observed less the surrogates' mean", fontsize=9)
    figure.suptitle(title, fontsize=11)
    return axes


def dimension_scan_plot(
    table: pd.DataFrame,
    *,
    method: str = "GRIDE",
    ratio: bool = False,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw the intrinsic dimension against the scale: z-points blue, surrogates gray and dashed.

    Parameters
    ----------
    table : pandas.DataFrame
        As `aelatent.latent.dimension_scan`: columns cloud, method, scale, n, dimension, error
        (one standard error: the bars) and ratio.
    method, ratio : str and bool
        Whose rows to draw; whether as the dimension of the z-points over that of each surrogate.

    Returns
    -------
    matplotlib.axes.Axes
        The scale, a number of neighbors, on a logarithmic axis.
    """
    _need(table, ("cloud", "method", "scale", "n", "dimension", "error", "ratio"))
    rows = _rows(table, method=method)
    ax = axes_or_new(ax, 3.8, width=7.4)
    own, others = rows["cloud"] == "z-points", rows["cloud"] != "z-points"
    if ratio:
        ax.axhline(1, color="0.1", lw=1, zorder=0, label="no difference")
    else:
        x, y, error = rows.loc[own, ["scale", "dimension", "error"]].to_numpy().T
        ax.errorbar(x, y, error, color=Z_POINTS, marker="o", lw=2, zorder=3, label="z-points")
    relative = (rows["error"] / rows["dimension"]) ** 2
    both = relative + rows["scale"].map(relative[own].set_axis(rows.loc[own, "scale"]))
    for k, (cloud, at) in enumerate(rows[others].groupby("cloud", sort=False)):
        y = at["ratio"] if ratio else at["dimension"]
        error = at["ratio"] * np.sqrt(both[at.index]) if ratio else at["error"]
        style = {"color": f"{0.25 + 0.06 * (k % 7):.2f}", "ls": DASHES[k % 7], "lw": 1.2}
        ax.errorbar(at["scale"], y, error, marker=MARKERS[k % 8], ms=4, label=cloud, **style)
    _log_ticks(ax, rows["scale"].unique())
    label = "dimension of the z-points\nover that of the surrogate" if ratio else "dimension"
    ax.set(xlabel="scale: number of neighbors", ylabel=label, ylim=(0, None))
    ax.legend(**BESIDE)
    ax.set_title(title or f"{method}, n = {rows['n'].max():,}", loc="left", fontsize=10)
    return ax


def _need(table, columns):
    missing = ", ".join(column for column in columns if column not in table)
    if missing or table.empty:
        what = f"a table without {missing}" if missing else "a table without rows"
        raise ValueError(f"expected rows with the columns {', '.join(columns)}; got {what}.")


def _rows(table, **wanted):
    for column, name in wanted.items():
        if not (table[column] == name).any():
            known = table[column].unique().tolist()
            raise ValueError(f"{column} must be one of {known}; got {name!r}.")
        table = table[table[column] == name]
    return table


def _unit(plane):
    return "whitened units" if plane.startswith("full") else "standard deviations of the plane"


def _log_ticks(ax, ticks):
    ax.set_xscale("log")
    ax.set_xticks(ticks, [f"{tick:.3g}" for tick in ticks])
    ax.xaxis.set_minor_formatter(NullFormatter())


def _in_band(ax, rows):
    r, center = rows["r"], rows["center"]
    band = {"color": "0.85", "lw": 0, "label": "envelope"}
    ax.fill_between(r, rows["lower"] - center, rows["upper"] - center, **band)
    ax.plot(r, rows["observed"] - center, color=Z_POINTS, lw=1.6, zorder=2, label="z-points")
    _outside(ax, rows)
    if r.max() > 4 * r.min():  # in many dimensions distances hardly differ
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 3)))
        ax.xaxis.set_major_formatter("{x:g}")
        ax.xaxis.set_minor_formatter(NullFormatter())


def _bars(ax, rows):
    r, center = rows["r"], rows["center"]
    band = {"bottom": rows["lower"] - center, "color": "0.85", "width": 0.5}
    ax.bar(r, rows["upper"] - rows["lower"], label="envelope", **band)
    ax.plot(r, rows["observed"] - center, "o", color=Z_POINTS, ms=6, label="z-points")
    _outside(ax, rows)
    ax.set_xticks(r, [f"{edges:g}" for edges in r[:-1]] + [f"{r.iloc[-1]:g}+"])


def _outside(ax, rows):
    out = rows[rows["outside"].astype(bool)]
    if len(out):
        spot = {"color": PATH, "ls": "", "marker": "o", "ms": 4, "zorder": 3, "label": "outside"}
        ax.plot(out["r"], out["observed"] - out["center"], **spot)
