"""z-points as they come in: checked at the boundary, and read a chunk of rows at a time."""

from collections.abc import Iterator

import numpy as np

CHUNK = 2048  # rows taken at a time: 4 MB as float64 at 256 components, which stays in the cache
LARGEST = np.float64(1e18)  # of a number: its square is still a float32
SMALLEST = float(np.finfo(np.float32).tiny)  # of a standard deviation: draws are float32
ROUNDING = CHUNK * np.finfo(float).eps  # of a chunk's mean, relative: equal numbers differ from it


def points(z: np.ndarray, columns: int | None = None) -> np.ndarray:
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
    return int(n), points(z).shape[1]
