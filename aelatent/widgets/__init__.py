"""Widgets: what the reader drags in a notebook."""

from aelatent.widgets.mixer import FaceMixer

__all__ = ["FaceMixer"]
