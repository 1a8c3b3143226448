"""From chosen tours to rounds: drop stops that add nothing, take the shortest order, give each a vehicle and weeks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cfwlib.hub.choose import ChosenRound, Clients
from cfwlib.hub.day import Day, Ints, Trip, shortest_trip
from cfwlib.hub.tours import Tours
from cfwlib.settings import Frequency, HubSettings


@dataclass(frozen=True)
class Round:
    """A day repeated at a frequency, on one of `weekdays` until it is placed; then by one vehicle in certain weeks."""

    trip: Trip
    frequency: Frequency
    weekdays: tuple[int, ...]
    vehicle: int = 0
    weeks: tuple[int, ...] = ()

    @property
    def stops(self) -> tuple[int, ...]:
        """Return the stop numbers in order."""
        return tuple(visit.stop for visit in self.trip.visits)


def visits_per_venue(rounds: Sequence[Round], venues: int) -> Ints:
    """Return the visits in a cycle of each venue, (V,), by its most frequent round."""
    visits = np.zeros(venues, dtype=np.int64)
    for r in rounds:
        at = np.array(r.stops, dtype=np.int64) - 1
        visits[at] = np.maximum(visits[at], r.frequency.visits)
    return visits


def need_reached(clients: Clients, visits: Ints, settings: HubSettings) -> float:
    """Return the need reached: children likely to need help, each times the value of the best frequency within reach.

    Parameters
    ----------
    clients
        Merged households.
    visits
        Visits in a cycle of each venue, (V,).
    settings
        For the value of each frequency.
    """
    value = np.zeros(settings.cycle_weeks + 1)
    for frequency in settings.frequencies:
        value[frequency.visits] = frequency.value
    best = np.where(clients.reach, visits, 0).max(axis=1, initial=0)
    return float(clients.weight @ value[best])


def build_rounds(
    chosen: Sequence[ChosenRound], tours: Tours, day: Day, clients: Clients, settings: HubSettings, must: Ints
) -> list[Round]:
    """Turn chosen tours into placed rounds without idle stops, sorted by weekday, vehicle and first week.

    Parameters
    ----------
    chosen, tours
        The solver's choice and the tours it chose from.
    day, clients, settings
        Rules of the day, merged households, rules of the cycle.
    must
        Venue indexes (0-based) whose last visit is never dropped.
    """
    trips: dict[frozenset[int], Trip | None] = {}

    def best(stops: frozenset[int]) -> Trip | None:
        if stops not in trips:
            trips[stops] = shortest_trip(day, stops)
        return trips[stops]

    rounds = []
    for c in chosen:
        trip = best(frozenset(int(s) for s in tours.stops[c.tour] if s))
        assert trip is not None, "every enumerated tour has a feasible order"
        rounds.append(Round(trip, settings.frequencies[c.frequency], c.weekdays))
    forced = np.zeros(clients.reach.shape[1], dtype=bool)
    forced[must] = True
    value = need_reached(clients, visits_per_venue(rounds, len(forced)), settings)
    while True:
        options: list[tuple[float, int, list[Round]]] = []
        for index, r in enumerate(rounds):
            for stop in r.stops:
                shorter = best(frozenset(r.stops) - {stop})
                if shorter is None:
                    continue
                rest = [*rounds[:index], replace(r, trip=shorter), *rounds[index + 1 :]]
                visits = visits_per_venue(rest, len(forced))
                if (visits[forced] > 0).all() and need_reached(clients, visits, settings) >= value * (1 - 1e-12):
                    options.append((r.frequency.visits * (shorter.drive - r.trip.drive), len(options), rest))
        if not options:
            return place([r for r in rounds if r.stops], settings)
        rounds = min(options)[2]


def place(rounds: list[Round], settings: HubSettings) -> list[Round]:
    """Give each round the first vehicle, weekday and weeks that are free; see `choose._Model` for why one always is."""
    free = {
        (weekday, vehicle): set(range(1, settings.cycle_weeks + 1))
        for vehicle in range(1, settings.vehicles + 1)
        for weekday in map(int, sorted(settings.working_weekdays))
    }
    placed = []
    for r in sorted(rounds, key=lambda r: (-r.frequency.visits, r.weekdays, r.stops)):
        every = settings.cycle_weeks // r.frequency.visits
        weekday, vehicle, weeks = next(
            (weekday, vehicle, weeks)
            for weekday, vehicle in free
            if weekday in r.weekdays
            for first in range(1, every + 1)
            if free[weekday, vehicle].issuperset(weeks := tuple(range(first, settings.cycle_weeks + 1, every)))
        )
        free[weekday, vehicle] -= set(weeks)
        placed.append(replace(r, weekdays=(weekday,), vehicle=vehicle, weeks=weeks))
    return sorted(placed, key=lambda r: (r.weekdays, r.vehicle, r.weeks))
