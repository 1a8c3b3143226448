"""The timetable that is driven today, drawn by a person: a CSV file with one visit a row."""

import csv
import difflib
import io
import re
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pandas as pd

from cfwlib.errors import InputError
from cfwlib.reading import reading

KIND = "driven"  # of the services that its stops become
NEEDED = ("week", "weekday", "arrive", "depart")
ALSO = ("stop", "name", "easting", "northing", "vehicle", "sequence", "session_start", "session_end", "venue")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TIMES = ("arrive", "session_start", "session_end", "depart")
_AGAIN = "docs/timetable.md tells its columns."


def read_driven(text: str, file: str) -> pd.DataFrame:
    """Return the visits of a timetable that somebody has drawn.

    Parameters
    ----------
    text
        The file's content; its first row holds the headings `week` (of the cycle), `weekday` (1 = Monday, or its name),
        `arrive`, `depart` (10:15, of the vehicle), `stop` or `name`, and optionally `easting` and `northing` (m),
        `vehicle` (1), `sequence`, `session_start`, `session_end`. The `visits.csv` of a run is such a file.
    file
        Its name, for messages.

    Returns
    -------
    visits
        `week`, `weekday`, `vehicle`, `sequence`, `stop`, `easting`, `northing` (NaN = not given), `arrive_min`,
        `session_start_min`, `session_end_min` (NaN = not given), `depart_min` (minutes after midnight), by day.

    Raises
    ------
    InputError
        Naming every row that cannot be used, and why; then none of the file is used.
    """
    lines = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), restkey="further cells")
    with reading(file, "Save it again as CSV.", how="cannot be read to its end"):
        rows = [(f"{file}, row {lines.line_num}", row) for row in lines if any(row.values())]
    heads = [str(name).strip().casefold() for name in lines.fieldnames or ()]
    problems = [f"{file}: has no column '{name}'. {_AGAIN}" for name in NEEDED if name not in heads]
    if not {"stop", "name"} & set(heads):
        problems.append(f"{file}: has no column 'stop'. {_AGAIN}")
    problems += [
        f"{file}: '{name}' is no column of a timetable. {_AGAIN}" for name in heads if name not in NEEDED + ALSO
    ]
    problems += [f"{file}: holds no visit. Give the timetable that is driven, or none."] * (not rows)
    if problems:
        raise InputError(problems)
    visits = [_visit(where, row, problems) for where, row in rows]
    if problems:
        raise InputError(problems)
    frame = pd.DataFrame(visits).sort_values(["vehicle", "week", "weekday", "sequence", "arrive_min"])
    frame["sequence"] = frame.groupby(["vehicle", "week", "weekday"]).cumcount() + 1
    places = frame[["stop", "easting", "northing"]].drop_duplicates()
    twice = sorted(places["stop"][places["stop"].str.casefold().duplicated()].unique())
    if twice:
        raise InputError(
            [f"{file}: '{stop}' is at more than one place. Give each place its own name." for stop in twice]
        )
    return frame.reset_index(drop=True)


def with_driven_stops(services: gpd.GeoDataFrame, visits: pd.DataFrame, file: str) -> gpd.GeoDataFrame:
    """Return the services with a timetable's stops among them, of the kind `driven`, so that roads lead to them.

    Parameters
    ----------
    services
        As in `AreaData`.
    visits
        From `read_driven`; a stop without coordinates is where the one service of that name is.
    file
        Its name, for messages.

    Raises
    ------
    InputError
        Naming every stop that is not found, or has the name of several places.
    """
    stops = visits[["stop", "easting", "northing"]].drop_duplicates("stop").reset_index(drop=True)
    problems = list[str]()
    for at in stops.index[stops["easting"].isna()]:
        stops.loc[at, ["easting", "northing"]] = _placed(str(stops.loc[at, "stop"]), services, file, problems)
    if problems:
        raise InputError(problems)
    ids = [f"{KIND}-{number:04d}" for number in range(len(stops))]
    added = stops.rename(columns={"stop": "name"}).assign(kind=KIND, service=ids, in_area=False)
    texts = {name: "" for name in services if (services[name] == "").any()}  # not known, as in the services themselves
    points = gpd.points_from_xy(added["easting"], added["northing"], crs=services.crs)
    return pd.concat([services, gpd.GeoDataFrame(added, geometry=points)], ignore_index=True).fillna(texts)


