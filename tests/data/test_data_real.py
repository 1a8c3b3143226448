"""Against figures that the publishers and the plan have printed."""

from pathlib import Path

import pytest

from cfwlib.data import AreaData, Store, load_area, store_folder, write_store
from cfwlib.data.importer import Outcome, read_folder
from cfwlib.need import assess_need, headline_counts
from cfwlib.reach import AreaReach, reach_area, unroutable, vehicle_legs
from cfwlib.reach.coverage import coverage
from cfwlib.settings import Settings

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def read_in(open_data: Path) -> tuple[Store, list[Outcome]]:
    """What an import of the published files gives."""
    return read_folder(open_data, "E06000063")


@pytest.fixture(scope="module")
def official_home(read_in: tuple[Store, list[Outcome]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project folder whose store holds the published data."""
    import shutil

    from project import ROOT

    folder = tmp_path_factory.mktemp("official")
    shutil.copytree(ROOT / "notebooks" / "areas", folder / "notebooks" / "areas")
    store, outcomes = read_in
    assert sum(outcome.used for outcome in outcomes) >= 26
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CFW_HOME", str(folder))
        write_store(store, store_folder("cumberland"))
    return folder


def load(home: Path, vintage: int) -> AreaData:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CFW_HOME", str(home))
        return load_area(Settings.read(data="store", lsoa_vintage=vintage))


@pytest.fixture(scope="module")
def official(official_home: Path) -> AreaData:
    return load(official_home, 2021)


@pytest.fixture(scope="module")
def reach(official: AreaData) -> AreaReach:
    settings = Settings()
    return reach_area(official, assess_need(official.neighbourhoods, settings), settings)


def test_roads_of_other_places_change_nothing(read_in: tuple[Store, list[Outcome]]) -> None:
    """With Rutland's extract in the same folder the area's roads are the 5,830 links of its own file."""
    store, outcomes = read_in
    assert (store.datasets["roads"].layout, len(store.frames["roads"])) == ("OS 1:250,000 roads", 5_830)
    why = {Path(one.file).name: one.why for one in outcomes if not one.used}
    assert why["rutland-latest.osm.pbf"] == "no row of it lies in or near the area"
    assert "no known data set" in why["Major_roads_link_network2013.shp"]


@pytest.mark.parametrize(("vintage", "most_deprived"), [(2021, 18), (2011, 14)])
def test_published_counts(official_home: Path, vintage: int, most_deprived: int) -> None:
    """Both vintages give the published neighbourhoods, residents, deprivation, cars and schools."""
    region = load(official_home, vintage)
    counts = headline_counts(region)
    assert not region.modelled
    edition = {source["vintage"] for source in region.sources if source["id"].startswith("iod")}
    assert edition == ({"2025"} if vintage == 2021 else {"2019", "mid-2015"})
    assert counts["neighbourhoods"] == 177
    assert counts["residents"] == 273_276
    assert counts["neighbourhoods_most_deprived_tenth"] == most_deprived
    assert counts["no_car_households_share"] == pytest.approx(25_483 / 125_404)
    assert 0.52 < (counts["rural_share"] or 0) < 0.53
    assert counts["residents_0_25"] == pytest.approx(72_313, rel=0.001)
    assert counts["schools"] == 171
    assert [counts[f"schools_{phase}"] for phase in ("nursery", "pru", "primary", "secondary", "special")] == [
        3, 2, 144, 19, 3,
    ]  # fmt: skip
    assert (counts["childrens_centres"], counts["family_hubs"], counts["ehc_plans"]) == (16, 1, 2893)


def test_points_carry_the_same_people_as_neighbourhoods(official: AreaData) -> None:
    """925 Output Areas share out exactly the residents of their neighbourhoods."""
    assert len(official.points) == 925
    by_lsoa = official.points.groupby("lsoa")["residents"].sum()
    expected = official.neighbourhoods.set_index("lsoa")["residents"]
    assert by_lsoa.sub(expected).abs().max() < 1e-6


def test_children_in_the_census_band(official: AreaData) -> None:
    """Children aged 0 to 15 are the Census 2021 count, to the child."""
    assert official.neighbourhoods["children_0_15"].sum() == pytest.approx(45_388)


def test_every_point_is_routed(reach: AreaReach) -> None:
    """No Output Area is silently lost on the real roads."""
    assert len(unroutable(reach.points, reach.network)) == 0


def test_coverage_lands_near_the_independent_sketch(official: AreaData, reach: AreaReach) -> None:
    """Coverage of centres, and of the hub alone, is within 3 points of a sketch made by other means."""
    points = reach.points
    for limit, expected in zip((10, 15, 20, 25, 30), (79.0, 90.2, 96.3, 98.8, 99.8), strict=True):
        assert 100 * coverage(points["drive_min"], points["children_0_17"], limit_min=limit) == pytest.approx(
            expected, abs=3
        )
    settings = Settings.read(fixed_services="hubs")
    alone = reach_area(official, assess_need(official.neighbourhoods, settings), settings).points
    for limit, expected in zip((10, 15, 20, 25, 30), (12.8, 22.9, 32.9, 40.5, 44.8), strict=True):
        assert 100 * coverage(alone["drive_min"], alone["children_0_17"], limit_min=limit) == pytest.approx(
            expected, abs=3
        )
    assert points.loc[~points["served_drive"] & ~points["is_rural"], "children_0_17"].sum() == 0


def test_known_distances(official: AreaData, reach: AreaReach) -> None:
    """Road distances between towns are the ones on the signposts."""
    libraries = official.services[(official.services["kind"] == "library") & official.services["in_area"]]
    stop = {town: libraries.loc[libraries["name"] == f"{town} Library", "service"].item()
            for town in ("Carlisle", "Whitehaven", "Keswick", "Workington")}  # fmt: skip
    _, km = vehicle_legs(reach.network, list(stop.values()), Settings())
    assert 61 <= km.loc[stop["Carlisle"], stop["Whitehaven"]] <= 64
    assert 33 <= km.loc[stop["Keswick"], stop["Workington"]] <= 35
    assert 12.5 <= km.loc[stop["Workington"], stop["Whitehaven"]] <= 14.5
