import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from cfwlib.errors import InputError
from cfwlib.reach.isochrones import isochrones, reached_stretches

ROAD = np.array([shapely.LineString([(0, 0), (10_000, 0)])])  # 10 km


def arcs(*rows: tuple[object, ...]) -> pd.DataFrame:
    names = ["link", "from_node", "to_node", "along_from", "along_to", "forward_min", "backward_min"]
    return pd.DataFrame(rows, columns=names)


def stretches(pieces: pd.DataFrame, node_min: list[float], limit: float) -> list[tuple[int, float, float]]:
    found = reached_stretches(pieces, np.array(node_min), limit)
    return [(int(link), round(a, 9), round(b, 9)) for link, a, b in found.itertuples(index=False)]


def test_a_straight_road_by_hand() -> None:
    """Ten minutes end to end and a service at the far end: in four minutes the last 40% of the road is reached."""
    road = arcs((0, 0, 1, 0.0, 1.0, 10.0, 10.0))
    assert stretches(road, [10, 0], 4) == [(0, 0.6, 1.0)]
    assert stretches(road, [10, 0], 10) == [(0, 0.0, 1.0)]
    assert stretches(road, [3, 0], 4) == [(0, 0.0, 0.1), (0, 0.6, 1.0)]  # another service, 3 minutes behind the start
    assert stretches(road, [7, 0], 8.5) == [(0, 0.0, 1.0)]  # the two stretches meet


def test_a_one_way_road_is_reached_one_way_only() -> None:
    """Whoever may not drive back to the start does not reach the service there, however near."""
    road = arcs((0, 0, 1, 0.0, 1.0, 10.0, np.nan))
    assert stretches(road, [0, np.nan], 4) == []
    assert stretches(road, [np.nan, 0], 4) == [(0, 0.6, 1.0)]
    assert stretches(arcs((0, 0, 1, 0.0, 1.0, np.nan, 10.0)), [0, np.inf], 4) == [(0, 0.0, 0.4)]


def test_a_slower_way_back_and_pieces_of_a_link() -> None:
    """A piece has its own minutes each way, may run against its line, and joins its neighbour if both are reached."""
    road = arcs((0, 0, 1, 0.0, 0.5, 5.0, 10.0), (0, 2, 1, 1.0, 0.5, 5.0, 5.0))
    assert stretches(road, [np.nan, 0, np.nan], 2) == [(0, 0.3, 0.7)]
    assert stretches(road, [0, np.nan, np.nan], 2) == [(0, 0.0, 0.1)]


def test_a_piece_that_takes_no_time_is_as_near_as_its_end() -> None:
    """Both ends of one place share their minutes, so it is reached whole or not at all."""
    road = arcs((0, 0, 1, 0.0, 1.0, 0.0, 0.0))
    assert stretches(road, [5, 9], 5) == [(0, 0.0, 1.0)]
    assert stretches(road, [5, 9], 4.9) == []


def test_the_land_is_the_reached_road_and_its_margin() -> None:
    """Four minutes of the straight road are 4 km with 250 m around: about 2.2 sq km, none of it beyond 6 km."""
    found = isochrones(arcs((0, 0, 1, 0.0, 1.0, 10.0, 10.0)), ROAD, np.array([10, 0]), [4, 8])
    assert found["limit_min"].tolist() == [4, 8]
    assert found.crs == "EPSG:27700"
    near, far = found.geometry
    assert near.covers(shapely.LineString([(6_000, 0), (10_000, 0)]))
    assert near.area / 1e6 == pytest.approx(4 * 0.5 + np.pi * 0.25**2, rel=0.05)
    assert near.bounds == pytest.approx((5_750, -250, 10_250, 250), abs=65)
    assert far.bounds[0] == pytest.approx(1_750, abs=65)


