"""Portraits that show no face although each part of one is there: controls for detectors."""

import numpy as np
import pandas as pd

from .canvas import REGIONS
from .drawing import draw, regions
from .factors import whole_number

PIECE = 1 / 8  # side of a piece, picture sides: 12 of 96 pixels, less than an eye with its lids


def scrambled(factors: pd.DataFrame, size: int = 96, seed: int = 0) -> np.ndarray:
    """Draw portraits and shuffle the pieces that hold any of the face.

    The picture is cut into 8 x 8 squares; those with any of the face in them change places at
    random, whole and upright; hair, clothes and background elsewhere stay where they are.

    Parameters
    ----------
    factors : pandas.DataFrame
        As in `draw`.
    size : int
        As in `draw`, and a multiple of 8.
    seed : int
        Of the shuffling; each row of `factors` has its own stream.

    Returns
    -------
    numpy.ndarray
        uint8 RGB, shape (rows, size, size, 3).

    Raises
    ------
    TypeError, ValueError
        As in `draw`; also if the size is no multiple of 8.

    Examples
    --------
    >>> from aelatent.images import portraits
    >>> portraits.scrambled(portraits.sample_factors(2)).shape
    (2, 96, 96, 3)
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
