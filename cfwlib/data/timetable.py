"""The bus timetable of a run: where it lies, which day of it counts, and how a report names it."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from cfwlib.areas import project_root
from cfwlib.data.store import StoredDataset
from cfwlib.errors import InputError
from cfwlib.settings import DataSettings

_AROUND_M = 20_000  # buses this far outside the area are kept, as services are


@dataclass(frozen=True)
class Timetable:
    """The buses of one day.

    `stops` has one row per stop that a bus serves (index 0, 1, ...): `stop` (id), `name`, `easting`, `northing`
    (m, EPSG:27700). `connections` has one row per ride between neighbouring stops of a trip: `dep_stop`, `arr_stop`
    (positions in `stops`), `dep_min`, `arr_min` (minutes after midnight of the day, beyond 1,440 after the next),
    `trip` (a number), `board` and `alight` (whether passengers may get on at its start, off at its end); sorted by
    `dep_min`, then `trip`, then along the trip. `left_out` counts what the feed has and the timetable does not.
    """

    date: str
    stops: pd.DataFrame
    connections: pd.DataFrame
    left_out: dict[str, int]


def find_timetable(settings: DataSettings, neighbourhoods: gpd.GeoDataFrame) -> Timetable | None:
    """Return the day's buses in and around an area, None where the settings name no timetable.

    Raises
    ------
    InputError
        When there is none of that name in data/gtfs, or it cannot be read.
    """
    if not settings.bus_timetable:
        return None
    folder = project_root() / "data" / "gtfs"
    if not (folder / settings.bus_timetable).exists():
        known = ", ".join(sorted(path.name for path in folder.glob("[!.]*"))) or "none yet"
        raise InputError(
            f"bus_timetable '{settings.bus_timetable}': there is no such folder or zip in data/gtfs (there: {known}). "
            "docs/bus.md tells where to get one."
        )
    from cfwlib.data.gtfs import read_timetable  # here: its checks take a second to import

    west, south, east, north = neighbourhoods.total_bounds
    around = (west - _AROUND_M, south - _AROUND_M, east + _AROUND_M, north + _AROUND_M)
    return read_timetable(folder / settings.bus_timetable, date=settings.bus_date, bounds=around)


def bus_source(settings: DataSettings, timetable: Timetable) -> dict[str, Any]:
    """Return the timetable as one of the sources that a report names."""
    rows, left_out = len(timetable.connections), dict(timetable.left_out)
    return vars(
        StoredDataset(
            id="bus_timetable", title=f"Bus timetable {settings.bus_timetable} (GTFS)", file=settings.bus_timetable,
            layout="GTFS", sha256="", vintage=timetable.date, rows=rows, rows_in_file=rows + sum(left_out.values()),
            left_out=left_out, publisher="as given in the feed", licence="as given in the feed", attribution="",
        )
    )  # fmt: skip
