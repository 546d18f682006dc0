"""Portraits that show no face, although all else or each part of one is there."""

import numpy as np

from aelatent.portraits import REGIONS, draw, drawing, factors, regions

PIECES = 8  # along a side: 12 of 96 pixels each, less than an eye with its lids


def faceless(table, size=96):
    """Draw portraits without head and neck."""
    return drawing.draw_all(factors.check_factors(table), size, with_face=False)


def scrambled(table, size=96, seed=0):
    """Draw portraits, cut them into squares, and shuffle those that hold any of the face."""
    pictures, side = draw(table, size), size // PIECES
    face = regions(table, size)[..., REGIONS.index("face")]
    holds = face.reshape(-1, PIECES, side, PIECES, side).max((2, 4)) > 0
    pieces = pictures.reshape(-1, PIECES, side, PIECES, side, 3).swapaxes(2, 3)  # a view
    for row, part in enumerate(holds):
        where = np.argwhere(part)
        source = np.random.default_rng([seed, row]).permutation(where)
        pieces[row][tuple(where.T)] = pieces[row][tuple(source.T)]
    return pictures
