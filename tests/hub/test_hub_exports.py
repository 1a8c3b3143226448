"""The dated timetable as GTFS and GPX, read back with the readers that people use."""

import csv
import io
import itertools
import xml.etree.ElementTree as ET
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from calendar_cases import closed, dated, plan

from cfwlib.data.gtfs import read_timetable
from cfwlib.errors import InputError
from cfwlib.hub.gpx import round_gpx
from cfwlib.hub.gtfs_out import gtfs_tables, gtfs_zip

OFF = closed(("2026-09-22", "2026-09-22", "hall booked", "b", 0), ("2026-10-06", "2026-10-06", "training", "", 0))
REQUIRED = {  # of the GTFS Schedule Reference, for the tables written
    "agency.txt": {"agency_name", "agency_url", "agency_timezone"},
    "stops.txt": {"stop_id", "stop_name", "stop_lat", "stop_lon"},
    "routes.txt": {"route_id", "route_type", "route_long_name"},
    "trips.txt": {"route_id", "service_id", "trip_id"},
    "stop_times.txt": {"trip_id", "arrival_time", "departure_time", "stop_id", "stop_sequence"},
    "calendar.txt": {"service_id", "start_date", "end_date", "monday", "sunday"},
    "calendar_dates.txt": {"service_id", "date", "exception_type"},
    "feed_info.txt": {"feed_publisher_name", "feed_publisher_url", "feed_lang", "feed_start_date", "feed_end_date"},
}


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_each_day_has_the_calls_of_the_timetable(tmp_path: Path) -> None:
    """Read with the project's own reader, day by day: the sessions that take place, in order, and nothing else."""
    calendar = dated(off=OFF, weeks_ahead=6)
    (tmp_path / "hub.zip").write_bytes(gtfs_zip(gtfs_tables(calendar)))
    for day in pd.bdate_range("2026-09-07", "2026-10-10"):
        today = calendar.kept[calendar.kept["date"] == day]
        if today.empty:
            with pytest.raises(InputError, match="no trip runs"):
                read_timetable(tmp_path / "hub.zip", date=f"{day:%Y-%m-%d}")
            continue
        found = read_timetable(tmp_path / "hub.zip", date=f"{day:%Y-%m-%d}")
        legs = found.connections.assign(stop=found.stops["stop"].reindex(found.connections["dep_stop"]).to_numpy())
        sessions = list(zip(today["venue"], today["session_start_min"], today["session_end_min"], strict=True))
        leave = today.drop_duplicates("round")[["starts_at", "leave_min"]]
        out = list(leave.itertuples(index=False, name=None))
        assert set(zip(legs["stop"], legs["dep_min"], strict=True)) == {*out, *((v, end) for v, _, end in sessions)}
        assert {start for _, start, _ in sessions} <= set(legs["arr_min"])
        assert not legs[["board", "alight"]].any(axis=None)  # it carries nobody


def test_the_feed_obeys_the_reference() -> None:
    """Required columns, keys that are unique and found, times that never go back, stops in degrees, a day per trip."""
    text = gtfs_tables(dated(off=OFF, weeks_ahead=6, modelled=True))
    tables = {name: rows(content) for name, content in text.items()}
    assert set(tables) == set(REQUIRED)
    assert all(columns <= set(tables[name][0]) for name, columns in REQUIRED.items())
    ids = {
        name: {row[key] for row in tables[name]}
        for name, key in (("stops.txt", "stop_id"), ("routes.txt", "route_id"), ("calendar.txt", "service_id"))
    }
    assert all(len(ids[name]) == len(tables[name]) for name in ids)
    assert {t["route_id"] for t in tables["trips.txt"]} == ids["routes.txt"]
    assert {t["service_id"] for t in tables["trips.txt"]} == ids["calendar.txt"]
    assert {t["stop_id"] for t in tables["stop_times.txt"]} == ids["stops.txt"]
    for _, calls in itertools.groupby(tables["stop_times.txt"], key=lambda row: row["trip_id"]):
        times = [row[column] for row in calls for column in ("arrival_time", "departure_time")]
        assert times == sorted(times)
        assert len(times) >= 6  # depot, stop, depot: a trip of one stop would be unusable
    dates = [(row["service_id"], row["date"]) for row in tables["calendar_dates.txt"]]
    assert len(set(dates)) == len(dates)
    assert all(49 < float(row["stop_lat"]) < 61 and -9 < float(row["stop_lon"]) < 2 for row in tables["stops.txt"])
    assert all("\n" not in value for table in tables.values() for row in table for value in row.values())
    assert "modelled" in tables["agency.txt"][0]["agency_name"]


