"""The Euclidean minimum spanning tree of points in a plane.

Its edges are among those of the Delaunay triangulation (Preparata & Shamos, *Computational
Geometry*, 1985, section 6.1), so that n points cost n log n.
"""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import Delaunay, QhullError

from aelatent.latent.clumping import pattern


def spanning_tree(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return edge lengths and degrees of the Euclidean minimum spanning tree of points (n, 2)."""
    points = pattern(points)  # (n, 2), n at least 2
    # A sparse matrix has no edges of length 0, so that copies are strung on such edges first.
    places, first, place_of = np.unique(points, axis=0, return_index=True, return_inverse=True)
    by_place = np.argsort(place_of.ravel(), kind="stable")  # the first copy leads each place
    copies = np.flatnonzero(np.diff(place_of.ravel()[by_place]) == 0)
    edges = [np.column_stack([by_place[copies], by_place[copies + 1]])]
    if len(places) > 1:
        i, j = _neighbor_pairs(places).T
        between = coo_array((np.hypot(*(places[i] - places[j]).T), (i, j)), (len(places),) * 2)
        edges.append(first[np.column_stack(minimum_spanning_tree(between).nonzero())])
    ends = np.concatenate(edges)
    lengths = np.hypot(*(points[ends[:, 0]] - points[ends[:, 1]]).T)
    return np.sort(lengths), np.bincount(ends.ravel(), minlength=len(points))  # (n - 1,), (n,)


def _neighbor_pairs(places: np.ndarray) -> np.ndarray:
    """Return pairs of different places, int (e, 2), that hold a minimum spanning tree's edges."""
    try:
        triangles = Delaunay(places)
    except QhullError:  # on a line, or only two: the tree is the chain along it
        along = places - places[0]
        order = np.argsort(along @ np.linalg.svd(along, full_matrices=False)[2][0])
        return np.column_stack([order[:-1], order[1:]])
    corners = triangles.simplices
    pairs = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
    # Qhull leaves out points within rounding of a corner, and names that corner.
    pairs = np.sort(np.concatenate([pairs, triangles.coplanar[:, [0, 2]]]), axis=1)
    key = np.unique(pairs[:, 0].astype(np.int64) * len(places) + pairs[:, 1])
    return np.column_stack(np.divmod(key, len(places)))
