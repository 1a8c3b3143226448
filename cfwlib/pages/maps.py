"""The maps of the notebooks: services, need, reach, the hub's rounds, and whom it newly reaches."""

from functools import partial
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from cfwlib.data import AreaData
from cfwlib.hub import HubStudy, clock
from cfwlib.hub.timetable import WEEKDAYS
from cfwlib.pages.review import add_candidates
from cfwlib.reach import AreaReach, area_isochrones, mean_minutes, route
from cfwlib.report.classes import rounded_classes
from cfwlib.report.maps import add_areas, add_before_after, add_lines, add_points, area_map
from cfwlib.report.offline import OfflineMap
from cfwlib.report.symbols import CATEGORIES, DASHES
from cfwlib.settings import Settings
from cfwlib.sites import QUESTIONS, SitesStudy

_LETTERS = ("M", "Tu", "W", "Th", "F")
_MINUTES = rounded_classes(pd.Series(dtype=float), unit="min", breaks=[5, 10, 15, 20])  # the same in every map
_PLACE = {"lsoa_name": "Neighbourhood", "ward_name": "Ward"}
_FIND = ("lsoa_name", "ward_name")  # few people know a neighbourhood by the name of its statistics
_add_neighbourhoods = partial(add_areas, find=_FIND)
_CHILDREN = {"children_0_17": "Children aged 0 to 17"}


def region_map(region: AreaData, title: str) -> OfflineMap:
    """Return the empty map of an area: land, lakes, main roads, towns, scale, and the banner if it is modelled."""
    return area_map(
        region.neighbourhoods,
        title=title,
        roads=region.roads,
        lakes=region.lakes,
        towns=region.towns,
        modelled=region.modelled,
        credit=_credit(region),
    )


def services_map(region: AreaData) -> OfflineMap:
    """Return the map of fixed services and of the places that could host the mobile hub."""
    drawn = region_map(region, "Family hubs, children's centres and other places")
    kinds = {"library": "Library", "gp": "General practice", "school": "State school"}
    shapes = ("triangle", "diamond", "square")
    for colour, shape, (kind, name) in zip(CATEGORIES[2:5], shapes, kinds.items(), strict=True):
        chosen = region.services[region.services["kind"] == kind]
        tooltip, shown = {"name": name}, kind != "school"
        add_points(drawn, chosen, layer_name=name, tooltip=tooltip, colour=colour, shape=shape, show=shown)
    _add_fixed(drawn, region)
    return drawn


def need_map(region: AreaData, need: gpd.GeoDataFrame) -> OfflineMap:
    """Return the map of children likely to need help, as a number and as a rate, with the services."""
    drawn = region_map(region, "Children likely to need help, by neighbourhood")
    facts = {"need_count": "Likely to need help", "rate_share": "Rate", "rank": "Rank of need"}
    tooltip = {**_PLACE, **facts, "imd_decile": "Deprivation tenth (1 = most)", **_CHILDREN}
    shown = _whole(need.assign(rate_share=need["need_rate"]), "need_count", "children_0_17", "imd_decile")
    count = rounded_classes(need["need_count"].round(), unit="children")
    rate = rounded_classes(need["need_rate"], unit="share")
    _add_neighbourhoods(
        drawn, shown, "need_count", classes=count, layer_name="Children likely to need help", tooltip=tooltip
    )
    _add_neighbourhoods(
        drawn, shown, "rate_share", classes=rate, layer_name="Rate of need", tooltip=tooltip, show=False
    )
    _add_fixed(drawn, region)
    return drawn


