import math
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from osm_case import write_osm
from shapely import LineString

from cfwlib.data import catalogue, load_area, osm, read_store, store_folder, write_store
from cfwlib.data.importer import read_folder
from cfwlib.data.read import OtherDatasetError, Reading, read_file
from cfwlib.data.road_files import cut_at_junctions
from cfwlib.data.store import Store
from cfwlib.errors import InputError
from cfwlib.settings import Settings

AREA = "E06000063"
ROAD = {"highway": "unclassified"}
(OSM,) = [layout for layout in catalogue.datasets()["roads"].layouts if layout.kind == "osm"]


def reading(folder: Path, *ways: tuple[str, dict[str, str]]) -> Reading:
    return read_file(write_osm(folder / "roads.osm", list(ways)), OSM)


def one(folder: Path, **tags: str) -> pd.Series:
    (row,) = (row for _, row in reading(folder, ("00 10", ROAD | tags)).frame.iterrows())
    return row


def network(links: gpd.GeoDataFrame) -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph()
    for line, direction in zip(links.geometry, links["direction"], strict=True):
        start, end = line.coords[0], line.coords[-1]
        if direction != "backward":
            graph.add_edge(start, end)
        if direction != "forward":
            graph.add_edge(end, start)
    return graph


@pytest.mark.parametrize(
    ("highway", "road_class"),
    [
        ("motorway", "motorway"), ("motorway_link", "motorway"), ("trunk", "primary"), ("primary", "a_road"),
        ("primary_link", "a_road"), ("secondary", "b_road"), ("tertiary", "minor"), ("unclassified", "minor"),
        ("residential", "narrow"), ("living_street", "narrow"), ("service", "narrow"), ("track", ""), ("footway", ""),
        ("cycleway", ""), ("bridleway", ""), ("steps", ""), ("pedestrian", ""), ("construction", ""), ("proposed", ""),
    ],
)  # fmt: skip
def test_every_kind_of_highway_has_its_class(tmp_path: Path, highway: str, road_class: str) -> None:
    """Green-signed trunk roads are primary routes, other A roads a_road; paths and building sites carry no car."""
    assert one(tmp_path, highway=highway)["road_class"] == road_class


@pytest.mark.parametrize(
    ("tags", "direction"),
    [
        ({}, "both"), ({"oneway": "yes"}, "forward"), ({"oneway": "true"}, "forward"), ({"oneway": "1"}, "forward"),
        ({"oneway": "-1"}, "backward"), ({"oneway": "no"}, "both"), ({"oneway": "reversible"}, "both"),
        ({"junction": "roundabout"}, "forward"), ({"junction": "circular"}, "forward"),
        ({"junction": "roundabout", "oneway": "-1"}, "backward"), ({"highway": "motorway"}, "forward"),
        ({"highway": "motorway", "oneway": "no"}, "both"), ({"highway": "motorway_link"}, "both"),
    ],
)  # fmt: skip
def test_one_way_roads_are_told_by_tag_or_implied(tmp_path: Path, tags: dict[str, str], direction: str) -> None:
    """A one-way tag counts as written; motorways and roundabouts are one-way unless they say otherwise."""
    assert one(tmp_path, **tags)["direction"] == direction


@pytest.mark.parametrize(
    ("tags", "drivable"),
    [
        ({"access": "private"}, False), ({"access": "no"}, False), ({"motor_vehicle": "agricultural;forestry"}, False),
        ({"access": "no", "motor_vehicle": "yes"}, True), ({"access": "yes", "motorcar": "no"}, False),
        ({"vehicle": "no", "motor_vehicle": "destination"}, True), ({"access": "permissive"}, True),
        ({"access": "destination"}, True), ({"access": "private;destination"}, True),
        ({"access": "no", "bus": "yes"}, False),
    ],
)  # fmt: skip
def test_the_most_specific_access_tag_decides(tmp_path: Path, tags: dict[str, str], drivable: bool) -> None:
    """Private and forbidden roads carry no family's car; a tag for cars overrules one for everybody."""
    assert (one(tmp_path, **tags)["road_class"] == "minor") is drivable


