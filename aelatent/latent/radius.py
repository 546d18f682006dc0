"""Radius of z-points: its number density, what laws let expect, and who shares it off the core.

The density is that of Curse II; random vectors of right radius fail in fragmentation IV to VI.
"""

import numpy as np
import pandas as pd
from scipy.stats import chi, norm

from aelatent._checks import check_points, check_vector, chunks
from aelatent.latent import samplers
from aelatent.latent.components import Densities
from aelatent.latent.core import core_border
from aelatent.latent.principal import Moments, PrincipalAxes


def radii(z: np.ndarray, center: np.ndarray | None = None) -> np.ndarray:
    """Return the radius (L2 norm) of each z-point about the origin or a center.

    Parameters
    ----------
    center : float (d,), optional
        Where radii begin, for instance ``Moments.of(z).mean``; default: the origin.

    Returns
    -------
    float64 (n,)
        In units of the latent space, 0 or more.

    Examples
    --------
    >>> radii([[3, 4], [0, 1]], center=[0, 1]).round(2)
    array([4.24, 0.  ])
    """
    z = check_points(z)
    center = np.zeros(z.shape[1]) if center is None else center
    center = check_vector("center", center, z.shape[1], hint="For instance Moments.of(z).mean.")
    return np.concatenate([np.linalg.norm(part - center, axis=1) for part in chunks(z)])


def from_prior(z: np.ndarray) -> pd.Series:
    """Tell how far a cloud is from N(0, I), a VAE's prior: its length, its spread, and both.

    Returns
    -------
    pandas.Series
        ``mean length`` of the mean z-point (the prior: 0); ``least variance`` and ``largest
        variance`` along principal axes (1); ``nats``, the Kullback-Leibler divergence of the
        normal law with the cloud's mean and covariance from N(0, I), infinite where z-points do
        not vary along an axis. Of n points of N(0, I) itself about d (d + 3) / 4n nats are found.

    Examples
    --------
    >>> round(float(from_prior([[1, 0], [-1, 0], [0, 1], [0, -1]])["mean length"]), 3)
    0.0
    """
    moments = Moments.of(z)
    variances = np.linalg.eigvalsh(moments.covariance)
    floor = np.finfo(float).eps * len(variances) * max(variances[-1], 0)
    variances = np.where(variances > floor, variances, 0.0)
    with np.errstate(divide="ignore"):
        entropy = np.log(variances).sum()
    length = np.linalg.norm(moments.mean)
    nats = 0.5 * (variances.sum() + length**2 - len(variances) - entropy)
    found = {"mean length": length, "least variance": variances[0]}
    return pd.Series(found | {"largest variance": variances[-1], "nats": nats})


def radius_density(
    z: np.ndarray, width: float = 0.5, center: np.ndarray | None = None
) -> Densities:
    """Count z-points in bins of their radius about the origin or a center.

    A number per unit of radius, not of volume: the volume of a shell in 256 dimensions grows as
    the 255th power of its radius, so the count falls to 0 where points may well be densest.

    Parameters
    ----------
    width : float
        Width of a bin, above 0, in units of the latent space.
    center : float (d,), optional
        Where radii begin; default: the origin.

    Returns
    -------
    Densities
        Of one component, the radius. Parts of a cloud about the same center merge with ``+``.

    Examples
    --------
    >>> radius_density([[3, 4], [0, 1], [0, 1.2]], width=1).counts[0]
    array([2, 0, 0, 0, 1])
    """
    return Densities.of(radii(z, center)[:, None], width)


def uniform_shell(d: int, bound: float):
    """Return the law of the radius of vectors with d components uniform in [-bound, bound]."""
    # A normal law, the limit of many components: its mean is good to 0.1 % from d = 8 on. That of
    # N(0, s² I) is known exactly: chi, scaled by s.
    return norm(bound * np.sqrt(d / 3) * (1 - 1 / (10 * d)), bound / np.sqrt(15))


def matching_sd(z: np.ndarray) -> float:
    """Return the s for which vectors from N(0, s² I) have the z-points' mean radius.

    Returns
    -------
    float
        In units of the latent space; for uniform components there is `matching_bound`.
    """
    return float(radii(z).mean() / chi.mean(check_points(z).shape[1]))


