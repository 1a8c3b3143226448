"""The embedded modelled Cumberland: reproducible, whole, and equal to the figures the council has published."""

import json
from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra

from tools.sample import SAMPLE, write_sample
from tools.sample.people import share_out

RANK = "Index of Multiple Deprivation (IMD) Rank (where 1 is most deprived)"
DECILE = "Index of Multiple Deprivation (IMD) Decile (where 1 is most deprived 10% of LSOAs)"


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(SAMPLE / name)


@pytest.fixture(scope="module")
def areas() -> gpd.GeoDataFrame:
    return gpd.read_file(SAMPLE / "LSOA_2021_Boundaries.geojson").set_index("LSOA21CD")


@pytest.fixture(scope="module")
def ages() -> pd.DataFrame:
    return table("SAPE_LSOA11_mid2020_single_year_of_age.csv").set_index("LSOA Code")


@pytest.fixture(scope="module")
def roads() -> gpd.GeoDataFrame:
    return gpd.read_file(SAMPLE / "road_link.geojson")


@pytest.fixture(scope="module")
def trips(roads: gpd.GeoDataFrame) -> pd.DataFrame:
    """Road km between every two nodes that stand at a place, by the place's name."""
    nodes = sorted({*roads.start_node, *roads.end_node})
    number = {node: k for k, node in enumerate(nodes)}
    spots = {}
    for link in roads.itertuples():
        spots[link.geometry.coords[0]] = link.start_node
        spots[link.geometry.coords[-1]] = link.end_node
    short = roads.assign(a=roads.start_node.map(number), b=roads.end_node.map(number))
    rows = short.groupby(["a", "b"], as_index=False)["length"].min()
    graph = csr_matrix((rows.length.to_numpy(float), (rows.a, rows.b)), shape=(len(nodes),) * 2)
    assert connected_components(graph, directed=False)[0] == 1
    names = table("os_open_names_modelled.csv")
    at = {row.NAME1: number[spots[row.GEOMETRY_X, row.GEOMETRY_Y]] for row in names.itertuples()}
    km = dijkstra(graph, directed=False, indices=list(at.values()))[:, list(at.values())] / 1000
    return pd.DataFrame(km, index=list(at), columns=list(at))


def test_files_are_the_same_bytes_when_made_again(tmp_path: Path) -> None:
    """What is committed is exactly what the code makes, file for file, and small."""
    made = {str(path.relative_to(tmp_path)): path.read_bytes() for path in write_sample(tmp_path)}
    kept = {str(path.relative_to(SAMPLE)): path.read_bytes() for path in SAMPLE.rglob("*") if path.is_file()}
    assert sorted(made) == sorted(kept)
    assert [name for name in made if made[name] != kept[name]] == []
    assert sum(map(len, made.values())) < 2_000_000
    assert not any(b"\r" in text for text in made.values())


@pytest.mark.parametrize("year", ["11", "21"])
def test_neighbourhoods_tile_the_county(year: str) -> None:
    """The 177 polygons of either vintage are valid, share their borders, and cover 3,012 sq km once."""
    frame = gpd.read_file(SAMPLE / f"LSOA_20{year}_Boundaries.geojson")
    assert frame.crs.to_epsg() == 27700
    assert len(frame) == frame[f"LSOA{year}CD"].nunique() == frame[f"LSOA{year}NM"].nunique() == 177
    assert frame.geometry.geom_type.eq("Polygon").all()
    assert frame.geometry.is_valid.all()
    assert shapely.coverage_is_valid(frame.geometry.to_numpy())
    assert frame.area.sum() / 1e6 == pytest.approx(3012, abs=0.5)
    assert frame.union_all().area == pytest.approx(frame.area.sum(), rel=1e-9)


def test_no_code_can_be_mistaken_for_a_real_one(areas: gpd.GeoDataFrame) -> None:
    """Small areas bear X codes; only the authority and its old districts keep theirs."""
    wards, old = table("LSOA21_WD24_LAD24_Lookup.csv"), table("LSOA11_LSOA21_LAD22_Lookup.csv")
    assert areas.index.str.match(r"X01\d{6}$").all()
    assert areas.LSOA21NM.str.startswith("Modelled ").all()
    assert table("OA_points.csv").OA11CD.str.match(r"X00\d{6}$").all()
    assert wards.WD24CD.str.match(r"X05\d{6}$").all()
    assert wards.WD24NM.str.endswith(" (modelled)").all()
    assert set(wards.LAD24CD) == {"E06000063"}
    assert set(old.LAD22CD) == {"E07000026", "E07000028", "E07000029"}
    assert set(old.CHGIND) == {"U"}
    assert (old.LSOA11CD == old.LSOA21CD).all()
    assert wards.WD24CD.nunique() == 46


