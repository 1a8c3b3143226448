"""The buses of one day, as the reach of families without a car needs them."""

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Timetable:
    """The buses of one day.

    `stops` has one row per stop that a bus serves (index 0, 1, ...): `stop` (id), `name`, `easting`, `northing`
    (m, EPSG:27700). `connections` has one row per ride between neighbouring stops of a trip: `dep_stop`, `arr_stop`
    (positions in `stops`), `dep_min`, `arr_min` (minutes after midnight of the day, beyond 1,440 after the next),
    `trip` (a number), `board` and `alight` (whether passengers may get on at its start, off at its end); sorted by
    `dep_min`, then `trip`, then along the trip. `left_out` counts what the feed has and the timetable does not. `share`
    is the part of the area's trips, of all days, that run on this one; `notes` are for the top of a page.
    """

    date: str
    stops: pd.DataFrame
    connections: pd.DataFrame
    left_out: dict[str, int]
    share: float = 1.0
    notes: tuple[str, ...] = ()
