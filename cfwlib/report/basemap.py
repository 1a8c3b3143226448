"""The map of an area before anything is drawn on it: land, main roads, lakes and names, without the network."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from cfwlib.errors import InputError
from cfwlib.report.geojson import crs_problem, features, require
from cfwlib.report.offline import OfflineMap

MAIN_ROADS = {"motorway", "trunk", "primary", "a"}
RANKS = {"city": 0, "town": 1}
NEAR_M = 10_000.0  # roads and lakes are drawn this far beyond the area
SIMPLIFY_M = 30.0  # under a pixel at county scale


def area_map(
    outline: gpd.GeoDataFrame,
    *,
    title: str,
    roads: gpd.GeoDataFrame | None = None,
    lakes: gpd.GeoDataFrame | None = None,
    towns: gpd.GeoDataFrame | None = None,
    modelled: bool = False,
    height_px: int = 640,
    credit: str = "",
) -> OfflineMap:
    """Draw the empty map of an area: land, lakes, main roads, names, scale.

    Parameters
    ----------
    outline
        Polygons that together are the area, EPSG:27700 (any number of rows; neighbourhoods will do).
    title
        What the finished map shows.
    roads
        Lines with `road_class`; only motorways and A roads (also trunk, primary) near the area are drawn.
    lakes
        Polygons.
    towns
        Points with `name` and `kind`; City and Town are named at once, others when the reader zooms in.
    modelled
        Whether the map must say that its data are modelled.
    height_px
        Height of the frame, in pixels.
    credit
        Attribution line.

    Returns
    -------
    offline_map
        Fits the area and fills its frame; add layers with the other functions of this module.

    Raises
    ------
    InputError
        If a frame is not in EPSG:27700, or the outline is empty.
    """
    frames = {"outline": outline, "roads": roads, "lakes": lakes, "towns": towns}
    problems = [p for name, frame in frames.items() if frame is not None for p in crs_problem(name, frame)]
    if outline.empty:
        problems.append("outline: no polygon to draw. Give the area's boundary or its neighbourhoods.")
    if problems:
        raise InputError(problems)
    land = gpd.GeoSeries([shapely.union_all(outline.geometry.to_numpy())], crs=outline.crs)
    west, south, east, north = land.to_crs(4326).total_bounds
    bounds = ((round(south, 5), round(west, 5)), (round(north, 5), round(east, 5)))
    drawn = OfflineMap(title=title, bounds=bounds, height_px=height_px, modelled=modelled, credit=credit)
    near = shapely.box(*(land.total_bounds + NEAR_M * np.array([-1, -1, 1, 1])))
    _background(drawn, land, {"fillColor": "#fff", "fillOpacity": 1, "color": "#868e96", "weight": 1.2}, "land")
    if roads is not None:
        main = roads.loc[
            roads["road_class"].astype("string").str.lower().str.replace(r"[ _]road$", "", regex=True).isin(MAIN_ROADS),
            "geometry",
        ]
        merged = gpd.GeoSeries([shapely.line_merge(shapely.union_all(main.clip(near).to_numpy()))], crs=roads.crs)
        _background(
            drawn,
            merged,
            {"color": "#7d868d", "weight": 1.2},
            "context",
            rim={"weight": 2.8, "opacity": 0.75},
        )
    if lakes is not None:
        shown = lakes.geometry[lakes.intersects(near) & (lakes.area > 100_000)]
        _background(
            drawn,
            shown,
            {"fillColor": "#cfe5f3", "fillOpacity": 1, "weight": 0.6, "color": "#9cc3dc"},
            "context",
        )
    if towns is not None:
        _name_places(drawn, towns)
    return drawn


def _background(offline_map: OfflineMap, shapes: gpd.GeoSeries, style: dict[str, Any], pane: str, **spec: Any) -> None:
    data = features(shapes.simplify(SIMPLIFY_M), pd.Series(0, index=shapes.index), None)
    offline_map.add_layer(data, {**spec, "pane": pane, "interactive": False, "show": True, "styles": [style]})


def _name_places(offline_map: OfflineMap, towns: gpd.GeoDataFrame) -> None:
    """Name places on the map, the most important first: where two collide, the first wins."""
    require(towns, {"name", "kind"}, "towns")
    kind = towns["kind"].astype(str)
    rank = kind.str.lower().map(RANKS).fillna(2).astype(int)
    at = towns.geometry.to_crs(4326)
    rows = sorted(zip(rank, towns["name"].astype(str), at.y.round(5), at.x.round(5), kind, strict=True))
    offline_map.name_places([(float(lat), float(lon), name, int(of), word) for of, name, lat, lon, word in rows])
