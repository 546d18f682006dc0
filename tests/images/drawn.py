"""Portraits for tests."""

import numpy as np
import pandas as pd

from aelatent.images import portraits

WHOLE = ["glasses", "texture"]


def plain(rows=1, **values):
    """Return factors of an average person, frontal, without noise; `values` are set."""
    mean = {}
    for factor in portraits.FACTORS:
        middle = factor.spread[0] if factor.shape == "normal" else (factor.low + factor.high) / 2
        mean[factor.name] = 0 if factor.shape in ("chance", "share") else middle
    mean |= {"noise": 0, "texture": 5, "hair_length": 0.15, "background_shapes": 0}
    table = pd.DataFrame([mean | values] * rows).astype(np.float32)
    return table.astype(dict.fromkeys(WHOLE, np.int32))


def picture(**values):
    return portraits.draw(plain(**values))[0].astype(float)
