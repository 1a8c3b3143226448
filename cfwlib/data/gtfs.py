"""Read one day's scheduled buses in an area from a GTFS feed: who leaves which stop when, and arrives where."""

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from cfwlib.data.gtfs_days import choose_day, read_calendar
from cfwlib.data.gtfs_feed import Feed
from cfwlib.data.gtfs_rides import connect, fill, first_of_doubles, repeat
from cfwlib.data.read import GREAT_BRITAIN, Bounds
from cfwlib.data.store import CRS
from cfwlib.data.timetable import Timetable
from cfwlib.errors import InputError

BAD_SHARE = 0.05
"""More than this share of the area's trips, or of the stops they call at, cannot be left out; one always can."""
FEW_RUN = 0.2
"""A day on which fewer of the area's trips run than this share is warned of."""
_LEAST_HEADWAY_MIN, _LONGEST_MIN = 0.5, 48 * 60
_EXAMPLES = 2


def read_timetable(path: str | Path, *, date: str = "", bounds: Bounds | None = None) -> Timetable:
    """Return the buses of one day of a GTFS feed that call within some bounds.

    The feed is cut to the trips that call within the bounds first: what is wrong elsewhere does not matter. Of these a
    trip with a row that cannot be used, a stop without a place and a row given twice are left out and counted, as long
    as they are few (`BAD_SHARE`). A bus that leaves the bounds and comes back is one ride from its last stop inside to
    its next. Blank times are filled in evenly between the timed stops around them; a trip with a headway runs at its
    start time and every headway after it, exact or not. A stop without a place is where its parent station is. Left
    out: runs of the day before that go on after midnight, transfer rules.

    Parameters
    ----------
    path
        A folder of `.txt` tables, or a zip of them.
    date
        `YYYY-MM-DD`; empty = of all Tuesdays the feed covers, the first of those on which most of the trips within the
        bounds run, so a school day and never a bank holiday.
    bounds
        West, south, east, north in metres, EPSG:27700; stops outside are left out. None = Great Britain.

    Raises
    ------
    InputError
        When a table or column is missing or cannot be read to its end, too many trips or stops cannot be used (the
        first rows of each kind are named, the rest counted), or no bus runs on the day or within the bounds.
    """
    feed = Feed(Path(path))
    stops = _locate(feed)
    west, south, east, north = bounds or GREAT_BRITAIN
    within = stops["easting"].between(west, east) & stops["northing"].between(south, north)
    inside = stops[within]
    elsewhere = f"{feed.path.name}: no bus within the bounds. Another region's feed? Swapped lat and lon?"
    table = feed.table("trips.txt")
    calling = _calling(feed, pd.Index(inside["stop_id"]), table["trip_id"])
    if calling.empty:
        raise InputError(elsewhere)
    trips, all_trips = _trips(feed, table, calling)
    calendar = read_calendar(feed)
    feed.note("trips.txt", trips[trips["service_id"].isin(calendar.bad)], "service_id", "has days that cannot be read")
    unknown = trips[~trips["service_id"].isin(calendar.known) & bool(calendar.known)]  # without any: told below
    feed.note("trips.txt", unknown, "service_id", "is in neither calendar.txt nor calendar_dates.txt")
    unusable = feed.bad_trips & set(calling)
    _refuse_many(feed, len(unusable), len(calling), "trips")
    _refuse_many(feed, calendar.bad_days, calendar.bad_days + len(calendar.exceptions), "days put in or taken out")
    trips = trips[~trips["trip_id"].isin(unusable)]
    day = choose_day(trips, calendar, date)
    today = trips["trip_id"][trips["service_id"].isin(calendar.running(day))]
    times = _stop_times(feed, stops, today)
    headways = _headways(feed, today)
    bad_today = feed.bad_trips & set(today)
    _refuse_many(feed, len(bad_today), len(today), "trips")
    times = times[~times["trip_id"].isin(bad_today)]
    lost = stops[stops["easting"].isna() & stops["stop_id"].isin(times["stop_id"])]
    called = times["stop_id"].nunique()
    feed.note("stops.txt", lost, "stop_id", "has no place in degrees, or two")
    _refuse_many(feed, len(lost), called, "stops")
    times = fill(times)
    once = first_of_doubles(times, headways)
    doubles = times["trip_id"].nunique() - len(once)
    times = repeat(times[times["trip_id"].isin(once)], headways)
    used, connections = connect(times[times["stop_id"].isin(inside["stop_id"])], inside)
    if connections.empty:
        raise InputError([*feed.problems(), elsewhere.replace("bounds.", f"bounds on {day.date()}.")])
    reasons = {
        "trips that never call within the bounds": all_trips - len(calling),
        "trips of other days": len(trips) - len(today),
        "trips with fewer than two stops within the bounds": len(once) - connections["trip_id"].nunique(),
        "stops outside the bounds": called - len(lost) - int(inside["stop_id"].isin(times["stop_id"]).sum()),
    }
    faults = {
        "trips of which a row cannot be used": len(unusable | bad_today),
        "stops without a place, or with two": len(lost),
        "rows of calendar_dates.txt that cannot be read": calendar.bad_days,
        "rows given twice, word for word": feed.twice,
        "trips that repeat another, stop by stop and to the minute": doubles,
    }
    left_out = reasons | {why: count for why, count in faults.items() if count}
    made = Timetable(str(day.date()), used, connections.drop(columns="trip_id"), left_out, len(today) / len(trips))
    return replace(made, notes=_notes(feed, made, doubles / len(today)))


