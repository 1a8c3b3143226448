import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point

from cfwlib.errors import InputError
from cfwlib.reach import build_network, k_nearest, minutes_matrix, route, vehicle_legs
from cfwlib.reach.network import Network
from cfwlib.reach.travel import nearest
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
    assert np.isnan(minutes_matrix(network, ["a"], ["b"], RULES).iloc[0, 0])
    found = nearest(network, ["a"], ["b"], RULES)
    assert np.isnan(found["minutes"].iloc[0])
    assert found["service"].iloc[0] == ""


def test_the_limit_itself_counts() -> None:
    """A journey of exactly the limit is within it; a longer one is left out."""
    network = build_network(links(("a_road", [(0, 0), (5800, 0)])), sites(a=(0, 0), b=(5800, 0)), RULES)
    exact = minutes_matrix(network, ["a"], ["b"], RULES).iloc[0, 0]
    assert minutes_matrix(network, ["a"], ["b"], RULES, limit_min=exact).iloc[0, 0] == exact
    assert np.isnan(minutes_matrix(network, ["a"], ["b"], RULES, limit_min=exact - 0.001).iloc[0, 0])


def test_a_one_way_road_is_driven_one_way_and_walked_both() -> None:
    """Against the one-way a car goes round by the other road; a walker does not care."""
    roads = links(("a_road", [(0, 0), (5800, 0)]), ("minor", [(0, 0), (0, 5), (5800, 0)]))
    roads["direction"] = ["forward", "both"]
    network = build_network(roads, sites(a=(0, 0), b=(5800, 0)), RULES)
    minutes = minutes_matrix(network, ["a", "b"], ["a", "b"], RULES)
    assert minutes.loc["a", "b"] == pytest.approx(6)
    assert minutes.loc["b", "a"] == pytest.approx(5805 * 0.06 / 42, rel=1e-6)
    on_foot = minutes_matrix(network, ["a", "b"], ["a", "b"], RULES, mode="walk")
    assert on_foot.loc["b", "a"] == pytest.approx(on_foot.loc["a", "b"]) == pytest.approx(5800 / 80)
    roads["direction"] = ["backward", "both"]
    turned = minutes_matrix(build_network(roads, sites(a=(0, 0), b=(5800, 0)), RULES), ["b"], ["a"], RULES)
    assert turned.iloc[0, 0] == pytest.approx(6)
    assert network.report["links_one_way"] == 1


def test_a_speed_limit_counts_where_it_is_lower() -> None:
    """A 20 mph limit slows the A road; a 70 mph limit does not speed up the lane; no limit leaves the class speed."""
    roads = links(("a_road", [(0, 0), (3200, 0)]), ("narrow", [(0, 50), (3200, 50)]), ("minor", [(0, 99), (3500, 99)]))
    roads["speed_limit_kmh"] = [32.0, 112.0, np.nan]
    places = sites(a=(0, 0), b=(3200, 0), c=(0, 50), d=(3200, 50), e=(0, 99), f=(3500, 99))
    minutes = minutes_matrix(build_network(roads, places, RULES), list("ace"), list("bdf"), RULES)
    assert np.diag(minutes).tolist() == pytest.approx([6, 6, 5])


def test_a_measured_length_counts_before_the_drawn_one() -> None:
    """A straight line between two junctions may stand for a winding road whose length is known."""
    roads = links(("a_road", [(0, 0), (2900, 0)]))
    roads["length_m"] = [5800.0]
    network = build_network(roads, sites(a=(0, 0), middle=(1450, 0), b=(2900, 0)), RULES)
    assert minutes_matrix(network, ["a"], ["middle", "b"], RULES).iloc[0].tolist() == pytest.approx([3, 6])


def test_an_impossible_length_is_not_believed() -> None:
    """A 10 km road said to be 5 m long is measured, and counted; an endless one is refused."""
    roads = links(("a_road", [(0, 0), (5800, 0)]))
    places = sites(a=(0, 0), b=(5800, 0))
    network = build_network(roads.assign(length_m=5.0), places, RULES)
    assert minutes_matrix(network, ["a"], ["b"], RULES).iloc[0, 0] == pytest.approx(6)
    assert network.report["links_too_short"] == 1
    with pytest.raises(InputError, match="length_m is infinite"):
        build_network(roads.assign(length_m=np.inf), places, RULES)


