"""How often tests reject, with 95 % intervals (Wilson, *J. Am. Stat. Assoc.* 22, 209, 1927)."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter
from scipy.stats import binom, binomtest

from aelatent._checks import check_share
from aelatent.plots import style

NOMINAL = 0.05  # level of the tests


def power_curves(table: pd.DataFrame, *, title: str = "", ax: Axes | None = None) -> Axes:
    """Draw how often a test rejects against the share of the points that lie on filaments.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns kind (a curve each), share (above 0, at most 1), rate (rejections / simulations,
        0..1) and simulations (at least 1).

    Returns
    -------
    matplotlib.axes.Axes
        Rates in %, shares on a logarithmic axis.
    """
    style.check_columns(table, "kind", "share", "rate", "simulations")
    for share in table["share"]:
        hint = "The rate without filaments belongs to calibration_points."
        check_share("share", share, one=True, hint=hint)
    ax = style.axes_or_new(ax, 3.6, width=7.4)
    for k, (kind, rows) in enumerate(table.groupby("kind", sort=False)):
        rows = rows.sort_values("share")
        rate, low, high = _intervals(rows)
        ax.errorbar(
            100 * rows["share"], rate, (rate - low, high - rate), color=style.OKABE_ITO[k % 8],
            marker=style.MARKERS[k % 8], ms=5, capsize=3, label=kind,
        )  # fmt: skip
    ax.axhline(NOMINAL, color="0.1", lw=1, ls="--", label="nominal 5 %")
    style.set_log_ticks(ax, np.unique(100 * table["share"]))
    ax.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    ax.set(xlabel="points on filaments, % of all", ylabel="rejection rate", ylim=(-0.03, 1.03))
    style.legend_beside(ax, fontsize=8)
    ax.set_title(title or _simulations(table), loc="left", fontsize=10)
    return ax


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
    ax.axvline(NOMINAL, color="0.1", lw=1, ls="--", label="nominal 5 %")
    ax.barh(
        place, right - left, left=left, height=1, color="0.88", zorder=0,
        label="95 % of the rates\nof such a test",
    )  # fmt: skip
    ax.hlines(place, low, high, color=style.SURROGATE, lw=1.6, zorder=2)
    ax.scatter(rate, place, c=np.where(rate > right, style.PATH, style.SURROGATE), s=36, zorder=3)
    ax.set_yticks(place, table["null"].tolist())
    ax.set(xlim=(0, 1.1 * max(high.max(), right.max())), ylim=(len(table) - 0.5, -0.5))
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    ax.set_xlabel("rejection rate without filaments, with its 95 % interval")
    style.legend_beside(ax, fontsize=8)
    ax.set_title(title or _simulations(table), loc="left", fontsize=10)
    return ax


def _intervals(table):
    """Return rates and the ends of their intervals, refused unless they are rates."""
    rate, counts = table["rate"].to_numpy(float), table["simulations"].to_numpy()
    if not ((rate >= 0) & (rate <= 1) & (counts >= 1)).all():
        raise ValueError(f"expected rates in 0..1 of 1 or more simulations; got {rate}, {counts}.")
    tests = [binomtest(round(p * n), int(n)) for p, n in zip(rate, counts, strict=True)]
    low, high = np.array([test.proportion_ci(method="wilson") for test in tests]).T
    return rate, np.minimum(low, rate), np.maximum(high, rate)  # where the rate was rounded


def _simulations(table):
    ends = sorted({table["simulations"].min(), table["simulations"].max()})
    return f"n = {' to '.join(f'{end:,}' for end in ends)} simulations each"
