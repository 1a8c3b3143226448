"""The bus timetable of a run: where it lies, which day of it counts, and how a report names it."""

from typing import Any

import geopandas as gpd

from cfwlib.data.gtfs import read_timetable
from cfwlib.data.named_files import named_path
from cfwlib.data.store import StoredDataset
from cfwlib.data.timetable import Timetable
from cfwlib.data.trim import BUFFER_M
from cfwlib.settings import DataSettings


def find_timetable(settings: DataSettings, neighbourhoods: gpd.GeoDataFrame) -> Timetable:
    """Return the buses, in and around an area, of the timetable that the settings name.

    Raises
    ------
    InputError
        When there is none of that name in data/gtfs, or it cannot be read.
    """
    remedy = "docs/bus.md tells where to get one."
    path = named_path("bus_timetable", settings.bus_timetable, "gtfs", remedy, folder=True)
    west, south, east, north = neighbourhoods.total_bounds
    around = (west - BUFFER_M, south - BUFFER_M, east + BUFFER_M, north + BUFFER_M)
    return read_timetable(path, date=settings.bus_date, bounds=around)


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