def test_residents_are_the_published_ones(ages: pd.DataFrame) -> None:
    """273,300 residents, 72,313 of them aged 0 to 25, about 52,000 children."""
    years = ages.drop(columns=["LSOA Name", "All Ages"])
    assert (years.sum(axis=1) == ages["All Ages"]).all()
    assert ages["All Ages"].sum() == 273_300
    assert years.loc[:, "0":"25"].to_numpy().sum() == 72_313
    assert years.loc[:, "0":"17"].to_numpy().sum() == pytest.approx(52_000, abs=600)
    assert (years >= 0).all(axis=None)


def test_mid_2020_ages_fit_the_census_bands_exactly(ages: pd.DataFrame) -> None:
    """Scaling single years of age to the Census leaves every one as it was."""
    bands = table("census2021-age6-lsoa21.csv").pivot(index="LSOA21CD", columns="age_group", values="usual_residents")
    limits = {"15 years and": (0, 15), "16 to 24": (16, 24), "25 to 34": (25, 34), "35 to 49": (35, 49)}
    limits |= {"50 to 64": (50, 64)}
    for words, (first, last) in limits.items():
        name = next(column for column in bands if words in column)
        assert (ages.loc[:, str(first) : str(last)].sum(axis=1) == bands[name]).all()
    assert (ages.loc[:, "65":"90+"].sum(axis=1) == bands["Aged 65 years and over"]).all()
    total = table("census2021-ts001-lsoa.csv").set_index("geography code").filter(like="measures").to_numpy()
    assert (total[:, 0] == ages["All Ages"]).all()
    assert (total[:, 0] == total[:, 1] + total[:, 2]).all()


@pytest.mark.parametrize(("year", "england"), [(2019, 32_844), (2025, 33_755)])
def test_fourteen_neighbourhoods_are_in_the_most_deprived_tenth(year: int, england: int) -> None:
    """Both Indices put 14 of 177 in decile 1; ranks are distinct, and deciles and scores follow them."""
    frame = table(f"File_7_IoD{year}_modelled.csv")
    assert (frame[DECILE] == 1).sum() == 14
    ranks = frame.filter(like="Rank (where")
    assert ranks.shape == (177, 5)
    assert ranks.nunique().eq(177).all()
    assert ranks.min().min() >= 1
    assert ranks.max().max() <= england
    assert (frame[DECILE] == np.ceil(frame[RANK] * 10 / england)).all()
    assert frame.sort_values(RANK)["Index of Multiple Deprivation (IMD) Score"].is_monotonic_decreasing


def test_rural_residents_are_53_per_cent_however_counted(ages: pd.DataFrame) -> None:
    """LSOA classes of 2011 and 2021 and the Output Areas give the same 53.0%."""
    new = table("RUC21_LSOA21.csv").set_index("LSOA21CD").Urban_rural_flag.eq("Rural")
    old = table("RUC11_LSOA11.csv").set_index("LSOA11CD").RUC11CD.str[0].isin(["D", "E"])
    points = table("OA_points.csv")
    shares = [ages["All Ages"][flag].sum() / ages["All Ages"].sum() for flag in (new, old)]
    shares += [points[column][points.rural].sum() / points[column].sum() for column in ("pop", "pop2021")]
    assert [round(100 * share, 1) for share in shares] == [53.0] * 4
    assert table("RUC21_LSOA21.csv").RUC21CD.isin(["UN1", "UF1", "RLN1", "RLF1", "RSN1", "RSF1"]).all()


def test_a_fifth_of_households_have_no_car(ages: pd.DataFrame) -> None:
    """25,483 of 125,404 households; the columns add up and no neighbourhood is absurd."""
    cars = table("census2021-ts045-lsoa.csv").set_index("geography code").filter(like="Number of cars")
    total, none = cars.iloc[:, 0], cars.iloc[:, 1]
    assert (total.sum(), none.sum()) == (125_404, 25_483)
    assert (cars.iloc[:, 1:].sum(axis=1) == total).all()
    assert (none / total).between(0.02, 0.55).all()
    assert (ages["All Ages"] / total).between(1.8, 2.7).all()


def test_output_areas_lie_in_and_add_up_to_their_neighbourhoods(areas: gpd.GeoDataFrame, ages: pd.DataFrame) -> None:
    """925 distinct points, each inside its polygon; residents, households and carless ones sum to the LSOA's."""
    points = table("OA_points.csv")
    assert len(points) == points.OA11CD.nunique() == 925
    homes = areas.geometry.loc[points.LSOA11CD].to_numpy()
    assert shapely.contains_xy(homes, points.easting, points.northing).all()
    assert not points.duplicated(["easting", "northing"]).any()
    sums = points.groupby("LSOA11CD")[["pop", "pop2021", "households", "nocar"]].sum()
    cars = table("census2021-ts045-lsoa.csv").set_index("geography code").filter(like="Number of cars")
    assert (sums["pop"] == ages["All Ages"]).all()
    assert (sums["pop2021"] == ages["All Ages"]).all()
    assert (sums["households"] == cars.iloc[:, 0]).all()
    assert (sums["nocar"] == cars.iloc[:, 1]).all()
    assert (points.nocar <= points.households).all()


