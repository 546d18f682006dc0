"""Which properties of the z-points does a random latent vector need? All combinations of four."""

from collections.abc import Collection
from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd

from aelatent._checks import (
    check_finite,
    check_one_of,
    check_varies,
    check_whole,
    shape_of_draws,
)
from aelatent.latent.principal import Moments, symmetric_root
from aelatent.latent.radius import radii
from aelatent.latent.samplers import row_order
from aelatent.latent.scores import resampled

#: What a draw can keep of the measured cloud.
CONDITIONS = ("center", "spread", "correlation", "radius")

#: The 16 combinations of `CONDITIONS`, from nothing to all four.
COMBINATIONS = tuple(frozenset(kept) for k in range(5) for kept in combinations(CONDITIONS, k))

#: What they are called, in the same order: "nothing", "center", ... "center + spread" ...
COMBINATION_NAMES = tuple(
    " + ".join(name for name in CONDITIONS if name in kept) or "nothing" for kept in COMBINATIONS
)

#: What `credits` says of a condition.
GAINS = ("alone", "taken away", "mean", "above even")


def draw_with(
    z: np.ndarray, n: int, seed: int = 0, *, keep: Collection[str] | str = ()
) -> np.ndarray:
    """Draw from N(0, I), changed to have those `CONDITIONS` of the z-points that `keep` names."""
    # `keep` may also be one of COMBINATION_NAMES.
    # With one seed all combinations begin with the same numbers, those of standard_normal, and
    # take the same lengths: compare in pairs.
    shape = shape_of_draws(z, n)
    kept = _checked(keep)
    moments = Moments.of(z)
    sd = moments.sd
    check_varies(moments.n, sd.any())
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(shape)
    if "correlation" in kept:
        # The symmetric root moves the components least (Kessy, Lewin & Strimmer 2018, on its
        # inverse, *ZCA-cor*).
        x = x @ _root(moments, sd)
    if "spread" in kept:
        x *= sd
    if "center" in kept:
        x += moments.mean
    if "radius" in kept:
        # About the origin, which shifts mean and covariance a little and may leave the core.
        length = radii(z)[row_order(moments.n, n, rng)]  # none twice before all were taken
        x *= (length / np.linalg.norm(x, axis=1))[:, None]
    return x.astype(np.float32)


def credits(scores: pd.DataFrame, statistic: str = "mean", *, resamples: int = 500, seed: int = 0):
    """Split the gain from nothing to all conditions among the four, with standard errors.

    Which errors: the same draws, resampled with replacement, carry all 16 combinations, so that
    what the draws have in common drops out of the differences (a paired bootstrap).

    Parameters
    ----------
    scores : pandas.DataFrame, n rows
        A column for each of `COMBINATION_NAMES`, a row per draw: ``score_conditions(...)["face"]``.
    statistic : {"mean", "median"}
        What is made of a column: a share of faces, a typical error.
    resamples : int
        Of the rows, at least 2.

    Returns
    -------
    pandas.DataFrame
        Index ``condition``; gains in the unit of the scores: ``alone``, when added to nothing;
        ``taken away``, what the three others lack of all four; ``mean`` over all 24 orders of
        adding, the Shapley value (Shapley 1953), whose sum is the whole gain; ``above even``, the
        mean beyond a quarter of the whole gain. Each has its standard error in ``... error``.

    Examples
    --------
    >>> faces = {name: ["center" in name] * 9 for name in COMBINATION_NAMES}
    >>> credits(pd.DataFrame(faces))["mean"].round(6).abs().to_list()  # all is the center's
    [1.0, 0.0, 0.0, 0.0]
    """
    values = _complete(scores)
    check_one_of("statistic", statistic, ("mean", "median"))
    check_whole("resamples", resamples, 2)
    reduce = getattr(np, statistic)
    measured = _WEIGHTS @ reduce(values, axis=0)  # (gains, conditions, 16) -> (gains, conditions)
    again = _WEIGHTS @ resampled(values, reduce, resamples, seed)[:, None, :, None]
    names = [*GAINS, *(f"{gain} error" for gain in GAINS)]
    table = np.concatenate([measured, np.std(again[..., 0], axis=0, ddof=1)])
    return pd.DataFrame(table.T, pd.Index(CONDITIONS, name="condition"), names)


def standard_errors(
    scores: pd.DataFrame, statistic: str = "mean", *, resamples: int = 500, seed: int = 0
) -> np.ndarray:
    """Return the standard error of each column's mean or median, by the bootstrap of the rows.

    Parameters
    ----------
    scores : pandas.DataFrame, n rows
        Columns of scores, k of them.
    statistic : {"mean", "median"}
        What is made of a column.
    resamples : int
        Of the rows, at least 2.

    Returns
    -------
    float64 (k,)
        In the unit of the scores.
    """
    check_one_of("statistic", statistic, ("mean", "median"))
    values = scores.to_numpy(float)
    return resampled(values, getattr(np, statistic), resamples, seed).std(axis=0, ddof=1)


def _weights() -> np.ndarray:
    """Return what each combination's score counts in each of the `GAINS`."""
    place = {kept: k for k, kept in enumerate(COMBINATIONS)}
    alone, last, mean = np.zeros((3, len(CONDITIONS), len(COMBINATIONS)))
    for row, name in enumerate(CONDITIONS):
        for before in COMBINATIONS:
            if name not in before:
                pair, k = [place[before | {name}], place[before]], len(before)
                # Of the 24 orders, so many put just these before it.
                mean[row, pair] += np.array([1, -1]) * factorial(k) * factorial(3 - k) / 24
                if k in (0, 3):
                    (last if k else alone)[row, pair] = 1, -1
    return np.stack([alone, last, mean, mean - mean.sum(axis=0) / len(CONDITIONS)])


_WEIGHTS = _weights()


def _complete(scores: pd.DataFrame) -> np.ndarray:
    """Return the scores (n, 16), refused unless each combination has a finite one in each row."""
    missing = [name for name in COMBINATION_NAMES if name not in scores]
    if missing or len(scores) == 0:
        raise ValueError(
            f"expected a column of scores for each of the 16 combinations of {CONDITIONS}; got "
            f"{len(scores)} rows without {missing}. Measure them all by score_conditions."
        )
    return check_finite(scores[list(COMBINATION_NAMES)].to_numpy(float))


def _checked(names: Collection[str] | str) -> frozenset[str]:
    """Return a set of conditions, refused if one is unknown."""
    if isinstance(names, str) and names in COMBINATION_NAMES:
        return COMBINATIONS[COMBINATION_NAMES.index(names)]
    kept = frozenset([names] if isinstance(names, str) else names)
    if not kept <= frozenset(CONDITIONS):
        hint = "Or pass a name such as 'center + spread'."
        raise ValueError(f"conditions must be some of {CONDITIONS}; got {names!r}. {hint}")
    return kept


def _root(moments: Moments, sd: np.ndarray) -> np.ndarray:
    """Return the symmetric square root of the correlation matrix, float64 (d, d)."""
    # No correlation where there is no spread: such a component stays N(0, 1) until that is kept.
    scale = np.where(sd > 0, sd, np.inf)
    correlation = moments.covariance / scale / scale[:, None]
    np.fill_diagonal(correlation, 1)
    return symmetric_root(correlation)
