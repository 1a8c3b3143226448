import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from cfwlib.data.points import demand_points
from cfwlib.data.store import Store

BANDS = ["age_0_4", "age_5_11", "age_12_17", "age_18_25", "children_0_17", "residents_0_25"]


def place(lsoa: str, residents: float, no_car_share: float = 0.5) -> dict[str, object]:
    return {"lsoa": lsoa, "residents": residents, "no_car_share": no_car_share, "is_rural": True,
            "geometry": shapely.box(0, 0, 10, 10), **dict.fromkeys(BANDS, residents / 2)}  # fmt: skip


def area(points: list[tuple[str, str, float, float | None, float | None]], *lsoas: dict[str, object]) -> pd.DataFrame:
    columns = ["point", "lsoa", "residents", "residents_2021", "households_no_car"]
    frame = pd.DataFrame(points, columns=columns).assign(
        households=10.0, rural_code="E1", easting=1.0, northing=1.0
    ).astype({"residents_2021": float, "households_no_car": float})  # fmt: skip
    store = Store("E06000063", frames={"demand_points": frame})
    return demand_points(store, gpd.GeoDataFrame(list(lsoas), crs="EPSG:27700"), 2011).set_index("point")


def test_people_are_shared_by_the_census_not_by_older_counts() -> None:
    """An Output Area that has grown since 2011 gets its share of today's residents."""
    found = area([("a", "L", 100, 300, 1), ("b", "L", 100, 100, 1)], place("L", 400))
    assert found["residents"].to_dict() == pytest.approx({"a": 300, "b": 100})
    assert found["children_0_17"].to_dict() == pytest.approx({"a": 150, "b": 50})


def test_an_output_area_that_changed_gets_what_the_others_leave() -> None:
    """A blank Census count is what the neighbourhood's known ones leave over, not the count of 2011."""
    found = area([("a", "L", 100, 300, 1), ("b", "L", 900, None, 1)], place("L", 400))
    assert found["residents"].to_dict() == pytest.approx({"a": 300, "b": 100})
    assert found["residents_estimated"].to_dict() == {"a": False, "b": True}


def test_cars_are_the_output_area_s_own_where_known() -> None:
    """Households without a car are counted where the family lives; only a blank takes the neighbourhood's share."""
    found = area([("a", "L", 1, 1, 2), ("b", "L", 1, 1, np.nan)], place("L", 2, no_car_share=0.5))
    assert found["no_car_share"].to_dict() == {"a": 0.2, "b": 0.5}


def test_a_neighbourhood_without_points_is_stood_for_by_one() -> None:
    """Nobody is lost where Output Areas are not known."""
    found = area([("a", "L", 1, 1, 1)], place("L", 10), place("M", 30))
    assert found.loc["M", "residents"] == 30
    assert found["residents"].sum() == 40


def test_an_area_without_any_points_has_numbers_all_the_same() -> None:
    """Where no Output Areas were imported the counts are numbers that can be divided, as elsewhere."""
    lsoas = gpd.GeoDataFrame([place("L", 10)], crs="EPSG:27700")
    points = demand_points(Store("E06000063", frames={}), lsoas, 2021)
    assert points[["easting", "no_car_share", "residents", "children_0_17"]].dtypes.eq(float).all()
    assert points["children_0_17"].tolist() == [5.0]
