"""Series of portraits in which one factor runs and the others rest."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from aelatent._checks import check_one_of, check_whole, is_whole
from aelatent.portraits.drawing import draw
from aelatent.portraits.factors import FACTORS, check_factors, quantile


class Series(NamedTuple):
    """A series of portraits: a row of factors each, and its picture, uint8 (n, size, size, 3)."""

    factors: pd.DataFrame
    images: np.ndarray


def typical() -> pd.DataFrame:
    """Return the factors of one typical portrait, one row: the median of each factor."""
    middle = np.array([0.5])
    return pd.DataFrame({factor.name: quantile(factor, middle) for factor in FACTORS})


def sweep(
    factor: str,
    values: int | Sequence[float] = 9,
    rest: pd.DataFrame | None = None,
    size: int = 96,
) -> Series:
    """Draw a series in which one factor runs and the others rest.

    Parameters
    ----------
    factor : str
        Name of one of `FACTORS`.
    values : int or sequence of float
        Its values, in its unit, or how many, evenly over its range (whole numbers: each once).
    rest : pandas.DataFrame, optional
        One row of factors that all portraits share; default: `typical`.
    size : int
        As in `draw`.

    Returns
    -------
    Series
        Its factors and images.
    """
    known = {one.name: one for one in FACTORS}
    check_one_of("factor", factor, known)
    rest = typical() if rest is None else rest
    check_factors(rest)
    if len(rest) != 1:
        raise ValueError(
            f"rest must be one row of factors; got {len(rest)}. Take one with factors.iloc[[i]]."
        )
    chosen = _values(known[factor], values)
    rows = rest.iloc[np.zeros(len(chosen), int)].reset_index(drop=True)
    rows[factor] = chosen
    return Series(rows, draw(rows, size))


def _values(factor, values):
    """Return the values of one factor as an array of its type."""
    if is_whole(values):
        check_whole("values", values, 1, hint="Or give the values themselves, a list.")
        values = np.linspace(factor.low, factor.high, values)
        if factor.shape in ("whole", "chance"):
            values = np.unique(np.round(values))
    chosen = np.asarray(values)
    if chosen.ndim != 1 or not chosen.size or chosen.dtype.kind not in "if":
        raise ValueError(f"values must be a count, or a list of numbers; got {values!r}.")
    return chosen.astype(np.float64 if factor.shape == "whole" else np.float32)
