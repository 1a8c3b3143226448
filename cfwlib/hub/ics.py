"""The dated timetable as iCalendar (RFC 5545): one calendar per stop for families, one per vehicle for its crew."""

import uuid
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pandas as pd

from cfwlib.hub.calendar import SESSION, TIMES, HubCalendar, Series, find_series
from cfwlib.hub.day import clock

ZONE = "Europe/London"
_LONDON = ZoneInfo(ZONE)
_NAMES = uuid.UUID("b0f0ad0e-52a4-5f0c-9d0c-8b2d1a4a7c11")  # never change it: every UID is made from it


def stop_ics(calendar: HubCalendar, venue: str) -> str:
    """Return one stop's sessions as a calendar that families can subscribe to.

    Times are local and stay so across the clock changes. Each session that repeats is one event, with the dates left
    out as its exceptions; its UID stays the same in a later issue, so that a subscriber's entry is moved, not doubled.

    Parameters
    ----------
    calendar
        From `hub_calendar`.
    venue
        Id of the stop.

    Returns
    -------
    text
        The .ics file, with the line ends RFC 5545 demands (CR LF). No event if every date is left out.
    """
    visits = calendar.visits[calendar.visits["venue"] == venue]
    name, says = calendar.places["name"][venue], calendar.settings
    title = f"{says.hub_name} at {name}"
    ics = _calendar(calendar, title)
    told = "\n".join([*_offer(calendar), f"Any questions: {says.hub_contact or says.hub_url}"])
    for number, series in enumerate(find_series(visits, calendar.cycle_weeks, SESSION), start=1):
        event = _event(calendar, series, f"stop/{number}", "session_start_min", "session_end_min")
        if event:
            event.add("summary", title)
            event.add("description", f"{series.frequency}, {_session(series)}.\n{told}")
            event.add("transp", "TRANSPARENT")  # a session one may drop in to does not make one busy
            ics.add_component(event)
    return str(ics.to_ical().decode())


def vehicle_ics(calendar: HubCalendar, vehicle: int) -> str:
    """Return one vehicle's visits as a calendar for its crew, from arriving at a stop to leaving it.

    Parameters
    ----------
    calendar
        From `hub_calendar`.
    vehicle
        Number of the vehicle.

    Returns
    -------
    text
        The .ics file; when the doors are open, and when the round leaves and returns, is in the descriptions.
    """
    visits = calendar.visits[calendar.visits["vehicle"] == vehicle]
    ics = _calendar(calendar, f"{calendar.settings.hub_name}, vehicle {vehicle}")
    numbers, names = dict.fromkeys(visits["venue"], 0), calendar.places["name"]
    for series in find_series(visits, calendar.cycle_weeks, ["venue", "weekday", "sequence", *TIMES]):
        row = series.visits.iloc[0]
        numbers[row["venue"]] += 1
        entry = f"vehicle {vehicle}/{numbers[row['venue']]}"
        event = _event(calendar, series, entry, "arrive_min", "depart_min")
        if event:
            event.add("summary", f"{row['name']}: open {_session(series)}")
            event.add(
                "description",
                f"{series.frequency}, stop {row['sequence']}. Arrive {clock(row['arrive_min'])}, "
                f"leave {clock(row['depart_min'])}.\nThe round leaves {names[row['starts_at']]} at "
                f"{clock(row['leave_min'])} and is at {names[row['ends_at']]} by {clock(row['return_min'])}.",
            )
            ics.add_component(event)
    return str(ics.to_ical().decode())


def local_time(day: date, minutes: int) -> datetime:
    """Return a time of day in London.

    Parameters
    ----------
    day
        The date.
    minutes
        Minutes after midnight; 1,440 and more are the next day.
    """
    return datetime(day.year, day.month, day.day, tzinfo=_LONDON) + timedelta(minutes=int(minutes))  # wall-clock


def _event(calendar: HubCalendar, series: Series, entry: str, start: str, end: str) -> icalendar.Event | None:
    """The repeating event of a series without its texts; None where every date is left out."""
    kept: pd.DataFrame = series.kept
    if kept.empty:
        return None
    starts = [local_time(day, minutes) for day, minutes in zip(kept["date"], kept[start], strict=True)]
    length, step = int(kept[end].iloc[0] - kept[start].iloc[0]), timedelta(weeks=series.every_weeks)
    says, place = calendar.settings, calendar.places.loc[kept["venue"].iloc[0]]
    event = icalendar.Event()
    # Ids of venues change when data are imported anew; a name and a place to a kilometre do not.
    where = f"{calendar.area_name}/{place['name']}/{place['latitude']:.2f}/{place['longitude']:.2f}"
    event.add("uid", str(uuid.uuid5(_NAMES, f"{where}/{entry}")))
    event.add("dtstamp", datetime.combine(says.first_day, datetime.min.time(), UTC))
    event.add("sequence", says.timetable_issue - 1)
    event.add("dtstart", starts[0])
    event.add("dtend", starts[0] + timedelta(minutes=length))
    if len(starts) > 1:
        rule = {"freq": "weekly", "interval": series.every_weeks, "until": starts[-1].astimezone(UTC)}
        event.add("rrule", rule)
        steps = (starts[-1].date() - starts[0].date()) // step
        if left_out := sorted({starts[0] + n * step for n in range(steps + 1)} - set(starts)):
            event.add("exdate", left_out)
    event.add("location", f"{place['name']}, {calendar.area_name}")
    event.add("geo", (place["latitude"], place["longitude"]))
    event.add("url", says.hub_url)
    return event


def _calendar(calendar: HubCalendar, title: str) -> icalendar.Calendar:
    name = f"{title}{' (modelled, not official)' if calendar.modelled else ''}"
    ics = icalendar.Calendar()
    ics.add("prodid", "-//cfwlib//mobile hub timetable//EN")
    ics.add("version", "2.0")
    ics.add("name", name)
    ics.add("x-wr-calname", name)  # the older name of the same, which most programs read
    zone = icalendar.Timezone()
    zone.add("tzid", ZONE)
    for part, begins, month, names in (
        (icalendar.TimezoneDaylight(), datetime(1996, 3, 31, 1), 3, (0, 1, "BST")),
        (icalendar.TimezoneStandard(), datetime(1996, 10, 27, 2), 10, (1, 0, "GMT")),
    ):
        part.add("dtstart", begins)
        part.add("rrule", {"freq": "yearly", "bymonth": month, "byday": "-1SU"})
        part.add("tzoffsetfrom", timedelta(hours=names[0]))
        part.add("tzoffsetto", timedelta(hours=names[1]))
        part.add("tzname", names[2])
        zone.add_component(part)
    ics.add_component(zone)
    return ics


def _session(series: Series) -> str:
    row = series.visits.iloc[0]
    return f"{clock(row['session_start_min'])}–{clock(row['session_end_min'])}"


def _offer(calendar: HubCalendar) -> list[str]:
    return [part.strip() for part in calendar.settings.hub_offer.split(";") if part.strip()]
