"""aelatent: a workbook about the latent space of a plain convolutional autoencoder of faces.

The names below load on first use, so that ``import aelatent`` stays quick and never pulls in
TensorFlow; only building, training, encoding or decoding does.
"""

from importlib.metadata import version as _version

from aelatent._lazy import attach as _attach

_HOME = {  # public name -> module that defines it
    "ImageStore": "aelatent.images.store",
    "Run": "aelatent.runs",
    "prepare": "aelatent.runs",
    "train": "aelatent.training",
    "cloud_of": "aelatent.kept",
    "map_of": "aelatent.kept",
    "path_scores": "aelatent.scoring",
    "rows_of": "aelatent.kept",
    "score_conditions": "aelatent.scoring",
    "scoreboard": "aelatent.scoring",
    "images": "aelatent.images",
    "latent": "aelatent.latent",
    "model": "aelatent.model",
    "plots": "aelatent.plots",
    "portraits": "aelatent.portraits",
    "widgets": "aelatent.widgets",
}
__all__ = list(_HOME)
__version__ = _version("aelatent")
__getattr__, __dir__ = _attach(__name__, _HOME)
