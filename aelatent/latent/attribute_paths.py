"""Paths along an attribute: from z-points that lack it toward those that have it.

Attribute vectors: Radford, Metz & Chintala 2016 (arXiv:1511.06434), Larsen et al. 2016
(arXiv:1512.09300).
"""

from typing import Literal

import numpy as np
from sklearn.linear_model import LogisticRegression

from aelatent.latent._neighbors import whole
from aelatent.latent._path import Path, latent_vector, number, one_of
from aelatent.latent._rows import ROUNDING, SMALLEST
from aelatent.latent.normality import checked
from aelatent.latent.principal import Moments, PrincipalAxes


def attribute_direction(
    z: np.ndarray, values: np.ndarray, method: Literal["means", "logistic"] = "means"
) -> np.ndarray:
    """Return the direction in which an attribute of the pictures comes in.

    - ``"means"``: from the mean z-point without the attribute to that with it (Radford, Metz &
      Chintala 2016, arXiv:1511.06434; Larsen et al. 2016, arXiv:1512.09300). What comes along with
      the attribute comes along here: glasses with age.
    - ``"logistic"``: from a logistic regression on whitened z-points, scikit-learn's, its penalty
      C = 1. Its weights w, mapped to z, are the direction that *reads* the attribute best, no way
      to walk: it leads along axes that hardly vary and soon off the cloud. Returned is ``S w``, S
      being the covariance: of all steps that raise the logit by one, the step of least D². On
      10,000 CelebA codes three standard deviations along it are a D² of 15 to 27 for glasses,
      smile and sex; along w 100 to 430.

    For two multivariate normals of one covariance both are the same.

    Parameters
    ----------
    z : float (n, d)
        z-points, n at least 2; an array in memory or memory-mapped.
    values : bool or int (n,)
        1 where the picture has the attribute, otherwise 0; both must occur.
    method : "means" or "logistic"
        How to find it.

    Returns
    -------
    float64 (d,)
        Of length 1.

    Raises
    ------
    ValueError
        If `z` is refused as by `PrincipalAxes.fit`, `values` is not 0 or 1 for each of its rows,
        only one of them occurs, the means are the same, or `method` is unknown.

    Examples
    --------
    >>> z = np.array([[0.0, 1], [1, 2], [4, 1], [5, 2]])
    >>> attribute_direction(z, [0, 0, 1, 1]).tolist()
    [1.0, 0.0]
    """
    one_of("method", method, ("means", "logistic"))
    z = checked(z)
    has = _binary(values, len(z))
    there, here = Moments.of(z[has]).mean, Moments.of(z[~has]).mean
    if np.abs(there - here).max() <= ROUNDING * np.abs(here).max() + SMALLEST:
        raise ValueError(
            "expected z-points that differ with the attribute; got the same mean with and without "
            "it. Choose another attribute."
        )
    found = there - here if method == "means" else _logistic(z, has)
    return found / np.linalg.norm(found)


def along_attribute(
    z: np.ndarray, direction: np.ndarray, at: np.ndarray, *, reach: float = 3.0, n: int = 7
) -> Path:
    """Go from a latent vector along a direction, to either side, in steps of its spread.

    Parameters
    ----------
    z : float (n_rows, d)
        z-points, n_rows at least 2; an array in memory or memory-mapped.
    direction : float (d,)
        Of any length above 0, for instance from `attribute_direction`.
    at : float (d,)
        Where the path is at its middle: the z-point of a picture, or the center.
    reach : float
        How far to either side, above 0, in standard deviations of the z-points along the direction.
    n : int
        Points on the path, at least 2; an odd number includes `at`.

    Returns
    -------
    Path
        `t` is the strength in standard deviations, -reach..reach. ``made["sd"]``: one of them in
        units of z.

    Raises
    ------
    ValueError
        If an argument is unusable, or z-points do not vary along the direction.

    Examples
    --------
    >>> z = np.array([[-2.0, 0], [2, 0], [0, 1], [0, -1]])
    >>> along_attribute(z, [1, 0], [0, 5], reach=3, n=3).z.round(1)
    array([[-4.9,  5. ],
           [ 0. ,  5. ],
           [ 4.9,  5. ]], dtype=float32)
    """
    axes = PrincipalAxes.fit(z)
    direction = latent_vector("direction", direction, len(axes.mean))
    at = latent_vector("at", at, len(axes.mean))
    reach = number("reach", reach, above=0)
    t = np.linspace(-reach, reach, whole("n", n, 2))
    length = np.linalg.norm(direction)
    spread = np.linalg.norm(axes.sd * (axes.axes @ direction))  # standard deviation times length
    if spread <= ROUNDING * length * axes.sd[0]:
        raise ValueError(
            "expected a direction along which z-points vary: along this one there is no standard "
            f"deviation to count in. Got {direction!s:.60}; take another."
        )
    sd = float(spread / length)
    moved = at + np.outer(t * sd, direction / length)
    made = {"sd": sd, "reach": reach, "n": len(t)}
    return Path(moved.astype(np.float32), t, "sd", "along attribute", made)


def _logistic(z: np.ndarray, has: np.ndarray) -> np.ndarray:
    """Return S w, float64 (d,): the step of least D² among those that raise the logit alike."""
    axes = PrincipalAxes.fit(z)
    weights = LogisticRegression(max_iter=1000).fit(axes.whiten(z), has).coef_
    # Least length for a given change of the logit: in whitened space that is along the weights.
    return axes.unwhiten(weights)[0] - axes.mean


def _binary(values: np.ndarray, n: int) -> np.ndarray:
    """Return `values` as bool (n,), refused unless 0 and 1 both occur and nothing else."""
    values = np.asarray(values)
    if values.shape != (n,) or values.dtype.kind not in "biu":
        raise ValueError(
            f"values must be {n} booleans or integers 0 and 1, one per z-point; got an array of "
            f"{values.dtype} of shape {values.shape}. For instance run.index['Smiling'] == 1."
        )
    found = np.unique(values)
    if not np.array_equal(found, [0, 1]):
        raise ValueError(
            f"values must be 0 and 1, and both occur; got {found!s:.60}. Turn a scale into two "
            "classes, for instance values > np.median(values)."
        )
    return values.astype(bool)
