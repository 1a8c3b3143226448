"""Draw an area, its neighbourhoods, services and rounds on a map that works without the network."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from cfwlib.errors import InputError
from cfwlib.report.classes import NO_DATA, Classes
from cfwlib.report.geojson import crs_problem, features, require, tooltips
from cfwlib.report.numbers import unit_words
from cfwlib.report.offline import LegendGroup, OfflineMap, PlaceNames, VectorLayer
from cfwlib.report.symbols import area_symbol, line_symbol, point_symbol

MAIN_ROADS = {"motorway", "trunk", "primary", "a"}
RANKS = {"city": 0, "town": 1}
NEAR_M = 10_000.0  # roads and lakes are drawn this far beyond the area
SIMPLIFY_M = 30.0  # under a pixel at county scale
MOST_TAB_STOPS = 60  # more points than this are read in the table, not stepped through with the Tab key


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
    _background(drawn, "Land", land, {"fillColor": "#fff", "fillOpacity": 1, "color": "#868e96", "weight": 1.2}, "land")
    if roads is not None:
        main = roads.loc[
            roads["road_class"].astype("string").str.lower().str.replace(r"[ _]road$", "", regex=True).isin(MAIN_ROADS),
            "geometry",
        ]
        merged = gpd.GeoSeries([shapely.line_merge(shapely.union_all(main.clip(near).to_numpy()))], crs=roads.crs)
        _background(
            drawn,
            "Main roads",
            merged,
            {"color": "#7d868d", "weight": 1.2},
            "context",
            rim={"weight": 2.8, "opacity": 0.75},
        )
    if lakes is not None:
        shown = lakes.geometry[lakes.intersects(near) & (lakes.area > 100_000)]
        _background(
            drawn,
            "Lakes",
            shown,
            {"fillColor": "#cfe5f3", "fillOpacity": 1, "weight": 0.6, "color": "#9cc3dc"},
            "context",
        )
    if towns is not None:
        _name_places(drawn, towns)
    return drawn


def add_areas(
    offline_map: OfflineMap,
    areas: gpd.GeoDataFrame,
    column: str,
    *,
    classes: Classes,
    layer_name: str,
    tooltip: Mapping[str, str],
    show: bool = True,
) -> None:
    """Colour areas by a quantity in its rounded classes, with a legend that switches the layer.

    Parameters
    ----------
    offline_map
        Map to draw on.
    areas
        Polygons in EPSG:27700.
    column
        Column of numbers, in the unit of `classes`; NaN is drawn grey and dashed, as "no data".
    classes
        From `rounded_classes`; use the same ones in table and chart.
    layer_name
        What the colours mean; title of the legend.
    tooltip
        Column to label, in order; the first is the heading of the tooltip. Units are read off the column names.
    show
        Whether the layer is on at first.
    """
    require(areas, {column, *tooltip}, "areas")
    index = classes.index(areas[column])
    ink = {"color": "#5f6b73", "weight": 0.7, "fillOpacity": 0.85}
    styles: list[dict[str, Any]] = [{**ink, "fillColor": colour} for colour in classes.colours]
    styles.append({**ink, "fillColor": NO_DATA, "dashArray": "3 3"})
    shapes = shapely.coverage_simplify(areas.geometry.to_numpy(), SIMPLIFY_M)  # neighbours keep one common border
    data = features(
        gpd.GeoSeries(shapes, crs=areas.crs),
        index.where(index >= 0, len(classes.colours)),
        tooltips(areas, tooltip, {column: classes.unit}),
    )
    entries = [(area_symbol(c), text) for c, text in zip(classes.colours, classes.labels, strict=True)]
    if (index < 0).any():
        entries.append((area_symbol(NO_DATA, dash="3 3"), "no data"))
    _add(
        offline_map,
        layer_name,
        data,
        entries,
        unit=unit_words(classes.unit),
        show=show,
        pane="overlayPane",
        styles=styles,
    )


def add_points(
    offline_map: OfflineMap,
    points: gpd.GeoDataFrame,
    *,
    layer_name: str,
    tooltip: Mapping[str, str],
    colour: str = "#d55e00",
    shape: str = "circle",
    letter: str = "",
    show: bool = True,
    ids: str = "",
) -> None:
    """Draw places as one symbol: colour, shape and letter together, so that colour never stands alone.

    Parameters
    ----------
    offline_map
        Map to draw on.
    points
        Points in EPSG:27700.
    layer_name
        What they are, for the legend.
    tooltip
        Column to label, as in `add_areas`.
    colour
        Fill; take one of `symbols.CATEGORIES`.
    shape
        circle, square, diamond or triangle.
    letter
        One or two characters in the symbol.
    show
        Whether the layer is on at first.
    ids
        Column of venue ids, where choosing a place shall lead to its row in the page's review panel.
    """
    require(points, set(tooltip) | ({ids} if ids else set()), "points")
    size = 20 if letter else 15
    icon = point_symbol(colour, shape=shape, letter=letter, size_px=size)
    linked = list(points[ids].astype(str)) if ids else None
    data = features(points.geometry, pd.Series(0, index=points.index), tooltips(points, tooltip, {}), linked)
    entry = (point_symbol(colour, shape=shape, letter=letter, size_px=20), f"({len(points):,})")
    _add(
        offline_map,
        layer_name,
        data,
        [entry],
        show=show,
        pane="markerPane",
        icons=[icon],
        size=[size, size],
        keyboard=len(points) <= MOST_TAB_STOPS,
        front=bool(letter),
    )


def add_lines(
    offline_map: OfflineMap,
    lines: gpd.GeoDataFrame,
    *,
    layer_name: str,
    tooltip: Mapping[str, str],
    colour: str = "#0072b2",
    dash: str = "",
    letter: str = "",
    show: bool = True,
) -> None:
    """Draw lines, such as the rounds of a weekday, told apart by colour, dash and letter.

    Parameters
    ----------
    offline_map
        Map to draw on.
    lines
        Lines in EPSG:27700.
    layer_name
        What they are, for the legend.
    tooltip
        Column to label, as in `add_areas`.
    colour
        Stroke; take one of `symbols.CATEGORIES`.
    dash
        Dash pattern, lengths in pixels; take the one of `symbols.DASHES` at the same place as the colour.
    letter
        One or two characters in the legend; give the stops of the round the same.
    show
        Whether the layer is on at first.
    """
    require(lines, set(tooltip), "lines")
    data = features(lines.geometry.simplify(SIMPLIFY_M), pd.Series(0, index=lines.index), tooltips(lines, tooltip, {}))
    style = {"color": colour, "weight": 3.5, "opacity": 1, "dashArray": dash}
    rim = {"weight": 6.5, "opacity": 0.9}
    entry = (line_symbol(colour, dash=dash, letter=letter), "")
    _add(offline_map, layer_name, data, [entry], show=show, pane="lines", styles=[style], rim=rim)


def _add(
    offline_map: OfflineMap,
    name: str,
    data: dict[str, Any],
    entries: Iterable[tuple[str, str]],
    *,
    show: bool,
    unit: str = "",
    **spec: Any,
) -> None:
    layer_id = offline_map.next_id()
    spec = {"interactive": True, "keyboard": False, "show": show, **spec}
    offline_map.add_child(VectorLayer(layer_id, name, data, spec))
    offline_map.legend.append(LegendGroup(name, unit, tuple(entries), layer_id, show))


def _background(
    offline_map: OfflineMap, name: str, shapes: gpd.GeoSeries, style: dict[str, Any], pane: str, **spec: Any
) -> None:
    data = features(shapes.simplify(SIMPLIFY_M), pd.Series(0, index=shapes.index), None)
    spec |= {"pane": pane, "interactive": False, "keyboard": False, "show": True, "styles": [style]}
    offline_map.add_child(VectorLayer(offline_map.next_id(), name, data, spec))


def _name_places(offline_map: OfflineMap, towns: gpd.GeoDataFrame) -> None:
    """Name places on the map, the most important first: where two collide, the first wins."""
    require(towns, {"name", "kind"}, "towns")
    rank = towns["kind"].astype("string").str.lower().map(RANKS).fillna(2).astype(int)
    at = towns.geometry.to_crs(4326)
    rows = sorted(zip(rank, towns["name"].astype(str), at.y.round(5), at.x.round(5), strict=True))
    places = [(float(lat), float(lon), html.escape(name), int(kind)) for kind, name, lat, lon in rows]
    offline_map.add_child(PlaceNames(offline_map.next_id(), places))
