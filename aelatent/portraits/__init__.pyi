from .drawing import draw, regions, sweep
from .factors import CORRELATIONS, FACTORS, sample_factors
from .labels import attributes
from .painting import REGIONS

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
