from .drawing import draw, regions
from .factors import CORRELATIONS, FACTORS, sample_factors
from .labels import attributes
from .painting import REGIONS
from .sweeps import sweep

__all__ = [
    "CORRELATIONS",
    "FACTORS",
    "REGIONS",
    "attributes",
    "draw",
    "regions",
    "sample_factors",
    "sweep",
]
