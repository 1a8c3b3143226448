"""The dated timetable as a GTFS feed, so that journey planners and maps of services can show the hub."""

import io
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from cfwlib.hub.calendar import HubCalendar
from cfwlib.hub.ics import ZONE
from cfwlib.hub.timetable import WEEKDAYS

Row = dict[str, Any]

_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_BUS, _NOT_RUNNING = 3, 2
_NOBODY_BOARDS = {"pickup_type": 1, "drop_off_type": 1}


def gtfs_tables(calendar: HubCalendar) -> dict[str, str]:
    """Return the tables of a GTFS feed as text, by file name.

    A trip is a round: it leaves the depot, calls from the start to the end of each session, and returns. Nobody may
    board or alight anywhere (`pickup_type` and `drop_off_type` 1): the hub comes to people, it takes nobody along.
    Dates on which some stops of a round are left out are a trip of their own. `calendar.txt` gives the weekday, and
    `calendar_dates.txt` takes out every week the trip does not run.

    Parameters
    ----------
    calendar
        From `hub_calendar`.

    Returns
    -------
    tables
        `agency.txt`, `stops.txt`, `routes.txt`, `trips.txt`, `stop_times.txt`, `calendar.txt`, `calendar_dates.txt`,
        `feed_info.txt`.
    """
    trips = list(_trips(calendar.kept))
    tables = _network(calendar) | {
        "trips": [_trip(trip, rows, calendar) for trip, rows, _ in trips],
        "stop_times": [row for trip, rows, _ in trips for row in _calls(trip, rows)],
        "calendar": [_week(trip, rows, dates) for trip, rows, dates in trips],
        "calendar_dates": [
            {"service_id": trip, "date": f"{day:%Y%m%d}", "exception_type": _NOT_RUNNING}
            for trip, _, dates in trips
            for day in pd.date_range(min(dates), max(dates), freq="7D").difference(pd.DatetimeIndex(dates))
        ],
    }
    columns = {"calendar_dates": ["service_id", "date", "exception_type"]}  # the one that may have no row
    return {
        f"{name}.txt": pd.DataFrame(rows, columns=columns.get(name)).to_csv(index=False, lineterminator="\r\n")
        for name, rows in tables.items()
    }


def gtfs_zip(tables: Mapping[str, str]) -> bytes:
    """Return the tables of a feed as one zip, as journey planners take it; the same bytes for the same tables."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in tables.items():
            archive.writestr(zipfile.ZipInfo(name), text.encode(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _network(calendar: HubCalendar) -> dict[str, list[Row]]:
    """Who runs it, where it stops, along which rounds, and for which dates the feed holds."""
    kept, says = calendar.kept, calendar.settings
    places = calendar.places[calendar.places.index.isin([*kept["venue"], *kept["starts_at"], *kept["ends_at"]])]
    rounds = kept.drop_duplicates(["round", "venue"]).sort_values(["round", "sequence"])
    return {
        "agency": [
            {"agency_id": "hub", "agency_name": calendar.title, "agency_url": says.hub_url, "agency_timezone": ZONE,
             "agency_lang": "en"},
        ],
        "stops": [
            {"stop_id": stop, "stop_name": place["name"], "stop_lat": f"{place['latitude']:.6f}",
             "stop_lon": f"{place['longitude']:.6f}", "location_type": 0}
            for stop, place in places.iterrows()
        ],
        "routes": [
            {"route_id": f"round-{number}", "agency_id": "hub", "route_type": _BUS,
             "route_long_name": f"{WEEKDAYS[int(rows['weekday'].iloc[0])]}: {' – '.join(rows['name'])}",
             "route_desc": f"{says.hub_name}: a service at each stop; it carries no passengers"}
            for number, rows in rounds.groupby("round")
        ],
        "feed_info": [
            {"feed_publisher_name": calendar.title, "feed_publisher_url": says.hub_url, "feed_lang": "en",
             "feed_start_date": f"{says.first_day:%Y%m%d}", "feed_end_date": f"{says.last_day:%Y%m%d}",
             "feed_version": f"{says.cycle_start} issue {says.timetable_issue}"},
        ],
    }  # fmt: skip


def _trips(kept: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame, list[pd.Timestamp]]]:
    """Each way a round runs: an id, its visits in order, and the dates on which just these stops are served."""
    for number, rows in kept.groupby("round"):
        served = rows.groupby("date")["sequence"].agg(tuple)
        for variant, (stops, dates) in enumerate(served.groupby(served), start=1):
            today = rows[(rows["date"] == dates.index[0]) & rows["sequence"].isin(stops)]
            yield f"round-{number}-{variant}", today.sort_values("sequence"), list(dates.index)


def _trip(trip: str, visits: pd.DataFrame, calendar: HubCalendar) -> Row:
    route = f"round-{visits['round'].iloc[0]}"
    return {"route_id": route, "service_id": trip, "trip_id": trip, "trip_headsign": calendar.settings.hub_name}


def _week(trip: str, visits: pd.DataFrame, dates: list[pd.Timestamp]) -> Row:
    weekday = int(visits["weekday"].iloc[0])
    runs = {day: int(number == weekday) for number, day in enumerate(_DAYS, start=1)}
    return {"service_id": trip, **runs, "start_date": f"{min(dates):%Y%m%d}", "end_date": f"{max(dates):%Y%m%d}"}


def _calls(trip: str, visits: pd.DataFrame) -> Iterator[Row]:
    first, last = visits.iloc[0], visits.iloc[-1]
    sessions = zip(visits["venue"], visits["session_start_min"], visits["session_end_min"], strict=True)
    calls = [
        (first["starts_at"], first["leave_min"], first["leave_min"]),
        *sessions,
        (last["ends_at"], last["return_min"], last["return_min"]),
    ]
    for number, (stop, arrive, leave) in enumerate(calls):
        yield {"trip_id": trip, "arrival_time": _time(arrive), "departure_time": _time(leave), "stop_id": stop,
               "stop_sequence": number, **_NOBODY_BOARDS, "timepoint": 1}  # fmt: skip


def _time(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}:00"
