"""A road becomes minutes here: which links a car may use, how fast it drives along each, and where links meet."""

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from cfwlib.errors import InputError
from cfwlib.settings import ReachSettings

MIN_PER_M_AT_1_KMH = 0.06  # metres over km/h to minutes
_NO_SHORTER, _ROUNDED_M = 0.98, 10  # a length is rounded, and a bend may be left out of the ends
_DIRECTIONS = ("both", "forward", "backward")


def usable_links(links: gpd.GeoDataFrame, settings: ReachSettings) -> tuple[gpd.GeoDataFrame, dict[str, float]]:
    """Return the links a car may use with `length_m`, `forward_min` and `backward_min`, and a report of all.

    Parameters
    ----------
    links
        As for `build_network`.
    settings
        Class speeds, km/h. A speed limit counts where it is below the class speed.

    Returns
    -------
    usable, report
        Minutes are NaN against a one-way. The report counts links, those dropped, by reason, those whose given length
        is shorter than the way between their ends (the drawn length counts instead), and km by class.

    Raises
    ------
    InputError
        Every problem that is found, at once.
    """
    _check(links, settings)
    drivable = links[links["road_class"] != ""]
    empty = drivable.geometry.isna() | drivable.geometry.is_empty
    parts = drivable[~empty].explode(ignore_index=True)
    drawn = parts.geometry.length
    given = parts["length_m"].to_numpy(float) if "length_m" in parts else np.full(len(parts), np.nan)
    ends = shapely.get_coordinates(shapely.get_point(parts.geometry.to_numpy(), [[0], [-1]])).reshape(2, -1, 2)
    short = given < np.hypot(*(ends[1] - ends[0]).T) * _NO_SHORTER - _ROUNDED_M  # shorter than its ends are apart
    metres = pd.Series(np.where(np.isnan(given) | (short & (given > 0)), drawn, given))
    point = (metres <= 0) | (drawn <= 0)
    usable = parts.assign(length_m=metres)[~point].reset_index(drop=True)
    if usable.empty:
        raise InputError(
            "the road data has no link that a car may use. Is it the road layer, and does it cover the area?"
        )
    speed = usable["road_class"].map(settings.class_speed_kmh).astype(float)
    if "speed_limit_kmh" in usable:
        speed = speed.clip(upper=usable["speed_limit_kmh"].where(usable["speed_limit_kmh"] > 0))
    minutes = usable["length_m"] * MIN_PER_M_AT_1_KMH / speed
    way = usable["direction"] if "direction" in usable else pd.Series("both", index=usable.index)
    usable = usable.assign(forward_min=minutes.where(way != "backward"), backward_min=minutes.where(way != "forward"))
    km = (usable.groupby("road_class")["length_m"].sum() / 1000).to_dict()
    report = {
        "links": len(links),
        "links_not_for_cars": int((links["road_class"] == "").sum()),
        "links_without_length": int(empty.sum()) + int(point.sum()),
        "links_too_short": int((short & (given > 0)).sum()),
        "links_one_way": int((way != "both").sum()),
        "road_km": float(usable["length_m"].sum() / 1000),
        **{f"road_km_{name}": float(km.get(name, 0.0)) for name in settings.class_speed_kmh},
    }
    return usable, report


def _check(links: gpd.GeoDataFrame, settings: ReachSettings) -> None:
    problems = []
    if links.crs is None or links.crs != "EPSG:27700":
        problems.append(f"road links: expected EPSG:27700, got {links.crs}. Convert them with to_crs(27700).")
    if "road_class" not in links:
        raise InputError([*problems, "road links: there is no column 'road_class'."])
    if blank := int(links["road_class"].isna().sum()):
        problems.append(f"road links: {blank:,} links have no road_class. Give '' where no car may drive.")
    counts = links["road_class"].value_counts()
    problems += [
        f"road class '{name}' has no speed ({counts[name]:,} links). Known: {', '.join(settings.class_speed_kmh)}."
        for name in sorted(set(counts.index) - set(settings.class_speed_kmh) - {""})
    ]
    if "direction" in links:
        wrong = sorted(set(links["direction"].astype(str)) - set(_DIRECTIONS))
        problems += [f"road links: direction '{name}' is none of {', '.join(_DIRECTIONS)}." for name in wrong]
    if "length_m" in links and np.isinf(links["length_m"].to_numpy(float)).any():
        problems.append("road links: a length_m is infinite. Give metres, or NaN to have the line measured.")
    shapes = sorted(set(links.geometry.geom_type.dropna()) - {"LineString", "MultiLineString"})
    problems += [f"road links: a {shape} is no road. Give LineStrings." for shape in shapes]
    if problems:
        raise InputError(problems)


def junctions_of(
    lines: npt.NDArray[np.object_], tolerance_m: float
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return the junction number of each line's start and end, and the junctions' coordinates.

    Parameters
    ----------
    lines
        LineStrings, shape (links,), metres.
    tolerance_m
        Ends at most this far apart are one junction, and so are chains of them.

    Returns
    -------
    start, end, places
        Shapes (links,), (links,) and (junctions, 2).
    """
    ends = np.vstack([shapely.get_coordinates(shapely.get_point(lines, at)) for at in (0, -1)])
    distinct, which = np.unique(ends, axis=0, return_inverse=True)
    near = cKDTree(distinct).query_pairs(tolerance_m, output_type="ndarray")
    same = coo_array((np.ones(len(near)), (near[:, 0], near[:, 1])), shape=(len(distinct), len(distinct)))
    count, label = connected_components(same, directed=False)
    places = np.zeros((count, 2))
    places[label] = distinct
    junction = label[which.ravel()].astype(np.int64)
    return junction[: len(lines)], junction[len(lines) :], places
