"""Pictures: where they come from, how they are packed, and whether they show a face.

The names below load on first use; importing this package loads neither pandas nor OpenCV, so that
the processes that decode pictures start quickly.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
