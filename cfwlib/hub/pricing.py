"""Hubs whose days are too many to list: tours are priced from the recursion, and the bound is still of every plan."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from cfwlib.hub.choose import Choice
from cfwlib.hub.construct import ENOUGH, Clock, Run, Workshop
from cfwlib.hub.day import TOLERANCE, Day, trip
from cfwlib.hub.demands import Demands
from cfwlib.hub.instance import Flags, Floats, Ints
from cfwlib.hub.model import Clients, Model
from cfwlib.hub.offers import Offers
from cfwlib.hub.rounds import Round, place
from cfwlib.hub.tours import TooManyToursError, Tours, find_tours, join_tours
from cfwlib.milp import Programme, engine
from cfwlib.settings import HubSettings

ROUNDING = 1e-9  # what sums of the same numbers in another order may differ by, as a share
CLOSE = 3e-5  # gap of the relaxation, as a share, that is not worth another round of pricing
GRID_MIN = 5.0  # step of the clock by which what is left of a day is bounded, where sessions begin at any minute
BEAMS = (300, 3_000, 30_000)  # partial days kept of each size: few at first, more where these find no tour
CELLS = 1_000_000  # of one extension step, to bound memory
ADDED = 200  # tours of one slot added in one round of pricing
STABLE = 0.7  # share of the best prices so far in those that tours are asked for
MOST_POOL = 2_000  # tours the programme in whole numbers may choose from
REMOTE, PRICED, BUILT, CHOSEN = (
    0.2,
    0.5,
    0.75,
    0.85,
)  # shares of the time by which each step ends; the rest is for repairs


class Slot(NamedTuple):
    """Weekdays (bit mask) of a kind of vehicle on which the same stops are open, and its vehicle-days in a cycle."""

    kind: int
    weekdays: int
    room: int


@dataclass(frozen=True)
class Column:
    """A day of the relaxation: stops in order, its slot, and whether a vehicle can drive it (range allowing)."""

    order: tuple[int, ...]
    slot: int
    real: bool


def tours_or_some(days: Sequence[Day], stops: Ints, settings: HubSettings) -> Tours:
    """Return every maximal tour, or, where they are too many, the days of one stop (then not `complete`).

    A stop that may be visited, but not by itself, has infinite minutes driven.

    Parameters
    ----------
    days
        Rules of the day of each kind of vehicle.
    stops
        Stop numbers to consider, 1..n.
    settings
        For `max_tours`.
    """
    try:
        return join_tours([find_tours(day, stops, max_tours=settings.max_tours) for day in days])
    except TooManyToursError:
        # after another stop, with the break taken and perhaps fewer km, one may be reached that is not by itself
        free = [replace(day, pause=0.0, range_km=np.inf) for day in days]
        alone = [
            ((int(stop),), kind)
            for kind, day in enumerate(free)
            for stop in stops
            if day.weekdays[stop] and trip(day, [int(stop)])
        ]
        sure = [trip(days[kind], order) is not None for order, kind in alone]
        some = _tours(alone if any(sure) else [], days)
        return replace(some, drive=np.where(sure[: len(some)], some.drive, np.inf))


def _tours(orders: Sequence[tuple[tuple[int, ...], int]], days: Sequence[Day], masks: Sequence[int] = ()) -> Tours:
    """Return days (stops in order, kind) as tours, on given weekdays or all on which every stop is open."""
    width = max((len(order) for order, _ in orders), default=1)
    stops = np.array([sorted(order) + [0] * (width - len(order)) for order, _ in orders], dtype=np.int64)
    clocks = [Clock(day) for day in days]
    open_on = masks or [int(np.bitwise_and.reduce(days[kind].weekdays[list(order)])) for order, kind in orders]
    return Tours(
        stops=stops.reshape(-1, width),
        drive=np.array([clocks[kind].driven(order) / days[kind].pad for order, kind in orders], dtype=float),
        weekdays=np.array(open_on, dtype=np.int64),
        kind=np.array([kind for _, kind in orders], dtype=np.int64),
        closed=True,
        complete=False,
    )


def slots_of(days: Sequence[Day], stops: Ints, settings: HubSettings) -> list[Slot]:
    """Return the slots on which some stop is open; a kind's weekdays with the same stops open form one."""
    slots = []
    for number, (kind, vehicles) in enumerate(settings.vehicle_kinds):
        alike: dict[bytes, int] = {}
        for weekday in map(int, kind.weekdays):
            open_on = days[number].weekdays[stops] >> (weekday - 1) & 1
            if open_on.any():
                alike[open_on.tobytes()] = alike.get(open_on.tobytes(), 0) | 1 << (weekday - 1)
        room = len(vehicles) * settings.cycle_weeks
        slots += [Slot(number, mask, room * mask.bit_count()) for mask in alike.values()]
    return slots


