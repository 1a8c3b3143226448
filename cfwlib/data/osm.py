"""Tell from the tags of OpenStreetMap ways which are roads, of what class, which way and how fast they are driven."""

import importlib.resources
import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from cfwlib.reading import own_toml

SUFFIXES = {".pbf", ".osm"}
LAYER = "lines"
TAGS = (
    "highway", "ref", "route", "junction", "oneway", "maxspeed", "maxspeed_type", "duration", "motorcar",
    "motor_vehicle", "vehicle", "access", "railway", "waterway", "barrier", "power",
)  # fmt: skip
KMH_PER_MPH = 1.609344

_WAYS = own_toml("data/osm.toml")
_CLASS = {highway: road_class for road_class, highways in _WAYS["road_class"].items() for highway in highways}
_ACCESS = ["motorcar", "motor_vehicle", "vehicle", "access"]  # the most specific comes first
_CLOSED = "|".join(_WAYS["closed"])
_FERRY_KMH = 10.0
_WALKING_KMH = 5.0
_FASTEST_KMH = 130.0


def open_options(path: Path) -> dict[str, str]:
    """Return what the reader must be told to open a file: for OpenStreetMap, which tags become columns."""
    if path.suffix.lower() not in SUFFIXES:
        return {}
    return {"CONFIG_FILE": str(importlib.resources.files("cfwlib.data") / "osm.ini")}


def roads(lines: gpd.GeoDataFrame, *, ferries: bool = False) -> tuple[gpd.GeoDataFrame, dict[str, int]]:
    """Return the ways that are roads or paths, and how many other lines were left out for which reason.

    Parameters
    ----------
    lines
        One row per way: the `TAGS` as text ("" = not tagged) and the geometry.
    ferries
        Keep car ferries, at the speed that their `duration` gives, else 10 km/h; waiting is not counted.

    Returns
    -------
    ways, left_out
        Ways with `class` (the highway tag), `number`, `road_class` ("" = not for cars), `direction`,
        `speed_limit_kmh` (NaN = none given) and geometry; rows left out by reason.
    """
    highway = lines["highway"].str.removesuffix("_link")
    highway = highway.mask((lines["highway"] == "") & (lines["route"] == "ferry"), "ferry")
    reason = _left_out(lines, highway, ferries=ferries)
    ways, highway = lines[reason == ""], highway[reason == ""]
    open_to_cars = highway.isin(_CLASS) & ~_closed(ways)
    limit = ways["maxspeed"].map(_per_value(ways["maxspeed"]))
    limit = limit.fillna(ways["maxspeed_type"].map(_per_value(ways["maxspeed_type"])))
    frame = gpd.GeoDataFrame(
        {
            "class": ways["highway"].mask(highway == "ferry", "ferry"),
            "number": ways["ref"],
            "road_class": highway.map(_CLASS).astype("str").where(open_to_cars, ""),
            "direction": _direction(ways, highway),
            "speed_limit_kmh": limit.mask(highway == "ferry", _ferry_kmh(ways)).astype(float),
        },
        geometry=ways.geometry,
        crs=lines.crs,
    )
    return frame, {str(why): int(rows) for why, rows in reason[reason != ""].value_counts().items()}


def _left_out(lines: gpd.GeoDataFrame, highway: pd.Series, *, ferries: bool) -> pd.Series:
    """Why a line is no road; an empty text where it is one."""
    reason = pd.Series("no road: other lines", index=lines.index, dtype="str")
    for key in ("power", "barrier", "waterway", "railway"):
        reason = reason.mask(lines[key] != "", f"no road: {key}")
    odd = (highway != "") & ~highway.isin([*_CLASS, *_WAYS["not_for_cars"]])
    values = sorted(highway[odd].unique())
    named = ", ".join(values[:5]) + (" ..." if len(values) > 5 else "")
    reason = reason.mask(highway != "", "").mask(odd, f"of an unknown kind of highway ({named})")
    return reason if ferries else reason.mask(highway == "ferry", "ferry (left out unless asked for)")


def _closed(ways: gpd.GeoDataFrame) -> pd.Series:
    """Whether cars are kept out: the most specific tag decides, and of several values all must say so."""
    decides = pd.Series("", index=ways.index, dtype="str")
    for key in _ACCESS:
        decides = decides.mask(decides == "", ways[key])
    return decides.str.lower().str.fullmatch(rf"(?:{_CLOSED})(?:\s*;\s*(?:{_CLOSED}))*")


def _direction(ways: gpd.GeoDataFrame, highway: pd.Series) -> pd.Series:
    """The oneway tag; without one, motorways and roundabouts are driven as they are drawn.

    A road whose direction changes by the hour (reversible, alternating) is open both ways.
    """
    implied = (ways["highway"] == "motorway") | ways["junction"].isin(["roundabout", "circular"])
    tag = ways["oneway"].str.lower()
    direction = pd.Series("both", index=ways.index, dtype="str").mask((tag == "") & implied, "forward")
    direction = direction.mask(tag.isin(["yes", "true", "1"]), "forward").mask(tag.isin(["-1", "reverse"]), "backward")
    return direction.mask(highway == "ferry", "both")


def _per_value(tags: pd.Series) -> dict[str, float]:
    return {value: speed_kmh(value) for value in tags.unique()}


def speed_kmh(tag: str) -> float:
    """Return the km/h of a `maxspeed` or `maxspeed:type` tag; NaN where it gives no fixed limit.

    A bare number is km/h, as the tag is defined. The national limit is that of the kind of road named, and of a
    single carriageway (60 mph) where none is. Of several limits the lowest counts.
    """
    words = tag.lower().strip()
    limits = [_one_limit(part.strip()) for part in re.split(r"[;|]", words)]
    known = [limit for limit in limits if 0 < limit <= _FASTEST_KMH]
    return min(known) if known else np.nan


def _one_limit(words: str) -> float:
    if number := re.fullmatch(r"(\d+(?:\.\d+)?)\s*(mph|km/?h|kph)?", words):
        return float(number[1]) * (KMH_PER_MPH if number[2] == "mph" else 1)
    if words == "walk":
        return _WALKING_KMH
    if not re.match(r"(?:gb|uk)[:_ ]|national$", words):
        return np.nan
    if number := re.search(r"(\d+)", words):  # gb:zone20
        return float(number[1]) * KMH_PER_MPH
    kinds = {"motorway|dual": 70, "urban|restricted|built": 30, "nsl|national|rural|single": 60}
    mph = next((limit for kind, limit in kinds.items() if re.search(kind, words)), np.nan)
    return mph * KMH_PER_MPH


def _ferry_kmh(ways: gpd.GeoDataFrame) -> pd.Series:
    """Speed of a crossing from its length and `duration` (hh:mm, hh:mm:ss, or minutes)."""
    hours = pd.Series(np.nan, index=ways.index)
    for row, tag in ways.loc[ways["duration"] != "", "duration"].items():
        parts = [float(part) for part in re.findall(r"\d+", tag)]
        if re.fullmatch(r"\d{1,4}(:\d\d){0,2}", tag) and sum(parts):
            hours[row] = parts[0] / 60 if len(parts) == 1 else sum(p / 60**n for n, p in enumerate(parts))
    return (ways.geometry.length / 1000 / hours).fillna(_FERRY_KMH)
