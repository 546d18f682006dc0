"""How well drawn vectors cover the real ones, and whether they only repeat what was trained on.

Precision and recall are those of Kynkäänniemi et al. 2019 (arXiv:1904.06991); how memorization is
measured is this project's choice.
"""

from typing import NamedTuple

import numpy as np
from sklearn.metrics import pairwise_distances_chunked

from aelatent.latent._neighbors import nearest, whole
from aelatent.latent.normality import checked

_MEMORY = 128  # MiB of distances at a time
_CLOSE = 0.01  # share of the held-out codes that count as close to a training code


class Fidelity(NamedTuple):
    """Precision and recall of drawn vectors, shares in 0..1."""

    precision: float
    recall: float


class Memorization(NamedTuple):
    """How near drawn and held-out vectors come to training codes; see `memorization`.

    Attributes
    ----------
    drawn, held_out : float
        Median distance to the nearest training code, in the unit of the codes.
    ratio : float
        `drawn` / `held_out`; NaN where that is 0 / 0.
    closer : float
        Share of drawn vectors, 0..1, that are closer to a training code than the 1 % quantile of
        the held-out codes' distances.
    """

    drawn: float
    held_out: float
    ratio: float
    closer: float


def precision_recall(real: np.ndarray, drawn: np.ndarray, k: int = 3) -> Fidelity:
    """Return the share of drawn vectors that look real, and of real ones that are drawn.

    A set's region is the union of balls around its vectors, each as wide as the distance to its
    k-th nearest other vector of the set. Precision is the share of drawn vectors in the region of
    the real ones, recall that of real ones in the region of the drawn (Kynkäänniemi et al. 2019,
    arXiv:1904.06991).

    In many dimensions neither says much alone: a Gaussian shrunk x 0.8 has a precision near 1 but
    hardly any recall. Even two samples of the same law do not reach 1 (about 0.5 in 256 components,
    n some thousands), and how far they get depends on n, k and d: quote both figures beside those
    of two sets of real vectors of the same n.

    Parameters
    ----------
    real : float (n, d)
        Real vectors or features, n above k; an array in memory or memory-mapped.
    drawn : float (m, d)
        Drawn ones, m above k, best m = n.
    k : int
        Which neighbor sets the width, at least 1.

    Returns
    -------
    Fidelity
        Time grows as n x m: seconds for 5,000 each of 256 components.

    Raises
    ------
    ValueError
        If one of them is refused as by `Moments.of` or has k rows or fewer, if they differ in d, or
        if `k` is unusable.

    Examples
    --------
    >>> real, other, drawn = np.random.default_rng(0).normal(size=(3, 800, 256))
    >>> found = precision_recall(real, 0.8 * drawn)
    >>> round(found.precision, 1), round(found.recall, 1)
    (1.0, 0.0)
    >>> 0.4 < min(precision_recall(real, other)) < 0.7
    True
    """
    k = whole("k", k, 1)
    real, drawn = _same_space(real=real, drawn=drawn)
    for name, vectors in (("real", real), ("drawn", drawn)):
        if len(vectors) <= k:
            raise ValueError(
                f"{name} must have more than {k} rows, for {k} neighbors each; got {len(vectors)}. "
                "Pass more rows, or a smaller k."
            )
    center = real.mean(axis=0, dtype=np.float64)  # squares are subtracted: the smaller the better
    real, drawn = real - center, drawn - center
    return Fidelity(_covered(drawn, real, k), _covered(real, drawn, k))


