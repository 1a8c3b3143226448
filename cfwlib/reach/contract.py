"""Reduce a graph to the nodes that matter, with the same shortest times between them."""

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
_Edges = tuple[Ints, Ints, Floats, Floats]  # low and high node, minutes from low to high and back (inf = no way)

_MOST_NEIGHBOURS = 10  # taking out a node of more would put in more arcs than it saves
_ENOUGH = 0.03  # stop when a round takes out a smaller share of the nodes


def contract(graph: csr_array, keep: Ints) -> tuple[csr_array, Ints]:
    """Return a smaller graph in which the shortest time between any two kept nodes is as before.

    Nodes with few neighbours are taken out, many at a time, none of them next to another; each is replaced by arcs
    between its neighbours, the fastest of parallel arcs counting. This is the elimination behind contraction
    hierarchies (Geisberger, Sanders, Schultes and Delling 2008) without their search, on whole arrays.

    Parameters
    ----------
    graph
        Minutes from row node to column node, shape (nodes, nodes), at least 0.
    keep
        Numbers of the nodes to keep; repeats are allowed.

    Returns
    -------
    core
        The smaller graph.
    number
        Each node's number in it, shape (nodes,); -1 = taken out.
    """
    size = graph.shape[0]
    kept = np.zeros(size, dtype=bool)
    kept[keep] = True
    mixed = np.arange(size) * 2_654_435_761 % (1 << 32)  # neighbours in number must not queue behind one another
    edges, left = _edges(graph), size
    while True:
        out = _independent(edges, kept, mixed)
        left -= (gone := int(out.sum()))
        edges = _take_out(edges, out, size) if gone else edges
        if gone <= _ENOUGH * left:
            break
    low, high, there, back = edges
    nodes = np.unique(np.concatenate([low, high, np.flatnonzero(kept)]))
    number = np.full(size, -1)
    number[nodes] = np.arange(len(nodes))
    rows, columns = np.concatenate([low, high]), np.concatenate([high, low])
    minutes = np.concatenate([there, back])
    way = np.isfinite(minutes)
    core = csr_array((minutes[way], (number[rows[way]], number[columns[way]])), shape=(len(nodes), len(nodes)))
    return core, number


def _edges(graph: csr_array) -> _Edges:
    arcs = graph.tocoo()
    rows, columns, minutes = arcs.row.astype(np.int64), arcs.col.astype(np.int64), arcs.data.astype(float)
    up, loop = rows < columns, rows == columns
    there, back = np.where(up, minutes, np.inf), np.where(up, np.inf, minutes)
    low, high = np.minimum(rows, columns), np.maximum(rows, columns)
    return _fastest(low[~loop], high[~loop], there[~loop], back[~loop], graph.shape[0])


def _fastest(low: Ints, high: Ints, there: Floats, back: Floats, size: int) -> _Edges:
    """Make one edge of all between the same two nodes."""
    if not len(low):
        return low, high, there, back
    key = low * size + high
    order = np.argsort(key, kind="stable")
    first = np.flatnonzero(np.diff(key[order], prepend=-1))
    there, back = (np.minimum.reduceat(minutes[order], first) for minutes in (there, back))
    return low[order[first]], high[order[first]], there, back


def _independent(edges: _Edges, kept: npt.NDArray[np.bool_], mixed: Ints) -> npt.NDArray[np.bool_]:
    """Choose nodes of few neighbours, fewest first, no two of them joined."""
    low, high, *_ = edges
    size = len(kept)
    neighbours = np.bincount(low, minlength=size) + np.bincount(high, minlength=size)
    chosen = (neighbours > 0) & (neighbours <= _MOST_NEIGHBOURS) & ~kept
    rank = (neighbours << 32) + mixed
    rivals = chosen[low] & chosen[high]
    low, high = low[rivals], high[rivals]
    chosen[np.where(rank[low] < rank[high], high, low)] = False
    return chosen


def _take_out(edges: _Edges, out: npt.NDArray[np.bool_], size: int) -> _Edges:
    low, high, there, back = edges
    at_low, at_high = out[low], out[high]
    middle = np.concatenate([low[at_low], high[at_high]])
    order = np.argsort(middle, kind="stable")
    middle, end = middle[order], np.concatenate([high[at_low], low[at_high]])[order]
    leave = np.concatenate([there[at_low], back[at_high]])[order]
    enter = np.concatenate([back[at_low], there[at_high]])[order]
    stay = ~(at_low | at_high)
    parts = [(low[stay], high[stay], there[stay], back[stay])]
    for step in range(1, _MOST_NEIGHBOURS):  # a node's edges lie together: pair each with those after it
        one = np.flatnonzero(middle[:-step] == middle[step:])
        two = one + step
        a, b = end[one], end[two]
        ab, ba = enter[one] + leave[two], enter[two] + leave[one]
        swap = a > b
        parts.append((np.where(swap, b, a), np.where(swap, a, b), np.where(swap, ba, ab), np.where(swap, ab, ba)))
    low, high, there, back = (np.concatenate(column) for column in zip(*parts, strict=True))
    useful = np.isfinite(there) | np.isfinite(back)
    return _fastest(low[useful], high[useful], there[useful], back[useful], size)
