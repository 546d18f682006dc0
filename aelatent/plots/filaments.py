"""Comparisons with surrogates: curves in their envelopes, dimension over the scale."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from aelatent._checks import check_one_of
from aelatent.plots import style

BRANCHES = "branches"  # the statistic whose "r" is a vertex' number of edges: 1, 2, 3 or more
DASHES = ("--", ":", "-.", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (8, 3)), (0, (1, 3)))


@style.drawn
def envelope_grid(curves: pd.DataFrame, title: str) -> np.ndarray:
    """Draw all curves of a test in one plane, less the surrogates' mean, in a new figure.

    Parameters
    ----------
    curves : pandas.DataFrame
        As `FilamentTest.curves`, the rows of one plane: columns plane, statistic, r (distance),
        observed, center (surrogates' mean), lower and upper (their global envelope), outside
        (truth value). A plane whose name begins with "full" is the full space, whitened.
    title : str
        Title above all: name the surrogate, n, the number of draws and p.

    Returns
    -------
    array of matplotlib.axes.Axes (rows, 4)
        Observed in blue, what is outside in red, the envelope gray.
    """
    style.check_columns(
        curves, "plane", "statistic", "r", "observed", "center", "lower", "upper", "outside"
    )
    (plane, *others), statistics = curves["plane"].unique(), curves["statistic"].unique()
    if others:
        raise ValueError(f"expected rows of one plane; got {[plane, *others]}. Take one of them.")
    values = curves[["observed", "lower", "upper"]].sub(curves["center"], axis=0)
    curves, wide = curves.assign(**values), min(4, len(statistics))
    high = -(-len(statistics) // wide)
    figure, axes = plt.subplots(
        high, wide, squeeze=False, layout="constrained", figsize=(style.WIDTH, 0.9 + 1.7 * high)
    )
    for ax, statistic in zip(axes.flat, statistics, strict=False):
        rows = curves[curves["statistic"] == statistic]
        ax.axhline(0, color=style.ink(ax), lw=0.8, zorder=1)
        if statistic == BRANCHES:
            _draw_bars(ax, rows)
        else:
            _draw_band(ax, rows)
        ax.set_title(statistic, loc="left", fontsize=9)
        ax.tick_params(labelsize=8, which="both")
        ax.yaxis.set_major_locator(MaxNLocator(3))
    for ax in axes.flat[len(statistics) :]:
        ax.set_axis_off()
    unit = "whitened units" if plane.startswith("full") else "standard deviations of the plane"
    edges = "; branches: edges of a vertex" if BRANCHES in statistics else ""
    figure.supxlabel(f"distance r, {unit}{edges}", fontsize=9)
    figure.supylabel("observed less the surrogates' mean", fontsize=9)
    figure.suptitle(title, fontsize=10)
    return axes


@style.drawn
def known_curves(known: pd.DataFrame, full: pd.DataFrame, own: pd.Series) -> np.ndarray:
    """Draw what known curves would show, beside z-points: in a plane, and in the full space.

    Parameters
    ----------
    known, full : pandas.DataFrame
        As of `aelatent.filament_evidence`: columns curves, effect, band_high, n; cloud, ratio.
    own : pandas.Series
        The z-points' row of effects in that plane: effect, band_low, band_high.

    Returns
    -------
    array of matplotlib.axes.Axes (2,)
        Excess of pairs in %, and the distance to the nearest neighbor over that of an elliptical
        cloud, against the number of curves that all points lie on.
    """
    style.check_columns(known, "curves", "effect", "band_high", "n")
    style.check_columns(full, "cloud", "ratio", "n")
    axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.2), layout="constrained")[1]
    blue, red = (style.seen(axes[0], color) for color in (style.Z_POINTS, style.PATH))
    lies = full[full["cloud"].str.startswith("all on ")]
    count = lies["cloud"].str.replace(r"\D", "", regex=True).astype(int)
    curves = {"color": red, "marker": "s", "label": "all points on known curves"}
    low, high = 100 * own["band_low"], 100 * own["band_high"]
    axes[0].axhspan(low, high, **style.band(axes[0]), label="middle 95 % of surrogates")
    axes[0].plot(known["curves"], 100 * known["effect"], **curves)
    axes[0].axhline(100 * own["effect"], color=blue, lw=2, label="z-points")
    axes[0].set_yscale("symlog", linthresh=1)
    axes[0].yaxis.set_major_formatter("{x:g}")
    axes[0].set_ylabel("excess of near pairs, %")
    axes[1].plot(count, lies["ratio"], **curves)
    ratio = full.set_index("cloud")["ratio"]["z-points"]
    axes[1].axhline(ratio, color=blue, lw=2, label="z-points")
    axes[1].axhline(1, color=style.seen(axes[1], "0.35"), ls="--", label="elliptical cloud")
    axes[1].set(ylabel="distance to the nearest,\nelliptical cloud = 1", ylim=(0, None))
    for ax, where, table in zip(axes, ("one plane", "full space"), (known, full), strict=True):
        ax.set(xscale="log", xlabel="number of filaments")
        ax.set_title(f"{where}, n = {table['n'].max():,}", loc="left", fontsize=10)
    names = {line.get_label(): line for ax in axes for line in ax.get_legend_handles_labels()[0]}
    axes[0].figure.legend(
        names.values(), names, loc="outside lower center", ncols=4, frameon=False, fontsize=8
    )
    return axes


@style.drawn
def wider_scales(wider: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the excess of pairs against the scale: z-points, and beside them an elliptical draw.

    Parameters
    ----------
    wider : pandas.DataFrame
        As of `aelatent.filament_evidence`: columns cloud, plane, scale, effect, band_low,
        band_high; a plane is a color.

    Returns
    -------
    matplotlib.axes.Axes
        Bars hold the middle 95 % of the draws; the elliptical cloud's are open and dashed.
    """
    style.check_columns(wider, "cloud", "plane", "scale", "effect", "band_low", "band_high")
    ax = style.axes_or_new(ax, 3.4, width=style.WIDTH)
    ax.axhline(0, color=style.ink(ax), lw=0.8)
    groups = list(wider.groupby(["plane", "cloud"], sort=False))
    planes = list(wider["plane"].unique())
    for (plane, cloud), rows in groups:
        k, drawn = planes.index(plane), cloud != "z-points"
        color = style.seen(ax, style.OKABE_ITO[k % 8])
        x = rows["scale"] * (1 + 0.05 * (k - len(planes) / 2) + 0.025 * drawn)
        look = {"mfc": "none", "ls": "--", "lw": 1} if drawn else {"label": plane}
        marker = style.MARKERS[k % 8]
        ax.plot(x, 100 * rows["effect"], color=color, marker=marker, ms=5, **look)
        ax.vlines(x, 100 * rows["band_low"], 100 * rows["band_high"], color=color, alpha=0.4, lw=3)
    ax.set(xscale="log", xlabel="scale, standard deviations", ylabel="excess of pairs, %")
    style.set_log_ticks(ax, wider["scale"].unique())
    style.legend_beside(ax, fontsize=8)
    ax.set_title("bars: middle 95 % of the draws; open: elliptical", loc="left", fontsize=10)
    return ax


@style.drawn
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
        ax.axhline(1, color=style.ink(ax), lw=1, zorder=0, label="no difference")
    else:
        x, y, error = own[["scale", "dimension", "error"]].to_numpy().T
        blue = {"color": style.seen(ax, style.Z_POINTS), "lw": 2, "zorder": 3}
        ax.errorbar(x, y, error, marker="o", label="z-points", **blue)
    variance = (rows["error"] / rows["dimension"]) ** 2  # relative
    both = variance + rows["scale"].map(variance[own.index].set_axis(own["scale"]))
    for k, (cloud, at) in enumerate(others.groupby("cloud", sort=False)):
        y = at["ratio"] if ratio else at["dimension"]
        error = at["ratio"] * np.sqrt(both[at.index]) if ratio else at["error"]
        ax.errorbar(
            at["scale"], y, error, color=style.seen(ax, f"{0.25 + 0.06 * (k % 7):.2f}"),
            ls=DASHES[k % 7], lw=1.2, marker=style.MARKERS[k % 8], ms=4, label=cloud,
        )  # fmt: skip
    style.set_log_ticks(ax, rows["scale"].unique())
    label = "dimension of the z-points\nover that of the surrogate" if ratio else "dimension"
    ax.set(xlabel="scale: number of neighbors", ylabel=label, ylim=(0, None))
    style.legend_beside(ax, fontsize=8)
    ax.set_title(title or f"{method}, n = {rows['n'].max():,}", loc="left", fontsize=10)
    return ax


def _draw_band(ax, rows):
    r = rows["r"]
    ax.fill_between(r, rows["lower"], rows["upper"], **style.band(ax), label="envelope")
    blue = style.seen(ax, style.Z_POINTS)
    ax.plot(r, rows["observed"], color=blue, lw=1.6, zorder=2, label="z-points")
    _draw_outside(ax, rows)
    if r.max() > 4 * r.min():  # in many dimensions distances hardly differ
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 3)))
        ax.xaxis.set_major_formatter("{x:g}")
        ax.xaxis.set_minor_formatter(NullFormatter())


def _draw_bars(ax, rows):
    r, tall = rows["r"], rows["upper"] - rows["lower"]
    ax.bar(r, tall, bottom=rows["lower"], **style.band(ax), width=0.5, label="envelope")
    ax.plot(r, rows["observed"], "o", color=style.seen(ax, style.Z_POINTS), ms=6, label="z-points")
    _draw_outside(ax, rows)
    ax.set_xticks(r, [f"{edges:g}" for edges in r[:-1]] + [f"{r.iloc[-1]:g}+"])


def _draw_outside(ax, rows):
    out = rows[rows["outside"].astype(bool)]
    if len(out):
        x, y = out["r"], out["observed"]
        red = style.seen(ax, style.PATH)
        ax.plot(x, y, color=red, ls="", marker="o", ms=4, zorder=3, label="outside")
