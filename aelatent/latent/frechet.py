"""Fréchet distance of two sets of feature vectors."""

import numpy as np

from aelatent._checks import points
from aelatent.latent.principal import Moments


def frechet_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Return the squared Fréchet distance of the Gaussians fitted to two sets of features.

    Estimated covariances make it too large, the more so the fewer the rows: compare values of one n
    only, beside the distance of two halves, of n rows each, of the real pictures' features. Take
    features that had no part in making the pictures, such as a second autoencoder's z-points: on
    the space drawn in, a sampler that keeps mean and covariance is at distance 0 by construction.

    With means m and covariances S it is ``|m_a - m_b|² + tr(S_a + S_b - 2 (S_a S_b)^(1/2))``
    (Dowson & Landau 1982; to judge pictures, Heusel et al., arXiv:1706.08500).

    Parameters
    ----------
    a, b : float (n, d), (m, d)
        Features, n and m at least 2.

    Returns
    -------
    float
        0 or more, in the squared unit of the features.
    """
    a = points(a)
    first, second = Moments.of(a), Moments.of(points(b, a.shape[1]))
    shift = first.mean - second.mean
    root_a, root_b = (_root(moments.covariance) for moments in (first, second))
    # The root's trace is the sum of the singular values of root_a root_b, whose squares are the
    # eigenvalues of root_a S_b root_a: no root is taken of eigenvalues that are but rounding.
    common = np.linalg.norm(root_a @ root_b, "nuc")
    spread = np.trace(first.covariance) + np.trace(second.covariance)
    return max(float(shift @ shift + spread - 2 * common), 0.0)


def _root(covariance: np.ndarray) -> np.ndarray:
    """Return the symmetric root of a covariance, of whatever rank."""
    variance, axes = np.linalg.eigh(covariance)
    return axes * np.sqrt(np.maximum(variance, 0)) @ axes.T
