"""The maps of the notebooks: need, reach, the hub's rounds, and who it newly reaches."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from cfwlib.data import AreaData
from cfwlib.hub import HubStudy
from cfwlib.reach import AreaReach
from cfwlib.report.classes import rounded_classes
from cfwlib.report.maps import add_areas, add_lines, add_points, area_map
from cfwlib.report.offline import OfflineMap
from cfwlib.report.symbols import CATEGORIES, DASHES

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LETTERS = ("M", "Tu", "W", "Th", "F", "Sa", "Su")
MINUTES = rounded_classes(pd.Series(dtype=float), unit="min", breaks=[5, 10, 15, 20])  # the same in every map and table


def region_map(region: AreaData, title: str) -> OfflineMap:
    """Return the empty map of an area: land, lakes, main roads, towns, scale, and the banner if it is modelled."""
    return area_map(
        region.neighbourhoods, title=title, roads=region.roads, lakes=region.lakes, towns=region.towns,
        modelled=region.modelled, credit=credit(region),
    )  # fmt: skip


def credit(region: AreaData) -> str:
    """Return the attribution line of a map."""
    if region.modelled:
        return "Modelled data, made for demonstration"
    wanted = ("lsoa_boundaries", "roads", "lakes", "places")
    lines = [source["attribution"] for source in region.sources if source["id"].startswith(wanted)]
    return ". ".join(dict.fromkeys(line.rstrip(".") for line in lines))


def need_map(region: AreaData, need: gpd.GeoDataFrame) -> OfflineMap:
    """Return the map of children needing help, with the most deprived tenth and the services."""
    drawn = region_map(region, "Children expected to need family help, by neighbourhood")
    tooltip = {"lsoa_name": "Neighbourhood", "need_count": "Children needing help", "need_rate_share": "Rate", "rank": "Rank of need",
               "imd_decile": "Deprivation tenth (1 = most)", "children_0_17": "Children aged 0 to 17"}  # fmt: skip
    shown = whole(need.assign(need_rate_share=need["need_rate"]), ["need_count", "children_0_17", "imd_decile"])
    add_areas(drawn, shown, "need_count", classes=rounded_classes(need["need_count"].round(), unit="children"),
              layer_name="Children needing help", tooltip=tooltip)  # fmt: skip
    add_areas(drawn, shown, "need_rate_share", classes=rounded_classes(need["need_rate"], unit="share"),
              layer_name="Rate of need", tooltip=tooltip, show=False)  # fmt: skip
    _add_fixed(drawn, region)
    return drawn


def reach_map(region: AreaData, reach: AreaReach) -> OfflineMap:
    """Return the map of minutes to help by car and by household, with hard-to-reach neighbourhoods outlined."""
    drawn = region_map(region, "Minutes to the nearest family hub or children's centre")
    areas = whole(reach.neighbourhoods, ["children_0_17", "children_beyond"])
    tooltip = {"lsoa_name": "Neighbourhood", "drive_min": "By car", "household_min": "Household average", "walk_min": "On foot",
               "nearest_service": "Nearest", "children_0_17": "Children aged 0 to 17",
               "children_beyond": "of these beyond the limit"}  # fmt: skip
    add_areas(drawn, areas, "drive_min", classes=MINUTES, layer_name="Minutes by car", tooltip=tooltip)
    add_areas(drawn, areas, "household_min", classes=rounded_classes(areas["household_min"], unit="min", breaks=[10, 15, 20, 30]),
              layer_name="Minutes, household average", tooltip=tooltip, show=False)  # fmt: skip
    hard = areas[areas["hard_to_reach"]]
    rims = hard.assign(geometry=hard.geometry.boundary)
    add_lines(drawn, rims, layer_name="Hard to reach", tooltip={}, colour=CATEGORIES[1], dash="6 4")
    _add_fixed(drawn, region)
    return drawn


def rounds_map(region: AreaData, reach: AreaReach, study: HubStudy) -> OfflineMap:
    """Return the map of the mobile hub's rounds by weekday: colour, dash and letter together."""
    drawn = region_map(region, "Where the mobile hub stops, by weekday")
    unmet = study.plan.clients.assign(unmet=lambda c: c["need_car"] + c["need_foot"]).groupby("lsoa")["unmet"].sum()
    areas = whole(
        reach.neighbourhoods.assign(unmet=reach.neighbourhoods["lsoa"].map(unmet).fillna(0).round(1)), ["children_0_17"]
    )
    add_areas(drawn, areas, "unmet", classes=rounded_classes(areas["unmet"], unit="children", breaks=[1, 5, 10, 20]),
              layer_name="Children in need out of reach today",
              tooltip={"lsoa_name": "Neighbourhood", "unmet": "In need, out of reach", "children_0_17": "Children aged 0 to 17"})  # fmt: skip
    legs, stops = round_lines(study), stop_points(study)
    for weekday in sorted(legs["weekday"].unique()):
        look = {"colour": CATEGORIES[weekday - 1], "letter": _LETTERS[weekday - 1]}
        add_lines(drawn, legs[legs["weekday"] == weekday], layer_name=WEEKDAYS[weekday - 1], dash=DASHES[weekday - 1],
                  tooltip={"venues": "Round", "frequency": "Runs", "drive_min": "Driving"}, **look)  # fmt: skip
        add_points(drawn, stops[stops["weekday"] == weekday], layer_name=f"{WEEKDAYS[weekday - 1]}'s stops",
                   tooltip={"name": "Stop", "frequency": "Visited", "time": "Open", "need_reached": "Need reached"}, **look)  # fmt: skip
    _add_fixed(drawn, region)
    return drawn


