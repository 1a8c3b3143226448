"""Hours of help in reach: session hours a week for each child, by car where there is one and on foot where not."""

from typing import Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from cfwlib.reach.access import fixed_services
from cfwlib.reach.floating import balanced, gaussian, two_step, within
from cfwlib.reach.network import Network
from cfwlib.reach.travel import Mode, minutes_matrix
from cfwlib.settings import Settings

Method = Literal["2sfca", "e2sfca", "bfca"]


def fixed_hours(fixed: gpd.GeoDataFrame, settings: Settings) -> npt.NDArray[np.float64]:
    """Return the session hours a week of each fixed service: its own where known, else the setting for its kind.

    Parameters
    ----------
    fixed
        Services of the kinds `family_hub` and `childrens_centre`; optional `hours_per_week` (NaN = not known).
    settings
        Hours a week of a hub and of a centre.
    """
    usual = {"family_hub": settings.hub_hours_per_week, "childrens_centre": settings.centre_hours_per_week}
    known = fixed["hours_per_week"] if "hours_per_week" in fixed else pd.Series(np.nan, index=fixed.index)
    return np.asarray(known.fillna(fixed["kind"].map(usual)), dtype=float)


def hours_in_reach(
    points: pd.DataFrame,
    network: Network,
    places: list[str],
    hours: npt.NDArray[np.float64],
    settings: Settings,
    *,
    method: Method = "2sfca",
) -> npt.NDArray[np.float64]:
    """Return session hours a week per 1,000 children at each point, the hours shared among all children in reach.

    Children of households with a car are in reach within the drive limit, the others within the walk limit: two groups
    of clients at each point, who share the same hours.

    Parameters
    ----------
    points
        `point`, `children_0_17`, `no_car_share` (0 to 1).
    network
        Roads with points and places joined on.
    places
        Site ids of the services.
    hours
        Session hours a week of each, shape (places,).
    settings
        Limits in minutes.
    method
        2sfca: all in reach count alike. e2sfca: the less the longer the journey. bfca: balanced, nobody counted twice.

    Returns
    -------
    hours
        Shape (points,); for `bfca` a level of service that compares places, not hours that add up.
    """
    origins = list(points["point"])
    weigh = within if method == "2sfca" else gaussian
    ways: tuple[tuple[Mode, float], ...] = (("drive", settings.limit_drive_min), ("walk", settings.limit_walk_min))
    weights = [
        weigh(minutes_matrix(network, origins, places, settings, mode=mode, limit_min=limit).to_numpy(), limit)
        for mode, limit in ways
    ]
    no_car, children = points["no_car_share"].to_numpy(float), points["children_0_17"].to_numpy(float)
    people = np.concatenate([children * (1 - no_car), children * no_car])
    share = balanced if method == "bfca" else two_step
    by_car, on_foot = np.split(share(people, np.vstack(weights), hours), 2)
    return 1000 * ((1 - no_car) * by_car + no_car * on_foot)


def with_fixed_hours(
    points: pd.DataFrame, services: gpd.GeoDataFrame, network: Network, settings: Settings
) -> pd.DataFrame:
    """Return the points with `hours_2sfca`, `hours_e2sfca`, `hours_bfca`: hours of the fixed services in reach.

    Parameters
    ----------
    points, network, settings
        As for `hours_in_reach`.
    services
        All services; those that count are the settings' fixed ones.
    """
    fixed = fixed_services(services, settings)
    hours, places = fixed_hours(fixed, settings), list(fixed["service"])
    methods: tuple[Method, ...] = ("2sfca", "e2sfca", "bfca")
    return points.assign(
        **{f"hours_{m}": hours_in_reach(points, network, places, hours, settings, method=m) for m in methods}
    )
