from .component_explorer import ComponentExplorer as ComponentExplorer
from .lineup import LineUp as LineUp, middle_of as middle_of
from .live_loss import LiveLoss as LiveLoss
from .mixer import FaceMixer as FaceMixer
from .own_picture import OwnPicture as OwnPicture
from .path_explorer import PathExplorer as PathExplorer
from .scrubber import path_scrubber as path_scrubber
from .zoom_explorer import ZoomExplorer as ZoomExplorer
