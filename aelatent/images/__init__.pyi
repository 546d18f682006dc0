from .detector import detect_faces
from .sources import Source, open_source
from .store import ImageStore, pack

__all__ = ["ImageStore", "Source", "detect_faces", "open_source", "pack"]
