"""Paths that know how z-points spread (post VI on fragmentation)."""

from typing import Literal

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from aelatent._checks import (
    ROUNDING,
    SMALLEST,
    check_finite,
    check_one_of,
    check_pair,
    check_vector,
    check_whole,
)
from aelatent.latent.correlations import ellipse
from aelatent.latent.paths import LatentPath, mixed, through
from aelatent.latent.principal import Moments, PrincipalAxes

_NOWHERE = 1e-3  # sd, radians: float32 gives latent vectors a whitened direction no finer than this


def along_ellipse(
    z: np.ndarray | Moments,
    i: int,
    j: int,
    *,
    axis: Literal["major", "minor"] = "major",
    others: Literal["center", "conditional"] = "center",
    reach: float = 2.0,
    n: int = 7,
) -> LatentPath:
    """Go along an axis of the ellipse of two components, with or without their correlations.

    Parameters
    ----------
    z : float (n, d), or Moments
        The z-points; of many paths through one cloud their moments, which are the same for all.
    i, j, axis : int, int, "major" or "minor"
        Two components, counted from 0; which axis of their ellipse.
    others : "center" or "conditional"
        The other components stay at their means, or take those that a multivariate normal has
        given the pair (Bishop 2006, eq. 2.81): the smallest D² possible with this pair, t².
    reach : float
        As of `along_axis`, in standard deviations along that axis of the ellipse.

    Returns
    -------
    LatentPath
        As of `along_axis`.
    """
    check_one_of("axis", axis, ("major", "minor"))
    check_one_of("others", others, ("center", "conditional"))
    moments = z if isinstance(z, Moments) else Moments.of(z)
    pair = check_pair(i, j, 0, len(moments.mean) - 1)
    of_pair = Moments(moments.n, moments.mean[pair], moments.comoment[np.ix_(pair, pair)])
    # The contour at one standard deviation: it holds 1 - exp(-1/2) of a bivariate normal.
    contour = ellipse(of_pair, -np.expm1(-0.5))
    turned = np.deg2rad(contour.angle + (0 if axis == "major" else 90))
    sd = contour.radii[0 if axis == "major" else 1]
    in_pair = np.array([np.cos(turned), np.sin(turned)])
    direction = np.zeros(len(moments.mean))
    if others == "conditional":
        to_pair = moments.covariance[pair]  # (2, d)
        # m_o + S_op S_pp⁻¹ (x_p - m_p)
        direction = in_pair @ np.linalg.solve(to_pair[:, pair], to_pair)
    direction[pair] = in_pair
    made = {"i": pair[0], "j": pair[1], "axis": axis, "others": others}
    return through(moments.mean, sd, direction, reach, n, "along ellipse", made)


def whitened_slerp(axes: PrincipalAxes, a: np.ndarray, b: np.ndarray, n: int = 8) -> LatentPath:
    """Turn from one latent vector to another about the center of the z-points.

    Spherical interpolation (Shoemake 1985; White 2016, arXiv:1609.04468) in whitened coordinates
    about the mean z-point: about the origin it would turn round a point off the cloud. The path
    keeps the D² of its ends; a straight one between two z-points dips to about half. It is straight
    between equal directions, from or to the center, and along axes without variance. Opposite ends
    are refused: no turn between them is the shortest.

    Parameters
    ----------
    axes, a, b : PrincipalAxes, float (d,), float (d,)
        Of the z-points; the ends, in units of the latent space.

    Returns
    -------
    LatentPath
        `t` is the share of the turn, 0..1; ``made["turn"]`` the whole turn in degrees.
    """
    a, b = (check_vector(name, end, len(axes.mean)) for name, end in (("a", a), ("b", b)))
    share = np.linspace(0, 1, check_whole("n", n, 2))
    z, turn = mixed(a, b, share), 0.0
    y = axes.whiten(np.stack([a, b]))
    lengths = np.linalg.norm(y, axis=1)
    if lengths.min() > _NOWHERE:
        # The whitened direction turns evenly, its length, the root of D², changes evenly.
        directions, turn = _turned(y[0] / lengths[0], y[1] / lengths[1], share)
        bent = directions * mixed(*lengths[:, None], share)  # (n, rank)
        z[1:-1] += axes.unwhiten(bent - mixed(*y, share))[1:-1] - axes.mean
    made = {"turn": float(np.rad2deg(turn)), "n": len(share)}
    return LatentPath(z.astype(np.float32), share, "share", "whitened slerp", made)


def _turned(a: np.ndarray, b: np.ndarray, share: np.ndarray) -> tuple[np.ndarray, float]:
    """Turn unit vector `a` into `b`; return the directions (n, d) and the whole turn in radians."""
    across = b - (a @ b) * a
    sine = np.linalg.norm(across)
    if sine < _NOWHERE and a @ b < 0:
        apart = 180 - np.rad2deg(sine)
        raise ValueError(
            "expected ends on sides of the center that are not opposite; got directions "
            f"{apart:.2f} degrees apart. Use linear, or go through a third latent vector."
        )
    if sine > 0:
        across /= sine
    turn = np.arctan2(sine, a @ b)
    return np.outer(np.cos(share * turn), a) + np.outer(np.sin(share * turn), across), turn


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
    check_one_of("method", method, ("means", "logistic"))
    z = check_finite(z)
    has = _binary(values, len(z))
    there, here = Moments.of(z[has]).mean, Moments.of(z[~has]).mean
    if np.abs(there - here).max() <= ROUNDING * np.abs(here).max() + SMALLEST:
        same = "got the same mean with and without it. Choose another."
        raise ValueError(f"expected z-points that differ with the attribute; {same}")
    found = there - here
    if method == "logistic":
        axes = PrincipalAxes.fit(z)
        weights = LogisticRegression(max_iter=1000).fit(axes.whiten(z), has).coef_
        # Least length for a given change of the logit: in whitened space that is along the weights.
        # On 10,000 CelebA codes three standard deviations along S w are a D² of 15 to 27 for
        # glasses, smile and sex, along w 100 to 430. For two normals of one covariance S w is the
        # difference of the means.
        found = axes.unwhiten(weights)[0] - axes.mean
    return found / np.linalg.norm(found)


def _binary(values: np.ndarray, n: int) -> np.ndarray:
    """Return `values` as bool (n,), refused unless 0 and 1 both occur and nothing else."""
    missing = np.flatnonzero(pd.isna(values))
    values = np.asarray(values)
    if values.shape == (n,) and len(missing):
        rows = f"{', '.join(map(str, missing[:5]))}{', ...' if len(missing) > 5 else ''}"
        raise ValueError(
            f"values must have one for each of {n} rows; got none for {len(missing)} of them (rows "
            f"{rows}). Leave these out: with known = pd.notna(values) pass z[known] and "
            "values[known] == 1."
        )
    good = values.shape == (n,) and values.dtype.kind in "biu"
    if not good or not np.array_equal(np.unique(values), [0, 1]):
        raise ValueError(
            f"values must be {n} booleans or integers, 0 and 1, and both occur; got "
            f"{values!s:.60}, an array of {values.dtype} of shape {values.shape}. For instance "
            "run.index['Smiling'] == 1, or of a scale values > np.median(values), of the rows that "
            "have a value."
        )
    return values.astype(bool)
