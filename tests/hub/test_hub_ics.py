from datetime import UTC, date, datetime, timedelta
from typing import Any

import icalendar
import pytest
from calendar_cases import NAMES, closed, dated, plan
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from cfwlib.hub.calendar import HubCalendar
from cfwlib.hub.ics import stop_ics, vehicle_ics

LONG = {"weeks_ahead": 40}  # across the clock changes of 25 October 2026 and 28 March 2027


def events(text: str) -> list[Any]:
    return list(icalendar.Calendar.from_ical(text).walk("VEVENT"))


def expand(event: Any) -> list[datetime]:
    """The starts of an event as a calendar program finds them, in local time."""
    start = event["DTSTART"].dt
    if "RRULE" not in event:
        return [start]
    excluded = event.get("EXDATE", [])
    excluded = {day.dt for part in (excluded if isinstance(excluded, list) else [excluded]) for day in part.dts}
    return [day for day in rrulestr(event["RRULE"].to_ical().decode(), dtstart=start) if day not in excluded]


def expected(calendar: HubCalendar, column: str, name: str, value: Any) -> list[tuple[date, int]]:
    kept = calendar.kept[calendar.kept[column] == value]
    return sorted((day.date(), minutes) for day, minutes in zip(kept["date"], kept[name], strict=True))


def found(text: str) -> list[tuple[date, int]]:
    return sorted((day.date(), day.hour * 60 + day.minute) for event in events(text) for day in expand(event))


@pytest.mark.parametrize("venue", NAMES)
def test_a_calendar_program_finds_the_dates_of_the_timetable(venue: str) -> None:
    """Parsed, repeated and with its exceptions taken out, each stop's calendar is the dated timetable to the minute."""
    calendar = dated(**LONG)
    assert found(stop_ics(calendar, venue)) == expected(calendar, "venue", "session_start_min", venue)


@pytest.mark.parametrize("vehicle", [1, 2])
def test_the_crew_finds_when_to_arrive(vehicle: int) -> None:
    """A vehicle's calendar has each of its visits from arriving to leaving."""
    calendar = dated(**LONG)
    text = vehicle_ics(calendar, vehicle)
    assert found(text) == expected(calendar, "vehicle", "arrive_min", vehicle)
    assert {e["DTEND"].dt - e["DTSTART"].dt for e in events(text)} == {timedelta(minutes=150)}


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from([2, 4]),
    st.sets(st.integers(1, 4), min_size=1),
    st.lists(st.tuples(st.integers(0, 250), st.integers(0, 40)), max_size=5),
)
def test_any_weeks_and_any_closures(cycle: int, weeks: set[int], gaps: list[tuple[int, int]]) -> None:
    """Whatever weeks a stop is visited in and whatever is closed, at the ends too, the two agree."""
    weeks = {week for week in weeks if week <= cycle} or {1}
    day = date(2026, 9, 7)
    off = [(f"{day + timedelta(a)}", f"{day + timedelta(a + n)}", "closed", "a", 0) for a, n in gaps]
    visits = [(1, 1, 3, tuple(sorted(weeks)), 1, "a", 600.0), (2, 1, 4, (1,), 1, "b", 600.0)]
    calendar = dated(plan(visits, cycle), closed(*off))
    text = stop_ics(calendar, "a")
    assert found(text) == expected(calendar, "venue", "session_start_min", "a")
    for event in events(text):
        excluded = event.get("EXDATE", [])
        gone = [d.dt for part in (excluded if isinstance(excluded, list) else [excluded]) for d in part.dts]
        assert event["DTSTART"].dt not in gone  # many programs show the first date whatever EXDATE says


def test_ten_o_clock_stays_ten_o_clock() -> None:
    """By the file's own time zone, ten is nine in UTC in summer, ten in winter, and nine again from 28 March 2027."""
    text = stop_ics(dated(**LONG), "a")
    zone = icalendar.Calendar.from_ical(text).walk("VTIMEZONE")[0].to_tz(lookup_tzid=False)
    utc = {day.date(): day.replace(tzinfo=zone).astimezone(UTC).hour for day in expand(events(text)[0])}
    assert [utc[date(*d)] for d in ((2026, 10, 20), (2026, 10, 27), (2027, 3, 23), (2027, 3, 30))] == [9, 10, 10, 9]
    assert all(day.hour == 10 for day in expand(events(text)[0]))


