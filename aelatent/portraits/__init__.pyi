from .drawing import draw as draw, regions as regions, sweep as sweep
from .factors import (
    CORRELATIONS as CORRELATIONS,
    FACTORS as FACTORS,
    sample_factors as sample_factors,
)
from .labels import attributes as attributes
from .painting import REGIONS as REGIONS