@pytest.mark.parametrize(
    ("tag", "kmh"),
    [
        ("60 mph", 96.56064), ("30mph", 48.28032), ("50", 50), ("50 km/h", 50), ("national", 96.56064),
        ("GB:nsl_single", 96.56064), ("gb:national", 96.56064), ("GB:nsl_dual", 112.65408), ("GB:motorway", 112.65408),
        ("GB:nsl_restricted", 48.28032), ("GB:zone20", 32.18688), ("walk", 5), ("40 mph;30 mph", 48.28032),
        ("none", math.nan), ("signals", math.nan), ("", math.nan), ("fast", math.nan), ("0", math.nan),
        ("600 mph", math.nan), ("sign", math.nan),
    ],
)  # fmt: skip
def test_speed_limits_are_read_in_every_form(tag: str, kmh: float) -> None:
    """Miles, kilometres and named limits become km/h; what gives no fixed limit is none."""
    assert osm.speed_kmh(tag) == pytest.approx(kmh, nan_ok=True)


def test_a_limit_is_taken_from_its_type_where_no_number_is_given(tmp_path: Path) -> None:
    """`maxspeed:type` fills a missing number and never overrules one."""
    assert one(tmp_path, **{"maxspeed:type": "GB:nsl_dual"})["speed_limit_kmh"] == pytest.approx(112.65408)
    both = one(tmp_path, maxspeed="40 mph", **{"maxspeed:type": "GB:nsl_dual"})
    assert both["speed_limit_kmh"] == pytest.approx(64.37376)


def test_ways_meet_where_they_share_a_node_and_nowhere_else(tmp_path: Path) -> None:
    """A side road joins in the middle of a through road, which is cut there; a bridge over both joins neither."""
    through, side, bridge = ("00 20 40", ROAD), ("20 21", ROAD), ("14 30b 32", ROAD | {"bridge": "yes"})
    links = cut_at_junctions(reading(tmp_path, through, side, bridge).frame)
    assert len(links) == 4  # two halves, the side road, the bridge
    parts = list(nx.weakly_connected_components(network(links)))
    assert sorted(map(len, parts)) == [2, 4]


def test_a_path_does_not_cut_a_road(tmp_path: Path) -> None:
    """A footpath across a road makes no junction for cars."""
    links = cut_at_junctions(reading(tmp_path, ("00 10 20", ROAD), ("11 10", {"highway": "footway"})).frame)
    assert sorted(links["road_class"]) == ["", "minor"]


def test_a_roundabout_is_driven_round_one_way(tmp_path: Path) -> None:
    """From the west arm to the north arm is a quarter round, back is three quarters: four arcs, none against."""
    ring = ("10 21 12 01 10", {"highway": "primary", "junction": "roundabout", "landuse": "grass"})
    arms = [("01 00", ROAD), ("12 13", ROAD), ("21 31", ROAD)]
    links = cut_at_junctions(reading(tmp_path, ring, *arms).frame)
    graph = network(links)
    ends = {name: line.coords[-1] for name, line in zip("WNE", links.geometry[links["road_class"] == "minor"],
                                                        strict=True)}  # fmt: skip
    assert nx.shortest_path_length(graph, ends["N"], ends["W"]) == 3
    assert nx.shortest_path_length(graph, ends["W"], ends["N"]) == 5
    assert nx.is_strongly_connected(graph)


def test_a_way_that_touches_itself_is_cut_there(tmp_path: Path) -> None:
    """A lollipop-shaped close is a stem and a loop that begins and ends where it leaves the stem."""
    links = cut_at_junctions(reading(tmp_path, ("00 10 20 21 11 10", ROAD)).frame)
    assert len(links) == 2
    assert sorted(line.is_ring for line in links.geometry) == [False, True]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.integers(0, 8), min_size=2, max_size=7), min_size=1, max_size=6))
