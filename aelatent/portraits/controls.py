"""Portraits that show no face although each part of one is there: controls for detectors."""

import numpy as np
import pandas as pd

from aelatent.portraits.drawing import draw, regions
from aelatent.portraits.factors import whole_number
from aelatent.portraits.painting import REGIONS

PIECE = 1 / 8  # side of a piece, picture sides: 12 of 96 pixels, less than an eye with its lids


def scrambled(factors: pd.DataFrame, size: int = 96, seed: int = 0) -> np.ndarray:
    """Draw portraits, cut them into 8 x 8 squares, and shuffle those that hold any of the face.

    Parameters
    ----------
    factors, size : pandas.DataFrame and int
        As in `draw`; the size must be a multiple of 8. Each row is shuffled on its own.

    Returns
    -------
    numpy.ndarray
        As of `draw`.
    """
    whole_number("seed", seed)
    pictures = draw(factors, size)
    count = round(1 / PIECE)
    if size % count:
        raise ValueError(f"size must be a multiple of {count}; got {size}. Take 96.")
    side = size // count
    face = regions(factors, size)[..., REGIONS.index("face")]
    holds = face.reshape(-1, count, side, count, side).max((2, 4)) > 0
    pieces = pictures.reshape(-1, count, side, count, side, 3).swapaxes(2, 3)  # a view
    for row, part in enumerate(holds):
        rng = np.random.default_rng([seed, row])
        where = np.argwhere(part)
        source = rng.permutation(where)
        pieces[row][tuple(where.T)] = pieces[row][tuple(source.T)]
    return pictures
