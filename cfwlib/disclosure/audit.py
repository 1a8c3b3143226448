"""The interval audit: how closely every hidden count can be worked out from what is shown."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import scipy.sparse as sp

from cfwlib.disclosure.cells import GUESSING, KNOWING, SMALL, WIDE, Cells, Flags, Floats, Sum, cell_words, sum_matrix
from cfwlib.milp import Programme, engine, optimum

if TYPE_CHECKING:
    import highspy

_CLOSE = 1e-6


class Possible:
    """All whole counts that agree with what an attacker knows.

    Parameters
    ----------
    matrix
        (m, n): every row @ counts = 0.
    box
        (n, 2): first and last value of each cell; the last may be infinite.
    """

    def __init__(self, matrix: sp.csr_array, box: Floats) -> None:
        finite = box[np.isfinite(box)]
        self.far = 10 * float(finite.max(initial=0)) + 1000  # stands for infinity: a vertex beyond it means "no end"
        self.lowest, self.highest = np.full(len(box), np.inf), np.full(len(box), -np.inf)
        ends, sums = np.minimum(box, self.far), np.zeros(matrix.shape[0])
        self._programme = Programme(matrix, sums, sums, ends[:, 0], ends[:, 1])
        self._highs = engine(self._programme, {"presolve": "off"})
        self._whole: highspy.Highs | None = None

    def feasible(self) -> bool:
        """Say whether any counts agree with all that is known."""
        return self._end(0, 1.0) is not None

    def range(self, cell: int) -> tuple[float, float]:
        """Return the least and the greatest count a cell can have; exact, whole, perhaps infinite."""
        low, high = self._end(cell, 1.0), self._end(cell, -1.0)
        if low is None or high is None:
            raise ValueError("no counts agree with what is known")
        return low, np.inf if high > self.far / 3 else high

    def wide(self, cell: int) -> bool:
        """Say whether a cell keeps enough room; looks at counts already met before it solves."""
        if self.highest[cell] - self.lowest[cell] >= WIDE:
            return True
        low, high = self.range(cell)
        return high - low >= WIDE

    def _end(self, cell: int, direction: float) -> float | None:
        found = _extreme(self._highs, cell, direction)
        if (
            found is not None and np.abs(found - np.round(found)).max() > _CLOSE
        ):  # a corner that is no table of children
            self._whole = self._whole or engine(
                replace(self._programme, whole=np.ones(len(found), bool)), {"presolve": "on"}
            )
            found = _extreme(self._whole, cell, direction)
        if found is None:
            return None
        found = np.round(found)
        np.minimum(self.lowest, found, out=self.lowest)
        np.maximum(self.highest, found, out=self.highest)
        return float(found[cell])


def narrow(cells: Cells, hidden: Flags) -> list[tuple[int, int]]:
    """Return (attacker, cell) for every hidden cell that can be worked out to within three."""
    found = []
    for attacker in (GUESSING, KNOWING):
        possible = Possible(cells.matrix, cells.box(hidden, attacker))
        found += [(attacker, int(i)) for i in np.flatnonzero(hidden & cells.needs) if not possible.wide(int(i))]
    return found


def audit_table(cells: Cells, hidden: Flags, *, of: Iterable[Hashable] | None = None) -> pd.DataFrame:
    """Return what the better informed attacker can work out of each hidden cell.

    Parameters
    ----------
    cells
        The system.
    hidden
        (n,): cells not shown.
    of
        The cells asked about; by default all that need protection.

    Returns
    -------
    audit
        `cell`, `lower`, `upper`, `width`: the narrower of the two attackers' intervals; never the count itself.
    """
    asked = set(cells.names if of is None else of)
    wanted = [int(i) for i in np.flatnonzero(hidden & cells.needs) if cells.names[i] in asked]
    systems = [Possible(cells.matrix, cells.box(hidden, a)) for a in (GUESSING, KNOWING)] if wanted else []
    rows = []
    for i in wanted:
        low, high = min((system.range(i) for system in systems), key=lambda ends: ends[1] - ends[0])
        rows.append((cell_words(cells.names[i]), low, high, high - low))
    return pd.DataFrame(rows, columns=["cell", "lower", "upper", "width"])


def audit_published(shown: Mapping[Hashable, int | None], sums: Sequence[Sum]) -> pd.DataFrame:
    """Return how closely the hidden cells of anybody's published table can be worked out.

    Parameters
    ----------
    shown
        Cell to its published count; None = hidden (c), taken as 1 to 5 where that can be, else as 1 or more.
    sums
        Totals with their parts.

    Returns
    -------
    audit
        `cell`, `lower`, `upper`, `width`, `safe` (more than 3 between the bounds).
    """
    hidden = [name for name, count in shown.items() if count is None]
    place = {name: i for i, name in enumerate(shown)}
    matrix = sum_matrix(sums, place)
    for ends in ((1.0, float(SMALL)), (1.0, np.inf), (0.0, np.inf)):
        box = np.array([ends if count is None else (count, count) for count in shown.values()], float).reshape(-1, 2)
        possible = Possible(matrix, box)
        if hidden and possible.feasible():
            rows = [(cell_words(name), *possible.range(place[name])) for name in hidden]
            table = pd.DataFrame(rows, columns=["cell", "lower", "upper"])
            return table.assign(width=table.upper - table.lower).assign(safe=lambda t: t.width >= WIDE)
    return pd.DataFrame({"cell": [], "lower": [], "upper": [], "width": [], "safe": []})


def _extreme(highs: highspy.Highs, cell: int, direction: float) -> Floats | None:
    highs.changeColCost(cell, direction)
    values = optimum(highs)
    highs.changeColCost(cell, 0.0)  # only now: it makes the solver forget its solution
    return values