def test_cutting_changes_no_road_and_joins_what_meets(walks: list[list[int]]) -> None:
    """Whatever the ways, the pieces are as long together, none passes a junction, and as much hangs together."""
    walks = [walk for walk in walks if len(set(walk)) > 1]
    assume(walks)
    lines = [LineString([(place % 3, place // 3) for place in walk]) for walk in walks]
    ways = gpd.GeoDataFrame({"road_class": ["minor"] * len(lines)}, geometry=lines, crs=27700)
    links = cut_at_junctions(ways)
    assert links.geometry.length.sum() == pytest.approx(ways.geometry.length.sum())
    every = nx.Graph()
    for line in lines:
        every.add_edges_from(zip(line.coords, line.coords[1:], strict=False))
    every.remove_edges_from(nx.selfloop_edges(every))
    pieces = [list(line.coords) for line in links.geometry]
    shared = nx.Graph([(piece[0], piece[-1]) for piece in pieces])
    assert nx.number_connected_components(shared) == nx.number_connected_components(every)
    inner = [place for piece in pieces for place in piece[1:-1]]
    assert len(inner) == len(set(inner))
    assert not set(inner) & set(shared)


def test_lines_that_are_no_roads_are_counted_by_reason(tmp_path: Path) -> None:
    """Rivers, railways, hedges, ferries and unknown highways are left out, each with its count; nothing is lost."""
    result = reading(
        tmp_path, ("00 10", ROAD), ("01 11", {"waterway": "river"}), ("02 12", {"railway": "rail"}),
        ("03 13", {"barrier": "hedge"}), ("04 14", {"route": "ferry"}), ("05 15", {"highway": "layby"}),
        ("06 16", {"aeroway": "runway"}),
    )  # fmt: skip
    assert len(result.frame) == 1
    assert result.left_out == {
        "no road: waterway": 1, "no road: railway": 1, "no road: barrier": 1, "no road: other lines": 1,
        "ferry (left out unless asked for)": 1, "of an unknown kind of highway (layby)": 1,
    }  # fmt: skip
    assert len(result.frame) + sum(result.left_out.values()) == result.rows_in_file


def test_a_closed_road_with_another_tag_stays_a_line(tmp_path: Path) -> None:
    """A ring road round a park or shop is not taken for the park."""
    assert len(reading(tmp_path, ("00 10 11 00", ROAD | {"leisure": "park", "shop": "yes"})).frame) == 1


def official(folder: Path, sample_copy: Path, *ways: tuple[str, dict[str, str]]) -> Store:
    """The store made of the modelled files, with these ways for roads."""
    (sample_copy / "road_link.geojson").unlink()
    write_osm(sample_copy / "roads.osm", list(ways))
    return read_folder(sample_copy, AREA)[0]


def test_the_licence_of_openstreetmap_arrives_in_the_store(home: Path, sample_copy: Path) -> None:
    """ODbL and the contributors' credit stay with the roads, even beside modelled files; the account adds up."""
    through = ("00 10 20", ROAD | {"oneway": "yes", "maxspeed": "30 mph", "ref": "C1"})
    store = official(home, sample_copy, through, ("10 11", ROAD), ("01 02", {"waterway": "river"}))
    write_store(store, store_folder("cumberland"))
    entry = read_store(store_folder("cumberland")).datasets["roads"]
    assert (entry.licence, entry.attribution) == ("ODbL-1.0", "© OpenStreetMap contributors")
    assert (entry.layout, entry.publisher) == ("OpenStreetMap", "OpenStreetMap contributors")
    assert (entry.rows, entry.rows_in_file, entry.left_out) == (2, 3, {"no road: waterway": 1})
    roads = load_area(Settings.read(data="store")).roads
    assert roads[["class", "number", "road_class", "direction"]].to_numpy().tolist() == [
        ["unclassified", "C1", "minor", "forward"], ["unclassified", "C1", "minor", "forward"],
        ["unclassified", "", "minor", "both"],
    ]  # fmt: skip
    np.testing.assert_allclose(roads["speed_limit_kmh"], [48.28032, 48.28032, np.nan])
    assert roads.crs == "EPSG:27700"


def test_ferries_are_read_when_asked_for(tmp_path: Path, few_files: Path) -> None:
    """A layout of one's own brings car ferries in, at the speed of the crossing; the licence stays OpenStreetMap's."""
    mine = tmp_path / "mine.toml"
    mine.write_text('[[roads.layouts]]\nname = "with ferries"\nkind = "osm"\nferries = true\n')
    (few_files / "road_link.geojson").unlink()
    ferry = {"route": "ferry", "duration": "00:10"}
    ways = [("00 10", ROAD), ("10 20", ferry), ("20 30", ferry | {"motor_vehicle": "no"}), ("00 01", ferry | ROAD)]
    write_osm(few_files / "roads.osm", ways)
    store, _ = read_folder(few_files, AREA, layouts=mine)
    roads = store.frames["roads"].set_index("class").loc["ferry"]
    assert roads["road_class"].tolist() == ["narrow", ""]
    expected = roads.geometry.iloc[0].length / 1000 * 6
    assert roads["speed_limit_kmh"].iloc[0] == pytest.approx(expected)
    entry = store.datasets["roads"]
    assert entry.layout.startswith("with ferries (mine.toml")
    assert (entry.licence, entry.attribution) == ("ODbL-1.0", "© OpenStreetMap contributors")


def test_only_the_surroundings_of_the_area_are_read(tmp_path: Path) -> None:
    """Bounds in metres are turned into the file's degrees; what lies outside is not read, and is accounted for."""
    path = write_osm(tmp_path / "roads.osm", [("00 10", ROAD), ("80 90", ROAD)])
    west, south, _, north = read_file(path, OSM).frame.geometry.iloc[0].bounds
    result = read_file(path, OSM, within=(west - 10, south - 10, west + 10, north + 10))
    assert (len(result.frame), result.rows_in_file) == (1, 2)


@pytest.mark.parametrize("ways", [[], [("00 10", {"waterway": "river"})]], ids=["nothing", "only a river"])
def test_an_extract_without_a_road_is_not_used_and_said(
    tmp_path: Path, few_files: Path, ways: list[tuple[str, dict[str, str]]]
) -> None:
    """A file without roads does not stop the import of one with roads beside it."""
    write_osm(few_files / "empty.osm", ways)
    with pytest.raises(OtherDatasetError):
        read_file(few_files / "empty.osm", OSM)
    store, outcomes = read_folder(few_files, AREA)
    assert store.datasets["roads"].file == "road_link.geojson"
    (told,) = [outcome for outcome in outcomes if outcome.file == "empty.osm"]
    assert "no road" in told.why


def test_roads_elsewhere_never_win(few_files: Path) -> None:
    """An extract of another county is listed with the reason, and is refused by name where it is the only road file."""
    far = write_osm(few_files / "aaa.osm", [("00 10", ROAD)])
    far.write_text(far.read_text().replace('lat="54', 'lat="51'))
    store, outcomes = read_folder(few_files, AREA)
    assert store.datasets["roads"].file == "road_link.geojson"
    assert any(one.file == "aaa.osm" and "no row of it lies in or near" in one.why for one in outcomes)
    (few_files / "road_link.geojson").unlink()
    with pytest.raises(InputError, match=r"aaa\.osm: no row of it lies in or near E06000063"):
        read_folder(few_files, AREA)


@pytest.fixture(scope="module")
def rutland(open_data: Path) -> Path:
    path = open_data / "roads" / "osm" / "rutland-latest.osm.pbf"
    if not path.is_file():
        pytest.skip(f"RUTLAND EXTRACT NOT FOUND at {path}")
    return path


@pytest.mark.real
def test_a_real_county_hangs_together(rutland: Path) -> None:
    """Rutland 2018: every line accounted for, 794 km for cars in one piece but for corners, as its vertices say."""
    result = read_file(rutland, OSM)
    assert (len(result.frame), result.rows_in_file) == (4456, 7918)
    assert len(result.frame) + sum(result.left_out.values()) == 7918
    ways = result.frame[result.frame["road_class"] != ""]
    links = cut_at_junctions(ways)
    km = links.geometry.length.groupby(links["road_class"]).sum() / 1000
    expected = {"a_road": 19, "b_road": 39, "minor": 383, "narrow": 248, "primary": 104}
    assert km.to_dict() == pytest.approx(expected, abs=1)
    one_way = (links["direction"] != "both").to_numpy() * links.geometry.length
    assert 0.05 < one_way.sum() / links.geometry.length.sum() < 0.07
    graph = network(links)
    parts = sorted(map(len, nx.weakly_connected_components(graph)), reverse=True)
    assert 4_500 <= len(graph) <= 4_600
    assert parts[0] / len(graph) > 0.95
    every = nx.Graph()
    for line in ways.geometry:
        every.add_edges_from(zip(line.coords, line.coords[1:], strict=False))
    assert len(parts) == nx.number_connected_components(every)


@pytest.mark.real
@pytest.mark.parametrize("share", [0.0001, 0.1, 0.5, 0.999999])
def test_a_download_cut_short_is_refused(rutland: Path, tmp_path: Path, share: float) -> None:
    """Wherever the file ends, it is named and never half-read."""
    whole = rutland.read_bytes()
    short = tmp_path / "short.osm.pbf"
    short.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(InputError, match=r"short\.osm\.pbf: .*Download it again"):
        read_folder(tmp_path, AREA)
