"""Coverage by group, age, car and border, its range, and hours in reach: by hand, and on the modelled area."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import LineString

from cfwlib.data import AreaData
from cfwlib.need import assess_need
from cfwlib.reach import (
    AreaReach,
    area_isochrones,
    border_effect,
    car_contrast,
    cautions,
    coverage_by_age,
    coverage_table,
    fixed_services,
    reach_area,
    sample_journeys,
    speed_band,
    with_fixed_hours,
)
from cfwlib.reach.coverage import coverage
from cfwlib.settings import Settings

SETTINGS = Settings()


@pytest.fixture(scope="module")
def reach(modelled: AreaData) -> AreaReach:
    return reach_area(modelled, assess_need(modelled.neighbourhoods, SETTINGS), SETTINGS)


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


def test_with_a_car_without_one_and_as_households_are() -> None:
    """30 children near by car of whom a tenth have none, 10 near on foot only: 75%, 25%, and 32 of 40."""
    points = pd.DataFrame({"place": ["a", "b"], "children_0_17": [30.0, 10.0], "served_drive": [True, False],
                           "served_walk": [False, True], "served_share": [0.9, 0.5]})  # fmt: skip
    everybody = car_contrast(points, "place").iloc[-1]
    shares = everybody[["with_car_share", "without_car_share", "household_share"]]
    assert shares.tolist() == pytest.approx([0.75, 0.25, 0.8])


def test_age_bands_add_up_to_children_and_more(reach: AreaReach) -> None:
    """The bands up to 17 hold all children, and everybody is in the last row."""
    table = coverage_by_age(reach.points).set_index("age_band")
    assert table["residents"][["0 to 4", "5 to 11", "12 to 17"]].sum() == pytest.approx(
        reach.points["children_0_17"].sum()
    )
    assert table.loc["All ages", "residents"] == pytest.approx(reach.points["residents"].sum())
    assert table["within_15_min_share"].between(0, 1).all()


def test_neighbours_services_only_help(reach: AreaReach) -> None:
    """Without the services across the border nobody is nearer to help."""
    points = reach.points
    assert (points["drive_inside_min"] >= points["drive_min"] - 1e-9).all()
    farther = points.assign(drive_inside_min=points["drive_min"] + 100)
    both, own = border_effect(farther)["within_15_min_share"]
    assert own == 0
    assert both == pytest.approx(coverage(points["drive_min"], points["children_0_17"], limit_min=15))


def test_the_speed_band_is_what_other_speeds_give(modelled: AreaData, reach: AreaReach) -> None:
    """The ends of the range are the shares of runs with every class speed 15% lower and higher."""
    band = speed_band(reach.points, modelled.services, reach.network, SETTINGS)
    for factor, share in zip((0.85, 1.15), band, strict=True):
        other = SETTINGS.model_copy(update={"speed_factor": factor})
        points = reach_area(modelled, assess_need(modelled.neighbourhoods, other), other).points
        assert coverage(points["drive_min"], points["children_0_17"], limit_min=15) == pytest.approx(share)
    assert band[0] < coverage(reach.points["drive_min"], reach.points["children_0_17"], limit_min=15) < band[1]


def test_hours_in_reach_are_the_hours_offered(modelled: AreaData, reach: AreaReach) -> None:
    """By 2SFCA and E2SFCA, hours per child times children are the hours of every centre that anybody can reach."""
    points = with_fixed_hours(reach.points, modelled.services, reach.network, SETTINGS)
    fixed = fixed_services(modelled.services, SETTINGS)
    hours = (fixed["kind"] == "family_hub").sum() * 37 + (fixed["kind"] == "childrens_centre").sum() * 20
    for method in ("2sfca", "e2sfca"):
        assert (points[f"hours_{method}"] * points["children_0_17"]).sum() / 1000 == pytest.approx(hours, rel=1e-9)
    assert not np.allclose(points["hours_2sfca"], points["hours_e2sfca"])
    own = modelled.services.assign(hours_per_week=np.where(modelled.services["kind"] == "family_hub", 50.0, np.nan))
    longer = with_fixed_hours(reach.points, own, reach.network, SETTINGS)
    gained = ((longer["hours_2sfca"] - points["hours_2sfca"]) * points["children_0_17"]).sum() / 1000
    assert gained == pytest.approx(13 * (fixed["kind"] == "family_hub").sum())


def test_isochrones_hold_the_families_they_say(modelled: AreaData, reach: AreaReach) -> None:
    """The bands do not overlap, and nearly all families who live by the road are in the band of their minutes."""
    bands = area_isochrones(modelled, reach, SETTINGS)
    one, two = bands.geometry.iloc[:2]
    assert one.intersection(two).area < 1
    near = reach.points[reach.network.drive_access_min[reach.points["point"]].to_numpy() < 0.3]
    homes = shapely.points(near[["easting", "northing"]].to_numpy())
    ten = near["drive_min"] <= 10
    assert shapely.covers(one, homes)[ten].mean() > 0.95


def test_journeys_for_calibration_are_of_its_range(reach: AreaReach) -> None:
    """Pairs lie between 0.3 and 20 km, no minute is missing, and no journey is faster than the motorway."""
    journeys = sample_journeys(reach.points, reach.network, SETTINGS, most_points=60)
    assert journeys["crow_km"].between(0.3, 20).all()
    assert (journeys["minutes"] > journeys["crow_km"] / 95 * 60).all()


def test_cautions_are_said_only_where_they_are_due(modelled: AreaData, reach: AreaReach) -> None:
    """Whole roads need no warning; main roads alone, one point a neighbourhood, and roads that end at the border do."""
    assert cautions(modelled, reach, SETTINGS) == []
    main = modelled.roads["road_class"].isin(["motorway", "primary", "a_road"])
    far = SETTINGS.model_copy(update={"snap_limit_m": 20_000})
    need = assess_need(modelled.neighbourhoods, far)
    bare = replace(modelled, roads=modelled.roads[main])
    assert any("hardly any minor roads (0%" in said for said in cautions(bare, reach_area(bare, need, far), far))
    coarse = replace(reach, points=reach.points.assign(point=reach.points["lsoa"]))
    assert any("no Output Area points" in said for said in cautions(modelled, coarse, SETTINGS))
    hub = modelled.services["kind"] == "family_hub"  # as if it stood across the border
    abroad = replace(modelled, services=modelled.services.assign(in_area=~hub))
    cut = reach.network.on_main & ~reach.network.on_main.index.isin(modelled.services.loc[hub, "service"])
    assert cautions(abroad, reach, SETTINGS) == []
    ended = replace(reach, network=replace(reach.network, on_main=cut))
    assert any("Across the border" in said for said in cautions(abroad, ended, SETTINGS))


def test_the_road_report_speaks_of_the_area(modelled: AreaData, reach: AreaReach) -> None:
    """Residents on the main network and roads cut off at the edge are counted."""
    found = reach.network.report
    assert found["residents_on_main_share"] == 1
    apart = gpd.GeoDataFrame(
        {"road_class": ["minor"], "direction": "both"}, geometry=[LineString([(1, 1), (900, 1)])], crs=27700
    )
    island = modelled.points.assign(easting=[500.0, *modelled.points["easting"].tolist()[1:]])
    island["northing"] = [1.0, *modelled.points["northing"].tolist()[1:]]
    roads = pd.concat([modelled.roads, apart])
    need = assess_need(modelled.neighbourhoods, SETTINGS)
    lonely = reach_area(replace(modelled, roads=roads, points=island), need, SETTINGS)
    share = island["residents"].iloc[0] / island["residents"].sum()
    assert lonely.network.report["residents_on_main_share"] == pytest.approx(1 - share)
    assert 0 <= found["dead_ends_near_edge"] <= found["dead_ends"]
    assert found["links"] >= found["links_not_for_cars"]