def round_lines(study: HubStudy) -> gpd.GeoDataFrame:
    """Return one straight-legged line per round, depot to depot (a picture of the order, not of the road taken)."""
    place = study.stops.set_index("venue").geometry
    home = study.depot.geometry
    first = study.plan.visits.drop_duplicates(["round", "sequence"]).sort_values(["round", "sequence"])
    lines = first.groupby("round")["venue"].agg(lambda ids: shapely.LineString([home, *place[list(ids)], home]))
    rounds = study.plan.rounds.assign(geometry=study.plan.rounds["round"].map(lines))
    return gpd.GeoDataFrame(rounds, geometry="geometry", crs=study.stops.crs)


def stop_points(study: HubStudy) -> gpd.GeoDataFrame:
    """Return the stops with weekday and opening time."""
    first = study.plan.visits.drop_duplicates("venue").set_index("venue")
    clock = first[["session_start_min", "session_end_min"]].map(
        lambda minute: f"{int(minute // 60):02d}:{int(minute % 60):02d}"
    )
    time = clock["session_start_min"] + " to " + clock["session_end_min"]
    stops = study.stops
    return stops.assign(
        weekday=stops["venue"].map(first["weekday"]),
        time=stops["venue"].map(time),
        need_reached=stops["need_reached"].round(1),
    )


def change_map(region: AreaData, study: HubStudy) -> OfflineMap:
    """Return the map of minutes by car to the nearest fixed or mobile stop, with what it was before as a second layer."""
    drawn = region_map(region, "Minutes by car to the nearest help, fixed or mobile")
    points = study.points.assign(after_min=study.points[["drive_min", "mobile_drive_min"]].min(axis=1))
    weight = points["children_0_17"].clip(lower=1e-9)
    means = (
        points[["drive_min", "after_min"]]
        .mul(weight, axis=0)
        .groupby(points["lsoa"])
        .sum()
        .div(weight.groupby(points["lsoa"]).sum(), axis=0)
    )
    areas = whole(region.neighbourhoods, ["children_0_17"]).join(means, on="lsoa")
    tooltip = {
        "lsoa_name": "Neighbourhood",
        "drive_min": "Before",
        "after_min": "After",
        "children_0_17": "Children aged 0 to 17",
    }
    add_areas(drawn, areas, "after_min", classes=MINUTES, layer_name="After: fixed or mobile", tooltip=tooltip)
    add_areas(drawn, areas, "drive_min", classes=MINUTES, layer_name="Before: fixed only", tooltip=tooltip, show=False)
    add_points(drawn, stop_points(study), layer_name="Mobile hub stop", colour=CATEGORIES[3], shape="diamond",
               tooltip={"name": "Stop", "frequency": "Visited", "time": "Open"})  # fmt: skip
    _add_fixed(drawn, region)
    return drawn


def whole(frame: gpd.GeoDataFrame, columns: list[str]) -> gpd.GeoDataFrame:
    """Return the frame with expected numbers of people rounded to whole ones, as a map should tell them."""
    return frame.assign(**{name: np.round(frame[name]).astype("Int64") for name in columns})


def _add_fixed(drawn: OfflineMap, region: AreaData) -> None:
    services = region.services
    for kind, name, shape, colour, letter in (
        ("childrens_centre", "Children's centre", "circle", CATEGORIES[0], "C"),
        ("family_hub", "Family hub", "square", CATEGORIES[6], "H"),
    ):
        chosen = services[services["kind"] == kind]
        add_points(drawn, chosen, layer_name=name, tooltip={"name": name}, colour=colour, shape=shape, letter=letter)


def services_map(region: AreaData) -> OfflineMap:
    """Return the map of fixed services and of the places that could host the mobile hub."""
    drawn = region_map(region, "Family hubs, children's centres and other places")
    services = region.services
    for number, (kind, name) in enumerate((("library", "Library"), ("gp", "General practice"), ("school", "State school"))):
        add_points(drawn, services[services["kind"] == kind], layer_name=name, tooltip={"name": name},
                   colour=CATEGORIES[number + 2], shape="triangle", show=kind != "school")  # fmt: skip
    _add_fixed(drawn, region)
    return drawn