def reach_map(region: AreaData, reach: AreaReach, settings: Settings) -> OfflineMap:
    """Return the map of minutes to help, by neighbourhood and along the roads, with the hard to reach outlined."""
    what = "family hub" if settings.fixed_services == "hubs" else "family hub or children's centre"
    drawn = region_map(region, f"Minutes to the nearest {what}")
    areas = _whole(reach.neighbourhoods, "children_0_17", "children_beyond")
    minutes = {"drive_min": "By car", "household_min": "Household average", "walk_min": "On foot"}
    facts = {"children_beyond": "of these beyond the limit", "reason": "Hard to reach"}
    tooltip = {**_PLACE, **minutes, "nearest_service": "Nearest", **_CHILDREN, **facts}
    household = rounded_classes(areas["household_min"], unit="min", breaks=[10, 15, 20, 30])
    _add_neighbourhoods(drawn, areas, "drive_min", classes=_MINUTES, layer_name="Minutes by car", tooltip=tooltip)
    name = "Minutes, household average"
    _add_neighbourhoods(drawn, areas, "household_min", classes=household, layer_name=name, tooltip=tooltip, show=False)
    bands = area_isochrones(region, reach, settings, limits_min=(5, 10, 15, 20, 30))
    bands["minutes"] = (bands["from_min"] + bands["limit_min"]) / 2
    bands["band"] = [
        f"{low:g} to {high:g} minutes" for low, high in zip(bands["from_min"], bands["limit_min"], strict=True)
    ]
    name = "Minutes by car, along the roads"
    add_areas(
        drawn, bands, "minutes", classes=_MINUTES, layer_name=name, tooltip={"band": "By car"}, find=(), show=False
    )
    hard = areas[areas["hard_to_reach"]]
    rims = hard.assign(geometry=hard.geometry.boundary)
    add_lines(drawn, rims, layer_name="Hard to reach", tooltip={}, colour=CATEGORIES[1], dash="6 4")
    _add_fixed(drawn, region)
    return drawn


def rounds_map(region: AreaData, reach: AreaReach, study: HubStudy, settings: Settings) -> OfflineMap:
    """Return the map of the mobile hub's rounds by weekday: colour, dash and letter together."""
    drawn = region_map(region, "Where the mobile hub stops, by weekday")
    points = reach.points
    unmet = (points["need_count"] * (1 - points["served_share"])).groupby(points["lsoa"]).sum()
    areas = _whole(reach.neighbourhoods, "children_0_17")
    areas["unmet"] = areas["lsoa"].map(unmet).fillna(0).round(1)
    classes = rounded_classes(areas["unmet"], unit="children", breaks=[1, 5, 10, 20])
    tooltip = {**_PLACE, "unmet": "Likely to need help, out of reach", **_CHILDREN}
    name = "Children likely to need help, out of reach today"
    _add_neighbourhoods(drawn, areas, "unmet", classes=classes, layer_name=name, tooltip=tooltip)
    _add_fixed(drawn, region)
    add_candidates(drawn, study)
    _add_rounds(drawn, round_lines(reach, study, settings), stop_points(study))
    depot = gpd.GeoDataFrame({"name": [study.depot["name"]]}, geometry=[study.depot.geometry], crs=areas.crs)
    look = CATEGORIES[6]
    add_points(drawn, depot, layer_name="Depot", tooltip={"name": "Depot"}, colour=look, shape="diamond", letter="D")
    return drawn


def change_map(region: AreaData, study: HubStudy) -> OfflineMap:
    """Return the map of minutes by car to the nearest fixed or mobile stop; before and after, parted by a slider."""
    drawn = region_map(region, "Minutes by car to the nearest help, fixed or mobile")
    points = study.points.assign(after_min=study.points[["drive_min", "mobile_drive_min"]].min(axis=1))
    means = mean_minutes(points, ["drive_min", "after_min"])
    areas = _whole(region.neighbourhoods.join(means, on="lsoa"), "children_0_17")
    tooltip = {**_PLACE, "drive_min": "Before", "after_min": "After", **_CHILDREN}
    words = ("Before: fixed only", "After: fixed or mobile")
    add_before_after(
        drawn,
        areas,
        ("drive_min", "after_min"),
        words=words,
        classes=_MINUTES,
        layer_name="Minutes by car to the nearest help",
        tooltip=tooltip,
        find=_FIND,
    )
    stop = {"name": "Stop", "frequency": "Visited", "time": "Open"}
    stops, name = stop_points(study), "Mobile hub stop"
    add_points(drawn, stops, layer_name=name, tooltip=stop, colour=CATEGORIES[3], shape="diamond")
    _add_fixed(drawn, region)
    return drawn


