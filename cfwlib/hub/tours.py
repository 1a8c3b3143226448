"""Every set of stops that fits one duty day, by dynamic programming over (set, last stop)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cfwlib.errors import PlanError
from cfwlib.hub.day import TOLERANCE, Day
from cfwlib.hub.instance import Flags, Floats, Ints

CHUNK = 1_000_000  # cells of one extension step, to bound memory
UNSORTED = 1_000_000  # labels of one size that are gathered before those that do not matter are dropped


class TooManyToursError(PlanError):
    """More sets of stops fit a duty day than are to be listed."""


@dataclass(frozen=True, eq=False)
class Tours:
    """Sets of stops that fit a duty day.

    Attributes
    ----------
    stops
        Stop numbers, (T, k), ascending, padded with 0.
    drive
        Minutes driven by the quickest order found, (T,).
    weekdays
        Bit mask of the weekdays on which the vehicle works and every stop is open, (T,).
    kind
        Which of the vehicle kinds drives it, (T,).
    closed
        True when leaving out any stop of a feasible set leaves a feasible set; only then are dominated sets dropped.
    complete
        False when these are some tours of too many to list.
    """

    stops: Ints
    drive: Floats
    weekdays: Ints
    kind: Ints
    closed: bool
    complete: bool = True

    def __len__(self) -> int:
        return len(self.stops)


@dataclass(frozen=True, eq=False)
class _Labels:
    """Partial days of one size: one row per (set, last stop), or several where range and time trade off."""

    members: Ints  # (L, k), ascending
    last: Ints
    depart: Floats
    km: Floats
    drive: Floats
    weekdays: Ints

    def take(self, rows: Any) -> "_Labels":
        return _Labels(*(column[rows] for column in vars(self).values()))


def find_tours(day: Day, stops: Iterable[int], *, max_tours: int) -> Tours:
    """Find every maximal set of stops that one vehicle can visit in a duty day.

    A set is dropped only if a larger one is feasible on the same weekdays, and only if stops can always be left out
    (they can, except where a break or the range interferes; then every feasible set is returned).

    Parameters
    ----------
    day
        The rules; its minutes must be metric.
    stops
        Stop numbers to consider, 1..n.
    max_tours
        Most sets of one size; more raise an error instead of being cut.

    Raises
    ------
    TooManyToursError
        If there are more sets than `max_tours`; noticed before they fill the memory.
    """
    considered = np.array(sorted(stops), dtype=np.int64)
    levels = _levels(day, considered, max_tours, bounded=False)
    if not all(feasible.all() for *_, feasible in levels):  # the range binds: time alone no longer decides
        levels = _levels(day, considered, max_tours, bounded=True)
    sets = [(members[ok], drive[ok], days[ok]) for members, drive, days, ok in levels]
    dominated, closed = _dominated(sets, len(day.opens))
    keep = [~flags if closed else np.ones_like(flags) for flags in dominated]
    width = max((members.shape[1] for members, *_ in sets), default=1)
    padded = [np.pad(m[k], ((0, 0), (0, width - m.shape[1]))) for (m, *_), k in zip(sets, keep, strict=True)]
    return Tours(
        stops=np.concatenate([np.zeros((0, width), np.int64), *padded]),
        drive=np.concatenate([np.zeros(0), *(d[k] for (_, d, _), k in zip(sets, keep, strict=True))]),
        weekdays=np.concatenate([np.zeros(0, np.int64), *(w[k] for (*_, w), k in zip(sets, keep, strict=True))]),
        kind=np.zeros(sum(int(k.sum()) for k in keep), np.int64),
        closed=closed,
    )


def join_tours(parts: Sequence[Tours]) -> Tours:
    """Return the tours of several kinds of vehicle as one list, the kinds numbered from 0."""
    width = max(part.stops.shape[1] for part in parts)
    return Tours(
        stops=np.concatenate([np.pad(part.stops, ((0, 0), (0, width - part.stops.shape[1]))) for part in parts]),
        drive=np.concatenate([part.drive for part in parts]),
        weekdays=np.concatenate([part.weekdays for part in parts]),
        kind=np.repeat(np.arange(len(parts)), [len(part) for part in parts]),
        closed=all(part.closed for part in parts),
        complete=all(part.complete for part in parts),
    )


def _levels(day: Day, stops: Ints, max_tours: int, *, bounded: bool) -> list[tuple[Ints, Floats, Ints, Flags]]:
    """Return, for 1, 2, ... stops, the sets in time with minutes driven, weekdays, and whether they are in range."""
    start = np.zeros(1)
    labels = _Labels(np.zeros((1, 0), np.int64), np.zeros(1, np.int64), start + day.start, start, start, np.full(1, -1))
    levels = []
    while len((labels := _extend(day, labels, stops, max_tours, bounded=bounded)).last):
        home_km = labels.km + day.km[labels.last, 0]
        drive = np.where(home_km <= day.range_km + TOLERANCE, labels.drive + day.minutes[labels.last, 0], np.inf)
        first = _firsts(labels)
        best = np.minimum.reduceat(drive, first)
        levels.append((labels.members[first], best, labels.weekdays[first], np.isfinite(best)))
    return levels


def _firsts(labels: _Labels) -> Ints:
    """Return the first label of each set."""
    return np.flatnonzero(np.r_[True, (labels.members[1:] != labels.members[:-1]).any(axis=1)][: len(labels.last)])


def _extend(day: Day, labels: _Labels, stops: Ints, max_tours: int, *, bounded: bool) -> _Labels:
    """Append every possible next stop to every partial day and keep the labels that matter.

    A partial day that cannot get home in time is dropped: in a metric matrix more stops never bring it home sooner.
    """
    size = labels.members.shape[1]
    home_km = _shortest(day.km)[stops, 0]
    parts: list[_Labels] = []
    step = max(1, CHUNK // max(1, len(stops)))
    for low in range(0, len(labels.last), step):
        part = labels.take(slice(low, low + step))
        arrive = part.depart[:, None] + day.minutes[part.last][:, stops]
        _, end, depart = day.serve(arrive, stops, first=size == 0)
        ok = (end <= day.closes[stops] + TOLERANCE) & (depart + day.minutes[stops, 0] <= day.end + TOLERANCE)
        ok &= (part.weekdays[:, None] & day.weekdays[stops]) != 0
        for member in range(size):
            ok &= day.venue[part.members[:, [member]]] != day.venue[stops]
        km = part.km[:, None] + day.km[part.last][:, stops]
        if bounded:
            ok &= km + home_km <= day.range_km + TOLERANCE
        row, col = np.nonzero(ok)
        parts.append(
            _Labels(
                members=np.sort(np.column_stack([part.members[row], stops[col]]), axis=1),
                last=stops[col],
                depart=depart[row, col],
                km=km[row, col],
                drive=part.drive[row] + day.minutes[part.last[row], stops[col]],
                weekdays=part.weekdays[row] & day.weekdays[stops[col]],
            )
        )
        if sum(len(one.last) for one in parts) > UNSORTED:
            parts = [_gathered(parts, len(day.opens), max_tours, bounded=bounded)]
    return _gathered(parts, len(day.opens), max_tours, bounded=bounded)


def _gathered(parts: list[_Labels], base: int, max_tours: int, *, bounded: bool) -> _Labels:
    """Return the labels of several parts that matter."""
    joined = _Labels(*(np.concatenate(column) for column in zip(*(vars(p).values() for p in parts), strict=True)))
    labels = _prune(joined, base, bounded=bounded)
    if len(_firsts(labels)) > max_tours:
        raise TooManyToursError(
            f"More than {max_tours:,} sets of {labels.members.shape[1]} stops fit a duty day. "
            "Lengthen dwell_min, shorten duty_min, give fewer candidate venues, or raise max_tours."
        )
    return labels


def _prune(labels: _Labels, base: int, *, bounded: bool) -> _Labels:
    """Keep, for each (set, last stop), the earliest departure; with a binding range, every Pareto pair (time, km)."""
    key = _keys(labels.members, base)
    labels = labels.take(order := np.lexsort((labels.drive, labels.km, labels.depart, labels.last, key)))
    key = key[order]
    new = np.r_[True, (key[1:] != key[:-1]) | (labels.last[1:] != labels.last[:-1])][: len(key)]
    if not bounded:
        return labels.take(new)
    least_km = pd.Series(labels.km).groupby(np.cumsum(new)).cummin().to_numpy()
    return labels.take(new | np.r_[True, labels.km[1:] < least_km[:-1]][: len(key)])


def _dominated(sets: list[tuple[Ints, Floats, Ints]], base: int) -> tuple[list[Flags], bool]:
    """Flag sets within a feasible set of one stop more on the same weekdays; say if every subset is feasible.

    One stop more is enough: if a larger superset exists and stops can be left out, so does one of the next size.
    """
    flags = [np.zeros(len(members), dtype=bool) for members, *_ in sets]
    closed = True
    for level in range(1, len(sets)):
        members, _, days = sets[level]
        smaller, _, smaller_days = sets[level - 1]
        keys = _keys(smaller, base)  # ascending, as _prune sorted them
        for left_out in range(members.shape[1]):
            wanted = _keys(np.delete(members, left_out, axis=1), base)
            found = np.isin(wanted, keys)
            at = np.searchsorted(keys, wanted[found])
            closed &= bool(found.all())
            flags[level - 1][at[smaller_days[at] == days[found]]] = True
    return flags, closed


def _keys(members: Ints, base: int) -> Ints:
    """Return one integer per set, ordered as the sets are."""
    if base ** members.shape[1] >= 2**63:
        raise PlanError(f"A duty day holds {members.shape[1]} stops or more. Lengthen dwell_min or shorten duty_min.")
    key = np.zeros(len(members), dtype=np.int64)
    for column in members.T:
        key = key * base + column
    return key


def _shortest(km: Floats) -> Floats:
    """Return the least km between all pairs through any others: what a day still needs at the very least."""
    for via in range(len(km)):
        km = np.minimum(km, km[:, [via]] + km[[via], :])
    return km
