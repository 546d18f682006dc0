"""Drawn head-and-shoulder portraits: factors in, pictures out.

A portrait is drawn from about forty named factors (`FACTORS`: pose, place, skin, build, light,
expression, hair, glasses, clothes, background, camera), each with its range and unit. Drawing is
a pure function of the factors; only `sample_factors` is random, and its row i depends on the seed
and on i alone.

>>> rows = sample_factors(4, seed=1)
>>> draw(rows).shape
(4, 96, 96, 3)
"""

from .drawing import draw
from .factors import CORRELATIONS, FACTORS, Factor, correlation_matrix, sample_factors
from .source import Portraits
from .version import VERSION

__all__ = [
    "CORRELATIONS",
    "FACTORS",
    "VERSION",
    "Factor",
    "Portraits",
    "correlation_matrix",
    "draw",
    "sample_factors",
]
