"""Principal axes: spectrum, shapes along them, the sheet beside the origin; quantiles of a law."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter

from aelatent._checks import check_points, check_vector, check_whole, check_within, some_rows
from aelatent.latent.components import Densities
from aelatent.latent.principal import PrincipalAxes, check_rank
from aelatent.plots.planes import draw_cloud, draw_spots
from aelatent.plots.style import (
    OKABE_ITO,
    PATH,
    Z_POINTS,
    axes_or_new,
    check_columns,
    drawn,
    ink,
    legend_beside,
    legend_within,
    seen,
)

GRAYS = ("0.35", "0.55", "0.2")
DASHES = ("--", ":", "-.")


@drawn
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
            ax.plot(number, y, color=seen(ax, Z_POINTS), marker=".", ms=4, label=name)
        else:
            ax.plot(number, y, color=seen(ax, GRAYS[k % 3]), ls=DASHES[k % 3], label=name)
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter("{x:g}")
    ax.set(xlabel="principal axis")
    if cumulative:
        ax.set(ylabel="shares added up", ylim=(0, 1.02))
    else:
        ax.set(ylabel="share of the variance", yscale="log")
    if others:
        legend_within(ax, fontsize=8)
    ax.set_title(title or "", loc="left", fontsize=10)
    return ax


@drawn
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
        own = {"marker": ".", "ms": 3, "ls": "", "rasterized": True}
        other = {"lw": 1.5, "ls": DASHES[k % 3]}
        color = seen(ax, Z_POINTS if k < 0 else (PATH, *GRAYS)[k % 4])
        ax.plot(x, sample, label=stated, color=color, **(own if k < 0 else other))
    ends = law.ppf([0.0005, 0.9995])
    ax.plot(ends, ends, color=ink(ax), lw=1, ls=(0, (6, 4)), zorder=0, label="the law itself")
    ax.set(xlabel="quantile of the law", ylabel="measured quantile")
    legend_within(ax, fontsize=8)
    ax.set_title(title or "", loc="left", fontsize=10)
    return ax


@drawn
def thin_sheet(
    axes: PrincipalAxes,
    z: np.ndarray,
    others: Mapping[str, np.ndarray] | None = None,
    *,
    seed: int = 0,
) -> np.ndarray:
    """Draw the cloud along its two widest axes, and across: where the origin is farthest off.

    Parameters
    ----------
    axes, z : PrincipalAxes, float (n, d)
        Of the z-points, which vary along two axes at least; up to 5,000 of them are drawn.
    others : mapping of str to float (m, d), optional
        Random vectors by name, drawn in red.
    seed : int
        Of the choice of z-points.

    Returns
    -------
    array of matplotlib.axes.Axes (2,)
        PC 1 x PC 2, and PC 1 x the axis other than PC 1 along which the origin is most standard
        deviations off the center, in a new figure; units of the latent space.
    """
    check_rank(axes, 2, "a plane")
    origin = np.zeros((1, len(axes.mean)))
    steps = np.abs(axes.whiten(origin)[0])
    across = 1 + int(steps[1:].argmax())
    figure, axs = plt.subplots(1, 2, figsize=(7, 3.6), layout="constrained")
    clouds = {"z-points": some_rows(check_points(z), 5000, seed), **(others or {})}
    at = {name: axes.forward(cloud) for name, cloud in clouds.items()}
    titles = "two wide axes", f"across: origin {steps[across]:.0f} sd off"
    for ax, k, title in zip(axs, (1, across), titles, strict=True):
        draw_cloud(ax, at["z-points"][:, [0, k]])
        for name in others or {}:
            red = {"color": seen(ax, PATH), "ls": "", "marker": ".", "ms": 2.5, "mew": 0}
            ax.plot(*at[name][:, [0, k]].T, label=name, rasterized=True, **red)
        draw_spots(ax, axes.forward(origin)[0, [0, k]], (0, 0))
        ax.set(xlabel="PC 1", ylabel=f"PC {k + 1}")
        ax.set_aspect("equal", adjustable="datalim")
        ax.set_title(title, loc="left", fontsize=10)
    axs[0].lines[0].set_label("z-points")
    handles, names = axs[0].get_legend_handles_labels()
    where = {"loc": "outside lower center", "ncols": len(names), "frameon": False}
    for handle in figure.legend(handles, names, fontsize=9, **where).legend_handles:
        handle.set_markersize(max(handle.get_markersize(), 7))  # the dots of a cloud are small
    counts = f"n = {len(at['z-points']):,} z-points, seed {seed}; equal scales, units of z"
    figure.suptitle(counts, x=0.01, ha="left", fontsize=10)
    return axs


@drawn
def added_d2(
    tables: Mapping[str, pd.DataFrame], border: float, *, title: str = "", ax: Axes | None = None
) -> Axes:
    """Draw D² of latent vectors as it adds up over the axes, the narrowest first.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        What `aelatent.latent.d2_by_axis` gives, by name.
    border : float
        D² at the core's border, above 0.

    Returns
    -------
    matplotlib.axes.Axes
        Both axes logarithmic; each curve ends at the D² that its name states.
    """
    ax = axes_or_new(ax, 3.2, width=7.0)
    dashes = ("-", *DASHES)
    for k, (name, table) in enumerate(tables.items()):
        check_columns(table, "sd", "d2", hint="See latent.d2_by_axis.")
        total = table.sort_values("sd")["d2"].cumsum().to_numpy()
        ax.plot(
            np.arange(1, len(total) + 1), total, color=seen(ax, OKABE_ITO[2 * k % 8]),
            ls=dashes[k % 4], lw=1.6, label=f"{name}:\nD² = {total[-1]:,.0f}",
        )  # fmt: skip
    ax.axhline(border, color=ink(ax), lw=1, label=f"border of the core:\nD² = {border:,.0f}")
    ax.set(xscale="log", yscale="log", ylabel="D², added up")
    ax.set_xlabel("number of axes counted, the narrowest first")
    ax.xaxis.set_major_formatter("{x:g}")
    legend_beside(ax, fontsize=9)
    ax.set_title(title, loc="left", fontsize=10)
    return ax


@drawn
def axis_densities(axes: PrincipalAxes, z: np.ndarray, *, count: int = 12) -> np.ndarray:
    """Draw the number density along the leading principal axes, a panel each, beside a Gaussian.

    Parameters
    ----------
    axes, z : PrincipalAxes, float (n, d)
        Of the z-points.
    count : int
        Leading axes, at least 1; as many as there are.

    Returns
    -------
    array of matplotlib.axes.Axes (count,)
        Coordinates in standard deviations of each axis, in a new figure.
    """
    count = min(check_whole("count", count, 1), axes.rank)
    counted = Densities.of(axes.whiten(z)[:, :count], 0.2)
    columns, x = min(count, 4), np.linspace(-4.5, 4.5, 200)
    rows = -(-count // columns)
    figure, axs = plt.subplots(
        rows, columns, figsize=(7, 0.8 + 1.4 * rows), layout="constrained", sharex=True,
        sharey=True, squeeze=False,
    )  # fmt: skip
    for k, ax in enumerate(axs.flat):
        ax.set_visible(k < count)
        if k < count:
            blue = {"color": seen(ax, Z_POINTS), "alpha": 0.6}
            ax.stairs(counted.density[k], counted.edges, fill=True, **blue)
            ax.plot(x, np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi), color=ink(ax), ls="--", lw=1)
            ax.set_title(f"PC {k + 1}", loc="left", fontsize=9)
    axs[0, 0].set_xlim(-4.5, 4.5)
    figure.supxlabel("coordinate, standard deviations of the axis", fontsize=10)
    figure.supylabel("share per sd", fontsize=10)
    figure.suptitle(f"n = {counted.n:,}, bins of 0.2; dashed: Gaussian", x=0.01, ha="left", size=10)
    return axs.flat[:count]


@drawn
def axis_changes(sd: np.ndarray, change: np.ndarray, *, ax: Axes | None = None) -> Axes:
    """Draw how much a step along each principal axis changes the picture, against its width.

    Parameters
    ----------
    sd, change : float (k,)
        Standard deviation along each axis, units of the latent space, and the picture's change
        from one below the center to one above, gray levels (rms); all above 0.

    Returns
    -------
    matplotlib.axes.Axes
        Both axes logarithmic; on the dashed line a change is proportional to the step.
    """
    sd, change = check_vector("sd", sd), check_vector("change", change, len(sd))
    ax = axes_or_new(ax, 3.0, width=7.0)
    ax.loglog(
        sd, change, color=seen(ax, Z_POINTS), ls="", marker=".", ms=5, label="a principal axis"
    )
    ends = np.array([sd.min(), sd.max()])
    line = ends * np.median(change / sd)
    ax.loglog(ends, line, color=ink(ax), ls="--", lw=1, label="as much per unit\nfor each axis")
    ax.set(xlabel="standard deviation along the axis, units of the latent space")
    ax.set_ylabel("change of the picture,\ngray levels (rms)")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter("{x:g}")
        axis.set_minor_formatter(NullFormatter())
    legend_beside(ax, fontsize=9)
    ax.set_title(f"{len(sd)} axes, from 1 sd below the center to 1 above", loc="left", fontsize=10)
    return ax
