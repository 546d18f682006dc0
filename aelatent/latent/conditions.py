"""Which properties of the z-points does a random latent vector need? All combinations of four.

Adding one property after another, as a ladder does, gives each the gain that it has in that order:
correlations may be worth nothing before the center is right, and a lot thereafter. `draw_with`
draws with any of the 16 combinations, and `shares_of` splits the total gain among the four.
"""

from collections.abc import Collection, Mapping
from itertools import combinations, permutations

import numpy as np
import pandas as pd

from aelatent.latent._rows import ROUNDING, SMALLEST, shape_of_draws
from aelatent.latent.principal import Moments
from aelatent.latent.radius import radii
from aelatent.latent.surrogates import row_order

#: What a draw can keep of the measured cloud.
CONDITIONS = ("center", "spread", "correlation", "radius")

#: The 16 combinations of `CONDITIONS`, from nothing to all four.
COMBINATIONS = tuple(
    frozenset(names) for size in range(5) for names in combinations(CONDITIONS, size)
)


def draw_with(z: np.ndarray, n: int, seed: int = 0, *, keep: Collection[str] = ()) -> np.ndarray:
    """Draw from N(0, I), changed so that it has those properties of the z-points that `keep` names.

    They are applied in this order, whatever the order in `keep`:

    1. ``"correlation"``: the draw is mixed by the symmetric square root of the measured correlation
       matrix. Widths stay 1. Of all roots this one moves the components least (Kessy, Lewin &
       Strimmer 2018, on its inverse, *ZCA-cor*).
    2. ``"spread"``: each component is multiplied by its measured standard deviation.
    3. ``"center"``: the mean z-point is added.
    4. ``"radius"``: each vector is scaled about the origin to the length (L2) of a z-point, none of
       them taken twice before all were. Directions stay; mean and covariance do not quite, for
       the length of another z-point may take a vector out of the core.

    With one seed all combinations begin with the same numbers, and take the same z-points' lengths:
    rates can be compared in pairs. Nothing kept is `standard_normal`, number for number;
    center and spread have the law of `independent_normal`, with correlation that of
    `multivariate_normal`. A component that does not vary has no correlations: it stays N(0, 1)
    until its spread, 0, is kept.

    Parameters
    ----------
    z : float (n_rows, d)
        z-points that are not all the same; an array in memory or memory-mapped.
    n : int
        Number of latent vectors, at least 1.
    seed : int
        Seed of the draw.
    keep : collection of str
        Any of `CONDITIONS`.

    Returns
    -------
    float32 (n, d)
        The draws.

    Raises
    ------
    ValueError
        If an argument is unusable.

    Examples
    --------
    >>> z = np.random.default_rng(1).normal([5, -3], [1, 2], size=(4000, 2))
    >>> draw_with(z, 4000, keep=["center"]).mean(axis=0).round()
    array([ 5., -3.], dtype=float32)
    """
    shape = shape_of_draws(z, n)
    kept = _checked(keep)
    moments = Moments.of(z)
    sd = _widths(moments)
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(shape)
    if "correlation" in kept:
        x = x @ _root(moments, sd)
    if "spread" in kept:
        x *= sd
    if "center" in kept:
        x += moments.mean
    if "radius" in kept:
        length = radii(z)[row_order(moments.n, n, rng)]
        x *= (length / np.linalg.norm(x, axis=1))[:, None]
    return x.astype(np.float32)


def shares_of(rates: Mapping[Collection[str], float]) -> pd.DataFrame:
    """Split the gain from nothing to all conditions among the four, over all orders of adding them.

    Parameters
    ----------
    rates : mapping of frozenset or tuple of str to float
        For each of the 16 combinations of `CONDITIONS`, the empty one included, what was measured
        with it: for instance the share of decoded `draw_with` in which a face is found, 0..1.

    Returns
    -------
    pandas.DataFrame
        Index ``condition``, in the order of `CONDITIONS`; columns in the unit of the rates:
        ``first``, the gain when added to nothing; ``last``, when added to the three others;
        ``mean`` over all 24 orders, the Shapley value (Shapley 1953, *A value for n-person games*);
        ``low`` and ``high``, the smallest and the largest gain in any order. The means sum up to
        the rate with all conditions less that with none.

    Raises
    ------
    ValueError
        If a combination is unknown, missing or there twice, or a rate is not finite.

    Examples
    --------
    Faces need center and correlation together; the others do nothing.

    >>> rates = {kept: float({"center", "correlation"} <= kept) for kept in COMBINATIONS}
    >>> shares_of(rates)["mean"].to_dict()
    {'center': 0.5, 'spread': 0.0, 'correlation': 0.5, 'radius': 0.0}
    """
    rate = _complete(rates)
    orders = list(permutations(CONDITIONS))
    gains = {
        name: np.array([_gain(rate, name, order[: order.index(name)]) for order in orders])
        for name in CONDITIONS
    }
    rows = {
        name: {
            "first": _gain(rate, name, ()),
            "last": _gain(rate, name, set(CONDITIONS) - {name}),
            "mean": gain.mean(),
            "low": gain.min(),
            "high": gain.max(),
        }
        for name, gain in gains.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("condition")


def _gain(rate: dict[frozenset, float], name: str, before: Collection[str]) -> float:
    return rate[frozenset({name, *before})] - rate[frozenset(before)]


def _complete(rates: Mapping[Collection[str], float]) -> dict[frozenset, float]:
    """Return the rates by frozenset, refused unless each combination has a finite one."""
    rate = {_checked(names): float(value) for names, value in rates.items()}
    missing = [sorted(names) for names in COMBINATIONS if names not in rate]
    if missing or len(rates) > len(rate):
        raise ValueError(
            f"expected one rate for each of the {len(COMBINATIONS)} combinations of {CONDITIONS}; "
            f"got {len(rates)}, without {missing}. Measure all of COMBINATIONS."
        )
    bad = {tuple(sorted(names)): value for names, value in rate.items() if not np.isfinite(value)}
    if bad:
        raise ValueError(f"expected finite rates; got {bad}. Measure these combinations again.")
    return rate


def _checked(names: Collection[str]) -> frozenset[str]:
    """Return a set of conditions, refused if one is unknown; a plain string is a set of letters."""
    kept = frozenset(names)
    if not kept <= frozenset(CONDITIONS):
        raise ValueError(
            f"conditions must be some of {CONDITIONS}; got {names!r}. "
            "A single one is passed as ('center',)."
        )
    return kept


def _widths(moments: Moments) -> np.ndarray:
    """Return the standard deviations, float64 (d,), exactly 0 where they are rounding only."""
    sd = np.sqrt(np.diag(moments.covariance))
    sd[sd <= ROUNDING * np.abs(moments.mean) + SMALLEST] = 0
    if not sd.any():
        raise ValueError(
            f"all {moments.n} z-points are the same; expected points that vary. "
            "Check the run: its encoder maps every picture to one point."
        )
    return sd


def _root(moments: Moments, sd: np.ndarray) -> np.ndarray:
    """Return the symmetric square root of the correlation matrix, float64 (d, d)."""
    scale = np.where(sd > 0, sd, np.inf)  # no correlation where there is no spread
    correlation = moments.covariance / scale / scale[:, None]
    np.fill_diagonal(correlation, 1)
    value, vector = np.linalg.eigh(correlation)
    return (vector * np.sqrt(np.maximum(value, 0))) @ vector.T
