"""Rounds built stop by stop: greedy insertion, then removal and repair for as long as there is time."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cfwlib.hub.day import TOLERANCE, Day, trip
from cfwlib.hub.demands import Demands
from cfwlib.hub.instance import Flags, Floats, Ints
from cfwlib.hub.model import Clients
from cfwlib.hub.offers import Offers
from cfwlib.hub.rounds import Round, place
from cfwlib.settings import HubSettings

FIRST = 1e6  # what a demand that is not met weighs more than any need
MOST_REMOVED = 12  # stops taken out before a repair
ROUNDING = 1e-9  # gains of no more than this are rounding
ENOUGH = 5e-5  # a gap well within the 1e-4 of a proof
STALLED = 3_000  # repairs without a better plan, after which no more are tried
NOISE = 0.3  # share by which what a stop is worth is blurred in a repair
WARM, COOL = 3e-3, 1e-5  # losses, as shares of the value, that are accepted at first and at last
Score = tuple[float, float]  # demands met (0 = all), then what was aimed at


@dataclass(frozen=True)
class Run:
    """Stops in order, driven on one weekday by one kind of vehicle at a frequency (an index)."""

    kind: int
    weekday: int
    frequency: int
    order: tuple[int, ...] = ()


class Clock:
    """A day's rules as plain numbers, since the search asks for one order at a time."""

    def __init__(self, day: Day) -> None:
        self.day, self.km = day, day.km.tolist()
        self.minutes: list[list[float]] = day.minutes.tolist()
        self.stops = list(zip(day.opens.tolist(), day.closes.tolist(), day.dwell.tolist(), strict=True))

    def back(self, order: Sequence[int]) -> tuple[float, float]:
        """Return when an order is home, minutes after midnight (inf where a rule is broken), and minutes waited."""
        day, clock, here, km, waited, pause = self.day, self.day.start, 0, 0.0, 0.0, self.day.pause
        for stop in order:
            opens, closes, dwell = self.stops[stop]
            ready = clock + self.minutes[here][stop] + day.setup
            begin = max(ready, opens)
            if day.step and begin < math.inf:
                begin = math.ceil((begin - TOLERANCE) / day.step) * day.step
            if begin + dwell > closes + TOLERANCE:
                return math.inf, 0.0
            clock, waited, pause = begin + dwell + day.pack_up + pause, waited + begin - ready, 0.0
            km, here = km + self.km[here][stop], stop
        clock, km = clock + self.minutes[here][0], km + self.km[here][0]
        late = clock > day.end + TOLERANCE or km > day.range_km + TOLERANCE
        return (math.inf if late else clock), waited

    def driven(self, order: Sequence[int]) -> float:
        """Return the minutes of the legs of an order."""
        return sum(self.minutes[a][b] for a, b in zip((0, *order), (*order, 0), strict=True))

    def shorter(self, order: tuple[int, ...]) -> tuple[int, ...]:
        """Move one stop, or turn a stretch round, while that shortens the drive and the day stays feasible."""
        drive = self.driven(order)
        while True:
            for other in _neighbours(order):
                if self.driven(other) < drive - TOLERANCE and self.back(other)[0] < math.inf:
                    order, drive = other, self.driven(other)
                    break
            else:
                return order


def _neighbours(order: tuple[int, ...]) -> list[tuple[int, ...]]:
    places = range(len(order))
    turned = [(*order[:a], *order[a : b + 1][::-1], *order[b + 1 :]) for a in places for b in places if a < b]
    rest = [(order[a], (*order[:a], *order[a + 1 :])) for a in places]
    return turned + [(*left[:b], stop, *left[b:]) for stop, left in rest for b in places]


