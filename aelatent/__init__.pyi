from . import (
    findings as findings,
    images as images,
    latent as latent,
    model as model,
    plots as plots,
    portraits as portraits,
    widgets as widgets,
)
from .evidence import filament_evidence as filament_evidence
from .images.store import ImageStore as ImageStore
from .kept import cloud_of as cloud_of, map_of as map_of, rows_of as rows_of
from .runs import Run as Run, prepare as prepare
from .scoring import (
    path_scores as path_scores,
    score_conditions as score_conditions,
    scoreboard as scoreboard,
)
from .training import train as train
