"""How often a face is found and tests reject; with the intervals of Wilson (1927).

E. B. Wilson, *Journal of the American Statistical Association* 22, 209: unlike a standard error
they do not vanish where a rate is 0 or 1.
"""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter
from scipy.stats import binom, binomtest

from aelatent.plots import style

NOMINAL = 0.05  # level of the tests
TWO_ERRORS = 0.9545  # of a normal distribution lie within two standard errors
BESIDE = 0.08  # between series that share a name on the x-axis


@style.drawn
def face_rates(
    table: pd.DataFrame | Mapping[str, pd.DataFrame],
    *,
    x_label: str = "",
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw in which share of pictures a face is found, with bars of two standard errors.

    Parameters
    ----------
    table : pandas.DataFrame, or mapping of str to bool DataFrame
        A row per point: series (a color and marker each, in order of appearance), x (numbers, or
        names, which stand side by side in order of appearance), rate (0..1) and n (independent
        pictures behind it; a row with n = 0 is left out). Or by series whether there is a face in
        each picture: a column per x, a row per independent draw.
    x_label : str
        What runs along the x-axis, with its unit.

    Returns
    -------
    matplotlib.axes.Axes
        Rates in %. Bars are Wilson's intervals: two standard errors to each side, but within 0..1
        and of some length also where all pictures show a face, or none does.
    """
    table = _count(table) if isinstance(table, Mapping) else table
    style.check_columns(table, "series", "x", "rate", "n")
    table = table[table["n"] > 0]
    style.check_columns(table, "series", "x", "rate", "n", hint="All of them have n = 0.")
    ax = style.axes_or_new(ax, 3.2, width=7.0)
    rates = table["rate"].to_numpy(float), table["n"].to_numpy()
    rate, low, high = _wilson(*rates, TWO_ERRORS)
    table = table.assign(rate=rate, low=low, high=high)
    named = not pd.api.types.is_numeric_dtype(table["x"])
    if named:
        codes, names = pd.factorize(table["x"])
        ax.set_xticks(range(len(names)), names.astype(str))
        ax.set_xlim(-0.5, len(names) - 0.5)
        table = table.assign(x=codes)
    groups = list(table.groupby("series", sort=False))
    for k, (name, rows) in enumerate(groups):
        rows = rows.sort_values("x")
        shift = BESIDE * (k - (len(groups) - 1) / 2) if named else 0
        rate, low, high = rows[["rate", "low", "high"]].to_numpy().T
        ax.errorbar(
            rows["x"] + shift, rate, (rate - low, high - rate),
            color=style.seen(ax, style.OKABE_ITO[k % 8]), marker=style.MARKERS[k % 8],
            ls="" if named else "-", ms=5, capsize=3, label=name,
        )  # fmt: skip
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    ax.set(xlabel=x_label, ylabel="pictures with a face", ylim=(-0.03, 1.03))
    if len(groups) > 1:
        style.legend_beside(ax, fontsize=9)
    ax.set_title(title or f"n = {_span(table['n'])} pictures each", loc="left", fontsize=10)
    return ax


@style.drawn
def part_changes(
    changes: Mapping[float, pd.DataFrame], *, title: str = "", ax: Axes | None = None
) -> Axes:
    """Draw how much each part of pictures changes beside the first one, against a length.

    Parameters
    ----------
    changes : mapping of float to pandas.DataFrame
        Length of a move -> changes: a column per part, the first the one to compare with, a row
        per group of pictures.

    Returns
    -------
    matplotlib.axes.Axes
        Means over the groups with bars of two standard errors, paired; dashed: the first part.
    """
    ax = style.axes_or_new(ax, 3.2)
    first, *parts = next(iter(changes.values())).columns
    ax.axhline(1, color=style.ink(ax), lw=1, ls="--", label=first)
    for k, part in enumerate(parts):
        ratios = pd.DataFrame({x: table[part] / table[first] for x, table in changes.items()})
        ax.errorbar(
            ratios.columns, ratios.mean(), 2 * ratios.sem(),
            color=style.seen(ax, style.OKABE_ITO[k % 8]), marker=style.MARKERS[k % 8],
            ms=5, capsize=3, label=part,
        )  # fmt: skip
    ax.set(xscale="log", xlabel="length of the move, standard deviations", ylim=(0, None))
    style.set_log_ticks(ax, list(changes))
    ax.set_ylabel(f"change, over that of the {first}")
    style.legend_beside(ax, fontsize=9)
    ax.set_title(title or f"n = {len(ratios)} groups", loc="left", fontsize=10)
    return ax


@style.drawn
def calibration_points(table: pd.DataFrame, *, title: str = "", ax: Axes | None = None) -> Axes:
    """Draw how often a test rejects where there is nothing to find; rates above the band are red.

    Parameters
    ----------
    table : pandas.DataFrame
        A row per null, from the top: null (its name), rate (0..1), simulations (at least 1).

    Returns
    -------
    matplotlib.axes.Axes
        The pale band holds 95 % of the rates of a test that rejects at its nominal level.
    """
    style.check_columns(table, "null", "rate", "simulations")
    rate, low, high = _intervals(table)
    n, place = table["simulations"].to_numpy(), np.arange(len(table))
    left, right = (binom.ppf(q, n, NOMINAL) / n for q in (0.025, 0.975))
    ax = style.axes_or_new(ax, 1.4 + 0.3 * len(table), width=7.4)
    ax.axvline(NOMINAL, color=style.ink(ax), lw=1, ls="--", label="nominal 5 %")
    ax.barh(
        place, right - left, left=left, height=1, zorder=0, **style.band(ax),
        label="95 % of the rates\nof such a test",
    )  # fmt: skip
    gray, red = style.seen(ax, style.SURROGATE), style.seen(ax, style.PATH)
    ax.hlines(place, low, high, color=gray, lw=1.6, zorder=2)
    colors = [red if above else gray for above in rate > right]
    ax.scatter(rate, place, c=colors, s=36, zorder=3)
    ax.set_yticks(place, table["null"].tolist())
    ax.set(xlim=(0, 1.1 * max(high.max(), right.max())), ylim=(len(table) - 0.5, -0.5))
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    ax.set_xlabel("rejection rate without filaments, with its 95 % interval")
    style.legend_beside(ax, fontsize=8)
    ax.set_title(title or _simulations(table), loc="left", fontsize=10)
    return ax


@style.drawn
def error_panels(
    table: pd.DataFrame, labels: dict[str, str], *, marked: Sequence[str] = (),
    zero: bool = False, title: str = "",
) -> np.ndarray:  # fmt: skip
    """Draw columns of a table side by side, a line per row, with bars of two standard errors.

    Parameters
    ----------
    table : pandas.DataFrame
        The index names the lines, from the top. Columns: those of `labels`, and where there is one
        the standard errors of a column NAME in ``NAME error``.
    labels : dict of str to str
        Column -> what stands below its panel; columns without a number are left out.
    marked : sequence of str
        Rows to compare with: blue, the first of them with a line down the panel.
    zero : bool
        Draw a line down each panel at 0.

    Returns
    -------
    array of matplotlib.axes.Axes (k,)
        A panel per column.
    """
    style.check_columns(table, *labels)
    labels = {name: label for name, label in labels.items() if table[name].notna().any()}
    size = (7.0, 1.0 + 0.24 * len(table))
    figure, axs = plt.subplots(
        1, len(labels), figsize=size, layout="constrained", sharey=True, squeeze=False
    )
    blue = table.index.isin(marked)
    place = np.arange(len(table))
    for ax, (column, label) in zip(axs[0], labels.items(), strict=True):
        errors = table.get(f"{column} error", pd.Series(np.nan, table.index))
        for rows, color in ((blue, style.Z_POINTS), (~blue, style.PATH)):
            ax.errorbar(
                table.loc[rows, column], place[rows], xerr=2 * errors[rows], fmt="o", ms=4,
                capsize=2, color=style.seen(ax, color),
            )  # fmt: skip
        known = [table[column].get(name, np.nan) for name in marked]
        for best in [value for value in known if np.isfinite(value)][:1]:
            ax.axvline(best, color=style.seen(ax, style.Z_POINTS), lw=0.8, ls="--")
        if zero:
            ax.axvline(0, color=style.seen(ax, "0.5"), lw=0.8)
        ax.set_xlabel(label, fontsize=9)
        ax.tick_params(labelsize=8)
        ax.grid(axis="y", color=style.seen(ax, "0.9", 1))
    axs[0, 0].set_yticks(place, table.index, fontsize=9)
    axs[0, 0].set_ylim(len(table) - 0.5, -0.5)
    figure.suptitle(title, x=0.01, ha="left", fontsize=10)
    return axs[0]


def _count(faces):
    """Return the table of `face_rates` for pictures that show a face or do not."""
    parts = [
        pd.DataFrame({"series": name, "x": found.columns, "rate": found.mean(), "n": len(found)})
        for name, found in faces.items()
    ]
    return pd.concat(parts, ignore_index=True)


def _intervals(table):
    """Return rates of rejection and the ends of their 95 % intervals."""
    return _wilson(table["rate"].to_numpy(float), table["simulations"].to_numpy(), 0.95)


def _wilson(rate, counts, level):
    """Return rates and the ends of their intervals, refused unless they are rates."""
    if not ((rate >= 0) & (rate <= 1) & (counts >= 1)).all():
        raise ValueError(f"expected rates in 0..1, each of 1 or more; got {rate}, {counts}.")
    tests = [binomtest(round(p * n), int(n)) for p, n in zip(rate, counts, strict=True)]
    low, high = np.array([test.proportion_ci(level, method="wilson") for test in tests]).T
    return rate, np.minimum(low, rate), np.maximum(high, rate)  # where the rate was rounded


def _simulations(table):
    return f"n = {_span(table['simulations'])} simulations each"


def _span(counts):
    """Say from which to which number counts go."""
    return " to ".join(f"{end:,}" for end in sorted({counts.min(), counts.max()}))
