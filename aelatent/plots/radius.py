"""Number densities against the radius."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from aelatent.latent import Densities
from aelatent.plots.style import CENTER, PATH, Z_POINTS, axes_or_new

COLORS = (Z_POINTS, CENTER, "0.35", "#009E73")
DASHES = ("--", ":", "-.", (0, (1, 3)))


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
    for dashes, (name, law) in zip(DASHES, laws.items(), strict=False):
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
