from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from calendar_cases import DEPOT, START, closed, dated, plan
from hub_cases import case
from hypothesis import given, settings
from hypothesis import strategies as st

from cfwlib.errors import PlanError, SettingsError
from cfwlib.hub import plan_hub
from cfwlib.hub.calendar import (
    SESSION,
    HubCalendar,
    dated_table,
    dates_left_out,
    find_series,
    hub_calendar,
    stop_dates,
)
from cfwlib.settings import CalendarSettings, Settings


def dates(calendar: HubCalendar, venue: str) -> list[str]:
    kept = calendar.kept
    return [f"{day:%m-%d}" for day in kept.loc[kept["venue"] == venue, "date"]]


def test_six_weeks_by_hand() -> None:
    """From Monday 7 September 2026: Tuesdays each week, Mondays of odd weeks, Fridays of even ones."""
    calendar = dated(weeks_ahead=6)
    assert dates(calendar, "a") == ["09-08", "09-15", "09-22", "09-29", "10-06", "10-13"]
    assert dates(calendar, "c") == ["09-07", "09-21", "10-05"]
    assert dates(calendar, "d") == ["09-18", "10-02", "10-16"]
    assert dates(dated(weeks_ahead=3), "c") == ["09-07", "09-21"]  # half a cycle is dated too