class Workshop:
    """One problem, for which runs are built and improved.

    Parameters
    ----------
    days
        Rules of the day of each kind of vehicle.
    usable
        Stops that may be visited, flags (N,).
    asked
        Most remote children that have to be reached; infinite where as many as possible are.
    """

    def __init__(
        self, days: Sequence[Day], usable: Flags, offers: Offers, clients: Clients, demands: Demands,
        settings: HubSettings, *, asked: float = 0.0,
    ) -> None:  # fmt: skip
        self.days, self.clocks = days, [Clock(day) for day in days]
        self.usable, self.offers, self.clients, self.demands, self.settings = usable, offers, clients, demands, settings
        self.asked, self.random = asked, np.random.default_rng(settings.seed)
        self.visits = np.array([f.visits for f in settings.frequencies])
        self.worth = np.outer([f.value for f in settings.frequencies], offers.worth)

    def cells(self) -> list[tuple[int, int, int]]:
        """Return kind, weekday and vehicle-days in a cycle of each place where runs can go."""
        return [
            (number, int(weekday), len(vehicles) * self.settings.cycle_weeks)
            for number, (kind, vehicles) in enumerate(self.settings.vehicle_kinds)
            for weekday in kind.weekdays
        ]

    def empty(self, frequency: int) -> list[Run]:
        """Return empty runs of one frequency that fill the cycle."""
        each = int(self.visits[frequency])
        return [Run(k, d, frequency) for k, d, room in self.cells() for _ in range(room // each)]

    def best_of(self, starts: Sequence[list[Run]], *, until: float, most: float) -> list[Run]:
        """Return the best runs found from several starts, the better half of them improved in turn."""
        keep = sorted(starts, key=self.score, reverse=True)[: (len(starts) + 1) // 2]
        spans = np.linspace(time.monotonic(), until, len(keep) + 1)[1:]
        improved = (self.improve(runs, until=end, most=most) for runs, end in zip(keep, spans, strict=True))
        return max(improved, key=self.score)

    def filled(self, rounds: Sequence[Round]) -> list[Run]:
        """Return placed rounds as runs, with empty ones for the days that are left."""
        runs = [Run(r.kind, r.weekdays[0], self.settings.frequencies.index(r.frequency), r.stops) for r in rounds]
        rarest, each = len(self.visits) - 1, int(self.visits[-1])
        for kind, weekday, room in self.cells():
            used = sum(int(self.visits[r.frequency]) for r in runs if (r.kind, r.weekday) == (kind, weekday))
            runs += [Run(kind, weekday, rarest)] * ((room - used) // each)
        return runs

    def counts(self, runs: Sequence[Run]) -> Ints:
        """Return the visits in a cycle of each stop, (N,)."""
        visits = np.zeros(len(self.offers.venue), dtype=np.int64)
        for run in runs:
            visits[np.array(run.order, dtype=np.int64) - 1] = self.visits[run.frequency]
        return visits

    def _levels(self, visits: Ints) -> Floats:
        """Return what the visits to each stop are worth, (N,)."""
        value = np.zeros(self.settings.cycle_weeks + 1)
        value[self.visits] = [f.value for f in self.settings.frequencies]
        return np.asarray(value[visits] * self.offers.worth)

    def spent(self, runs: Sequence[Run]) -> tuple[int, float]:
        """Return the vehicle-days and pounds of a cycle."""
        days = sum(int(self.visits[run.frequency]) for run in runs if run.order)
        cost = float(self.counts(runs) @ self.demands.visit_gbp[self.offers.venue])
        return days, cost + days * self.demands.day_gbp

    def score(self, runs: Sequence[Run]) -> Score:
        """Return how far demands are met, and the need reached less penalties (or remote children, where asked for)."""
        visits, demands = self.counts(runs), self.demands
        best = (self.clients.reach * self._levels(visits)).max(axis=1, initial=0.0)
        remote = float(self.clients.remote @ (best > 0))
        per_venue = np.bincount(self.offers.venue, visits, minlength=len(demands.least))
        missed = float(np.maximum(demands.least - per_venue, 0).sum())
        missed += sum(max(0, floor.least - int((per_venue[floor.venues] > 0).sum())) for floor in demands.floors)
        net = float(self.clients.weight @ best) - demands.penalty * int((per_venue < demands.last).sum())
        if math.isinf(self.asked):
            return -missed, remote + 1e-6 * net
        return -missed - max(0.0, self.asked - remote) / (1 + self.asked), net

    def remote(self, runs: Sequence[Run]) -> float:
        """Return the most remote children reached."""
        best = (self.clients.reach * self._levels(self.counts(runs))).max(axis=1, initial=0.0)
        return float(self.clients.remote @ (best > 0))

    def _bonus(self, visits: Ints) -> Floats:
        """Return what demands add to a first visit to each stop, by frequency, (F, N); -inf where its venue has one."""
        demands, venue = self.demands, self.offers.venue
        per_venue = np.bincount(venue, visits, minlength=len(demands.least))
        last, least, often = demands.last[venue], demands.least[venue], self.visits[:, None]
        bonus = np.where((last > 0) & (often >= last), demands.penalty, 0.0)
        bonus += np.where((least > 0) & (often >= least), FIRST**2, 0.0)
        for floor in demands.floors:
            if (per_venue[floor.venues] > 0).sum() < floor.least:
                bonus[:, floor.venues[venue]] += FIRST**2
        bonus[:, ~self.usable | (per_venue[venue] > 0)] = -np.inf
        return bonus

    def _weight(self, best: Floats) -> Floats:
        """Return what each group weighs: remote children not reached come first while too few are."""
        clients = self.clients
        if not self.asked or clients.remote @ (best > 0) >= self.asked:
            return clients.weight
        return np.asarray(clients.weight + FIRST * clients.remote * (best <= 0))

    def _more(self, weight: Floats, best: Floats, groups: "Flags | slice" = slice(None)) -> Floats:
        """Return what groups with such best visits would gain from each stop, by frequency, (F, N)."""
        reach, best = self.clients.reach[groups], best[groups, None]
        return np.array([weight[groups] @ np.maximum(reach * worth - best, 0.0) for worth in self.worth])

    def _offers_of(self, run: Run) -> tuple[Floats, Ints]:
        """Return the minutes each stop would add to a run where it adds least, (N,), and that place in the order."""
        day = self.days[run.kind]
        here, there = np.array([(0, *run.order), (*run.order, 0)], dtype=np.int64)
        added = day.minutes[here, 1:] + day.minutes[1:, there].T - day.minutes[here, there][:, None]
        place_in = np.asarray(added.argmin(axis=0))
        back, waited = self.clocks[run.kind].back(run.order)
        minutes = added.min(axis=0) + day.setup + day.dwell[1:] + day.pack_up
        spare = day.end - back + waited - (0.0 if run.order else day.pause)
        shut = (day.weekdays[1:] >> (run.weekday - 1) & 1) == 0
        return np.where((minutes > spare + TOLERANCE) | shut, np.inf, minutes), place_in

    def repair(self, runs: Sequence[Run], noise: float = 0.0) -> list[Run]:
        """Insert the stop that adds most a minute, where it adds fewest minutes, until none fits."""
        runs = list(runs)
        minutes, places = map(np.array, zip(*(self._offers_of(run) for run in runs), strict=True))
        frequency = np.array([run.frequency for run in runs])
        blur = 1 + noise * self.random.uniform(-1, 1, minutes.shape[1])
        days, pounds = self.spent(runs)
        visits = self.counts(runs)
        best = (self.clients.reach * self._levels(visits)).max(axis=1, initial=0.0)
        weight = self._weight(best)
        more, bonus = self._more(weight, best), self._bonus(visits)
        while True:
            gains = (more + bonus) * blur
            worth = np.where(np.isfinite(minutes), gains[frequency], -1.0) / np.clip(minutes, 1.0, FIRST)
            at, stop = np.unravel_index(worth.argmax(), worth.shape)
            if not worth[at, stop] > ROUNDING:
                return runs
            run, where = runs[at], places[at, stop]
            longer = replace(run, order=(*run.order[:where], int(stop) + 1, *run.order[where:]))
            out = 0 if run.order else int(self.visits[run.frequency])
            price = self.visits[run.frequency] * self.demands.visit_gbp[self.offers.venue[stop]]
            price += out * self.demands.day_gbp
            fits = days + out <= self.settings.vehicle_days and pounds + price <= self.demands.budget_gbp
            if not fits or math.isinf(self.clocks[run.kind].back(longer.order)[0]):
                minutes[at, stop] = np.inf
                continue
            runs[at], days, pounds = longer, days + out, pounds + price
            failed = np.isinf(minutes[at])
            minutes[at], places[at] = self._offers_of(longer)
            minutes[at, failed] = np.inf
            visits[stop], level = self.visits[run.frequency], self.worth[run.frequency, stop]
            bonus = self._bonus(visits)
            changed = self.clients.reach[:, stop] & (level > best)
            was, was_weight = best, weight
            best = np.where(changed, level, best)
            weight = self._weight(best)
            if (weight == was_weight)[~changed].all():
                more += self._more(weight, best, changed) - self._more(was_weight, was, changed)
            else:
                more = self._more(weight, best)

    def _removed(self, runs: Sequence[Run]) -> list[Run]:
        """Take out some stops near each other, or all of a run, or give a weekday another rhythm."""
        random, busy = self.random, [run for run in runs if run.order]
        way = random.random()
        if not busy or (way < 0.1 and len(self.visits) > 1):
            kind, weekday, room = self.cells()[random.integers(len(self.cells()))]
            frequency = int(random.integers(len(self.visits)))
            rest = [run for run in runs if (run.kind, run.weekday) != (kind, weekday)]
            return rest + [Run(kind, weekday, frequency)] * (room // int(self.visits[frequency]))
        chosen = busy[random.integers(len(busy))]
        if way < 0.3:
            gone = set(chosen.order)
        else:
            seed = chosen.order[random.integers(len(chosen.order))]
            visited = np.array(sorted({stop for run in busy for stop in run.order}))
            near = visited[np.argsort(self.days[chosen.kind].minutes[seed, visited])]
            among = near[: 3 * MOST_REMOVED]
            many = min(len(among), int(random.integers(1, MOST_REMOVED + 1)))
            gone = {seed, *random.choice(among, many, replace=False).tolist()}
        left = [replace(r, order=tuple(s for s in r.order if s not in gone)) for r in runs]
        if any(math.isinf(self.clocks[run.kind].back(run.order)[0]) for run in left):
            return list(runs)  # a stop left out cannot always be spared
        return [replace(r, order=self.clocks[r.kind].shorter(r.order)) if gone & set(was.order) else r
                for r, was in zip(left, runs, strict=True)]  # fmt: skip

    def improve(self, runs: list[Run], *, until: float, most: float) -> list[Run]:
        """Remove and repair; small losses are accepted, fewer as time goes by.

        Parameters
        ----------
        runs
            To begin with.
        until
            Moment of `time.monotonic` to end at, if no earlier: near what is possible, or long without success.
        most
            What no plan is worth more than.
        """
        start, idle = time.monotonic(), 0
        best = now = runs
        best_score = now_score = self.score(runs)
        while (left := (until - time.monotonic()) / max(until - start, 1e-9)) > 0 and idle < STALLED:
            if best_score[0] >= 0 and most - best_score[1] <= ENOUGH * abs(most):
                break
            other = self.repair(self._removed(now), NOISE)
            score = self.score(other)
            loss = (COOL + (WARM - COOL) * left) * abs(now_score[1]) * self.random.random()
            idle += 1
            if score >= (now_score[0], now_score[1] - loss):
                now, now_score = other, score
                if score > best_score:
                    best, best_score, idle = other, score, 0
        return best

    def rounds(self, runs: Sequence[Run]) -> list[Round]:
        """Return runs as placed rounds, without stops that add nothing, in orders that one move cannot shorten."""
        runs, score = list(runs), self.score(runs)
        for at, run in enumerate(runs):
            for stop in run.order:
                less = replace(runs[at], order=tuple(s for s in runs[at].order if s != stop))
                spared = [*runs[:at], less, *runs[at + 1 :]]
                if self.score(spared) >= score and self.clocks[run.kind].back(less.order)[0] < math.inf:
                    runs = spared
        made = []
        for run in (run for run in runs if run.order):
            order = self.clocks[run.kind].shorter(run.order)
            found = trip(self.days[run.kind], order)
            assert found is not None, "every order kept is feasible"
            made.append(Round(found, self.settings.frequencies[run.frequency], (run.weekday,), kind=run.kind))
        return place(made, self.settings)
