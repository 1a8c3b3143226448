import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString

from cfwlib.errors import InputError
from cfwlib.reach import Network, build_network, minutes_matrix, nearest, vehicle_legs
from cfwlib.settings import ReachSettings

RULES = ReachSettings(terminal_min=0, snap_limit_m=5000)


def links(*rows: tuple[str, list[tuple[float, float]]]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"road_class": [row[0] for row in rows]}, geometry=[LineString(row[1]) for row in rows], crs="EPSG:27700"
    )


def sites(**places: tuple[float, float]) -> pd.DataFrame:
    return pd.DataFrame.from_dict(places, orient="index", columns=["easting", "northing"])


def test_minutes_by_hand() -> None:
    """5.8 km of A road at 58 km/h are 6 minutes; 600 m to the road at 30 km/h and a detour of 1.2 are 1.44."""
    network = build_network(links(("a_road", [(0, 0), (5800, 0)])), sites(here=(0, 600), there=(5800, 0)), RULES)
    assert minutes_matrix(network, ["here"], ["there"], RULES).iloc[0, 0] == pytest.approx(6 + 1.44)
    with_terminal = RULES.model_copy(update={"terminal_min": 1.8})
    assert minutes_matrix(network, ["here"], ["there"], with_terminal).iloc[0, 0] == pytest.approx(6 + 1.44 + 1.8)
    on_foot = minutes_matrix(network, ["here"], ["there"], with_terminal, mode="walk").iloc[0, 0]
    assert on_foot == pytest.approx((5800 + 600 * 1.3) / 4800 * 60)


def test_of_parallel_roads_the_faster_counts() -> None:
    """Two roads between the same junctions are two choices, not one road of both lengths."""
    two = links(("minor", [(0, 0), (500, 900), (1000, 0)]), ("a_road", [(0, 0), (1000, 0)]))
    network = build_network(two, sites(a=(0, 0), b=(1000, 0)), RULES)
    assert minutes_matrix(network, ["a"], ["b"], RULES).iloc[0, 0] == pytest.approx(60 / 58)


def test_two_places_on_one_link() -> None:
    """Neighbours along one road drive between each other, not to its ends and back."""
    network = build_network(
        links(("a_road", [(0, 0), (10_000, 0)])), sites(a=(4000, 0), b=(4580, 0), c=(4000, 0)), RULES
    )
    minutes = minutes_matrix(network, ["a", "b", "c"], ["a", "b", "c"], RULES)
    assert minutes.loc["a", "b"] == pytest.approx(0.6)
    assert minutes.loc["a", "c"] == pytest.approx(0, abs=1e-6)


def test_nobody_joins_or_walks_a_motorway() -> None:
    """A house beside the motorway joins the next ordinary road, and walkers cannot use the motorway."""
    roads = links(("motorway", [(0, 0), (9500, 0)]), ("minor", [(0, 0), (0, 700)]), ("minor", [(9500, 0), (9500, 700)]))
    network = build_network(roads, sites(a=(10, 700), b=(9490, 700), house=(4000, 10)), RULES)
    assert minutes_matrix(network, ["a"], ["b"], RULES).iloc[0, 0] == pytest.approx(6 + 1.4 / 42 * 60 + 0.048)
    assert np.isnan(minutes_matrix(network, ["a"], ["b"], RULES, mode="walk").iloc[0, 0])
    assert network.drive_access_min["house"] > 5


def test_far_places_are_listed_not_snapped() -> None:
    """A place beyond the snapping limit is reachable by nobody and named."""
    network = build_network(links(("minor", [(0, 0), (1000, 0)])), sites(near=(0, 10), sea=(0, 9000)), RULES)
    assert list(network.off_network.index) == ["sea"]
    assert np.isnan(minutes_matrix(network, ["near"], ["sea"], RULES).iloc[0, 0])


def test_unreachable_is_nan_and_named_empty() -> None:
    """Roads that do not meet give no journey, and no nearest service."""
    roads = links(("minor", [(0, 0), (1000, 0)]), ("minor", [(0, 5000), (1000, 5000)]))
    network = build_network(roads, sites(a=(0, 0), b=(0, 5000)), RULES)
    found = nearest(minutes_matrix(network, ["a"], ["b"], RULES), pd.Series({"b": "B"}))
    assert np.isnan(found["minutes"].iloc[0])
    assert found["name"].iloc[0] == ""


