"""Shortest times on a directed graph: matrices, nearest and k nearest destinations, and the paths themselves.

A graph is a sparse matrix of minutes from row node to column node. The searches are SciPy's Dijkstra, always from the
fewer side: towards few destinations on the reversed graph. Where many searches are due, the graph is first reduced to
the nodes that matter (`contract`), which changes no answer.
"""

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from cfwlib.reach.contract import contract

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_CURVE_BITS = 16
_MANY_SEARCHES = 8  # reducing the graph costs about as much as four searches of it
_BLOCK = 64  # destinations searched at once for the k nearest: bounds the memory


def curve_order(places: Floats) -> Ints:
    """Return nodes in the order of a Hilbert curve, so that neighbours in space are neighbours in memory.

    Parameters
    ----------
    places
        Coordinates, shape (nodes, 2), in any unit.

    Returns
    -------
    order
        Node numbers, shape (nodes,). Source: Skilling (2004), Programming the Hilbert curve, in two dimensions.
    """
    if not len(places):
        return np.zeros(0, dtype=np.int64)
    top = (1 << _CURVE_BITS) - 1
    low, span = places.min(axis=0), max(float(np.ptp(places, axis=0).max()), 1e-9)
    x, y = ((places - low) / span * top).astype(np.int64).T
    along = np.zeros(len(places), dtype=np.int64)
    for bit in range(_CURVE_BITS - 1, -1, -1):
        right, upper = (x >> bit & 1).astype(bool), (y >> bit & 1).astype(bool)
        along += ((3 * right) ^ upper).astype(np.int64) << (2 * bit)
        flip = right & ~upper
        x, y = np.where(flip, top - x, x), np.where(flip, top - y, y)
        x, y = np.where(upper, x, y), np.where(upper, y, x)
    return np.argsort(along, kind="stable")


def graph_of(from_node: Ints, to_node: Ints, minutes: Floats, size: int) -> tuple[csr_array, Ints]:
    """Return the graph of some arcs, and which arc each of its entries is.

    Of parallel arcs the fastest counts (a sparse matrix would add them up), the first given where they are equal; arcs
    from a node to itself are left out. An arc of no minutes stays an arc.

    Parameters
    ----------
    from_node, to_node
        Node numbers, shape (arcs,).
    minutes
        At least 0, shape (arcs,); NaN = this arc cannot be used.
    size
        Number of nodes.

    Returns
    -------
    graph
        Minutes, shape (size, size), rows sorted by column.
    arc
        Number of the arc behind each stored entry, in the order of `graph.data`.

    Raises
    ------
    ValueError
        When minutes are negative.
    """
    if (minutes < 0).any():
        raise ValueError("travel minutes must not be negative.")
    usable = np.flatnonzero(~np.isnan(minutes) & (from_node != to_node))
    key = from_node[usable].astype(np.int64) * size + to_node[usable]
    by_key = np.lexsort((minutes[usable], key))
    first = np.flatnonzero(np.diff(key[by_key], prepend=-1))
    arc = usable[by_key[first]]
    rows = np.searchsorted(from_node[arc], np.arange(size + 1)).astype(np.int32)
    return csr_array((minutes[arc].astype(float), to_node[arc].astype(np.int32), rows), shape=(size, size)), arc


def times(graph: csr_array, origins: Ints, destinations: Ints, *, limit_min: float = np.inf) -> Floats:
    """Return minutes from every origin to every destination, shape (origins, destinations).

    Parameters
    ----------
    graph
        From `graph_of`.
    origins, destinations
        Node numbers; repeats are allowed.
    limit_min
        Journeys longer than this are not looked for.

    Returns
    -------
    minutes
        inf = no way, or longer than the limit; the limit itself is found.
    """
    origins, destinations = np.asarray(origins, dtype=np.int64), np.asarray(destinations, dtype=np.int64)
    forward = len(origins) <= len(destinations)
    few, many = (origins, destinations) if forward else (destinations, origins)
    if not len(few):
        return np.zeros((len(origins), len(destinations)))
    if len(few) >= _MANY_SEARCHES:
        graph, number = contract(graph, np.concatenate([few, many]))
        few, many = number[few], number[many]
    found = dijkstra(graph if forward else graph.T.tocsr(), indices=few, limit=limit_min)[:, many]
    return found if forward else np.ascontiguousarray(found.T)


