"""Number densities along components, and of radii."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from aelatent._checks import check_whole
from aelatent.latent.components import Densities
from aelatent.plots.style import (
    CENTER,
    OKABE_ITO,
    PATH,
    SURROGATE,
    Z_POINTS,
    axes_or_new,
    drawn,
    ink,
    legend_beside,
    legend_within,
    seen,
)

DASHES = ("-", "--", ":")  # with ten colors each
COLORS = (Z_POINTS, CENTER, SURROGATE, "#009E73")  # of radii
#: Of marked components: all of them stand out on white.
MARKED = (*OKABE_ITO[:7], "#8C564B", "#5D3A9B", "#8A8A00")
LAW_DASHES = ("--", ":", "-.", (0, (1, 3)))


@drawn
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
    mark = [check_whole("mark", component, 0, d - 1) for component in mark]
    check_whole("the number of marked components", len(mark), 0, 30)
    ax = axes_or_new(ax, 3.6, width=7.0)
    x = (densities.edges[1:] + densities.edges[:-1]) / 2
    density = densities.density
    if not only_marked:
        rest = np.setdiff1d(np.arange(d), mark)
        curves = [np.column_stack([x, density[component]]) for component in rest]
        thin = {"colors": seen(ax, "0.55"), "lw": 0.5, "alpha": 0.5, "rasterized": True}
        ax.add_collection(LineCollection(curves, **thin))
    for k, component in enumerate(mark):
        ax.plot(
            x, density[component], color=seen(ax, MARKED[k % 10]), ls=DASHES[k // 10], lw=1.6,
            label=f"{component}",
        )  # fmt: skip
    ax.autoscale_view()
    ax.set_ylim(bottom=0)
    ax.axvline(0, color=ink(ax), lw=0.6, zorder=0)
    ax.set(xlabel="coordinate value, units of the latent space", ylabel="share per unit")
    if mark:
        legend_beside(ax, title="component", fontsize=8, ncols=1 + len(mark) // 13)
    drawn = f"{len(mark)} of {d}" if only_marked else f"all {d}"
    stated = f"{drawn} components, n = {densities.n:,}, bins of {densities.width:g}"
    ax.set_title(title or stated, loc="left", fontsize=10)
    return ax


@drawn
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
    laws = laws or {}
    check_whole("the number of densities", len(densities), 1, 4)
    check_whole("the number of laws", len(laws), 0, 4)
    for name, found in densities.items():
        if len(found.counts) != 1:
            raise ValueError(
                f"{name} must be made by radius_density(z); got {len(found.counts)} components."
            )
    ax = axes_or_new(ax, 3.2, width=7.0)
    for color, (name, found) in zip(COLORS, densities.items(), strict=False):
        ax.stairs(found.density[0], found.edges, color=seen(ax, color), lw=1.4, label=name)
    low = min(found.edges[0] for found in densities.values())
    high = max(found.edges[-1] for found in densities.values())
    for dashes, (name, law) in zip(LAW_DASHES, laws.items(), strict=False):
        ends = law.ppf([1e-5, 1 - 1e-5])
        x = np.linspace(*ends, 400)
        ax.plot(x, law.pdf(x), color=seen(ax, PATH), ls=dashes, lw=1.5, label=name)
        low, high = min(low, ends[0]), max(high, ends[1])
    ax.set(xlim=(max(low, 0), high), ylim=(0, None))
    ax.set(xlabel="radius (L2 norm), units of the latent space", ylabel="share per unit")
    legend_within(ax, fontsize=8)
    first = next(iter(densities.values()))
    stated = f"n = {first.n:,}, bins of {first.width:g}"
    ax.set_title(title or stated, loc="left", fontsize=10)
    return ax
