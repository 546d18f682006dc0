"""aelatent: a workbook about the latent space of a plain convolutional autoencoder of faces.

The names below load on first use, so that ``import aelatent`` stays quick and never pulls in
TensorFlow; only building, training, encoding or decoding does.
"""

from importlib.metadata import PackageNotFoundError as _NotInstalled, version as _version

import lazy_loader as _lazy

try:
    __version__ = _version("aelatent")
except _NotInstalled:  # a checkout on the path
    __version__ = "not installed"
__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
