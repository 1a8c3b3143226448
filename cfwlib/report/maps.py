"""Draw neighbourhoods, services and rounds on the map of an area, with their legend."""

import html
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from cfwlib.errors import refuse
from cfwlib.report.classes import NO_DATA, Classes
from cfwlib.report.legend import LegendGroup
from cfwlib.report.numbers import heading, unit_words, with_unit
from cfwlib.report.offline import OfflineMap
from cfwlib.report.symbols import area_symbol, line_symbol, point_symbol

MAIN_ROADS = {"motorway", "trunk", "primary", "a"}
RANKS = {"city": 0, "town": 1}
NEAR_M = 10_000.0  # roads and lakes are drawn this far beyond the area
SIMPLIFY_M = 30.0  # under a pixel at county scale
MOST_SPREAD = 60  # more points than this are small dots that may touch


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
    refuse(problems)
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
        rim = {"weight": 2.8, "opacity": 0.75}
        _background(drawn, merged, {"color": "#7d868d", "weight": 1.2}, "context", rim=rim)
    if lakes is not None:
        shown = lakes.geometry[lakes.intersects(near) & (lakes.area > 100_000)]
        water = {"fillColor": "#cfe5f3", "fillOpacity": 1, "weight": 0.6, "color": "#9cc3dc"}
        _background(drawn, shown, water, "context")
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


