"""A reader who sets an integer programme on all that runs have exported, with published counts beside; shares no code
with the rules it attacks.

What it knows: every number as printed, what it may have been rounded from, that every group is the sum of its parts,
that all tables of one day are of the same children, that a part is no larger than the whole, and that c is 1 to 5
children or hides one (so at least 1, unless nothing else fits).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, vstack

ALL, WIDE = "Total", 4
FAR = 5000.0  # stands for no end
DIMENSIONS = ("placement", "location", "distance", "provider", "age", "care", "need", "rule")
Cell = frozenset[tuple[str, str]]  # what tells a group from all children


@dataclass
class Reader:
    """All that has been read: for each group of children its least and greatest number, and which sums hold."""

    box: dict[Cell, list[float]] = field(default_factory=dict)
    hidden: set[Cell] = field(default_factory=set)
    sums: list[tuple[Cell, tuple[Cell, ...]]] = field(default_factory=list)
    lines: list[tuple[str, Cell, float]] = field(default_factory=list)
    seen: list[dict[Cell, tuple[float, float]]] = field(default_factory=list)

    def read(self, run: Path) -> None:
        """Read one run's tables of today's children."""
        exports = run / "exports" / "06_homes"
        rounding = {
            name: one["round_to"] for name, one in json.loads((exports / "disclosure.json").read_text()).items()
        }
        seen: dict[Cell, tuple[float, float]] = {}
        for path in [*sorted(exports.glob("now_*.csv")), exports / "rules.csv", exports / "nearer.csv"]:
            if not path.exists():
                continue
            table = pd.read_csv(path, keep_default_na=False, dtype=str)
            self._rows(table, rounding.get(path.stem, 0), seen)
            self._sums(table)
        if (both := frozenset({("provider", "other or not known")})) in self.box:
            names = ("other", "not known")
            self.sums.append((both, tuple(frozenset({("provider", name)}) for name in names)))
        self.seen.append(seen)

    def publish(self, counts: Iterable[tuple[Mapping[str, str], int]]) -> None:
        """Read counts that somebody else publishes of the same day."""
        told = {frozenset(labels.items()): (float(n), float(n)) for labels, n in counts}
        for cell, (n, _) in told.items():
            self._know(cell, n, n)
        self.seen.append(told)

    def differences(self) -> list[Cell]:
        """Return the groups that two sources certainly show with 1 to 5 children between them."""
        return [
            cell
            for one, other in combinations(self.seen, 2)
            for cell in one.keys() & other.keys()
            if _few(one[cell], other[cell])
        ]

    def intervals(self) -> dict[Cell, tuple[float, float]]:
        """Return for each hidden group the narrowest interval that any reading of c gives; raise if none fits."""
        self._close()
        best: dict[Cell, tuple[float, float]] = {}
        solved = False
        for low, high in ((1.0, 5.0), (1.0, FAR), (0.0, FAR)):
            for cell, ends in self._solve(low, high).items():
                solved = True
                was = best.get(cell, (-np.inf, np.inf))
                best[cell] = ends if ends[1] - ends[0] < was[1] - was[0] else was
        if self.hidden and not solved:
            raise AssertionError("no children agree with what is shown")
        return best

    def _know(self, cell: Cell, low: float, high: float) -> None:
        box = self.box.setdefault(cell, [0.0, FAR])
        box[0], box[1] = max(box[0], low), min(box[1], high)

    def _rows(self, table: pd.DataFrame, to: int, seen: dict[Cell, tuple[float, float]]) -> None:
        keys = [key for key in DIMENSIONS if key in table]
        for row in table.to_dict("records"):
            cell = frozenset((key, row[key]) for key in keys if row[key] != ALL)
            if row["children"] == "":
                self.hidden.add(cell)
                self.box.setdefault(cell, [0.0, FAR])
            else:
                ends = _ends(float(row["children"]), to)
                seen[cell] = ends
                self._know(cell, *ends)

    def _sums(self, table: pd.DataFrame) -> None:
        keys = [key for key in DIMENSIONS if key in table]
        rows = [{key: row[key] for key in keys} for row in table[keys].to_dict("records")]
        for key in keys:
            groups: dict[Cell, dict[str, Cell]] = {}
            for row in rows:
                rest = frozenset((k, v) for k, v in row.items() if k != key)
                groups.setdefault(rest, {})[row[key]] = frozenset((k, v) for k, v in row.items() if v != ALL)
            for parts in groups.values():
                if (
                    ALL in parts
                    and len(parts) > 1
                    and not (key == "rule" and "unaccompanied" in parts and len(parts) == 2)
                ):
                    self.sums.append((parts[ALL], tuple(cell for label, cell in parts.items() if label != ALL)))

    def _close(self) -> None:
        """Add the rest of every group that is part of a larger one: it is not less than nobody."""
        cells = list(self.box)
        for small in cells:
            for large in cells:
                if large < small:
                    rest = frozenset({*large, ("rest of", repr(sorted(small)))})
                    self.box.setdefault(rest, [0.0, FAR])
                    self.sums.append((large, (small, rest)))

    def _solve(self, low: float, high: float) -> dict[Cell, tuple[float, float]]:
        cells = list(dict.fromkeys([*self.box, *(c for t, parts in self.sums for c in (t, *parts))]))
        at = {cell: i for i, cell in enumerate(cells)}
        bounds = np.array([self.box.get(cell, [0.0, FAR]) for cell in cells])
        for cell in self.hidden:
            wide = self.box[cell] == [0.0, FAR]
            if wide:
                bounds[at[cell]] = low, high
        entries = [
            csr_array(([1.0, *[-1.0] * len(parts)], ([0] * (1 + len(parts)), [at[t], *(at[p] for p in parts)])),
                      (1, len(cells)))
            for t, parts in dict.fromkeys(self.sums)
        ]  # fmt: skip
        rules = LinearConstraint(vstack(entries).tocsr(), 0, 0)
        found: dict[Cell, tuple[float, float]] = {}
        for cell in self.hidden:
            ends = []
            for sign in (1.0, -1.0):
                cost = np.zeros(len(cells))
                cost[at[cell]] = sign
                answer = milp(cost, constraints=rules, bounds=Bounds(*bounds.T), integrality=np.ones(len(cells)))
                if answer.x is None:
                    return {}
                ends.append(float(np.round(answer.x[at[cell]])))
            found[cell] = (ends[0], ends[1] if ends[1] < FAR / 2 else np.inf)
        return found


def attack(runs: Sequence[Path], published: Iterable[tuple[Mapping[str, str], int]] = ()) -> dict[str, Any]:
    """Return what all runs and published counts together tell: hidden groups, the narrowest interval, differences."""
    reader = Reader()
    for run in runs:
        reader.read(run)
    if published := list(published):
        reader.publish(published)
    found = reader.intervals()
    widths = {cell: high - low for cell, (low, high) in found.items()}
    return {
        "hidden": len(widths),
        "narrow": {cell: found[cell] for cell, width in widths.items() if width < WIDE},
        "narrowest": min(widths.values(), default=np.inf),
        "differences": reader.differences(),
    }


def _ends(shown: float, to: int) -> tuple[float, float]:
    """Return the counts that are printed as a number: halves go up, and 1 to 5 is never printed."""
    if to < 2 or shown == 0:
        return shown, shown
    counts = [n for n in range(int(shown) - to, int(shown) + to + 1) if (n + to // 2) // to * to == shown and n > 5]
    return float(min(counts)), float(max(counts))


def _few(one: tuple[float, float], other: tuple[float, float]) -> bool:
    gaps = [abs(a - b) for a in np.arange(one[0], one[1] + 1) for b in np.arange(other[0], other[1] + 1)]
    return min(gaps) >= 1 and max(gaps) <= 5