def test_km_of_the_vehicle_count_the_way_to_the_road() -> None:
    """600 m from door to road, 1.2 times as far by road, are driven at both ends; and a limit cuts what is longer."""
    network = build_network(links(("a_road", [(0, 0), (5800, 0)])), sites(a=(0, 600), b=(5800, -600)), RULES)
    minutes, km = vehicle_legs(network, ["a", "b"], RULES)
    assert km.loc["a", "b"] == pytest.approx(5.8 + 2 * 0.72)
    assert minutes.loc["a", "b"] == pytest.approx(6 + 2 * 1.44)
    assert np.isnan(minutes_matrix(network, ["a"], ["b"], RULES, limit_min=8).iloc[0, 0])


def test_link_ends_meet_within_the_tolerance() -> None:
    """Ends 8 m apart are one junction with a tolerance of 10 m, and two without."""
    roads = links(("a_road", [(0, 0), (1000, 0)]), ("a_road", [(1008, 0), (2000, 0)]))
    ends = sites(a=(0, 0), b=(2000, 0))
    assert np.isnan(minutes_matrix(build_network(roads, ends, RULES), ["a"], ["b"], RULES).iloc[0, 0])
    loose = RULES.model_copy(update={"junction_tolerance_m": 10})
    assert minutes_matrix(build_network(roads, ends, loose), ["a"], ["b"], loose).iloc[0, 0] == pytest.approx(
        1992 * 0.06 / 58
    )


def test_nobody_joins_a_fragment_that_leads_nowhere() -> None:
    """A house beside a stray piece of road joins the network; the stray piece is counted as a component."""
    grid = [("minor", [(x, 0), (x + 100, 0)]) for x in range(0, 20_000, 100)]
    network = build_network(links(*grid, ("minor", [(50, 300), (90, 300)])), sites(house=(60, 290), b=(5000, 0)), RULES)
    assert minutes_matrix(network, ["house"], ["b"], RULES).iloc[0, 0] == pytest.approx(0.696 + 4.94 * 60 / 42)
    assert network.report["components"] == 2
    assert network.report["dead_ends"] == 4


def test_the_report_adds_up() -> None:
    """Every link is either used or dropped for a reason, and the km by class are the km in all."""
    roads = links(("a_road", [(0, 0), (1000, 0)]), ("minor", [(1000, 0), (1000, 500)]), ("", [(0, 0), (9, 9)]),
                  ("minor", [(7, 7), (7, 7)]))  # fmt: skip
    found = build_network(roads, sites(a=(0, 0)), RULES).report
    assert (found["links"], found["links_not_for_cars"], found["links_without_length"]) == (4, 1, 1)
    assert found["road_km"] == pytest.approx(1.5)
    assert sum(km for name, km in found.items() if name.startswith("road_km_")) == pytest.approx(1.5)
    assert found["junctions_on_main_component"] == 1


def test_the_nearest_few_are_the_least_of_all() -> None:
    """The two nearest, in order, are those of the whole matrix; who is off the network is nobody's nearest."""
    roads = links(
        ("a_road", [(0, 0), (2000, 0)]), ("a_road", [(2000, 0), (5800, 0)]), ("minor", [(2000, 0), (2000, 900)])
    )
    places = sites(home=(580, 0), away=(5000, 300), a=(0, 0), b=(2000, 900), c=(5800, 0), sea=(0, 9000))
    network = build_network(roads, places, RULES)
    found = k_nearest(network, ["home", "away"], ["sea", "a", "b", "c"], RULES, k=2)
    assert found[["origin", "rank", "service"]].to_numpy().tolist() == [
        ["home", 1, "a"], ["home", 2, "b"], ["away", 1, "c"], ["away", 2, "b"],
    ]  # fmt: skip
    whole = minutes_matrix(network, ["home", "away"], ["a", "b", "c"], RULES)
    assert found["minutes"].to_numpy() == pytest.approx(np.sort(whole.to_numpy(), axis=1)[:, :2].ravel())
    assert len(k_nearest(network, ["home", "sea"], ["a", "b", "c"], RULES, k=9)) == 3


def test_the_route_is_the_road_driven() -> None:
    """The line of a route runs from door to door along the fastest roads, with their length and minutes."""
    roads = links(("a_road", [(5800, 0), (0, 0)]), ("minor", [(0, 0), (2900, 10), (5800, 0)]),
                  ("minor", [(5800, 0), (5800, 700)]))  # fmt: skip
    network = build_network(roads, sites(a=(580, 0), b=(5800, 350), sea=(0, 9000)), RULES)
    found = route(network, "a", "b", RULES)
    assert found.minutes == pytest.approx(5220 * 0.06 / 58 + 0.5)
    assert found.km == pytest.approx(5.57)
    assert found.line.length == pytest.approx(5570)
    assert shapely.get_coordinates(found.line)[[0, -1]].tolist() == [[580, 0], [5800, 350]]
    nowhere = route(network, "a", "sea", RULES)
    assert np.isnan(nowhere.minutes)
    assert nowhere.line.is_empty


