"""How well drawn vectors cover real ones, or repeat training codes (by a measure of our choice)."""

from typing import NamedTuple

import numpy as np
from sklearn.metrics import pairwise_distances_chunked

from aelatent.latent.core import checked
from aelatent.latent.neighbors import nearest, whole

_MEMORY = 128  # MiB of distances at a time
_CLOSE = 0.01  # share of the held-out codes that count as close to a training code


class Fidelity(NamedTuple):
    """Precision and recall of drawn vectors, shares in 0..1."""

    precision: float
    recall: float


class Memorization(NamedTuple):
    """How near drawn and held-out vectors come to training codes; see `memorization`."""

    drawn: float  # median distance to the nearest training code, in the unit of the codes
    held_out: float  # the same of the held-out codes
    ratio: float  # drawn / held_out; NaN where that is 0 / 0
    closer: float  # share of drawn vectors below the 1 % quantile of the held-out codes' distances


def precision_recall(real: np.ndarray, drawn: np.ndarray, k: int = 3) -> Fidelity:
    """Return the share of drawn vectors that look real, and of real ones that are drawn.

    Neither says much alone: a Gaussian shrunk x 0.8 has a precision near 1, but hardly any recall.
    Two samples of one law do not reach 1 (about 0.5 in 256 components, n some thousands), and n, k
    and d decide how near they come: quote both beside those of two such sets of real vectors.

    A set's region is the union of balls around its vectors, each out to its k-th nearest other one.
    Precision is the share of drawn vectors in the real ones' region, recall the reverse
    (Kynkäänniemi et al. 2019, arXiv:1904.06991).

    Parameters
    ----------
    real, drawn : float (n, d), (m, d)
        Vectors or features, more than k of each, best m = n.
    k : int
        Which neighbor sets the width, at least 1.

    Returns
    -------
    Fidelity
        ``precision`` and ``recall``; seconds for 5,000 each of 256 components, time grows as n x m.
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
    """Return the Euclidean distance of each vector to the nearest code, or to the k-th nearest.

    Where the vectors are among the codes, the nearest is the vector itself: pass k = 2.

    Parameters
    ----------
    vectors, codes : float (n, d), (m, d)
        From where and to what, m at least k.
    k : int
        Which neighbor, at least 1.

    Returns
    -------
    float64 (n,)
        In the unit of the codes; 2,000 among 165,000 of 256 components take 10 s on 2 cores.
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

    Where drawn vectors are like the codes of unseen pictures, the ratio of the medians is 1 and
    0.01 of them are closer than the held-out codes' 1 % quantile; a sampler that repeats training
    codes has a lower ratio and more that are closer. A lower ratio alone shows no repeating:
    vectors nearer to the center are nearer to every code.

    Parameters
    ----------
    drawn, held_out, training : float (n, d), (m, d), (l, d)
        Drawn vectors, codes of pictures not trained on, and of those trained on. With m below 99
        the quantile is the least distance of `held_out`, and the share to expect 1 / (m + 1).

    Returns
    -------
    Memorization
        Medians ``drawn`` and ``held_out`` in the unit of the codes, their ``ratio`` (NaN if 0 / 0),
        and ``closer``, the share of drawn vectors, 0..1.
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
