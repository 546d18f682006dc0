"""What a map keeps, and how empty it is; where no source is named, by a measure of our choice."""

import numpy as np
import pandas as pd
from scipy.spatial import ConvexHull, QhullError

from aelatent._checks import check_each, check_points, check_whole, chunks
from aelatent.latent.neighbors import find_nearest, find_others

#: Void probability of points that are scattered evenly and independently (a Poisson field).
POISSON_VOIDS = float(np.exp(-np.pi))

#: Columns of an index that name a picture or a person, though they be numbers.
NAMES = ["row", "image_id", "split", "identity"]


def neighbors_kept(
    z: np.ndarray,
    coordinates: np.ndarray,
    *,
    k: int = 10,
    landmarks: int | None = 2000,
    seed: int = 0,
) -> float:
    """Return the share of the k nearest z-points of a point that are among its k nearest in a map.

    Parameters
    ----------
    z : float (n, d)
        z-points, or the principal coordinates that were mapped.
    coordinates : float (n, 2)
        Their places in the map.
    k : int
        Number of neighbors, 1..n - 1.
    landmarks : int, optional
        Number of random points whose neighbors are looked up, at least 1; None: all.

    Returns
    -------
    float
        0..1; a random arrangement keeps about ``k / n``.
    """
    z, coordinates = check_points(z), check_points(coordinates, 2)
    check_each("a place in the map", coordinates, len(z), "z-points")
    k = check_whole("k", k, 1, len(z) - 1, "There are so few points.")
    rows = np.arange(len(z))
    if landmarks is not None and check_whole("landmarks", landmarks, 1) < len(z):
        rows = np.random.default_rng(seed).choice(len(z), landmarks, replace=False)
    there, here = (_nearest(space, rows, k) for space in (z, coordinates))
    shared = [len(np.intersect1d(a, b)) for a, b in zip(there, here, strict=True)]
    return float(np.mean(shared) / k)


def _nearest(space: np.ndarray, rows: np.ndarray, k: int) -> np.ndarray:
    """Return the k nearest other points of some rows, int64 (m, k), looked for in float32."""
    space = np.concatenate([part.astype(np.float32) for part in chunks(space)])
    return find_others(space, k, rows)[1]


def void_probability(coordinates: np.ndarray, *, circles: int = 20_000, seed: int = 0) -> float:
    """Return the probability that a circle which holds pi points on average holds none.

    A density that falls off to the border has more empty circles without any void: compare a map
    with that of a surrogate. A Poisson field (points scattered evenly, independently) leaves
    ``exp(-pi)``, 4.3 %, of them empty. Circles of radius ``1 / sqrt(density)`` lie evenly spread
    inside the convex hull, density being n over its area. After White (*MNRAS* 186, 145, 1979).

    Parameters
    ----------
    coordinates : float (n, 2)
        Points in a plane, at least 10, not all on a line.
    circles : int
        Number of random circles, at least 1.

    Returns
    -------
    float
        0..1, with a standard error of at most ``0.5 / sqrt(circles)``.
    """
    coordinates = np.concatenate(list(chunks(check_points(coordinates, 2))))
    few = f"expected 10 points or more that span a plane; got {len(coordinates)}. Pass a whole map."
    if len(coordinates) < 10 or np.linalg.matrix_rank(coordinates - coordinates.mean(axis=0)) < 2:
        raise ValueError(few)
    circles = check_whole("circles", circles, 1)
    try:
        hull = ConvexHull(coordinates)
    except QhullError as error:
        raise ValueError(few) from error  # they nearly lie on a line
    radius = np.sqrt(hull.volume / len(coordinates))  # scipy's volume of a plane hull is its area
    # A stream of its own: points drawn with the same seed would else be the circles' centers.
    centers = _inside(hull, radius, circles, np.random.default_rng([seed, 1]))
    distance, _ = find_nearest(coordinates, centers, 1)
    return float(np.mean(distance > radius))


def _inside(hull: ConvexHull, margin: float, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return points, float64 (count, 2), evenly spread, at least `margin` from a hull's border."""
    low, high = hull.points.min(axis=0), hull.points.max(axis=0)
    normals, offsets = hull.equations[:, :2], hull.equations[:, 2]
    found, tried = np.empty((0, 2)), 0
    while len(found) < count:
        tried += count
        if tried > 1000 * count:
            raise ValueError(
                f"circles of radius {margin:.3g} do not fit into the hull of {len(hull.points)} "
                "points: it is too narrow. Pass more points."
            )
        drawn = rng.uniform(low, high, (count, 2))
        found = np.vstack([found, drawn[(drawn @ normals.T + offsets <= -margin).all(axis=1)]])
    return found[:count]


def neighbor_correlation(
    coordinates: np.ndarray,
    table: pd.DataFrame,
    *,
    k: int = 10,
    landmarks: int = 5000,
    seed: int = 0,
) -> pd.Series:
    """Return how well quantities are guessed from a map: correlation with the neighbors' mean.

    Pearson's, between a point's value and the mean of its k nearest others in the map: a spatial
    autocorrelation in the manner of Moran's I. A value that is missing neither counts as a point
    nor as a neighbor.

    Parameters
    ----------
    coordinates, table : float (n, 2), pandas.DataFrame of n rows
        Places in the map, and columns of the store's index. Those that are no quantity are left
        out: texts, numbers of rows and of persons, columns of one value.
    k, landmarks : int
        Number of neighbors, 1..n - 1, and of random points that are asked, at least 2, at most all.

    Returns
    -------
    pandas.Series
        Column -> -1..1, best first; about 0 where the map knows nothing of the quantity.
    """
    coordinates, table = check_points(coordinates, 2), pd.DataFrame(table)
    check_each("a row of the table", table, len(coordinates), "places")
    k = check_whole("k", k, 1, len(table) - 1, "There are so few points.")
    table = table.drop(columns=NAMES, errors="ignore").select_dtypes(["number", "bool"])
    values = table.to_numpy(float, na_value=np.nan)
    rows = np.random.default_rng(seed).permutation(len(values))
    rows = rows[: check_whole("landmarks", landmarks, 2)]
    around = np.ma.masked_invalid(values[_nearest(coordinates, rows, k)]).mean(axis=1)
    pairs = zip(values[rows].T, np.ma.filled(around, np.nan).T, strict=True)
    found = pd.Series([_correlation(*pair) for pair in pairs], table.columns, dtype=float)
    return found.dropna().sort_values(ascending=False)


def _correlation(a, b):
    """Return Pearson's correlation; in units of each spread, whose square may be no number."""
    known = np.isfinite(a) & np.isfinite(b)
    a, b = a[known], b[known]
    spread_a, spread_b = (np.ptp(one) if known.any() else 0 for one in (a, b))
    if spread_a == 0 or spread_b == 0:
        return np.nan
    return np.corrcoef((a - a[0]) / spread_a, (b - b[0]) / spread_b)[0, 1]
