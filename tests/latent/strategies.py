"""Clouds of z-points that a user may pass, good and bad, and the ways to lay them out in memory."""

import tempfile

import numpy as np
from hypothesis import strategies as st

COUNTS = (1, 2, 3, 4, 5, 9, 20, 60, 150)
SIZES = (1e-300, 1e-160, 1e-30, 1e-8, 1e4, 1e12, 1e17, 1e25, 1e60, 1e155, 1e300)
NUMBERS = (np.float64, np.float64, np.float32, np.float16, np.int16, np.int64, np.uint8)
NO_NUMBERS = (bool, object, complex, "<U8", "datetime64[s]")


def normal(rng, n, d):
    return rng.normal([3, 0, -1, 0.5, 2, -2][:d], [2, 1, 0.5, 1, 3, 1][:d], (n, d))


def shares(rng, n, d):
    return rng.uniform(size=(n, d))


def copies(rng, n, d):
    return normal(rng, n, d)[rng.integers(max(n // 3, 1), size=n)]


def lattice(rng, n, d):
    return rng.integers(-2, 3, (n, d)).astype(float)


def one_far(rng, n, d):
    z = normal(rng, n, d)
    z[rng.integers(n)] *= 1e7
    return z


SHAPES = {
    **{make.__name__: make for make in (normal, shares, copies, lattice, one_far)},
    # the mean of a constant is rounded
    "a constant": lambda rng, n, d: np.hstack([normal(rng, n, d)[:, 1:], np.full((n, 1), 1.1)]),
    "all the same": lambda rng, n, d: np.repeat(rng.normal(size=(1, d)), n, axis=0),
    "line": lambda rng, n, d: np.outer(rng.normal(size=n), np.arange(1, d + 1)) + 5,
    "far off center": lambda rng, n, d: normal(rng, n, d) * 1e-6 + 1e6,
    "origin": lambda rng, n, d: np.zeros((n, d)),
}


@st.composite
def clouds(draw, components):
    """Draw a finite cloud, (n, d) of any size of numbers, and of any type of real numbers."""
    n, d = draw(st.sampled_from(COUNTS)), draw(st.sampled_from(components))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    z = SHAPES[draw(st.sampled_from(["normal", "normal", *SHAPES]))](rng, n, d)
    if draw(st.integers(0, 3)) == 0:
        return z * draw(st.sampled_from(SIZES))
    kind = draw(st.sampled_from(NUMBERS))
    # No negative number is one without sign: to cast it is undefined.
    low, high = (0, 250) if kind == np.uint8 else (-60_000, 30_000)
    return np.clip(z, low, high).astype(kind)


@st.composite
def no_clouds(draw, d, faults=("value", "type", "shape")):
    """Draw what is no cloud of d components, and a part of what must be said of it."""
    z = normal(np.random.default_rng(0), draw(st.integers(60, 70)), d)
    match draw(st.sampled_from(faults)):
        case "value":
            bad = draw(st.sampled_from([np.nan, np.inf, -np.inf, 1e19, -1e300]))
            place = draw(st.integers(0, len(z) - 1)), draw(st.integers(0, z.shape[1] - 1))
            z[place] = bad
            return z, rf"got {bad:g}".replace("+", r"\+")
        case "type" if draw(st.booleans()):
            return np.ma.masked_equal(z, z[0, 0]), "1 of them masked"
        case "type":
            z = np.abs(z).astype(np.int64).astype(draw(st.sampled_from(NO_NUMBERS)))
            return z, f"array of {z.dtype}".replace("[", r"\[")
        case _:
            cut = draw(st.sampled_from([np.s_[:0], np.s_[:, :0], np.s_[:, 0], np.s_[None]]))
            z = z[cut]
            return z, f"shape {z.shape}".replace("(", r"\(").replace(")", r"\)")


def mapped(z):
    """Return the same numbers, memory-mapped to be read only."""
    with tempfile.TemporaryFile() as file:
        file.write(z.tobytes())
        file.flush()
        return np.memmap(file, z.dtype, "r", shape=z.shape)


def unaligned(z):
    """Return the same numbers, begun at an odd address."""
    room = np.empty(z.nbytes + 1, np.uint8)[1:].view(z.dtype).reshape(z.shape)
    room[:] = z
    return room


#: Name -> the same cloud in another layout.
LAYOUTS = {
    "Fortran order": np.asfortranarray,
    "negative strides": lambda z: z[::-1, ::-1].copy()[::-1, ::-1],
    "strided": lambda z: np.repeat(np.repeat(z, 2, axis=0), 3, axis=1)[::2, ::3],
    "rows of a wider array": lambda z: np.hstack([z, z])[:, : z.shape[1]],
    "swapped bytes": lambda z: z.astype(z.dtype.newbyteorder()),
    "memory-mapped": mapped,
    "unaligned": unaligned,
}
