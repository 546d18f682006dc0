"""Plots: arrays first, options by keyword, Axes in (`ax=None` makes one), Axes out; no show()."""

from aelatent.plots.strips import before_after, film_strip, image_grid
from aelatent.plots.style import CENTER, ORIGIN, PATH, Z_POINTS
from aelatent.plots.training import loss_curve

__all__ = [
    "CENTER",
    "ORIGIN",
    "PATH",
    "Z_POINTS",
    "before_after",
    "film_strip",
    "image_grid",
    "loss_curve",
]
