"""Who can get to help: minutes to the nearest fixed service, and who is hard to reach, and why."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from cfwlib.data.timetable import Timetable
from cfwlib.errors import InputError
from cfwlib.reach.bus import bus_minutes
from cfwlib.reach.network import Network
from cfwlib.reach.travel import nearest
from cfwlib.settings import ReachSettings
from cfwlib.words import share_words

FIXED_KINDS = {"hubs_and_centres": ["family_hub", "childrens_centre"], "hubs": ["family_hub"]}


def fixed_services(services: gpd.GeoDataFrame, settings: ReachSettings) -> gpd.GeoDataFrame:
    """Return the fixed services that count as help, in and around the area.

    Raises
    ------
    InputError
        When there is none.
    """
    fixed = services[services["kind"].isin(FIXED_KINDS[settings.fixed_services])]
    if fixed.empty:
        raise InputError(
            f"no service of the kinds {FIXED_KINDS[settings.fixed_services]} in the data: nothing to reach."
        )
    return fixed


def access_to_fixed(
    points: pd.DataFrame,
    services: gpd.GeoDataFrame,
    network: Network,
    settings: ReachSettings,
    timetable: Timetable | None = None,
) -> pd.DataFrame:
    """Return the points with minutes to their nearest fixed service, by car, without one, and by household.

    Adds `drive_min`, `nearest_service`, `drive_inside_min` (to the area's own services only), `walk_min`, `bus_min`
    (NaN without a timetable), `no_car_min` (the shorter of walk and bus), `household_min` ((1 − no-car share) × drive +
    no-car share × without a car), `served_drive` and `served_walk` (within the limits, which count themselves;
    `served_walk` is a household without a car, on foot or by a scheduled bus) and `served_share` of households. A point
    that cannot be routed has NaN minutes and is not served.

    Raises
    ------
    InputError
        When there is no fixed service, or one inside the area is too far from any road to be reached.
    """
    fixed = fixed_services(services, settings).set_index("service")
    _refuse_lost(fixed, network, settings)
    origins, no_car = list(points["point"]), points["no_car_share"]
    by_car = nearest(network, origins, list(fixed.index), settings)
    inside = nearest(network, origins, list(fixed.index[fixed["in_area"]]), settings)
    on_foot = nearest(network, origins, list(fixed.index), settings, mode="walk")
    out = points.assign(
        drive_min=by_car["minutes"].to_numpy(),
        nearest_service=by_car["service"].map(fixed["name"]).fillna("").to_numpy(),
        drive_inside_min=inside["minutes"].to_numpy(),
        walk_min=on_foot["minutes"].to_numpy(),
        bus_min=_by_bus(points, fixed, settings, timetable),
    )
    out["no_car_min"] = out[["walk_min", "bus_min"]].min(axis=1)
    by_car_share = ((1 - no_car) * out["drive_min"]).where(no_car < 1, 0.0)  # nobody's missing journey is no gap
    out["household_min"] = by_car_share + (no_car * out["no_car_min"]).where(no_car > 0, 0.0)
    out["served_drive"] = out["drive_min"] <= settings.limit_drive_min
    out["served_walk"] = (out["walk_min"] <= settings.limit_walk_min) | (out["bus_min"] <= settings.limit_bus_min)
    out["served_share"] = (1 - no_car) * out["served_drive"] + no_car * out["served_walk"]
    return out


def _by_bus(
    points: pd.DataFrame, fixed: gpd.GeoDataFrame, settings: ReachSettings, timetable: Timetable | None
) -> npt.NDArray[np.float64]:
    if timetable is None:
        return np.full(len(points), np.nan)

    found = bus_minutes(
        timetable,
        points,
        fixed,
        from_min=settings.bus_from_min,
        to_min=settings.bus_to_min,
        walk_kmh=settings.walk_speed_kmh,
        walk_detour=settings.walk_detour,
        walk_limit_m=settings.bus_walk_limit_m,
        change_min=settings.bus_change_min,
    )
    return found["median_min"].to_numpy(float)


def _refuse_lost(fixed: gpd.GeoDataFrame, network: Network, settings: ReachSettings) -> None:
    lost = fixed[fixed["in_area"] & fixed.index.isin(network.off_network.index)]
    if len(lost):
        raise InputError(
            [
                f"{name} is more than {settings.snap_limit_m:,.0f} m from any road. Correct its coordinates, "
                "import roads that are complete, or raise snap_limit_m."
                for name in lost["name"]
            ]
        )


def mean_minutes(points: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return each LSOA's child-weighted mean of its points' minutes; NaN where most of its children have none.

    Parameters
    ----------
    points
        `lsoa`, `children_0_17` and the minute columns; NaN minutes of less than half the children are left out.
    columns
        Minute columns.
    """
    weight = points["children_0_17"].clip(lower=1e-9)
    minutes = points[list(columns)]
    total = minutes.mul(weight, axis=0).groupby(points["lsoa"]).sum()
    base = minutes.notna().mul(weight, axis=0).groupby(points["lsoa"]).sum()
    return total / base.where(base.ge(weight.groupby(points["lsoa"]).sum() / 2, axis=0))


def neighbourhood_access(
    neighbourhoods: gpd.GeoDataFrame, points: pd.DataFrame, settings: ReachSettings
) -> gpd.GeoDataFrame:
    """Return the neighbourhoods with the mean minutes of their points, and which are hard to reach, and why.

    Adds `drive_min`, `walk_min`, `bus_min`, `no_car_min`, `household_min`, `nearest_service` (for most of its
    children), `children_beyond` (aged 0 to 17, more than the drive limit away), `hard_to_reach`: rural, and the minutes
    named by `hard_to_reach_rule` are more than `hard_to_reach_min`, and `reason` (empty where it is not). A
    neighbourhood none of whose points can be routed has NaN minutes and, if rural, is hard to reach.
    """
    columns = ["drive_min", "walk_min", "bus_min", "no_car_min", "household_min"]
    out = neighbourhoods.join(mean_minutes(points, columns), on="lsoa")
    out["nearest_service"] = out["lsoa"].map(nearest_name(points)).fillna("")
    beyond = points["children_0_17"].where(~points["served_drive"], 0).groupby(points["lsoa"]).sum()
    out["children_beyond"] = out["lsoa"].map(beyond).fillna(0)
    minutes = out["household_min" if settings.hard_to_reach_rule == "household_minutes" else "drive_min"]
    out["hard_to_reach"] = out["is_rural"] & ~(minutes <= settings.hard_to_reach_min)
    out["reason"] = [_reason(row, settings) if row["hard_to_reach"] else "" for _, row in out.iterrows()]
    return out


def _reason(place: pd.Series, settings: ReachSettings) -> str:
    if np.isnan(place["drive_min"]):
        return "most of its children have no way by road to a service"
    if place["drive_min"] > settings.hard_to_reach_min:
        return f"{place['drive_min']:.1f} minutes by car to {place['nearest_service']}"
    by_bus = not np.isnan(place["bus_min"]) and not place["walk_min"] <= place["bus_min"]
    way = f"{place['no_car_min']:.0f} minutes {'by bus' if by_bus else 'on foot'}"
    if np.isnan(place["no_car_min"]):
        way = "no way without one"
    without = share_words(place["no_car_share"])
    return f"{without} of households have no car and {way}; by car {place['drive_min']:.0f} minutes"


def nearest_name(points: pd.DataFrame) -> pd.Series:
    """Return, per LSOA, the service that is nearest for most of its children."""
    people = points.groupby(["lsoa", "nearest_service"])["children_0_17"].sum().reset_index()
    top = people.sort_values(["children_0_17", "nearest_service"], ascending=[False, True]).drop_duplicates("lsoa")
    return top.set_index("lsoa")["nearest_service"]


def unroutable(points: pd.DataFrame, network: Network) -> pd.DataFrame:
    """Return the points with no way to any fixed service, each with the reason."""
    lost = points[points["drive_min"].isna()]
    far = lost["point"].isin(network.off_network.index)
    return lost.assign(
        reason=np.where(far, "farther from a road than the snapping limit", "no road leads to a service")
    )