def _refuse_many(feed: Feed, bad: int, of: int, what: str) -> None:
    if bad > max(1, BAD_SHARE * of):
        refusal = (
            f"{feed.path.name}: {bad:,} of the {of:,} {what} in or near the area cannot be used, more than "
            f"{BAD_SHARE:.0%}: nothing was used. Correct these rows or download it again."
        )
        raise InputError([*feed.problems(), refusal])


def _notes(feed: Feed, made: Timetable, doubled: float) -> tuple[str, ...]:
    """Return what a reader must know before using the minutes by bus."""
    notes = []
    if feed.others:
        notes.append(
            f"Bus timetable: {feed.others} more feed{'s' * (feed.others > 1)} in {feed.path.name}, not read. Keep one."
        )
    if doubled > BAD_SHARE:
        notes.append(
            f"Bus timetable: {doubled:.0%} of the trips in or near the area on {made.date} repeat another, stop by "
            "stop and to the minute. A timetable may be in force twice; each such trip counts once."
        )
    if made.share < FEW_RUN:
        notes.append(
            f"Bus timetable: only {made.share:.0%} of the trips in or near the area run on {made.date}. Is it a "
            "holiday, or a day before or after most of the timetable? Minutes by bus would be too long: "
            "try another bus_date."
        )
    if feed.found:
        first = "; ".join(problem.rstrip(".") for problem in feed.problems()[:_EXAMPLES])
        notes.append(f"Bus timetable: what cannot be used is left out, as counted on the page of reach ({first}).")
    return tuple(notes)


def _locate(feed: Feed) -> pd.DataFrame:
    """Return the stops, one row each, with their place in metres: NaN where none is given, or two different ones."""
    stops = feed.table("stops.txt")
    parent = stops["parent_station"].str.strip()
    bare = (stops["stop_lat"].str.strip() == "") & (parent != "")
    given = stops.drop_duplicates("stop_id").set_index("stop_id")
    degrees = {}
    for column, most in (("stop_lat", 90), ("stop_lon", 180)):
        text = stops[column].mask(bare, parent.map(given[column]).fillna(""))
        number = pd.to_numeric(text, errors="coerce").astype(float)
        degrees[column] = number.where(number.abs() <= most)
    stops = stops.assign(**degrees)
    wrong = stops["stop_lat"].isna() | stops["stop_lon"].isna()
    places = gpd.GeoSeries.from_xy(stops["stop_lon"].mask(wrong), stops["stop_lat"].mask(wrong), crs="EPSG:4326")
    places = places.to_crs(CRS)
    stops = stops.assign(easting=places.x.mask(wrong), northing=places.y.mask(wrong))
    stops = stops.drop_duplicates(["stop_id", "easting", "northing"])
    two = stops["stop_id"].duplicated(keep=False)
    columns = ["easting", "northing"]
    return stops.assign(**{column: stops[column].mask(two) for column in columns}).drop_duplicates("stop_id")


