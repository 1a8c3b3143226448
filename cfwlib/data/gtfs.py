"""Read one day's scheduled buses from a GTFS feed: who leaves which stop when, and arrives where."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from cfwlib.data.genuine import refuse_stand_in
from cfwlib.data.packed import open_zip
from cfwlib.data.read import Bounds, describe
from cfwlib.data.schemas import Problem
from cfwlib.data.store import CRS
from cfwlib.data.timetable import Timetable
from cfwlib.errors import InputError
from cfwlib.reading import reading

_GREAT_BRITAIN = (0.0, 0.0, 700_000.0, 1_300_000.0)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TIMES = ("stop_id", "stop_sequence", "arrival_time", "departure_time", "pickup_type", "drop_off_type")
_COLUMNS: dict[str, tuple[str, ...]] = {
    "stops.txt": ("stop_id", "stop_lat", "stop_lon", "stop_name"),
    "trips.txt": ("trip_id", "service_id"),
    "stop_times.txt": ("trip_id", *_TIMES),
    "calendar.txt": ("service_id", *_WEEKDAYS, "start_date", "end_date"),
    "calendar_dates.txt": ("service_id", "date", "exception_type"),
    "frequencies.txt": ("trip_id", "start_time", "end_time", "headway_secs"),
}
_MUST = ("stops.txt", "trips.txt", "stop_times.txt")
_MAY_LACK = ("stop_name", "pickup_type", "drop_off_type")
_SHORTEST_HEADWAY_MIN, _LONGEST_FEED_DAYS = 0.5, 3653  # oftener, a bus would run without end
_CHUNK = 500_000  # rows of stop_times held at once: a region's file has many millions


def read_timetable(path: str | Path, *, date: str = "", bounds: Bounds | None = None) -> Timetable:
    """Return the buses of one day of a GTFS feed.

    A bus that leaves the bounds and comes back is one ride from its last stop inside to its next. Blank times are
    filled in evenly between the timed stops around them; a trip with a headway runs at its start time and every
    headway after it, exact or not. Left out: runs of the day before that go on after midnight, transfer rules.

    Parameters
    ----------
    path
        A folder of `.txt` tables, or a zip of them.
    date
        `YYYY-MM-DD`; empty = of all Tuesdays the feed covers, the first of those on which most trips run, so a
        school day and never a bank holiday.
    bounds
        West, south, east, north in metres, EPSG:27700; stops outside are left out. None = Great Britain.

    Raises
    ------
    InputError
        When a table or column is missing, a row cannot be used (the first few of each kind, the rest counted; only
        the trips of the day are read), or no bus runs on the day or within the bounds.
    """
    feed = _Feed(Path(path))
    stops, trips = feed.table("stops.txt"), feed.table("trips.txt")
    for name, frame, key in (("stops.txt", stops, "stop_id"), ("trips.txt", trips, "trip_id")):
        feed.note(name, frame[frame.duplicated(key)], key, "is given twice")
    calendar, exceptions = _calendar(feed)
    day = None if feed.found else _choose_day(trips, calendar, exceptions, date)  # a bad calendar: check every trip
    trips["today"] = day is None or trips["service_id"].isin(_running(calendar, exceptions, day))
    times = _stop_times(feed, stops, trips)
    headways = _headways(feed, trips)
    stops = _locate(feed, stops[stops["stop_id"].isin(times["stop_id"].unique())])
    if feed.found or day is None:
        problems = [line for name, found in feed.found.items() for line in describe(found, Path(name))]
        raise InputError([*problems, f"{feed.path.name}: nothing was used. Correct these rows or download it again."])
    west, south, east, north = bounds or _GREAT_BRITAIN
    inside = stops[stops["easting"].between(west, east) & stops["northing"].between(south, north)]
    times = _repeat(_fill(times), headways)
    used, connections = _connect(times[times["stop_id"].isin(inside["stop_id"])], inside)
    if connections.empty:
        raise InputError(
            f"{feed.path.name}: no bus within the bounds on {day.date()}. Another region's feed? Swapped lat and lon?"
        )
    today = int(trips["today"].sum())
    left_out = {
        "trips of other days": len(trips) - today,
        "trips with fewer than two stops within the bounds": today - connections["trip_id"].nunique(),
        "stops outside the bounds": len(stops) - len(inside),
    }
    return Timetable(str(day.date()), used, connections.drop(columns="trip_id"), left_out)


class _Feed:
    """The tables of a feed as text, indexed by row in the file, and the problems found in them so far."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.found: dict[str, list[Problem]] = {}
        if not path.exists():
            raise InputError(f"{path}: no such timetable. Put a GTFS zip or folder in data/gtfs (docs/bus.md).")
        if not path.is_dir():
            refuse_stand_in(path, ".zip")
        self.root = path if path.is_dir() else zipfile.Path(open_zip(path))
        folders = [item for item in self.root.iterdir() if item.is_dir() and (item / "stop_times.txt").exists()]
        if folders and not (self.root / "stop_times.txt").exists():
            self.root = folders[0]  # zipped with the folder around it
        self.names = [name for name in _COLUMNS if (self.root / name).exists()]
        problems = [f"{path.name}: {name} is missing. Download it again." for name in _MUST if name not in self.names]
        if not {"calendar.txt", "calendar_dates.txt"} & set(self.names):
            problems.append(f"{path.name}: has neither calendar.txt nor calendar_dates.txt, so no trip has a day.")
        for name in self.names:
            head = {*next(self._read(name, rows=1)).columns, *_MAY_LACK}
            lacking = [column for column in _COLUMNS[name] if column not in head]
            problems += [f"{path.name}, {name}: column {column} is missing. Download it again." for column in lacking]
        if problems:
            raise InputError(problems)

    def chunks(self, name: str) -> Iterator[pd.DataFrame]:
        """Yield a table in parts; a column it lacks is blank, and a table the feed lacks is empty."""
        for part in self._read(name) if name in self.names else ():
            yield part.reindex(columns=_COLUMNS[name], fill_value="").astype("str").fillna("")
        yield pd.DataFrame(columns=_COLUMNS[name], dtype="str")

    def table(self, name: str) -> pd.DataFrame:
        return pd.concat(self.chunks(name))

    def note(self, name: str, rows: pd.DataFrame, column: str, what: str) -> None:
        """Remember what is wrong with some rows of a table."""
        if len(rows):
            self.found.setdefault(name, []).extend((row, column, f"{what} ({v})") for row, v in rows[column].items())

    def minutes(self, name: str, frame: pd.DataFrame, column: str) -> pd.Series:
        """Return times of day as minutes after midnight, NaN where blank."""
        codes, texts = pd.factorize(frame[column])
        parts = pd.Series(texts, dtype="str").str.extract(r"^\s*(\d{1,3}):([0-5]?\d):([0-5]\d)\s*$").astype(float)
        values = (parts[0] * 3600 + parts[1] * 60 + parts[2]).to_numpy() / 60
        minutes = pd.Series(values[codes], index=frame.index, dtype=float)
        self.note(name, frame[minutes.isna() & frame[column].str.strip().ne("")], column, "is not a time like 09:05:00")
        return minutes

    def days(self, name: str, frame: pd.DataFrame, column: str) -> pd.Series:
        """Return dates such as 20260303 as timestamps."""
        days = pd.to_datetime(frame[column].str.strip(), format="%Y%m%d", errors="coerce")
        self.note(name, frame[days.isna()], column, "is not a date like 20260303")
        return days

    def _read(self, name: str, rows: int = 0) -> Iterator[pd.DataFrame]:
        where, how = f"{self.path.name}, {name}", "cannot be read to its end"
        with reading(where, "Download it again.", how=how), (self.root / name).open("rb") as file, pd.read_csv(
            file, dtype="str", keep_default_na=False, skipinitialspace=True,
            usecols=lambda column: column.strip() in _COLUMNS[name], chunksize=rows or _CHUNK,
        ) as reader:  # fmt: skip
            for part in reader:
                part.index += 2  # row 1 of the file is its heading
                yield part.rename(columns=str.strip)