def test_a_wide_gap_stays_and_a_narrow_one_closes() -> None:
    """Land enclosed by a ring road 8 km across is not reached; that within one 2 km across is filled."""
    for size, hole in ((8_000, True), (2_000, False)):
        ring = np.array([shapely.LinearRing([(0, 0), (size, 0), (size, size), (0, size)])])
        ring = np.array([shapely.LineString(ring[0].coords)])
        land = isochrones(arcs((0, 0, 0, 0.0, 1.0, 9.0, 9.0)), ring, np.array([0]), [30]).geometry.iloc[0]
        assert land.contains(shapely.Point(size / 2, size / 2)) != hole


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_each_isochrone_lies_within_the_next_and_covers_its_roads(seed: int) -> None:
    """On a random network, longer limits only add, and each land holds every reached stretch of road."""
    rng = np.random.default_rng(seed)
    places = rng.uniform(0, 12_000, (12, 2))
    ends = rng.integers(0, 12, (25, 2))
    ends = ends[ends[:, 0] != ends[:, 1]]
    middle = places[ends].mean(axis=1) + rng.normal(0, 400, (len(ends), 2))
    lines = shapely.linestrings(np.stack([places[ends[:, 0]], middle, places[ends[:, 1]]], axis=1))
    minutes = rng.uniform(0, 9, (2, len(ends)))
    minutes[rng.random(minutes.shape) < 0.2] = np.nan
    pieces = arcs(*zip(range(len(ends)), ends[:, 0], ends[:, 1], [0.0] * len(ends), [1.0] * len(ends), *minutes))  # noqa: B905
    node_min = np.where(rng.random(12) < 0.2, np.nan, rng.uniform(0, 12, 12))
    found = isochrones(pieces, lines, node_min, [12, 3, 6])
    assert found["limit_min"].tolist() == [3, 6, 12]
    assert found.geometry.is_valid.all()
    for inner, outer in zip(found.geometry[:-1], found.geometry[1:], strict=True):
        assert inner.is_empty or outer.buffer(1e-3).covers(inner)
    for limit, land in zip(found["limit_min"], found.geometry, strict=True):
        for link, a, b in reached_stretches(pieces, node_min, limit).itertuples(index=False):
            on_road = shapely.line_interpolate_point(lines[link], np.linspace(a, b, 9), normalized=True)
            assert shapely.covers(land, on_road).all()


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 20))
def test_reached_is_what_the_minutes_say(seed: int, limit: float) -> None:
    """At any place on any piece, lying in a reached stretch means being within the limit, by the definition."""
    rng = np.random.default_rng(seed)
    there, back = rng.uniform(0, 9, 2)
    cut = rng.uniform(0.1, 0.9)
    pieces = arcs((0, 0, 1, 0.0, cut, there, back), (0, 1, 2, cut, 1.0, back, np.nan))
    node_min = rng.uniform(0, 12, 3)
    found = reached_stretches(pieces, node_min, limit)
    for along in rng.uniform(0, 1, 20):
        row = pieces.iloc[int(along > cut)]
        f = (along - row["along_from"]) / (row["along_to"] - row["along_from"])
        ways = [
            node_min[int(row["to_node"])] + (1 - f) * row["forward_min"],
            node_min[int(row["from_node"])] + f * row["backward_min"],
        ]
        assert ((found["start"] <= along) & (along <= found["end"])).any() == (np.nanmin(ways) <= limit)


def test_where_nothing_is_reached_the_land_is_empty() -> None:
    """No road, or none near enough: empty shapes, one per limit, no error."""
    road = arcs((0, 0, 1, 0.0, 1.0, 10.0, 10.0))
    for pieces, node_min in ((road, [np.nan, np.inf]), (road, [9, 8]), (road.head(0), [0, 0])):
        found = isochrones(pieces, ROAD, np.array(node_min), [5, 6])
        assert found["limit_min"].tolist() == [5, 6]
        assert found.geometry.is_empty.all()


def test_a_limit_of_nothing_is_refused() -> None:
    """There is a limit, and each is more than nought."""
    for limits in ([], [5, 0], [np.inf]):
        with pytest.raises(InputError, match="limits_min"):
            isochrones(arcs((0, 0, 1, 0.0, 1.0, 10.0, 10.0)), ROAD, np.array([0, 1]), limits)
