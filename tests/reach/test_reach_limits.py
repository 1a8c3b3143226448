"""What happens at exactly a limit, and to households without a car: small places by hand, each number its own."""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString

from cfwlib.reach import build_network
from cfwlib.reach.access import access_to_fixed, nearest_name, neighbourhood_access
from cfwlib.settings import Settings


def along_a_road(metres: list[float], *, no_car_share: list[float]) -> pd.DataFrame:
    """Return homes on an A road that begins at a hub: 80 m a minute on foot, 58 km/h by car; limits 30 and 2 min."""
    rules = Settings(terminal_min=0, walk_detour=1, junction_tolerance_m=0, limit_drive_min=2, limit_walk_min=30)
    ends = [0.0, *sorted(set(metres))]
    links = [LineString([(a, 0), (b, 0)]) for a, b in pairwise(ends)]
    roads = gpd.GeoDataFrame({"road_class": ["a_road"] * len(links)}, geometry=links, crs=27700)
    homes = pd.DataFrame({"point": [f"h{i}" for i in range(len(metres))], "easting": metres, "northing": 0.0})
    hub = gpd.GeoDataFrame({"service": ["hub"], "name": ["Hub"], "kind": "family_hub", "easting": [0.0],
                            "northing": [0.0], "in_area": [True]})  # fmt: skip
    places = [frame[["easting", "northing"]].set_axis(frame.iloc[:, 0]) for frame in (homes, hub)]
    network = build_network(roads, pd.concat(places), rules)
    return access_to_fixed(homes.assign(no_car_share=no_car_share), hub, network, rules)


def test_a_walk_of_exactly_the_limit_is_within_it() -> None:
    """2,400 m are 30 minutes on foot: within a limit of 30; a metre more is not."""
    found = along_a_road([2400.0, 2401.0], no_car_share=[1.0, 1.0])
    assert found["walk_min"].iloc[0] == 30
    assert found["served_walk"].tolist() == [True, False]


def test_a_household_without_a_car_walks() -> None:
    """At 1,930 m all are near; at 2,390 m (2.5 minutes by car, 29.9 on foot) only those who have no car are."""
    near = along_a_road([1930.0] * 3, no_car_share=[0.0, 0.4, 1.0])
    assert near["served_share"].tolist() == [1, 1, 1]
    walkers = along_a_road([2390.0] * 3, no_car_share=[0.0, 0.4, 1.0])
    assert walkers["served_share"].tolist() == [0, 0.4, 1]


@pytest.mark.parametrize("rule", ["household_minutes", "drive_minutes"])
@pytest.mark.parametrize(("minutes", "hard"), [(15.0, False), (np.nextafter(15.0, 16), True), (np.nan, True)])
def test_hard_to_reach_is_more_than_the_limit(rule: str, minutes: float, hard: bool) -> None:
    """A rural neighbourhood exactly hard_to_reach_min away is not hard to reach; a hair more is, and no way is."""
    place = gpd.GeoDataFrame({"lsoa": ["X"], "is_rural": [True], "no_car_share": [0.1]})
    points = pd.DataFrame({"lsoa": ["X"], "children_0_17": 10.0, "drive_min": minutes, "walk_min": 60.0,
                           "bus_min": np.nan, "no_car_min": 60.0, "household_min": minutes, "nearest_service": "Hub",
                           "served_drive": True})  # fmt: skip
    rules = Settings(hard_to_reach_min=15, hard_to_reach_rule=rule)
    assert neighbourhood_access(place, points, rules)["hard_to_reach"].tolist() == [hard]


def test_the_nearest_service_of_a_neighbourhood_is_that_of_most_of_its_children() -> None:
    """30 children are nearest to Wigton, 10 and 15 to Aspatria; where children are as many, the name decides."""
    points = pd.DataFrame({"lsoa": ["X", "X", "X", "Y", "Y"], "children_0_17": [10.0, 30.0, 15.0, 5.0, 5.0],
                           "nearest_service": ["Aspatria", "Wigton", "Aspatria", "Keswick", "Ambleside"]})  # fmt: skip
    assert nearest_name(points).to_dict() == {"X": "Wigton", "Y": "Ambleside"}