def _calendar(feed: _Feed) -> tuple[pd.DataFrame, pd.DataFrame]:
    calendar, exceptions = feed.table("calendar.txt"), feed.table("calendar_dates.txt")
    for weekday in _WEEKDAYS:
        feed.note("calendar.txt", calendar[~calendar[weekday].isin(["0", "1"])], weekday, "is not 0 or 1")
    for column in ("start_date", "end_date"):
        calendar[column] = feed.days("calendar.txt", calendar, column)
    unknown = exceptions[~exceptions["exception_type"].isin(["1", "2"])]
    feed.note("calendar_dates.txt", unknown, "exception_type", "is neither 1 nor 2")
    exceptions["date"] = feed.days("calendar_dates.txt", exceptions, "date")
    return calendar, exceptions


def _running(calendar: pd.DataFrame, exceptions: pd.DataFrame, day: pd.Timestamp) -> set[str]:
    """Services that run on a day: the weekly pattern, less the days taken out, plus the days put in."""
    covered = (calendar["start_date"] <= day) & (calendar["end_date"] >= day)
    regular = calendar["service_id"][covered & (calendar[_WEEKDAYS[day.weekday()]] == "1")]
    today = exceptions[exceptions["date"] == day].groupby("exception_type")["service_id"].agg(set)
    return (set(regular) | today.get("1", set())) - today.get("2", set())


