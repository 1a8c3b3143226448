"""From how often each stop is visited to days: who drives where in which week, when weeks may share some stops."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, permutations, product
from math import factorial, prod

import numpy as np
import scipy.sparse as sp

from cfwlib.hub.day import Day, Trip, trip
from cfwlib.hub.instance import Ints
from cfwlib.hub.rounds import Round
from cfwlib.hub.tours import Tours
from cfwlib.milp import Programme, solve
from cfwlib.settings import Frequency, HubSettings

LIMIT_S = 5.0  # for one arrangement
MOST_ORDERS = 5_000  # orders of the weeks of one weekday that are tried
Cell = tuple[int, int, int]  # vehicle, weekday, week


def arrange(visits: Ints, tours: Tours, settings: HubSettings, *, most_days: int) -> dict[Cell, frozenset[int]]:
    """Return the stops of each vehicle, weekday and week: every stop on one weekday, in evenly spaced weeks, on days
    that a vehicle can drive; nothing where no way is found.

    Parameters
    ----------
    visits
        Visits in a cycle of each stop, (N,).
    tours
        Feasible days.
    settings
        Cycle, vehicles and seed.
    most_days
        Most vehicle-days.
    """
    chosen, cycle = [int(at) + 1 for at in np.flatnonzero(visits)], settings.cycle_weeks
    slots = [
        (number, int(weekday), kind)
        for kind, (vehicle, numbers) in enumerate(settings.vehicle_kinds)
        for number in numbers
        for weekday in vehicle.weekdays
    ]
    days = _projected(tours, chosen)
    z = [
        (stop, slot, weeks)
        for stop in chosen
        for slot in range(len(slots))
        for weeks in _phases(int(visits[stop - 1]), cycle)
    ]
    u = [
        (at, slot, week)
        for at, (_, kind, mask, _) in enumerate(days)
        for slot, (_, weekday, own) in enumerate(slots)
        if kind == own and mask >> (weekday - 1) & 1
        for week in range(1, cycle + 1)
    ]
    rows: list[tuple[float, float, dict[int, float]]] = []
    once: dict[int, dict[int, float]] = {stop: {} for stop in chosen}
    cells: dict[tuple[int, int], dict[int, float]] = {}
    covered: dict[tuple[int, int, int], dict[int, float]] = {}
    for column, (stop, slot, weeks) in enumerate(z):
        once[stop][column] = 1.0
        for week in weeks:
            covered.setdefault((stop, slot, week), {})[column] = 1.0
    for column, (at, slot, week) in enumerate(u, start=len(z)):
        cells.setdefault((slot, week), {})[column] = 1.0
        for stop in days[at][0]:
            covered.setdefault((stop, slot, week), {})[column] = -1.0
    rows += [(1, 1, row) for row in once.values()] + [(-np.inf, 1, row) for row in cells.values()]
    rows += [(-np.inf if tours.closed else 0, 0, row) for row in covered.values()]
    rows.append((-np.inf, most_days, dict.fromkeys(range(len(z), len(z) + len(u)), 1.0)))
    where = [(row, column, value) for row, (*_, terms) in enumerate(rows) for column, value in terms.items()]
    at_row, at_column, value = (np.array(part) for part in zip(*where, strict=True))
    columns = len(z) + len(u)
    programme = Programme(
        sp.csc_array((value, (at_row, at_column)), shape=(len(rows), columns)),
        np.array([row[0] for row in rows], dtype=float), np.array([row[1] for row in rows], dtype=float),
        np.zeros(columns), np.ones(columns),
        np.r_[np.zeros(len(z)), [days[at][3] for at, *_ in u]], np.ones(columns, dtype=bool),
    )  # fmt: skip
    solved = solve(programme, time_limit_s=LIMIT_S, seed=settings.seed, options={"mip_rel_gap": 0.02})
    if solved.x is None:
        return {}
    found: dict[Cell, set[int]] = {}
    for stop, slot, weeks in (z[column] for column in np.flatnonzero(solved.x[: len(z)] > 0.5)):
        for week in weeks:
            found.setdefault((*slots[slot][:2], week), set()).add(stop)
    return {cell: frozenset(stops) for cell, stops in found.items()}


def _phases(visits: int, cycle: int) -> list[tuple[int, ...]]:
    """Return the evenly spaced weeks that so many visits of a cycle can take."""
    every = cycle // visits
    return [tuple(range(first, cycle + 1, every)) for first in range(1, every + 1)]


def _projected(tours: Tours, chosen: list[int]) -> list[tuple[frozenset[int], int, int, float]]:
    """Return the sets of chosen stops within days, with kind, weekdays and least minutes; no set within another's."""
    best: dict[tuple[frozenset[int], int, int], float] = {}
    wanted = np.isin(tours.stops, chosen)
    for row in np.flatnonzero(wanted.any(axis=1)):
        stops = tours.stops[row]
        if not tours.closed and wanted[row].sum() < (stops > 0).sum():
            continue
        key = frozenset(int(s) for s in stops[wanted[row]]), int(tours.kind[row]), int(tours.weekdays[row])
        best[key] = min(best.get(key, np.inf), float(tours.drive[row]))
    sets = [(*key, drive) for key, drive in best.items()]
    if not tours.closed:
        return sets
    return [
        one for one in sets
        if not any(one[0] < other[0] and one[1] == other[1] and one[2] & ~other[2] == 0 for other in sets)
    ]  # fmt: skip


