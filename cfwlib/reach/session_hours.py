"""Hours of help in reach: session hours a week for each child, by car where there is one and on foot where not.

They are shared by all in reach (floating catchments). Weights say how much a service counts for a client: 1 or 0
(`within`), or less the longer the journey (`gaussian`). `two_step` on the first are 2SFCA (Luo and Wang 2003), on the
second E2SFCA (Luo and Qi 2009) in the continuous form of Dai (2010); `balanced` is BFCA (Páez et al. 2019).
"""

from typing import Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from cfwlib.errors import refuse
from cfwlib.reach.access import fixed_services
from cfwlib.reach.network import Network
from cfwlib.reach.travel import Mode, minutes_matrix
from cfwlib.settings import Settings

Floats = npt.NDArray[np.float64]


def within(minutes: npt.ArrayLike, limit_min: float) -> Floats:
    """Return weight 1 within a travel time and 0 beyond it.

    Parameters
    ----------
    minutes
        Minutes from clients to services, shape (clients, services); NaN = unreachable, weight 0.
    limit_min
        Longest journey in minutes; the limit itself counts.

    Returns
    -------
    weights
        Same shape.
    """
    return (np.asarray(minutes, dtype=float) <= limit_min).astype(float)


def gaussian(minutes: npt.ArrayLike, limit_min: float) -> Floats:
    """Return weights that fall from 1 at the door to 0 at the limit: (exp(−½ (t/limit)²) − exp(−½)) / (1 − exp(−½)).

    The continuous Gaussian of Dai (2010), without the jumps of the three time zones (1, 0.68, 0.22) of Luo and Qi
    (2009); at half the limit it is 0.70. Anyone who prefers zones can give `two_step` a matrix of theirs.

    Parameters
    ----------
    minutes
        Minutes from clients to services, shape (clients, services); NaN = unreachable, weight 0.
    limit_min
        Length of journey in minutes, more than 0, at which a service no longer counts.

    Returns
    -------
    weights
        Same shape.
    """
    times = np.asarray(minutes, dtype=float)
    edge = np.exp(-0.5)
    return np.where(times <= limit_min, (np.exp(-0.5 * (times / limit_min) ** 2) - edge) / (1 - edge), 0.0)


def two_step(population: npt.ArrayLike, weights: npt.ArrayLike, supply: npt.ArrayLike) -> Floats:
    """Return the supply per head at each client, by the two-step floating catchment.

    Step one shares each service among all people it counts for, in proportion to its weight; step two adds up each
    client's shares. Nothing is lost: Σ population × access = Σ supply of services that count for anyone.

    Parameters
    ----------
    population
        People per client, shape (clients,).
    weights
        How much each service counts for each client, shape (clients, services): from `within`, `gaussian`, or true
        and false.
    supply
        Amount of service, shape (services,), such as session hours a week.

    Returns
    -------
    access
        Supply units per person, shape (clients,); 0 where nothing is in reach.

    Raises
    ------
    InputError
        If the shapes do not fit together, or a number is negative or missing.
    """
    people, weight, amount = _checked(population, weights, supply)
    return weight @ _ratio(amount, people @ weight)


def balanced(population: npt.ArrayLike, weights: npt.ArrayLike, supply: npt.ArrayLike) -> Floats:
    """Return the level of service allotted to each client, by the balanced floating catchment (Páez et al. 2019).

    Each client's people are divided among services, and each service's level (supply per person allotted to it) among
    clients, in proportion to the weights: nobody is counted twice, Σ people allotted = Σ population with anything in
    reach, and Σ access = Σ levels of service. The definition does not keep Σ population × access = Σ supply, as
    `two_step` does, and a client cut in two has half the access in each: compare places of one set of clients with it,
    but state hours per child by `two_step`.

    Parameters
    ----------
    population
        People per client, shape (clients,).
    weights
        How much each service counts for each client, shape (clients, services).
    supply
        Amount of service, shape (services,), such as session hours a week.

    Returns
    -------
    access
        Share of the levels of service (supply units per person), shape (clients,); 0 where nothing is in reach.

    Raises
    ------
    InputError
        If the shapes do not fit together, or a number is negative or missing.
    """
    people, weight, amount = _checked(population, weights, supply)
    of_client = _ratio(weight, weight.sum(axis=1, keepdims=True))
    of_service = _ratio(weight, weight.sum(axis=0, keepdims=True))
    return of_service @ _ratio(amount, people @ of_client)


def _ratio(amount: Floats, base: Floats) -> Floats:
    """Return amount / base, and 0 where the base is 0."""
    base = np.broadcast_to(base, amount.shape)
    return np.divide(amount, base, out=np.zeros_like(amount), where=base > 0)


def _checked(population: npt.ArrayLike, weights: npt.ArrayLike, supply: npt.ArrayLike) -> tuple[Floats, Floats, Floats]:
    people, weight, amount = (np.asarray(values, dtype=float) for values in (population, weights, supply))
    problems = [
        f"{name}: a number is negative, missing or infinite. Leave such rows out, or set them to 0."
        for name, values in (("population", people), ("weights", weight), ("supply", amount))
        if not ((values >= 0) & np.isfinite(values)).all()
    ]
    if weight.shape != (*people.shape, *amount.shape) or weight.ndim != 2:
        problems.append(
            f"weights: the shape is {weight.shape}, but there are {people.size} clients and {amount.size} services."
        )
    refuse(problems)
    return people, weight, amount


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