def _placed(stop: str, services: gpd.GeoDataFrame, file: str, problems: list[str]) -> tuple[float, float]:
    """Where the service of a name is; also of a name told village first, "Kirkbride (The Croft Surgery)"."""
    names, village = services["name"].str.casefold(), re.fullmatch(r"(.+?) \((.+)\)", stop.casefold())
    wanted = [stop.casefold(), *([village[2], f"{village[2]}, {village[1]}"] if village else [])]
    found = services[names.isin(wanted)]
    found = found[found["in_area"]] if found["in_area"].any() else found
    if len(found[["easting", "northing"]].drop_duplicates()) == 1:
        return float(found["easting"].iloc[0]), float(found["northing"].iloc[0])
    if len(found):
        problems.append(f"{file}: '{stop}' is the name of {len(found)} places. Give its easting and northing.")
    else:
        close = difflib.get_close_matches(stop.casefold(), names.unique(), n=3)
        known = [str(name) for name in services["name"].unique() if name.casefold() in close]
        hint = f"Is it {' or '.join(known)}? If not, give" if known else "Give"
        problems.append(f"{file}: '{stop}' is no place of this area. {hint} its easting and northing.")
    return float("nan"), float("nan")


def _visit(where: str, row: Mapping[str, Any], problems: list[str]) -> dict[str, Any]:
    given = {str(key).strip().casefold(): str(value or "").strip() for key, value in row.items() if key is not None}
    found = list[str]()
    stop = given.get("stop") or given.get("name", "")
    xy = [given.get(name, "") for name in ("easting", "northing")]
    metres = [_number(text) for text in xy]
    times = {name: _minutes(given.get(name, "")) for name in _TIMES}
    weekday = given["weekday"].casefold()
    day = next((n for n, name in enumerate(_DAYS, start=1) if weekday in (str(n), name, name[:3])), 0)
    counts = {name: given.get(name, "") or "1" for name in ("week", "vehicle", "sequence")}
    found += [
        f"'{name}' must be a number from 1" for name, text in counts.items() if not re.fullmatch(r"[1-9]\d?", text)
    ]
    found += [f"'weekday' must be 1 to 7 or a day's name, not '{weekday[:20]}'"] * (not day)
    found += ["names no stop"] * (not stop)
    if any(xy) and not all(number is not None and number >= 1000 for number in metres):
        found.append("'easting' and 'northing' must both be metres of the National Grid")
    for name, minutes in times.items():
        if minutes is None or (minutes != minutes and name in NEEDED):
            found.append(f"'{name}' must be a time like 10:15")
    order = [minutes for minutes in times.values() if minutes is not None and minutes == minutes]
    if not found and order != sorted(order):
        found.append("the times of the visit are not in order")
    problems += [f"{where}: {what}." for what in found]
    return {
        **{name: int(text) if text.isdecimal() else 0 for name, text in counts.items()},
        "weekday": day,
        "stop": stop,
        "easting": metres[0] if any(xy) and metres[0] is not None else float("nan"),
        "northing": metres[1] if any(xy) and metres[1] is not None else float("nan"),
        **{f"{name}_min": minutes for name, minutes in times.items()},
    }


def _minutes(text: str) -> float | None:
    """Minutes after midnight of 9:05 or 09:05:00; NaN where nothing is given, None where it is no time."""
    if not text:
        return float("nan")
    found = re.fullmatch(r"(\d{1,2})[:.]([0-5]\d)(?::[0-5]\d)?", text)
    return 60.0 * int(found[1]) + int(found[2]) if found and int(found[1]) < 24 else None


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else None
