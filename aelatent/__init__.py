"""aelatent: a workbook about the latent space of a plain convolutional autoencoder of faces.

The names below load on first use, so that ``import aelatent`` stays quick and never pulls in
TensorFlow; only building, training, encoding or decoding does.
"""

from importlib.metadata import version as _version

import lazy_loader as _lazy

__version__ = _version("aelatent")
__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
