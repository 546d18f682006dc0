"""Drawn head-and-shoulder portraits: factors in, pictures and masks of their regions out.

A portrait is drawn from more than fifty named factors (`FACTORS`: pose, place, skin, build, light,
expression, hair, beard, glasses, clothes, background, camera), each with its range and unit.
Drawing is a pure function of the factors; only `sample_factors` is random, and its row i depends
on the seed and on i alone. Pictures are aligned by the eyes, as CelebA's are: the head turns about
them.

>>> rows = sample_factors(4, seed=1)
>>> draw(rows).shape, regions(rows).shape, attributes(rows).shape[1] > 20
((4, 96, 96, 3), (4, 96, 96, 3), True)
"""

from .attributes import attributes
from .canvas import REGIONS
from .controls import scrambled
from .drawing import draw, faceless, regions
from .factors import CORRELATIONS, FACTORS, Factor, correlation_matrix, sample_factors
from .source import Portraits
from .sweeps import Series, sweep, typical
from .version import VERSION

__all__ = [
    "CORRELATIONS",
    "FACTORS",
    "REGIONS",
    "VERSION",
    "Factor",
    "Portraits",
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
