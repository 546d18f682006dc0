from . import (
    findings as findings,
    images as images,
    latent as latent,
    model as model,
    plots as plots,
    portraits as portraits,
    widgets as widgets,
)
from ._lacking import NoDecoder as NoDecoder
from .evidence import filament_evidence as filament_evidence
from .export.forms import export_run as export_run
from .export.page import export_page as export_page
from .images.store import ImageStore as ImageStore
from .kept import cloud_of as cloud_of, map_of as map_of, rows_of as rows_of
from .opening import prepare as prepare
from .regions import (
    along_rays as along_rays,
    between_pairs as between_pairs,
    near_and_far as near_and_far,
    steps_aside as steps_aside,
)
from .runs import Run as Run
from .scoring import (
    path_scores as path_scores,
    score_conditions as score_conditions,
    scoreboard as scoreboard,
)
from .training import train as train
