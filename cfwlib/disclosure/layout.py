"""What the cells of a table are, and which of them are sums of others."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

import pandas as pd

from cfwlib.disclosure.cells import Sum
from cfwlib.errors import InputError, refuse

STATUS = "_status"


@dataclass(frozen=True)
class Layout:
    """How a table of counts is laid out.

    Attributes
    ----------
    of
        Whom it counts and when, such as `children in care, 2025-03-31`: tables of the same `of` are looked at together.
    keys
        Columns that name the groups.
    counts
        Columns of counts of children.
    total
        Label, in a key column, of the row that is the sum of all others.
    parts
        Key column to {label: labels it is the sum of}, for totals within totals; `total` needs none if it is plain.
    columns
        Column of counts to the columns it is the sum of.
    round_to
        What the shown counts are rounded to; 0 = not rounded.
    """

    of: str
    keys: tuple[str, ...]
    counts: tuple[str, ...]
    total: str = "Total"
    parts: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    round_to: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return the layout as plain values; it holds no counts."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Return the layout that `to_json` wrote."""
        lists = {name: tuple(values[name]) for name in ("keys", "counts")}
        parts = {k: {label: tuple(p) for label, p in v.items()} for k, v in values["parts"].items()}
        columns = {k: tuple(v) for k, v in values["columns"].items()}
        return cls(**{**values, **lists, "parts": parts, "columns": columns})

    def name(self, column: str, labels: Mapping[str, str]) -> Hashable:
        """Return a cell's identity, the same in every table that holds it."""
        groups = tuple(sorted((k, label) for k, label in labels.items() if label != self.total))
        return (self.of, column, groups)

    def rows(self, frame: pd.DataFrame) -> list[dict[str, str]]:
        """Return the labels of each row, by key.

        Raises
        ------
        InputError
            If a column is missing or two rows have the same labels.
        """
        missing = [c for c in (*self.keys, *self.counts) if c not in frame.columns]
        refuse([f"The table has no column '{c}': name its own columns as keys and counts." for c in missing])
        rows = [dict(zip(self.keys, map(str, r), strict=True)) for r in frame[list(self.keys)].itertuples(index=False)]
        if len({tuple(r.values()) for r in rows}) < len(rows):
            raise InputError(f"The table has several rows for the same {' and '.join(self.keys)}: sum them first.")
        return rows

    def within(self, frame: pd.DataFrame, whole: pd.DataFrame) -> Layout:
        """Return the layout of some rows of a table: a total within totals that is not there gives way to its parts.

        A part that is in the whole but not among the rows keeps its name, so that a reader knows that one is not
        shown. A part that is in neither has nobody in it.

        Parameters
        ----------
        frame
            The rows, with the keys of the layout.
        whole
            The table they are from.
        """
        parts = {}
        for key, given in self.parts.items():
            if key not in self.keys:
                continue
            there, known = {*map(str, frame[key])}, {*map(str, whole[key])}
            shown = {label: self._leaves(given, listed, there, known) for label, listed in given.items()}
            parts[key] = {label: listed for label, listed in shown.items() if label in there}
        return replace(self, parts={key: given for key, given in parts.items() if given})

    def _leaves(
        self, given: Mapping[str, tuple[str, ...]], listed: tuple[str, ...], there: set[str], known: set[str]
    ) -> tuple[str, ...]:
        out: list[str] = []
        for part in listed:
            if part in there or (part in known and part not in given):
                out.append(part)
            elif part in given:
                out += self._leaves(given, given[part], there, known)
        return tuple(out)

    def sums(self, frame: pd.DataFrame, *, whole: bool = False) -> list[Sum]:
        """Return every total of the table with its parts, along the rows and across the columns.

        Parameters
        ----------
        frame
            The table.
        whole
            Leave out a total within totals with a part that is not in the table; else such a part has nobody in it.
        """
        rows = self.rows(frame)
        found: list[Sum] = []
        for row in rows:
            for total, parts in self.columns.items():
                found.append((self.name(total, row), tuple(self.name(p, row) for p in parts)))
            for key in self.keys:
                others = {k: v for k, v in row.items() if k != key}
                along = [r[key] for r in rows if {k: v for k, v in r.items() if k != key} == others]
                wanted = self._parts_of(key, row[key], along, whole=whole)
                if wanted:
                    found += [
                        (self.name(c, row), tuple(self.name(c, {**others, key: p}) for p in wanted))
                        for c in self.counts
                    ]
        return found

    def _parts_of(self, key: str, label: str, along: list[str], *, whole: bool) -> list[str]:
        given = self.parts.get(key, {})
        if label in given:
            there = [p for p in given[label] if p in along]
            return there if not whole or len(there) == len(given[label]) else []
        if label != self.total:
            return []
        inner = {p for parts in given.values() for p in parts}
        return [p for p in along if p != self.total and p not in inner]
