"""Number densities along components."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from aelatent.latent.components import Densities
from aelatent.plots.style import CENTER, ORIGIN, PATH, Z_POINTS, axes_or_new

DASHES = ("-", "--", ":")  # with ten colors each


def density_curves(
    densities: Densities,
    *,
    mark: Sequence[int] = (),
    only_marked: bool = False,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the number density along every component in one plot.

    Parameters
    ----------
    densities : aelatent.latent.Densities
        Counts of z-points per component and bin.
    mark, only_marked : sequence of int and bool
        Components to color and name, at most 30; whether to leave out the others, thin and gray.

    Returns
    -------
    matplotlib.axes.Axes
        x in units of the latent space, y in shares of the z-points per unit.
    """
    d = len(densities.counts)
    mark = [int(component) for component in mark]
    if len(mark) > 30 or not all(0 <= component < d for component in mark):
        raise ValueError(
            f"mark must name at most 30 of the components 0 to {d - 1}; got {len(mark)}: "
            f"{mark[:40]}. Shorten the list, for instance mark[:30]."
        )
    ax = axes_or_new(ax, 4.2)
    x = (densities.edges[1:] + densities.edges[:-1]) / 2
    density = densities.density
    if not only_marked:
        rest = np.setdiff1d(np.arange(d), mark)
        curves = [np.column_stack([x, density[component]]) for component in rest]
        ax.add_collection(LineCollection(curves, colors="0.55", lw=0.5, alpha=0.5, rasterized=True))
    colors = sns.color_palette("colorblind", 10)
    for k, component in enumerate(mark):
        style = {"color": colors[k % 10], "ls": DASHES[k // 10], "lw": 1.6}
        ax.plot(x, density[component], label=f"{component}", **style)
    ax.autoscale_view()
    ax.set_ylim(bottom=0)
    ax.axvline(0, color="0.2", lw=0.6, zorder=0)
    ax.set(xlabel="coordinate value, units of the latent space", ylabel="share per unit")
    if mark:
        columns = 1 + len(mark) // 11
        ax.legend(title="component", frameon=False, fontsize=8, ncols=columns)
    drawn = f"{len(mark)} of {d}" if only_marked else f"all {d}"
    title = title or f"{drawn} components, n = {densities.n:,}, bins of {densities.width:g}"
    ax.set_title(title, loc="left", fontsize=10)
    return ax


def component_density(
    densities: Densities,
    component: int,
    described: pd.DataFrame,
    *,
    value: float | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the number density along one component with its center and width.

    Parameters
    ----------
    densities : aelatent.latent.Densities
        Counts of z-points per component and bin.
    component : int
        Which one, counted from 0.
    described : pandas.DataFrame
        What `aelatent.latent.describe_components` gave for the same z-points.
    value : float, optional
        A value to mark in red, in units of the latent space.

    Returns
    -------
    matplotlib.axes.Axes
        x in units of the latent space, y in shares of the z-points per unit.
    """
    if not 0 <= component < len(densities.counts):
        raise ValueError(
            f"component must be one of 0 to {len(densities.counts) - 1}; got {component!r}."
        )
    ax = axes_or_new(ax, 3.0, width=7.0)
    row = described.loc[component]
    edges, density = densities.edges, densities.density[component]
    ax.stairs(density, edges, fill=True, color=Z_POINTS, alpha=0.35)
    ax.stairs(density, edges, color=Z_POINTS, lw=1)
    center, width, top = row["median"], row["fwhm"], density.max()
    ax.axvline(center, color=CENTER, lw=1.5, label=f"center {center:.2f}")
    ends = row["mode"] - width / 2, row["mode"] + width / 2
    ax.plot(ends, [top / 2] * 2, color=CENTER, lw=3, alpha=0.7, label=f"width {width:.2f}")
    edge = {"mec": "0.2", "mew": 0.8, "ls": ""}
    ax.plot(0, 0, "o", color=ORIGIN, clip_on=False, zorder=5, label="origin", **edge)
    if value is not None:
        ax.axvline(value, color=PATH, lw=2, label=f"value {value:.2f}")
    reach = max(4 * width, 1.2 * abs(center), 1.1 * abs(value - center) if value else 0, 1e-6)
    ax.set_xlim(min(center - reach, -0.1 * reach), max(center + reach, 0.1 * reach))
    ax.set_ylim(bottom=0)
    ax.set(xlabel=f"component {component}, units of the latent space", ylabel="share per unit")
    ax.legend(frameon=False, fontsize=8, loc="upper right")
    title = title or f"component {component}, n = {densities.n:,}, bins of {densities.width:g}"
    ax.set_title(title, loc="left", fontsize=10)
    return ax


COLORS = (Z_POINTS, CENTER, "0.35", "#009E73")
LAW_DASHES = ("--", ":", "-.", (0, (1, 3)))


def radius_curves(
    densities: Mapping[str, Densities],
    *,
    laws: Mapping[str, object] | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw number densities against the radius (L2 norm), and laws beside them.

    Parameters
    ----------
    densities : mapping of str to aelatent.latent.Densities
        As `aelatent.latent.radius_density` gives them, by name; 1 to 4.
    laws : mapping of str to frozen scipy.stats distribution, optional
        Expected laws by name, at most 4, drawn in red with different dashes.

    Returns
    -------
    matplotlib.axes.Axes
        x in units of the latent space, y in shares of the z-points per unit.
    """
    laws = dict(laws or {})
    if not 1 <= len(densities) <= 4 or len(laws) > 4:
        raise ValueError(
            f"expected 1 to 4 densities and at most 4 laws; got {len(densities)} and {len(laws)}."
        )
    ax = axes_or_new(ax, 3.6, width=8.0)
    for color, (name, found) in zip(COLORS, densities.items(), strict=False):
        if len(found.counts) != 1:
            raise ValueError(
                f"{name} holds densities of {len(found.counts)} components; expected radii. "
                "Make them with radius_density(z)."
            )
        ax.stairs(found.density[0], found.edges, color=color, lw=1.4, label=name)
    low = min(found.edges[0] for found in densities.values())
    high = max(found.edges[-1] for found in densities.values())
    for dashes, (name, law) in zip(LAW_DASHES, laws.items(), strict=False):
        ends = law.ppf([1e-5, 1 - 1e-5])
        x = np.linspace(*ends, 400)
        ax.plot(x, law.pdf(x), color=PATH, ls=dashes, lw=1.5, label=name)
        low, high = min(low, ends[0]), max(high, ends[1])
    ax.set(xlim=(max(low, 0), high), ylim=(0, None))
    ax.set(xlabel="radius (L2 norm), units of the latent space", ylabel="share per unit")
    ax.legend(frameon=False, fontsize=8)
    first = next(iter(densities.values()))
    stated = f"n = {first.n:,}, bins of {first.width:g}"
    ax.set_title(title or stated, loc="left", fontsize=10)
    return ax