def add_areas(
    offline_map: OfflineMap,
    areas: gpd.GeoDataFrame,
    column: str,
    *,
    classes: Classes,
    layer_name: str,
    tooltip: Mapping[str, str],
    find: Sequence[str] | None = None,
    show: bool = True,
    pane: str = "overlayPane",
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
    find
        Columns of text the search finds an area by; by default the tooltip's heading; none if empty.
    show
        Whether the layer is on at first.
    pane
        Where it lies among the layers.
    """
    find = list(tooltip)[:1] if find is None else find
    require(areas, {column, *tooltip, *find}, "areas")
    index = classes.index(areas[column])
    ink = {"color": "#5f6b73", "weight": 0.7, "fillOpacity": 0.85}
    styles: list[dict[str, Any]] = [{**ink, "fillColor": colour} for colour in classes.colours]
    styles.append({**ink, "fillColor": NO_DATA, "dashArray": "3 3"})
    shapes = shapely.coverage_simplify(areas.geometry.to_numpy(), SIMPLIFY_M)  # neighbours keep one common border
    data = features(
        gpd.GeoSeries(shapes, crs=areas.crs),
        index.where(index >= 0, len(classes.colours)),
        tooltips(areas, tooltip, {column: classes.unit}),
        names=plain_names(areas, find),
    )
    entries = [(area_symbol(c), text) for c, text in zip(classes.colours, classes.labels, strict=True)]
    if (index < 0).any():
        entries.append((area_symbol(NO_DATA, dash="3 3"), "no data"))
    unit, kind = unit_words(classes.unit), next(iter(tooltip.values()), "")
    _add(offline_map, layer_name, data, entries, unit=unit, show=show, pane=pane, styles=styles, kind=kind)


def add_before_after(
    offline_map: OfflineMap, areas: gpd.GeoDataFrame, columns: tuple[str, str], *, words: tuple[str, str], **look: Any
) -> None:
    """Colour areas by a quantity before on the left of a slider and after on its right; on paper side by side.

    Parameters
    ----------
    offline_map
        Map to draw on; it can hold one such pair.
    areas
        As in `add_areas`.
    columns
        Column of numbers before, and after, in the unit of the classes.
    words
        What to call before, and after.
    **look
        The classes, name, tooltip and search, as in `add_areas`.
    """
    offline_map.swipe = words
    for pane, column in zip(("before", "after"), columns, strict=True):
        add_areas(offline_map, areas, column, pane=pane, **look)


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
    few = len(points) <= MOST_SPREAD
    size = 20 if letter else 15 if few else 11
    icon = point_symbol(colour, shape=shape, letter=letter, size_px=size)
    data = features(
        points.geometry,
        pd.Series(0, index=points.index),
        tooltips(points, tooltip, {}),
        names=plain_names(points, list(tooltip)[:1]),
        ids=list(points[ids].astype(str)) if ids else None,
    )
    entry = (point_symbol(colour, shape=shape, letter=letter, size_px=20), f"({len(points):,})")
    spec: dict[str, Any] = {
        "icons": [icon],
        "size": [max(size, 24)] * 2 if few else [size] * 2,
        "front": few and bool(letter),
    }
    kind = next(iter(tooltip.values()), layer_name)
    _add(offline_map, layer_name, data, [entry], show=show, pane="markerPane", spread=few, kind=kind, **spec)


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
    """Add a layer and its block of the legend; layers of one name share a block."""
    layer_id = offline_map.add_layer(data, {"interactive": True, "show": show, **spec})
    titles = [group.title for group in offline_map.legend]
    if name in titles:
        at = titles.index(name)
        offline_map.legend[at] = offline_map.legend[at].joined(layer_id)
    else:
        offline_map.legend.append(LegendGroup(name, unit, tuple(entries), (layer_id,), show))


def features(
    shapes: gpd.GeoSeries,
    style: pd.Series,
    tips: list[str] | None,
    *,
    names: list[str] | None = None,
    ids: list[str] | None = None,
) -> dict[str, Any]:
    """Return GeoJSON in EPSG:4326 with five decimals (about a metre); empty shapes are left out.

    Parameters
    ----------
    shapes
        Any geometry in EPSG:27700.
    style
        Number of each shape's style.
    tips
        Escaped tooltip of each shape, if they have any.
    names
        Plain name of each shape, where the search is to find it; empty = not found.
    ids
        Venue of each shape, where a panel on the page is to know it.
    """
    degrees = shapely.transform(shapes.to_crs(4326).to_numpy(), lambda xy: np.round(xy, 5))
    found = []
    for i, (geometry, kind) in enumerate(zip(degrees, style, strict=True)):
        if geometry is None or geometry.is_empty:
            continue
        known = {key: texts[i] for key, texts in (("t", tips), ("n", names), ("v", ids)) if texts and texts[i]}
        properties: dict[str, Any] = {"s": int(kind), **known}
        found.append(
            {"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(geometry))}
        )
    return {"type": "FeatureCollection", "features": found}


def tooltips(frame: gpd.GeoDataFrame, tooltip: Mapping[str, str], units: Mapping[str, str]) -> list[str]:
    """Return one escaped tooltip per row: the first column as heading, then label and value of the others.

    Parameters
    ----------
    frame
        The rows.
    tooltip
        Column to label, in order.
    units
        Column to unit, where the column's name does not tell it.
    """
    if not tooltip:
        return [""] * len(frame)
    others = list(tooltip)[1:]
    units = {column: units.get(column, heading(column)[1]) for column in tooltip}
    columns = [[html.escape(with_unit(v, units[c])) for v in frame[c]] for c in tooltip]
    labels = [html.escape(tooltip[c]) for c in others]
    return [
        "<br>".join([f"<strong>{top}</strong>", *(f"{a}: {b}" for a, b in zip(labels, rest, strict=True))])
        for top, *rest in zip(*columns, strict=True)
    ]


def plain_names(frame: gpd.GeoDataFrame, columns: Sequence[str]) -> list[str]:
    """Return the plain text each row is found by: its columns, joined; empty without columns.

    Parameters
    ----------
    frame
        The rows.
    columns
        Columns of text.
    """
    return [", ".join(str(v) for v in row if not pd.isna(v)) for row in frame[list(columns)].itertuples(index=False)]


def crs_problem(name: str, frame: gpd.GeoDataFrame) -> list[str]:
    """Return a sentence if a frame is not in EPSG:27700, else nothing.

    Parameters
    ----------
    name
        What to call the frame.
    frame
        The frame.
    """
    if frame.crs is not None and frame.crs.to_epsg() == 27700:
        return []
    return [f"{name}: coordinates are in {frame.crs}, a map needs EPSG:27700. Use .to_crs(27700)."]


def require(frame: gpd.GeoDataFrame, columns: set[str], name: str) -> None:
    """Raise an InputError that names every missing column and a wrong coordinate system.

    Parameters
    ----------
    frame
        The frame.
    columns
        Columns it must have.
    name
        What to call the frame.
    """
    missing = sorted(columns - set(frame.columns))
    problems = crs_problem(name, frame) + [f"{name}: there is no column {c!r} to show on the map." for c in missing]
    refuse(problems)