def dated_rounds(
    days: Mapping[Cell, frozenset[int]], rules: Sequence[Day], settings: HubSettings
) -> list[Round] | None:
    """Return the rounds of an arrangement, each stop at one time in all its weeks; None where no order allows that.

    Parameters
    ----------
    days
        Stops by vehicle, weekday and week.
    rules
        The duty day of each kind of vehicle.
    settings
        Cycle and vehicles.
    """
    kinds = {number: kind for kind, (_, numbers) in enumerate(settings.vehicle_kinds) for number in numbers}
    rounds = []
    for vehicle, weekday in sorted({cell[:2] for cell in days}):
        weeks = {week: stops for (v, d, week), stops in days.items() if (v, d) == (vehicle, weekday)}
        sets = sorted(set(weeks.values()), key=sorted)
        trips = _same_times(rules[kinds[vehicle]], sets)
        if trips is None:
            return None
        for stops, made in zip(sets, trips, strict=True):
            for frequency, run in _runs([week for week in sorted(weeks) if weeks[week] == stops], settings):
                rounds.append(Round(made, frequency, (weekday,), vehicle, run, kinds[vehicle]))
    return rounds


def _runs(weeks: list[int], settings: HubSettings) -> Iterator[tuple[Frequency, tuple[int, ...]]]:
    """Yield weeks as evenly spaced runs that a frequency has: all of them at once if they are one, else one by one."""
    for frequency in settings.frequencies:
        if tuple(weeks) in _phases(frequency.visits, settings.cycle_weeks):
            yield frequency, tuple(weeks)
            return
    yield from ((settings.frequencies[-1], (week,)) for week in weeks)


def _same_times(day: Day, sets: Sequence[frozenset[int]]) -> list[Trip] | None:
    """Return trips through sets of stops, with the fewest minutes driven, that meet shared stops at the same time."""
    shared = frozenset().union(*(a & b for a, b in combinations(sets, 2))) if len(sets) > 1 else frozenset[int]()
    orders = [list(permutations(sorted(stops))) for stops in sets]
    if prod(factorial(len(stops)) for stops in sets) > MOST_ORDERS:  # those that begin with what they share
        orders = [[o for o in one if set(o[: len(shared & set(o))]) == shared & set(o)] for one in orders]
    best: list[Trip] | None = None
    for tried, combination in enumerate(product(*orders)):
        if tried >= MOST_ORDERS:
            break
        made = _joined(day, combination, shared)
        if made and (best is None or sum(t.drive for t in made) < sum(t.drive for t in best) - 1e-6):
            best = made
    return best


def _joined(day: Day, orders: Sequence[tuple[int, ...]], shared: frozenset[int]) -> list[Trip] | None:
    """Return the trips of some orders, every shared stop begun when the latest of them can; None where one is late."""
    begins: dict[int, float] = {}
    while True:
        trips = [trip(day, order, begins) for order in orders]
        made = [one for one in trips if one is not None]
        if len(made) < len(trips):
            return None
        latest: dict[int, float] = {}
        for visit in (visit for one in made for visit in one.visits if visit.stop in shared):
            latest[visit.stop] = max(visit.begin, latest.get(visit.stop, visit.begin))
        if latest == begins:
            return made
        begins = latest
