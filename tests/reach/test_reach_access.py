import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cfwlib.data import AreaData
from cfwlib.errors import InputError
from cfwlib.need import assess_need
from cfwlib.reach import coverage, coverage_table, neighbourhood_access, reach_area, two_step
from cfwlib.reach.access import fixed_services
from cfwlib.settings import Settings


def test_coverage_by_hand() -> None:
    """The limit itself counts, the unreachable do not, and nobody living there is no share at all."""
    minutes = pd.Series([5, 15, 15.01, np.nan])
    assert coverage(minutes, pd.Series([10, 20, 30, 40]), limit_min=15) == 0.3
    assert np.isnan(coverage(minutes, pd.Series([0, 0, 0, 0]), limit_min=15))


def test_coverage_table_ends_with_everybody() -> None:
    """Groups are shown with their size, and the last row is the whole."""
    points = pd.DataFrame({"drive_min": [5, 25], "children_0_17": [30, 10], "fifth": [1, 2]})
    table = coverage_table(points, "fifth", limits_min=[10, 30])
    assert table["within_10_min_share"].tolist() == [1, 0, 0.75]
    assert table["children_0_17"].tolist() == [30, 10, 40]


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
    by_car = Settings(hard_to_reach_rule="drive_minutes")
    assert not neighbourhood_access(place, points, by_car)["hard_to_reach"].iloc[0]
    assert not neighbourhood_access(place.assign(is_rural=False), points, Settings())["hard_to_reach"].iloc[0]


def test_a_village_no_road_leads_to_is_hard_to_reach() -> None:
    """No journey time is not a short journey."""
    place, points = village(
        drive_min=np.nan, walk_min=np.nan, no_car_min=np.nan, household_min=np.nan, served_drive=False
    )
    found = neighbourhood_access(place, points, Settings())
    assert found["hard_to_reach"].iloc[0]
    assert found["children_beyond"].iloc[0] == 40


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


def test_two_step_by_hand() -> None:
    """Ten hours shared by 40 and 10 people, four hours for the 10 alone."""
    within = np.array([[True, False], [True, True]])
    access = two_step(np.array([40.0, 10.0]), within, np.array([10.0, 4.0]))
    assert access.tolist() == pytest.approx([0.2, 0.2 + 0.4])


@given(
    arrays(float, 6, elements=st.just(0.0) | st.floats(1e-3, 1e4)),
    arrays(bool, (6, 4)),
    arrays(float, 4, elements=st.floats(0, 1e3)),
)
def test_no_hour_is_lost_or_made(population: np.ndarray, within: np.ndarray, supply: np.ndarray) -> None:
    """Hours per head times heads add up to the hours of every service that anyone can reach."""
    reachable = supply[(population @ within) > 0].sum()
    assert population @ two_step(population, within, supply) == pytest.approx(reachable, rel=1e-9, abs=1e-9)


def test_a_centre_far_from_any_road_is_not_silently_lost(modelled: AreaData) -> None:
    """A centre that no road comes near is named: without it the whole map would be wrong."""
    settings = Settings(snap_limit_m=60)
    with pytest.raises(InputError, match=r"Centre is more than 60 m from any road"):
        reach_area(modelled, assess_need(modelled.neighbourhoods, settings), settings)
