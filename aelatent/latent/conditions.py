"""Which properties of the z-points does a random latent vector need? All combinations of four."""

from collections.abc import Collection, Mapping
from itertools import combinations, permutations

import numpy as np
import pandas as pd

from aelatent._checks import ROUNDING, SMALLEST, shape_of_draws
from aelatent.latent.principal import Moments
from aelatent.latent.radius import radii
from aelatent.latent.samplers import row_order

#: What a draw can keep of the measured cloud.
CONDITIONS = ("center", "spread", "correlation", "radius")

#: The 16 combinations of `CONDITIONS`, from nothing to all four.
COMBINATIONS = tuple(
    frozenset(names) for size in range(5) for names in combinations(CONDITIONS, size)
)


def draw_with(z: np.ndarray, n: int, seed: int = 0, *, keep: Collection[str] = ()) -> np.ndarray:
    """Draw from N(0, I), changed so that it has those properties of the z-points that `keep` names.

    Always in this order: ``"correlation"``, by the symmetric square root of the correlation
    matrix, which moves the components least (Kessy, Lewin & Strimmer 2018, on its inverse,
    *ZCA-cor*); ``"spread"``, times the standard deviations; ``"center"``, plus the mean z-point;
    ``"radius"``, scaled about the origin to the length of a z-point, which shifts mean and
    covariance a little and may take a vector out of the core. With one seed all combinations begin
    with the same numbers, those of `standard_normal`, and take the same lengths: compare in pairs.

    Parameters
    ----------
    keep : collection of str
        Any of `CONDITIONS`.

    Returns
    -------
    float32 (n, d)
        The draws.
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
        length = radii(z)[row_order(moments.n, n, rng)]  # none twice before all were taken
        x *= (length / np.linalg.norm(x, axis=1))[:, None]
    return x.astype(np.float32)


def shares_of(rates: Mapping[Collection[str], float]) -> pd.DataFrame:
    """Split the gain from nothing to all conditions among the four, over all orders of adding them.

    Parameters
    ----------
    rates : mapping of frozenset or tuple of str to float
        What was measured with each of the 16 `COMBINATIONS`, for instance the share of faces, 0..1.

    Returns
    -------
    pandas.DataFrame
        Index ``condition``; gains in the unit of the rates: ``first``, when added to nothing;
        ``last``, when added to the three others; ``mean`` over all 24 orders, the Shapley value
        (Shapley 1953), whose sum is the whole gain; ``low`` and ``high`` in any order.

    Examples
    --------
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
    # No correlation where there is no spread: such a component stays N(0, 1) until that is kept.
    scale = np.where(sd > 0, sd, np.inf)
    correlation = moments.covariance / scale / scale[:, None]
    np.fill_diagonal(correlation, 1)
    value, vector = np.linalg.eigh(correlation)
    return (vector * np.sqrt(np.maximum(value, 0))) @ vector.T
