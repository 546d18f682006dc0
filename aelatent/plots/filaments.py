"""Comparisons with surrogates: curves in their envelopes, dimension over the scale."""

from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from aelatent._checks import check_one_of
from aelatent.plots import style

BRANCHES = "branches"  # the statistic whose "r" is a vertex' number of edges: 1, 2, 3 or more
DASHES = ("--", ":", "-.", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (8, 3)), (0, (1, 3)))


def envelope_grid(curves: pd.DataFrame, title: str) -> np.ndarray:
    """Draw all curves of a test, less the surrogates' mean, in a new figure.

    Parameters
    ----------
    curves : pandas.DataFrame
        As `FilamentTest.curves`: columns plane, statistic, r (distance), observed, center
        (surrogates' mean), lower and upper (their global envelope), outside (truth value). Every
        plane needs all statistics; one whose name begins with "full" is the full space, whitened.
    title : str
        Title above all: name the surrogate, n, the number of draws and p.

    Returns
    -------
    array of matplotlib.axes.Axes (planes, statistics)
        Observed in blue, what is outside in red, the envelope gray.
    """
    style.check_columns(
        curves, "plane", "statistic", "r", "observed", "center", "lower", "upper", "outside"
    )
    planes, statistics = curves["plane"].unique(), curves["statistic"].unique()
    for plane, own in curves.groupby("plane"):
        for statistic in statistics:
            check_one_of(f"the statistic of {plane}", statistic, own["statistic"].unique())
    values = curves[["observed", "lower", "upper"]].sub(curves["center"], axis=0)
    curves = curves.assign(**values)
    figure, axes = plt.subplots(
        len(planes), len(statistics), sharex="col", squeeze=False, layout="constrained",
        figsize=(max(6.0, 1.7 * len(statistics)), 0.9 + 1.5 * len(planes)),
    )  # fmt: skip
    for (i, j), ax in np.ndenumerate(axes):
        rows = curves[(curves["plane"] == planes[i]) & (curves["statistic"] == statistics[j])]
        ax.axhline(0, color="0.1", lw=0.8, zorder=1)
        if statistics[j] == BRANCHES:
            _draw_bars(ax, rows)
        else:
            _draw_band(ax, rows)
        ax.set_ylabel(fill(planes[i], 18) if j == 0 else "", fontsize=8)
        ax.set_title(statistics[j] if i == 0 else "", loc="left", fontsize=9)
        ax.tick_params(labelsize=7, which="both")
        ax.yaxis.set_major_locator(MaxNLocator(4))
    full = planes[0].startswith("full")
    unit = "whitened units" if full else "standard deviations of the plane"
    edges = "; branches: edges of a vertex" if BRANCHES in statistics else ""
    figure.supxlabel(f"distance r, {unit}{edges}", fontsize=9)
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
    style.check_columns(table, "cloud", "method", "scale", "n", "dimension", "error", "ratio")
    check_one_of("method", method, table["method"].unique().tolist())
    rows = table[table["method"] == method]
    ax = style.axes_or_new(ax, 3.8, width=7.4)
    own, others = rows[rows["cloud"] == "z-points"], rows[rows["cloud"] != "z-points"]
    if ratio:
        ax.axhline(1, color="0.1", lw=1, zorder=0, label="no difference")
    else:
        x, y, error = own[["scale", "dimension", "error"]].to_numpy().T
        ax.errorbar(x, y, error, color=style.Z_POINTS, marker="o", lw=2, zorder=3, label="z-points")
    variance = (rows["error"] / rows["dimension"]) ** 2  # relative
    both = variance + rows["scale"].map(variance[own.index].set_axis(own["scale"]))
    for k, (cloud, at) in enumerate(others.groupby("cloud", sort=False)):
        y = at["ratio"] if ratio else at["dimension"]
        error = at["ratio"] * np.sqrt(both[at.index]) if ratio else at["error"]
        ax.errorbar(
            at["scale"], y, error, color=f"{0.25 + 0.06 * (k % 7):.2f}", ls=DASHES[k % 7], lw=1.2,
            marker=style.MARKERS[k % 8], ms=4, label=cloud,
        )  # fmt: skip
    style.set_log_ticks(ax, rows["scale"].unique())
    label = "dimension of the z-points\nover that of the surrogate" if ratio else "dimension"
    ax.set(xlabel="scale: number of neighbors", ylabel=label, ylim=(0, None))
    style.legend_beside(ax, fontsize=8)
    ax.set_title(title or f"{method}, n = {rows['n'].max():,}", loc="left", fontsize=10)
    return ax


def _draw_band(ax, rows):
    r = rows["r"]
    ax.fill_between(r, rows["lower"], rows["upper"], color="0.85", lw=0, label="envelope")
    ax.plot(r, rows["observed"], color=style.Z_POINTS, lw=1.6, zorder=2, label="z-points")
    _draw_outside(ax, rows)
    if r.max() > 4 * r.min():  # in many dimensions distances hardly differ
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 3)))
        ax.xaxis.set_major_formatter("{x:g}")
        ax.xaxis.set_minor_formatter(NullFormatter())


def _draw_bars(ax, rows):
    r, tall = rows["r"], rows["upper"] - rows["lower"]
    ax.bar(r, tall, bottom=rows["lower"], color="0.85", width=0.5, label="envelope")
    ax.plot(r, rows["observed"], "o", color=style.Z_POINTS, ms=6, label="z-points")
    _draw_outside(ax, rows)
    ax.set_xticks(r, [f"{edges:g}" for edges in r[:-1]] + [f"{r.iloc[-1]:g}+"])


def _draw_outside(ax, rows):
    out = rows[rows["outside"].astype(bool)]
    if len(out):
        x, y = out["r"], out["observed"]
        ax.plot(x, y, color=style.PATH, ls="", marker="o", ms=4, zorder=3, label="outside")
