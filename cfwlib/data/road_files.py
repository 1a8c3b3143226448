"""Make one frame of road links from any file of them: class, direction, speed limit and length of each link."""

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from cfwlib.data import schemas
from cfwlib.data.catalogue import Layout
from cfwlib.data.osm import KMH_PER_MPH
from cfwlib.data.store import CRS
from cfwlib.errors import InputError

ENDS = ("from_easting", "from_northing", "to_easting", "to_northing")
SPEED_UNITS = {"kmh": 1.0, "mph": KMH_PER_MPH}  # to km/h
LENGTH_UNITS = {"m": 1.0, "km": 1000.0, "miles": 1000 * KMH_PER_MPH}  # to metres
_SHOWN = 10
_LIKELY = (0.5, 10)  # given length over drawn length of most links; outside it the unit is wrong


def classify(frame: pd.DataFrame, layout: Layout, path: Path) -> pd.DataFrame:
    """Return road links with `road_class` ("" = not for cars) and `direction`, by the layout's patterns.

    Raises
    ------
    InputError
        Naming every value that no pattern matches.
    """
    named = [column for column in ("class", "function", "primary", "form") if column in frame]
    words = frame[named[0]].str.cat(frame[named[1:]], sep=" / ") if named[1:] else frame[named[0]]
    road_class, problems = _by_pattern(words, layout.road_class, "road_class", path)
    frame = frame.assign(road_class=road_class)
    if layout.direction:
        blank_is_both = [*layout.direction, ("^$", "both")]
        direction, unknown = _by_pattern(frame["direction"].str.strip(), blank_is_both, "direction", path)
        frame, problems = frame.assign(direction=direction), problems + unknown
    if problems:
        raise InputError(problems)
    return frame


def _by_pattern(
    words: pd.Series, patterns: Sequence[Sequence[str]], what: str, path: Path
) -> tuple[pd.Series, list[str]]:
    """The name beside the first pattern that each value matches, and a problem for each value that matches none."""
    counts = words.value_counts()
    values = pd.Series(counts.index, dtype="str")
    names = pd.Series(pd.NA, index=values.index, dtype="str")
    for pattern, name in patterns:
        names = names.mask(names.isna() & values.str.contains(pattern, regex=True), name)
    unknown = sorted(values[names.isna()])
    problems = [
        f"{path.name}: {what.replace('_', ' ')} '{value}' is unknown ({counts[value]} links). "
        f"Add a pattern for it to {what} of the layout (data/README.md shows how)."
        for value in unknown[:_SHOWN]
    ]
    if len(unknown) > _SHOWN:
        problems.append(f"{path.name}: {len(unknown) - _SHOWN:,} more values of {what.replace('_', ' ')} are unknown.")
    return words.map(dict(zip(values, names, strict=True))).astype("str"), problems


def draw(frame: pd.DataFrame) -> tuple[gpd.GeoDataFrame, list[schemas.Problem]]:
    """Return a link table as straight lines between its ends, and a problem for each end that is no place in Britain.

    Parameters
    ----------
    frame
        `from_easting`, `from_northing`, `to_easting`, `to_northing` in metres (EPSG:27700), as numbers.
    """
    found = schemas.problems_in(frame[list(ENDS)], blanks=[], key=[])
    places = frame[list(ENDS)].fillna(0.0).to_numpy(float)  # a blank is a problem already, wherever it is drawn
    lines = shapely.linestrings(places.reshape(-1, 2, 2))
    return gpd.GeoDataFrame(frame.drop(columns=list(ENDS)), geometry=lines, crs=CRS), found


def finish(links: gpd.GeoDataFrame, layout: Layout, path: Path) -> tuple[gpd.GeoDataFrame, dict[str, int], list[str]]:
    """Return links as the store holds them, how many were left out and why, and what is wrong with them as a whole.

    Every frame of roads has `road_class`, `direction` (both, forward or backward, as the line is drawn) and
    `speed_limit_kmh` (NaN = none given); `length_m` only where the file gives lengths (NaN = as drawn).
    """
    links = links.copy()
    if "direction" not in links:
        links["direction"] = pd.Series("both", index=links.index, dtype="str")
    if "speed_limit" in links:
        speed = links.pop("speed_limit") * SPEED_UNITS[layout.units["speed_limit"]]
        links["speed_limit_kmh"] = speed.where(speed != 0)  # many tables write 0 for "none given"
    elif "speed_limit_kmh" not in links:
        links["speed_limit_kmh"] = np.nan
    problems: list[str] = []
    if "length" in links:
        whole = shapely.get_num_geometries(links.geometry) == 1  # a length of several parts is of no one of them
        links["length_m"] = (links.pop("length") * LENGTH_UNITS[layout.units.get("length", "m")]).where(whole)
        problems = _unlikely(links, path)
    line = links.geom_type.isin(["LineString", "MultiLineString"])
    sound = line & (links.geometry.length > 0)
    counts = {"no line": int((~line).sum()), "of no length (both ends at one place)": int((line & ~sound).sum())}
    return links[sound], {why: rows for why, rows in counts.items() if rows}, problems


def _unlikely(links: gpd.GeoDataFrame, path: Path) -> list[str]:
    given, drawn = links["length_m"], links.geometry.length
    ratio = (given / drawn)[(given > 0) & (drawn > 0)].median()
    if pd.isna(ratio) or _LIKELY[0] <= ratio <= _LIKELY[1]:
        return []
    return [
        f"{path.name}: most lengths are {ratio:.3g} times the line between the link's ends. "
        'Is the unit right? Set units = { length = "m" }, "km" or "miles" in the layout.'
    ]


def cut_at_junctions(ways: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return ways cut at every vertex that two of them share or one passes twice: there, and only there, they meet.

    Ways that are not for cars stay whole, and cut no other. A bridge shares no vertex with what is under it.
    """
    roads, others = ways[ways["road_class"] != ""], ways[ways["road_class"] == ""]
    lines = shapely.remove_repeated_points(roads.geometry.to_numpy())
    places, way = shapely.get_coordinates(lines, return_index=True)
    if not len(places):
        return ways.reset_index(drop=True)
    place = pd.factorize(places[:, 0] + 1j * places[:, 1])[0]
    starts = np.diff(way, prepend=-1) != 0
    ends = np.diff(way, append=-1) != 0
    cut = (np.bincount(place)[place] > 1) & ~starts & ~ends
    vertex = np.repeat(np.arange(len(places)), 1 + cut)  # where a way is cut, one piece ends and the next begins
    first = starts[vertex] | (np.diff(vertex, prepend=-1) == 0)
    pieces = shapely.linestrings(places[vertex], indices=np.cumsum(first) - 1)
    cut_roads = roads.iloc[way[vertex[first]]].set_geometry(gpd.GeoSeries(pieces, crs=ways.crs).values)
    return gpd.GeoDataFrame(pd.concat([cut_roads, others], ignore_index=True), crs=ways.crs)