def test_times_are_the_printed_ones() -> None:
    """A session that starts 24 seconds before ten is announced, and exported, for ten."""
    first = dated().visits.query("venue == 'a'").iloc[0]
    assert first[["arrive_min", "session_start_min", "session_end_min", "depart_min"]].tolist() == [585, 600, 720, 735]
    row = dated_table(dated()).query("Date == '2026-09-08'").iloc[0]
    assert (row["From"], row["To"], row["Weekday"], row["Vehicle"]) == ("10:00", "12:00", "Tuesday", "1")


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([1, 2, 3, 4]),
    st.sets(st.integers(1, 4), min_size=1),
    st.integers(1, 5),
    st.integers(0, 60),
    st.integers(4, 60),
)
def test_every_day_of_the_weeks_is_right(cycle: int, weeks: set[int], weekday: int, start: int, ahead: int) -> None:
    """Walking through the days one by one, the hub comes on its weekday in its weeks of the cycle and on no other."""
    weeks = {week for week in weeks if week <= cycle} or {1}
    first = date(2026, 9, 7) + timedelta(weeks=start)
    of = plan([(1, 1, weekday, tuple(sorted(weeks)), 1, "a", 600.0)], cycle)
    calendar = dated(of, closed(), cycle_start=f"{first}", weeks_ahead=ahead)
    days = [first + timedelta(days=n) for n in range(7 * ahead)]
    expected = [d for n, d in enumerate(days) if d.isoweekday() == weekday and n // 7 % cycle + 1 in weeks]
    assert calendar.kept["date"].dt.date.tolist() == expected
    series = find_series(calendar.visits, cycle, SESSION)
    assert sorted(d for s in series for d in s.visits["date"].dt.date) == expected
    for s in series:
        assert set(s.visits["date"].diff().dropna()) <= {pd.Timedelta(weeks=s.every_weeks)}


def test_what_repeats_is_said_in_words() -> None:
    """Weekly, fortnightly and four-weekly series; weeks that do not lie evenly are one series each."""

    def told(weeks: tuple[int, ...], cycle: int) -> list[str]:
        return [s.frequency for s in find_series(dated(one(weeks, cycle)).visits, cycle, SESSION)]

    def one(weeks: tuple[int, ...], cycle: int) -> Any:
        return plan([(1, 1, 2, weeks, 1, "a", 600.0)], cycle)

    assert told((1, 2), 2) == told((1, 2, 3, 4), 4) == ["Every Tuesday"]
    assert told((2,), 2) == told((2, 4), 4) == ["Every 2 weeks on Tuesday"]
    assert told((1,), 1) == told((1, 2, 3), 3) == ["Every Tuesday"]
    assert told((2,), 3) == ["Every 3 weeks on Tuesday"]
    assert told((1, 3), 3) == ["Every 3 weeks on Tuesday"] * 2
    assert told((3,), 4) == ["Every 4 weeks on Tuesday"]
    assert told((1, 2), 4) == ["Every 4 weeks on Tuesday"] * 2
    assert told((2, 3, 4), 4) == ["Every 4 weeks on Tuesday"] * 3


def test_public_holidays_are_left_out_with_the_reason() -> None:
    """28 December 2026 stands in for Boxing Day: no Monday round; New Year's Day takes a Friday."""
    left_out = dates_left_out(dated())
    assert left_out[["Place", "Date", "Reason"]].to_numpy().tolist() == [
        ["<script>alert('c')</script>", "Monday 28 December 2026", "Boxing Day (substitute day)"],
        ["Dalston", "Friday 25 December 2026", "Christmas Day"],
    ]


def test_closures_of_a_venue_a_vehicle_or_all() -> None:
    """A hall may be booked out, a vehicle in the garage, or everybody at training; first and last day count."""
    off = closed(
        ("2026-09-08", "2026-09-15", "hall booked", 'ALSTON; "town" hall, upper\\lower\nroom', 0),
        ("2026-09-22", "2026-09-22", "hall booked", "b", 0),
        ("2026-09-01", "2026-10-02", "garage", "", 2),
        ("2026-10-05", "2026-10-06", "training", "", 0),
        ("2026-10-06", "2026-10-06", "told too late", "", 0),
        ("2026-10-06", "2026-10-06", "hall booked", "Nowhere Hall", 0),
    )
    calendar = dated(off=off, weeks_ahead=6)
    assert dates(calendar, "a") == ["09-22", "09-29", "10-13"]
    assert dates(calendar, "b") == ["09-08", "09-15", "09-29", "10-13"]
    assert dates(calendar, "c") == ["09-07", "09-21"]
    assert dates(calendar, "d") == ["10-16"]
    gone = calendar.visits[calendar.visits["cancelled"]]
    assert gone.loc[gone["date"] == "2026-10-06", "reason"].tolist() == ["training", "training"]
    assert calendar.notes == (
        "The timetable runs from Monday 7 September 2026 to Sunday 18 October 2026.",
        "Closure of Tuesday 6 October 2026 (hall booked): 'Nowhere Hall' is not a stop of this plan.",
    )


def test_how_long_a_stop_waits_is_told() -> None:
    """A fortnightly stop that loses Christmas Day waits four weeks, a weekly one that loses nothing one."""
    table = stop_dates(dated()).set_index("venue")
    assert table.loc["d", ["Visits", "Left out", "Longest gap", "First date"]].tolist() == [
        12,
        1,
        28,
        "Friday 18 September 2026",
    ]
    assert table.loc["a", ["Visits", "Left out", "Longest gap"]].tolist() == [26, 0, 7]


def test_a_timetable_of_no_dates_is_refused() -> None:
    """Closed all along, the message says where to look."""
    with pytest.raises(PlanError, match="No visit is left between 2026-09-07 and 2026-10-04"):
        dated(off=closed(("2026-01-01", "2027-12-31", "closed", "", 0)), weeks_ahead=4)


@pytest.mark.parametrize(
    ("start", "message"), [("2026-09-08", "2026-09-07 and 2026-09-14 are"), ("2026-02-30", "is not a date")]
)
def test_a_cycle_starts_on_a_monday(start: str, message: str) -> None:
    """Another day, or no day at all, is refused with the two nearest Mondays."""
    with pytest.raises(SettingsError, match=message):
        Settings.read(cycle_start=start)


def test_places_are_degrees() -> None:
    """Caister water tower, the Ordnance Survey's worked example, is at TG 51410 13177 (5 m without a grid file)."""
    of = plan()
    of.instance.venues.loc[0, ["easting", "northing"]] = [651_410.0, 313_177.0]
    place = dated(of).places.loc["a"]
    assert place["latitude"] == pytest.approx(52.657977, abs=5e-5)
    assert place["longitude"] == pytest.approx(1.716038, abs=8e-5)
    assert place["name"] == 'Alston; "Town" Hall, upper\\lower room'


def test_vehicles_of_a_fleet_have_depots_of_their_own() -> None:
    """The second starts at a venue and ends at the hub's depot; both places are known."""
    visits = dated().visits.drop_duplicates("vehicle").set_index("vehicle")
    assert visits[["starts_at", "ends_at"]].to_numpy().tolist() == [["hub", "hub"], ["d", "hub"]]
    assert set(dated().places.index) == {"a", "b", "c", "d", "hub"}


def test_a_planned_hub_gets_its_dates() -> None:
    """What `plan_hub` returns can be dated: in the first cycle of a year without holidays, each visit once."""
    made = plan_hub(*case(7, must=()))
    weeks = made.instance.settings.cycle_weeks
    calendar = hub_calendar(
        made, DEPOT, closed(), CalendarSettings(cycle_start=START, weeks_ahead=weeks), area_name="Test", modelled=True
    )
    key = ["vehicle", "week", "weekday", "sequence", "venue"]
    left = calendar.visits[key].sort_values(key, ignore_index=True)
    pd.testing.assert_frame_equal(left, made.visits[key].sort_values(key, ignore_index=True))
    assert (calendar.visits["date"].dt.isocalendar().day == calendar.visits["weekday"]).all()
    assert calendar.title == "Mobile family hub, Test (modelled, not official)"
