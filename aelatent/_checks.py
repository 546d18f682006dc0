"""What every door asks of its arguments, and z-points read a chunk of rows at a time.

Arguments are checked once, where a name of a facade takes them in; what lies behind trusts them.
Each verb returns what it has checked; `hint` says what to do next.
"""

from collections.abc import Collection, Iterator, Sized

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


def check_finite(z: np.ndarray, columns: int | None = None) -> np.ndarray:
    """Return `z` as `check_points` does, refused where a number is not usable: one full pass."""
    z = check_points(z, columns)
    for _ in chunks(z):
        pass
    return z


def check_enough(
    n: int, least: int, what: str, hint: str = "Pass more rows, or fewer components."
) -> None:
    """Refuse a number of z-points below the least that something needs."""
    if n < least:
        raise ValueError(f"{what} needs at least {least:,} z-points; got {n:,}. {hint}")


def check_varies(n: int, varies: bool) -> None:
    """Refuse n z-points that do not vary."""
    if not varies:
        raise ValueError(
            f"all {n} z-points are the same; expected points that vary. "
            "Check the run: its encoder maps every picture to one point."
        )


def check_each(what: str, found: Sized, n: int, of: str, hint: str = "") -> None:
    """Refuse what was found unless there is one of it for each of n others."""
    if len(found) != n:
        text = f"expected {what} for each of {n:,} {of}; got {len(found):,}. {hint}"
        raise ValueError(text.rstrip())


def check_pictures(name: str, images: np.ndarray) -> np.ndarray:
    """Return pictures as an array, refused unless (n, h, w, 3), not empty, and uint8 or float."""
    images = np.asanyarray(images)
    known = images.dtype == np.uint8 or images.dtype.kind == "f"
    if not known or images.ndim != 4 or images.shape[3] != 3 or images.size == 0:
        raise ValueError(
            f"{name} must be an array (n, h, w, 3), n at least 1, of uint8, or of float in 0..1; "
            f"got shape {images.shape} of {images.dtype}. A single picture p is passed as p[None]."
        )
    return images


def check_within(name: str, part: np.ndarray, most: float = 1) -> np.ndarray:
    """Return `part` as float64, refused unless it lies in 0..1, or up to `most` by rounding."""
    part = np.asarray(part, dtype=np.float64)
    low, high = part.min(), part.max()
    if not (low >= 0 and high <= most):  # also for NaN
        raise ValueError(
            f"{name} must lie in 0..1; got values from {low:g} to {high:g}. Scale or clip them."
        )
    return part


def check_vector(
    name: str, vector: np.ndarray, d: int | None = None, hint: str = "For instance run.z[0]."
) -> np.ndarray:
    """Return `vector` as float64 (d,), refused where it is no row of finite numbers."""
    found = np.asarray(vector)
    real = found.dtype.kind in "fiu" and found.ndim == 1 and found.size > 0
    if not real or (d is not None and len(found) != d) or not usable(found).all():
        raise ValueError(
            f"{name} must be a row of {d or 'd'} finite real numbers, up to {LARGEST:g}; got "
            f"{vector!s:.60} of shape {found.shape}. {hint}"
        )
    return found.astype(np.float64)


def check_same_space(**sets: np.ndarray) -> list[np.ndarray]:
    """Return the sets of vectors as arrays, refused unless they have one number of components."""
    found = {name: check_finite(vectors) for name, vectors in sets.items()}
    if len({vectors.shape[1] for vectors in found.values()}) > 1:
        got = ", ".join(f"{name} {vectors.shape}" for name, vectors in found.items())
        raise ValueError(f"expected vectors of one latent space; got {got}. Take all from one run.")
    return list(found.values())


def is_whole(value) -> bool:
    """Tell whether `value` is a whole number, and no bool."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def check_whole(name: str, value: int, least: int, most: int | None = None, hint: str = "") -> int:
    """Return `value` as int, refused where it is no whole number from `least` to `most`."""
    if not is_whole(value) or value < least or (most is not None and value > most):
        span = f", at least {least}" if most is None else f" from {least} to {most}"
        raise ValueError(f"{name} must be a whole number{span}; got {value!r}. {hint}".rstrip())
    return int(value)


def check_number(
    name: str,
    value: float,
    above: float = -np.inf,
    least: float = -LARGEST,
    hint: str = "",
) -> float:
    """Return `value` as float, refused where it is not finite, not `above` or below `least`."""
    real = is_whole(value) or isinstance(value, (float, np.floating))
    if not (real and above < value <= LARGEST and value >= least):  # also false for NaN
        limit = f" above {above:g}" if above > -np.inf else ""
        limit = limit or (f" of at least {least:g}" if least > -LARGEST else "")
        raise ValueError(f"{name} must be a finite number{limit}; got {value!r}. {hint}".rstrip())
    return float(value)


def check_share(
    name: str, value: float, *, zero: bool = False, one: bool = False, hint: str = ""
) -> float:
    """Return `value` as float, refused where it is no share; 0 and 1 are only if said so."""
    real = is_whole(value) or isinstance(value, (float, np.floating))
    inside = real and 0 <= value <= 1  # also false for NaN
    if not inside or (value == 0 and not zero) or (value == 1 and not one):
        ends = f"{'0 or more' if zero else 'above 0'} and {'at most' if one else 'below'} 1"
        raise ValueError(f"{name} must be a share, {ends}; got {value!r}. {hint}".rstrip())
    return float(value)


def check_one_of(name: str, value: str, known: Collection[str]) -> None:
    """Refuse a `value` that is not among those known."""
    if value not in known:
        names = ", ".join(map(repr, known))
        raise ValueError(f"{name} must be one of {names}; got {value!r}.")


def check_pair(i: int, j: int, low: int, high: int, what: str = "components") -> list[int]:
    """Return two numbers of components (or of `what`), refused unless different ones in a range."""
    if not (is_whole(i) and is_whole(j) and i != j and low <= min(i, j) and max(i, j) <= high):
        raise ValueError(f"expected two different {what} of {low} to {high}; got {i!r} and {j!r}.")
    return [int(i), int(j)]


def shape_of_draws(z: np.ndarray, n: int) -> tuple[int, int]:
    """Return the shape of n latent vectors like `z`, refused where there is none."""
    return check_whole("n", n, 1, hint="For instance n=400."), check_points(z).shape[1]


def subsample(z: np.ndarray, n: int, seed: int) -> np.ndarray:
    """Take n random rows of `z`, none twice, float64; all, shuffled, if there are fewer."""
    return some_rows(check_finite(z), n, seed)


def some_rows(z: np.ndarray, n: int, seed: int) -> np.ndarray:
    """Take rows as `subsample` does, of a `z` that is known to be finite."""
    rows = np.random.default_rng(seed).choice(len(z), min(n, len(z)), replace=False)
    return np.asarray(z[rows], dtype=np.float64)
