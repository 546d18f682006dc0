"""Widgets: what the reader drags or watches in a notebook. The names load on first use."""

from aelatent._lazy import attach as _attach

_HOME = {
    "ComponentExplorer": "aelatent.widgets.component_explorer",
    "FaceMixer": "aelatent.widgets.mixer",
    "LineUp": "aelatent.widgets.lineup",
    "LiveLoss": "aelatent.widgets.live_loss",
    "PathExplorer": "aelatent.widgets.path_explorer",
    "Scrubber": "aelatent.widgets.scrubber",
    "Track": "aelatent.widgets.scrubber",
    "ZoomExplorer": "aelatent.widgets.zoom_explorer",
    "component_scrubber": "aelatent.widgets.scrubber",
    "lineup_p": "aelatent.widgets.lineup",
    "path_scrubber": "aelatent.widgets.scrubber",
}
__all__ = list(_HOME)
__getattr__, __dir__ = _attach(__name__, _HOME)