def nearest_times(
    graph: csr_array, destinations: Ints, *, start_min: Floats | None = None, limit_min: float = np.inf
) -> tuple[Floats, Ints]:
    """Return every node's minutes to its nearest destination, and which one that is.

    Parameters
    ----------
    graph
        From `graph_of`.
    destinations
        Node numbers.
    start_min
        Minutes still to go at each destination's node, such as from the road to the door; 0 if not given.
    limit_min
        Longest journey looked for, those minutes included.

    Returns
    -------
    minutes, which
        Shape (nodes,) each: inf and -1 where no destination is in reach.
    """
    size, count = graph.shape[0], len(destinations)
    if not count:
        return np.full(size, np.inf), np.full(size, -1)
    backward, doors = graph.T.tocsr(), np.asarray(destinations, dtype=np.int64)
    if start_min is not None:  # a node of its own behind each destination, whose one arc is what is still to go
        backward = csr_array(
            (
                np.concatenate([backward.data, start_min]),
                np.concatenate([backward.indices, doors]),
                np.concatenate([backward.indptr, backward.indptr[-1] + 1 + np.arange(count)]),
            ),
            shape=(size + count, size + count),
        )
        doors = size + np.arange(count)
    minutes, _, source = dijkstra(backward, indices=doors, min_only=True, limit=limit_min, return_predecessors=True)
    which = np.full(size + count, -1)
    which[doors[::-1]] = np.arange(count)[::-1]  # of two destinations at one node the first given
    reached = np.isfinite(minutes[:size])
    return minutes[:size], np.where(reached, which[np.where(reached, source[:size], 0)], -1)


def nearest_k(
    graph: csr_array,
    origins: Ints,
    destinations: Ints,
    k: int,
    *,
    start_min: Floats | None = None,
    limit_min: float = np.inf,
) -> tuple[Floats, Ints]:
    """Return each origin's minutes to its k nearest destinations, nearest first, and which they are.

    Parameters
    ----------
    graph
        From `graph_of`.
    origins, destinations
        Node numbers.
    k
        How many; rows are filled up with inf and -1 where fewer are in reach.
    start_min
        Minutes still to go at each destination's node; 0 if not given.
    limit_min
        Longest journey looked for, those minutes not included.

    Returns
    -------
    minutes, which
        Shape (origins, k) each; of equally near destinations the first given comes first.
    """
    if len(destinations) >= _MANY_SEARCHES:
        graph, number = contract(graph, np.concatenate([origins, destinations]))
        origins, destinations = number[origins], number[destinations]
    best = np.full((len(origins), k), np.inf)
    which = np.full((len(origins), k), -1)
    backward = graph.T.tocsr()
    for start in range(0, len(destinations), _BLOCK):
        block = np.arange(start, min(start + _BLOCK, len(destinations)))
        found = dijkstra(backward, indices=destinations[block], limit=limit_min)[:, origins].T
        minutes = np.hstack([best, found if start_min is None else found + start_min[block]])
        names = np.hstack([which, np.broadcast_to(block, (len(origins), len(block)))])
        order = np.argsort(minutes, axis=1, kind="stable")[:, :k]
        best, which = np.take_along_axis(minutes, order, axis=1), np.take_along_axis(names, order, axis=1)
    return best, np.where(np.isfinite(best), which, -1)


def paths(graph: csr_array, origins: Ints, ends: Ints) -> tuple[Ints, Ints]:
    """Return the fastest path of every origin to every end, as the graph entries it uses.

    Parameters
    ----------
    graph
        From `graph_of`.
    origins, ends
        Node numbers.

    Returns
    -------
    journey, entry
        Shape (steps,) each: journey number (origin × number of ends + end) and position in `graph.data`, each journey's
        steps from its end back to its origin. A journey without a way, or of no step, has none.
    """
    if not len(origins) or not len(ends):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    _, before = dijkstra(graph, indices=origins, return_predecessors=True)
    size = graph.shape[0]
    row = np.repeat(np.arange(size, dtype=np.int64), np.diff(graph.indptr))
    key = row * size + graph.indices
    journey = np.arange(len(origins) * len(ends))
    here = np.tile(np.asarray(ends, dtype=np.int64), len(origins))
    journeys, entries = [], []
    while True:
        previous = before[journey // len(ends), here].astype(np.int64)
        on = previous >= 0
        if not on.any():
            break
        journey, here, previous = journey[on], here[on], previous[on]
        journeys.append(journey)
        entries.append(np.searchsorted(key, previous * size + here))
        here = previous
    if not journeys:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    return np.concatenate(journeys), np.concatenate(entries)