@pytest.mark.parametrize(
    ("roads", "message"),
    [
        (links(("minor", [(0, 0), (1, 1)])).to_crs(4326), "EPSG:27700"),
        (links(("hovercraft", [(0, 0), (1, 1)])), r"no speed \(1 links\)"),
        (links(("", [(0, 0), (1, 1)])), "no link that a car may use"),
        (links(("minor", [(3, 3), (3, 3)])), "no link that a car may use"),
        (links(("minor", [(0, 0), (1, 1)])).set_crs(None, allow_override=True), "got None"),
        (links(("minor", [(0, 0), (1, 1)])).assign(direction="sideways"), "'sideways' is none of both"),
        (links(("minor", [(0, 0), (1, 1)])).assign(length_m=-5.0), "no link that a car may use"),
        (gpd.GeoDataFrame({"road_class": ["minor"]}, geometry=[Point(0, 0)], crs=27700), "a Point is no road"),
        (links(("minor", [(0, 0), (1, 1)])).assign(road_class=None), "1 links have no road_class"),
        (links(("minor", [(0, 0), (1, 1)])).drop(columns="road_class"), "no column 'road_class'"),
    ],
)
def test_roads_that_cannot_be_used_are_refused(roads: gpd.GeoDataFrame, message: str) -> None:
    """Bad roads are named, not guessed at."""
    with pytest.raises(InputError, match=message):
        build_network(roads, sites(a=(0, 0)), RULES)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda n: minutes_matrix(n, ["a"], ["zz"], RULES), "built with: zz"),
        (lambda n: minutes_matrix(n, "a", ["a"], RULES), r"give a list of sites, \['a'\]"),
        (lambda n: nearest(n, ["a"], ["a"], RULES, mode="bike"), "'bike' is neither"),
        (lambda n: k_nearest(n, ["a"], ["a"], RULES, k=0), "at least 1"),
        (lambda n: build_network(links(("minor", [(0, 0), (9, 0)])), sites(a=(np.nan, 0)), RULES), "'a' has no coord"),
        (lambda n: build_network(links(("minor", [(0, 0), (9, 0)])), pd.DataFrame({"x": [1]}), RULES), "'easting'"),
    ],
)
def test_wrong_questions_are_answered_in_words(ask, message: str) -> None:  # type: ignore[no-untyped-def]
    """An unknown site, a mode nobody travels by, or a place without coordinates is named, not guessed at."""
    network = build_network(links(("minor", [(0, 0), (10, 0)])), sites(a=(0, 0)), RULES)
    with pytest.raises(InputError, match=message):
        ask(network)


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
    roads = links(*((kind, [a, m, b]) for kind, a, b, m in rows if not a == m == b))
    way = st.sampled_from(["both", "both", "forward", "backward"])
    return roads.assign(direction=draw(st.lists(way, min_size=len(roads), max_size=len(roads))))


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
        known = {here[origin]: 0.0}
        if here[origin] in oracle:
            known = nx.single_source_dijkstra_path_length(oracle, here[origin], weight="minutes")
        for destination in here:
            expected = known.get(here[destination], np.nan)
            assert minutes.loc[origin, destination] == pytest.approx(expected, rel=1e-9, abs=1e-9, nan_ok=True)
    assert (km.isna() == minutes.isna()).all(axis=None)
    check_lengths(network, km, minutes)
    one, *others = here
    for other in others[:3]:
        assert km.loc[one, other] == pytest.approx(route(network, one, other, RULES).km, abs=1e-5, nan_ok=True)


def oracle_graph(roads: gpd.GeoDataFrame) -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph()
    for line, kind, way in zip(roads.geometry, roads["road_class"], roads["direction"], strict=True):
        minutes = line.length * 0.06 / RULES.class_speed_kmh[kind]
        if way != "backward":
            graph.add_edge(line.coords[0], line.coords[-1], minutes=minutes)
        if way != "forward":
            graph.add_edge(line.coords[-1], line.coords[0], minutes=minutes)
    return graph


def check_lengths(network: Network, km: pd.DataFrame, minutes: pd.DataFrame) -> None:
    """A fastest journey is no longer than at the top speed, and no shorter than at the lowest."""
    hours = minutes.to_numpy() / 60
    assert np.nanmax(km.to_numpy() - hours * 95) <= 1e-6
    assert np.nanmin(km.to_numpy() - hours * 32) >= -1e-4
