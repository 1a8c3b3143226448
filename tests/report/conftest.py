"""A county of twelve square neighbourhoods, with names that have broken reports before."""

from collections.abc import Iterator

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from cfwlib.report import recorder

NASTY = "<script>alert('x')</script>"
NAMES = [
    NASTY,
    'Say "hello" / it\'s <b>bold</b> & more',
    "Ynys Môn, Dún Laoghaire, Ærøskøbing 🏔",
    "=SUM(A1:A9)",
    "A very long name " * 18,
    *[f"Neighbourhood {i}" for i in range(6, 13)],
]


@pytest.fixture(scope="session")
def county() -> gpd.GeoDataFrame:
    """Twelve squares of 10 km in EPSG:27700, the last without a drive time."""
    squares = [
        shapely.box(x, y, x + 10_000, y + 10_000)
        for y in range(500_000, 540_000, 10_000)
        for x in range(320_000, 350_000, 10_000)
    ]
    return gpd.GeoDataFrame(
        {
            "name": NAMES,
            "drive_min": [3.0, 6.5, 9.0, 12.0, 14.9, 15.0, 18.0, 21.0, 26.0, 31.0, 44.0, None],
            "children": range(100, 1300, 100),
        },
        geometry=squares,
        crs=27700,
    )


@pytest.fixture(scope="session")
def basemap() -> dict[str, gpd.GeoDataFrame]:
    """Roads, a lake and towns to recognise the county by."""
    roads = gpd.GeoDataFrame(
        {"road_class": ["motorway", "A road", "minor"]},
        geometry=[shapely.LineString([(318_000, y), (352_000, y + 9_000)]) for y in (505_000, 515_000, 525_000)],
        crs=27700,
    )
    lakes = gpd.GeoDataFrame(geometry=[shapely.Point(335_000, 518_000).buffer(1_500)], crs=27700)
    towns = gpd.GeoDataFrame(
        {"name": ["Bigtown", NASTY, "Smallplace"], "kind": ["City", "Town", "Village"]},
        geometry=gpd.points_from_xy([335_000, 325_000, 345_000], [535_000, 505_000, 520_000]),
        crs=27700,
    )
    return {"roads": roads, "lakes": lakes, "towns": towns}


@pytest.fixture
def places(county: gpd.GeoDataFrame) -> pd.DataFrame:
    """The county as a plain table."""
    return pd.DataFrame(county.drop(columns="geometry"))


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Everything a Report displays, as HTML."""
    markup: list[str] = []
    monkeypatch.setattr(recorder, "_show", markup.append)
    return markup
