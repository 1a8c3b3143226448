"""Say in words why a venue cannot be visited, or a set of decisions not be met."""

from collections.abc import Sequence

import numpy as np

from cfwlib.hub.day import TOLERANCE, Day, clock
from cfwlib.hub.instance import Instance, Ints


def why_unreachable(instance: Instance, day: Day, stop: int) -> str:
    """Return why a visit to one stop alone breaks the duty day, or '' if it fits.

    Parameters
    ----------
    instance, day
        The problem and its duty day.
    stop
        Stop number, 1..n.
    """
    s = instance.settings
    out, back = float(day.minutes[0, stop]), float(day.minutes[stop, 0])
    km = float(day.km[0, stop] + day.km[stop, 0])
    begin, end, depart = (float(x) for x in day.serve(day.start + out, stop, first=True))
    dwell, ready = float(day.dwell[stop]), s.setup_min + s.pack_up_min
    if not np.isfinite(out + back):
        return "there is no road from the depot and back"
    if not day.weekdays[stop]:
        opens = instance.venues["weekdays"].iloc[day.venue[stop]]
        return f"it opens on weekdays {opens} only, the hub works on {s.working_weekdays}"
    if end > day.closes[stop] + TOLERANCE:
        latest = clock(float(day.closes[stop]))
        return f"a session of {dwell:.0f} minutes from {clock(begin)}, the earliest start, ends after closing, {latest}"
    if depart + back > day.end + TOLERANCE:
        wait = depart + back - day.start - out - back - ready - dwell - s.break_min
        waiting = f", {wait:.0f} waiting for opening" if wait >= 0.5 else ""
        return (
            f"a visit takes {depart + back - day.start:.0f} minutes ({out + back:.0f} driving, {dwell:.0f} session, "
            f"{ready:.0f} setting up and packing up, {s.break_min:.0f} break{waiting}); the duty is {s.duty_min:.0f}"
        )
    if km > day.range_km + TOLERANCE:
        return f"a visit takes {km:.0f} km; the range is {day.range_km:.0f} km"
    return ""


def why_unvisited(instance: Instance, days: Sequence[Day], venue: int) -> str:
    """Return why a venue alone, at its shortest session, breaks the duty day of every vehicle, or '' if one can come.

    Parameters
    ----------
    instance, days
        The problem and the duty day of each kind of vehicle.
    venue
        Index of the venue, 0-based.
    """
    told = []
    for day in days:
        stops = np.flatnonzero(day.venue == venue)
        stop = int(stops[day.dwell[stops].argmin()])
        if not (why := why_unreachable(instance, day, stop)):
            return ""
        told.append(why)
    return told[0]


def impossible(instance: Instance, days: Sequence[Day], venues: Ints, visitable: Ints) -> list[str]:
    """Return a sentence for each of some venues that is in no tour.

    Parameters
    ----------
    instance, days
        The problem and the duty day of each kind of vehicle.
    venues
        Venue indexes (0-based) to explain.
    visitable
        Venue indexes (0-based) in some tour.
    """
    names = instance.venues["name"]
    return [
        f"{names[v]} cannot be visited: {why_unvisited(instance, days, int(v))}." for v in venues if v not in visitable
    ]
