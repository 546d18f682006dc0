"""Where a run's faces are: in voids and beside z-points, along rays, aside and between z-points."""

import numpy as np
import pandas as pd

from aelatent.images.detector import detect_faces
from aelatent.latent.core import core_border
from aelatent.latent.probes import beside_points, core_voids, segments
from aelatent.latent.samplers import standard_normal
from aelatent.latent.scores import cycle_error

LEVELS = np.array([0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2])  # radii, in units of the typical one
STEPS = (0.05, 0.25, 0.5, 1, 1.5, 2, 3)  # in units of the distance to the nearest neighbor


def _seen(run, vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return whether each vector decodes to a face, and its cycle error in spreads."""
    pictures = run.decode(vectors)
    return detect_faces(pictures), cycle_error(vectors, run.encode(pictures), run.axes.spread)


def _rows(run, count: int, seed: int) -> np.ndarray:
    count = min(count, len(run.z))
    return np.sort(np.random.default_rng(seed).choice(len(run.z), count, replace=False))


def _directions(axes, count: int, seed: int) -> np.ndarray:
    """Return random whitened directions of unit length, (count, rank)."""
    y = np.random.default_rng(seed).standard_normal((count, axes.rank))
    return y / np.linalg.norm(y, axis=1, keepdims=True)


def near_and_far(run, count: int = 400, seed: int = 0) -> tuple[pd.DataFrame, dict]:
    """Look for faces in voids of the core and, at the same D², beside z-points and anywhere.

    Parameters
    ----------
    run : Run
        With z-points.
    count : int
        Number of latent vectors of each kind.

    Returns
    -------
    pandas.DataFrame
        A row per kind, with columns ``faces`` (share), ``cycle error`` (median, in spreads),
        ``D²`` and ``to nearest z-point`` (medians, whitened), ``n``.
    dict of str to float32 (n, d)
        The latent vectors of each kind.
    """
    axes, rows = core_border(run.z, seed).axes, _rows(run, count, seed)  # by which voids are found
    count = len(rows)
    voids = core_voids(run.z, count, seed)
    beside = beside_points(run.z, voids.d2, seed)
    anywhere = np.sqrt(voids.d2)[:, None] * _directions(axes, count, seed)
    vectors = {
        "z-points": run.z[rows],
        "beside z-points": beside.z,
        "voids": voids.z,
        "random directions": axes.unwhiten(anywhere).astype(np.float32),
        "N(0, I)": standard_normal(run.z, count, seed),
    }
    apart = {"voids": voids.distance, "beside z-points": beside.distance}
    table = {}
    for name, z in vectors.items():
        faces, cycle = _seen(run, z)
        away = np.median(apart[name]) if name in apart else np.nan
        table[name] = [faces.mean(), np.median(cycle), np.median(axes.d2(z)), away, len(z)]
    names = ["faces", "cycle error", "D²", "to nearest z-point", "n"]
    return pd.DataFrame.from_dict(table, "index", columns=names), vectors


def along_rays(run, count: int = 150, seed: int = 0) -> pd.DataFrame:
    """Return shares of faces along rays from the center, of random and of z-points' directions.

    Parameters
    ----------
    run : Run
        With z-points.
    count : int
        Rays of each kind.

    Returns
    -------
    pandas.DataFrame
        As `aelatent.plots.face_rates` takes it: columns series, x (D²), rate, n.
    """
    core, rows = run.core, _rows(run, count, seed)
    own = core.axes.whiten(run.z[rows])
    typical = np.median(np.linalg.norm(own, axis=1))
    rays = {
        "random directions": _directions(core.axes, len(rows), seed),
        "directions of z-points": own / np.linalg.norm(own, axis=1, keepdims=True),
    }
    table = []
    for name, y in rays.items():
        for length in LEVELS * typical:
            faces, _ = _seen(run, core.axes.unwhiten(length * y).astype(np.float32))
            table.append([name, length**2, faces.mean(), len(faces)])
    return pd.DataFrame(table, columns=["series", "x", "rate", "n"])


def steps_aside(run, count: int = 150, seed: int = 0) -> pd.DataFrame:
    """Return shares of faces after a step from z-points in random directions, D² kept.

    Parameters
    ----------
    run : Run
        With z-points.
    count : int
        z-points that steps start from.

    Returns
    -------
    pandas.DataFrame
        Columns series, x (step, in units of the distance between nearest neighbors), rate, n, and
        ``cycle error`` (median, in spreads).
    """
    start = core_border(run.z, seed).axes.d2(run.z[_rows(run, count, seed)])
    table = []
    for step in STEPS:
        faces, cycle = _seen(run, beside_points(run.z, start, seed, step=step).z)
        table.append(["a step aside", step, faces.mean(), len(faces), np.median(cycle)])
    return pd.DataFrame(table, columns=["series", "x", "rate", "n", "cycle error"])


def between_pairs(run, pairs: int = 150, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Return whether faces are found on segments between random pairs of z-points.

    Parameters
    ----------
    run : Run
        With z-points.
    pairs : int
        Number of segments.

    Returns
    -------
    pandas.DataFrame
        A row per place: series, x (0..1 along the segment), rate, n, ``cycle error``, ``D²``
        (medians).
    bool (pairs, places)
        Whether there is a face.
    """
    along = segments(run.z, min(pairs, len(run.z) // 2), seed, steps=9)  # (pairs, 9, d)
    flat = along.reshape(-1, along.shape[2])
    faces, cycle = (value.reshape(along.shape[:2]) for value in _seen(run, flat))
    table = pd.DataFrame({"series": "segments", "x": np.linspace(0, 1, along.shape[1])})
    d2 = run.core.axes.d2(flat).reshape(faces.shape)
    table = table.assign(rate=faces.mean(axis=0), n=len(faces))
    return table.assign(**{"cycle error": np.median(cycle, 0), "D²": np.median(d2, 0)}), faces
