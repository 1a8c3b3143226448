"""Hide further cells, as few and as small as will do, until no hidden count can be worked out."""

from collections.abc import Hashable

import numpy as np
import scipy.sparse as sp

from cfwlib.disclosure.audit import Possible, narrow
from cfwlib.disclosure.cells import WIDE, Cells, Flags, Floats, cell_words
from cfwlib.errors import InputError
from cfwlib.milp import Programme, solve

_ROOM = 40.0  # children a cell may move by in the search for other tables that fit
_NODES = 2_000


class TooFewError(InputError):
    """Whatever is hidden, a small count can be worked out: there are too few children for such a table.

    Attributes
    ----------
    cell
        Identity of the cell that cannot be protected.
    """

    def __init__(self, problem: str, cell: Hashable = None) -> None:
        super().__init__(problem)
        self.cell = cell


def complete(cells: Cells) -> Flags:
    """Return (n,) the cells to hide: those hidden already, and what their protection takes.

    Parameters
    ----------
    cells
        The system with its small counts hidden.

    Raises
    ------
    TooFewError
        If a small count stays open whatever is hidden.
    """
    hidden = cells.is_hidden.copy()
    while failing := narrow(cells, hidden):
        for attacker, cell in failing:
            if not Possible(cells.matrix, cells.box(hidden, attacker)).wide(cell):
                hidden = hidden | _further(cells, hidden, attacker, cell)
    for cell in sorted(np.flatnonzero(hidden & ~cells.is_hidden).tolist(), key=lambda i: -float(cells.weight[i])):
        without = hidden.copy()  # what a later choice has made needless is shown again
        without[cell] = False
        if not narrow(cells, without):
            hidden = without
    return hidden


def _further(cells: Cells, hidden: Flags, attacker: int, cell: int) -> Flags:
    """Return (n,) the cheapest cells whose hiding gives one cell room: two tables that fit, far enough apart."""
    free = np.flatnonzero(cells.may_hide & ~hidden)
    solved = _search(cells, hidden, attacker, cell, free)
    chosen = np.zeros(len(hidden), bool)
    if solved is not None:
        chosen[free[solved[-len(free) :] > 0.5]] = True
    elif len(free):  # too hard within the limit, or all of it is needed: take the cheapest, and look again
        tied = np.isin(free, cells.matrix[_rows_of(cells, hidden, cell)].indices)
        chosen[min(free[tied] if tied.any() else free, key=lambda i: cells.weight[i])] = True
    if not chosen.any():
        raise TooFewError(
            f"'{cell_words(cells.names[cell])}' can be worked out whatever else is hidden. Join it with another group, "
            "leave out the table, or release it before the tables that show its total.",
            cells.names[cell],
        )
    return chosen


def _search(cells: Cells, hidden: Flags, attacker: int, cell: int, free: np.ndarray) -> Floats | None:
    """Solve for [one table, another table, which free cells are hidden]; None where there is no answer."""
    n, k, rows = len(hidden), len(free), cells.matrix.shape[0]
    now, then = cells.box(hidden, attacker), cells.hidden[attacker]
    low, high = now.copy().T
    low[free] = np.maximum(then[free, 0], now[free, 0] - _ROOM)
    high[free] = np.minimum(then[free, 1], now[free, 1] + _ROOM)
    pick = sp.csr_array((np.ones(k), (np.arange(k), free)), (k, n))
    up, down = sp.diags_array(high[free] - now[free, 1]), sp.diags_array(now[free, 0] - low[free])
    apart = sp.csr_array(([1.0, -1.0], ([0, 0], [cell, n + cell])), (1, 2 * n + k))
    blocks = sp.block_array(
        [
            [cells.matrix, None, sp.csr_array((rows, k))],
            [None, cells.matrix, sp.csr_array((rows, k))],
            [pick, None, -up],
            [None, pick, -up],
            [pick, None, down],
            [None, pick, down],
        ]
    )
    ends, none, inf = now[free], np.zeros(2 * rows), np.full(2 * k, np.inf)
    least = np.concatenate([none, -inf, ends[:, 0], ends[:, 0], [WIDE]])
    most = np.concatenate([none, ends[:, 1], ends[:, 1], inf, [np.inf]])
    box = np.concatenate([np.stack([low, high], axis=1)] * 2 + [np.tile([0.0, 1.0], (k, 1))])
    cost = np.concatenate([np.zeros(2 * n), cells.weight[free]])
    everything = np.ones(len(box), bool)
    lp = Programme(sp.vstack([blocks, apart]), least, most, box[:, 0], box[:, 1], cost, everything)
    return solve(
        lp, time_limit_s=np.inf, seed=0, options={"presolve": "on", "mip_rel_gap": 0.02, "mip_max_nodes": _NODES}
    ).x


def _rows_of(cells: Cells, hidden: Flags, cell: int) -> np.ndarray:
    """Return the sums that a cell stands in, or, where all their cells are hidden, those of their cells."""
    touched = np.unique(cells.matrix[:, [cell]].tocoo().coords[0])
    near = np.unique(cells.matrix[touched].indices)
    if not (cells.may_hide & ~hidden)[near].any():
        touched = np.unique(cells.matrix[:, near].tocoo().coords[0])
    return touched
