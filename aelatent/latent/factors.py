"""Which factor or attribute of the pictures do numbers go with, each by a measure that fits it."""

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from aelatent._checks import check_each, check_enough, check_finite, check_whole

MOST_KINDS = 50  # of names in a column; more of them tell the pictures apart, not what is on them
LEVEL = 0.05  # of the chance level, for all that is looked at together
COLUMNS = ["factor", "correlation", "measure", "chance"]
RANKS, CIRCLE, KINDS = "rank correlation", "circular-linear", "correlation ratio"


def factor_correlations(
    z: np.ndarray,
    factors: pd.DataFrame,
    components: Sequence[int] | None = None,
    *,
    circular: Collection[str] = (),
    top: int = 1,
    draws: int = 99,
    seed: int = 0,
) -> pd.DataFrame:
    """Find the factors or attributes that each component goes with most.

    All measures look at the component's ranks. Of ordered numbers and yes or no it is Spearman's
    correlation; of angles the circular-linear one, the multiple correlation with cosine and sine
    (Mardia 1976); of names the correlation ratio eta, whose square is the share of the variance
    between the kinds (Kruskal-Wallis: H / (n - 1)). The last two have no sign.

    Parameters
    ----------
    factors : pandas.DataFrame
        n rows, a column per factor. Text is taken as names, of 50 kinds at most: make numeric codes
        text. Pictures with a missing value are left out, and what then does not vary.
    components : sequence of int, optional
        Columns of `z` to look at; default: all.
    circular : collection of str
        Factors that are angles, in degrees; those that there are not are passed over.
    top, draws : int
        Factors listed for a component; number of shuffles of the pictures, at least 19.

    Returns
    -------
    pandas.DataFrame
        Index ``component``, `top` rows each, strongest first: ``factor``; ``correlation``, -1..1;
        ``measure``; ``chance``, the level that in 95 % of the shuffles no factor of any component
        exceeds, in units of each measure's own spread by chance. No rows without usable factors.
    """
    z = check_finite(z)
    check_enough(len(z), 2, "a correlation", "Pass more rows.")
    check_each("a row", factors, len(z), "z-points", hint="Pass run.store.attributes.")
    top, draws = check_whole("top", top, 1), check_whole("draws", draws, 19)
    components = list(range(z.shape[1])) if components is None else list(components)
    for component in components:
        check_whole("component", component, 0, z.shape[1] - 1)
    # A factor that is missing nearly everywhere must not cost the pictures of all others.
    factors = factors.loc[:, factors.isna().mean() <= 0.5]
    whole = factors.notna().all(axis=1).to_numpy()
    bases = {name: _basis(column, name in circular) for name, column in factors[whole].items()}
    bases = {name: basis for name, basis in bases.items() if basis.any()}
    if not (bases and components):
        return pd.DataFrame(columns=COLUMNS, index=pd.Index([], name="component"))
    ranks = _units(rankdata(z[whole][:, components], axis=0)).astype(np.float32)
    q = np.concatenate(list(bases.values()), axis=1).astype(np.float32)
    width = np.array([basis.shape[1] for basis in bases.values()])
    starts = np.cumsum(width) - width
    expected = np.sqrt(width / max(len(q) - 1, 1))[:, None]  # root mean square by chance
    rng = np.random.default_rng(seed)
    greatest = [
        (_strengths(q, starts, rng.permutation(ranks)) / expected).max() for _ in range(draws)
    ]
    chance = np.minimum(np.quantile(greatest, 1 - LEVEL) * expected[:, 0], 1)
    strength = _strengths(q, starts, ranks)
    sign = np.where(width[:, None] > 1, 1, np.sign(q[:, starts].T @ ranks))
    kinds = {name: _measure(factors[name], name in circular) for name in bases}
    rows = [
        (component, name, float(sign[f, c] * min(strength[f, c], 1)), kinds[name], chance[f])
        for c, component in enumerate(components)
        for f in np.argsort(-strength[:, c], kind="stable")[:top]
        for name in [list(bases)[f]]
    ]
    return pd.DataFrame(rows, columns=["component", *COLUMNS]).set_index("component")


def _strengths(q: np.ndarray, starts: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    """Return multiple correlations of columns of unit length with groups of columns of `q`."""
    return np.sqrt(np.add.reduceat((q.T @ ranks) ** 2, starts, axis=0))  # (factors, components)


def _measure(column: pd.Series, circular: bool) -> str:
    return CIRCLE if circular else RANKS if pd.api.types.is_numeric_dtype(column) else KINDS


def _basis(column: pd.Series, circular: bool) -> np.ndarray:
    """Return orthonormal columns of mean 0 that hold all that the measure sees of a factor."""
    measure = _measure(column, circular)
    if measure == CIRCLE:
        angle = np.deg2rad(column.to_numpy(float))
        raw = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    elif measure == RANKS:
        return _units(rankdata(column)[:, None])
    elif column.nunique() > MOST_KINDS:
        return np.empty((len(column), 0))
    else:
        raw = pd.get_dummies(column.astype(str)).to_numpy(float)
    if not len(raw):
        return raw[:, :0]
    u, scale, _ = np.linalg.svd(raw - raw.mean(axis=0), full_matrices=False)
    return u[:, scale > 1e-6 * np.sqrt(len(raw))]


def _units(x: np.ndarray) -> np.ndarray:
    """Return columns shifted to mean 0 and scaled to length 1; those that do not vary: 0."""
    if not len(x):
        return x
    x = x - x.mean(axis=0)
    length = np.linalg.norm(x, axis=0)
    return x / np.where(length > 0, length, 1)