def _choose_day(trips: pd.DataFrame, calendar: pd.DataFrame, exceptions: pd.DataFrame, date: str) -> pd.Timestamp:
    starts = pd.concat([calendar["start_date"], exceptions["date"]])
    given = list(pd.to_datetime([date] if date else [], format="%Y-%m-%d", errors="coerce").dropna())
    if starts.empty or (date and not given):
        raise InputError(f"bus date '{date}': write it like 2026-03-03." if date else "the feed's calendar is empty.")
    # Nothing new begins after the last start: no need to look a century ahead.
    if not given and starts.max() - starts.min() > pd.Timedelta(days=_LONGEST_FEED_DAYS):  # each Tuesday is looked at
        raise InputError(f"the feed's calendar runs from {starts.min().date()} to {starts.max().date()}: is it so?")
    days = given or list(pd.date_range(starts.min(), starts.max() + pd.Timedelta(days=7), freq="W-TUE"))
    sizes = trips["service_id"].value_counts()
    trips_on = [sizes.reindex(list(_running(calendar, exceptions, day))).sum() for day in days]
    if not any(trips_on):
        covers = f"{starts.min().date()} to {max(starts.max(), calendar['end_date'].max()).date()}"
        raise InputError(f"no trip runs on {date or 'any Tuesday'}: the feed covers {covers}. Choose another bus date.")
    return days[int(np.argmax(trips_on))]


def _stop_times(feed: _Feed, stops: pd.DataFrame, trips: pd.DataFrame) -> pd.DataFrame:
    """The calls of the day's trips in order, `arr` and `dep` in minutes (NaN = between timed stops), all checked."""
    name, parts = "stop_times.txt", []
    today = trips.drop_duplicates("trip_id").set_index("trip_id")["today"].astype(float)
    for part in feed.chunks(name):
        runs = part["trip_id"].map(today)
        feed.note(name, part[runs.isna()], "trip_id", "is not in trips.txt")
        part = part[runs == 1]
        feed.note(name, part[~part["stop_id"].isin(stops["stop_id"])], "stop_id", "is not in stops.txt")
        arr, dep = feed.minutes(name, part, "arrival_time"), feed.minutes(name, part, "departure_time")
        order = pd.to_numeric(part["stop_sequence"], errors="coerce").astype(float)
        feed.note(name, part[~(order >= 0)], "stop_sequence", "is not a whole number")
        for column in ("pickup_type", "drop_off_type"):
            feed.note(name, part[~part[column].isin(["", "0", "1", "2", "3"])], column, "is not 0, 1, 2 or 3")
        parts.append(part.assign(arr=arr.fillna(dep), dep=dep.fillna(arr), order=order))
    times = pd.concat(parts)
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


