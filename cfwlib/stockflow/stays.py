"""Stays as arrays: one row per person and kind, joined, checked, and cut at the last age."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from cfwlib.errors import InputError, refuse
from cfwlib.stockflow.ages import NEVER, Ages, Days, days_of

COLUMNS = ("person", "kind", "start", "end", "born")


class Stays(NamedTuple):
    """Stays sorted by person and start, days since 1970.

    Attributes
    ----------
    person, kind
        Codes; `kind` numbers `kinds`.
    start, end
        First night, and the day after the last; `NEVER` while still there.
    edges
        Day on which the person leaves each age band, (stays, bands).
    following
        Kind the person moved to on the day of the end; the number of kinds = out.
    fresh
        Whether the person came from outside.
    kinds
        Names of the kinds.
    """

    person: npt.NDArray[np.int64]
    kind: npt.NDArray[np.int64]
    start: Days
    end: Days
    edges: Days
    following: npt.NDArray[np.int64]
    fresh: npt.NDArray[np.bool_]
    kinds: tuple[str, ...]

    def band_at(self, day: Days | int) -> npt.NDArray[np.int64]:
        """Return the band of each stay's person on a day; the number of bands once past the last edge."""
        return (self.edges <= np.reshape(day, (-1, 1))).sum(axis=1)


def read_stays(stays: "pd.DataFrame | Stays", ages: Ages, *, kinds: Sequence[str] | None = None) -> Stays:
    """Return stays as arrays, neighbours of one kind joined, ended at the latest on the day of the last edge.

    Stays without a night (start = end), and what lies beyond the last edge, have no part in any rate or number.

    Parameters
    ----------
    stays
        Columns person, kind, start, end (missing = still there), born; any order of rows. Stays as arrays are
        returned as they are.
    ages
        Age bands.
    kinds
        All kinds, if more than those in `stays`; None = those there, sorted.

    Raises
    ------
    InputError
        With every problem: columns missing, a date missing, an end before its start, stays of one person that
        overlap, kinds not listed. It names counts, never a person.
    """
    if isinstance(stays, Stays):
        return stays
    missing = [name for name in COLUMNS if name not in stays.columns]
    if missing:
        raise InputError(f"stays: no column {', '.join(missing)}; columns are {', '.join(COLUMNS)}.")
    names = tuple(sorted(set(stays["kind"].dropna().astype(str)))) if kinds is None else tuple(kinds)
    kind = (
        pd.Index(names).get_indexer(pd.Index(stays["kind"].astype(str))) if len(stays) else np.zeros(0, dtype=np.int64)
    )
    person, _ = pd.factorize(stays["person"], sort=True)
    start, end, born = (days_of(stays[name]) for name in COLUMNS[2:])
    order = np.lexsort((end, start, person))
    person, kind, start, end, born = (values[order].astype(np.int64) for values in (person, kind, start, end, born))
    _check(person, kind, start, end, born)
    nights = end > start
    return _joined(*(values[nights] for values in (person, kind, start, end, born)), ages=ages, kinds=names)


def _check(person: Days, kind: Days, start: Days, end: Days, born: Days) -> None:
    same = person[1:] == person[:-1]
    counts = {
        "without a start": (start == NEVER).sum(),
        "without a date of birth": (born == NEVER).sum(),
        "without a person": (person < 0).sum(),
        "whose kind is missing or not listed": (kind < 0).sum(),
        "that end before they start": (end < start).sum(),
        "that begin before the person's last stay ended": (same & (start[1:] < end[:-1])).sum(),
        "whose date of birth differs from the person's last stay": (same & (born[1:] != born[:-1])).sum(),
    }
    problems = [f"stays: {count:,} of {len(start):,} rows {what}." for what, count in counts.items() if count]
    refuse(problems)


def _joined(
    person: Days, kind: Days, start: Days, end: Days, born: Days, *, ages: Ages, kinds: tuple[str, ...]
) -> Stays:
    on = np.zeros(len(person), dtype=bool)  # goes on from the row above
    on[1:] = (person[1:] == person[:-1]) & (start[1:] == end[:-1])
    first = ~on
    first[1:] |= kind[1:] != kind[:-1]
    head = np.flatnonzero(first)
    tail = np.append(head[1:], len(person)) - 1 if head.size else head
    person, kind, start, end, fresh = person[head], kind[head], start[head], end[tail], ~on[head]
    edges = ages.upper_edges(born[head])
    following = np.full(head.size, len(kinds))
    following[:-1] = np.where(fresh[1:], len(kinds), kind[1:])
    kept = start < edges[:, -1] if head.size else fresh
    end = np.minimum(end, edges[:, -1])
    parts = (person, kind, start, end, edges, following, fresh)
    return Stays._make([*(values[kept] for values in parts), kinds])
