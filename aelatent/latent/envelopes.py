"""Judging a whole curve at once: by its ranks at all places, or by its worst part.

Ranks see what is a little out in many places, and drown what is far out in a few; the worst part
sees that.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from aelatent._checks import check_share


@dataclass(frozen=True, eq=False)
class Envelope:
    """What `global_envelope` found; m is the number of places at which the curve was measured."""

    p: float  # share of all curves, the observed one among them, at least as extreme as it is
    smallest_p: float  # that so many simulated curves can give
    level: float  # probability with which a curve like the simulated ones stays inside everywhere
    lower: np.ndarray  # float64 (m,), with `upper` the envelope
    upper: np.ndarray
    outside: np.ndarray  # bool (m,), where the observed curve leaves it


def global_envelope(
    observed: np.ndarray, simulated: np.ndarray, *, level: float = 0.95
) -> Envelope:
    """Test an observed curve against simulated ones as a whole, with one p for all its places.

    By the extreme rank length (Myllymäki, Mrkvička, Grabarnik, Seijo & Hahn, J. R. Stat. Soc. B 79,
    381, 2017). Only ranks count: curves of different units can be put end to end. The observed one
    leaves the envelope exactly if ``p <= 1 - level``; only ties can make it stay inside then.

    Parameters
    ----------
    observed, simulated : float (m,) and (s, m)
        The curve to be judged; curves drawn under the hypothesis, at the same m places.
    level : float
        Between 0 and 1; s must be large enough for a p as small as ``1 - level``.

    Returns
    -------
    Envelope
        ``p``, ``smallest_p``, ``level``, float; ``lower``, ``upper``, float64 (m,), and
        ``outside``, bool (m,). p counts every tie against rejection.
    """
    curves = _curves(observed, simulated)
    count = len(curves)
    level = check_share("level", level, hint="For instance level=0.95.")
    slack = 1e-9  # 1 - 0.9 is less than 0.1 in floating point: 1 of 10 curves must still be allowed
    allowed = (1 - level) * count + slack  # curves that may lie outside
    if allowed < 1:
        least = int(np.ceil(1 / (1 - level) - slack)) - 1
        raise ValueError(
            f"level {level} needs at least {least} simulated curves; got {count - 1}. Draw more."
        )
    # At each place the lesser of the ranks from below and from above, ties by their middle rank.
    # Curves compare by their least ranks, how often they attain these, then the next ones.
    from_below = rankdata(curves, axis=0)  # (s + 1, m)
    ranks = np.sort(np.minimum(from_below, count + 1 - from_below), axis=1)
    place = np.unique(ranks, axis=0, return_inverse=True)[1].ravel()  # 0: the most extreme
    as_extreme = np.searchsorted(np.sort(place), place, side="right")  # curves, itself included
    kept = curves[as_extreme > allowed]  # those whose own p exceeds 1 - level
    lower, upper = kept.min(axis=0), kept.max(axis=0)
    outside = (curves[0] < lower) | (curves[0] > upper)
    return Envelope(float(as_extreme[0] / count), 1 / count, level, lower, upper, outside)


def worst_part(observed: np.ndarray, simulated: np.ndarray, parts: np.ndarray) -> float:
    """Return the p of the part, by number (m,), that lies farthest from the mean."""
    # The observed curve counts in mean and spread as all others do: so the level is exact.
    curves = _curves(observed, simulated)
    spread = curves.std(axis=0)
    away = (curves - curves.mean(axis=0)) / np.where(spread > 0, spread, np.inf)  # (s + 1, m)
    squares = pd.DataFrame(away.T**2).groupby(np.asarray(parts)).mean()  # (parts, s + 1)
    worst = squares.max().to_numpy()
    return float(np.mean(worst >= worst[0] * (1 - 1e-12)))  # ties count against rejection


def _curves(observed: np.ndarray, simulated: np.ndarray) -> np.ndarray:
    """Put the observed curve on top of the simulated ones, float64 (s + 1, m), none of them NaN."""
    observed, simulated = np.asarray(observed, float), np.asarray(simulated, float)
    if simulated.ndim != 2 or simulated.size == 0 or simulated.shape[1:] != observed.shape:
        raise ValueError(
            "expected an observed curve (m,) and simulated ones (s, m), m and s at least 1; got "
            f"shapes {observed.shape} and {simulated.shape}. Measure all at the same places."
        )
    curves = np.vstack([observed, simulated])
    if not np.isfinite(curves).all():
        row, column = np.argwhere(~np.isfinite(curves))[0]
        which = f"simulated curve {row - 1}" if row else "the observed curve"
        raise ValueError(
            f"expected finite curves; got {curves[row, column]} in {which} at place {column}. "
            "Leave out the places where a curve does not exist."
        )
    return curves