def _headways(feed: _Feed, trips: pd.DataFrame) -> pd.DataFrame:
    name = "frequencies.txt"
    frame = feed.table(name)
    feed.note(name, frame[~frame["trip_id"].isin(trips["trip_id"])], "trip_id", "is not in trips.txt")
    start, end = feed.minutes(name, frame, "start_time"), feed.minutes(name, frame, "end_time")
    headway = pd.to_numeric(frame["headway_secs"], errors="coerce").astype(float) / 60
    feed.note(name, frame[~(headway >= _SHORTEST_HEADWAY_MIN)], "headway_secs", "is not a number of seconds")
    feed.note(name, frame[~(end > start)], "end_time", "is not after start_time")
    return frame.assign(start=start, end=end, headway=headway)


def _locate(feed: _Feed, stops: pd.DataFrame) -> pd.DataFrame:
    degrees = {}
    for column, most in (("stop_lat", 90), ("stop_lon", 180)):
        degrees[column] = pd.to_numeric(stops[column], errors="coerce").astype(float)
        feed.note("stops.txt", stops[~(degrees[column].abs() <= most)], column, "is not in degrees")
    places = gpd.GeoSeries.from_xy(degrees["stop_lon"], degrees["stop_lat"], crs="EPSG:4326").to_crs(CRS)
    return stops.assign(easting=places.x, northing=places.y)


def _fill(times: pd.DataFrame) -> pd.DataFrame:
    """Give calls without a time one evenly between the timed calls around them."""
    arr, dep = times["arr"].to_numpy(), times["dep"].to_numpy()
    timed, call = np.flatnonzero(~np.isnan(arr)), np.arange(len(times))
    before = timed[np.searchsorted(timed, call, side="right") - 1]
    after = timed[np.searchsorted(timed, call)]
    between = dep[before] + (arr[after] - dep[before]) * (call - before) / np.maximum(after - before, 1)
    return times.assign(arr=np.where(np.isnan(arr), between, arr), dep=np.where(np.isnan(dep), between, dep))


def _repeat(times: pd.DataFrame, headways: pd.DataFrame) -> pd.DataFrame:
    """Replace each trip that has a headway by its runs."""
    repeated = times["trip_id"].isin(headways["trip_id"])
    patterns = {str(trip): calls for trip, calls in times[repeated].groupby("trip_id")}
    out, run = [times[~repeated]], len(times)
    columns = ("trip_id", "start", "end", "headway")
    for trip, first, last, headway in zip(*(headways[column].tolist() for column in columns), strict=True):
        pattern = patterns.get(trip, times[:0])  # empty: it does not run on the day
        for start in np.arange(first, last, headway) if len(pattern) else ():
            shift, run = start - pattern["dep"].iloc[0], run + 1
            out.append(pattern.assign(arr=pattern["arr"] + shift, dep=pattern["dep"] + shift, run=run))
    return pd.concat(out)


def _connect(times: pd.DataFrame, stops: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The stops that buses serve, and the rides between neighbouring calls of a run."""
    runs = times["run"].to_numpy()
    start = np.flatnonzero(runs[:-1] == runs[1:])
    begin, finish = times.iloc[start], times.iloc[start + 1]
    served = stops[stops["stop_id"].isin(pd.concat([begin["stop_id"], finish["stop_id"]]).unique())]
    position = pd.Series(np.arange(len(served)), index=served["stop_id"])
    connections = pd.DataFrame(
        {
            "dep_stop": position.reindex(begin["stop_id"]).to_numpy(),
            "arr_stop": position.reindex(finish["stop_id"]).to_numpy(),
            "dep_min": begin["dep"].to_numpy(),
            "arr_min": finish["arr"].to_numpy(),
            "trip": begin["run"].to_numpy(),
            "board": begin["pickup_type"].to_numpy() != "1",
            "alight": finish["drop_off_type"].to_numpy() != "1",
            "trip_id": begin["trip_id"].to_numpy(),
        }
    ).sort_values(["dep_min", "trip"], kind="stable", ignore_index=True)
    served = served.rename(columns={"stop_id": "stop", "stop_name": "name"}).reset_index(drop=True)
    return served[["stop", "name", "easting", "northing"]], connections