def test_services_are_the_published_ones(areas: gpd.GeoDataFrame) -> None:
    """172 schools by kind, 19 children's centres, one family hub at Whitehaven, 2,721 plans; all on land."""
    schools, venues = table("edubasealldata_modelled.csv"), table("childrens_centres_and_hubs.csv")
    kinds = Counter(zip(schools["TypeOfEstablishment (name)"], schools["PhaseOfEducation (name)"], strict=True))
    assert kinds == {
        ("Local authority nursery school", "Nursery"): 3,
        ("Pupil referral unit", "Not applicable"): 2,
        ("Community school", "Primary"): 145,
        ("Community school", "Secondary"): 19,
        ("Community special school", "Not applicable"): 3,
    }
    assert schools.EstablishmentName.is_unique
    assert schools.URN.is_unique
    homes = areas.geometry.loc[schools["LSOA (code)"]].to_numpy()
    assert shapely.contains_xy(homes, schools.Easting, schools.Northing).all()
    assert venues.venue.str.endswith("Children's Centre").sum() == 19
    assert venues.venue[~venues.venue.str.endswith("Children's Centre")].tolist() == ["Whitehaven Family Hub"]
    county = areas.union_all()
    for frame in (venues, *map(table, ("libraries_modelled.csv", "gp_practices_modelled.csv", "venues.csv"))):
        assert shapely.contains_xy(county, frame.easting, frame.northing).all()
    plans = table("sen_needs_all_plans_modelled.csv")
    assert plans[["new_la_code", "ehc_plans"]].to_numpy().tolist() == [["E06000063", 2721]]


def test_the_countryside_is_far_and_the_towns_carless(areas: gpd.GeoDataFrame) -> None:
    """Rural neighbourhoods face the geographical barriers; urban ones have fewer cars and more young people."""
    rural = table("RUC21_LSOA21.csv").set_index("LSOA21CD").Urban_rural_flag.eq("Rural")
    barriers = table("File_7_IoD2025_modelled.csv").set_index("LSOA code (2021)").filter(like="Barriers").iloc[:, 0]
    cars = table("census2021-ts045-lsoa.csv").set_index("geography code").filter(like="Number of cars")
    carless = cars.iloc[:, 1] / cars.iloc[:, 0]
    assert barriers[rural].median() < barriers[~rural].median() / 2
    assert carless[~rural].mean() > 1.3 * carless[rural].mean()
    assert areas.area[rural].median() > 10 * areas.area[~rural].median()


def test_roads_join_every_place_at_plausible_distances(trips: pd.DataFrame, roads: gpd.GeoDataFrame) -> None:
    """One connected network whose known trips, and absence of a Wasdale to Borrowdale road, a driver would believe."""
    assert 61 <= trips.loc["Carlisle", "Whitehaven"] <= 64
    assert 33 <= trips.loc["Keswick", "Workington"] <= 35
    assert 12.5 <= trips.loc["Workington", "Whitehaven"] <= 14.5
    assert trips.loc["Wasdale Head", "Rosthwaite"] > 55
    assert (roads["length"] - roads.geometry.length).abs().max() <= 0.5
    assert roads["id"].is_unique
    names = table("os_open_names_modelled.csv").set_index("NAME1").loc[trips.index]
    crow = np.hypot(*(np.subtract.outer(*[names[axis].to_numpy()] * 2) for axis in ("GEOMETRY_X", "GEOMETRY_Y"))) / 1000
    apart = crow > 2
    assert 1.2 <= (trips.to_numpy()[apart] / crow[apart]).mean() <= 1.4
    assert (trips.to_numpy()[apart] >= crow[apart] - 0.01).all()


def test_geojson_is_plain_and_whole_metres() -> None:
    """Coordinates are whole metres on EPSG:27700, said in the file, one feature a line."""
    for path in SAMPLE.glob("*.geojson"):
        text = path.read_text(encoding="utf-8")
        body = json.loads(text)
        assert body["crs"]["properties"]["name"] == "urn:ogc:def:crs:EPSG::27700"
        assert len(text.splitlines()) == len(body["features"]) + 2
        assert all(float(number).is_integer() for number in shapely.get_coordinates(gpd.read_file(path).geometry).flat)


def test_sharing_out_keeps_the_total_and_the_proportions() -> None:
    """Largest remainders: nothing lost, nobody more than one away from the exact share."""
    weights = [3, 0, 7, 11, 1]
    shares = share_out(100, weights)
    assert sum(shares) == 100
    assert shares[1] == 0
    assert all(abs(share - 100 * weight / 22) < 1 for share, weight in zip(shares, weights, strict=True))
