"""Widgets: what the reader drags or watches in a notebook."""

from aelatent.widgets.mixer import FaceMixer
from aelatent.widgets.training import LiveLoss

__all__ = ["FaceMixer", "LiveLoss"]
