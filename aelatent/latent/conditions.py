"""Which properties of the z-points does a random latent vector need? All combinations of four."""

from collections.abc import Collection, Mapping
from itertools import combinations, permutations

import numpy as np
import pandas as pd

from aelatent._checks import check_varies, shape_of_draws
from aelatent.latent.principal import Moments, symmetric_root
from aelatent.latent.radius import radii
from aelatent.latent.samplers import row_order

#: What a draw can keep of the measured cloud.
CONDITIONS = ("center", "spread", "correlation", "radius")

#: The 16 combinations of `CONDITIONS`, from nothing to all four.
COMBINATIONS = tuple(frozenset(kept) for k in range(5) for kept in combinations(CONDITIONS, k))


def draw_with(z: np.ndarray, n: int, seed: int = 0, *, keep: Collection[str] = ()) -> np.ndarray:
    """Draw from N(0, I), changed to have those `CONDITIONS` of the z-points that `keep` names."""
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
    rows = {}
    for name in CONDITIONS:
        before = [frozenset(order[: order.index(name)]) for order in permutations(CONDITIONS)]
        gains = np.array([rate[kept | {name}] - rate[kept] for kept in before])
        rows[name] = {
            "first": rate[frozenset({name})] - rate[frozenset()],
            "last": rate[frozenset(CONDITIONS)] - rate[frozenset(CONDITIONS) - {name}],
            "mean": gains.mean(),
            "low": gains.min(),
            "high": gains.max(),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("condition")


def _complete(rates: Mapping[Collection[str], float]) -> dict[frozenset, float]:
    """Return the rates by frozenset, refused unless each combination has a finite one."""
    rate = {_checked(names): float(value) for names, value in rates.items()}
    missing = [sorted(names) for names in COMBINATIONS if names not in rate]
    bad = {tuple(sorted(names)): value for names, value in rate.items() if not np.isfinite(value)}
    if missing or bad or len(rates) > len(rate):
        raise ValueError(
            f"expected one finite rate for each of the 16 combinations of {CONDITIONS}; got "
            f"{len(rates)}, without {missing}, not finite {bad}. Measure all of COMBINATIONS."
        )
    return rate


def _checked(names: Collection[str]) -> frozenset[str]:
    """Return a set of conditions, refused if one is unknown; a plain string is a set of letters."""
    kept = frozenset(names)
    if not kept <= frozenset(CONDITIONS):
        hint = "A single one is passed as ('center',)."
        raise ValueError(f"conditions must be some of {CONDITIONS}; got {names!r}. {hint}")
    return kept


def _root(moments: Moments, sd: np.ndarray) -> np.ndarray:
    """Return the symmetric square root of the correlation matrix, float64 (d, d)."""
    # No correlation where there is no spread: such a component stays N(0, 1) until that is kept.
    scale = np.where(sd > 0, sd, np.inf)
    correlation = moments.covariance / scale / scale[:, None]
    np.fill_diagonal(correlation, 1)
    return symmetric_root(correlation)
