"""The mixed-integer programme of rounds: its columns, its constraints, and how a solution reads."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp

from cfwlib.hub.demands import Demands
from cfwlib.hub.instance import Flags, Floats, Ints
from cfwlib.hub.offers import Offers
from cfwlib.hub.solve import SiftedProgramme, maximise
from cfwlib.hub.tours import Tours
from cfwlib.milp import Solved
from cfwlib.settings import HubSettings

LARGE_GBP = 1e7  # more than any cycle can lack


@dataclass(frozen=True, eq=False)
class Clients:
    """Households that the same stops can reach, merged.

    Attributes
    ----------
    weight
        Children likely to need help, (G,).
    reach
        Which stop reaches which group, (G, N): venues, or the offers of each.
    """

    weight: Floats
    reach: Flags


@dataclass(frozen=True)
class ChosenRound:
    """Stops (offers, 1..N) to visit in one day at a frequency, by its index, on one of some weekdays."""

    stops: tuple[int, ...]
    frequency: int
    weekdays: tuple[int, ...]
    kind: int


class _Row(NamedTuple):
    """Constraints low <= blocks of columns <= high; see `Model` for the columns."""

    low: Any
    high: Any
    x: Any = None
    a: Any = None
    y: Any = None
    z: Any = None
    days: Any = None
    pounds: Any = None


class _Week:
    """Weekdays of a kind of vehicle that no tour of its tells apart, as classes; and which tours may use which class.

    A tour's `need` is its kind and weekday mask; flows are (need, class) pairs.
    """

    def __init__(self, tours: Tours, settings: HubSettings) -> None:
        needs, need_of = np.unique(np.column_stack([tours.kind, tours.weekdays]), axis=0, return_inverse=True)
        self.need_of, self.needs = need_of.ravel(), len(needs)
        self.classes: list[tuple[int, ...]] = []
        room: list[int] = []
        flows: list[tuple[int, int]] = []
        for number, (kind, vehicles) in enumerate(settings.vehicle_kinds):
            mine = np.flatnonzero(needs[:, 0] == number)
            days = np.array(sorted(map(int, kind.weekdays)))
            open_on = (needs[mine, 1][:, None] >> (days - 1) & 1).astype(bool)
            patterns, class_of = np.unique(open_on, axis=1, return_inverse=True)
            flows += [(int(mine[need]), len(self.classes) + int(c)) for need, c in np.argwhere(patterns)]
            self.classes += [tuple(int(d) for d in days[class_of.ravel() == c]) for c in range(patterns.shape[1])]
            weeks = len(vehicles) * settings.cycle_weeks
            room += [weeks * int((class_of == c).sum()) for c in range(patterns.shape[1])]
        self.room = np.array(room)
        self.flows = np.array(flows).reshape(-1, 2)


class Model:
    """Columns x (tour), a (weekday flow), y (offer), z (client), and days and pounds that are lacking.

    x, a and y are per frequency; z per level, the distinct values that a visit of some frequency and length may have.

    Weekdays that no tour tells apart form one class. Whole flows `a` count the rounds of each kind of vehicle and
    weekday mask in each class, and a class holds vehicles x weeks x its weekdays vehicle-days. A timetable then always
    exists: a round takes 4, 2 or 1 of a vehicle's 4 weeks on a weekday (2 or 1 of 2). Placed from the largest down, the
    weeks in use of each vehicle and weekday are always a multiple of the size in hand, so one that is not full has
    room; and the free weeks are whole, or evenly spaced pairs, until the singles come. So the bound is a bound on what
    can be timetabled: on all plans in which a day is repeated as a whole, weekly, fortnightly or four-weekly. A plan in
    which two weeks share some stops of a weekday and not others is outside the family.

    Costs are of the stops visited (y) and the days out (a), so that tours may hold stops that are not visited: where
    stops can be left out, the maximal tours are enough, whatever a visit costs.
    """

    def __init__(
        self, tours: Tours, offers: Offers, clients: Clients, demands: Demands, settings: HubSettings, *,
        lacking: bool = False,
    ) -> None:  # fmt: skip
        self.tours, self.week, self.frequencies = tours, _Week(tours, settings), settings.frequencies
        value = np.round(np.outer([f.value for f in self.frequencies], offers.worth), 12)
        levels = np.unique(value[value > 0])[::-1]
        rows = self._timetable_rows(settings) + self._reach_rows(offers, clients, value, levels)
        rows += self._demand_rows(offers, demands)
        each = len(self.frequencies)
        sizes = each * np.array([len(tours), len(self.week.flows), len(offers.venue)])
        ends = np.cumsum([0, *sizes, len(levels) * clients.weight.size, len(self.week.classes), 1])
        self.x, self.a, self.y, at_z, self.days, self.pounds = (slice(low, high) for low, high in pairwise(ends))
        upper = np.ones(ends[-1])
        upper[self.a] = np.inf
        upper[self.days] = settings.cycle_weeks * len(demands.least) if lacking else 0
        upper[self.pounds] = LARGE_GBP if lacking else 0
        heights = [(row, next(block for block in row[2:] if block is not None).shape[0]) for row in rows]
        self.program = SiftedProgramme(
            matrix=_matrix(rows, [high - low for low, high in pairwise(ends)]),
            low=np.concatenate([np.broadcast_to(row.low, n) for row, n in heights]).astype(float),
            high=np.concatenate([np.broadcast_to(row.high, n) for row, n in heights]).astype(float),
            upper=upper,
            integer=np.arange(ends[-1]) < ends[3],  # y would be whole anyway, but is the better branch
            optional=np.arange(ends[-1]) < ends[1],
            most=len(tours) * each if lacking else settings.vehicle_days,
            supply=self._supply(),
        )
        self.need, self.minutes, self.kept = np.zeros((3, ends[-1]))
        self.need[at_z] = np.kron(levels, clients.weight)
        visits = np.array([f.visits for f in self.frequencies])
        self.minutes[self.x] = np.kron(visits, tours.drive)
        last = demands.last[offers.venue]
        self.kept[self.y] = ((visits[:, None] >= last) & (last > 0)).ravel()

    def _supply(self) -> tuple[Ints, Ints]:
        """Return the first rows of the programme, and the flows (columns a) that each of them may draw on."""
        frequency, flow = np.divmod(np.arange(self.a.stop - self.a.start), len(self.week.flows))
        return frequency * self.week.needs + self.week.flows[flow, 0], self.a.start + np.arange(len(flow))

    def _timetable_rows(self, settings: HubSettings) -> list[_Row]:
        """Rounds go on weekdays they may use, and no class of weekdays nor the cycle holds too many."""
        week, flow = self.week, np.arange(len(self.week.flows))
        of_need = _incidence(week.need_of, np.arange(len(self.tours)), (week.needs, len(self.tours)))
        from_need = _incidence(week.flows[:, 0], flow, (week.needs, flow.size))
        into_class = _incidence(week.flows[:, 1], flow, (len(week.classes), flow.size))
        each, uses = sp.eye_array(len(self.frequencies)), np.array([[f.visits for f in self.frequencies]])
        extra = sp.eye_array(len(week.classes))
        out = sp.csr_array(np.kron(uses, np.ones((1, flow.size))))
        lacking = -sp.csr_array(np.ones((1, len(week.classes))))
        return [
            _Row(0, 0, x=sp.kron(each, of_need), a=-sp.kron(each, from_need)),
            _Row(-np.inf, week.room, a=sp.kron(uses, into_class), days=-extra),
            _Row(-np.inf, settings.vehicle_days, a=out, days=lacking),
        ]

    def _reach_rows(self, offers: Offers, clients: Clients, value: Floats, levels: Floats) -> list[_Row]:
        """Offers are visited by rounds, clients reached at offers and counted once."""
        count, groups = len(offers.venue), clients.weight.size
        row, position = np.nonzero(self.tours.stops)
        contains = _incidence(self.tours.stops[row, position] - 1, row, (count, len(self.tours)))
        each, summed = sp.eye_array(len(self.frequencies)), np.ones((1, len(self.frequencies)))
        reach = clients.reach.astype(float)
        at_level = [[sp.csr_array(reach * (worth == level)) for worth in value] for level in levels]
        # where a stop cannot always be left out of a day, all stops of a chosen day are visited
        slack = np.inf if self.tours.closed else 0
        visited = _Row(0, slack, x=sp.kron(each, contains), y=-sp.eye_array(count * each.shape[0]))
        if not len(levels) or not groups:
            return [visited]
        return [
            visited,
            _Row(0, np.inf, y=sp.block_array(at_level), z=-sp.eye_array(groups * len(levels))),
            _Row(-np.inf, 1, z=sp.kron(np.ones((1, len(levels))), sp.eye_array(groups))),
        ] + ([] if self.tours.closed else [_Row(-np.inf, 1, x=sp.kron(summed, contains))])

    def _demand_rows(self, offers: Offers, demands: Demands) -> list[_Row]:
        """One offer of a venue at one frequency; decisions, floors and budget."""
        venues, count = len(demands.least), len(offers.venue)
        of_venue = _incidence(offers.venue, np.arange(count), (venues, count))
        visits = np.array([f.visits for f in self.frequencies])
        rows = [_Row(-np.inf, 1, y=sp.kron(np.ones((1, visits.size)), of_venue))]
        if (asked := np.flatnonzero(demands.least)).size:
            enough = visits[:, None] >= demands.least[offers.venue]
            blocks = [of_venue[asked] @ sp.diags_array(flags.astype(float)) for flags in enough]
            rows.append(_Row(1, np.inf, y=sp.hstack(blocks)))
        if demands.floors:
            floors = np.array([floor.venues for floor in demands.floors], dtype=float)[:, offers.venue]
            least = [floor.least for floor in demands.floors]
            rows.append(_Row(least, np.inf, y=sp.csr_array(np.tile(floors, visits.size))))
        if np.isfinite(demands.budget_gbp):
            per_visit = np.outer(visits, demands.visit_gbp[offers.venue]).reshape(1, -1)
            per_day = np.kron(visits, np.full(len(self.week.flows), demands.day_gbp)).reshape(1, -1)
            spent = {"y": sp.csr_array(per_visit), "a": sp.csr_array(per_day)}
            rows.append(_Row(-np.inf, demands.budget_gbp, **spent, pounds=-sp.eye_array(1)))
        return rows

    def solve(self, objective: Floats, settings: HubSettings) -> Solved:
        """Maximise an objective."""
        return maximise(self.program, objective, time_limit_s=settings.time_limit_s, seed=settings.seed)

    def rounds(self, solution: Floats) -> tuple[ChosenRound, ...]:
        """Read the chosen rounds off a solution, giving each tour one of the weekday classes it was granted."""
        week, shape = self.week, (len(self.frequencies), -1)
        chosen = np.round(solution[self.x]).astype(bool).reshape(shape)
        granted = np.round(solution[self.a]).astype(int).reshape(shape)
        visited = np.round(solution[self.y]).astype(bool).reshape(shape)
        rounds = []
        for frequency in range(len(self.frequencies)):
            for need in range(week.needs):
                pairs = np.flatnonzero(week.flows[:, 0] == need)
                slots = np.repeat(week.flows[pairs, 1], granted[frequency, pairs])
                picked = np.flatnonzero(chosen[frequency] & (week.need_of == need))
                for t, c in zip(picked, slots, strict=True):
                    stops = tuple(int(s) for s in self.tours.stops[t] if s and visited[frequency, s - 1])
                    rounds.append(ChosenRound(stops, frequency, week.classes[c], int(self.tours.kind[t])))
        return tuple(rounds)


def _matrix(rows: list[_Row], widths: list[int]) -> sp.csc_array:
    """Join the blocks of all rows; a first row without height keeps columns that no row names."""
    return sp.csc_array(sp.block_array([[sp.csr_array((0, width)) for width in widths], *(row[2:] for row in rows)]))


def _incidence(rows: Ints, columns: Ints, shape: tuple[int, int]) -> sp.csr_array:
    return sp.csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)