def squared_radius_by_component(z: np.ndarray | Moments) -> pd.DataFrame:
    """Split the mean squared radius into what each component adds, center² + sd².

    Parameters
    ----------
    z : float (n, d), or Moments
        z-points or their moments, for instance merged ones.

    Returns
    -------
    pandas.DataFrame
        Index ``component``; ``center_squared`` (of the mean) and ``variance`` (divisor n, not
        n - 1), in squared units of the latent space: their sum over all rows *is* the mean
        squared radius. ``share`` of it, 0..1 (NaN if all z-points are the origin), descending.

    Examples
    --------
    >>> squared_radius_by_component(np.array([[1.0, 3], [1, 1]]))["share"].round(2).to_dict()
    {1: 0.83, 0: 0.17}
    """
    moments = z if isinstance(z, Moments) else Moments.of(z)
    variance = np.diag(moments.comoment) / moments.n
    table = pd.DataFrame({"center_squared": moments.mean**2, "variance": variance})
    parts = table["center_squared"] + table["variance"]
    table["share"] = parts / parts.sum()
    return table.rename_axis("component").sort_values("share", ascending=False, kind="stable")


def compare_radii(
    z: np.ndarray, n: int = 10_000, seed: int = 0, level: float = 0.95
) -> pd.DataFrame:
    """Compare radii, and shares in the core, of the z-points and of random vectors.

    The random vectors are ``"standard normal"``, N(0, I); ``"matched normal"``, N(0, s² I) with
    `matching_sd`; ``"matched uniform"`` in [-b, b] with `matching_bound`; and
    ``"multivariate normal"``, with the mean and covariance of the held-out half of the z-points.

    Parameters
    ----------
    level : float
        Share of held-out z-points in the core, above 0 and below 1, as in `core_border`.

    Returns
    -------
    pandas.DataFrame
        Index ``vectors``, first ``"z-points"``. Columns ``mean`` and ``sd`` of the radius;
        ``law_mean`` and ``law_sd``, what `scipy.stats.chi`, or the law of uniform components, says
        of them (else NaN); ``median_d2`` and ``in_core``, share in the core, of z-points for the
        held-out half.

    Examples
    --------
    >>> z = np.random.default_rng(0).normal(5, 1, size=(400, 16))
    >>> (compare_radii(z, 500)["in_core"] > 0.5).to_list()  # right radius, wrong region
    [True, False, False, False, True]
    """
    core = core_border(z, seed, level)
    s, b, d = matching_sd(z), samplers.matching_bound(z), len(core.axes.mean)
    standard = samplers.standard_normal(z, n, seed)
    # Moments of all z-points know the fitted half: for a true MVN, 5,000 x 256, 99 % of vectors
    # drawn from these lie in the 95 % core.
    half = check_points(z)[core.rows]
    drawn = {
        "standard normal": (standard, chi(d)),
        "matched normal": (s * standard, chi(d, scale=s)),
        "matched uniform": (samplers.uniform(z, n, seed, bound=b), uniform_shell(d, b)),
        "multivariate normal": (samplers.multivariate_normal(half, n, seed), None),
    }
    rows = {"z-points": _row(radii(z), None, core.d2, core.border)}
    for name, (vectors, law) in drawn.items():
        rows[name] = _row(radii(vectors), law, core.axes.d2(vectors), core.border)
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("vectors")


def _row(r: np.ndarray, law, d2: np.ndarray, border: float) -> dict[str, float]:
    return {
        "mean": r.mean(),
        "sd": r.std(),
        "law_mean": law.mean() if law else np.nan,
        "law_sd": law.std() if law else np.nan,
        "median_d2": np.median(d2),
        "in_core": np.mean(d2 <= border),
    }


def d2_by_axis(along: PrincipalAxes | Moments, at: np.ndarray) -> pd.DataFrame:
    """Split D² of a latent vector into what each axis adds.

    Parameters
    ----------
    along : PrincipalAxes or Moments
        Of the z-points: D² is split along the principal axes, or added up component by component,
        as if the components were independent, which leaves out all correlations.
    at : float (d,)
        A latent vector, for instance the origin, ``np.zeros(d)``.

    Returns
    -------
    pandas.DataFrame
        Index ``axis``, principal axes from 1, components from 0, those that vary; ``sd`` of the
        z-points and ``offset`` of the vector from their mean along it, in units of the latent
        space; ``d2``, the square of their ratio, whose sum is D²; ``share`` of it, 0..1.

    Examples
    --------
    >>> sheet = PrincipalAxes.fit([[9, 0], [-9, 0], [0, 1], [0, -1]])
    >>> d2_by_axis(sheet, [4, 3])["share"].round(2).to_list()  # most is across the sheet
    [0.02, 0.98]
    """
    at = check_vector("at", at, len(along.mean)) - along.mean
    offset = at if isinstance(along, Moments) else along.axes @ at
    counted = np.arange(len(at)) + isinstance(along, PrincipalAxes)
    table = pd.DataFrame({"sd": along.sd, "offset": offset}, pd.Index(counted, name="axis"))
    table = table[table["sd"] > 0]
    d2 = (table["offset"] / table["sd"]) ** 2
    return table.assign(d2=d2, share=d2 / d2.sum())
