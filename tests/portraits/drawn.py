"""Portraits for tests."""

import numpy as np

from aelatent import portraits
from aelatent.portraits import drawing

WHOLE = [factor.name for factor in portraits.FACTORS if factor.shape in ("whole", "chance")]


def plain(rows=1, **values):
    """Return factors of a typical portrait without noise and shapes behind; `values` are set."""
    changes = {"noise": 0, "texture": 5, "hair_length": 0.15, "background_shapes": 0} | values
    table = drawing.typical().assign(**changes)
    table = table.iloc[[0] * rows].reset_index(drop=True).astype(np.float32)
    return table.astype(dict.fromkeys(WHOLE, np.int32))


def picture(**values):
    return portraits.draw(plain(**values))[0].astype(float)
