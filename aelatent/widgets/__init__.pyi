from .component_explorer import ComponentExplorer
from .lineup import LineUp
from .live_loss import LiveLoss
from .mixer import FaceMixer
from .path_explorer import PathExplorer
from .scrubber import component_scrubber, path_scrubber
from .zoom_explorer import ZoomExplorer

__all__ = [
    "ComponentExplorer",
    "FaceMixer",
    "LineUp",
    "LiveLoss",
    "PathExplorer",
    "ZoomExplorer",
    "component_scrubber",
    "path_scrubber",
]
