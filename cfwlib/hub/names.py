"""Stops by the names people use: the village first, then the house."""

from dataclasses import replace
from typing import TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd

from cfwlib.data import AreaData
from cfwlib.hub.study import HubStudy

REACH_M = {"city": 3500.0, "town": 2000.0, "village": 1000.0, "hamlet": 500.0}  # about half of how wide each is
FAR_M = 4000.0  # a house farther from every settlement is of none


Frame = TypeVar("Frame", pd.DataFrame, gpd.GeoDataFrame)


def village_first(study: HubStudy, region: AreaData) -> HubStudy:
    """Return a study whose places are named as families would say them: Kirkbride (The Croft Surgery).

    For whatever is shown or handed out. `plan.json` and decisions keep the names of the data, by which a later run
    knows its places again.

    Parameters
    ----------
    study
        From `study_hub`.
    region
        The area's data: its villages, hamlets and towns.
    """
    places = study.candidates
    told = pd.Series(place_names(places, settlements_of(region)), index=places["venue"])
    problem = study.plan.instance
    instance = replace(problem, venues=_named(problem.venues, told))
    stops = study.plan.visits.drop_duplicates(["round", "sequence"]).sort_values(["round", "sequence"])
    calls = stops["venue"].map(told).groupby(stops["round"]).agg(" · ".join)
    rounds = study.plan.rounds.assign(venues=study.plan.rounds["round"].map(calls))
    plan = replace(study.plan, venues=_named(study.plan.venues, told), rounds=rounds, instance=instance)
    return replace(study, plan=plan, candidates=_named(places, told), stops=_named(study.stops, told))


def settlements_of(region: AreaData) -> pd.DataFrame:
    """Return the places whose names people know an area by: `name`, `kind`, `easting`, `northing` (m)."""
    columns = ["name", "kind", "easting", "northing"]
    small = region.services[region.services["kind"].isin(list(REACH_M))][columns]
    cities = region.towns[region.towns["kind"].str.casefold() == "city"]
    large = cities.assign(kind="city", easting=cities.geometry.x, northing=cities.geometry.y)[columns]
    return pd.concat([pd.DataFrame(small), pd.DataFrame(large)], ignore_index=True)


def settlements_in(region: AreaData) -> pd.DataFrame:
    """Return the towns, villages and hamlets of the area itself: `service` (id), `name` and `kind`."""
    inside = region.services[region.services["in_area"] & region.services["kind"].isin(list(REACH_M))]
    return pd.DataFrame(inside[["service", "name", "kind"]]).reset_index(drop=True)


def place_names(places: pd.DataFrame, settlements: pd.DataFrame) -> list[str]:
    """Return what each place is called: its village, then its own name where that says more.

    Of two settlements of one name each is told by the town it is near. Any other place: the village is the one that its
    name ends in or holds, else the nearest, a city, town or village counting as nearer than a hamlet because it is
    wider. A place that begins with the name of a settlement within 4 km, or lies by none, keeps its own.

    Parameters
    ----------
    places
        `name`, `kind`, `easting`, `northing` (m).
    settlements
        From `settlements_of`.

    Examples
    --------
    >>> villages = pd.DataFrame({"name": ["Kirkbride"], "kind": ["village"], "easting": [0], "northing": [0]})
    >>> houses = pd.DataFrame({"name": ["The Croft Surgery", "Kirkbride School"], "kind": "x"})
    >>> houses = houses.assign(easting=9, northing=9)
    >>> place_names(houses, villages)
    ['Kirkbride (The Croft Surgery)', 'Kirkbride School']
    """
    xy, reach = settlements[["easting", "northing"]].to_numpy(float), settlements["kind"].map(REACH_M).to_numpy(float)
    names, told = settlements["name"].astype(str).to_numpy(dtype=object), []
    large = settlements["kind"].isin(["city", "town"]).to_numpy()
    own_xy = places[["easting", "northing"]].to_numpy(float)
    for own, kind, at in zip(places["name"].astype(str), places["kind"], own_xy, strict=True):
        away = np.hypot(*(xy - at).T)
        around = [str(names[near]) for near in np.argsort(away / reach, kind="stable") if away[near] <= FAR_M]
        if kind in REACH_M:
            towns = np.where(large & (names != own), away, np.inf)
            alike = np.sum(names == own) > 1 and np.isfinite(towns).any()
            told.append(f"{own}, near {names[int(towns.argmin())]}" if alike else own)
        else:
            told.append(_told(own, around))
    return told


def _told(own: str, around: list[str]) -> str:
    """A place's name after the settlement it is of; `around`: those near it, the likeliest first."""
    words = _words(own)
    beginnings = {"".join(words[first:last]) for first in (0, words[:1] == ["the"]) for last in range(len(words) + 1)}
    if not around or any("".join(_words(name)) in beginnings for name in around):
        return own
    village = next((name for name in around if f" {' '.join(_words(name))} " in f" {' '.join(words)} "), around[0])
    return f"{village} ({own.removesuffix(f', {village}')})"


def _words(name: str) -> list[str]:
    return name.casefold().replace("-", " ").replace(",", " ").split()


def _named(frame: Frame, told: pd.Series) -> Frame:
    return frame.assign(name=frame["venue"].map(told).fillna(frame["name"]))