def nearest_distance(vectors: np.ndarray, codes: np.ndarray, k: int = 1) -> np.ndarray:
    """Return the distance of each vector to the nearest code, or to the k-th nearest.

    Parameters
    ----------
    vectors : float (n, d)
        Vectors to start from.
    codes : float (m, d)
        Codes to look for, m at least k; an array in memory or memory-mapped. Where the vectors are
        among them, the nearest is the vector itself: pass k = 2.
    k : int
        Which neighbor, at least 1.

    Returns
    -------
    float64 (n,)
        Euclidean distances in the unit of the codes. Time grows as n x m: about 10 s for 2,000
        among 165,000 of 256 components on 2 cores.

    Raises
    ------
    ValueError
        If one of them is refused as by `Moments.of`, if they differ in d, if there are fewer than k
        codes, or if `k` is unusable.

    Examples
    --------
    >>> nearest_distance([[0, 0], [3, 3]], [[0, 1], [3, 3]])
    array([1., 0.])
    """
    k = whole("k", k, 1)
    vectors, codes = _same_space(vectors=vectors, codes=codes)
    if len(codes) < k:
        raise ValueError(
            f"codes must have at least k={k} rows; got {len(codes)}. Pass more, or a smaller k."
        )
    return nearest(vectors, codes, k)


def memorization(drawn: np.ndarray, held_out: np.ndarray, training: np.ndarray) -> Memorization:
    """Compare how near drawn vectors and held-out codes are to the nearest training code.

    Where drawn vectors are like the codes of pictures that were never trained on, the ratio of the
    medians is 1 and 0.01 of them are closer than the 1 % quantile. A sampler that repeats training
    codes has a lower ratio and more that are closer. A lower ratio alone shows no repeating:
    vectors nearer to the center are nearer to every code.

    Parameters
    ----------
    drawn : float (n, d)
        Drawn vectors.
    held_out : float (m, d)
        Codes of pictures that were not trained on. With fewer than 99 the quantile is their least
        distance, and the share to expect 1 / (m + 1).
    training : float (l, d)
        Codes of the pictures trained on; an array in memory or memory-mapped.

    Returns
    -------
    Memorization
        Both medians, their ratio, and the share that is closer.

    Raises
    ------
    ValueError
        If one of them is refused as by `Moments.of`, or if they differ in d.

    Examples
    --------
    >>> training, held_out, drawn = np.random.default_rng(0).normal(size=(3, 1000, 8))
    >>> round(memorization(drawn, held_out, training).ratio, 1)
    1.0
    >>> memorization(training[:100], held_out, training)[-1]
    1.0
    """
    drawn, held_out, training = _same_space(drawn=drawn, held_out=held_out, training=training)
    near, usual = nearest(drawn, training), nearest(held_out, training)
    limit = np.quantile(
        usual, _CLOSE, method="weibull"
    )  # its expected share is 1 % also at small m
    medians = np.median(near), np.median(usual)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.divide(*medians)
    return Memorization(*map(float, (*medians, ratio, np.mean(near < limit))))


def _same_space(**sets: np.ndarray) -> list[np.ndarray]:
    """Return the sets of vectors as arrays, refused unless they have one number of components."""
    found = {name: checked(vectors) for name, vectors in sets.items()}
    if len({vectors.shape[1] for vectors in found.values()}) > 1:
        got = ", ".join(f"{name} {vectors.shape}" for name, vectors in found.items())
        raise ValueError(f"expected vectors of one latent space; got {got}. Take all from one run.")
    return list(found.values())


def _covered(vectors: np.ndarray, others: np.ndarray, k: int) -> float:
    """Return the share of vectors within the k-th neighbor's distance of some other."""
    limit = nearest(others, others, k + 1) ** 2  # the nearest is the vector itself
    # Squared distances are differences of squares, exact to their rounding only.
    most = max(np.einsum("ij,ij->i", x, x).max() for x in (vectors, others))
    limit += 4 * vectors.shape[1] * np.finfo(float).eps * most
    parts = pairwise_distances_chunked(
        vectors,
        others,
        reduce_func=lambda d2, _: (d2 <= limit).any(axis=1),
        metric="euclidean",
        squared=True,
        working_memory=_MEMORY,
    )
    return float(np.mean(np.concatenate(list(parts))))