def test_a_stop_left_out_for_a_day_is_a_trip_of_its_own() -> None:
    """On 22 September the hall is booked: that Tuesday's trip calls at the first stop only."""
    tables = {name: rows(text) for name, text in gtfs_tables(dated(off=OFF, weeks_ahead=6)).items()}
    tuesday = [row["trip_id"] for row in tables["trips.txt"] if row["route_id"] == "round-1"]
    calls = {
        trip: [row["stop_id"] for row in tables["stop_times.txt"] if row["trip_id"] == trip][1:-1] for trip in tuesday
    }
    assert sorted(calls.values()) == [["a"], ["a", "b"]]
    alone = next(trip for trip, stops in calls.items() if stops == ["a"])
    (week,) = [row for row in tables["calendar.txt"] if row["service_id"] == alone]
    assert (week["start_date"], week["end_date"], week["tuesday"]) == ("20260922", "20260922", "1")


def test_one_feed_is_one_file_byte_for_byte() -> None:
    """Two runs of one plan give the same zip; a feed without exceptions still has the table's heading."""
    assert gtfs_zip(gtfs_tables(dated())) == gtfs_zip(gtfs_tables(dated()))
    weekly = gtfs_tables(dated(plan([(1, 1, 2, (1, 2), 1, "a", 600.0)]), closed()))
    assert weekly["calendar_dates.txt"] == "service_id,date,exception_type\r\n"


def test_a_navigator_reads_the_round(tmp_path: Path) -> None:
    """Waypoints at the stops with the session's start, in UTC; a route from the depot by the stops and back."""
    calendar = dated()
    path = tmp_path / "round.gpx"
    path.write_text(round_gpx(calendar, 1), encoding="utf-8")
    stops, route = gpd.read_file(path, layer="waypoints"), gpd.read_file(path, layer="route_points")
    assert stops["name"].tolist() == [calendar.places["name"][venue] for venue in "ab"]
    assert [f"{time:%Y-%m-%d %H:%M}" for time in stops["time"]] == ["2026-09-08 09:00", "2026-09-08 12:20"]  # BST
    assert stops["desc"].tolist() == ["open 10:00–12:00", "open 13:20–15:20"]
    assert stops.geometry.x.tolist() == pytest.approx(calendar.places.loc[["a", "b"], "longitude"].tolist())
    assert stops.crs == "EPSG:4326"
    ends = ["Family Hub, Whitehaven"]
    assert route["name"].tolist() == ends + stops["name"].tolist() + ends
    assert route["desc"].iloc[1] == "arrive 09:45, open 10:00–12:00, leave 12:15"


def test_the_route_of_a_fleet_s_vehicle_starts_where_it_is_kept() -> None:
    """The second vehicle starts at a venue; script in a name stays text; the elements are those of GPX 1.1."""
    gpx = {"g": "http://www.topografix.com/GPX/1/1"}
    route = ET.fromstring(round_gpx(dated(), 3)).findall("g:rte/g:rtept/g:name", gpx)
    assert [name.text for name in route] == ["Dalston", "Dalston", "Family Hub, Whitehaven"]
    names = ET.fromstring(round_gpx(dated(), 2)).findall("g:wpt/g:name", gpx)
    assert [name.text for name in names] == ["<script>alert('c')</script>"]
