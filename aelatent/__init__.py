"""aelatent: a workbook about the latent space of a plain convolutional autoencoder of faces.

The names below load on first use, so that ``import aelatent`` stays quick and never pulls in
TensorFlow; only building, training, encoding or decoding does.

>>> import aelatent
>>> sorted(aelatent.__all__)[:2]
['ImageStore', 'Run']
"""

from importlib import import_module
from importlib.metadata import version as _version

_HOME = {  # public name -> module that defines it
    "ImageStore": "aelatent.images.store",
    "Run": "aelatent.runs",
    "prepare": "aelatent.runs",
    "train": "aelatent.training",
    "images": None,
    "latent": None,
    "model": None,
    "plots": None,
    "widgets": None,
}
__all__ = list(_HOME)
__version__ = _version("aelatent")


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module 'aelatent' has no attribute {name!r}")
    home = _HOME[name]
    found = (
        import_module(f"aelatent.{name}") if home is None else getattr(import_module(home), name)
    )
    globals()[name] = found
    return found


def __dir__():
    return sorted([*globals(), *__all__])