def test_the_form_is_that_of_the_standard() -> None:
    """Lines end in CR LF and have 75 octets at most; a local start has a zone that is defined, a rule ends in UTC."""
    for venue in NAMES:
        text = stop_ics(dated(**LONG), venue)
        lines = text.split("\r\n")
        assert all(len(line.encode()) <= 75 and "\n" not in line and "\r" not in line for line in lines)
        assert lines[-1] == ""
        (event,) = events(text)
        assert event["DTSTART"].params["TZID"] == event["DTEND"].params["TZID"] == "Europe/London"
        until = event["RRULE"]["UNTIL"][0]
        assert until.utcoffset() == timedelta(0)
        assert until == expand(event)[-1]
        assert {"UID", "DTSTAMP"} <= set(event)
        assert icalendar.Calendar.from_ical(text).walk("VTIMEZONE")[0]["TZID"] == "Europe/London"
        assert not event.errors


@pytest.mark.parametrize("venue", NAMES)
def test_names_come_through_whole(venue: str) -> None:
    """Commas, semicolons, quotes, backslashes, Welsh letters and emoji are read back as they were."""
    name = " ".join(NAMES[venue].split())
    (event,) = events(stop_ics(dated(hub_offer="Tea, toast; advice\\help", hub_contact="Call; or knock"), venue))
    assert event["LOCATION"] == f"{name}, Cumberland"
    assert event["SUMMARY"] == f"Mobile family hub at {name}"
    assert event["DESCRIPTION"].splitlines()[1:] == ["Tea, toast", "advice\\help", "Any questions: Call; or knock"]


def test_coordinates_are_in_the_event() -> None:
    """A map opens at the stop."""
    calendar = dated()
    (event,) = events(stop_ics(calendar, "d"))
    place = calendar.places.loc["d"]
    assert (event["GEO"].latitude, event["GEO"].longitude) == (place["latitude"], place["longitude"])


def test_a_later_issue_moves_the_entries_instead_of_doubling_them() -> None:
    """Same UIDs, a higher sequence number: with another time, other holidays and ids from a new import of the data."""
    before, later = stop_ics(dated(), "a"), plan([(1, 1, 4, (1, 2), 1, "d", 700.0), (2, 1, 2, (1,), 1, "b", 600.0)])
    later.instance.venues[["name", "easting", "northing"]] = (
        plan().instance.venues[["name", "easting", "northing"]][::-1].to_numpy()
    )  # 'd' is now what 'a' was
    after = stop_ics(dated(later, closed(), timetable_issue=2), "d")
    (old,), (new,) = events(before), events(after)
    assert old["UID"] == new["UID"]
    assert (old["SEQUENCE"], new["SEQUENCE"]) == (0, 1)
    assert stop_ics(dated(), "a") == before  # byte for byte, whenever it is made


def test_no_two_entries_share_an_id() -> None:
    """Stops, vehicles, areas and the several times of one stop are told apart."""
    twice = plan([(1, 1, 2, (1, 2), 1, "a", 600.0), (2, 1, 4, (1, 2), 1, "a", 600.0), (3, 1, 5, (1, 2), 1, "b", 600.0)])
    calendars = [dated(twice), dated(twice, name="Westmorland")]
    texts = [text for c in calendars for text in (stop_ics(c, "a"), stop_ics(c, "b"), vehicle_ics(c, 1))]
    ids = [str(event["UID"]) for text in texts for event in events(text)]
    assert len(ids) == 12
    assert len(set(ids)) == 12


def test_nobody_is_named() -> None:
    """No organiser, no attendee, no contact person; modelled plans say what they are."""
    text = stop_ics(dated(modelled=True), "d") + vehicle_ics(dated(modelled=True), 1)
    assert not {"ORGANIZER", "ATTENDEE", "CONTACT"} & {line.split(":")[0].split(";")[0] for line in text.splitlines()}
    assert "modelled" in icalendar.Calendar.from_ical(stop_ics(dated(modelled=True), "d"))["X-WR-CALNAME"]


def test_a_stop_without_dates_has_a_calendar_without_entries() -> None:
    """All its dates left out, the file is still one that programs accept."""
    calendar = dated(off=closed(("2026-01-01", "2027-12-31", "roof repairs", "d", 0)))
    assert events(stop_ics(calendar, "d")) == []
