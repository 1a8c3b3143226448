"""Shortest times on small directed graphs, held against networkx; the reduced graph, the curve and the paths."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfwlib.reach.contract import contract
from cfwlib.reach.graph import curve_order, graph_of, nearest_k, nearest_times, paths, times

MINUTES = st.sampled_from([0.0, 0.5, 1.0, 2.0, 3.7]) | st.floats(0, 90)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[int, list[tuple[int, int, float]]]:
    """Directed graphs with parallel arcs, arcs of no minutes, loops, one-ways and unconnected parts."""
    size = draw(st.integers(2, 24))
    node = st.integers(0, size - 1)
    return size, draw(st.lists(st.tuples(node, node, MINUTES), max_size=70))


def both(graph: tuple[int, list[tuple[int, int, float]]]):  # type: ignore[no-untyped-def]
    size, arcs = graph
    oracle = nx.MultiDiGraph()
    oracle.add_nodes_from(range(size))
    oracle.add_weighted_edges_from(arcs)
    columns = np.array(arcs, dtype=float).reshape(-1, 3).T
    ours, _ = graph_of(columns[0].astype(int), columns[1].astype(int), columns[2], size)
    known = dict(nx.all_pairs_dijkstra_path_length(oracle))
    return ours, np.array([[known[a].get(b, np.inf) for b in range(size)] for a in range(size)])


def same(found: np.ndarray, expected: np.ndarray) -> None:
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


@settings(max_examples=200, deadline=None)
@given(graphs(), st.data())
def test_times_agree_with_networkx(graph, data) -> None:  # type: ignore[no-untyped-def]
    """Every way of asking (few to many, many to few, reduced or not) gives networkx's minutes."""
    ours, expected = both(graph)
    nodes = st.lists(st.integers(0, graph[0] - 1), min_size=1, max_size=14)
    origins, ends = np.array(data.draw(nodes)), np.array(data.draw(nodes))
    same(times(ours, origins, ends), expected[np.ix_(origins, ends)])


@settings(max_examples=100, deadline=None)
@given(graphs(), st.data())
def test_a_reduced_graph_keeps_every_time(graph, data) -> None:  # type: ignore[no-untyped-def]
    """Taking nodes out changes no time between those that stay, whichever they are."""
    ours, expected = both(graph)
    keep = np.array(data.draw(st.lists(st.integers(0, graph[0] - 1), min_size=1, max_size=6)))
    core, number = contract(ours, keep)
    everyone = np.arange(core.shape[0])
    assert (number[keep] >= 0).all()
    same(times(core, everyone, everyone)[np.ix_(number[keep], number[keep])], expected[np.ix_(keep, keep)])


@settings(max_examples=100, deadline=None)
@given(graphs(), st.data())
def test_nearest_agrees_with_the_whole_matrix(graph, data) -> None:  # type: ignore[no-untyped-def]
    """The nearest and the k nearest are the least of all, and what is still to go at a destination counts."""
    ours, expected = both(graph)
    ends = np.array(data.draw(st.lists(st.integers(0, graph[0] - 1), min_size=1, max_size=8)))
    start = np.array(data.draw(st.lists(st.floats(0, 5), min_size=len(ends), max_size=len(ends))))
    for to_go in (np.zeros(len(ends)), start):
        minutes, which = nearest_times(ours, ends, start_min=to_go)
        total = expected[:, ends] + to_go
        same(minutes, total.min(axis=1))
        there = np.isfinite(minutes)
        same(total[there, which[there]], minutes[there])
        assert (which[~there] == -1).all()
    best, which = nearest_k(ours, np.arange(graph[0]), ends, 3)
    filled = np.hstack([expected[:, ends], np.full((graph[0], 3), np.inf)])
    same(best, np.sort(filled, axis=1)[:, :3])
    assert ((which >= 0) == np.isfinite(best)).all()


@settings(max_examples=100, deadline=None)
@given(graphs(), st.data())
def test_a_path_takes_as_long_as_it_says(graph, data) -> None:  # type: ignore[no-untyped-def]
    """The arcs of each path are joined end to end from origin to destination, and their minutes add up to the time."""
    ours, expected = both(graph)
    node = st.integers(0, graph[0] - 1)
    origins, ends = np.array([data.draw(node), data.draw(node)]), np.array([data.draw(node) for _ in range(3)])
    journey, entry = paths(ours, origins, ends)
    rows = np.repeat(np.arange(graph[0]), np.diff(ours.indptr))
    for number in range(6):
        origin, end = origins[number // 3], ends[number % 3]
        steps = entry[journey == number][::-1]
        stations = [origin, *ours.indices[steps]]
        if np.isinf(expected[origin, end]):
            assert len(steps) == 0
        else:
            assert stations[-1] == end
            assert stations[:-1] == list(rows[steps])
            assert ours.data[steps].sum() == pytest.approx(expected[origin, end], rel=1e-9, abs=1e-12)


def test_a_limit_itself_is_found() -> None:
    """A journey of exactly the limit counts, one a little longer does not; searched from either side."""
    ours, _ = graph_of(np.array([0, 1]), np.array([1, 2]), np.array([10.0, 5.0]), 3)
    for origins in ([0], [0, 0, 0]):
        assert times(ours, np.array(origins), np.array([2, 1]), limit_min=15)[0].tolist() == [15, 10]
        assert times(ours, np.array(origins), np.array([2, 1]), limit_min=14.9)[0].tolist() == [np.inf, 10]


def test_of_parallel_arcs_the_fastest_is_named() -> None:
    """A sparse matrix would add parallel arcs up; here the fastest counts, and is the arc that is told."""
    ours, arc = graph_of(np.array([0, 0, 0, 1]), np.array([1, 1, 1, 1]), np.array([3.0, 2.0, np.nan, 1.0]), 2)
    assert ours.toarray().tolist() == [[0, 2], [0, 0]]
    assert arc.tolist() == [1]


def test_negative_minutes_are_refused() -> None:
    """Dijkstra would answer, and be wrong."""
    with pytest.raises(ValueError, match="negative"):
        graph_of(np.array([0]), np.array([1]), np.array([-1.0]), 2)


def test_nobody_and_nothing() -> None:
    """No origin, no destination, no arc: empty answers, not errors."""
    ours, _ = graph_of(np.zeros(0, int), np.zeros(0, int), np.zeros(0), 3)
    none = np.zeros(0, dtype=int)
    assert times(ours, none, np.array([1])).shape == (0, 1)
    assert times(ours, np.array([1]), none).shape == (1, 0)
    assert times(ours, np.array([1]), np.array([1, 2])).tolist() == [[0, np.inf]]
    assert np.isinf(nearest_times(ours, none)[0]).all()
    assert curve_order(np.zeros((0, 2))).size == 0


def test_the_curve_visits_every_cell_by_single_steps() -> None:
    """On a grid of 16 by 16 the order is a Hilbert curve: all cells, each next to the one before."""
    places = np.array([(x, y) for x in range(16) for y in range(16)], dtype=float)
    walked = places[curve_order(places * (1 - 1e-9))]
    assert len({tuple(place) for place in walked}) == 256
    assert (np.abs(np.diff(walked, axis=0)).sum(axis=1) == 1).all()
