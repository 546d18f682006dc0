"""What a path is, and how what makes one is checked."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from aelatent._checks import LARGEST, usable


@dataclass(frozen=True, eq=False)
class Path:
    """Latent vectors in a row.

    Attributes
    ----------
    z, t : float32 (n, d) and float64 (n,)
        The latent vectors, and where along the path each lies, ascending.
    unit : str
        Of `t`: ``"share"`` (0..1), ``"degrees"``, ``"sd"`` (standard deviations), ``"units of z"``.
    kind, made : str, dict
        For instance ``"circle"``; the arguments that made it, fit for JSON.
    """

    z: np.ndarray
    t: np.ndarray
    unit: str
    kind: str
    made: dict[str, Any]

    def __len__(self) -> int:
        return len(self.z)


def latent_vector(name: str, vector: np.ndarray, d: int | None = None) -> np.ndarray:
    """Return `vector` as float64 (d,), refused where it is no finite latent vector."""
    found = np.asarray(vector)
    real = found.dtype.kind in "fiu" and found.ndim == 1 and found.size > 0
    if not real or (d is not None and len(found) != d) or not usable(found).all():
        raise ValueError(
            f"{name} must be a row of {d or 'd'} finite real numbers; got "
            f"{vector!s:.60} of shape {found.shape}. Pass one latent vector, "
            f"numbers up to {LARGEST:g}, for instance run.z[0]."
        )
    return found.astype(np.float64)


def number(name: str, value: float, above: float = -LARGEST) -> float:
    """Return `value`, refused where it is no finite number above a limit."""
    real = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    if not (real and above < value <= LARGEST):  # also false for NaN
        limit = "" if above == -LARGEST else f" above {above}"
        raise ValueError(
            f"{name} must be a finite number{limit}; got {value!r}. At most {LARGEST:g} is used."
        )
    return float(value)


def one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    """Refuse a `value` that is not among those known."""
    if value not in known:
        names = " or ".join(map(repr, known))
        raise ValueError(f"{name} must be {names}; got {value!r}.")


def mixed(a: np.ndarray, b: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Go from `a` to `b`, exactly both at the ends: float64 (n, d)."""
    return np.outer(1 - share, a) + np.outer(share, b)
