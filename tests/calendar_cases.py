"""A mobile hub with dates: four stops whose names have broken files before, two vehicles, made by hand."""

from types import SimpleNamespace
from typing import Any

import pandas as pd

from cfwlib.data.days_off import DaysOff, days_off
from cfwlib.hub.calendar import HubCalendar, hub_calendar
from cfwlib.settings import CalendarSettings, HubSettings, Vehicle

NAMES = {
    "a": 'Alston; "Town" Hall, upper\\lower\nroom',
    "b": "Ŷsgol Pŵllheli & Møresby 🏔 with a name so long that a line of a calendar file must be folded in its middle",
    "c": "<script>alert('c')</script>",
    "d": "Dalston",
}
DEPOT = pd.Series({"service": "hub", "name": "Family Hub, Whitehaven", "easting": 297_400.0, "northing": 518_200.0})
START = "2026-09-07"  # a Monday
VISIT = ["round", "vehicle", "weekday", "weeks", "sequence", "venue", "session_start_min"]
VISITS = [  # the first starts 24 seconds before ten
    (1, 1, 2, (1, 2), 1, "a", 599.6),
    (1, 1, 2, (1, 2), 2, "b", 800.0),
    (2, 1, 1, (1,), 1, "c", 600.0),
    (3, 2, 5, (2,), 1, "d", 720.0),
]


def plan(visits: list[tuple[Any, ...]] = VISITS, cycle_weeks: int = 2) -> Any:
    """What a calendar reads of a HubPlan: set up 15 minutes, open two hours, pack up 15, from a depot at 8:30."""
    frame = pd.DataFrame(visits, columns=VISIT).explode("weeks").rename(columns={"weeks": "week"})
    frame = frame.astype({"week": "int64"})
    for name, minutes in (("arrive_min", -15), ("session_end_min", 120), ("depart_min", 135)):
        frame[name] = frame["session_start_min"] + minutes
    rounds = frame.groupby("round", as_index=False).agg(return_min=("depart_min", "max"))
    rounds = rounds.assign(leave_min=510.0, return_min=rounds["return_min"] + 30)
    venues = pd.DataFrame({"venue": list(NAMES), "name": list(NAMES.values())})
    venues["easting"], venues["northing"] = (
        [371_800.0, 350_000, 340_000, 330_000],
        [546_400.0, 540_000, 530_000, 520_000],
    )
    settings = HubSettings(fleet=(Vehicle(), Vehicle(depot="d", ends_at="")))  # type: ignore[call-arg]
    settings = settings.model_copy(update={"cycle_weeks": cycle_weeks})
    return SimpleNamespace(visits=frame, rounds=rounds, instance=SimpleNamespace(venues=venues, settings=settings))


def closed(*rows: tuple[str, str, str, str, int]) -> DaysOff:
    """Days off: first, last, reason, venue, vehicle."""
    frame = pd.DataFrame(rows, columns=["first", "last", "reason", "venue", "vehicle"])
    return DaysOff(frame, ())


def dated(
    of: Any = None, off: DaysOff | None = None, *, modelled: bool = False, name: str = "Cumberland", **settings: Any
) -> HubCalendar:
    """The calendar of a plan; without days off given, public holidays are left out."""
    values = CalendarSettings(**{"cycle_start": START, **settings})
    off = days_off(values) if off is None else off
    return hub_calendar(plan() if of is None else of, DEPOT, off, values, area_name=name, modelled=modelled)