def test_the_limit_itself_counts() -> None:
    """A journey of exactly the limit is within it; a longer one is left out."""
    network = build_network(links(("a_road", [(0, 0), (5800, 0)])), sites(a=(0, 0), b=(5800, 0)), RULES)
    exact = minutes_matrix(network, ["a"], ["b"], RULES).iloc[0, 0]
    assert minutes_matrix(network, ["a"], ["b"], RULES, limit_min=exact).iloc[0, 0] == exact
    assert np.isnan(minutes_matrix(network, ["a"], ["b"], RULES, limit_min=exact - 0.001).iloc[0, 0])


@pytest.mark.parametrize(
    ("roads", "message"),
    [
        (links(("minor", [(0, 0), (1, 1)])).to_crs(4326), "EPSG:27700"),
        (links(("hovercraft", [(0, 0), (1, 1)])), "no speed"),
        (links(("", [(0, 0), (1, 1)])), "no link that a car may use"),
        (links(("minor", [(3, 3), (3, 3)])), "no link that a car may use"),
    ],
)
def test_roads_that_cannot_be_used_are_refused(roads: gpd.GeoDataFrame, message: str) -> None:
    """Bad roads are named, not guessed at."""
    with pytest.raises(InputError, match=message):
        build_network(roads, sites(a=(0, 0)), RULES)


def test_a_site_given_twice_is_refused() -> None:
    """Two places under one id would share one journey time."""
    twice = pd.concat([sites(a=(0, 0)), sites(a=(5, 5))])
    with pytest.raises(InputError, match="'a' is given twice"):
        build_network(links(("minor", [(0, 0), (10, 0)])), twice, RULES)


GRID = [(x * 1000.0, y * 1000.0) for x in range(4) for y in range(3)]
CLASSES = ["motorway", "primary", "a_road", "b_road", "minor", "narrow"]


@st.composite
def towns(draw: st.DrawFn) -> gpd.GeoDataFrame:
    """Random small networks: parallel links, loops, crossings without junctions, unconnected parts."""
    ends = st.sampled_from(GRID)
    # bends off the grid, so that no link passes exactly through a corner that it does not end at
    bend = st.tuples(st.integers(0, 3000).map(lambda x: x + 0.41), st.integers(0, 2000).map(lambda y: y + 0.11))
    rows = draw(st.lists(st.tuples(st.sampled_from(CLASSES), ends, ends, bend), min_size=1, max_size=14))
    return links(*((kind, [a, m, b]) for kind, a, b, m in rows if not a == m == b))


@settings(max_examples=60, deadline=None)
@given(towns())
def test_minutes_and_km_agree_with_networkx(roads: gpd.GeoDataFrame) -> None:
    """On small networks every journey's minutes and length are those of an independent shortest-path library."""
    ordinary = roads[roads["road_class"] != "motorway"]
    ends = {line.coords[at] for line in ordinary.geometry for at in (0, -1)}
    here = {f"p{number}": place for number, place in enumerate(GRID) if place in ends}
    if len(roads) == 0 or not here or roads.geometry.length.min() == 0:
        return
    network = build_network(roads, sites(**here), RULES)
    oracle = oracle_graph(roads)
    minutes = minutes_matrix(network, list(here), list(here), RULES)
    _, km = vehicle_legs(network, list(here), RULES)
    for origin in here:
        known = nx.single_source_dijkstra_path_length(oracle, here[origin], weight="minutes")
        for destination in here:
            expected = known.get(here[destination], np.nan)
            assert minutes.loc[origin, destination] == pytest.approx(expected, rel=1e-6, abs=1e-5, nan_ok=True)
    assert (km.isna() == minutes.isna()).all(axis=None)
    check_lengths(network, km, minutes)


def oracle_graph(roads: gpd.GeoDataFrame) -> nx.MultiGraph:
    graph = nx.MultiGraph()
    for line, kind in zip(roads.geometry, roads["road_class"], strict=True):
        minutes = line.length * 0.06 / RULES.class_speed_kmh[kind]
        graph.add_edge(line.coords[0], line.coords[-1], minutes=minutes)
    return graph


def check_lengths(network: Network, km: pd.DataFrame, minutes: pd.DataFrame) -> None:
    """A fastest journey is no longer than at the top speed, and no shorter than at the lowest."""
    hours = minutes.to_numpy() / 60
    assert np.nanmax(km.to_numpy() - hours * 95) <= 1e-6
    assert np.nanmin(km.to_numpy() - hours * 32) >= -1e-4