class Pricer:
    """Days of one slot: partial days without a stop twice, bounded by what the rest of a day could hold at the most.

    The rest may come back to a stop (not at once), and its clock is rounded down to a grid: so it holds no less than a
    real one. A day longer than the vehicle's range is found too, and told apart.
    """

    def __init__(self, day: Day, slot: Slot, number: int, stops: Ints, seed: int) -> None:
        reach = day.start + day.minutes[0, stops] + day.setup + day.dwell[stops] + day.pack_up + day.minutes[stops, 0]
        self.stops = stops[((day.weekdays[stops] & slot.weekdays) == slot.weekdays) & (reach <= day.end + TOLERANCE)]
        self.day, self.slot, self.number, self.clock = day, slot, number, Clock(day)
        self.marks = np.random.default_rng(seed).integers(1, 2**63, len(self.stops), dtype=np.int64)
        self.venue = day.venue[self.stops]
        self.minutes, self.km = (m[np.ix_(np.r_[self.stops, 0], self.stops)] for m in (day.minutes, day.km))
        self.home = day.minutes[self.stops, 0]
        least = float(day.setup + day.pack_up + day.dwell[self.stops].min(initial=np.inf))
        self.step = min(day.step or GRID_MIN, least, day.end - day.start)
        self.base = day.start + (day.pack_up - day.start) % self.step - self.step
        self.grid = int((day.end - self.base) / self.step) + 1
        at = self.base + self.step * np.arange(self.grid)
        n = len(self.stops)
        self.then = np.full((self.grid, n, n), self.grid, dtype=np.int16)  # time, here, next -> time it is left
        for time_at, when in enumerate(at):
            left, fits = self._serve(when + self.minutes[:n], slice(None), first=False)
            self.then[time_at] = np.where(fits, self._at(left), self.grid)
        same = self.venue[:, None] == self.venue
        self.then[:, same] = self.grid

    def _at(self, minutes: Floats) -> Ints:
        """Return the last moment of the grid that is not later."""
        return np.minimum(np.floor((minutes - self.base) / self.step + 1e-9), self.grid - 1).astype(np.int16)

    def _serve(self, arrive: Floats, where: "Ints | slice", *, first: bool) -> tuple[Floats, Flags]:
        """Return when stops are left, and whether they are open and home is in time."""
        stops = self.stops[where]
        _, end, left = self.day.serve(arrive, stops, first=first)
        fits = (end <= self.day.closes[stops] + TOLERANCE) & (left + self.home[where] <= self.day.end + TOLERANCE)
        return left, fits

    def _rest(self, value: Floats) -> tuple[Floats, Ints, Floats]:
        """Return the most left from each stop and time on, (n, grid + 1), its next venue, the most by others."""
        n = len(value)
        most, other = np.full((2, n, self.grid + 1), -np.inf)
        follows = np.full((n, self.grid + 1), -1)
        here, there = self.venue[:, None], np.arange(n)
        for at in range(self.grid - 1, -1, -1):
            then = self.then[at]
            gain = np.where(follows[there, then] == here, other[there, then], most[there, then]) + value
            best = gain.argmax(axis=1)
            top = gain[there, best]
            gain[self.venue == self.venue[best][:, None]] = -np.inf
            most[:, at], other[:, at] = np.maximum(top, 0), np.maximum(gain.max(axis=1), 0)
            follows[:, at] = np.where(top > 0, self.venue[best], -1)
        return most, follows, other

    def find(self, value: Floats, price: float, beam: int, most: int = ADDED) -> tuple[list[Column], float, bool]:
        """Return tours worth more than a price, what no tour is worth more than, and whether all were looked at.

        Parameters
        ----------
        value
            Of each stop, (N + 1,), the depot's first; zero or more.
        price
            What a tour has to be worth more than.
        beam
            Partial days of each size that are kept.
        most
            Tours that are returned.
        """
        n, worth = len(self.stops), value[self.stops]
        if not n:
            return [], price, True
        ahead, follows, other = self._rest(worth)
        order, last = np.zeros((1, 0), dtype=np.int16), np.array([n])
        left, profit, mark = np.full(1, self.day.start), np.zeros(1), np.zeros(1, dtype=np.int64)
        found: list[tuple[float, tuple[int, ...]]] = []
        highest, whole = price, True
        while len(last):
            rows, columns = [], []
            for low in range(0, len(last), max(1, CELLS // n)):
                part = slice(low, low + max(1, CELLS // n))
                if order.shape[1]:
                    then = self.then[self._at(left[part])][np.arange(len(last[part])), last[part]]
                    hope = profit[part, None] + worth + ahead[np.arange(n), then]
                    for member in order[part].T:
                        hope[self.venue[member][:, None] == self.venue] = -np.inf
                else:
                    hope = np.full((1, n), np.inf)
                row, column = np.nonzero(hope > price)
                rows.append(row + low)
                columns.append(column)
            row, stop = np.concatenate(rows), np.concatenate(columns)
            then_left, fits = self._serve(left[row] + self.minutes[last[row], stop], stop, first=not order.shape[1])
            row, stop, then_left = row[fits], stop[fits], then_left[fits]
            at, before = self._at(then_left), np.append(self.venue, -2)[last[row]]
            gained = profit[row] + worth[stop]
            hope = gained + np.where(follows[stop, at] == before, other[stop, at], ahead[stop, at])
            keep = np.flatnonzero(hope > price)
            sets = mark[row] + self.marks[stop]
            keep = keep[np.lexsort((then_left[keep], stop[keep], sets[keep]))]  # the earliest of each (set, last stop)
            key = np.column_stack([sets[keep], stop[keep]])
            keep = keep[np.r_[True, (key[1:] != key[:-1]).any(axis=1)][: len(keep)]]
            if len(keep) > beam:
                keep = keep[np.argsort(-hope[keep], kind="stable")]
                highest, whole, keep = max(highest, float(hope[keep[beam]])), False, keep[:beam]
            order = np.column_stack([order[row[keep]], stop[keep]]).astype(np.int16)
            last, left, profit, mark = stop[keep], then_left[keep], gained[keep], sets[keep]
            good = np.flatnonzero(profit > price)
            good = good[np.argsort(-profit[good], kind="stable")][: most + 1]
            found += [(float(profit[g]), tuple(self.stops[order[g]].tolist())) for g in good]
        found.sort(reverse=True)
        highest = max([highest, *(worth for worth, _ in found[:1])])
        once = {frozenset(stops): stops for _, stops in reversed(found)}
        columns_of = [(stops, np.isfinite(self.clock.back(stops)[0])) for stops in reversed(once.values())]
        return (
            [Column(*one[:1], self.number, bool(one[1])) for one in columns_of[:most]],
            highest,
            whole and len(columns_of) <= most,
        )


class Master:
    """The relaxation of `Model` over every tour: an engine that tours are added to, and the bound at any prices."""

    def __init__(self, model: Model, objective: Floats, pricers: Sequence[Pricer], columns: Sequence[Column]) -> None:
        self.pricers, self.columns, program = pricers, list(columns), model.program
        self.program, self.objective = program, objective
        self.needs = [int(model.week.need_of[next(i for i, c in enumerate(columns) if c.slot == slot)])
                      for slot in range(len(pricers))]  # fmt: skip
        self.first = model.week.needs + len(model.week.classes) + 1  # row of the first stop
        self.rest = np.arange(program.matrix.shape[1]) >= model.x.stop
        self.flows = model.a
        self.need_of_flow = model.week.flows[:, 0]
        self.most = int(program.high[self.first - 1])
        upper = program.upper + 0.0
        upper[model.x] = np.inf
        self.upper = upper + 0.0
        self.upper[model.days], self.upper[model.pounds] = 0.0, 0.0  # what is lacking is no part of a plan
        zero = np.zeros(len(upper))
        self.highs = engine(
            Programme(program.matrix, program.low, program.high, zero, upper, objective, maximise=True), {}
        )
        self.bound, self.value, self.best = np.inf, -np.inf, np.zeros(len(program.low))
        self.worth: Floats = np.zeros(len(columns))

    def run(self, until: float) -> None:
        """Price tours until none is worth its price, or the time is over."""
        beam, smooth = 0, 0.0
        while time.monotonic() < until:
            self.highs.setOptionValue("time_limit", self.highs.getRunTime() + max(1.0, until - time.monotonic()))
            self.highs.run()
            info, answer = self.highs.getInfo(), self.highs.getSolution()
            if not answer.dual_valid:
                return
            self.value = float(info.objective_function_value)
            prices = np.array(answer.row_dual)
            asked = smooth * self.best + (1 - smooth) * prices
            found, bound, whole = self._bound(asked, BEAMS[beam])
            if bound < self.bound:
                self.bound, self.best = bound, asked
            if self.bound - self.value <= CLOSE * abs(self.bound):
                return
            if found:
                dear, _ = self._clean(prices)
                smooth = STABLE if min(self._reduced(found, dear)) < 0 else 0.0
                self._add(found)
            elif smooth:
                smooth = 0.0
            elif whole or beam == len(BEAMS) - 1:
                return
            else:
                beam += 1

    def _clean(self, prices: Floats) -> tuple[Floats, Floats]:
        """Return prices of a sign that a bound allows, those of slots as their days cost, and reduced costs."""
        program = self.program
        prices = np.where(np.where(prices > 0, np.isfinite(program.high), np.isfinite(program.low)), prices, 0.0)
        cost = program.matrix[:, self.flows].T @ prices - self.objective[self.flows]
        spare = np.full(int(self.need_of_flow.max()) + 1, np.inf)
        np.minimum.at(spare, self.need_of_flow, cost)
        prices[: len(spare)] += spare
        return prices, self.objective - program.matrix.T @ prices

    def _bound(self, prices: Floats, beam: int) -> tuple[list[Column], float, bool]:
        """Return tours worth more than their price, what no plan is worth more than, and whether all were looked at."""
        prices, reduced = self._clean(prices)
        gains = np.where(self.rest, np.maximum(reduced, 0.0), 0.0)
        gains[self.flows] = 0.0  # by the choice of prices
        paid = np.flatnonzero(gains > 0)
        sides = np.where(prices > 0, self.program.high, self.program.low)[prices != 0]
        bound = float(prices[prices != 0] @ sides + gains[paid] @ self.upper[paid])
        value = np.zeros(len(self.pricers[0].day.opens))
        value[1:] = np.maximum(-prices[self.first : self.first + len(value) - 1], 0.0)
        found, excess, all_seen = [], [], True
        slack = CLOSE * 0.1 * abs(bound) / max(1, self.most)
        for pricer, need in zip(self.pricers, self.needs, strict=True):
            columns, highest, whole = pricer.find(value, max(0.0, float(prices[need])) + slack, beam)
            found += columns
            excess.append((max(0.0, highest - float(prices[need])), pricer.slot.room))
            all_seen &= whole
        left = self.most
        for more, room in sorted(excess, reverse=True):
            bound, left = bound + more * min(left, room), left - min(left, room)
        return found, bound, all_seen

    def _add(self, columns: Sequence[Column]) -> None:
        """Give tours to the engine, with what each is of its slot and of its stops."""
        starts = np.cumsum([0, *(len(c.order) + 1 for c in columns)])[:-1]
        rows = np.concatenate([[self.needs[c.slot], *(self.first + stop - 1 for stop in c.order)] for c in columns])
        many, zero = len(columns), np.zeros(len(columns))
        self.highs.addCols(
            many, zero, zero, np.full(many, np.inf), len(rows), starts.astype(np.int32), rows.astype(np.int32),
            np.ones(len(rows)),
        )  # fmt: skip
        self.columns += columns

    def _reduced(self, columns: Sequence[Column], prices: Floats) -> list[float]:
        """Return what each tour costs above what it is worth, at some prices."""
        stops = self.first - 1
        return [float(prices[self.needs[c.slot]] + sum(prices[stops + stop] for stop in c.order)) for c in columns]

    def within(self, gap: float) -> list[Column] | None:
        """Return every tour that a plan less than `gap` below the bound may hold; None where they are too many."""
        prices, _ = self._clean(self.best)
        value = np.r_[0.0, np.maximum(-prices[self.first : self.first + len(self.pricers[0].day.opens) - 1], 0.0)]
        every: list[Column] = []
        for pricer, need in zip(self.pricers, self.needs, strict=True):
            found, _, whole = pricer.find(value, float(prices[need]) - gap - ROUNDING, BEAMS[-1], MOST_POOL)
            if not whole:
                return None
            every += found
        return every

    def pool(self, most: int) -> list[Column]:
        """Return the tours with the best reduced costs at the best prices."""
        ranked = np.argsort(self._reduced(self.columns, self._clean(self.best)[0]), kind="stable")
        return [self.columns[at] for at in ranked[:most]]


def choose_priced(
    tours: Tours, offers: Offers, clients: Clients, demands: Demands, settings: HubSettings, days: Sequence[Day]
) -> Choice:  # fmt: skip
    """Return the best rounds found in time, and bounds for every timetable, where tours are too many to list.

    What is asked is as for `choose_rounds`; the plan is one of whole rounds.

    Parameters
    ----------
    tours
        From `tours_or_some`: what they hold may be visited.
    offers, clients, demands, settings
        As in `choose_rounds`.
    days
        Rules of the day of each kind of vehicle.
    """
    return _Search(tours, offers, clients, demands, settings, days).choice()


class _Search:
    def __init__(
        self, tours: Tours, offers: Offers, clients: Clients, demands: Demands, settings: HubSettings,
        days: Sequence[Day],
    ) -> None:  # fmt: skip
        self.told = offers, clients, demands, settings
        self.clients, self.demands, self.settings, self.days = clients, demands, settings, days
        self.start = time.monotonic()
        stops = np.unique(tours.stops)
        self.usable = np.isin(np.arange(1, len(offers.venue) + 1), stops)
        stops = stops[stops > 0]
        self.pricers: list[Pricer] = []
        for slot in slots_of(days, stops, settings):
            pricer = Pricer(days[slot.kind], slot, len(self.pricers), stops, settings.seed)
            self.pricers += [pricer] * bool(len(pricer.stops))
        self.columns = [
            Column((int(stop),), at, trip(days[pricer.slot.kind], [int(stop)]) is not None)
            for at, pricer in enumerate(self.pricers)
            for stop in pricer.stops
        ]

    def until(self, share: float) -> float:
        return self.start + share * self.settings.time_limit_s

    def workshop(self, asked: float) -> Workshop:
        offers, clients, demands, settings = self.told
        return Workshop(self.days, self.usable, offers, clients, demands, settings, asked=asked)

    def choice(self) -> Choice:
        clients, settings = self.clients, self.settings
        reachable, remote_bound, asked = float(clients.weight.sum()), float(clients.remote.sum()), 0.0
        starts: list[list[Run]] = []
        if remote_bound:
            workshop = self.workshop(np.inf)
            starts = [self._keep(workshop.repair(workshop.empty(f))) for f in range(len(settings.frequencies))]
            master = self._master(0.0, remote=100 / remote_bound)
            master.run(self.until(REMOTE / 2))
            self.columns = master.columns
            remote_bound = min(remote_bound, master.bound * remote_bound / 100)
            far = workshop.best_of(starts, until=self.until(REMOTE), most=remote_bound)
            most_remote = workshop.remote(far)
            remote_bound = max(most_remote, remote_bound)
            share = {"most_need": 0.0, "balanced": settings.remote_share, "farthest_first": 1.0}[settings.aim]
            asked = share * most_remote * (1 - ROUNDING)
            starts = [self._keep(far)]
        workshop = self.workshop(asked)
        starts = [
            self._keep(workshop.repair(runs)) for runs in (*starts, *map(workshop.empty, range(len(workshop.visits))))
        ]
        scale = float((clients.weight @ clients.reach).max(initial=0.0)) or 1.0
        master = self._master(asked, need=100 / scale)
        master.run(self.until(PRICED))
        changed = self.demands.penalty * int((self.demands.last > 0).sum())
        bound = min(reachable, master.bound * scale / 100 - changed)
        best = workshop.best_of(starts, until=self.until(BUILT), most=bound)
        missed, value = workshop.score(best)
        if missed < 0 or bound - value > ENOUGH * abs(bound):
            every = master.within(np.inf if missed < 0 else master.bound - (value + changed) * 100 / scale)
            if every is not None:
                proven = self._programme(every, asked, scale, self.until(BUILT), whole=False)[1] - changed
                bound = min(bound, proven if missed < 0 else max(proven, value))
            pool = master.pool(MOST_POOL) if every is None else every
            whole, _ = self._programme(pool, asked, scale, self.until(CHOSEN), whole=True)
            best = max(best, workshop.filled(whole), key=workshop.score)
            best = workshop.improve(best, until=self.until(1.0), most=bound)
        if workshop.score(best)[0] < 0:
            return Choice(None, reachable)
        return Choice((), bound, bound, remote_bound, workshop.rounds(best))

    def _keep(self, runs: list[Run]) -> list[Run]:
        """Let the relaxation know days that were built; return them."""
        for run in (run for run in runs if run.order):
            slot = next(at for at, p in enumerate(self.pricers)
                        if p.slot.kind == run.kind and p.slot.weekdays >> (run.weekday - 1) & 1)  # fmt: skip
            self.columns.append(Column(run.order, slot, True))
        return runs

    def _master(self, asked: float, *, need: float = 0.0, remote: float = 0.0) -> Master:
        masks = [self.pricers[c.slot].slot.weekdays for c in self.columns]
        tours = _tours([(c.order, self.pricers[c.slot].slot.kind) for c in self.columns], self.days, masks)
        model = Model(tours, *self.told, lacking=True, whole=False)
        if asked:
            model.ask(asked)
        objective = need * (model.need + self.demands.penalty * model.kept) + remote * model.remote
        dear = 10 * float(np.abs(objective).sum() + 1)
        objective[model.days], objective[model.pounds] = -dear, -dear
        return Master(model, objective, self.pricers, self.columns)

    def _programme(
        self, columns: Sequence[Column], asked: float, scale: float, until: float, *, whole: bool
    ) -> tuple[list[Round], float]:
        """Return the best whole rounds of some tours (none where it finds none), and what none of theirs exceed."""
        once = {
            (frozenset(c.order), c.slot): c for c in sorted(columns, key=lambda c: c.real) if c.real or not whole
        }  # of one set, the order that can be driven
        kinds = [self.pricers[slot].slot.kind for _, slot in once]
        masks = [] if whole else [self.pricers[slot].slot.weekdays for _, slot in once]
        if not once:
            return [], np.inf
        tours = _tours([(c.order, kind) for c, kind in zip(once.values(), kinds, strict=True)], self.days, masks)
        model = Model(tours, *self.told, whole=whole)
        if asked:
            model.ask(asked)
        limit = self.settings.model_copy(update={"time_limit_s": max(1.0, until - time.monotonic())})
        solved = model.solve((model.need + self.demands.penalty * model.kept) * (100 / scale), limit)
        bound, rounds = solved.bound * scale / 100, []
        if solved.x is None or not whole:
            return [], bound
        for chosen in (c for c in model.rounds(solved.x) if c.stops):
            order = next(c.order for c, kind in zip(once.values(), kinds, strict=True)
                         if kind == chosen.kind and set(c.order) >= set(chosen.stops))  # fmt: skip
            made = trip(self.days[chosen.kind], [stop for stop in order if stop in chosen.stops])
            if made is None:  # a stop left out cannot always be spared
                return [], bound
            rounds.append(Round(made, self.settings.frequencies[chosen.frequency], chosen.weekdays, kind=chosen.kind))
        return place(rounds, self.settings), bound
