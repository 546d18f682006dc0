"""z-points as they come in: checked at the boundary, and read a chunk of rows at a time."""

from collections.abc import Iterator

import numpy as np

CHUNK = 2048  # rows taken at a time: 4 MB as float64 at 256 components, which stays in the cache
LARGEST = np.float64(1e18)  # of a number: its square is still a float32
SMALLEST = float(np.finfo(np.float32).tiny)  # of a standard deviation: draws are float32
ROUNDING = CHUNK * np.finfo(float).eps  # of a chunk's mean, relative: equal numbers differ from it


def check_points(z: np.ndarray, columns: int | None = None) -> np.ndarray:
    """Return `z` as an array, refused unless it is numeric (n, columns) and not empty."""
    if np.ma.is_masked(z):
        raise ValueError(
            f"expected numbers everywhere; got an array of shape {z.shape} with "
            f"{np.ma.count_masked(z)} of them masked. Leave these rows out."
        )
    z = np.asarray(z)
    wanted = "(n, d)" if columns is None else f"(n, {columns})"
    if z.ndim != 2 or z.size == 0 or (columns is not None and z.shape[1] != columns):
        raise ValueError(
            f"expected an array of shape {wanted}, one row per point, n at least 1; "
            f"got shape {z.shape}. A single vector v is passed as v[None]."
        )
    if z.dtype.kind not in "fiu":
        raise ValueError(
            f"expected real numbers; got an array of {z.dtype}. Convert it with astype(float)."
        )
    return z


def usable(numbers: np.ndarray) -> np.ndarray:
    """Tell which numbers are finite and no larger than 1e18: bool, of their shape."""
    return (numbers >= -LARGEST) & (numbers <= LARGEST)  # NaN is neither


def chunks(z: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the rows of `z` in order as float64 chunks, refused where they are not usable."""
    for start in range(0, len(z), CHUNK):
        part = np.asarray(z[start : start + CHUNK], dtype=np.float64)
        if not (part.min() >= -LARGEST and part.max() <= LARGEST):  # also for NaN
            row, column = np.argwhere(~usable(part))[0]
            raise ValueError(
                f"expected finite numbers of at most {LARGEST:g}; got {part[row, column]} in row "
                f"{start + row}, column {column}. Encode again, or leave these rows out."
            )
        yield part


def shape_of_draws(z: np.ndarray, n: int) -> tuple[int, int]:
    """Return the shape of n latent vectors like `z`, refused where there is none."""
    if not isinstance(n, (int, np.integer)) or isinstance(n, bool) or n < 1:
        raise ValueError(
            f"n must be a whole number of latent vectors, at least 1; got {n!r}. "
            "For instance n=400."
        )
    return int(n), check_points(z).shape[1]


def check_vector(name: str, vector: np.ndarray, d: int | None = None) -> np.ndarray:
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


def check_number(name: str, value: float, above: float = -LARGEST) -> float:
    """Return `value`, refused where it is no finite number above a limit."""
    real = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    if not (real and above < value <= LARGEST):  # also false for NaN
        limit = "" if above == -LARGEST else f" above {above}"
        raise ValueError(
            f"{name} must be a finite number{limit}; got {value!r}. At most {LARGEST:g} is used."
        )
    return float(value)


def check_one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    """Refuse a `value` that is not among those known."""
    if value not in known:
        names = " or ".join(map(repr, known))
        raise ValueError(f"{name} must be {names}; got {value!r}.")


def check_finite(z: np.ndarray) -> np.ndarray:
    """Return `z` as an array, refused as by `Moments.of`; bad rows are named by their place."""
    z = check_points(z)
    for _ in chunks(z):
        pass
    return z


def subsample(z: np.ndarray, n: int, seed: int) -> np.ndarray:
    """Take n random rows of `z`, none twice, float64; all, shuffled, if there are fewer."""
    z = check_finite(z)
    rows = np.random.default_rng(seed).choice(len(z), min(n, len(z)), replace=False)
    return np.asarray(z[rows], dtype=np.float64)


def check_same_space(**sets: np.ndarray) -> list[np.ndarray]:
    """Return the sets of vectors as arrays, refused unless they have one number of components."""
    found = {name: check_finite(vectors) for name, vectors in sets.items()}
    if len({vectors.shape[1] for vectors in found.values()}) > 1:
        got = ", ".join(f"{name} {vectors.shape}" for name, vectors in found.items())
        raise ValueError(f"expected vectors of one latent space; got {got}. Take all from one run.")
    return list(found.values())


def check_whole(name: str, value: int, least: int) -> int:
    """Return `value`, refused where it is no whole number, at least `least`."""
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < least:
        raise ValueError(f"{name} must be a whole number, at least {least}; got {value!r}.")
    return int(value)
