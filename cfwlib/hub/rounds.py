"""From chosen tours to rounds: drop stops that add nothing, take the shortest order, give each a vehicle and weeks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cfwlib.hub.day import Day, Trip, shortest_trip
from cfwlib.hub.instance import Flags, Floats, Ints
from cfwlib.hub.model import ChosenRound, Clients
from cfwlib.settings import Frequency, HubSettings


@dataclass(frozen=True)
class Round:
    """A day repeated at a frequency, on one of `weekdays` until it is placed; then by one vehicle in certain weeks.

    `kind` is the place of the vehicle's kind in `settings.vehicle_kinds`.
    """

    trip: Trip
    frequency: Frequency
    weekdays: tuple[int, ...]
    vehicle: int = 0
    weeks: tuple[int, ...] = ()
    kind: int = 0

    @property
    def stops(self) -> tuple[int, ...]:
        """Return the stop numbers in order."""
        return tuple(visit.stop for visit in self.trip.visits)


def visits_per_stop(rounds: Sequence[Round], stops: int) -> Ints:
    """Return the visits in a cycle of each stop, (N,), by its most frequent round."""
    visits = np.zeros(stops, dtype=np.int64)
    for r in rounds:
        at = np.array(r.stops, dtype=np.int64) - 1
        visits[at] = np.maximum(visits[at], r.frequency.visits)
    return visits


def need_reached(clients: Clients, visits: Ints, settings: HubSettings, worth: Floats | float = 1.0) -> float:
    """Return the need reached: children likely to need help, each times the value of the best visits within reach.

    Parameters
    ----------
    clients
        Merged households.
    visits
        Visits in a cycle of each stop, (N,).
    settings
        For the value of each frequency.
    worth
        Of a session at each stop, (N,): 1 unless lengths are a choice.
    """
    return float(clients.weight @ _best(clients, visits, settings, worth))


def remote_reached(clients: Clients, visits: Ints, settings: HubSettings, worth: Floats | float = 1.0) -> float:
    """Return the most remote children reached: each once, by a visit of whatever frequency that is worth anything.

    Parameters
    ----------
    clients, visits, settings, worth
        As in `need_reached`.
    """
    return float(clients.remote @ (_best(clients, visits, settings, worth) > 0))


def _best(clients: Clients, visits: Ints, settings: HubSettings, worth: Floats | float) -> Floats:
    """Return what the best visits within reach of each group are worth, (G,)."""
    value = np.zeros(settings.cycle_weeks + 1)
    for frequency in settings.frequencies:
        value[frequency.visits] = frequency.value
    best: Floats = np.where(clients.reach, value[visits] * worth, 0.0).max(axis=1, initial=0.0)
    return best


def build_rounds(
    chosen: Sequence[ChosenRound], days: Sequence[Day], clients: Clients, settings: HubSettings, *, worth: Floats,
    protected: Flags,
) -> list[Round]:  # fmt: skip
    """Turn chosen days into placed rounds without idle stops, sorted by weekday, vehicle and first week.

    Parameters
    ----------
    chosen
        The solver's choice.
    days
        Rules of the day of each kind of vehicle.
    clients, settings
        Merged households with the stops that reach them, rules of the cycle.
    worth
        Of a session at each stop, (N,).
    protected
        Stops (N,) whose last visit is never dropped.
    """
    trips: dict[tuple[int, frozenset[int]], Trip | None] = {}

    def best(kind: int, stops: frozenset[int]) -> Trip | None:
        if (kind, stops) not in trips:
            trips[kind, stops] = shortest_trip(days[kind], stops)
        return trips[kind, stops]

    rounds = []
    for c in (c for c in chosen if c.stops):
        trip = best(c.kind, frozenset(c.stops))
        assert trip is not None, "every day chosen has a feasible order"
        rounds.append(Round(trip, settings.frequencies[c.frequency], c.weekdays, kind=c.kind))
    planned = visits_per_stop(rounds, len(worth))
    value, locked = need_reached(clients, planned, settings, worth), protected & (planned > 0)
    remote = remote_reached(clients, planned, settings, worth)
    while True:
        options: list[tuple[float, int, list[Round]]] = []
        for index, r in enumerate(rounds):
            for stop in r.stops:
                shorter = best(r.kind, frozenset(r.stops) - {stop})
                if shorter is None:
                    continue
                rest = [*rounds[:index], replace(r, trip=shorter), *rounds[index + 1 :]]
                visits = visits_per_stop(rest, len(worth))
                reached = need_reached(clients, visits, settings, worth)
                far = remote_reached(clients, visits, settings, worth)
                kept = (visits >= planned)[locked].all() and far >= remote * (1 - 1e-12)
                if kept and reached >= value * (1 - 1e-12):
                    options.append((r.frequency.visits * (shorter.drive - r.trip.drive), len(options), rest))
        if not options:
            return place([r for r in rounds if r.stops], settings)
        rounds = min(options)[2]


def place(rounds: list[Round], settings: HubSettings) -> list[Round]:
    """Give each round the first vehicle, weekday and weeks that are free; see `model.Model` for why one always is."""
    kinds = settings.vehicle_kinds
    worked = sorted((number, int(day)) for kind, numbers in kinds for number in numbers for day in kind.weekdays)
    free = {(weekday, vehicle): set(range(1, settings.cycle_weeks + 1)) for vehicle, weekday in worked}
    placed = []
    for r in sorted(rounds, key=lambda r: (-r.frequency.visits, r.weekdays, r.stops)):
        every = settings.cycle_weeks // r.frequency.visits
        weekday, vehicle, weeks = next(
            (weekday, vehicle, weeks)
            for weekday, vehicle in free
            if weekday in r.weekdays and vehicle in kinds[r.kind][1]
            for first in range(1, every + 1)
            if free[weekday, vehicle].issuperset(weeks := tuple(range(first, settings.cycle_weeks + 1, every)))
        )
        free[weekday, vehicle] -= set(weeks)
        placed.append(replace(r, weekdays=(weekday,), vehicle=vehicle, weeks=weeks))
    return sorted(placed, key=lambda r: (r.weekdays, r.vehicle, r.weeks))
