"""Drawn head-and-shoulder portraits: over fifty factors in, pictures and masks of regions out.

Only `sample_factors` is random. Pictures are aligned by the eyes, about which heads turn.

>>> draw(sample_factors(4, seed=1).assign(smile=1.0)).shape
(4, 96, 96, 3)
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
