import json

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.sparse.csgraph import floyd_warshall
from scipy.spatial.distance import cdist

from aelatent.latent.routes import densest, neighbor_graph

CLOUD = np.random.default_rng(3).normal(size=(120, 4)) * [3, 2, 1, 1] + 5
GRAPH = neighbor_graph(CLOUD, k=5)


def all_costs(power):
    """Cost of the steps between 5 neighbors, from a table of all distances; infinite elsewhere."""
    far = cdist(CLOUD, CLOUD)
    np.fill_diagonal(far, np.inf)
    near = far <= np.sort(far, axis=1)[:, 4:5]
    return np.where(near | near.T, far, np.inf) ** power


@pytest.mark.parametrize("power", [1, 2.5, 30])
def test_edges_join_neighbors_and_cost_a_power_of_their_length(power):
    graph = neighbor_graph(CLOUD, 5, power=power)
    costs, expected = graph.costs.toarray(), all_costs(power)
    expected = np.triu(np.where(np.isinf(expected), 0, expected))
    ratio = costs[expected > 0] / expected[expected > 0]
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-9)  # all in the same unit
    assert graph.costs.nnz == np.count_nonzero(expected)
    assert (graph.k, graph.power) == (5, power)


@settings(max_examples=40)
@given(st.integers(0, 119), st.integers(1, 119), st.sampled_from([1.0, 2.0, 4.0, 9.0]))
def test_no_route_is_cheaper(start, step, power):
    end = (start + step) % 120
    costs = all_costs(power)
    rows = densest(CLOUD, neighbor_graph(CLOUD, 5, power=power), start, end).made["rows"]
    assert (rows[0], rows[-1]) == (start, end)
    paid = costs[rows[:-1], rows[1:]].sum()
    assert paid == pytest.approx(floyd_warshall(costs)[start, end], rel=1e-9)


def test_points_are_evenly_spaced_along_the_polyline():
    path = densest(CLOUD, GRAPH, 3, 77, n=400)
    corners = CLOUD[path.made["rows"]]
    assert len(corners) > 3
    length = np.linalg.norm(np.diff(corners, axis=0), axis=1).sum()
    assert path.made["length"] == pytest.approx(length)
    np.testing.assert_array_equal(path.z[[0, -1]], CLOUD[[3, 77]].astype(np.float32))
    np.testing.assert_allclose(path.t, np.linspace(0, 1, 400))
    # Only at the corners are the steps shorter, as they cut them.
    steps = np.linalg.norm(np.diff(path.z.astype(float), axis=0), axis=1)
    assert steps.max() < 1.001 * length / 399
    assert np.count_nonzero(steps < 0.999 * length / 399) <= len(corners) - 2
    # Every corner has a point of the path within half a step.
    assert cdist(corners, path.z).min(axis=1).max() <= 0.501 * length / 399
    back = densest(CLOUD, GRAPH, 77, 3)
    assert (len(back), back.made["rows"]) == (8, path.made["rows"][::-1])


def test_a_path_says_how_it_was_made():
    path = densest(CLOUD.astype(np.float32), GRAPH, 3, 77, n=6)
    assert (path.z.dtype, path.kind, path.unit) == (np.float32, "densest route", "share")
    assert json.loads(json.dumps(path.made)) == path.made
    known = {name: path.made[name] for name in ("start", "end", "k", "power", "n")}
    assert known == {"start": 3, "end": 77, "k": 5, "power": 4.0, "n": 6}


def test_higher_powers_keep_to_the_dense_ridge():
    # Half a circle of radius 10 in a thin background; the straight way between its ends is thin.
    rng = np.random.default_rng(4)
    turn = np.linspace(0, np.pi, 300)
    ridge = 10 * np.stack([np.cos(turn), np.sin(turn)], axis=1) + rng.normal(0, 0.1, (300, 2))
    z = np.vstack([ridge, rng.uniform([-12, -4], [12, 12], (150, 2))])
    straight, default, far = (
        densest(z, neighbor_graph(z, 20, power=power), 0, 299).made for power in (1, 4, 8)
    )
    assert straight["length"] < 24  # about straight across: 20
    assert 0.95 < default["length"] / (10 * np.pi) < 1.3
    assert np.mean(np.array(far["rows"]) < 300) > 0.95


def test_copies_of_a_point_cost_nothing_and_add_no_corner():
    line = np.arange(6.0)[:, None] * [1, 2]
    z = np.repeat(line, 3, axis=0)
    graph = neighbor_graph(z, k=4)
    np.testing.assert_allclose(densest(z, graph, 0, 17, n=6).z, line, atol=1e-6)
    still = densest(z, graph, 3, 5, n=4)  # two copies: a way of no length
    np.testing.assert_array_equal(still.z, np.tile(z[3], (4, 1)))
    assert still.made["length"] == 0


def test_near_copies_keep_their_distance_far_from_the_origin():
    z = np.full((4, 20), 1e4, np.float32)
    z[:, 3] = [0, 1e-3, 5, 20]
    costs = neighbor_graph(z, k=1, power=1).costs.toarray()
    assert costs[0, 1] / costs[1, 2] == pytest.approx(1e-3 / 4.999, rel=1e-4)


def test_ends_in_separate_parts_are_refused():
    z = np.vstack([CLOUD, CLOUD[:30] + 1000])
    with pytest.raises(ValueError, match="from z-point 7 to 130: they lie in parts of 120 and 30"):
        densest(z, neighbor_graph(z, k=5), 7, 130)


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: neighbor_graph(np.full((20, 3), 0.1)), "all 20 z-points are the same"),
        (lambda: neighbor_graph(CLOUD, power=1e6), "power must leave costs in range; got 1000000"),
        (lambda: densest(CLOUD[:50], GRAPH, 3, 77), "120 z-points.* 50"),
        (lambda: densest(CLOUD, GRAPH, 77, 77), "rows of 0 to 119; got 77 and 77"),
        (lambda: densest(CLOUD, GRAPH, 3, 120), "rows of 0 to 119; got 3 and 120"),
        (lambda: densest(CLOUD, GRAPH, -1, 77), "rows of 0 to 119; got -1 and 77"),
        (lambda: densest(CLOUD, GRAPH, 3, 1.5), "rows of 0 to 119; got 3 and 1.5"),
    ],
)
def test_what_has_no_graph_or_route_is_refused(call, match):
    with pytest.raises(ValueError, match=match):
        call()
