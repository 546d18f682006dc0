from . import images, latent, model, plots, portraits, widgets
from .images.store import ImageStore
from .kept import cloud_of, map_of, rows_of
from .runs import Run, prepare
from .scoring import path_scores, score_conditions, scoreboard
from .training import train

__all__ = [
    "ImageStore",
    "Run",
    "cloud_of",
    "images",
    "latent",
    "map_of",
    "model",
    "path_scores",
    "plots",
    "portraits",
    "prepare",
    "rows_of",
    "score_conditions",
    "scoreboard",
    "train",
    "widgets",
]
