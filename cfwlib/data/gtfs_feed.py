"""Open a GTFS feed: its tables in parts, however it is packed, and the rows of it that cannot be used."""

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from cfwlib.data.genuine import refuse_stand_in
from cfwlib.data.open_table import LENIENT
from cfwlib.data.packed import open_zip
from cfwlib.data.read import describe
from cfwlib.data.schemas import Problem
from cfwlib.errors import InputError
from cfwlib.reading import reading

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CALLS = ("stop_id", "stop_sequence", "arrival_time", "departure_time", "pickup_type", "drop_off_type")
COLUMNS: dict[str, tuple[str, ...]] = {
    "stops.txt": ("stop_id", "stop_lat", "stop_lon", "stop_name", "parent_station"),
    "trips.txt": ("trip_id", "service_id"),
    "stop_times.txt": ("trip_id", *_CALLS),
    "calendar.txt": ("service_id", *WEEKDAYS, "start_date", "end_date"),
    "calendar_dates.txt": ("service_id", "date", "exception_type"),
    "frequencies.txt": ("trip_id", "start_time", "end_time", "headway_secs"),
}
_MUST = ("stops.txt", "trips.txt", "stop_times.txt")
_MAY_LACK = ("stop_name", "parent_station", "pickup_type", "drop_off_type")
_CHUNK = 500_000  # rows of stop_times held at once: a region's file has many millions


class Feed:
    """The tables of a feed as text, indexed by row in the file, and what was found wrong with them so far.

    `found` has the problems by table; `bad_trips` those that a problem makes unusable; `others` counts further feeds
    in the same folder or zip, which are not read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.found: dict[str, list[Problem]] = {}
        self.bad_trips: set[str] = set()
        self.twice = 0
        if not path.exists():
            raise InputError(f"{path.name}: no such timetable. Put a GTFS zip or folder in data/gtfs (docs/bus.md).")
        self.root, self.others = self._root(path)
        self.names = [name for name in COLUMNS if (self.root / name).exists()]
        problems = [f"{path.name}: {name} is missing. Download it again." for name in _MUST if name not in self.names]
        if not {"calendar.txt", "calendar_dates.txt"} & set(self.names):
            problems.append(f"{path.name}: has neither calendar.txt nor calendar_dates.txt, so no trip has a day.")
        for name in self.names:
            head = {*next(self._read(name, COLUMNS[name], rows=1)).columns, *_MAY_LACK}
            lacking = [column for column in COLUMNS[name] if column not in head]
            problems += [f"{path.name}, {name}: column {column} is missing. Download it again." for column in lacking]
        if problems:
            raise InputError(problems)

    def chunks(self, name: str, columns: Sequence[str] = ()) -> Iterator[pd.DataFrame]:
        """Yield a table, or some columns of it, in parts; a column or table that is not there is blank or empty."""
        columns = columns or COLUMNS[name]
        for part in self._read(name, columns) if name in self.names else ():
            yield part.reindex(columns=list(columns), fill_value="").astype("str").fillna("")
        yield pd.DataFrame(columns=list(columns), dtype="str")

    def table(self, name: str) -> pd.DataFrame:
        """Return a whole table; rows given twice, word for word, are one, and counted in `twice`."""
        return self.once(pd.concat(self.chunks(name)))

    def once(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a frame without rows that repeat another, and count them in `twice`."""
        again = frame.duplicated()
        self.twice += int(again.sum())
        return frame[~again]

    def note(self, name: str, rows: pd.DataFrame, column: str, what: str) -> None:
        """Remember what is wrong with some rows of a table; trips of which they are cannot be used."""
        if len(rows):
            self.found.setdefault(name, []).extend((row, column, f"{what} ({v})") for row, v in rows[column].items())
            self.bad_trips.update(rows.get("trip_id", ()))

    def problems(self) -> list[str]:
        """Return what was found, as sentences: the first rows of each kind, the rest counted."""
        return [line for name, found in self.found.items() for line in describe(found, name)]

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

    def _root(self, path: Path) -> tuple[Any, int]:
        """Return the folder of the tables, in a zip or not, and how many other feeds lie beside it."""
        if not path.is_dir():
            return self._in_zip(path)
        folders = sorted({file.parent for file in path.rglob("stop_times.txt")}, key=lambda one: (len(one.parts), one))
        zips = [file for file in sorted(path.iterdir()) if file.suffix.lower() == ".zip" and file.is_file()]
        if folders or not zips:
            return (folders[0] if folders else path), max(len(folders) - 1, 0) + len(zips)
        root, others = self._in_zip(zips[0])
        return root, others + len(zips) - 1

    def _in_zip(self, path: Path) -> tuple[Any, int]:
        refuse_stand_in(path, ".zip")
        with open_zip(path) as packed:
            names = [name for name in packed.namelist() if name.rsplit("/", 1)[-1] == "stop_times.txt"]
        root = zipfile.Path(path)
        names.sort(key=lambda name: (name.count("/"), name))
        return (root / names[0]).parent if names and "/" in names[0] else root, max(len(names) - 1, 0)

    def _read(self, name: str, columns: Sequence[str], rows: int = 0) -> Iterator[pd.DataFrame]:
        where, how = f"{self.path.name}, {name}", "cannot be read to its end"
        with reading(where, "Download it again.", how=how), (self.root / name).open("rb") as file, pd.read_csv(
            file, dtype="str", keep_default_na=False, skipinitialspace=True, encoding_errors=LENIENT,
            index_col=False,  # a comma too many at the end of every row is no index
            usecols=lambda column: column.strip() in columns, chunksize=rows or _CHUNK,
        ) as reader:  # fmt: skip
            for part in reader:
                part.index += 2  # row 1 of the file is its heading
                yield part.rename(columns=str.strip)
