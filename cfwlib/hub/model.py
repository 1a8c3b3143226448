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
PAIRED_WEEKS, MOST_PAIRS = 2, 300_000
NO_PAIRS = np.zeros((2, 0), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Clients:
    """Households that the same stops can reach, merged.

    Attributes
    ----------
    weight
        Children likely to need help, (G,).
    reach
        Which stop reaches which group, (G, N): venues, or the offers of each.
    remote
        Children who live far from help today, (G,).
    """

    weight: Floats
    reach: Flags
    remote: Floats


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
    m: Any = None
    a: Any = None
    y: Any = None
    z: Any = None
    days: Any = None
    pounds: Any = None


class _Week:
    """Weekdays of a kind of vehicle that no tour of its tells apart, as classes; and which tours may use which class.

    A tour's `need` is its kind and weekday mask; flows are (need, class) pairs.
    """

    def __init__(self, tours: Tours, pairs: Ints, settings: HubSettings) -> None:
        asked = np.column_stack([tours.kind, tours.weekdays])
        asked = np.vstack([asked, np.column_stack([tours.kind[pairs[0]], np.bitwise_and(*tours.weekdays[pairs])])])
        needs, need_of = np.unique(asked, axis=0, return_inverse=True)
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


def pairs_of(tours: Tours, settings: HubSettings, most: int = MOST_PAIRS) -> Ints:
    """Return two tours, (2, M), for each day that is driven one way in one week and another in the next.

    In a cycle of two weeks, where stops can be left out, they and the whole rounds are all there is. None are returned
    for other cycles, or where there are more than `most`.
    """
    if settings.cycle_weeks != PAIRED_WEEKS or not tours.closed:
        return np.zeros((2, 0), dtype=np.int64)
    row, position = np.nonzero(tours.stops)
    holds = _incidence(row, tours.stops[row, position], (len(tours), int(tours.stops.max(initial=0)) + 1))
    shared = sp.triu(holds @ holds.T, k=1).tocoo()
    first, second = (np.asarray(side, dtype=np.int64) for side in shared.coords)
    fit = (tours.kind[first] == tours.kind[second]) & (tours.weekdays[first] & tours.weekdays[second] > 0)
    return np.vstack([first[fit], second[fit]])[:, : most if fit.sum() <= most else 0]


class Model:
    """Columns x (tour), m (pair of tours), a (weekday flow), y (offer), z (client), and lacking days and pounds.

    y is per frequency; z per level, the distinct values that a visit of some frequency and length may have. Of whole
    rounds, x and a are per frequency as well.

    Weekdays that no tour tells apart form one class. Whole flows `a` count the rounds of each kind of vehicle and
    weekday mask in each class, and a class holds vehicles x weeks x its weekdays vehicle-days. A timetable then always
    exists: a round takes 4, 2 or 1 of a vehicle's 4 weeks on a weekday (2 or 1 of 2). Placed from the largest down, the
    weeks in use of each vehicle and weekday are always a multiple of the size in hand, so one that is not full has
    room; and the free weeks are whole, or evenly spaced pairs, until the singles come. (Of three weeks, a round takes
    3 or 1.) So every solution can be timetabled: its days are repeated as a whole, weekly, fortnightly and so on. With
    `pairs`, a day may be one tour in one week and another in the next: what both hold may be visited weekly.

    Not `whole`, x and a count the days of the cycle that a tour is driven, and a venue's frequency asks for as many of
    them as it has visits. Every plan solves this, one whose weeks share some stops of a weekday and not others
    included, so its bound is of every plan; but not every solution can be timetabled.

    Costs are of the stops visited (y) and the days out (a), so that tours may hold stops that are not visited: where
    stops can be left out, the maximal tours are enough, whatever a visit costs.
    """

    def __init__(
        self, tours: Tours, offers: Offers, clients: Clients, demands: Demands, settings: HubSettings, *,
        lacking: bool = False, whole: bool = True, pairs: Ints = NO_PAIRS,
    ) -> None:  # fmt: skip
        self.tours, self.pairs, self.frequencies = tours, pairs, settings.frequencies
        self.week = _Week(tours, pairs, settings)
        self.whole, self.visits = whole, np.array([f.visits for f in settings.frequencies])
        self.uses = self.visits if whole else np.ones(1, dtype=np.int64)  # days of the cycle that a unit of x takes
        value = np.round(np.outer([f.value for f in self.frequencies], offers.worth), 12)
        levels = np.unique(value[value > 0])[::-1]
        rows = self._timetable_rows(settings) + self._reach_rows(offers, clients, value, levels)
        rows += self._demand_rows(offers, demands)
        if len(levels) and clients.weight.size:
            remote = sp.csr_array(np.tile(clients.remote, len(levels))[None, :])
            rows.append(_Row(-np.inf, np.inf, z=remote))  # `ask` gives it a least
        each = len(self.uses)
        sizes = [
            each * len(tours),
            pairs.shape[1],
            each * len(self.week.flows),
            len(self.frequencies) * len(offers.venue),
        ]
        ends = np.cumsum([0, *sizes, len(levels) * clients.weight.size, len(self.week.classes), 1])
        self.x, self.m, self.a, self.y, at_z, self.days, self.pounds = (
            slice(low, high) for low, high in pairwise(ends)
        )
        upper = np.ones(ends[-1])
        upper[self.x] = 1 if whole else settings.vehicle_days
        upper[self.m] = settings.vehicle_days
        upper[self.a] = np.inf
        upper[self.days] = settings.cycle_weeks * len(demands.least) if lacking else 0
        upper[self.pounds] = LARGE_GBP if lacking else 0
        heights = [(row, next(block for block in row[2:] if block is not None).shape[0]) for row in rows]
        self.program = SiftedProgramme(
            matrix=_matrix(rows, [high - low for low, high in pairwise(ends)]),
            low=np.concatenate([np.broadcast_to(row.low, n) for row, n in heights]).astype(float),
            high=np.concatenate([np.broadcast_to(row.high, n) for row, n in heights]).astype(float),
            upper=upper,
            integer=np.arange(ends[-1]) < ends[4],  # y would be whole anyway, but is the better branch
            optional=np.arange(ends[-1]) < ends[2],
            most=len(tours) * each if lacking and whole else settings.vehicle_days,
            supply=self._supply(),
        )
        self.need, self.remote, self.minutes, self.kept = np.zeros((4, ends[-1]))
        self.need[at_z] = np.kron(levels, clients.weight)
        self.remote[at_z] = np.tile(clients.remote, len(levels))
        self.minutes[self.x] = np.kron(self.uses, tours.drive)
        self.minutes[self.m] = tours.drive[pairs].sum(axis=0)
        last = demands.last[offers.venue]
        self.kept[self.y] = ((self.visits[:, None] >= last) & (last > 0)).ravel()

    def ask(self, remote: float) -> None:
        """Ask for so many of the most remote children, at least."""
        if remote > 0:
            self.program.low[-1] = remote

    def visits_of(self, solution: Floats) -> Ints:
        """Return the visits in a cycle of each offer, (N,)."""
        visited = np.round(solution[self.y]).astype(int).reshape(len(self.visits), -1)
        return np.asarray((visited * self.visits[:, None]).sum(axis=0))

    def _supply(self) -> tuple[Ints, Ints]:
        """Return the first rows of the programme, and the flows (columns a) that each of them may draw on."""
        frequency, flow = np.divmod(np.arange(self.a.stop - self.a.start), len(self.week.flows))
        return frequency * self.week.needs + self.week.flows[flow, 0], self.a.start + np.arange(len(flow))

    def _timetable_rows(self, settings: HubSettings) -> list[_Row]:
        """Days go on weekdays they may use, and no class of weekdays nor the cycle holds too many."""
        week, flow = self.week, np.arange(len(self.week.flows))
        both = _incidence(week.need_of, np.arange(len(week.need_of)), (week.needs, len(week.need_of))).tocsc()
        of_need, of_pair = both[:, : len(self.tours)], both[:, len(self.tours) :]
        each_week = sp.csr_array(np.eye(len(self.uses), 1))  # pairs take a vehicle's weekday in all weeks
        from_need = _incidence(week.flows[:, 0], flow, (week.needs, flow.size))
        into_class = _incidence(week.flows[:, 1], flow, (len(week.classes), flow.size))
        each, uses = sp.eye_array(len(self.uses)), self.uses[None, :]
        extra = sp.eye_array(len(week.classes))
        out = sp.csr_array(np.kron(uses, np.ones((1, flow.size))))
        lacking = -sp.csr_array(np.ones((1, len(week.classes))))
        return [
            _Row(0, 0, x=sp.kron(each, of_need), m=sp.kron(each_week, of_pair), a=-sp.kron(each, from_need)),
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
        either = (contains[:, self.pairs[0]] + contains[:, self.pairs[1]]) if self.pairs.size else None
        held = None if either is None else sp.vstack([either == 2, either > 0]).astype(float)  # weekly, and fortnightly
        visited = _Row(0, slack, x=sp.kron(each, contains), m=held, y=-sp.eye_array(count * each.shape[0]))
        if not self.whole:
            visited = _Row(0, slack, x=contains, y=-sp.kron(self.visits[None, :], sp.eye_array(count)))
        if not len(levels) or not groups:
            return [visited]
        return [
            visited,
            _Row(0, np.inf, y=sp.block_array(at_level), z=-sp.eye_array(groups * len(levels))),
            _Row(-np.inf, 1, z=sp.kron(np.ones((1, len(levels))), sp.eye_array(groups))),
        ] + ([] if self.tours.closed or not self.whole else [_Row(-np.inf, 1, x=sp.kron(summed, contains))])

    def _demand_rows(self, offers: Offers, demands: Demands) -> list[_Row]:
        """One offer of a venue at one frequency; decisions, floors and budget."""
        venues, count = len(demands.least), len(offers.venue)
        of_venue = _incidence(offers.venue, np.arange(count), (venues, count))
        visits = self.visits
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
            per_day = np.kron(self.uses, np.full(len(self.week.flows), demands.day_gbp)).reshape(1, -1)
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
