"""Coverage: the share of people within a travel time of help, by group, age and limit, and how sure it is."""

from collections.abc import Sequence
from dataclasses import replace

import geopandas as gpd
import pandas as pd

from cfwlib.data.points import AGE_BANDS
from cfwlib.reach.access import fixed_services
from cfwlib.reach.network import Network
from cfwlib.reach.travel import nearest
from cfwlib.settings import ReachSettings

LIMITS_MIN = (10.0, 15.0, 20.0, 30.0)
SPEED_CHANGE = 0.15  # by which every road is made slower and faster, unless told


def limits_with(limit_min: float) -> tuple[float, ...]:
    """Return the limits of tables, in minutes, with one more among them: that of the run."""
    return tuple(sorted({*LIMITS_MIN, float(limit_min)}))


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


def _shares(
    points: pd.DataFrame, people: str, limits_min: Sequence[float], minutes: str = "drive_min"
) -> dict[str, float]:
    return {
        f"within_{limit:g}_min_share": coverage(points[minutes], points[people], limit_min=limit)
        for limit in limits_min
    }


def coverage_table(
    points: pd.DataFrame, by: str, *, people: str = "children_0_17", limits_min: Sequence[float] = LIMITS_MIN
) -> pd.DataFrame:
    """Return coverage by drive time at several limits, one row per group and one for everybody.

    Parameters
    ----------
    points
        `drive_min`, the group column and the people column.
    by
        Group column, such as `ward_name`.
    people
        Whom to count.
    limits_min
        Minutes; each gives a column `within_<limit>_min_share`, 0 to 1 of the group's people.

    Examples
    --------
    >>> coverage_table(reach.points, "is_rural", limits_min=[15]).round(2)
      is_rural  children_0_17  within_15_min_share
    0    False        25575.0                 1.00
    1     True        26658.0                 0.86
    2      All        52233.0                 0.93
    """
    groups = [*points.groupby(by, sort=True), ("All", points)]
    rows = [{by: name, people: group[people].sum(), **_shares(group, people, limits_min)} for name, group in groups]
    return pd.DataFrame(rows)


def coverage_by_age(points: pd.DataFrame, *, limits_min: Sequence[float] = LIMITS_MIN) -> pd.DataFrame:
    """Return coverage by drive time at several limits for each age band, and for residents of all ages.

    Parameters
    ----------
    points
        `drive_min` and residents by age band.
    limits_min
        Minutes.

    Returns
    -------
    bands
        `age_band`, `residents`, and `within_<limit>_min_share`, 0 to 1 of the band.
    """
    names = {column: f"{low} to {high}" for column, (low, high) in AGE_BANDS.items()} | {"residents": "All ages"}
    return pd.DataFrame(
        [
            {"age_band": name, "residents": points[column].sum(), **_shares(points, column, limits_min)}
            for column, name in names.items()
        ]
    )


def car_contrast(points: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return the shares of children within reach with a car, without one, and as households are, by group and in all.

    Parameters
    ----------
    points
        `served_drive`, `served_walk`, `served_share`, `children_0_17` and the group column.
    by
        Group column, such as `rural_class`.

    Returns
    -------
    groups
        `children_0_17`, `with_car_share`, `without_car_share` (if nobody had one) and `household_share`, 0 to 1.
    """
    rows = []
    for name, group in [*points.groupby(by, sort=True), ("All", points)]:
        children = group["children_0_17"]
        total = children.sum() if children.sum() > 0 else float("nan")
        columns = {"with_car": "served_drive", "without_car": "served_walk", "household": "served_share"}
        shares = {f"{new}_share": (children * group[old]).sum() / total for new, old in columns.items()}
        rows.append({by: name, "children_0_17": children.sum(), **shares})
    return pd.DataFrame(rows)


def border_effect(points: pd.DataFrame, *, limits_min: Sequence[float] = LIMITS_MIN) -> pd.DataFrame:
    """Return coverage of children with the services across the border, and with those of the area alone.

    Parameters
    ----------
    points
        `drive_min`, `drive_inside_min` and `children_0_17`.
    limits_min
        Minutes.
    """
    rows = {"with those across the border": "drive_min", "the authority's own only": "drive_inside_min"}
    shares = [
        {"services": name, **_shares(points, "children_0_17", limits_min, minutes)} for name, minutes in rows.items()
    ]
    return pd.DataFrame(shares)


def speed_band(
    points: pd.DataFrame,
    services: gpd.GeoDataFrame,
    network: Network,
    settings: ReachSettings,
    *,
    change: float = SPEED_CHANGE,
) -> tuple[float, float]:
    """Return the share of children within the drive limit if every road were slower, and if it were faster.

    Parameters
    ----------
    points
        `point` and `children_0_17`.
    services
        All services; the settings say which count.
    network
        Roads with points and services joined on.
    settings
        The limit, minutes.
    change
        Share by which speeds fall and rise; the minutes for parking and from door to road stay.

    Returns
    -------
    slower, faster
        0 to 1 each.
    """
    origins, fixed = list(points["point"]), list(fixed_services(services, settings)["service"])
    children, shares = points.set_index("point")["children_0_17"], []
    for factor in (1 - change, 1 + change):
        other = replace(network, drive=network.drive * (1 / factor))
        minutes = nearest(other, origins, fixed, settings)["minutes"]
        shares.append(coverage(minutes, children, limit_min=settings.limit_drive_min))
    return shares[0], shares[1]
