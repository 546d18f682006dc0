"""What all plots share: the color of each kind of point, and the Axes to draw on."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

# For readers with a color vision deficiency: blue and yellow are those of Okabe & Ito (2008),
# orange and red are darker than theirs. Yellow is pale on white: give it a dark edge.
Z_POINTS = "#0072B2"  # blue
ORIGIN = "#F0E442"  # yellow
CENTER = "#E08A00"  # orange
PATH = "#B2182B"  # red
SURROGATE = "0.35"  # gray

WIDTH = 10.0  # inches: as wide as a notebook's page


def axes_or_new(ax: Axes | None, height: float, width: float = WIDTH) -> Axes:
    """Return `ax`, or the Axes of a new figure of `width` x `height` inches where it is None."""
    if ax is None:
        return plt.subplots(figsize=(width, height), layout="constrained")[1]
    if not isinstance(ax, Axes):
        raise TypeError(
            f"ax must be one matplotlib Axes or None; got {type(ax).__name__}. "
            "Of several from plt.subplots, pass one, for instance axs[0]."
        )
    return ax
