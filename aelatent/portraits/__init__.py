"""Drawn head-and-shoulder portraits: over fifty factors in, pictures and masks of regions out.

Only `sample_factors` is random. Pictures are aligned by the eyes, about which heads turn.

>>> draw(sample_factors(4, seed=1).assign(smile=1.0)).shape
(4, 96, 96, 3)
"""

from aelatent.portraits.canvas import REGIONS
from aelatent.portraits.controls import scrambled
from aelatent.portraits.drawing import draw, faceless, regions
from aelatent.portraits.factors import (
    CORRELATIONS,
    FACTORS,
    Factor,
    correlation_matrix,
    sample_factors,
)
from aelatent.portraits.labels import attributes
from aelatent.portraits.sweeps import Series, sweep, typical
from aelatent.portraits.version import VERSION

__all__ = [
    "CORRELATIONS",
    "FACTORS",
    "REGIONS",
    "VERSION",
    "Factor",
    "Series",
    "attributes",
    "correlation_matrix",
    "draw",
    "faceless",
    "regions",
    "sample_factors",
    "scrambled",
    "sweep",
    "typical",
]
