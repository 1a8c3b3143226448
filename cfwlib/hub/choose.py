"""Choose the rounds: one mixed-integer programme over tours, frequencies and weekdays, with its bound."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import highspy
import numpy as np
import scipy.sparse as sp

from cfwlib.hub.day import Ints
from cfwlib.hub.instance import Flags, Floats
from cfwlib.hub.tours import Tours
from cfwlib.settings import HubSettings

TIE_BREAK = 1e-5  # the most that minutes driven may weigh, as a share of what the best venue is worth
REL_GAP = 1e-6
ENOUGH = 5e-5  # a gap well within the 1e-4 of a proof


@dataclass(frozen=True, eq=False)
class Clients:
    """Households that the same venues can reach, merged.

    Attributes
    ----------
    weight
        Children likely to need help, (G,).
    reach
        Which venue reaches which group, (G, V).
    """

    weight: Floats
    reach: Flags


@dataclass(frozen=True)
class ChosenRound:
    """A row of `Tours.stops`, run at a frequency (its index in the settings) on one of some weekdays."""

    tour: int
    frequency: int
    weekdays: tuple[int, ...]


@dataclass(frozen=True)
class Choice:
    """The solver's answer.

    Attributes
    ----------
    rounds
        What to run; None where no plan was found.
    bound
        No plan reaches more need than this.
    infeasible
        True when the solver proved that no plan exists.
    """

    rounds: tuple[ChosenRound, ...] | None
    bound: float
    infeasible: bool = False


def merge_clients(weight: Floats, reach: Flags) -> Clients:
    """Merge households with the same venues within reach; drop those of no weight or out of reach of every venue.

    Parameters
    ----------
    weight
        Children likely to need help, (C,).
    reach
        Which venue reaches which household group, (C, V).
    """
    useful = (weight > 0) & reach.any(axis=1)
    if not useful.any():
        return Clients(np.zeros(0), np.zeros((0, reach.shape[1]), dtype=bool))
    packed, group = np.unique(np.packbits(reach[useful], axis=1), axis=0, return_inverse=True)
    merged = np.unpackbits(packed, axis=1, count=reach.shape[1]).astype(bool)
    return Clients(np.bincount(group.ravel(), weight[useful]).astype(float), merged)


def choose_rounds(tours: Tours, clients: Clients, settings: HubSettings, must: Ints) -> Choice:
    """Return the rounds that reach the most need, with a bound that no timetable can exceed.

    Minutes driven break ties only: they weigh so little that bound and value are of the need reached alone.

    Parameters
    ----------
    tours
        Feasible days.
    clients
        Merged households.
    settings
        Cycle, vehicles, values, time limit and seed.
    must
        Venue indexes (0-based) that have to be visited.
    """
    reachable = float(clients.weight.sum())
    scale = float((clients.weight @ clients.reach).max(initial=0.0)) or 1.0
    most_minutes = settings.vehicle_days * float(tours.drive.max()) or 1.0
    model = _Model(tours, clients, settings, must)
    for tie_break in (TIE_BREAK, 0.0):
        epsilon = tie_break * scale / most_minutes
        solved = model.solve(model.need * (100 / scale), model.minutes * (epsilon * 100 / scale), settings)
        if solved.solution is None:
            return Choice(None, reachable, infeasible=solved.infeasible)
        # need <= objective + epsilon * minutes <= solver's bound + epsilon * most minutes
        bound = min(reachable, solved.bound * scale / 100 + epsilon * most_minutes)
        need, rounds = float(model.need @ solved.solution), model.rounds(solved.solution)
        if not solved.proven or bound - need <= ENOUGH * need:
            break  # otherwise decisions leave so little need to reach that even the tie-break blurs the proof
    return Choice(rounds, bound)


def missing_days(tours: Tours, clients: Clients, settings: HubSettings, must: Ints) -> int:
    """Return the fewest extra vehicle-days a cycle with which every must-serve venue can be visited."""
    model = _Model(tours, clients, settings, must, extra_days=True)
    solved = model.solve(-model.extra, model.minutes * 0, settings)
    return 0 if solved.solution is None else round(float(model.extra @ solved.solution))


@dataclass(frozen=True)
class _Solved:
    solution: Floats | None
    bound: float
    proven: bool
    infeasible: bool


class _Row(NamedTuple):
    """Constraints low <= blocks of columns <= high; see `_Model` for the columns."""

    low: Any
    high: Any
    x: Any = None
    a: Any = None
    y: Any = None
    z: Any = None
    extra: Any = None


class _Week:
    """Weekdays that no tour tells apart, as classes; and which weekday masks may use which class."""

    def __init__(self, tours: Tours, settings: HubSettings) -> None:
        self.masks, self.mask_of = np.unique(tours.weekdays, return_inverse=True)
        days = np.array(sorted(map(int, settings.working_weekdays)))
        open_on = (self.masks[:, None] >> (days - 1) & 1).astype(bool)
        patterns, class_of = np.unique(open_on, axis=1, return_inverse=True)
        self.classes = [tuple(int(d) for d in days[class_of.ravel() == c]) for c in range(patterns.shape[1])]
        self.flows = np.argwhere(patterns)  # (mask, class) pairs
        self.room = settings.vehicles * settings.cycle_weeks * np.array([len(c) for c in self.classes])


class _Model:
    """Columns x (tour), a (weekday flow), y (venue), z (client), each per frequency, and extra days per class.

    Weekdays that no tour tells apart form one class. Whole flows `a` count the rounds of each weekday mask in each
    class, and a class holds vehicles x weeks x its weekdays vehicle-days. A timetable then always exists: a round takes
    4, 2 or 1 of a vehicle's 4 weeks on a weekday (2 or 1 of 2). Placed from the largest down, the weeks in use of each
    vehicle and weekday are always a multiple of the size in hand, so one that is not full has room; and the free weeks
    are whole, or evenly spaced pairs, until the singles come. So the bound is a bound on what can be timetabled.
    """

    def __init__(self, tours: Tours, clients: Clients, settings: HubSettings, must: Ints, *, extra_days: bool = False):
        self.week = week = _Week(tours, settings)
        self.frequencies = settings.frequencies
        rows = self._rows(tours, clients, week, must)
        self.matrix = sp.csc_array(sp.block_array([row[2:] for row in rows]))
        heights = [next(block for block in row[2:] if block is not None).shape[0] for row in rows]
        low = [np.broadcast_to(row.low, height) for row, height in zip(rows, heights, strict=True)]
        high = [np.broadcast_to(row.high, height) for row, height in zip(rows, heights, strict=True)]
        self.low, self.high = np.concatenate(low).astype(float), np.concatenate(high).astype(float)

        sizes = len(tours.stops), len(week.flows), clients.reach.shape[1], clients.weight.size
        ends = np.cumsum([0, *(size * len(self.frequencies) for size in sizes), len(week.classes)])
        self.x, self.a, _, at_z, at_extra = (slice(low, high) for low, high in pairwise(ends))
        self.upper = np.ones(ends[-1])
        self.upper[self.a] = np.inf
        self.upper[at_extra] = np.inf if extra_days else 0
        self.integer = np.arange(ends[-1]) < ends[3]  # y would be whole anyway, but is the better branch
        self.need, self.minutes, self.extra = np.zeros((3, ends[-1]))
        self.need[at_z] = np.kron([f.value for f in self.frequencies], clients.weight)
        self.minutes[self.x] = np.kron([f.visits for f in self.frequencies], tours.drive)
        self.extra[at_extra] = 1

    def _rows(self, tours: Tours, clients: Clients, week: _Week, must: Ints) -> list[_Row]:
        venues, groups = clients.reach.shape[1], clients.weight.size
        row, position = np.nonzero(tours.stops)
        contains = _incidence(tours.stops[row, position] - 1, row, (venues, len(tours.stops)))
        of_mask = _incidence(week.mask_of, np.arange(len(tours.stops)), (week.masks.size, len(tours.stops)))
        flow = np.arange(len(week.flows))
        from_mask = _incidence(week.flows[:, 0], flow, (week.masks.size, flow.size))
        into_class = _incidence(week.flows[:, 1], flow, (len(week.classes), flow.size))
        reach = sp.csr_array(clients.reach.astype(float))
        venue, client, extra = (sp.eye_array(size) for size in (venues, groups, len(week.classes)))
        each, summed = sp.eye_array(len(self.frequencies)), np.ones((1, len(self.frequencies)))
        uses = np.array([[f.visits for f in self.frequencies]])
        forced = np.isin(np.arange(venues), must)
        rows = [
            _Row(0, 0, x=sp.kron(each, of_mask), a=-sp.kron(each, from_mask)),
            _Row(-np.inf, week.room, a=sp.kron(uses, into_class), extra=-extra),
            _Row(0, np.inf, x=sp.kron(each, contains), y=-sp.kron(each, venue)),  # a venue is visited by a round
            _Row(forced, 1, y=sp.kron(summed, venue)),  # at one frequency
            _Row(0, np.inf, y=sp.kron(each, reach), z=-sp.kron(each, client)),  # a client is reached at a venue
            _Row(-np.inf, 1, z=sp.kron(summed, client)),  # and counted once
        ]
        if not tours.closed:  # a stop cannot always be left out of a day, so no two rounds may share one
            rows.append(_Row(-np.inf, 1, x=sp.kron(summed, contains)))
        return rows

    def solve(self, gain: Floats, loss: Floats, settings: HubSettings) -> _Solved:
        """Maximise gain minus loss; the bound is of that objective."""
        lp = highspy.HighsLp()
        lp.num_row_, lp.num_col_ = self.matrix.shape
        lp.sense_ = highspy.ObjSense.kMaximize
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = gain - loss, np.zeros(lp.num_col_), self.upper
        lp.row_lower_, lp.row_upper_ = self.low, self.high
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_, lp.a_matrix_.index_ = self.matrix.indptr, self.matrix.indices
        lp.a_matrix_.value_ = self.matrix.data
        kinds = highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger
        lp.integrality_ = [kinds[int(whole)] for whole in self.integer]
        highs = highspy.Highs()
        for name, value in {
            "output_flag": False,
            "threads": 1,
            "random_seed": settings.seed,
            "time_limit": settings.time_limit_s,
            "mip_rel_gap": REL_GAP,
        }.items():
            highs.setOptionValue(name, value)
        highs.passModel(lp)
        highs.run()
        status, info = highs.getModelStatus(), highs.getInfo()
        found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        return _Solved(
            solution=np.array(highs.getSolution().col_value) if found else None,
            bound=float(info.mip_dual_bound),
            proven=status == highspy.HighsModelStatus.kOptimal,
            infeasible=status == highspy.HighsModelStatus.kInfeasible,
        )

    def rounds(self, solution: Floats) -> tuple[ChosenRound, ...]:
        """Read the chosen rounds off a solution, giving each tour one of the weekday classes its mask was granted."""
        week, frequencies = self.week, len(self.frequencies)
        chosen = np.round(solution[self.x]).astype(bool).reshape(frequencies, -1)
        granted = np.round(solution[self.a]).astype(int).reshape(frequencies, -1)
        rounds = []
        for frequency in range(frequencies):
            for mask in range(week.masks.size):
                pairs = np.flatnonzero(week.flows[:, 0] == mask)
                slots = np.repeat(week.flows[pairs, 1], granted[frequency, pairs])
                picked = np.flatnonzero(chosen[frequency] & (week.mask_of == mask))
                rounds += [ChosenRound(int(t), frequency, week.classes[c]) for t, c in zip(picked, slots, strict=True)]
        return tuple(rounds)


def _incidence(rows: Ints, columns: Ints, shape: tuple[int, int]) -> sp.csr_array:
    return sp.csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)