def _calling(feed: Feed, inside: "pd.Index[str]", trips: pd.Series) -> "pd.Index[str]":
    """Return the trips of all days that call at a stop inside; of the large table only two columns are looked at."""
    found, seen = [], set[str]()
    for part in feed.chunks("stop_times.txt", ("trip_id", "stop_id")):
        found.append(part["trip_id"][part["stop_id"].isin(inside)].unique())
        seen.update(part["trip_id"].unique())
    lacking, of = sum(trip not in seen for trip in trips.unique()), trips.nunique()
    if lacking > max(1, BAD_SHARE * of):  # where they would have been cannot be told
        raise InputError(
            f"{feed.path.name}, stop_times.txt: {lacking:,} of the {of:,} trips of trips.txt have no row "
            f"in it, more than {BAD_SHARE:.0%}. Is it cut short? Download it again."
        )
    return pd.Index(np.concatenate([np.asarray(part, dtype=object) for part in found]), dtype="str").unique()


def _trips(feed: Feed, trips: pd.DataFrame, calling: "pd.Index[str]") -> tuple[pd.DataFrame, int]:
    """Return the trips that call within the bounds, and how many there are of all; note those that are not there."""
    count = trips["trip_id"].nunique()
    trips = trips[trips["trip_id"].isin(calling)]
    feed.note("trips.txt", trips[trips.duplicated("trip_id")], "trip_id", "is given twice")
    lacking = calling[~calling.isin(trips["trip_id"])]
    if len(lacking):  # the first row of each is told
        rows = pd.concat([part[part["trip_id"].isin(lacking)] for part in feed.chunks("stop_times.txt", ("trip_id",))])
        feed.note("stop_times.txt", rows.drop_duplicates("trip_id"), "trip_id", "is not in trips.txt")
    return trips.drop_duplicates("trip_id"), count + len(lacking)


def _stop_times(feed: Feed, stops: pd.DataFrame, today: pd.Series) -> pd.DataFrame:
    """The calls of the day's trips in order, `arr` and `dep` in minutes (NaN = between timed stops), all checked."""
    name, wanted = "stop_times.txt", pd.Index(today)
    times = feed.once(pd.concat([part[part["trip_id"].isin(wanted)] for part in feed.chunks(name)]))
    feed.note(name, times[~times["stop_id"].isin(stops["stop_id"])], "stop_id", "is not in stops.txt")
    arr, dep = feed.minutes(name, times, "arrival_time"), feed.minutes(name, times, "departure_time")
    order = pd.to_numeric(times["stop_sequence"], errors="coerce").astype(float)
    feed.note(name, times[~(order >= 0)], "stop_sequence", "is not a whole number")
    for column in ("pickup_type", "drop_off_type"):
        times[column] = times[column].str.strip()
        feed.note(name, times[~times[column].isin(["", "0", "1", "2", "3"])], column, "is not 0, 1, 2 or 3")
    times = times.assign(arr=arr.fillna(dep), dep=dep.fillna(arr), order=order)
    times["run"] = pd.factorize(times["trip_id"])[0]
    times = times.sort_values(["run", "order"], kind="stable")
    feed.note(name, times[times.duplicated(["run", "order"])], "stop_sequence", "is given twice in its trip")
    end = (times["run"] != times["run"].shift()) | (times["run"] != times["run"].shift(-1))
    blank = (times["arrival_time"].str.strip() == "") & (times["departure_time"].str.strip() == "")
    feed.note(name, times[end & blank], "arrival_time", "is blank at the first or last stop of a trip")
    feed.note(name, times[times["dep"] < times["arr"]], "departure_time", "is before the arrival")
    before = times.groupby("run")["dep"].ffill().groupby(times["run"]).shift()
    feed.note(name, times[times["arr"] < before], "arrival_time", "is before the bus left the stop before")
    return times


def _headways(feed: Feed, today: pd.Series) -> pd.DataFrame:
    name = "frequencies.txt"
    frame = feed.table(name)
    frame = frame[frame["trip_id"].isin(today)]
    start, end = feed.minutes(name, frame, "start_time"), feed.minutes(name, frame, "end_time")
    headway = pd.to_numeric(frame["headway_secs"], errors="coerce").astype(float) / 60
    wrong = ~(headway >= _LEAST_HEADWAY_MIN)
    feed.note(name, frame[wrong], "headway_secs", "is not a number of seconds from 30 on")
    feed.note(name, frame[~(end > start)], "end_time", "is not after start_time")
    feed.note(name, frame[end - start > _LONGEST_MIN], "end_time", "is more than two days after start_time")
    return frame.assign(start=start, end=end, headway=headway)
