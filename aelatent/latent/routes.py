"""Routes through the densest parts of a cloud of z-points: Fermat paths, see `neighbor_graph`."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components, dijkstra

from aelatent._checks import (
    check_each,
    check_finite,
    check_number,
    check_pair,
    check_points,
    check_varies,
    check_whole,
)
from aelatent.latent.neighbors import find_others
from aelatent.latent.paths import LatentPath

_EDGES = 4096  # edges measured at a time: 8 MB as float64 at 256 components


@dataclass(frozen=True, eq=False)
class NeighborGraph:
    """What a step between neighboring z-points costs; `neighbor_graph` makes one."""

    costs: sparse.csr_array  # float64 (n, n): each edge once, from the lower row to the higher
    k: int  # neighbors that each z-point has edges to, at least
    power: float  # of the distance in the cost


def neighbor_graph(z: np.ndarray, k: int = 15, *, power: float = 4.0) -> NeighborGraph:
    """Join each z-point with its nearest ones; a step costs a power of its Euclidean distance.

    The cheapest route is a *Fermat* path (Groisman, Jonckheere & Sapienza 2022): a unit of length
    costs the ``power - 1``-th power of the local spacing. At 1 length alone counts; at 4 a unit
    costs eight times as much where z-points lie twice as far apart.

    Parameters
    ----------
    k : int
        Neighbors of each z-point, at least 1 and below n. An edge is there if one of the two has
        the other among its `k` nearest. Time grows as n² d: 5 s for 20,000 x 256 on 2 cores.
    power : float
        1 or more. Between random pairs of 20,000 portraits routes are on average 1.9, 2.3 and 4.2
        times as long as the straight line at powers 1, 4 and 12.

    Returns
    -------
    NeighborGraph
        Of all n z-points, for `densest`.
    """
    power = check_number("power", power, least=1, hint="At 1, length alone counts.")
    z = check_finite(z)
    n = len(z)
    k = check_whole("k", k, 1, n - 1, hint="Pass more rows, or ask for fewer neighbors.")
    near = find_others(z, k)[1]
    pairs = np.stack([np.repeat(np.arange(n), k), near.ravel()], axis=1)
    pairs.sort(axis=1)
    low, high = np.divmod(np.unique(pairs[:, 0] * n + pairs[:, 1]), n)
    lengths = _lengths(z, low, high)
    typical = lengths.mean()  # keeps high powers in range
    check_varies(n, typical > 0)
    with np.errstate(over="ignore"):
        costs = (lengths / typical) ** power
    if not np.isfinite(costs).all():
        raise ValueError(
            f"power must leave costs in range; got {power!r}, with steps up to "
            f"{lengths.max() / typical:.3g} times the mean. Try 4."
        )
    # The routines of SciPy keep stored zeros as edges that cost nothing.
    return NeighborGraph(sparse.csr_array((costs, (low, high)), (n, n)), k, power)


def densest(z: np.ndarray, graph: NeighborGraph, start: int, end: int, n: int = 8) -> LatentPath:
    """Go from one z-point to another by the cheapest steps, from neighbor to neighbor.

    Parameters
    ----------
    graph : NeighborGraph
        Of `z`; where no edges join the two ends there is no route (ValueError).
    start, end : int
        Rows of two z-points.
    n : int
        Points on the path, at least 2: evenly spaced by length along the straight pieces from
        z-point to z-point, so most of them lie between z-points.

    Returns
    -------
    LatentPath
        `t` is the share of the length, 0..1. ``made["rows"]``: the z-points on the way, both ends
        included; ``made["length"]``: in units of z.

    Examples
    --------
    >>> z = np.array([[0.0, 0], [1, 1], [2, 1], [3, 0], [1, 9]])
    >>> densest(z, neighbor_graph(z, k=2), 0, 3, n=3).made["rows"]
    [0, 1, 2, 3]
    """
    z = check_points(z)
    check_each("a row of z", z, graph.costs.shape[0], "z-points of the graph")
    start, end = check_pair(start, end, 0, len(z) - 1, "rows")
    share = np.linspace(0, 1, check_whole("n", n, 2))
    rows = _cheapest(graph, start, end)
    corners = check_finite(z[rows]).astype(np.float64)
    lengths = np.linalg.norm(np.diff(corners, axis=0), axis=1)
    moved = np.append(True, lengths > 0)  # copies of a z-point are one corner
    corners, gone = corners[moved], np.append(0, np.cumsum(lengths))[moved]
    where = share * gone[-1]
    between = np.stack([np.interp(where, gone, column) for column in corners.T], axis=1)
    made = {"rows": rows, "length": float(gone[-1]), "k": graph.k, "power": graph.power}
    made |= {"start": start, "end": end, "n": len(share)}
    return LatentPath(between.astype(np.float32), share, "share", "densest route", made)


def _cheapest(graph: NeighborGraph, start: int, end: int) -> list[int]:
    """Return the rows on the cheapest route, both ends included."""
    before = dijkstra(graph.costs, directed=False, indices=start, return_predecessors=True)[1]
    if before[end] < 0:
        part = connected_components(graph.costs, directed=False)[1]
        sizes = [np.count_nonzero(part == part[row]) for row in (start, end)]
        raise ValueError(
            f"no edges lead from z-point {start} to {end}: they lie in parts of {sizes[0]:,} and "
            f"{sizes[1]:,} z-points. Make the graph with more neighbors than {graph.k}."
        )
    rows = [end]
    while rows[-1] != start:
        rows.append(int(before[rows[-1]]))
    return rows[::-1]


def _lengths(z: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return the length of each edge, float64: the search leaves few digits to short ones."""
    lengths = np.empty(len(low))
    for begin in range(0, len(low), _EDGES):
        part = slice(begin, begin + _EDGES)
        steps = z[high[part]].astype(np.float64) - z[low[part]]
        lengths[part] = np.linalg.norm(steps, axis=1)
    return lengths
