from .detector import detect_faces as detect_faces
from .sources import Source as Source, open_source as open_source
from .store import ImageStore as ImageStore, pack as pack
