"""Who can get to help: minutes to the nearest fixed service, coverage, and who is hard to reach."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from cfwlib.errors import InputError
from cfwlib.reach.roads import Network
from cfwlib.reach.travel import minutes_matrix, nearest
from cfwlib.settings import ReachSettings

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
    points: pd.DataFrame, services: gpd.GeoDataFrame, network: Network, settings: ReachSettings
) -> pd.DataFrame:
    """Return the points with minutes to their nearest fixed service, by car, on foot and by household.

    Adds `drive_min`, `nearest_service`, `walk_min`, `household_min` ((1 − no-car share) × drive + no-car share × walk),
    `served_drive`, `served_walk` (within the limits; the limit itself counts) and `served_share` of households.
    A point that cannot be routed has NaN minutes and is not served.

    Raises
    ------
    InputError
        When there is no fixed service, or one inside the area is too far from any road to be reached.
    """
    fixed = fixed_services(services, settings).set_index("service")
    _refuse_lost(fixed, network, settings)
    drive = minutes_matrix(network, list(points["point"]), list(fixed.index), settings)
    walk = minutes_matrix(network, list(points["point"]), list(fixed.index), settings, mode="walk")
    by_car = nearest(drive, fixed["name"])
    no_car = points["no_car_share"]
    out = points.assign(
        drive_min=by_car["minutes"].to_numpy(),
        nearest_service=by_car["name"].to_numpy(),
        walk_min=walk.min(axis=1).to_numpy(),
    )
    out["household_min"] = (1 - no_car) * out["drive_min"] + no_car * out["walk_min"]
    out["served_drive"] = out["drive_min"] <= settings.limit_drive_min
    out["served_walk"] = out["walk_min"] <= settings.limit_walk_min
    out["served_share"] = (1 - no_car) * out["served_drive"] + no_car * out["served_walk"]
    return out


def _refuse_lost(fixed: gpd.GeoDataFrame, network: Network, settings: ReachSettings) -> None:
    lost = fixed[fixed["in_area"] & fixed.index.isin(network.off_network.index)]
    if len(lost):
        raise InputError(
            [
                f"{name} is more than {settings.snap_limit_m:,.0f} m from any road. Correct its coordinates, "
                "or raise snap_limit_m."
                for name in lost["name"]
            ]
        )


def coverage(minutes: pd.Series, residents: pd.Series, *, limit_min: float) -> float:
    """Return the share of residents within a travel time of their nearest service.

    Parameters
    ----------
    minutes
        Minutes to the nearest service, one per demand point; NaN = unreachable.
    residents
        People at each point, same index.
    limit_min
        Longest acceptable journey, in minutes; the limit itself counts as covered.

    Returns
    -------
    share
        0 to 1; NaN when nobody lives in the area.
    """
    total = residents.sum()
    return float(residents[minutes <= limit_min].sum() / total) if total > 0 else float("nan")


def coverage_table(
    points: pd.DataFrame, by: str, *, people: str = "children_0_17", limits_min: Sequence[float] = (10, 15, 20, 30)
) -> pd.DataFrame:
    """Return coverage by drive time at several limits, one row per group and one for everybody.

    Parameters
    ----------
    points
        `drive_min`, the group column and the people column.
    by
        Group column.
    people
        Whom to count.
    limits_min
        Minutes; each gives a column `within_<limit>_min_share`, 0 to 1 of the group's people.
    """
    groups = [*points.groupby(by, sort=True), ("All", points)]
    rows = []
    for name, group in groups:
        shares = {
            f"within_{limit:g}_min_share": coverage(group["drive_min"], group[people], limit_min=limit)
            for limit in limits_min
        }
        rows.append({by: name, people: group[people].sum(), **shares})
    return pd.DataFrame(rows)


def mean_minutes(points: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return each LSOA's child-weighted mean of its points' minutes; NaN where no point of it can be routed.

    Parameters
    ----------
    points
        `lsoa`, `children_0_17` and the minute columns; NaN minutes are left out of the mean.
    columns
        Minute columns.
    """
    weight = points["children_0_17"].clip(lower=1e-9)
    minutes = points[list(columns)]
    total = minutes.mul(weight, axis=0).groupby(points["lsoa"]).sum()
    base = minutes.notna().mul(weight, axis=0).groupby(points["lsoa"]).sum()
    return total / base.where(base > 0)


def neighbourhood_access(
    neighbourhoods: gpd.GeoDataFrame, points: pd.DataFrame, settings: ReachSettings
) -> gpd.GeoDataFrame:
    """Return the neighbourhoods with the mean minutes of their points, and which of them are hard to reach.

    Adds `drive_min`, `walk_min`, `household_min`, `children_beyond` (aged 0 to 17, more than the drive limit away) and
    `hard_to_reach`: rural, and the minutes named by `hard_to_reach_rule` are more than `hard_to_reach_min`. A
    neighbourhood none of whose points can be routed has NaN minutes and, if rural, is hard to reach.
    """
    out = neighbourhoods.join(mean_minutes(points, ["drive_min", "walk_min", "household_min"]), on="lsoa")
    beyond = points["children_0_17"].where(~points["served_drive"], 0).groupby(points["lsoa"]).sum()
    out["children_beyond"] = out["lsoa"].map(beyond).fillna(0)
    minutes = out["household_min" if settings.hard_to_reach_rule == "household_minutes" else "drive_min"]
    out["hard_to_reach"] = out["is_rural"] & ~(minutes <= settings.hard_to_reach_min)
    return out


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
