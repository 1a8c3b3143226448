"""One duty day: the rules, the minutes of an order of stops, and the shortest order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from cfwlib.hub.instance import Floats, Instance
from cfwlib.hub.instance import Ints as Ints
from cfwlib.hub.offers import Offers, offers_of
from cfwlib.settings import Vehicle

TOLERANCE = 1e-6  # minutes or km
NO_TIMES: Mapping[int, float] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Day:
    """The rules of one duty day. Stops are numbered 1..n in the order of the offers; 0 is where the day starts (as a
    row of `minutes` and `km`) and ends (as a column).
    """

    minutes: Floats  # with the time kept in hand: `pad` times those driven
    km: Floats
    opens: Floats
    closes: Floats
    dwell: Floats
    venue: Ints  # stops of one venue differ in the length of the session, and exclude each other
    weekdays: Ints  # bit d-1 is set when the venue is open, and the hub works, on weekday d
    start: float
    end: float
    setup: float
    pack_up: float
    pause: float
    range_km: float
    pad: float = 1.0
    step: float = 0.0

    def serve(self, arrive: Any, stop: Any, *, first: bool) -> tuple[Any, Any, Any]:
        """Return session start, session end and departure of a visit, in minutes; scalars or arrays.

        The vehicle may set up before the venue opens; sessions begin on whole steps. The driver's break follows the
        first session's pack-up.
        """
        begin = np.maximum(arrive + self.setup, self.opens[stop])
        begin = np.ceil((begin - TOLERANCE) / self.step) * self.step if self.step else begin
        end = begin + self.dwell[stop]
        return begin, end, end + self.pack_up + (self.pause if first else 0.0)


class Visit(NamedTuple):
    """One stop of a day, in minutes after midnight."""

    stop: int
    arrive: float
    begin: float
    end: float
    depart: float


class Trip(NamedTuple):
    """A day's visits in order, with the return to the depot (minutes after midnight), minutes driven and km."""

    visits: tuple[Visit, ...]
    back: float
    drive: float
    km: float


def day_of(instance: Instance, vehicle: Vehicle | None = None, offers: Offers | None = None) -> Day:
    """Return the duty day of a vehicle, with unreachable pairs at infinity.

    Parameters
    ----------
    instance
        The problem.
    vehicle
        One of `settings.vehicle_kinds`; None = the first.
    offers
        The stops; None = from `offers_of`, of which the first V are the venues in order.
    """
    s, vehicle = instance.settings, vehicle or instance.settings.vehicle_kinds[0][0]
    offers = offers or offers_of(instance)
    venues = instance.venues.iloc[offers.venue]
    worked = [set(open_on) & set(vehicle.weekdays) for open_on in venues["weekdays"].astype(str)]
    masks = [0] + [sum(1 << int(d) - 1 for d in weekdays) for weekdays in worked]
    number = {venue: at for at, venue in enumerate(instance.venues["venue"], start=1)} | {"": 0}

    def legs(matrix: Floats) -> Floats:
        start, end = number[vehicle.depot], number[vehicle.depot if vehicle.ends_at is None else vehicle.ends_at]
        rows, columns = (np.r_[depot, offers.venue + 1] for depot in (start, end))
        found: Floats = np.where(np.isnan(matrix), np.inf, matrix)[np.ix_(rows, columns)]
        found[0, 0] = 0.0  # a day without stops is not driven
        return found

    return Day(
        minutes=legs(instance.minutes.vehicle_min) * (1 + s.reserve_share),
        km=legs(instance.minutes.vehicle_km),
        opens=np.r_[0.0, venues["open_min"].to_numpy(float)],
        closes=np.r_[0.0, venues["close_min"].to_numpy(float)],
        dwell=np.r_[0.0, offers.dwell],
        venue=np.r_[-1, offers.venue],
        weekdays=np.array(masks, dtype=np.int64),
        start=s.duty_start_min,
        end=s.duty_start_min + s.duty_min,
        setup=s.setup_min,
        pack_up=s.pack_up_min,
        pause=s.break_min,
        range_km=vehicle.range_km or s.range_km,
        pad=1 + s.reserve_share,
        step=s.round_to_min,
    )


def trip(day: Day, order: Iterable[int], begins: Mapping[int, float] = NO_TIMES) -> Trip | None:
    """Return the day that visits stops in the given order, or None where a rule is broken.

    Parameters
    ----------
    day
        The rules.
    order
        Stop numbers, 1..n.
    begins
        The earliest that sessions at some stops may begin, minutes after midnight.
    """
    visits: list[Visit] = []
    here, clock, drive, km = 0, day.start, 0.0, 0.0
    for stop in order:
        arrive = clock + float(day.minutes[here, stop])
        waited = max(arrive, begins.get(stop, 0.0) - day.setup)
        begin, end, clock = (float(x) for x in day.serve(waited, stop, first=not visits))
        if end > day.closes[stop] + TOLERANCE:
            return None
        drive, km = drive + float(day.minutes[here, stop]) / day.pad, km + float(day.km[here, stop])
        visits.append(Visit(stop, arrive, begin, end, clock))
        here = stop
    back, km = clock + float(day.minutes[here, 0]), km + float(day.km[here, 0])
    if back > day.end + TOLERANCE or km > day.range_km + TOLERANCE:
        return None
    return Trip(tuple(visits), back, drive + float(day.minutes[here, 0]) / day.pad, km)


def shortest_trip(day: Day, stops: Iterable[int]) -> Trip | None:
    """Return the feasible day with the fewest minutes driven, then the earliest return, or None if no order fits.

    Parameters
    ----------
    day
        The rules.
    stops
        Stop numbers, 1..n, in any order.
    """
    best: Trip | None = None

    def search(order: tuple[int, ...], left: tuple[int, ...], clock: float, drive: float) -> None:
        nonlocal best
        here = order[-1] if order else 0
        if best and drive + day.minutes[here, 0] / day.pad > best.drive + TOLERANCE:
            return  # metric minutes: going home now is the least that is still to drive
        if not left:
            found = trip(day, order)
            if found and (best is None or (found.drive, found.back) < (best.drive - TOLERANCE, best.back)):
                best = found
            return
        for stop in left:
            leg = float(day.minutes[here, stop])
            _, end, depart = day.serve(clock + leg, stop, first=not order)
            if end <= day.closes[stop] + TOLERANCE and depart + day.minutes[stop, 0] <= day.end + TOLERANCE:
                search((*order, stop), tuple(s for s in left if s != stop), float(depart), drive + leg / day.pad)

    search((), tuple(sorted(stops)), day.start, 0.0)
    return best


def clock(minutes: float) -> str:
    """Return a time of day as hh:mm, to the nearest minute.

    Parameters
    ----------
    minutes
        Minutes after midnight.
    """
    hours, rest = divmod(int(minutes + 0.5), 60)
    return f"{hours % 24:02d}:{rest:02d}"
