"""Reach for a whole area in one call: the network, and points and neighbourhoods with their minutes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import pandas as pd
import shapely

from cfwlib.data.load import AreaData
from cfwlib.reach.access import access_to_fixed, fixed_services, neighbourhood_access
from cfwlib.reach.coverage import LIMITS_MIN
from cfwlib.reach.isochrones import isochrones
from cfwlib.reach.network import Network, build_network
from cfwlib.reach.travel import node_minutes
from cfwlib.settings import ReachSettings
from cfwlib.showing import Shown
from cfwlib.words import share_words

_EDGE_M = 500  # a dead end nearer than this to the outline may be a road that the data cut off
REACH_FIGURES = {  # name in figures.json -> what it is, and its unit
    "children_0_17_within_limit_share": ("of children within the limit by car", "share"),
    "children_0_17_beyond_limit": ("aged 0 to 17 beyond the limit by car", "children"),
    "hard_to_reach_neighbourhoods": ("rural and hard to reach by the run's rule", "neighbourhoods"),
    "children_0_17_within_limit_by_household_share": (
        "of children within it as households are, with a car or without",
        "share",
    ),
}
_FEW_MINOR = 0.3  # of all road km; in whole road data minor roads make up three quarters
_FEW_ON_MAIN = 0.99
_MANY_LOST = 0.01


@dataclass(frozen=True, repr=False)
class AreaReach(Shown):
    """The road network with every place on it, and the demand points and neighbourhoods with minutes to help."""

    network: Network
    points: pd.DataFrame
    neighbourhoods: gpd.GeoDataFrame

    def _says(self) -> tuple[str, ...]:
        hard = int(self.neighbourhoods["hard_to_reach"].sum())
        about = (
            f"{len(self.points):,} points, {len(self.neighbourhoods):,} neighbourhoods, {hard:,} of them hard to reach"
        )
        return about, f"network: {len(self.network.arcs):,} stretches of road, {len(self.network.site_nodes):,} places"


def reach_area(region: AreaData, need: gpd.GeoDataFrame, settings: ReachSettings) -> AreaReach:
    """Return travel minutes from every demand point to fixed services, and the neighbourhoods that are hard to reach.

    Parameters
    ----------
    region
        Points, services and roads of the area.
    need
        Neighbourhoods from `assess_need`.
    settings
        Speeds, limits and the hard-to-reach rule.

    Returns
    -------
    reach
        `points` also has `need_count` (rate × children at the point), and `deprivation_fifth`, `imd_rank`, `ward_name`
        and the rural class of its neighbourhood (`rural_class`, `is_rural`): tables, lists and the hub mean one thing
        by rural.

    Examples
    --------
    >>> reach = reach_area(region, need, settings)
    >>> int(reach.neighbourhoods["hard_to_reach"].sum())
    31
    >>> reach.points["drive_min"].median().round(1).item()  # minutes
    4.2
    """
    sites = pd.concat(
        [
            region.points.set_index("point")[["easting", "northing"]],
            region.services.set_index("service")[["easting", "northing"]],
        ]
    )
    network = build_network(region.roads, sites, settings)
    network = replace(network, report=network.report | _standing(network, region))
    points = access_to_fixed(region.points, region.services, network, settings, region.timetable)
    facts = need.set_index("lsoa")[
        ["need_rate", "deprivation_fifth", "rural_class", "ward_name", "is_rural", "imd_rank"]
    ]
    points = points.drop(columns="is_rural").join(facts, on="lsoa")
    points["need_count"] = points["need_rate"] * points["children_0_17"]
    neighbourhoods = neighbourhood_access(need, points, settings)
    return AreaReach(network, points, neighbourhoods)


def _standing(network: Network, region: AreaData) -> dict[str, float]:
    """How the roads stand to the area: residents on the main part, and roads cut off near its edge."""
    residents = region.points.set_index("point")["residents"]
    on_main = residents[network.on_main[residents.index].to_numpy()].sum()
    outline = region.neighbourhoods.union_all().boundary
    near = shapely.dwithin(shapely.points(network.dead_ends), outline, _EDGE_M)
    return {"residents_on_main_share": float(on_main / residents.sum()), "dead_ends_near_edge": int(near.sum())}


def area_isochrones(
    region: AreaData, reach: AreaReach, settings: ReachSettings, *, limits_min: Sequence[float] = LIMITS_MIN
) -> gpd.GeoDataFrame:
    """Return the land of the area from which a fixed service is reached by car within each limit, for a map.

    Parameters
    ----------
    region, reach, settings
        As for `reach_area`.
    limits_min
        Minutes, each larger than the one before.

    Returns
    -------
    bands
        `from_min`, `limit_min` and the land between the two limits, EPSG:27700.
    """
    fixed = fixed_services(region.services, settings)
    minutes, _ = node_minutes(reach.network, list(fixed["service"]), settings)
    land = isochrones(reach.network.arcs, reach.network.lines, minutes, limits_min)
    inside = shapely.intersection(land.geometry.to_numpy(), region.neighbourhoods.union_all())
    bands = shapely.difference(inside, [shapely.Point(), *inside[:-1]])
    return land.assign(from_min=[0.0, *land["limit_min"][:-1]], geometry=gpd.GeoSeries(bands, crs=land.crs))


def reach_figures(reach: AreaReach) -> dict[str, float]:
    """Return the headline numbers of reach, named as in `figures.json` and described in `REACH_FIGURES`."""
    points, children = reach.points, reach.points["children_0_17"]
    served = children[points["served_drive"]].sum()
    return {
        "children_0_17_within_limit_share": float(served / children.sum()),
        "children_0_17_beyond_limit": round(children.sum() - served),
        "hard_to_reach_neighbourhoods": int(reach.neighbourhoods["hard_to_reach"].sum()),
        "children_0_17_within_limit_by_household_share": float(
            (points["served_share"] * children).sum() / children.sum()
        ),
    }


def cautions(region: AreaData, reach: AreaReach, settings: ReachSettings) -> list[str]:
    """Return what a reader of minutes and shares must know before using them, in sentences; mostly nothing.

    Parameters
    ----------
    region, reach, settings
        As for `reach_area`.
    """
    found, points = reach.network.report, reach.points
    told = []
    minor = (found["road_km_minor"] + found["road_km_narrow"]) / found["road_km"]
    if minor < _FEW_MINOR:
        told.append(
            f"The road data hold hardly any minor roads ({share_words(minor)} of the km). Most families live on them: "
            "the minutes and shares on this page must not be used."
        )
    lost = points.loc[points["drive_min"].isna(), "residents"].sum() / points["residents"].sum()
    if lost > _MANY_LOST:
        told.append(
            f"{share_words(lost)} of residents cannot be routed to any service: roads or places are incomplete."
        )
    on_main = found["residents_on_main_share"]
    if on_main < _FEW_ON_MAIN:
        told.append(
            f"Only {share_words(on_main)} of residents live on the main part of the road network: link ends may not "
            "meet (junction_tolerance_m), or roads are missing."
        )
    beyond = fixed_services(region.services, settings).query("not in_area")
    cut_off = beyond.loc[~reach.network.on_main[beyond["service"]].to_numpy(), "name"]
    if len(cut_off):
        told.append(
            f"Across the border these services cannot be reached by road: {', '.join(sorted(cut_off))}. The road "
            "data may end at the border; families near it may be nearer to help than this page says."
        )
    if points["point"].eq(points["lsoa"]).all():
        told.append(
            "There are no Output Area points in the data: each neighbourhood is one point somewhere inside it, too "
            "coarse to plan with."
        )
    return [*told, *(region.timetable.notes if region.timetable else ())]
