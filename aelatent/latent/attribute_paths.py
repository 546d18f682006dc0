"""Paths along an attribute: from z-points that lack it toward those that have it.

Radford, Metz & Chintala 2016 (arXiv:1511.06434); Larsen et al. 2016 (arXiv:1512.09300).
"""

from typing import Literal

import numpy as np
from sklearn.linear_model import LogisticRegression

from aelatent._checks import ROUNDING, SMALLEST
from aelatent.latent._path import Path, latent_vector, number, one_of
from aelatent.latent.core import checked
from aelatent.latent.neighbors import whole
from aelatent.latent.principal import Moments, PrincipalAxes


def attribute_direction(
    z: np.ndarray, values: np.ndarray, method: Literal["means", "logistic"] = "means"
) -> np.ndarray:
    """Return the direction in which an attribute of the pictures comes in.

    Parameters
    ----------
    values : bool or int (n_rows,)
        1 where the picture has the attribute, otherwise 0; both must occur.
    method : "means" or "logistic"
        From the mean z-point without the attribute to that with it: what comes along with the
        attribute comes along here, glasses with age. Or ``S w``, the step of least D² that raises
        the logit by one: w are a logistic regression's weights (scikit-learn's, C = 1, whitened
        z-points), S the covariance. w alone reads the attribute best, but leads off the cloud.

    Returns
    -------
    float64 (d,)
        Of length 1.
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
    direction, at : float (d,)
        Where to go, of any length above 0; the middle of the path, for instance a z-point.
    reach, n : float, int
        How far to either side, above 0, in standard deviations of z along the direction; points
        on the path, at least 2, an odd number includes `at`.

    Returns
    -------
    Path
        `t` in standard deviations, -reach..reach; ``made["sd"]`` is one of them in units of z.
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
    # On 10,000 CelebA codes three standard deviations along S w are a D² of 15 to 27 for glasses,
    # smile and sex, along w 100 to 430. For two normals of one covariance it is that of "means".
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
