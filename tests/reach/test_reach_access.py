import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString

from cfwlib.data import AreaData
from cfwlib.errors import InputError
from cfwlib.need import assess_need
from cfwlib.reach import build_network, reach_area
from cfwlib.reach.access import access_to_fixed, fixed_services, neighbourhood_access
from cfwlib.settings import Settings


def village(**changes: object) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    place = gpd.GeoDataFrame({"lsoa": ["X"], "is_rural": [True], "no_car_share": [0.1]})
    points = pd.DataFrame(
        {"lsoa": "X", "children_0_17": [10.0, 30.0], "drive_min": [4.0, 8.0], "walk_min": [60.0, 100.0],
         "bus_min": np.nan, "no_car_min": [60.0, 100.0], "household_min": [9.6, 17.2], "nearest_service": "Hub",
         "served_drive": True, **changes}
    )  # fmt: skip
    return place, points


def test_hard_to_reach_by_household_and_by_car() -> None:
    """7 minutes by car is near; with one household in ten walking the average is 15.3: hard to reach."""
    place, points = village()
    by_household = neighbourhood_access(place, points, Settings())
    assert by_household[["drive_min", "household_min"]].iloc[0].tolist() == pytest.approx([7.0, 15.3])
    assert by_household["hard_to_reach"].iloc[0]
    assert by_household["reason"].iloc[0] == "10% of households have no car and 90 minutes on foot; by car 7 minutes"
    by_car = Settings(hard_to_reach_rule="drive_minutes")
    assert not neighbourhood_access(place, points, by_car)["hard_to_reach"].iloc[0]
    assert not neighbourhood_access(place.assign(is_rural=False), points, Settings())["hard_to_reach"].iloc[0]


def test_the_minutes_of_a_few_do_not_stand_for_most() -> None:
    """90 children with no way on foot are not averaged away by 10 who have one; the other way round they are."""
    place, points = village(walk_min=[np.nan, 5.0], no_car_min=[np.nan, 5.0], household_min=[np.nan, 2.0])
    points["children_0_17"] = [90.0, 10.0]
    found = neighbourhood_access(place, points, Settings()).iloc[0]
    assert np.isnan(found["household_min"])
    assert found["hard_to_reach"]
    points["children_0_17"] = [10.0, 90.0]
    assert neighbourhood_access(place, points, Settings())["household_min"].iloc[0] == pytest.approx(2.0)


def test_minutes_of_a_household_by_hand() -> None:
    """580 m of A road are 0.6 minutes by car and 7.25 on foot: with a quarter without a car 2.2625 on average."""
    roads = gpd.GeoDataFrame({"road_class": ["a_road", "a_road", "motorway"]}, crs=27700,
                             geometry=[LineString(c) for c in ([(0, 0), (580, 0)], [(580, 0), (5800, 0)],
                                                              [(5800, 0), (9000, 0)])])  # fmt: skip
    rules = Settings(terminal_min=0, walk_detour=1, junction_tolerance_m=0, limit_drive_min=5)
    points = pd.DataFrame({"point": ["a", "b", "c"], "easting": [580.0, 5800.0, 9000.0], "northing": 0.0,
                           "no_car_share": [0.25, 1.0, 0.0]})  # fmt: skip
    services = gpd.GeoDataFrame({"service": ["hub", "own"], "name": ["Hub", "Own"], "kind": "family_hub",
                                 "easting": [0.0, 5800.0], "northing": 0.0, "in_area": [False, True]})  # fmt: skip
    places = [frame[["easting", "northing"]].set_axis(frame.iloc[:, 0]) for frame in (points, services)]
    network = build_network(roads, pd.concat(places), rules)
    found = access_to_fixed(points, services, network, rules).set_index("point")
    assert found.loc["a", ["drive_min", "walk_min", "household_min"]].tolist() == pytest.approx([0.6, 7.25, 2.2625])
    assert found["drive_inside_min"].tolist()[:2] == pytest.approx([5.4, 0.0], abs=1e-6)
    assert found["nearest_service"].tolist()[:2] == ["Hub", "Own"]
    assert found.loc["b", "household_min"] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"drive_min": [24.0, 28.0], "household_min": 40.0}, "27.0 minutes by car to Hub"),
        ({"bus_min": 50.0, "no_car_min": 50.0, "household_min": 16.0}, "10% of households have no car and 50 "),
        ({"walk_min": np.nan, "no_car_min": np.nan, "household_min": 16.0}, "10% of households have no car and no way"),
        ({"drive_min": np.nan, "household_min": np.nan}, "most of its children have no way by road to a service"),
        ({"household_min": 3.0}, ""),
    ],
)  # fmt: skip
def test_every_hard_to_reach_place_has_its_reason(changes: dict[str, object], reason: str) -> None:
    """Far by car, near by car but far without one, or cut off; and no reason where it is not hard to reach."""
    place, points = village(**changes)
    found = neighbourhood_access(place, points, Settings()).iloc[0]
    assert found["reason"].startswith(reason)
    assert bool(found["reason"]) == bool(found["hard_to_reach"])


def test_a_village_no_road_leads_to_is_hard_to_reach() -> None:
    """No journey time is not a short journey."""
    place, points = village(
        drive_min=np.nan, walk_min=np.nan, no_car_min=np.nan, household_min=np.nan, served_drive=False
    )
    found = neighbourhood_access(place, points, Settings())
    assert found["hard_to_reach"].iloc[0]
    assert found["children_beyond"].iloc[0] == 40
    assert found["reason"].iloc[0] == "most of its children have no way by road to a service"


def test_reach_of_the_modelled_area(modelled: AreaData) -> None:
    """Every point has its minutes, and the household average lies between car and foot."""
    settings = Settings()
    reach = reach_area(modelled, assess_need(modelled.neighbourhoods, settings), settings)
    points = reach.points
    assert points["drive_min"].notna().all()
    assert (points["household_min"] >= points[["drive_min", "walk_min"]].min(axis=1) - 1e-9).all()
    assert (points["household_min"] <= points[["drive_min", "walk_min"]].max(axis=1) + 1e-9).all()
    assert points["need_count"].sum() == pytest.approx((points["need_rate"] * points["children_0_17"]).sum())
    faster = Settings(speed_factor=1.15)
    quick = reach_area(modelled, assess_need(modelled.neighbourhoods, faster), faster).points
    assert (quick["drive_min"] < points["drive_min"]).all()


def test_without_a_fixed_service_there_is_nothing_to_reach(modelled: AreaData) -> None:
    """An area whose register was not imported is told so, not shown as a desert."""
    libraries = modelled.services[modelled.services["kind"] == "library"]
    with pytest.raises(InputError, match="nothing to reach"):
        fixed_services(libraries, Settings())


def test_a_centre_far_from_any_road_is_not_silently_lost(modelled: AreaData) -> None:
    """A centre that no road comes near is named: without it the whole map would be wrong."""
    settings = Settings(snap_limit_m=60)
    with pytest.raises(InputError, match=r"Centre is more than 60 m from any road"):
        reach_area(modelled, assess_need(modelled.neighbourhoods, settings), settings)
