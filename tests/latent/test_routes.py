import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import floyd_warshall
from scipy.spatial.distance import cdist

from aelatent.latent.routes import densest, neighbor_graph

CLOUD = np.random.default_rng(3).normal(size=(120, 4)) * [3, 2, 1, 1] + 5
GRAPH = neighbor_graph(CLOUD, k=5)


def all_costs(z, k, power):
    """Cost of the steps between neighbors, from a table of all distances; infinite elsewhere."""
    far = cdist(z, z)
    np.fill_diagonal(far, np.inf)
    near = far <= np.sort(far, axis=1)[:, k - 1 : k]
    return np.where(near | near.T, far, np.inf) ** power


@pytest.mark.parametrize("k", [1, 4])
@pytest.mark.parametrize("power", [1, 2.5, 30])
def test_edges_join_neighbors_and_cost_a_power_of_their_length(k, power):
    graph = neighbor_graph(CLOUD, k, power=power)
    costs = graph.costs.toarray()
    assert (np.tril(costs) == 0).all()
    expected = np.triu(np.where(np.isinf(all := all_costs(CLOUD, k, power)), 0, all))
    ratio = costs[expected > 0] / expected[expected > 0]
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-9)  # all in the same unit
    assert graph.costs.nnz == np.count_nonzero(expected)
    assert (graph.k, graph.power) == (k, power)


@settings(max_examples=40)
@given(st.integers(0, 119), st.integers(1, 119), st.sampled_from([1.0, 2.0, 4.0, 9.0]))
def test_no_route_is_cheaper(start, step, power):
    end = (start + step) % 120
    costs = all_costs(CLOUD, 5, power)
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


def test_a_path_says_how_it_was_made():
    path = densest(CLOUD.astype(np.float32), GRAPH, 3, 77, n=6)
    assert path.z.shape == (6, 4)
    assert path.z.dtype == np.float32
    assert (path.kind, path.unit) == ("densest route", "share")
    assert path.t.dtype == np.float64
    assert json.loads(json.dumps(path.made)) == path.made
    known = {name: path.made[name] for name in ("start", "end", "k", "power", "n")}
    assert known == {"start": 3, "end": 77, "k": 5, "power": 4.0, "n": 6}


def test_there_and_back_is_one_way():
    there, back = densest(CLOUD, GRAPH, 3, 77), densest(CLOUD, GRAPH, 77, 3)
    assert len(there) == 8
    assert there.made["rows"] == back.made["rows"][::-1]
    np.testing.assert_allclose(there.z, back.z[::-1], atol=1e-5)


def horseshoe():
    """A bent dense ridge in a thin background; the straight way between its ends is thin."""
    rng = np.random.default_rng(4)
    turn = np.linspace(0, np.pi, 300)
    ridge = 10 * np.stack([np.cos(turn), np.sin(turn)], axis=1) + rng.normal(0, 0.1, (300, 2))
    return np.vstack([ridge, rng.uniform([-12, -4], [12, 12], (150, 2))])


def test_higher_powers_keep_to_the_dense_ridge():
    z = horseshoe()
    share, length = [], []
    for power in (1, 2, 4, 8):
        made = densest(z, neighbor_graph(z, 20, power=power), 0, 299).made
        share.append(np.mean(np.array(made["rows"]) < 300))
        length.append(made["length"])
    assert length[0] < 24  # about straight across: 20
    assert length == sorted(length)
    assert share[-1] > 0.95
    assert share[0] < 0.5
    # By the default, too, the way is that of the ridge: half a circle of radius 10.
    assert 0.95 < length[2] / (10 * np.pi) < 1.3


def test_copies_of_a_point_cost_nothing_and_add_no_corner():
    line = np.arange(6.0)[:, None] * [1, 2]
    z = np.repeat(line, 3, axis=0)
    graph = neighbor_graph(z, k=4)
    path = densest(z, graph, 0, 17, n=6)
    np.testing.assert_allclose(path.z, line, atol=1e-6)
    # Two copies: a way of no length.
    still = densest(z, graph, 3, 5, n=4)
    np.testing.assert_array_equal(still.z, np.tile(z[3], (4, 1)))
    assert still.made["length"] == 0


def test_near_copies_keep_their_distance_far_from_the_origin():
    z = np.full((4, 20), 1e4, np.float32)
    z[:, 3] = [0, 1e-3, 5, 20]
    costs = neighbor_graph(z, k=1, power=1).costs.toarray()
    assert costs[0, 1] / costs[1, 2] == pytest.approx(1e-3 / 4.999, rel=1e-4)


def test_ends_in_separate_parts_are_refused():
    z = np.vstack([CLOUD, CLOUD[:30] + 1000])
    graph = neighbor_graph(z, k=5)
    densest(z, graph, 0, 119)
    with pytest.raises(ValueError, match=r"from z-point 7 to 130: they lie in parts of 120 and 30"):
        densest(z, graph, 7, 130)


def test_whole_numbers_and_float32_give_the_same_route():
    for z in (CLOUD.astype(np.float32), np.round(CLOUD * 1000).astype(np.int16)):
        path = densest(z, neighbor_graph(z, k=5), 3, 77)
        assert path.made["rows"] == densest(CLOUD, GRAPH, 3, 77).made["rows"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: neighbor_graph(CLOUD[:15]), "k must be a whole number from 1 to 14; got 15"),
        (lambda: neighbor_graph(np.full((20, 3), 0.1)), "all 20 z-points are the same"),
        (lambda: neighbor_graph(CLOUD, 0), "k must be a whole number from 1 to 119; got 0"),
        (lambda: neighbor_graph(CLOUD, power=0.9), "power must be a finite number of at least 1"),
        (lambda: neighbor_graph(CLOUD, power=1e6), "power must leave costs in range; got 1000000"),
    ],
)
def test_what_has_no_graph_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"z": CLOUD[:50]}, "the graph has 120 z-points, z has 50"),
        ({"start": 77}, "two different rows of 0 to 119; got 77 and 77"),
        ({"end": 120}, "two different rows of 0 to 119; got 3 and 120"),
        ({"start": -1}, "two different rows of 0 to 119; got -1 and 77"),
        ({"end": 1.5}, "two different rows of 0 to 119; got 3 and 1.5"),
        ({"n": 1}, "n must be a whole number, at least 2; got 1"),
    ],
)
def test_densest_refuses(change, message):
    arguments = {"z": CLOUD, "graph": GRAPH, "start": 3, "end": 77} | change
    with pytest.raises(ValueError, match=message):
        densest(**arguments)