def sites_map(region: AreaData, reach: AreaReach, study: SitesStudy) -> OfflineMap:
    """Return the map of where further permanent sites would help most, by question, over today's minutes by car."""
    drawn = region_map(region, "Where further permanent sites would help most")
    areas = _whole(reach.neighbourhoods, "children_0_17")
    tooltip = {**_PLACE, "drive_min": "By car today", **_CHILDREN}
    _add_neighbourhoods(drawn, areas, "drive_min", classes=_MINUTES, layer_name="Minutes by car today", tooltip=tooltip)
    _add_fixed(drawn, region)
    for (question, found), colour, shape in zip(
        study.chosen.groupby("question", sort=False),
        (CATEGORIES[1], CATEGORIES[3], CATEGORIES[5]),
        ("square", "diamond", "triangle"),
        strict=True,
    ):
        tooltip, shown = {"name": question, "kind": "Now a"}, question == QUESTIONS["cover"]
        add_points(drawn, found, layer_name=question, tooltip=tooltip, colour=colour, shape=shape, show=shown)
    return drawn


def round_lines(reach: AreaReach, study: HubStudy, settings: Settings) -> gpd.GeoDataFrame:
    """Return one line per round, depot to depot along the roads driven."""
    home = str(study.depot["service"])
    first = study.plan.visits.drop_duplicates(["round", "sequence"]).sort_values(["round", "sequence"])

    def driven(ids: pd.Series) -> shapely.Geometry:
        legs = pairwise([home, *ids, home])
        return shapely.line_merge(
            shapely.union_all([route(reach.network, one, two, settings).line for one, two in legs])
        )

    lines = first.groupby("round")["venue"].agg(driven)
    rounds = study.plan.rounds.assign(geometry=study.plan.rounds["round"].map(lines))
    return gpd.GeoDataFrame(rounds, geometry="geometry", crs=study.stops.crs)


def stop_points(study: HubStudy) -> gpd.GeoDataFrame:
    """Return the stops with weekday and opening time."""
    first = study.plan.visits.drop_duplicates("venue").set_index("venue").loc[study.stops["venue"]]
    opened, closed = first["session_start_min"].map(clock), first["session_end_min"].map(clock)
    return study.stops.assign(
        weekday=first["weekday"].to_numpy(),
        time=(opened + " to " + closed).to_numpy(),
        need_reached=study.stops["need_reached"].round(1),
    )


def _add_rounds(drawn: OfflineMap, legs: gpd.GeoDataFrame, stops: gpd.GeoDataFrame) -> None:
    leg = {"venues": "Round", "frequency": "Runs", "drive_min": "Driving"}
    stop = {"name": "Stop", "frequency": "Visited", "time": "Open", "need_reached": "Need reached"}
    for day in sorted(legs["weekday"].unique()):
        at = day - 1
        colour, letter = CATEGORIES[at], _LETTERS[at]
        on_day, calls = legs[legs["weekday"] == day], stops[stops["weekday"] == day]
        name = f"{WEEKDAYS[day]}: {len(calls)} stop{'s' * (len(calls) != 1)}"  # one name, so one switch for both
        add_lines(drawn, on_day, layer_name=name, tooltip=leg, colour=colour, dash=DASHES[at], letter=letter)
        add_points(drawn, calls, layer_name=name, tooltip=stop, colour=colour, letter=letter, ids="venue")


def _add_fixed(drawn: OfflineMap, region: AreaData) -> None:
    centres = region.services[region.services["kind"] == "childrens_centre"]
    hubs = region.services[region.services["kind"] == "family_hub"]
    name = "Children's centre"
    add_points(drawn, centres, layer_name=name, tooltip={"name": name}, colour=CATEGORIES[0], letter="C")
    name = "Family hub"
    add_points(drawn, hubs, layer_name=name, tooltip={"name": name}, colour=CATEGORIES[6], shape="square", letter="H")


def _whole(frame: gpd.GeoDataFrame, *columns: str) -> gpd.GeoDataFrame:
    """Round expected numbers of people to whole ones, as a map should tell them."""
    return frame.assign(**{name: np.round(frame[name]).astype("Int64") for name in columns})


def _credit(region: AreaData) -> str:
    if region.modelled:
        return "Modelled data, made for demonstration"
    wanted = ("lsoa_boundaries", "roads", "lakes", "places")
    lines = [source["attribution"] for source in region.sources if source["id"].startswith(wanted)]
    return ". ".join(dict.fromkeys(line.rstrip(".") for line in lines))
