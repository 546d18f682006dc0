"""Floor 2: the autoencoder, its training and its coding; the only place that uses TensorFlow.

Importing this package loads no TensorFlow; building, training, encoding or decoding does.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
