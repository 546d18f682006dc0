"""Spectrum of principal axes, and quantiles against a law."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from aelatent._checks import check_vector, check_whole, check_within
from aelatent.plots.style import PATH, Z_POINTS, axes_or_new

GRAYS = ("0.35", "0.55", "0.2")
DASHES = ("--", ":", "-.")


def spectrum(
    shares: np.ndarray,
    *,
    others: Mapping[str, np.ndarray] | None = None,
    cumulative: bool = False,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the share of the variance along each principal axis.

    Parameters
    ----------
    shares, others : float (k,) and mapping of str to float (k,), optional
        Shares in 0..1, as `PrincipalAxes.explained`; those of surrogates, by name.
    cumulative : bool
        Whether to draw sums of the leading shares.

    Returns
    -------
    matplotlib.axes.Axes
        Shares are on a logarithmic axis, their sums on a linear one.
    """
    curves = {"z-points": shares, **(others or {})}
    hint = "See PrincipalAxes.explained."
    for name, values in curves.items():
        curves[name] = check_within(name, check_vector(name, values, hint=hint))
    ax = axes_or_new(ax, 3.2, width=7.0)
    for k, (name, values) in enumerate(curves.items(), start=-1):
        number, y = np.arange(1, len(values) + 1), values.cumsum() if cumulative else values
        if k < 0:
            ax.plot(number, y, color=Z_POINTS, marker=".", ms=4, label=name)
        else:
            ax.plot(number, y, color=GRAYS[k % 3], ls=DASHES[k % 3], label=name)
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter("{x:g}")
    ax.set(xlabel="principal axis")
    if cumulative:
        ax.set(ylabel="share of the variance up to this axis", ylim=(0, 1.02))
    else:
        ax.set(ylabel="share of the variance", yscale="log")
    if others:
        ax.legend(frameon=False, fontsize=8)
    ax.set_title(title or "", loc="left", fontsize=10)
    return ax


def quantiles(
    values: np.ndarray,
    law,
    *,
    others: Mapping[str, np.ndarray] | None = None,
    label: str = "D² of held-out z-points",
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the quantiles of measured values against those of a law (a QQ plot).

    Parameters
    ----------
    values : float (n,)
        Measured values, n at least 2.
    law, others : frozen scipy.stats distribution, and mapping of str to float (m,), optional
        Anything with ``ppf``; values of surrogates, by name.
    label : str
        What the values are.

    Returns
    -------
    matplotlib.axes.Axes
        Where the values follow the law they lie on its dashed diagonal.
    """
    samples = {label: values, **(others or {})}
    samples = {name: np.sort(np.asarray(sample, float).ravel()) for name, sample in samples.items()}
    for name, sample in samples.items():
        check_whole(f"the number of {name}", len(check_vector(name, sample, hint="")), 2)
    ax = axes_or_new(ax, 4.6, width=5.2)
    for k, (name, sample) in enumerate(samples.items(), start=-1):
        x = law.ppf((np.arange(len(sample)) + 0.5) / len(sample))
        stated = f"{name} (n = {len(sample):,})"
        own = {"color": Z_POINTS, "marker": ".", "ms": 3, "ls": "", "rasterized": True}
        other = {"color": (PATH, *GRAYS)[k % 4], "lw": 1.5, "ls": DASHES[k % 3]}
        ax.plot(x, sample, label=stated, **(own if k < 0 else other))
    ends = law.ppf([0.0005, 0.9995])
    ax.plot(ends, ends, color="0.1", lw=1, ls=(0, (6, 4)), zorder=0, label="the law itself")
    ax.set(xlabel="quantile of the law", ylabel="measured quantile")
    ax.legend(frameon=False, fontsize=8)
    ax.set_title(title or "", loc="left", fontsize=10)
    return ax
